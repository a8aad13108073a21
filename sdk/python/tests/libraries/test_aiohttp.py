"""A server of aiohttp: each request of a connection has the ids that it came with, and no others."""

from __future__ import annotations

import httpx

from sdk.python.tests.receiver import Receiver

from .test_prefork import serving

HEADERS = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01", "baggage": "session.id=S1,user.id=U1"}


def test_requests_of_one_connection_do_not_mix(receiver: Receiver) -> None:
    with serving(("aiohttp_app.py", "{port}"), receiver) as url, httpx.Client(base_url=url) as page:
        page.get("/first", headers=HEADERS)
        page.get("/second")
        page.get("/third", params={"says": "S3"})
        page.get("/fourth")
        page.get("/fifth", params={"dip-session": "S/5 ä"})
        page.get("/stream", headers=HEADERS)
        receiver.wait_for(7)
    spans = receiver.by_name()
    sessions = {name: span.session for name, span in spans.items()}
    assert sessions == {
        "first": ("S1", "baggage"),
        "second": None,
        "third": ("S3", "explicit"),
        "fourth": None,
        "fifth": ("S/5 ä", "header"),
        "stream 0": ("S1", "baggage"),
        "stream 1": ("S1", "baggage"),
    }
    assert spans["first"].parent_id == spans["stream 1"].parent_id == "b" * 16
    assert len({span.trace_id for span in spans.values()}) == 5
