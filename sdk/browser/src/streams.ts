import { guarded, reportInternalError } from './guard.js';
import { hookMethod } from './method_hook.js';

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

type Piece = ReadableStreamReadResult<unknown>;

const watchers = new WeakMap<ReadableStream | Response, BodyWatcher>();
let installed = false;

/**
 * Watches the page's own reading of a response body. Nothing is teed, cloned or read by us, so every byte reaches
 * the page when it would without us, back-pressure and cancelling work, and an unread body costs nothing.
 */
export function watchBody(response: Response, { chunk, end, cancel, fail }: BodyWatcher): void {
  if (!installed) install();
  installed = true;
  give(response, { chunk, end: guarded(end), cancel: guarded(cancel), fail: guarded(fail) });
}

function give(response: Response, watcher: BodyWatcher): void {
  watchers.set(response, watcher);
  if (response.body) watchers.set(response.body, watcher);
}

type Sized = { byteLength?: number; length?: number } | undefined;
type Reader = Record<string, (...args: unknown[]) => Promise<Piece>>;

/**
 * Tells the watcher what becomes of each read; the page's promises themselves are left alone. Without `hookMethod` and
 * `guarded`: for each piece of an answer two functions of ours run, and what they call is found cold each time.
 */
function followReader(
  reader: Reader,
  read: string,
  cancel: string,
  { chunk, end, fail, cancel: cancelled }: BodyWatcher,
): void {
  const original = reader[read] as Reader[string];
  const seen = (piece: Piece): void => {
    try {
      const { done, value } = piece;
      if (done) end();
      else chunk((value as Sized)?.byteLength ?? (value as Sized)?.length ?? 1);
    } catch (error) {
      reportInternalError(error);
    }
  };
  reader[read] = function (...args) {
    const result = original.apply(this, args);
    try {
      result.then(seen, fail);
    } catch (error) {
      reportInternalError(error);
    }
    return result;
  };
  hookMethod(reader, cancel, cancelled);
}

/** The ways by which a page can read a stream, in https://streams.spec.whatwg.org/#rs-class-definition */
function install(): void {
  /** What becomes of the result of a method of streams, or of responses, that are watched. */
  const on = <R>(
    target: object,
    names: PropertyKey[],
    then: (watcher: BodyWatcher, result: R) => void,
  ): void => {
    for (const name of names)
      hookMethod(target, name, (self) => {
        const watcher = watchers.get(self as Response);
        return watcher && ((result: R) => then(watcher, result));
      });
  };
  const untilEnd = (watcher: BodyWatcher, whole: Promise<unknown>): unknown =>
    whole.then(watcher.end, watcher.fail);
  const stream = ReadableStream.prototype;
  const response = Response.prototype;
  on(stream, ['getReader'], (watcher, reader: Reader) => followReader(reader, 'read', 'cancel', watcher));
  on(stream, ['values', Symbol.asyncIterator], (watcher, each: Reader) =>
    followReader(each, 'next', 'return', watcher),
  );
  on(stream, ['cancel'], (watcher) => watcher.cancel());
  // The sink sees the pieces, not we; the end is known.
  on(stream, ['pipeTo'], untilEnd);
  on(response, ['text', 'json', 'arrayBuffer', 'blob', 'bytes', 'formData'], untilEnd);
  on(stream, ['pipeThrough'], (watcher, piped: ReadableStream) => watchers.set(piped, watcher));
  on(stream, ['tee'], (watcher, [first]: [ReadableStream]) => watchers.set(first, watcher));
  // `clone` puts new streams into both; the first of them that is read counts.
  hookMethod(response, 'clone', (self) => {
    const watcher = watchers.get(self);
    return (
      watcher &&
      ((copy: Response) => {
        give(self, watcher);
        give(copy, watcher);
      })
    );
  });
}
