"""From a brief to a planned post without leaving Discord."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from handlers.chat.arrivals import MOMENT
from services.domain.account import VideoLimits
from tests.fakes.discord import Refused
from tests.handlers.discord.driving import DESK, Newsroom, labels, nodes, text, title
from tests.handlers.world import MASTODON, a_png, takes
from tests.media_samples import tiny_video

if TYPE_CHECKING:
    from tests.fakes.discord import FakeDiscord, Person

TEXT = "Mastodon · @driftseas@social.test"


async def test_a_draft_is_written_edited_and_approved(room: Newsroom, ada: Person) -> None:
    card = await room.draft(ada, "Ships today", networks="mastodon")
    assert title(card) == "Draft 1 · Ships today"
    assert "**Waits for approval**" in text(card)
    assert "**Mastodon** · @driftseas@social.test · 23/500" in text(card)
    assert (await ada.click(card, "Edit")).type == 9
    assert (await ada.submit(values={TEXT: "Ships on Sunday"})).type == 6
    await room.until(lambda: "Ships on Sunday" in text(card))
    await ada.click(card, "Approve")
    await room.until(lambda: "**Approved**" in text(card))
    assert "Approve" not in labels(card)
    assert text(card).rsplit("\n", 1)[-1].startswith("-# Ada approved · <t:")
    assert ada.ephemerals == []


async def test_a_chosen_slot_plans_and_words_are_read_back(room: Newsroom, ada: Person) -> None:
    card = await room.draft(ada)
    await ada.click(card, "Schedule")
    assert ada.modal is not None
    await ada.submit(values={"When?": "tomorrow 9am"})
    asked = await room.whisper(ada)
    assert title(asked).startswith("“tomorrow 9am” is")
    (button,) = labels(asked)
    await ada.click(asked, button)
    await room.until(lambda: "Planned: <t:" in text(card))
    await ada.click(card, "Schedule")
    assert ada.modal is not None
    slot = next(n for n in ada.modal.components if n["label"] == "Or one of these")["component"]["options"][1]
    await ada.submit(values={"Or one of these": [slot["label"]]})
    await room.settle()
    snapshot = (await room.world.services.board.drafts())[0]
    assert snapshot.draft.planned_at == datetime.fromisoformat(slot["value"])


async def test_what_is_out_of_sight_is_chosen_from_the_list(room: Newsroom, ada: Person) -> None:
    card = await room.draft(ada)
    await ada.select(card, "More…", "Duplicate")
    await room.until(lambda: len(room.in_channel()) == 2)
    assert title(room.in_channel()[1]).startswith("Draft 2")


async def test_what_can_not_be_taken_back_is_asked_about_and_the_question_goes_away(
    room: Newsroom, ada: Person
) -> None:
    card = await room.draft(ada)
    await ada.click(card, "Approve")
    await room.until(lambda: "Publish now" in labels(card))
    await ada.click(card, "Publish now")
    asked = await room.whisper(ada)
    assert title(asked) == "Publish now?"
    assert "**Approved**" in text(card)
    await ada.click(asked, "Publish now")
    await room.until(lambda: "**Scheduled**" in text(card))
    await room.settle()
    assert [title(m) for m in ada.ephemerals] != ["Publish now?"]


async def test_a_rejected_draft_says_why(room: Newsroom, ada: Person) -> None:
    card = await room.draft(ada)
    await ada.select(card, "More…", "Reject")
    await ada.submit(values={"Why?": "Too salesy @everyone"})
    await room.until(lambda: "**Rejected**" in text(card))
    assert "“Too salesy \\@everyone”" in text(card)


async def test_a_picture_is_uploaded_and_stays_on_the_card_when_it_is_redrawn(room: Newsroom, ada: Person) -> None:
    card = await room.draft(ada)
    await ada.click(card, "Image")
    picture = a_png(40, 30)
    await ada.submit(
        values={
            "Or files of your own": [("mine.png", picture)],
            "Description of the picture": "A red sea",
        }
    )
    await room.until(lambda: card.attachments)
    (shown,) = [i for n in nodes(card) if n["type"] == 12 for i in n["items"]]
    assert shown["description"] == "A red sea"
    (kept,) = card.attachments
    await ada.click(card, "Approve")
    await room.until(lambda: "**Approved**" in text(card))
    assert len(card.attachments) == 1
    assert card.attachments[0].content == kept.content
    assert [n["type"] for n in nodes(card)].count(12) == 1


async def test_a_video_is_uploaded_and_shown_by_its_poster(room: Newsroom, ada: Person) -> None:
    await takes(room.world, MASTODON, video=VideoLimits(size=100_000))
    card = await room.draft(ada)
    await ada.click(card, "Image")
    await ada.submit(
        values={
            "Or files of your own": [("mine.mp4", tiny_video())],
            "Description of the picture": "Waves",
        }
    )
    await room.until(lambda: card.attachments)
    (shown,) = [i for n in nodes(card) if n["type"] == 12 for i in n["items"]]
    assert shown["description"] == "Video for Mastodon: Waves"
    assert "0:01 · 64 × 64" in text(card)
    assert card.attachments[0].content.startswith(b"\xff\xd8\xff")
    await room.until(lambda: not list(room.world.files.workplace().iterdir()))


async def test_a_picture_that_can_not_be_read_is_asked_for_again_with_what_was_typed(
    room: Newsroom, ada: Person, fake: FakeDiscord
) -> None:
    card = await room.draft(ada)
    await ada.click(card, "Image")
    await ada.submit(
        values={
            "Or files of your own": [("a.txt", b"no picture")],
            "Description of the picture": "A red sea",
        }
    )
    asked = await room.whisper(ada)
    assert "A red sea" in text(asked)
    await ada.click(asked, "Open the form")
    assert ada.modal is not None
    assert [n["component"].get("value") for n in ada.modal.components][-1] == "A red sea"


async def test_who_may_not_is_told_alone_and_nothing_changes(room: Newsroom, ada: Person, bo: Person) -> None:
    card = await room.draft(ada)
    await bo.click(card, "Approve")
    refused = await room.whisper(bo)
    assert refused.ephemeral
    assert "**Waits for approval**" in text(card)
    assert "approve" in text(refused).casefold()
    assert ada.ephemerals == []


async def test_the_queue_is_a_whisper_and_its_button_opens_a_card(room: Newsroom, ada: Person) -> None:
    await room.draft(ada)
    await ada.slash("desk queue", DESK)
    listed = await room.whisper(ada)
    assert title(listed) == "The queue"
    await ada.click(listed, "Open 1")
    await room.until(lambda: len(room.in_channel()) == 2)


async def test_options_are_completed_while_they_are_typed(room: Newsroom, ada: Person) -> None:
    await room.draft(ada)
    networks = await ada.autocomplete("desk draft", "networks", "mastodon, bl", DESK)
    assert networks[0] == {"name": "mastodon, Bluesky", "value": "mastodon, bluesky"}
    found = await ada.autocomplete("desk show", "draft", "ships", DESK)
    assert [c["value"] for c in found] == ["1"]
    assert found[0]["name"].startswith("1 · Ships today")


async def test_a_long_text_is_shown_in_full_to_who_asks(room: Newsroom, ada: Person) -> None:
    await ada.slash("desk draft", DESK, brief="word " * 1100, networks="mastodon", picture="Without a picture")
    await room.until(lambda: room.in_channel() and "more characters" in text(room.in_channel()[0]))
    card = room.in_channel()[0]
    assert "more characters: “Full text” has all of it" in text(card)
    where = "Full text" if "Full text" in [n.get("label") for n in nodes(card) if n["type"] == 2] else "More…"
    await (ada.click(card, where) if where == "Full text" else ada.select(card, where, "Full text"))
    await room.until(lambda: sum(text(m).count("word") for m in ada.ephemerals) >= 1100)


async def test_the_same_thing_told_twice_is_done_once(room: Newsroom, ada: Person, fake: FakeDiscord) -> None:
    card = await room.draft(ada)
    answer = await ada.select(card, "More…", "Duplicate")
    await room.until(lambda: len(room.in_channel()) == 2)
    assert not await room.chat.first("discord", f"interaction-{answer.interaction.id}")


async def test_an_old_command_is_answered_all_the_same(room: Newsroom, ada: Person, fake: FakeDiscord) -> None:
    desk = next(c for c in fake.world.commands if c["name"] == "desk")
    desk["options"].append({"type": 1, "name": "gone", "description": "Gone", "options": []})
    answer = await ada.slash("desk gone", DESK)
    assert answer.message is not None
    assert answer.message.content == "Discord still offered an old command. Type /desk again."


async def test_commands_are_not_offered_in_conversations(room: Newsroom, ada: Person) -> None:
    with pytest.raises(Refused, match="not offered"):
        await ada.slash("desk help")


async def test_work_lets_other_acknowledgements_go_first_for_a_moment(room: Newsroom, ada: Person, bo: Person) -> None:
    clock, transcript = room.world.clock, room.fake.world.transcript
    room.fake.slow("POST /interactions/*/*/callback", MOMENT)
    held = asyncio.create_task(ada.slash("desk queue", DESK))
    await room.until(lambda: clock.sleepers)
    began = clock.now()
    await bo.slash("desk queue", DESK)
    for _ in range(3):
        await bo.autocomplete("desk show", "draft", "1", DESK)
    await clock.advance(MOMENT)
    await held
    await room.settle()
    answers = [e.at for e in transcript.entries if e.what.startswith("PATCH /webhooks/")]
    assert answers == [began + timedelta(seconds=MOMENT)] * 2
