"""`diptych serve`."""

import argparse
import logging
import sys
import time

from diptych_server.settings import TABLE, Settings, load_settings


def run(arguments: argparse.Namespace) -> int:
    """Run the server until it is told to stop."""
    settings = settings_of(arguments)
    _log_to_stderr()
    # Imported here: the other commands start in a third of the time without the engine and the web server.
    import uvloop

    from diptych_server.app import run_server
    from diptych_server.cli.welcome import welcome

    uvloop.run(run_server(settings, welcome))
    return 0


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Resolve the settings of a command."""
    given = {row.name: getattr(arguments, row.name, None) for row in TABLE}
    return load_settings(given, config=arguments.config)


def _log_to_stderr() -> None:
    """One line a fact, UTC."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("diptych_server").setLevel(logging.INFO)
