import { queryOptions } from '@tanstack/react-query';
import { get } from './client.ts';
import type { Page, Verdict, Verdicts } from './types.ts';

export type Judged = 'session' | 'trace';

interface Asked {
  tell: (verdicts: Verdict[]) => void;
  fail: (reason: unknown) => void;
}

/** As many as the server takes in one request. */
const MOST_IDS = 100;

/** Judges take their time: a row that stays in sight is looked at again. */
const AGAIN_MS = 15_000;

/** What is asked for until the rows of a list are there, by its id. */
const waiting: Record<Judged, Map<string, Asked[]>> = { session: new Map(), trace: new Map() };

/** How a session or trace was judged, the worst first. The rows of a list ask for it in one request. */
export function verdictsQuery(judged: Judged, id: string) {
  return queryOptions({
    queryKey: ['verdicts', judged, id],
    queryFn: () => verdictsOn(judged, id),
    staleTime: AGAIN_MS,
    refetchInterval: AGAIN_MS,
  });
}

function verdictsOn(judged: Judged, id: string): Promise<Verdict[]> {
  return new Promise((tell, fail) => {
    const asked = waiting[judged];
    // Rows that are drawn together ask in one task.
    if (asked.size === 0) setTimeout(() => void ask(judged));
    asked.set(id, [...(asked.get(id) ?? []), { tell, fail }]);
  });
}

async function ask(judged: Judged): Promise<void> {
  const asked = [...waiting[judged]];
  waiting[judged].clear();
  for (let first = 0; first < asked.length; first += MOST_IDS) {
    const some = asked.slice(first, first + MOST_IDS);
    try {
      const found = await get<Page<Verdicts>>('/verdicts', {
        [`${judged}_id`]: some.map(([id]) => id),
      });
      const byId = new Map(found.items.map((item) => [item.id, item.verdicts]));
      for (const [id, all] of some) for (const one of all) one.tell(byId.get(id) ?? []);
    } catch (reason) {
      for (const [, all] of some) for (const one of all) one.fail(reason);
    }
  }
}
