"""Which names a request for the UI or the API may be addressed to.

A page of a stranger can make its own name point at 127.0.0.1 (DNS rebinding) and then ask us as if it were
ours; but it cannot change the name in the Host header. The doors of senders are not checked: each asks for a
key, and agents in containers reach us by names that nobody lists.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from diptych_server.errors import BadRequest
from diptych_server.settings import Settings

LOOPBACK_NAMES = frozenset({"localhost"})


class HostCheck:
    """The names that are ours."""

    def __init__(self, settings: Settings) -> None:
        public = urlsplit(settings.public_url).hostname or ""
        names = {settings.host, public, *settings.allowed_hosts}
        self._names = LOOPBACK_NAMES | {name.lower() for name in names if name and not name.startswith(".")}
        self._ends = tuple(name.lower() for name in settings.allowed_hosts if name.startswith("."))

    def require(self, host: str) -> None:
        """Check a Host header.

        Raises:
            BadRequest: the name is none of ours.
        """
        name = _name_of(host)
        if name in self._names or name.endswith((".localhost", *self._ends)) or _is_address(name):
            return
        raise BadRequest(
            "this server does not go by the name in the Host header; DIPTYCH_ALLOWED_HOSTS lists more names",
            where="Host",
        )


def _name_of(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    # An address is not looked up, so nobody can make it point elsewhere.
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
