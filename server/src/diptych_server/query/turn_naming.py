"""Which answers of pages name which traces: by a trace's own id, or by that of the APM trace it stands in."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

from diptych_server.query.apm_traces import resolved, traces_of_apm
from diptych_server.query.links import TraceLinks, trace_links
from diptych_server.query.turn_matching import Half, joined_by_trace
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


NO_NAMING = Naming({}, {}, {}, {})


async def read_naming(
    database: Database,
    project_id: str,
    *,
    answer_ids: Collection[str],
    trace_ids: Collection[str],
    known_links: Mapping[str, TraceLinks] | None = None,
) -> Naming:
    """The answers and traces, with every other that could take one of them.

    `known_links` holds those of traces that need not be read again.
    """
    known_links = known_links or {}
    wanted = {trace_id for trace_id in trace_ids if trace_id}
    halves, more_links = await asyncio.gather(
        answer_halves(database, project_id, ids=answer_ids, trace_ids=wanted),
        trace_links(database, project_id, wanted - known_links.keys()),
    )
    links = {**known_links, **more_links}
    apm_ids = [each.apm_trace_ids for each in links.values()]
    behind: dict[str, set[str]] = defaultdict(set)
    asked = set(wanted)
    # An answer leads to traces, these to other ids that answers name them by: mostly there are none.
    while names := {half.trace_id for half in halves if half.trace_id}.union(*apm_ids) - behind.keys():
        more, found = await asyncio.gather(
            answer_halves(database, project_id, trace_ids=names - asked),
            traces_of_apm(database, project_id, names),
        )
        halves += more
        asked |= names
        behind |= {name: found.get(name, set()) for name in names}
        fresh = set().union(*found.values()) - wanted
        unread = (names | fresh) - wanted
        wanted |= unread
        more_links = await trace_links(database, project_id, unread)
        links |= more_links
        apm_ids += [each.apm_trace_ids for each in more_links.values()]
    known = {half.answer_id: half for half in halves}
    started = await _started_ms(database, project_id, wanted)
    return Naming(known, started, joined_by_trace(known.values(), _best_named(behind, started)), links)


def _best_named(behind: Mapping[str, Collection[str]], started: Mapping[str, float]) -> dict[str, str]:
    """By the id that a page sent: the trace of that id, else of those behind it the first begun."""
    best = {}
    for name, traces in behind.items():
        among = [trace_id for trace_id in resolved([name], {name: traces}) if trace_id in started]
        if among:
            best[name] = min(among, key=lambda each: (each != name, started[each], each))
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
    wanted: dict[str, object] = {
        "event_id": list(ids),
        "trace_id": [trace_id for trace_id in trace_ids if trace_id],
        "session_id": list(session_ids),
    }
    # Only what is asked by: an index serves one condition, not a choice of several.
    conditions = [f"answers.{name} IN {{{name}:Array(String)}}" for name, held in wanted.items() if held]
    if not conditions:
        return []
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
        wanted | {"project": project_id},
    )
    return [Half(**row) for row in rows]


async def _started_ms(database: Database, project_id: str, trace_ids: Collection[str]) -> dict[str, float]:
    """When each trace of LLM kinds began; the others are not in the answer."""
    if not trace_ids:
        return {}
    rows = await database.query(
        """
        SELECT trace_id, min(start_ns) AS started_ns FROM traces
        WHERE project_id = {project:String} AND trace_id IN {traces:Array(String)}
        GROUP BY trace_id HAVING max(is_llm)
        """,
        {"project": project_id, "traces": sorted(trace_ids)},
    )
    return {row["trace_id"]: row["started_ns"] / 1e6 for row in rows}
