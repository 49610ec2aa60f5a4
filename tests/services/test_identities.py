"""Who somebody in chat is here, and what joins two accounts."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from services.access import LONGEST_NAME, OWNER, People, Permission, require_approval_right
from services.domain.actor import Role
from services.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, RateLimited
from services.domain.identity import Standing
from services.domain.ids import PersonId
from services.identities import ALPHABET, CODE_LIFE, MOST_TRIES, Identities, clean_name
from tests.builders import a_draft, a_person, a_workspace
from tests.builders_chat import a_group_role, a_visitor
from tests.fakes.bus import FakeBus
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore

if TYPE_CHECKING:
    from services.domain.actor import Person
    from services.domain.identity import Visitor
    from services.ports.storage import Transaction

BO = a_visitor()
GUEST = a_visitor(user="U9", name="Gus", standing=Standing.GUEST, groups=frozenset({"S1"}))
BOSS = a_visitor(user="U0", name="Ada", standing=Standing.ADMIN)
ON_DISCORD = a_visitor(surface="discord", team="7", user="8", name="bo.discord", zone="")


class Desk:
    """The use case, and the people's beside it."""

    def __init__(self) -> None:
        self.store, self.clock = MemoryStore(), FakeClock()
        self.identities = Identities(self.store, self.clock, "Asia/Tokyo")
        self.people = People(self.store, FakeBus(), self.clock, "Asia/Tokyo")

    async def came(self, visitor: Visitor) -> Person:
        return await self.identities.actor(visitor)

    async def owner(self) -> Person:
        return await self.people.actor("owner")

    async def linked(self, person: Person, visitor: Visitor) -> Person:
        code = await self.identities.code(person)
        return await self.identities.link(await self.came(visitor), visitor, code)

    async def all(self) -> list[str]:
        return [p.name for p in await self.store.read(lambda tx: tx.people.list())]


@pytest.fixture
def desk() -> Desk:
    """With nobody in it."""
    return Desk()


class TestWelcome:
    """The first visit."""

    async def test_somebody_new_is_a_person_of_their_own(self, desk: Desk) -> None:
        person = await desk.came(BO)
        assert (person.id, person.name, person.role, person.zone) == ("slack:T1:U1", "Bo", Role.AUTHOR, "Europe/Oslo")
        assert (person.assigned, person.zone_chosen, person.aliases) == (False, False, ())
        (link,) = await desk.identities.links(person)
        assert (link.surface, link.team, link.user, link.name, link.linked) == ("slack", "T1", "U1", "Bo", False)

    async def test_the_next_visit_reads_once_and_writes_nothing(self, desk: Desk) -> None:
        first = await desk.came(BO)
        commits = desk.store.commits
        assert await desk.came(BO) == first
        assert desk.store.commits == commits

    async def test_many_at_once_are_one_person(self, desk: Desk) -> None:
        people = await asyncio.gather(*(desk.came(BO) for _ in range(5)))
        assert len(set(people)) == len(await desk.all()) == 1

    @pytest.mark.parametrize(
        ("standing", "role"),
        [(Standing.ADMIN, Role.ADMIN), (Standing.MEMBER, Role.AUTHOR), (Standing.GUEST, Role.VIEWER)],
    )
    async def test_at_first_the_surface_says_who_runs_the_desk(
        self, desk: Desk, standing: Standing, role: Role
    ) -> None:
        assert (await desk.came(replace(BO, standing=standing))).role is role


class TestNames:
    """Nobody can pass for somebody else."""

    async def test_a_name_that_is_taken_gets_its_surface(self, desk: Desk) -> None:
        real = await desk.people.actor("Bo")
        names = [
            (await desk.came(replace(BO, user=user, surface=surface, name=name))).name
            for user, surface, name in (
                ("U1", "slack", "BO"),
                ("U2", "slack", "bo"),
                ("U3", "discord", " b\u200bo "),
                ("U4", "slack", "\uff22\uff4f"),
            )
        ]
        assert names == ["BO (Slack)", "bo (Slack 2)", "bo (Discord)", "Bo (Slack 3)"]
        assert await desk.people.actor("Bo") == real

    @pytest.mark.parametrize("name", ["owner", "OWNER", " Owner\n"])
    async def test_nobody_in_chat_is_the_owner(self, desk: Desk, name: str) -> None:
        person = await desk.came(replace(BO, name=name))
        assert person.name.casefold() == "owner (slack)"
        assert (await desk.owner()).id == OWNER != person.id

    async def test_a_new_name_is_taken_over_and_stays_different(self, desk: Desk) -> None:
        await desk.people.actor("Cy")
        first = await desk.came(BO)
        renamed = await desk.came(replace(BO, name="cy"))
        assert renamed == replace(first, name="cy (Slack)")
        assert (await desk.came(replace(BO, name="Bo"))) == first

    async def test_a_mention_means_its_account_and_somebody_new_is_nobody_who_is_there(self, desk: Desk) -> None:
        first = await desk.came(BO)
        second = a_visitor(user="U7", name=BO.name)
        assert await desk.identities.called(second) not in await desk.all()
        after = await desk.came(second)
        assert [await desk.identities.called(v) for v in (BO, second)] == [first.name, after.name]
        assert first.name != after.name

    async def test_a_name_and_what_is_added_have_room(self, desk: Desk) -> None:
        long = replace(BO, name="x" * 200)
        names = [(await desk.came(replace(long, user=user))).name for user in ("U1", "U2", "U3")]
        assert names == ["x" * 80, f"{'x' * 72} (Slack)", f"{'x' * 70} (Slack 2)"]
        assert {len(name) for name in names} == {LONGEST_NAME}

    @pytest.mark.parametrize(
        ("given", "clean"),
        [("  Bo \n Berg ", "Bo Berg"), ("a\u202eb\x00c", "abc"), ("\u200b", ""), ("Jo\u0308rg", "Jörg"), ("ﬁ", "fi")],
    )
    def test_what_can_t_be_seen_is_left_out(self, given: str, clean: str) -> None:
        assert clean_name(given) == clean

    async def test_somebody_without_a_name_is_somebody(self, desk: Desk) -> None:
        assert (await desk.came(replace(BO, name="\u200b"))).name == "Somebody"


class TestZone:
    """In which zone their times are."""

    async def test_follows_the_surface_until_it_is_chosen(self, desk: Desk) -> None:
        await desk.came(BO)
        moved = await desk.came(replace(BO, zone="America/Lima"))
        assert moved.zone == "America/Lima"
        chosen = await desk.people.set_zone(moved, "Europe/Paris")
        assert await desk.came(BO) == chosen

    @pytest.mark.parametrize("zone", ["", "Mars/Base", "../etc/passwd", "Europe", "/etc/passwd"])
    async def test_what_is_no_zone_changes_nothing(self, desk: Desk, zone: str) -> None:
        assert (await desk.came(replace(BO, user="U2", zone=zone))).zone == "Asia/Tokyo"
        await desk.came(BO)
        commits = desk.store.commits
        assert (await desk.came(replace(BO, zone=zone))).zone == "Europe/Oslo"
        assert desk.store.commits == commits


class TestRoles:
    """What somebody may do."""

    @pytest.mark.parametrize(
        ("groups", "role"),
        [
            ({"S1"}, Role.APPROVER),
            ({"S1", "S2"}, Role.ADMIN),
            ({"S3"}, Role.VIEWER),
            ({"S9"}, Role.AUTHOR),
            (set(), Role.AUTHOR),
        ],
    )
    async def test_the_highest_of_their_groups_counts(self, desk: Desk, groups: set[str], role: Role) -> None:
        rows = [("S1", Role.APPROVER), ("S2", Role.ADMIN), ("S3", Role.VIEWER)]

        def map_groups(tx: Transaction) -> None:
            for group, given in rows:
                tx.identities.put_group(a_group_role(group=group, role=given))
            tx.identities.put_group(a_group_role(team="T2", group="S9", role=Role.ADMIN))

        await desk.store.write(map_groups)
        visitor = replace(BO, groups=frozenset(groups))
        for standing in (Standing.MEMBER, Standing.ADMIN):
            assert (await desk.came(replace(visitor, standing=standing))).role is role
        assert (await desk.came(replace(visitor, standing=Standing.GUEST))).role is Role.VIEWER

    async def test_leaving_a_group_takes_its_role(self, desk: Desk) -> None:
        await desk.store.write(lambda tx: tx.identities.put_group(a_group_role()))
        editor = replace(BO, groups=frozenset({"S1"}))
        assert (await desk.came(editor)).role is Role.APPROVER
        assert (await desk.came(BO)).role is Role.AUTHOR
        stored = await desk.store.read(lambda tx: tx.people.get(PersonId("slack:T1:U1")))
        assert stored is not None
        assert stored.role is Role.AUTHOR

    async def test_a_role_given_by_hand_stays(self, desk: Desk) -> None:
        await desk.came(GUEST)
        await desk.people.set_role(await desk.owner(), "Gus", Role.APPROVER)
        assert (await desk.came(GUEST)).role is Role.APPROVER

    async def test_an_admin_by_hand_ends_that_of_admins_by_their_surface(self, desk: Desk) -> None:
        boss, other = await desk.came(BOSS), replace(BOSS, user="U2", name="Cy")
        elsewhere = replace(other, team="T2", user="U3")
        for visitor in (other, elsewhere):
            assert (await desk.came(visitor)).role is Role.ADMIN
        await desk.came(BO)
        await desk.people.set_role(boss, "Bo", Role.ADMIN)
        assert (await desk.came(BOSS)).role is Role.ADMIN, "who names an admin must stay one"
        assert (await desk.came(BO)).role is Role.ADMIN
        assert (await desk.came(other)).role is Role.AUTHOR
        assert (await desk.came(elsewhere)).role is Role.ADMIN

    async def test_naming_an_approver_leaves_admins_as_they_were(self, desk: Desk) -> None:
        boss = await desk.came(BOSS)
        await desk.came(BO)
        await desk.people.set_role(boss, "Bo", Role.APPROVER)
        assert await desk.came(BOSS) == boss
        assert not boss.assigned


class TestGroups:
    """Groups that have a role."""

    async def test_the_first_ends_the_admins_by_surface_but_not_who_acts(self, desk: Desk) -> None:
        boss, other = await desk.came(BOSS), replace(BOSS, user="U2", name="Cy")
        await desk.came(other)
        await desk.identities.map_group(
            boss, surface="slack", team="T1", group="S1", name=" edi\u202etors ", role=Role.APPROVER
        )
        assert list(await desk.identities.groups(BO)) == [a_group_role()]
        assert (await desk.came(BOSS)).role is Role.ADMIN
        assert (await desk.came(other)).role is Role.AUTHOR

    async def test_are_taken_back_and_that_there_was_none_is_told(self, desk: Desk) -> None:
        owner = await desk.owner()
        where = {"surface": "slack", "team": "T1", "group": "S1"}
        await desk.identities.map_group(owner, **where, name="", role=Role.APPROVER)
        assert [g.name for g in await desk.identities.groups(BO)] == ["S1"]
        await desk.identities.map_group(owner, **where, name="editors", role=None)
        assert list(await desk.identities.groups(BO)) == []
        with pytest.raises(NotFound, match="“editors” has no role here"):
            await desk.identities.map_group(owner, **where, name="editors", role=None)

    async def test_are_for_admins(self, desk: Desk) -> None:
        bo = await desk.came(BO)
        with pytest.raises(Forbidden):
            await desk.identities.map_group(bo, surface="slack", team="T1", group="S1", name="editors", role=Role.ADMIN)
        assert list(await desk.identities.groups(BO)) == []
        assert not (await desk.came(BO)).assigned


class TestLinking:
    """One person, two accounts."""

    async def test_a_code_is_short_and_every_time_another(self, desk: Desk) -> None:
        bo = await desk.came(BO)
        codes = {await desk.identities.code(bo) for _ in range(20)}
        assert len(codes) == 20
        assert all(re.fullmatch(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", code) for code in codes)

    @pytest.mark.parametrize("typed", ["{}", " {} ", "`{}`"])
    async def test_the_account_speaks_for_the_codes_person(self, desk: Desk, typed: str) -> None:
        bo, code = await desk.came(BO), await desk.identities.code(await desk.came(BO))
        guest = await desk.came(ON_DISCORD)
        person = await desk.identities.link(guest, ON_DISCORD, typed.format(code.lower()))
        assert person == replace(bo, assigned=True, aliases=(guest.id,))
        assert await desk.came(ON_DISCORD) == await desk.came(BO) == person
        assert [(i.surface, i.linked) for i in await desk.identities.links(person)] == [
            ("discord", True),
            ("slack", False),
        ]
        assert await desk.all() == ["Bo"], "nobody speaks for the other any more"

    async def test_the_role_no_longer_follows_any_surface(self, desk: Desk) -> None:
        person = await desk.linked(await desk.owner(), BO)
        assert (person.id, person.role) == (OWNER, Role.ADMIN)
        assert (await desk.came(replace(BO, standing=Standing.GUEST))).role is Role.ADMIN
        assert (await desk.came(replace(BO, name="Robert"))).name == "owner"
        (link,) = await desk.identities.links(person)
        assert link.name == "Robert"

    async def test_own_words_stay_own_words_for_four_eyes(self, desk: Desk) -> None:
        before = await desk.came(ON_DISCORD)
        await desk.store.write(lambda tx: tx.save_workspace(a_workspace(four_eyes=True)))
        person = await desk.linked(await desk.people.actor("Bo"), ON_DISCORD)
        assert person.role is Role.APPROVER
        draft = a_draft(author=before.id)
        with pytest.raises(Forbidden, match="Four eyes"):
            await desk.store.read(lambda tx: require_approval_right(tx, person, draft))
        again = await desk.identities.unlink(person, ON_DISCORD)
        await desk.people.set_role(await desk.owner(), again.name, Role.APPROVER)
        later = await desk.came(ON_DISCORD)
        for author in (before.id, person.id):
            with pytest.raises(Forbidden, match="Four eyes"):
                await desk.store.read(lambda tx, a=author: require_approval_right(tx, later, a_draft(author=a)))  # type: ignore[misc]  # a default binds the loop's value

    async def test_of_two_who_type_one_code_one_is_linked(self, desk: Desk) -> None:
        code = await desk.identities.code(await desk.owner())
        visitors = [BO, ON_DISCORD]
        actors = [await desk.came(v) for v in visitors]
        done = await asyncio.gather(
            *(desk.identities.link(a, v, code) for a, v in zip(actors, visitors, strict=True)), return_exceptions=True
        )
        assert sorted(type(one).__name__ for one in done) == ["InvalidInput", "Person"]
        assert len(await desk.identities.links(await desk.owner())) == 1

    @pytest.mark.parametrize("wrong", ["", "nonsense", "K7QF-29XM"])
    async def test_a_wrong_code_changes_nothing_and_says_what_to_do(self, desk: Desk, wrong: str) -> None:
        bo = await desk.came(BO)
        with pytest.raises(InvalidInput, match="not valid") as caught:
            await desk.identities.link(bo, BO, wrong)
        assert caught.value.field == "code"
        assert "settings link" in caught.value.next_step
        assert await desk.came(BO) == bo

    async def test_a_code_ends_and_is_replaced_by_the_next(self, desk: Desk) -> None:
        owner, bo = await desk.owner(), await desk.came(BO)
        old = await desk.identities.code(owner)
        new = await desk.identities.code(owner)
        with pytest.raises(InvalidInput):
            await desk.identities.link(bo, BO, old)
        desk.clock.set(desk.clock.now() + CODE_LIFE)
        with pytest.raises(InvalidInput):
            await desk.identities.link(bo, BO, new)
        assert await desk.came(BO) == bo

    async def test_ones_own_code_is_no_use_and_stays_good(self, desk: Desk) -> None:
        bo = await desk.came(BO)
        code = await desk.identities.code(bo)
        with pytest.raises(InvalidInput, match="your own"):
            await desk.identities.link(bo, BO, code)
        assert (await desk.identities.link(await desk.came(ON_DISCORD), ON_DISCORD, code)).id == bo.id

    async def test_the_code_of_somebody_who_is_gone_is_worth_nothing(self, desk: Desk) -> None:
        bo = await desk.came(BO)
        code = await desk.identities.code(bo)
        await desk.linked(await desk.owner(), BO)
        with pytest.raises(InvalidInput, match="not valid"):
            await desk.identities.link(await desk.came(ON_DISCORD), ON_DISCORD, code)

    async def test_guessing_ends_after_five_for_ten_minutes(self, desk: Desk) -> None:
        bo, code = await desk.came(BO), await desk.identities.code(await desk.owner())
        for _ in range(MOST_TRIES):
            with pytest.raises(InvalidInput):
                await desk.identities.link(bo, BO, "wrong")
            desk.clock.set(desk.clock.now() + timedelta(minutes=1))
        with pytest.raises(RateLimited) as caught:
            await desk.identities.link(bo, BO, code)
        assert caught.value.next_step == "Try again at 09:10 UTC."
        other = await desk.identities.link(await desk.came(ON_DISCORD), ON_DISCORD, code)
        assert other.id == OWNER, "the code was not used up, and others may try"
        desk.clock.set(caught.value.until)
        with pytest.raises(RateLimited):
            await desk.identities.link(bo, BO, "wrong")
        desk.clock.set(caught.value.until + timedelta(microseconds=1))
        again = await desk.identities.code(await desk.owner())
        assert (await desk.identities.link(bo, BO, again)).id == OWNER

    async def test_the_only_admin_is_not_lost_to_a_link(self, desk: Desk) -> None:
        boss = await desk.came(BOSS)
        bo = await desk.came(BO)
        with pytest.raises(Conflict, match="Ada is the only admin"):
            await desk.linked(bo, BOSS)
        assert await desk.came(BOSS) == boss
        await desk.owner()
        assert (await desk.linked(bo, BOSS)).id == bo.id

    async def test_who_is_linked_to_an_admin_ends_the_admins_by_surface(self, desk: Desk) -> None:
        other = replace(BOSS, user="U2", name="Cy")
        assert (await desk.came(other)).role is Role.ADMIN
        await desk.linked(await desk.owner(), BO)
        assert (await desk.came(other)).role is Role.AUTHOR


class TestUnlinking:
    """Two people again."""

    async def test_the_account_is_a_person_of_its_own_again(self, desk: Desk) -> None:
        owner = await desk.owner()
        was = await desk.linked(owner, BO)
        person = await desk.identities.unlink(was, BO)
        assert (person.id, person.name, person.role, person.assigned) == ("slack:T1:U1", "Bo", Role.AUTHOR, False)
        assert person.aliases == (OWNER,)
        assert await desk.came(BO) == person
        assert list(await desk.identities.links(owner)) == []

    async def test_only_what_was_linked_to_who_asks(self, desk: Desk) -> None:
        bo, cy = await desk.came(BO), await desk.people.actor("Cy")
        await desk.linked(cy, ON_DISCORD)
        for actor, visitor in ((bo, BO), (bo, ON_DISCORD), (cy, a_visitor(user="U7"))):
            with pytest.raises(InvalidInput, match="not linked"):
                await desk.identities.unlink(actor, visitor)
        assert (await desk.came(ON_DISCORD)).id == cy.id

    async def test_back_to_a_person_others_speak_for_meanwhile(self, desk: Desk) -> None:
        bo = await desk.came(BO)
        await desk.linked(bo, ON_DISCORD)
        moved = await desk.linked(await desk.people.actor("Cy"), BO)
        assert moved.aliases == (bo.id, "discord:7:8")
        assert (await desk.came(ON_DISCORD)).id == bo.id
        back = await desk.identities.unlink(moved, BO)
        assert back.id == bo.id
        assert await desk.came(ON_DISCORD) == await desk.came(BO) == back

    async def test_who_is_not_spoken_for_any_more_is_gone(self, desk: Desk) -> None:
        bo = await desk.came(BO)
        await desk.linked(bo, ON_DISCORD)
        await desk.linked(await desk.people.actor("Cy"), BO)
        assert set(await desk.all()) == {"Cy", "Bo"}
        alone = await desk.identities.unlink(await desk.came(ON_DISCORD), ON_DISCORD)
        assert set(await desk.all()) == {"Cy", "bo.discord"}
        assert alone.aliases == (bo.id,)


async def test_those_who_can_be_asked_are_able_and_in_chat(desk: Desk) -> None:
    await desk.people.actor("Only Here")
    await desk.came(BO)
    await desk.store.write(lambda tx: tx.identities.put_group(a_group_role()))
    editor = await desk.came(a_visitor(user="U5", name="Eda", groups=frozenset({"S1"})))
    owner = await desk.linked(await desk.owner(), ON_DISCORD)
    found = await desk.identities.people(Permission.APPROVE)
    assert [(person, [(i.surface, i.user) for i in accounts]) for person, accounts in found] == [
        (owner, [("discord", "8")]),
        (editor, [("slack", "U5")]),
    ]


async def test_a_person_named_over_http_is_not_the_one_of_the_same_id_in_chat(desk: Desk) -> None:
    await desk.store.write(lambda tx: tx.people.add(a_person(id=PersonId("p-x"), name="x")))
    assert (await desk.came(replace(BO, name="x"))).name == "x (Slack)"
    assert (await desk.people.actor("slack:T1:U1")).id == "p-slack:t1:u1"
