"""What the shop sells and what it promises, read from `data/`."""

import json
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"

_FACT_SENTENCES = {
    "sleeps": "Sleeps {}.",
    "seasons": "Made for {} seasons.",
    "litres": "Holds {} litres.",
    "fuel": "Burns {}.",
    "lumens": "Gives {} lumens.",
}


@dataclass(frozen=True, slots=True)
class Product:
    """One thing on the shelf. `facts` holds what is special to its kind: sleeps, litres, fuel, lumens."""

    sku: str
    kind: str
    shape: str
    """Which drawing stands for it on the page."""
    name: str
    price_eur: int
    weight_g: int
    facts: dict[str, int | str]
    summary: str
    details: str
    online: int
    """How many the warehouse can send today."""
    stores: dict[str, int]
    restock: str | None = None
    """When the next ones arrive, for what has sold out."""

    def card(self) -> dict[str, object]:
        """What the page shows of it. How many are left is the warehouse's to say, so it is not there."""
        hidden = {"online", "stores", "restock"}
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in hidden}

    def text(self) -> str:
        """The product in sentences, as the agent reads it."""
        return " ".join(
            (
                f"{self.name} is a {self.kind.removesuffix('s')} (sku {self.sku}).",
                *(_FACT_SENTENCES[name].format(value) for name, value in self.facts.items()),
                f"Weighs {self.weight_g / 1000:g} kg.",
                f"Costs {self.price_eur} EUR.",
                self.summary,
                self.details,
            )
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """One promise of the shop."""

    id: str
    name: str
    text: str


@cache
def products() -> dict[str, Product]:
    """All products by their sku, in the order of the shelf."""
    rows = json.loads((DATA / "products.json").read_text(encoding="utf-8"))
    return {row["sku"]: Product(**row) for row in rows}


@cache
def policies() -> tuple[Policy, ...]:
    """All promises of the shop."""
    rows = json.loads((DATA / "policies.json").read_text(encoding="utf-8"))
    return tuple(Policy(**row) for row in rows)
