"""How a database gets its shape, keeps its rows, and is left alone when it is not ours to change."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

import storage.migrations
from services.domain.actor import PictureMode, Role
from services.domain.errors import InvalidInput, NeedsOperator
from services.domain.ids import AccountId, DeliveryId, DraftId, PersonId, PlatformSlug, PostId
from services.domain.metrics import MeasuredPost
from storage.schema import HEAD, STEPS, backup_path, ensure_schema, migrate, migrations_in
from storage.store import SqlStore
from storage.tables_chat import complete
from tests.builders import (
    NOW,
    a_brand,
    a_media_item,
    a_person,
    a_picture,
    a_revision,
    a_shown_card,
    a_variant,
    a_workspace,
    an_account,
    an_approval,
    an_approved_draft,
    an_audit_entry,
)
from tests.databases import ROOT, url_of

if TYPE_CHECKING:
    from services.ports.storage import Transaction

BEFORE = "0004"
"""The last shape whose rows are kept as a file."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database will be."""
    return tmp_path / "copydesk.db"


def shape(path: Path) -> dict[str, str]:
    """The statements that made every table and index, by name, with whitespace levelled."""
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: " ".join(sql.split()) for name, sql in rows if name != "alembic_version"}


def dump(path: Path) -> list[str]:
    """The statements that would make it anew, rows and all, with whitespace levelled."""
    with closing(sqlite3.connect(path)) as database:
        return sorted(" ".join(line.split()) for line in database.iterdump())


def version(path: Path) -> str:
    """The step the database says it is at."""
    with closing(sqlite3.connect(path)) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def at_step(path: Path, step: str) -> None:
    """A database as an older version left it."""
    path.touch()
    migrate(url_of(path), step)


def as_left_by(path: Path, step: str) -> None:
    """A database with the rows that a desk of an older version wrote."""
    at_step(path, step)
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript((Path(__file__).parent / f"rows_{step}.sql").read_text())


def set_version(path: Path, step: str) -> None:
    """Pretend another version was here."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = ?", (step,))


def everything(tx: Transaction) -> tuple[object, ...]:
    """Every kind of row that an older version wrote."""
    id_ = DraftId("17")
    return (
        tx.workspace(),
        list(tx.people.list()),
        list(tx.brands.list()),
        list(tx.accounts.list()),
        tx.accounts.sealed(AccountId("acc1")),
        tx.media.get(a_media_item().digest),
        list(tx.drafts.revisions(id_)),
        list(tx.drafts.approvals(id_)),
        list(tx.drafts.audit(id_)),
        list(tx.cards.places(id_)),
        [row.id for row in tx.deliveries.list()],
    )


class TestShape:
    """Migrations and tables agree."""

    def test_the_known_steps_are_the_migrations(self) -> None:
        steps = ScriptDirectory(storage.migrations.__path__[0]).walk_revisions()
        assert tuple(step.revision for step in steps)[::-1] == STEPS

    def test_a_fresh_database_is_what_all_migrations_give(self, path: Path, tmp_path: Path) -> None:
        ensure_schema(url_of(path))
        migrated = tmp_path / "migrated.db"
        at_step(migrated, HEAD)
        assert dump(path) == dump(migrated)

    def test_migrating_gives_exactly_the_described_tables(self, path: Path, tmp_path: Path) -> None:
        at_step(path, HEAD)
        engine = create_engine(url_of(path))
        with engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), complete) == []
        engine.dispose()
        described = tmp_path / "described.db"
        engine = create_engine(url_of(described))
        complete.create_all(engine)
        engine.dispose()
        assert shape(path) == shape(described)

    def test_every_name_follows_the_convention(self, path: Path) -> None:
        ensure_schema(url_of(path))
        indexes = [name for name, sql in shape(path).items() if " INDEX " in sql]
        assert indexes
        assert all(name.startswith(("ix_", "uq_")) for name in indexes)
        assert all("CONSTRAINT pk_" in sql for sql in shape(path).values() if sql.startswith("CREATE TABLE"))


class TestUpgrade:
    """From what an older version left."""

    async def test_rows_survive_and_a_copy_stays_behind(self, path: Path) -> None:
        """The rows are those that a desk of that shape wrote."""
        as_left_by(path, BEFORE)

        async with SqlStore.open(url_of(path)) as store:
            draft = await store.read(lambda tx: tx.drafts.get(DraftId("17")))
            assert draft is not None
            parts = ("First of two.", "Second.")
            revision = a_revision(number=2, variants=(a_variant(parts=parts, media=(a_picture(),)),))
            assert draft == an_approved_draft(id=DraftId("17"), revision=revision)
            found = await store.read(everything)
            assert found == (
                a_workspace(four_eyes=True, late_minutes=30, pictures=PictureMode.EACH_DRAFT),
                [
                    a_person(assigned=True, zone_chosen=True),
                    a_person(
                        id=PersonId("p-bo"),
                        name="Bo",
                        role=Role.APPROVER,
                        zone="UTC",
                        created_at=NOW + timedelta(minutes=1),
                        assigned=True,
                    ),
                ],
                [a_brand()],
                [an_account()],
                b"sealed",
                a_media_item(),
                [a_revision(), revision],
                [an_approval(draft_id=draft.id, revision=2, digest=revision.digest)],
                [an_audit_entry(draft_id=draft.id)],
                [a_shown_card(card_id="draft-17", draft_id=draft.id, told=0, drawn="")],
                ["d3", "d2", "d1"],
            )
            assert await store.write(lambda tx: tx.drafts.next_id()) == "18"
            everywhere = await store.read(lambda tx: tx.cards.list(surface="web"))
            assert [card.card_id for card in everywhere] == ["digest-web-desk-2026-03-02", "draft-17"]
        assert version(path) == HEAD
        copy = backup_path(path, HEAD)
        assert copy.name == f"copydesk.db.before-{HEAD}.bak"
        assert copy.read_bytes()[18:20] == b"\x01\x01", "a copy in WAL mode would need its side files"
        assert version(copy) == BEFORE
        with closing(sqlite3.connect(copy)) as database:
            assert database.execute("SELECT id FROM drafts").fetchall() == [(17,)]

    async def test_what_was_published_before_is_followed_once_per_post(self, path: Path) -> None:
        as_left_by(path, "0002")
        async with SqlStore.open(url_of(path)) as store:
            live_at = NOW + timedelta(minutes=1, microseconds=7)
            followed = MeasuredPost(
                id=PostId("acc1|1001"),
                account_id=AccountId("acc1"),
                platform=PlatformSlug("mastodon"),
                remote_id="1001",
                url="https://social.test/@driftseas/1001",
                text="First of two.\n---\nSecond.",
                pictures=1,
                parts=2,
                published_at=live_at,
                delivery_id=DeliveryId("d1"),
                draft_id=DraftId("17"),
                extra={"cid": "bafy"},
                next_at=live_at + timedelta(hours=1),
            )
            assert await store.read(lambda tx: list(tx.metrics.posts(since=NOW))) == [followed]
            await store.write(lambda tx: tx.cards.put(a_shown_card(card_id="digest", kind="digest", draft_id=None)))

    def test_an_empty_database_leaves_no_copy(self, path: Path) -> None:
        at_step(path, BEFORE)
        ensure_schema(url_of(path))
        assert version(path) == HEAD
        assert [p.name for p in path.parent.iterdir()] == [path.name]

    def test_a_step_that_fails_changes_nothing(self, path: Path) -> None:
        at_step(path, BEFORE)
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("ALTER TABLE media ADD COLUMN poster TEXT")
        before = shape(path)
        with pytest.raises(OperationalError, match="poster"):
            ensure_schema(url_of(path))
        assert (version(path), shape(path)) == (BEFORE, before)

    def test_two_starting_at_once_both_succeed(self, path: Path) -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(ensure_schema, [url_of(path)] * 2))
        assert version(path) == HEAD

    @pytest.mark.parametrize("start", ["first", "second"])
    def test_no_start_but_an_upgrade_loads_alembic(self, path: Path, start: str) -> None:
        if start == "second":
            ensure_schema(url_of(path))
        before = path.read_bytes() if path.exists() else None
        code = (
            "import sys; from storage.schema import ensure_schema; ensure_schema(sys.argv[1]);"
            "print([name for name in sys.modules if name.startswith('alembic')])"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, url_of(path)], capture_output=True, text=True, check=True, cwd=ROOT
        )
        assert done.stdout.strip() == "[]"
        assert version(path) == HEAD
        assert before is None or path.read_bytes() == before


class TestPlaces:
    """Files and folders."""

    def test_folders_with_odd_names_are_made_and_the_file_is_private(self, tmp_path: Path) -> None:
        path = tmp_path / "new 100% %(here)s ü" / "desk.db"
        ensure_schema(url_of(path))
        assert version(path) == HEAD
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_the_code_may_lie_in_a_folder_with_an_odd_name(self) -> None:
        folder = Path("100% %(here)s") / "migrations"
        assert migrations_in(folder).get_main_option("script_location") == str(folder)

    def test_a_folder_that_can_not_be_made_is_told_in_words(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(NeedsOperator, match="can't be made"):
            ensure_schema(url_of(tmp_path / "file" / "desk.db"))


class TestRefusals:
    """What is not ours to change."""

    def test_a_newer_database_names_its_maker_and_stays_as_it_was(self, path: Path) -> None:
        ensure_schema(url_of(path))
        set_version(path, "0099")
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("UPDATE facts SET value = '9.8.7' WHERE name = 'made_by'")
        content = path.read_bytes()
        with pytest.raises(InvalidInput, match=r"Copydesk 9\.8\.7 \(schema 0099\)") as refusal:
            ensure_schema(url_of(path))
        assert "Install that version" in refusal.value.next_step
        assert path.read_bytes() == content

    def test_a_newer_database_without_a_name_is_refused_too(self, path: Path) -> None:
        ensure_schema(url_of(path))
        set_version(path, "0099")
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("DROP TABLE facts")
        with pytest.raises(InvalidInput, match="a newer Copydesk"):
            ensure_schema(url_of(path))

    def test_another_programs_database_is_left_alone(self, path: Path) -> None:
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("CREATE TABLE songs (title TEXT)")
        content = path.read_bytes()
        with pytest.raises(InvalidInput, match="some other program"):
            ensure_schema(url_of(path))
        assert path.read_bytes() == content

    def test_a_file_that_is_no_database_is_left_alone(self, path: Path) -> None:
        path.write_bytes(b"not a database at all" * 100)
        with pytest.raises(NeedsOperator):
            ensure_schema(url_of(path))
        assert path.read_bytes() == b"not a database at all" * 100
