"""One way in for pictures, videos and documents: judged, kept with their facts, nothing left behind."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from services.domain.errors import InvalidInput, Unavailable
from services.domain.ids import Digest
from services.media import intake as intake_module
from services.media import papers
from services.media.intake import Brought, MediaIntake
from services.media.papers import pages_of
from tests.fakes.clock import FakeClock
from tests.fakes.downloads import FakeDownloads, an_intake
from tests.fakes.files import MemoryFiles
from tests.fakes.memory_store import MemoryStore
from tests.fakes.workers import InlineWorkers
from tests.media_samples import a_pdf, a_video, tiny_video

ADDRESS = "https://news.example/a"


class Door:
    """An intake with what stands behind it."""

    def __init__(self) -> None:
        self.store, self.files, self.workers = MemoryStore(), MemoryFiles(), InlineWorkers()
        self.downloads = FakeDownloads()
        self.intake: MediaIntake = an_intake(self.store, self.files, FakeClock(), self.workers, self.downloads)

    @property
    def left(self) -> list[str]:
        return sorted(path.name for path in self.files.workplace().iterdir())

    async def received(self, data: bytes) -> Brought:
        async with self.intake.receiving() as file:
            for start in range(0, len(data), 700):
                await file.write(data[start : start + 700])
            return await self.intake.accept(await file.done())

    async def link(self, data: bytes) -> Brought:
        self.downloads.files[ADDRESS] = data
        return await self.intake.fetch(ADDRESS)


WAYS: Any = {
    "bytes": lambda door, data: door.intake.accept(data),
    "received": lambda door, data: door.received(data),
    "link": lambda door, data: door.link(data),
}


def a_picture(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("way", WAYS)
async def test_a_video_is_kept_with_its_facts_and_a_poster(way: str) -> None:
    door = Door()

    brought = await WAYS[way](door, a_video(sound=True, turned=90, size=(96, 48)))

    item, poster = brought.item, brought.poster
    assert (item.mime, item.width, item.height, item.pages) == ("video/mp4", 48, 96, None)
    assert item.video.audio == "aac"
    assert item.size == len(door.files.kept[item.digest])
    assert (poster.mime, poster.width, poster.height, poster.video) == ("image/jpeg", 48, 96, None)
    assert poster.size == len(door.files.kept[poster.digest])
    assert await door.intake.find(item.digest) == brought
    assert door.left == []


@pytest.mark.parametrize("way", WAYS)
async def test_a_document_is_kept_with_its_pages(way: str) -> None:
    door = Door()
    brought = await WAYS[way](door, a_pdf(3))
    assert (brought.item.mime, brought.item.pages, brought.poster) == ("application/pdf", 3, None)
    assert door.files.kept[brought.item.digest] == a_pdf(3)
    assert await door.intake.find(brought.item.digest) == brought
    assert door.left == []


@pytest.mark.parametrize("way", WAYS)
async def test_a_picture_stays_a_picture(way: str) -> None:
    door = Door()
    brought = await WAYS[way](door, a_picture())
    assert (brought.item.mime, brought.item.width, brought.poster) == ("image/png", 40, None)
    assert await door.intake.find(brought.item.digest) == brought
    assert door.left == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "This file is empty."),
        (b"hello", "This file is not a picture the desk can read."),
        (b"<!doctype html><p>Hi", "This is a web page, not a picture, video or PDF."),
        (b"\x00\x00\x00\x18ftypheic" + b"x" * 99, "This is a HEIC or AVIF picture, which no network takes."),
        (b"%PDF-1.7\nnothing", "This PDF is damaged: its pages can't be read."),
        (b"\x00\x00\x00\x18ftypisom" + b"x" * 99, "This video is cut off: its end is missing."),
    ],
)
@pytest.mark.parametrize("way", WAYS)
async def test_what_is_of_no_use_is_refused_where_it_was_given(way: str, data: bytes, message: str) -> None:
    door = Door()
    with pytest.raises(InvalidInput) as caught:
        await WAYS[way](door, data)
    assert caught.value.message == message
    assert caught.value.field == ("link" if way == "link" else "upload")
    assert caught.value.next_step
    assert (door.files.kept, door.left) == ({}, [])


async def test_an_unknown_digest_is_found_nowhere() -> None:
    assert await Door().intake.find(Digest("0" * 64)) is None


async def test_too_much_is_refused_while_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module, "MAX_BYTES", 1_500)
    door = Door()
    for way in WAYS.values():
        with pytest.raises(InvalidInput, match="is the most"):
            await way(door, tiny_video())
    assert (door.files.kept, door.left) == ({}, [])


async def test_a_large_document_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module, "MAX_PAPER", 300)
    with pytest.raises(InvalidInput, match="This PDF has 0 MB; 0 MB is the most"):
        await Door().intake.accept(a_pdf(3))


async def test_a_worker_that_dies_leaves_nothing_behind() -> None:
    door = Door()
    door.workers.fail = Unavailable("It took longer than 30 seconds.")
    with pytest.raises(Unavailable):
        await door.intake.accept(tiny_video())
    assert (door.files.kept, door.left) == ({}, [])


async def test_an_address_that_cannot_be_read_is_told_at_its_field() -> None:
    door = Door()
    with pytest.raises(InvalidInput, match=r"answered 404") as caught:
        await door.intake.fetch("https://news.example/gone")
    assert (caught.value.field, caught.value.next_step) == ("link", "Check the address, or upload the file.")
    door.downloads.fail = Unavailable("What news.example answered could not be read.")
    with pytest.raises(InvalidInput, match="could not be read"):
        await door.link(tiny_video())
    assert door.left == []


async def test_pictures_are_handed_to_chats_as_before() -> None:
    door = Door()
    webp = (await door.intake.accept(a_picture("WEBP"))).item
    assert (await door.intake.portable(webp.digest)).startswith(b"\x89PNG")


def test_a_locked_or_empty_document_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "paper"
    for data, message in (
        (a_pdf(password="tide"), "This PDF is locked with a password."),
        (a_pdf(0), "This PDF has no pages."),
        (a_pdf()[:200], "This PDF is damaged: its pages can't be read."),
        (b"%PDF-1.4\n" + b"(" * 5000, "This PDF is damaged: its pages can't be read."),
    ):
        path.write_bytes(data)
        with pytest.raises(InvalidInput) as caught:
            pages_of(path)
        assert (caught.value.message, caught.value.field) == (message, "upload")
    path.write_bytes(a_pdf(7))
    assert pages_of(path) == 7
    assert papers.MAX_BYTES == 100_000_000
