"""The list of spans, and the search for words in them."""

from diptych_server.query.instants import DAY_MS
from diptych_server.store.database import Database
from diptych_server.store.rows import last_wins

from .conftest import Ask
from .seeds import ASKED_MS, NOW_MS, ROOT, TRACE, deliver, llm, rum, span

MS_NS = 1_000_000


async def test_spans_come_newest_first_page_by_page(database: Database, project_id: str, ask: Ask) -> None:
    rows = [
        llm(project_id, f"{number:016x}", start_ns=(ASKED_MS + number // 2) * MS_NS) for number in range(6)
    ]
    await deliver(database, rows)
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await ask("spans", limit=4, **cursor)).json()
        found += [each["span_id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == [f"{number:016x}" for number in reversed(range(6))]


async def test_a_span_that_came_many_times_is_listed_once(
    database: Database, project_id: str, ask: Ask
) -> None:
    # More copies than one read takes rows for: they are copies until the engine merges them.
    rows = [llm(project_id, f"{number:016x}") for number in range(3)]
    for _ in range(9):
        await database.insert([rows[2]])
    await database.insert(rows[:2])
    page = (await ask("spans", limit=2)).json()
    assert [each["span_id"] for each in page["items"]] == [rows[2].span_id, rows[1].span_id]
    page = (await ask("spans", limit=2, cursor=page["next_cursor"])).json()
    assert [each["span_id"] for each in page["items"]] == [rows[0].span_id]


async def test_a_span_is_the_same_in_the_list_and_in_its_trace(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            span(project_id, session_claim="s1"),
            llm(project_id, "c" * 16, scope="one", session_claim="talk"),
            llm(project_id, "d" * 16, scope="other", start_ns=(ASKED_MS + 200) * MS_NS),
            rum(project_id, "click"),
        ],
    )
    listed = (await ask("spans")).json()["items"]
    assert listed == (await ask("traces", TRACE)).json()["spans"][::-1]
    assert [each["is_counted"] for each in listed].count(True) == 1


async def test_kinds_can_be_chosen_and_are_the_seven_by_default(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database, [span(project_id), llm(project_id, "c" * 16), span(project_id, "f" * 16, kind="span")]
    )

    async def ids(**parameters: object) -> set[str]:
        return {each["span_id"] for each in (await ask("spans", **parameters)).json()["items"]}

    assert await ids() == {ROOT, "c" * 16}
    assert await ids(kind=["llm", "span"]) == {"c" * 16, "f" * 16}
    assert (await ask("spans", kind="poem")).json()["where"] == "kind"


async def test_the_range_holds_the_spans_that_started_in_it(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            span(project_id, "1" * 16, start_ns=(ASKED_MS - 2 * DAY_MS) * MS_NS),
            span(project_id, "2" * 16),
        ],
    )
    assert [each["span_id"] for each in (await ask("spans")).json()["items"]] == ["2" * 16]
    both = (await ask("spans", from_=ASKED_MS - 3 * DAY_MS)).json()["items"]
    assert [each["span_id"] for each in both] == ["2" * 16, "1" * 16]


async def test_a_span_that_was_sent_anew_is_searched_as_it_is_now(
    database: Database, project_id: str, ask: Ask
) -> None:
    first = llm(project_id, "c" * 16, input="where is my parcel", precedence=last_wins(NOW_MS))
    amended = first._replace(output="It is late.", precedence=last_wins(NOW_MS + 1))
    await deliver(database, [first, amended])

    async def outputs(query: str) -> list[str]:
        return [each["output"] for each in (await ask("spans", query=query)).json()["items"]]

    assert await outputs("parcel") == ["It is late."]
    assert await outputs("PARCEL late") == ["It is late."]
    assert await outputs('"my parcel"') == ["It is late."]
    assert await outputs('"parcel my"') == []
    assert await outputs("parcel %(x)s {project:String}") == []


async def test_no_span_of_another_project_is_found(database: Database, project_id: str, ask: Ask) -> None:
    await deliver(database, [llm(f"{project_id}-other", "c" * 16, input="parcel")])
    assert (await ask("spans", query="parcel")).json() == {"items": [], "next_cursor": None}
