import { type CLSMetric, type INPMetric, onCLS, onFCP, onINP, onLCP } from 'web-vitals';
import { toNs } from '../clock.js';
import { selectorOf } from '../element_name.js';
import { guarded } from '../guard.js';

type Fields = Record<string, unknown>;
/** Adds wire fields to the view of a moment; they are told how long after the view's start it was. */
type AddFields = (atMs: number, fields: (sinceStartMs: number) => Fields) => void;

/**
 * Web Vitals as Google's own library computes them, and the times of the page load, in the view's wire fields.
 * LCP and FCP are of the page load, so of the first view; CLS and INP are the page's worst so far and go to the
 * view in which they happened.
 */
export function captureVitals(addFields: AddFields): void {
  const all = { reportAllChanges: true };
  onFCP(
    guarded(({ value }) =>
      addFields(0, () => ({
        first_contentful_paint: toNs(value),
        performance: { fcp: { timestamp: toNs(value) } },
      })),
    ),
    all,
  );
  onLCP(
    guarded(({ value, entries }) => {
      const last = entries[entries.length - 1];
      const target = last?.element ? selectorOf(last.element) : undefined;
      addFields(0, () => ({
        largest_contentful_paint: toNs(value),
        largest_contentful_paint_target_selector: target,
        performance: {
          lcp: { timestamp: toNs(value), target_selector: target, resource_url: last?.url || undefined },
        },
      }));
    }),
    all,
  );
  onCLS(
    guarded((metric) => addFields(...layoutShift(metric))),
    all,
  );
  onINP(
    guarded((metric) => addFields(...interaction(metric))),
    all,
  );
  whenLoaded(() => addFields(0, loadTimes));
}

function layoutShift({ value, entries }: CLSMetric): Parameters<AddFields> {
  const largest = entries.reduce<(typeof entries)[number] | undefined>(
    (max, each) => (max && max.value >= each.value ? max : each),
    undefined,
  );
  const node = largest?.sources?.find((source) => source.node instanceof Element)?.node;
  const selector = node instanceof Element ? selectorOf(node) : undefined;
  const score = Math.round(value * 1e4) / 1e4;
  return [
    largest?.startTime ?? 0,
    (sinceStartMs) => {
      const atNs = largest && toNs(sinceStartMs);
      return {
        cumulative_layout_shift: score,
        cumulative_layout_shift_time: atNs,
        cumulative_layout_shift_target_selector: selector,
        performance: { cls: { score, timestamp: atNs, target_selector: selector } },
      };
    },
  ];
}

function interaction({ value, entries }: INPMetric): Parameters<AddFields> {
  const [first] = entries;
  const atMs = first?.startTime ?? 0;
  const target = entries.find((entry) => entry.target instanceof Element)?.target;
  const selector = target instanceof Element ? selectorOf(target) : undefined;
  return [
    atMs,
    (sinceStartMs) => ({
      interaction_to_next_paint: toNs(value),
      interaction_to_next_paint_time: toNs(sinceStartMs),
      interaction_to_next_paint_target_selector: selector,
      performance: {
        inp: { duration: toNs(value), timestamp: toNs(sinceStartMs), target_selector: selector },
      },
    }),
  ];
}

function loadTimes(): Fields {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  if (!entry) return {};
  return {
    first_byte: toNs(entry.responseStart),
    dom_interactive: toNs(entry.domInteractive),
    dom_content_loaded: toNs(entry.domContentLoadedEventEnd),
    dom_complete: toNs(entry.domComplete),
    load_event: toNs(entry.loadEventEnd),
  };
}

/** Runs after the load event has ended: its end time is 0 while its handlers run. */
function whenLoaded(run: () => void): void {
  const later = (): unknown => setTimeout(guarded(run));
  if (document.readyState === 'complete') later();
  else window.addEventListener('load', later, { once: true });
}
