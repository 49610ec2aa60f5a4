"""What is connected, and what each new draft for an account begins with."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from handlers.request import Open
from handlers.views.account import accounts_card, standing_action
from handlers.views.choice_forms import given_options, standing_form
from services.access import Permission
from services.domain.errors import InvalidInput, NotFound
from services.domain.ids import AccountId
from services.selection import select

if TYPE_CHECKING:
    from handlers.desk import Call
    from handlers.request import Replies
    from handlers.views.form import Form
    from services.domain.account import Account

_OPTIONS: Final = "options"


async def accounts(call: Call) -> Replies:
    """Every account with its health; with "options @handle" the form of that one's standing choices."""
    word, _, which = call.rest.partition(" ")
    if word.casefold() == _OPTIONS and which.strip():
        await call.need(Permission.OPERATE)
        return (Open(form=_form(call, await _named(call, which.strip()))),)
    if call.rest and word.casefold() != _OPTIONS:
        msg = f"There is nothing called “{call.rest[:60]}” to do with accounts."
        raise InvalidInput(msg, next_step="Try: accounts, or accounts options @handle")
    return call.whisper(accounts_card(await call.services.accounts.list(), call.look()))


async def choose(call: Call) -> Replies:
    """Take the standing choices over that were given; the others stay."""
    account_id = AccountId(call.button.extra)
    given = given_options({name: call.text(name) for name in call.request.fields or {}})
    if set(given) != {account_id}:
        msg = "Nothing was chosen for this account."
        raise InvalidInput(msg, next_step="Give option.<account_id>.<name> with its value.")
    await call.services.accounts.choose(call.request.actor, account_id, given[account_id])
    return call.whisper(accounts_card(await call.services.accounts.list(), call.look()))


async def ask_options(call: Call) -> Form:
    """The standing choices as they are now."""
    found = {a.id: a for a in await call.services.accounts.list()}.get(AccountId(call.button.extra))
    if found is None:
        raise NotFound("The account is not connected any more.", next_step="Connect it again.")
    return _form(call, found)


def _form(call: Call, account: Account) -> Form:
    form = standing_form(standing_action(account), account, call.look())
    if not form.fields:
        msg = f"There is nothing to choose for @{account.handle}."
        raise InvalidInput(msg, next_step="Its network has no options.", field="account")
    return form


async def _named(call: Call, word: str) -> Account:
    """The one account that is meant."""
    everyone = await call.services.accounts.list()
    meant = select(everyone, (word,), call.services.platforms)
    if len(meant) > 1:
        only = Counter(a.platform for a in everyone)
        # A team's accounts often share a handle, so a network says more wherever it has just one.
        names = dict.fromkeys(a.platform if only[a.platform] == 1 else f"@{a.handle}" for a in meant)
        step = f"It can be {', '.join(names)}; each also has a button under: accounts"
        raise InvalidInput(f"“{word}” is several accounts: which one?", next_step=step, field="account")
    return meant[0]
