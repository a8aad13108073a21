import type { QueryClient } from '@tanstack/react-query';
import { arrivalsQuery } from './api/arrivals.ts';
import { evaluationSummaryQuery } from './api/evaluations.ts';
import { overviewQuery, type Signal } from './api/explore.ts';
import { healthQuery } from './api/health.ts';
import { keysQuery } from './api/keys.ts';
import { fetchSessions, fetchSpans, fetchTraces, fetchTurns, listQuery } from './api/lists.ts';
import { replayQuery } from './api/replay.ts';
import { sessionEventsQuery, sessionQuery, sessionTracesQuery } from './api/sessions.ts';
import { traceQuery } from './api/traces.ts';
import { sessionTurnsQuery } from './api/turns.ts';
import { PAGES } from './pages.ts';
import { boundsOf, questionKey, type Range } from './parts/range.ts';

type Search = Record<string, string | undefined>;

interface Screen {
  code: () => Promise<unknown>;
  /** Asks what the screen shows first; `id`: of the session or trace in the path. */
  ask: (queries: QueryClient, search: Search, id: string) => void;
}

/** By the path, an id in it as `*`. The questions are the pages' own: a page finds them asked. */
const SCREENS: Record<string, Screen> = {
  '/overview': { code: PAGES.overview, ask: askOverview },
  '/sessions': { code: PAGES.sessions, ask: listOf('sessions', fetchSessions, askSession) },
  '/sessions/*': { code: PAGES.session, ask: (queries, _, id) => askSession(queries, id) },
  '/sessions/*/diptych': { code: PAGES.diptych, ask: askDiptych },
  '/traces': { code: PAGES.traces, ask: listOf('traces', fetchTraces, askTrace) },
  '/traces/*': { code: PAGES.trace, ask: (queries, _, id) => askTrace(queries, id) },
  '/spans': { code: PAGES.spans, ask: listOf('spans', fetchSpans) },
  '/answers': { code: PAGES.answers, ask: listOf('turns', fetchTurns) },
  '/evaluations': { code: PAGES.evaluations, ask: askEvaluations },
  '/settings': { code: PAGES.settings, ask: askSettings },
};

/**
 * Asks what the screen at an address needs first, its code and the server's answers, all at once: so that the server
 * answers while the browser still reads the code. What fails here is asked again by the page.
 */
export function askFirst(
  queries: QueryClient,
  { pathname, search }: { pathname: string; search: string },
): void {
  const [, , id] = pathname.split('/');
  const screen = SCREENS[screenOf(pathname)];
  if (!screen) return;
  // Code first: a browser opens six connections to a server, and files are served at once.
  void screen.code();
  screen.ask(queries, Object.fromEntries(new URLSearchParams(search)), idOf(id ?? ''));
}

/** Whether an address is that of one session or trace, not of a list of them. */
export function isOfOne(pathname: string): boolean {
  return screenOf(pathname).includes('*');
}

/** The path of a screen, an id in it as `*`. */
function screenOf(pathname: string): string {
  const [, first = '', id, below] = pathname.split('/');
  return `/${first}${id ? '/*' : ''}${below ? `/${below}` : ''}`;
}

/** As the router has it; what cannot be read as one stays as it stands there. */
function idOf(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function rangeOf({ from, to }: Search): Range {
  return { from, to };
}

function listOf<Item>(
  signal: Signal,
  fetchPage: Parameters<typeof listQuery<Item>>[3],
  askChosen?: (queries: QueryClient, id: string) => void,
): Screen['ask'] {
  return (queries, search) => {
    const [range, query] = [rangeOf(search), search.query ?? ''];
    const question = () => ({ ...boundsOf(range), query });
    void queries.prefetchInfiniteQuery(listQuery(signal, questionKey(range, query), question, fetchPage));
    if (search.selected) askChosen?.(queries, search.selected);
  };
}

function askSession(queries: QueryClient, id: string): void {
  void queries.prefetchQuery(sessionQuery(id));
  void queries.prefetchInfiniteQuery(sessionEventsQuery(id));
  void queries.prefetchQuery(sessionTracesQuery(id));
  void queries.prefetchQuery(replayQuery(id));
}

function askTrace(queries: QueryClient, id: string): void {
  void queries.prefetchQuery(traceQuery(id));
}

/**
 * The first picture waits for the trace that a Diptych opens at, the one in the address, else the session's first:
 * answers and events, which are drawn around it, are asked for by the page when it is there.
 */
function askDiptych(queries: QueryClient, search: Search, id: string): void {
  if (search.trace) askTrace(queries, search.trace);
  else if (!search.at && !search.turn) void askFirstTrace(queries, id);
  void queries.prefetchQuery(sessionTracesQuery(id));
  void queries.prefetchQuery(sessionQuery(id));
  void queries.prefetchQuery(replayQuery(id));
  if (search.turn) void queries.prefetchQuery(sessionTurnsQuery(id));
}

async function askFirstTrace(queries: QueryClient, sessionId: string): Promise<void> {
  const asked = sessionTracesQuery(sessionId);
  await queries.prefetchQuery(asked);
  const first = queries.getQueryData(asked.queryKey)?.items[0];
  if (first) askTrace(queries, first.trace_id);
}

function askOverview(queries: QueryClient, search: Search): void {
  const range = rangeOf(search);
  const question = () => ({ ...boundsOf(range), query: '' });
  void queries.prefetchQuery(overviewQuery(questionKey(range, ''), question, false));
  void queries.prefetchQuery(arrivalsQuery());
}

function askEvaluations(queries: QueryClient, search: Search): void {
  const range = rangeOf(search);
  const by = search.by === 'prompt' || search.by === 'ml_app' ? search.by : 'model';
  const asked = evaluationSummaryQuery(
    questionKey(range, ''),
    () => boundsOf(range),
    search.label ?? '',
    by,
    false,
  );
  void queries.prefetchQuery(asked);
}

function askSettings(queries: QueryClient): void {
  void queries.prefetchQuery(healthQuery());
  void queries.prefetchQuery(keysQuery());
}
