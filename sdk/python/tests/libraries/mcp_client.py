# mypy: ignore-errors
# Runs in an environment of its own, whose packages the project's does not have.
"""Asks each tool of `mcp_server.py`, which is started here or listens at an address.

python mcp_client.py stdio|URL      prints the trace id
"""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError

from diptych import LLMObs

SERVER = str(Path(__file__).with_name("mcp_server.py"))


async def main(where: str) -> None:
    """Asks inside a span that names the session."""
    LLMObs.enable(ml_app="shop")
    if where == "stdio":
        where = StdioServerParameters(command=sys.executable, args=[SERVER, "stdio"], env={**os.environ})
    with LLMObs.agent("concierge", session_id="s1") as span:
        async with Client(where) as client:
            answered = await client.call_tool("stock", {"product": "tent"})
            assert answered.structured_content == {"tent": 7}, answered
            failed = await client.call_tool("order", {"product": "boot"})
            assert failed.is_error, failed
            with suppress(MCPError):
                refused = await client.call_tool("price", {"product": "lamp"})
                raise AssertionError(refused)
    assert LLMObs.flush(30)
    assert not set(LLMObs.dropped()) - {"trace_without_llm_span"}, LLMObs.dropped()
    print(span.trace_id)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
