"""The worker's own side: takes tasks from its standard input, one at a time, and answers on its standard output.

A process of its own that `bot.workshop` starts; it imports nothing of the desk but what a task names.
"""

from __future__ import annotations

import os
import pickle
import queue
import resource
import signal
import sys
import threading
import traceback
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import BinaryIO, Final

HEAD: Final = 8
"""Bytes in front of a frame that tell its length, big end first."""
NICENESS: Final = 10
"""How far the work steps back for whoever clicks, where all share a processor."""


MEMORY: Final = 3 << 30
"""Bytes a task may hold: three times what the largest picture takes."""
FILE: Final = 1 << 30
"""Bytes of the largest file it may write: twice the largest video."""
_FIRST_TO_GO: Final = "1000"
"""For the system, where memory runs out all the same: it ends the worker and not the desk."""


def frame(value: object) -> bytes:
    """A value with its length in front."""
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    return len(data).to_bytes(HEAD, "big") + data


def main() -> None:
    """Work until the desk closes the pipe, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the desk ends us when it is done
    os.nice(NICENESS)
    _bounded()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    tasks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks), daemon=True).start()
    with redirect_stdout(sys.stderr):  # what a library prints must not get between the frames
        while True:
            answers.write(_done(tasks.get()))
            answers.flush()


def _bounded() -> None:
    """So that a file made to fill memory or the disk ends its own task, on systems that set such bounds."""
    for what, most in ((resource.RLIMIT_DATA, MEMORY), (resource.RLIMIT_FSIZE, FILE)):
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO, encoding="ascii")


def _listen(source: BinaryIO, tasks: queue.SimpleQueue[bytes]) -> None:
    """Beside the work, so that the end of the desk ends it even in the middle of a task."""
    while len(head := source.read(HEAD)) == HEAD:
        size = int.from_bytes(head, "big")
        data = source.read(size)
        if len(data) < size:
            break
        tasks.put(data)
    os._exit(0)


def _done(data: bytes) -> bytes:
    """What came of a task: its result, or the error it raised."""
    try:
        fn, args, kwargs = pickle.loads(data)  # noqa: S301 - written by the desk, our parent
        return frame((True, fn(*args, **kwargs)))
    except Exception as error:  # noqa: BLE001 - it is raised again where the task was given
        error.add_note("".join(traceback.format_exception(error)))
        return _told(error)


def _told(error: Exception) -> bytes:
    """The error itself where it can be sent whole, else its words."""
    try:
        answer = frame((False, error))
        pickle.loads(answer[HEAD:])  # noqa: S301 - our own, written one line above
    except Exception:  # noqa: BLE001 - whatever keeps it from being copied
        return frame((False, RuntimeError("".join(traceback.format_exception(error)))))
    return answer


if __name__ == "__main__":
    main()
