"""Words about who somebody is: codes, groups, channels, as typed in chat and on the page."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from handlers.dispatcher import Dispatcher
from handlers.request import Request, Whisper
from handlers.views.card import Fields, Note, Text
from services.domain.actor import Role
from services.domain.identity import Standing
from tests.builders_chat import a_group_role, a_visitor

if TYPE_CHECKING:
    from handlers.request import Outcome
    from handlers.views.card import Card
    from services.domain.errors import DeskError
    from services.domain.identity import Visitor
    from services.domain.ids import PersonId
    from tests.handlers.world import World

BO = a_visitor()
BOSS = a_visitor(user="U0", name="Ada", standing=Standing.ADMIN)
CODE = re.compile(r"Your code is ([2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4})")


async def typed(world: World, visitor: Visitor, text: str) -> Outcome:
    """What somebody types in a chat channel leads to."""
    desk = replace(world.door.desk, page=_page)
    request = Request(
        actor=await world.services.identities.actor(visitor),
        text=text,
        surface=visitor.surface,
        channel="C1",
        visitor=visitor,
    )
    return await Dispatcher(desk).handle(request)


def _page(person_id: PersonId) -> str:
    return f"https://desk.test/signin?token=for-{person_id}"


async def told(world: World, visitor: Visitor, text: str) -> Card:
    """The card that only they see."""
    outcome = await typed(world, visitor, text)
    assert outcome.status == 200, outcome.error
    (reply,) = outcome.replies
    assert isinstance(reply, Whisper)
    return reply.card


async def refused(world: World, visitor: Visitor, text: str) -> DeskError:
    """Why it was not done."""
    outcome = await typed(world, visitor, text)
    assert outcome.error is not None
    return outcome.error


def facts(card: Card) -> dict[str, str]:
    """The named facts of a card."""
    return {f.name: f.text for b in card.blocks if isinstance(b, Fields) for f in b.items}


def texts(card: Card) -> list[str]:
    """Its sentences."""
    return [b.text for b in card.blocks if isinstance(b, (Note, Text))]


class TestSettings:
    """Who I am here."""

    async def test_tell_whose_accounts_they_are_and_open_the_page_as_oneself(self, world: World) -> None:
        card = await told(world, BO, "settings")
        assert facts(card)["Your role"] == "author"
        assert facts(card)["Your zone"] == "Europe/Oslo"
        assert facts(card)["Your chat accounts"] == "Bo on Slack"
        (link,) = [f.link for b in card.blocks if isinstance(b, Fields) for f in b.items if f.link]
        assert link == "https://desk.test/signin?token=for-slack:T1:U1"
        assert [b.label for b in card.buttons] == ["Change", "Link another account"]

    async def test_a_code_from_one_account_makes_the_other_the_same_person(self, world: World) -> None:
        guest = a_visitor(surface="discord", name="bo.d", standing=Standing.GUEST)
        await told(world, BO, "settings zone America/Lima")
        card = await told(world, BO, "settings link")
        found = CODE.fullmatch(card.title)
        assert found is not None
        assert texts(card)[0].endswith(f": /desk settings link {found[1]}")
        linked = await told(world, guest, f"settings link {found[1].lower()}")
        assert linked.title == "Here you are Bo from now on"
        assert texts(linked) == ["Your role is author, and no group changes it. To end this: /desk settings unlink"]
        mine = await told(world, guest, "settings")
        assert facts(mine)["Your chat accounts"] == "bo.d on Discord\nBo on Slack"
        assert facts(mine)["Your zone"] == "America/Lima"
        assert [b.label for b in mine.buttons] == ["Change", "Link another account", "Unlink this account"]
        first = await told(world, BO, "settings")
        assert [b.label for b in first.buttons] == ["Change", "Link another account"]
        alone = await told(world, guest, "settings unlink")
        assert (alone.title, texts(alone)) == ("Here you are bo.d again", ["Your role is viewer."])
        assert (await refused(world, guest, "settings unlink")).message == "This account is not linked to another one."

    async def test_a_button_asks_for_the_code(self, world: World) -> None:
        (button,) = [b for b in (await told(world, BO, "settings")).buttons if b.label == "Link another account"]
        outcome = await world.press(button.id, "Cy")
        (reply,) = outcome.replies
        assert isinstance(reply, Whisper)
        found = CODE.fullmatch(reply.card.title)
        assert found is not None
        await told(world, BO, f"settings link {found[1]}")
        assert (await world.services.identities.actor(BO)).name == "Cy"

    async def test_on_the_page_a_code_is_given_and_not_taken(self, world: World) -> None:
        (reply,) = (await world.command("settings link")).replies
        assert isinstance(reply, Whisper)
        found = CODE.fullmatch(reply.card.title)
        assert found is not None
        for text in (f"settings link {found[1]}", "settings unlink"):
            outcome = await world.command(text)
            assert outcome.error is not None
            assert "chat account that is to be" in outcome.error.next_step
        await told(world, BO, f"settings link {found[1]}")
        assert (await world.services.identities.actor(BO)).id == "owner"
        card = (await world.command("settings")).replies[0]
        assert isinstance(card, Whisper)
        assert facts(card.card)["Your chat accounts"] == "Bo on Slack"
        assert [f.link for b in card.card.blocks if isinstance(b, Fields) for f in b.items if f.link] == []
        assert [b.label for b in card.card.buttons] == ["Change", "Link another account"]

    async def test_guessing_is_told_when_to_go_on(self, world: World) -> None:
        for _ in range(5):
            assert (await refused(world, BO, "settings link AAAA-AAAA")).code == "invalid_input"
        outcome = await typed(world, BO, "settings link AAAA-AAAA")
        assert outcome.status == 429
        assert outcome.error is not None
        assert outcome.error.next_step == "Try again at 09:10 UTC."


class TestRoles:
    """Who may do what."""

    async def test_a_group_gives_a_role_until_it_does_not(self, world: World) -> None:
        card = await told(world, BOSS, "roles group:S1(editors)=approver")
        assert facts(card)["@editors"] == "approver · group on Slack"
        editor = replace(BO, groups=frozenset({"S1"}))
        assert facts(await told(world, editor, "settings"))["Your role"] == "approver"
        assert "@editors" in facts(await told(world, BO, "roles"))
        assert "@editors" not in facts(await told(world, replace(BO, team="T2"), "roles"))
        page = (await world.command("roles")).replies[0]
        assert isinstance(page, Whisper)
        assert facts(page.card)["@editors"] == "approver · group on Slack"
        gone = await told(world, BOSS, "roles group:S1(editors) = none")
        assert "@editors" not in facts(gone)
        assert facts(await told(world, editor, "settings"))["Your role"] == "author"

    async def test_a_groups_name_may_be_anything(self, world: World) -> None:
        await told(world, BOSS, "roles group:123(a (b) = c)=Viewer")
        assert list(await world.services.identities.groups(BO)) == [
            a_group_role(group="123", name="a (b) = c", role=Role.VIEWER)
        ]

    async def test_a_person_is_named_as_they_are_mentioned(self, world: World) -> None:
        await told(world, BO, "settings")
        card = await told(world, BOSS, "roles @Bo=approver")
        assert facts(card)["Bo"] == "approver · Europe/Oslo"

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("roles group:S1(editors)=emperor", "invalid_input"),
            ("roles group:S1(editors)=none", "not_found"),
            ("roles @nobody=author", "not_found"),
        ],
    )
    async def test_what_can_t_be_given_is_told(self, world: World, text: str, code: str) -> None:
        assert (await refused(world, BOSS, text)).code == code

    async def test_groups_are_for_admins_and_for_chat(self, world: World) -> None:
        assert (await refused(world, BO, "roles group:S1(editors)=admin")).code == "forbidden"
        outcome = await world.command("roles group:S1(editors)=admin")
        assert outcome.error is not None
        assert outcome.error.message == "A group belongs to a chat team."
        assert list(await world.services.identities.groups(None)) == []


class TestChannel:
    """What a channel gets by itself."""

    async def test_gets_what_waits_and_a_digest_each_by_its_word(self, world: World) -> None:
        nothing = await told(world, BOSS, "channel")
        assert nothing.title == "This channel gets nothing by itself"
        assert texts(nothing)[1] == "To see here what waits for a decision, an admin types: /desk channel review here"
        review = await told(world, BOSS, "channel review here")
        assert review.title == "This channel gets what waits for a decision"
        assert [(c.surface, c.place) for c in await world.services.routing.review_channels()] == [("slack", "C1")]
        both = await told(world, BOSS, "channel report here at 7:30")
        assert both.title == "This channel gets a digest each day at 07:30 (Europe/Oslo) and what waits for a decision"
        assert (await told(world, BO, "channel")).title == both.title
        digest = await told(world, BOSS, "channel reviews off")
        assert digest.title == "This channel gets a digest each day at 07:30 (Europe/Oslo)"
        assert (await told(world, BOSS, "channel report off")).title == nothing.title

    async def test_is_for_admins_and_for_chat(self, world: World) -> None:
        assert (await refused(world, BO, "channel review here")).code == "forbidden"
        assert "channel review here" in (await refused(world, BOSS, "channel review")).next_step
        for text in ("channel review here", "channel review off"):
            outcome = await world.command(text)
            assert outcome.error is not None
            assert outcome.error.message == "The page shows what waits for a decision as it is."
        assert list(await world.services.routing.review_channels()) == []
