import { useVirtualizer } from '@tanstack/react-virtual';
import {
  memo,
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { Span } from '../../api/types.ts';
import { counted } from '../amounts.ts';
import { FindBox } from '../FindBox.tsx';
import { Icon } from '../Icon.tsx';
import { KindBadge } from '../KindBadge.tsx';
import { useKeys } from '../keys.ts';
import { lengthWords } from '../times.ts';
import { FlameView } from './FlameView.tsx';
import { type Playhead, PlayheadLine, STILL } from './PlayheadLine.tsx';
import styles from './SpanTree.module.css';
import { extentOf, rowsWith, type SpanRow, spanRows } from './span_tree.ts';

const ROW_PX = 27;
const INDENT_PX = 14;
/** Rows drawn above and below the window: each is redrawn where a whole window is scrolled at once. */
const OVERSCAN_ROWS = 8;
/** Deeper levels stand at this one, so that names stay readable. */
const MAX_INDENT_LEVELS = 12;
/** Traces smaller than this are read at a glance. */
const FIND_FROM = 12;

interface Properties {
  spans: Span[];
  chosenId: string | null;
  onChoose: (spanId: string) => void;
  /** What moves over the waterfall while a replay plays. */
  playhead?: Playhead;
  /** What the trace is, in place of the number of its spans. */
  facts?: ReactNode;
  /** Further buttons of the caption. */
  tools?: ReactNode;
}

/** The spans of a trace as a tree, each with its stretch of time; j/k move the choice, h/l fold and unfold. */
export function SpanTree({ spans, chosenId, onChoose, playhead = STILL, facts, tools }: Properties) {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [words, setWords] = useState('');
  const [shape, setShape] = useState<'tree' | 'flame'>('tree');
  const all = useMemo(() => spanRows(spans, folded), [spans, folded]);
  const { rows, found, foundIds } = useMemo(() => rowsWith(all, words), [all, words]);
  const extent = useMemo(() => extentOf(spans), [spans]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN_ROWS,
  });
  const chosen = rows.findIndex((row) => row.span.span_id === chosenId);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the choice scrolls, not spans that arrive
  useEffect(() => {
    if (chosen >= 0) virtual.scrollToIndex(chosen, { align: 'auto' });
  }, [chosenId]);

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
            onClick={() => setShape(one)}
          >
            {one === 'tree' ? 'Tree' : 'Flame'}
          </button>
        ))}
        {tools}
        {(spans.length >= FIND_FROM || playhead !== STILL) && (
          <FindBox
            value={words}
            onChange={setWords}
            placeholder="Find in the trace"
            note={`${found} found`}
          />
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
      {/* Kept while the flame is shown: the scroller of the virtual rows stays the same. */}
      <div className={styles.tree} ref={scroller} hidden={shape === 'flame'}>
        <div className={styles.body} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index] as SpanRow;
            return (
              <SpanLine
                key={row.span.span_id}
                row={row}
                topPx={item.start}
                isChosen={item.index === chosen}
                isFolded={folded.has(row.span.span_id)}
                onFold={fold}
                onChoose={choose}
                extent={extent}
                playhead={playhead}
              />
            );
          })}
          <div className={styles.over}>
            <PlayheadLine playhead={playhead} extent={extent} />
          </div>
        </div>
      </div>
    </div>
  );
}

interface LineProperties extends NameProperties {
  topPx: number;
  isChosen: boolean;
  extent: { startNs: number; lengthNs: number };
  playhead: Playhead;
}

/** One span: its name in the tree, its stretch of time, its length. */
const SpanLine = memo(function SpanLine(properties: LineProperties) {
  const { row, topPx, isChosen, extent, playhead } = properties;
  return (
    <div
      className={styles.row}
      style={{ transform: `translateY(${topPx}px)` }}
      data-chosen={isChosen}
      data-testid="span-row"
      data-id={row.span.span_id}
      data-kind={row.span.kind}
    >
      <SpanName
        row={row}
        isFolded={properties.isFolded}
        onFold={properties.onFold}
        onChoose={properties.onChoose}
      />
      <Lane span={row.span} startNs={extent.startNs} lengthNs={extent.lengthNs} playhead={playhead} />
      <span className={styles.length}>{lengthWords(row.span.duration_ns / 1e6)}</span>
    </div>
  );
});

interface NameProperties {
  row: SpanRow;
  isFolded: boolean;
  onFold: (spanId: string, isFolded: boolean) => void;
  onChoose: (spanId: string) => void;
}

function SpanName({ row, isFolded, onFold, onChoose }: NameProperties) {
  const { span, depth, children } = row;
  return (
    <div className={styles.name} style={{ paddingLeft: Math.min(depth, MAX_INDENT_LEVELS) * INDENT_PX }}>
      {children > 0 ? (
        <button
          type="button"
          className={styles.fold}
          onClick={() => onFold(span.span_id, !isFolded)}
          aria-label={isFolded ? `Show ${children} below` : 'Hide what is below'}
        >
          <Icon name={isFolded ? 'right' : 'down'} size={12} />
        </button>
      ) : (
        <span className={styles.fold} />
      )}
      <button
        type="button"
        className={styles.choose}
        onClick={() => onChoose(span.span_id)}
        title={span.name}
        data-depth={depth}
      >
        <KindBadge kind={span.kind} status={span.status} />
        <span className={span.kind === 'span' ? styles.other : styles.label}>{span.name}</span>
        {span.model && span.model !== span.name && <span className={styles.model}>{span.model}</span>}
      </button>
    </div>
  );
}

interface LaneProperties {
  span: Span;
  startNs: number;
  lengthNs: number;
  playhead: Playhead;
}

/** The span's stretch of the trace, lit while the playhead is in it; a mark where a model's first word came. */
function Lane({ span, startNs, lengthNs, playhead }: LaneProperties) {
  const isRunning = useSyncExternalStore(playhead.subscribe, () => {
    const nowNs = playhead.nowNs();
    return span.start_ns <= nowNs && nowNs <= span.start_ns + span.duration_ns;
  });
  const left = ((span.start_ns - startNs) / lengthNs) * 100;
  const width = Math.max(0.3, (span.duration_ns / lengthNs) * 100);
  const tone =
    span.status === 'error'
      ? styles.bad
      : span.kind === 'llm'
        ? styles.llm
        : span.kind === 'span'
          ? styles.plain
          : '';
  const firstWord = span.ttft_ms === null ? null : left + ((span.ttft_ms * 1e6) / lengthNs) * 100;
  return (
    <div className={styles.lane} data-running={isRunning} data-testid="lane">
      <i
        className={tone}
        style={{ left: `${Math.min(left, 99.7)}%`, width: `${Math.min(width, 100 - Math.min(left, 99.7))}%` }}
      />
      {firstWord !== null && firstWord <= 100 && (
        <u style={{ left: `${firstWord}%` }} title={`first word after ${lengthWords(span.ttft_ms ?? 0)}`} />
      )}
    </div>
  );
}
