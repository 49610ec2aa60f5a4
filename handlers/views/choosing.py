"""What people choose for a post on its network: as its card tells it, and as a form asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handlers.views.card import Chosen
from handlers.views.form import FieldType, Form, FormField, Option
from services.content.options import choices_of, field_name, must_be_chosen, offered
from services.domain.ids import AccountId

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from handlers.views.actions import Action
    from handlers.views.look import Look
    from services.domain.account import Account, Limits
    from services.domain.post import Revision, Variant
    from services.ledger import Snapshot
    from services.ports.options import PostOption

MOST_WORDS: Final = 3000
"""Characters of an option whose network sets no limit of its own."""
_OPEN: Final = "not chosen yet"


def chosen(options: Sequence[PostOption], values: Mapping[str, str], limits: Limits | None) -> tuple[Chosen, ...]:
    """What was chosen, what still has to be, and the defaults that are always told; in the network's order.

    `limits` are those of the account, None when it is gone.
    """
    return tuple(_chosen(options, values, limits))


def _chosen(options: Sequence[PostOption], values: Mapping[str, str], limits: Limits | None) -> Iterator[Chosen]:
    for option in options:
        value = values.get(option.name, "")
        if not value and limits is not None and must_be_chosen(option, limits):
            yield Chosen(name=option.name, title=option.title, value="", text=_OPEN, open=True)
        elif value or (option.shown and option.choices):
            value = value or option.default
            yield Chosen(name=option.name, title=option.title, value=value, text=read(option, value))


def read(option: PostOption, value: str) -> str:
    """A value as people read it, in one line."""
    return " / ".join(option.text(value).splitlines())


def chosen_of(variant: Variant, account: Account | None, look: Look) -> tuple[Chosen, ...]:
    """The same of one account's post."""
    return chosen(look.options.get(variant.platform, ()), variant.options, account.limits if account else None)


def choosable(snapshot: Snapshot, look: Look) -> bool:
    """Whether some account of the draft leaves anything to choose."""
    return any(offered(look.options.get(a.platform, ()), a.limits) for _, a in _connected(snapshot))


def open_choices(snapshot: Snapshot, look: Look) -> bool:
    """Whether some choice has to be made before anybody can approve."""
    return any(c.open for v, a in _connected(snapshot) for c in chosen_of(v, a, look))


def _connected(snapshot: Snapshot) -> Iterator[tuple[Variant, Account]]:
    variants = snapshot.draft.revision.variants if snapshot.draft.revision else ()
    for variant in variants:
        account = snapshot.accounts.get(variant.account_id)
        if account is not None:
            yield variant, account


def options_form(action: Action, snapshot: Snapshot, look: Look) -> Form:
    """Every option of every account of the draft, with what is chosen now."""
    fields = [
        _field(option, account, variant.options, _where(account, snapshot, look))
        for variant, account in _connected(snapshot)
        for option in offered(look.options.get(variant.platform, ()), account.limits)
    ]
    title = f"Options of draft {snapshot.draft.id}"
    return Form(name="options", title=title, submit="Save", action=action.encode(), fields=tuple(fields))


def _where(account: Account, snapshot: Snapshot, look: Look) -> str:
    """The network, with the account where the draft goes to several of that network."""
    several = sum(a.platform == account.platform for _, a in _connected(snapshot)) > 1
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
        return FormField(name=name, title=title, type=kind, max=most, value=value, help=told)
    first = (Option(value="", text=nothing or "Choose…"),) if asked else ()
    return FormField(
        name=name,
        title=title,
        type=FieldType.CHOICE,
        required=asked and not nothing,
        options=(*first, *(Option(value=c.value, text=c.text) for c in choices_of(option, account.limits))),
        value=value if asked else value or option.default,
        help=option.help,
    )


def standing_form(action: Action, account: Account, look: Look) -> Form:
    """What every new draft for one account begins with."""
    options = offered(look.options.get(account.platform, ()), account.limits)
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
