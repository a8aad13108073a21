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

/** Whose time is shown: this browser's, or UTC. */
export type Zone = 'local' | 'utc';

let shownZone: Zone = 'local';

export function zone(): Zone {
  return shownZone;
}

/** All words made after this call are of that zone; what already stands is to be drawn anew. */
export function setZone(next: Zone): void {
  shownZone = next;
}

/** A format in the zone that is shown, made once a zone. */
function inZone(options: Intl.DateTimeFormatOptions): (date: Date) => string {
  const made = new Map<Zone, Intl.DateTimeFormat>();
  return (date) => {
    const of = shownZone;
    let format = made.get(of);
    if (!format) {
      format = new Intl.DateTimeFormat('en-GB', of === 'utc' ? { ...options, timeZone: 'UTC' } : options);
      made.set(of, format);
    }
    return format.format(date);
  };
}

const clock = inZone({ hour: '2-digit', minute: '2-digit' });
const clockSeconds = inZone({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = inZone({ day: 'numeric', month: 'short' });
const dayOfYear = inZone({ day: 'numeric', month: 'short', year: 'numeric' });
const year = inZone({ year: 'numeric' });
const exact = inZone({ dateStyle: 'full', timeStyle: 'long' });

function isSameDay(one: Date, other: Date): boolean {
  return dayOfYear(one) === dayOfYear(other);
}

/** A moment to the minute: `20 Nov, 14:02`, with its year when it is not this one. */
export function minuteWords(date: Date): string {
  const isThisYear = year(date) === year(new Date());
  return `${isThisYear ? day(date) : dayOfYear(date)}, ${clock(date)}`;
}

/** When something was, near moments relative: `now`, `4 m ago`, `14:02`, `20 Nov 14:02`. */
export function whenWords(at: string | number, now: number = Date.now()): string {
  const date = new Date(at);
  const ago = now - date.getTime();
  if (ago < 5_000 && ago > -MINUTE_MS) return 'now';
  if (ago >= 0 && ago < MINUTE_MS) return `${Math.floor(ago / 1_000)} s ago`;
  if (ago >= 0 && ago < HOUR_MS) return `${Math.floor(ago / MINUTE_MS)} m ago`;
  if (isSameDay(date, new Date(now))) return clock(date);
  return `${day(date)} ${clock(date)}`;
}

/** The day and second of a moment: `Today 14:02:11`, `20 Nov 14:02:11`. */
export function dayAndSecond(at: string | number, now: number = Date.now()): string {
  const date = new Date(at);
  const isToday = isSameDay(date, new Date(now));
  const isYesterday = isSameDay(date, new Date(now - DAY_MS));
  return `${isToday ? 'Today' : isYesterday ? 'Yesterday' : day(date)} ${clockSeconds(date)}`;
}

/** The time of day to the second: `14:02:11`. */
export function clockWords(at: string | number): string {
  return clockSeconds(new Date(at));
}

/** The whole truth of a moment, for a title: time with zone, then UTC with milliseconds. */
export function exactWords(at: string | number): string {
  const date = new Date(at);
  return `${exact(date)}\n${date.toISOString()}`;
}
