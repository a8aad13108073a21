"""How large, how long and how packed a body may be."""

import gzip
import socket
import zlib
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from diptych_server.intake.limits import MIB, Limits
from diptych_server.store.database import Database

from .conftest import OpenDoors, Sender, lines, sender_of
from .samples import event, otlp, segment_lines, span

BOMB = gzip.compress(bytes(200 * MIB), 9)
"""200 kB on the wire, 200 MiB inflated."""

GZIP_JSON = {"content-type": "application/json", "content-encoding": "gzip"}


@pytest.mark.parametrize("door", ["/v1/rum", "/v1/replay"])
def test_a_50_mb_body_is_413_and_told_the_limit(sender: Sender, door: str) -> None:
    answer = sender.post(door, bytes(50 * MIB), key=sender.client_key)
    assert answer.status_code == 413
    assert str(5 * MIB) in answer.json()["detail"]
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_body_without_a_length_is_cut_off_at_the_limit(sender: Sender) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(50):
            yield bytes(MIB)

    answer = httpx.post(
        f"{sender.house.url}/v1/rum",
        content=endless(),
        headers={"content-type": "text/plain"},
        params={"key": sender.client_key},
        timeout=60,
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("door", ["/v1/rum", "/v1/replay"])
def test_a_bomb_is_413(sender: Sender, door: str, encoding: str) -> None:
    bomb = BOMB if encoding == "gzip" else zlib.compress(bytes(200 * MIB), 9)
    answer = sender.post(door, bomb, key=sender.client_key, encoding=encoding)
    assert answer.status_code == 413
    assert "inflated" in answer.json()["detail"]


def test_a_bomb_at_the_spans_door_is_413(sender: Sender) -> None:
    assert sender.traces(BOMB, headers=GZIP_JSON).status_code == 413


def test_a_bomb_of_many_members_is_413(sender: Sender) -> None:
    member = gzip.compress(bytes(MIB), 9)
    assert sender.rum(member * 40, encoding="gzip").status_code == 413


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data, wbits=-15)),
        ("gzip", lambda data: gzip.compress(data[:300]) + gzip.compress(data[300:])),
        ("", bytes),
    ],
)
async def test_packed_bodies_are_read(sender: Sender, encoding: str, pack: Callable[[bytes], bytes]) -> None:
    body = lines(event(), event("view"))
    answer = sender.rum(pack(body), encoding=encoding)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 2)


@pytest.mark.parametrize("cut", [1, 8, 20, 60])
def test_a_body_that_is_cut_off_is_400(sender: Sender, cut: int) -> None:
    packed = gzip.compress(lines(event(), event("view")))[:-cut]
    answer = sender.rum(packed, encoding="gzip")
    assert answer.status_code == 400
    assert "cut off" in answer.json()["detail"]
    assert sender.replay(gzip.compress(lines(*segment_lines()))[:-cut], encoding="gzip").status_code == 400
    assert sender.traces(gzip.compress(otlp(span()))[:-cut], headers=GZIP_JSON).status_code == 400


def test_a_damaged_body_is_400(sender: Sender) -> None:
    packed = bytearray(gzip.compress(lines(event())))
    packed[30] ^= 0xFF
    assert sender.rum(bytes(packed), encoding="gzip").status_code == 400
    assert sender.rum(b"not gzip", encoding="gzip").status_code == 400


@pytest.mark.parametrize("encoding", ["br", "zstd", "rot13"])
def test_an_unknown_encoding_is_415(sender: Sender, encoding: str) -> None:
    answer = sender.rum(b"x", encoding=encoding)
    assert answer.status_code == 415
    assert "gzip" in answer.json()["detail"]


HALF_A_MULTIPART = b'--x\r\nContent-Disposition: form-data; name="segment"; filename="a"\r\n\r\nabc'


@pytest.mark.parametrize(
    ("door", "content_type"),
    [
        ("/v1/rum", "multipart/form-data; boundary=x"),
        ("/v1/replay", "multipart/form-data; boundary=x"),
        ("/v1/evaluations", "image/png"),
    ],
)
def test_another_content_type_is_415(sender: Sender, door: str, content_type: str) -> None:
    answer = sender.post(door, HALF_A_MULTIPART, {"content-type": content_type}, key=sender.client_key)
    assert answer.status_code == 415
    assert "text/plain" in answer.json()["detail"]


def test_spans_of_another_content_type_are_415(sender: Sender) -> None:
    answer = sender.traces(HALF_A_MULTIPART, "multipart/form-data; boundary=x")
    assert answer.status_code == 415
    assert "application/x-protobuf" in answer.json()["detail"]


def test_an_empty_body_is_no_event(sender: Sender) -> None:
    assert sender.rum(b"").json() == {"accepted": 0, "rejected": 0, "reasons": []}
    assert sender.rum(b"\n \r\n\n").json()["accepted"] == 0
    assert sender.replay(b"").status_code == 400
    assert sender.traces(b"", "application/x-protobuf").status_code == 200
    assert sender.traces(b"").status_code == 400


def test_a_body_that_never_ends_is_408(open_doors: OpenDoors, database: Database, project_id: str) -> None:
    sender = sender_of(open_doors(Limits(body_seconds=1)), database, project_id)
    place = urlsplit(sender.house.url)
    assert place.hostname is not None
    with socket.create_connection((place.hostname, place.port or 0), timeout=10) as connection:
        head = f"POST /v1/rum?key={sender.client_key} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"
        connection.sendall(head.encode())
        assert connection.recv(64).startswith(b"HTTP/1.1 408")


def test_a_sender_that_goes_away_costs_nothing(sender: Sender) -> None:
    place = urlsplit(sender.house.url)
    assert place.hostname is not None
    for _ in range(20):
        with socket.create_connection((place.hostname, place.port or 0), timeout=10) as connection:
            head = (
                f"POST /v1/rum?key={sender.client_key} HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\nhalf"
            )
            connection.sendall(head.encode())
    assert sender.rum(lines(event())).json()["accepted"] == 1


def test_too_many_bytes_at_once_are_503(open_doors: OpenDoors, database: Database, project_id: str) -> None:
    sender = sender_of(open_doors(Limits(bodies_in_memory_bytes=1000)), database, project_id)
    answer = sender.rum(bytes(2000))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert sender.rum(b"").status_code == 202, "the room of a refused body is given back"
