"""Hypothesis strategies for the page's side: sessions with their tabs, views, events and recordings."""

from collections.abc import Callable

from hypothesis import strategies as st

from .scenario import (
    Action,
    Answer,
    LongTask,
    PageError,
    PageEvent,
    Reaction,
    Resource,
    Segment,
    Session,
    Tab,
    User,
    View,
    ViewVersion,
    Vital,
)
from .words import ids, words

Draw = st.DrawFn

SCENARIO_MS = 5 * 60_000
"""How long a scenario lasts."""

VIEW_MS = 60_000
"""Events and recordings of a view lie this far after its start at most."""

SKEWS_MS = (0, 0, 7_000, -7_000, 3 * 3_600_000, -365 * 86_400_000, 365 * 86_400_000)
"""Clocks that are right, 7 s off, in another time zone, and a year behind or ahead."""

FRUSTRATIONS = ("rage_click", "dead_click", "error_click")
END_REASONS = ("done", "stopped", "network", "hidden", "error")
REACTIONS = ("copy", "retry", "rephrase", "stop", "thumbs_up", "thumbs_down", "edit", "rage_click", "leave")

users = st.one_of(
    st.none(),
    st.builds(User, id=words, name=words, email=st.just("")),
    st.builds(User, id=st.just("42"), name=st.just("Ada"), email=st.just("ada@example.org")),
)


def _action(draw: Draw, event_id: str, at_ms: int) -> PageEvent:
    return Action(
        event_id,
        at_ms,
        draw(st.sampled_from(("click", "custom"))),
        draw(words),
        tuple(draw(st.lists(st.sampled_from(FRUSTRATIONS), unique=True, max_size=2))),
        draw(st.sampled_from((None, 0, 380))),
    )


def _error(draw: Draw, event_id: str, at_ms: int) -> PageEvent:
    return PageError(
        event_id, at_ms, draw(words), draw(st.sampled_from(("", "TypeError"))), draw(_maybe(words))
    )


def _resource(draw: Draw, event_id: str, at_ms: int) -> PageEvent:
    return Resource(
        event_id,
        at_ms,
        draw(st.sampled_from(("fetch", "xhr", "image"))),
        draw(st.sampled_from(("GET", "POST"))),
        "https://shop.example/api?q=" + draw(words),
        draw(st.sampled_from((0, 200, 404, 500))),
        draw(st.integers(0, 3_000)),
    )


def _long_task(draw: Draw, event_id: str, at_ms: int) -> PageEvent:
    return LongTask(event_id, at_ms, draw(st.integers(50, 900)))


def _vital(draw: Draw, event_id: str, at_ms: int) -> PageEvent:
    return Vital(event_id, at_ms, draw(words), draw(st.integers(0, 900)))


def _answer(draw: Draw, event_id: str, at_ms: int) -> PageEvent:
    first_byte_ms = draw(st.integers(0, 500))
    done_ms = first_byte_ms + draw(st.integers(0, 5_000))
    return Answer(
        event_id,
        at_ms,
        "https://shop.example/chat",
        draw(_maybe(words)),
        first_byte_ms,
        draw(st.sampled_from((None, first_byte_ms, done_ms))),
        done_ms,
        draw(st.sampled_from(END_REASONS)),
    )


def _reaction(draw: Draw, event_id: str, at_ms: int) -> PageEvent:
    return Reaction(event_id, at_ms, draw(st.sampled_from(REACTIONS)), "some-answer", None)


MAKERS: tuple[Callable[[Draw, str, int], PageEvent], ...] = (
    _action,
    _action,
    _error,
    _resource,
    _long_task,
    _vital,
    _answer,
    _reaction,
)


def _maybe(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), strategy)


def _versions(draw: Draw, *, is_first: bool) -> tuple[ViewVersion, ...]:
    """Versions that reached the wire: numbers grow, some are missing, the last one knows the most."""
    numbers = sorted(draw(st.sets(st.integers(1, 9), min_size=1, max_size=3)))
    anonymous = draw(st.integers(0, len(numbers))) if is_first else 0
    name = draw(_maybe(words))
    return tuple(
        ViewVersion(number, 1_000 * number, name, has_user=place >= anonymous)
        for place, number in enumerate(numbers)
    )


def _segments(draw: Draw, at_ms: int) -> tuple[Segment, ...]:
    indexes = sorted(draw(st.sets(st.integers(0, 4), max_size=4)))
    segments = []
    for index in indexes:
        start_ms = at_ms + index * 10_000
        end_ms = start_ms + draw(st.integers(0, 9_000))
        texts = tuple(draw(st.lists(words, min_size=1, max_size=3)))
        segments.append(Segment(index, start_ms, end_ms, texts))
    return tuple(segments)


@st.composite
def views(draw: Draw, name: str, *, is_first: bool) -> View:
    """Give a view called `name`; its events' ids start with that name."""
    at_ms = draw(st.integers(0, SCENARIO_MS - VIEW_MS))
    events = []
    for number in range(draw(st.integers(1, 4))):
        make = draw(st.sampled_from(MAKERS))
        events.append(make(draw, f"{name}.{number}", at_ms + draw(st.integers(0, VIEW_MS))))
    return View(
        draw(ids(name)),
        draw(st.sampled_from(("https://shop.example/", "https://shop.example/a%20b?x=1#y", "/chat"))),
        at_ms,
        _versions(draw, is_first=is_first),
        tuple(events),
        _segments(draw, at_ms),
    )


@st.composite
def sessions(draw: Draw, number: int) -> Session:
    """Give the session of this number: one person, one browser, one clock."""
    tabs = []
    for tab in range(draw(st.integers(1, 2))):
        name = f"s{number}.t{tab}"
        count = draw(st.integers(1, 2))
        drawn = [draw(views(f"{name}.v{view}", is_first=view == 0)) for view in range(count)]
        tabs.append(Tab(name, tuple(drawn)))
    return Session(
        draw(ids(f"session-{number}")),
        draw(st.sampled_from(("shop", "admin"))),
        draw(st.sampled_from(("", "chat-web"))),
        draw(st.sampled_from(("", "prod"))),
        draw(st.sampled_from(("", "1.2.3"))),
        draw(users),
        draw(st.sampled_from(SKEWS_MS)),
        tuple(tabs),
    )
