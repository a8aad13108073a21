import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Facet, facetsQuery, type Signal } from '../../api/explore.ts';
import { countWords } from '../amounts.ts';
import { Icon } from '../Icon.tsx';
import { boundsOf, isLive, questionKey, type Range } from '../range.ts';
import styles from './FacetRail.module.css';
import { standingOf, type Term, termsOf, toggled, withRange } from './query_text.ts';

export interface FacetsOf {
  signal: Signal;
  query: string;
  range: Range;
  /** Whether the list has been found. */
  isFound: boolean;
  onSearch: (query: string) => void;
}

/** Values of a facet shown before the rest is asked for. */
const SHOWN = 5;

/** Values of the facets that are drawn before they are there: about what most lists have. */
const SKELETON_VALUES = [2, 4, 3, 5, 3, 2, 4, 3];

/** Characters at the end of a value that are always shown. */
const TAIL_CHARACTERS = 4;

/** Fields whose values are words of ours; any other value is somebody's name and stands as it is. */
const WORDED = new Set(['frustration', 'reaction']);

/** The commonest values with their counts: a click includes one in the search, with Alt it is left out. */
export function FacetRail({ signal, query, range, isFound, onSearch }: FacetsOf) {
  const { data: facets, isPlaceholderData } = useFacets(signal, query, range, isFound);
  if (!facets || facets.length === 0) return null;
  const terms = termsOf(query);
  return (
    <div className={styles.rail} aria-busy={isPlaceholderData} data-testid="facets">
      {facets.map((facet) =>
        facet.kind === 'range' ? (
          <RangeFacet key={facet.field} facet={facet} query={query} onSearch={onSearch} />
        ) : (
          <TermFacet key={facet.field} facet={facet} terms={terms} query={query} onSearch={onSearch} />
        ),
      )}
    </div>
  );
}

/** Where the facets will be, while the list is found and they are counted. It stands still: what moves is drawn anew. */
export function FacetSkeleton() {
  return (
    <div className={styles.rail} aria-hidden="true" data-testid="facets-waiting">
      {SKELETON_VALUES.map((values, facet) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are only drawn
        <div key={facet} className={styles.lines}>
          <i className={styles.line} style={{ width: 64 }} />
          {Array.from({ length: values }, (_, value) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they are only drawn
            <i key={value} className={styles.line} style={{ width: widthOf(facet, value) }} />
          ))}
        </div>
      ))}
    </div>
  );
}

/** Of lines that are not there yet: of many lengths. */
function widthOf(facet: number, value: number): string {
  return `${82 - ((value * 23 + facet * 11) % 34)}%`;
}

/** The facets beside the list; while others are counted, those of the question before. */
export function useFacets(signal: Signal, query: string, range: Range, isFound: boolean) {
  return useQuery({
    placeholderData: keepPreviousData,
    ...facetsQuery(signal, questionKey(range, query), () => ({ ...boundsOf(range), query }), isLive(range)),
    enabled: isFound,
    retry: false,
  });
}

function TermFacet(properties: {
  facet: Facet;
  terms: Term[];
  query: string;
  onSearch: (query: string) => void;
}) {
  const { facet, terms, query, onSearch } = properties;
  const [isWhole, setWhole] = useState(false);
  if (facet.values.length === 0) return null;
  const shown = isWhole ? facet.values : facet.values.slice(0, SHOWN);
  return (
    <section className={styles.facet} aria-label={facet.label}>
      <h2 title={facet.field}>{facet.label}</h2>
      {shown.map(({ value, count }) => {
        const standing = standingOf(terms, facet.field, value);
        const words = WORDED.has(facet.field) ? value.replaceAll('_', ' ') : value;
        return (
          <button
            type="button"
            key={value}
            className={styles.value}
            aria-pressed={standing !== null}
            aria-label={`${words}, ${countWords(count)}`}
            data-standing={standing ?? undefined}
            title={`${value}\nClick: only these. Alt-click: all but these.`}
            onClick={(event) =>
              onSearch(toggled(query, facet.field, value, event.altKey || standing === 'out' ? 'out' : 'in'))
            }
          >
            <i className={styles.box} />
            <ValueWords words={words} />
            <span className={styles.count}>{countWords(count)}</span>
          </button>
        );
      })}
      {facet.values.length > SHOWN && (
        <button type="button" className={styles.more} onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Fewer' : `${facet.values.length - SHOWN} more`}
        </button>
      )}
    </section>
  );
}

/** Cut in its middle where it is too long: versions differ at their ends. */
function ValueWords({ words }: { words: string }) {
  return (
    <span className={styles.name}>
      <span>{words.slice(0, -TAIL_CHARACTERS)}</span>
      <span>{words.slice(-TAIL_CHARACTERS)}</span>
    </span>
  );
}

function RangeFacet({
  facet,
  query,
  onSearch,
}: {
  facet: Facet;
  query: string;
  onSearch: (query: string) => void;
}) {
  const [low, setLow] = useState('');
  const [high, setHigh] = useState('');
  if (facet.min == null || facet.max == null || facet.min === facet.max) return null;
  return (
    <form
      className={styles.facet}
      aria-label={facet.label}
      onSubmit={(event) => {
        event.preventDefault();
        onSearch(withRange(query, facet.field, low.trim(), high.trim()));
      }}
    >
      <h2 title={facet.field}>{facet.label}</h2>
      <div className={styles.range}>
        <input
          value={low}
          onChange={(event) => setLow(event.currentTarget.value)}
          placeholder={short(facet.min)}
          aria-label={`${facet.label} from`}
        />
        <span>–</span>
        <input
          value={high}
          onChange={(event) => setHigh(event.currentTarget.value)}
          placeholder={short(facet.max)}
          aria-label={`${facet.label} to`}
        />
        <button type="submit" aria-label={`Only this range of ${facet.label}`}>
          <Icon name="right" size={13} />
        </button>
      </div>
    </form>
  );
}

function short(value: number): string {
  return Number.isInteger(value) ? countWords(value) : value.toPrecision(3);
}
