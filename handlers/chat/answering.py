"""From what the desk answers to what a chat shows: in the channel, to the person alone, or as a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import structlog

from handlers.request import Open, Show, Silent, Update, Whisper
from handlers.views.chat import done_card, waiting_form_card
from handlers.views.draft import draft_card_id
from handlers.views.notice import problem_notice
from handlers.views.sheet import sheet, sheets
from services.domain.errors import DeskError, NotFound

if TYPE_CHECKING:
    from handlers.chat.copies import Copies
    from handlers.request import Outcome
    from handlers.surface import Turn
    from handlers.views.card import Card
    from handlers.views.form import Form

_log = structlog.get_logger(__name__)


class Answering:
    """One for all surfaces; what can't be shown is told to the person, and what was saved stays saved."""

    def __init__(self, copies: Copies) -> None:
        """Cards that change are put up through `copies`."""
        self._copies = copies

    async def answer(self, turn: Turn, outcome: Outcome) -> None:
        """Every reply in its order, in the way that fits it."""
        for reply in outcome.replies:
            match reply:
                case Show():
                    await self._show(turn, reply.card)
                case Update():
                    await self._update(turn, reply.card)
                case Whisper():
                    await self.whisper(turn, reply.card)
                case Open():
                    if reply.card is not None:
                        await self.whisper(turn, reply.card)
                    await self._open(turn, reply.form)
                case Silent():
                    pass
                case _:
                    assert_never(reply)

    async def whisper(self, turn: Turn, card: Card) -> None:
        """Tell the person; when even that fails nobody is there to hear why, so it is logged."""
        try:
            await turn.whisper(sheets(card, turn.surface.limits))
        except DeskError as error:
            _log.warning("a person could not be told", surface=turn.surface.name, card=card.state, reason=error.message)

    async def _show(self, turn: Turn, card: Card) -> None:
        try:
            if card.draft_id is not None and card.card_id == draft_card_id(card.draft_id):
                await self._copies.put(
                    card.card_id, draft_id=card.draft_id, surface=turn.surface, channel=turn.channel, thread=turn.thread
                )
            else:
                made = sheet(card, turn.surface.limits)
                await self._copies.post(turn.surface, turn.channel, made, thread=turn.thread)
        except NotFound as error:
            await self.whisper(turn, problem_notice(error))
            await self.whisper(turn, card)
        except DeskError as error:
            _log.warning("a card could not be put up", surface=turn.surface.name, card=card.state, reason=error.message)
            await self.whisper(turn, problem_notice(error))
            await self.whisper(turn, card)

    async def _update(self, turn: Turn, card: Card) -> None:
        """Redraw every copy; whoever sees none of them here is told, with the card or in a word."""
        seen = await self._copies.changed_here(card.card_id, turn.surface.name, turn.channel)
        if not seen:
            await self.whisper(turn, card)
        elif turn.whispered:
            await self.whisper(turn, done_card(card))

    async def _open(self, turn: Turn, form: Form) -> None:
        if not await turn.open(form):
            await self.whisper(turn, waiting_form_card(form))
