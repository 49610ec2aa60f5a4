"""The forms that ask what is chosen: for a draft, and for every new draft of an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handlers.views.choosing import connected
from handlers.views.form import FieldType, Form, FormField, Option
from services.content.options import choices_of, field_name, lasting, must_be_chosen, offered
from services.domain.ids import AccountId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.views.actions import Action
    from handlers.views.look import Look
    from services.domain.account import Account
    from services.domain.post import Revision
    from services.ledger import Snapshot
    from services.ports.options import PostOption

MOST_WORDS: Final = 3000
"""Characters of an option whose network sets no limit of its own."""


def options_form(action: Action, snapshot: Snapshot, look: Look) -> Form:
    """Every option of every account of the draft, with what is chosen now."""
    fields = [
        _field(option, account, variant.options, _where(account, snapshot, look))
        for variant, account in connected(snapshot)
        for option in offered(look.options.get(variant.platform, ()), account.limits)
    ]
    title = f"Options of draft {snapshot.draft.id}"
    return Form(name="options", title=title, submit="Save", action=action.encode(), fields=tuple(fields))


def _where(account: Account, snapshot: Snapshot, look: Look) -> str:
    """The network, with the account where the draft goes to several of that network."""
    several = sum(a.platform == account.platform for _, a in connected(snapshot)) > 1
    return look.account(account, account.platform) if several else look.network(account.platform)


def _field(option: PostOption, account: Account, values: Mapping[str, str], where: str, nothing: str = "") -> FormField:
    """`nothing` is what it means to leave a choice open; empty: it has to be made."""
    asked = must_be_chosen(option, account.limits)
    title = f"{option.title} · {where}" if where else option.title
    name, value = field_name(account.id, option.name), values.get(option.name, "")
    if not option.choices:
        kind = FieldType.LINES if option.lines else FieldType.LINE
        most = option.most or MOST_WORDS
        told = f"{option.help} One entry a line.".strip() if option.lines else option.help
        return FormField(name=name, title=title, group=where, type=kind, max=most, value=value, help=told)
    first = (Option(value="", text=nothing or "Choose…"),) if asked else ()
    return FormField(
        name=name,
        title=title,
        group=where,
        type=FieldType.CHOICE,
        required=asked and not nothing,
        options=(*first, *(Option(value=c.value, text=c.text) for c in choices_of(option, account.limits))),
        value=value if asked else value or option.default,
        help=option.help,
    )


def standing_form(action: Action, account: Account, look: Look) -> Form:
    """What every new draft for one account begins with."""
    options = lasting(look.options.get(account.platform, ()), account.limits)
    return Form(
        name="account_options",
        title=f"What drafts for {look.who(account)} begin with",
        submit="Save",
        action=action.encode(),
        fields=tuple(_field(o, account, account.options, "", nothing="Each post asks") for o in options),
    )


def option_values(revision: Revision | None, snapshot: Snapshot, look: Look) -> dict[str, str]:
    """What the fields of the form of options hold for a version when nobody chose anything else."""
    variants = revision.variants if revision else ()
    return {
        field_name(v.account_id, o.name): v.options.get(o.name, o.default)
        for v in variants
        if v.account_id in snapshot.accounts
        for o in look.options.get(v.platform, ())
    }


def given_options(fields: Mapping[str, str]) -> dict[AccountId, dict[str, str]]:
    """The answers of either form by account and option; fields of another kind are passed over."""
    found: dict[AccountId, dict[str, str]] = {}
    for name, value in fields.items():
        kind, _, rest = name.partition(".")
        account, _, option = rest.rpartition(".")
        if kind == "option" and account:
            found.setdefault(AccountId(account), {})[option] = value
    return found
