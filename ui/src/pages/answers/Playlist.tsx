import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { replayQuery } from '../../api/replay.ts';
import { cohortQuery, turnQuery } from '../../api/turns.ts';
import type { Turn } from '../../api/types.ts';
import { Chip } from '../../parts/Chip.tsx';
import type { ExploreSearch } from '../../parts/explore/explore_search.ts';
import { Icon } from '../../parts/Icon.tsx';
import { useKeys } from '../../parts/keys.ts';
import { personName } from '../../parts/people.ts';
import { plainText } from '../../parts/plain_text.ts';
import type { Tick } from '../../parts/player/playlist.ts';
import { ReplayPlayer } from '../../parts/player/ReplayPlayer.tsx';
import { boundsOf, rangeWords } from '../../parts/range.ts';
import { reactionTone, reactionWords } from '../../parts/reactions.ts';
import { Empty, Failed, Loading } from '../../parts/States.tsx';
import { lengthWords, whenWords } from '../../parts/times.ts';
import { verdictsOf } from '../../parts/turn/turn_words.ts';
import { AnswerPanel } from './AnswerPanel.tsx';
import styles from './Playlist.module.css';

interface Properties {
  search: ExploreSearch;
  /** The one that is shown; null is the first. */
  turnId: string | null;
  onTurn: (turnId: string) => void;
  onClose: () => void;
}

/** Cards left when the next ones are asked for. */
const NEAR_END = 5;

/** The replays of a cohort of answers, one after the other, each at the second of its question. */
export function Playlist({ search, turnId, onTurn, onClose }: Properties) {
  const [question] = useState(() => ({
    ...boundsOf(search),
    query: search.query ? `(${search.query}) has_replay:true` : 'has_replay:true',
  }));
  const cohort = useInfiniteQuery(cohortQuery(question));
  const turns = cohort.data?.pages.flatMap((page) => page.items) ?? [];
  const index = turnId === null ? 0 : turns.findIndex((turn) => turn.turn_id === turnId);
  const isElsewhere = turnId !== null && index < 0 && cohort.isSuccess;
  const alone = useQuery({ ...turnQuery(turnId ?? ''), enabled: isElsewhere });
  const current = turns[index] ?? (isElsewhere ? alone.data : undefined);
  const step = (by: number) => {
    const next = turns[index + by];
    if (next) onTurn(next.turn_id);
  };
  const hasNext = index < turns.length - 1;
  useKeys({
    n: () => step(1),
    p: () => step(-1),
    ']': () => step(1),
    '[': () => step(-1),
    escape: onClose,
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = cohort;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && index >= turns.length - NEAR_END) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, index, turns.length]);
  const words = search.query ? search.query : rangeWords(search);
  return (
    <section className={styles.page} aria-label="Replays of answers" data-testid="playlist">
      <header className={styles.top}>
        <ActionIcon onClick={onClose} aria-label="Back to the list">
          <Icon name="close" size={16} />
        </ActionIcon>
        <h1>Replays of answers</h1>
        <code className={styles.query} title={words}>
          {words}
        </code>
        <span className={styles.space} />
        {turns.length > 0 && index >= 0 && (
          <span className={styles.place} data-testid="playlist-place">
            {index + 1} of {turns.length}
            {hasNextPage ? '+' : ''}
          </span>
        )}
        <Tooltip label="Key: p">
          <Button onClick={() => step(-1)} disabled={index <= 0} leftSection={<Icon name="left" size={14} />}>
            Previous
          </Button>
        </Tooltip>
        <Tooltip label="Key: n">
          <Button onClick={() => step(1)} disabled={!hasNext} rightSection={<Icon name="right" size={14} />}>
            Next
          </Button>
        </Tooltip>
      </header>
      {cohort.isPending && <Loading rows={10} />}
      {cohort.error && <Failed error={cohort.error} retry={() => void cohort.refetch()} />}
      {cohort.isSuccess && turns.length === 0 && (
        <Empty title="None of these answers has a replay">
          <p>
            {words}. Widen the search, or record more sessions: <code>sessionReplaySampleRate</code> in the
            page.
          </p>
          <Button onClick={onClose}>Back to the list</Button>
        </Empty>
      )}
      {current && (
        <div className={styles.columns}>
          <Cards turns={turns} index={index} onTurn={onTurn} />
          <Stage key={current.turn_id} turn={current} />
          <div className={styles.facts}>
            <AnswerPanel turn={current} onClose={null} />
          </div>
        </div>
      )}
    </section>
  );
}

function Cards({ turns, index, onTurn }: { turns: Turn[]; index: number; onTurn: (id: string) => void }) {
  const chosen = useRef<HTMLButtonElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another choice is another place to scroll to
  useEffect(() => {
    chosen.current?.scrollIntoView({ block: 'nearest' });
  }, [index]);
  return (
    <nav className={styles.cards} aria-label="Answers of the playlist">
      {turns.map((turn, place) => (
        <button
          type="button"
          key={turn.turn_id}
          ref={place === index ? chosen : null}
          className={styles.card}
          aria-current={place === index}
          onClick={() => onTurn(turn.turn_id)}
          data-testid="playlist-card"
        >
          <span className={styles.question}>
            {plainText(turn.question) || 'A question that was not recorded'}
          </span>
          <span className={styles.mute}>
            {whenWords(turn.asked_at)}
            {turn.felt?.first_word_ms != null && ` · ${lengthWords(turn.felt.first_word_ms)}`} ·{' '}
            {personName(turn.user, turn.session_id ?? undefined)}
          </span>
          <span className={styles.chips}>
            {verdictsOf(turn).failed > 0 && <Chip tone="bad">{verdictsOf(turn).failed} failed</Chip>}
            {turn.reactions.map(({ kind, at_ms }) => (
              <Chip key={`${kind} ${at_ms}`} tone={reactionTone(kind)}>
                {reactionWords(kind)}
              </Chip>
            ))}
          </span>
        </button>
      ))}
    </nav>
  );
}

/** The replay at the second of the question. */
function Stage({ turn }: { turn: Turn }) {
  const replay = useQuery(replayQuery(turn.session_id ?? ''));
  const asked = turn.felt?.asked_ms ?? null;
  const [at, setAt] = useState(asked);
  if (replay.isPending) return <Loading />;
  if (replay.error) return <Failed error={replay.error} retry={() => void replay.refetch()} />;
  if (!replay.data.views.some((view) => view.segments.length > 0))
    return <Empty title="This session has no replay (any more)" />;
  return (
    <ReplayPlayer
      replay={replay.data}
      startAt={at}
      ticks={ticksOf(turn)}
      bands={bandsOf(turn)}
      onStop={setAt}
    />
  );
}

function ticksOf({ felt, reactions }: Turn): Tick[] {
  if (!felt) return [];
  const { asked_ms: asked, first_word_ms: word, done_ms: done } = felt;
  const ticks: Tick[] = [{ id: 'asked', at: asked, label: 'Asked', isBad: false }];
  if (word !== null) ticks.push({ id: 'word', at: asked + word, label: 'First word', isBad: false });
  if (done !== null) ticks.push({ id: 'done', at: asked + done, label: 'Done', isBad: false });
  for (const { kind, at_ms } of reactions) {
    const isBad = reactionTone(kind) !== 'ok';
    ticks.push({ id: `${kind} ${at_ms}`, at: at_ms, label: reactionWords(kind), isBad });
  }
  return ticks;
}

/** The answer as the page waited for it. */
function bandsOf({ felt, served, turn_id }: Turn) {
  if (!felt) return [];
  const end = felt.asked_ms + (felt.done_ms ?? served?.duration_ms ?? 0);
  return [{ id: turn_id, start: felt.asked_ms, end, label: 'The answer' }];
}
