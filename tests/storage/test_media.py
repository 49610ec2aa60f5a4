"""Files by digest: stored once, whole, and nowhere else."""

from __future__ import annotations

import asyncio
import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from services.domain.errors import NeedsOperator, NotFound
from services.domain.ids import Digest
from storage.media import DiskMedia, media_path
from tests.builders import NOW
from tests.databases import files_in

if TYPE_CHECKING:
    from pathlib import Path


async def test_bytes_come_back_under_their_digest(tmp_path: Path) -> None:
    media = DiskMedia(tmp_path / "media")
    digest = await media.put(b"picture")
    assert digest == hashlib.sha256(b"picture").hexdigest()
    assert await media.get(digest) == b"picture"


async def test_the_same_bytes_are_stored_once_even_at_the_same_time(tmp_path: Path) -> None:
    media = DiskMedia(tmp_path)
    digests = await asyncio.gather(*(media.put(b"picture") for _ in range(10)))
    assert len(set(digests)) == 1
    assert files_in(tmp_path) == [f"{digests[0][:2]}/{digests[0]}"]


@pytest.mark.parametrize(
    "digest", ["../../etc/passwd", "ab" * 31, "AB" * 32, "ab" * 32 + "/", "ab" * 32 + "\n", "", "zz" * 32, "." * 64]
)
async def test_only_a_digest_reaches_the_disk(tmp_path: Path, digest: str) -> None:
    with pytest.raises(NotFound):
        media_path(tmp_path, digest)
    with pytest.raises(NotFound):
        await DiskMedia(tmp_path).get(Digest(digest))


async def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        await DiskMedia(tmp_path).get(Digest("ab" * 32))


async def test_damage_on_disk_is_never_handed_out(tmp_path: Path) -> None:
    media = DiskMedia(tmp_path)
    digest = await media.put(b"picture")
    media_path(tmp_path, digest).write_bytes(b"pictura")
    with pytest.raises(NeedsOperator, match="damaged"):
        await media.get(digest)


async def test_a_folder_that_is_in_the_way_is_told_in_words_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file")
    with pytest.raises(NeedsOperator, match="can't be stored"):
        await DiskMedia(tmp_path / "media").put(b"picture")
    assert files_in(tmp_path) == ["media"]


async def test_a_received_file_is_taken_over_and_read_in_pieces(tmp_path: Path) -> None:
    media = DiskMedia(tmp_path)
    received = media.workplace() / "upload"
    received.write_bytes(b"moving pictures")
    digest = await media.take(received)
    assert digest == hashlib.sha256(b"moving pictures").hexdigest()
    assert files_in(tmp_path) == [f"{digest[:2]}/{digest}"]
    assert await media.piece(digest, 7, 4) == b"pict"
    assert await media.piece(digest, 13, 100) == b"es"
    assert (await media.path(digest)).read_bytes() == b"moving pictures"


async def test_pieces_of_what_is_not_there_are_not_found(tmp_path: Path) -> None:
    media = DiskMedia(tmp_path)
    with pytest.raises(NotFound):
        await media.piece(Digest("ab" * 32), 0, 1)
    with pytest.raises(NotFound):
        await media.path(Digest("ab" * 32))
    with pytest.raises(NeedsOperator, match="can't be stored"):
        await media.take(tmp_path / "gone")


async def test_what_a_crash_left_in_the_workplace_goes_and_what_is_on_its_way_stays(tmp_path: Path) -> None:
    media = DiskMedia(tmp_path)
    assert await media.clear_workplace(before=NOW) == 0
    old, fresh = media.workplace() / "old", media.workplace() / "fresh"
    for path, age in ((old, 1), (fresh, -1)):
        path.write_bytes(b"half a vid")
        os.utime(path, (NOW.timestamp() - age,) * 2)
    kept = await media.put(b"picture")
    assert await media.clear_workplace(before=NOW) == 1
    assert files_in(tmp_path) == sorted([f"{kept[:2]}/{kept}", "incoming/fresh"])
