"""Run the benchmarks: `make bench` all, into docs/performance.md; `python -m bench reads` one, printed.

`python -m bench reads --write` puts the sections that it names in the place of those of the page.

Sections: intake, reads, start, pages, python_sdk, browser_sdk, diptych_view. One that fails is said to have
failed, and stops no other; the command then ends with 1.
"""

import argparse
import os
import platform
import re
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from bench import browser_sdk, diptych_view, intake, pages, python_sdk, reads, start
from bench.stored import Stored

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/performance.md"


def sections(stored: Stored, *, is_quick: bool) -> Mapping[str, Callable[[], str]]:
    """Each measures and gives its part of the page."""
    return {
        "intake": intake.section,
        "reads": partial(reads.section, stored, is_quick=is_quick),
        "start": start.section,
        "pages": pages.section,
        "python_sdk": python_sdk.section,
        "browser_sdk": browser_sdk.section,
        "diptych_view": diptych_view.section,
    }


def head() -> str:
    """Where."""
    return (
        "# Performance\n\nWritten by `make bench`; a section is one run on one machine, both sides of a "
        f"ratio measured in it. {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"chDB {version('chdb')}."
    )


def dated(part: str) -> str:
    """A section with its day below its heading."""
    heading, _, rest = part.partition("\n\n")
    return f"{heading}\n\nMeasured on {datetime.now(UTC):%Y-%m-%d}.\n\n{rest}"


def merged(page: str, parts: Sequence[str]) -> str:
    """The page with these sections in the place of those of the same heading, or at its end."""
    new = {part.partition("\n")[0]: part for part in parts}
    kept = [part.strip() for part in re.split(r"(?m)^(?=## )", page)[1:]]
    old = {part.partition("\n")[0]: part for part in kept}
    return "\n\n".join((head(), *(old | new).values())) + "\n"


def main() -> int:
    """Measure, print each section when it is known, and write the page where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "names", nargs="*", metavar="SECTION", help="only these, printed; default: all, written"
    )
    parser.add_argument("--write", action="store_true", help="put the sections into the page")
    parser.add_argument("--quick", action="store_true", help="reads at 10 k and 100 k events; writes no page")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep filled folders, and use them again")
    options = parser.parse_args()
    with closing(Stored(options.keep)) as stored:
        known = sections(stored, is_quick=options.quick)
        if unknown := set(options.names) - set(known):
            parser.error(f"expected sections of {', '.join(known)}; got {', '.join(sorted(unknown))}")
        parts, failed = [], False
        for name in options.names or known:
            began = time.perf_counter()
            try:
                parts.append(dated(known[name]()))
            except Exception as exc:  # a section that fails must not cost the others their figures
                traceback.print_exc()
                failed = True
                print(f"## {name}\n\nNot measured: {type(exc).__name__}.", flush=True)
                continue
            print(parts[-1], f"\n\n({name}: {time.perf_counter() - began:.0f} s)\n", flush=True)
    if (options.write or not options.names) and not options.quick:
        # What failed keeps the figures of the day on which it did not.
        PAGE.write_text(merged(PAGE.read_text(encoding="utf-8"), parts), encoding="utf-8")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
