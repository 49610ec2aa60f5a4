"""Whatever is asked in whatever order, the store in memory and the one on SQLite answer alike."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.domain.actor import Role
from services.domain.delivery import DeliveryState
from services.domain.errors import DeskError
from services.domain.ids import AccountId, BrandId, DeliveryId, DraftId, PersonId
from services.domain.post import DraftState
from storage.store import SqlStore
from tests.builders import (
    NOW,
    a_brand,
    a_delivery,
    a_draft,
    a_log_entry,
    a_person,
    a_receipt,
    a_revision,
    a_shown_card,
    an_account,
    an_approval,
    an_approved_draft,
    an_audit_entry,
)
from tests.databases import fresh_database
from tests.fakes.memory_store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from services.ports.storage import Store, Transaction

drafts = st.sampled_from(["1", "2", "10", "x"]).map(DraftId)
accounts = st.sampled_from(["a", "b"]).map(AccountId)
deliveries = st.sampled_from(["d1", "d2", "d3", "d4"]).map(DeliveryId)
people = st.sampled_from(["p", "q"]).map(PersonId)
states = st.sampled_from(DeliveryState)
instants = st.integers(0, 4).map(lambda minutes: NOW + timedelta(minutes=minutes))
small = st.integers(0, 3)
cards = st.sampled_from(["c1", "c2", "c3"])


def contents(tx: Transaction) -> list[object]:
    """Everything that the port lets one see."""
    ids = [DraftId(n) for n in ("1", "2", "10")]
    rows = tx.deliveries.list(limit=99)
    return [
        tx.workspace(),
        list(tx.people.list()),
        list(tx.brands.list()),
        [(account, tx.accounts.sealed(account.id)) for account in tx.accounts.list()],
        list(tx.drafts.list()),
        [[list(part(id_)) for id_ in ids] for part in (tx.drafts.revisions, tx.drafts.approvals, tx.drafts.audit)],
        list(rows),
        [list(tx.deliveries.log(row.id)) for row in rows],
        dict(tx.deliveries.count_by_state()),
        [list(tx.cards.places(id_)) for id_ in ids],
        [list(tx.cards.list(surface=surface)) for surface in ("web", "slack")],
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

    @rule(id_=people, name=st.sampled_from(["Ada", "ADA", "Bo"]), add=st.booleans(), at=instants)
    def person(self, *, id_: PersonId, name: str, add: bool, at: datetime) -> None:
        """Add or save somebody."""
        person = a_person(id=id_, name=name, role=Role.AUTHOR, created_at=at)
        self._both(lambda tx: tx.people.add(person) if add else tx.people.save(person))
        self._both(lambda tx: tx.people.by_name("ada"))

    @rule(id_=st.sampled_from(["x", "y"]).map(BrandId), name=st.sampled_from(["One", "two"]))
    def brand(self, id_: BrandId, name: str) -> None:
        """Put a voice."""
        self._both(lambda tx: tx.brands.put(a_brand(id=id_, name=name)))

    @rule(id_=accounts, remote=st.sampled_from(["r", "s"]), add=st.booleans(), at=instants)
    def account(self, *, id_: AccountId, remote: str, add: bool, at: datetime) -> None:
        """Add or save an identity."""
        account = an_account(id=id_, remote_id=remote, created_at=at)
        self._both(lambda tx: tx.accounts.add(account, b"one") if add else tx.accounts.save(account))

    @rule(id_=accounts, expected=st.sampled_from([None, b"one", b"two"]), sealed=st.sampled_from([b"one", b"two"]))
    def reseal(self, id_: AccountId, expected: bytes | None, sealed: bytes) -> None:
        """Compare and set credentials."""
        self._both(lambda tx: tx.accounts.reseal(id_, sealed, expected=expected))

    @rule(id_=accounts)
    def remove_account(self, id_: AccountId) -> None:
        """Take one away."""
        self._both(lambda tx: tx.accounts.remove(id_))

    @rule(id_=drafts, number=small, state=st.sampled_from(DraftState), add=st.booleans(), approved=st.booleans())
    def draft(self, *, id_: DraftId, number: int, state: DraftState, add: bool, approved: bool) -> None:
        """Add or save a draft, whatever its revision."""
        revision = a_revision(number=number) if number else None
        draft = an_approved_draft(id=id_, revision=revision) if approved else a_draft(id=id_, revision=revision)
        draft = replace(draft, state=state)
        self._both(lambda tx: tx.drafts.add(draft) if add else tx.drafts.save(draft))

    @rule(id_=drafts, number=st.integers(1, 3))
    def revision(self, id_: DraftId, number: int) -> None:
        """Write a version."""
        self._both(lambda tx: tx.drafts.add_revision(id_, a_revision(number=number, note=f"v{number}")))

    @rule(id_=drafts, number=small)
    def facts(self, id_: DraftId, number: int) -> None:
        """Append an approval and an audit line."""
        self._both(lambda tx: tx.drafts.add_approval(an_approval(draft_id=id_, revision=number)))
        self._both(lambda tx: tx.drafts.add_audit(an_audit_entry(draft_id=id_, revision=number)))

    @rule()
    def number(self) -> None:
        """Give out a number."""
        self._both(lambda tx: tx.drafts.next_id())

    @rule(id_=deliveries, draft=drafts, account=accounts, number=st.integers(1, 2), state=states, due=instants)
    def plan(
        self, *, id_: DeliveryId, draft: DraftId, account: AccountId, number: int, state: DeliveryState, due: datetime
    ) -> None:
        """Add a row of the outbox."""
        row = a_delivery(id=id_, draft_id=draft, account_id=account, revision=number, state=state, due_at=due)
        self._both(lambda tx: tx.deliveries.add(row, a_log_entry(state)))

    @rule(wanted=st.sets(states), now=instants, lease=instants, limit=small)
    def claim(self, wanted: set[DeliveryState], now: datetime, lease: datetime, limit: int) -> None:
        """Take leases, and look when to take the next."""
        self._both(
            lambda tx: list(tx.deliveries.claim(wanted, now=now, owner="me", lease_until=lease, limit=limit + 1))
        )
        self._both(lambda tx: list(tx.deliveries.lapsed(now=now, limit=limit + 1)))
        self._both(lambda tx: tx.deliveries.next_wake(wanted))

    @rule(at=instants)
    def end_leases(self, at: datetime) -> None:
        """Cut leases short."""
        self._both(lambda tx: tx.deliveries.end_leases(at=at))

    @rule(id_=deliveries, state=states, fence=small, release=st.booleans(), at=instants)
    def settle(self, *, id_: DeliveryId, state: DeliveryState, fence: int, release: bool, at: datetime) -> None:
        """Save a row with a fence that may be old."""

        def save(tx: Transaction) -> object:
            row = tx.deliveries.lock(id_) or a_delivery(id=id_)
            changed = replace(row, state=state, next_at=at, receipts=(a_receipt(at=at),), probes=row.probes + 1)
            if release:
                changed = replace(changed, lease_owner="", lease_until=None)
            return tx.deliveries.save(changed, fence=fence, entry=a_log_entry(state, came_from=row.state))

        self._both(save)

    @rule(before=st.none() | deliveries, limit=small, wanted=st.none() | st.sets(states))
    def page(self, before: DeliveryId | None, limit: int, wanted: set[DeliveryState] | None) -> None:
        """Read a page of the outbox."""
        self._both(lambda tx: list(tx.deliveries.list(states=wanted, before=before, limit=limit)))

    @rule(before=st.none() | drafts, limit=small, wanted=st.none() | st.sets(st.sampled_from(DraftState)))
    def draft_page(self, before: DraftId | None, limit: int, wanted: set[DraftState] | None) -> None:
        """Read a page of drafts."""
        self._both(lambda tx: list(tx.drafts.list(states=wanted, before=before, limit=limit)))

    @rule(id_=cards, draft=drafts, place=st.sampled_from(["x", "y"]), web=st.booleans(), at=instants)
    def card(self, *, id_: str, draft: DraftId, place: str, web: bool, at: datetime) -> None:
        """Show a card somewhere."""
        shown = a_shown_card(card_id=id_, draft_id=draft, place=place, surface="web" if web else "slack", created_at=at)
        self._both(lambda tx: tx.cards.put(shown))

    @rule(before=st.none() | cards, limit=small)
    def card_page(self, before: str | None, limit: int) -> None:
        """Read a page of cards."""
        self._both(lambda tx: list(tx.cards.list(surface="web", before=before, limit=limit)))

    @rule(id_=cards)
    def remove_card(self, id_: str) -> None:
        """Take a card from all its places."""
        self._both(lambda tx: tx.cards.remove(id_))

    @rule(draft=drafts, delivery=deliveries)
    def fail_half_way(self, draft: DraftId, delivery: DeliveryId) -> None:
        """A unit that does things and then raises."""

        def fail(tx: Transaction) -> None:
            tx.drafts.next_id()
            tx.cards.remove("c1")
            tx.drafts.add(a_draft(id=draft, revision=None))
            tx.deliveries.add(a_delivery(id=delivery, draft_id=draft), a_log_entry())
            msg = "half way"
            raise LookupError(msg)

        self._both(fail)


async def _outcome(store: Store, fn: Callable[[Transaction], object]) -> tuple[str, object]:
    """The result, or what kind of error."""
    try:
        return ("result", await store.write(fn))
    except (DeskError, LookupError) as error:
        return ("error", type(error).__name__)


Agreement.TestCase.settings = settings(
    max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestAgreement = Agreement.TestCase
