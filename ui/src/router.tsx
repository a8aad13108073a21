import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  Link,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { PAGES } from './pages.ts';
import { exploreSearch } from './parts/explore/explore_search.ts';
import { Shell } from './parts/Shell.tsx';
import { Empty, Failed } from './parts/States.tsx';
import type { SessionPlace } from './parts/session/place.ts';
import type { TracePlace } from './parts/trace/place.ts';

/** `?project=` goes along on every link, where the person may see several. */
interface ProjectSearch {
  project?: string | undefined;
}

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  validateSearch: (search): ProjectSearch => defined({ project: text(search.project) }),
  search: {
    middlewares: [
      ({ search, next }) => {
        const result = next(search);
        return search.project && !result.project ? { ...result, project: search.project } : result;
      },
    ],
  },
  notFoundComponent: () => (
    <main>
      <Empty title="There is no such page" isPage>
        <Link to="/overview">To the overview</Link>
      </Empty>
    </main>
  ),
  errorComponent: ({ error }) => (
    <Failed
      error={error instanceof Error ? error : new Error(String(error))}
      retry={() => window.location.reload()}
    />
  ),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search) => defined({ token: text(search.token), next: text(search.next) }),
  component: lazyRouteComponent(PAGES.signIn, 'SignInPage'),
});

const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell });

const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/overview', replace: true });
  },
});

const overview = createRoute({
  getParentRoute: () => shell,
  path: '/overview',
  validateSearch: (search) => defined({ from: text(search.from), to: text(search.to) }),
  component: lazyRouteComponent(PAGES.overview, 'OverviewPage'),
});

const settings = createRoute({
  getParentRoute: () => shell,
  path: '/settings',
  component: lazyRouteComponent(PAGES.settings, 'SettingsPage'),
});

const sessions = createRoute({
  getParentRoute: () => shell,
  path: '/sessions',
  validateSearch: (search) =>
    defined({
      ...exploreSearch(search),
      ...sessionPlace(search),
    }),
  component: lazyRouteComponent(PAGES.sessions, 'SessionsPage'),
});

const session = createRoute({
  getParentRoute: () => shell,
  path: '/sessions/$sessionId',
  validateSearch: (search) => defined(sessionPlace(search)),
  component: lazyRouteComponent(PAGES.session, 'SessionPage'),
});

const diptych = createRoute({
  getParentRoute: () => shell,
  path: '/sessions/$sessionId/diptych',
  validateSearch: (search) =>
    defined({
      at: integer(search.at),
      tab: text(search.tab),
      trace: text(search.trace),
      ...tracePlace(search),
      turn: text(search.turn),
      tray: diptychTray(search.tray),
      full: diptychPanel(search.full),
    }),
  component: lazyRouteComponent(PAGES.diptych, 'DiptychPage'),
});

const traces = createRoute({
  getParentRoute: () => shell,
  path: '/traces',
  validateSearch: (search) =>
    defined({
      ...exploreSearch(search),
      ...tracePlace(search),
    }),
  component: lazyRouteComponent(PAGES.traces, 'TracesPage'),
});

const spans = createRoute({
  getParentRoute: () => shell,
  path: '/spans',
  validateSearch: (search) => defined({ ...exploreSearch(search), ...tracePlace(search) }),
  component: lazyRouteComponent(PAGES.spans, 'SpansPage'),
});

const answers = createRoute({
  getParentRoute: () => shell,
  path: '/answers',
  validateSearch: (search) => defined({ ...exploreSearch(search), play: text(search.play) }),
  component: lazyRouteComponent(PAGES.answers, 'AnswersPage'),
});

const evaluations = createRoute({
  getParentRoute: () => shell,
  path: '/evaluations',
  validateSearch: (search) =>
    defined({
      from: text(search.from),
      to: text(search.to),
      label: text(search.label),
      by: group(search.by),
    }),
  component: lazyRouteComponent(PAGES.evaluations, 'EvaluationsPage'),
});
const trace = createRoute({
  getParentRoute: () => shell,
  path: '/traces/$traceId',
  validateSearch: (search) => defined(tracePlace(search)),
  component: lazyRouteComponent(PAGES.trace, 'TracePage'),
});

const docs = createRoute({
  getParentRoute: () => shell,
  path: '/docs/$name',
  component: lazyRouteComponent(PAGES.docs, 'DocPage'),
});

/** The whole map of the interface; the URL alone restores what is shown. */
export function createAppRouter(queries: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([
      signIn,
      shell.addChildren([
        home,
        overview,
        sessions,
        session,
        diptych,
        traces,
        spans,
        trace,
        answers,
        evaluations,
        settings,
        docs,
      ]),
    ]),
    context: { queries },
    parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
    stringifySearch: (search) => {
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(search))
        if (value !== undefined) query.set(name, String(value));
      return query.size > 0 ? `?${query}` : '';
    },
  });
}

export type AppRouter = ReturnType<typeof createAppRouter>;

declare module '@tanstack/react-router' {
  interface Register {
    router: AppRouter;
  }
}

const TRAYS = ['events', 'console', 'network', 'errors', 'comments'] as const;
/** What is listed below the replay. */
export type DiptychTray = (typeof TRAYS)[number];

function diptychTray(value: unknown): DiptychTray | undefined {
  return TRAYS.find((tray) => tray === value);
}

function diptychPanel(value: unknown): 'person' | 'agent' | undefined {
  return value === 'person' || value === 'agent' ? value : undefined;
}

function tracePlace(search: Record<string, unknown>): TracePlace {
  return {
    span: text(search.span),
    detail: text(search.detail),
    against: text(search.against),
    shape: search.shape === 'flame' ? 'flame' : undefined,
    find: text(search.find),
  };
}

function sessionPlace(search: Record<string, unknown>): SessionPlace {
  return {
    tab: sessionTab(search.tab),
    t: integer(search.t),
    view: text(search.view),
    event: text(search.event),
    requests: text(search.requests),
  };
}

const SESSION_TABS = ['timeline', 'performance', 'replay', 'traces', 'comments'] as const;
export type SessionTab = (typeof SESSION_TABS)[number];

function sessionTab(value: unknown): SessionTab | undefined {
  return SESSION_TABS.find((tab) => tab === value);
}

function group(value: unknown): 'model' | 'prompt' | 'ml_app' | undefined {
  return value === 'model' || value === 'prompt' || value === 'ml_app' ? value : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function integer(value: unknown): number | undefined {
  const number = Number(value);
  return value !== undefined && Number.isSafeInteger(number) ? number : undefined;
}

/** The object without its undefined members, so that they do not stand in the URL. */
function defined<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>;
}
