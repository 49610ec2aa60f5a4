"""What people decide about deliveries: hold everything, let it go, and the cases only a person can settle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.request import Show, Update
from handlers.views.card import Tone
from handlers.views.forms import live_form
from handlers.views.notice import notice
from services.domain.errors import InvalidInput
from services.domain.ids import DeliveryId

if TYPE_CHECKING:
    from handlers.desk import Call
    from handlers.request import Replies
    from handlers.views.form import Form


async def freeze(call: Call) -> Replies:
    """Hold everything back at once."""
    frozen = await call.services.control.freeze(call.request.actor)
    late = f"{_posts(frozen.sending)} already with a network could not be stopped." if frozen.sending else ""
    card = notice(
        "frozen",
        f"Frozen by {frozen.by}: nothing goes out.",
        f"{_posts(frozen.held)} held back now.",
        late,
        "To go on, type: /desk thaw",
        tone=Tone.WAITING,
    )
    return (Show(card=card),)


async def thaw(call: Call) -> Replies:
    """Let go what the freeze held."""
    count = await call.services.control.thaw(call.request.actor)
    text = f"{_posts(count)} let go. What became too late meanwhile stays held and asks."
    return (Show(card=notice("thawed", "Thawed: publishing goes on.", text, tone=Tone.GOOD)),)


def _posts(count: int) -> str:
    return "1 post" if count == 1 else f"{count} posts"


async def retry(call: Call) -> Replies:
    """Send a failed one again."""
    await call.services.control.retry(call.request.actor, _id(call))
    return await _card(call)


async def release(call: Call) -> Replies:
    """Let a held one go."""
    await call.services.control.release(call.request.actor, _id(call))
    return await _card(call)


async def cancel(call: Call) -> Replies:
    """Take one off the list."""
    await call.services.control.cancel(call.request.actor, _id(call))
    return await _card(call)


async def it_is_live(call: Call) -> Replies:
    """A person found it and gives its link."""
    await call.services.control.confirm_live(call.request.actor, _id(call), call.text("url"))
    return await _card(call)


async def ask_link(call: Call) -> Form:
    """Where it was found."""
    return live_form(call.button)


async def not_there(call: Call) -> Replies:
    """A person looked and it is not there."""
    await call.services.control.confirm_absent(call.request.actor, _id(call))
    return await _card(call)


async def _card(call: Call) -> Replies:
    return (Update(card=call.delivery(await call.services.board.delivery(_id(call)))),)


def _id(call: Call) -> DeliveryId:
    if not call.button.extra:
        raise InvalidInput("This button names no delivery.", next_step="Open the card again.", field="id")
    return DeliveryId(call.button.extra)
