"""The built UI, the frame in which replays run, and the browser SDK: files, each with its headers."""

from pathlib import Path

from litestar.exceptions import MethodNotAllowedException

from diptych_server.app.files import File, Files, packed, send_file
from diptych_server.app.policies import SECURITY_HEADERS, UI_POLICY
from diptych_server.app.replay_frame import frame_document, frame_policy
from diptych_server.app.requests import Scope, Send, header
from diptych_server.errors import NotFound, Unavailable

STATIC = Path(__file__).parent.parent / "static"
"""Built by `make setup` from `ui/` and `sdk/browser/`; inside the wheel."""

NOT_BUILT = "the UI was not built: run `make setup`, or install the wheel"

REPLAY_FRAME = "/replay-frame"
SDK = "/sdk/"

FOR_EVER = ("cache-control", "public, max-age=31536000, immutable")
"""A name with a hash in it never changes its content."""

ALWAYS_ASK = ("cache-control", "no-cache")
"""May be kept, and is checked by its entity tag each time."""

FIVE_MINUTES = ("cache-control", "public, max-age=300")
"""A new SDK reaches every page in five minutes, and pages do not ask on every load."""

ANY_ORIGIN = ("access-control-allow-origin", "*")
"""Public code: the SDK loads into other sites, the UI into the replay frame, whose origin is opaque."""


class Pages:
    """Answers everything that is neither a door nor the API."""

    def __init__(self, static: Path = STATIC, replay_origins: tuple[str, ...] = ()) -> None:
        """`replay_origins`: where recorded pages may load pictures, fonts and styles from."""
        self._replay_origins = replay_origins
        self._frame: tuple[File, File] | None = None
        self._ui = Files(static / "ui")
        self._sdk = Files(static / "sdk")

    async def answer(self, scope: Scope, send: Send) -> None:
        """Answer with a page or a file of the UI.

        Raises:
            NotFound: there is no such file, and the request is none for a page.
            Unavailable: the UI has not been built.
        """
        path = scope["path"]
        _require_read(scope)
        if path == REPLAY_FRAME:
            await self._replay_frame(scope, send)
        elif (file := await self._ui.find(path.removeprefix("/"))) is not None and not path.endswith(".html"):
            caching = FOR_EVER if path.startswith("/assets/") else ALWAYS_ASK
            await send_file(file, scope, send, (caching, ANY_ORIGIN, *SECURITY_HEADERS))
        elif _wants_page(scope):
            await self._page("index.html", UI_POLICY, scope, send)
        else:
            raise NotFound(f"there is nothing at {path[:200]}")

    async def answer_sdk(self, scope: Scope, send: Send) -> None:
        """Answer with a file of the browser SDK.

        Raises:
            NotFound: there is no such file.
        """
        _require_read(scope)
        file = await self._sdk.find(scope["path"].removeprefix(SDK))
        if file is None:
            raise NotFound("the browser SDK has no such file, or was not built: run `make setup`")
        headers = (
            FIVE_MINUTES,
            ANY_ORIGIN,
            ("cross-origin-resource-policy", "cross-origin"),
            ("timing-allow-origin", "*"),
            ("x-content-type-options", "nosniff"),
        )
        await send_file(file, scope, send, headers)

    async def _replay_frame(self, scope: Scope, send: Send) -> None:
        """Answer with the document in which a recorded page is rebuilt, under the policy built for it."""
        policy = await self._ui.find("replay-frame.csp")
        built = await self._ui.find("replay-frame.html")
        if policy is None or built is None:
            # Never without its policy: what it shows was written by strangers.
            raise Unavailable(NOT_BUILT)
        if self._frame is None or self._frame[0] is not built:
            body = frame_document(built.body, self._replay_origins)
            self._frame = (built, packed(body, built.content_type, built.stamp))
        csp = frame_policy(policy.body.decode().strip(), self._replay_origins)
        headers = (ALWAYS_ASK, ("content-security-policy", csp), *SECURITY_HEADERS)
        await send_file(self._frame[1], scope, send, headers)

    async def _page(self, name: str, policy: str, scope: Scope, send: Send) -> None:
        file = await self._ui.find(name)
        if file is None:
            raise Unavailable(NOT_BUILT)
        headers = (ALWAYS_ASK, ("content-security-policy", policy), *SECURITY_HEADERS)
        await send_file(file, scope, send, headers)


def _wants_page(scope: Scope) -> bool:
    """Whether a person navigates: the UI's own router decides what such a path shows.

    An id in it may hold dots; files lie at the top or in `assets`.
    """
    first = scope["path"].removeprefix("/").partition("/")[0]
    return first != "assets" and "." not in first and "text/html" in header(scope, b"accept")


def _require_read(scope: Scope) -> None:
    if scope["method"] not in ("GET", "HEAD"):
        detail = f"expected GET, got {scope['method'][:20]}"
        raise MethodNotAllowedException(detail=detail, headers={"allow": "GET, HEAD"})
