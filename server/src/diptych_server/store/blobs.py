"""Replay segments as blobs: a local folder (later S3, GCS, Azure: the same code through obstore)."""

from pathlib import Path
from typing import Self

import obstore
from obstore.exceptions import AlreadyExistsError, GenericError
from obstore.store import LocalStore, ObjectStore

from diptych_server.errors import NotFound, StartError, Unavailable


class Blobs:
    """Bytes by key, written once: a key holds a hash of its content, so nothing stored is ever changed."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @classmethod
    def open(cls, url: str) -> Self:
        """Open `file:///FOLDER`, made where missing.

        Raises:
            StartError: the URL is none we know, or the folder cannot be made.
        """
        scheme, _, path = url.partition("://")
        if scheme != "file" or not path.startswith("/"):
            raise StartError(
                f"blobs: expected file:///FOLDER, got {url!r}. Object stores are not supported yet."
            )
        try:
            Path(path).mkdir(parents=True, exist_ok=True)
            return cls(LocalStore(path))
        except (OSError, GenericError) as exc:
            raise StartError(f"the blob folder {path} cannot be used: {exc}") from exc

    async def put(self, key: str, data: bytes) -> None:
        """Store `data` under `key`; a key that exists already holds the same bytes, so that is success.

        Raises:
            Unavailable: the disk is full or not writable.
        """
        try:
            await obstore.put_async(self._store, key, data, mode="create")
        except AlreadyExistsError:
            return
        except (OSError, GenericError) as exc:
            raise Unavailable("the blob store cannot write", retry_after_s=5) from exc

    async def get(self, key: str) -> bytes:
        """The bytes under `key`.

        Raises:
            NotFound: there are none.
        """
        try:
            result = await obstore.get_async(self._store, key)
            return bytes(await result.bytes_async())
        except FileNotFoundError as exc:
            raise NotFound("the recording of this segment is gone") from exc
