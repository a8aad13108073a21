import { forgetOldest } from './bounded.js';
import { nowMs } from './clock.js';
import { guarded, listen } from './guard.js';
import type { Hub } from './hub.js';
import { hookMethod } from './method_hook.js';
import { fits, type Options } from './options.js';
import { questionOf } from './question.js';
import { isTimingOf, mediaType, STREAMED } from './requests.js';
import { watchBody } from './streams.js';
import type { AnswerEnd } from './types/answer.js';
import type { PageRequest } from './types/request.js';

/** A page that stops reading this shortly after a click or Escape (not the one that asked) was told to. */
const USER_STOP_MS = 1000;

/** All bytes have come, and the page has read none for this long: it will not read on. */
const READ_ALL_AFTER_MS = 500;
/** After a message that says so, a socket's answer is over when nothing follows for this long. */
const SOCKET_END_MS = 500;
/** Without one, when nothing has come for this long. */
const SOCKET_QUIET_MS = 10_000;
/** How messages say that an answer is complete: `[DONE]`, `"type": "response.done"`, `"done": true`, `"finish_reason": "stop"`… */
const END_MARK =
  /\[DONE\]|"(type|event|status|kind|op)"\s*:\s*"[\w.:-]*(done|end|completed?|finish(ed)?|final|stop)"|"(done|finished|(is_)?final|complete)"\s*:\s*true|"finish_reason"\s*:\s*"/i;
/** How the page tells the server to stop. */
const STOP_MARK = /"(type|event|action|op)"\s*:\s*"[\w.:-]*(stop|cancel|abort|interrupt)/i;

/** Bodies that are watched for that at the same time. */
const MAX_UNREAD = 100;

/**
 * `sure`: an answer. `pieces`: an answer if it came in several pieces. `closed`: if, besides, the page itself
 * closed it (an EventSource that stays open is a live feed).
 */
export type Certainty = 'sure' | 'pieces' | 'closed';

/** One answer that is coming. */
interface Incoming {
  /** Pieces that have come. */
  chunks: number;
  /** Page milliseconds of its latest piece; before the first, of the moment when it was noticed. */
  lastMs: number;
}

interface SourceParts<Coming extends Incoming> {
  hub: Hub;
  options: Options;
  /** Whether an answer has come from there before: an error there is a failed answer. */
  isKnown(request: PageRequest): boolean;
  /** A request is being answered. */
  begin(request: PageRequest, certainty: Certainty): Coming;
  /** A piece of so many bytes (or characters) has come. */
  chunk(answer: Coming, size: number): void;
  /** It was no answer. */
  forget(answer: Coming): void;
  /** It has ended: now, or at an earlier page moment. */
  end(answer: Coming, reason: AnswerEnd, atMs?: number): void;
}

/** Finds answers in what the page requests: streamed bodies of fetch, XHR as it grows, EventSource, WebSocket. */
export function watchAnswers<Coming extends Incoming>(parts: SourceParts<Coming>): void {
  const { hub, options, isKnown, begin, chunk, forget, end } = parts;
  const isNamed = (url: string): boolean => fits(options.answerUrls, url);
  const unread = new Map<PageRequest, (lastMs: number) => void>();
  let orderedMs = Number.NEGATIVE_INFINITY;
  listen(window, ['click', 'keydown'], (event) => {
    if (event.type === 'click' || (event as KeyboardEvent).key === 'Escape') orderedMs = nowMs();
  });
  /** A page that stops reading at its protocol's own end mark has not been told to by anybody. */
  const whyCancelled = ({ startMs }: PageRequest): AnswerEnd =>
    orderedMs > startMs && nowMs() - orderedMs < USER_STOP_MS ? 'stopped' : 'done';

  /** Whether a response of fetch is an answer, and how sure that is. */
  function certaintyOf({ url, contentType = '', method, response }: PageRequest): Certainty | undefined {
    if (isNamed(url) || STREAMED.test(contentType)) return 'sure';
    const isOpenEnded = contentType === 'text/plain' && !response?.headers.has('content-length');
    return isOpenEnded && method === 'POST' ? 'pieces' : undefined;
  }

  function followFetch(request: PageRequest): void {
    const { status, response, signal, isAborted, xhr } = request;
    const isFailure = !status || status >= 400;
    if (isFailure && !request.told && (isKnown(request) || isNamed(request.url))) {
      end(begin(request, 'sure'), status ? 'error' : isAborted ? 'stopped' : 'network');
    }
    const certainty = isFailure || xhr ? undefined : certaintyOf(request);
    if (!certainty || !response) return;
    const answer = begin(request, certainty);
    const endWhenQuiet = (lastMs?: number): void => {
      // What nobody sees being read (a worker reads it) ends with its last byte.
      if (lastMs && !answer.chunks) answer.lastMs = lastMs;
      const quietMs = nowMs() - answer.lastMs;
      if (quietMs >= READ_ALL_AFTER_MS) end(answer, 'done', answer.lastMs);
      else setTimeout(guarded(endWhenQuiet), READ_ALL_AFTER_MS - quietMs);
    };
    unread.set(request, endWhenQuiet);
    forgetOldest(unread, MAX_UNREAD);
    watchBody(response, {
      chunk: chunk.bind(undefined, answer),
      end: () => end(answer, 'done'),
      cancel: () => end(answer, whyCancelled(request)),
      fail: (error) =>
        end(answer, signal?.aborted || (error as Error)?.name === 'AbortError' ? 'stopped' : 'network'),
    });
  }

  /** XHR shows its body as it grows; the type of the response is known before the first piece. */
  function followXhr(request: PageRequest): void {
    const { xhr } = request;
    let answer: Coming | undefined;
    let loaded = 0;
    if (!xhr) return;
    listen<ProgressEvent>(xhr, ['progress'], (event) => {
      const type = mediaType(xhr.getResponseHeader('content-type'));
      request.told ||= isNamed(request.url) || STREAMED.test(type ?? '');
      if (request.told) answer ??= begin(request, 'sure');
      if (answer) chunk(answer, event.loaded - loaded);
      loaded = event.loaded;
    });
    listen(xhr, ['loadend'], () => {
      if (answer) end(answer, request.isAborted ? 'stopped' : xhr.status ? 'done' : 'network');
    });
  }

  /** An EventSource is an answer when the page closes it after some events; servers that are done just hang up. */
  function followEventSource(request: PageRequest): void {
    const source = request.source as EventSource;
    const answer = begin(request, isNamed(request.url) ? 'sure' : 'closed');
    const heard = new Set(['open', 'error']);
    let hasEvents = false;
    let hungUp = false;
    const onEvent = (event: Event): void => {
      hasEvents = true;
      chunk(answer, String((event as MessageEvent).data).length);
    };
    const hear = (type: string): void => {
      if (heard.has(type)) return;
      heard.add(type);
      listen(source, [type], onEvent);
    };
    hear('message');
    listen(source, ['error'], () => {
      hungUp = true;
    });
    hookMethod(source, 'addEventListener', (_, [type]) => hear(String(type)));
    hookMethod(source, 'close', () =>
      end(answer, hungUp ? (hasEvents ? 'done' : 'network') : whyCancelled(request)),
    );
  }

  /**
   * On a socket each question that the page sends begins an answer. It counts when the socket is named by
   * `answerUrls`, has answered before, or says itself when it is done: people also chat by sockets.
   */
  function followWebSocket(request: PageRequest): void {
    const socket = request.source as WebSocket;
    let answer: Coming | undefined;
    let isSure = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let askedMs = 0;
    const finish = (reason: AnswerEnd, atMs?: number): void => {
      clearTimeout(timer);
      if (answer && isSure) end(answer, reason, atMs);
      else if (answer) forget(answer);
      answer = undefined;
    };
    const finishAtLast = guarded(() => finish('done', answer?.lastMs));
    hookMethod(socket, 'send', (_, [data]) => {
      const text = String(data);
      if (answer && STOP_MARK.test(text)) finish('stopped');
      const isKnownPlace = isNamed(request.url) || isKnown(request);
      // A named socket may be asked in plain words.
      if (questionOf(data) === undefined && (!isKnownPlace || /^[[{]/.test(text))) return;
      finishAtLast();
      askedMs = nowMs();
      isSure = isKnownPlace;
      answer = begin({ ...request, startMs: askedMs, body: data }, isSure ? 'sure' : 'pieces');
    });
    listen<MessageEvent>(socket, ['message'], ({ data }) => {
      if (!answer) return;
      chunk(answer, data.length ?? data.byteLength ?? data.size);
      const isLast = END_MARK.test(data);
      isSure ||= isLast;
      clearTimeout(timer);
      timer = setTimeout(finishAtLast, isLast ? SOCKET_END_MS : SOCKET_QUIET_MS);
    });
    listen<CloseEvent>(socket, ['close'], ({ wasClean }) => finish(wasClean ? 'done' : 'network'));
    hookMethod(socket, 'close', () => finish(whyCancelled({ ...request, startMs: askedMs })));
  }

  // A page that breaks off at its protocol's own end mark never reads the end: the network's end stands for it.
  hub.on('resource_timing', (entry) => {
    for (const [request, endWhenQuiet] of unread) {
      if (!isTimingOf(entry, request)) continue;
      unread.delete(request);
      endWhenQuiet(entry.responseEnd);
      return;
    }
  });
  hub.on('request_start', followXhr);
  hub.on('request_end', followFetch);
  hub.on('event_source', followEventSource);
  hub.on('web_socket', followWebSocket);
}
