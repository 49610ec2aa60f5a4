"""One desk in three places: whatever is decided in one of them is so, and is seen so, in the others at once."""

from __future__ import annotations

import re

import pytest

from services.domain.actor import Role
from tests.fakes.platform import Act
from tests.handlers.world import MASTODON
from tests.scenarios.house import House
from tests.scenarios.stage import Person, Seen, Stage
from tests.scenarios.test_decisions import changed, written

Everywhere = dict[str, Stage]
_CODE = re.compile(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b")


async def cast(everywhere: Everywhere) -> dict[str, Person]:
    """An admin on each surface."""
    return {kind: await stage.person(f"ada{kind[0]}", Role.ADMIN) for kind, stage in everywhere.items()}


async def up_in_both(people: dict[str, Person]) -> None:
    """A draft from Slack whose card is up in Discord too."""
    await written(people["slack"])
    await people["discord"].type("show 1")


async def seen_by(people: dict[str, Person]) -> list[Seen]:
    """The draft's card on each surface."""
    return [await person.card("draft 1") for person in people.values()]


async def test_begun_in_slack_approved_in_discord_published_and_seen_by_all(
    everywhere: Everywhere, house: House
) -> None:
    people = await cast(everywhere)
    await up_in_both(people)
    await people["discord"].press(await people["discord"].card("draft 1"), "Approve")
    cards = await seen_by(people)
    assert [card.state for card in cards] == ["Approved"] * 3
    assert all(f"{people['discord'].name} approved" in card.words for card in cards)
    assert all("Approve" not in card.offered for card in cards)
    await people["slack"].press(cards[0], "Publish now")
    await house.later(20)
    cards = await seen_by(people)
    assert [card.state for card in cards] == ["Published"] * 3
    assert {card.links for card in cards} == {("https://social.test/p1",)}
    assert [card.offered for card in cards] == [{"Duplicate", "Adapt"}] * 3
    assert house.networks[MASTODON].texts == ["Ships today on Mastodon"]


@pytest.mark.parametrize("where", ["slack", "discord", "web"])
async def test_an_edit_anywhere_is_every_cards_text_after_one_settle(everywhere: Everywhere, where: str) -> None:
    people = await cast(everywhere)
    await up_in_both(people)
    await changed(people[where], await people[where].card("draft 1"), f"Edited in {where}")
    cards = await seen_by(people)
    assert {card.texts for card in cards} == {(f"Edited in {where}",)}
    assert len({card.state for card in cards}) == 1
    assert len({frozenset(card.offered) for card in cards}) == 1
    assert len({tuple(card.counts) for card in cards}) == 1


async def test_a_button_that_no_longer_applies_acts_nowhere(everywhere: Everywhere) -> None:
    people = await cast(everywhere)
    await up_in_both(people)
    old = await people["discord"].card("draft 1")
    await people["slack"].press(await people["slack"].card("draft 1"), "Reject")
    assert await people["slack"].fill({"Why?": "Too salesy"}) is None
    assert all("Approve" not in card.offered for card in await seen_by(people))
    await people["discord"].press(old, "Approve")
    assert [card.state for card in await seen_by(people)] == ["Rejected"] * 3
    assert await people["discord"].heard()


@pytest.mark.parametrize(("asks", "gives"), [("slack", "discord"), ("discord", "slack")])
async def test_two_accounts_become_one_person_by_a_code(everywhere: Everywhere, asks: str, gives: str) -> None:
    people = await cast(everywhere)
    bo = await everywhere[asks].person("bo", Role.APPROVER)
    twin = await everywhere[gives].person("bobby", Role.AUTHOR)
    await up_in_both(people)
    await bo.type("settings link")
    (told,) = await bo.heard()
    (code,) = set(_CODE.findall(told.words))
    await twin.type(f"settings link {code}")
    (told,) = await twin.heard()
    assert bo.name in told.words
    await twin.press(await twin.card("draft 1"), "Approve")
    cards = await seen_by(people)
    assert [card.state for card in cards] == ["Approved"] * 3
    assert all(f"{bo.name} approved" in card.words for card in cards)
    await twin.type(f"settings link {code}")
    (told,) = await twin.heard()
    assert told.title.startswith("This code"), told


async def test_four_eyes_see_one_person_behind_two_accounts(everywhere: Everywhere) -> None:
    people = await cast(everywhere)
    bo = await everywhere["slack"].person("bo", Role.APPROVER)
    twin = await everywhere["discord"].person("bobby", Role.AUTHOR)
    await people["slack"].type("settings four-eyes on")
    await bo.type("settings link")
    (told,) = await bo.heard()
    await twin.type(f"settings link {_CODE.findall(told.words)[0]}")
    await twin.heard()
    await written(bo)
    await people["discord"].type("show 1")
    await twin.press(await twin.card("draft 1"), "Approve")
    (told,) = await twin.heard()
    assert "four" in told.words.casefold()
    assert (await people["slack"].card("draft 1")).state == "Waits for approval"


async def test_a_delivery_that_failed_is_settled_once_for_all(everywhere: Everywhere, house: House) -> None:
    people = await cast(everywhere)
    await up_in_both(people)
    house.networks[MASTODON].sends.append(Act.REFUSED)
    await people["slack"].press(await people["slack"].card("draft 1"), "Approve")
    await people["discord"].press(await people["discord"].card("draft 1"), "Publish now")
    await house.later(20)
    cards = await seen_by(people)
    assert [card.state for card in cards] == ["Not published"] * 3
    troubles = {kind: await people[kind].thread(card) for kind, card in zip(people, cards, strict=True)}
    assert [[t.offered for t in told] for told in troubles.values()] == [[{"Send again"}]] * 3
    old = troubles["slack"][0]
    await people["discord"].press(troubles["discord"][0], "Send again")
    await house.later(20)
    assert [card.state for card in await seen_by(people)] == ["Published"] * 3
    await people["slack"].press(old, "Send again")
    await house.later(60)
    assert await people["slack"].heard()
    assert house.networks[MASTODON].texts == ["Ships today on Mastodon"]
    for kind, card in zip(people, cards, strict=True):
        assert not any(told.offered for told in await people[kind].thread(card)), kind


async def test_one_chat_that_is_down_keeps_nothing_from_the_other(everywhere: Everywhere, house: House) -> None:
    people = await cast(everywhere)
    await up_in_both(people)
    await house.surfaces["discord"].stop()
    await people["slack"].press(await people["slack"].card("draft 1"), "Approve")
    assert (await people["slack"].card("draft 1")).state == "Approved"
    assert (await people["web"].card("draft 1")).state == "Approved"
    await house.restart()
    assert [card.state for card in await seen_by(people)] == ["Approved"] * 3
