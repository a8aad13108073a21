import { Drawer } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { RumEvent } from '../../api/types.ts';
import { Facts } from '../Facts.tsx';
import { JsonTree } from '../JsonTree.tsx';
import { exactWords, lengthWords } from '../times.ts';
import styles from './EventDrawer.module.css';
import { Timing } from './Timing.tsx';
import { VitalTiles } from './VitalTiles.tsx';
import { vitalsOf } from './vitals.ts';

interface Properties {
  event: RumEvent | null;
  /** The LLM trace that the event carried the id of, where it is stored. */
  traceId: string | null;
  onClose: () => void;
}

/** One event: what it says, where its time went, its stack, and how it was sent. */
export function EventDrawer({ event, traceId, onClose }: Properties) {
  return (
    <Drawer
      opened={event !== null}
      onClose={onClose}
      position="right"
      size={520}
      title={event ? `Event · ${event.type.replaceAll('_', ' ')}` : ''}
    >
      {event && (
        <div className={styles.body} data-testid="event-drawer">
          <Facts
            facts={[
              ['name', event.name],
              ['when', exactWords(event.ts).split('\n')[0] ?? ''],
              ['took', event.duration_ms == null ? null : lengthWords(event.duration_ms)],
              ['status', event.status_code],
              ['view', event.view_url],
              ['trace', traceId ? <TraceLink key="trace" id={traceId} /> : event.trace_id],
              ['error', event.error_type],
              ['from', errorOf(event).source],
              ['handling', errorOf(event).handling],
            ]}
          />
          {event.type === 'view' && <VitalTiles vitals={vitalsOf(event.attributes)} />}
          {event.type === 'resource' && <Timing event={event} />}
          {event.error_stack && <Stack title="Stack" text={event.error_stack} />}
          {causesOf(event).map(({ words, stack }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: causes have no id and never move
            <Stack key={index} title={`Caused by ${words}`} text={stack} />
          ))}
          <h3>As it was sent</h3>
          <JsonTree value={event.attributes} />
        </div>
      )}
    </Drawer>
  );
}

function TraceLink({ id }: { id: string }) {
  return (
    <Link to="/traces/$traceId" params={{ traceId: id }} className={styles.link}>
      {id}
    </Link>
  );
}

function Stack({ title, text }: { title: string; text: string }) {
  return (
    <section>
      <h3>{title}</h3>
      {text && (
        <pre className={styles.stack} data-testid="stack">
          {text}
        </pre>
      )}
    </section>
  );
}

interface SentError {
  source?: string;
  handling?: string;
  causes: unknown[];
}

/** What an error says beside its message; only what has the type that the wire promises. */
function errorOf(event: RumEvent): SentError {
  const { source, handling, causes } = (event.attributes?.error ?? {}) as Record<string, unknown>;
  return {
    ...(typeof source === 'string' ? { source } : {}),
    ...(typeof handling === 'string' ? { handling } : {}),
    causes: Array.isArray(causes) ? causes : [],
  };
}

/** The errors that led to this one, nearest first. */
function causesOf(event: RumEvent): { words: string; stack: string }[] {
  return errorOf(event).causes.flatMap((cause) => {
    if (typeof cause !== 'object' || cause === null) return [];
    const { message, type, stack } = cause as Record<string, unknown>;
    const words = [type, message].filter((word) => typeof word === 'string' && word !== '').join(': ');
    return [{ words, stack: typeof stack === 'string' ? stack : '' }];
  });
}
