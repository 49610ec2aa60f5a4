"""A finished draft said again for other networks, as a new draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handlers.endpoints.draft import compose, parts_of
from handlers.views.adapt import adapt_form
from services.adapting import Adaptation

if TYPE_CHECKING:
    from handlers.desk import Call
    from handlers.request import Replies
    from handlers.views.form import Form

_EXAMPLE: Final = "adapt 12 for mastodon"


async def adapt(call: Call) -> Replies:
    """Begin the new draft, then write."""
    command = call.command
    if command is None:
        words = call.text("networks").replace(" and ", ",").replace(",", " ").split()
        order = Adaptation(draft_id=call.draft_meant(_EXAMPLE), wanted=tuple(words), source=call.text("source"))
        wish = call.text("wish").strip()
    else:
        order = Adaptation(
            draft_id=call.draft_meant(_EXAMPLE),
            wanted=command.networks,
            source=command.source,
            parts=parts_of(command.parts),
            tone=command.tone,
        )
        wish = command.notes
    begun = await call.services.drafts.begin_adapting(call.request.actor, order)
    return await compose(call, begun, wish=wish, fresh=True)


async def ask_networks(call: Call) -> Form:
    """For which networks, filled with what the command said already."""
    snapshot = await call.services.board.draft(call.draft_meant(_EXAMPLE))
    command = call.command
    typed = (
        {"networks": ", ".join(command.networks), "source": command.source, "wish": command.notes} if command else {}
    )
    return adapt_form(snapshot, call.look(), typed=typed)
