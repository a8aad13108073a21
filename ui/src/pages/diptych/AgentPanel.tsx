import { Menu, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type RefObject, useEffect, useMemo, useRef } from 'react';
import { traceQuery } from '../../api/traces.ts';
import type { Trace, TraceSummary } from '../../api/types.ts';
import { counted, countWords } from '../../parts/amounts.ts';
import { AgentSteps } from '../../parts/FirstSteps.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { personName } from '../../parts/people.ts';
import { plainText } from '../../parts/plain_text.ts';
import { Empty, Failed, Loading } from '../../parts/States.tsx';
import { lengthWords, positionWords } from '../../parts/times.ts';
import { evaluationsOf, faultyIds } from '../../parts/trace/evaluations_of.ts';
import type { TracePlace } from '../../parts/trace/place.ts';
import { SpanDetail } from '../../parts/trace/SpanDetail.tsx';
import { SpanTree } from '../../parts/trace/SpanTree.tsx';
import { firstChoice } from '../../parts/trace/span_tree.ts';
import { questionSeenAt } from '../../parts/turn/question.ts';
import { FullButton } from './FullButton.tsx';
import styles from './panels.module.css';
import type { DiptychPlace } from './place.ts';
import type { OnePlayhead } from './usePlayhead.ts';

interface Properties {
  sessionId: string;
  traces: TraceSummary[];
  playhead: OnePlayhead;
  place: DiptychPlace;
  onMove: (place: DiptychPlace) => void;
  isFull: boolean;
  onFull: () => void;
}

/** The right half: the trace under the playhead as tree and waterfall, and the chosen span below it. */
export function AgentPanel(properties: Properties) {
  const { traces, playhead } = properties;
  const isChosenInMenu = useRef(false);
  const traceId = playhead.choice.trace;
  return (
    <section className={styles.panel} data-side="agent" aria-label="What the agent did">
      {traceId === null ? (
        <>
          <div className={styles.caption}>
            <i className={styles.dot} />
            <b>What the agent did</b>
          </div>
          <Empty title="No LLM trace belongs to this session">
            <p>The person asked no agent, or the agent does not send its traces or the session’s id yet:</p>
            <AgentSteps />
          </Empty>
        </>
      ) : (
        <TraceSide
          key={traceId}
          {...properties}
          isChosenInMenu={isChosenInMenu}
          traceId={traceId}
          summary={traces.find((one) => one.trace_id === traceId)}
        />
      )}
    </section>
  );
}

const NOWHERE: TracePlace = {};

interface SideProperties extends Properties {
  traceId: string;
  summary: TraceSummary | undefined;
  isChosenInMenu: RefObject<boolean>;
}

function TraceSide(properties: SideProperties) {
  const { sessionId, traces, playhead, traceId, summary, isFull, onFull } = properties;
  const { data: trace, error, refetch } = useQuery(traceQuery(traceId));
  const { know, choice, player } = playhead;
  const place = properties.place.trace === traceId ? properties.place : NOWHERE;
  const move = (change: TracePlace) => properties.onMove({ trace: traceId, ...change });
  // biome-ignore lint/correctness/useExhaustiveDependencies: told once for each answer of the server
  useEffect(() => {
    know(trace ?? null);
    return () => know(null);
  }, [trace]);
  const offsetMs = trace ? playhead.offsetOf(trace) : 0;
  const line = useMemo(
    () => ({ subscribe: player.subscribe, nowNs: () => (player.state().at + offsetMs) * 1e6 }),
    [player, offsetMs],
  );
  const faulty = useMemo(() => (trace ? faultyIds(trace) : undefined), [trace]);
  if (error && !trace) return <Failed error={error} retry={() => void refetch()} />;
  if (!trace) return <Loading />;
  const spanId = choice.span ?? firstChoice(trace.spans);
  const chosen = trace.spans.find((span) => span.span_id === spanId);
  return (
    <>
      <SessionsNote trace={trace} sessionId={sessionId} />
      <div className={styles.tree}>
        <SpanTree
          spans={trace.spans}
          faulty={faulty}
          chosenId={chosen?.span_id ?? null}
          onChoose={(id) => {
            const span = trace.spans.find(({ span_id }) => span_id === id);
            if (span) playhead.toSpan(trace, span);
          }}
          place={place}
          onMove={move}
          playhead={line}
          facts={
            <TraceChoice
              trace={trace}
              traces={traces}
              summary={summary}
              playhead={playhead}
              isChosenInMenu={properties.isChosenInMenu}
            />
          }
          tools={
            <>
              <Tooltip label="The trace by itself">
                <Link
                  to="/traces/$traceId"
                  params={{ traceId }}
                  search={chosen ? { span: chosen.span_id } : {}}
                  className={styles.icon}
                  aria-label="Open the trace"
                  data-testid="open-trace"
                >
                  <Icon name="open" size={14} />
                </Link>
              </Tooltip>
              <FullButton isFull={isFull} onClick={onFull} label="trace" keyName="a" />
            </>
          }
        />
      </div>
      <div className={styles.detail}>
        {chosen ? (
          <SpanDetail
            key={chosen.span_id}
            span={chosen}
            siblings={trace.spans}
            evaluations={evaluationsOf(trace, chosen)}
            place={place}
            onMove={move}
          />
        ) : (
          <Empty title="This span is not in the trace (any more)" />
        )}
      </div>
    </>
  );
}

/** Which trace it is; a menu of all of the session where there are several. */
function TraceChoice(properties: {
  trace: Trace;
  traces: TraceSummary[];
  summary: TraceSummary | undefined;
  playhead: OnePlayhead;
  /** Another trace is drawn anew, this menu with it: who chose it here is led back to it. */
  isChosenInMenu: RefObject<boolean>;
}) {
  const { trace, traces, summary, playhead, isChosenInMenu } = properties;
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isChosenInMenu.current) button.current?.focus();
    isChosenInMenu.current = false;
  }, [isChosenInMenu]);
  const words = [
    summary?.name ?? trace.name,
    lengthWords(trace.duration_ms),
    trace.is_complete ? '' : 'running',
    trace.tokens.total > 0 ? `${countWords(trace.tokens.total)} tokens` : counted(trace.spans.length, 'span'),
  ].filter(Boolean);
  if (traces.length < 2) return <span className={styles.facts}>{words.join(' · ')}</span>;
  const first = Date.parse(traces[0]?.start ?? trace.start);
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <button type="button" className={styles.choice} ref={button} data-testid="trace-choice">
          <span className={styles.facts}>{words.join(' · ')}</span>
          <Icon name="down" size={12} />
        </button>
      </Menu.Target>
      <Menu.Dropdown className={styles.traces ?? ''}>
        {traces.map((one) => (
          <Menu.Item
            key={one.trace_id}
            onClick={() => {
              isChosenInMenu.current = one.trace_id !== trace.trace_id;
              playhead.toTrace(one.trace_id);
            }}
            data-testid="trace-option"
            rightSection={<span className={styles.quiet}>{lengthWords(one.duration_ms)}</span>}
          >
            <span className={styles.quiet}>+{positionWords(Date.parse(one.start) - first)}</span> {one.name}{' '}
            <span className={styles.quiet}>{plainText(one.input).slice(0, 60)}</span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Says that a trace holds more than this session, with the ways to the others. */
function SessionsNote({ trace, sessionId }: { trace: Trace; sessionId: string }) {
  const others = trace.sessions.filter((session) => session.exists && session.session_id !== sessionId);
  if (others.length === 0) return null;
  return (
    <p className={styles.note} data-testid="other-sessions">
      This trace also holds{' '}
      {others.map((other) => (
        <Link
          key={other.session_id}
          to="/sessions/$sessionId/diptych"
          params={{ sessionId: other.session_id }}
          search={{
            trace: trace.trace_id,
            ...(other.replay_at === null ? {} : { at: questionSeenAt(other.replay_at) }),
          }}
          className={styles.link}
        >
          the session of {personName(other.user, other.session_id)}
        </Link>
      ))}
      : what ran for whom is not told apart.
    </p>
  );
}
