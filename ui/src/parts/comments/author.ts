import { recall, remember } from '../explore/recent.ts';

const NAME = 'author';

/** What this browser's person last called themselves; a sign-in has no name yet. */
export function recallAuthor(): string {
  return recall(NAME) ?? '';
}

export function rememberAuthor(name: string): void {
  remember(NAME, name || null);
}
