"""The server as a whole: wires the rooms together, and runs until it is told to stop.

listeners → access log → front ┬ doors of senders            (intake)
                               ├ /sdk/…                      (pages)
                               ├ gate → /api/v1, /health     (api: Litestar)
                               └ everything else: the UI     (pages)
"""

from diptych_server.app.api import openapi_document
from diptych_server.app.server import run_server

__all__ = ["openapi_document", "run_server"]
