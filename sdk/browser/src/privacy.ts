import type { PrivacyLevel } from './options.js';

/** Levels an element can have: those of the option, plus `hidden`. */
export type ElementPrivacy = PrivacyLevel | 'hidden';

const LEVELS: ElementPrivacy[] = ['mask', 'mask-user-input', 'allow', 'mask-unless-allowlisted', 'hidden'];

/** Elements that carry this level themselves; Datadog's names are understood too. */
export const carrying = (level: ElementPrivacy): string =>
  ['dip', 'dd'].map((name) => `[data-${name}-privacy="${level}"],.${name}-privacy-${level}`).join();

/** Elements that carry any level themselves. */
export const ANY_LEVEL = LEVELS.map(carrying).join();
/** Input types whose value is masked at every level. */
const ALWAYS_MASKED_TYPES = ['password', 'email', 'tel', 'hidden'];
/** Inputs whose `value` is a label on a button, not what somebody typed. */
const LABEL_TYPES = ['button', 'submit', 'reset', 'image'];
/** Inputs that once were passwords: "show password" toggles must not show them to us. */
const oncePassword = new WeakSet<Element>();

/** What takes the place of a masked value; the length tells nothing either. */
export const MASK = '***';

/** Levels that are known already, for a moment in which the document cannot change. */
export type KnownLevels = Map<Element, ElementPrivacy>;

/**
 * The level of an element: its own, else that of what is around it, through shadow roots and frames, else the
 * default; `hidden` goes for everything inside.
 */
export function privacyOf(
  element: Element | null | undefined,
  fallback: PrivacyLevel,
  known?: KnownLevels,
): ElementPrivacy {
  if (!element) return fallback;
  const seen = known?.get(element);
  if (seen) return seen;
  let level = privacyOf(around(element), fallback, known);
  if (level !== 'hidden' && element.matches(ANY_LEVEL)) {
    level = LEVELS.find((each) => element.matches(carrying(each))) ?? level;
  }
  known?.set(element, level);
  return level;
}

function around(element: Element): Element | null | undefined {
  if (element.parentElement) return element.parentElement;
  const root = element.getRootNode() as { mode?: string; host?: Element; defaultView?: Window | null };
  // A link that is out of the page has a `host` too, but only a shadow root has a mode.
  return root.mode ? root.host : root.defaultView?.frameElement;
}

/** Whether what somebody put into this form element or editable text must not be seen at this level. */
export function masksInput(element: Element, level: ElementPrivacy): boolean {
  return level !== 'allow' || isAlwaysMasked(element);
}

// Elements of frames are instances of other classes: their kind is told by name, not by instanceof.

/** Passwords, e-mail addresses, telephone numbers, hidden fields, cards and codes: masked at every level. */
function isAlwaysMasked(element: Element): boolean {
  const type = inputType(element);
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
  return LABEL_TYPES.includes(inputType(element));
}

/** The type of an input; empty for any other element. */
export function inputType(element: Element): string {
  return element.tagName === 'INPUT' ? (element as HTMLInputElement).type : '';
}

/** Whether ordinary text must not be seen at this level. */
export function masksText(level: ElementPrivacy, text: string): boolean {
  if (level === 'mask-unless-allowlisted') return !allowlist()?.has(text.trim().toLowerCase());
  return level === 'mask' || level === 'hidden';
}

function allowlist(): Set<string> | undefined {
  const global = window as unknown as Record<string, unknown>;
  const set = global.$DIPTYCH_ALLOW ?? global.$DD_ALLOW;
  return set instanceof Set ? (set as Set<string>) : undefined;
}
