"""What is chosen in a chat is what goes out, and nothing goes out before what must be chosen was."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.domain.actor import Role
from tests.choices import CALM, STRICT
from tests.handlers.world import BLUESKY, MASTODON
from tests.scenarios.house import House, a_house
from tests.scenarios.stage import Stage


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Choices that may be made on one network and one that has to be on the other."""
    async with a_house({"mastodon": CALM, "bluesky": STRICT}) as built:
        yield built


async def test_what_is_chosen_in_a_chat_is_what_goes_out(chat: Stage, house: House) -> None:
    ada = await chat.person("ada", Role.ADMIN)
    await ada.type("draft Ships today")
    card = await ada.card("draft 1")
    assert card.buttons[0] == "Options"
    assert "Who can reply: not chosen yet" in card.words
    assert "Approve" not in card.offered
    await ada.press(card, "Options")
    asked = await ada.form()
    assert asked is not None
    assert asked.box("Who can reply").value == ""
    await ada.fill({"Who can see it": "Followers only", "Content warning": "Spoilers", "Who can reply": "Nobody"})
    card = await ada.card("draft 1")
    assert "Who can see it: Followers only · Content warning: Spoilers" in card.words
    assert "Who can reply: Nobody" in card.words
    await ada.press(card, "Options")
    again = await ada.form()
    assert again is not None
    assert (again.box("Content warning").value, again.errors) == ("Spoilers", {})
    await ada.fill({"Content warning": "", "Poll": "Tea\nCoffee"})
    card = await ada.card("draft 1")
    assert "Who can see it: Followers only · Poll: Tea / Coffee" in card.words
    await ada.press(card, "Approve")
    await ada.press(await ada.card("draft 1"), "Publish now")
    await house.later(60)
    sent = {account: dict(post.options) for account, net in house.networks.items() for post in net.posts}
    assert sent == {
        MASTODON: {"visibility": "private", "poll": "Tea\nCoffee"},
        BLUESKY: {"replies": "none"},
    }


async def test_what_new_drafts_begin_with_is_set_in_a_chat(chat: Stage) -> None:
    ada = await chat.person("ada", Role.ADMIN)
    await ada.type("accounts options @driftseas.test")
    asked = await ada.form()
    assert asked is not None
    assert "driftseas.test" in f"{asked.title} {asked.words}"
    assert await ada.fill({"Who can reply": "Everybody"}) is None
    assert any("Drafts begin with Who can reply: Everybody" in told.words for told in await ada.heard())
    await ada.type("draft Ships today for bluesky")
    card = await ada.card("draft 1")
    assert "Who can reply: Everybody" in card.words
    assert "Approve" in card.offered
