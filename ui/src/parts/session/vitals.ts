import type { Verdict } from '../Chip.tsx';
import { lengthWords } from '../times.ts';

/**
 * Web Vitals and where they stop being good and start being poor: web-vitals' own thresholds,
 * https://web.dev/articles/vitals#core-web-vitals. A value at a threshold is still on its better side.
 */
const VITALS = [
  {
    name: 'LCP',
    title: 'Largest Contentful Paint',
    field: 'largest_contentful_paint',
    short: ['lcp', 'timestamp'],
    unit: 'ns',
    good: 2_500,
    poor: 4_000,
  },
  {
    name: 'INP',
    title: 'Interaction to Next Paint',
    field: 'interaction_to_next_paint',
    short: ['inp', 'duration'],
    unit: 'ns',
    good: 200,
    poor: 500,
  },
  {
    name: 'CLS',
    title: 'Cumulative Layout Shift',
    field: 'cumulative_layout_shift',
    short: ['cls', 'score'],
    unit: 'score',
    good: 0.1,
    poor: 0.25,
  },
  {
    name: 'FCP',
    title: 'First Contentful Paint',
    field: 'first_contentful_paint',
    short: ['fcp', 'timestamp'],
    unit: 'ns',
    good: 1_800,
    poor: 3_000,
  },
  {
    name: 'TTFB',
    title: 'Time to First Byte',
    field: 'first_byte',
    short: null,
    unit: 'ns',
    good: 800,
    poor: 1_800,
  },
] as const;

export type VitalName = (typeof VITALS)[number]['name'];

export interface Vital {
  name: VitalName;
  title: string;
  /** ms, or the score. */
  value: number;
  words: string;
  tone: Verdict;
  /** Where good ends and poor begins, in the value's unit. */
  good: number;
  poor: number;
  goodWords: string;
  poorWords: string;
  /** The element that the value is of, as a selector; empty where it was not told. */
  element: string;
}

/** The vitals of a view as it was sent (times in ns), those that were measured. */
export function vitalsOf(attributes: Record<string, unknown> | undefined): Vital[] {
  const view = (attributes?.view ?? {}) as Record<string, unknown>;
  const performance = (view.performance ?? {}) as Record<string, Record<string, unknown> | undefined>;
  return VITALS.flatMap(({ name, title, field, short, unit, good, poor }) => {
    const detail = short ? performance[short[0]] : undefined;
    const sent = view[field] ?? (short ? detail?.[short[1]] : undefined);
    if (typeof sent !== 'number') return [];
    const value = unit === 'ns' ? sent / 1e6 : sent;
    const tone = value <= good ? 'ok' : value <= poor ? 'warn' : 'bad';
    const inWords = unit === 'ns' ? lengthWords : (score: number) => score.toFixed(2);
    const selector = view[`${field}_target_selector`] ?? detail?.target_selector;
    return [
      {
        name,
        title,
        value,
        words: inWords(value),
        tone,
        good,
        poor,
        goodWords: inWords(good),
        poorWords: inWords(poor),
        element: typeof selector === 'string' ? selector : '',
      },
    ];
  });
}
