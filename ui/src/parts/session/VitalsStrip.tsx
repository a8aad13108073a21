import type { RumEvent } from '../../api/types.ts';
import { pathOf } from '../addresses.ts';
import styles from './VitalsStrip.module.css';
import { vitalsOf } from './vitals.ts';

/** The Web Vitals of each view, in the colours of web.dev's thresholds; views without any are left out. */
export function VitalsStrip({ events }: { events: RumEvent[] }) {
  const views = events
    .filter(({ type }) => type === 'view')
    .map((view) => ({ view, vitals: vitalsOf(view.attributes) }))
    .filter(({ vitals }) => vitals.length > 0);
  if (views.length === 0) return null;
  return (
    <div className={styles.strip} data-testid="vitals">
      {views.map(({ view, vitals }) => (
        <div key={view.event_id} className={styles.view}>
          <span className={styles.path} title={view.view_url}>
            {pathOf(view.view_url)}
          </span>
          {vitals.map(({ name, words, tone }) => (
            <span key={name} className={styles.vital}>
              {name} <b className={styles[tone]}>{words}</b>
            </span>
          ))}
        </div>
      ))}
    </div>
  );
}
