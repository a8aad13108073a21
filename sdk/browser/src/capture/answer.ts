import { nowMs } from '../clock.js';
import type { Emit } from '../events.js';
import { onFirstWords } from '../first_paint.js';
import { guarded, listen } from '../guard.js';
import type { Hub } from '../hub.js';
import { uuid } from '../ids.js';
import { fits, type Options } from '../options.js';
import { questionOf } from '../question.js';
import { mediaType } from '../requests.js';
import { watchBody } from '../streams.js';
import type { Answer, AnswerEnd } from '../types/answer.js';
import type { OpenedEventSource } from '../types/event_source.js';
import type { PageRequest } from '../types/request.js';
import type { ViewHistory } from '../view_history.js';

/** Media types that carry streamed answers: server-sent events and lines of JSON. */
const STREAMED =
  /^text\/event-stream$|^application\/(x-)?(ndjson|jsonl|jsonlines|stream\+json|json-seq|json-stream)$/;
/** What may be an answer is one if it came in at least this many pieces. */
const FEW_CHUNKS = 3;
/** No piece for this long is a stall: people notice a pause of one second (https://www.nngroup.com/articles/response-times-3-important-limits/). */
const STALL_MS = 1000;
const MAX_STALLS = 50;
/** A stream older than this when the page is left is a live feed, not an answer. */
const MAX_AGE_MS = 10 * 60_000;
/** A page that stops reading this shortly after the user did something was told to. */
const USER_STOP_MS = 1000;

/**
 * `sure`: an answer. `pieces`: an answer if it came in several pieces. `closed`: if, besides, the page itself
 * closed it (an EventSource that stays open is a live feed).
 */
type Certainty = 'sure' | 'pieces' | 'closed';

interface Stall {
  start_ms: number;
  duration_ms: number;
}

interface Coming extends Answer {
  lastMs: number;
  stalls: Stall[];
  stallMs: number;
  /** The page's hidden time when it was asked. */
  hiddenBeforeMs: number;
  certainty: Certainty;
  isMarked?: boolean;
  status?: number | undefined;
  stopWatching?: () => void;
}

export interface AnswerOptions {
  /** The element in which it is shown. */
  element?: Element;
  question?: string;
  /** Where it comes from; the page's address by default. */
  url?: string;
}

export interface Answers {
  /** An answer that comes by a way we do not see; gives its id. */
  start(options?: AnswerOptions): string;
  /** A piece of such an answer has come. */
  chunk(id: string, size?: number): void;
  end(id: string, reason?: AnswerEnd): void;
}

interface AnswerParts {
  hub: Hub;
  emit: Emit;
  history: ViewHistory;
  options: Options;
  /** Page milliseconds of the user's last click or key. */
  lastInputMs(): number;
}

/** Streamed AI answers as the person feels them: asked, first piece, first words painted, stalls, end. */
export function captureAnswers(parts: AnswerParts): Answers {
  const { hub, emit, history, options } = parts;
  const hiddenMs = watchHidden();
  const coming = new Map<string, Coming>();
  /** Places that have answered before: an error from there is a failed answer. */
  const known = new Set<string>();

  function begin(
    from: Pick<Answer, 'url' | 'method' | 'askedMs' | 'trace' | 'question'>,
    certainty: Certainty,
  ): Coming {
    const answer: Coming = {
      ...from,
      id: uuid(),
      view: history.at(from.askedMs),
      chunks: 0,
      bytes: 0,
      lastMs: from.askedMs,
      stalls: [],
      stallMs: 0,
      hiddenBeforeMs: hiddenMs(),
      certainty,
    };
    coming.set(answer.id, answer);
    return answer;
  }

  function chunk(answer: Coming, size: number): void {
    if (answer.endedMs !== undefined) return;
    const atMs = nowMs();
    if (answer.firstByteMs === undefined) {
      answer.firstByteMs = atMs;
      watchPaint(answer);
    } else {
      noteStall(answer, atMs);
    }
    answer.lastMs = atMs;
    answer.chunks += 1;
    answer.bytes += size;
  }

  function watchPaint(answer: Coming): void {
    answer.stopWatching = onFirstWords(({ atMs, element, isMarked }) => {
      answer.firstPaintMs = atMs;
      answer.element ??= element;
      answer.isMarked = isMarked;
      if (answer.endedMs !== undefined) release(answer);
    });
  }

  /** The words of a short answer are painted after its last piece: the event waits for that frame. */
  function end(answer: Coming, reason: AnswerEnd): void {
    if (answer.endedMs !== undefined) return;
    answer.endedMs = nowMs();
    answer.endReason = reason;
    if (answer.chunks > 0 && answer.firstPaintMs === undefined && !document.hidden && reason !== 'hidden') {
      setTimeout(() => release(answer), 100);
    } else {
      release(answer);
    }
  }

  function release(answer: Coming): void {
    if (!coming.delete(answer.id)) return;
    answer.stopWatching?.();
    if (answer.certainty !== 'sure' && answer.chunks < FEW_CHUNKS) return;
    known.add(placeOf(answer));
    const data = wireAnswer(answer, hiddenMs() - answer.hiddenBeforeMs, options.captureAnswerText);
    emit({ type: 'answer', startMs: answer.askedMs, view: answer.view, data });
    hub.tell('answer_end', answer);
  }

  function beginFrom(request: PageRequest, certainty: Certainty): Coming {
    const { url, method, startMs, trace, body } = request;
    const answer = begin(
      { url, method, trace, askedMs: startMs, question: questionOf(body, url) },
      certainty,
    );
    answer.status = request.status;
    return answer;
  }

  /** A page that leaves at its protocol's own end mark has not been stopped by anybody. */
  const whyCancelled = (): AnswerEnd => (nowMs() - parts.lastInputMs() < USER_STOP_MS ? 'stopped' : 'done');

  function onRequestEnd(request: PageRequest): void {
    const certainty = request.xhr ? failedAgain(request, known) : certaintyOf(request, options, known);
    if (!certainty) return;
    const answer = beginFrom(request, certainty);
    const { status = 0, response, signal } = request;
    if (status === 0) end(answer, request.aborted ? 'stopped' : 'network');
    else if (status >= 400) end(answer, 'error');
    else if (response) follow(answer, response, signal);
  }

  function follow(answer: Coming, response: Response, signal: AbortSignal | null | undefined): void {
    watchBody(response, {
      chunk: (size) => chunk(answer, size),
      end: () => end(answer, 'done'),
      cancel: () => end(answer, whyCancelled()),
      fail: (error) =>
        end(answer, signal?.aborted || (error as Error)?.name === 'AbortError' ? 'stopped' : 'network'),
    });
  }

  /** XHR shows its body as it grows; the type of the response is known before the first piece. */
  function followXhr(request: PageRequest): void {
    const { xhr } = request;
    let answer: Coming | undefined;
    let loaded = 0;
    xhr?.addEventListener(
      'progress',
      guarded((event: ProgressEvent) => {
        const type = mediaType(xhr.getResponseHeader('content-type'));
        if (!answer && (STREAMED.test(type ?? '') || isNamed(request.url, options)))
          answer = beginFrom(request, 'sure');
        if (answer) chunk(answer, event.loaded - loaded);
        loaded = event.loaded;
      }),
    );
    xhr?.addEventListener(
      'loadend',
      guarded(
        () => answer && end(answer, request.aborted ? 'stopped' : xhr.status === 0 ? 'network' : 'done'),
      ),
    );
  }

  /** An EventSource is an answer when the page closes it after some events; servers that are done just hang up. */
  function followEventSource({ source, url, startMs, trace }: OpenedEventSource): void {
    const certainty = isNamed(url, options) ? 'sure' : 'closed';
    const answer = begin(
      { url, method: 'GET', trace, askedMs: startMs, question: questionOf(undefined, url) },
      certainty,
    );
    const heard = new Set(['open', 'error']);
    const hear = (type: string): void => {
      if (heard.has(type)) return;
      heard.add(type);
      source.addEventListener(
        type,
        guarded((event: Event) => chunk(answer, String((event as MessageEvent).data).length)),
      );
    };
    hear('message');
    const { addEventListener, close } = source;
    source.addEventListener = (type: string, ...rest: unknown[]): void => {
      guarded(hear)(type);
      Reflect.apply(addEventListener, source, [type, ...rest]);
    };
    let hungUp = false;
    addEventListener.call(source, 'error', () => {
      hungUp = true;
    });
    source.close = () => {
      close.call(source);
      guarded(end)(answer, hungUp ? (answer.chunks > 0 ? 'done' : 'network') : whyCancelled());
    };
  }

  hub.on('page_exit', (reason) => {
    if (reason !== 'before_unload') return;
    for (const answer of [...coming.values()]) {
      if (answer.endedMs !== undefined) release(answer);
      else if (answer.certainty !== 'closed' && nowMs() - answer.askedMs < MAX_AGE_MS) end(answer, 'hidden');
    }
  });
  if (options.trackAnswers) {
    hub.on('request_start', followXhr);
    hub.on('request_end', onRequestEnd);
    hub.on('event_source', followEventSource);
  }

  return {
    start({ element, question, url } = {}) {
      const answer = begin({ url: url ?? location.href, method: '', askedMs: nowMs(), question }, 'sure');
      answer.element = element;
      return answer.id;
    },
    chunk(id, size = 1) {
      const answer = coming.get(id);
      if (answer) chunk(answer, size);
    },
    end(id, reason = 'done') {
      const answer = coming.get(id);
      if (answer) end(answer, reason);
    },
  };
}

/** Whether a response of fetch is an answer, and how sure that is. */
function certaintyOf(request: PageRequest, options: Options, known: Set<string>): Certainty | undefined {
  const { url, contentType = '', method, response } = request;
  if (isNamed(url, options)) return 'sure';
  if (!response?.ok) return failedAgain(request, known);
  if (STREAMED.test(contentType)) return 'sure';
  const isOpenEnded = contentType === 'text/plain' && !response.headers.has('content-length');
  return isOpenEnded && method === 'POST' ? 'pieces' : undefined;
}

/** A failure where answers came from before is a failed answer. */
function failedAgain(request: PageRequest, known: Set<string>): Certainty | undefined {
  const { status = 0 } = request;
  return (status === 0 || status >= 400) && known.has(placeOf(request)) ? 'sure' : undefined;
}

function isNamed(url: string, options: Options): boolean {
  return options.answerUrls.some((rule) => fits(rule, url));
}

function placeOf({ method, url }: { method: string; url: string }): string {
  return `${method} ${url.split('?', 1)[0]}`;
}

function noteStall(answer: Coming, atMs: number): void {
  const gapMs = atMs - answer.lastMs;
  if (gapMs < STALL_MS) return;
  answer.stallMs += gapMs;
  if (answer.stalls.length < MAX_STALLS) {
    answer.stalls.push({ start_ms: since(answer, answer.lastMs), duration_ms: Math.round(gapMs) });
  }
}

function since(answer: Answer, atMs: number): number {
  return Math.round(atMs - answer.askedMs);
}

function wireAnswer(answer: Coming, hiddenMs: number, withQuestion: boolean): Record<string, unknown> {
  const {
    id,
    url,
    method,
    trace,
    chunks,
    bytes,
    stalls,
    stallMs,
    firstByteMs,
    firstPaintMs,
    endedMs = nowMs(),
  } = answer;
  return {
    answer: {
      id,
      url,
      method,
      question: withQuestion ? answer.question : undefined,
      first_byte_ms: firstByteMs && since(answer, firstByteMs),
      first_paint_ms: firstPaintMs && since(answer, firstPaintMs),
      first_paint_source: firstPaintMs && (answer.isMarked ? 'attribute' : 'heuristic'),
      done_ms: since(answer, endedMs),
      chunks,
      bytes,
      stalls,
      stall_ms: Math.round(stallMs),
      hidden_ms: Math.round(hiddenMs),
      end_reason: answer.endReason,
      status_code: answer.status || undefined,
    },
    dip: { event_id: id, trace_id: trace?.traceId, span_id: trace?.spanId },
  };
}

/** Gives the time that the page has been hidden so far, in milliseconds. */
function watchHidden(): () => number {
  let sumMs = 0;
  let sinceMs = document.hidden ? nowMs() : undefined;
  const look = (): number => {
    if (sinceMs !== undefined) sumMs += nowMs() - sinceMs;
    sinceMs = document.hidden ? nowMs() : undefined;
    return sumMs;
  };
  listen(document, ['visibilitychange'], look);
  return look;
}
