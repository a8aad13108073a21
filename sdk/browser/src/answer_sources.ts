import { forgetOldest } from './bounded.js';
import { nowMs } from './clock.js';
import { guarded, listen, observeEntries } from './guard.js';
import type { Hub } from './hub.js';
import { fits, type Options } from './options.js';
import { isTimingOf, mediaType } from './requests.js';
import { watchBody } from './streams.js';
import type { AnswerEnd } from './types/answer.js';
import type { PageRequest } from './types/request.js';

/** Media types that carry streamed answers: server-sent events and lines of JSON. */
const STREAMED =
  /^text\/event-stream$|^application\/(x-)?(ndjson|jsonl|jsonlines|stream\+json|json-seq|json-stream)$/;
/** A page that stops reading this shortly after a click or Escape (not the one that asked) was told to. */
const USER_STOP_MS = 1000;

/** All bytes have come, and the page has read none for this long: it will not read on. */
const READ_ALL_AFTER_MS = 500;
/** Bodies that are watched for that at the same time. */
const MAX_UNREAD = 100;

/**
 * `sure`: an answer. `pieces`: an answer if it came in several pieces. `closed`: if, besides, the page itself
 * closed it (an EventSource that stays open is a live feed).
 */
export type Certainty = 'sure' | 'pieces' | 'closed';

/** One answer that is coming. */
export interface Incoming {
  /** A piece of so many bytes (or characters) has come. */
  chunk(size: number): void;
  /** It has ended: now, or at an earlier page moment. */
  end(reason: AnswerEnd, atMs?: number): void;
}

/** Says that a request is being answered. */
export type Begin = (request: PageRequest, certainty: Certainty) => Incoming;

interface SourceParts {
  hub: Hub;
  options: Options;
  /** Whether an answer has come from there before: an error there is a failed answer. */
  isKnown(request: PageRequest): boolean;
  begin: Begin;
}

/** Finds answers in what the page requests: streamed bodies of fetch, XHR as it grows, EventSource. */
export function watchAnswers({ hub, options, isKnown, begin }: SourceParts): void {
  const isNamed = (url: string): boolean => fits(options.answerUrls, url);
  const unread = new Map<PageRequest, () => void>();
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
    const { status, response, signal, aborted, xhr } = request;
    const isFailure = !status || status >= 400;
    if (isFailure && (isKnown(request) || isNamed(request.url))) {
      begin(request, 'sure').end(status ? 'error' : aborted ? 'stopped' : 'network');
    }
    const certainty = isFailure || xhr ? undefined : certaintyOf(request);
    if (!certainty || !response) return;
    const answer = begin(request, certainty);
    let lastMs = nowMs();
    const endWhenQuiet = (): void => {
      const quietMs = nowMs() - lastMs;
      if (quietMs >= READ_ALL_AFTER_MS) answer.end('done', lastMs);
      else setTimeout(guarded(endWhenQuiet), READ_ALL_AFTER_MS - quietMs);
    };
    unread.set(request, endWhenQuiet);
    forgetOldest(unread, MAX_UNREAD);
    watchBody(response, {
      chunk(size) {
        lastMs = nowMs();
        answer.chunk(size);
      },
      end: () => answer.end('done'),
      cancel: () => answer.end(whyCancelled(request)),
      fail: (error) =>
        answer.end(signal?.aborted || (error as Error)?.name === 'AbortError' ? 'stopped' : 'network'),
    });
  }

  /** XHR shows its body as it grows; the type of the response is known before the first piece. */
  function followXhr(request: PageRequest): void {
    const { xhr } = request;
    let answer: Incoming | undefined;
    let loaded = 0;
    const onProgress = guarded((event: ProgressEvent) => {
      const type = mediaType(xhr?.getResponseHeader('content-type'));
      if (isNamed(request.url) || STREAMED.test(type ?? '')) answer ??= begin(request, 'sure');
      answer?.chunk(event.loaded - loaded);
      loaded = event.loaded;
    });
    const onEnd = guarded(() => answer?.end(request.aborted ? 'stopped' : xhr?.status ? 'done' : 'network'));
    xhr?.addEventListener('progress', onProgress);
    xhr?.addEventListener('loadend', onEnd);
  }

  /** An EventSource is an answer when the page closes it after some events; servers that are done just hang up. */
  function followEventSource(request: PageRequest): void {
    const source = request.source as EventSource;
    const answer = begin(request, isNamed(request.url) ? 'sure' : 'closed');
    const { addEventListener, close } = source;
    const heard = new Set(['open', 'error']);
    let hasEvents = false;
    let hungUp = false;
    const onEvent = guarded((event: Event) => {
      hasEvents = true;
      answer.chunk(String((event as MessageEvent).data).length);
    });
    const hear = (type: string): void => {
      if (!heard.has(type)) addEventListener.call(source, type, onEvent);
      heard.add(type);
    };
    hear('message');
    addEventListener.call(source, 'error', () => {
      hungUp = true;
    });
    source.addEventListener = (type: string, ...rest: unknown[]): void => {
      hear(String(type));
      Reflect.apply(addEventListener, source, [type, ...rest]);
    };
    source.close = () => {
      close.call(source);
      answer.end(hungUp ? (hasEvents ? 'done' : 'network') : whyCancelled(request));
    };
  }

  // A page that breaks off at its protocol's own end mark never reads the end: the network's end stands for it.
  observeEntries('resource', (entry) => {
    for (const [request, endWhenQuiet] of unread) {
      if (!isTimingOf(entry, request)) continue;
      unread.delete(request);
      endWhenQuiet();
      return;
    }
  });
  hub.on('request_start', followXhr);
  hub.on('request_end', followFetch);
  hub.on('event_source', followEventSource);
}
