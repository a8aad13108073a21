import type { ReactNode } from 'react';
import styles from './Chip.module.css';

export type Verdict = 'ok' | 'warn' | 'bad';

/** A small fact. Red, amber and green only for verdicts; blue counts what the machine did. */
export function Chip({
  tone,
  title,
  children,
}: {
  tone?: Verdict | 'machine' | 'person';
  title?: string;
  children: ReactNode;
}) {
  return (
    <span className={`${styles.chip} ${tone ? styles[tone] : ''}`} data-tone={tone} title={title}>
      {children}
    </span>
  );
}

/** The number in a button, in the machine's blue. */
export function CountMark({ children }: { children: ReactNode }) {
  return <b className={styles.count}>{children}</b>;
}
