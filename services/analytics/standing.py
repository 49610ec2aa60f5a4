"""What a report says besides numbers: what goes out next, what waits for somebody, whose numbers are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from services.analytics.wording import count, day
from services.domain.account import Health
from services.domain.delivery import DeliveryState, derive_state
from services.domain.post import DraftState
from services.domain.wording import listed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from services.domain.account import Account
    from services.domain.delivery import Delivery
    from services.domain.ids import AccountId, DraftId
    from services.domain.metrics import MeasuredPost
    from services.domain.post import Draft
    from services.ports.storage import Transaction

SHOWN: Final = 5
"""Lines of each list."""
_LOOKED: Final = 1000
"""Rows at most; they come newest first, and what was planned long ago may be what goes out next."""
_TOPIC: Final = 60
_DECIDED: Final = {
    DeliveryState.HELD: "is held back",
    DeliveryState.NEEDS_HUMAN: "may be live: somebody has to look",
    DeliveryState.FAILED: "was refused",
}


def planned(tx: Transaction, ids: Collection[AccountId], labels: Mapping[str, str], zone: str) -> tuple[str, ...]:
    """The next posts with their time, a line for each draft."""
    rows = tx.deliveries.list(states={DeliveryState.SCHEDULED}, limit=_LOOKED)
    by_draft: dict[DraftId, list[Delivery]] = {}
    for row in sorted(rows, key=lambda d: (d.due_at, d.id)):
        if row.account_id in ids:
            by_draft.setdefault(row.draft_id, []).append(row)
    lines = []
    for draft_id, deliveries in list(by_draft.items())[:SHOWN]:
        networks = listed(list(dict.fromkeys(labels.get(d.platform, d.platform) for d in deliveries)))
        draft = tx.drafts.get(draft_id)
        about = f" · {topic(draft)}" if draft else ""
        lines.append(f"{_moment(deliveries[0].due_at, zone)} · draft {draft_id}{about} · {networks}")
    return _few(lines, len(by_draft))


def waiting(tx: Transaction, ids: Collection[AccountId], labels: Mapping[str, str], zone: str) -> tuple[str, ...]:
    """Drafts for approval and deliveries for a decision."""
    lines = []
    for draft in tx.drafts.list(states={DraftState.DRAFT, DraftState.IN_REVIEW}, limit=_LOOKED):
        if draft.revision is None or not any(v.account_id in ids for v in draft.revision.variants):
            continue
        when = f", planned for {_moment(draft.planned_at, zone)}" if draft.planned_at else ""
        lines.append(f"Draft {draft.id} · {topic(draft)} · waits for approval{when}")
    lines += [
        f"Draft {d.draft_id} on {labels.get(d.platform, d.platform)} {_DECIDED[d.state]}"
        for d in tx.deliveries.list(states=_DECIDED.keys(), limit=_LOOKED)
        if d.account_id in ids and not _over(tx, d)
    ]
    return _few(lines, len(lines))


def _over(tx: Transaction, delivery: Delivery) -> bool:
    """Whether nobody waits for this any more: another version took its place."""
    draft = tx.drafts.get(delivery.draft_id)
    if draft is None or draft.revision is None or draft.revision.number != delivery.revision:
        return True
    return derive_state(draft, [delivery]) is DraftState.ARCHIVED


def gaps(accounts: Iterable[Account], posts: Sequence[MeasuredPost], labels: Mapping[str, str]) -> tuple[str, ...]:
    """Accounts whose numbers are missing, and why; one that published nothing misses nothing."""
    lines = []
    for account in accounts:
        own = [p for p in posts if p.account_id == account.id]
        missing = [p for p in own if p.latest is None]
        reason = next((p.gap for p in own if p.gap), "")
        if account.health is not Health.OK and own:
            reason = account.health_note or reason
        elif not missing:
            continue
        reason = reason or "a post is first looked at after an hour."
        many = f"{len(missing):,} of {count(len(own), 'post')} without numbers" if missing else "no new numbers"
        lines.append(
            f"{labels.get(account.platform, account.platform)} · @{account.handle}: {many}. {_capital(reason)}"
        )
    return tuple(lines)


def topic(draft: Draft) -> str:
    """What it is about, in a few words."""
    line = " ".join(((draft.revision.outline.topic if draft.revision else "") or draft.brief.text).split())
    return line if len(line) <= _TOPIC else f"{line[: _TOPIC - 1].rsplit(' ', 1)[0]}…"


def _moment(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{day(local.date())} {local:%H:%M}"


def _few(lines: list[str], total: int) -> tuple[str, ...]:
    more = total - SHOWN
    return tuple(lines) if more <= 0 else (*lines[:SHOWN], f"and {more} more")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
