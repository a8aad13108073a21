import { MantineProvider } from '@mantine/core';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/client.ts';
import { type AppRouter, createAppRouter } from './router.tsx';
import { cssVariables, theme } from './theme.ts';

/** Draws the interface into `#root`. */
export function start(queries: QueryClient): void {
  const router = createAppRouter(queries);
  forgetBetweenProjects(router, queries);
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

/** Another project is another world: nothing known of the one may be shown for the other. */
function forgetBetweenProjects(router: AppRouter, queries: QueryClient): void {
  const projectOf = ({ searchStr }: { searchStr: string }) => new URLSearchParams(searchStr).get('project');
  router.subscribe('onBeforeNavigate', ({ fromLocation, toLocation }) => {
    if (fromLocation && projectOf(fromLocation) !== projectOf(toLocation)) queries.clear();
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
