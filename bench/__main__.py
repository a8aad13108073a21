"""Run the benchmarks: `make bench` all of them, and writes docs/performance.md; `python -m bench reads` one.

Sections: intake, reads, start, pages, python_sdk, browser_sdk, diptych_view. One that fails is said to have
failed, and stops no other; the command then ends with 1.
"""

import argparse
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable, Mapping
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
    """Where and when."""
    return (
        "# Performance\n\nWritten by `make bench`; every figure is from one run on one machine, both sides "
        f"of a ratio measured in it. {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, chDB {version('chdb')}."
    )


def main() -> int:
    """Measure, print each section when it is known, and write the page when all were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "names", nargs="*", metavar="SECTION", help="only these, printed; default: all, written"
    )
    parser.add_argument("--quick", action="store_true", help="reads at 10 k and 100 k events; writes no page")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep filled folders, and use them again")
    options = parser.parse_args()
    with closing(Stored(options.keep)) as stored:
        known = sections(stored, is_quick=options.quick)
        if unknown := set(options.names) - set(known):
            parser.error(f"expected sections of {', '.join(known)}; got {', '.join(sorted(unknown))}")
        parts, failed = [head()], False
        for name in options.names or known:
            began = time.perf_counter()
            try:
                parts.append(known[name]())
            except Exception as exc:  # a section that fails must not cost the others their figures
                traceback.print_exc()
                failed = True
                parts.append(f"## {name}\n\nNot measured: {type(exc).__name__}.")
            print(parts[-1], f"\n\n({name}: {time.perf_counter() - began:.0f} s)\n", flush=True)
    if not options.names and not options.quick:
        PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
