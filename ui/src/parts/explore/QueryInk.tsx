import type { ReactNode, RefObject } from 'react';
import type { Position } from '../../api/client.ts';
import styles from './SearchBar.module.css';

/** Fields, comparisons, negations and words of the language, as far as they can be told by their looks. */
const INK = /("(?:[^"\\]|\\.)*"?)|(-?@?[A-Za-z_][\w.$-]*:)|(\b(?:AND|OR|NOT|TO)\b)/g;

/** The text of a search in colours, under the input that holds it; `mark` is underlined as not understood. */
export function QueryInk({
  text,
  mark,
  inkRef,
}: {
  text: string;
  mark: Position | null;
  inkRef: RefObject<HTMLDivElement | null>;
}) {
  const end = mark ? Math.max(mark.end, mark.start + 1) : 0;
  return (
    <div className={styles.ink} aria-hidden="true" ref={inkRef}>
      {mark ? (
        <>
          {coloured(text.slice(0, mark.start))}
          <u className={styles.refused} data-testid="search-mark">
            {coloured(text.slice(mark.start, end).padEnd(1, ' '))}
          </u>
          {coloured(text.slice(end))}
        </>
      ) : (
        coloured(text)
      )}
    </div>
  );
}

function coloured(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let done = 0;
  for (const match of text.matchAll(INK)) {
    parts.push(text.slice(done, match.index));
    const [whole, quoted, field] = match;
    const tone = quoted ? '' : field ? styles.name : styles.word;
    parts.push(
      <span key={match.index} className={tone}>
        {whole}
      </span>,
    );
    done = match.index + whole.length;
  }
  parts.push(text.slice(done));
  return parts;
}
