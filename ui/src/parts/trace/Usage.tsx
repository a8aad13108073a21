import type { Span } from '../../api/types.ts';
import { costWords, countWords } from '../amounts.ts';
import { Facts } from '../Facts.tsx';
import styles from './Usage.module.css';

type Tokens = NonNullable<Span['tokens']>;

/** Where a call's tokens went: what came from the cache, what was thought and what was said, and what it cost. */
export function Usage({ span, tokens }: { span: Span; tokens: Tokens }) {
  const fresh = tokens.input - tokens.cache_read - tokens.cache_write;
  const parts = [
    { name: 'input', count: fresh, tone: styles.fresh },
    { name: 'read from cache', count: tokens.cache_read, tone: styles.cached },
    { name: 'written to cache', count: tokens.cache_write, tone: styles.written },
    { name: 'reasoning', count: tokens.reasoning, tone: styles.reasoning },
    { name: 'answer', count: tokens.output - tokens.reasoning, tone: styles.answer },
  ].filter(({ count }) => count > 0);
  return (
    <div className={styles.usage} data-testid="usage">
      <div className={styles.bar} aria-hidden="true">
        {parts.map(({ name, count, tone }) => (
          <i key={name} className={tone} style={{ flexGrow: count }} />
        ))}
      </div>
      <ul className={styles.parts}>
        {parts.map(({ name, count, tone }) => (
          <li key={name}>
            <i className={tone} aria-hidden="true" />
            {name}
            <b>{countWords(count)}</b>
          </li>
        ))}
      </ul>
      <Facts
        facts={[
          ['total', `${countWords(tokens.total)} tokens`],
          ['cost', span.cost_usd === null ? 'no known price for this model' : costWords(span.cost_usd)],
          ['counted', span.is_counted ? null : 'not in the total: another span tells of the same call'],
        ]}
      />
    </div>
  );
}
