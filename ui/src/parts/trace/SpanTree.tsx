import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Span } from '../../api/types.ts';
import { counted } from '../amounts.ts';
import { FindBox } from '../FindBox.tsx';
import { useKeys } from '../keys.ts';
import { FlameView } from './FlameView.tsx';
import { type Playhead, STILL } from './PlayheadLine.tsx';
import type { TracePlace } from './place.ts';
import { SpanRows } from './SpanRows.tsx';
import styles from './SpanTree.module.css';
import { extentOf, rowsWith, spanRows } from './span_tree.ts';

/** Traces smaller than this are read at a glance. */
const FIND_FROM = 12;
/** The URL follows what is typed when the typing rests for so long. */
const TYPED_MS = 300;

interface Properties {
  spans: Span[];
  /** Those that somebody found a fault in. */
  faulty?: ReadonlySet<string> | undefined;
  chosenId: string | null;
  onChoose: (spanId: string) => void;
  place: Pick<TracePlace, 'shape' | 'find'>;
  onMove: (change: Pick<TracePlace, 'shape' | 'find'>) => void;
  /** What moves over the waterfall while a replay plays. */
  playhead?: Playhead;
  /** What the trace is, in place of the number of its spans. */
  facts?: ReactNode;
  /** Further buttons of the caption. */
  tools?: ReactNode;
}

/** The spans of a trace as a tree, each with its stretch of time; j/k move the choice, h/l fold and unfold. */
export function SpanTree(properties: Properties) {
  const { spans, chosenId, onChoose, place, onMove, playhead = STILL, facts, tools } = properties;
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [words, setWords] = useWords(place.find, (find) => onMove({ find: find || undefined }));
  const shape = place.shape ?? 'tree';
  const all = useMemo(() => spanRows(spans, folded), [spans, folded]);
  const { rows, found, foundIds } = useMemo(() => rowsWith(all, words), [all, words]);
  const extent = useMemo(() => extentOf(spans), [spans]);
  const chosen = useMemo(() => rows.findIndex((row) => row.span.span_id === chosenId), [rows, chosenId]);

  // Rows that stay while others scroll by are not rendered again: what they are given never changes.
  const fold = useCallback((spanId: string, isFolded: boolean) => {
    setFolded((now) => {
      const next = new Set(now);
      if (isFolded) next.add(spanId);
      else next.delete(spanId);
      return next;
    });
  }, []);
  const latestChoose = useRef(onChoose);
  latestChoose.current = onChoose;
  const choose = useCallback((spanId: string) => latestChoose.current(spanId), []);
  const step = (by: number) => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, chosen + by))];
    if (row) onChoose(row.span.span_id);
  };
  // The root stays open: a trace folded to one line tells nothing.
  const foldable = useMemo(
    () =>
      spanRows(spans, new Set())
        .filter((row) => row.children > 0 && row.depth > 0)
        .map((row) => row.span.span_id),
    [spans],
  );
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    h: () => chosenId && fold(chosenId, true),
    l: () => chosenId && fold(chosenId, false),
  });

  return (
    <div className={styles.panel}>
      <div className={styles.caption}>
        <i className={styles.dot} />
        <b>What the agent did</b> {facts ?? counted(spans.length, 'span')}
        <span className={styles.space} />
        {shape === 'tree' && foldable.length > 1 && (
          <button
            type="button"
            className={styles.shape}
            onClick={() => setFolded(folded.size > 0 ? new Set() : new Set(foldable))}
          >
            {folded.size > 0 ? 'Unfold all' : 'Fold all'}
          </button>
        )}
        {(['tree', 'flame'] as const).map((one) => (
          <button
            type="button"
            key={one}
            className={styles.shape}
            aria-pressed={shape === one}
            onClick={() => onMove({ shape: one === 'flame' ? one : undefined })}
          >
            {one === 'tree' ? 'Tree' : 'Flame'}
          </button>
        ))}
        {tools}
        {(spans.length >= FIND_FROM || playhead !== STILL) && (
          <FindBox value={words} onChange={setWords} label="Find in the trace" note={`${found} found`} />
        )}
      </div>
      {shape === 'flame' && (
        <FlameView
          spans={spans}
          chosenId={chosenId}
          foundIds={foundIds}
          onChoose={onChoose}
          playhead={playhead}
        />
      )}
      {/* Kept while the flame is shown, so that it stands where it was scrolled to. */}
      <SpanRows
        rows={rows}
        chosen={chosen}
        chosenId={chosenId}
        faulty={properties.faulty}
        folded={folded}
        onFold={fold}
        onChoose={choose}
        extent={extent}
        playhead={playhead}
        isHidden={shape === 'flame'}
      />
    </div>
  );
}

/** What is looked for: found as it is typed, put into the URL when the typing rests. */
function useWords(find: string | undefined, onFind: (words: string) => void) {
  const [words, setWords] = useState(find ?? '');
  const latest = useRef(onFind);
  latest.current = onFind;
  useEffect(() => {
    if (words === (find ?? '')) return;
    const timer = setTimeout(() => latest.current(words), TYPED_MS);
    return () => clearTimeout(timer);
  }, [words, find]);
  return [words, setWords] as const;
}
