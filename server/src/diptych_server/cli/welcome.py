"""What `diptych serve` prints when it is ready; the first time also how to go on."""

import sys

from diptych_server.access.keys import create_key
from diptych_server.access.sign_in import create_link
from diptych_server.app.services import Services
from diptych_server.store.accounts import DEFAULT_PROJECT

FIRST_START = """
  This is the first start. Open this link to sign in (good once, for 10 minutes):

    {link}

  Keys of the project "{project}", shown this once (`diptych keys create` makes more):

    page    {client}
    agent   {server}
"""


def welcome(services: Services) -> None:
    """Print where the server listens; the first time make keys and a sign-in link."""
    settings = services.settings
    lines = [f"Diptych listens on {settings.local_url}, data in {settings.data}"]
    if settings.public_url != settings.local_url:
        lines.append(f"People reach it at {settings.public_url}")
    if settings.intake_address is not None:
        lines.append("The doors of browsers alone: http://{}:{}".format(*settings.intake_address))
    lines.append(_first_start(services) if not services.accounts.list_keys() else "Sign in: `diptych link`")
    print("\n".join(lines), flush=True, file=sys.stdout)


def _first_start(services: Services) -> str:
    return FIRST_START.format(
        link=create_link(services.accounts, services.settings.public_url),
        project=DEFAULT_PROJECT,
        client=create_key(services.accounts, "client", DEFAULT_PROJECT)[0],
        server=create_key(services.accounts, "server", DEFAULT_PROJECT)[0],
    )
