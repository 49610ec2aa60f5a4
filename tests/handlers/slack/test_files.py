"""Pictures into Slack and files out of it."""

from __future__ import annotations

import asyncio
import io
from typing import Any, Final

import pytest
import structlog
from PIL import Image

from handlers.slack.render import LIMITS
from handlers.slack.teams import Team
from handlers.views.card import Card, ImageBlock
from handlers.views.sheet import Sheet, TextFile, sheet
from services.domain.errors import InvalidInput
from services.images.intake import PictureIntake
from tests.fakes.slack import AppConfig, Message
from tests.fakes.slack.model import File
from tests.fakes.slack.world import SCOPES
from tests.handlers.slack.driving import SlackDesk, a_desk, newest, said
from tests.handlers.world import a_png


def a_webp() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), (179, 38, 30)).save(out, format="WEBP")
    return out.getvalue()


async def card_with(desk: SlackDesk, *pictures: bytes, alt: str = "A quiet sea") -> Sheet:
    digests = [await desk.world.files.put(p) for p in pictures]
    blocks = tuple(ImageBlock(url=f"/api/media/{d}", alt=alt, width=8, height=6) for d in digests)
    return sheet(Card(card_id="c", state="x", title="With pictures", blocks=blocks), LIMITS)


def channel(desk: SlackDesk) -> str:
    return f"{desk.slack.world.team_id}/{desk.slack.world.channel('desk').id}"


async def put_up(desk: SlackDesk, made: Sheet) -> Any:
    sending = asyncio.create_task(desk.surface.send(channel(desk), made))
    return await desk.later(lambda: sending.result() if sending.done() else None)


def images(message: Message) -> list[dict[str, Any]]:
    return [b for b in message.blocks if b["type"] == "image"]


async def test_a_picture_is_uploaded_waited_for_and_shown() -> None:
    async with a_desk() as desk:
        sent = await put_up(desk, await card_with(desk, a_png()))
        (message,) = desk.slack.messages("desk")
        (image,) = images(message)
        file = desk.slack.world.files[image["slack_file"]["id"]]

        assert sent.whole
        assert (file.content, file.alt, image["alt_text"]) == (a_png(), "A quiet sea", "A quiet sea")
        assert len(desk.slack.world.transcript.named("files.info")) == 2
        assert file.channels == []


async def test_a_picture_goes_to_a_team_once_even_after_a_restart() -> None:
    async with a_desk() as desk:
        made = await card_with(desk, a_png())
        await put_up(desk, made)
        await put_up(desk, made)
        await desk.surface.stop()
        await desk.restart()
        await put_up(desk, made)
        assert len(desk.slack.world.files) == 1
        assert len([m for m in desk.slack.messages("desk") if images(m)]) == 3


async def test_two_cards_at_once_upload_one_picture_once() -> None:
    async with a_desk() as desk:
        made = await card_with(desk, a_png(), a_png(9, 9))
        both = asyncio.gather(*(desk.surface.send(channel(desk), made) for _ in range(2)))
        await desk.later(both.done)
        assert len(desk.slack.world.files) == 2


async def test_ten_pictures_are_on_one_card_and_only_some_of_them_in_memory_at_once() -> None:
    async with a_desk() as desk:
        made = await card_with(desk, *(a_png(8, n) for n in range(1, 11)))
        for _ in range(3):
            desk.slack.slow("files.getUploadURLExternal", 1)
        sending = asyncio.create_task(desk.surface.send(channel(desk), made))
        begun = desk.slack.world.transcript
        with pytest.raises(AssertionError):
            await desk.until(lambda: len(begun.named("files.getUploadURLExternal")) > 3, 0.1)
        assert len(begun.named("files.getUploadURLExternal")) == 3
        sent = await desk.later(lambda: sending.result() if sending.done() else None)
        (message,) = desk.slack.messages("desk")
        assert (sent.whole, len(images(message)), len(desk.slack.world.files)) == (True, 10, 10)


async def test_a_form_slack_does_not_show_is_converted() -> None:
    async with a_desk() as desk:
        await put_up(desk, await card_with(desk, a_webp()))
        ((file),) = desk.slack.world.files.values()
        assert file.content is not None
        assert file.name.endswith(".png")
        assert file.content.startswith(b"\x89PNG")


async def test_a_picture_that_takes_long_is_told_and_the_card_is_redrawn_when_it_is_there() -> None:
    async with a_desk(polls_until_ready=6) as desk:
        made = await card_with(desk, a_png())
        sent = await put_up(desk, made)
        (message,) = desk.slack.messages("desk")
        assert not sent.whole
        assert said(message) == "With pictures\nPicture is being taken in …"
        assert not (await desk.surface.update(sent.place, made)).whole
        await desk.later(lambda: len(desk.slack.world.transcript.named("files.info")) >= 6)
        await desk.later(lambda: not desk.surface.uploads._going)
        assert (await desk.surface.update(sent.place, made)).whole
        assert images(message)


async def test_a_picture_slack_never_gets_ready_is_looked_at_again_and_not_sent_twice() -> None:
    async with a_desk(polls_until_ready=30) as desk:
        made = await card_with(desk, a_png())
        sent = await put_up(desk, made)
        await desk.later(lambda: not desk.surface.uploads._going)
        asked = len(desk.slack.world.transcript.named("files.info"))
        assert not (await desk.surface.update(sent.place, made)).whole
        assert not desk.surface.uploads._going  # nobody tries again for a while
        await desk.world.clock.advance(31)
        assert not (await desk.surface.update(sent.place, made)).whole
        await desk.until(lambda: len(desk.slack.world.transcript.named("files.info")) > asked)
        assert len(desk.slack.world.files) == 1


async def test_a_picture_that_was_deleted_in_slack_is_uploaded_anew() -> None:
    async with a_desk() as desk:
        made = await card_with(desk, a_png())
        sent = await put_up(desk, made)
        desk.slack.world.files.clear()
        again = await desk.surface.update(sent.place, made)
        (message,) = desk.slack.messages("desk")
        assert not again.whole
        assert "being taken in" in said(message)
        await desk.surface.update(sent.place, made)
        await desk.later(lambda: not desk.surface.uploads._going)
        assert (await desk.surface.update(sent.place, made)).whole
        assert images(message)


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal", "files.info"])
async def test_an_upload_that_fails_costs_the_card_only_its_picture(method: str) -> None:
    async with a_desk() as desk:
        desk.slack.inject(method, status=503)
        made = await card_with(desk, a_png())
        sent = await put_up(desk, made)
        (message,) = desk.slack.messages("desk")
        assert "being taken in" in said(message)
        await desk.world.clock.advance(31)
        await desk.surface.update(sent.place, made)
        await desk.later(lambda: not desk.surface.uploads._going)
        assert (await desk.surface.update(sent.place, made)).whole
        assert images(message)


async def test_two_cards_with_a_picture_that_fails_at_first_show_it_by_themselves_in_the_end() -> None:
    async with a_desk() as desk:
        desk.slack.inject("files.getUploadURLExternal", status=503)
        first = await desk.draft("Ships today picture=yes")
        await desk.ana.slash("/desk show 1", "desk")
        second = await desk.later(lambda: newest([m for m in desk.slack.messages("desk") if m is not first], "Approve"))
        assert "being taken in" in said(first)
        assert "being taken in" in said(second)
        await desk.later(lambda: images(first) and images(second), step=0.5)
        assert len(desk.slack.world.files) == 1


async def test_without_the_scope_nobody_tries_for_a_while() -> None:
    with structlog.testing.capture_logs() as logs:
        async with a_desk(app=AppConfig(scopes=SCOPES - {"files:write"})) as desk:
            made = await card_with(desk, a_png())
            sent = await put_up(desk, made)
            assert sent.whole
            await desk.world.clock.advance(60)
            await desk.surface.update(sent.place, made)
            assert len(desk.slack.world.transcript.named("files.getUploadURLExternal")) == 1
    assert len([e for e in logs if "files:write" in str(e)]) == 1


async def test_a_whisper_waits_longer_because_nobody_can_redraw_it() -> None:
    async with a_desk(polls_until_ready=5) as desk:
        await desk.ana.slash("/desk draft Ships today picture=minimal for mastodon", "desk")
        desk.slack.channel("away", "ana", bot=False)
        await desk.later(lambda: desk.slack.messages("desk"))
        await desk.ana.slash("/desk queue", "away")
        await desk.later(lambda: newest(desk.ana.ephemerals, "The queue"))


async def test_a_long_text_comes_as_a_file_below_the_card() -> None:
    async with a_desk() as desk:
        made = Sheet(
            card=Card(card_id="c", state="x", title="Long"),
            limits=LIMITS,
            file=TextFile(name="c.txt", text="All of it"),
        )
        await desk.surface.send(channel(desk), made)
        card, file = desk.slack.messages("desk")
        assert file.thread_ts == card.ts
        assert desk.slack.world.files[file.files[0]["id"]].content == b"All of it"


# Out of Slack

OWN: Final = "own.png"


async def nowhere(piece: bytes) -> None:
    """Nobody wants it."""


async def team(desk: SlackDesk) -> Team:
    return await desk.surface.teams.get(desk.slack.world.team_id)


async def test_a_persons_file_is_fetched_with_the_desks_token() -> None:
    async with a_desk() as desk:
        file = desk.ana.upload(OWN, a_png())
        async with desk.surface.uploads.received(await team(desk), [file]) as (path,):
            assert path.read_bytes() == a_png()
        assert not path.exists()


async def test_a_file_that_slack_does_not_hand_over_is_told() -> None:
    async with a_desk(app=AppConfig(scopes=SCOPES)) as desk:
        known = await team(desk)
        file = desk.ana.upload(OWN, b"<html>sign in</html>")
        huge = desk.ana.upload(OWN, b"x")
        desk.slack.world.files[huge["id"]].length = 500_000_001
        with pytest.raises(InvalidInput, match="has 500 MB; 500 MB is the most"):
            async with desk.surface.uploads.received(known, [huge]):
                pass
        stranger = Team(id=known.id, token="xoxb-nobody", bot_user="", bot_id="")
        with pytest.raises(InvalidInput, match="did not hand over"):
            await desk.surface.wire.get_file(stranger.token, f"{desk.slack.world.base}/files/{file['id']}", nowhere)


async def test_a_file_that_was_deleted_meanwhile_is_told_before_the_others_are_fetched() -> None:
    async with a_desk() as desk:
        files = [desk.ana.upload(f"{n}.png", a_png(8, n)) for n in (1, 2)]
        del desk.slack.world.files[files[1]["id"]]
        with pytest.raises(InvalidInput, match=r"File 2 of 2: This file was deleted\.") as caught:
            async with desk.surface.uploads.received(await team(desk), files):
                pass
        assert caught.value.field == "upload"
        assert desk.slack.world.transcript.named("download") == []


async def test_the_token_is_shown_to_nobody_else() -> None:
    async with a_desk() as desk:
        wire = desk.surface.wire
        for url in (
            "https://evil.test/x",
            "http://files.slack.com/x",
            "https://slack.com.evil.test/x",
            "http://127.0.0.1:1/x",
        ):
            with pytest.raises(InvalidInput, match="does not lie on Slack"):
                await wire.get_file("xoxb-1", url, nowhere)
        assert wire.trusts("https://files.slack.com/files-pri/T1-F1/own.png")


async def test_a_file_of_another_service_is_not_fetched() -> None:
    async with a_desk() as desk:
        known: File = desk.slack.world.files[desk.ana.upload(OWN, a_png())["id"]]
        known.polls_left = 40

        async def fetch() -> None:
            async with desk.surface.uploads.received(await team(desk), [{"id": known.id}]):
                pass

        fetching = asyncio.create_task(fetch())
        await desk.later(fetching.done)
        with pytest.raises(InvalidInput, match="has not looked at the file yet"):
            await fetching


async def test_only_what_is_not_shown_everywhere_is_converted() -> None:
    async with a_desk() as desk:
        intake = PictureIntake(desk.world.store, desk.world.files, desk.world.clock)
        png, webp = await desk.world.files.put(a_png()), await desk.world.files.put(a_webp())
        assert await intake.portable(png) == a_png()
        assert (await intake.portable(webp)).startswith(b"\x89PNG")
        assert (await desk.world.services.media.portable(webp)).startswith(b"\x89PNG")
