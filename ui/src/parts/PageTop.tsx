import type { ReactNode } from 'react';
import styles from './PageTop.module.css';

/** The first line of a page: what it is, what is to be known of it, and its tools. */
export function PageTop({ title, note, children }: { title: string; note: ReactNode; children: ReactNode }) {
  return (
    <header className={styles.top}>
      <h1>{title}</h1>
      <span className={styles.note}>{note}</span>
      <span className={styles.space} />
      {children}
    </header>
  );
}
