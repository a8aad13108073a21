import { memo, useSyncExternalStore } from 'react';
import type { Span } from '../../api/types.ts';
import { Icon } from '../Icon.tsx';
import { KindBadge } from '../KindBadge.tsx';
import { lengthWords } from '../times.ts';
import type { Playhead } from './PlayheadLine.tsx';
import styles from './SpanTree.module.css';
import type { SpanRow } from './span_tree.ts';

const INDENT_PX = 14;
/** Of the row's width: deeper levels stand there, so that names stay readable. */
const MOST_INDENT = '18%';

interface LineProperties extends NameProperties {
  isChosen: boolean;
  extent: { startNs: number; lengthNs: number };
  playhead: Playhead;
}

/** One span: its name in the tree, its stretch of time, its length. */
export const SpanLine = memo(function SpanLine(properties: LineProperties) {
  const { row, isChosen, extent, playhead } = properties;
  return (
    <div
      className={styles.row}
      data-chosen={isChosen}
      data-testid="span-row"
      data-id={row.span.span_id}
      data-kind={row.span.kind}
    >
      <SpanName
        row={row}
        isFaulty={properties.isFaulty}
        isFolded={properties.isFolded}
        onFold={properties.onFold}
        onChoose={properties.onChoose}
      />
      <Lane span={row.span} startNs={extent.startNs} lengthNs={extent.lengthNs} playhead={playhead} />
      <span className={styles.length}>{lengthWords(row.span.duration_ns / 1e6)}</span>
    </div>
  );
});

interface NameProperties {
  row: SpanRow;
  /** Whether somebody found a fault in it. */
  isFaulty: boolean;
  isFolded: boolean;
  onFold: (spanId: string, isFolded: boolean) => void;
  onChoose: (spanId: string) => void;
}

function SpanName({ row, isFaulty, isFolded, onFold, onChoose }: NameProperties) {
  const { span, depth, children } = row;
  return (
    <div className={styles.name} style={{ paddingLeft: `min(${depth * INDENT_PX}px, ${MOST_INDENT})` }}>
      {children > 0 ? (
        <button
          type="button"
          className={styles.fold}
          onClick={() => onFold(span.span_id, !isFolded)}
          aria-label={isFolded ? `Show ${children} below` : 'Hide what is below'}
        >
          <Icon name={isFolded ? 'right' : 'down'} size={12} />
        </button>
      ) : (
        <span className={styles.fold} />
      )}
      <button
        type="button"
        className={styles.choose}
        onClick={() => onChoose(span.span_id)}
        title={span.name}
        data-depth={depth}
      >
        <KindBadge kind={span.kind} status={span.status} />
        <span className={span.kind === 'span' ? styles.other : styles.label} dir="auto">
          {span.name || '–'}
        </span>
        {isFaulty && (
          <span className={styles.fault} title="An evaluation of it failed">
            fail
          </span>
        )}
        {span.model && span.model !== span.name && <span className={styles.model}>{span.model}</span>}
      </button>
    </div>
  );
}

interface LaneProperties {
  span: Span;
  startNs: number;
  lengthNs: number;
  playhead: Playhead;
}

/** The span's stretch of the trace, lit while the playhead is in it; a mark where a model's first word came. */
function Lane({ span, startNs, lengthNs, playhead }: LaneProperties) {
  const isRunning = useSyncExternalStore(playhead.subscribe, () => {
    const nowNs = playhead.nowNs();
    return span.start_ns <= nowNs && nowNs <= span.start_ns + span.duration_ns;
  });
  const left = ((span.start_ns - startNs) / lengthNs) * 100;
  const width = Math.max(0.3, (span.duration_ns / lengthNs) * 100);
  const tone =
    span.status === 'error'
      ? styles.bad
      : span.kind === 'llm'
        ? styles.llm
        : span.kind === 'span'
          ? styles.plain
          : '';
  const firstWord = span.ttft_ms === null ? null : left + ((span.ttft_ms * 1e6) / lengthNs) * 100;
  return (
    <div className={styles.lane} data-running={isRunning} data-testid="lane">
      <i
        className={tone}
        style={{ left: `${Math.min(left, 99.7)}%`, width: `${Math.min(width, 100 - Math.min(left, 99.7))}%` }}
      />
      {firstWord !== null && firstWord <= 100 && (
        <u style={{ left: `${firstWord}%` }} title={`first word after ${lengthWords(span.ttft_ms ?? 0)}`} />
      )}
    </div>
  );
}
