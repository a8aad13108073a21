import { VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { linkCheckQuery } from '../../api/sessions.ts';
import { Icon, type IconName } from '../Icon.tsx';
import { Failed, Loading } from '../States.tsx';
import type { Check } from './check.ts';
import styles from './LinkChecklist.module.css';
import { checksOf, likeliest } from './link_check.ts';

/** How often both sides are asked again while the list is shown. */
const LOOK_AGAIN_MS = 5_000;

/** Why a session and LLM traces have not found each other: what both sides know, and what to do. */
export function LinkChecklist({ sessionId }: { sessionId: string }) {
  const query = useQuery({ ...linkCheckQuery(sessionId), refetchInterval: LOOK_AGAIN_MS });
  if (query.isPending) return <Loading rows={4} />;
  if (query.error && !query.data) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return null;
  const checks = checksOf(query.data);
  const first = likeliest(checks);
  return (
    <section className={styles.checklist} aria-labelledby="link-checklist" data-testid="link-checklist">
      <h2 id="link-checklist">Why is nothing linked?</h2>
      <p className={styles.lead} role="status">
        {first ? (
          <>
            Most likely: <b>{first.title}</b>
          </>
        ) : (
          'Nothing points to a fault. What is missing may still be on its way; this looks again by itself.'
        )}
      </p>
      <ol>
        {checks.map((check) => (
          <CheckLine key={check.id} check={check} isFirst={check === first} />
        ))}
      </ol>
    </section>
  );
}

const MARKS: Record<Check['state'], { icon: IconName; words: string }> = {
  ok: { icon: 'check', words: 'as it should be' },
  fault: { icon: 'close', words: 'at fault' },
  unknown: { icon: 'unknown', words: 'not known' },
};

function CheckLine({ check, isFirst }: { check: Check; isFirst: boolean }) {
  const { icon, words } = MARKS[check.state];
  return (
    <li className={styles.check} data-state={check.state} data-testid={`check-${check.id}`}>
      <span className={styles.mark}>
        <Icon name={icon} size={14} />
        <VisuallyHidden>{words}</VisuallyHidden>
      </span>
      <div className={styles.words}>
        <b>{check.title}</b>
        <p className={styles.found}>{check.found}</p>
        {check.remedy && <div className={isFirst ? styles.firstRemedy : styles.remedy}>{check.remedy}</div>}
      </div>
      {check.state !== 'ok' && (
        <Link
          to="/docs/$name"
          params={{ name: 'troubleshooting' }}
          hash={check.section}
          className={styles.more}
          aria-label={`More about: ${check.title}`}
        >
          More
        </Link>
      )}
    </li>
  );
}
