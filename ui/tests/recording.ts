/** Small rrweb recordings, written by hand. Numbers are those of @rrweb/types `EventType`, `NodeType`, `IncrementalSource`. */

export type RecordedEvent = { type: number; data: unknown; timestamp: number };
type RecordedNode = Record<string, unknown>;

let lastId = 0;

export function element(
  tagName: string,
  attributes: Record<string, unknown> = {},
  ...childNodes: RecordedNode[]
): RecordedNode {
  lastId += 1;
  return { type: 2, tagName, attributes, childNodes, id: lastId };
}

export function words(textContent: string): RecordedNode {
  lastId += 1;
  return { type: 3, textContent, id: lastId };
}

/** A window's size and everything in it: what each recording starts with. */
export function snapshot(at: number, head: RecordedNode[], body: RecordedNode[]): RecordedEvent[] {
  const html = element('html', {}, element('head', {}, ...head), element('body', {}, ...body));
  lastId += 1;
  const document = { type: 0, childNodes: [html], id: lastId };
  return [
    { type: 4, data: { href: 'https://shop.example.com/', width: 1280, height: 800 }, timestamp: at },
    { type: 2, data: { node: document, initialOffset: { top: 0, left: 0 } }, timestamp: at + 1 },
  ];
}

interface Change {
  /** `before`: the id of the sibling that follows; at the end by default. */
  adds?: { parentId: unknown; node: RecordedNode; before?: unknown }[];
  attributes?: { id: unknown; attributes: Record<string, unknown> }[];
}

/** Nodes added to an element, or attributes of one changed. As rrweb does it, each added node stands alone. */
export function mutation(at: number, change: Change): RecordedEvent {
  const adds = (change.adds ?? []).flatMap(({ parentId, node, before = null }) =>
    flat(parentId, node, before),
  );
  const attributes = change.attributes ?? [];
  return { type: 3, data: { source: 0, texts: [], removes: [], attributes, adds }, timestamp: at };
}

function flat(parentId: unknown, node: RecordedNode, nextId: unknown): object[] {
  const children = (node.childNodes ?? []) as RecordedNode[];
  const alone = { parentId, nextId, node: { ...node, ...(node.childNodes ? { childNodes: [] } : {}) } };
  return [alone, ...children.flatMap((child) => flat(node.id, child, null))];
}
