import type { Bounds } from '../api/sessions.ts';
import { minuteWords } from './times.ts';

/** The time ranges offered; `from` is what stands in the URL. */
export const PRESETS = [
  { from: 'now-15m', label: 'Last 15 minutes', ms: 15 * 60_000 },
  { from: 'now-1h', label: 'Last hour', ms: 3_600_000 },
  { from: 'now-4h', label: 'Last 4 hours', ms: 4 * 3_600_000 },
  { from: 'now-24h', label: 'Last 24 hours', ms: 24 * 3_600_000 },
  { from: 'now-7d', label: 'Last 7 days', ms: 7 * 86_400_000 },
  { from: 'now-30d', label: 'Last 30 days', ms: 30 * 86_400_000 },
] as const;

export const DEFAULT_FROM = 'now-24h';

/** A time range as the URL holds it: a preset's `from`, or two RFC 3339 moments. */
export interface Range {
  from?: string | undefined;
  to?: string | undefined;
  /** `off` holds what is shown still, though the range goes on. */
  live?: 'off' | undefined;
}

/** The bounds to ask the server for, as of `now`. A range without `to` is live. */
export function boundsOf(range: Range, now: number = Date.now()): Bounds {
  const from = range.from ?? DEFAULT_FROM;
  const preset = PRESETS.find((one) => one.from === from);
  const start = preset ? now - preset.ms : Date.parse(from);
  return {
    from: new Date(Number.isNaN(start) ? now - 86_400_000 : start).toISOString(),
    to: range.to && !preset ? range.to : null,
  };
}

/** The question of a range and a search, as answers to it are kept. */
export function questionKey(range: Range, query: string): (string | null)[] {
  return [range.from ?? null, range.to ?? null, query];
}

/** Whether what arrives now is shown. */
export function isLive(range: Range): boolean {
  return goesOn(range) && range.live !== 'off';
}

/** Whether the range has no end, so that what arrives belongs to it. */
export function goesOn(range: Range): boolean {
  return !range.to;
}

/** The range in words, for its button. */
export function rangeWords(range: Range): string {
  const from = range.from ?? DEFAULT_FROM;
  const preset = PRESETS.find((one) => one.from === from);
  if (preset) return preset.label;
  const start = new Date(from);
  if (Number.isNaN(start.getTime())) return 'Last 24 hours';
  return `${minuteWords(start)} – ${range.to ? minuteWords(new Date(range.to)) : 'now'}`;
}
