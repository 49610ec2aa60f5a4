"""Several files on their way from a chat: in order, all or none, and with the one named that was the trouble."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from handlers.chat.receiving import received
from services.domain.errors import InvalidInput, NeedsOperator, Unavailable
from tests.fakes.clock import FakeClock
from tests.fakes.downloads import an_intake
from tests.fakes.files import MemoryFiles
from tests.fakes.memory_store import MemoryStore

if TYPE_CHECKING:
    from pathlib import Path

    from services.domain.errors import DeskError
    from services.ports.http import Keep


class Chat:
    """`Source`: names are addresses, and what lies there is the name."""

    def __init__(self, *, useless: str = "", lost: str = "", error: DeskError | None = None) -> None:
        self.useless, self.lost, self.error = useless, lost, error
        self.fetched: list[str] = []

    async def look(self, given: str) -> str:
        if given == self.useless:
            raise InvalidInput("It is too large.", next_step="Give a smaller one.", field="upload")
        return given

    async def fetch(self, url: str, keep: Keep) -> None:
        self.fetched.append(url)
        if url == "endless":
            await asyncio.Event().wait()
        await keep(url.encode())
        if url == self.lost:
            raise self.error or Unavailable("The chat did not hand it over.", next_step="Give it again.")


class Desk:
    def __init__(self) -> None:
        files = MemoryFiles()
        self.media = an_intake(MemoryStore(), files, FakeClock())
        self._workplace = files.workplace()

    @property
    def left(self) -> list[Path]:
        return list(self._workplace.iterdir())


async def test_all_lie_there_in_their_order_and_are_gone_afterwards() -> None:
    desk = Desk()
    async with received(desk.media, Chat(), ["c", "a", "b"]) as paths:
        assert [p.read_text() for p in paths] == ["c", "a", "b"]
    assert desk.left == []
    async with received(desk.media, Chat(), []) as nothing:
        assert nothing == ()


async def test_one_that_is_lost_on_the_way_is_named_and_none_is_left() -> None:
    desk, chat = Desk(), Chat(lost="b")
    with pytest.raises(InvalidInput, match=r"^File 2 of 3: The chat did not hand it over\.$") as caught:
        async with received(desk.media, chat, ["a", "b", "c"]):
            pass
    assert (caught.value.field, caught.value.next_step) == ("upload", "Give it again.")
    assert (chat.fetched, desk.left) == (["a", "b"], [])


async def test_one_of_no_use_is_named_before_anything_is_fetched() -> None:
    desk, chat = Desk(), Chat(useless="c")
    with pytest.raises(InvalidInput, match=r"^File 3 of 3: It is too large\.$"):
        async with received(desk.media, chat, ["a", "b", "c"]):
            pass
    assert chat.fetched == []


async def test_a_lone_one_needs_no_number() -> None:
    with pytest.raises(InvalidInput, match=r"^It is too large\.$"):
        async with received(Desk().media, Chat(useless="a"), ["a"]):
            pass


async def test_all_together_may_take_only_so_long() -> None:
    desk = Desk()
    with pytest.raises(InvalidInput, match=r"^The files took longer than 0\.001 minutes to arrive\.$") as caught:
        async with received(desk.media, Chat(), ["a", "endless"], within=0.06):
            pass
    assert (caught.value.field, desk.left) == ("upload", [])


async def test_what_is_not_about_a_file_stays_what_it_is() -> None:
    desk = Desk()
    with pytest.raises(NeedsOperator):
        async with received(desk.media, Chat(lost="a", error=NeedsOperator("The disk is full.")), ["a", "b"]):
            pass
    assert desk.left == []


async def test_what_goes_wrong_later_lets_them_go_too() -> None:
    desk = Desk()
    with pytest.raises(InvalidInput, match=r"^Elsewhere\.$"):
        async with received(desk.media, Chat(), ["a", "b"]):
            raise InvalidInput("Elsewhere.")
    assert desk.left == []
