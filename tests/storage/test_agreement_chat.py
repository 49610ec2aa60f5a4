"""Whatever chat does in whatever order, the store in memory and the one on SQLite answer alike."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.domain.actor import Role
from services.domain.channel import ReviewChannel
from services.domain.errors import DeskError
from services.domain.ids import PersonId
from storage.store import SqlStore
from tests.builders import NOW, a_person, a_shown_card
from tests.builders_chat import a_group_role, a_link_code, an_identity, an_installation
from tests.databases import fresh_database
from tests.fakes.memory_store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from services.ports.storage import Store, Transaction

people = st.sampled_from(["p", "q"]).map(PersonId)
surfaces = st.sampled_from(["slack", "discord"])
teams = st.sampled_from(["T1", "T2"])
names = st.sampled_from(["a", "b", "c"])
roles = st.sampled_from(Role)
instants = st.integers(0, 4).map(lambda minutes: NOW + timedelta(minutes=minutes))
EARLY = NOW - timedelta(days=1)


def contents(tx: Transaction) -> list[object]:
    """Everything that the port lets one see of chat."""
    places = [(surface, team) for surface in ("slack", "discord") for team in ("T1", "T2")]
    return [
        list(tx.people.list()),
        [list(tx.identities.list(surface)) for surface in ("slack", "discord")],
        [list(tx.identities.of(PersonId(id_))) for id_ in ("p", "q")],
        [tx.identities.has_admin(*place) for place in places],
        [list(tx.identities.groups(*place)) for place in places],
        list(tx.identities.all_groups()),
        [list(tx.identities.tries(*place, name, since=EARLY)) for place in places for name in "abc"],
        [
            (there, tx.installations.sealed(there.surface, there.team))
            for surface in ("slack", "discord")
            for there in tx.installations.list(surface)
        ],
        list(tx.chat.review_channels()),
        [tx.chat.uploaded(*place, name) for place in places for name in "abc"],
        [list(tx.cards.shown(name)) for name in "abc"],
        [list(tx.cards.kept(surface, kinds=("draft",), limit=3)) for surface in ("slack", "discord")],
    ]


class Agreement(RuleBasedStateMachine):
    """Does the same to both and compares what they say."""

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._folder = tempfile.TemporaryDirectory()
        self._memory = MemoryStore()
        self._sql = SqlStore(fresh_database(Path(self._folder.name)))
        self._runner.run(self._sql.start())

    def teardown(self) -> None:
        self._runner.run(self._sql.close())
        self._runner.close()
        self._folder.cleanup()

    def _both(self, fn: Callable[[Transaction], object]) -> None:
        assert self._runner.run(_outcome(self._memory, fn)) == self._runner.run(_outcome(self._sql, fn))

    @invariant()
    def hold_the_same(self) -> None:
        """After each step."""
        self._both(contents)

    @rule(id_=people, role=roles, assigned=st.booleans(), add=st.booleans(), aliases=st.lists(people, max_size=2))
    def person(self, *, id_: PersonId, role: Role, assigned: bool, add: bool, aliases: list[PersonId]) -> None:
        """Add or save somebody."""
        person = a_person(id=id_, name=id_, role=role, assigned=assigned, aliases=tuple(aliases))
        self._both(lambda tx: tx.people.add(person) if add else tx.people.save(person))

    @rule(id_=people)
    def remove_person(self, id_: PersonId) -> None:
        """Forget somebody, if nobody speaks for them."""
        self._both(lambda tx: tx.people.remove(id_))

    @rule(surface=surfaces, team=teams, user=names, id_=people, linked=st.booleans(), at=instants)
    def identity(self, *, surface: str, team: str, user: str, id_: PersonId, linked: bool, at: datetime) -> None:
        """Let an account speak for somebody who may not be here."""
        row = an_identity(surface=surface, team=team, user=user, person_id=id_, linked=linked, created_at=at)
        self._both(lambda tx: tx.identities.put(row))

    @rule(surface=surfaces, team=teams, group=names, name=names, role=roles, put=st.booleans())
    def group(self, *, surface: str, team: str, group: str, name: str, role: Role, put: bool) -> None:
        """Give a group a role, or take it."""
        row = a_group_role(surface=surface, team=team, group=group, name=name, role=role)
        self._both(lambda tx: tx.identities.put_group(row) if put else tx.identities.remove_group(surface, team, group))

    @rule(digest=names, id_=people, at=instants)
    def code(self, digest: str, id_: PersonId, at: datetime) -> None:
        """Make a code that somebody may have already."""
        self._both(lambda tx: tx.identities.add_code(a_link_code(digest=digest, person_id=id_, expires_at=at)))

    @rule(digest=names, at=instants)
    def take_code(self, digest: str, at: datetime) -> None:
        """Use one."""
        self._both(lambda tx: tx.identities.take_code(digest, now=at))

    @rule(surface=surfaces, team=teams, user=names, at=instants, forget=st.booleans())
    def tries(self, *, surface: str, team: str, user: str, at: datetime, forget: bool) -> None:
        """Note a wrong code, or forget old ones."""
        self._both(
            lambda tx: (
                tx.identities.forget_tries(before=at) if forget else tx.identities.add_try(surface, team, user, at=at)
            )
        )

    @rule(surface=surfaces, team=teams, name=names, at=instants, put=st.booleans())
    def installation(self, *, surface: str, team: str, name: str, at: datetime, put: bool) -> None:
        """Install or remove."""
        row = an_installation(surface=surface, team=team, name=name, at=at)
        self._both(
            lambda tx: tx.installations.put(row, name.encode()) if put else tx.installations.remove(surface, team)
        )

    @rule(digest=names, at=instants, add=st.booleans())
    def state(self, *, digest: str, at: datetime, add: bool) -> None:
        """Give out a state, or use it."""
        self._both(
            lambda tx: (
                tx.installations.add_state(digest, expires_at=at)
                if add
                else tx.installations.take_state(digest, now=at)
            )
        )

    @rule(surface=surfaces, event=names, at=instants, forget=st.booleans())
    def event(self, *, surface: str, event: str, at: datetime, forget: bool) -> None:
        """See an event, or forget old ones."""
        self._both(lambda tx: tx.chat.forget(before=at) if forget else tx.chat.first_seen(surface, event, at=at))

    @rule(surface=surfaces, place=names, at=instants, put=st.booleans())
    def channel(self, *, surface: str, place: str, at: datetime, put: bool) -> None:
        """Route reviews, or stop it."""
        row = ReviewChannel(surface=surface, place=place, since=at)
        self._both(lambda tx: tx.chat.route_review(row) if put else tx.chat.unroute_review(surface, place))

    @rule(surface=surfaces, team=teams, digest=names, ref=names)
    def upload(self, surface: str, team: str, digest: str, ref: str) -> None:
        """Remember a file."""
        self._both(lambda tx: tx.chat.put_upload(surface, team, digest, ref, at=NOW))

    @rule(id_=names, surface=surfaces, place=names, kind=st.sampled_from(["draft", "digest"]), at=instants)
    def card(self, *, id_: str, surface: str, place: str, kind: str, at: datetime) -> None:
        """Show a card somewhere."""
        row = a_shown_card(card_id=id_, surface=surface, place=place, kind=kind, created_at=at)
        self._both(lambda tx: tx.cards.put(row))

    @rule(id_=names, surface=surfaces, place=names, told=st.none() | st.integers(0, 2), drawn=st.none() | names)
    def redraw(self, *, id_: str, surface: str, place: str, told: int | None, drawn: str | None) -> None:
        """Draw it anew."""
        self._both(lambda tx: tx.cards.redraw(id_, surface, place, told=told, drawn=drawn))

    @rule(id_=names, surface=st.none() | surfaces, place=st.none() | names)
    def remove_card(self, id_: str, surface: str | None, place: str | None) -> None:
        """Take it from some places."""
        self._both(lambda tx: tx.cards.remove(id_, surface=surface, place=place))


async def _outcome(store: Store, fn: Callable[[Transaction], object]) -> tuple[str, object]:
    """The result, or what kind of error."""
    try:
        return ("result", await store.write(fn))
    except DeskError as error:
        return ("error", type(error).__name__)


Agreement.TestCase.settings = settings(
    max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestAgreement = Agreement.TestCase
