import type { Options } from './options.js';
import { isButtonLabel, masksText, privacyOf } from './privacy.js';

/** Through open shadow roots: the element under the pointer, not its host. */
export function targetOf(event: Event): Element | undefined {
  const [target] = event.composedPath();
  return target instanceof Element ? target : undefined;
}

/** A node itself, or for a text the element that it is in, for a shadow root its host. */
export function elementOf(node: Node): Element | null | undefined {
  return node instanceof Element ? node : (node.parentElement ?? (node as ShadowRoot).host);
}

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
const NAME_ATTRIBUTES = ['data-dip-action-name', 'data-dd-action-name'];
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
  for (const attribute of [options.actionNameAttribute, ...NAME_ATTRIBUTES]) {
    const custom = attribute && element.closest(`[${CSS.escape(attribute)}]`)?.getAttribute(attribute);
    if (custom?.trim()) return { name: tidy(custom), source: 'custom_attribute' };
  }
  const visible = visibleTo(options);
  return (
    upwards(element, (at) => labelText(at, visible), 'standard_attribute') ??
    upwards(element, (at) => shownText(at, visible), 'text_content') ?? { name: '', source: 'blank' }
  );
}

/** The text, or what takes its place where privacy masks the text of this element. */
type Visible = (text: string | null | undefined, element: Element | null) => string;

function visibleTo({ enablePrivacyForActionName, defaultPrivacyLevel }: Options): Visible {
  return (text, element) => {
    const tidied = text?.trim() ?? '';
    return tidied && enablePrivacyForActionName && masksText(privacyOf(element, defaultPrivacyLevel), tidied)
      ? MASKED
      : tidied;
  };
}

function upwards(
  element: Element,
  textOf: (element: Element) => string,
  source: NameSource,
): ElementName | undefined {
  let at: Element | null = element;
  for (let step = 0; at && at !== document.body && step <= MAX_PARENTS; step += 1) {
    const text = textOf(at);
    if (text) return { name: tidy(text), source: text === MASKED ? 'mask_placeholder' : source };
    at = at.tagName === 'FORM' ? null : at.parentElement;
  }
  return undefined;
}

function labelText(element: Element, visible: Visible): string {
  const [label] = (element as HTMLInputElement).labels ?? [];
  return (
    (label && shownText(label, visible)) ||
    (isButtonLabel(element) && visible((element as HTMLInputElement).value, element)) ||
    (element.matches('button,label,[role="button"]') && shownText(element, visible)) ||
    STANDARD_ATTRIBUTES.map((name) => visible(element.getAttribute(name), element)).find(Boolean) ||
    (element.getAttribute('aria-labelledby') ?? '')
      .split(/\s+/)
      .map((id) => visible(document.getElementById(id)?.textContent, element))
      .join(' ')
  );
}

/** Text in these is typed, chosen or never shown. */
const NO_NAME = 'input,textarea,select,script,style,[contenteditable]';

/**
 * The text an element shows, as far as a name needs it, without what somebody typed and what privacy masks. As in
 * `innerText` a line ends where a block does or a `<br>` is, and nowhere else: H<sub>2</sub>O is one word.
 */
export function shownText(element: Element, visible: Visible = () => ''): string {
  let shown = '';
  let masked = '';
  const add = (node: Node): void => {
    if (shown.length > MAX_LENGTH) return;
    if (node instanceof Text) {
      if (visible(node.data, node.parentElement) === MASKED) masked = MASKED;
      else shown += node.data.replace(/\s+/g, ' ');
    } else if (node instanceof Element && (node.textContent?.trim() || node.matches('br'))) {
      // Of a chart nothing but its words is looked at.
      const gap = node.matches('br') || !/^(inline|contents)/.test(getComputedStyle(node).display) ? ' ' : '';
      shown += gap;
      if (!node.closest(NO_NAME)) node.childNodes.forEach(add);
      shown += gap;
    }
  };
  add(element);
  return tidy(shown) || masked;
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
