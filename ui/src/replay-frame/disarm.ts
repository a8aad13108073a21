/**
 * Takes out of recorded events what could act, before rrweb rebuilds them.
 *
 * The frame's policy and the inner, scriptless sandbox already keep it from acting; this keeps recorded content
 * from even trying: navigations, look-ups of foreign hosts, handlers, embedded documents.
 */

/** rrweb's event types and sources that carry nodes or attributes (@rrweb/types `EventType`, `IncrementalSource`). */
const FULL_SNAPSHOT = 2;
const INCREMENTAL_SNAPSHOT = 3;
const MUTATION = 0;
const MEDIA_INTERACTION = 7;

type Attributes = Record<string, unknown>;

interface RecordedNode {
  id?: number;
  tagName?: string;
  textContent?: string;
  attributes?: Attributes;
  childNodes?: RecordedNode[];
}

interface Mutation {
  source?: number;
  adds?: { node?: RecordedNode }[];
  attributes?: { id?: number; attributes?: Attributes }[];
}

/** Elements that load or embed something by these attributes; text and looks stay. */
const LOADING_ATTRIBUTES: Record<string, readonly string[]> = {
  // Sound and video cannot load under the frame's policy: they stand still instead of failing to play.
  audio: ['src', 'autoplay', 'rr_mediaState'],
  applet: ['archive', 'code', 'codebase', 'object'],
  base: ['href', 'target'],
  embed: ['src'],
  form: ['action', 'target'],
  frame: ['src'],
  iframe: ['src', 'srcdoc'],
  link: ['href'],
  meta: ['http-equiv', 'content'],
  object: ['archive', 'classid', 'codebase', 'data'],
  portal: ['src'],
  source: ['src', 'srcset'],
  video: ['src', 'autoplay', 'rr_mediaState'],
  script: ['src'],
};

/** Attributes that hold an address anywhere. */
const ADDRESS_ATTRIBUTES = new Set(['action', 'data', 'formaction', 'href', 'poster', 'src', 'xlink:href']);

/** Links look like links and lead nowhere: even a refused navigation may greet its host. */
const LINKS = new Set(['a', 'area']);
const LINK_ADDRESSES = new Set(['href', 'xlink:href']);
const NOWHERE = '#';

/** Attributes that act wherever they stand. */
const ACTING_ATTRIBUTES = new Set(['formaction', 'ping', 'srcdoc', 'http-equiv', 'attributionsrc', 'target']);

/**
 * Disarms one recording, in order; it remembers which node is which element, for later changes of attributes.
 * Style sheets of `origins` stay: the frame's policy lets them load. Gives the event, or null where nothing of it
 * may be shown.
 */
export function disarmer(origins: ReadonlySet<string> = new Set()): (event: unknown) => unknown {
  const tags = new Map<number, string>();

  const disarmNode = (node: RecordedNode | undefined): void => {
    if (!node || typeof node !== 'object') return;
    const tag = typeof node.tagName === 'string' ? node.tagName.toLowerCase() : '';
    if (tag && typeof node.id === 'number') tags.set(node.id, tag);
    if (node.attributes) disarmAttributes(tag, node.attributes, origins);
    if (tag === 'script' && node.childNodes) node.childNodes = [];
    for (const child of node.childNodes ?? []) disarmNode(child);
  };

  return (event) => {
    if (typeof event !== 'object' || event === null) return event;
    const { type, data } = event as { type?: number; data?: Mutation & { node?: RecordedNode } };
    if (type === INCREMENTAL_SNAPSHOT && data?.source === MEDIA_INTERACTION) return null;
    if (type === FULL_SNAPSHOT) {
      tags.clear();
      disarmNode(data?.node);
    } else if (type === INCREMENTAL_SNAPSHOT && data?.source === MUTATION) {
      for (const added of data.adds ?? []) disarmNode(added.node);
      for (const change of data.attributes ?? []) {
        if (change.attributes) disarmAttributes(tags.get(change.id ?? -1) ?? '', change.attributes, origins);
      }
    }
    return event;
  };
}

function disarmAttributes(tag: string, attributes: Attributes, origins: ReadonlySet<string>): void {
  const isWelcome = tag === 'link' && isStyleSheetOf(attributes, origins);
  const loading = isWelcome ? undefined : LOADING_ATTRIBUTES[tag];
  for (const [name, value] of Object.entries(attributes)) {
    const lower = name.toLowerCase();
    const acts =
      lower.startsWith('on') ||
      ACTING_ATTRIBUTES.has(lower) ||
      loading?.includes(name) ||
      loading?.includes(lower);
    if (LINKS.has(tag) && LINK_ADDRESSES.has(lower)) attributes[name] = NOWHERE;
    else if (acts || (ADDRESS_ATTRIBUTES.has(lower) && isActive(value))) delete attributes[name];
  }
}

function isStyleSheetOf({ rel, href }: Attributes, origins: ReadonlySet<string>): boolean {
  if (rel !== 'stylesheet' || typeof href !== 'string') return false;
  return URL.canParse(href) && origins.has(new URL(href).origin);
}

/** Addresses that are programs or documents. Browsers skip control characters and spaces inside the scheme. */
function isActive(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that URL parsers remove
  const address = value.replace(/[\u0000-\u0020]/g, '').toLowerCase();
  return /^(javascript|vbscript|data:text\/(html|xml)|data:application\/xhtml)/.test(address);
}
