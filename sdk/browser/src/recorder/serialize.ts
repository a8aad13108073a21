import {
  absolutifyURLs,
  extractFileExtension,
  genId,
  getHref,
  getUntaintedPrototype,
  is2DCanvasBlank,
  isNativeShadowDom,
  markCssSplits,
  onceIframeLoaded,
  onceStylesheetLoaded,
  slimDOMExcluded,
  stringifyStylesheet,
  transformAttribute,
} from '@rrweb/record';
import { NodeType, type serializedNodeWithId } from '@rrweb/types';

/** The id of all that is left out. */
const IGNORED = -2;
const UNKNOWN = -1;
/** A frame or a style sheet that has not loaded within this time is recorded as it is then. */
const LOADED_WITHIN_MS = 5000;

type Attributes = Record<string, unknown>;
/** What rrweb reads and writes; its own types allow for a node of any kind in each place. */
type Serialized = Record<string, unknown> & { id: number; childNodes?: Serialized[] };

/** What rrweb calls with. */
interface SerializeOptions {
  doc: Document;
  mirror: { getId(node: Node): number; add(node: Node, known: { id: number }): void };
  blockSelector: string;
  maskTextFn(text: string, parent: Node | null): string;
  maskInputFn(value: string, element: Element): string;
  slimDOMOptions: object;
  recordCanvas?: boolean;
  dataURLOptions?: { type?: string; quality?: number };
  /** The node alone, without what is in it. */
  skipChild?: boolean;
  /** It cannot have been scrolled yet. */
  newlyAddedElement?: boolean;
  /** The text of a style sheet that its element has in its attributes already. */
  cssCaptured?: boolean;
  /** The address of the document, once it was asked for. */
  base?: string;
  onSerialize(node: Node): void;
  onIframeLoad(frame: HTMLIFrameElement, content: serializedNodeWithId): void;
  onStylesheetLoad(link: HTMLLinkElement, again: serializedNodeWithId): void;
}

/** Where a node stands. */
interface Place {
  /** The id of a frame's document. */
  rootId: number | undefined;
  isShadow: boolean;
  /** White space in a head is not kept. */
  isInHead: boolean;
  hasCss: boolean;
}

/**
 * A node, and what is in it, in rrweb's format; null for what is left out. Stands in the place of rrweb's function of
 * this name, to the same result: that one makes three objects of options for each node, asks each element for all that
 * any could be, and leaves objects from which a field was deleted, which are slow and large.
 */
export function serializeNodeWithId(node: Node, options: SerializeOptions): serializedNodeWithId | null {
  native ??= untainted();
  const parent = native.parentNode.call(node);
  const place = {
    rootId: rootIdOf(options),
    isShadow: parent !== null && isNativeShadowDom(parent),
    isInHead: false,
    hasCss: options.cssCaptured === true,
  };
  return serialize(node, parent, options, place) as serializedNodeWithId | null;
}

/** Getters as the browser made them: pages, and what brings shadow roots to old browsers, replace them. */
interface Native {
  parentNode: { call(node: Node): Node | null };
  firstChild: { call(node: Node): Node | null };
  nextSibling: { call(node: Node): Node | null };
  shadowRoot: { call(node: Node): ShadowRoot | null };
}

let native: Native;

function untainted(): Native {
  const getter = (owner: 'Node' | 'Element', name: string): unknown =>
    Object.getOwnPropertyDescriptor(getUntaintedPrototype(owner), name)?.get;
  return {
    parentNode: getter('Node', 'parentNode'),
    firstChild: getter('Node', 'firstChild'),
    nextSibling: getter('Node', 'nextSibling'),
    shadowRoot: getter('Element', 'shadowRoot'),
  } as Native;
}

/** The page's own document, which is the first node of all, goes without saying. */
function rootIdOf({ doc, mirror }: SerializeOptions): number | undefined {
  const id = mirror.getId(doc);
  return id === UNKNOWN || id === 1 ? undefined : id;
}

function serialize(
  node: Node,
  parent: Node | null,
  options: SerializeOptions,
  place: Place,
): Serialized | null {
  const id = UNKNOWN;
  switch (node.nodeType) {
    case Node.ELEMENT_NODE:
      return serializeElement(node as Element, options, place);
    case Node.TEXT_NODE: {
      const textContent = textOf(node as Text, parent, options, place);
      const isSpace = place.isInHead && !textContent.trim();
      return kept(node, { type: NodeType.Text, textContent, id }, options, place, isSpace);
    }
    case Node.DOCUMENT_NODE: {
      const { compatMode } = node as Document;
      const quirks = compatMode === 'CSS1Compat' ? undefined : { compatMode };
      const found = { type: NodeType.Document, childNodes: [], ...quirks, id };
      const serialized = kept(node, found, options, { ...place, rootId: undefined });
      if (serialized) addChildren(node, serialized, options, { ...place, rootId: rootIdOf(options) });
      return serialized;
    }
    case Node.DOCUMENT_TYPE_NODE: {
      const { name, publicId, systemId } = node as DocumentType;
      return kept(node, { type: NodeType.DocumentType, name, publicId, systemId, id }, options, place);
    }
    case Node.CDATA_SECTION_NODE:
      return kept(node, { type: NodeType.CDATA, textContent: '', id }, options, place);
    // Comments, and instructions to other programs.
    default:
      return kept(node, { id }, options, place, true);
  }
}

/** Gives the node its id, and makes it known by that; null when it is left out. */
function kept(
  node: Node,
  serialized: Serialized,
  { mirror }: SerializeOptions,
  { rootId, isShadow }: Place,
  isLeftOut = false,
): Serialized | null {
  const known = mirror.getId(node);
  const id = known !== UNKNOWN ? known : isLeftOut ? IGNORED : genId();
  serialized.id = id;
  mirror.add(node, serialized);
  if (id === IGNORED) return null;
  if (rootId !== undefined) serialized.rootId = rootId;
  if (isShadow) serialized.isShadow = true;
  return serialized;
}

function addChildren(parent: Node, into: Serialized, options: SerializeOptions, place: Place): void {
  for (let child = native.firstChild.call(parent); child; child = native.nextSibling.call(child)) {
    const serialized = serialize(child, parent, options, place);
    if (serialized) into.childNodes?.push(serialized);
  }
}

function textOf(
  { data }: Text,
  parent: Node | null,
  { doc, maskTextFn }: SerializeOptions,
  { hasCss }: Place,
): string {
  const tag = (parent as Element | null)?.tagName;
  if (tag === 'SCRIPT') return 'SCRIPT_PLACEHOLDER';
  if (hasCss) return '';
  if (tag === 'STYLE') return absolutifyURLs(data, getHref(doc));
  return data && maskTextFn(data, parent);
}

function serializeElement(element: Element, options: SerializeOptions, place: Place): Serialized | null {
  const tagName = tagNameOf(element);
  if (tagName === 'script') return kept(element, { id: UNKNOWN }, options, place, true);
  let attributes = attributesOf(element, tagName, options);
  const isBlocked = element.matches(options.blockSelector);
  if (isBlocked) {
    const { width, height } = element.getBoundingClientRect();
    attributes = { class: attributes.class, rr_width: `${width}px`, rr_height: `${height}px` };
  }
  if (tagName === 'iframe') {
    if (!(element as HTMLIFrameElement).contentDocument) attributes.rr_src = attributes.src;
    delete attributes.src;
  }
  const found: Serialized = { type: NodeType.Element, tagName, attributes, childNodes: [], id: UNKNOWN };
  if (tagName === 'svg' || (element as SVGElement).ownerSVGElement) found.isSVG = true;
  if (tagName.includes('-') && customElements.get(tagName)) found.isCustom = true;
  const isSlim =
    (tagName === 'link' || tagName === 'meta') && slimDOMExcluded(found as never, options.slimDOMOptions);
  const serialized = kept(element, found, options, place, isSlim);
  if (!serialized) return null;
  const root = native.shadowRoot.call(element);
  if (root) serialized.isShadowHost = true;
  if (root || tagName === 'iframe' || tagName === 'link') options.onSerialize(element);
  if (!isBlocked && !options.skipChild) {
    const within = placeWithin(tagName, attributes, place);
    // Its text is its value.
    if (tagName !== 'textarea' || attributes.value === undefined)
      addChildren(element, serialized, options, within);
    if (root) addChildren(root, serialized, options, { ...within, isShadow: true });
  }
  if (tagName === 'iframe') followFrame(element as HTMLIFrameElement, options);
  if (tagName === 'link') followSheet(element as HTMLLinkElement, attributes, options);
  return serialized;
}

/** Where its children stand. */
function placeWithin(tagName: string, { _cssText }: Attributes, place: Place): Place {
  const hasCss = typeof _cssText === 'string';
  const isOther = hasCss || place.hasCss || place.isShadow || tagName === 'head';
  // Almost never: not an object for each element.
  return isOther
    ? { ...place, hasCss, isShadow: false, isInHead: place.isInHead || tagName === 'head' }
    : place;
}

/** Lower-case names by those that the browser gives. */
const tagNames = new Map<string, string>();

function tagNameOf({ tagName }: Element): string {
  // A form's fields can stand in the place of its properties.
  if (typeof tagName !== 'string') return 'form';
  let name = tagNames.get(tagName);
  if (name === undefined) {
    name = tagName.toLowerCase();
    // Names that the parser takes, and nobody else.
    if (/[^a-z0-9-_:]/.test(name)) name = 'div';
    tagNames.set(tagName, name);
  }
  return name;
}

/** Attributes that hold addresses. */
const ADDRESSES = ['src', 'href', 'xlink:href', 'background', 'srcset', 'style', 'data'];
const MEDIA = ['audio', 'video'];

function attributesOf(element: Element, tagName: string, options: SerializeOptions): Attributes {
  const attributes: Attributes = {};
  if (element.hasAttributes())
    for (const name of element.getAttributeNames()) {
      // The first asks for lower-case names only.
      const value = element.getAttribute(name) ?? element.getAttributeNS(null, name);
      const lower = name.toLowerCase();
      if (lower === 'autoplay' && MEDIA.includes(tagName)) continue;
      attributes[name] =
        value && ADDRESSES.includes(lower) ? wholeAddress(value, tagName, lower, options) : value;
    }
  addState(element, tagName, attributes, options);
  if (!options.newlyAddedElement) {
    const { scrollLeft, scrollTop } = element;
    if (scrollLeft) attributes.rr_scrollLeft = scrollLeft;
    if (scrollTop) attributes.rr_scrollTop = scrollTop;
  }
  return attributes;
}

/** Asking the browser takes a while, and links are many: it is not asked where only the beginning is missing. */
function wholeAddress(value: string, tagName: string, name: string, options: SerializeOptions): unknown {
  if (tagName === 'a' && name === 'href') {
    if (/^https?:\/\//.test(value)) return value;
    options.base ??= getHref(options.doc);
    const [base, origin] = /^(https?:\/\/[^/?]+)[^#]*/.exec(options.base) ?? [];
    if (base && value[0] === '#') return base + value;
    if (origin && /^\/[^/\\]/.test(value)) return origin + value;
  }
  return transformAttribute(options.doc, tagName, name, value);
}

/** What elements show besides their attributes. */
function addState(
  element: Element,
  tagName: string,
  attributes: Attributes,
  options: SerializeOptions,
): void {
  switch (tagName) {
    case 'link': {
      const { href, ownerDocument } = element as HTMLLinkElement;
      const cssText = cssTextOf([...ownerDocument.styleSheets].find((sheet) => sheet.href === href));
      if (!cssText) return;
      delete attributes.rel;
      delete attributes.href;
      attributes._cssText = cssText;
      return;
    }
    case 'style': {
      const style = element as HTMLStyleElement;
      const cssText = cssTextOf(style.sheet);
      if (cssText)
        attributes._cssText = style.childNodes.length > 1 ? markCssSplits(cssText, style) : cssText;
      return;
    }
    case 'input':
    case 'textarea':
    case 'select': {
      const { value, checked } = element as HTMLInputElement;
      if (value && !['radio', 'checkbox', 'submit', 'button'].includes(attributes.type as string))
        attributes.value = options.maskInputFn(value, element);
      else if (checked) attributes.checked = checked;
      return;
    }
    case 'form':
    case 'img':
      // It would take the place of that part of the document, and a player find no document.
      if ((attributes.name as string) in Document.prototype) delete attributes.name;
      return;
    case 'option':
      delete attributes.selected;
      return;
    case 'dialog':
      if ((element as HTMLDialogElement).open)
        attributes.rr_open_mode = element.matches('dialog:modal') ? 'modal' : 'non-modal';
      return;
    case 'canvas':
      if (options.recordCanvas) addPicture(element as HTMLCanvasElement, attributes, options);
      return;
    case 'audio':
    case 'video': {
      const { paused, currentTime, playbackRate, muted, loop, volume } = element as HTMLMediaElement;
      Object.assign(attributes, {
        rr_mediaState: paused ? 'paused' : 'played',
        rr_mediaCurrentTime: currentTime,
        rr_mediaPlaybackRate: playbackRate,
        rr_mediaMuted: muted,
        rr_mediaLoop: loop,
        rr_mediaVolume: volume,
      });
    }
  }
}

function cssTextOf(sheet: CSSStyleSheet | null | undefined): string | null | undefined {
  return sheet && stringifyStylesheet(sheet);
}

/** What a canvas shows, when it shows anything. rrweb notes on it which context it has. */
function addPicture(
  canvas: HTMLCanvasElement & { __context?: string },
  attributes: Attributes,
  { doc, dataURLOptions: { type, quality } = {} }: SerializeOptions,
): void {
  const picture = (of: HTMLCanvasElement): string => of.toDataURL(type, quality);
  if (canvas.__context === '2d') {
    if (!is2DCanvasBlank(canvas)) attributes.rr_dataURL = picture(canvas);
  } else if (!('__context' in canvas)) {
    const shown = picture(canvas);
    const { width, height } = canvas;
    const blank = Object.assign(doc.createElement('canvas'), { width, height });
    if (shown !== picture(blank)) attributes.rr_dataURL = shown;
  }
}

/** The content of a frame is recorded when it is there. */
function followFrame(frame: HTMLIFrameElement, options: SerializeOptions): void {
  onceIframeLoaded(
    frame,
    () => {
      const doc = frame.contentDocument;
      const content =
        doc &&
        serializeNodeWithId(doc, {
          ...options,
          doc,
          skipChild: false,
          cssCaptured: false,
          base: undefined,
          newlyAddedElement: false,
        });
      if (content) options.onIframeLoad(frame, content);
    },
    LOADED_WITHIN_MS,
  );
}

/** The text of a style sheet is recorded when it is there. */
function followSheet(link: HTMLLinkElement, attributes: Attributes, options: SerializeOptions): void {
  const { rel, href } = attributes;
  const isSheet =
    rel === 'stylesheet' ||
    (rel === 'preload' && typeof href === 'string' && extractFileExtension(href) === 'css');
  if (!isSheet) return;
  onceStylesheetLoaded(
    link,
    () => {
      const again = serializeNodeWithId(link, { ...options, skipChild: false, newlyAddedElement: false });
      if (again) options.onStylesheetLoad(link, again);
    },
    LOADED_WITHIN_MS,
  );
}
