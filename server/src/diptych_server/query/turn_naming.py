"""Which answers of pages name which traces: by a trace's own id, or by that of the APM trace it stands in."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from diptych_server.query.apm_traces import traces_of_apm
from diptych_server.query.links import TraceLinks, trace_links
from diptych_server.query.turn_matching import Half, joined_by_trace
from diptych_server.store.came import Came
from diptych_server.store.database import Database


class Naming(NamedTuple):
    """Answers and traces, and what names what."""

    known: Mapping[str, Half]
    """By answer id."""
    started: Mapping[str, float]
    """By trace id: when it began, epoch ms; of LLM kinds alone."""
    answer_of: Mapping[str, str]
    """Answer id by trace id."""
    links: Mapping[str, TraceLinks]
    """By trace id: of every trace that has any."""
    behind: Mapping[str, Collection[str]]
    """By each id that answers tell, or APM traces have, and no LLM trace: the traces that stand behind it."""
    read: frozenset[str]
    """Trace ids of which all of this has been read."""


NO_NAMING = Naming({}, {}, {}, {}, {}, frozenset())


async def read_naming(
    database: Database,
    project_id: str,
    *,
    answer_ids: Collection[str] = (),
    halves: Collection[Half] = (),
    trace_ids: Collection[str] = (),
    so_far: Naming = NO_NAMING,
) -> Naming:
    """The answers and traces, with every other that could take one of them, and all that is known `so_far`.

    Args:
        database: the store.
        project_id: whose.
        answer_ids: answers that are yet to be read.
        halves: answers that have been read.
        trace_ids: traces.
        so_far: is not read again; any part of it may be given alone.
    """
    known = {**so_far.known, **{half.answer_id: half for half in halves}}
    links, started = dict(so_far.links), dict(so_far.started)
    behind = {name: set(traces) for name, traces in so_far.behind.items()}
    read = set(so_far.read)

    async def read_traces(ids: Collection[str], *, whose: Collection[str], named: Collection[str]) -> None:
        """What is told of traces, with the answers that name them or have these ids, and of names of APM."""
        read.update(ids)
        more, more_links, more_started, found = await asyncio.gather(
            answer_halves(database, project_id, ids=whose, trace_ids=ids),
            trace_links(database, project_id, ids - links.keys()),
            started_ms(database, project_id, ids - started.keys()),
            traces_of_apm(database, project_id, named),
        )
        known.update({half.answer_id: half for half in more})
        links.update(more_links)
        started.update(more_started)
        behind.update({name: found.get(name, set()) for name in named})

    def told() -> set[str]:
        """Ids that answers or spans of APM name traces by."""
        by_answers = {half.trace_id for half in known.values() if half.trace_id}
        return by_answers.union(*(each.apm_trace_ids for each in links.values()))

    def not_here(names: Collection[str]) -> set[str]:
        """Those that were looked for and are no LLM trace's: of APM, or of what has not arrived."""
        return {name for name in names if name in read and name not in started} - behind.keys()

    names = told()
    unread = names.union(each for each in trace_ids if each) - read
    unasked: Collection[str] = set(answer_ids) - known.keys()
    unfound = not_here(names)
    # An answer leads to traces, these to other ids that answers name them by: mostly there are none.
    while unread or unasked or unfound:
        await read_traces(unread, whose=unasked, named=unfound)
        names = told()
        unread = names.union(*behind.values()) - read
        unasked = ()
        unfound = not_here(names)
    best = _best_named(names, behind, started)
    return Naming(known, started, joined_by_trace(known.values(), best), links, behind, frozenset(read))


def _best_named(
    names: set[str], behind: Mapping[str, Collection[str]], started: Mapping[str, float]
) -> dict[str, str]:
    """By the id that a page sent: the trace of that id, else of those behind it the first begun."""
    best = {name: name for name in names if name in started}
    for name in names - best.keys():
        if among := [trace_id for trace_id in behind.get(name, ()) if trace_id in started]:
            best[name] = min(among, key=lambda each: (started[each], each))
    return best


async def answer_halves(
    database: Database,
    project_id: str,
    *,
    ids: Collection[str] = (),
    trace_ids: Collection[str] = (),
    session_ids: Collection[str] = (),
) -> list[Half]:
    """Answers by any of these."""
    wanted = {
        column: held
        for column, held in (
            ("event_id", set(ids)),
            ("trace_id", set(trace_ids) - {""}),
            ("session_id", set(session_ids)),
        )
        if held
    }
    # Mostly one is asked by, and of that what was read before is known.
    if len(wanted) != 1:
        return await _halves(database, project_id, wanted)
    [(column, held)] = wanted.items()
    found = await database.things.read(
        project_id,
        ("answer halves", column),
        held,
        lambda missing: _halves_by(database, project_id, column, missing),
        _CHANGED[column],
        len,
    )
    return [half for each in found.values() for half in each]


_CHANGED: Mapping[str, Callable[[Came], Collection[str]]] = {
    "event_id": lambda came: came.answer_ids,
    "trace_id": lambda came: came.named_trace_ids,
    "session_id": lambda came: came.answered_session_ids,
}
"""Of which answers others may be told, once more have come."""


async def _halves_by(
    database: Database, project_id: str, column: str, ids: Collection[str]
) -> dict[str, list[Half]]:
    """The answers that have each of these ids in a column."""
    found: dict[str, list[Half]] = defaultdict(list)
    for half in await _halves(database, project_id, {column: ids}):
        ids_of = {"event_id": half.answer_id, "trace_id": half.trace_id, "session_id": half.session_id}
        found[ids_of[column]].append(half)
    return found


async def _halves(database: Database, project_id: str, wanted: Mapping[str, Collection[str]]) -> list[Half]:
    """The answers that have one of the ids in one of the columns."""
    if not wanted:
        return []
    # Only what is asked by: an index serves one condition, not a choice of several.
    conditions = [f"answers.{column} IN {{{column}:Array(String)}}" for column in wanted]
    rows = await database.query(
        f"""
        SELECT event_id AS answer_id,
          max(answers.session_id) AS session_id, max(answers.trace_id) AS trace_id,
          toUnixTimestamp64Milli(min(answers.asked)) AS asked_ms,
          toUnixTimestamp64Milli(min(answers.first_seen)) AS seen_ms
        FROM answers
        WHERE project_id = {{project:String}} AND ({" OR ".join(conditions)})
        GROUP BY event_id
        HAVING max(answers.is_answer)
        """,  # noqa: S608 - names from the table above; every value is bound
        {column: sorted(held) for column, held in wanted.items()} | {"project": project_id},
    )
    return [Half(**row) for row in rows]


async def started_ms(database: Database, project_id: str, trace_ids: Collection[str]) -> dict[str, float]:
    """When each trace of LLM kinds began; the others are not in the answer."""
    return await database.things.read(
        project_id,
        "started traces",
        trace_ids,
        lambda missing: _started_ms(database, project_id, missing),
        lambda came: came.trace_ids,
    )


async def _started_ms(database: Database, project_id: str, trace_ids: Collection[str]) -> dict[str, float]:
    rows = await database.query(
        """
        SELECT trace_id, min(start_ns) AS started_ns FROM traces
        WHERE project_id = {project:String} AND trace_id IN {traces:Array(String)}
        GROUP BY trace_id HAVING max(is_llm)
        """,
        {"project": project_id, "traces": sorted(trace_ids)},
    )
    return {row["trace_id"]: row["started_ns"] / 1e6 for row in rows}
