"""What is connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.views.account import accounts_card

if TYPE_CHECKING:
    from handlers.desk import Call
    from handlers.request import Replies


async def accounts(call: Call) -> Replies:
    """Every account with its health."""
    return call.whisper(accounts_card(await call.services.accounts.list(), call.look()))
