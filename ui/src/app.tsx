import { MantineProvider } from '@mantine/core';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/client.ts';
import { askFirst, isOfOne } from './first_questions.ts';
import { type AppRouter, createAppRouter } from './router.tsx';
import { cssVariables, theme } from './theme.ts';

/** Draws the interface into `#root`. */
export function start(queries: QueryClient): void {
  const router = createAppRouter(queries);
  forgetBetweenProjects(router, queries);
  askOnTheWay(router, queries);
  goToSignInWhenSignedOut(router, queries);
  const place = document.getElementById('root');
  if (!place) throw new Error('index.html has no #root');
  createRoot(place).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

const projectOf = ({ searchStr }: { searchStr: string }) => new URLSearchParams(searchStr).get('project');

/** Another project is another world: nothing known of the one may be shown for the other. */
function forgetBetweenProjects(router: AppRouter, queries: QueryClient): void {
  router.subscribe('onBeforeNavigate', ({ fromLocation, toLocation }) => {
    if (fromLocation && projectOf(fromLocation) !== projectOf(toLocation)) queries.clear();
  });
}

/** A page of one thing that is opened from within is asked for while its code is on its way, as the first one is. */
function askOnTheWay(router: AppRouter, queries: QueryClient): void {
  router.subscribe('onBeforeNavigate', ({ fromLocation, toLocation, pathChanged }) => {
    // The address still names the project before: what is asked now would be asked of that.
    if (!fromLocation || !pathChanged || projectOf(fromLocation) !== projectOf(toLocation)) return;
    const { pathname, searchStr } = toLocation;
    if (isOfOne(pathname)) askFirst(queries, { pathname, search: searchStr });
  });
}

/** What was refused before this watches is asked again by the page that needs it. */
function goToSignInWhenSignedOut(router: AppRouter, queries: QueryClient): void {
  queries.getQueryCache().subscribe((event) => {
    if (event.type !== 'updated' || event.action.type !== 'error') return;
    const { error } = event.action;
    if (!(error instanceof ApiError) || error.status !== 401) return;
    const { pathname, href } = router.state.location;
    if (pathname !== '/sign-in')
      void router.navigate({ to: '/sign-in', search: { next: href }, replace: true });
  });
}
