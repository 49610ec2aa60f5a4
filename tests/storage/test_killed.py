"""A killed process loses nothing that it said was written."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from storage.copying import check_database
from storage.store import SqlStore
from tests.databases import ROOT, fresh_database

if TYPE_CHECKING:
    from pathlib import Path


def killed_after(url: str, acknowledged: int) -> set[str]:
    """The drafts that a writing program said were written, before it was killed."""
    command = [sys.executable, "-m", "tests.storage.writing_until_killed", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        told = {process.stdout.readline().strip() for _ in range(acknowledged)}
        process.kill()
        told |= {line.strip() for line in process.stdout if line.endswith("\n")}
        assert process.wait() == -signal.SIGKILL
    return told


@pytest.mark.parametrize("acknowledged", [1, 60, 300])
async def test_kill_9_loses_nothing_acknowledged(tmp_path: Path, acknowledged: int) -> None:
    url = fresh_database(tmp_path)
    told = killed_after(url, acknowledged)
    assert len(told) >= acknowledged

    with closing(sqlite3.connect(tmp_path / "copydesk.db")) as database:
        kept = {str(id_) for (id_,) in database.execute("SELECT id FROM drafts")}
        whole = {str(id_) for (id_,) in database.execute("SELECT draft_id FROM revisions")}
    check_database(tmp_path / "copydesk.db")
    assert told <= kept
    assert kept == whole
    async with SqlStore.open(url) as store:
        number = int(await store.write(lambda tx: tx.drafts.next_id()))
        assert number == max(map(int, kept)) + 1
