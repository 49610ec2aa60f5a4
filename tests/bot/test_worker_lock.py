"""Only one process publishes from a data directory, and a dead one stands in nobody's way."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.problems import StartProblem
from bot.worker_lock import FILE, held

ROOT = Path(__file__).parents[2]
HOLD = """
import pathlib, sys
from bot.worker_lock import held
with held(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_one_is_told_what_to_do_and_the_first_keeps_the_lock(tmp_path: Path) -> None:
    with held(tmp_path):
        for _ in range(2):
            with pytest.raises(StartProblem) as caught, held(tmp_path):
                raise AssertionError
            assert caught.value.lines == (
                f"Another desk already publishes from {tmp_path}.",
                "Stop it, or start this one with --surfaces.",
            )
    with held(tmp_path):
        assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_other_directories_are_not_concerned(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with held(tmp_path), held(tmp_path / "other"):
        assert (tmp_path / "other" / FILE).exists()


def test_an_error_inside_gives_the_lock_back(tmp_path: Path) -> None:
    with pytest.raises(LookupError), held(tmp_path):
        raise LookupError
    with held(tmp_path):
        pass


def test_a_killed_process_gives_the_lock_back(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StartProblem), held(tmp_path):
            raise AssertionError
        other.send_signal(signal.SIGKILL)
        other.wait()
    with held(tmp_path):
        pass


def test_a_file_that_can_not_be_opened_is_told_in_sentences(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(StartProblem) as caught, held(tmp_path):
        raise AssertionError
    assert caught.value.lines == (
        f"{tmp_path / FILE} can't be locked (Is a directory).",
        "Put the data directory on a local disk that this user may write to.",
    )
