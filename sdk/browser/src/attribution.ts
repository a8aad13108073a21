/**
 * `@diptych/browser/attribution`: why a Web Vital is what it is, by Google's own library. A plugin, so that pages that do
 * not ask for it do not carry it:
 *
 *     import { attribution } from "@diptych/browser/attribution";
 *     diptych.init({ …, plugins: [attribution()] });
 */
import { onCLS, onINP, onLCP } from 'web-vitals/attribution';
import { toNs } from './clock.js';
import type { Plugin } from './plugin.js';

export interface AttributionOptions {
  /** Values are told as they change (default), or (false) once, when the page is left. */
  reportAllChanges?: boolean;
}

/** Adds `view.performance.{lcp,inp}.sub_parts` (nanoseconds) and `view.performance.cls.{previous,current}_rect` (pixels). */
export function attribution({ reportAllChanges = true }: AttributionOptions = {}): Plugin {
  return {
    name: 'attribution',
    onRumStart({ addViewFields }) {
      const add = (atMs: number, metric: string, fields: object): void =>
        addViewFields(atMs, () => ({ performance: { [metric]: fields } }));
      onLCP(
        ({ attribution: { resourceLoadDelay, resourceLoadDuration, elementRenderDelay } }) =>
          add(0, 'lcp', {
            sub_parts: {
              load_delay: toNs(resourceLoadDelay),
              load_time: toNs(resourceLoadDuration),
              render_delay: toNs(elementRenderDelay),
            },
          }),
        { reportAllChanges },
      );
      onINP(
        ({ attribution: { interactionTime, inputDelay, processingDuration, presentationDelay } }) =>
          add(interactionTime ?? 0, 'inp', {
            sub_parts: {
              input_delay: toNs(inputDelay),
              processing_duration: toNs(processingDuration),
              presentation_delay: toNs(presentationDelay),
            },
          }),
        { reportAllChanges },
      );
      onCLS(
        ({ attribution: { largestShiftTime, largestShiftSource } }) => {
          if (!largestShiftSource) return;
          const { previousRect, currentRect } = largestShiftSource;
          add(largestShiftTime ?? 0, 'cls', {
            previous_rect: rect(previousRect),
            current_rect: rect(currentRect),
          });
        },
        { reportAllChanges },
      );
    },
  };
}

function rect({ x, y, width, height }: DOMRectReadOnly): object {
  return { x, y, width, height };
}
