import type { SpanKind, Status } from '../api/types.ts';
import styles from './KindBadge.module.css';

/** The kind of a span; model calls in blue, what failed in red. */
export function KindBadge({ kind, status = 'ok' }: { kind: SpanKind; status?: Status }) {
  const tone = status === 'error' ? styles.bad : kind === 'llm' || kind === 'embedding' ? styles.model : '';
  return <span className={`${styles.kind} ${tone}`}>{kind}</span>;
}
