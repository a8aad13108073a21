"""`python -m concierge.offline_model`: the stand-in alone, for any client of the Messages API."""

import argparse
import socket

import uvicorn

from .server import TROUBLES, create_app


def main() -> None:
    """Serves on loopback until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m concierge.offline_model", description=__doc__)
    parser.add_argument("--port", type=int, default=8403, help="0 takes a free one (default 8403)")
    parser.add_argument(
        "--speed", type=float, default=1.0, help="1 is a small hosted model's pace, 0 does not wait"
    )
    parser.add_argument("--trouble", choices=TROUBLES, default="", help="what ails it (default: nothing)")
    options = parser.parse_args()
    listening = socket.create_server(("127.0.0.1", options.port))
    print("The offline stand-in listens on http://{}:{}".format(*listening.getsockname()), flush=True)
    uvicorn.Server(uvicorn.Config(create_app(options.speed, options.trouble), log_level="warning")).run(
        sockets=[listening]
    )


if __name__ == "__main__":
    main()
