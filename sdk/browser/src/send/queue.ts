/** Something that waits to be sent. */
export interface Item {
  text: string;
  bytes: number;
  /** A later item with the same key replaces this one while it waits (the versions of a view). */
  key?: string;
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
export function createQueue(limits: QueueLimits, onDrop: (items: number) => void): Queue {
  let items: Item[] = [];
  let bytes = 0;

  function trim(): void {
    let dropped = 0;
    while (bytes > limits.maxBytes || items.length > limits.maxItems) {
      bytes -= items.shift()?.bytes ?? 0;
      dropped += 1;
    }
    if (dropped > 0) onDrop(dropped);
  }

  function remove(key: string): void {
    const at = items.findIndex((item) => item.key === key);
    if (at >= 0) bytes -= items.splice(at, 1)[0]?.bytes ?? 0;
  }

  return {
    push(item) {
      if (item.key !== undefined) remove(item.key);
      items.push(item);
      bytes += item.bytes;
      trim();
    },
    putBack(failed) {
      // A newer version that came meanwhile makes the failed one superfluous.
      const wanted = failed.filter(({ key }) => key === undefined || !items.some((item) => item.key === key));
      items = [...wanted, ...items];
      bytes += wanted.reduce((sum, item) => sum + item.bytes, 0);
      trim();
    },
    take({ maxBytes, maxItems }) {
      const taken: Item[] = [];
      let size = 0;
      for (const item of items) {
        if (taken.length > 0 && (size + item.bytes > maxBytes || taken.length >= maxItems)) break;
        taken.push(item);
        size += item.bytes;
      }
      items = items.slice(taken.length);
      bytes -= size;
      return taken;
    },
    bytes: () => bytes,
    size: () => items.length,
  };
}
