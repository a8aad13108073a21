import '@fontsource-variable/inter/standard.css';
import '@fontsource-variable/jetbrains-mono/index.css';
import './mantine.css';
import './tokens.css';
import { MantineProvider } from '@mantine/core';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/client.ts';
import { createAppRouter } from './router.tsx';
import { cssVariables, theme } from './theme.ts';

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: goToSignInWhenSignedOut }),
  defaultOptions: {
    queries: { retry: mayRetry, staleTime: 5_000, refetchOnWindowFocus: false },
  },
});
const router = createAppRouter(queries);

// Another project is another world: nothing known of the one may be shown for the other.
router.subscribe('onBeforeNavigate', ({ fromLocation, toLocation }) => {
  const projectOf = ({ searchStr }: { searchStr: string }) => new URLSearchParams(searchStr).get('project');
  if (fromLocation && projectOf(fromLocation) !== projectOf(toLocation)) queries.clear();
});

/** Only what may pass by itself is tried again: no answer, a busy or failing server. */
function mayRetry(failures: number, error: Error): boolean {
  const mayPass =
    !(error instanceof ApiError) || error.status === 0 || error.status === 429 || error.status >= 500;
  return mayPass && failures < 2;
}

function goToSignInWhenSignedOut(error: Error): void {
  if (!(error instanceof ApiError) || error.status !== 401) return;
  const { pathname, href } = router.state.location;
  if (pathname !== '/sign-in')
    void router.navigate({ to: '/sign-in', search: { next: href }, replace: true });
}

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
