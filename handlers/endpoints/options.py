"""What is chosen for a draft on each of its networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.views.actions import action_for
from handlers.views.choice_forms import given_options, options_form
from services.domain.errors import InvalidInput

if TYPE_CHECKING:
    from handlers.desk import Call
    from handlers.request import Replies
    from handlers.views.form import Form


async def choose(call: Call) -> Replies:
    """Take the choices over that were given; the others stay."""
    given = given_options({name: call.text(name) for name in call.request.fields or {}})
    if not given:
        raise InvalidInput("Nothing was chosen.", next_step="Give option.<account_id>.<name> with its value.")
    return call.update(await call.services.drafts.choose(call.request.actor, call.button.ref, given))


async def ask_options(call: Call) -> Form:
    """The options as they are now, whatever the card showed: the form is about the newest version."""
    snapshot = await call.services.board.draft(call.button.draft_id)
    form = options_form(action_for(snapshot, call.button.verb), snapshot, call.look(snapshot))
    if not form.fields:
        raise InvalidInput("There is nothing to choose for this draft.", next_step="Its networks have no options.")
    return form
