import { queryOptions } from '@tanstack/react-query';
import { getHealth } from './client.ts';
import type { Health } from './types.ts';

const REFETCH_MS = 10_000;

/** How the server does, with what it had to drop since it started. */
export function healthQuery() {
  return queryOptions({
    queryKey: ['health'],
    queryFn: ({ signal }) => getHealth<Health>(signal),
    refetchInterval: REFETCH_MS,
  });
}
