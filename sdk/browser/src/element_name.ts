import type { Options } from './options.js';
import { isButtonLabel, masksText } from './privacy.js';

/** Where a click's name came from, in the words of rum-events-format v2. */
export type NameSource =
  | 'custom_attribute'
  | 'mask_placeholder'
  | 'standard_attribute'
  | 'text_content'
  | 'blank';

export interface ElementName {
  name: string;
  source: NameSource;
}

/** Attributes that name an element for us whatever it shows. */
const NAME_ATTRIBUTES = ['data-dip-action-name', 'data-diptych-action-name', 'data-dd-action-name'];
const STANDARD_ATTRIBUTES = ['aria-label', 'alt', 'name', 'title', 'placeholder'];
const MAX_PARENTS = 10;
const MAX_LENGTH = 100;
const MASKED = 'Masked Element';

/**
 * The name of a clicked element: an attribute made for it on the element or an ancestor; else its label, button
 * text, `aria-label`, `alt`, `title`…, going up at most 10 parents and never past a form; else its text.
 * What privacy masks is called `Masked Element`; what somebody typed is never a name.
 */
export function nameOf(element: Element, options: Options): ElementName {
  const attributes = options.actionNameAttribute
    ? [options.actionNameAttribute, ...NAME_ATTRIBUTES]
    : NAME_ATTRIBUTES;
  for (const attribute of attributes) {
    const custom = element.closest(`[${CSS.escape(attribute)}]`)?.getAttribute(attribute);
    if (custom?.trim()) return { name: tidy(custom), source: 'custom_attribute' };
  }
  for (const strategy of [standardName, visibleText]) {
    const found = upwards(element, strategy);
    if (!found) continue;
    if (
      options.enablePrivacyForActionName &&
      masksText(found.element, options.defaultPrivacyLevel, found.text)
    ) {
      return { name: MASKED, source: 'mask_placeholder' };
    }
    return {
      name: tidy(found.text),
      source: strategy === standardName ? 'standard_attribute' : 'text_content',
    };
  }
  return { name: '', source: 'blank' };
}

type Strategy = (element: Element) => string | null | undefined;

function upwards(element: Element, strategy: Strategy): { text: string; element: Element } | undefined {
  let at: Element | null = element;
  for (let step = 0; at && step <= MAX_PARENTS; step += 1) {
    if (at === document.body || at === document.documentElement || at.tagName === 'HEAD') return undefined;
    const text = strategy(at)?.trim();
    if (text) return { text, element: at };
    if (at.tagName === 'FORM') return undefined;
    at = at.parentElement;
  }
  return undefined;
}

const standardName: Strategy = (element) => {
  const { labels } = element as HTMLInputElement;
  const [label] = labels ?? [];
  if (label?.textContent?.trim()) return label.textContent;
  if (isButtonLabel(element)) return (element as HTMLInputElement).value;
  if (
    element.tagName === 'BUTTON' ||
    element.tagName === 'LABEL' ||
    element.getAttribute('role') === 'button'
  ) {
    const shown = shownText(element);
    if (shown) return shown;
  }
  for (const attribute of STANDARD_ATTRIBUTES) {
    const value = element.getAttribute(attribute);
    if (value?.trim()) return value;
  }
  const labelledBy = element.getAttribute('aria-labelledby');
  if (labelledBy)
    return labelledBy
      .split(/\s+/)
      .map((id) => document.getElementById(id)?.textContent ?? '')
      .join(' ');
  return undefined;
};

const visibleText: Strategy = (element) => {
  if (['INPUT', 'TEXTAREA', 'SELECT'].includes(element.tagName)) return undefined;
  return shownText(element);
};

/** The text an element shows, without what somebody typed into editable parts of it. */
function shownText(element: Element): string | undefined {
  if ((element as HTMLElement).isContentEditable) return undefined;
  return element.textContent ?? undefined;
}

function tidy(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)} [...]` : line;
}

/** Steps of a selector: enough to find the element again, short enough to read. */
const MAX_SELECTOR_STEPS = 5;

/** A CSS selector of an element: from the nearest id down, by tag and place among its kind. */
export function selectorOf(element: Element): string {
  const steps: string[] = [];
  for (
    let at: Element | null = element;
    at && at !== document.documentElement && steps.length < MAX_SELECTOR_STEPS;
    at = at.parentElement
  ) {
    // A digit in an id is mostly a counter of the page's framework: another one at the next load.
    if (at.id && !/\d/.test(at.id)) return [`#${CSS.escape(at.id)}`, ...steps].join('>');
    steps.unshift(at.tagName + place(at));
  }
  return steps.join('>');
}

function place(element: Element): string {
  const kin = [...(element.parentElement?.children ?? [])].filter((each) => each.tagName === element.tagName);
  return kin.length > 1 ? `:nth-of-type(${kin.indexOf(element) + 1})` : '';
}
