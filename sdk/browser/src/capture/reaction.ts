import { forgetOldest } from '../bounded.js';
import { nowMs } from '../clock.js';
import { shownText, targetOf } from '../element_name.js';
import type { Emit } from '../events.js';
import { listen } from '../guard.js';
import type { Hub } from '../hub.js';
import { uuid } from '../ids.js';
import { hookMethod } from '../method_hook.js';
import type { Options } from '../options.js';
import { likeness } from '../question.js';
import type { Answer } from '../types/answer.js';
import { frustrationsIn } from '../wire_fields.js';

/** What a person did with an answer. */
export type ReactionKind =
  | 'copy'
  | 'retry'
  | 'rephrase'
  | 'stop'
  | 'thumbs_up'
  | 'thumbs_down'
  | 'edit'
  | 'rage_click'
  | 'leave';

/** A question asked again, or otherwise, counts for the answer before it this long after its end. */
const FOLLOW_UP_MS = 2 * 60_000;
/** Leaving the view within this time after the end (or before it) is a reaction to the answer. */
const LEAVE_MS = 10_000;
/** A click explains what follows it for this long (a copy, a new request). */
const CLICK_MS = 1500;
/** Questions at least this alike are the same question in other words. */
const REPHRASED_FROM = 0.4;
/** Answers that reactions are looked up for. */
const MAX_ANSWERS = 20;
/** Reactions that are remembered as told: every kind, for the answers above. */
const MAX_TOLD = 200;

/** Buttons have short names; longer text is something else. */
const MAX_NAME = 60;

/** Names that pages give to their buttons; the click's name is matched as a whole word. */
const BUTTONS: [ReactionKind, RegExp][] = [
  ['thumbs_up', /\bthumbs?[ -]?up\b|^(good|helpful)( response| answer)?$|👍/i],
  ['thumbs_down', /\bthumbs?[ -]?down\b|^(bad|(not |un)helpful)( response| answer)?$|👎/i],
];
const RETRY_BUTTON = /\b(retry|regenerate|try again)\b/i;
const EDIT_BUTTON = /^edit\b/i;

export interface Reactions {
  /** What the page itself knows: thumbs, an edit. Without an id it is about the latest answer; false when there is none. */
  add(kind: ReactionKind, answerId?: string, details?: Record<string, unknown>): boolean;
}

interface ReactionParts {
  hub: Hub;
  emit: Emit;
  options: Options;
}

/**
 * What people do with answers, by rules that are written down here: each has a confidence from 0 to 1.
 * What the page tells itself (`addFeedback`) has confidence 1 and source `explicit`.
 */
export function captureReactions({ hub, emit, options }: ReactionParts): Reactions {
  const answers: Answer[] = [];
  const told = new Set<string>();
  /** When a question was last taken up again to change it. */
  let editedMs = 0;
  let click: { atMs: number; names: string[]; target: Element } | undefined;

  function react(
    kind: ReactionKind,
    answer: Answer | undefined,
    confidence: number,
    startMs = nowMs(),
    details?: Record<string, unknown>,
  ): boolean {
    // Each kind once an answer: ten copies are still one opinion.
    if (!answer || told.has(kind + answer.id)) return false;
    told.add(kind + answer.id);
    forgetOldest(told, MAX_TOLD);
    const id = uuid();
    return emit({
      type: 'reaction',
      startMs,
      view: answer.view,
      wire: {
        reaction: {
          id,
          kind,
          answer_id: answer.id,
          after_ms: Math.max(0, Math.round(startMs - (answer.endedMs ?? startMs))),
          confidence,
          source: 'behaviour',
          ...details,
        },
        dip: { event_id: id, trace_id: answer.trace?.trace_id },
      },
    });
  }

  /** The answer shown around a node; the latest one where no answer's element is known there. */
  function answerAt(node: Node | null | undefined): { answer: Answer | undefined; isInside: boolean } {
    const around = answers.find(({ element }) => node && element?.isConnected && isNear(element, node));
    return { answer: around ?? answers[0], isInside: around !== undefined };
  }

  function onAnswerEnd(answer: Answer): void {
    const [previous] = answers;
    answers.unshift(answer);
    answers.length = Math.min(answers.length, MAX_ANSWERS);
    if (!options.trackReactions) return;
    if (previous) followUp(previous, answer);
    if (answer.endReason === 'stopped') react('stop', answer, 0.9);
  }

  /**
   * The same question again is a retry, the same in other words a rephrasing; buttons and the field itself say more. It
   * was done when the next answer was asked for, though it is known when that one has ended.
   */
  function followUp(previous: Answer, { askedMs, question }: Answer): void {
    if (askedMs - (previous.endedMs ?? 0) > FOLLOW_UP_MS) return;
    if (click?.names.some((name) => RETRY_BUTTON.test(name)) && Math.abs(askedMs - click.atMs) < CLICK_MS) {
      react('retry', previous, 0.95, askedMs);
    } else if (previous.question && question) {
      const alike = likeness(previous.question, question);
      if (alike < 1 && editedMs > previous.askedMs) react('edit', previous, 0.9, askedMs);
      else if (alike === 1) react('retry', previous, 0.9, askedMs);
      else if (alike >= REPHRASED_FROM) react('rephrase', previous, Math.round(alike * 100) / 100, askedMs);
    }
  }

  function onCopy(node: Node | null | undefined): void {
    const { answer, isInside } = answerAt(node);
    if (isInside) react('copy', answer, 0.95);
    // Some pages show the finished answer in another element than the one that grew.
    else if (!answer?.element?.isConnected) react('copy', answer, 0.5);
  }

  function onClick(event: MouseEvent): void {
    const target = targetOf(event);
    if (!target || !event.isTrusted) return;
    click = { atMs: nowMs(), names: namesOf(target), target };
    if (click.names.some((name) => EDIT_BUTTON.test(name))) editedMs = nowMs();
    for (const [kind, pattern] of BUTTONS) {
      if (click.names.some((name) => pattern.test(name))) react(kind, answerAt(target).answer, 0.8);
    }
  }

  /** For what can only be about the latest answer, if it has just ended. */
  function reactSoon(kind: ReactionKind, confidence: number): void {
    const [latest] = answers;
    if (nowMs() - (latest?.endedMs ?? 0) < LEAVE_MS) react(kind, latest, confidence);
  }

  hub.on('answer_end', onAnswerEnd);
  if (options.trackReactions) {
    // Chat pages also change their address while they stay what they are.
    hub.on('view_end', () => reactSoon('leave', 0.3));
    hub.on('page_exit', (reason) => reason === 'before_unload' && reactSoon('leave', 0.5));
    hub.on('event', (event) => {
      if (frustrationsIn(event).includes('rage_click')) reactSoon('rage_click', 0.7);
    });
    listen<MouseEvent>(window, ['click'], onClick);
    // The field in which somebody begins to write holds the last question: it is being changed.
    listen(document, ['beforeinput'], ({ target }) => {
      const { value, textContent } = target as HTMLInputElement;
      const question = answers[0]?.question;
      if (question && (value ?? textContent).trim() === question) editedMs = nowMs();
    });
    listen(document, ['copy'], () => onCopy(getSelection()?.anchorNode));
    // "Copy" buttons write to the clipboard without a copy event.
    hookMethod(navigator.clipboard ?? {}, 'writeText', () => {
      if (click && nowMs() - click.atMs < CLICK_MS) onCopy(click.target);
    });
  }

  return {
    add(kind, answerId, details) {
      const answer = answerId === undefined ? answers[0] : answers.find((each) => each.id === answerId);
      return react(kind, answer, 1, undefined, { source: 'explicit', ...details });
    },
  };
}

/** Buttons of an answer (copy, thumbs) often stand beside it, in the same message: up to three levels up. */
function isNear(element: Element, node: Node): boolean {
  let at: Element | null = element;
  for (let up = 0; at && at !== document.body && up <= 3; up += 1, at = at.parentElement) {
    if (at.contains(node)) return true;
  }
  return false;
}

/** What a button calls itself: to screen readers, in its tooltip, on its face. Nothing of it is sent. */
function namesOf(target: Element): string[] {
  const button = target.closest('button,[role="button"],a') ?? target;
  const names = [button.getAttribute('aria-label'), button.getAttribute('title'), shownText(button)];
  return names.map((name) => name?.trim().slice(0, MAX_NAME) ?? '');
}
