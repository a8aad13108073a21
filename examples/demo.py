"""Start the Diptych server and the Concierge shop side by side, and print where to go.

`make demo` runs this. The data stays in `.demo/` between runs; remove that folder to start afresh.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
START_TIMEOUT_S = 60


def parse_arguments() -> argparse.Namespace:
    """Ports and the data folder; the defaults are those of the README."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=8400, help="of the Diptych server (default 8400)")
    parser.add_argument("--shop-port", type=int, default=8401, help="of the Concierge shop (default 8401)")
    parser.add_argument("--data", type=Path, default=ROOT / ".demo", help="data folder (default .demo)")
    parser.add_argument(
        "--sample", action="store_true", help="load the recorded visits, so that no list is empty"
    )
    return parser.parse_args()


def wait_until_up(name: str, url: str, process: subprocess.Popen[bytes]) -> None:
    """Ask until `url` answers; the process ending first, or a minute passing, ends the demo."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit(f"{name} stopped while starting (exit code {process.returncode}); its message is above.")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own http:// address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    sys.exit(f"{name} did not answer at {url} within {START_TIMEOUT_S} s.")


def diptych(*arguments: str) -> str:
    """Run the `diptych` command and return what it prints."""
    command = [str(BIN / "diptych"), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 - our own


def demo_keys(data: Path) -> dict[str, str]:
    """A client and a server key for the shop, made on the first run and kept in the data folder."""
    file = data / "concierge-keys.json"
    if file.exists():
        keys: dict[str, str] = json.loads(file.read_text())
        return keys
    keys = {kind: diptych("keys", "create", kind, "--data", str(data)) for kind in ("client", "server")}
    file.touch(mode=0o600)
    file.write_text(json.dumps(keys))
    return keys


def load_sample(server_url: str, keys: dict[str, str], data: Path) -> None:
    """Load the recorded visits as if they had just happened; once a data folder."""
    from sample.load import Loader, load

    print("· loading the sample", flush=True)
    with closing(Loader(server_url, keys["client"], keys["server"])) as loader:
        said = load(loader, data / "sample-loaded.json")
    print(f"  {said}", flush=True)


def main() -> None:
    """Start both, print the links, and stop both when interrupted."""
    options = parse_arguments()
    data: Path = options.data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    server_url = f"http://127.0.0.1:{options.port}"
    shop_url = f"http://127.0.0.1:{options.shop_port}"
    processes: list[subprocess.Popen[bytes]] = []

    def stop(_signal: int = 0, _frame: FrameType | None = None) -> None:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(timeout=30)
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)

    print("· starting the Diptych server (embedded engine)", flush=True)
    serve = [str(BIN / "diptych"), "serve", "--port", str(options.port), "--data", str(data)]
    processes.append(subprocess.Popen(serve, stdout=(data / "server.log").open("ab"), process_group=0))  # noqa: S603 - our own
    wait_until_up("diptych serve", f"{server_url}/health", processes[0])

    keys = demo_keys(data)
    if options.sample:
        load_sample(server_url, keys, data)
    model = "the Anthropic API" if os.environ.get("ANTHROPIC_API_KEY") else "an offline stand-in model"
    print(f"· starting the Concierge shop, answered by {model}", flush=True)
    environment = {
        **os.environ,
        "DIPTYCH_URL": server_url,
        "DIPTYCH_KEY": keys["server"],
        "DIPTYCH_CLIENT_KEY": keys["client"],
        "CONCIERGE_PORT": str(options.shop_port),
        "PYTHONPATH": str(ROOT / "examples"),
    }
    shop = [sys.executable, "-m", "concierge"]
    processes.append(
        subprocess.Popen(shop, env=environment, stdout=(data / "shop.log").open("ab"), process_group=0)  # noqa: S603 - our own
    )
    wait_until_up("the shop", shop_url, processes[1])

    link = diptych("link", "--data", str(data))
    print(f"\n  Shop     {shop_url}    chat with the assistant")
    print(f"  Diptych  {link}")
    print("           (sign in once; the link works for 10 minutes, `diptych link` makes a new one)")
    print("\n  Ctrl-C stops both.\n", flush=True)
    while all(process.poll() is None for process in processes):
        time.sleep(0.5)
    stop()


if __name__ == "__main__":
    main()
