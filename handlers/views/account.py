"""The connected accounts and whether they work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handlers.views.actions import Action, Verb
from handlers.views.card import MAX_LABEL, MAX_VISIBLE, Button, Card, Field, Fields, Note, Tone, short
from handlers.views.choosing import chosen
from services.access import Permission, may
from services.content.options import lasting
from services.domain.account import Health

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.views.look import Look
    from services.domain.account import Account

WORDS: Final = {
    Health.OK: "Works",
    Health.NEEDS_REAUTH: "Has to be connected again",
    Health.NEEDS_OPERATOR: "Needs whoever runs the desk",
}
"""Health as people read it."""


def accounts_card(accounts: Sequence[Account], look: Look) -> Card:
    """Every account with its health in words, and where there is something to choose, what drafts for it begin with."""
    lines = tuple(Field(name=look.account(a, a.platform), text=_line(a, look)) for a in accounts)
    ill = any(a.health is not Health.OK or a.ends_soon(look.now) for a in accounts)
    how = Note(text="Connect one with: /desk connect")
    again = tuple(
        dict.fromkeys(a.platform for a in accounts if a.health is Health.NEEDS_REAUTH or a.ends_soon(look.now))
    )
    steps = tuple(Note(text=f"Connect it again with: /desk connect {platform}") for platform in again)
    return Card(
        card_id="list-accounts",
        state="list",
        title="Accounts",
        tone=Tone.WARNING if ill else Tone.QUIET,
        blocks=(Fields(items=lines), *steps) if lines else (Note(text="No account is connected yet."), how),
        buttons=tuple(_button(a, number, look) for number, a in enumerate(a for a in accounts if may_choose(a, look))),
    )


def may_choose(account: Account, look: Look) -> bool:
    """Whether this person may set what drafts for it begin with, and there is anything to set."""
    options = look.options.get(account.platform, ())
    return may(look.actor, Permission.OPERATE) and bool(lasting(options, account.limits))


def standing_action(account: Account) -> Action:
    """Opens and takes the form of its standing choices."""
    return Action(verb=Verb.ACCOUNT_OPTIONS, extra=account.id)


def standing_words(account: Account, look: Look) -> str:
    """Its standing choices in a line; empty when it has none."""
    told = chosen(look.options.get(account.platform, ()), account.options, None)
    return " · ".join(c.words for c in told if c.name in account.options)


def _button(account: Account, number: int, look: Look) -> Button:
    label = short(f"Options of {look.account(account, account.platform)}", MAX_LABEL)
    more = number >= MAX_VISIBLE
    return Button(id=standing_action(account).encode(), label=label, form="account_options", more=more)


def _line(account: Account, look: Look) -> str:
    ends = f"Its access ends {look.moment(account.ends_at)}" if account.ends_at and account.ends_soon(look.now) else ""
    practice = "Practice, on this machine only" if account.practice else ""
    standing = standing_words(account, look)
    begin = f"Drafts begin with {standing}" if standing else ""
    return (
        ". ".join(filter(None, (WORDS[account.health], account.health_note.rstrip("."), ends, practice, begin))) + "."
    )
