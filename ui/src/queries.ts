import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './api/client.ts';

/** What is known of the server's answers. */
export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { retry: mayRetry, staleTime: 5_000, refetchOnWindowFocus: false } },
  });
}

/** Only what may pass by itself is tried again: no answer, a busy or failing server. */
function mayRetry(failures: number, error: Error): boolean {
  const mayPass =
    !(error instanceof ApiError) || error.status === 0 || error.status === 429 || error.status >= 500;
  return mayPass && failures < 2;
}
