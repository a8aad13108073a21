import { queryOptions } from '@tanstack/react-query';
import { get, post, remove } from './client.ts';
import type { MadeKey, ProjectKey } from './types.ts';

const KEYS = '/keys';

export type SenderKind = 'client' | 'server';

/** The keys of the project, oldest first, without their secrets. */
export function keysQuery() {
  return queryOptions({
    queryKey: ['keys'],
    queryFn: async ({ signal }) => (await get<{ items: ProjectKey[] }>(KEYS, {}, signal)).items,
  });
}

/** Makes a key; its secret is told this once. */
export async function makeKey(kind: SenderKind): Promise<MadeKey> {
  const made = await post<MadeKey>(KEYS, { kind });
  if (!made) throw new Error('the server said nothing of the key');
  return made;
}

/** Ends a key: its senders are refused from then on. */
export function revokeKey(id: string): Promise<void> {
  return remove(`${KEYS}/${encodeURIComponent(id)}`);
}
