"""Who decides, who was faster, and what happens to whoever acts on what is no longer so."""

from __future__ import annotations

import asyncio

from services.domain.actor import Role
from tests.scenarios.house import House
from tests.scenarios.stage import Person, Seen, Stage


async def written(person: Person, text: str = "Ships today for mastodon") -> Seen:
    """A draft's card."""
    await person.type(f"draft {text}")
    return await person.card("Ships today")


async def changed(person: Person, card: Seen, text: str) -> None:
    """Its text for Mastodon is another one."""
    await person.press(card, "Edit")
    assert await person.fill({"Mastodon": text}) is None


async def test_a_rejected_draft_goes_back_with_its_reason_and_can_be_reopened(stage: Stage) -> None:
    ada = await stage.person("ada", Role.ADMIN)
    await ada.press(await written(ada), "Reject")
    assert await ada.fill({"Why?": "Too salesy, <b>shorter</b> & plainer"}) is None
    card = await ada.card("draft 1")
    assert card.state == "Rejected"
    assert f"{ada.name} rejected" in card.words
    assert "Too salesy, <b>shorter</b> & plainer" in card.words
    assert card.offered == {"Reopen", "Duplicate", "Adapt", "Archive"}
    await ada.press(card, "Reopen")
    card = await ada.card("draft 1")
    assert card.state == "Waits for approval"
    assert "Approve" in card.buttons


async def test_a_reason_is_asked_for_until_there_is_one(stage: Stage) -> None:
    ada = await stage.person("ada", Role.ADMIN)
    await ada.press(await written(ada), "Reject")
    await ada.fill({"Why?": "   "})
    assert (await ada.card("draft 1")).state == "Waits for approval"


async def test_of_two_who_approve_at_once_the_slower_is_told_by_whom(stage: Stage) -> None:
    ada, bo = await stage.person("ada", Role.ADMIN), await stage.person("bo", Role.APPROVER)
    await written(ada)
    hers, his = await ada.card("draft 1"), await bo.card("draft 1")
    await asyncio.gather(ada.press(hers, "Approve"), bo.press(his, "Approve"))
    card = await ada.card("draft 1")
    assert card.state == "Approved"
    faster, slower = (ada, bo) if f"{ada.name} approved" in card.words else (bo, ada)
    assert f"{faster.name} approved" in card.words
    assert f"{slower.name} approved" not in card.words
    (told,) = [s for s in await slower.heard() if faster.name in s.title]
    assert "approved" in told.title.casefold()
    assert await faster.heard() == []


async def test_a_card_that_is_old_does_nothing_says_so_and_is_refreshed(stage: Stage) -> None:
    ada, bo = await stage.person("ada", Role.ADMIN), await stage.person("bo", Role.APPROVER)
    await written(ada)
    old = await bo.card("draft 1")
    await changed(ada, await ada.card("draft 1"), "Ships tomorrow")
    await bo.press(old, "Approve")
    card = await ada.card("draft 1")
    assert card.state == "Waits for approval"
    assert card.texts == ("Ships tomorrow",)
    told = await bo.heard()
    assert any("version 2" in s.words for s in told), told


async def test_whoever_edits_what_changed_meanwhile_loses_no_word(stage: Stage) -> None:
    ada, bo = await stage.person("ada", Role.ADMIN), await stage.person("bo", Role.APPROVER)
    await written(ada)
    await ada.press(await ada.card("draft 1"), "Edit")
    await changed(bo, await bo.card("draft 1"), "Bo was faster")
    clash = await ada.fill({"Mastodon": "Hers, slower"})
    assert clash is not None
    assert "bo" in clash.words
    assert "Bo was faster" in clash.words
    assert clash.box("Mastodon").value == "Hers, slower"
    assert (await ada.card("draft 1")).texts == ("Bo was faster",)


async def test_a_clash_can_be_won_by_saving_once_more(stage: Stage) -> None:
    ada, bo = await stage.person("ada", Role.ADMIN), await stage.person("bo", Role.APPROVER)
    await written(ada)
    await ada.press(await ada.card("draft 1"), "Edit")
    await changed(bo, await bo.card("draft 1"), "Bo was faster")
    assert await ada.fill({"Mastodon": "Hers, slower"}) is not None
    assert await ada.fill({}) is None
    assert (await ada.card("draft 1")).texts == ("Hers, slower",)


async def test_who_may_not_approve_any_more_hears_who_can(stage: Stage) -> None:
    ada, bo = await stage.person("ada", Role.ADMIN), await stage.person("bo", Role.APPROVER)
    await written(ada)
    card = await bo.card("draft 1")
    await ada.type(f"roles {bo.name}=author")
    await bo.press(card, "Approve")
    (told,) = await bo.heard()
    assert "Your role here is author" in told.title
    assert ada.name in told.words
    assert "Nothing changed" in told.words
    assert (await ada.card("draft 1")).state == "Waits for approval"


async def test_a_guest_may_look_and_nothing_else(chat: Stage) -> None:
    ada, eve = await chat.person("ada", Role.ADMIN), await chat.person("eve", guest=True)
    await written(ada)
    card = await eve.card("draft 1")
    for label in ("Approve", "Duplicate"):
        await eve.press(card, label)
        (told,) = await eve.heard()
        assert "Your role here is viewer" in told.title, label
    assert (await ada.card("draft 1")).state == "Waits for approval"


async def test_what_was_approved_can_be_withdrawn_and_an_edit_voids_it(stage: Stage) -> None:
    ada = await stage.person("ada", Role.ADMIN)
    await ada.press(await written(ada), "Approve")
    await ada.press(await ada.card("draft 1"), "Withdraw")
    assert (await ada.card("draft 1")).state == "Waits for approval"
    await ada.press(await ada.card("draft 1"), "Approve")
    await changed(ada, await ada.card("draft 1"), "Ships tomorrow")
    card = await ada.card("draft 1")
    assert card.state == "Waits for approval"
    assert "Publish now" not in card.offered


async def test_what_can_not_be_taken_back_is_asked_about_and_can_be_undone_for_a_while(
    stage: Stage, house: House
) -> None:
    ada = await stage.person("ada", Role.ADMIN)
    await ada.press(await written(ada), "Approve")
    await ada.press(await ada.card("draft 1"), "Publish now", sure=False)
    assert (await ada.card("draft 1")).state == "Approved"
    await ada.press(await ada.card("draft 1"), "Publish now")
    card = await ada.card("draft 1")
    assert card.state == "Scheduled"
    assert card.buttons[0] == "Undo"
    await ada.press(card, "Undo")
    assert (await ada.card("draft 1")).state == "Approved"
    await house.later(3600)
    assert all(network.posts == [] for network in house.networks.values())
