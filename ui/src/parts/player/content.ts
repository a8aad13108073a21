/**
 * Where a recording has something to see: pages are often recorded empty, and fill as what they load arrives.
 *
 * Recorded events are read as data only. What is counted here is not always drawn, so that it says where to look, and
 * nothing more.
 */

/** rrweb's numbers (@rrweb/types `EventType`, `IncrementalSource`, `MouseInteractions`, `NodeType`). */
const FULL_SNAPSHOT = 2;
const INCREMENTAL_SNAPSHOT = 3;
const MUTATION = 0;
const MOUSE_INTERACTION = 2;
const MOUSE_DOWN = 1;
const TOUCH_START = 7;
const TEXT = 3;

/** How long after its first picture a page may fill, ms; the first press ends it sooner. */
const FILLING_MS = 5_000;
/** The page is worth a look once it holds this share of what it fills with. */
const ENOUGH = 0.5;
/** What one picture counts for beside text, characters. */
const PICTURE_CHARACTERS = 40;

const PICTURES = new Set(['canvas', 'img', 'svg', 'video']);
/** What is in these is not drawn; rrweb records a script as `noscript`. */
const UNSEEN = new Set(['head', 'noscript', 'script', 'style', 'template']);

interface RecordedNode {
  type?: unknown;
  id?: unknown;
  tagName?: unknown;
  textContent?: unknown;
  childNodes?: unknown;
}

interface Recorded {
  source?: unknown;
  type?: unknown;
  node?: RecordedNode;
  adds?: { parentId?: unknown; node?: RecordedNode }[];
}

/**
 * When a view first holds half of the text and pictures that it fills with; null where it holds none.
 *
 * Args: events: its recording from the start on, in order. Gives epoch ms on the clock of the recorded page.
 */
export function contentAt(events: readonly Record<string, unknown>[]): number | null {
  const unseen = new Set<unknown>();
  const filled: { at: number; characters: number }[] = [];
  let characters = 0;
  let until = Number.POSITIVE_INFINITY;
  for (const { type, timestamp, data } of events) {
    if (typeof timestamp !== 'number' || typeof data !== 'object' || data === null) continue;
    if (timestamp > until || (characters > 0 && isPress(type, data))) break;
    const added = charactersOf(type, data, unseen);
    if (type === FULL_SNAPSHOT && until !== Number.POSITIVE_INFINITY) continue;
    if (type === FULL_SNAPSHOT) until = timestamp + FILLING_MS;
    characters += added;
    if (added > 0) filled.push({ at: timestamp, characters });
  }
  return filled.find((one) => one.characters >= characters * ENOUGH)?.at ?? null;
}

function isPress(type: unknown, data: Recorded): boolean {
  if (type !== INCREMENTAL_SNAPSHOT || data.source !== MOUSE_INTERACTION) return false;
  return data.type === MOUSE_DOWN || data.type === TOUCH_START;
}

function charactersOf(type: unknown, data: Recorded, unseen: Set<unknown>): number {
  if (type === FULL_SNAPSHOT) return charactersIn(data.node, unseen);
  if (type !== INCREMENTAL_SNAPSHOT || data.source !== MUTATION || !Array.isArray(data.adds)) return 0;
  let characters = 0;
  for (const { parentId, node } of data.adds) {
    if (unseen.has(parentId)) unseen.add(node?.id);
    else characters += charactersIn(node, unseen);
  }
  return characters;
}

/** `unseen` learns the ids of elements in which nothing is drawn: what is added to them later stands alone. */
function charactersIn(node: RecordedNode | undefined, unseen: Set<unknown>): number {
  if (typeof node !== 'object' || node === null) return 0;
  if (node.type === TEXT) return typeof node.textContent === 'string' ? node.textContent.trim().length : 0;
  const tag = typeof node.tagName === 'string' ? node.tagName.toLowerCase() : '';
  if (UNSEEN.has(tag)) {
    unseen.add(node.id);
    return 0;
  }
  let characters = PICTURES.has(tag) ? PICTURE_CHARACTERS : 0;
  if (Array.isArray(node.childNodes))
    for (const child of node.childNodes) characters += charactersIn(child, unseen);
  return characters;
}
