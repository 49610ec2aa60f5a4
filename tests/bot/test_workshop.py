"""The worker process: what it does, what it costs, and that it is gone when it should be."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from bot.workbench import FILE, MEMORY, NICENESS
from bot.workshop import Workshop
from services.domain.errors import InvalidInput, Unavailable
from services.media.films import clean_film
from services.media.kinds import Kind
from tests.bot import elsewhere
from tests.fakes.clock import FakeClock, settle
from tests.media_samples import tiny_video

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def workshop(clock: FakeClock) -> AsyncIterator[Workshop]:
    shop = Workshop(clock, idle=120, deadline=30, tasks=3)
    yield shop
    await shop.close()


async def begun(shop: Workshop, tmp_path: Path) -> tuple[asyncio.Task[None], int]:
    """A task that never ends, and the process it runs in."""
    fifo = tmp_path / "begun"
    os.mkfifo(fifo)
    task = asyncio.create_task(shop.run(elsewhere.never_end, str(fifo)))
    return task, int(await asyncio.to_thread(first_line, fifo))


def first_line(fifo: Path) -> str:
    with fifo.open(encoding="utf-8") as stream:
        return stream.readline()


async def test_nothing_runs_before_the_first_task(workshop: Workshop) -> None:
    assert workshop.pid is None
    assert await workshop.run(elsewhere.double, 4, plus=1) == 9
    assert workshop.pid is not None


async def test_it_steps_back_for_the_desk(workshop: Workshop) -> None:
    await workshop.run(elsewhere.pid)
    assert psutil.Process(workshop.pid).nice() == min(psutil.Process().nice() + NICENESS, 19)


async def test_the_same_warm_process_does_the_next_task_until_it_is_worn(workshop: Workshop) -> None:
    pids = [await workshop.run(elsewhere.pid) for _ in range(6)]
    assert pids[0] == pids[1] == pids[2] != pids[3] == pids[4] == pids[5]
    assert not psutil.pid_exists(pids[0])


async def test_tasks_asked_for_at_once_get_their_own_answers(workshop: Workshop) -> None:
    found = await asyncio.gather(*(workshop.run(elsewhere.double, n) for n in range(7)))
    assert found == [0, 2, 4, 6, 8, 10, 12]


async def test_large_answers_come_whole_and_prints_do_not_disturb_them(workshop: Workshop) -> None:
    data = os.urandom(3_000_000)
    assert await workshop.run(elsewhere.echo, data) == data


async def test_an_error_of_the_task_is_raised_here_and_the_worker_stays(workshop: Workshop) -> None:
    before = await workshop.run(elsewhere.pid)
    with pytest.raises(InvalidInput) as caught:
        await workshop.run(elsewhere.refuse)
    error = caught.value
    assert (error.message, error.next_step, error.field) == ("Not like this.", "Like that.", "when")
    assert await workshop.run(elsewhere.pid) == before


async def test_an_error_that_cannot_be_copied_is_told_in_its_words(workshop: Workshop) -> None:
    with pytest.raises(RuntimeError, match="number 7"):
        await workshop.run(elsewhere.refuse_in_an_odd_way)


async def test_what_cannot_be_copied_is_refused_before_a_worker_starts(workshop: Workshop) -> None:
    with pytest.raises(Exception, match="pickle"):
        await workshop.run(lambda: 1)
    assert workshop.pid is None


async def test_a_worker_killed_in_the_middle_is_replaced(workshop: Workshop, tmp_path: Path) -> None:
    task, worker = await begun(workshop, tmp_path)
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(Unavailable) as caught:
        await task
    assert caught.value.unchanged == "Nothing is half done: it can be tried again."
    assert await workshop.run(elsewhere.pid) != worker


async def test_a_task_that_ends_its_process_ends_only_itself(workshop: Workshop) -> None:
    with pytest.raises(Unavailable):
        await workshop.run(elsewhere.die)
    assert await workshop.run(elsewhere.double, 2) == 4


async def test_a_task_that_takes_too_long_is_ended(workshop: Workshop, clock: FakeClock, tmp_path: Path) -> None:
    task, worker = await begun(workshop, tmp_path)
    await clock.advance(29)
    assert not task.done()
    await clock.advance(1)
    with pytest.raises(Unavailable, match="longer than 30 seconds"):
        await task
    assert not psutil.pid_exists(worker)
    assert await workshop.run(elsewhere.double, 2) == 4


async def test_who_no_longer_wants_the_answer_leaves_no_trace_in_the_next_one(
    workshop: Workshop, tmp_path: Path
) -> None:
    task, worker = await begun(workshop, tmp_path)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not psutil.pid_exists(worker)
    assert await workshop.run(elsewhere.double, 5) == 10


async def test_an_idle_worker_gives_its_memory_back(workshop: Workshop, clock: FakeClock) -> None:
    worker = psutil.Process(await workshop.run(elsewhere.pid))
    await clock.advance(119)
    assert worker.is_running()
    assert await workshop.run(elsewhere.pid) == worker.pid
    await clock.advance(119)
    assert worker.is_running()
    await clock.advance(1)
    await asyncio.to_thread(worker.wait, 10)
    assert workshop.pid is None
    assert await workshop.run(elsewhere.double, 1) == 2


async def test_stopping_does_not_wait_for_a_task(workshop: Workshop, tmp_path: Path) -> None:
    task, worker = await begun(workshop, tmp_path)
    waiting = asyncio.create_task(workshop.run(elsewhere.double, 1))
    await settle()
    await workshop.close()
    assert not psutil.pid_exists(worker)
    for ended in (task, waiting):
        with pytest.raises(Unavailable):
            await ended
    with pytest.raises(Unavailable, match="stopping"):
        await workshop.run(elsewhere.double, 1)
    assert workshop.pid is None


async def test_it_knows_neither_the_desk_nor_its_secrets_nor_its_sockets(clock: FakeClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.set_inheritable(False)
        os.environ["COPYDESK_TOKEN"] = "a secret of the desk"
        shop = Workshop(clock)
        try:
            modules, environment, files = await shop.run(elsewhere.what_it_has)
        finally:
            del os.environ["COPYDESK_TOKEN"]
            await shop.close()
    heavy = {"fastapi", "starlette", "uvicorn", "bot.cli", "bot.bootstrap", "sqlalchemy", "pandas", "matplotlib"}
    assert modules & heavy == set()
    assert not any(name.startswith("COPYDESK") for name in environment)
    assert len([f for f in files if f.startswith("socket:")]) <= 1, files  # its own standard input


def test_it_ends_with_the_desk_even_when_the_desk_is_killed(tmp_path: Path) -> None:
    fifo = tmp_path / "begun"
    os.mkfifo(fifo)
    code = (
        "import asyncio\nfrom bot.system_clock import SystemClock\nfrom bot.workshop import Workshop\n"
        "from tests.bot import elsewhere\n"
        f"asyncio.run(Workshop(SystemClock()).run(elsewhere.never_end, {str(fifo)!r}))\n"
    )
    desk = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    with fifo.open(encoding="utf-8") as stream:
        assert int(stream.readline()) != desk.pid
        desk.kill()
        desk.wait()
        assert stream.read() == ""  # ends when the last process that holds the other end is gone


async def test_a_video_is_read_there_and_what_is_wrong_with_one_comes_back_as_it_was(
    workshop: Workshop, tmp_path: Path
) -> None:
    source, target = tmp_path / "film", tmp_path / "clean"
    await asyncio.to_thread(source.write_bytes, tiny_video())
    film = await workshop.run(clean_film, source, target, Kind.BOXES)
    assert (film.mime, film.width, await asyncio.to_thread(target.exists)) == ("video/mp4", 64, True)
    await asyncio.to_thread(source.write_bytes, tiny_video()[:-300])
    with pytest.raises(InvalidInput, match="cut off") as caught:
        await workshop.run(clean_film, source, target, Kind.BOXES)
    assert (caught.value.field, await asyncio.to_thread(target.exists)) == ("upload", False)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems bound no memory")
async def test_a_task_that_would_fill_memory_or_the_disk_ends_alone(workshop: Workshop, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="more memory than one task may have"):
        await workshop.run(elsewhere.hold, MEMORY)
    with pytest.raises(OSError, match="File too large"):
        await workshop.run(elsewhere.write, str(tmp_path / "huge"), FILE + 1)
    assert await workshop.run(elsewhere.turn_to_go) == 1000
