"""Blobs are written once and read back whole."""

from pathlib import Path

import pytest

from diptych_server.errors import NotFound, StartError
from diptych_server.store.blobs import Blobs


async def test_what_is_stored_comes_back_and_is_never_overwritten(tmp_path: Path) -> None:
    blobs = Blobs.open(f"file://{tmp_path}/blobs")
    await blobs.put("p/s/v/0-abc", b"first")
    await blobs.put("p/s/v/0-abc", b"second")
    assert await blobs.get("p/s/v/0-abc") == b"first"


async def test_a_blob_that_is_gone_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        await Blobs.open(f"file://{tmp_path}").get("nothing")


def test_a_url_that_is_no_folder_is_refused_in_plain_words() -> None:
    with pytest.raises(StartError, match="expected file:///FOLDER"):
        Blobs.open("ftp://host/x")
