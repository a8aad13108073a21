import type { User } from '../api/types.ts';

/** What to call a person: e-mail, name or id; a visitor by the start of their session's id. */
export function personName(user: User, sessionId?: string): string {
  return user.email ?? user.name ?? user.id ?? (sessionId ? `visitor ${sessionId.slice(0, 4)}` : 'unknown');
}

export function isKnown(user: User): boolean {
  return Boolean(user.email ?? user.name ?? user.id);
}

/** One or two letters for an avatar. */
export function initials(name: string): string {
  const words =
    name
      .split('@')[0]
      ?.split(/[\s._-]+/)
      .filter(Boolean) ?? [];
  const letters = words.length > 1 ? `${words[0]?.[0]}${words[1]?.[0]}` : (words[0] ?? '?').slice(0, 2);
  return letters.toUpperCase();
}
