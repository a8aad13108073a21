"""The UI, the replay frame and the SDK as files: headers, caching, and no way out of the folder."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from diptych_server.app.pages import SDK, Pages
from diptych_server.app.policies import UI_POLICY
from diptych_server.app.problems import send_problem
from diptych_server.app.replay_frame import parse_origins
from diptych_server.app.requests import Receive, Scope, Send
from diptych_server.errors import StartError

NAVIGATION = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

FILES = {
    "ui/index.html": "<!doctype html><title>Diptych</title>",
    "ui/replay-frame.html": "<!doctype html><title>Replay</title>",
    "ui/replay-frame.csp": "default-src 'none'; script-src 'sha256-abc'\n",
    "ui/favicon.svg": "<svg/>",
    "ui/assets/index-4f3a.js": "console.log(1);" * 200,
    "sdk/diptych.js": "var diptych;" * 200,
    "sdk/diptych-recorder.js": "var recorder;",
    "secret.txt": "not for the world",
}


@pytest.fixture
def static(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


@pytest.fixture
async def site(static: Path) -> AsyncIterator[httpx.AsyncClient]:
    pages = Pages(static)

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        try:
            if scope["path"].startswith(SDK):
                await pages.answer_sdk(scope, send)
            else:
                await pages.answer(scope, send)
        except Exception as exc:
            await send_problem(send, exc)

    transport = httpx.ASGITransport(cast("Any", app))
    async with httpx.AsyncClient(transport=transport, base_url="http://diptych") as client:
        yield client


@pytest.mark.parametrize(
    "path",
    ["/", "/sessions", "/sessions/abc", "/sessions/visitor.4711", "/traces/x/spans/y", "/sign-in?token=t"],
)
async def test_a_person_who_navigates_gets_the_page(site: httpx.AsyncClient, path: str) -> None:
    answer = await site.get(path, headers=NAVIGATION)
    assert (answer.status_code, answer.text) == (200, FILES["ui/index.html"])
    assert answer.headers["content-security-policy"] == UI_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/assets/gone-1.js", "/robots.txt", "/sessions"])
async def test_a_file_that_is_missing_is_404_not_the_page(site: httpx.AsyncClient, path: str) -> None:
    headers = NAVIGATION if "." in path else {}
    answer = await site.get(path, headers=headers)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_what_has_a_hash_in_its_name_is_kept_for_ever(site: httpx.AsyncClient) -> None:
    answer = await site.get("/assets/index-4f3a.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == FILES["ui/assets/index-4f3a.js"]
    assert (await site.get("/favicon.svg")).headers["cache-control"] == "no-cache"


async def test_who_takes_no_gzip_gets_none(site: httpx.AsyncClient) -> None:
    answer = await site.get("/assets/index-4f3a.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert len(answer.content) == len(FILES["ui/assets/index-4f3a.js"])
    assert answer.headers["vary"] == "accept-encoding"


async def test_what_the_client_has_already_is_not_sent_again(site: httpx.AsyncClient, static: Path) -> None:
    first = await site.get("/", headers=NAVIGATION)
    again = await site.get("/", headers=NAVIGATION | {"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    (static / "ui/index.html").write_text("<title>rebuilt</title>")
    rebuilt = await site.get("/", headers=NAVIGATION | {"if-none-match": first.headers["etag"]})
    assert (rebuilt.status_code, rebuilt.text) == (200, "<title>rebuilt</title>")


async def test_head_gives_the_headers_alone(site: httpx.AsyncClient) -> None:
    answer = await site.head("/", headers=NAVIGATION)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(FILES["ui/index.html"]))


async def test_the_replay_frame_has_the_policy_that_was_built_for_it(site: httpx.AsyncClient) -> None:
    answer = await site.get("/replay-frame")
    assert answer.text == FILES["ui/replay-frame.html"]
    assert answer.headers["content-security-policy"] == "default-src 'none'; script-src 'sha256-abc'"


async def test_the_replay_frame_is_never_served_without_its_policy(
    site: httpx.AsyncClient, static: Path
) -> None:
    (static / "ui/replay-frame.csp").unlink()
    assert (await site.get("/replay-frame", headers=NAVIGATION)).status_code == 503
    direct = await site.get("/replay-frame.html", headers=NAVIGATION)
    assert direct.status_code == 404


async def test_the_sdk_loads_into_any_site(site: httpx.AsyncClient) -> None:
    for name in ("diptych.js", "diptych-recorder.js"):
        answer = await site.get(f"/sdk/{name}", headers={"origin": "https://shop.example.com"})
        assert answer.text == FILES[f"sdk/{name}"]
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert answer.headers["cache-control"] == "public, max-age=300"
        assert answer.headers["etag"]
    assert (await site.get("/sdk/gone.js", headers=NAVIGATION)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/sdk/../../secret.txt",
        "/sdk/%2e%2e/%2e%2e/secret.txt",
        "/sdk//etc/passwd",
        "/%00",
        "/assets",
        "/.git/config",
    ],
)
async def test_nothing_outside_the_folder_is_served(site: httpx.AsyncClient, path: str) -> None:
    answer = await site.get(path)
    assert answer.status_code == 404
    assert "world" not in answer.text


async def test_a_page_takes_no_post(site: httpx.AsyncClient) -> None:
    assert (await site.post("/", headers=NAVIGATION)).status_code == 405


async def test_without_a_build_the_page_says_what_to_do(tmp_path: Path) -> None:
    pages = Pages(tmp_path)

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        try:
            await pages.answer(scope, send)
        except Exception as exc:
            await send_problem(send, exc)

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(cast("Any", app)), base_url="http://d"
    ) as client:
        answer = await client.get("/", headers=NAVIGATION)
    assert answer.status_code == 503
    assert "make setup" in answer.json()["detail"]


async def test_recorded_origins_are_loaded_from_only_where_a_setting_names_them(static: Path) -> None:
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; connect-src 'none'"
    (static / "ui/replay-frame.csp").write_text(policy)
    (static / "ui/replay-frame.html").write_text("<html><head></head></html>")
    origins = parse_origins(["https://cdn.example.com/"])

    assert await _frame(Pages(static)) == (policy, "<html><head></head></html>")
    assert await _frame(Pages(static, origins)) == (
        (
            "default-src 'none'; img-src data: https://cdn.example.com; "
            "style-src 'unsafe-inline' https://cdn.example.com; connect-src 'none'"
        ),
        '<html><head><meta name="diptych-replay-origins" content="https://cdn.example.com" /></head></html>',
    )


async def _frame(pages: Pages) -> tuple[str, str]:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        await pages.answer(scope, send)

    transport = httpx.ASGITransport(cast("Any", app))
    async with httpx.AsyncClient(transport=transport, base_url="http://diptych") as client:
        answer = await client.get("/replay-frame")
    return answer.headers["content-security-policy"], answer.text


@pytest.mark.parametrize(
    "origin", ["*", "https:", "cdn.example.com", "https://a.b/path", "https://a; img-src *"]
)
def test_what_is_no_origin_never_gets_into_a_policy(origin: str) -> None:
    with pytest.raises(StartError, match="replay_origins"):
        parse_origins([origin])
