"""The command `diptych`."""

import sys
from collections.abc import Sequence

from diptych_server.cli.arguments import parser
from diptych_server.errors import DiptychError

FAILED = 1
INTERRUPTED = 130
"""What a shell expects of a command that Ctrl-C ended: 128 + SIGINT."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; what goes wrong is said in a line, and the exit code is 1."""
    given = parser().parse_args(arguments)
    try:
        code: int = given.run(given)
    except DiptychError as exc:
        print(f"diptych: {exc}", file=sys.stderr)
        code = FAILED
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`diptych keys list | head -1`): nobody is left to tell.
        sys.stderr.close()
        code = FAILED
    sys.exit(code)
