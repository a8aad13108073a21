# mypy: ignore-errors
# Runs in an environment of its own, whose packages the project's does not have.
"""An MCP server with a tool that answers, one that fails and one that refuses.

python mcp_server.py stdio|PORT
"""

import sys

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.shared.exceptions import MCPError

from diptych import LLMObs

LLMObs.enable(ml_app="warehouse")
server = MCPServer("warehouse")


@server.tool()
def stock(product: str) -> dict[str, int]:
    """How many are left."""
    with LLMObs.task("count"):
        return {product: 7}


@server.tool()
def order(product: str) -> str:
    """Fails as tools do: with a result that says so."""
    raise ToolError(f"no supplier of {product}")


@server.tool()
def price(product: str) -> str:
    """Fails as requests do: with an error in place of a result."""
    raise MCPError(code=-32001, message="prices are for members")


if __name__ == "__main__":
    if sys.argv[1] == "stdio":
        server.run("stdio")
    else:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
