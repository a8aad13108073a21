import type { PrivacyLevel } from './options.js';

/** Levels an element can have: those of the option, plus `hidden`. */
export type ElementPrivacy = PrivacyLevel | 'hidden';

const LEVELS: ElementPrivacy[] = ['mask', 'mask-user-input', 'allow', 'mask-unless-allowlisted', 'hidden'];

/** Elements that carry this level themselves; Datadog's names are understood too. */
const carrying = (level: ElementPrivacy): string =>
  ['dip', 'dd'].map((name) => `[data-${name}-privacy="${level}"],.${name}-privacy-${level}`).join();

const ANY_LEVEL = LEVELS.map(carrying).join();
/** Elements that are never recorded, nor is anything in them. */
export const HIDDEN_SELECTOR = carrying('hidden');

/** Input types whose value is masked at every level. */
const ALWAYS_MASKED_TYPES = ['password', 'email', 'tel', 'hidden'];
/** Inputs whose `value` is a label on a button, not what somebody typed. */
const LABEL_TYPES = ['button', 'submit', 'reset', 'image'];
/** Inputs that once were passwords: "show password" toggles must not show them to us. */
const oncePassword = new WeakSet<Element>();

/** What takes the place of a masked value; the length tells nothing either. */
export const MASK = '***';

/** The level of an element: the nearest of itself and its ancestors (through shadow roots), else the default. */
export function privacyOf(element: Element | null, fallback: PrivacyLevel): ElementPrivacy {
  for (let from = element; from; from = (from.getRootNode() as Partial<ShadowRoot>).host ?? null) {
    if (from.closest(HIDDEN_SELECTOR)) return 'hidden';
    const nearest = from.closest(ANY_LEVEL);
    if (nearest) return LEVELS.find((level) => nearest.matches(carrying(level))) ?? fallback;
  }
  return fallback;
}

/** Whether what somebody put into this form element or editable text must not be seen. */
export function masksInput(element: Element, fallback: PrivacyLevel): boolean {
  return isAlwaysMasked(element) || privacyOf(element, fallback) !== 'allow';
}

/** Passwords, e-mail addresses, telephone numbers, hidden fields, cards and codes: masked at every level. */
export function isAlwaysMasked(element: Element): boolean {
  const type = element instanceof HTMLInputElement ? element.type : '';
  if (type === 'password' || element.hasAttribute('data-rr-is-password')) oncePassword.add(element);
  const autocomplete = element.getAttribute('autocomplete') ?? '';
  return (
    oncePassword.has(element) ||
    ALWAYS_MASKED_TYPES.includes(type) ||
    /(^|\s)(cc-|one-time-code|\S+-password)/.test(autocomplete)
  );
}

/** Whether an input's value is the label of a button. */
export function isButtonLabel(element: Element): boolean {
  return element instanceof HTMLInputElement && LABEL_TYPES.includes(element.type);
}

/** Whether ordinary text in this element must not be seen. */
export function masksText(element: Element | null, fallback: PrivacyLevel, text: string): boolean {
  const level = privacyOf(element, fallback);
  if (level === 'mask-unless-allowlisted') return !allowlist()?.has(text.trim().toLowerCase());
  return level === 'mask' || level === 'hidden';
}

function allowlist(): Set<string> | undefined {
  const global = window as unknown as Record<string, unknown>;
  const set = global.$DIPTYCH_ALLOW ?? global.$DD_ALLOW;
  return set instanceof Set ? (set as Set<string>) : undefined;
}
