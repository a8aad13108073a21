import type { Activity } from '../activity.js';
import { nowMs, toNs } from '../clock.js';
import { type ElementName, nameOf, selectorOf } from '../element_name.js';
import type { Emit } from '../events.js';
import { listen } from '../guard.js';
import type { Hub } from '../hub.js';
import { uuid } from '../ids.js';
import type { Options } from '../options.js';
import { privacyOf } from '../privacy.js';

/**
 * The page's reaction to a click is followed this long. Shorter than Datadog's 10 s: a streamed answer
 * changes the page all the time, and the click must be seen in the session while it is fresh.
 */
const MAX_REACTION_MS = 3000;
/** Clicks on one element at most this far apart in time belong together… */
const CHAIN_GAP_MS = 1000;
/** …and in place. */
const CHAIN_DISTANCE_PX = 100;
/** This many within one second show rage. */
const RAGE_CLICKS = 3;
/** Clicks whose ids late events may ask for. */
const MAX_PAST_CLICKS = 50;

/** Elements where a click without a visible reaction is no disappointment. */
const NEVER_DEAD =
  'input:not([type=checkbox],[type=radio],[type=button],[type=submit],[type=reset],[type=range]),textarea,select,[contenteditable],canvas,a[href]';
const OPT_OUT = ['data-dip-ignore-frustration', 'data-dd-ignore-frustration'];

interface Click {
  id: string;
  startMs: number;
  endMs?: number;
  target: Element;
  name: ElementName;
  x: number;
  y: number;
  /** The page changed, something was selected or scrolled, or the element wants no reaction. */
  reacted: boolean;
  endOfReactionMs?: number;
  selectedOrScrolled: boolean;
  counts: Record<'error' | 'resource' | 'long_task', number>;
  finishNow?: () => void;
}

interface Chain {
  clicks: Click[];
  closed: boolean;
}

export interface Actions {
  /** Ids of the clicks in progress at a page moment. */
  idsAt(startMs: number): string[];
}

interface ActionParts {
  hub: Hub;
  emit: Emit;
  activity: Activity;
  options: Options;
}

/** Clicks with their names, what they set in motion, and the frustrations they show. */
export function captureActions({ hub, emit, activity, options }: ActionParts): Actions {
  const past: Click[] = [];
  let chain: Chain = { clicks: [], closed: false };
  let chainTimer: ReturnType<typeof setTimeout> | undefined;

  function onClick(event: MouseEvent): void {
    const target = targetOf(event);
    if (!target || (!event.isTrusted && !options.allowUntrustedEvents)) return;
    if (privacyOf(target, options.defaultPrivacyLevel) === 'hidden') return;
    const click: Click = {
      id: uuid(),
      startMs: nowMs(),
      target,
      name: nameOf(target, options),
      x: event.clientX,
      y: event.clientY,
      reacted: target.closest(NEVER_DEAD) !== null,
      selectedOrScrolled: false,
      counts: { error: 0, resource: 0, long_task: 0 },
    };
    past.unshift(click);
    past.length = Math.min(past.length, MAX_PAST_CLICKS);
    if (!continues(chain.clicks, click)) {
      close(chain);
      chain = { clicks: [], closed: false };
    }
    chain.clicks.push(click);
    followReaction(click, chain);
  }

  function followReaction(click: Click, own: Chain): void {
    click.finishNow = activity.whenQuiet(MAX_REACTION_MS, ({ endMs }) => {
      if (endMs !== undefined) {
        click.reacted = true;
        click.endOfReactionMs = endMs;
      }
      click.endMs = nowMs();
      sendWhenDone(own);
    });
    clearTimeout(chainTimer);
    chainTimer = setTimeout(() => close(own), CHAIN_GAP_MS);
  }

  function close(own: Chain): void {
    own.closed = true;
    sendWhenDone(own);
  }

  /** A chain leaves once no click can join it and all its clicks have ended. */
  function sendWhenDone(own: Chain): void {
    if (!own.closed || own.clicks.some((click) => click.endMs === undefined)) return;
    const clicks = own.clicks.splice(0);
    const [first] = clicks;
    if (!first) return;
    if (isRage(clicks)) sendChain(first, clicks);
    else for (const click of clicks) send(click, frustrationsOf(click));
  }

  function sendChain(first: Click, clicks: Click[]): void {
    const types = new Set(['rage_click', ...clicks.flatMap(frustrationsOf)]);
    const last = clicks[clicks.length - 1] as Click;
    send({ ...first, endOfReactionMs: last.endOfReactionMs ?? last.startMs }, [...types]);
  }

  function send(click: Click, frustrations: string[]): void {
    const box = click.target.getBoundingClientRect();
    const wanted = frustrations.filter((type) => !isIgnored(click.target, type));
    emit({
      type: 'action',
      startMs: click.startMs,
      source: { target: click.target },
      data: {
        action: {
          id: click.id,
          type: 'click',
          target: { name: click.name.name },
          frustration: { type: wanted },
          loading_time: click.endOfReactionMs && toNs(click.endOfReactionMs - click.startMs),
          error: { count: click.counts.error },
          resource: { count: click.counts.resource },
          long_task: { count: click.counts.long_task },
        },
        _dd: {
          action: {
            name_source: click.name.source,
            position: { x: Math.round(click.x - box.left), y: Math.round(click.y - box.top) },
            target: {
              selector: selectorOf(click.target),
              width: Math.round(box.width),
              height: Math.round(box.height),
            },
          },
        },
      },
    });
  }

  const reacted = (): void => {
    const [last] = past;
    if (last && last.endMs === undefined) last.reacted = last.selectedOrScrolled = true;
  };
  const typed = (): void => {
    const [last] = past;
    if (last && last.endMs === undefined) last.reacted = true;
  };
  listen<MouseEvent>(window, ['click'], onClick);
  listen(document, ['selectionchange', 'scroll'], reacted);
  listen(document, ['input'], typed);
  hub.on('event', (event) => {
    const ids = (event.action as { id?: unknown } | undefined)?.id;
    for (const click of past) {
      const { counts } = click;
      if (Array.isArray(ids) && ids.includes(click.id) && event.type in counts)
        counts[event.type as keyof typeof counts] += 1;
    }
  });
  hub.on('page_exit', () => {
    for (const click of past) click.finishNow?.();
    close(chain);
  });

  return {
    idsAt: (startMs) =>
      past
        .filter((click) => click.startMs <= startMs && startMs < (click.endMs ?? Number.POSITIVE_INFINITY))
        .map((click) => click.id),
  };
}

/** Through open shadow roots: the element under the pointer, not its host. */
function targetOf(event: Event): Element | undefined {
  const [target] = event.composedPath();
  return target instanceof Element ? target : undefined;
}

function continues(chain: Click[], click: Click): boolean {
  const last = chain[chain.length - 1];
  return (
    last !== undefined &&
    last.target === click.target &&
    click.startMs - last.startMs <= CHAIN_GAP_MS &&
    Math.hypot(click.x - last.x, click.y - last.y) <= CHAIN_DISTANCE_PX
  );
}

function isRage(clicks: Click[]): boolean {
  if (clicks.some((click) => click.selectedOrScrolled)) return false;
  return clicks.some((click, at) => {
    const third = clicks[at + RAGE_CLICKS - 1];
    return third !== undefined && third.startMs - click.startMs <= 1000;
  });
}

function frustrationsOf(click: Click): string[] {
  const types: string[] = [];
  if (!click.reacted) types.push('dead_click');
  if (click.counts.error > 0) types.push('error_click');
  return types;
}

/** `data-dip-ignore-frustration=""` or `all`, or the names of those to ignore, on the element or an ancestor. */
function isIgnored(element: Element, type: string): boolean {
  return OPT_OUT.some((attribute) => {
    for (
      let at = element.closest(`[${attribute}]`);
      at;
      at = at.parentElement?.closest(`[${attribute}]`) ?? null
    ) {
      const value = at.getAttribute(attribute) ?? '';
      if (value === '' || value === 'all' || value.split(/\s+/).includes(type.replace('_', '-'))) return true;
    }
    return false;
  });
}

/** An action told by the page itself. */
export function customAction(
  name: string,
  context: Record<string, unknown> | undefined,
  startMs: number,
): Parameters<Emit>[0] {
  return {
    type: 'action',
    startMs,
    context,
    data: {
      action: { id: uuid(), type: 'custom', target: { name }, frustration: { type: [] } },
    },
  };
}
