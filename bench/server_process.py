"""A real `diptych serve` on a folder of its own, with keys, for one benchmark."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DIPTYCH = str(Path(sys.executable).parent / "diptych")


@dataclass(frozen=True)
class Server:
    """A running server: where it is, its keys, its process and folder."""

    url: str
    keys: dict[str, str]
    pid: int
    data: Path
    started_s: float
    """From the start of the process to its first healthy answer."""

    def resident_mb(self) -> float:
        """Resident memory now, MB."""
        return self._memory("VmRSS")

    def peak_mb(self) -> float:
        """Highest resident memory so far, MB."""
        return self._memory("VmHWM")

    def disk_bytes(self) -> int:
        """Bytes of the data folder's files; those that a merge takes away meanwhile are none."""
        found = 0
        for folder, _, names in os.walk(self.data):
            for name in names:
                with contextlib.suppress(FileNotFoundError):
                    found += Path(folder, name).stat().st_size
        return found

    def cpu_s(self) -> float:
        """CPU time so far, user and system."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def _memory(self, field: str) -> float:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) / 1024
        return 0.0


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_healthy(url: str, process: subprocess.Popen[bytes], timeout_s: float = 240) -> float:
    """Seconds until `/health` answered."""
    began = time.perf_counter()
    while time.perf_counter() - began < timeout_s:
        if process.poll() is not None:
            raise RuntimeError(f"diptych serve ended with {process.returncode}; its log has the reason")
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=2):
            return time.perf_counter() - began
        time.sleep(0.02)
    raise RuntimeError("diptych serve did not answer")


@contextlib.contextmanager
def serving(data: Path | None = None, *, with_keys: bool = True) -> Iterator[Server]:
    """A server on `data` (default: a temporary folder, removed afterwards)."""
    folder = data or Path(tempfile.mkdtemp(prefix="diptych-bench-"))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [DIPTYCH, "serve", "--port", str(port), "--data", str(folder)], stdout=log, stderr=log
        )
        try:
            started_s = wait_until_healthy(url, process)
            yield Server(url, make_keys(folder) if with_keys else {}, process.pid, folder, started_s)
        finally:
            process.terminate()
            process.wait(timeout=60)
            if data is None:
                shutil.rmtree(folder, ignore_errors=True)


def make_keys(data: Path) -> dict[str, str]:
    """One key of each kind."""
    return {
        kind: subprocess.run(
            [DIPTYCH, "keys", "create", kind, "--data", str(data)], check=True, capture_output=True, text=True
        ).stdout.strip()
        for kind in ("client", "server", "read")
    }
