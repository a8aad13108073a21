"""How spans get to the server: soon, all of them, and without harm to the host when it is not there."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from diptych import LLMObs
from diptych._transport import parse_retry_after

from .receiver import Receiver, Reply, decode


@pytest.fixture
def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(autouse=True)
def _off_afterwards() -> Iterator[None]:
    yield
    LLMObs.disable()


def spans(number: int, text: str = "x") -> None:
    for index in range(number):
        with LLMObs.task(f"span {index}"):
            LLMObs.annotate(input_data=text)


def test_a_span_arrives_within_half_a_second_of_its_end(receiver: Receiver) -> None:
    LLMObs.enable(url=receiver.url, key="k", strict=True)
    spans(1)
    LLMObs.flush()  # the first request pays for imports and the connection
    took_s = []
    for _ in range(5):
        receiver.clear()
        spans(1)
        ended = time.monotonic()
        assert len(receiver.wait_for(1, 30)) == 1
        took_s.append(time.monotonic() - ended)
    assert min(took_s) < 0.5  # a machine that is busy with other things is no fault of the SDK


def test_request(receiver: Receiver) -> None:
    LLMObs.enable(url=receiver.url + "/", key="secret", strict=True)
    spans(20, "hello " * 200)
    assert LLMObs.flush()
    [(path, headers, size)] = receiver.requests
    assert path == "/v1/traces"
    assert headers["authorization"] == "Bearer secret"
    assert headers["content-type"] == "application/x-protobuf"
    assert headers["content-encoding"] == "gzip"
    assert size < 3_000


def test_a_burst_loses_nothing(receiver: Receiver) -> None:
    LLMObs.enable(url=receiver.url, key="k", strict=True)
    text = "x" * 500
    for _ in range(20_000 // 4):
        with LLMObs.workflow("w"):
            LLMObs.annotate(input_data=text, output_data=text)
            spans(3, text)
    assert LLMObs.flush(60)
    assert len(receiver.spans) == 20_000
    assert len({span.span_id for span in receiver.spans}) == 20_000
    assert LLMObs.dropped() == {}


def test_server_down_harms_nobody_and_data_flows_when_it_is_back(free_port: int) -> None:
    LLMObs.enable(url=f"http://127.0.0.1:{free_port}", key="k", strict=False)
    spans(2_000)
    assert not LLMObs.flush(0.3)
    assert LLMObs.dropped() == {}
    server = Receiver(free_port)
    try:
        assert LLMObs.flush(10)
        assert len(server.spans) == 2_000
    finally:
        server.close()


def test_a_full_queue_drops_the_oldest_and_counts(free_port: int, caplog: pytest.LogCaptureFixture) -> None:
    LLMObs.enable(url=f"http://127.0.0.1:{free_port}", key="k", queue_bytes=1_000_000)
    spans(100)
    assert not LLMObs.flush(0.3)  # the first batch is in the sender's hands now
    spans(3_000, "x" * 1_000)
    dropped = LLMObs.dropped()["queue_full"]
    assert 2_450 < dropped < 2_600  # a span of 1,000 characters takes about 2,000 bytes
    server = Receiver(free_port)
    try:
        assert LLMObs.flush(20)
        assert len(server.spans) == 3_100 - dropped
        assert "span 2999" in {span.name for span in server.spans}
    finally:
        server.close()
    assert caplog.text.count("the oldest are dropped") == 1
    where = f"http://127.0.0.1:{free_port}: Connection refused"
    assert caplog.text.count(f"cannot take data now (unreachable, {where})") == 1


LARGE = "x" * 50_000


def _fail() -> None:
    with contextlib.suppress(ValueError), LLMObs.task("failing"):
        raise ValueError(LARGE)


def _attributes() -> None:
    with LLMObs.task("attributes") as span:
        assert span.otel is not None
        span.otel.set_attribute("list", [LARGE[:25_000], LARGE[25_000:]])


def _event() -> None:
    with LLMObs.task("event") as span:
        assert span.otel is not None
        span.otel.add_event("seen", {"text": LARGE})


def _say(kind: str, **said: Any) -> Callable[[], None]:
    def make() -> None:
        with getattr(LLMObs, kind)():
            LLMObs.annotate(**said)

    return make


LARGE_SPANS: dict[str, Callable[[], None]] = {
    "a name": lambda: LLMObs.task(LARGE).finish(),
    "an error": _fail,
    "attributes": _attributes,
    "an event": _event,
    "an input": _say("task", input_data=LARGE),
    "a tag": _say("task", tags={"text": LARGE}),
    "a tag's name": _say("task", tags={LARGE: 1}),
    "metadata": _say("task", metadata={"text": LARGE}),
    "a key of metadata": _say("task", metadata={LARGE: 1}),
    "metrics": _say("task", metrics={f"{number:050}": number for number in range(1_000)}),
    "a prompt": _say("llm", prompt={"template": LARGE}),
    "tools": _say("llm", tool_definitions=[{"name": "stock", "description": LARGE}]),
}


@pytest.mark.parametrize("name", LARGE_SPANS)
def test_the_bound_of_the_queue_counts_all_that_waits(name: str, free_port: int) -> None:
    url = f"http://127.0.0.1:{free_port}"
    LLMObs.enable(url=url, key="k", queue_bytes=1_000_000, exit_timeout_ms=50, strict=True)
    for _ in range(100):
        LARGE_SPANS[name]()
    assert 70 <= LLMObs.dropped()["queue_full"] <= 99  # the sender holds up to 1 MB besides


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_it_tries_again(status: int, receiver: Receiver) -> None:
    receiver.answer = lambda number, body: Reply(status, {"Retry-After": "0.05"}) if number < 2 else Reply()
    LLMObs.enable(url=receiver.url, key="k")
    spans(3)
    assert LLMObs.flush(10)
    assert len(receiver.requests) == 3
    assert len(receiver.spans) == 3
    assert LLMObs.dropped() == {}


def test_it_waits_as_long_as_the_server_asks(receiver: Receiver) -> None:
    receiver.answer = lambda number, body: Reply(429, {"Retry-After": "0.6"}) if number < 1 else Reply()
    LLMObs.enable(url=receiver.url, key="k", linger_ms=1)
    spans(1)
    started = time.monotonic()
    receiver.wait_for(1)
    assert 0.55 < time.monotonic() - started < 3


REFUSALS = {
    400: "",
    401: ": the key is not known",
    403: ": spans need a server key",
    404: ": nothing takes spans at this address",
    415: "",
    501: "",
}


@pytest.mark.parametrize(("status", "hint"), REFUSALS.items())
def test_what_is_refused_is_dropped_and_counted(
    status: int, hint: str, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answer = lambda number, body: Reply(status)
    LLMObs.enable(url=receiver.url, key="k")
    for _ in range(3):
        spans(2)
        assert LLMObs.flush()
    assert LLMObs.dropped() == {f"http_{status}": 6}
    assert caplog.text.count(f"the server refused a batch (http_{status}{hint}); it is dropped") == 1


def test_a_batch_that_is_too_large_is_split(receiver: Receiver) -> None:
    receiver.answer = lambda number, body: Reply(413) if len(decode(body)) > 3 else Reply()
    LLMObs.enable(url=receiver.url, key="k", linger_ms=100)
    spans(20)
    assert LLMObs.flush()
    assert len(receiver.spans) == 20
    receiver.answer = lambda number, body: Reply(413)
    spans(2)
    assert LLMObs.flush()
    assert LLMObs.dropped() == {"http_413": 2}


def test_losses_are_told_to_the_server(receiver: Receiver) -> None:
    receiver.answer = lambda number, body: Reply(413) if len(body) > 10_000 else Reply()
    LLMObs.enable(url=receiver.url, key="k", linger_ms=1)
    spans(1, "x" * 10_000)
    assert LLMObs.flush()
    told = [headers.get("diptych-dropped", "; ").partition("; ")[2] for _, headers, _ in receiver.requests]
    assert told == ["", "http_413=1"]  # the second request carries nothing else
    spans(1)
    assert LLMObs.flush()
    assert "diptych-dropped" not in receiver.requests[2][1]  # the server knows
    spans(2, "x" * 10_000)
    assert LLMObs.flush()
    assert receiver.requests[-1][1]["diptych-dropped"].endswith("; http_413=3")


def test_losses_are_told_again_until_a_request_is_taken(receiver: Receiver) -> None:
    refuses = True
    receiver.answer = lambda number, body: Reply(400) if refuses else Reply()
    LLMObs.enable(url=receiver.url, key="k", linger_ms=1)
    spans(1)
    assert LLMObs.flush()
    refuses = False
    spans(1)
    assert LLMObs.flush()
    assert [headers.get("diptych-dropped", "")[-11:] for _, headers, _ in receiver.requests] == [
        "",
        " http_400=1",
        " http_400=1",
    ]


def test_what_the_server_rejects_of_a_batch_is_counted(receiver: Receiver) -> None:
    response = ExportTraceServiceResponse()
    response.partial_success.rejected_spans = 2
    body = response.SerializeToString()
    receiver.answer = lambda n, _: Reply(200, {"Content-Type": "application/x-protobuf"}, body)
    LLMObs.enable(url=receiver.url, key="k")
    spans(3)
    assert LLMObs.flush()
    assert LLMObs.dropped() == {"rejected_by_server": 2}


def test_a_proxys_own_answer_is_no_fault(receiver: Receiver) -> None:
    receiver.answer = lambda n, _: Reply(200, {"Content-Type": "application/x-protobuf"}, b"<html>")
    LLMObs.enable(url=receiver.url, key="k")
    spans(1)
    assert LLMObs.flush()
    assert LLMObs.dropped() == {}


def test_the_host_never_waits_for_the_server(receiver: Receiver) -> None:
    """All calls return while the server answers nothing at all; that the test ends is the proof."""
    answers = threading.Event()
    receiver.answer = lambda number, body: Reply() if answers.wait(60) else Reply(500)
    LLMObs.enable(url=receiver.url, key="k", linger_ms=1)
    spans(1)
    while not receiver.requests:
        time.sleep(0.005)
    spans(1_000)
    LLMObs.submit_evaluation("good", "boolean", True, span={"span_id": "1" * 16, "trace_id": "1" * 32})
    with pytest.raises(KeyError), LLMObs.workflow("failing"):
        raise KeyError
    assert receiver.spans == []
    answers.set()
    assert LLMObs.flush(60)
    assert len(receiver.spans) == 1_002
    assert LLMObs.dropped() == {}


def test_a_connection_that_is_reset_is_tried_again() -> None:
    """A server that closes the first connection with a reset, in the middle of its request."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = int(listening.getsockname()[1])
        LLMObs.enable(url=f"http://127.0.0.1:{port}", key="k", linger_ms=1)
        spans(3)
        connection, _ = listening.accept()
        connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    server = Receiver(port)
    try:
        assert LLMObs.flush(60)
        assert len(server.spans) == 3
        assert LLMObs.dropped() == {}
    finally:
        server.close()


def test_a_server_that_hangs_is_left_after_the_timeout(receiver: Receiver) -> None:
    receiver.answer = lambda number, body: Reply(wait_s=1.5 if number == 0 else 0)
    LLMObs.enable(url=receiver.url, key="k", timeout_ms=300)
    spans(1)
    assert LLMObs.flush(10)
    assert len(receiver.requests) == 2


def test_a_name_that_does_not_resolve(caplog: pytest.LogCaptureFixture) -> None:
    LLMObs.enable(url="http://no-such-host.invalid", key="k", exit_timeout_ms=100)
    spans(5)
    assert not LLMObs.flush(0.5)
    LLMObs.disable()
    assert "unreachable, http://no-such-host.invalid: " in caplog.text


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")
def test_a_certificate_that_is_not_trusted_is_told(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    names = ("-subj", "/CN=localhost", "-days", "1")
    files = ("-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "certificate.pem"))
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *names, *files]
    made = subprocess.run(command, capture_output=True, check=False)
    assert made.returncode == 0
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listening.accept()
                context.wrap_socket(connection, server_side=True)

        threading.Thread(target=serve, daemon=True).start()
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/k/secret"
        LLMObs.enable(url=url, exit_timeout_ms=50)
        spans(1)
        assert not LLMObs.flush(1)
    assert f"unreachable, {url.removesuffix('/k/secret')}: self-signed certificate" in caplog.text
    assert "secret" not in caplog.text


def test_a_redirect_says_where_to(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    receiver.answer = lambda number, body: Reply(308, {"Location": "https://shop.example/v1/traces"})
    LLMObs.enable(url=receiver.url, key="k")
    spans(1)
    assert LLMObs.flush(5)
    assert LLMObs.dropped() == {"http_308": 1}
    told = "the server refused a batch (http_308: it redirects to https://shop.example, give that as url)"
    assert told in caplog.text


def test_flush_from_many_threads(receiver: Receiver) -> None:
    LLMObs.enable(url=receiver.url, key="k", strict=True)

    def work() -> None:
        spans(20)
        assert LLMObs.flush()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receiver.spans) == 160


def test_our_requests_are_not_traced(receiver: Receiver) -> None:
    LLMObs.enable(url=receiver.url, key="k", strict=True)
    spans(1)
    assert LLMObs.flush()
    time.sleep(0.3)
    assert len(receiver.requests) == 1


def test_retry_after() -> None:
    assert parse_retry_after(None) is None
    assert parse_retry_after("2.5") == 2.5
    assert parse_retry_after("-1") == 0
    assert parse_retry_after("soon") is None
    assert parse_retry_after("Thu, 01 Jan 1970 00:01:40 GMT", now_s=40) == 60
    assert parse_retry_after("Thu, 01 Jan 1970 00:01:40 GMT", now_s=400) == 0


PROGRAM = """
import os, sys, time
from diptych import LLMObs
LLMObs.enable(ml_app="shop", url=sys.argv[1], key="k", strict=True, linger_ms=10_000)
with LLMObs.workflow("before"):
    pass
"""


# From 3.12, Python warns of every fork of a process that has threads, whosever they are.
NO_FORK_WARNING = ("-W", "ignore:This process:DeprecationWarning")


def run(program: str, receiver: Receiver) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *NO_FORK_WARNING, "-c", PROGRAM + program, receiver.url]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_end_of_the_process_sends_what_waits(receiver: Receiver) -> None:
    done = run("", receiver)
    assert (done.returncode, done.stderr) == (0, "")
    assert [span.name for span in receiver.spans] == ["before"]


def test_an_exception_that_ends_the_process_loses_nothing(receiver: Receiver) -> None:
    done = run("with LLMObs.workflow('dying'):\n    raise SystemExit(3)", receiver)
    assert done.returncode == 3
    assert {span.name for span in receiver.spans} == {"before", "dying"}


def test_the_end_of_the_process_waits_for_a_dead_server_only_so_long(free_port: int) -> None:
    program = PROGRAM.replace("linger_ms=10_000", "exit_timeout_ms=500")
    started = time.monotonic()
    command = [sys.executable, "-c", program, f"http://127.0.0.1:{free_port}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert time.monotonic() - started < 10


def test_fork(receiver: Receiver) -> None:
    """The parent's spans are sent once, by the parent; each child sends its own."""
    done = run(
        """
children = []
for number in range(3):
    pid = os.fork()
    if pid == 0:
        with LLMObs.workflow(f"child {number}"):
            pass
        assert LLMObs.flush()
        os._exit(0)
    children.append(pid)
assert all(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0 for pid in children)
with LLMObs.workflow("after"):
    pass
""",
        receiver,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(span.name for span in receiver.spans) == [
        "after",
        "before",
        "child 0",
        "child 1",
        "child 2",
    ]
    assert len({span.resource["service.instance.id"] for span in receiver.spans}) == 4


def test_fork_while_the_sender_is_busy(receiver: Receiver) -> None:
    receiver.answer = lambda number, body: Reply(wait_s=0.5 if number == 0 else 0)
    done = run(
        """
LLMObs.disable()
LLMObs.enable(ml_app="shop", url=sys.argv[1], key="k", strict=True, linger_ms=1)
with LLMObs.workflow("sent while forking"):
    pass
time.sleep(0.2)
pid = os.fork()
with LLMObs.workflow("child" if pid == 0 else "parent"):
    pass
assert LLMObs.flush()
if pid == 0:
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
""",
        receiver,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(span.name for span in receiver.spans) == ["before", "child", "parent", "sent while forking"]


def test_multiprocessing_fork(receiver: Receiver) -> None:
    done = run(
        """
import multiprocessing
def work(number):
    with LLMObs.workflow(f"worker {number}"):
        pass
    LLMObs.flush()
with multiprocessing.get_context("fork").Pool(2) as pool:
    pool.map(work, range(4))
""",
        receiver,
    )
    assert (done.returncode, done.stderr) == (0, "")
    names = sorted(span.name for span in receiver.spans)
    assert names == ["before", "worker 0", "worker 1", "worker 2", "worker 3"]


POOLS = {
    "ProcessPoolExecutor, fork": "ProcessPoolExecutor(2, mp_context=get_context('fork'))",
    "ProcessPoolExecutor, forkserver": "ProcessPoolExecutor(2, mp_context=get_context('forkserver'))",
    "ProcessPoolExecutor, spawn": "ProcessPoolExecutor(2, mp_context=get_context('spawn'))",
}


@pytest.mark.parametrize("pool", POOLS)
def test_a_worker_of_a_process_pool_sends_what_waits_at_its_end(
    pool: str, receiver: Receiver, tmp_path: Path
) -> None:
    """Python's own `multiprocessing` ends a forked process without its exit handlers."""
    program = tmp_path / "pool.py"
    program.write_text(f"""
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from diptych import LLMObs
LLMObs.enable(ml_app="shop", url={receiver.url!r}, key="k", strict=True, linger_ms=10_000)
def work(number):
    with LLMObs.workflow(f"item {{number}}") as span:
        ids = LLMObs.export_span(span)
    LLMObs.submit_evaluation("grounded", "boolean", True, span=ids)
if __name__ == "__main__":
    with {POOLS[pool]} as pool:
        list(pool.map(work, range(6)))
""")
    command = [sys.executable, *NO_FORK_WARNING, str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(span.name for span in receiver.spans) == [f"item {number}" for number in range(6)]
    assert len(receiver.evaluations) == 6


def test_a_forked_process_waits_for_a_dead_server_only_so_long(free_port: int) -> None:
    program = PROGRAM.replace("linger_ms=10_000", "exit_timeout_ms=500") + (
        """
import multiprocessing
def work():
    with LLMObs.workflow("in the child"):
        pass
process = multiprocessing.get_context("fork").Process(target=work)
process.start()
started = time.monotonic()
process.join()
assert process.exitcode == 0
assert time.monotonic() - started < 3
"""
    )
    command = [sys.executable, *NO_FORK_WARNING, "-c", program, f"http://127.0.0.1:{free_port}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


ENDS_ITS_LOOP = """
import signal, threading
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
print("ready", flush=True)
stop.wait()
"""
"""As gunicorn does."""

EXITS_AT_ONCE = """
import signal
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
print("ready", flush=True)
while True:
    time.sleep(60)
"""
"""The line that docs/python-sdk.md has for programs that have no handler."""


@pytest.mark.parametrize(("program", "code"), [(ENDS_ITS_LOOP, 0), (EXITS_AT_ONCE, 143)])
def test_a_process_that_handles_sigterm_loses_nothing(program: str, code: int, receiver: Receiver) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM + program, receiver.url], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(20) == code
    assert [span.name for span in receiver.spans] == ["before"]


def test_spans_that_end_inside_the_garbage_collector(receiver: Receiver) -> None:
    """As the span of a dropped stream does: the collector may run while the SDK holds its locks."""

    class Dropped:
        def __init__(self) -> None:
            self.me = self  # only the collector can find that nobody needs it
            self.span = LLMObs._start("task", "dropped", None, None, activate=False)

        def __del__(self) -> None:
            self.span.finish()

    LLMObs.enable(url=receiver.url, key="k", strict=True)
    thresholds = gc.get_threshold()
    gc.set_threshold(97, 2, 2)  # a prime: the collector runs at another place each time
    try:
        for _ in range(3_000):
            Dropped()
            spans(1)
    finally:
        gc.set_threshold(*thresholds)
    gc.collect()
    assert LLMObs.flush(30)
    assert len(receiver.spans) == 6_000


def test_multiprocessing_spawn(receiver: Receiver, tmp_path: Path) -> None:
    """A spawned process starts from nothing: it has what its own import of the module enables."""
    program = tmp_path / "spawning.py"
    program.write_text("""
import multiprocessing, os, sys
from diptych import LLMObs
LLMObs.enable(ml_app="shop", url=os.environ["RECEIVER"], key="k", strict=True, linger_ms=10_000)
def work(number):
    with LLMObs.workflow(f"worker {number}"):
        pass
if __name__ == "__main__":
    with LLMObs.workflow("before"):
        pass
    processes = [multiprocessing.get_context("spawn").Process(target=work, args=(n,)) for n in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
""")
    done = subprocess.run(
        [sys.executable, str(program)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "RECEIVER": receiver.url},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(span.name for span in receiver.spans) == ["before", "worker 0", "worker 1"]


def test_a_loop_that_is_interrupted_sends_what_its_tasks_had_open(receiver: Receiver) -> None:
    program = (
        PROGRAM
        + """
import asyncio, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's job in the background ignores it
async def answer(number):
    async with LLMObs.agent(f"agent {number}"):
        print("ready", flush=True)
        await asyncio.sleep(60)
async def main():
    await asyncio.gather(*(answer(number) for number in range(3)))
try:
    asyncio.run(main())
except KeyboardInterrupt:
    sys.exit(0)
"""
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, receiver.url], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(3)] == ["ready\n"] * 3
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(20) == 0
    assert sorted(span.name for span in receiver.spans) == ["agent 0", "agent 1", "agent 2", "before"]
    errors = {span.attributes.get("error.type") for span in receiver.spans}
    if sys.version_info < (3, 11):
        errors.discard("KeyboardInterrupt")  # of the task that ran just then
    assert errors == {None, "asyncio.exceptions.CancelledError"}


def test_a_function_that_is_frozen_after_its_answer_has_sent_all(receiver: Receiver) -> None:
    """As serverless hosts do: nothing runs after the handler has returned, not even at the exit."""
    program = (
        PROGRAM
        + """
def handler(event):
    with LLMObs.workflow(event):
        pass
    assert LLMObs.flush(5)
    return "answered"
for number in range(2):
    print(handler(f"event {number}"), flush=True)
os.kill(os.getpid(), 19)  # SIGSTOP: frozen
"""
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, receiver.url], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["answered\n"] * 2
        names = [span.name for span in receiver.spans]
        os.kill(process.pid, signal.SIGKILL)
    assert names == ["before", "event 0", "event 1"]
