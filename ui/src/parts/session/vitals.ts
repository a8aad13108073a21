import type { Verdict } from '../Chip.tsx';
import { lengthWords } from '../times.ts';

/**
 * Web Vitals and where they stop being good and start being poor: web-vitals' own thresholds,
 * https://web.dev/articles/vitals#core-web-vitals. A value at a threshold is still on its better side.
 */
const VITALS = [
  { name: 'LCP', field: 'largest_contentful_paint', unit: 'ns', good: 2_500, poor: 4_000 },
  { name: 'INP', field: 'interaction_to_next_paint', unit: 'ns', good: 200, poor: 500 },
  { name: 'CLS', field: 'cumulative_layout_shift', unit: 'score', good: 0.1, poor: 0.25 },
  { name: 'FCP', field: 'first_contentful_paint', unit: 'ns', good: 1_800, poor: 3_000 },
] as const;

export interface Vital {
  name: string;
  words: string;
  tone: Verdict;
}

/** The vitals of a view as it was sent (times in ns), those that were measured. */
export function vitalsOf(attributes: Record<string, unknown> | undefined): Vital[] {
  const view = (attributes?.view ?? {}) as Record<string, unknown>;
  return VITALS.flatMap(({ name, field, unit, good, poor }) => {
    const sent = view[field];
    if (typeof sent !== 'number') return [];
    const value = unit === 'ns' ? sent / 1e6 : sent;
    const tone = value <= good ? 'ok' : value <= poor ? 'warn' : 'bad';
    return [{ name, tone, words: unit === 'ns' ? lengthWords(value) : value.toFixed(2) }];
  });
}
