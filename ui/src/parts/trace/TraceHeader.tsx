import { Link } from '@tanstack/react-router';
import type { Span, Trace } from '../../api/types.ts';
import { costWords, counted, countWords } from '../amounts.ts';
import { Chip } from '../Chip.tsx';
import { PanelHeader } from '../PanelHeader.tsx';
import { isKnown, personName } from '../people.ts';
import { lengthWords } from '../times.ts';
import { CopyMenu } from './CopyMenu.tsx';
import { faultyIds, isFault } from './evaluations_of.ts';
import { type TracePlace, toSpan } from './place.ts';
import { RumSessionLink } from './RumSessionLink.tsx';
import styles from './TraceHeader.module.css';

/** What was asked of the agent, what it took, and the way back to the person. */
export function TraceHeader({
  trace,
  span,
  onMove,
  onClose,
}: {
  trace: Trace;
  /** The chosen one. */
  span: Span | null;
  onMove: (change: TracePlace) => void;
  onClose?: () => void;
}) {
  const failed = trace.spans.filter(({ status }) => status === 'error').map(({ span_id }) => span_id);
  const judged = trace.evaluations.filter(isFault).length;
  const toFailed = () => {
    const next = after(failed, span?.span_id);
    if (next) onMove(toSpan(next));
  };
  const toFaulty = () => {
    const faulty = faultyIds(trace);
    const next = after(
      trace.spans.map(({ span_id }) => span_id).filter((id) => faulty.has(id)),
      span?.span_id,
    );
    if (next) onMove({ ...toSpan(next), detail: 'evaluations' });
  };
  return (
    <PanelHeader
      mark={<span className={styles.dot} />}
      title={trace.name || trace.trace_id}
      hover={trace.trace_id}
      start={trace.start}
      facts={factsOf(trace)}
      chips={
        <>
          {!trace.is_complete && <Chip tone="machine">running</Chip>}
          {judged > 0 && (
            <Chip tone="bad" title="To what was judged: the next" onClick={toFaulty}>
              {counted(judged, 'failed evaluation')}
            </Chip>
          )}
          {failed.length > 0 && (
            <Chip tone="bad" title="To the next of them" onClick={toFailed}>
              {counted(failed.length, 'failed span')}
            </Chip>
          )}
          {trace.tokens.total > 0 && (
            <Chip title={tokenTitle(trace)}>{counted(trace.tokens.total, 'token')}</Chip>
          )}
          {trace.cost_usd !== null && <Chip>{costWords(trace.cost_usd)}</Chip>}
          {trace.cost_usd === null && trace.models.length > 0 && (
            <Chip title="No known price for the models of this trace">cost not known</Chip>
          )}
        </>
      }
      buttons={
        <>
          <RumSessionLink trace={trace} />
          <CopyMenu trace={trace} span={span} />
        </>
      }
      panel={
        onClose
          ? {
              onClose,
              open: (className, content) => (
                <Link
                  to="/traces/$traceId"
                  params={{ traceId: trace.trace_id }}
                  search={span ? { span: span.span_id } : {}}
                  className={className}
                  aria-label="Open as a page"
                >
                  {content}
                </Link>
              ),
            }
          : null
      }
    />
  );
}

/** The id that follows a chosen one, the first after the last; where none of them is chosen, the first. */
function after(ids: string[], chosen: string | undefined): string | undefined {
  return ids[(ids.indexOf(chosen ?? '') + 1) % ids.length];
}

function factsOf(trace: Trace): string[] {
  const person = isKnown(trace.user) ? personName(trace.user) : '';
  return [lengthWords(trace.duration_ms), modelWords(trace.models), trace.ml_app, person].filter(Boolean);
}

function tokenTitle(trace: Trace): string {
  const { input, output, cache_read, cache_write, reasoning } = trace.tokens;
  const lines = [`${countWords(input)} in`, `${countWords(output)} out`];
  if (cache_read > 0) lines.push(`${countWords(cache_read)} of the input read from cache`);
  if (cache_write > 0) lines.push(`${countWords(cache_write)} of the input written to cache`);
  if (reasoning > 0) lines.push(`${countWords(reasoning)} of the output reasoning`);
  return lines.join('\n');
}

/** More models than this are counted: the header is a line. */
const SHOWN_MODELS = 3;

function modelWords(models: string[]): string {
  const more = models.length - SHOWN_MODELS;
  return `${models.slice(0, SHOWN_MODELS).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
