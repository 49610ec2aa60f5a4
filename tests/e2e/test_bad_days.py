"""What keeps a desk from starting, or stops it half way: one sentence, exit code 2, and nothing is lost."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.e2e.process import NETWORKS, PATIENCE, ROOT, RunningDesk, Script, free_port, running, until
from tests.e2e.shapes import labels


class Office:
    """A working directory with a data directory in it, and the verbs run there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = {"COPYDESK_DATA_DIR": str(folder / "var"), "COPYDESK_PORT": str(free_port())}

    @property
    def var(self) -> Path:
        return Path(self.settings["COPYDESK_DATA_DIR"])

    def bot(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        kept = RunningDesk(self.folder, port=1).environment
        plain = {k: v for k, v in kept.items() if not k.startswith("COPYDESK_")}
        return subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=self.folder,
            env={**plain, "PYTHONPATH": str(ROOT), **self.settings},
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def refuses(self, *words: str, given: str = "") -> str:
        """Run a verb that can't work; gives the one line it says."""
        done = self.bot(*words, given=given)
        assert done.returncode == 2, done
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        lines = done.stderr.splitlines()
        assert len(lines) == 1, done.stderr
        assert len(lines[0].split(". ")) >= 2, f"no next step: {lines[0]}"
        return lines[0]

    def checked(self) -> list[str]:
        """The problems that `check` finds."""
        done = self.bot("check")
        assert done.stderr == ""
        found = [line.removeprefix("problem  ") for line in done.stdout.splitlines() if line.startswith("problem  ")]
        assert done.returncode == (2 if found else 0)
        return found

    def contents(self) -> dict[str, str]:
        """What every file but the locks holds."""
        files = [p for p in self.var.rglob("*") if p.is_file() and not p.name.endswith(("-shm", "-wal", ".lock"))]
        return {str(p.relative_to(self.var)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with an account in it, to be copied."""
    office = Office(tmp_path_factory.mktemp("furnished"))
    given = {"base_url": "http://127.0.0.1:9", "access_token": "a-secret-token", "name": "Ours"}
    done = office.bot("account", "add", "mastodon", "--no-verify", "--json", "-", given=json.dumps(given))
    assert done.returncode == 0, done.stderr
    return office.var


@pytest.fixture
def fresh(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def office(furnished: Path, tmp_path: Path) -> Office:
    made = Office(tmp_path)
    shutil.copytree(furnished, made.var)
    return made


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        yield busy.getsockname()[1]


# --- it does not start --------------------------------------------------------------------------------------------


def test_broken_settings_are_all_named_in_one_line(fresh: Office) -> None:
    (fresh.folder / ".env").write_text("COPYDESK_UNDO_SECONDS=soon\nno setting at all\nCOPYDESK_PROT=1\n")
    fresh.settings["COPYDESK_TIMEZONE"] = "Mars/Olympus"
    said = fresh.refuses("run")
    for name in ("COPYDESK_UNDO_SECONDS", ".env line 2", "COPYDESK_PORT", "COPYDESK_TIMEZONE"):
        assert name in said
    assert not fresh.var.exists()


def test_check_goes_on_behind_broken_settings(office: Office, taken: int) -> None:
    (office.folder / ".env").write_text("COPYDESK_UNDO_SECONDS=soon\nCOPYDESK_PROT=1\n")
    (office.folder / "brand.toml").write_text("name = = 1\n")
    office.settings |= {"COPYDESK_TIMEZONE": "Mars/Olympus", "COPYDESK_PORT": str(taken), "COPYDESK_TEXT_MODEL": "no:x"}
    (office.var / "secret.key").write_text("junk")
    told = "\n".join(office.checked())
    for what in (
        "COPYDESK_UNDO_SECONDS",
        "COPYDESK_PROT",
        "COPYDESK_TIMEZONE",
        "brand",
        "port",
        "text model",
        "secret key",
    ):
        assert what in told
    assert len(told.splitlines()) == 7


def test_check_leaves_out_what_hangs_on_a_broken_setting(fresh: Office) -> None:
    fresh.settings |= {"COPYDESK_PORT": "eighty", "COPYDESK_TOKEN": "short"}
    assert sorted(p.partition(" ")[0] for p in fresh.checked()) == ["COPYDESK_PORT", "COPYDESK_TOKEN"]


def test_check_knows_its_own_running_desk(tmp_path: Path) -> None:
    with running(tmp_path) as desk:
        office = Office(tmp_path)
        office.settings["COPYDESK_PORT"] = str(desk.port)
        done = office.bot("check")
        assert (done.returncode, done.stderr) == (0, "")
        assert f"port: this desk is running at 127.0.0.1:{desk.port}\n" in done.stdout
        office.settings["COPYDESK_DATA_DIR"] = str(tmp_path / "another")
        [problem] = office.checked()
        assert "in use" in problem
        before = desk.log
        assert "in use" in office.refuses("run")
        assert desk.log == before


@pytest.mark.parametrize("verb", ["run", "backup", "signin"])
def test_a_data_directory_that_cannot_be_written(fresh: Office, verb: str) -> None:
    (fresh.folder / "in-the-way").write_text("kept")
    fresh.settings["COPYDESK_DATA_DIR"] = str(fresh.folder / "in-the-way" / "var")
    said = fresh.refuses(verb)
    assert "in-the-way/var can't be written" in said
    assert "COPYDESK_DATA_DIR" in said
    assert (fresh.folder / "in-the-way").read_text() == "kept"


def test_a_port_in_use(fresh: Office, taken: int) -> None:
    fresh.settings["COPYDESK_PORT"] = str(taken)
    said = fresh.refuses("run")
    assert f"Port {taken} on 127.0.0.1 is in use" in said
    assert "COPYDESK_PORT" in said
    assert not fresh.var.exists()


def newer(var: Path) -> str:
    with sqlite3.connect(var / "copydesk.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    return "Install that version or a later one"


def noise(var: Path) -> str:
    (var / "copydesk.db").write_bytes(b"no database " * 1000)
    return "The database file is damaged. Restore the latest backup."


def torn(var: Path) -> str:
    """The first pages are whole, so it opens; the rest is not."""
    held = (var / "copydesk.db").read_bytes()
    (var / "copydesk.db").write_bytes(held[:8192] + b"\xff" * (len(held) - 8192))
    return "The database file is damaged. Restore the latest backup."


def foreign(var: Path) -> str:
    (var / "copydesk.db").unlink()
    with sqlite3.connect(var / "copydesk.db") as database:
        database.execute("CREATE TABLE holidays (day TEXT)")
    database.close()
    return "a database of some other program"


def no_key(var: Path) -> str:
    (var / "secret.key").write_text("this is no key")
    return "The secret key file secret.key holds something that is no key."


@pytest.mark.parametrize("spoil", [newer, noise, torn, foreign, no_key])
def test_what_is_wrong_in_the_data_directory_is_told_and_left_alone(
    office: Office, spoil: Callable[[Path], str]
) -> None:
    expected = spoil(office.var)
    before = office.contents()
    assert expected in office.refuses("run")
    assert any(expected in problem for problem in office.checked())
    after = office.contents()
    after.pop("token", None)
    before.pop("token", None)
    assert after == before


def test_another_secret_key_is_named_by_the_account_it_does_not_open(office: Office) -> None:
    office.settings["COPYDESK_SECRET_KEY"] = "a passphrase of another installation"
    [problem] = office.checked()
    assert "sealed with another secret key" in problem
    assert "COPYDESK_SECRET_KEY" in problem


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["chek"], "Did you mean 'check'?"),
        (["run", "--al"], "--al"),
        (["measure"], "platform"),
        (["account", "ad"], "add"),
    ],
)
def test_a_slip_in_a_verb_is_one_line(fresh: Office, words: list[str], hint: str) -> None:
    done = fresh.bot(*words)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert hint in done.stderr


# --- accounts -----------------------------------------------------------------------------------------------------


def test_the_first_account_makes_everything_it_needs(fresh: Office) -> None:
    given = json.dumps({"base_url": "http://127.0.0.1:9", "identifier": "us.test", "app_password": "p-p-p-p"})
    done = fresh.bot("account", "add", "bluesky", "--no-verify", "--json", "-", given=given)
    assert done.returncode == 0, done.stderr
    [line] = done.stdout.splitlines()
    assert json.loads(line) | {"id": "?"} == {
        "id": "?",
        "platform": "bluesky",
        "handle": "us.test",
        "name": "us.test",
        "verified": False,
    }
    assert "p-p-p-p" not in done.stderr
    assert (fresh.var / "secret.key").stat().st_mode & 0o777 == 0o600
    [listed] = json.loads(fresh.bot("account", "list", "--json").stdout)
    assert listed["id"] == json.loads(line)["id"]
    assert b"p-p-p-p" not in (fresh.var / "copydesk.db").read_bytes()


@pytest.mark.parametrize(
    ("platform", "given", "hint"),
    [
        ("mastodon", '{"base_url": "http://127.0.0.1:9", "access_token": "t"}', "run this again"),
        ("bluesky", '{"base_url": "http://127.0.0.1:9", "identifier": "a.b", "app_password": "p"}', "run this again"),
        ("mastodn", '{"access_token": "t"}', "Did you mean mastodon?"),
        ("mastodon", '{"base_url": "http://127.0.0.1:9", "acces_token": "t"}', "Did you mean access_token?"),
        ("mastodon", '{"base_url": 5, "access_token": "t"}', "base_url"),
        ("mastodon", "not json", "JSON object"),
    ],
)
def test_an_account_that_cannot_be_added(fresh: Office, platform: str, given: str, hint: str) -> None:
    fresh.var.mkdir()
    said = fresh.refuses("account", "add", platform, "--json", "-", given=given)
    assert hint in said
    assert "tried again by itself" not in said
    with sqlite3.connect(fresh.var / "copydesk.db") as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        assert "accounts" not in tables or database.execute("SELECT count(*) FROM accounts").fetchone() == (0,)
    database.close()


# --- it stops half way --------------------------------------------------------------------------------------------


def test_buttons_work_after_a_restart_and_watchers_are_let_go(tmp_path: Path) -> None:
    with running(tmp_path) as desk:
        with desk.client as client, desk.client as watcher, watcher.stream("GET", "/api/events") as events:
            card = Script(client).command("draft A card from before the restart")
            ended = threading.Thread(target=lambda: list(events.iter_lines()))
            ended.start()
            assert desk.stop() == 0
            ended.join(10)
            assert not ended.is_alive()
        desk.start()
        with desk.client as client:
            script = Script(client)
            assert client.get("/api/cards").json()["cards"][0]["buttons"] == card["buttons"]
            assert script.press(card, "Approve")["state"] == "approved"


def test_a_signal_while_a_post_is_being_sent_sends_it_once(tmp_path: Path) -> None:
    with running(tmp_path) as desk:
        with desk.client as client:
            script = Script(client)
            card = script.press(script.command("draft Sent while stopping, https://example.com/stop"), "Approve")
            script.networks().fault(network="mastodon", operation="publish", fault="slow", value=3, times=1)
            script.press(card, "Publish now")
            until(
                lambda: any(
                    d["state"] == "SENDING" and d["platform"] == "mastodon" for d in script.deliveries(card["draft_id"])
                ),
                "a post on its way",
            )
        assert desk.stop() == 0
        assert "Traceback" not in desk.log
        desk.start()
        with desk.client as client:
            script = Script(client)
            script.published(card["draft_id"])
            assert [len(script.networks().posts(network)) for network in NETWORKS] == [1] * len(NETWORKS)


def test_a_kill_while_a_draft_is_being_written_keeps_the_brief(tmp_path: Path) -> None:
    brief = "The brief that must outlive the process"
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        model = {"OPENAI_API_KEY": "sk-none", "OPENAI_BASE_URL": f"http://127.0.0.1:{silent.getsockname()[1]}/v1"}
        desk = RunningDesk(tmp_path, settings=model)
        desk.start()

        def ask() -> None:
            with suppress(httpx.HTTPError), desk.client as own:
                own.post("/api/command", json={"text": f"draft {brief}"})

        asking = threading.Thread(target=ask)
        asking.start()
        with desk.client as client:
            until(
                lambda: [d for d in client.get("/api/drafts").json()["drafts"] if d["state"] == "drafting"], "the draft"
            )
            [card] = client.get("/api/cards").json()["cards"]
            assert (card["state"], card["buttons"]) == ("drafting", [])
            assert brief in json.dumps(card)
        desk.kill()
        asking.join(10)
    with running(tmp_path) as again, again.client as client:
        script = Script(client)
        [card] = client.get("/api/cards").json()["cards"]
        assert card["state"] == "draft"
        assert brief in json.dumps(card["blocks"])
        assert not any("Approve" in label for label in labels(card))
        assert "Approve" in labels(script.press(card, "Try again"))
