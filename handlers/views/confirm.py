"""What a person is about to do, in facts, before it can't be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.views.actions import Verb
from handlers.views.card import Field, Fields
from handlers.views.draft import topic

if TYPE_CHECKING:
    from datetime import timedelta

    from handlers.views.actions import Action
    from handlers.views.look import Look
    from services.ledger import Snapshot


def confirm_facts(action: Action, snapshot: Snapshot, look: Look, *, undo: timedelta | None = None) -> Fields:
    """The draft, the accounts it concerns, and for "publish now" how long it can be undone, when that is known."""
    draft = snapshot.draft
    facts = [Field(name="Draft", text=f"{draft.id} · {topic(draft)}")]
    if action.extra:
        places = [(d.account_id, d.platform) for d in snapshot.deliveries if d.id == action.extra]
    else:
        places = [(v.account_id, v.platform) for v in draft.revision.variants] if draft.revision else []
    accounts = ", ".join(look.account(snapshot.accounts.get(account), platform) for account, platform in places)
    if accounts:
        facts.append(Field(name="Accounts" if len(places) > 1 else "Account", text=accounts))
    if action.verb is Verb.PUBLISH and undo is not None:
        facts.append(Field(name="Time to undo", text=f"{undo.total_seconds():.0f} seconds"))
    return Fields(items=tuple(facts))
