/** A small shop with TanStack Router, as a user of the package writes it; `react.spec.ts` bundles and opens it. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  Outlet,
  RouterProvider,
  useMatches,
  useRouterState,
} from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { diptych } from '../src/index.js';
import { addReactError, ErrorBoundary, reactPlugin, useRouterView } from '../src/react.js';

const { url } = document.body.dataset;
diptych.init({
  applicationId: 'shop',
  clientToken: 'k',
  url: url ?? '/',
  plugins: [reactPlugin({ router: true })],
});

/** What is behind a route is loaded for this long. */
const SLOW_MS = 300;

function Shop() {
  useRouterView(useMatches());
  // As a bar that shows that a page is being loaded: the shop is rendered anew while it stays where it is.
  const isLoading = useRouterState({ select: ({ isLoading }) => isLoading });
  return (
    <ErrorBoundary
      fallback={({ error, resetError }) => (
        <p>
          Sorry: {String(error)}{' '}
          <button type="button" onClick={resetError}>
            Again
          </button>
        </p>
      )}
    >
      <Link to="/">Home</Link>{' '}
      <Link to="/tents/$id" params={{ id: '1' }}>
        One
      </Link>{' '}
      <Link to="/tents/$id" params={{ id: '2' }}>
        Two
      </Link>{' '}
      <Link to="/slow">Slow</Link> <Link to="/broken">Broken</Link> <i>{isLoading ? 'loading' : ''}</i>
      <Outlet />
    </ErrorBoundary>
  );
}

function Broken(): never {
  throw new Error('no such tent');
}

const root = createRootRoute({ component: Shop });
const routes = [
  createRoute({ getParentRoute: () => root, path: '/', component: () => <h1>Tents</h1> }),
  createRoute({ getParentRoute: () => root, path: '/tents/$id', component: () => <h1>A tent</h1> }),
  createRoute({
    getParentRoute: () => root,
    path: '/slow',
    loader: () => new Promise((done) => setTimeout(() => done(null), SLOW_MS)),
    gcTime: 0,
    component: () => <h1>Far away</h1>,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/broken',
    component: () => (
      <ErrorBoundary fallback={<p>Sorry about that</p>}>
        <Broken />
      </ErrorBoundary>
    ),
  }),
];
const router = createRouter({ routeTree: root.addChildren(routes) });
// For errors that other boundaries catch.
createRoot(document.getElementById('app') as HTMLElement, { onCaughtError: addReactError }).render(
  <StrictMode>
    <RouterProvider router={router} />
  </StrictMode>,
);
