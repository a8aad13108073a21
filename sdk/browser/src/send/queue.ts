/** Something that waits to be sent. */
export interface Item {
  text: string;
  sizeBytes: number;
  /** A later item with the same key replaces this one while it waits (the versions of a view). */
  key?: string | undefined;
  /** Compresses at once, for the moment when the page dies. */
  gzipNow?: (text: string) => Uint8Array<ArrayBuffer>;
}

export interface QueueLimits {
  maxBytes: number;
  maxItems: number;
}

export interface Queue {
  push(item: Item): void;
  /** Items that failed go back to the front, in their order. */
  putBack(items: Item[]): void;
  /** The oldest items, up to these limits; at least one. */
  take(limits: QueueLimits): Item[];
  bytes(): number;
  size(): number;
}

/** First in, first out, bounded by bytes and count: when it is full the oldest item is dropped and counted. */
export function createQueue({ maxBytes, maxItems }: QueueLimits, onDrop: (items: number) => void): Queue {
  let items: Item[] = [];
  const bytes = (): number => items.reduce((sum, item) => sum + item.sizeBytes, 0);

  function trim(): void {
    let dropped = 0;
    for (let size = bytes(); size > maxBytes || items.length > maxItems; dropped += 1)
      size -= (items.shift() as Item).sizeBytes;
    if (dropped > 0) onDrop(dropped);
  }

  const isReplaced = ({ key }: Item, by: Item[]): boolean =>
    key !== undefined && by.some((item) => item.key === key);

  return {
    push(item) {
      // A page may tell thousands of errors in one go.
      if (item.key) items = items.filter((each) => !isReplaced(each, [item]));
      items.push(item);
      trim();
    },
    putBack(failed) {
      // A newer version that came meanwhile makes the failed one superfluous.
      items = [...failed.filter((each) => !isReplaced(each, items)), ...items];
      trim();
    },
    take(limits) {
      let size = 0;
      const end = items.findIndex((item, at) => {
        size += item.sizeBytes;
        return at > 0 && (size > limits.maxBytes || at >= limits.maxItems);
      });
      return items.splice(0, end < 0 ? items.length : end);
    },
    bytes,
    size: () => items.length,
  };
}
