"""scripts/venv.sh is the first thing a newcomer runs; stand-in Pythons show each way it can begin and end.

A stand-in is a small shell script that answers the version question, makes a folder for `-m venv`, and does for
`-m pip` what a test wants. No package is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
TOOLS: Final = ("cat", "chmod", "cmp", "cp", "dirname", "grep", "head", "mkdir", "rm", "sh", "tail", "touch")
INSTALLED: Final = "echo 'Installing collected packages: a'"
PYTHON: Final = """#!/bin/sh
case "$1 $2" in
  -c*) echo "{answer}" ;;
  "-m venv") {venv} mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  "-m pip") echo "$@" >>pip-calls; {pip} ;;
esac
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A project folder with locks, and a PATH that holds nothing but what a test puts there."""

    root: Path

    @property
    def bin(self) -> Path:
        return self.root / "tools"

    def python(
        self, *, name: str = "python3", word: str = "ok", version: str = "3.11.7", pip: str = INSTALLED, venv: str = ""
    ) -> Path:
        path = self.bin / name
        path.write_text(PYTHON.format(answer=f"{word} {version} {path}", pip=pip, venv=venv))
        path.chmod(0o755)
        return path

    def run(self, kind: str = "runtime", **environ: str) -> tuple[int, str]:
        environment = {"PATH": str(self.bin), "COPYDESK_TARGET": "test", **environ}
        command = ["sh", "scripts/venv.sh", kind]
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False)
        assert done.stdout == ""
        return done.returncode, done.stderr

    def pip_calls(self) -> int:
        calls = self.root / "pip-calls"
        return len(calls.read_text().splitlines()) if calls.exists() else 0

    def exists(self, name: str) -> bool:
        return (self.root / ".venv" / name).exists()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    root = tmp_path / "a path with spaces"
    (root / "scripts").mkdir(parents=True)
    (root / "tools").mkdir()
    shutil.copy(ROOT / "scripts" / "venv.sh", root / "scripts")
    (root / "requirements.lock").write_text("a==1\n")
    (root / "requirements-dev.lock").write_text("a==1\nb==2\n")
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None, tool
        (root / "tools" / tool).symlink_to(found)
    return Folder(root=root)


def test_a_first_start_installs_and_a_second_does_nothing(folder: Folder) -> None:
    folder.python()
    assert folder.run() == (0, "Copydesk: installing 1 packages into .venv; this takes about a minute, once.\n")
    assert folder.run() == (0, "")
    assert folder.pip_calls() == 1


def test_the_development_environment_serves_the_runtime_but_not_the_other_way_round(folder: Folder) -> None:
    folder.python()
    assert folder.run("runtime")[0] == 0
    assert folder.run("dev")[0] == 0
    assert folder.pip_calls() == 2
    assert folder.run("runtime") == folder.run("dev") == (0, "")
    assert folder.pip_calls() == 2


def test_a_changed_lock_is_installed(folder: Folder) -> None:
    folder.python()
    folder.run()
    (folder.root / "requirements.lock").write_text("a==2\n")
    assert folder.run()[0] == 0
    assert folder.pip_calls() == 2


def test_an_old_python_gets_one_sentence(folder: Folder) -> None:
    old = folder.python(word="old", version="3.9.18")
    sentence = (
        f"Copydesk needs Python 3.11, 3.12 or 3.13; found 3.9.18 at {old}."
        " Install one of them and run make test again.\n"
    )
    assert folder.run() == (2, sentence)
    assert not (folder.root / ".venv").exists()


def test_no_python_gets_one_sentence(folder: Folder) -> None:
    sentence = "Copydesk needs Python 3.11, 3.12 or 3.13; found none. Install one of them and run make test again.\n"
    assert folder.run() == (2, sentence)


def test_a_python_without_venv_is_named(folder: Folder) -> None:
    bare = folder.python(word="no-venv")
    status, said = folder.run()
    assert status == 2
    assert said.startswith(f"Copydesk needs Python's venv module, which Python 3.11.7 at {bare} lacks.")


def test_a_suitable_python_is_found_behind_unsuitable_ones(folder: Folder) -> None:
    folder.python(name="python3", word="old", version="3.9.18")
    broken = folder.python(name="python3.13", version="3.13.0")
    broken.write_text("#!/bin/sh\necho 'not active' >&2\nexit 127\n")
    folder.python(name="python3.12", version="3.12.1")
    assert folder.run()[0] == 0
    assert "3.12.1" in (folder.root / ".venv" / "bin" / "python").read_text()


def test_the_interpreter_can_be_chosen(folder: Folder) -> None:
    folder.python(name="python3.13", version="3.13.0")
    chosen = folder.python(name="mine", version="3.11.7")
    assert folder.run(PYTHON=str(chosen))[0] == 0
    assert "3.11.7" in (folder.root / ".venv" / "bin" / "python").read_text()


def test_without_a_network_it_says_so_and_what_was_there_still_works(folder: Folder) -> None:
    folder.python()
    folder.run("runtime")
    python = folder.root / ".venv" / "bin" / "python"
    python.write_text(python.read_text().replace(INSTALLED, "echo 'NewConnectionError'; exit 1"))
    status, said = folder.run("dev")
    assert status == 2
    assert "The package index could not be reached".lower() in said.lower()
    assert "run make test again" in said
    assert folder.run("runtime") == (0, "")


def test_a_failure_that_touched_nothing_tells_what_pip_said(folder: Folder) -> None:
    folder.python(pip="echo 'ERROR: hashes do not match'; exit 1")
    status, said = folder.run()
    assert status == 2
    assert "ERROR: hashes do not match" in said
    assert "its packages could not be installed" in said
    assert not folder.exists("copydesk-runtime.lock")


def test_an_install_that_was_cut_short_starts_afresh(folder: Folder) -> None:
    folder.python(pip=f"{INSTALLED}; touch .venv/half; kill -9 $$")
    assert folder.run()[0] == 2
    assert folder.exists("half")
    folder.python()
    assert folder.run()[0] == 0
    assert not folder.exists("half")
    assert folder.run() == (0, "")


def test_an_environment_whose_python_went_away_is_made_anew(folder: Folder) -> None:
    folder.python()
    folder.run()
    (folder.root / ".venv" / "bin" / "python").unlink()
    assert folder.run()[0] == 0
    assert folder.pip_calls() == 2


def test_an_environment_that_cant_be_made_says_why(folder: Folder) -> None:
    python = folder.python(venv="echo 'no space left' >&2; exit 1;")
    status, said = folder.run()
    assert status == 2
    assert said.startswith("no space left\nCopydesk: Python 3.11.7 at " + str(python))
    assert not folder.exists("copydesk-runtime.lock")


def test_another_word_is_refused(folder: Folder) -> None:
    assert folder.run("prod") == (2, "Copydesk: scripts/venv.sh takes runtime or dev, not 'prod'.\n")


def test_the_script_is_executable() -> None:
    assert os.access(ROOT / "scripts" / "venv.sh", os.X_OK)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
