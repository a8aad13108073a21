import { ActionIcon, Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Chip } from '../Chip.tsx';
import { Icon } from '../Icon.tsx';
import { Empty, Failed, Loading } from '../States.tsx';
import { exactWords, positionWords } from '../times.ts';
import styles from './Timeline.module.css';
import { foldQuiet, type TimelineRow } from './timeline.ts';

interface Properties {
  rows: TimelineRow[];
  query: { isPending: boolean; error: Error | null; refetch: () => unknown };
  /** The moment a link points at, epoch ms on the page's clock. */
  t: number | null;
  hasReplay: boolean;
  hasMore: boolean;
  onMore: () => void;
  onOpen: (row: TimelineRow) => void;
  onPlay: (row: TimelineRow) => void;
}

const ROW_PX = 31;

/** What the person did, in order of time, with the agent's answers in blue among it. */
export function Timeline({ rows: all, query, t, hasReplay, hasMore, onMore, onOpen, onPlay }: Properties) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => foldQuiet(all, opened), [all, opened]);
  const toggle = (id: string) =>
    setOpened((now) => {
      const next = new Set(now);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 16,
  });
  const marked = t === null ? -1 : rows.findLastIndex((row) => row.at <= t);
  const isFilled = rows.length > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the moment of a link scrolls, not rows that arrive
  useEffect(() => {
    if (marked >= 0) virtual.scrollToIndex(marked, { align: 'auto' });
  }, [t, isFilled]);

  if (query.isPending) return <Loading rows={10} />;
  if (query.error) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (!isFilled)
    return <Empty title="No events yet">The page has opened a session and sent nothing else so far.</Empty>;
  const start = all[0]?.at ?? 0;
  return (
    <div className={styles.scroll} ref={scroller}>
      <div className={styles.body} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index] as TimelineRow;
          return (
            <div
              key={row.id}
              className={`${styles.row} ${row.tone === 'machine' ? styles.answer : ''}`}
              data-marked={item.index === marked}
              data-testid="timeline-row"
              data-type={typeOf(row)}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <time title={exactWords(row.at)}>{positionWords(row.at - start)}</time>
              <span className={`${styles.dot} ${styles[row.tone]}`} />
              <RowWords row={row} onOpen={row.folds.length > 0 ? () => toggle(row.id) : onOpen} />
              {hasReplay && (
                <ActionIcon
                  className={styles.play ?? ''}
                  size={22}
                  onClick={() => onPlay(row)}
                  aria-label={`Replay from ${positionWords(row.at - start)}`}
                >
                  <Icon name="play" size={12} filled />
                </ActionIcon>
              )}
            </div>
          );
        })}
      </div>
      {hasMore && (
        <div className={styles.more}>
          <Button onClick={onMore}>Load more events</Button>
        </div>
      )}
    </div>
  );
}

function typeOf(row: TimelineRow): string {
  return row.event?.type ?? (row.folds.length > 0 ? 'fold' : 'trace');
}

/** The line itself: an answer leads to its trace, anything else opens the event as it was sent. */
function RowWords({ row, onOpen }: { row: TimelineRow; onOpen: (row: TimelineRow) => void }) {
  const words = (
    <>
      <span className={row.tone === 'quiet' ? styles.quietLabel : styles.label} dir="auto">
        {row.label}
      </span>
      <span className={styles.detail} dir="auto">
        {row.detail}
      </span>
      <span className={styles.chips}>
        {row.chips.map((chip) => (
          <Chip key={chip.text} title={chip.text} {...(chip.tone ? { tone: chip.tone } : {})}>
            {chip.text}
          </Chip>
        ))}
      </span>
    </>
  );
  if (row.traceId) {
    return (
      <Link
        to="/traces/$traceId"
        params={{ traceId: row.traceId }}
        className={styles.words}
        data-testid="timeline-trace"
      >
        {words}
      </Link>
    );
  }
  return (
    <button type="button" className={styles.words} onClick={() => onOpen(row)}>
      {words}
    </button>
  );
}
