"""The forms for a post that is live: other words, or none any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handlers.views.actions import correctable, removable
from handlers.views.form import FieldType, Form, FormField, Option
from handlers.views.forms import MAX_TEXT
from services.domain.post import PART_BREAK

if TYPE_CHECKING:
    from handlers.views.actions import Action
    from handlers.views.look import Look
    from services.domain.delivery import Delivery
    from services.ledger import Snapshot

EVERYWHERE: Final = "everywhere"
"""The choice that means every network at once."""


def text_now(delivery: Delivery) -> str:
    """The whole text as it stands on the network."""
    return PART_BREAK.join(delivery.words(receipt) for receipt in delivery.receipts)


def correct_form(action: Action, snapshot: Snapshot, look: Look) -> Form:
    """The words that are live, to be changed."""
    fields = tuple(
        FormField(
            name=f"text.{row.account_id}",
            title=look.account(snapshot.accounts.get(row.account_id), row.platform),
            type=FieldType.LINES,
            required=True,
            max=MAX_TEXT,
            value=text_now(row),
            help="It is changed on the network as soon as you save.",
        )
        for row in correctable(snapshot, look)
    )
    return Form(name="correct", title="Correct what is live", submit="Correct", action=action.encode(), fields=fields)


def take_down_form(action: Action, snapshot: Snapshot, look: Look) -> Form:
    """Where it is to go away; nothing is chosen beforehand."""
    rows = removable(snapshot, look)
    options = [
        Option(value=row.account_id, text=look.account(snapshot.accounts.get(row.account_id), row.platform))
        for row in rows
    ]
    if len(rows) > 1:
        options.append(Option(value=EVERYWHERE, text="Everywhere"))
    where = FormField(
        name="account",
        title="Where?",
        type=FieldType.CHOICE,
        required=True,
        options=tuple(options),
        help="It is deleted on the network, with its answers and numbers. This can't be taken back.",
    )
    return Form(name="take_down", title="Take it down", submit="Take down", action=action.encode(), fields=(where,))
