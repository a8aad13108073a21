import { Link } from '@tanstack/react-router';
import styles from './TraceOrSpans.module.css';

/** The same work as whole traces or as single spans; the time goes along. */
export function TraceOrSpans() {
  const on = { className: `${styles.side} ${styles.on}` };
  return (
    <nav className={styles.sides} aria-label="Traces or spans">
      <Link to="/traces" search={timeOnly} className={styles.side} activeProps={on}>
        Traces
      </Link>
      <Link to="/spans" search={timeOnly} className={styles.side} activeProps={on}>
        Spans
      </Link>
    </nav>
  );
}

function timeOnly({ from, to }: { from?: string | undefined; to?: string | undefined }) {
  return { ...(from ? { from } : {}), ...(to ? { to } : {}) };
}
