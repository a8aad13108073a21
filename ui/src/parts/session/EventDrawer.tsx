import { Drawer } from '@mantine/core';
import type { RumEvent } from '../../api/types.ts';
import { Facts } from '../Facts.tsx';
import { JsonTree } from '../JsonTree.tsx';
import { exactWords, lengthWords } from '../times.ts';
import styles from './EventDrawer.module.css';

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
          {event.error_stack && <pre className={styles.stack}>{event.error_stack}</pre>}
          <h3>As it was sent</h3>
          <JsonTree value={event.attributes} />
        </div>
      )}
    </Drawer>
  );
}
