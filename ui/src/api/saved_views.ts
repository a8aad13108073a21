import { queryOptions } from '@tanstack/react-query';
import { get, patch, post, remove } from './client.ts';
import type { Signal } from './explore.ts';
import type { SavedView } from './types.ts';

export type { SavedView };

const VIEWS = '/saved-views';

/** The saved views of the project, of all lists. */
export function savedViewsQuery() {
  return queryOptions({
    queryKey: ['saved-views'],
    queryFn: async ({ signal }) => (await get<{ items: SavedView[] }>(VIEWS, {}, signal)).items,
    staleTime: 60_000,
  });
}

export async function saveView(signal: Signal, name: string, search: string): Promise<SavedView> {
  const view = await post<SavedView>(VIEWS, { signal, name, search });
  if (!view) throw new Error('the server said nothing of the saved view');
  return view;
}

export function changeView(id: string, change: Partial<Pick<SavedView, 'name' | 'search' | 'is_default'>>) {
  return patch<SavedView>(pathOf(id), change);
}

export function deleteView(id: string): Promise<void> {
  return remove(pathOf(id));
}

function pathOf(id: string): string {
  return `${VIEWS}/${encodeURIComponent(id)}`;
}
