"""A finished draft said again for other networks, as a new draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.endpoints.draft import compose, parts_of
from handlers.views.adapt import adapt_form
from services.adapting import Adaptation
from services.domain.errors import InvalidInput
from services.domain.ids import DraftId

if TYPE_CHECKING:
    from handlers.desk import Call
    from handlers.request import Replies
    from handlers.views.form import Form


async def adapt(call: Call) -> Replies:
    """Begin the new draft, then write."""
    command = call.command
    if command is None:
        words = call.text("networks").replace(" and ", ",").replace(",", " ").split()
        order = Adaptation(draft_id=_number(call), wanted=tuple(words), source=call.text("source"))
        wish = call.text("wish").strip()
    else:
        order = Adaptation(
            draft_id=_number(call),
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
    snapshot = await call.services.board.draft(_number(call))
    command = call.command
    typed = (
        {"networks": ", ".join(command.networks), "source": command.source, "wish": command.notes} if command else {}
    )
    return adapt_form(snapshot, call.look(), typed=typed)


def _number(call: Call) -> DraftId:
    """The draft that is meant, by its button or its number."""
    if call.action is not None:
        return call.action.draft_id
    number = call.rest.removeprefix("#")
    if not number:
        raise InvalidInput("Which draft?", next_step="Name its number, as in: adapt 12 for mastodon", field="draft")
    if not number.isascii() or not number.isdigit():
        msg = f"“{number[:40]}” is no number of a draft."
        raise InvalidInput(msg, next_step="The queue lists the drafts with their numbers.", field="draft")
    return DraftId(number)
