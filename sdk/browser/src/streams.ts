import { guarded } from './guard.js';

/** What is told of a body while the page reads it. */
export interface BodyWatcher {
  /** The page has read a piece of this many bytes (characters behind a text decoder). */
  chunk(size: number): void;
  /** The page has read to the end. */
  end(): void;
  /** The page gave up reading. */
  cancel(): void;
  /** Reading failed; an `AbortError` when the page aborted the request. */
  fail(error: unknown): void;
}

const watchers = new WeakMap<ReadableStream, BodyWatcher>();
const responses = new WeakMap<Response, BodyWatcher>();
let installed = false;

/**
 * Watches the page's own reading of a response body. Nothing is teed, cloned or read by us, so every byte reaches
 * the page when it would without us, back-pressure and cancelling work, and an unread body costs nothing.
 */
export function watchBody(response: Response, watcher: BodyWatcher): void {
  install();
  responses.set(response, guardedWatcher(watcher));
  if (response.body) watchers.set(response.body, guardedWatcher(watcher));
}

function guardedWatcher(watcher: BodyWatcher): BodyWatcher {
  return {
    chunk: guarded(watcher.chunk),
    end: guarded(watcher.end),
    cancel: guarded(watcher.cancel),
    fail: guarded(watcher.fail),
  };
}

/** Tells the watcher what becomes of one read; the page's promise itself is left alone. */
function follow(read: Promise<ReadableStreamReadResult<unknown>>, watcher: BodyWatcher): void {
  read.then(({ done, value }) => {
    if (done) watcher.end();
    else watcher.chunk(sizeOf(value));
  }, watcher.fail);
}

function sizeOf(value: unknown): number {
  const { byteLength, length } = (value ?? {}) as { byteLength?: number; length?: number };
  return byteLength ?? length ?? 1;
}

/** The ways by which a page can read a stream, in https://streams.spec.whatwg.org/#rs-class-definition */
function install(): void {
  if (installed) return;
  installed = true;
  const proto = ReadableStream.prototype;
  around(proto, 'getReader', (stream, reader: ReadableStreamDefaultReader) => {
    const watcher = watchers.get(stream);
    if (!watcher) return;
    around(reader, 'read', (_, result: Promise<ReadableStreamReadResult<unknown>>) =>
      follow(result, watcher),
    );
    around(reader, 'cancel', () => watcher.cancel());
  });
  around(proto, 'cancel', (stream) => watchers.get(stream)?.cancel());
  // The sink sees the pieces, not we; the end is known.
  around(proto, 'pipeTo', (stream, piped: Promise<void>) => {
    const watcher = watchers.get(stream);
    if (watcher) piped.then(watcher.end, watcher.fail);
  });
  around(proto, 'pipeThrough', (stream, piped: ReadableStream) => hand(stream, piped));
  around(proto, 'tee', (stream, [first]: [ReadableStream, ReadableStream]) => hand(stream, first));
  for (const name of ['values', Symbol.asyncIterator]) {
    around(proto, name, (stream, iterator: AsyncIterator<unknown>) => {
      const watcher = watchers.get(stream);
      if (!watcher) return;
      around(iterator, 'next', (_, result: Promise<ReadableStreamReadResult<unknown>>) =>
        follow(result, watcher),
      );
      around(iterator, 'return', () => watcher.cancel());
    });
  }
  for (const name of ['text', 'json', 'arrayBuffer', 'blob', 'bytes', 'formData']) {
    around(Response.prototype, name, (response, whole: Promise<unknown>) => {
      const watcher = responses.get(response);
      if (watcher) whole.then(watcher.end, watcher.fail);
    });
  }
  around(Response.prototype, 'clone', (response, copy: Response) => {
    // `clone` puts new streams into both; the first of them that is read counts.
    const watcher = responses.get(response);
    if (!watcher) return;
    for (const each of [response, copy]) {
      responses.set(each, watcher);
      if (each.body) watchers.set(each.body, watcher);
    }
  });
}

function hand(from: ReadableStream, to: ReadableStream): void {
  const watcher = watchers.get(from);
  if (watcher) watchers.set(to, watcher);
}

/** Lets `after` see a method's object and result; the caller gets the result unchanged. */
function around<T extends object, R>(
  target: T,
  name: PropertyKey,
  after: (self: T, result: R) => void,
): void {
  const holder = target as Record<PropertyKey, unknown>;
  const original = holder[name];
  if (typeof original !== 'function') return;
  const safe = guarded(after);
  holder[name] = function (this: T, ...args: unknown[]): R {
    const result = Reflect.apply(original, this, args) as R;
    safe(this, result);
    return result;
  };
}
