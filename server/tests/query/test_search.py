"""The search language over sessions, traces and spans: what is found, and what is refused where."""

from typing import Any

import pytest

from diptych_server.query.search.catalog import SEARCHABLE
from diptych_server.query.search.fields import Field
from diptych_server.query.search.parse import MAX_DEPTH, MAX_TERMS
from diptych_server.store.database import Database

from .conftest import Ask
from .seeds import ASKED_MS, deliver, evaluation, llm, resource, rum, segment, span, view

MS_NS = 1_000_000
GOOD, BAD, QUIET = (f"{number:032x}" for number in (1, 2, 3))
IDS = {"sessions": "session_id", "traces": "trace_id", "spans": "span_id"}


def seeds(project_id: str) -> list[Any]:
    """A session that went well, one that did not, and one without an agent; a trace without a session."""
    return [
        view(
            project_id,
            "v1",
            session_id="good",
            user_id="42",
            user_name="Ada",
            service="shop",
            browser="Firefox 140",
        ),
        resource(
            project_id, "r1", session_id="good", trace_id=GOOD, status_code=200, name="http://shop/api/chat"
        ),
        span(
            project_id, "1" * 16, trace_id=GOOD, input="Where is my parcel?", output="On its way, tomorrow."
        ),
        llm(
            project_id, "2" * 16, trace_id=GOOD, parent_id="1" * 16, model="claude-haiku-4-5", input="parcel"
        ),
        evaluation(project_id, "e1", trace_id=GOOD, label="grounded", assessment="pass", score=0.9),
        view(
            project_id,
            "v2",
            session_id="bad",
            view_url="https://shop.example/checkout/pay?step=2",
            service="Checkout",
            user_id="7",
        ),
        rum(
            project_id,
            "a1",
            session_id="bad",
            name="Pay now",
            frustrations=("rage_click",),
            ts=ASKED_MS + 5_000,
        ),
        rum(
            project_id,
            "x1",
            session_id="bad",
            type="error",
            name="card is not defined",
            error_type="ReferenceError",
        ),
        rum(project_id, "k1", session_id="bad", type="reaction", reaction="rage_click", trace_id=BAD),
        segment(project_id, 0, session_id="bad", bytes=6_000),
        span(
            project_id,
            "3" * 16,
            trace_id=BAD,
            session_claim="bad",
            duration_ns=4_000 * MS_NS,
            status="error",
            error_type="Timeout",
            tags={"prompt_version": "v2"},
            input="refund please",
            user_id="7",
        ),
        llm(
            project_id,
            "4" * 16,
            trace_id=BAD,
            parent_id="3" * 16,
            cost_usd=0.5,
            ttft_ms=1_500.0,
            model="gpt-5",
        ),
        evaluation(
            project_id, "e2", trace_id="", span_id="4" * 16, label="grounded", assessment="fail", score=0.1
        ),
        view(project_id, "v3", session_id="calm", service="docs"),
        span(project_id, "5" * 16, trace_id=QUIET, name="nightly", kind="workflow", input='a "quoted" word'),
    ]


@pytest.mark.parametrize(
    ("signal", "query", "expected"),
    [
        ("sessions", "@usr.id:42", "good"),
        ("sessions", "@usr.id:(42 OR 7)", "bad good"),
        ("sessions", "-@usr.id:42", "bad calm"),
        ("sessions", "@error.count:0", "calm good"),
        ("sessions", "-@error.count:0", "bad"),
        ("sessions", "@session.error.count:>=1", "bad"),
        ("sessions", "service:SHOP", "good"),
        ("sessions", "service:(shop OR docs) -browser:firefox*", "calm"),
        ("sessions", "browser:*", "good"),
        ("sessions", "@view.url:*checkout*", "bad"),
        ("sessions", "@view.url:https://shop.example/checkout/pay?step=2", "bad"),
        ("sessions", "@view.url_path:/checkout/*", "bad"),
        ("sessions", '@action.name:"pay now"', "bad"),
        ("sessions", "duration:[5s TO 1h]", "bad"),
        ("sessions", "duration:{5s TO *]", ""),
        ("sessions", "frustration:rage_click", "bad"),
        ("sessions", "reaction:rage_click", "bad"),
        ("sessions", "@error.type:ReferenceError", "bad"),
        ("sessions", "has_replay:true", "bad"),
        ("sessions", "has_replay:false", "calm good"),
        ("sessions", "replay.size:>5kb", "bad"),
        ("sessions", "replay.size:<5kb", "calm good"),
        ("sessions", "traces:0", "calm"),
        ("sessions", "traces:>0", "bad good"),
        ("sessions", "cost:>0.01", "bad"),
        ("sessions", "cost:[0 TO 0.01]", "calm good"),
        ("sessions", "tokens:120", "bad good"),
        ("sessions", "evaluation.grounded:fail", "bad"),
        ("sessions", "-trace.evaluation.grounded:fail", "calm good"),
        ("sessions", "trace.model:claude*", "good"),
        ("sessions", "model:claude* OR service:docs", "calm good"),
        ("sessions", "trace.status:error", "bad"),
        ("sessions", "tag.prompt_version:v2", "bad"),
        ("sessions", "card defined", "bad"),
        ("sessions", '"not defined"', "bad"),
        ("sessions", "ada", "good"),
        ("sessions", "pay OR ada", "bad good"),
        ("sessions", "-(pay OR ada)", "calm"),
        ("sessions", "resource.status_code:200", "good"),
        ("traces", "status:error", BAD),
        ("traces", "-status:error", f"{GOOD} {QUIET}"),
        ("traces", "duration:>3s", BAD),
        ("traces", "ttft:>1s", BAD),
        ("traces", "-ttft:>1s", f"{GOOD} {QUIET}"),
        ("traces", "ttft:*", BAD),
        ("traces", "cost:>0.01", BAD),
        ("traces", "@model_name:CLAUDE*", GOOD),
        ("traces", "spans:2 errors:0", GOOD),
        ("traces", "kind:llm", f"{GOOD} {BAD}"),
        ("traces", "kind:workflow", QUIET),
        ("traces", "parcel", GOOD),
        ("traces", "-parcel", f"{BAD} {QUIET}"),
        ("traces", '"refund please" status:error', BAD),
        ("traces", r'"\"quoted\" word"', QUIET),
        ("traces", "evaluation.grounded:fail", BAD),
        ("traces", "evaluation.grounded:>0.5", GOOD),
        ("traces", "-evaluation.grounded:*", QUIET),
        ("traces", "session.service:checkout", BAD),
        ("traces", "@view.url:*checkout*", BAD),
        ("traces", "@session.id:good", GOOD),
        ("traces", "@usr.id:7", BAD),
        ("traces", "session.usr.id:42", GOOD),
        ("traces", "reaction:rage_click", BAD),
        ("traces", f"trace_id:{GOOD}", GOOD),
        ("traces", "start:>=now-1h name:nightly", QUIET),
        ("traces", "start:<2020-01-01", ""),
        ("spans", "kind:llm model:gpt*", "4" * 16),
        ("spans", "status:error", "3" * 16),
        ("spans", "cost:0.5", "4" * 16),
        ("spans", "evaluation.grounded:fail", "4" * 16),
        ("spans", "trace.evaluation.grounded:fail", f"{'3' * 16} {'4' * 16}"),
        ("spans", "trace.cost:>0.01", f"{'3' * 16} {'4' * 16}"),
        ("spans", "@view.url:*checkout* kind:agent", "3" * 16),
        ("spans", "tags.prompt_version:v*", "3" * 16),
        ("spans", "input.size:>1kb", ""),
        ("spans", "input.size:[1b TO 6b]", "2" * 16),
        ("spans", "NOT (kind:llm OR kind:agent)", "5" * 16),
        ("spans", "parcel tomorrow", "1" * 16),
        ("spans", "error.type:timeout OR parcel AND kind:llm", f"{'2' * 16} {'3' * 16}"),
    ],
)
async def test_a_search_finds_what_it_says(
    database: Database, project_id: str, ask: Ask, signal: str, query: str, expected: str
) -> None:
    await deliver(database, seeds(project_id))
    answer = await ask(signal, query=query)
    assert answer.status_code == 200, answer.text
    assert " ".join(sorted(each[IDS[signal]] for each in answer.json()["items"])) == expected


AT_A_TIME = 10
"""Fields in one search: each request has its price."""

EVERY_FIELD = [
    pytest.param(signal, searchable.fields[begin : begin + AT_A_TIME], id=f"{signal}-{begin}")
    for signal, searchable in SEARCHABLE.items()
    for begin in range(0, len(searchable.fields), AT_A_TIME)
]

SOME_VALUE = {
    "text": ("x*", "(a OR -b)", "*"),
    "number": (">1", "0", "[1 TO *]"),
    "duration": (">3s", "<=0", "[1ms TO 2h}"),
    "bytes": ("<5kb", ">0", "[1b TO 2mb]"),
    "boolean": ("true", "false", "true"),
    "time": (">now-1h", "<2026-01-01", "[2026-01-01 TO 2026-01-02T00:00:00Z]"),
}


@pytest.mark.parametrize(("signal", "fields"), EVERY_FIELD)
async def test_every_field_is_understood_by_the_store(ask: Ask, signal: str, fields: list[Field]) -> None:
    query = " ".join(f"@{field.name}:{value}" for field in fields for value in SOME_VALUE[field.type])
    answer = await ask(signal, query=query)
    assert (answer.status_code, answer.json()) == (200, {"items": [], "next_cursor": None})


@pytest.mark.parametrize("signal", SEARCHABLE)
def test_no_two_fields_of_a_signal_share_a_name(signal: Any) -> None:
    names = [field.name for field in SEARCHABLE[signal].fields]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("query", "marked", "says"),
    [
        ("@servce:shop", "@servce", "did you mean `service`?"),
        ("service:shop zork:1", "zork", "a field that can be searched"),
        ("duration:>soon", "soon", "a duration, such as"),
        ("cost:cheap", "cheap", "a number"),
        ("start:>yesterday", "yesterday", "a time"),
        ("service:>a", "a", "is text"),
        ("service:[a TO b]", "a", "which has no ranges"),
        ('status:error "open', '"open', "a closing quote"),
        ("(service:shop", "(", "a closing bracket"),
        ("service:shop)", ")", "an opening bracket"),
        ("duration:[1s 2s]", " ", " TO "),
        ("refun*", "refun*", "a whole word"),
        ("OR service:shop", "OR", "something to search for before OR"),
        ("service:shop AND", "", "got the end"),
        ("service:shop ()", ")", "a word, a field"),
        ("...", "...", "letters or digits"),
    ],
)
async def test_an_error_points_at_the_characters(ask: Ask, query: str, marked: str, says: str) -> None:
    answer = await ask("traces", query=query)
    problem = answer.json()
    assert (answer.status_code, problem["where"]) == (400, "query"), problem
    assert says in problem["detail"]
    assert query[problem["position"]["start"] : problem["position"]["end"]] == marked


@pytest.mark.parametrize(
    "query",
    [
        "a" * 3_000,
        "(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1),
        "-" * 1 + "(" * 500,
        " OR ".join(["kind:llm"] * (MAX_TERMS + 1)),
        "kind:(" + " OR ".join(["llm"] * (MAX_TERMS + 1)) + ")",
        " ".join(f"w{number}" for number in range(40)),
    ],
    ids=["long", "deep", "brackets", "terms", "values", "words"],
)
async def test_a_search_too_large_is_refused(ask: Ask, query: str) -> None:
    answer = await ask("spans", query=query)
    assert (answer.status_code, answer.json()["where"]) == (400, "query")


async def test_what_is_searched_for_is_never_sql(database: Database, project_id: str, ask: Ask) -> None:
    awkward = "x') OR 1 = 1 -- \\' {project:String} %(x)s"
    await deliver(database, [view(project_id, service=awkward), view(f"{project_id}-other", service="other")])
    quoted = awkward.replace("\\", "\\\\")
    assert len((await ask("sessions", query=f'service:"{quoted}"')).json()["items"]) == 1
    assert (await ask("sessions", query='service:"\' OR 1 = 1 --"')).json()["items"] == []
    assert (await ask("sessions", query="service:other")).json()["items"] == []
