import { useElementSize } from '@mantine/hooks';
import { useMemo } from 'react';
import type { Span } from '../../api/types.ts';
import { lengthWords } from '../times.ts';
import styles from './FlameView.module.css';
import { flamesOf, visibleFlames } from './flame.ts';
import { type Playhead, PlayheadLine } from './PlayheadLine.tsx';
import { extentOf, spanRows } from './span_tree.ts';

const LINE_PX = 22;
/** Narrower bars hold no words. */
const WORDS_FROM_PX = 44;

/** The trace as bars below the one that called them; a click chooses a span. */
export function FlameView(properties: {
  spans: Span[];
  chosenId: string | null;
  /** Spans that the find box found; null while nothing is looked for. */
  foundIds: ReadonlySet<string> | null;
  onChoose: (spanId: string) => void;
  playhead: Playhead;
}) {
  const { spans, chosenId, foundIds, onChoose, playhead } = properties;
  const { ref, width } = useElementSize<HTMLDivElement>();
  const extent = useMemo(() => extentOf(spans), [spans]);
  const flames = useMemo(() => flamesOf(spanRows(spans, new Set()), extent), [spans, extent]);
  const shown = useMemo(() => visibleFlames(flames, width, chosenId), [flames, width, chosenId]);
  const lines = flames.reduce((most, { line }) => Math.max(most, line + 1), 0);
  return (
    <div className={styles.scroll} data-testid="flame">
      <div className={styles.body} ref={ref} style={{ height: lines * LINE_PX }}>
        {shown.map(({ span, line, left, width: share }) => (
          <button
            type="button"
            key={span.span_id}
            className={`${styles.bar} ${toneOf(span)}`}
            data-chosen={span.span_id === chosenId}
            data-dim={foundIds !== null && !foundIds.has(span.span_id)}
            aria-label={`${span.kind} ${span.name}, ${lengthWords(span.duration_ns / 1e6)}`}
            title={`${span.kind} ${span.name}\n${lengthWords(span.duration_ns / 1e6)}`}
            style={{ top: line * LINE_PX, left: left * width, width: Math.max(1, share * width - 1) }}
            onClick={() => onChoose(span.span_id)}
          >
            {share * width >= WORDS_FROM_PX && span.name}
          </button>
        ))}
        <PlayheadLine playhead={playhead} extent={extent} />
      </div>
    </div>
  );
}

function toneOf(span: Span): string {
  if (span.status === 'error') return styles.bad ?? '';
  if (span.kind === 'llm') return styles.llm ?? '';
  return (span.kind === 'span' ? styles.plain : styles.own) ?? '';
}
