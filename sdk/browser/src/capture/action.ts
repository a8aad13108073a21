import type { Activity } from '../activity.js';
import { nowMs, toNs } from '../clock.js';
import { nameOf, selectorOf, targetOf } from '../element_name.js';
import type { Emit } from '../events.js';
import { listen } from '../guard.js';
import type { Hub } from '../hub.js';
import { uuid } from '../ids.js';
import type { Options } from '../options.js';
import { privacyOf } from '../privacy.js';
import type { View, ViewHistory } from '../view_history.js';
import { countFields } from '../wire_fields.js';

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
  view: View | undefined;
  x: number;
  y: number;
  /** What is known of it at once, in wire fields: a click may remove its own target. */
  facts: ClickFacts;
  /** The page changed, something was selected or scrolled, or the element wants no reaction. */
  reacted: boolean;
  endOfReactionMs?: number;
  selectedOrScrolled?: boolean;
  counts: Record<'error' | 'resource' | 'long_task', number>;
  finishNow?: () => void;
}

interface ClickFacts {
  name: string;
  _dd: Record<string, unknown>;
}

interface Chain {
  clicks: Click[];
  /** No click can join it any more. */
  closed?: boolean;
}

export interface Actions {
  /** Ids of the clicks in progress at a page moment. */
  idsAt(startMs: number): string[];
}

interface ActionParts {
  hub: Hub;
  history: ViewHistory;
  emit: Emit;
  activity: Activity;
  options: Options;
}

/** Clicks with their names, what they set in motion, and the frustrations they show. */
export function captureActions({ hub, history, emit, activity, options }: ActionParts): Actions {
  const past: Click[] = [];
  let chain: Chain = { clicks: [] };
  let chainTimer: ReturnType<typeof setTimeout> | undefined;

  function onClick(event: MouseEvent): void {
    const target = targetOf(event);
    if (!target || (!event.isTrusted && !options.allowUntrustedEvents)) return;
    if (privacyOf(target, options.defaultPrivacyLevel) === 'hidden') return;
    const click: Click = {
      id: uuid(),
      // When somebody clicked; a busy page hears of it later.
      startMs: Math.min(event.timeStamp, nowMs()),
      target,
      // Not by its time: the view of a session that it has just begun is younger than itself.
      view: history.at(),
      x: event.clientX,
      y: event.clientY,
      facts: factsOf(event, target, options),
      reacted: target.closest(NEVER_DEAD) !== null,
      counts: { error: 0, resource: 0, long_task: 0 },
    };
    past.unshift(click);
    past.length = Math.min(past.length, MAX_PAST_CLICKS);
    if (!continues(chain.clicks, click)) {
      close(chain);
      chain = { clicks: [] };
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
    if (!isRage(clicks)) for (const click of clicks) send(click, frustrationsOf(click));
    else {
      const last = clicks[clicks.length - 1] as Click;
      const types = new Set(['rage_click', ...clicks.flatMap(frustrationsOf)]);
      send({ ...first, endOfReactionMs: last.endOfReactionMs ?? last.startMs }, [...types]);
    }
  }

  function send(
    { id, startMs, view, target, facts, counts, endOfReactionMs }: Click,
    frustrations: string[],
  ): void {
    emit({
      type: 'action',
      startMs,
      view,
      behind: { target },
      wire: {
        action: {
          id,
          type: 'click',
          target: { name: facts.name },
          frustration: { type: frustrations.filter((type) => !isIgnored(target, type)) },
          loading_time: endOfReactionMs && toNs(endOfReactionMs - startMs),
          ...countFields(counts),
        },
        _dd: facts._dd,
      },
    });
  }

  /** Notes a reaction that shows no change in the page. */
  const reacted = (changes: Partial<Click>) => (): void => {
    const [last] = past;
    if (last && last.endMs === undefined) Object.assign(last, changes);
  };
  listen<MouseEvent>(window, ['click'], onClick);
  const selectedOrScrolled = reacted({ reacted: true, selectedOrScrolled: true });
  listen(document, ['scroll'], selectedOrScrolled);
  let hadSelection = false;
  listen(document, ['selectionchange'], () => {
    // A click also moves the caret of a page that nobody selects anything in: that is no reaction.
    const hasSelection = getSelection()?.isCollapsed === false;
    if (hasSelection || hadSelection) selectedOrScrolled();
    hadSelection = hasSelection;
  });
  listen(document, ['input'], reacted({ reacted: true }));
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

function factsOf(event: MouseEvent, target: Element, options: Options): ClickFacts {
  const { name, source } = nameOf(target, options);
  const { left, top, width, height } = target.getBoundingClientRect();
  const action = {
    name_source: source,
    position: { x: Math.round(event.clientX - left), y: Math.round(event.clientY - top) },
    target: { selector: selectorOf(target), width: Math.round(width), height: Math.round(height) },
  };
  return { name, _dd: { action } };
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
  const values = ['=""', '="all"', `~="${type.replace('_', '-')}"`];
  return (
    element.closest(OPT_OUT.flatMap((name) => values.map((value) => `[${name}${value}]`)).join()) !== null
  );
}
