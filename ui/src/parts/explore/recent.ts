/** What this browser remembers between visits; a browser that keeps nothing forgets it and goes on. */

const RECENT_SHOWN = 8;

export function recall(name: string): string | null {
  try {
    return window.localStorage.getItem(`diptych.${name}`);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string | null): void {
  try {
    if (value === null) window.localStorage.removeItem(`diptych.${name}`);
    else window.localStorage.setItem(`diptych.${name}`, value);
  } catch {
    // Private windows may refuse; the URL still holds it.
  }
}

/** The last searches of a signal, the newest first. */
export function recentQueries(signal: string): string[] {
  try {
    const known: unknown = JSON.parse(recall(`recent.${signal}`) ?? '[]');
    return Array.isArray(known) ? known.filter((one): one is string => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

export function rememberQuery(signal: string, query: string): void {
  if (!query) return;
  const others = recentQueries(signal).filter((one) => one !== query);
  remember(`recent.${signal}`, JSON.stringify([query, ...others].slice(0, RECENT_SHOWN)));
}
