import { queryOptions } from '@tanstack/react-query';
import { get, post } from './client.ts';
import type { Me } from './types.ts';

/** Who is signed in, and the projects they may see. */
export function meQuery() {
  return queryOptions({
    queryKey: ['me'],
    queryFn: ({ signal }) => get<Me>('/me', {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Spends a one-time token for a cookie. Only ever called from a click, so link previews cannot burn it. */
export async function signIn(token: string): Promise<void> {
  await post('/sign-in', { token });
}

/** Ends the cookie of this browser. */
export async function signOut(): Promise<void> {
  await post('/sign-out', {});
}
