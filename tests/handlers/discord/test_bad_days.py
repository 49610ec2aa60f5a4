"""Deleted messages, missing rights, a Discord in trouble: the desk says what follows, and nothing is lost."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest
from PIL import Image

from handlers.discord.errors import speaking, told
from handlers.discord.inert import LIMITS
from handlers.discord.places import Place, place_of
from handlers.discord.turn import ANSWERED_WITHIN
from handlers.views.card import Card, ImageBlock, Text
from handlers.views.sheet import sheet, sheets
from services.domain.errors import (
    DeskError,
    InvalidInput,
    NeedsOperator,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from services.domain.ids import Digest
from services.domain.media import MediaItem
from tests.builders import NOW
from tests.fakes.clock import FakeClock
from tests.fakes.discord import AckTimeout
from tests.handlers.discord.driving import DESK, Newsroom, nodes, text, title
from tests.handlers.world import a_png

if TYPE_CHECKING:
    from services.ports.storage import Transaction
    from tests.fakes.discord import FakeDiscord, Message, Person

A_SHEET = sheet(Card(card_id="c", state="s", title="Hello", blocks=(Text(text="There"),)), LIMITS)


class Answered:
    """What the library keeps of a refused call."""

    def __init__(self, status: int, **headers: str) -> None:
        self.status = status
        self.reason = "no"
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def refused(status: int, code: int = 0, **headers: str) -> discord.HTTPException:
    kind = {403: discord.Forbidden, 404: discord.NotFound}.get(status, discord.HTTPException)
    answer: Any = Answered(status, **headers)
    return kind(answer, {"code": code, "message": "no"})


@pytest.mark.parametrize(
    ("error", "means", "posting"),
    [
        (refused(404, 10003), NotFound, NotFound),
        (refused(404, 10008), NotFound, NotFound),
        (refused(403, 50001), NotFound, NotFound),
        (refused(403, 50013), NeedsOperator, NeedsOperator),
        (refused(403, 50007), Refused, Refused),
        (refused(401), NeedsOperator, NeedsOperator),
        (refused(429, 0, Retry_After="7"), RateLimited, RateLimited),
        (refused(413, 40005), InvalidInput, InvalidInput),
        (refused(400, 50035), Refused, Refused),
        (refused(503), Unavailable, OutcomeUnknown),
        (discord.RateLimited(31.0), RateLimited, RateLimited),
        (TimeoutError(), Unavailable, OutcomeUnknown),
        (aiohttp.ServerDisconnectedError(), Unavailable, OutcomeUnknown),
        (ConnectionResetError(), Unavailable, OutcomeUnknown),
    ],
)
def test_each_refusal_means_one_thing(error: Exception, means: type[DeskError], posting: type[DeskError]) -> None:
    clock = FakeClock()
    for is_posting, wanted in ((False, means), (True, posting)):
        found = told(error, clock, posting=is_posting)
        assert type(found) is wanted
        assert found.message
        assert "token=" not in found.message


def test_waits_are_those_discord_gave() -> None:
    clock = FakeClock()
    for error, seconds in (
        (refused(429, 0, Retry_After="7.5"), 7.5),
        (refused(429), 60),
        (discord.RateLimited(31.0), 31),
    ):
        found = told(error, clock)
        assert isinstance(found, RateLimited)
        assert found.until == clock.now() + timedelta(seconds=seconds)


def test_a_missing_right_is_named() -> None:
    found = told(refused(403, 50013), FakeClock())
    assert "“Send Messages”" in found.next_step
    assert "“View Channel”" in told(refused(403, 50001), FakeClock()).next_step


def test_what_is_not_discords_goes_through() -> None:
    with pytest.raises(LookupError), speaking(FakeClock()):
        raise LookupError
    with pytest.raises(Unavailable), speaking(FakeClock()):
        raise TimeoutError


@pytest.mark.parametrize("word", ["1", "1/x", "1/2/3/4/5", "", "1/2/", "1/²"])
def test_a_place_that_is_none_is_not_found(word: str) -> None:
    with pytest.raises(NotFound):
        place_of(word)


def test_places_come_back_as_they_were() -> None:
    for word in ("1/2", "1/2/3", "1/2/3/4", "@me/2/3"):
        assert place_of(word).word == word
    assert place_of("1/2/3/4") == Place(guild="1", channel="2", thread="3", message="4")
    assert place_of("1/2/3").link == "https://discord.com/channels/1/2/3"
    assert place_of("1/2/3/4").link == "https://discord.com/channels/1/3/4"


async def test_a_deleted_message_is_forgotten(room: Newsroom, ada: Person, fake: FakeDiscord) -> None:
    card = await room.draft(ada)
    again = await room.draft(ada, "Another")
    fake.delete_message(card)
    await room.copies.catch_up()
    await room.world.press(labels_to_ids(card)["Approve"])
    await room.settle()
    assert await room.copies.of("draft-1") == []
    assert len(await room.copies.of("draft-2")) == 1
    assert "**Waits for approval**" in text(again)


def labels_to_ids(card: Any) -> dict[str, str]:
    return {n["label"]: n["custom_id"] for n in nodes(card) if n["type"] == 2}


async def test_a_deleted_channel_is_said_to_whoever_writes_there(
    room: Newsroom, ada: Person, fake: FakeDiscord
) -> None:
    card = await room.draft(ada)
    fake.delete_channel(DESK)
    with pytest.raises(NotFound, match="channel is gone"):
        await room.surface.send(f"{fake.world.guild.id}/{card.channel}", A_SHEET)
    with pytest.raises(NotFound):
        await room.surface.update(f"{fake.world.guild.id}/{card.channel}/{card.id}", A_SHEET)


async def test_a_channel_the_bot_can_not_see_still_gets_an_answer(
    room: Newsroom, ada: Person, fake: FakeDiscord
) -> None:
    fake.channel("secret", bot=False)
    await ada.slash("desk draft", "secret", brief="Ships", picture="Without a picture")
    await room.until(lambda: len(ada.ephemerals) == 2)
    problem, card = ada.ephemerals
    assert title(problem) == "The bot can't see this channel in Discord."
    assert "“View Channel”" in text(problem)
    assert title(card) == "Draft 1 · Ships"
    await room.settle()


async def test_a_channel_where_the_bot_may_not_write_names_the_permission(
    room: Newsroom, ada: Person, fake: FakeDiscord
) -> None:
    fake.channel("quiet", deny=["send_messages"])
    await ada.slash("desk draft", "quiet", brief="Ships", picture="Without a picture")
    await room.until(lambda: len(ada.ephemerals) == 2)
    assert "“Send Messages”" in text(ada.ephemerals[0])
    await room.settle()


async def test_a_redraw_that_discord_did_not_take_is_tried_again(
    room: Newsroom, ada: Person, fake: FakeDiscord
) -> None:
    card = await room.draft(ada)
    fake.inject("PATCH /channels/*/messages/*", status=503, times=2)
    await ada.click(card, "Approve")
    for seconds in (1, 2):
        await room.until(lambda: room.world.clock.sleepers)
        await room.world.clock.advance(seconds)
    await room.until(lambda: "**Approved**" in text(card))


async def test_a_pace_limit_is_waited_out(room: Newsroom, ada: Person, fake: FakeDiscord) -> None:
    card = await room.draft(ada)
    fake.inject("PATCH /channels/*/messages/*", status=429, retry_after=0.01)
    await ada.click(card, "Approve")
    await room.until(lambda: "**Approved**" in text(card))


async def test_a_long_pace_limit_is_the_desks_business(room: Newsroom, ada: Person, fake: FakeDiscord) -> None:
    card = await room.draft(ada)
    fake.inject("PATCH /channels/*/messages/*", status=429, retry_after=90)
    await ada.click(card, "Approve")
    await room.until(lambda: room.world.clock.sleepers)
    assert "**Waits for approval**" in text(card)
    await room.world.clock.advance(90)
    await room.until(lambda: "**Approved**" in text(card))


async def test_a_post_whose_answer_was_lost_is_not_made_twice(room: Newsroom, fake: FakeDiscord) -> None:
    fake.inject("POST /channels/*/messages", status=503, after=True)
    with pytest.raises(OutcomeUnknown):
        await room.surface.send(room.place(DESK), A_SHEET)
    assert [title(m) for m in room.in_channel()] == ["Hello"]


async def test_a_card_older_than_its_interaction_is_redrawn_with_the_bots_own_token(
    room: Newsroom, ada: Person, fake: FakeDiscord
) -> None:
    card = await room.draft(ada)
    room.world.clock.set(room.world.clock.now() + timedelta(hours=3))
    await ada.click(card, "Approve")
    await room.until(lambda: "**Approved**" in text(card))
    edits = [e.what for e in fake.world.transcript.entries if e.what.startswith("PATCH ")]
    assert edits
    assert all(e.startswith("PATCH /channels/") for e in edits)


async def test_an_answer_that_comes_too_late_is_a_direct_message(
    room: Newsroom, ada: Person, fake: FakeDiscord
) -> None:
    async with room.world.store._writing:  # the desk is busy for a quarter of an hour
        await ada.slash("desk help", DESK)
        room.world.clock.set(room.world.clock.now() + ANSWERED_WITHIN)
    await room.until(lambda: ada.inbox)
    assert title(ada.inbox[0]) == "What you can type"
    fake.excuse("left thinking")


async def test_the_first_answer_that_came_too_late_is_only_logged(
    room: Newsroom, ada: Person, fake: FakeDiscord
) -> None:
    card = await room.draft(ada)
    fake.inject("POST /interactions/*/*/callback", status=404, code=10062)
    fake.patience = 0.2
    with pytest.raises(AckTimeout):
        await ada.click(card, "Approve")
    await room.until(lambda: "**Approved**" in text(card))
    fake.excuse("was not answered within")


async def test_whom_the_bot_can_not_write_to_is_refused(room: Newsroom, ada: Person, fake: FakeDiscord) -> None:
    ada.refuse_dms()
    with pytest.raises(Refused, match="takes no messages"):
        await room.surface.tell(fake.world.guild.id, ada.id, A_SHEET)
    ada.refuse_dms(refused=False)
    sent = await room.surface.tell(fake.world.guild.id, ada.id, A_SHEET)
    assert sent.place.startswith("@me/")
    assert await room.surface.permalink(sent.place) == f"https://discord.com/channels/{sent.place}"
    again = await room.surface.send(room.surface.channel_of(sent.place), A_SHEET, thread=sent.place)
    assert [title(m) for m in ada.inbox] == ["Hello", "Hello"]
    assert again.whole


async def test_a_thread_is_opened_once_and_used_again(room: Newsroom, fake: FakeDiscord) -> None:
    up = await room.surface.send(room.place(DESK), A_SHEET)
    (card,) = room.in_channel()
    inside = await room.surface.send(room.place(DESK), A_SHEET, thread=up.place)
    await room.surface.send(room.place(DESK), A_SHEET, thread=up.place)
    await room.surface.send(room.place(DESK), A_SHEET, thread=inside.place)
    assert len(fake.thread(card)) == 3
    assert room.surface.channel_of(inside.place) == room.place(DESK)
    assert fake.world.channel(card.thread or "").name == "Hello"
    await room.surface.update(inside.place, sheet(Card(card_id="c", state="s", title="Changed"), LIMITS))
    assert title(fake.thread(card)[0]) == "Changed"


async def test_a_thread_that_was_put_away_is_taken_out_for_a_redraw(room: Newsroom, fake: FakeDiscord) -> None:
    up = await room.surface.send(room.place(DESK), A_SHEET)
    inside = await room.surface.send(room.place(DESK), A_SHEET, thread=up.place)
    (card,) = room.in_channel()
    thread = fake.world.channel(card.thread or "")
    thread.archived = True
    fake.inject("PATCH /channels/*/messages/*", status=400, code=50083)
    await room.surface.update(inside.place, sheet(Card(card_id="c", state="s", title="Changed"), LIMITS))
    assert title(fake.thread(card)[0]) == "Changed"
    assert not thread.archived


async def test_a_thread_of_a_message_that_is_gone_is_not_found(room: Newsroom, fake: FakeDiscord) -> None:
    up = await room.surface.send(room.place(DESK), A_SHEET)
    fake.delete_message(room.in_channel()[0])
    with pytest.raises(NotFound, match="message is gone"):
        await room.surface.send(room.place(DESK), A_SHEET, thread=up.place)


async def test_somebody_else_may_have_opened_the_thread_first(room: Newsroom, fake: FakeDiscord) -> None:
    up = await room.surface.send(room.place(DESK), A_SHEET)
    (card,) = room.in_channel()
    fake.inject("POST /channels/*/messages", status=404, code=10003)
    fake.inject("POST /channels/*/messages/*/threads", status=400, code=160004, after=True)
    await room.surface.send(room.place(DESK), A_SHEET, thread=up.place)
    assert len(fake.thread(card)) == 1


async def test_a_long_text_is_whispered_as_a_file(room: Newsroom, fake: FakeDiscord) -> None:
    card = Card(card_id="text-1", state="text", title="All of it", blocks=(Text(text="word " * 4000),))
    (page,) = sheets(card, LIMITS)
    await room.surface.send(room.place(DESK), page)
    (file,) = room.in_channel()[0].attachments
    assert file.filename == "text-1.txt"
    assert file.content.decode().count("word") == 4000


async def test_the_one_of_several_files_that_is_lost_is_named_and_the_words_stay(
    room: Newsroom, ada: Person, fake: FakeDiscord
) -> None:
    card = await room.draft(ada)
    await ada.click(card, "Image")
    fake.inject("GET /ephemeral-attachments/*/*/*")
    fake.inject("GET /ephemeral-attachments/*/*/*", status=503)
    files = [(f"{n}.png", a_png(8, n)) for n in (1, 2, 3)]
    words = {"Description of the picture": "One\nTwo\nThree"}
    await ada.submit(values={"Or files of your own": files, **words})
    asked = await room.whisper(ada)
    assert "File 2 of 3: Discord did not hand over the file. Give it again." in text(asked)
    assert "One\nTwo\nThree" in text(asked)
    assert not list(room.world.files.workplace().iterdir())
    await ada.click(asked, "Open the form")
    await ada.submit(values={"Or files of your own": files})
    await room.until(lambda: len(card.attachments) == 3)
    shown = [i["description"] for n in nodes(card) if n["type"] == 12 for i in n["items"]]
    assert shown == [f"Picture {n} of 3: {word}" for n, word in enumerate(("One", "Two", "Three"), start=1)]


async def test_files_that_take_longer_than_an_answer_may_are_on_the_card_all_the_same(
    room: Newsroom, ada: Person, fake: FakeDiscord
) -> None:
    card = await room.draft(ada)
    await ada.click(card, "Image")
    for _ in range(2):
        fake.slow("GET /ephemeral-attachments/*/*/*", 480)
    answer = await ada.submit(values={"Or files of your own": [(f"{n}.png", a_png(8, n)) for n in (1, 2)]})
    assert answer.seconds < 3
    for _ in range(2):
        await room.until(lambda: room.world.clock.sleepers)
        await room.world.clock.advance(480)
    await room.until(lambda: len(card.attachments) == 2)
    await room.settle()


def a_heavy_picture(width: int, height: int, first: int = 0) -> bytes:
    """Noise, which nothing makes smaller, with another first dot for another picture."""
    out = io.BytesIO()
    noise = bytes([first]) + os.urandom(width * height * 3 - 1)
    Image.frombytes("RGB", (width, height), noise).save(out, "PNG", compress_level=0)
    return out.getvalue()


async def on_a_card(room: Newsroom, *pictures: bytes) -> Message:
    """The message that shows them."""
    blocks = []
    for number, data in enumerate(pictures):
        digest = await room.world.files.put(data)
        item = MediaItem(digest=digest, mime="image/png", width=1, height=1, size=len(data))
        await room.world.store.write(partial(_kept, item))
        blocks.append(ImageBlock(url=f"/api/media/{digest}", alt="x", width=1, height=1, label=f"Picture {number}"))
    card = Card(card_id="c", state="s", title="T", blocks=tuple(blocks))
    await room.surface.send(room.place(DESK), sheet(card, LIMITS))
    return room.in_channel()[-1]


def _kept(item: MediaItem, tx: Transaction) -> None:
    tx.media.put(item, at=NOW)


async def test_pictures_too_heavy_for_one_message_are_shown_smaller(room: Newsroom) -> None:
    message = await on_a_card(room, *(a_heavy_picture(1000, 1000, n) for n in range(10)))
    assert len(message.attachments) == 10
    assert {a.filename.rpartition(".")[2] for a in message.attachments} == {"jpg"}
    assert {Image.open(io.BytesIO(a.content)).size for a in message.attachments} == {(1000, 1000)}


async def test_a_lone_picture_is_shown_as_it_is_as_long_as_discord_takes_it(room: Newsroom) -> None:
    (as_it_is,) = (await on_a_card(room, a_png())).attachments
    (smaller,) = (await on_a_card(room, a_heavy_picture(2000, 1800))).attachments
    assert as_it_is.content == a_png()
    assert Image.open(io.BytesIO(smaller.content)).size == (1600, 1440)


async def test_pictures_that_can_not_be_shown_are_told(room: Newsroom, fake: FakeDiscord) -> None:
    gone = ImageBlock(url=f"/api/media/{'a' * 64}", alt="x", width=1, height=1)
    big = await room.world.files.put(bytes(10 * 1024 * 1024 + 1))
    item = MediaItem(digest=Digest(big), mime="image/png", width=1, height=1, size=10 * 1024 * 1024 + 1)
    await room.world.store.write(lambda tx: tx.media.put(item, at=NOW))
    large = ImageBlock(url=f"/api/media/{big}", alt="x", width=1, height=1, label="Chart")
    await room.surface.send(
        room.place(DESK), sheet(Card(card_id="c", state="s", title="T", blocks=(gone, large)), LIMITS)
    )
    (message,) = room.in_channel()
    assert message.attachments == []
    assert text(message).split("\n")[1:] == [
        "-# Picture: can't be shown in this message",
        "-# Chart: can't be shown in this message",
    ]
