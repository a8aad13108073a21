import {
  EventType,
  type eventWithTime,
  IncrementalSource,
  NodeType,
  type serializedNodeWithId,
} from '@rrweb/types';
import type { PrivacyLevel } from '../options.js';
import { isButtonLabel, MASK, masksInput, masksText } from '../privacy.js';

/** Attributes whose text is shown or spoken; masked where text is masked. */
const TEXT_ATTRIBUTES = ['title', 'alt', 'placeholder', 'aria-label', 'label', 'srcdoc'];
/** Meta elements that change how the page looks; all others may hold anything (tokens, names). */
const META_KEPT = ['viewport', 'color-scheme', 'theme-color'];
const EDITABLE = '[contenteditable]:not([contenteditable="false"])';
const FORM = ['input', 'textarea', 'select', 'option'];

type Attributes = Record<string, unknown>;

export interface Sanitizer {
  /** The event without what must not be seen; undefined when nothing may be kept of it. */
  clean(event: eventWithTime): eventWithTime | undefined;
  /** The text, or what takes its place. */
  text(text: string, element: Element | null): string;
}

/**
 * The part of privacy that the recorder library does not cover: checked boxes, default values, placeholders
 * and labels, editable elements, text areas' own text, meta tags. Events are changed in place.
 */
export function createSanitizer(level: PrivacyLevel, nodeOf: (id: number) => Node | null): Sanitizer {
  const elementOf = (id: number): Element | undefined => {
    const node = nodeOf(id);
    return node instanceof Element ? node : undefined;
  };

  function text(value: string, element: Element | null): string {
    if (!element || !value.trim()) return value;
    if (masksText(element, level, value)) return value.replace(/\S/g, 'x');
    const typed = element.tagName === 'TEXTAREA' || element.closest(EDITABLE);
    return typed && masksInput(element, level) ? MASK : value;
  }

  function cleanNode(node: serializedNodeWithId): void {
    if (node.type === NodeType.Element)
      cleanAttributes(node.tagName, node.attributes as Attributes, elementOf(node.id));
    if ('childNodes' in node) node.childNodes.forEach(cleanNode);
  }

  function cleanAttributes(tag: string, attributes: Attributes, element: Element | undefined): void {
    if (tag === 'meta') {
      if (!META_KEPT.includes(String(attributes.name))) delete attributes.content;
      return;
    }
    if (!element) return;
    if (FORM.includes(tag) && masksInput(element, level)) maskForm(attributes, element);
    for (const name of TEXT_ATTRIBUTES) {
      const value = attributes[name];
      if (typeof value === 'string' && value && masksText(element, level, value)) attributes[name] = MASK;
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
      const element = elementOf(change.id);
      if (element) cleanAttributes(element.tagName.toLowerCase(), change.attributes, element);
    }
  }

  function isMaskedChoice(id: number): boolean {
    const element = elementOf(id);
    return !element || (isChoice(element) && masksInput(element, level));
  }

  return {
    text,
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
  return element instanceof HTMLInputElement && (element.type === 'checkbox' || element.type === 'radio');
}
