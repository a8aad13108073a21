import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { overviewQuery, type Tile } from '../../api/explore.ts';
import { Chip } from '../../parts/Chip.tsx';
import { exploreSearch } from '../../parts/explore/explore_search.ts';
import { useIsVisible } from '../../parts/explore/live.ts';
import { FirstRun, useArrivals } from '../../parts/FirstSteps.tsx';
import { PageTop } from '../../parts/PageTop.tsx';
import { useSearchChange } from '../../parts/page_left.ts';
import { RangePicker } from '../../parts/RangePicker.tsx';
import { boundsOf, isLive, questionKey } from '../../parts/range.ts';
import { Sparkline } from '../../parts/Sparkline.tsx';
import { Empty, Failed, Loading } from '../../parts/States.tsx';
import { useTitle } from '../../parts/title.ts';
import { FailedAnswers } from './FailedAnswers.tsx';
import styles from './OverviewPage.module.css';
import { changeOf, figureWords, wayOf, wordsOfTile } from './tiles.ts';

const route = getRouteApi('/shell/overview');

/** How it goes: each figure with its course, what it was before, and the way to what is behind it. */
export function OverviewPage() {
  useTitle('Overview');
  const search = route.useSearch();
  const change = useSearchChange<ReturnType<typeof route.useSearch>>();
  const isVisible = useIsVisible();
  const arrivals = useArrivals();
  const overview = useQuery({
    ...overviewQuery(
      questionKey(search, ''),
      () => ({ ...boundsOf(search), query: '' }),
      isLive(search) && isVisible,
    ),
    placeholderData: keepPreviousData,
  });
  const { refetch } = overview;
  const came = arrivals && `${arrivals.page} ${arrivals.agent}`;
  const known = useRef(came);
  useEffect(() => {
    // What has just arrived for the first time is in no figure yet.
    if (known.current !== undefined && known.current !== came) void refetch();
    known.current = came;
  }, [came, refetch]);
  return (
    <section className={styles.page} aria-label="Overview">
      <PageTop title="Overview" note="against the period before">
        <RangePicker range={search} onChange={({ from, to }) => change({ from, to }, true)} />
      </PageTop>
      {arrivals && <FirstRun arrivals={arrivals} />}
      {(overview.isPending || (overview.data && !arrivals)) && <Loading rows={6} />}
      {overview.error && <Failed error={overview.error} retry={() => void overview.refetch()} />}
      {overview.data === null && (
        <Empty title="This server counts no figures yet">Its lists hold all it knows.</Empty>
      )}
      {overview.data && (arrivals?.page || arrivals?.agent) && (
        <>
          <div className={styles.tiles}>
            {overview.data.tiles.map((tile) => (
              <TileCard key={tile.name} tile={tile} range={search} />
            ))}
          </div>
          <FailedAnswers range={search} countedAt={overview.dataUpdatedAt} />
        </>
      )}
    </section>
  );
}

function TileCard({
  tile,
  range,
}: {
  tile: Tile;
  range: { from?: string | undefined; to?: string | undefined };
}) {
  const { title, tone } = wordsOfTile(tile);
  const change = changeOf(tile);
  const way = wayOf(tile);
  const search = exploreSearch({ from: range.from, to: range.to, query: way.query });
  return (
    <Link
      to={way.to}
      search={search}
      className={styles.tile}
      data-testid="tile"
      data-name={tile.name}
      title={`Before: ${figureWords(tile.previous, tile.unit)}\nOpens ${way.words}`}
    >
      <span className={styles.title}>{title}</span>
      <span className={styles.figure}>
        <b>{figureWords(tile.value, tile.unit)}</b>
        {change && <Chip {...(change.tone ? { tone: change.tone } : {})}>{change.words}</Chip>}
      </span>
      <Sparkline points={tile.points} tone={tone} isCount={tile.unit === 'count' || tile.unit === 'usd'} />
    </Link>
  );
}
