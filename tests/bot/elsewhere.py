"""What the tests let the worker do: a task is a module's own function."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from services.domain.errors import InvalidInput


def double(number: int, *, plus: int = 0) -> int:
    return number * 2 + plus


def pid() -> int:
    return os.getpid()


def echo(data: bytes) -> bytes:
    print("a library that talks")  # noqa: T201 - it must not get between the frames
    return data


def refuse() -> None:
    raise InvalidInput("Not like this.", next_step="Like that.", field="when")


class Picky(Exception):
    """An error that can't be copied: its making asks for more than its words."""

    def __init__(self, message: str, *, needed: int) -> None:
        super().__init__(f"{message} {needed}")


def refuse_in_an_odd_way() -> None:
    raise Picky("number", needed=7)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hold(size: int) -> int:
    return len(bytearray(size))


def write(path: str, size: int) -> None:
    with Path(path).open("wb") as file:
        file.truncate(size)


def turn_to_go() -> int:
    return int(Path("/proc/self/oom_score_adj").read_text(encoding="ascii"))


def never_end(fifo: str) -> None:
    """Say who it is through the pipe, and hold its end open until the process is gone."""
    with Path(fifo).open("w", encoding="utf-8") as stream:
        print(os.getpid(), file=stream, flush=True)
        threading.Event().wait()


def what_it_has() -> tuple[set[str], dict[str, str], list[str]]:
    """Modules, environment, and what its open files are."""
    links = Path("/proc/self/fd")
    files = [str(p.readlink()) for p in links.iterdir() if p.is_symlink()] if links.exists() else []
    return set(sys.modules), dict(os.environ), files
