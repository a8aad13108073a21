import { useEffect, useMemo, useRef, useState } from 'react';
import type { Clock, Replay, ReplayView, Span, Trace } from '../../api/types.ts';
import { Player } from '../../parts/player/player.ts';
import { placeAt, tabAt, tabsOf, viewsOfTab } from '../../parts/player/playlist.ts';
import { usePlayer } from '../../parts/player/usePlayer.ts';
import type { TimelineRow } from '../../parts/session/timeline.ts';
import { questionSeenAt } from '../../parts/turn/question.ts';
import type { Written } from '../../replay-frame/protocol.ts';
import type { DiptychPlace } from './place.ts';
import { type Asked, askedBetween, bandAt, lastBegun, type Story, spanAt, writerAt } from './story.ts';

interface Sides {
  sessionId: string;
  replay: Replay | null;
  story: Story;
  place: DiptychPlace;
  /** When the trace that is linked to was asked for, epoch ms on the page's clock; null where none is, or it is not known. */
  askedAt: number | null;
  onMove: (place: DiptychPlace) => void;
}

/** What is chosen of the agent's side; nulls are chosen by what the trace itself holds. */
interface Choice {
  trace: string | null;
  span: string | null;
}

/** The one playhead of a Diptych, and everything that moves with it. */
export interface OnePlayhead {
  player: Player;
  choice: Choice;
  /** The tab of the browser that is shown, and the views of it. */
  tab: string | null;
  /** Those of its tabs that have something to play. */
  tabs: string[];
  views: ReplayView[];
  /** The page's clock as far as it is known. */
  clock: Clock | null;
  /** To a moment of the page; what runs then is chosen. */
  toMoment: (at: number) => void;
  toTurn: (asked: Asked) => void;
  toTrace: (traceId: string) => void;
  /** To an event, and to the trace that it names. */
  toRow: (row: TimelineRow) => void;
  toSpan: (trace: Trace, span: Span) => void;
  /** To the call that wrote an answer which the replay shows; says whether it is known whose it is. The playhead stays. */
  toWriter: (written: Written) => boolean;
  toTab: (tab: string) => void;
  toggle: () => void;
  /** Tells which trace is loaded, so that a moment chooses a span of it. */
  know: (trace: Trace | null) => void;
  /** How far the page's clock is off where the trace was asked: server time = page time + this, ms. */
  offsetOf: (trace: Trace) => number;
}

/** Holds the playhead of a session; the place in the URL follows each stop and jump, and leads where it changes. */
export function usePlayhead({ sessionId, replay, story, place, askedAt, onMove }: Sides): OnePlayhead {
  const clock = replay?.clock ?? null;
  const all = replay?.views ?? NO_VIEWS;
  const [opensAt] = useState(() => openingOf(place, story, askedAt));
  const [startAt] = useState(() => opensAt ?? firstPicture(all, story.whole.start));
  const [tab, setTab] = useState(() => tabFor(all, tabAt(all, startAt), startAt, place.tab));
  const tabs = useMemo(() => tabsOf(all), [all]);
  const views = useMemo(() => viewsOfTab(all, tab), [all, tab]);
  const [player] = useState(() => {
    const made = new Player(sessionId, views, startAt, story.whole);
    if (opensAt === null) made.openAtContent();
    return made;
  });
  const [choice, setChoice] = useState<Choice>(() => choiceOf(place, story, startAt));
  const loaded = useRef<Trace | null>(null);
  /** What was chosen before its trace was loaded, at a moment or (null) at any: its span is found once that is. */
  const awaited = useRef<{ trace: string; at: number | null; find: FindSpan } | null>(null);
  /** The last moment that was put into the URL from here; another one there comes from a link. */
  const told = useRef(place.at);
  /** A link to a span alone opens at its start, which is known once its trace is. */
  const opensAtSpan = useRef(place.at === undefined ? place.span : undefined);

  useEffect(() => player.update(views, story.whole), [player, views, story.whole]);
  useEffect(() => player.keep(story.bands), [player, story.bands]);

  const offsetOf = (trace: Trace) => {
    const first = trace.sessions.find((session) => session.exists);
    const own = first?.session_id === sessionId ? trace.clock : null;
    return (own ?? clock)?.offset_ms ?? 0;
  };
  const spanOf = (traceId: string | null, at: number | null, find: FindSpan) => {
    const trace = loaded.current;
    const isLoaded = trace !== null && trace.trace_id === traceId;
    awaited.current = isLoaded || traceId === null ? null : { trace: traceId, at, find };
    return isLoaded ? (find(trace)?.span_id ?? null) : null;
  };
  const spanNow = (traceId: string | null, at: number) =>
    spanOf(traceId, at, (trace) => spanAt(trace.spans, (at + offsetOf(trace)) * 1e6));
  const tell = (at: number, next: Choice, shownTab: string | null) => {
    const trace = next.trace ?? undefined;
    const span = next.span ?? undefined;
    told.current = Math.round(at);
    onMove({
      at: told.current,
      tab: tabs.length > 1 ? (shownTab ?? undefined) : undefined,
      trace,
      span,
      turn: undefined,
      // What was open of another span or trace is closed.
      ...(span !== place.span && { detail: undefined, against: undefined }),
      ...(trace !== place.trace && { find: undefined }),
    });
  };
  const move = (at: number, next: Choice, wantedTab?: string | null) => {
    const other = tabFor(all, tab, at, wantedTab);
    if (other !== tab) setTab(other);
    setChoice(next);
    player.seek(at);
    tell(at, next, other);
  };
  const toMoment = (at: number, wantedTab?: string) => {
    const under = underOf(story, choice.trace, at);
    const trace = under ?? choice.trace;
    const span = spanNow(trace, at) ?? (trace === choice.trace ? choice.span : null);
    move(at, { trace, span }, wantedTab);
  };
  const toSpan = (trace: Trace, span: Span) =>
    move(span.start_ns / 1e6 - offsetOf(trace), { trace: trace.trace_id, span: span.span_id });
  const know = (trace: Trace | null) => {
    loaded.current = trace;
    if (!trace) return;
    const linked = trace.spans.find(({ span_id }) => span_id === opensAtSpan.current);
    opensAtSpan.current = linked ? undefined : opensAtSpan.current;
    if (linked) toSpan(trace, linked);
    else chooseAwaited(trace.trace_id);
  };
  /** Unless the playhead has gone elsewhere since. */
  const chooseAwaited = (traceId: string) => {
    const { current } = awaited;
    const { at } = player.state();
    if (current?.trace !== traceId || (current.at !== null && current.at !== at)) return;
    const next = { trace: traceId, span: spanOf(traceId, current.at, current.find) ?? choice.span };
    setChoice(next);
    tell(at, next, tab);
  };
  useFollowing(player, story, choice.trace, setChoice);
  useOtherTab(player, all, tab, setTab);
  useEffect(() => {
    if (place.at === undefined || place.at === told.current) return;
    told.current = place.at;
    setChoice(choiceOf(place, story, place.at));
    player.seek(place.at);
  }, [player, place, story]);

  return {
    player,
    choice,
    tab,
    tabs,
    views,
    clock,
    toMoment: (at) => toMoment(at),
    toTurn: ({ turn, seen }) =>
      move(seen, { trace: turn.served?.trace_id ?? choice.trace, span: null }, turn.felt?.tab_id),
    toTrace: (traceId) => {
      const band = story.bands.find(({ id }) => id === traceId);
      move(band?.start ?? player.state().at, { trace: traceId, span: null });
    },
    toRow: ({ at, traceId, event }) => {
      const named = traceId ?? event?.trace_id ?? null;
      if (named === null || !story.bands.some(({ id }) => id === named)) toMoment(at);
      else move(at, { trace: named, span: spanNow(named, at) });
    },
    toSpan,
    toWriter: ([first, last]) => {
      const asked = askedBetween(story.asked, tab, first);
      const traceId = asked?.turn.served?.trace_id;
      if (!asked || !traceId) return false;
      const { isPlaying, at } = player.state();
      if (isPlaying) player.pause();
      const writtenAt = Math.min(last, asked.end);
      const span = spanOf(traceId, null, (trace) =>
        writerAt(trace.spans, (writtenAt + offsetOf(trace)) * 1e6),
      );
      const next = { trace: traceId, span };
      setChoice(next);
      tell(at, next, tab);
      return true;
    },
    toTab: (next) => {
      const own = viewsOfTab(all, next);
      const at = player.state().at;
      const found = placeAt(own, at);
      setTab(next);
      if (found.isRecorded) tell(at, choice, next);
      else toMoment((own.find((view) => view.start > at) ?? own[0])?.start ?? at, next);
    },
    toggle: () => {
      const { isPlaying, at } = player.state();
      player.toggle();
      if (!isPlaying) return;
      const next = { ...choice, span: spanNow(choice.trace, at) ?? choice.span };
      setChoice(next);
      tell(at, next, tab);
    },
    know,
    offsetOf,
  };
}

type FindSpan = (trace: Trace) => Span | null;

const NO_VIEWS: ReplayView[] = [];

/** While it moves, the playhead chooses the trace it comes into; one that it is still in stays chosen. */
function useFollowing(
  player: Player,
  story: Story,
  traceId: string | null,
  choose: (choice: Choice) => void,
): void {
  const underId = usePlayer(player, ({ at }) => underOf(story, traceId, at));
  const known = useRef(underId);
  useEffect(() => {
    if (known.current === underId) return;
    known.current = underId;
    if (underId !== null && underId !== traceId) choose({ trace: underId, span: null });
  }, [underId, traceId, choose]);
}

/** Where the shown tab has no picture and another tab has, the other is shown. */
function useOtherTab(
  player: Player,
  all: ReplayView[],
  tab: string | null,
  setTab: (tab: string | null) => void,
): void {
  const isRecorded = usePlayer(player, (state) => state.isRecorded);
  useEffect(() => {
    if (isRecorded) return;
    const other = tabFor(all, tab, player.state().at, undefined);
    if (other !== tab) setTab(other);
  }, [player, all, tab, setTab, isRecorded]);
}

/** The trace at a moment: the chosen one where it runs then, else the one that began last. */
function underOf(story: Story, chosen: string | null, at: number): string | null {
  const own = story.bands.find(({ id }) => id === chosen);
  return own && bandAt([own], at) ? own.id : (bandAt(story.bands, at)?.id ?? null);
}

/** The tab to show at a moment: the wanted one, else the one shown, else another that was recording then. */
function tabFor(all: ReplayView[], shown: string | null, at: number, wanted: string | null | undefined) {
  const isRecording = (tab: string | null | undefined) =>
    placeAt(viewsOfTab(all, tab ?? null), at).isRecorded;
  if (wanted && isRecording(wanted)) return wanted;
  if (shown === null || isRecording(shown)) return shown;
  const recording = all.find((view) => view.start <= at && at <= view.end);
  return recording?.tab_id ?? shown;
}

/** The moment that a link names, the question of what it names else; null where it names none of these. */
function openingOf(place: DiptychPlace, story: Story, askedAt: number | null): number | null {
  const asked = story.asked.find(({ turn }) => turn.turn_id === place.turn);
  const band = story.bands.find(({ id }) => id === place.trace);
  const seen = asked?.seen ?? (askedAt === null ? null : questionSeenAt(askedAt));
  return place.at ?? seen ?? band?.start ?? null;
}

/** Where the playhead stands until it is known where there is something to see. */
function firstPicture(views: ReplayView[], start: number): number {
  return viewsOfTab(views, null)[0]?.start ?? start;
}

function choiceOf(place: DiptychPlace, story: Story, at: number): Choice {
  const asked = story.asked.find(({ turn }) => turn.turn_id === place.turn);
  const trace =
    place.trace ??
    asked?.turn.served?.trace_id ??
    underOf(story, null, at) ??
    (lastBegun(story.bands, at) ?? story.bands[0])?.id ??
    null;
  return { trace, span: place.span ?? null };
}
