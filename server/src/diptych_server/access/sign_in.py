"""Sign-in of people: a link that works once, and the cookie that a browser gets for it."""

from diptych_server.access.tokens import hash_secret, new_secret
from diptych_server.errors import Unauthorized
from diptych_server.store.accounts import Accounts

LINK_LIFETIME_MS = 10 * 60 * 1000
SIGN_IN_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000
"""A browser stays signed in for 30 days."""


def create_link(accounts: Accounts, public_url: str) -> str:
    """Make a sign-in link: good once, for 10 minutes.

    The page behind it posts the token; opening the link alone uses nothing up, so that previews cannot.
    """
    token = new_secret()
    accounts.add_sign_in_link(hash_secret(token), LINK_LIFETIME_MS)
    return f"{public_url}/sign-in?token={token}"


def sign_in(accounts: Accounts, link_token: str) -> str:
    """Use a sign-in link up and give the token for the browser's cookie.

    Raises:
        Unauthorized: the link was used before, has expired, or never was.
    """
    if not accounts.take_sign_in_link(hash_secret(link_token)):
        raise Unauthorized("this sign-in link was used or has expired; `diptych link` makes a new one")
    token = new_secret()
    accounts.add_sign_in(hash_secret(token), SIGN_IN_LIFETIME_MS)
    return token


def is_signed_in(accounts: Accounts, cookie_token: str) -> bool:
    """Say whether the cookie of a browser is good."""
    return accounts.has_sign_in(hash_secret(cookie_token))


def sign_out(accounts: Accounts, cookie_token: str) -> None:
    """Make the cookie of a browser worthless."""
    accounts.remove_sign_in(hash_secret(cookie_token))
