import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef } from 'react';
import { type Playhead, PlayheadLine } from './PlayheadLine.tsx';
import { SpanLine } from './SpanLine.tsx';
import styles from './SpanTree.module.css';
import type { SpanRow } from './span_tree.ts';

const ROW_PX = 27;
/** Kept free above and below the chosen row. */
const EDGE_PX = 8;
/** Rows drawn above and below the window: each is redrawn where a whole window is scrolled at once. */
const OVERSCAN_ROWS = 8;

interface Properties {
  rows: SpanRow[];
  /** The index of the chosen row; -1 where it is not among them. */
  chosen: number;
  chosenId: string | null;
  faulty: ReadonlySet<string> | undefined;
  folded: ReadonlySet<string>;
  onFold: (spanId: string, isFolded: boolean) => void;
  onChoose: (spanId: string) => void;
  extent: { startNs: number; lengthNs: number };
  playhead: Playhead;
  isHidden: boolean;
}

/**
 * A slot of the document for each row in sight. A row keeps its slot while it stays; one that comes takes over that of
 * one that went, so that what is scrolled is written anew and not built anew.
 */
function useSlots(indexes: number[]): ReadonlyMap<number, number> {
  const last = useRef<ReadonlyMap<number, number>>(new Map());
  const slots = new Map<number, number>();
  const inSight = new Set(indexes);
  const free = [...last.current].filter(([index]) => !inSight.has(index)).map(([, slot]) => slot);
  let next = Math.max(-1, ...last.current.values()) + 1;
  for (const index of indexes) slots.set(index, last.current.get(index) ?? free.shift() ?? next++);
  last.current = slots;
  return slots;
}

/** The rows of the tree that are in sight; all that is rendered while it is scrolled. */
export const SpanRows = memo(function SpanRows(properties: Properties) {
  const { rows, chosen, chosenId, faulty, folded, onFold, onChoose, extent, playhead, isHidden } = properties;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN_ROWS,
    scrollPaddingStart: EDGE_PX,
    scrollPaddingEnd: EDGE_PX,
  });
  const heightPx = virtual.scrollRect?.height ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the choice scrolls, and a window that shrinks over it; not spans that arrive
  useEffect(() => {
    if (chosen >= 0) virtual.scrollToIndex(chosen, { align: 'auto' });
  }, [chosenId, heightPx]);
  const shown = virtual.getVirtualItems();
  const slotOf = useSlots(shown.map(({ index }) => index));
  return (
    <div className={styles.tree} ref={scroller} hidden={isHidden}>
      <div className={styles.body} style={{ height: virtual.getTotalSize() }}>
        {/* One place for all rows in sight: none of them has a place of its own to be laid out and painted by. */}
        <div className={styles.rows} style={{ transform: `translateY(${shown[0]?.start ?? 0}px)` }}>
          {shown.map(({ index }) => {
            const row = rows[index] as SpanRow;
            return (
              <SpanLine
                key={slotOf.get(index)}
                row={row}
                isChosen={index === chosen}
                isFaulty={faulty?.has(row.span.span_id) ?? false}
                isFolded={folded.has(row.span.span_id)}
                onFold={onFold}
                onChoose={onChoose}
                extent={extent}
                playhead={playhead}
              />
            );
          })}
        </div>
        <div className={styles.over}>
          <PlayheadLine playhead={playhead} extent={extent} />
        </div>
      </div>
    </div>
  );
});
