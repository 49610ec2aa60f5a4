"""What was on the screen before a restart or a bad moment goes on working, and nothing is shown or sent twice."""

from __future__ import annotations

from services.domain.actor import Role
from tests.handlers.world import MASTODON
from tests.scenarios.house import House
from tests.scenarios.stage import Fault, Stage
from tests.scenarios.test_decisions import changed, written


async def test_after_a_restart_every_button_of_an_old_card_works(chat: Stage, house: House) -> None:
    ada = await chat.person("ada", Role.ADMIN)
    card = await written(ada)
    await house.restart()
    await ada.press(card, "Approve")
    card = await ada.card("draft 1")
    assert card.state == "Approved"
    await house.restart()
    await changed(ada, card, "Ships tomorrow")
    assert (await ada.card("draft 1")).texts == ("Ships tomorrow",)
    await house.restart()
    await ada.press(await ada.card("draft 1"), "Reject")
    assert await ada.fill({"Why?": "Too late"}) is None
    assert (await ada.card("draft 1")).state == "Rejected"


async def test_a_form_that_was_open_during_a_restart_can_still_be_sent(chat: Stage, house: House) -> None:
    ada = await chat.person("ada", Role.ADMIN)
    await ada.press(await written(ada), "Edit")
    await house.restart()
    assert await ada.fill({"Mastodon": "Typed before the restart"}) is None
    assert (await ada.card("draft 1")).texts == ("Typed before the restart",)


async def test_what_changed_while_nobody_was_there_is_redrawn_at_the_start(chat: Stage, house: House) -> None:
    ada = await chat.person("ada", Role.ADMIN)
    await ada.press(await written(ada), "Approve")
    await ada.press(await ada.card("draft 1"), "Publish now")
    await house.close()
    await house.later(30)
    assert house.networks[MASTODON].texts == ["Ships today on Mastodon"]
    assert (await ada.card("draft 1")).state == "Scheduled"
    await house.restart()
    assert (await ada.card("draft 1")).state == "Published"
    await house.later(600)
    assert len(house.networks[MASTODON].posts) == 1


async def test_a_redraw_that_is_refused_for_a_moment_is_made_up_for(chat: Stage, house: House) -> None:
    ada = await chat.person("ada", Role.ADMIN)
    card = await written(ada)
    for fault in (Fault.REDRAW_REFUSED, Fault.REDRAW_LIMITED):
        await chat.fail(fault)
    await ada.press(card, "Approve")
    await house.later(10)
    assert (await ada.card("draft 1")).state == "Approved"


async def test_a_connection_that_breaks_loses_nothing(chat: Stage, house: House) -> None:
    ada = await chat.person("ada", Role.ADMIN)
    card = await written(ada)
    await chat.fail(Fault.CONNECTION_LOST)
    await chat.connected()
    await ada.press(card, "Approve")
    assert (await ada.card("draft 1")).state == "Approved"


async def test_a_card_that_somebody_deletes_costs_the_others_nothing(chat: Stage, house: House) -> None:
    ada = await chat.person("ada", Role.ADMIN)
    first = await written(ada)
    await ada.type("draft Second for mastodon")
    await chat.fail(Fault.CARD_DELETED)
    await ada.press(first, "Approve")
    assert (await ada.card("draft 1")).state == "Approved"
    await ada.type("show 2")
    assert (await ada.card("draft 2")).texts == ("Second on Mastodon",)
