import { type Certainty, watchAnswers } from '../answer_sources.js';
import { forgetOldest } from '../bounded.js';
import { nowMs } from '../clock.js';
import type { Emit } from '../events.js';
import { onFirstWords, watchShadowRoots } from '../first_paint.js';
import { listen } from '../guard.js';
import type { Hub } from '../hub.js';
import { uuid } from '../ids.js';
import type { Options } from '../options.js';
import { isHidden } from '../page_life.js';
import { questionOf } from '../question.js';
import type { Answer, AnswerEnd } from '../types/answer.js';
import type { PageRequest } from '../types/request.js';
import type { ViewHistory } from '../view_history.js';
import { wireFields } from '../wire_fields.js';

/** What may be an answer is one if it came in at least this many pieces. */
const FEW_CHUNKS = 3;
/** No piece for this long is a stall: people notice a pause of one second (https://www.nngroup.com/articles/response-times-3-important-limits/). */
const STALL_MS = 1000;
const MAX_STALLS = 50;
/** What comes just after the end still counts for this long: the frame that shows the words, the page's end. */
const SETTLE_MS = 100;
/** Words that come whole are shown after it: at once, or as if they were typed. */
const SHOWN_WITHIN_MS = 1000;
/** A stream older than this when the page is left is a live feed, not an answer. */
const MAX_AGE_MS = 10 * 60_000;
/** Answers that may come at the same time (feeds that are never closed count too), and places they may come from. */
const MAX_COMING = 100;
const MAX_KNOWN = 100;

interface Stall {
  start_ms: number;
  duration_ms: number;
}

interface Coming extends Answer {
  /** Page milliseconds of its latest piece; before the first, of the moment when it was noticed. */
  lastMs: number;
  stalls: Stall[];
  stallMs: number;
  /** The page's hidden time when it was asked. */
  hiddenBeforeMs: number;
  certainty: Certainty;
  isMarked?: boolean;
  status: number | undefined;
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
}

/** Streamed AI answers as the person feels them: asked, first piece, first words painted, stalls, end. */
export function captureAnswers(parts: AnswerParts): Answers {
  const { hub, emit, history, options } = parts;
  const hiddenMs = watchHidden();
  const coming = new Map<string, Coming>();
  /** Places that have answered before: an error from there is a failed answer. */
  const known = new Set<string>();

  function begin({ url, method, trace, startMs, status, body }: PageRequest, certainty: Certainty): Coming {
    const answer: Coming = {
      id: uuid(),
      url,
      method,
      trace,
      status,
      certainty,
      askedMs: startMs,
      question: questionOf(body, url),
      view: history.at(startMs),
      chunks: 0,
      bytes: 0,
      lastMs: nowMs(),
      stalls: [],
      stallMs: 0,
      hiddenBeforeMs: hiddenMs(),
    };
    coming.set(answer.id, answer);
    forgetOldest(coming, MAX_COMING);
    return answer;
  }

  function chunk(answer: Coming, size: number): void {
    if (answer.endedMs !== undefined) return;
    const atMs = nowMs();
    if (answer.firstByteMs === undefined) {
      answer.firstByteMs = atMs;
      watchPaint(answer);
    } else if (atMs - answer.lastMs >= STALL_MS) noteStall(answer, atMs - answer.lastMs);
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

  /**
   * The words of a short answer are painted after its last piece: the event waits for them. So does one whose
   * connection broke: browsers break connections just before they tell a page that it is being left.
   */
  function end(answer: Coming, reason: AnswerEnd, atMs = nowMs()): void {
    if (answer.endedMs !== undefined) return;
    answer.endedMs = atMs;
    answer.endReason = reason;
    const isUnpainted = answer.chunks > 0 && answer.firstPaintMs === undefined && !isHidden();
    if (reason === 'network' || (isUnpainted && reason !== 'hidden')) {
      setTimeout(() => release(answer), reason === 'done' ? SHOWN_WITHIN_MS : SETTLE_MS);
    } else {
      release(answer);
    }
  }

  function release(answer: Coming): void {
    if (!coming.delete(answer.id)) return;
    answer.stopWatching?.();
    if (answer.certainty !== 'sure' && answer.chunks < FEW_CHUNKS) return;
    known.add(placeOf(answer));
    forgetOldest(known, MAX_KNOWN);
    const wire = wireAnswer(answer, hiddenMs() - answer.hiddenBeforeMs, options.captureAnswerText);
    emit({ type: 'answer', startMs: answer.askedMs, view: answer.view, wire });
    hub.tell('answer_end', answer);
  }

  hub.on('page_exit', (reason) => {
    if (reason !== 'before_unload') return;
    for (const answer of [...coming.values()]) {
      if (answer.endedMs !== undefined) {
        if (answer.endReason === 'network') answer.endReason = 'hidden';
        release(answer);
      } else if (answer.certainty !== 'closed' && nowMs() - answer.askedMs < MAX_AGE_MS)
        end(answer, 'hidden');
    }
  });
  watchShadowRoots();
  if (options.trackAnswers) {
    watchAnswers({
      hub,
      options,
      isKnown: (request) => known.has(placeOf(request)),
      begin,
      chunk,
      forget(answer) {
        answer.stopWatching?.();
        coming.delete(answer.id);
      },
      end,
    });
  }

  return {
    start({ element, question, url = location.href } = {}) {
      const answer = begin({ url, method: '', startMs: nowMs(), body: { question } }, 'sure');
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

function placeOf({ method, url }: { method: string; url: string }): string {
  return `${method} ${url.split('?', 1)[0]}`;
}

function noteStall(answer: Coming, gapMs: number): void {
  answer.stallMs += gapMs;
  if (answer.stalls.length < MAX_STALLS) {
    answer.stalls.push({ start_ms: since(answer, answer.lastMs), duration_ms: Math.round(gapMs) });
  }
}

function since(answer: Answer, atMs: number): number {
  return Math.round(atMs - answer.askedMs);
}

function wireAnswer(answer: Coming, hiddenMs: number, withQuestion: boolean): Record<string, unknown> {
  const { id, trace, stallMs, firstByteMs, firstPaintMs, endedMs = nowMs() } = answer;
  return {
    answer: {
      ...wireFields(answer, 'id url method chunks bytes stalls'),
      question: withQuestion ? answer.question : undefined,
      first_byte_ms: firstByteMs && since(answer, firstByteMs),
      first_paint_ms: firstPaintMs && since(answer, firstPaintMs),
      first_paint_source: firstPaintMs && (answer.isMarked ? 'attribute' : 'heuristic'),
      done_ms: since(answer, endedMs),
      stall_ms: Math.round(stallMs),
      hidden_ms: Math.round(hiddenMs),
      end_reason: answer.endReason,
      status_code: answer.status || undefined,
    },
    dip: { event_id: id, ...trace },
  };
}

/** Gives the time that the page has been hidden so far, in milliseconds. */
function watchHidden(): () => number {
  let sumMs = 0;
  let sinceMs = isHidden() ? nowMs() : undefined;
  const look = (): number => {
    if (sinceMs !== undefined) sumMs += nowMs() - sinceMs;
    sinceMs = isHidden() ? nowMs() : undefined;
    return sumMs;
  };
  listen(document, ['visibilitychange'], look);
  return look;
}
