"""What people choose for a post on its network, as its card tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handlers.views.card import Chosen
from services.content.options import must_be_chosen, offered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from handlers.views.look import Look
    from services.domain.account import Account, Limits
    from services.domain.post import Variant
    from services.ledger import Snapshot
    from services.ports.options import PostOption

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
    return any(offered(look.options.get(a.platform, ()), a.limits) for _, a in connected(snapshot))


def open_choices(snapshot: Snapshot, look: Look) -> bool:
    """Whether some choice has to be made before anybody can approve."""
    return any(c.open for v, a in connected(snapshot) for c in chosen_of(v, a, look))


def connected(snapshot: Snapshot) -> Iterator[tuple[Variant, Account]]:
    """What the draft says now, for the accounts that are still there."""
    variants = snapshot.draft.revision.variants if snapshot.draft.revision else ()
    for variant in variants:
        account = snapshot.accounts.get(variant.account_id)
        if account is not None:
            yield variant, account
