"""One publishing process per data directory, proved by a lock that the kernel gives back whenever the process ends."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from bot.problems import StartProblem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE: Final = "worker.lock"
_PRIVATE: Final = 0o600


@contextmanager
def held(directory: Path) -> Iterator[None]:
    """Be the only one that publishes from `directory` while the block lasts; raises `StartProblem`.

    The file stays when the lock is given back: removing it would let two processes hold locks on different files.
    """
    path = directory / FILE
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE)
    except OSError as error:
        raise _unusable(path, error) from None
    try:
        _lock(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        msg = f"Another desk already publishes from {path.parent}."
        raise StartProblem(msg, "Stop it, or start this one with --surfaces.") from None
    except OSError as error:
        raise _unusable(path, error) from None


def _unusable(path: Path, error: OSError) -> StartProblem:
    msg = f"{path} can't be locked ({error.strerror or error})."
    return StartProblem(msg, "Put the data directory on a local disk that this user may write to.")
