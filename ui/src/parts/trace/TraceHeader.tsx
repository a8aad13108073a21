import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Trace } from '../../api/types.ts';
import { costWords, counted, countWords } from '../amounts.ts';
import { Chip } from '../Chip.tsx';
import { Icon } from '../Icon.tsx';
import { isKnown, personName } from '../people.ts';
import { dayAndSecond, exactWords, lengthWords } from '../times.ts';
import { RumSessionLink } from './RumSessionLink.tsx';
import styles from './TraceHeader.module.css';

/** What was asked of the agent, what it took, and the way back to the person. */
export function TraceHeader({ trace, onClose }: { trace: Trace; onClose?: () => void }) {
  const failed = trace.spans.filter((span) => span.status === 'error').length;
  const judged = trace.evaluations.filter(({ assessment }) => assessment === 'fail').length;
  return (
    <header className={styles.header}>
      <span className={styles.dot} />
      <div className={styles.words}>
        <h1 title={trace.trace_id}>{trace.name || trace.trace_id}</h1>
        <div className={styles.facts}>
          <span title={exactWords(trace.start)}>{dayAndSecond(trace.start)}</span>
          {factsOf(trace).map((fact) => (
            <span key={fact}> · {fact}</span>
          ))}
        </div>
      </div>
      <div className={styles.chips}>
        {!trace.is_complete && <Chip tone="machine">running</Chip>}
        {judged > 0 && <Chip tone="bad">{counted(judged, 'failed evaluation')}</Chip>}
        {failed > 0 && <Chip tone="bad">{counted(failed, 'failed span')}</Chip>}
        <Chip title={tokenTitle(trace)}>{countWords(trace.tokens.total)} tokens</Chip>
        <Chip {...(trace.cost_usd === null ? { title: 'No known price for the models of this trace' } : {})}>
          {costWords(trace.cost_usd)}
        </Chip>
      </div>
      <div className={styles.buttons}>
        <RumSessionLink trace={trace} />
        <CopyButton value={window.location.href}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? 'Copied' : 'Copy link'}>
              <ActionIcon onClick={copy} aria-label="Copy link">
                <Icon name={copied ? 'check' : 'link'} size={16} />
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
        {onClose && (
          <>
            <Tooltip label="Open as a page">
              <Link
                to="/traces/$traceId"
                params={{ traceId: trace.trace_id }}
                className={styles.icon}
                aria-label="Open as a page"
              >
                <Icon name="open" size={16} />
              </Link>
            </Tooltip>
            <ActionIcon onClick={onClose} aria-label="Close">
              <Icon name="close" size={16} />
            </ActionIcon>
          </>
        )}
      </div>
    </header>
  );
}

function factsOf(trace: Trace): string[] {
  const person = isKnown(trace.user) ? personName(trace.user) : '';
  return [lengthWords(trace.duration_ms), trace.models.join(', '), trace.ml_app, person].filter(Boolean);
}

function tokenTitle(trace: Trace): string {
  const { input, output, cache_read, cache_write, reasoning } = trace.tokens;
  const lines = [`${countWords(input)} in`, `${countWords(output)} out`];
  if (cache_read > 0) lines.push(`${countWords(cache_read)} of the input read from cache`);
  if (cache_write > 0) lines.push(`${countWords(cache_write)} of the input written to cache`);
  if (reasoning > 0) lines.push(`${countWords(reasoning)} of the output reasoning`);
  return lines.join('\n');
}
