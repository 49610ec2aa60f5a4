"""Saying a finished post again for other networks: which text, from where, for whom; the writer does the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services import ledger
from services.domain.errors import Conflict, InvalidInput
from services.domain.post import PERSON, Brief, DraftState
from services.selection import select

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from services.domain.account import Account
    from services.domain.ids import AccountId, DraftId
    from services.domain.post import Draft, Variant
    from services.ports.platform import Platforms
    from services.ports.storage import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Adaptation:
    """What a person asks to be said again elsewhere."""

    draft_id: DraftId
    wanted: tuple[str, ...]
    """Platform slugs and @handles to write for."""
    source: str = ""
    """The network or @handle whose text is taken; empty: the first one that is not written for."""
    parts: int | None = None
    """Posts of a thread; None: as many as the text has."""
    tone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapted:
    """The new draft's beginning."""

    old: Draft
    brief: Brief
    accounts: tuple[Account, ...]


def adapt(tx: Transaction, order: Adaptation, accounts: Sequence[Account], platforms: Platforms) -> Adapted:
    """Find the text and the accounts among those in use.

    Raises `NotFound` for a number nobody knows, `Conflict` where nothing is written, `InvalidInput` for networks.
    """
    old = ledger.find(tx, order.draft_id)
    _require_text(old)
    if not any(word.strip() for word in order.wanted):
        example = f"Name them, as in: adapt {old.id} for {next(iter(sorted(platforms)))}"
        raise InvalidInput("No network is named to adapt it for.", next_step=example, field="networks")
    chosen = select(accounts, order.wanted, platforms)
    spoken = _source(tx, old, order, {a.id for a in chosen}, platforms)
    if [a.id for a in chosen] == [spoken.account_id]:
        label = platforms[spoken.platform].label
        msg = f"Draft {old.id} is written for {label} already, and for nothing else."
        raise InvalidInput(msg, next_step="Name another network, or use Regenerate on its card.", field="networks")
    return Adapted(old=old, brief=_brief(tx, old, spoken, order), accounts=chosen)


def _require_text(old: Draft) -> None:
    if old.state is DraftState.DRAFTING:
        raise Conflict(f"Draft {old.id} is being written just now.", next_step="Adapt it when its text is there.")
    if old.revision is None:
        raise Conflict(f"Draft {old.id} has no text yet.", next_step="Write it first, or ask for a new draft.")


def _source(
    tx: Transaction, old: Draft, order: Adaptation, targets: Collection[AccountId], platforms: Platforms
) -> Variant:
    """The named network's text, else the first one that need not be written for, else the first."""
    variants = old.revision.variants if old.revision else ()
    said = [v for v in variants if any(part.strip() for part in v.parts)]
    if not said:
        raise Conflict(f"Draft {old.id} has pictures but no text to adapt.", next_step="Write a text first.")
    if order.source.strip():
        known = [a for a in tx.accounts.list() if a.id in {v.account_id for v in said}]
        try:
            named = {a.id for a in select(known, (order.source,), platforms)}
        except InvalidInput:
            there = ", ".join(f"@{a.handle}" for a in known) or "none that is still connected"
            msg = f"Draft {old.id} has no text for “{order.source}”."
            raise InvalidInput(msg, next_step=f"It has texts for: {there}.", field="source") from None
        return next(v for v in said if v.account_id in named)
    return next((v for v in said if v.account_id not in targets), said[0])


def _brief(tx: Transaction, old: Draft, spoken: Variant, order: Adaptation) -> Brief:
    """The old brief behind the text; once a person has changed the words, what the brief said may be wrong by now."""
    parts = order.parts or len(spoken.parts)
    if _reworded(tx, old):
        return Brief(text=spoken.text, source=spoken.text, parts=parts, tone=order.tone)
    return Brief(
        text=old.brief.text,
        notes=old.brief.notes,
        source=spoken.text,
        parts=parts,
        tone=order.tone or old.brief.tone,
    )


def _reworded(tx: Transaction, old: Draft) -> bool:
    said: dict[AccountId, tuple[str, ...]] = {}
    for revision in tx.drafts.revisions(old.id):
        now = {v.account_id: v.parts for v in revision.variants}
        if revision.made_with == PERSON and now != said:
            return True
        said = now
    return False
