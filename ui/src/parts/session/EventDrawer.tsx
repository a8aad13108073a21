import { Drawer } from '@mantine/core';
import type { RumEvent } from '../../api/types.ts';
import { Facts } from '../Facts.tsx';
import { JsonTree } from '../JsonTree.tsx';
import { exactWords, lengthWords } from '../times.ts';
import styles from './EventDrawer.module.css';
import { vitalsOf } from './vitals.ts';

/** One event as it was sent. */
export function EventDrawer({ event, onClose }: { event: RumEvent | null; onClose: () => void }) {
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
              ['trace', event.trace_id],
              ['error', event.error_type],
            ]}
          />
          {event.type === 'view' && <Vitals event={event} />}
          {event.error_stack && <pre className={styles.stack}>{event.error_stack}</pre>}
          <h3>As it was sent</h3>
          <JsonTree value={event.attributes} />
        </div>
      )}
    </Drawer>
  );
}

/** The Web Vitals of a view, each with its published verdict. */
function Vitals({ event }: { event: RumEvent }) {
  const vitals = vitalsOf(event.attributes);
  if (vitals.length === 0) return null;
  return (
    <div className={styles.vitals}>
      {vitals.map(({ name, words, tone }) => (
        <div key={name}>
          <span>{name}</span>
          <b className={styles[tone]}>{words}</b>
        </div>
      ))}
    </div>
  );
}
