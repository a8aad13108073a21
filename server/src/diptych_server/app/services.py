"""What the server is made of while it runs: opened in order, closed in the reverse one."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from diptych_server.access.keys import REFRESH_SECONDS, Keyring
from diptych_server.errors import StartError, Unavailable
from diptych_server.intake.batch import Batch
from diptych_server.intake.drops import Drops
from diptych_server.settings import Settings
from diptych_server.store.accounts import DEFAULT_PROJECT, Accounts
from diptych_server.store.blobs import Blobs
from diptych_server.store.database import Database

LOG = logging.getLogger(__name__)

BYTES_PER_MB = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything that requests need."""

    settings: Settings
    accounts: Accounts
    keyring: Keyring
    database: Database
    blobs: Blobs
    batch: Batch
    drops: Drops


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open the stores and keep the keys fresh; at the end store what waits and close all of it.

    Raises:
        StartError: a store cannot be opened; its text says which and why.
    """
    # Worker threads: the engine must never run in the main one, where it would hold back signals.
    memory_limit_bytes = settings.memory_mb * BYTES_PER_MB
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(_make_data_folder, settings)
        accounts = await asyncio.to_thread(Accounts.open, settings.accounts)
        stack.push_async_callback(asyncio.to_thread, accounts.close)
        await asyncio.to_thread(accounts.ensure_project, DEFAULT_PROJECT)
        database = await asyncio.to_thread(
            Database.open, settings.store, memory_limit_bytes=memory_limit_bytes
        )
        stack.push_async_callback(asyncio.to_thread, database.close)
        blobs = await asyncio.to_thread(Blobs.open, settings.blobs)
        keyring = await asyncio.to_thread(Keyring, accounts)
        stack.callback(asyncio.create_task(_keep_fresh(keyring)).cancel)
        batch = Batch(database)
        stack.push_async_callback(batch.close)
        yield Services(
            settings=settings,
            accounts=accounts,
            keyring=keyring,
            database=database,
            blobs=blobs,
            batch=batch,
            drops=Drops(),
        )


def _make_data_folder(settings: Settings) -> None:
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise StartError(f"the data folder {settings.data} cannot be made: {exc.strerror}") from exc


async def _keep_fresh(keyring: Keyring) -> None:
    """Refresh the keys for ever; what they were stays good while the accounts do not answer."""
    failing = False
    while True:
        await asyncio.sleep(REFRESH_SECONDS)
        try:
            await asyncio.to_thread(keyring.refresh)
        except Unavailable:
            if not failing:
                LOG.exception("the accounts database does not answer; keys known so far stay good")
            failing = True
        else:
            if failing:
                LOG.warning("the accounts database answers again")
            failing = False
