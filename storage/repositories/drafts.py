"""Drafts as rows, each read together with its current revision."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import Text, and_, bindparam, func, insert, literal, or_, select, update

from services.domain.errors import InvalidInput, NotFound
from services.domain.ids import BrandId, Digest, DraftId, PersonId
from services.domain.post import Approval, AuditEntry, Draft, DraftState, Revision
from storage import codec
from storage.prepared import Prepared, words
from storage.repositories.base import Repository
from storage.tables import approvals, audit, counters, deliveries, drafts, revisions
from storage.types import draft_number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from storage.prepared import Row

_COUNTER = "drafts"
_MOST = 128
"""Drafts asked for by one statement."""
_CURRENT = and_(revisions.c.draft_id == drafts.c.id, revisions.c.number == drafts.c.revision)
_REVISION = tuple(column.label(f"revision_{column.name}") for column in revisions.c)


_ALL = select(drafts, *_REVISION).select_from(drafts.outerjoin(revisions, _CURRENT))
_THIS = _ALL.where(drafts.c.id == bindparam("of"))
_COUNT = update(counters).where(counters.c.name == _COUNTER).values(value=counters.c.value + 1)
_BEHIND = update(counters).where(counters.c.name == _COUNTER, counters.c.value < bindparam("least"))
_VERSIONS = select(*_REVISION).where(revisions.c.draft_id == bindparam("of"))

_DUE = select(deliveries.c.draft_id).where(
    deliveries.c.due_at >= bindparam("since"),
    deliveries.c.due_at < bindparam("until"),
    deliveries.c.state != literal("CANCELLED", Text),
)
_IN_SPAN = and_(drafts.c.planned_at >= bindparam("since"), drafts.c.planned_at < bindparam("until"))
_SPAN = _ALL.where(or_(_IN_SPAN, drafts.c.id.in_(_DUE))).order_by(drafts.c.id.desc()).limit(bindparam("most"))

_BY_ID = Prepared(_THIS)
_PLACED = Prepared(_SPAN)
_FREE = _ALL.where(drafts.c.state == literal(DraftState.APPROVED.value, Text), drafts.c.planned_at.is_(None))
_UNPLACED = Prepared(_FREE.order_by(drafts.c.id.desc()).limit(bindparam("most")))
_LOCKED = Prepared(_THIS.with_for_update(of=drafts))
_ADD = Prepared(insert(drafts))
_SAVE = Prepared(update(drafts).where(drafts.c.id == bindparam("of")), columns=drafts.c.keys())
_NEXT = Prepared(_COUNT.returning(counters.c.value))
_PAST = Prepared(_BEHIND, columns=["value"])
_ADD_REVISION = Prepared(insert(revisions))
_ONE_REVISION = Prepared(_VERSIONS.where(revisions.c.number == bindparam("which")))
_REVISIONS = Prepared(_VERSIONS.order_by(revisions.c.number))
_PICTURING = Prepared(_ALL.where(drafts.c.picturing.is_not(None)).order_by(drafts.c.id))
_ADD_APPROVAL = Prepared(insert(approvals), columns=[c.name for c in approvals.c if c.name != "seq"])
_APPROVALS = Prepared(select(approvals).where(approvals.c.draft_id == bindparam("of")).order_by(approvals.c.seq))
_ADD_AUDIT = Prepared(insert(audit), columns=[c.name for c in audit.c if c.name != "seq"])
_AUDIT = Prepared(select(audit).where(audit.c.draft_id == bindparam("of")).order_by(audit.c.seq))


@lru_cache(maxsize=64)
def _page(states: frozenset[DraftState] | None, *, continued: bool) -> Prepared:
    found = _ALL.order_by(drafts.c.id.desc()).limit(bindparam("most"))
    if states is not None:
        found = found.where(drafts.c.state.in_(words(states)))
    return Prepared(found.where(drafts.c.id < bindparam("before")) if continued else found)


@lru_cache(maxsize=8)
def _total(states: frozenset[DraftState]) -> Prepared:
    written = and_(drafts.c.state.in_(words(states)), drafts.c.revision.is_not(None))
    return Prepared(select(func.count().label("total")).where(written))


@lru_cache(maxsize=2 * _MOST.bit_length())
def _several(size: int) -> Prepared:
    return Prepared(_ALL.where(drafts.c.id.in_([bindparam(f"of{place}") for place in range(size)])))


@lru_cache(maxsize=2 * _MOST.bit_length())
def _audit_of(size: int) -> Prepared:
    wanted = audit.c.draft_id.in_([bindparam(f"of{place}") for place in range(size)])
    return Prepared(select(audit).where(wanted).order_by(audit.c.seq))


def _chunks(draft_ids: Collection[DraftId]) -> Iterator[dict[str, object]]:
    """The values of few statements: each filled up to a power of two, so that a few serve any number."""
    wanted = list(dict.fromkeys(draft_ids))
    for start in range(0, len(wanted), _MOST):
        some = wanted[start : start + _MOST]
        size = 1 << (len(some) - 1).bit_length()
        yield {f"of{place}": some[min(place, len(some) - 1)] for place in range(size)}


class Drafts(Repository):
    """Implements the port's `DraftRepository`."""

    __slots__ = ()

    def next_id(self) -> DraftId:
        """Count up; a number given out in a transaction that failed was never seen and may come again."""
        self._require_write()
        return DraftId(str(_NEXT.rows(self._driver)[0].value))

    def get(self, draft_id: DraftId) -> Draft | None:
        """By id; text that is no number finds nothing."""
        row = _BY_ID.first(self._driver, {"of": draft_id})
        return None if row is None else _draft(row)

    def lock(self, draft_id: DraftId) -> Draft | None:
        """As `get`; with one writer the whole transaction is the lock, elsewhere the row is."""
        self._require_write()
        row = _LOCKED.first(self._driver, {"of": draft_id})
        return None if row is None else _draft(row)

    def add(self, draft: Draft) -> None:
        """Raises `Conflict` when the number is taken; a number from elsewhere moves the counter past itself."""
        number = draft_number(draft.id)
        if number is None:
            msg = f"{draft.id!r} is no draft number."
            raise InvalidInput(msg)
        self._change(_ADD, _columns(draft), what="draft")
        self._change(_PAST, {"least": number, "value": number}, what="draft")

    def save(self, draft: Draft) -> None:
        """Raises `NotFound` when there is no such draft."""
        if not self._change(_SAVE, {**_columns(draft), "of": draft.id}, what="draft"):
            msg = f"There is no draft {draft.id}."
            raise NotFound(msg)

    def add_revision(self, draft_id: DraftId, revision: Revision) -> None:
        """Raises `Conflict` when the number is taken, `NotFound` when the draft is not here."""
        values = {
            "draft_id": draft_id,
            "number": revision.number,
            "outline": codec.dump_outline(revision.outline),
            "variants": codec.dump_variants(revision.variants),
            "slides": codec.dump_slides(revision.slides),
            "by_id": revision.by,
            "made_with": revision.made_with,
            "note": revision.note,
            "at": revision.at,
        }
        self._change(_ADD_REVISION, values, what="revision")

    def revision(self, draft_id: DraftId, number: int) -> Revision | None:
        """One version."""
        row = _ONE_REVISION.first(self._driver, {"of": draft_id, "which": number})
        return None if row is None else _revision(row)

    def revisions(self, draft_id: DraftId) -> Sequence[Revision]:
        """Oldest first."""
        return [_revision(row) for row in _REVISIONS.rows(self._driver, {"of": draft_id})]

    def list(
        self, *, states: Collection[DraftState] | None = None, before: DraftId | None = None, limit: int = 50
    ) -> Sequence[Draft]:
        """Newest first by number, by stored state; `before` continues a page."""
        page = _page(None if states is None else frozenset(states), continued=before is not None)
        return [_draft(row) for row in page.rows(self._driver, {"before": before, "most": limit})]

    def picturing(self) -> Sequence[Draft]:
        """Those a picture is being made for, oldest first."""
        return [_draft(row) for row in _PICTURING.rows(self._driver)]

    def placed(self, *, since: datetime, until: datetime, limit: int = 1000) -> Sequence[Draft]:
        """Newest first: planned, or with a delivery that was not cancelled due, in this span."""
        rows = _PLACED.rows(self._driver, {"since": since, "until": until, "most": limit})
        return [_draft(row) for row in rows]

    def unplaced(self, *, limit: int = 50) -> Sequence[Draft]:
        """Newest first: approved and without a planned time."""
        return [_draft(row) for row in _UNPLACED.rows(self._driver, {"most": limit})]

    def add_approval(self, approval: Approval) -> None:
        """Append the fact; raises `NotFound` when the draft is not here."""
        values = {
            "draft_id": approval.draft_id,
            "revision": approval.revision,
            "digest": approval.digest,
            "by_id": approval.by,
            "by_name": approval.by_name,
            "at": approval.at,
        }
        self._change(_ADD_APPROVAL, values, what="approval")

    def approvals(self, draft_id: DraftId) -> Sequence[Approval]:
        """Oldest first, voided ones included."""
        return [
            Approval(
                draft_id=row.draft_id,
                revision=row.revision,
                digest=Digest(row.digest),
                by=PersonId(row.by_id),
                by_name=row.by_name,
                at=row.at,
            )
            for row in _APPROVALS.rows(self._driver, {"of": draft_id})
        ]

    def add_audit(self, entry: AuditEntry) -> None:
        """Append a line; raises `NotFound` when the draft is not here."""
        values = {
            "draft_id": entry.draft_id,
            "at": entry.at,
            "by_id": entry.by,
            "by_name": entry.by_name,
            "verb": entry.verb,
            "revision": entry.revision,
            "note": entry.note,
        }
        self._change(_ADD_AUDIT, values, what="audit line")

    def audit(self, draft_id: DraftId) -> Sequence[AuditEntry]:
        """Oldest first."""
        return [_audit_entry(row) for row in _AUDIT.rows(self._driver, {"of": draft_id})]

    def count(self, states: Collection[DraftState]) -> int:
        """By stored state, from its index."""
        total: int = _total(frozenset(states)).rows(self._driver)[0].total
        return total

    def many(self, draft_ids: Collection[DraftId]) -> Mapping[DraftId, Draft]:
        """With as few queries as there can be."""
        rows = (row for values in _chunks(draft_ids) for row in _several(len(values)).rows(self._driver, values))
        return {row.id: _draft(row) for row in rows}

    def audits(self, draft_ids: Collection[DraftId]) -> Mapping[DraftId, Sequence[AuditEntry]]:
        """One entry per id asked for, with as few queries as there can be."""
        found: dict[DraftId, list[AuditEntry]] = {draft_id: [] for draft_id in draft_ids}
        for values in _chunks(draft_ids):
            for row in _audit_of(len(values)).rows(self._driver, values):
                found[row.draft_id].append(_audit_entry(row))
        return found


def _audit_entry(row: Row) -> AuditEntry:
    return AuditEntry(
        draft_id=row.draft_id,
        at=row.at,
        by=PersonId(row.by_id),
        by_name=row.by_name,
        verb=row.verb,
        revision=row.revision,
        note=row.note,
    )


def _columns(draft: Draft) -> dict[str, object]:
    return {
        "id": draft.id,
        "state": draft.state.value,
        "brief": codec.dump_brief(draft.brief),
        "brand_id": draft.brand_id,
        "account_ids": codec.dump_ids(draft.account_ids),
        "author": draft.author,
        "author_name": draft.author_name,
        "revision": draft.revision.number if draft.revision else None,
        "approval": codec.dump_approval(draft.approval),
        "planned_at": draft.planned_at,
        "problem": draft.problem,
        "picturing": codec.dump_picture_job(draft.picturing),
        "state_at": draft.state_at,
        "created_at": draft.created_at,
    }


def _draft(row: Row) -> Draft:
    return Draft(
        id=row.id,
        state=DraftState(row.state),
        brief=codec.load_brief(row.brief),
        brand_id=BrandId(row.brand_id),
        account_ids=codec.load_ids(row.account_ids),
        author=PersonId(row.author),
        author_name=row.author_name,
        revision=None if row.revision_number is None else _revision(row),
        approval=codec.load_approval(row.approval),
        planned_at=row.planned_at,
        problem=row.problem,
        picturing=codec.load_picture_job(row.picturing),
        state_at=row.state_at,
        created_at=row.created_at,
    )


def _revision(row: Row) -> Revision:
    return Revision(
        number=row.revision_number,
        outline=codec.load_outline(row.revision_outline),
        variants=codec.load_variants(row.revision_variants),
        slides=codec.load_slides(row.revision_slides),
        by=PersonId(row.revision_by_id),
        made_with=row.revision_made_with,
        note=row.revision_note,
        at=row.revision_at,
    )
