"""A post that is live: corrected or taken down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.views.actions import action_for, correctable, removable
from handlers.views.aftercare import EVERYWHERE, correct_form, take_down_form, text_now
from services.domain.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from handlers.desk import Call
    from handlers.request import Replies
    from handlers.views.form import Form


async def ask_words(call: Call) -> Form:
    """The words as they stand on the networks."""
    snapshot = await call.services.board.draft(call.button.draft_id)
    form = correct_form(action_for(snapshot, call.button.verb), snapshot, call.look(snapshot))
    if not form.fields:
        raise Conflict("Nothing here can be corrected.", next_step="Look at the card as it is now.")
    return form


async def correct(call: Call) -> Replies:
    """Change what was given; the first network that refuses ends it, and the card tells what is changed."""
    snapshot = await call.services.board.draft(call.button.draft_id)
    rows = {f"text.{row.account_id}": row for row in correctable(snapshot, call.look(snapshot))}
    given = {name: call.text(name) for name in call.request.fields or {} if name.startswith("text.")}
    unknown = next((name for name in given if name not in rows), None)
    if unknown or not given:
        raise InvalidInput("Which words?", next_step="Give text.<account_id> of a post that is live.", field=unknown)
    for name, text in given.items():
        if text.strip() != text_now(rows[name]):
            await call.services.aftercare.correct(call.request.actor, rows[name].id, text)
    return call.update(await call.services.board.draft(call.button.draft_id))


async def ask_where(call: Call) -> Form:
    """From which network it is to go."""
    snapshot = await call.services.board.draft(call.button.draft_id)
    form = take_down_form(action_for(snapshot, call.button.verb), snapshot, call.look(snapshot))
    if not form.fields[0].options:
        raise Conflict("Nothing of this is live.", next_step="Look at the card as it is now.")
    return form


async def take_down(call: Call) -> Replies:
    """Delete it on one network or on all; the first that refuses ends it, and the card tells what is gone."""
    snapshot = await call.services.board.draft(call.button.draft_id)
    wanted, rows = call.text("account").strip(), removable(snapshot, call.look(snapshot))
    chosen = [row for row in rows if wanted in {row.account_id, EVERYWHERE}]
    if not chosen:
        there = ", ".join(row.account_id for row in rows) or "nothing"
        raise InvalidInput("Take it down where?", next_step=f"Live are: {there}.", field="account")
    for row in chosen:
        await call.services.aftercare.take_down(call.request.actor, row.id)
    return call.update(await call.services.board.draft(call.button.draft_id))
