import { Button } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, useMemo, useRef } from 'react';
import type { RumEvent } from '../../api/types.ts';
import { pathOf } from '../addresses.ts';
import { counted } from '../amounts.ts';
import { Chip } from '../Chip.tsx';
import { Empty, Failed, Loading } from '../States.tsx';
import { exactWords, lengthWords, positionWords } from '../times.ts';
import styles from './Performance.module.css';
import { RequestLine } from './RequestLine.tsx';
import { VitalTiles } from './VitalTiles.tsx';
import {
  type LoadedView,
  loadedViews,
  type RequestKind,
  type TraceFinder,
  type ViewRequest,
} from './waterfall.ts';

interface Properties {
  events: RumEvent[];
  /** The LLM trace that an id of the page means. */
  traceOf: TraceFinder;
  query: { isPending: boolean; error: Error | null; refetch: () => unknown };
  /** The kind of requests shown, as the URL names it; all where it names none of them. */
  requests: string | undefined;
  onRequests: (kind: string | undefined) => void;
  hasMore: boolean;
  onMore: () => void;
  onOpen: (event: RumEvent) => void;
}

type Filter = RequestKind | 'all' | 'failed';

const FILTERS: [Filter, string][] = [
  ['all', 'All'],
  ['fetch', 'Fetch'],
  ['document', 'Document'],
  ['js', 'JS'],
  ['css', 'CSS'],
  ['image', 'Image'],
  ['font', 'Font'],
  ['other', 'Other'],
  ['failed', 'Failed'],
];

type Line =
  | { kind: 'view'; view: LoadedView; shown: ViewRequest[] }
  | { kind: 'request'; view: LoadedView; request: ViewRequest };

const REQUEST_PX = 27;
const VIEW_PX = 37;
const VITALS_PX = 59;

/** Each view with its Web Vitals and the waterfall of what it asked for. */
export function Performance(properties: Properties) {
  const { events, traceOf, query, requests, onRequests, hasMore, onMore, onOpen } = properties;
  const views = useMemo(() => loadedViews(events, traceOf), [events, traceOf]);
  const filter = FILTERS.find(([name]) => name === requests)?.[0] ?? 'all';
  const lines = useMemo(() => linesOf(views, filter), [views, filter]);
  const scroller = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => heightOf(lines[index] as Line),
    overscan: 12,
    getItemKey: (index) => keyOf(lines[index] as Line),
  });

  if (query.isPending) return <Loading rows={10} />;
  if (query.error) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (views.length === 0)
    return <Empty title="No view yet">The page has opened a session and sent no view so far.</Empty>;
  const start = views[0]?.at ?? 0;
  return (
    <div className={styles.performance}>
      <FilterBar
        views={views}
        filter={filter}
        onFilter={(next) => onRequests(next === 'all' ? undefined : next)}
      />
      <section className={styles.scroll} ref={scroller} aria-label="Views and their requests">
        <div className={styles.body} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const line = lines[item.index] as Line;
            const place = { transform: `translateY(${item.start}px)`, height: item.size };
            return line.kind === 'view' ? (
              <ViewLine key={item.key} line={line} start={start} style={place} onOpen={onOpen} />
            ) : (
              <RequestLine
                key={item.key}
                view={line.view}
                request={line.request}
                style={place}
                onOpen={onOpen}
              />
            );
          })}
        </div>
        {hasMore && (
          <div className={styles.more}>
            <Button onClick={onMore}>Load more events</Button>
          </div>
        )}
      </section>
    </div>
  );
}

function isShown(request: ViewRequest, filter: Filter): boolean {
  return filter === 'all' || (filter === 'failed' ? request.hasFailed : request.kind === filter);
}

function linesOf(views: LoadedView[], filter: Filter): Line[] {
  return views.flatMap((view) => {
    const shown = view.requests.filter((request) => isShown(request, filter));
    return [
      { kind: 'view' as const, view, shown },
      ...shown.map((request) => ({ kind: 'request' as const, view, request })),
    ];
  });
}

function keyOf(line: Line): string {
  return line.kind === 'view' ? `view ${line.view.viewId}` : line.request.event.event_id;
}

function heightOf(line: Line): number {
  if (line.kind === 'request') return REQUEST_PX;
  return line.view.vitals.length > 0 ? VIEW_PX + VITALS_PX : VIEW_PX;
}

function FilterBar(properties: { views: LoadedView[]; filter: Filter; onFilter: (filter: Filter) => void }) {
  const { views, filter, onFilter } = properties;
  const counts = useMemo(() => {
    const requests = views.flatMap((view) => view.requests);
    return FILTERS.map(([name]) => requests.filter((request) => isShown(request, name)).length);
  }, [views]);
  return (
    <fieldset className={styles.filters} aria-label="Kinds of requests">
      {FILTERS.map(([name, title], index) =>
        counts[index] || name === 'all' ? (
          <button
            type="button"
            key={name}
            className={styles.filter}
            aria-pressed={filter === name}
            onClick={() => onFilter(name)}
          >
            {name !== 'all' && <i className={styles.swatch} data-kind={name} />}
            {title} {counts[index]}
          </button>
        ) : null,
      )}
    </fieldset>
  );
}

function ViewLine(properties: {
  line: Extract<Line, { kind: 'view' }>;
  start: number;
  style: CSSProperties;
  onOpen: (event: RumEvent) => void;
}) {
  const { line, start, style, onOpen } = properties;
  const { event, at, url, vitals, requests } = line.view;
  const failed = requests.filter((request) => request.hasFailed).length;
  const bytes = requests.reduce((sum, request) => sum + sizeOf(request.event), 0);
  const loading = (event?.attributes?.view as { loading_time?: unknown } | undefined)?.loading_time;
  return (
    <div className={styles.view} style={style} data-testid="performance-view">
      <div className={styles.viewTop}>
        <time title={exactWords(at)}>{positionWords(at - start)}</time>
        <button
          type="button"
          className={styles.viewName}
          onClick={() => event && onOpen(event)}
          disabled={!event}
          title={url}
        >
          {pathOf(url) || 'View'}
        </button>
        {failed > 0 && <Chip tone="bad">{failed} failed</Chip>}
        <span className={styles.facts}>
          {[
            typeof loading === 'number' ? `loaded in ${lengthWords(loading / 1e6)}` : '',
            counted(requests.length, 'request'),
            bytes > 0 ? bytesWords(bytes) : '',
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </div>
      {vitals.length > 0 && <VitalTiles vitals={vitals} />}
    </div>
  );
}

function sizeOf(event: RumEvent): number {
  const { transfer_size, size } = (event.attributes?.resource ?? {}) as Record<string, unknown>;
  const bytes = transfer_size ?? size;
  return typeof bytes === 'number' ? bytes : 0;
}

function bytesWords(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(bytes < 1e4 ? 1 : 0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
