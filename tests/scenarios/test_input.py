"""What was typed wrong comes back with a sentence that helps, and what was typed right is still there."""

from __future__ import annotations

from services.domain.actor import Role
from tests.handlers.world import a_png
from tests.scenarios.stage import Stage
from tests.scenarios.test_decisions import changed, written


async def test_a_draft_without_a_brief_asks_for_one(stage: Stage) -> None:
    ana = await stage.person("ana", Role.ADMIN)
    await ana.type("draft")
    asked = await ana.form()
    assert asked is not None
    assert asked.box("What is the post about?").value == ""
    assert await ana.fill({"What is the post about?": "From the form", "Networks": "mastodon"}) is None
    assert (await ana.card("From the form")).texts == ("From the form on Mastodon",)


async def test_a_slip_of_the_finger_is_understood_and_can_be_run(stage: Stage) -> None:
    ana = await stage.person("ana", Role.ADMIN)
    await ana.type("qeue")
    (told,) = await ana.heard()
    assert told.title == "I don't know “qeue”. Did you mean “queue”?"
    assert told.buttons == ("Run it", "Draft this", "Help")
    await ana.press(told, "Run it")
    assert (await ana.heard())[-1].title == "The queue"


async def test_a_text_that_is_too_long_keeps_every_word_and_can_not_be_approved(stage: Stage) -> None:
    ana = await stage.person("ana", Role.ADMIN)
    long = f"Ships today {'x' * 500}"
    await changed(ana, await written(ana), long)
    card = await ana.card("draft 1")
    assert card.texts == (long,)
    assert card.counts == [(512, 500)]
    assert card.state == "Needs a change"
    assert "12 too long. Cut 12." in card.words
    assert "Approve" not in card.offered
    await ana.press(card, "Edit")
    asked = await ana.form()
    assert asked is not None
    assert asked.box("Mastodon").value == long


async def test_a_network_nobody_knows_is_named_and_the_brief_is_kept(stage: Stage) -> None:
    ana = await stage.person("ana", Role.ADMIN)
    await ana.type("draft Ships today for mastodno")
    told = await ana.heard()
    asked = await ana.form()
    assert asked is not None
    said = [*(s.words for s in told), *asked.errors.values()]
    assert any("mastodno" in words for words in said), said
    assert asked.box("What is the post about?").value == "Ships today"
    assert asked.box("Networks").value == "mastodno"
    assert await ana.fill({"Networks": "mastodon"}) is None
    assert (await ana.card("draft 1")).texts == ("Ships today on Mastodon",)


async def test_a_wrong_network_in_the_form_is_an_error_at_its_field(stage: Stage) -> None:
    ana = await stage.person("ana", Role.ADMIN)
    await ana.type("draft")
    asked = await ana.fill({"What is the post about?": "Ships today", "Networks": "nosuchnetwork"})
    assert asked is not None
    assert "nosuchnetwork" in asked.box("Networks").error
    assert asked.box("What is the post about?").value == "Ships today"
    assert asked.box("Networks").value == "nosuchnetwork"
    assert await ana.fill({"Networks": "mastodon"}) is None
    assert (await ana.card("draft 1")).texts == ("Ships today on Mastodon",)


async def test_a_file_that_is_no_picture_is_refused_at_its_field_and_its_words_are_kept(stage: Stage) -> None:
    ana = await stage.person("ana", Role.ADMIN)
    await ana.press(await written(ana), "Image")
    asked = await ana.fill({"Or files": a_png()[:40], "Description": "A quiet sea"})
    assert asked is not None
    assert "picture" in asked.box("Or files").error
    assert asked.box("Description").value == "A quiet sea"
    assert (await ana.card("draft 1")).pictures == ()
    await ana.press(await ana.card("draft 1"), "Image")
    assert await ana.fill({"Or files": a_png(), "Description": "A quiet sea"}) is None
    assert (await ana.card("draft 1")).pictures == ("A quiet sea",)


async def test_a_time_in_words_is_read_back_before_it_counts(stage: Stage) -> None:
    ana = await stage.person("ana", Role.ADMIN)
    await ana.press(await written(ana), "Schedule")
    await ana.fill({"When": "tomorrow 9am"})
    told = (await ana.heard())[-1]
    assert "Tue 3 Mar 2026 09:00" in told.title
    assert (await ana.card("draft 1")).state == "Waits for approval"
    await ana.press(told, told.buttons[0])
    assert "3 Mar 2026 09:00" in (await ana.card("draft 1")).words


async def test_a_time_nobody_can_read_is_an_error_at_its_field(stage: Stage) -> None:
    ana = await stage.person("ana", Role.ADMIN)
    await ana.press(await written(ana), "Schedule")
    asked = await ana.fill({"When": "whenever it suits"})
    assert asked is not None
    (error,) = asked.errors.values()
    assert "whenever it suits" in error
