"""Recordings of Datadog's SDK, both formats, become events from which rrweb's player shows the same page."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych_server.query.datadog_replay import Converter

from .recorder import Element, Page, Player

NAMES = ("DIV", "P", "LI", "#text", "#shadow-root")


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_changes_of_any_page_are_shown_as_they_were_made(data: st.DataObject) -> None:
    page, player, converter = Page(), Player(), Converter()
    for _ in range(data.draw(st.integers(0, 6))):
        put(data, page, recorded=False)
    player.play(converter.events([page.snapshot(1)]))
    assert player.shown() == page.document.shown()
    for at_ms in range(2, data.draw(st.integers(2, 6))):
        changes = [change for _ in range(data.draw(st.integers(1, 4))) for change in changed(data, page)]
        player.play(converter.events([page.change(at_ms, *changes)]))
        assert player.shown() == page.document.shown()


def nodes_of(page: Page) -> list[Element]:
    found, waiting = [], [page.body]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += node.children
    return found


def put(data: st.DataObject, page: Page, *, recorded: bool) -> list[list[Any]]:
    parent = data.draw(st.sampled_from([node for node in nodes_of(page) if node.name != "#text"]))
    name = data.draw(st.sampled_from(NAMES))
    is_host = any(child.name == "#shadow-root" for child in parent.children)
    if name == "#shadow-root" and (is_host or parent.name == "#shadow-root"):
        name = "DIV"
    node = Element(name)
    if name == "#text":
        node.text = data.draw(st.sampled_from(["", "one", "two", "→ three"]))
    elif name == "#shadow-root":
        node.children = [Element("#text", "in the shadow", parent=node)]
    else:
        node.attributes = data.draw(st.dictionaries(st.sampled_from(["id", "class"]), st.sampled_from("ab")))
        node.children = [Element("P", parent=node), Element("#text", "below", parent=node)]
    light = [child for child in parent.children if child.name != "#shadow-root"]
    before = data.draw(st.sampled_from([None, *light])) if name != "#shadow-root" else None
    if recorded:
        return [page.add(node, parent, before)]
    parent.children.insert(len(parent.children) if before is None else parent.children.index(before), node)
    node.parent = parent
    return []


def changed(data: st.DataObject, page: Page) -> list[list[Any]]:
    """One change; of nodes that an earlier change of the same record has made, none."""
    kind = data.draw(st.sampled_from(["add", "remove", "move", "set", "write"]))
    known = [node for node in nodes_of(page) if node is not page.body and node.name != "#shadow-root"]
    texts = [node for node in known if node.name == "#text"]
    elements = [node for node in known if not node.name.startswith("#")]
    if kind == "write" and texts:
        return [page.write(data.draw(st.sampled_from(texts)), data.draw(st.sampled_from(["new", "", "ü"])))]
    if kind == "set" and elements:
        value = data.draw(st.sampled_from([None, "x", "y"]))
        return [page.set(data.draw(st.sampled_from(elements)), "class", value)]
    if kind == "remove" and known:
        return [page.remove(data.draw(st.sampled_from(known)))]
    if kind == "move" and elements:
        moved = data.draw(st.sampled_from(elements))
        removed = page.remove(moved)
        parent = data.draw(st.sampled_from([node for node in nodes_of(page) if node.name != "#text"]))
        return [removed, page.add(moved, parent)]
    return put(data, page, recorded=True)


def convert(*records: dict[str, Any]) -> list[dict[str, Any]]:
    return Converter().events(records)


def snapshot(*changes: list[Any]) -> dict[str, Any]:
    """A page of one body; strings may stand in the changes themselves."""
    nodes = [1, [None, "#document"], [1, "HTML"], [1, "BODY"]]
    return {"type": 2, "format": 1, "timestamp": 10, "data": [nodes, *changes]}


def change(*changes: list[Any], at_ms: int = 20) -> dict[str, Any]:
    return {"type": 12, "timestamp": at_ms, "data": list(changes)}


def body_of(event: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = event["data"]["node"]["childNodes"][0]["childNodes"][0]
    return body


def test_a_snapshot_says_all_that_rrweb_reads() -> None:
    [event] = convert(
        snapshot(
            [
                1,
                [1, "STYLE"],
                [0, "svg>linearGradient", ["id", "shade"]],
                [0, "INPUT", ["type", "checkbox"], ["checked", ""]],
                [0, "VIDEO"],
                [0, "DIV", ["data-dd-privacy", "hidden"]],
                [0, "#cdata-section"],
            ],
            [7, [["p { color: red }", "b { color: blue }"]]],
            [8, [3, 0]],
            [9, [6, 1]],
            [5, [7, 12, 34]],
            [6, [0, 3, 40], [6, 0, 5]],
        )
    )
    assert event["data"]["initialOffset"] == {"left": 3, "top": 40}
    style, shade, box, video, hidden, cdata = body_of(event)["childNodes"]
    assert style["attributes"] == {"_cssText": "p { color: red }b { color: blue }"}
    assert (shade["tagName"], shade["isSVG"]) == ("linearGradient", True)
    assert box["attributes"] == {"type": "checkbox", "checked": True}
    assert video["attributes"] == {"rr_mediaState": "paused", "rr_scrollLeft": 0, "rr_scrollTop": 5}
    assert hidden["attributes"] == {"data-dd-privacy": "hidden", "rr_width": "12px", "rr_height": "34px"}
    assert (cdata["type"], cdata["textContent"]) == (3, "")


def test_style_sheets_of_documents_and_shadow_roots_are_adopted_after_the_snapshot() -> None:
    events = convert(
        snapshot(
            [1, [1, "DIV"], [1, "#shadow-root"], [1, "P"]],
            [7, [["p { color: red }"], ["print", "screen"]], [["b { top: 0 }"], [], True]],
            [8, [0, 0], [4, 0, 1]],
        )
    )
    rule = {"rule": "@media print, screen { p { color: red } }", "index": 0}
    assert [event["data"] for event in events[1:]] == [
        {"source": 15, "id": 1, "styleIds": [1], "styles": [{"styleId": 1, "rules": [rule]}]},
        {
            "source": 15,
            "id": 4,
            "styleIds": [1, 2],
            "styles": [{"styleId": 1, "rules": [rule]}, {"styleId": 2, "rules": []}],
        },
    ]
    host = body_of(events[0])["childNodes"][0]
    assert host["isShadowHost"]
    assert host["childNodes"][0]["isShadow"]


def test_fields_tell_text_and_tick_in_one() -> None:
    form = [
        1,
        [1, "INPUT"],
        [0, "INPUT", ["type", "checkbox"], ["value", "yes"]],
        [0, "SELECT"],
        [1, "OPTION", ["value", "m"]],
        [0, "OPTION"],
        [1, "#text", "Large"],
    ]
    events = convert(snapshot(form), change([12, [3, "***"]], [13, [0, 4, 7], [1, 6]]))
    assert [event["data"] for event in events[1:]] == [
        {"source": 5, "id": 4, "text": "***", "isChecked": False},
        {"source": 5, "id": 5, "text": "yes", "isChecked": True},
        {"source": 5, "id": 6, "text": "Large", "isChecked": False},
    ]


def test_the_string_table_can_be_cleared_and_filled_in_the_old_way() -> None:
    events = convert(
        snapshot([0, "DIV", "kept"], [1, [1, 0]], [11, [4, "gone"]], [14], [0, "P"], [1, [0, 0]]),
        change([11, [4, "b"]], [1, [1, {"role": 1, "string": "I"}], [1, "#text", 1]]),
    )
    assert [child["tagName"] for child in body_of(events[0])["childNodes"]] == ["div", "p"]
    assert [
        added["node"].get("tagName", added["node"].get("textContent")) for added in events[1]["data"]["adds"]
    ] == [
        "i",
        "b",
    ]


def test_clicks_moves_and_scrolling_pass_with_their_ids_raised() -> None:
    def told(**data: Any) -> dict[str, Any]:
        return {"type": 3, "timestamp": 20, "data": data}

    events = convert(
        {"type": 4, "timestamp": 9, "data": {"width": 800, "height": 600, "href": "http://shop/"}},
        {"type": 6, "timestamp": 9, "data": {"has_focus": True}},
        snapshot(),
        told(source=2, type=2, id=0, x=1, y=2),
        told(source=1, positions=[{"id": 2, "x": 1, "y": 2, "timeOffset": 0}]),
        told(source=4, width=1, height=2),
        told(source=9, id=1),
        {"type": 7, "timestamp": 30},
    )
    assert [(event["type"], event["data"]) for event in events if event["type"] != 2] == [
        (4, {"width": 800, "height": 600, "href": "http://shop/"}),
        (5, {"tag": "focus", "payload": {"has_focus": True}}),
        (3, {"source": 2, "type": 2, "id": 1, "x": 1, "y": 2}),
        (3, {"source": 1, "positions": [{"id": 3, "x": 1, "y": 2, "timeOffset": 0}]}),
        (3, {"source": 4, "width": 1, "height": 2}),
        (5, {"tag": "view_end", "payload": {}}),
    ]


def test_time_never_goes_back() -> None:
    late = {"type": 3, "timestamp": 5, "data": {"source": 4, "width": 1, "height": 2}}
    assert [event["timestamp"] for event in convert(snapshot(), change(at_ms=30), late)] == [10, 30]


def test_changes_of_nodes_that_do_not_exist_are_passed_over() -> None:
    events = convert(
        snapshot([1, [1, "P"], [1, "#text", "a"]]),
        change(
            [2, 99],
            [3, [98, ["class", "x"]]],
            [4, [97, "b"]],
            [6, [96, 0, 0]],
            [12, [95, "c"]],
            [4, [4, "z"]],
        ),
    )
    assert [event["data"]["texts"] for event in events[1:]] == [[{"id": 5, "value": "z"}]]


@pytest.mark.parametrize(
    "broken",
    [
        [1, [70, "DIV"]],
        [1, [-70, "DIV"]],
        [1, [1, 4_000]],
        [8, [2, 9]],
        [3, "no list"],
    ],
)
def test_what_cannot_be_followed_ends_a_view_until_its_next_snapshot(broken: list[Any]) -> None:
    fine = change([3, [2, ["class", "x"]]])
    events = convert(snapshot(), change(broken), fine, snapshot(), fine)
    assert [event["type"] for event in events] == [2, 2, 3]


def test_nothing_is_shown_before_the_first_snapshot() -> None:
    assert convert(change([3, [2, ["class", "x"]]])) == []


def test_a_record_of_no_format_costs_no_other() -> None:
    junk: list[Any] = [{}, {"type": 3}, {"type": "x", "timestamp": 1}, {"type": 4, "timestamp": 1}]
    assert [event["type"] for event in convert(*junk, snapshot())] == [2]


def test_a_page_of_hundreds_of_levels_is_told_in_pieces_that_json_can_hold() -> None:
    events = convert(snapshot([1, *([1, "DIV"] for _ in range(300))]))
    player = Player()
    player.play(msgspec.json.decode(msgspec.json.encode(events)))
    node, levels = player.shown(), 0
    while node[2]:
        node, levels = node[2][0], levels + 1
    assert levels == 302


def nested(child_nodes: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    body = {"type": 2, "id": 2, "tagName": "body", "attributes": {}, "childNodes": child_nodes}
    html = {"type": 2, "id": 1, "tagName": "html", "attributes": {}, "childNodes": [body]}
    document = {"type": 0, "id": 0, "childNodes": [html], **more}
    return {"type": 2, "timestamp": 10, "data": {"node": document, "initialOffset": {"left": 0, "top": 7}}}


def test_the_older_format_keeps_shadow_roots_apart_and_its_additions_nested() -> None:
    shadow = {
        "type": 11,
        "id": 4,
        "isShadowRoot": True,
        "childNodes": [{"type": 3, "id": 5, "textContent": "in the shadow"}],
        "adoptedStyleSheets": [{"cssRules": ["p { top: 0 }"]}],
    }
    host = {"type": 2, "id": 3, "tagName": "div", "attributes": {}, "childNodes": [shadow]}
    added = {
        "type": 2,
        "id": 7,
        "tagName": "b",
        "attributes": {},
        "childNodes": [{"type": 3, "id": 8, "textContent": "!"}],
    }
    mutation = {
        "source": 0,
        "removes": [{"id": 5, "parentId": 4}],
        "adds": [{"parentId": 4, "nextId": None, "node": added}],
        "attributes": [{"id": 3, "attributes": {"class": "x"}}],
        "texts": [],
    }
    events = convert(nested([host]), {"type": 3, "timestamp": 20, "data": mutation})
    player = Player()
    player.play(events)
    assert player.shown()[2][0][2][0][2] == [("div", {"class": "x"}, [], [("b", {}, ["!"])])]
    assert player.adopted == {4: ["p { top: 0 }"]}
    assert events[0]["data"]["initialOffset"] == {"left": 0, "top": 7}


def test_a_node_that_moves_in_the_older_format_keeps_its_id() -> None:
    first = {"type": 2, "id": 3, "tagName": "p", "attributes": {}, "childNodes": []}
    second = {"type": 2, "id": 4, "tagName": "i", "attributes": {}, "childNodes": []}
    move = {"source": 0, "adds": [{"parentId": 2, "nextId": None, "node": first}]}
    player = Player()
    player.play(convert(nested([first, second]), {"type": 3, "timestamp": 20, "data": move}))
    assert [child[0] for child in player.shown()[2][0][2][0][2]] == ["i", "p"]


def test_a_tick_in_the_older_format_keeps_the_value_of_its_box() -> None:
    box = {"type": 2, "id": 3, "tagName": "input", "attributes": {"value": "yes"}, "childNodes": []}

    def told(**data: Any) -> dict[str, Any]:
        return {"type": 3, "timestamp": 20, "data": {"source": 5, **data}}

    events = convert(
        nested([box]), told(id=3, isChecked=True), told(id=3, text="***"), told(id=9, text="lost")
    )
    assert [event["data"] for event in events[1:]] == [
        {"source": 5, "id": 4, "text": "yes", "isChecked": True},
        {"source": 5, "id": 4, "text": "***", "isChecked": False},
    ]
