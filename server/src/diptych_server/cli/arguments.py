"""What the command line takes; the settings' own arguments come from their table."""

import argparse
from pathlib import Path

from diptych_server.access.keys import KEY_KINDS
from diptych_server.cli import keys, serve
from diptych_server.settings import TABLE

ACCOUNTS_SETTINGS = ("data", "accounts")
"""Settings that commands take which touch accounts only."""


def parser() -> argparse.ArgumentParser:
    """Build the parser; `run` of what it parses is the function to call."""
    root = argparse.ArgumentParser(
        prog="diptych",
        description="Sessions of people and traces of their agents, joined.",
        allow_abbrev=False,
    )
    commands = root.add_subparsers(metavar="COMMAND", required=True)
    serving = _command(commands, "serve", "run the server")
    _add_settings(serving, tuple(row.name for row in TABLE))
    serving.set_defaults(run=serve.run)
    _add_keys(_command(commands, "keys", "make, list and revoke keys"))
    link = _command(commands, "link", "print a new sign-in link: good once, for 10 minutes")
    _add_settings(link, (*ACCOUNTS_SETTINGS, "public_url"))
    link.set_defaults(run=keys.link)
    doctor = _command(commands, "doctor", "check a deployment, and say in plain words what is wrong")
    _add_settings(doctor, tuple(row.name for row in TABLE))
    doctor.set_defaults(run=_doctor)
    return root


def _add_keys(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(metavar="ACTION", required=True)
    create = _command(actions, "create", "make a key and print it: it is shown this once")
    create.add_argument(
        "kind", choices=KEY_KINDS, help="client: pages; server: agents; read: programs that query"
    )
    create.add_argument(
        "--project", metavar="NAME", help="its project, made where there is none; the default one"
    )
    create.add_argument(
        "--origin",
        metavar="URL",
        action="append",
        default=[],
        help="a site that may use it (again for more); any site where none is given",
    )
    create.set_defaults(run=keys.create)
    show = _command(actions, "list", "list keys, never their secrets")
    show.set_defaults(run=keys.show)
    revoke = _command(actions, "revoke", "refuse a key from now on")
    revoke.add_argument("key", metavar="KEY", help="its id, as `diptych keys list` shows it")
    revoke.set_defaults(run=keys.revoke)
    for action in (create, show, revoke):
        _add_settings(action, ACCOUNTS_SETTINGS)


def _doctor(arguments: argparse.Namespace) -> int:
    # Imported here: it needs the engine, and the other commands start in a third of the time without.
    from diptych_server.cli import doctor

    return doctor.run(arguments)


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name, help=text, description=text[0].upper() + text[1:] + ".", allow_abbrev=False
    )


def _add_settings(command: argparse.ArgumentParser, names: tuple[str, ...]) -> None:
    command.add_argument("--config", metavar="FILE", type=Path, help="file of settings, TOML")
    for row in TABLE:
        if row.name not in names:
            continue
        text = f"{row.setting.help} (default: {row.shown_default})".replace("%", "%%")
        if row.type is bool:
            command.add_argument(row.argument_name, action=argparse.BooleanOptionalAction, help=text)
        else:
            command.add_argument(row.argument_name, metavar=row.setting.metavar, help=text)
