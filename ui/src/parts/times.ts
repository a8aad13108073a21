/** Words for moments and lengths of time. Lengths are milliseconds; moments RFC 3339 or epoch ms. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A length as a person says it: `80 ms`, `3.20 s`, `6 m 40 s`, `2 h 5 m`. */
export function lengthWords(ms: number): string {
  if (ms < 0.995) return ms <= 0 ? '0 ms' : `${ms.toFixed(2)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_995) return `${(ms / 1_000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} m`;
}

/** A position on a timeline: `0:38`, `11:04`, `1:02:09`. */
export function positionWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const CLOCK_SECONDS = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const EXACT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' });

/** When something was, near moments relative: `now`, `4 m ago`, `14:02`, `20 Nov 14:02`. */
export function whenWords(at: string | number, now: number = Date.now()): string {
  const date = new Date(at);
  const ago = now - date.getTime();
  if (ago < 5_000 && ago > -MINUTE_MS) return 'now';
  if (ago >= 0 && ago < MINUTE_MS) return `${Math.floor(ago / 1_000)} s ago`;
  if (ago >= 0 && ago < HOUR_MS) return `${Math.floor(ago / MINUTE_MS)} m ago`;
  if (date.toDateString() === new Date(now).toDateString()) return CLOCK.format(date);
  return `${DAY.format(date)} ${CLOCK.format(date)}`;
}

/** The day and second of a moment: `Today 14:02:11`, `20 Nov 14:02:11`. */
export function dayAndSecond(at: string | number, now: number = Date.now()): string {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date(now).toDateString();
  const isYesterday = date.toDateString() === new Date(now - DAY_MS).toDateString();
  return `${isToday ? 'Today' : isYesterday ? 'Yesterday' : DAY.format(date)} ${CLOCK_SECONDS.format(date)}`;
}

/** The whole truth of a moment, for a title: local time with zone, then UTC with milliseconds. */
export function exactWords(at: string | number): string {
  const date = new Date(at);
  return `${EXACT.format(date)}\n${date.toISOString()}`;
}
