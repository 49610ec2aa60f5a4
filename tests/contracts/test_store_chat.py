"""What chat must remember, the same in every store."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from services.domain.actor import Role
from services.domain.channel import ReviewChannel
from services.domain.errors import Conflict, NotFound
from services.domain.ids import DraftId, PersonId
from services.domain.signin import Origin, Stage
from services.ports.storage import WriteInRead
from tests.builders import NOW, a_person, a_shown_card
from tests.builders_chat import a_group_role, a_link_code, a_passage, an_identity, an_installation
from tests.contracts.stores import KINDS, MINUTE, ONE, empty_store, put_all

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from services.ports.storage import Store

ADA, BO = PersonId("ada"), PersonId("bo")


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Each of the stores, with Ada and Bo in it."""
    async with empty_store(request.param, tmp_path) as opened:
        people = (a_person(), a_person(id=BO, name="Bo", role=Role.AUTHOR, created_at=NOW + MINUTE))
        await opened.write(lambda tx: put_all(tx.people.add, *people))
        yield opened


class TestPeople:
    """What is new about them."""

    async def test_how_they_came_by_role_and_zone_is_kept(self, store: Store) -> None:
        ada = a_person(assigned=True, zone_chosen=True, aliases=(BO, PersonId("slack:T1:U1")))
        await store.write(lambda tx: tx.people.save(ada))
        assert await store.read(lambda tx: tx.people.get(ADA)) == ada

    async def test_are_removed_once_nobody_speaks_for_them(self, store: Store) -> None:
        await store.write(lambda tx: tx.identities.put(an_identity()))
        with pytest.raises(Conflict):
            await store.write(lambda tx: tx.people.remove(ADA))
        await store.write(lambda tx: tx.identities.put(an_identity(person_id=BO)))
        await store.write(lambda tx: tx.people.remove(ADA))
        await store.write(lambda tx: tx.people.remove(ADA))
        assert [p.id for p in await store.read(lambda tx: tx.people.list())] == [BO]


class TestIdentities:
    """Who is who."""

    async def test_are_put_over_the_same_account(self, store: Store) -> None:
        first = an_identity()
        later = an_identity(user="U0", created_at=NOW + MINUTE, person_id=BO)
        discord = an_identity(surface="discord", user="7", created_at=NOW - MINUTE)
        await store.write(lambda tx: put_all(tx.identities.put, later, first, discord))
        assert await store.read(lambda tx: tx.identities.get("slack", "T1", "U1")) == first
        assert await store.read(lambda tx: tx.identities.get("slack", "T2", "U1")) is None
        assert list(await store.read(lambda tx: tx.identities.list("slack"))) == [first, later]
        assert list(await store.read(lambda tx: tx.identities.of(ADA))) == [discord, first]
        again = replace(first, person_id=BO, name="Bo", linked=True)
        await store.write(lambda tx: tx.identities.put(again))
        assert list(await store.read(lambda tx: tx.identities.of(BO))) == [again, later]
        assert list(await store.read(lambda tx: tx.identities.of(ADA))) == [discord]

    async def test_speak_for_somebody_who_is_here(self, store: Store) -> None:
        with pytest.raises(NotFound):
            await store.write(lambda tx: tx.identities.put(an_identity(person_id=PersonId("nobody"))))
        assert list(await store.read(lambda tx: tx.identities.list("slack"))) == []

    @pytest.mark.parametrize(
        ("role", "assigned", "team", "has"),
        [
            (Role.ADMIN, True, "T1", True),
            (Role.ADMIN, True, "T2", False),
            (Role.ADMIN, False, "T1", False),
            (Role.APPROVER, True, "T1", False),
        ],
    )
    async def test_a_team_has_an_admin_when_one_was_made_by_hand(
        self, store: Store, role: Role, team: str, *, assigned: bool, has: bool
    ) -> None:
        await store.write(lambda tx: tx.people.save(a_person(role=role, assigned=assigned)))
        await store.write(lambda tx: tx.identities.put(an_identity()))
        assert await store.read(lambda tx: tx.identities.has_admin("slack", team)) is has

    async def test_groups_come_by_name_for_their_own_team(self, store: Store) -> None:
        editors, interns = a_group_role(), a_group_role(group="S0", name="interns", role=Role.VIEWER)
        elsewhere = a_group_role(team="T2")
        await store.write(lambda tx: put_all(tx.identities.put_group, interns, elsewhere, editors))
        assert list(await store.read(lambda tx: tx.identities.groups("slack", "T1"))) == [editors, interns]
        trusted = replace(interns, name="a-team", role=Role.ADMIN)
        await store.write(lambda tx: tx.identities.put_group(trusted))
        assert list(await store.read(lambda tx: tx.identities.groups("slack", "T1"))) == [trusted, editors]
        assert await store.write(lambda tx: tx.identities.remove_group("slack", "T1", "S0"))
        assert not await store.write(lambda tx: tx.identities.remove_group("slack", "T1", "S0"))
        assert list(await store.read(lambda tx: tx.identities.groups("slack", "T1"))) == [editors]
        assert list(await store.read(lambda tx: tx.identities.groups("slack", "T2"))) == [elsewhere]
        assert list(await store.read(lambda tx: tx.identities.all_groups())) == [editors, elsewhere]


class TestCodes:
    """What links two accounts."""

    async def test_is_given_once(self, store: Store) -> None:
        code = a_link_code(expires_at=NOW + MINUTE)
        await store.write(lambda tx: tx.identities.add_code(code))
        assert await store.write(lambda tx: tx.identities.take_code("e" * 64, now=NOW)) is None
        both = await asyncio.gather(
            *(store.write(lambda tx: tx.identities.take_code(code.digest, now=NOW)) for _ in range(2))
        )
        assert sorted(both, key=str) == sorted([code, None], key=str)

    async def test_is_not_given_at_its_end_and_others_of_its_age_are_gone(self, store: Store) -> None:
        codes = a_link_code(), a_link_code(digest="e" * 64, person_id=BO)
        await store.write(lambda tx: put_all(tx.identities.add_code, *codes))
        assert await store.write(lambda tx: tx.identities.take_code("d" * 64, now=NOW)) is None
        earlier = NOW - MINUTE
        assert await store.write(lambda tx: tx.identities.take_code("e" * 64, now=earlier)) is None

    async def test_a_new_one_replaces_that_persons_last(self, store: Store) -> None:
        old, other = a_link_code(), a_link_code(digest="e" * 64, person_id=BO)
        new = a_link_code(digest="f" * 64)
        await store.write(lambda tx: put_all(tx.identities.add_code, old, other, new))
        now = NOW - MINUTE
        taken = [
            await store.write(lambda tx, d=digest: tx.identities.take_code(d, now=now))  # type: ignore[misc]  # a default binds the loop's value
            for digest in (old.digest, other.digest, new.digest)
        ]
        assert taken == [None, other, new]

    async def test_nobody_gets_the_code_of_another(self, store: Store) -> None:
        await store.write(lambda tx: tx.identities.add_code(a_link_code()))
        with pytest.raises(Conflict):
            await store.write(lambda tx: tx.identities.add_code(a_link_code(person_id=BO)))

    async def test_wrong_tries_are_counted_for_each_account(self, store: Store) -> None:
        for user, minute in (("U1", 2), ("U1", 0), ("U2", 1)):
            at = NOW + minute * MINUTE
            await store.write(lambda tx, u=user, t=at: tx.identities.add_try("slack", "T1", u, at=t))  # type: ignore[misc]  # as above
        tries = await store.read(lambda tx: list(tx.identities.tries("slack", "T1", "U1", since=NOW)))
        assert tries == [NOW, NOW + 2 * MINUTE]
        later = NOW + MINUTE
        assert await store.read(lambda tx: list(tx.identities.tries("slack", "T1", "U1", since=later))) == tries[1:]
        assert await store.write(lambda tx: tx.identities.forget_tries(before=later)) == 1
        assert await store.read(lambda tx: list(tx.identities.tries("slack", "T1", "U1", since=NOW))) == tries[1:]
        assert await store.read(lambda tx: list(tx.identities.tries("slack", "T1", "U2", since=NOW))) == [later]


class TestInstallations:
    """Who let the desk in."""

    async def test_keep_their_token_apart(self, store: Store) -> None:
        first, second = an_installation(), an_installation(team="T0", at=NOW + MINUTE)
        await store.write(lambda tx: tx.installations.put(second, b"two"))
        await store.write(lambda tx: tx.installations.put(first, b"one"))
        assert await store.read(lambda tx: tx.installations.get("slack", "T1")) == first
        assert await store.read(lambda tx: tx.installations.get("discord", "T1")) is None
        assert list(await store.read(lambda tx: tx.installations.list("slack"))) == [first, second]
        assert list(await store.read(lambda tx: tx.installations.list("discord"))) == []
        again = replace(first, name="Renamed", at=NOW + 2 * MINUTE)
        await store.write(lambda tx: tx.installations.put(again, b"three"))
        assert list(await store.read(lambda tx: tx.installations.list("slack"))) == [second, again]
        assert await store.read(lambda tx: tx.installations.sealed("slack", "T1")) == b"three"
        assert await store.write(lambda tx: tx.installations.remove("slack", "T1"))
        assert not await store.write(lambda tx: tx.installations.remove("slack", "T1"))
        with pytest.raises(NotFound):
            await store.read(lambda tx: tx.installations.sealed("slack", "T1"))
        assert await store.read(lambda tx: tx.installations.sealed("slack", "T0")) == b"two"

    async def test_a_state_is_good_once_and_not_for_ever(self, store: Store) -> None:
        await store.write(lambda tx: tx.installations.add_state("a", expires_at=NOW + MINUTE))
        await store.write(lambda tx: tx.installations.add_state("b", expires_at=NOW))
        with pytest.raises(Conflict):
            await store.write(lambda tx: tx.installations.add_state("a", expires_at=NOW))
        taken = [
            await store.write(lambda tx, d=digest: tx.installations.take_state(d, now=NOW))  # type: ignore[misc]  # as above
            for digest in ("a", "a", "b", "c")
        ]
        assert taken == [True, False, False, False]
        assert not await store.write(lambda tx: tx.installations.take_state("b", now=NOW - MINUTE)), "it was kept"


class TestPassages:
    """Who is on the way to connect an account."""

    async def test_a_stage_is_good_once_in_its_turn_and_not_for_ever(self, store: Store) -> None:
        one = a_passage()
        await store.write(lambda tx: tx.passages.add(one, b"sealed"))
        with pytest.raises(Conflict):
            await store.write(lambda tx: tx.passages.add(a_passage(stage=Stage.AWAY), b""))
        assert await store.read(lambda tx: tx.passages.get("a", Stage.TICKET, now=NOW)) == one
        assert await store.read(lambda tx: tx.passages.get("a", Stage.AWAY, now=NOW)) is None
        assert await store.read(lambda tx: tx.passages.get("a", Stage.TICKET, now=one.expires_at)) is None
        assert await store.write(lambda tx: tx.passages.take("a", Stage.CHOICE, now=NOW)) is None
        taken = await asyncio.gather(
            *(store.write(lambda tx: tx.passages.take("a", Stage.TICKET, now=NOW)) for _ in range(5))
        )
        assert [t for t in taken if t is not None] == [(one, b"sealed")]
        await store.write(lambda tx: tx.passages.add(a_passage(digest="b"), b""))
        assert await store.write(lambda tx: tx.passages.take("b", Stage.TICKET, now=one.expires_at)) is None
        assert await store.write(lambda tx: tx.passages.take("b", Stage.TICKET, now=NOW)) is None, "it was kept"

    async def test_those_at_a_stage_are_listed_while_they_live_with_where_they_began(self, store: Store) -> None:
        one = a_passage(stage=Stage.BACK, origin=Origin(surface="slack", channel="T/C"))
        for passage in (one, a_passage(digest="b", stage=Stage.AWAY)):
            await store.write(lambda tx, p=passage: tx.passages.add(p, b""))  # type: ignore[misc]  # as above
        assert await store.read(lambda tx: list(tx.passages.list(Stage.BACK, now=NOW))) == [one]
        assert await store.read(lambda tx: list(tx.passages.list(Stage.BACK, now=one.expires_at))) == []
        assert await store.write(lambda tx: tx.passages.take("a", Stage.BACK, now=NOW)) == (one, b"")


class TestChat:
    """What was handled."""

    async def test_an_event_is_seen_first_once_on_each_surface(self, store: Store) -> None:
        async def see(surface: str, event: str) -> bool:
            return await store.write(lambda tx: tx.chat.first_seen(surface, event, at=NOW))

        assert sorted(await asyncio.gather(*(see("slack", "Ev1") for _ in range(5)))) == [False] * 4 + [True]
        assert [await see("discord", "Ev1"), await see("slack", "Ev2")] == [True, True]

    async def test_what_was_seen_long_ago_is_forgotten(self, store: Store) -> None:
        await store.write(lambda tx: tx.chat.first_seen("slack", "old", at=NOW))
        await store.write(lambda tx: tx.chat.first_seen("slack", "old", at=NOW + 2 * MINUTE))
        await store.write(lambda tx: tx.chat.first_seen("slack", "new", at=NOW + MINUTE))
        assert await store.write(lambda tx: tx.chat.forget(before=NOW)) == 0
        assert await store.write(lambda tx: tx.chat.forget(before=NOW + MINUTE)) == 1
        assert await store.write(lambda tx: tx.chat.first_seen("slack", "old", at=NOW))
        assert not await store.write(lambda tx: tx.chat.first_seen("slack", "new", at=NOW))

    async def test_channels_for_review_come_and_go(self, store: Store) -> None:
        rows = [
            ReviewChannel(surface=s, place=p, since=NOW)
            for s, p in (("discord", "9"), ("slack", "C1"), ("slack", "C2"))
        ]
        await store.write(lambda tx: put_all(tx.chat.route_review, *reversed(rows)))
        assert list(await store.read(lambda tx: tx.chat.review_channels())) == rows
        assert list(await store.read(lambda tx: tx.chat.review_channels("slack"))) == rows[1:]
        later = replace(rows[1], since=NOW + MINUTE)
        await store.write(lambda tx: tx.chat.route_review(later))
        assert list(await store.read(lambda tx: tx.chat.review_channels("slack"))) == [later, rows[2]]
        assert await store.write(lambda tx: tx.chat.unroute_review("slack", "C1"))
        assert not await store.write(lambda tx: tx.chat.unroute_review("slack", "C1"))
        assert list(await store.read(lambda tx: tx.chat.review_channels())) == [rows[0], rows[2]]

    async def test_an_upload_is_known_by_its_team(self, store: Store) -> None:
        await store.write(lambda tx: tx.chat.put_upload("slack", "T1", "ab", "F1", at=NOW))
        assert await store.read(lambda tx: tx.chat.uploaded("slack", "T1", "ab")) == "F1"
        assert await store.read(lambda tx: tx.chat.uploaded("slack", "T2", "ab")) is None
        await store.write(lambda tx: tx.chat.put_upload("slack", "T1", "ab", "F2", at=NOW))
        assert await store.read(lambda tx: tx.chat.uploaded("slack", "T1", "ab")) == "F2"


class TestCards:
    """What each place shows."""

    async def test_all_places_of_a_card_are_found(self, store: Store) -> None:
        web, slack = a_shown_card(), a_shown_card(surface="slack", place="C1:2", created_at=NOW - MINUTE)
        other = a_shown_card(card_id="draft-2", draft_id=DraftId("2"))
        await store.write(lambda tx: put_all(tx.cards.put, web, other, slack))
        assert list(await store.read(lambda tx: tx.cards.shown("draft-1"))) == [slack, web]

    async def test_what_is_drawn_and_told_is_noted_one_by_one(self, store: Store) -> None:
        card = a_shown_card(surface="slack", place="C1:2", told=1)
        await store.write(lambda tx: put_all(tx.cards.put, card, a_shown_card()))
        assert await store.write(lambda tx: tx.cards.redraw("draft-1", "slack", "C1:2", told=3))
        assert await store.write(lambda tx: tx.cards.redraw("draft-1", "slack", "C1:2", drawn="ab"))
        assert not await store.write(lambda tx: tx.cards.redraw("draft-1", "slack", "C1:3", drawn="cd"))
        places = list(await store.read(lambda tx: tx.cards.places(ONE)))
        assert places == [replace(card, told=3, drawn="ab"), a_shown_card()]
        await store.write(lambda tx: tx.cards.put(card))
        assert await store.read(lambda tx: tx.cards.shown("draft-1")[0]) == card

    async def test_is_removed_only_where_asked(self, store: Store) -> None:
        places = [("slack", "C1"), ("slack", "C2"), ("web", "desk"), ("web", "C1")]
        rows = [a_shown_card(surface=s, place=p) for s, p in places]
        other = a_shown_card(card_id="draft-2", draft_id=DraftId("2"), surface="slack", place="C1")
        await store.write(lambda tx: put_all(tx.cards.put, other, *rows))
        await store.write(lambda tx: tx.cards.remove("draft-1", surface="slack", place="C1"))
        assert list(await store.read(lambda tx: tx.cards.shown("draft-1"))) == [rows[1], rows[3], rows[2]]
        await store.write(lambda tx: tx.cards.remove("draft-1", surface="web"))
        assert list(await store.read(lambda tx: tx.cards.shown("draft-1"))) == [rows[1]]
        assert list(await store.read(lambda tx: tx.cards.shown("draft-2"))) == [other]

    async def test_the_newest_of_some_kinds_are_found(self, store: Store) -> None:
        rows = [
            a_shown_card(card_id=f"c{n}", surface="slack", kind=kind, created_at=NOW + n * MINUTE)
            for n, kind in enumerate(("draft", "delivery", "digest", "draft"))
        ]
        twice = replace(rows[3], place="z")
        await store.write(lambda tx: put_all(tx.cards.put, *rows, twice, a_shown_card(created_at=NOW + 9 * MINUTE)))

        async def kept(limit: int, *kinds: str) -> list[object]:
            return list(await store.read(lambda tx: tx.cards.kept("slack", kinds=kinds, limit=limit)))

        assert await kept(9, "draft", "delivery") == [twice, rows[3], rows[1], rows[0]]
        assert await kept(2, "draft", "delivery") == [twice, rows[3]]
        assert await kept(9) == []


async def test_a_read_changes_nothing(store: Store) -> None:
    for attempt in (
        lambda tx: tx.people.remove(BO),
        lambda tx: tx.identities.put(an_identity()),
        lambda tx: tx.identities.put_group(a_group_role()),
        lambda tx: tx.identities.remove_group("slack", "T1", "S1"),
        lambda tx: tx.identities.add_code(a_link_code()),
        lambda tx: tx.identities.take_code("d" * 64, now=NOW),
        lambda tx: tx.identities.add_try("slack", "T1", "U1", at=NOW),
        lambda tx: tx.identities.forget_tries(before=NOW),
        lambda tx: tx.installations.put(an_installation(), b""),
        lambda tx: tx.installations.remove("slack", "T1"),
        lambda tx: tx.installations.add_state("a", expires_at=NOW),
        lambda tx: tx.installations.take_state("a", now=NOW),
        lambda tx: tx.passages.add(a_passage(), b""),
        lambda tx: tx.passages.take("a", Stage.TICKET, now=NOW),
        lambda tx: tx.chat.first_seen("slack", "Ev1", at=NOW),
        lambda tx: tx.chat.forget(before=NOW),
        lambda tx: tx.chat.route_review(ReviewChannel(surface="slack", place="C1", since=NOW)),
        lambda tx: tx.chat.unroute_review("slack", "C1"),
        lambda tx: tx.chat.put_upload("slack", "T1", "ab", "F1", at=NOW),
        lambda tx: tx.cards.redraw("draft-1", "web", "desk", told=1),
    ):
        with pytest.raises(WriteInRead):
            await store.read(attempt)
