"""Windows come as the first answer, or not at all; what was typed is never lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from handlers.discord.doing import AT_ONCE
from handlers.discord.inert import LIMITS
from handlers.views.card import Button, Card
from handlers.views.sheet import sheet
from tests.handlers.discord.driving import DESK, Newsroom, labels, text, title

if TYPE_CHECKING:
    from tests.fakes.discord import FakeDiscord, Message, Person

TEXT = "Mastodon · @driftseas@social.test"
MINE = "mine " * 20


def typed_in(person: Person) -> list[str]:
    """What stands in the boxes of the window in front of somebody."""
    assert person.modal is not None
    boxes = [label["component"] for label in person.modal.components]
    return [box.get("value") or "" for box in boxes if box["type"] == 4]


async def test_a_window_is_always_the_first_answer(room: Newsroom, ada: Person) -> None:
    card = await room.draft(ada)
    for label in ("Edit", "Regenerate", "Image", "Schedule"):
        assert (await ada.click(card, label)).type == 9
        ada.close()
    assert (await ada.select(card, "More…", "Reject")).type == 9
    ada.close()


async def test_a_window_that_takes_too_long_is_offered_by_a_button(room: Newsroom, ada: Person, bo: Person) -> None:
    card = await room.draft(ada)
    async with room.world.store._writing:  # somebody new has to be written down before the form can be made
        pressing = asyncio.ensure_future(bo.click(card, "Edit"))
        await room.until(lambda: room.world.clock.sleepers)
        await room.world.clock.advance(AT_ONCE)
        assert (await pressing).type == 6
    offered = await room.whisper(bo)
    assert labels(offered) == ["Open the form"]
    assert (await bo.click(offered, "Open the form")).type == 9
    assert "Ships today on Mastodon" in typed_in(bo)


async def test_a_list_that_helps_comes_after_the_window(room: Newsroom, ada: Person) -> None:
    card = await room.draft(ada, networks="mastodon")
    await ada.click(card, "Edit")
    await ada.submit(values={TEXT: "Second version"})
    await room.until(lambda: "Second version" in text(card))
    assert (await ada.select(card, "More…", "Earlier versions")).type == 9
    assert title(await room.whisper(ada)).startswith("Versions of draft 1")


async def test_without_a_brief_a_form_asks_for_it(room: Newsroom, ada: Person) -> None:
    answer = await ada.slash("desk draft", DESK)
    assert answer.type == 4
    asked = await room.whisper(ada)
    first, second = labels(asked)
    assert first.startswith("What is the post about?")
    assert second == "Picture"
    await ada.click(asked, second)
    await ada.submit(values={"Picture": ["Without a picture"]})
    again = await room.until(lambda: next((m for m in ada.ephemerals if "**What is the post about?" in text(m)), None))
    await ada.click(again, labels(again)[0])
    await ada.submit(values={"What is the post about?": "Ships on Sunday"})
    card = await room.until(lambda: next(iter(room.in_channel()), None))
    await room.until(lambda: "Ships on Sunday" in text(card))
    await room.settle()
    assert (await room.world.services.board.drafts())[0].draft.brief.picture == "no"
    assert ada.ephemerals == []


async def test_a_message_becomes_a_brief(room: Newsroom, ada: Person, bo: Person) -> None:
    said = await bo.say(DESK, "We open on **Sunday** at 10")
    await ada.context_menu("Draft from message", said)
    asked = await room.whisper(ada)
    assert title(asked) == "Write a draft"
    await ada.click(asked, labels(asked)[0])
    assert typed_in(ada)[0] == "We open on **Sunday** at 10"


async def test_an_error_comes_back_with_what_was_typed_and_opens_again(room: Newsroom, ada: Person) -> None:
    card = await room.draft(ada)
    await ada.click(card, "Schedule")
    await ada.submit(values={"When?": "on the 31st of February"})
    asked = await room.whisper(ada)
    assert title(asked) == "Schedule"
    assert "**When?: " in text(asked)
    assert "When?, as you typed it:\non the 31st of February" in text(asked)
    await ada.click(asked, "Open the form")
    assert typed_in(ada) == ["on the 31st of February"]
    await ada.submit(values={"When?": "tomorrow 9am"})
    await room.until(lambda: title(ada.ephemerals[-1]).startswith("“tomorrow 9am” is"))
    assert len(ada.ephemerals) == 1, "the question gave way to the answer"


async def test_what_was_typed_is_each_persons_own_and_ends(room: Newsroom, ada: Person) -> None:
    card = await room.draft(ada)
    await ada.click(card, "Schedule")
    await ada.submit(values={"When?": "never"})
    asked = await room.whisper(ada)
    await room.world.clock.advance(timedelta(minutes=14, seconds=59).total_seconds())
    await room.world.clock.advance(2)
    await ada.click(asked, "Open the form")
    assert typed_in(ada) == [""]
    assert "as you typed it:\nnever" in text(asked)


async def test_the_slower_of_two_gets_their_words_back(room: Newsroom, ada: Person, fake: FakeDiscord) -> None:
    eve = fake.join("Eve", "manager")
    card = await room.draft(ada, networks="mastodon")
    await ada.click(card, "Edit")
    await eve.click(card, "Edit")
    await eve.submit(values={TEXT: "Hers"})
    await room.until(lambda: "Hers" in text(card))
    await ada.submit(values={TEXT: MINE})
    asked = await room.whisper(ada)
    assert title(asked) == "Eve changed draft 1 too"
    assert f"{TEXT}, as Eve left it:\nHers" in text(asked)
    assert f"as you typed it:\n{MINE.strip()}" in text(asked)
    await ada.click(asked, "Open the form")
    assert typed_in(ada)[0].strip() == MINE.strip()
    await ada.submit()
    await room.until(lambda: MINE.strip() in text(card))


async def test_a_window_from_before_a_restart_is_still_taken(room: Newsroom, ada: Person) -> None:
    card = await room.draft(ada, networks="mastodon")
    await ada.click(card, "Edit")
    await room.restart()
    await ada.submit(values={TEXT: "After the restart"})
    await room.until(lambda: "After the restart" in text(card))


async def test_a_command_that_was_not_understood_opens_as_a_form_with_its_words(room: Newsroom, ada: Person) -> None:
    brief = "We open on Sunday, and everybody is invited to the quay"
    await ada.slash("desk draft", DESK, brief=brief, networks="nosuchnetwork")
    asked: Message = await room.until(lambda: next((m for m in ada.ephemerals if labels(m)), None))
    assert "nosuchnetwork" in text(asked)
    await ada.click(asked, labels(asked)[0])
    assert typed_in(ada)[0] == brief


async def test_a_form_that_nobody_knows_any_more_gives_the_words_back(room: Newsroom, ada: Person) -> None:
    lost = "ask:0:#00000000000000000000000000000000"
    card = Card(card_id="c", state="s", title="Old", buttons=(Button(id=lost, label="Open the form"),))
    await room.surface.send(room.place(DESK), sheet(card, LIMITS))
    await ada.click(room.in_channel()[0], "Open the form")
    assert title(await room.whisper(ada)) == "This form is not known any more."


async def test_a_window_that_nobody_knows_any_more_gives_the_words_back(room: Newsroom, ada: Person) -> None:
    card = await room.draft(ada, networks="mastodon")
    await ada.click(card, "Edit")
    assert ada.modal is not None
    ada.modal.custom_id = "form:0:#00000000000000000000000000000000"
    await ada.submit(values={TEXT: MINE})
    told = await room.whisper(ada)
    assert title(told) == "This form is not known any more."
    assert MINE.strip() in text(told)
