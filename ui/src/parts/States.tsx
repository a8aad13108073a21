import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import styles from './States.module.css';

/** Nothing to show, why, and what to do about it; `isPage` where there is nothing else to see. */
export function Empty(properties: { title: string; isPage?: boolean; children?: ReactNode }) {
  const { title, isPage = false, children } = properties;
  const Heading = isPage ? 'h1' : 'h2';
  return (
    <div className={styles.state}>
      <Heading>{title}</Heading>
      {children && <div className={styles.words}>{children}</div>}
    </div>
  );
}

/** What went wrong, in the server's words, with a way to try again. */
export function Failed({ error, retry }: { error: Error; retry?: () => void }) {
  const title = error instanceof ApiError ? error.title : 'Something went wrong here';
  return (
    <div className={styles.state} role="alert">
      <h2>{title}</h2>
      {error.message !== title && <div className={styles.words}>{error.message}</div>}
      {retry && <Button onClick={retry}>Try again</Button>}
    </div>
  );
}

/** Lines where rows will be. They stand still at first: what moves is drawn anew, while all is being loaded. */
export function Loading({ rows = 8 }: { rows?: number }) {
  return (
    <div className={styles.loading} role="status" aria-busy="true" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all alike and never move
        <i key={index} style={{ width: `${92 - ((index * 17) % 40)}%` }} />
      ))}
    </div>
  );
}
