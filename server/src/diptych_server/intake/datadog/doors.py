"""The table of these doors: which key opens each, and what it takes."""

from diptych_server.access.keys import Keyring
from diptych_server.intake.batch import Batch
from diptych_server.intake.datadog import addresses
from diptych_server.intake.datadog.rum import RumDoor
from diptych_server.intake.door import CLIENT, TEXT_TYPES, Door
from diptych_server.intake.drops import Drops
from diptych_server.intake.limits import Limits
from diptych_server.intake.quota import Quota
from diptych_server.privacy.rules import Rules
from diptych_server.store.blobs import Blobs

MULTIPART = frozenset({"multipart/form-data"})


def doors(
    keyring: Keyring, batch: Batch, blobs: Blobs, drops: Drops, limits: Limits, rules: Rules, quota: Quota
) -> dict[str, Door]:
    """Every door by its canonical path."""
    browser = (limits.browser_body_bytes, limits.browser_inflated_bytes)
    rum = RumDoor(keyring, batch, drops, rules, quota)
    return {
        addresses.RUM: Door(CLIENT, TEXT_TYPES, *browser, rum.take, has_cors=True),
    }
