import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { ApiError } from '../../api/client.ts';
import { turnQuery } from '../../api/turns.ts';
import type { Turn } from '../../api/types.ts';
import { costWords, countWords } from '../../parts/amounts.ts';
import { Chip } from '../../parts/Chip.tsx';
import { Comments } from '../../parts/comments/Comments.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { PanelHeader } from '../../parts/PanelHeader.tsx';
import { personName } from '../../parts/people.ts';
import { plainText } from '../../parts/plain_text.ts';
import { reactionTone, reactionWords } from '../../parts/reactions.ts';
import { Empty, Failed, Loading } from '../../parts/States.tsx';
import { lengthWords } from '../../parts/times.ts';
import { questionSeenAt } from '../../parts/turn/question.ts';
import { endWords, isVerdict } from '../../parts/turn/turn_words.ts';
import { WaitBar } from '../../parts/turn/WaitBar.tsx';
import styles from './answers.module.css';

/** Loaded with the first answer that is opened: the list itself needs none of it. */
const Markdown = lazy(async () => ({ default: (await import('../../parts/Markdown.tsx')).Markdown }));

/** The answer of the URL, whether or not the list holds it. */
export function ChosenAnswer({ turnId, onClose }: { turnId: string; onClose: () => void }) {
  const { data: turn, error, refetch } = useQuery(turnQuery(turnId));
  if (error instanceof ApiError && error.status === 404)
    return (
      <Empty title="No answer with this id is stored">
        <p>Neither of its halves has arrived, or both have expired.</p>
      </Empty>
    );
  if (error && !turn) return <Failed error={error} retry={() => void refetch()} />;
  if (!turn) return <Loading />;
  return <AnswerPanel turn={turn} onClose={onClose} />;
}

interface Properties {
  turn: Turn;
  /** Null where it stands beside its replay. */
  onClose: (() => void) | null;
}

/** One question and its answer: how long the person waited, for what, and what they did then. */
export function AnswerPanel({ turn, onClose }: Properties) {
  const { felt, served, gap } = turn;
  return (
    <section className={styles.panel} aria-label="Answer" data-testid="answer-panel">
      <PanelHeader
        mark={null}
        title={turn.question ? `“${plainText(turn.question)}”` : 'A question that was not recorded'}
        hover={turn.question}
        start={turn.asked_at}
        facts={[personName(turn.user, turn.session_id ?? undefined)]}
        chips={turn.match === 'time' ? <Chip tone="warn">halves matched by time only</Chip> : null}
        buttons={null}
        panel={onClose && { onClose }}
      />
      <div className={styles.body}>
        <div className={styles.ways}>
          <ToPerson turn={turn} />
          <ToAgent turn={turn} />
        </div>
        {turn.answer && (
          <Suspense fallback={<p className={styles.words}>{plainText(turn.answer)}</p>}>
            <Markdown text={turn.answer} />
          </Suspense>
        )}
        {felt && <WaitBar felt={felt} ttftMs={served?.ttft_ms ?? null} />}
        <Facts
          facts={[
            ['Felt first word', length(felt?.first_word_ms)],
            ['Server’s first token', length(served?.ttft_ms)],
            ['Until the agent began', length(gap?.request_ms)],
            ['Held back on the way', length(gap?.proxy_ms)],
            ['Rendering', length(gap?.rendering_ms)],
            ['Done', length(felt?.done_ms)],
            ['Ended', endWords(felt?.end_reason)],
            ['Stalls', stalls(turn)],
            ['Model', served?.models.join(', ')],
            ['Prompt', served?.prompt],
            ['Tokens', served?.tokens.total ? countWords(served.tokens.total) : null],
            ['Cost', served?.cost_usd ? costWords(served.cost_usd) : null],
          ]}
        />
        <Then turn={turn} />
        <Verdicts turn={turn} />
        <section>
          <h2 className={styles.title}>Comments</h2>
          <Comments target={{ turn_id: turn.turn_id }} />
        </section>
      </div>
    </section>
  );
}

/** To the replay at the second they asked, or why there is none. */
function ToPerson({ turn }: { turn: Turn }) {
  const { felt, served, session_id } = turn;
  if (!session_id) return <span className={styles.absent}>No browser session is known</span>;
  return (
    <Button
      variant="default"
      leftSection={<Icon name={turn.has_replay ? 'replay' : 'person'} size={15} />}
      renderRoot={(properties) => (
        <Link
          {...properties}
          to="/sessions/$sessionId/diptych"
          params={{ sessionId: session_id }}
          search={
            felt
              ? {
                  at: questionSeenAt(felt.asked_ms, felt.first_word_ms),
                  ...(served ? { trace: served.trace_id } : {}),
                }
              : { turn: turn.turn_id }
          }
          data-testid="answer-session-link"
        />
      )}
    >
      {turn.has_replay ? 'Replay at the question' : 'Diptych at the question'}
    </Button>
  );
}

/** To the trace of the agent, or why there is none. */
function ToAgent({ turn }: { turn: Turn }) {
  const { served } = turn;
  if (!served) return <span className={styles.absent}>No trace of the agent is known</span>;
  return (
    <Button
      variant="default"
      leftSection={<Icon name="trace" size={15} />}
      renderRoot={(properties) => (
        <Link
          {...properties}
          to="/traces/$traceId"
          params={{ traceId: served.trace_id }}
          data-testid="answer-trace-link"
        />
      )}
    >
      LLM trace
    </Button>
  );
}

function Then({ turn }: { turn: Turn }) {
  if (!turn.felt) return null;
  return (
    <section>
      <h2 className={styles.title}>What they did with it</h2>
      {turn.reactions.length === 0 && <p className={styles.mute}>Nothing that we know of.</p>}
      <ul className={styles.list}>
        {turn.reactions.map(({ kind, at_ms, after_ms, confidence, source }) => (
          <li key={`${kind} ${at_ms}`}>
            <Chip tone={reactionTone(kind)}>{reactionWords(kind)}</Chip>{' '}
            <span className={styles.mute}>
              {after_ms !== null && `${lengthWords(after_ms)} after the answer`}
              {source === 'behaviour' && confidence !== null && ` · ${Math.round(confidence * 100)} % sure`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Verdicts({ turn }: { turn: Turn }) {
  const verdicts = turn.evaluations.filter(isVerdict);
  if (verdicts.length === 0) return null;
  return (
    <section>
      <h2 className={styles.title}>Evaluations</h2>
      <ul className={styles.list}>
        {verdicts.map((evaluation) => (
          <li key={evaluation.evaluation_id}>
            <Chip {...toneOf(evaluation.assessment)}>
              {evaluation.label}: {evaluation.assessment ?? JSON.stringify(evaluation.value)}
            </Chip>{' '}
            <span className={styles.mute}>
              {evaluation.source}
              {evaluation.reasoning ? ` · ${evaluation.reasoning}` : ''}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function toneOf(assessment: string | null | undefined): { tone?: 'ok' | 'bad' } {
  return assessment === 'pass' ? { tone: 'ok' } : assessment === 'fail' ? { tone: 'bad' } : {};
}

function length(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : lengthWords(ms);
}

function stalls({ felt }: Turn): string | null {
  if (!felt || felt.stalls.length === 0) return null;
  const whole = felt.stalls.reduce((sum, stall) => sum + stall.duration_ms, 0);
  return `${felt.stalls.length}, ${lengthWords(whole)} in all`;
}
