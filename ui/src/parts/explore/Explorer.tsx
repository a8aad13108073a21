import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import type { Signal } from '../../api/explore.ts';
import type { FetchPage } from '../../api/lists.ts';
import { countWords } from '../amounts.ts';
import { useKeys } from '../keys.ts';
import { ListNote } from '../ListNote.tsx';
import { ListPage } from '../ListPage.tsx';
import { useLiveList } from '../live_list.ts';
import { RangePicker } from '../RangePicker.tsx';
import { type Column, Rows } from '../Rows.tsx';
import { type Range, rangeWords } from '../range.ts';
import { Empty, Failed, Loading } from '../States.tsx';
import styles from './Explorer.module.css';
import { ExportMenu } from './ExportMenu.tsx';
import type { Density, ExploreSearch } from './explore_search.ts';
import { FacetDrawer } from './FacetDrawer.tsx';
import { FacetRail, FacetSkeleton, useFacets } from './FacetRail.tsx';
import { Histogram, totalOf, useCounts } from './Histogram.tsx';
import { LiveToggle } from './LiveToggle.tsx';
import { keepList } from './last_list.ts';
import { recall, remember } from './recent.ts';
import { SavedViews } from './SavedViews.tsx';
import { SearchBar } from './SearchBar.tsx';
import { ViewMenu } from './ViewMenu.tsx';
import { chooseZone } from './zone.ts';

interface Properties<Item> {
  signal: Signal;
  title: string;
  /** What the rows are, in the plural, for counts. */
  noun: string;
  tone: 'person' | 'machine';
  placeholder: string;
  columns: Column<Item>[];
  /** What a narrow list tells below a row's columns. */
  below: (item: Item) => ReactNode;
  idOf: (item: Item) => string;
  fetchPage: FetchPage<Item>;
  search: ExploreSearch;
  /** Puts these parts into the URL; undefined takes one out. `isStep`: worth a step of the browser's history. */
  onSearch: (change: Partial<ExploreSearch>, isStep: boolean) => void;
  onSelect: (id: string | undefined) => void;
  onOpen: (item: Item) => void;
  /** The chosen row's own panel. */
  panel: ReactNode | null;
  /** What to do where nothing was ever sent; shown while no search and nothing else narrows the list. */
  firstSteps: ReactNode;
  testId: string;
  /** At the title: the way to the same thing in another cut. */
  beside?: ReactNode;
  /** Between the histogram and the list. */
  children?: ReactNode;
}

/**
 * A list to find things in: search, facets, histogram, columns, saved views, live rows. The URL holds all
 * of it; keys: `/` search, `j` `k` choose, `enter` opens, `esc` closes.
 */
export function Explorer<Item>(properties: Properties<Item>) {
  const { signal, search, onSearch, onSelect, idOf, title } = properties;
  const query = search.query ?? '';
  const list = useLiveList(signal, search, query, properties.fetchPage, idOf);
  useEffect(() => keepList(signal, search), [signal, search]);
  useKeys({ escape: () => onSelect(undefined) });
  const ask = useCallback(
    (next: string) => onSearch({ query: next || undefined, selected: undefined }, true),
    [onSearch],
  );
  const onRange = (range: Range) => onSearch({ from: range.from, to: range.to, selected: undefined }, true);
  const refusal = list.error instanceof ApiError && list.error.where === 'query' ? list.error : null;
  // Asked for when the menu opens: what is told of it draws nothing anew.
  const width = useRef(0);
  const keepWidth = useCallback((now: number) => {
    width.current = now;
  }, []);
  const listWidth = useCallback(() => width.current, []);
  const look = useLook(signal, search, properties.columns, onSearch);
  const isFound = !list.isLoading && !refusal;
  const { data: facets, isPending } = useFacets(signal, query, search, isFound);
  const isEmpty = !list.isLoading && !list.error && list.items.length === 0;
  const awaitsFacets = isPending && !refusal;
  return (
    <ListPage
      title={title}
      note={
        <>
          <Count signal={signal} query={query} range={search} isFound={isFound} />
          <ListNote list={refusal ? { error: null } : list} range={search} />
        </>
      }
      tools={
        <>
          {properties.beside}
          <SavedViews signal={signal} search={search} onSearch={onSearch} />
          <LiveToggle range={search} onChange={(live) => onSearch({ live }, false)} />
          <RangePicker range={search} onChange={onRange} />
        </>
      }
      panel={properties.panel}
    >
      <div className={styles.tools}>
        <SearchBar
          signal={signal}
          query={query}
          range={search}
          placeholder={properties.placeholder}
          refusal={refusal}
          onSearch={ask}
        />
        <ViewMenu
          columns={properties.columns}
          chosen={look.columnIds}
          listWidth={listWidth}
          density={look.density}
          onColumns={look.showColumns}
          onDensity={look.setDensity}
          onZone={chooseZone}
        />
        <ExportMenu signal={signal} query={query} range={search} />
        {facets && facets.length > 0 && (
          <FacetDrawer signal={signal} query={query} range={search} isFound={isFound} onSearch={ask} />
        )}
      </div>
      {!refusal && (
        <Histogram
          signal={signal}
          query={query}
          range={search}
          isFound={isFound}
          tone={properties.tone}
          noun={properties.noun}
          onRange={onRange}
        />
      )}
      {properties.children}
      <div className={styles.columns}>
        {(awaitsFacets || (facets && facets.length > 0)) && !(isEmpty && !query) && (
          <div className={styles.facets}>
            {awaitsFacets && <FacetSkeleton />}
            <FacetRail signal={signal} query={query} range={search} isFound={isFound} onSearch={ask} />
          </div>
        )}
        <div className={styles.list}>
          {list.isLoading && <Loading rows={12} />}
          {list.error && !refusal && list.items.length === 0 && (
            <Failed error={list.error} retry={list.retry} />
          )}
          {refusal && list.items.length === 0 && (
            <Empty title="This search cannot be understood">
              <p>
                The mark in the search shows where. Fields are completed as you type; words, fields and ranges
                can be joined with AND, OR and brackets.
              </p>
            </Empty>
          )}
          {isEmpty && (
            <Nothing noun={properties.noun} query={query} range={search} onSearch={ask}>
              {properties.firstSteps}
            </Nothing>
          )}
          {list.items.length > 0 && (
            <Rows
              items={list.items}
              columns={properties.columns}
              shownIds={look.columnIds}
              density={look.density}
              below={properties.below}
              onWidth={keepWidth}
              idOf={idOf}
              selectedId={search.selected ?? null}
              onSelect={(item) => onSelect(idOf(item))}
              onOpen={properties.onOpen}
              onNearEnd={list.loadMore}
              isLoadingMore={list.isLoadingMore}
              tone={properties.tone}
              testId={properties.testId}
              label={title}
            />
          )}
        </div>
      </div>
    </ListPage>
  );
}

/** How many there are, where the server counts them; nothing while what was asked before is all that is known. */
function Count(properties: { signal: Signal; query: string; range: Range; isFound: boolean }) {
  const { signal, query, range, isFound } = properties;
  const { data: counts, isPlaceholderData } = useCounts(signal, 'count', query, range, isFound);
  if (!counts || isPlaceholderData) return null;
  return <>{countWords(totalOf(counts))} · </>;
}

/** Nothing to list: the search found nothing, or nothing was sent in this time. */
function Nothing(properties: {
  noun: string;
  query: string;
  range: Range;
  onSearch: (query: string) => void;
  children: ReactNode;
}) {
  const { noun, query, range } = properties;
  if (query) {
    return (
      <Empty title={`No ${noun} match this search`}>
        <p>
          {rangeWords(range)}. Widen the time, or{' '}
          <button type="button" className={styles.link} onClick={() => properties.onSearch('')}>
            empty the search
          </button>
          .
        </p>
      </Empty>
    );
  }
  return <Empty title={`No ${noun}: ${rangeWords(range).toLowerCase()}`}>{properties.children}</Empty>;
}

interface Look {
  columnIds: string[] | null;
  density: Density;
  showColumns: (ids: string[] | null) => void;
  setDensity: (density: Density) => void;
}

/** Columns and density: what the URL says, else what was last chosen in this browser. */
function useLook<Item>(
  signal: Signal,
  search: ExploreSearch,
  columns: Column<Item>[],
  onSearch: Properties<Item>['onSearch'],
): Look {
  const [preferred, setPreferred] = useState(() => ({
    columns: recall(`columns.${signal}`),
    density: recall('density'),
  }));
  const names = search.columns ?? preferred.columns;
  const ids = names?.split(',').filter((id) => columns.some((column) => column.id === id)) ?? [];
  return {
    columnIds: ids.length > 0 ? ids : null,
    density: search.density ?? (preferred.density === 'compact' ? 'compact' : 'cosy'),
    showColumns: (chosen) => {
      const columns = chosen?.join(',') ?? null;
      setPreferred((now) => ({ ...now, columns }));
      remember(`columns.${signal}`, columns);
      onSearch({ columns: columns ?? undefined }, false);
    },
    setDensity: (density) => {
      setPreferred((now) => ({ ...now, density }));
      remember('density', density);
      onSearch({ density }, false);
    },
  };
}
