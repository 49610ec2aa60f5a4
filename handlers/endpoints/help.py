"""What can be typed, and running what was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.views.help import help_card

if TYPE_CHECKING:
    from handlers.desk import Call
    from handlers.request import Replies


async def show_help(call: Call) -> Replies:
    """The words, for this person only."""
    return call.whisper(help_card(sorted(call.desk.labels)))
