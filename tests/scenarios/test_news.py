"""What the desk says by itself and what it is asked: digests, trouble, freezing, reports, settings, roles, channels."""

from __future__ import annotations

from services.domain.actor import Role
from tests.fakes.platform import Act
from tests.handlers.test_report import measured
from tests.handlers.world import BLUESKY, MASTODON
from tests.scenarios.house import House
from tests.scenarios.stage import Person, Seen, Stage
from tests.scenarios.test_decisions import changed, written


async def sent(person: Person, house: House, text: str = "Ships today for mastodon") -> Seen:
    """A draft that was published as far as the networks let it."""
    await person.press(await written(person, text), "Approve")
    await person.press(await person.card("draft 1"), "Publish now")
    await house.later(20)
    return await person.card("draft 1")


async def test_the_digest_of_the_morning_comes_once_with_its_pictures(stage: Stage, house: House) -> None:
    ada = await stage.person("ada", Role.ADMIN)
    await measured(house.world)
    await stage.digest()
    (digest,) = await stage.shown()
    assert digest.title.startswith("Digest · Mon 2 Mar 2026")
    assert "Bluesky earns 3.3 times what Mastodon does" in digest.words
    (alt,) = digest.pictures
    assert alt.startswith("Four charts")
    await house.restart()
    await house.later(120)
    assert [card.title for card in await stage.shown()] == [digest.title]
    assert (await ada.card()).pictures == digest.pictures


async def test_a_delivery_that_failed_speaks_up_and_sending_it_again_works(stage: Stage, house: House) -> None:
    ada = await stage.person("ada", Role.ADMIN)
    house.networks[MASTODON].sends.append(Act.REFUSED)
    card = await sent(ada, house)
    assert card.state == "Not published"
    (trouble,) = await ada.thread(card)
    assert "It says no to this text." in trouble.words
    assert "Nothing more is tried by itself" in trouble.words
    assert trouble.offered == {"Send again"}
    assert house.networks[MASTODON].posts == []
    await ada.press(trouble, "Send again")
    await house.later(20)
    assert (await ada.card("draft 1")).state == "Published"
    assert house.networks[MASTODON].texts == ["Ships today on Mastodon"]
    assert not any(told.offered for told in await ada.thread(card))


async def test_one_network_that_fails_is_told_beside_the_one_that_worked(stage: Stage, house: House) -> None:
    ada = await stage.person("ada", Role.ADMIN)
    house.networks[BLUESKY].sends.append(Act.REFUSED)
    card = await sent(ada, house, "Ships today")
    assert card.state == "Partly published"
    assert card.links == ("https://social.test/p1",)
    assert "It says no to this text." in card.words


async def test_everything_can_be_held_back_at_once_and_let_go_again(stage: Stage, house: House) -> None:
    ada = await stage.person("ada", Role.ADMIN)
    await ada.press(await written(ada), "Approve")
    await ada.press(await ada.card("draft 1"), "Publish now")
    await ada.type("freeze")
    await house.later(60)
    assert house.networks[MASTODON].posts == []
    told = [*await ada.heard(), *await stage.shown()]
    assert f"Frozen by {ada.name}: nothing goes out." in [s.title for s in told]
    await ada.type("thaw")
    await house.later(60)
    assert house.networks[MASTODON].texts == ["Ships today on Mastodon"]
    assert (await ada.card("draft 1")).state == "Published"


async def test_an_author_can_not_hold_everything_back(stage: Stage) -> None:
    bo = await stage.person("bo", Role.AUTHOR)
    await bo.type("freeze")
    (told,) = await bo.heard()
    assert "to publish it takes an approver" in told.title


async def test_a_report_comes_with_its_charts_in_words_too(stage: Stage, house: House) -> None:
    ada = await stage.person("ada", Role.ADMIN)
    await measured(house.world)
    await written(ada)
    await ada.type("report 28d")
    told = [*await ada.heard(), *await stage.shown()]
    (report,) = [s for s in told if s.title == "Report · 28 days to Mon 2 Mar 2026"]
    (alt,) = report.pictures
    assert alt.startswith("Four charts, 28 days to Mon 2 Mar 2026.")
    assert "Bluesky earns 3.3 times what Mastodon does, per post (16 posts, 28 days" in report.words
    assert report.buttons == ("Show what waits",)


async def test_settings_are_shown_and_changed_by_an_admin_alone(stage: Stage) -> None:
    ada, bo = await stage.person("ada", Role.ADMIN), await stage.person("bo", Role.AUTHOR)
    await ada.type("settings four-eyes on")
    (told,) = await ada.heard()
    assert "Four eyes" in told.words
    await bo.type("settings four-eyes off")
    (told,) = await bo.heard()
    assert "Your role here is author" in told.title
    card = await written(ada)
    if "Approve" in card.offered:  # a card that many people read is drawn for none of them
        await ada.press(card, "Approve")
        (told,) = await ada.heard()
        assert "four" in told.words.casefold()
    assert (await ada.card("draft 1")).state == "Waits for approval"


async def test_a_role_is_given_and_counts_at_once(stage: Stage) -> None:
    ada, bo = await stage.person("ada", Role.ADMIN), await stage.person("bo", Role.AUTHOR)
    await written(ada)
    await ada.type(f"roles {bo.name}=approver")
    (told,) = await ada.heard()
    assert bo.name in told.words
    await bo.press(await bo.card("draft 1"), "Approve")
    assert f"{bo.name} approved" in (await ada.card("draft 1")).words


async def test_a_channel_asks_for_its_digest_and_for_reviews(chat: Stage, house: House) -> None:
    ada, bo = await chat.person("ada", Role.ADMIN), await chat.person("bo", Role.AUTHOR)
    await ada.type("channel report here at 09:00")
    (told,) = await ada.heard()
    assert "each day at 09:00" in told.words
    await ada.type("channel review here")
    (told,) = await ada.heard()
    assert "Each draft that waits for a decision is shown here." in told.words
    for text in ("channel report off", "channel review off"):
        await bo.type(text)
        (told,) = await bo.heard()
        assert "Your role here is author" in told.title
    await house.world.say("draft Written on the page for mastodon")
    await house.settle()
    assert (await ada.card("draft 1")).texts == ("Written on the page on Mastodon",)
    await ada.type("channel review off")
    await house.world.say("draft Another for mastodon")
    await house.settle()
    assert {card.draft for card in await chat.shown()} == {"1"}


async def test_a_new_version_is_told_below_its_card_with_the_words_that_changed(chat: Stage) -> None:
    ada, bo = await chat.person("ada", Role.ADMIN), await chat.person("bo", Role.AUTHOR)
    await written(ada)
    await changed(bo, await bo.card("draft 1"), "Ships tomorrow on Mastodon")
    (note,) = await ada.thread(await ada.card("draft 1"))
    assert note.title == f"v2 by {bo.name}: edited"
    assert "Ships [−today−][+tomorrow+] on Mastodon" in note.words
    assert note.offered == set()


async def test_review_is_asked_for_and_the_approvers_are_called_once(chat: Stage) -> None:
    ada, bo = await chat.person("ada", Role.ADMIN), await chat.person("bo", Role.AUTHOR)
    await written(bo)
    await bo.press(await bo.card("draft 1"), "Ask for review")
    assert (await bo.card("draft 1")).state == "In review"
    (inbox,) = await ada.inbox()
    assert inbox.title == "1 draft waits for your approval"
    await ada.press(await ada.card("draft 1"), "Approve")
    (inbox,) = await ada.inbox()
    assert inbox.title == "Nothing waits for your approval"


async def test_the_author_hears_what_became_of_their_draft(chat: Stage, house: House) -> None:
    ada, bo = await chat.person("ada", Role.ADMIN), await chat.person("bo", Role.AUTHOR)
    await written(bo)
    await sent_by(ada, house)
    (result,) = await bo.inbox()
    assert result.title == "Published: draft 1 · Ships today"
    assert "https://social.test/p1" in result.links
    assert await ada.inbox() == []


async def sent_by(person: Person, house: House) -> None:
    await person.press(await person.card("draft 1"), "Approve")
    await person.press(await person.card("draft 1"), "Publish now")
    await house.later(20)
