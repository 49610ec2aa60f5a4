"""A restore never loses what was there, never works under a running desk, and says what is still to do."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.config import Settings
from bot.problems import StartProblem
from bot.restoring import bring_back
from services.domain.ids import DraftId
from storage.backup import backup
from storage.media import DiskMedia
from storage.store import SqlStore
from tests.contracts.stores import with_drafts
from tests.databases import files_in, fresh_database, url_of

LATE_POSTS = "Posts that went out after the backup was made still wait in it: look through the queue first."
KEY_MISSING = "The secret key is not here: put secret.key back before you start, or connect each account again."


def settings_for(folder: Path, key: str | None = None) -> Settings:
    return Settings(COPYDESK_DATA_DIR=folder, COPYDESK_SECRET_KEY=SecretStr(key) if key else None)


async def drafts_in(path: Path) -> list[str]:
    async with SqlStore.open(url_of(path)) as store:
        return await store.read(lambda tx: [str(d.id) for d in tx.drafts.list()])


@pytest.fixture
async def archive(tmp_path: Path) -> Path:
    """A backup with one draft and one picture."""
    folder = tmp_path / "old"
    folder.mkdir()
    url = fresh_database(folder)
    await DiskMedia(folder / "media").put(b"picture")
    async with SqlStore.open(url) as store:
        await with_drafts(store, DraftId("1"))
    await asyncio.to_thread(backup, url, folder / "media", tmp_path / "desk.tar.gz")
    return tmp_path / "desk.tar.gz"


async def test_an_empty_data_directory_is_filled_and_the_missing_key_is_named(tmp_path: Path, archive: Path) -> None:
    data = tmp_path / "new"
    told = bring_back(settings_for(data), archive, force=False)
    assert told == [f"Restored {data / 'copydesk.db'} with 1 picture.", KEY_MISSING, LATE_POSTS]
    assert await drafts_in(data / "copydesk.db") == ["1"]


async def test_a_key_that_is_set_or_there_is_not_asked_for(tmp_path: Path, archive: Path) -> None:
    assert KEY_MISSING not in bring_back(settings_for(tmp_path / "a", "k" * 32), archive, force=False)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "secret.key").write_text("key")
    assert KEY_MISSING not in bring_back(settings_for(tmp_path / "b"), archive, force=False)


async def test_a_database_that_is_there_is_kept_beside_the_restored_one(tmp_path: Path, archive: Path) -> None:
    data = tmp_path / "new"
    data.mkdir()
    url = fresh_database(data)
    async with SqlStore.open(url) as store:
        await with_drafts(store, DraftId("1"), DraftId("2"))
    with pytest.raises(StartProblem) as refused:
        bring_back(settings_for(data), archive, force=False)
    assert refused.value.lines == (
        f"There is a database at {data / 'copydesk.db'} already.",
        "Nothing changed. With --force it is moved aside and kept.",
    )
    told = bring_back(settings_for(data), archive, force=True)
    (kept,) = data.glob("copydesk.db.before-restore-*.bak")
    assert told[1] == f"What was there is kept as {kept.name}."
    assert await drafts_in(data / "copydesk.db") == ["1"]
    assert await drafts_in(kept) == ["2", "1"]


async def test_nothing_moves_while_a_desk_has_the_database_open(tmp_path: Path, archive: Path) -> None:
    data = tmp_path / "new"
    data.mkdir()
    async with SqlStore.open(fresh_database(data)) as store:
        await with_drafts(store, DraftId("1"), DraftId("2"))
        with pytest.raises(StartProblem) as refused:
            await asyncio.to_thread(bring_back, settings_for(data), archive, force=True)
        assert refused.value.lines == ("A desk has this database open.", "Stop it first; nothing changed.")
        assert await store.read(lambda tx: [str(d.id) for d in tx.drafts.list()]) == ["2", "1"]
    assert not list(data.glob("*.bak"))


async def test_a_file_that_is_no_backup_leaves_everything_where_it_was(tmp_path: Path) -> None:
    data = tmp_path / "new"
    data.mkdir()
    fresh_database(data)
    before = files_in(data)
    (tmp_path / "no.tar.gz").write_bytes(b"not an archive")
    with pytest.raises(StartProblem) as refused:
        bring_back(settings_for(data), tmp_path / "no.tar.gz", force=True)
    assert refused.value.lines == ("no.tar.gz is not a whole backup of this desk.", "Choose another file.")
    with pytest.raises(StartProblem) as missing:
        bring_back(settings_for(data), tmp_path / "nowhere.tar.gz", force=True)
    assert missing.value.lines == (f"There is no backup at {tmp_path / 'nowhere.tar.gz'}.",)
    assert files_in(data) == before


async def test_a_damaged_database_can_be_replaced(tmp_path: Path, archive: Path) -> None:
    data = tmp_path / "new"
    data.mkdir()
    (data / "copydesk.db").write_bytes(b"garbage" * 1000)
    bring_back(settings_for(data), archive, force=True)
    assert await drafts_in(data / "copydesk.db") == ["1"]
    (kept,) = data.glob("copydesk.db.before-restore-*.bak")
    assert kept.read_bytes() == b"garbage" * 1000
    with closing(sqlite3.connect(data / "copydesk.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
