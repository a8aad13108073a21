import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Range } from '../../parts/range.ts';
import styles from './EvaluationsPage.module.css';

/** A number that leads to the answers behind it. */
export function ToAnswers({
  query,
  range,
  title,
  children,
}: {
  query: string;
  range: Range;
  title?: string;
  children: ReactNode;
}) {
  const { from, to } = range;
  return (
    <Link
      to="/answers"
      search={{ ...(from ? { from } : {}), ...(to ? { to } : {}), query }}
      className={styles.link}
      title={title ?? `Answers: ${query}`}
    >
      {children}
    </Link>
  );
}
