"""Loads the sample into a running Diptych server, through its doors and as if it had just happened.

    python -m sample.load --url http://127.0.0.1:8400 --client-key … --server-key … --state FILE

Every visit is moved as a whole to its place in the last 23 hours. `--state` remembers when that was: loading
again does nothing, and loading that was interrupted goes on with the same times, so that nothing is twice.
"""

import argparse
import gzip
import hashlib
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import httpx
import msgspec

from .archive import ARCHIVE, Manifest, Start, recorded
from .frames import Frame, Recorded
from .moments import moved, spans_moved

AT_ONCE = 12
"""Requests under way: the server stores those that wait together in one go."""
PARCEL_BYTES = 2_000_000
"""Bodies are joined up to about here, unpacked."""
TRIES = 5
MARGIN_MS = 2_000
"""The last visit is over this long before now."""
GZIP_LEVEL = 1


class State(msgspec.Struct):
    """What was loaded, and as of when."""

    archive: str
    now_ms: int
    is_complete: bool = False


class Parcel(NamedTuple):
    """One request to the server: what many visits have sent at one door, or one segment of a recording."""

    frame: Frame
    bodies: list[bytes]

    def body(self) -> bytes:
        """All of it."""
        if self.frame.door == "evaluations":
            lists = [msgspec.json.decode(body)["evaluations"] for body in self.bodies]
            return msgspec.json.encode({"evaluations": [item for items in lists for item in items]})
        # Lines of events; and protobuf, where repeated fields of messages one after the other are one list.
        return (b"\n" if self.frame.door == "rum" else b"").join(self.bodies)


def parcels(requests: Iterable[Recorded]) -> Iterator[Parcel]:
    """Requests to send: few large ones, which a server takes in more quickly than many small ones."""
    open_parcels: dict[tuple[str, str], Parcel] = {}
    sizes: dict[tuple[str, str], int] = defaultdict(int)
    for frame, body in requests:
        if frame.door == "replay":
            yield Parcel(frame, [body])
            continue
        key = (frame.door, frame.user_agent)
        open_parcels.setdefault(key, Parcel(frame, [])).bodies.append(body)
        sizes[key] += len(body)
        if sizes[key] > PARCEL_BYTES:
            yield open_parcels.pop(key)
            del sizes[key]
    yield from open_parcels.values()


class Loader:
    """Sends recorded requests to one server."""

    def __init__(self, url: str, client_key: str, server_key: str) -> None:
        self._keys = {"rum": client_key, "replay": client_key}
        self._server_key = server_key
        self._http = httpx.Client(base_url=url, timeout=60, trust_env=False)

    def close(self) -> None:
        """Closes its connections."""
        self._http.close()

    def send(self, parcel: Parcel) -> None:
        """Sends one parcel; tries again when the server is busy.

        Raises:
            RuntimeError: the server refused it, or a part of it.
        """
        frame = parcel.frame
        query: dict[str, str | int] = {}
        headers = {"Content-Type": frame.content_type, "User-Agent": frame.user_agent}
        if frame.door in self._keys:
            # The clock of the page is right: it sends now, what happened then.
            query = {
                "key": self._keys[frame.door],
                "sent_at": time.time_ns() // 1_000_000,
                "encoding": "gzip",
            }
        else:
            headers |= {"Authorization": f"Bearer {self._server_key}", "Content-Encoding": "gzip"}
        self._post(f"/v1/{frame.door}", query, headers, gzip.compress(parcel.body(), GZIP_LEVEL))

    def _post(self, path: str, query: dict[str, str | int], headers: dict[str, str], body: bytes) -> None:
        for attempt in range(TRIES):
            answer = self._http.post(path, params=query, headers=headers, content=body)
            if answer.status_code not in (429, 503):
                break
            time.sleep(float(answer.headers.get("Retry-After", 1)) * (attempt + 1))
        if answer.status_code >= 300 or (answer.status_code == 202 and answer.json()["rejected"]):
            raise RuntimeError(f"{path} answered {answer.status_code}: {answer.text[:300]}")


def placed(request: Recorded, start: Start, now_ms: int) -> Recorded:
    """A request, moved to where its visit belongs."""
    frame, body = request
    by_ms = shift_ms(start, now_ms)
    if frame.door == "traces":
        return frame, spans_moved(body, by_ms)
    return frame, moved(body, start.recorded_ms, start.ends_ms, by_ms)


def shift_ms(start: Start, now_ms: int) -> int:
    """By how much a visit moves: to `ago_ms` before now, or as near to it as lets it end before now."""
    return min(now_ms - start.ago_ms - start.recorded_ms, now_ms - MARGIN_MS - start.ends_ms)


def load(loader: Loader, state_file: Path, archive: Path = ARCHIVE) -> str:
    """Loads an archive once. Returns what there is to say of it."""
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    state = _read(state_file)
    if state and state.archive == digest and state.is_complete:
        hours = (time.time() - state.now_ms / 1000) / 3600
        return f"the sample was loaded {hours:.0f} h ago; remove the data folder to load it afresh"
    if not state or state.archive != digest:
        state = State(digest, time.time_ns() // 1_000_000)
        state_file.write_bytes(msgspec.json.encode(state))
    manifest = Manifest.of(archive)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        sent = [
            threads.submit(loader.send, parcel)
            for parcel in parcels(
                placed(request, manifest.visits[request[0].visit], state.now_ms)
                for request in recorded(archive)
            )
        ]
        for each in sent:
            each.result()
    state.is_complete = True
    state_file.write_bytes(msgspec.json.encode(state))
    counts = manifest.counts
    return f"{counts.sessions} sessions, {counts.replays} of them with a replay, and {counts.traces} traces"


def _read(state_file: Path) -> State | None:
    return msgspec.json.decode(state_file.read_bytes(), type=State) if state_file.exists() else None


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sample.load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--url", default="http://127.0.0.1:8400", help="of the server")
    parser.add_argument("--client-key", required=True)
    parser.add_argument("--server-key", required=True)
    parser.add_argument("--state", type=Path, required=True, help="a file that remembers what was loaded")
    options = parser.parse_args()
    with closing(Loader(options.url, options.client_key, options.server_key)) as loader:
        print(load(loader, options.state))


if __name__ == "__main__":
    main()
