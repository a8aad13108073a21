import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { healthQuery } from '../../api/health.ts';
import { meQuery } from '../../api/me.ts';
import { countWords } from '../../parts/amounts.ts';
import { Chip } from '../../parts/Chip.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { Failed, Loading } from '../../parts/States.tsx';
import { useTitle } from '../../parts/title.ts';
import { Keys } from './Keys.tsx';
import styles from './SettingsPage.module.css';

/** What this server is, what it could not keep, and what is settled on its command line. */
export function SettingsPage() {
  useTitle('Settings');
  const { data: me } = useQuery(meQuery());
  const health = useQuery(healthQuery());
  return (
    <section className={styles.page} aria-label="Settings">
      <h1>Settings</h1>
      {health.isPending && <Loading rows={4} />}
      {health.error && !health.data && <Failed error={health.error} retry={() => void health.refetch()} />}
      {health.data && (
        <>
          <section className={styles.card}>
            <h2>This server</h2>
            <Facts
              facts={[
                [
                  'state',
                  <Chip key="state" tone={health.data.status === 'ok' ? 'ok' : 'bad'}>
                    {health.data.status}
                  </Chip>,
                ],
                ['version', health.data.version],
                ['store', health.data.store],
                ['address', me?.public_url],
                ['project', me?.project],
              ]}
            />
          </section>
          <Dropped dropped={health.data.dropped} />
        </>
      )}
      <section className={styles.card}>
        <h2>Guides</h2>
        <p>
          Of this very version, without leaving the server:{' '}
          <Link to="/docs/$name" params={{ name: 'troubleshooting' }} className={styles.link}>
            why is nothing linked?
          </Link>{' '}
          and all the others.
        </p>
      </section>
      <Keys />
    </section>
  );
}

/** What was sent and is not stored, by reason. */
function Dropped({ dropped }: { dropped: Record<string, number> }) {
  const reasons = Object.entries(dropped)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a);
  return (
    <section className={styles.card} data-testid="dropped">
      <h2>What was dropped and why</h2>
      {reasons.length === 0 ? (
        <p>Nothing since the server started: all that was sent is stored.</p>
      ) : (
        <>
          <p>
            Since the server started. Senders were told, each at its own request. What begins with “python
            sdk” was lost before it was sent: the SDK told it.
          </p>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">Reason</th>
                <th scope="col">Items</th>
              </tr>
            </thead>
            <tbody>
              {reasons.map(([reason, count]) => (
                <tr key={reason}>
                  <td>{reason.replaceAll('_', ' ')}</td>
                  <td>{countWords(count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}
