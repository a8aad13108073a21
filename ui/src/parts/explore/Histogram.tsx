import { useElementSize } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import { type Signal, type Timeseries, timeseriesQuery } from '../../api/explore.ts';
import { countWords } from '../amounts.ts';
import { boundsOf, isLive, questionKey, type Range } from '../range.ts';
import { minuteWords } from '../times.ts';
import styles from './Histogram.module.css';

interface Properties {
  signal: Signal;
  query: string;
  range: Range;
  /** Whether the list has been found: what the server refuses is refused once, and rows come before figures. */
  isFound: boolean;
  tone: 'person' | 'machine';
  /** What is counted, in the plural. */
  noun: string;
  onRange: (range: Range) => void;
}

export const BUCKETS = 100;
const HEIGHT_PX = 48;
/** A shorter drag is a click. */
const DRAG_PX = 4;

/** The count of what a list holds over its time; a stretch that is dragged over becomes the list's range. */
export function Histogram(properties: Properties) {
  const { signal, query, range, isFound, onRange } = properties;
  const { data: counts, isPending } = useCounts(signal, 'count', query, range, isFound);
  const { data: errors } = useCounts(signal, 'errors', query, range, isFound);
  if (isPending) return <div className={styles.waiting} aria-hidden="true" />;
  if (!counts) return null;
  return <Bars {...properties} counts={counts} errors={errors ?? null} onRange={onRange} />;
}

/** A measure of what a list holds, over its time, once the list is found; null where the server has none. */
export function useCounts(signal: Signal, measure: string, query: string, range: Range, isFound: boolean) {
  const key = questionKey(range, query);
  const question = () => ({ ...boundsOf(range), query });
  return useQuery({
    ...timeseriesQuery(signal, measure, BUCKETS, key, question, isLive(range)),
    enabled: isFound,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** All that a measure counted. */
export function totalOf(counts: Timeseries): number {
  return counts.series.reduce(
    (sum, { points }) => points.reduce((part, [, value]) => part + (value ?? 0), sum),
    0,
  );
}

type Extent = Timeseries & { from: number; to: number };

function Bars({
  counts,
  errors,
  tone,
  noun,
  onRange,
}: Properties & { counts: Extent; errors: Timeseries | null }) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const [drag, setDrag] = useState<[number, number] | null>(null);
  const { from, to, step_ms: step } = counts;
  const length = Math.max(1, to - from);
  const values = sumBySteps(counts);
  const failed = errors ? sumBySteps(errors) : new Map<number, number>();
  const most = Math.max(1, ...values.values());
  const x = (ms: number) => ((ms - from) / length) * width;
  const at = (event: PointerEvent) => {
    const { left } = event.currentTarget.getBoundingClientRect();
    return Math.max(0, Math.min(width, event.clientX - left));
  };
  const choose = (start: number, end: number) => {
    setDrag(null);
    onRange({ from: new Date(start).toISOString(), to: new Date(end).toISOString() });
  };
  const release = () => {
    if (!drag) return;
    const [start, end] = [Math.min(...drag), Math.max(...drag)];
    if (end - start >= DRAG_PX) return choose(from + (start / width) * length, from + (end / width) * length);
    const bucket = [...values.keys()].find((ms) => x(ms) <= start && start < x(ms + step));
    if (bucket === undefined) setDrag(null);
    else choose(bucket, bucket + step);
  };
  const keys = useKeyedBrush(drag, setDrag, (width * step) / length, width, release);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset holds form fields; this is one picture to brush
    <div
      className={styles.frame}
      role="group"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows move over the time, enter takes the stretch
      tabIndex={0}
      aria-label={`${countWords(totalOf(counts))} ${noun} over time. Arrows choose a time, with Shift a stretch; Enter takes it.`}
      data-testid="histogram"
      onKeyDown={keys}
    >
      <div
        ref={ref}
        className={styles.area}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag([at(event), at(event)]);
        }}
        onPointerMove={(event) => {
          if (event.buttons === 1 && drag) setDrag([drag[0], at(event)]);
        }}
        onPointerUp={release}
        onPointerCancel={() => setDrag(null)}
      >
        <svg width={width} height={HEIGHT_PX} aria-hidden="true">
          {[...values].map(([ms, value]) => (
            <g key={ms}>
              <title>{barTitle(ms, step, value, failed.get(ms) ?? 0, noun)}</title>
              <rect x={x(ms)} width={(width * step) / length} height={HEIGHT_PX} fill="transparent" />
              <Bar x={x(ms)} width={(width * step) / length} share={value / most} className={styles[tone]} />
              <Bar
                x={x(ms)}
                width={(width * step) / length}
                share={Math.min(value, failed.get(ms) ?? 0) / most}
                className={styles.bad}
              />
            </g>
          ))}
        </svg>
        {drag && (
          <div
            className={styles.brush}
            style={{ left: Math.min(...drag), width: Math.abs(drag[1] - drag[0]) }}
          />
        )}
      </div>
      <div className={styles.scale}>
        <span>{minuteWords(new Date(from))}</span>
        <span aria-live="polite">
          {drag &&
            `${minuteWords(new Date(from + (Math.min(...drag) / width) * length))} – ${minuteWords(new Date(from + (Math.max(...drag) / width) * length))}`}
        </span>
        <span>{minuteWords(new Date(to))}</span>
      </div>
    </div>
  );
}

function Bar(properties: { x: number; width: number; share: number; className: string | undefined }) {
  if (properties.share <= 0) return null;
  const height = Math.max(1.5, properties.share * HEIGHT_PX);
  return (
    <rect
      className={properties.className}
      x={properties.x + 1}
      y={HEIGHT_PX - height}
      width={Math.max(1, properties.width - 2.5)}
      height={height}
      rx={1.5}
    />
  );
}

/** Left and right move the stretch by a step, with Shift its end; enter takes it, escape lets it go. */
function useKeyedBrush(
  drag: [number, number] | null,
  setDrag: (drag: [number, number] | null) => void,
  stepPx: number,
  width: number,
  take: () => void,
) {
  return (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? stepPx : event.key === 'ArrowLeft' ? -stepPx : 0;
    const within = (place: number) => Math.max(0, Math.min(width, place));
    if (by !== 0) {
      const [start, end] = drag ?? [width - stepPx - by, width - by];
      setDrag(event.shiftKey ? [start, within(end + by)] : [within(start + by), within(end + by)]);
    } else if (event.key === 'Enter' && drag) take();
    else if (event.key === 'Escape' && drag) setDrag(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
}

function sumBySteps({ series }: Timeseries): Map<number, number> {
  const sums = new Map<number, number>();
  for (const { points } of series)
    for (const [ms, value] of points) sums.set(ms, (sums.get(ms) ?? 0) + (value ?? 0));
  return sums;
}

function barTitle(ms: number, step: number, value: number, failed: number, noun: string): string {
  const time = `${minuteWords(new Date(ms))} – ${minuteWords(new Date(ms + step))}`;
  return `${time}\n${countWords(value)} ${noun}${failed > 0 ? `, ${countWords(failed)} with errors` : ''}`;
}
