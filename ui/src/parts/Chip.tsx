import type { ReactNode } from 'react';
import styles from './Chip.module.css';

export type Verdict = 'ok' | 'warn' | 'bad';

interface Properties {
  tone?: Verdict | 'machine' | 'person';
  title?: string;
  /** To what it tells of. */
  onClick?: () => void;
  children: ReactNode;
}

/** A small fact. Red, amber and green only for verdicts; blue counts what the machine did. */
export function Chip({ tone, title, onClick, children }: Properties) {
  const look = { className: `${styles.chip} ${tone ? styles[tone] : ''}`, 'data-tone': tone, title };
  if (!onClick) return <span {...look}>{children}</span>;
  return (
    <button type="button" {...look} onClick={onClick}>
      {children}
    </button>
  );
}

/** The number in a button, in the machine's blue. */
export function CountMark({ children }: { children: ReactNode }) {
  return <b className={styles.count}>{children}</b>;
}
