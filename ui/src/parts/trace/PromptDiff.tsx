import { useMemo } from 'react';
import type { Message, Span } from '../../api/types.ts';
import { lineDiff } from './line_diff.ts';
import styles from './PromptDiff.module.css';

/** The prompt of a model call set against that of another call of the same trace, the one before it at first. */
export function PromptDiff(properties: {
  span: Span;
  others: Span[];
  againstId: string | undefined;
  onAgainst: (spanId: string) => void;
}) {
  const { span, others, againstId, onAgainst } = properties;
  const before = others.findLast((other) => other.start_ns <= span.start_ns) ?? others[0];
  const other = others.find((one) => one.span_id === againstId) ?? before;
  const lines = useMemo(
    () => (other ? lineDiff(promptOf(other.input_messages), promptOf(span.input_messages)) : []),
    [other, span],
  );
  const changed = lines.filter(({ kind }) => kind !== 'same').length;
  return (
    <div className={styles.diff} data-testid="prompt-diff">
      <label className={styles.choice}>
        Against{' '}
        <select value={other?.span_id ?? ''} onChange={(event) => onAgainst(event.currentTarget.value)}>
          {others.map((one) => (
            <option key={one.span_id} value={one.span_id}>
              {one.name} · {one.model}
            </option>
          ))}
        </select>
        <span>{changed === 0 ? 'the same prompt' : `${changed} lines differ`}</span>
      </label>
      <pre className={styles.lines}>
        {lines.map(({ kind, text }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines repeat and never move
          <span key={index} className={styles[kind]} data-kind={kind}>
            <i aria-hidden="true">{kind === 'added' ? '+' : kind === 'removed' ? '−' : ' '}</i>
            {text || ' '}
          </span>
        ))}
      </pre>
    </div>
  );
}

/** The messages that went in as text, each under its role. */
function promptOf(messages: Message[]): string {
  return messages
    .map(
      ({ role, parts }) =>
        `${role}:\n${parts.map((part) => part.content ?? JSON.stringify(part)).join('\n')}`,
    )
    .join('\n\n');
}
