"""Write what is made from the server's shapes, so that no two parts of the project can drift apart.

    contracts/openapi.json                 the HTTP API, from the app
    contracts/events.schema.json           what the doors read, from server/wire
    sdk/python/src/diptych/_attributes.py  our attribute keys, from server/wire/attributes.py
    ui/src/api/schema.generated.ts         the API's types for the UI, from openapi.json
    docs/settings.md                       every setting, from the server's one table
    docs/search.md                         the search language, from its tables of fields

`--check` writes nothing and fails when a file is not what it would write.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from diptych_server.app import openapi_document
from diptych_server.query.search.markdown import search_markdown
from diptych_server.settings import settings_markdown
from diptych_server.wire import attributes
from diptych_server.wire.evaluation import EvaluationItem
from diptych_server.wire.replay import SegmentHeader
from diptych_server.wire.rum import RumEvent

ROOT = Path(__file__).resolve().parent.parent
EVENT_TYPES = (RumEvent, SegmentHeader, EvaluationItem)
GENERATED = (
    "# GENERATED from server/src/diptych_server/wire/attributes.py by `make contracts`; do not edit.\n"
)


def pretty(document: object) -> str:
    """Render JSON with sorted keys, so that a change shows as the lines that changed."""
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=2).decode() + "\n"


def events_schema() -> dict[str, object]:
    """JSON Schema 2020-12 of everything that a client door reads."""
    _, components = msgspec.json.schema_components(EVENT_TYPES, ref_template="#/$defs/{name}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": components}


def ui_types(openapi: Path) -> str:
    """TypeScript types of the API, by openapi-typescript."""
    command = ["npx", "--no-install", "openapi-typescript", str(openapi)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own tool


def generated_files() -> Iterator[tuple[Path, str]]:
    """Each generated file with the text it should hold."""
    openapi = ROOT / "contracts/openapi.json"
    yield openapi, pretty(openapi_document())
    yield ROOT / "contracts/events.schema.json", pretty(events_schema())
    keys = Path(attributes.__file__).read_text(encoding="utf-8")
    yield ROOT / "sdk/python/src/diptych/_attributes.py", GENERATED + keys
    yield ROOT / "docs/settings.md", settings_markdown()
    yield ROOT / "docs/search.md", search_markdown()
    # After openapi.json is written, from which it is made.
    yield ROOT / "ui/src/api/schema.generated.ts", ui_types(openapi)


def main() -> int:
    """Write the files, or with `--check` name those that differ."""
    check = "--check" in sys.argv[1:]
    drifted = []
    for path, text in generated_files():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        drifted.append(str(path.relative_to(ROOT)))
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if drifted:
        print(("out of date, run `make contracts`: " if check else "written: ") + ", ".join(drifted))
    return 1 if check and drifted else 0


if __name__ == "__main__":
    sys.exit(main())
