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

/** A body that is watched, whichever of its copies is read. */
interface Whole extends BodyWatcher {
  /** Pieces that were told. */
  sum: number;
  /** Copies of which none was given up. */
  copies: number;
}

/** A body, or one of its copies: `clone` and `tee` make two of one. The one that has read furthest is told of. */
interface Copy {
  all: Whole;
  /** Pieces of this one that were read. */
  read: number;
}

const watched = new WeakMap<ReadableStream | Response, Copy>();
let installed = false;

/**
 * Watches the page's own reading of a response body. Nothing is teed, cloned or read by us, so every byte reaches
 * the page when it would without us, back-pressure and cancelling work, and an unread body costs nothing.
 */
export function watchBody(response: Response, watcher: BodyWatcher): void {
  if (!installed) install();
  installed = true;
  const fail = guarded(watcher.fail);
  give(response, { read: 0, all: { ...watcher, fail, sum: 0, copies: 1 } });
}

function give(response: Response, copy: Copy): void {
  watched.set(response, copy);
  if (response.body) watched.set(response.body, copy);
}

function another(copy: Copy): Copy {
  copy.all.copies += 1;
  return { ...copy };
}

/** The page goes on with the other copies, where there are any. */
function giveUp({ all }: Copy): void {
  all.copies -= 1;
  if (!all.copies) all.cancel();
}

type Sized = { byteLength?: number; length?: number; size?: number };
type Reader = Record<string, (...args: unknown[]) => Promise<Piece>>;

/** A piece was read; its size is 0 where it is neither bytes nor text (the page reads behind a parser). */
function readPiece(copy: Copy, piece: unknown): void {
  const { byteLength, length, size } = Object(piece) as Sized;
  copy.read += 1;
  if (copy.read <= copy.all.sum) return;
  copy.all.sum = copy.read;
  copy.all.chunk(Number(byteLength ?? length ?? size) || 0);
}

/**
 * Tells the watcher what becomes of each read; the page's promises themselves are left alone. Without `hookMethod` and
 * `guarded`: for each piece of an answer few functions of ours run, and what they call is found cold each time.
 */
function followReader(reader: Reader, read: string, cancel: string, copy: Copy): void {
  const original = reader[read] as Reader[string];
  const { fail } = copy.all;
  const seen = ({ done, value }: Piece): void => {
    try {
      if (done) copy.all.end();
      else readPiece(copy, value);
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
  hookMethod(reader, cancel, () => giveUp(copy));
}

/** The ways by which a page can read a stream, in https://streams.spec.whatwg.org/#rs-class-definition */
function install(): void {
  /** What becomes of the result of a method of streams, or of responses, that are watched. */
  const on = <R>(
    target: object,
    names: PropertyKey[],
    then: (copy: Copy, result: R, self: Response) => void,
  ): void => {
    for (const name of names)
      hookMethod(target, name, (self) => {
        const copy = watched.get(self as Response);
        return copy && ((result: R) => then(copy, result, self as Response));
      });
  };
  /** All of it in one piece; where a sink sees the pieces, and not we, the end alone. */
  const untilEnd = (copy: Copy, whole: Promise<unknown>): unknown =>
    whole.then(
      guarded((value) => {
        if (value !== undefined) readPiece(copy, value);
        copy.all.end();
      }),
      copy.all.fail,
    );
  const stream = ReadableStream.prototype;
  const response = Response.prototype;
  on(stream, ['getReader'], (copy, reader: Reader) => followReader(reader, 'read', 'cancel', copy));
  on(stream, ['values', Symbol.asyncIterator], (copy, each: Reader) =>
    followReader(each, 'next', 'return', copy),
  );
  on(stream, ['cancel'], giveUp);
  on(stream, ['pipeTo'], untilEnd);
  on(response, ['text', 'json', 'arrayBuffer', 'blob', 'bytes', 'formData'], untilEnd);
  on(stream, ['pipeThrough'], (copy, piped: ReadableStream) => watched.set(piped, copy));
  on(stream, ['tee'], (copy, [first, second]: [ReadableStream, ReadableStream]) => {
    watched.set(first, copy);
    watched.set(second, another(copy));
  });
  // `clone` puts new streams into both.
  on(response, ['clone'], (copy, cloned: Response, self) => {
    give(self, copy);
    give(cloned, another(copy));
  });
}
