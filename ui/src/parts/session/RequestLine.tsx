import { ActionIcon } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { CSSProperties } from 'react';
import type { RumEvent } from '../../api/types.ts';
import { Icon } from '../Icon.tsx';
import { exactWords, lengthWords } from '../times.ts';
import styles from './Performance.module.css';
import {
  type Axis,
  type LoadedView,
  PHASE_WORDS,
  type Phase,
  type RequestKind,
  type ViewRequest,
} from './waterfall.ts';

/** One request of a view: what was asked for, what came back, and its stretch of the view's time. */
export function RequestLine(properties: {
  view: LoadedView;
  request: ViewRequest;
  style: CSSProperties;
  onOpen: (event: RumEvent) => void;
}) {
  const { view, request, style, onOpen } = properties;
  const { event } = request;
  return (
    <div
      className={styles.request}
      style={style}
      data-testid="request-row"
      data-id={event.event_id}
      data-failed={request.hasFailed}
    >
      <button type="button" className={styles.words} onClick={() => onOpen(event)}>
        <time title={exactWords(request.at)}>+{lengthWords(request.at - view.at)}</time>
        <span className={styles.name} title={event.name}>
          <i className={styles.swatch} data-kind={inkOf(request)} />{' '}
          {event.method && event.method !== 'GET' ? `${event.method} ` : ''}
          {request.name}
        </span>
        <span className={styles.status}>{event.status_code || (request.hasFailed ? 'no answer' : '')}</span>
        <span className={styles.length}>{lengthWords(request.durationMs)}</span>
        <Bar request={request} axis={view.axis} marks={marksOf(view)} />
      </button>
      <span className={styles.link}>
        {request.traceId && (
          <ActionIcon
            size={24}
            aria-label={`LLM trace of ${request.name}`}
            title="To the LLM trace that this request carried"
            renderRoot={(root) => (
              <Link
                {...root}
                to="/traces/$traceId"
                params={{ traceId: request.traceId ?? '' }}
                data-testid="request-trace"
              />
            )}
          >
            <Icon name="trace" size={14} />
          </ActionIcon>
        )}
      </span>
    </div>
  );
}

/** The name of its colour: failed before all else, then whether the machine answered. */
function inkOf({ hasFailed, traceId, kind }: ViewRequest): RequestKind | 'failed' | 'trace' {
  if (hasFailed) return 'failed';
  return traceId ? 'trace' : kind;
}

/** First and largest paint of the page load, as moments. */
function marksOf(view: LoadedView): { name: string; at: number; words: string }[] {
  return view.vitals.flatMap(({ name, value, words }) =>
    name === 'LCP' || name === 'FCP' ? [{ name, at: view.at + value, words }] : [],
  );
}

function Bar(properties: {
  request: ViewRequest;
  axis: Axis;
  marks: { name: string; at: number; words: string }[];
}) {
  const { request, axis, marks } = properties;
  const from = axis.place(request.at);
  const width = axis.place(request.at + request.durationMs) - from;
  return (
    <span className={styles.track} aria-hidden="true" title={phaseWords(request)}>
      {axis.gaps.map((gap) => (
        <i
          key={gap.from}
          className={styles.gap}
          style={{ left: percent(gap.from), width: percent(gap.to - gap.from) }}
          title={`nothing was asked for in ${lengthWords(gap.ms)}`}
        />
      ))}
      {marks.map(({ name, at }) => (
        <i key={name} className={styles.mark} style={{ left: percent(axis.place(at)) }} data-name={name} />
      ))}
      <i
        className={styles.bar}
        data-kind={inkOf(request)}
        style={{ left: percent(from), width: percent(width) }}
      >
        {request.phases.map((phase) => (
          <i key={phase.name} data-phase={phase.name} style={within(phase, request.durationMs)} />
        ))}
        {request.phases.length === 0 && <i data-phase="whole" style={{ left: 0, width: '100%' }} />}
      </i>
    </span>
  );
}

function within({ startMs, durationMs }: Phase, wholeMs: number): CSSProperties {
  const whole = Math.max(wholeMs, 0.001);
  const from = Math.min(1, startMs / whole);
  return { left: percent(from), width: percent(Math.min(1 - from, durationMs / whole)) };
}

function phaseWords({ phases, durationMs }: ViewRequest): string {
  const lines = phases.map(({ name, durationMs: ms }) => `${PHASE_WORDS[name]}: ${lengthWords(ms)}`);
  return [...lines, `Together: ${lengthWords(durationMs)}`].join('\n');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)}%`;
}
