import { queryOptions } from '@tanstack/react-query';
import { fetchSessions, fetchTraces } from './lists.ts';

const EVER = '1970-01-01T00:00:00Z';

/** Which sides have ever sent something to this project. */
export interface Arrivals {
  page: boolean;
  agent: boolean;
}

export function arrivalsQuery() {
  return queryOptions({
    queryKey: ['arrivals'],
    queryFn: async ({ signal }): Promise<Arrivals> => {
      const question = { from: EVER, to: null, query: '', limit: 1 };
      const [sessions, traces] = await Promise.all([
        fetchSessions(question, null, signal),
        fetchTraces(question, null, signal),
      ]);
      return { page: sessions.items.length > 0, agent: traces.items.length > 0 };
    },
  });
}
