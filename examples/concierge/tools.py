"""The two tools that the model may call: the warehouse and the return desk."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from anthropic.types import ToolParam

from diptych.decorators import tool

from .catalogue import products

WAREHOUSE_ANSWERS_AFTER_S = 0.12
WAREHOUSE_PATIENCE_S = 0.7
SILENT_SHELF = "northern"
"""The warehouse never answers for this stove, on purpose: the demo wants a tool that fails."""

RETURN_DAYS = 90

RETURN_CONDITIONS = {
    "tents": "Please dry it before you pack it.",
    "stoves": "Please empty it of fuel before you send it.",
}

DEFINITIONS: list[ToolParam] = [
    {
        "name": "check_stock",
        "description": "How many of a product the warehouse and each store have right now.",
        "input_schema": {
            "type": "object",
            "properties": {
                "sku": {"type": "string", "description": "The product's sku, for example ridge-4"}
            },
            "required": ["sku"],
        },
    },
    {
        "name": "get_return_policy",
        "description": "For how long, in which state and how a product can be returned.",
        "input_schema": {
            "type": "object",
            "properties": {
                "sku": {"type": "string", "description": "The product's sku, for example ridge-4"}
            },
            "required": ["sku"],
        },
    },
]


class ToolError(Exception):
    """A tool could not do its work; the text goes back to the model."""


@tool
async def check_stock(sku: str) -> dict[str, object]:
    """What is left of a product, online and in the stores."""
    try:
        async with asyncio.timeout(WAREHOUSE_PATIENCE_S):
            return await _ask_warehouse(sku)
    except TimeoutError as exc:
        raise ToolError(f"the warehouse did not answer within {WAREHOUSE_PATIENCE_S * 1000:g} ms") from exc


@tool
async def get_return_policy(sku: str) -> dict[str, object]:
    """How a product can be returned."""
    product = products().get(sku)
    if not product:
        raise ToolError(f"no product has the sku {sku!r}")
    return {
        "sku": sku,
        "days": RETURN_DAYS,
        "used_ok": True,
        "refund": "a full refund",
        "how": "Start the return from your orders page; the label is free.",
        "condition": RETURN_CONDITIONS.get(product.kind, ""),
    }


async def _ask_warehouse(sku: str) -> dict[str, object]:
    await asyncio.sleep(3600 if sku == SILENT_SHELF else WAREHOUSE_ANSWERS_AFTER_S)
    product = products().get(sku)
    if not product:
        raise ToolError(f"no product has the sku {sku!r}")
    return {"sku": sku, "online": product.online, "stores": product.stores, "restock": product.restock}


TOOLS: dict[str, Callable[..., Awaitable[dict[str, Any]]]] = {
    "check_stock": check_stock,
    "get_return_policy": get_return_policy,
}
