"""A post's life from the brief to the network, the same on every surface."""

from __future__ import annotations

from services.domain.actor import Role
from tests.handlers.world import BLUESKY, MASTODON, a_png
from tests.scenarios.house import House
from tests.scenarios.stage import Stage

EDITED = 'Ships today: 5 < 6 & "twice" as fast\n1. quietly, a_b_c'
SOON = "2026-03-02T10:30+01:00"


async def test_a_post_is_drafted_edited_illustrated_approved_planned_and_published(stage: Stage, house: House) -> None:
    ana = await stage.person("ana", Role.ADMIN)
    await ana.type("draft Ships today")
    card = await ana.card("draft 1")
    assert card.state == "Waits for approval"
    assert card.texts == ("Ships today on Bluesky", "Ships today on Mastodon")
    assert card.counts == [(22, 300), (23, 500)]
    assert card.buttons == ("Approve", "Edit", "Regenerate", "Image", "Schedule")
    assert card.pictures == ()

    await ana.press(card, "Edit")
    asked = await ana.form()
    assert asked is not None
    assert asked.box("Mastodon").value == "Ships today on Mastodon"
    assert await ana.fill({"Mastodon": EDITED}) is None
    card = await ana.card("draft 1")
    assert card.texts == ("Ships today on Bluesky", EDITED)

    await ana.press(card, "Image")
    assert await ana.fill({"Or files": a_png(), "Description": "A quiet sea"}) is None
    card = await ana.card("draft 1")
    assert card.pictures == ("A quiet sea",)
    assert "the picture is described" in card.words

    await ana.press(card, "Approve")
    card = await ana.card("draft 1")
    assert card.state == "Approved"
    assert f"{ana.name} approved" in card.words
    assert {"Approve", "Ask for review"} & card.offered == set()
    assert {"Schedule", "Publish now", "Edit", "Withdraw"} <= card.offered

    await ana.press(card, "Schedule")
    assert await ana.fill({"When": SOON}) is None
    card = await ana.card("draft 1")
    assert card.state == "Scheduled"
    assert card.words.count("2 Mar 2026 10:30") >= 2
    assert "Unschedule" in card.offered

    await house.later(31 * 60)
    card = await ana.card("draft 1")
    assert card.state == "Published"
    assert card.links == ("https://social.test/p1",)
    assert card.offered == {"Duplicate", "Adapt"}
    assert house.networks[MASTODON].texts == [EDITED]
    assert house.networks[BLUESKY].texts == ["Ships today on Bluesky"]
