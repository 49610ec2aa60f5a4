"""Heavy work in one warm process beside the desk, so that pixels and charts never keep a click waiting."""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from asyncio import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar, cast

import structlog

from bot.workbench import HEAD, frame
from services.domain.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from services.ports.clock import Clock

P = ParamSpec("P")
T = TypeVar("T")
IDLE: Final = 120.0
"""Seconds without work after which the worker's memory is given back."""
DEADLINE: Final = 120.0
"""Seconds a task may take; drawing a page of charts takes one, copying a long video half a minute."""
TASKS: Final = 50
"""After so many tasks a fresh process takes over, whatever the libraries may have left behind."""
_ROOT: Final = Path(__file__).resolve().parent.parent
_KEPT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "MPLCONFIGDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
"""All the worker gets of the environment: it needs none of the desk's secrets."""
_AGAIN: Final = "Nothing is half done: it can be tried again."
_log = structlog.get_logger(__name__)


class Workshop:
    """`Workers` with one process: starts at the first task, ends when idle, is replaced when it is worn or dead."""

    def __init__(self, clock: Clock, *, idle: float = IDLE, deadline: float = DEADLINE, tasks: int = TASKS) -> None:
        """Nothing runs yet; `idle` and `deadline` in seconds."""
        self._clock = clock
        self._idle = idle
        self._deadline = deadline
        self._tasks = tasks
        self._turn = asyncio.Lock()
        self._worker: subprocess.Process | None = None
        self._done = 0
        self._rest: asyncio.Task[None] | None = None
        self._closed = False

    async def run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Workers.run`: one task at a time, the others wait for their turn."""
        task = await asyncio.to_thread(frame, (fn, args, kwargs))
        async with self._turn:
            self._wake()
            worker = await self._ready()
            kept = False
            try:
                fine, outcome = await self._within_time(worker, task)
                kept = True
            finally:
                if not kept:  # late, dead or no longer wanted: what it still says would answer the next task
                    await self._end(worker)
            self._done += 1
            if self._done >= self._tasks:
                await self._end()
            else:
                self._rest = asyncio.create_task(self._end_when_idle())
        if isinstance(outcome, MemoryError):
            raise Unavailable("It takes more memory than one task may have.", unchanged=_AGAIN)
        if not fine:
            raise cast(Exception, outcome)
        return cast(T, outcome)

    async def close(self) -> None:
        """End the worker now; a task it has in hand ends as `Unavailable`, and so does every later one."""
        self._closed = True
        self._wake()
        await self._end()

    @property
    def pid(self) -> int | None:
        """The worker's process id while there is one."""
        return self._worker.pid if self._worker else None

    async def _ready(self) -> subprocess.Process:
        """The worker, a fresh one when there is none alive."""
        self._require_open()
        if self._worker is not None and self._worker.returncode is None:
            return self._worker
        try:
            worker = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot.workbench",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=_environment(os.environ),
            )
        except OSError as error:
            raise Unavailable(f"No worker could be started ({error.strerror}).", unchanged=_AGAIN) from error
        self._worker, self._done = worker, 0
        try:
            self._require_open()
        except Unavailable:  # the desk stopped while it was being started
            await self._end()
            raise
        return worker

    def _require_open(self) -> None:
        if self._closed:
            raise Unavailable("The desk is stopping.", unchanged=_AGAIN)

    async def _within_time(self, worker: subprocess.Process, task: bytes) -> tuple[bool, object]:
        """The worker's answer; raises `Unavailable` when it dies or the time is up."""
        answer = asyncio.ensure_future(_asked(worker, task))
        limit = asyncio.ensure_future(self._clock.sleep(self._deadline))
        try:
            await asyncio.wait({answer, limit}, return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
            _log.warning("a task took too long", seconds=self._deadline)
            msg = f"It took longer than {self._deadline:g} seconds."
            raise Unavailable(msg, unchanged=_AGAIN)
        finally:
            for future in (answer, limit):
                future.cancel()
            await asyncio.gather(answer, limit, return_exceptions=True)

    def _wake(self) -> None:
        """There is work, or an end: the rest is over."""
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    async def _end_when_idle(self) -> None:
        await self._clock.sleep(self._idle)
        self._rest = None
        await self._end()

    async def _end(self, failed: subprocess.Process | None = None) -> None:
        """Without asking: it holds nothing that could be lost. `failed` may still have something to say."""
        worker, self._worker = failed or self._worker, None
        if worker is None:
            return
        with suppress(ProcessLookupError):
            worker.kill()
        await asyncio.shield(_gone(worker, unheard=failed is not None))


async def _asked(worker: subprocess.Process, task: bytes) -> tuple[bool, object]:
    """Hand over and wait for the answer."""
    if worker.stdin is None or worker.stdout is None:
        msg = "a worker is started with pipes"
        raise RuntimeError(msg)
    try:
        worker.stdin.write(task)
        await worker.stdin.drain()
        head = await worker.stdout.readexactly(HEAD)
        data = await worker.stdout.readexactly(int.from_bytes(head, "big"))
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise Unavailable("The worker was ended in the middle of the work.", unchanged=_AGAIN) from error
    fine, outcome = pickle.loads(data)  # noqa: S301 - written by our own child
    return fine, outcome


async def _gone(worker: subprocess.Process, *, unheard: bool) -> None:
    """Wait until it is; a pipe that is full of what nobody will read would keep it from ending."""
    if worker.stdin is not None:
        worker.stdin.close()
    if worker.stdout is not None and unheard:
        await worker.stdout.read()
    await worker.wait()


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Where to find programs, fonts and our own packages, and no secret."""
    kept = {name: environ[name] for name in _KEPT if name in environ}
    return kept | {"PYTHONPATH": str(_ROOT), "PYTHONHASHSEED": "0"}
