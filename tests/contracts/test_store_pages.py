"""A page of drafts is read at once and says the same as one by one, in every store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.domain.ids import DraftId
from services.domain.post import DraftState
from tests.builders import a_draft, a_revision, an_audit_entry
from tests.contracts.stores import KINDS, empty_store, put_draft, with_drafts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from services.ports.storage import Store, Transaction

S = DraftState
STATES = (S.DRAFT, S.IN_REVIEW, S.APPROVED, S.DRAFT, S.REJECTED)
IDS = [DraftId(str(n)) for n in range(1, 6)]


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Each of the stores with five drafts, one of them unwritten, and audit lines for three."""

    def fill(tx: Transaction) -> None:
        for draft_id, state in zip(IDS, STATES, strict=True):
            written = None if draft_id == "4" else a_revision()
            put_draft(tx, a_draft(id=draft_id, state=state, revision=written))
        for number, verb in (("1", "drafted"), ("3", "drafted"), ("1", "edited"), ("2", "drafted")):
            tx.drafts.add_audit(an_audit_entry(draft_id=DraftId(number), verb=verb))

    async with empty_store(request.param, tmp_path) as opened:
        await opened.write(fill)
        yield opened


@pytest.mark.parametrize("wanted", [[], ["1"], ["5", "2", "4"], ["3", "3", "99"], IDS])
async def test_many_are_those_that_are_here_as_they_are(store: Store, wanted: list[str]) -> None:
    ids = [DraftId(w) for w in wanted]
    many = await store.read(lambda tx: tx.drafts.many(ids))
    one_by_one = await store.read(lambda tx: {i: tx.drafts.get(i) for i in ids})
    assert dict(many) == {i: draft for i, draft in one_by_one.items() if draft is not None}


@pytest.mark.parametrize("wanted", [[], ["1"], ["5", "1", "3"], ["1", "1", "99"], IDS])
async def test_audits_have_an_entry_for_each(store: Store, wanted: list[str]) -> None:
    ids = [DraftId(w) for w in wanted]
    audits = await store.read(lambda tx: {i: list(lines) for i, lines in tx.drafts.audits(ids).items()})
    assert audits == await store.read(lambda tx: {i: list(tx.drafts.audit(i)) for i in ids})


async def test_more_than_one_statement_takes(store: Store) -> None:
    ids = [DraftId(str(n)) for n in range(1, 301)]
    await with_drafts(store, *ids[5:])
    assert set(await store.read(lambda tx: tx.drafts.many(ids))) == set(ids)
    assert set(await store.read(lambda tx: tx.drafts.audits(ids))) == set(ids)


@pytest.mark.parametrize(
    ("states", "total"), [(set(), 0), ({S.DRAFT}, 1), ({S.DRAFT, S.IN_REVIEW}, 2), ({S.ARCHIVED}, 0), (set(S), 4)]
)
async def test_written_drafts_are_counted_by_their_state(store: Store, states: set[DraftState], total: int) -> None:
    assert await store.read(lambda tx: tx.drafts.count(states)) == total
