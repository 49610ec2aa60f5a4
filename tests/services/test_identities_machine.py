"""Whatever people, codes and groups do in whatever order: who is who, and what they may do, as the rules say."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from services.access import OWNER, People
from services.domain.actor import Role
from services.domain.errors import Conflict, DeskError, Forbidden, InvalidInput, NotFound, RateLimited
from services.domain.identity import Standing
from services.identities import CODE_LIFE, MOST_TRIES, TRIES_WITHIN, Identities
from tests.builders_chat import a_visitor
from tests.fakes.bus import FakeBus
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import datetime

    from services.domain.actor import Person
    from services.domain.identity import ChatIdentity, Visitor
    from services.domain.ids import PersonId
    from services.ports.storage import Transaction

T = TypeVar("T")
ACCOUNTS = [("slack", "T1", "U1"), ("slack", "T1", "U2"), ("slack", "T2", "U1"), ("discord", "7", "8")]
accounts = st.sampled_from(ACCOUNTS)
visitors = st.builds(
    lambda account, name, standing, groups: a_visitor(
        surface=account[0], team=account[1], user=account[2], name=name, standing=standing, groups=frozenset(groups)
    ),
    accounts,
    st.sampled_from(["Bo", "bo", "owner", "\u202e", "Cy"]),
    st.sampled_from(Standing),
    st.sets(st.sampled_from(["S1", "S2"])),
)


class WhoIsWho(RuleBasedStateMachine):
    """Drives the use case beside a plain account of what must hold."""

    codes = Bundle("codes")

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._store, self._clock = MemoryStore(), FakeClock()
        self._identities = Identities(self._store, self._clock, "UTC")
        self._people = People(self._store, FakeBus(), self._clock, "UTC")
        self._live: dict[PersonId, tuple[str, datetime]] = {}
        """The one code of each person, and when it ends."""
        self._wrong: dict[tuple[str, str, str], list[datetime]] = {}
        self._speaks: dict[tuple[str, str, str], PersonId] = {}

    def teardown(self) -> None:
        self._runner.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    @initialize()
    def owner_is_here(self) -> None:
        """Whoever installed the desk."""
        self._run(self._people.actor("owner"))

    @rule(visitor=visitors)
    def comes(self, visitor: Visitor) -> None:
        """Somebody does something in chat."""
        self._came(visitor)

    def _came(self, visitor: Visitor) -> Person:
        """Their role is what the rules make of what is true now."""
        person = self._run(self._identities.actor(visitor))
        account = (visitor.surface, visitor.team, visitor.user)
        assert self._speaks.setdefault(account, person.id) == person.id
        if not person.assigned:
            assert person.role is self._by_surface(visitor, person)
        commits = self._store.commits
        assert self._run(self._identities.actor(visitor)) == person
        assert self._store.commits == commits, "nothing differs, so nothing is written"
        return person

    def _by_surface(self, visitor: Visitor, person: Person) -> Role:
        groups = {g.group: g.role for g in self._run(self._identities.groups(visitor))}
        mine = [role for group, role in groups.items() if group in visitor.groups]
        there = [self._stored(p) for a, p in self._speaks.items() if a[:2] == (visitor.surface, visitor.team)]
        ruled = any(p.assigned and p.role is Role.ADMIN for p in there if p.id != person.id)
        if visitor.standing is Standing.GUEST:
            return Role.VIEWER
        if mine:
            return max(mine, key=list(Role).index)
        return Role.ADMIN if visitor.standing is Standing.ADMIN and not groups and not ruled else Role.AUTHOR

    def _stored(self, id_: PersonId) -> Person:
        person = self._run(self._store.read(lambda tx: tx.people.get(id_)))
        assert person is not None
        return person

    @rule(target=codes, visitor=visitors)
    def asks_for_a_code(self, visitor: Visitor) -> tuple[PersonId, str]:
        """The last one is worth nothing from then on."""
        person = self._came(visitor)
        return self._new_code(person)

    @rule(target=codes)
    def owner_asks_for_a_code(self) -> tuple[PersonId, str]:
        """On the page."""
        return self._new_code(self._stored(OWNER))

    def _new_code(self, person: Person) -> tuple[PersonId, str]:
        code = self._run(self._identities.code(person))
        self._live[person.id] = (code, self._clock.now() + CODE_LIFE)
        return person.id, code

    @rule(target=codes, visitor=visitors, code=consumes(codes))
    def types_a_code(self, visitor: Visitor, code: tuple[PersonId, str]) -> object:
        """Good once, in time, for another account than its own."""
        actor, (of, text) = self._came(visitor), code
        account, now = (visitor.surface, visitor.team, visitor.user), self._clock.now()
        wrong = [at for at in self._wrong.get(account, []) if at >= now - TRIES_WITHIN]
        live = self._live.get(of, ("", now))
        good = live[0] == text and live[1] > now and any(p.id == of for p in self._everybody())
        try:
            person = self._run(self._identities.link(actor, visitor, text))
        except RateLimited:
            assert len(wrong) >= MOST_TRIES
        except InvalidInput:
            assert len(wrong) < MOST_TRIES
            if not good:
                self._wrong[account] = [*wrong, now]
                return multiple()
            assert actor.id == of
        except Conflict:
            assert good
            assert actor.role is Role.ADMIN
        else:
            assert good
            assert len(wrong) < MOST_TRIES
            assert (person.id, person.assigned) == (of, True)
            assert person.is_known_as(actor.id)
            self._speaks[account] = of
            del self._live[of]
            return multiple()
        return code

    @rule(visitor=visitors)
    def unlinks(self, visitor: Visitor) -> None:
        """Only what was linked."""
        person = self._came(visitor)
        with suppress(InvalidInput):
            alone = self._run(self._identities.unlink(person, visitor))
            assert alone.is_known_as(person.id)
            self._speaks[(visitor.surface, visitor.team, visitor.user)] = alone.id

    @rule(visitor=visitors, group=st.sampled_from(["S1", "S2"]), role=st.none() | st.sampled_from(Role))
    def maps_a_group(self, visitor: Visitor, group: str, role: Role | None) -> None:
        """For admins, who stay admins."""
        person = self._came(visitor)
        try:
            self._run(
                self._identities.map_group(
                    person, surface=visitor.surface, team=visitor.team, group=group, name=group, role=role
                )
            )
        except Forbidden:
            assert person.role is not Role.ADMIN
        except NotFound:
            assert role is None
        else:
            assert self._came(visitor).role is Role.ADMIN

    @rule(visitor=visitors, other=visitors, role=st.sampled_from(Role))
    def gives_a_role(self, visitor: Visitor, other: Visitor, role: Role) -> None:
        """By hand, which stays."""
        who, whom = self._came(visitor), self._came(other)
        with suppress(DeskError):
            self._run(self._people.set_role(who, whom.name, role))
            assert self._came(other).role is role
            assert who.id == whom.id or self._came(visitor).role is Role.ADMIN

    @rule(minutes=st.sampled_from([1, 5, 10]))
    def time_passes(self, minutes: int) -> None:
        """Codes end, and tries are forgiven."""
        self._clock.set(self._clock.now() + timedelta(minutes=minutes, microseconds=1))

    def _everybody(self) -> list[Person]:
        return self._run(self._store.read(lambda tx: list(tx.people.list())))

    @invariant()
    def names_are_different_and_the_owner_runs_the_desk(self) -> None:
        """After each step."""
        people = self._everybody()
        names = [p.name.casefold() for p in people]
        assert len(set(names)) == len(names)
        assert [p.id for p in people if p.name.casefold() == "owner"] in ([OWNER], [])
        assert all(p.role is Role.ADMIN for p in people if p.id == OWNER)

    @invariant()
    def everybody_in_chat_is_here_and_nobody_is_left_over(self) -> None:
        """A person who came from chat is spoken for."""
        everybody = self._run(self._store.read(_chat_accounts))
        spoken = {account.person_id for account in everybody}
        assert spoken | {OWNER} >= {p.id for p in self._everybody()} >= spoken
        assert spoken == set(self._speaks.values())


def _chat_accounts(tx: Transaction) -> list[ChatIdentity]:
    return [account for surface in ("slack", "discord") for account in tx.identities.list(surface)]


WhoIsWho.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestWhoIsWho = WhoIsWho.TestCase


async def test_a_link_that_comes_twice_is_told_apart() -> None:
    """A surface that hands the same words over twice: the first links, the second finds the code used."""
    store, clock = MemoryStore(), FakeClock()
    identities, people = Identities(store, clock, "UTC"), People(store, FakeBus(), clock, "UTC")
    owner, visitor = await people.actor("owner"), a_visitor()
    code = await identities.code(owner)
    actor = await identities.actor(visitor)
    done = await asyncio.gather(*(identities.link(actor, visitor, code) for _ in range(2)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["InvalidInput", "Person"]
    assert await identities.actor(visitor) == replace(owner, aliases=(actor.id,), zone="Europe/Oslo")
