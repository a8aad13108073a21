"""Browser, system and kind of device, as people would say them."""

import pytest

from diptych_server.intake.user_agent import agent_of

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
IPHONE = (
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {APPLE} Version/18.1 Mobile/15E Safari/604.1"
)


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (
            f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/131.0.0.0 Safari/537.36",
            "Chrome 131, Linux, desktop",
        ),
        (
            IPHONE,
            "Mobile Safari 18, iOS, mobile",
        ),
        (
            f"Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) {APPLE} Version/17.0 Mobile/15E148 Safari/604.1",
            "Mobile Safari 17, iOS, tablet",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {WEBKIT} Chrome/131.0.0.0 Mobile Safari/537.36",
            "Chrome Mobile 131, Android, mobile",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; SM-X810) {WEBKIT} Chrome/131.0.0.0 Safari/537.36",
            "Chrome 131, Android, tablet",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
            "Firefox 133, Windows, desktop",
        ),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot 2, , bot"),
        ("", ", , "),
        ("ÿ" * 5_000, ", , "),
    ],
)
def test_a_user_agent_is_read(user_agent: str, expected: str) -> None:
    assert ", ".join(agent_of(user_agent)) == expected
