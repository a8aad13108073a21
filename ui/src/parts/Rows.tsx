import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import { useKeys } from './keys.ts';
import styles from './Rows.module.css';

/** A column of a list. */
export interface Column<Item> {
  id: string;
  title: string;
  /** Least width in px. */
  width: number;
  /** Share of the room left over; none when left out. */
  grow?: number;
  /** The column is shown in lists at least this wide, in px. */
  from?: number;
  isNumber?: boolean;
  cell: (item: Item) => ReactNode;
}

interface Properties<Item> {
  items: Item[];
  columns: Column<Item>[];
  idOf: (item: Item) => string;
  selectedId: string | null;
  onSelect: (item: Item) => void;
  onOpen: (item: Item) => void;
  onNearEnd: () => void;
  isLoadingMore: boolean;
  tone: 'person' | 'machine';
  testId: string;
  /** What the rows are, for who cannot see them. */
  label: string;
  /** Ids of the columns chosen, however wide the list; null: those that fit. */
  shownIds?: string[] | null;
  density?: 'cosy' | 'compact';
  /** What a narrow list tells of a row on a line below it, in place of the columns that have no room. */
  below?: (item: Item) => ReactNode;
  /** Told of how wide the list is, px. */
  onWidth?: (width: number) => void;
}

/** Whether a column that nobody chose is shown in a list of a width, px. */
export function hasRoom({ from = 0 }: { from?: number }, width: number): boolean {
  return width >= from;
}

const ROW_PX = { cosy: 37, compact: 27 };
/** A line below the columns. */
const BELOW_PX = 20;
/** Lists narrower than this, px, have such a line: a telephone's, or one beside its panel on a small window. */
const NARROW_PX = 480;
const GAP_PX = 16;
const SIDES_PX = 24;
/** Rows that stand clear above the end of the window, the head with them, where a chosen one is in sight already. */
const CLEAR_ROWS = 4;
/** Rows left below the window when the next page is asked for. */
const NEAR_END_ROWS = 20;

/**
 * A virtual list with a header: j/k move the choice, enter opens it. To Tab it is one stop, the chosen row, so that what
 * comes next is that row's panel.
 */
export function Rows<Item>(properties: Properties<Item>) {
  const { items, idOf, selectedId } = properties;
  const { ref: measured, width } = useElementSize<HTMLElement>();
  const { shownIds, density = 'cosy' } = properties;
  const columns = properties.columns.filter((column) =>
    shownIds ? shownIds.includes(column.id) : hasRoom(column, width),
  );
  // Who chose the columns gets those, and no more.
  const below = !shownIds && width > 0 && width < NARROW_PX ? properties.below : undefined;
  const rowPx = ROW_PX[density] + (below ? BELOW_PX : 0);
  const { onWidth } = properties;
  useEffect(() => onWidth?.(width), [onWidth, width]);
  const scroller = useRef<HTMLElement>(null);
  // One function for the list's life: a new one a render would start measuring anew each time.
  const listRef = useMergedRef(scroller, measured);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 12,
    getItemKey: (index) => idOf(items[index] as Item),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows measured at another height are measured anew
  useEffect(() => virtual.measure(), [rowPx]);
  const visible = virtual.getVirtualItems();
  const lastVisible = visible.at(-1)?.index ?? 0;
  // A list at its top that fills its window is not being read towards its end, however tall the window.
  const isRead =
    (virtual.scrollOffset ?? 0) > 0 || virtual.getTotalSize() <= (virtual.scrollRect?.height ?? 0);
  const { onNearEnd } = properties;
  useEffect(() => {
    if (isRead && items.length > 0 && lastVisible >= items.length - NEAR_END_ROWS) onNearEnd();
  }, [isRead, lastVisible, items.length, onNearEnd]);

  const selectedIndex = selectedId === null ? -1 : items.findIndex((item) => idOf(item) === selectedId);
  // A link, or the way back from a row's own page, may choose one far below.
  const isSought = useRef(selectedId !== null);
  useEffect(() => {
    if (!isSought.current || selectedIndex < 0 || width === 0) return;
    isSought.current = false;
    // In the middle, not at the end: what comes above the list (its histogram, a refusal) makes it shorter.
    const isInSight = (selectedIndex + CLEAR_ROWS) * rowPx < (virtual.scrollRect?.height ?? 0);
    if (!isInSight) virtual.scrollToIndex(selectedIndex, { align: 'center' });
  }, [virtual, selectedIndex, width, rowPx]);
  const rowOf = (id: string) => scroller.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);
  /** The row that waits for the focus, and what has it until then: a chosen one is drawn only after it was scrolled to. */
  const awaitsFocus = useRef<{ id: string; from: Element | null } | null>(null);
  const lastChosen = useRef(selectedId);
  useEffect(() => {
    // The panel of a row was closed: who was in it is back at its row, not at the head of the page.
    const left = selectedId === null ? lastChosen.current : null;
    if (left !== null && document.activeElement === document.body)
      awaitsFocus.current = { id: left, from: document.body };
    lastChosen.current = selectedId;
  }, [selectedId]);
  useEffect(() => {
    if (awaitsFocus.current === null) return;
    const { id, from } = awaitsFocus.current;
    // Who has gone elsewhere since, to the search say, is not called back by a row that comes into sight.
    const isWhereItWas = [from, document.body].includes(document.activeElement);
    const row = isWhereItWas ? rowOf(id) : null;
    if (row || !isWhereItWas) awaitsFocus.current = null;
    row?.focus({ preventScroll: true });
  });
  const step = (by: number) => {
    // Where none is chosen (any more), on from the row that has the focus.
    const focused = items.findIndex((item) => document.activeElement === rowOf(idOf(item)));
    const from = selectedIndex < 0 ? focused : selectedIndex;
    const index = Math.min(items.length - 1, Math.max(0, from + by));
    const item = items[index];
    if (!item) return;
    virtual.scrollToIndex(index);
    awaitsFocus.current = { id: idOf(item), from: document.activeElement };
    properties.onSelect(item);
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    enter: () => {
      const item = items[selectedIndex];
      if (item) properties.onOpen(item);
    },
  });

  const grid = gridOf(columns);
  const tabStop = visible.some(({ index }) => index === selectedIndex) ? selectedIndex : visible[0]?.index;
  return (
    <section className={styles.list} aria-label={`${properties.label}: rows`} ref={listRef}>
      <div className={styles.head} style={grid}>
        {columns.map((column) => (
          <span key={column.id} className={cellClass(column)}>
            {column.title}
          </span>
        ))}
      </div>
      <div className={styles.body} style={{ height: virtual.getTotalSize(), minWidth: grid.minWidth }}>
        {visible.map((row) => {
          const item = items[row.index] as Item;
          return (
            <button
              type="button"
              key={row.key}
              className={`${styles.row} ${styles[properties.tone]}`}
              aria-current={row.index === selectedIndex}
              data-testid={properties.testId}
              data-id={idOf(item)}
              tabIndex={row.index === tabStop ? 0 : -1}
              style={{ ...grid, height: rowPx, transform: `translateY(${row.start}px)` }}
              onClick={() => properties.onSelect(item)}
              onDoubleClick={() => properties.onOpen(item)}
              onKeyDown={(event) => {
                // Enter on the row itself: chooses it, as a click; on the chosen one opens it.
                if (event.key !== 'Enter' || row.index !== selectedIndex) return;
                event.preventDefault();
                properties.onOpen(item);
              }}
            >
              {columns.map((column) => (
                // Written from right to left it is cut at its end, too, which is on the left.
                <span key={column.id} className={cellClass(column)} dir="auto">
                  {column.cell(item)}
                </span>
              ))}
              {below && <span className={styles.below}>{below(item)}</span>}
            </button>
          );
        })}
      </div>
      {properties.isLoadingMore && <div className={styles.more}>Loading more…</div>}
    </section>
  );
}

function gridOf<Item>(columns: Column<Item>[]): { gridTemplateColumns: string; minWidth: number } {
  const tracks = columns.map(({ width, grow }) => (grow ? `minmax(${width}px, ${grow}fr)` : `${width}px`));
  const widths = columns.reduce((sum, column) => sum + column.width, 0);
  return {
    gridTemplateColumns: tracks.join(' '),
    minWidth: widths + GAP_PX * (columns.length - 1) + SIDES_PX,
  };
}

function cellClass<Item>(column: Column<Item>): string {
  return `${styles.cell} ${column.isNumber ? styles.number : ''}`;
}
