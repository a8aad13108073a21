import {
  EventType,
  type eventWithTime,
  IncrementalSource,
  NodeType,
  type serializedNodeWithId,
} from '@rrweb/types';
import type { PrivacyLevel } from '../options.js';
import {
  ANY_LEVEL,
  type ElementPrivacy,
  inputType,
  isButtonLabel,
  type KnownLevels,
  MASK,
  masksInput,
  masksText,
  privacyOf,
} from '../privacy.js';

/** Attributes whose text is shown or spoken; masked where text is masked. */
const TEXT_ATTRIBUTES = ['title', 'alt', 'placeholder', 'aria-label', 'label', 'srcdoc', 'name'];
/** A grey pixel, stretched to the size of the picture whose place it takes. */
const GREY = 'data:image/gif;base64,R0lGODlhAQABAIAAAMLCwgAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==';
/** Meta elements that change how the page looks; all others may hold anything (tokens, names). */
const META_KEPT = ['viewport', 'color-scheme', 'theme-color'];
const EDITABLE = '[contenteditable]:not([contenteditable="false"])';
/** So many questions at once are a snapshot: one look at the whole document may answer them all. */
const MANY = 100;
const PICTURES = ['img', 'source', 'video'];
const FORM = ['input', 'textarea', 'select', 'option'];

type Attributes = Record<string, unknown>;

export interface Sanitizer {
  /** The event without what must not be seen; undefined when nothing may be kept of it. */
  clean(event: eventWithTime): eventWithTime | undefined;
  /** The text, or what takes its place, in this element or shadow root. */
  text(text: string, parent: Node | null): string;
  /** The value of a form element, or what takes its place. */
  value(value: string, element: Element): string;
}

/**
 * The part of privacy that the recorder library does not cover: checked boxes, default values, placeholders
 * and labels, editable elements, text areas' own text, meta tags. Events are changed in place.
 */
export function createSanitizer(fallback: PrivacyLevel, nodeOf: (id: number) => Node | null): Sanitizer {
  const known: KnownLevels = new Map();
  let asked = 0;
  let isPlain = false;
  /** A snapshot asks for thousands of levels at once; once its task is over the page may change them. */
  const begin = (): void => {
    asked += 1;
    if (asked === 1) {
      queueMicrotask(() => {
        known.clear();
        asked = 0;
        isPlain = false;
      });
    }
    if (asked === MANY) isPlain = !document.querySelector(`${ANY_LEVEL},${EDITABLE}`);
  };
  /** Whether nothing in the document has a level of its own or is editable, as far as the element is in it. */
  const isOrdinary = (element: Element | null): boolean => isPlain && element?.getRootNode() === document;
  const levelOf = (element: Element | null): ElementPrivacy => {
    begin();
    return isOrdinary(element) ? fallback : privacyOf(element, fallback, known);
  };
  const elementOf = (id: number): Element | undefined => {
    const node = nodeOf(id);
    return node?.nodeType === Node.ELEMENT_NODE ? (node as Element) : undefined;
  };
  const hidesInput = (element: Element): boolean => masksInput(element, levelOf(element));
  const hidesText = (element: Element | null, text: string): boolean => masksText(levelOf(element), text);

  function text(value: string, parent: Node | null): string {
    // An anchor has a `host` too.
    const isRoot = parent?.nodeType === Node.DOCUMENT_FRAGMENT_NODE;
    const element = isRoot ? (parent as ShadowRoot).host : (parent as Element | null);
    if (!element || !value.trim()) return value;
    begin();
    const ordinary = isOrdinary(element);
    const level = ordinary ? fallback : privacyOf(element, fallback, known);
    if (masksText(level, value)) return value.replace(/\S/g, 'x');
    const isTyped = element.tagName === 'TEXTAREA' || (!ordinary && element.closest(EDITABLE));
    return isTyped && masksInput(element, level) ? MASK : value;
  }

  function cleanNode(node: serializedNodeWithId): void {
    if (node.type === NodeType.Element) cleanAttributes(node.tagName, node.attributes as Attributes, node.id);
    if ('childNodes' in node) for (const child of node.childNodes) cleanNode(child);
  }

  /** Most elements have nothing to hide, and a page may have thousands of them: they are not even looked up. */
  function cleanAttributes(tag: string, attributes: Attributes, id: number): void {
    if (tag === 'meta') {
      if (!META_KEPT.includes(String(attributes.name))) delete attributes.content;
      return;
    }
    const isForm = FORM.includes(tag);
    const hasAddress = tag === 'a' || PICTURES.includes(tag);
    let hasText = false;
    for (const name in attributes) hasText ||= TEXT_ATTRIBUTES.includes(name);
    const element = isForm || hasAddress || hasText ? elementOf(id) : undefined;
    if (!element) return;
    if (isForm && hidesInput(element)) maskForm(attributes, element);
    for (const name of TEXT_ATTRIBUTES) {
      const value = attributes[name];
      if (value && typeof value === 'string' && hidesText(element, value)) attributes[name] = MASK;
    }
    if (hasAddress) maskAddress(tag, attributes, element);
  }

  /** Where masked text leads to, and masked pictures. */
  function maskAddress(tag: string, attributes: Attributes, element: Element): void {
    const address = attributes.href ?? attributes.src ?? attributes.srcset;
    if (typeof address !== 'string' || !hidesText(element, address)) return;
    if (tag === 'a') attributes.href = MASK;
    else {
      const { width, height } = element.getBoundingClientRect();
      delete attributes.srcset;
      Object.assign(attributes, {
        src: GREY,
        width: String(Math.round(width)),
        height: String(Math.round(height)),
      });
    }
  }

  /** A masked form element shows neither its value nor whether it is chosen. */
  function maskForm(attributes: Attributes, element: Element): void {
    delete attributes.checked;
    delete attributes.selected;
    if (element.tagName === 'OPTION' || isButtonLabel(element) || isChoice(element)) return;
    if (typeof attributes.value === 'string' && attributes.value) attributes.value = MASK;
  }

  function cleanMutation(data: Record<string, unknown>): void {
    const { adds, attributes } = data as {
      adds?: { node: serializedNodeWithId }[];
      attributes?: { id: number; attributes: Attributes }[];
    };
    for (const add of adds ?? []) cleanNode(add.node);
    for (const change of attributes ?? []) {
      const tag = elementOf(change.id)?.tagName.toLowerCase();
      if (tag) cleanAttributes(tag, change.attributes, change.id);
    }
  }

  function isMaskedChoice(id: number): boolean {
    const element = elementOf(id);
    return !element || (isChoice(element) && hidesInput(element));
  }

  return {
    text,
    value: (value, element) => (value && hidesInput(element) && !isButtonLabel(element) ? MASK : value),
    clean(event) {
      if (event.type === EventType.FullSnapshot) cleanNode(event.data.node);
      if (event.type !== EventType.IncrementalSnapshot) return event;
      const { data } = event;
      if (data.source === IncrementalSource.Mutation)
        cleanMutation(data as unknown as Record<string, unknown>);
      if (data.source === IncrementalSource.Input && isMaskedChoice(data.id)) return undefined;
      return event;
    },
  };
}

function isChoice(element: Element): boolean {
  return ['checkbox', 'radio'].includes(inputType(element));
}
