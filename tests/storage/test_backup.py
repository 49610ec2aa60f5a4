"""A backup brings everything back, and nothing that is no backup is believed."""

from __future__ import annotations

import asyncio
import io
import stat
import tarfile
from typing import TYPE_CHECKING

import pytest

from services.domain.errors import Conflict, InvalidInput, NeedsOperator, NotFound
from services.domain.ids import DraftId
from storage.backup import backup, restore
from storage.media import DiskMedia, media_path
from storage.store import SqlStore
from storage.vault import load_or_create_keys
from tests.builders import a_draft, an_account
from tests.contracts.stores import put_draft, with_drafts
from tests.databases import files_in, fresh_database, url_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the archive goes."""
    return tmp_path / "away" / "desk.tar.gz"


async def test_a_round_trip_brings_rows_and_pictures_back(tmp_path: Path, target: Path) -> None:
    url, media_root = fresh_database(tmp_path), tmp_path / "media"
    load_or_create_keys(tmp_path / "secret.key")
    digest = await DiskMedia(media_root).put(b"picture")
    async with SqlStore.open(url) as store:
        await store.write(lambda tx: tx.accounts.add(an_account(), b"sealed"))
        await with_drafts(store, DraftId("1"), DraftId("2"))
        report = await asyncio.to_thread(backup, url, media_root, target)
        await with_drafts(store, DraftId("3"))
    assert (report.path, report.pictures) == (target, 1)
    assert "secret key is not in this backup" in report.note
    assert files_in(target.parent) == [target.name]

    elsewhere = tmp_path / "new" / "copydesk.db"
    restored = restore(target, url_of(elsewhere), tmp_path / "new" / "media")
    assert restored.pictures == 1
    assert files_in(elsewhere.parent) == ["copydesk.db", f"media/{digest[:2]}/{digest}"]
    async with SqlStore.open(url_of(elsewhere)) as store:
        assert await store.read(lambda tx: [d.id for d in tx.drafts.list()]) == ["2", "1"]
        assert await store.read(lambda tx: tx.accounts.sealed(an_account().id)) == b"sealed"
        assert await store.write(lambda tx: tx.drafts.next_id()) == "3"
    assert await DiskMedia(tmp_path / "new" / "media").get(digest) == b"picture"


async def test_the_key_stays_out_and_the_archive_says_so(tmp_path: Path, target: Path) -> None:
    url = fresh_database(tmp_path)
    load_or_create_keys(tmp_path / "secret.key")
    media_root = tmp_path / "media"
    (media_root / "ab").mkdir(parents=True)
    (media_root / "ab" / "notes.txt").write_text("not a picture")
    backup(url, media_root, target)
    with tarfile.open(target) as archive:
        assert archive.getnames() == ["copydesk.db", "README.txt"]
        readme = archive.extractfile("README.txt")
        assert readme is not None
        assert b"COPYDESK_SECRET_KEY" in readme.read()


async def test_a_copy_taken_while_others_write_is_whole(tmp_path: Path, target: Path) -> None:
    url = fresh_database(tmp_path)
    async with SqlStore.open(url) as store:
        copying = asyncio.create_task(asyncio.to_thread(backup, url, tmp_path / "media", target))
        written = 0
        while not copying.done() or not written:
            written += 1
            await with_drafts(store, DraftId(str(written)))
        await copying
    restore(target, url_of(tmp_path / "new.db"), tmp_path / "new")
    async with SqlStore.open(url_of(tmp_path / "new.db")) as store:
        drafts = await store.read(lambda tx: tx.drafts.list(limit=written))
        assert all(draft.revision is not None for draft in drafts)
        assert [draft.id for draft in drafts] == [str(n) for n in range(len(drafts), 0, -1)]


def test_the_archive_is_private_and_its_size_is_reported(tmp_path: Path, target: Path) -> None:
    report = backup(fresh_database(tmp_path), tmp_path / "media", target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert report.size == target.stat().st_size > 0


def test_nothing_is_overwritten(tmp_path: Path, target: Path) -> None:
    url = fresh_database(tmp_path)
    target.parent.mkdir()
    target.write_text("precious")
    with pytest.raises(Conflict):
        backup(url, tmp_path / "media", target)
    assert target.read_text() == "precious"
    target.unlink()
    backup(url, tmp_path / "media", target)
    content = (tmp_path / "copydesk.db").read_bytes()
    with pytest.raises(Conflict):
        restore(target, url, tmp_path / "media")
    assert (tmp_path / "copydesk.db").read_bytes() == content


@pytest.mark.parametrize("end", ["-wal", "-journal"])
def test_what_a_lost_database_left_behind_is_not_mixed_in(tmp_path: Path, target: Path, end: str) -> None:
    backup(fresh_database(tmp_path), tmp_path / "media", target)
    (tmp_path / f"new.db{end}").write_bytes(b"stale")
    with pytest.raises(Conflict, match=end):
        restore(target, url_of(tmp_path / "new.db"), tmp_path / "media")
    assert not (tmp_path / "new.db").exists()


def test_without_a_database_or_an_archive_there_is_nothing_to_do(tmp_path: Path, target: Path) -> None:
    with pytest.raises(NotFound):
        backup(url_of(tmp_path / "none.db"), tmp_path, target)
    with pytest.raises(NotFound):
        restore(target, url_of(tmp_path / "none.db"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def spoil(path: Path) -> None:
    """Overwrite the end of a file, as a failing disk may."""
    path.write_bytes(path.read_bytes()[:-8192] + b"\xff" * 8192)


async def test_a_damaged_database_is_not_passed_off_as_a_backup(tmp_path: Path, target: Path) -> None:
    url = fresh_database(tmp_path)
    async with SqlStore.open(url) as store:
        await store.write(lambda tx: put_draft(tx, a_draft()))
    spoil(tmp_path / "copydesk.db")
    with pytest.raises(NeedsOperator, match="damaged"):
        backup(url, tmp_path / "media", target)
    assert files_in(target.parent) == []


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x1f\x8b broken"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    archive = tmp_path / "some.tar.gz"
    archive.write_bytes(content)
    with pytest.raises(InvalidInput, match="not a whole backup"):
        restore(archive, url_of(tmp_path / "new.db"), tmp_path / "media")
    assert [p.name for p in tmp_path.iterdir()] == ["some.tar.gz"]


def test_a_cut_off_archive_is_refused(tmp_path: Path, target: Path) -> None:
    backup(fresh_database(tmp_path), tmp_path / "media", target)
    target.write_bytes(target.read_bytes()[:-200])
    with pytest.raises(InvalidInput, match="not a whole backup"):
        restore(target, url_of(tmp_path / "new" / "copydesk.db"), tmp_path / "new" / "media")
    assert list((tmp_path / "new").iterdir()) == []


def crafted(path: Path, *members: tuple[str, bytes], link: str | None = None) -> Path:
    """An archive that somebody made by hand."""
    with tarfile.open(path, "w:gz") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        if link is not None:
            info = tarfile.TarInfo("copydesk.db")
            info.type, info.linkname = tarfile.SYMTYPE, link
            tar.addfile(info)
    return path


def test_an_archive_can_not_write_outside(tmp_path: Path) -> None:
    archive = crafted(tmp_path / "evil.tar.gz", ("../escaped", b"x"), ("media/../../escaped", b"x"), link="/etc/passwd")
    with pytest.raises(InvalidInput, match="not a whole backup"):
        restore(archive, url_of(tmp_path / "in" / "new.db"), tmp_path / "in" / "media")
    assert list((tmp_path / "in").iterdir()) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["evil.tar.gz", "in"]


def test_a_picture_that_is_not_what_it_says_stops_the_restore(tmp_path: Path) -> None:
    archive = crafted(tmp_path / "bad.tar.gz", (f"media/{'ab' * 32}", b"other bytes"))
    with pytest.raises(NeedsOperator, match="damaged"):
        restore(archive, url_of(tmp_path / "new.db"), tmp_path / "media")
    assert not media_path(tmp_path / "media", "ab" * 32).exists()
