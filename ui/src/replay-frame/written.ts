/** When the words of an element came to stand in it, as far as it was recorded. */

interface Timed {
  type: number;
  data?: unknown;
  timestamp: number;
}

interface Mutation {
  source?: unknown;
  adds?: { parentId?: unknown; node?: { id?: unknown } }[];
  texts?: { id?: unknown }[];
}

/** rrweb's numbers (@rrweb/types `EventType`, `IncrementalSource`). */
const INCREMENTAL_SNAPSHOT = 3;
const MUTATION = 0;

/**
 * When something was first and last written into nodes; null where they stood in a whole picture already.
 *
 * Args: events: of a clip, in order; ids: rrweb's, of the element and all in it; until: epoch ms, what comes later is not
 * looked at. Gives epoch ms on the clock of the recorded page.
 */
export function writtenBetween(
  events: readonly Timed[],
  ids: ReadonlySet<unknown>,
  until: number,
): [first: number, last: number] | null {
  const own = events.filter((event) => event.timestamp <= until && writesInto(event, ids));
  const [first, last] = [own[0], own.at(-1)];
  return first && last ? [first.timestamp, last.timestamp] : null;
}

function writesInto({ type, data }: Timed, ids: ReadonlySet<unknown>): boolean {
  if (type !== INCREMENTAL_SNAPSHOT || typeof data !== 'object' || data === null) return false;
  const { source, adds, texts } = data as Mutation;
  if (source !== MUTATION) return false;
  return (
    (Array.isArray(adds) && adds.some(({ parentId }) => ids.has(parentId))) ||
    (Array.isArray(texts) && texts.some(({ id }) => ids.has(id)))
  );
}
