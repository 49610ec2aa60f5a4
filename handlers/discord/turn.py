"""One thing somebody did in Discord, with the ways there are to answer only them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import discord
import structlog

from handlers.discord.errors import TROUBLE
from handlers.discord.forms import form_card, modal, pages
from handlers.discord.who import STRANGER
from handlers.views.chat import SURE
from handlers.views.notice import notice
from handlers.views.sheet import sheet, sheets
from services.domain.errors import DeskError, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from handlers.discord.buttons import Interaction
    from handlers.discord.drawing import Drawing
    from handlers.discord.kept import Kept
    from handlers.surface import Surface
    from handlers.views.form import Form
    from handlers.views.sheet import Sheet
    from services.domain.identity import Visitor
    from services.ports.clock import Clock

ANSWERED_WITHIN: Final = timedelta(minutes=14, seconds=30)
"""How long Discord takes answers: a quarter of an hour, and a little less so that none is lost on the way."""
_CLOSED: Final = notice(
    "closed", "I can't write to you in private", "Type /desk here, or allow direct messages from this server."
)
_log = structlog.get_logger(__name__)


class InteractionTurn:
    """A command, a button or a window; whispers are answers that only the person sees, later on direct messages."""

    def __init__(
        self,
        interaction: Interaction,
        *,
        surface: Surface,
        place: tuple[str, str],
        drawing: Drawing,
        kept: Kept,
        clock: Clock,
    ) -> None:
        """Nothing is answered yet; `place` is the channel and the thread."""
        self.surface = surface
        self.channel, self.thread = place
        self.visitor: Visitor = STRANGER
        """Who it is, once that was found out."""
        message = interaction.message
        self.whispered = message is not None and message.flags.ephemeral
        self._interaction = interaction
        self._drawing = drawing
        self._kept = kept
        self._clock = clock
        self._until = clock.now() + ANSWERED_WITHIN
        self._thinking = False
        self._replaces = self.whispered
        self._held: list[Sheet] | None = None

    # Before the desk is asked

    @property
    def answered(self) -> bool:
        """Whether Discord has its first answer, which it wants within three seconds."""
        return self._interaction.response.is_done()

    async def acknowledge(self) -> None:
        """Say that an answer follows; what goes wrong here is only logged, because the work goes on."""
        think = self._interaction.message is None
        try:
            await self._interaction.response.defer(ephemeral=think, thinking=think)
        except TROUBLE as error:
            _log.warning("Discord did not take the first answer", reason=str(error))
        else:
            self._thinking = think

    def hold(self) -> None:
        """Keep whispers back: a window must be the first answer."""
        self._held = []

    async def let_go(self) -> None:
        """Say what was kept back."""
        held, self._held = self._held or [], None
        if held:
            await self.whisper(held)

    # Answers

    async def whisper(self, sheets: Sequence[Sheet]) -> None:
        """Tell only them: in place of the whisper whose button was pressed, else below it."""
        if self._held is not None:
            self._held += sheets
            return
        for one in sheets:
            if self._clock.now() >= self._until or not await self._answered_with(one):
                await self.surface.tell(self.visitor.team, self.visitor.user, one)

    async def _answered_with(self, one: Sheet) -> bool:
        """False when Discord takes no answer to this any more."""
        try:
            try:
                await self._answer(one)
            except discord.InteractionResponded:
                await self._answer(one)  # the first answer was given meanwhile, so this is the next
        except TROUBLE as error:
            _log.info("an answer was not taken by Discord", reason=str(error))
            return False
        return True

    async def _answer(self, one: Sheet) -> None:
        drawn = await self._drawing.drawn(one)
        if not self.answered:
            await self._interaction.response.send_message(view=drawn.view, files=drawn.files, ephemeral=True)
        elif self._thinking or self._replaces:
            await self._interaction.edit_original_response(view=drawn.view, attachments=drawn.files)
            self._thinking = self._replaces = False
        else:
            await self._interaction.followup.send(view=drawn.view, files=drawn.files, ephemeral=True)

    async def open(self, form: Form) -> bool:
        """A window where Discord still takes one, else a whisper whose buttons open it with what it holds."""
        values = {f.name: f.value for f in form.fields if f.value}
        if not self.answered and not form.clash and len(pages(form)) == 1:
            return await self.show(form, 0)
        self._kept.keep(self.visitor.user, form.action, values)
        return await self.offer(form, {f.name: f.value for f in form.fields if f.error})

    async def show(self, form: Form, page: int) -> bool:
        """The window as the first answer; False when it came too late."""
        window = modal(form, page, self._kept.page_id("form", page, form.action))
        window.stop()  # what it is sent with says what it is about: the library need not remember it
        try:
            await self._interaction.response.send_modal(window)
        except TROUBLE as error:
            _log.warning("Discord did not take a window", reason=str(error))
            return False
        return True

    async def ask_again(self, form: Form, typed: Mapping[str, str]) -> bool:
        """A whisper with what is wrong and what was typed, which stands in the windows its buttons open."""
        values = {f.name: f.value for f in form.fields if f.name in typed}
        self._kept.keep(self.visitor.user, form.action, values)
        return await self.offer(form, typed)

    async def offer(self, form: Form, typed: Mapping[str, str]) -> bool:
        """A whisper with a button for each window; False when it can't be said."""
        ids = [self._kept.page_id("ask", number, form.action) for number in range(len(pages(form)))]
        try:
            await self.whisper(sheets(form_card(form, typed, ids), self.surface.limits))
        except DeskError as error:
            _log.warning("a form could not be asked in Discord", form=form.name, reason=error.message)
            return False
        return True

    async def finish(self, *, used: bool = False) -> None:
        """Take away what only waited: "thinking" that led to no words, and a whisper that was `used` up."""
        data: Any = self._interaction.data or {}
        pressed = str(data.get("custom_id", ""))
        if not self._thinking and not (self._replaces and (used or pressed.startswith(SURE))):
            return
        self._thinking = self._replaces = False
        try:
            await self._interaction.delete_original_response()
        except TROUBLE as error:
            _log.info("an answer could not be taken away in Discord", reason=str(error))


class MessageTurn:
    """Words that were written to the bot; whispers go where only the person reads them."""

    def __init__(self, *, surface: Surface, visitor: Visitor, place: tuple[str, str], private: bool) -> None:
        """`place` is the channel and the thread; `private` when nobody else reads there."""
        self.surface = surface
        self.visitor = visitor
        self.channel, self.thread = place
        self.whispered = False
        self._private = private

    async def whisper(self, sheets: Sequence[Sheet]) -> None:
        """Below their words in a conversation, else as a direct message; who takes none is told how else."""
        for one in sheets:
            if self._private:
                await self.surface.send(self.channel, one)
                continue
            try:
                await self.surface.tell(self.visitor.team, self.visitor.user, one)
            except Refused:
                await self.surface.send(self.channel, sheet(_CLOSED, self.surface.limits), thread=self.thread)
                return

    async def open(self, form: Form) -> bool:
        """Windows open from buttons only."""
        del form
        return False
