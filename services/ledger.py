"""What every change to a draft does in its transaction: lock it as shown, cancel what was not sent, note who did it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from services.domain.delivery import Delivery, DeliveryLogEntry, DeliveryState, derive_state, freeze, step
from services.domain.errors import Conflict, NotFound
from services.domain.events import DeliveriesPlanned, DeliveryChanged, DraftChanged, Event
from services.domain.ids import DeliveryId
from services.domain.post import PERSON, AuditEntry, Draft, DraftState, Outline, PictureJob, Revision, Variant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from services.domain.account import Account
    from services.domain.actor import Person, Workspace
    from services.domain.brand import Brand
    from services.domain.ids import AccountId, DraftId
    from services.domain.media import PictureWish, Slide
    from services.ports.storage import Transaction

UNSENT: Final = frozenset({DeliveryState.SCHEDULED, DeliveryState.PREPARING, DeliveryState.HELD})
"""What an edit or a person may still take back."""
CHANGEABLE: Final = frozenset(
    {DraftState.DRAFT, DraftState.IN_REVIEW, DraftState.APPROVED, DraftState.SCHEDULED, DraftState.FAILED}
)
"""Nothing of it is in public: FAILED means refused everywhere, and what a network refused wants another text."""
STANDING: Final[Mapping[DraftState, str]] = {
    DraftState.DRAFTING: "is being written",
    DraftState.DRAFT: "has not been approved",
    DraftState.IN_REVIEW: "waits for approval",
    DraftState.APPROVED: "is approved",
    DraftState.SCHEDULED: "is scheduled",
    DraftState.PUBLISHING: "is on its way out",
    DraftState.PUBLISHED: "is published",
    DraftState.PARTLY_PUBLISHED: "is partly published",
    DraftState.FAILED: "was refused by its networks",
    DraftState.REJECTED: "was rejected",
    DraftState.ARCHIVED: "was archived",
}
"""A state inside a sentence."""
_WAY_OUT: Final[Mapping[DraftState, str]] = {
    DraftState.SCHEDULED: "Unschedule it first.",
    DraftState.PUBLISHED: "Duplicate it to use it again.",
    DraftState.PARTLY_PUBLISHED: "Duplicate it to use it again.",
    DraftState.FAILED: "Edit it and have it approved again, or retry the delivery.",
    DraftState.REJECTED: "Reopen it first.",
    DraftState.ARCHIVED: "Duplicate it to use it again.",
}
APPROVED: Final = "approved"
SUBMITTED: Final = "asked for review"
SCHEDULED: Final = "scheduled"
UNSCHEDULED: Final = "unscheduled"
PUBLISHED_NOW: Final = "published now"
TOOK_BACK: Final = "took back"
PICTURED: Final = "made a picture"
GOT_NO_PICTURE: Final = "got no picture"
CHOSE: Final = "chose options"
PLANNING: Final = frozenset({SCHEDULED, UNSCHEDULED, PUBLISHED_NOW, TOOK_BACK, GOT_NO_PICTURE})
"""Verbs of the audit that say nothing about how far a draft has come."""


_serials: Final = count()
"""Keeps the ids of one instant in order; the random end keeps those of two processes apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRef:
    """The draft as a card showed it; acting on it is refused when the draft has moved on."""

    draft_id: DraftId
    revision: int
    """0 while nothing is written."""
    digest: str = ""
    """The beginning of the content digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A draft with all a card needs, read in one transaction."""

    draft: Draft
    state: DraftState
    deliveries: tuple[Delivery, ...]
    """Those of the current revision that were not cancelled, oldest first."""
    audit: tuple[AuditEntry, ...]
    revisions: int
    accounts: Mapping[AccountId, Account]
    brand: Brand
    workspace: Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The outcome of a write: the draft as it is now, and what to tell the others after the commit."""

    snapshot: Snapshot
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a new version says and shows."""

    variants: tuple[Variant, ...]
    slides: tuple[Slide, ...] | None = None
    """None keeps those there are."""


Rewording = Callable[["Draft", Mapping["AccountId", "Account"]], Content]
"""Makes the new content of a draft, given the connected accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A person's change of the content."""

    note: str
    """What was done, as the audit line says it."""
    change: Rewording
    outline: Outline | None = None
    """None keeps the one there is."""
    words: bool = True
    """False where no text can be another one by it, so that who wrote them stays told."""


def find(tx: Transaction, draft_id: DraftId) -> Draft:
    """Read, or raise `NotFound`."""
    return _present(tx.drafts.get(draft_id), draft_id)


def _present(draft: Draft | None, draft_id: DraftId) -> Draft:
    if draft is None:
        msg = f"There is no draft {draft_id}."
        raise NotFound(msg, next_step="The queue lists the drafts there are.")
    return draft


def snapshot(tx: Transaction, draft: Draft) -> Snapshot:
    """Everything about a draft as it stands in this transaction."""
    return _snapshot(
        draft,
        tx.deliveries.for_draft(draft.id),
        audit=tuple(tx.drafts.audit(draft.id)),
        accounts={a.id: a for a in tx.accounts.list()},
        brand=brand_of(tx, draft),
        workspace=tx.workspace(),
    )


def snapshots(tx: Transaction, drafts: Sequence[Draft]) -> list[Snapshot]:
    """As `snapshot` of each, with as few reads as for one; raises `NotFound` when a brand was removed."""
    ids = [d.id for d in drafts]
    deliveries, audits = tx.deliveries.for_drafts(ids), tx.drafts.audits(ids)
    accounts = {a.id: a for a in tx.accounts.list()}
    brands = {d.brand_id: d for d in drafts}
    voices = {brand_id: brand_of(tx, draft) for brand_id, draft in brands.items()}
    workspace = tx.workspace()
    return [
        _snapshot(
            draft,
            deliveries[draft.id],
            audit=tuple(audits[draft.id]),
            accounts=accounts,
            brand=voices[draft.brand_id],
            workspace=workspace,
        )
        for draft in drafts
    ]


def _snapshot(
    draft: Draft,
    deliveries: Sequence[Delivery],
    *,
    audit: tuple[AuditEntry, ...],
    accounts: Mapping[AccountId, Account],
    brand: Brand,
    workspace: Workspace,
) -> Snapshot:
    number = draft.revision.number if draft.revision else 0
    return Snapshot(
        draft=draft,
        state=derive_state(draft, deliveries),
        deliveries=tuple(d for d in deliveries if d.revision == number and d.state is not DeliveryState.CANCELLED),
        audit=audit,
        revisions=number,
        accounts=accounts,
        brand=brand,
        workspace=workspace,
    )


def brand_of(tx: Transaction, draft: Draft) -> Brand:
    """The draft's voice; raises `NotFound` when it was removed."""
    brand = tx.brands.get(draft.brand_id)
    if brand is None:
        msg = f"The brand {draft.brand_id} is not set up any more."
        raise NotFound(msg, next_step="Put it back into brand.toml and restart.")
    return brand


def lock_current(tx: Transaction, ref: DraftRef, *, actor: Person, now: datetime) -> Draft:
    """Lock the draft and make sure it still is what the card showed; raises `Conflict` for a stale card."""
    return current(tx, _present(tx.drafts.lock(ref.draft_id), ref.draft_id), ref, actor=actor, now=now)


def current(tx: Transaction, draft: Draft, ref: DraftRef, *, actor: Person, now: datetime) -> Draft:
    """The draft, where it is what the card showed; raises `Conflict` for a stale card."""
    number = draft.revision.number if draft.revision else 0
    digest = draft.revision.digest if draft.revision else ""
    if ref.revision == number and digest.startswith(ref.digest):
        return draft
    msg = f"This card showed version {ref.revision}, the draft is at version {number}."
    last = _last_words(tx, draft, zone=actor.zone, now=now)
    raise Conflict(f"{msg} {last}".strip(), next_step="The card has been refreshed: look again, then decide.")


def require_state(
    tx: Transaction, draft: Draft, allowed: frozenset[DraftState], *, doing: str, actor: Person, now: datetime
) -> DraftState:
    """Raise `Conflict` with the reason when the draft is past this action; gives the state people see."""
    state = standing(tx, draft)
    if state in allowed:
        return state
    if state is DraftState.DRAFTING:
        raise Conflict("This draft is being written just now.", next_step="Its card changes when it is done.")
    if draft.approval is not None and doing == APPROVED:
        when = moment(draft.approval.at, zone=actor.zone, now=now)
        msg = f"Already approved by {draft.approval.by_name} {when}."
        raise Conflict(msg, next_step="The card has been refreshed.")
    msg = f"This draft {STANDING[state]}, so it can't be {doing}. {_last_words(tx, draft, zone=actor.zone, now=now)}"
    raise Conflict(msg.strip(), next_step=_WAY_OUT.get(state, "The card has been refreshed."))


def standing(tx: Transaction, draft: Draft) -> DraftState:
    """The state that decides what may be done.

    What a worker has begun to prepare, but not to send, can still be changed: it counts as scheduled.
    """
    rows = tx.deliveries.for_draft(draft.id)
    state = derive_state(draft, rows)
    return DraftState.SCHEDULED if state is DraftState.PUBLISHING and _only_prepared(draft, rows) else state


def _only_prepared(draft: Draft, rows: Sequence[Delivery]) -> bool:
    number = draft.revision.number if draft.revision else 0
    live = [d for d in rows if d.revision == number and d.state is not DeliveryState.CANCELLED]
    return all(d.state in UNSENT and not d.receipts for d in live)


def _last_words(tx: Transaction, draft: Draft, *, zone: str, now: datetime) -> str:
    """Who did what last, so that somebody who came too late knows whom to ask."""
    lines = tx.drafts.audit(draft.id)
    if not lines:
        return ""
    when = moment(lines[-1].at, zone=zone, now=now)
    return f"{when[0].upper()}{when[1:]} {lines[-1].by_name} {lines[-1].verb}."


def state_before_rewrite(tx: Transaction, draft: Draft) -> DraftState:
    """The stored state a draft had before its writing began, told by its approval and its audit lines."""
    if draft.revision is None:
        return DraftState.DRAFT
    if draft.approval is not None:
        return DraftState.APPROVED
    lines = [e.verb for e in tx.drafts.audit(draft.id) if e.verb not in PLANNING]
    return DraftState.IN_REVIEW if lines[-1:] == [SUBMITTED] else DraftState.DRAFT


def cancel_unsent(tx: Transaction, draft: Draft, *, at: datetime, note: str) -> list[Event]:
    """Cancel every delivery that is not yet SENDING.

    Each row is read again under its lock, and the fence grows, so that a worker in the middle of preparing can't go on.
    """
    events: list[Event] = []
    for known in tx.deliveries.for_draft(draft.id):
        delivery = tx.deliveries.lock(known.id) if known.state in UNSENT else None
        if delivery is None or delivery.state not in UNSENT:
            continue
        changed, entry = step(delivery, DeliveryState.CANCELLED, at=at, note=note)
        if tx.deliveries.save(replace(changed, fence=delivery.fence + 1), fence=delivery.fence, entry=entry):
            events.append(DeliveryChanged(delivery_id=delivery.id, draft_id=draft.id, state=changed.state))
    return events


def require_no_picture_job(draft: Draft, *, doing: str) -> None:
    """Raise `Conflict` while a picture is being made: what goes out is what somebody has seen whole."""
    if draft.picturing is not None:
        msg = f"A picture is being made, so this can't be {doing} yet."
        raise Conflict(msg, next_step="Its card changes when the picture is there.")


def picture_job(actor: Person, wish: PictureWish, *, at: datetime) -> PictureJob:
    """A new job under an id of its own, so that one that was given up can't be taken for it."""
    return PictureJob(id=secrets.token_hex(6), wish=wish, by=actor.id, at=at)


def revise(tx: Transaction, actor: Person, ref: DraftRef, edit: Edit, *, now: datetime) -> Change:
    """Keep a person's change as a new revision; the same content again changes nothing and keeps the approval."""
    draft = lock_current(tx, ref, actor=actor, now=now)
    require_state(tx, draft, CHANGEABLE, doing="changed", actor=actor, now=now)
    previous = draft.revision
    there = {a.id: a for a in tx.accounts.list()}
    content = edit.change(draft, there)
    slides = slides_or_none(draft) if content.slides is None else content.slides
    revision = Revision(
        number=previous.number + 1 if previous else 1,
        outline=edit.outline or (previous.outline if previous else Outline(topic=draft.brief.text.partition("\n")[0])),
        variants=connected(content.variants, there),
        slides=slides,
        by=actor.id,
        made_with=PERSON if edit.words or previous is None else previous.made_with,
        note=edit.note,
        at=now,
    )
    if previous is not None and (revision.digest, revision.slides) == (previous.digest, previous.slides):
        return Change(snapshot=snapshot(tx, draft), events=())
    draft, events = new_revision(tx, moved(draft, DraftState.DRAFT, at=now), revision, at=now)
    record(tx, draft, actor, edit.note, at=now)
    return settle(tx, draft, *events)


def new_revision(tx: Transaction, draft: Draft, revision: Revision, *, at: datetime) -> tuple[Draft, list[Event]]:
    """Add the revision; the old one's approval and deliveries no longer count.

    A time somebody chose is kept for the next approval; "now" was meant for the old version.
    """
    tx.drafts.add_revision(draft.id, revision)
    planned = planned_by_hand(tx, draft)
    events = cancel_unsent(tx, draft, at=at, note=f"Version {revision.number} replaced it.")
    return replace(draft, revision=revision, approval=None, planned_at=planned, problem=""), events


def planned_by_hand(tx: Transaction, draft: Draft) -> datetime | None:
    """The time somebody chose; None for "now", which was meant for what was to go out then."""
    at_once = any(d.undo_until for d in tx.deliveries.for_draft(draft.id) if d.state in UNSENT)
    return None if at_once else draft.planned_at


def connected(variants: Sequence[Variant], there: Mapping[AccountId, Account]) -> tuple[Variant, ...]:
    """Without those for accounts that were removed; raises `Conflict` when none is left."""
    kept = tuple(v for v in variants if v.account_id in there)
    if not kept:
        msg = "None of the accounts this draft was written for is connected any more."
        raise Conflict(msg, next_step="Ask for a new draft.")
    return kept


def variants_or_blank(draft: Draft, accounts: Mapping[AccountId, Account]) -> tuple[Variant, ...]:
    """What the draft says now; before anything was written, an empty text for each account."""
    if draft.revision is not None:
        return draft.revision.variants
    there = (accounts[i] for i in draft.account_ids if i in accounts)
    return tuple(Variant(account_id=a.id, platform=a.platform, parts=("",), options=a.options) for a in there)


def slides_or_none(draft: Draft) -> tuple[Slide, ...]:
    """All that the draft has to show."""
    return draft.revision.slides if draft.revision is not None else ()


def enqueue(
    tx: Transaction, draft: Draft, *, due_at: datetime, now: datetime, note: str, undo_until: datetime | None = None
) -> Event:
    """Freeze the approved version into delivery rows in this very transaction."""

    def new_id() -> DeliveryId:
        serial = next(_serials) & 0xFFFF
        return DeliveryId(f"{int(now.timestamp() * 1_000_000):014x}{serial:04x}{secrets.token_hex(4)}")

    rows = freeze(draft, due_at=due_at, now=now, new_id=new_id, undo_until=undo_until)
    for row in rows:
        tx.deliveries.add(row, DeliveryLogEntry(at=now, from_state=None, to_state=row.state, note=note))
    return DeliveriesPlanned(draft_id=draft.id, earliest=rows[0].next_at)


def record(tx: Transaction, draft: Draft, person: Person, verb: str, *, at: datetime, note: str = "") -> None:
    """Append an audit line."""
    number = draft.revision.number if draft.revision else 0
    tx.drafts.add_audit(
        AuditEntry(draft_id=draft.id, at=at, by=person.id, by_name=person.name, verb=verb, revision=number, note=note)
    )


def settle(tx: Transaction, draft: Draft, *events: Event) -> Change:
    """Save the draft and describe the change."""
    tx.drafts.save(draft)
    return Change(snapshot=snapshot(tx, draft), events=(*events, DraftChanged(draft_id=draft.id)))


def local(at: datetime, zone: str) -> datetime:
    """The instant on a person's clock."""
    return at.astimezone(ZoneInfo(zone))


def moment(at: datetime, *, zone: str, now: datetime) -> str:
    """As "at 14:02" on the person's clock, with the day when that is not today."""
    there = local(at, zone)
    day = "" if there.date() == local(now, zone).date() else f"on {there.day} {there:%b} "
    return f"{day}at {there:%H:%M}"


def moved(draft: Draft, to: DraftState, *, at: datetime) -> Draft:
    """The draft after a lawful step of its stored state."""
    draft.require_step(to)
    return replace(draft, state=to, state_at=at)
