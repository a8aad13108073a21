"""Sign-in links work once and for ten minutes, whoever looks at them first."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from diptych_server.access.sign_in import create_link, is_signed_in, sign_in, sign_out
from diptych_server.access.tokens import hash_secret
from diptych_server.errors import Unauthorized
from diptych_server.store.accounts import Accounts


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[Accounts]:
    opened = Accounts.open(f"sqlite:///{tmp_path / 'accounts.db'}")
    yield opened
    opened.close()


def token_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["token"][0]


def test_a_link_signs_one_browser_in(accounts: Accounts) -> None:
    link = create_link(accounts, "https://diptych.example.com")
    assert link.startswith("https://diptych.example.com/sign-in?token=")
    cookie = sign_in(accounts, token_of(link))
    assert is_signed_in(accounts, cookie)
    with pytest.raises(Unauthorized, match="used or has expired"):
        sign_in(accounts, token_of(link))
    assert is_signed_in(accounts, cookie)


def test_of_many_that_use_a_link_at_the_same_time_one_succeeds(accounts: Accounts) -> None:
    token = token_of(create_link(accounts, ""))

    def use(_: int) -> bool:
        try:
            sign_in(accounts, token)
        except Unauthorized:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(8))) == 1


def test_a_link_that_has_expired_is_refused_and_forgotten(accounts: Accounts) -> None:
    accounts.add_sign_in_link(hash_secret("old"), lifetime_ms=-1)
    with pytest.raises(Unauthorized):
        sign_in(accounts, "old")


def test_a_sign_in_that_has_expired_is_not_good(accounts: Accounts) -> None:
    accounts.add_sign_in(hash_secret("old"), lifetime_ms=-1)
    assert not is_signed_in(accounts, "old")


def test_after_sign_out_the_cookie_is_worthless(accounts: Accounts) -> None:
    cookie = sign_in(accounts, token_of(create_link(accounts, "")))
    other = sign_in(accounts, token_of(create_link(accounts, "")))
    sign_out(accounts, cookie)
    assert not is_signed_in(accounts, cookie)
    assert is_signed_in(accounts, other)


def test_no_token_is_stored(accounts: Accounts, tmp_path: Path) -> None:
    link_token = token_of(create_link(accounts, ""))
    cookie = sign_in(accounts, link_token)
    accounts.close()
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert hash_secret(cookie).encode() in stored
    assert cookie.encode() not in stored
    assert link_token.encode() not in stored
