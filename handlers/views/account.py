"""The connected accounts and whether they work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handlers.views.card import Card, Field, Fields, Note, Tone
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
    """Every account with its health in words."""
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
    )


def _line(account: Account, look: Look) -> str:
    ends = f"Its access ends {look.moment(account.ends_at)}" if account.ends_at and account.ends_soon(look.now) else ""
    practice = "Practice, on this machine only" if account.practice else ""
    return ". ".join(filter(None, (WORDS[account.health], account.health_note.rstrip("."), ends, practice))) + "."
