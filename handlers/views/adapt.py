"""The form behind Adapt: which networks, whose text, and what should be different there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.views.actions import Verb, action_for
from handlers.views.form import FieldType, Form, FormField, Option
from handlers.views.forms import MAX_NOTE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.views.look import Look
    from services.ledger import Snapshot


def adapt_form(snapshot: Snapshot, look: Look, *, typed: Mapping[str, str]) -> Form:
    """The networks this draft is not written for yet are filled in, unless something was typed."""
    revision = snapshot.draft.revision
    variants = revision.variants if revision else ()
    there = {v.platform for v in variants}
    others = sorted({a.platform for a in snapshot.accounts.values()} - there)
    fields = [
        FormField(
            name="networks",
            title="Write it for",
            required=True,
            max=MAX_NOTE,
            value=typed.get("networks") or ", ".join(others),
            help=f"Some of: {', '.join(sorted(look.labels))}, or an @handle.",
        )
    ]
    accounts = [a for v in variants if (a := snapshot.accounts.get(v.account_id))]
    if len(accounts) > 1:
        options = (
            Option(value="", text="The first that it is not written for"),
            *(Option(value=f"@{a.handle}", text=look.account(a, a.platform)) for a in accounts),
        )
        fields.append(
            FormField(
                name="source",
                title="Whose text",
                type=FieldType.CHOICE,
                options=options,
                value=typed.get("source", ""),
                help="It stays as it is; a new draft is made from it.",
            )
        )
    wish = FormField(
        name="wish",
        title="What should be different?",
        max=MAX_NOTE,
        value=typed.get("wish", ""),
        help="Length, links, hashtags and structure follow the network by themselves.",
    )
    return Form(
        name="adapt",
        title=f"Adapt draft {snapshot.draft.id}",
        submit="Adapt",
        action=action_for(snapshot, Verb.ADAPT).encode(),
        fields=(*fields, wish),
    )
