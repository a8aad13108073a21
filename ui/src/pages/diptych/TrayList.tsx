import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import { Chip } from '../../parts/Chip.tsx';
import { useKeys } from '../../parts/keys.ts';
import { usePlayer } from '../../parts/player/usePlayer.ts';
import type { TimelineRow } from '../../parts/session/timeline.ts';
import { positionWords } from '../../parts/times.ts';
import type { Tray } from './place.ts';
import styles from './TrayList.module.css';
import type { OnePlayhead } from './usePlayhead.ts';

/** Lists of what the page itself told; comments are the team's. */
type RowTray = Exclude<Tray, 'comments'>;

const TRAYS: {
  tray: RowTray;
  title: string;
  key: string;
  holds: (row: TimelineRow) => boolean;
  empty: string;
}[] = [
  {
    tray: 'events',
    title: 'Events',
    key: 'e',
    holds: (row) => row.tone !== 'quiet',
    empty: 'The page has sent no events yet.',
  },
  {
    tray: 'console',
    title: 'Console',
    key: 'c',
    holds: ({ event }) => event?.type === 'error' && sourceOf(event.attributes) === 'console',
    empty: 'The page wrote no error to its console. Other lines of a console are not recorded.',
  },
  {
    tray: 'network',
    title: 'Network',
    key: 'n',
    holds: ({ event }) => event?.type === 'resource',
    empty: 'The page fetched nothing that was recorded.',
  },
  {
    tray: 'errors',
    title: 'Errors',
    key: 'x',
    holds: ({ event }) => event?.type === 'error',
    empty: 'No error of the page was recorded.',
  },
];

function sourceOf(attributes: Record<string, unknown> | undefined): unknown {
  return (attributes?.error as { source?: unknown } | undefined)?.source;
}

/** Buttons that open the lists below the replay, each with how much it holds. */
export function TrayTabs(properties: {
  rows: TimelineRow[];
  comments: number;
  tray: Tray | undefined;
  onTray: (tray: Tray) => void;
}) {
  const { rows, comments, tray, onTray } = properties;
  const tabs = useMemo(
    () => [
      ...TRAYS.map((one) => ({ ...one, count: rows.filter(one.holds).length })),
      { tray: 'comments' as const, title: 'Comments', key: 'm', count: comments },
    ],
    [rows, comments],
  );
  useKeys(Object.fromEntries(tabs.map((one) => [one.key, () => onTray(one.tray)])));
  return (
    <>
      {tabs.map((one) => (
        <button
          type="button"
          key={one.tray}
          className={styles.tab}
          aria-pressed={tray === one.tray}
          onClick={() => onTray(one.tray)}
        >
          {one.title} {one.count}
        </button>
      ))}
    </>
  );
}

const ROW_PX = 27;

/** What the page said, fetched or failed at, in order of time; what lies behind the playhead is dimmed. */
export function TrayList({
  tray,
  rows,
  start,
  playhead,
}: {
  tray: RowTray;
  rows: TimelineRow[];
  /** Where the timeline begins, epoch ms on the page's clock. */
  start: number;
  playhead: OnePlayhead;
}) {
  const { player } = playhead;
  const kind = TRAYS.find((one) => one.tray === tray);
  const shown = useMemo(() => (kind ? rows.filter(kind.holds) : []), [rows, kind]);
  const begun = usePlayer(player, ({ at }) => shown.findLastIndex((row) => row.at <= at + 1));
  const scroller = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  useEffect(() => {
    if (begun >= 0) virtual.scrollToIndex(begun, { align: 'auto' });
  }, [begun, virtual]);
  return (
    <section className={styles.list} ref={scroller} data-testid="tray" aria-label={kind?.title}>
      {shown.length === 0 && <p className={styles.empty}>{kind?.empty}</p>}
      <div className={styles.body} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = shown[item.index] as TimelineRow;
          return (
            <button
              type="button"
              key={row.id}
              className={styles.row}
              style={{ transform: `translateY(${item.start}px)` }}
              data-now={item.index === begun}
              data-later={item.index > begun}
              data-testid="tray-row"
              data-type={row.event?.type ?? 'trace'}
              onClick={() => playhead.toRow(row)}
            >
              <time>{positionWords(row.at - start)}</time>
              <i className={`${styles.dot} ${styles[row.tone]}`} />
              <span className={styles.label}>{row.label}</span>
              <span className={styles.detail} title={row.detail}>
                {row.detail}
              </span>
              {row.chips.map((chip) => (
                <Chip key={chip.text} {...(chip.tone ? { tone: chip.tone } : {})}>
                  {chip.text}
                </Chip>
              ))}
            </button>
          );
        })}
      </div>
    </section>
  );
}
