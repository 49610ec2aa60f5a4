"""One thing somebody did on Slack, with every way there is to answer just them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import structlog

from handlers.slack.forms import modal
from handlers.slack.modals import Modal, helped, loading, told
from handlers.slack.places import Place
from handlers.views.card import Note
from services.domain.errors import DeskError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from handlers.slack.origin import Origin
    from handlers.slack.render import Message
    from handlers.slack.surface import SlackSurface
    from handlers.views.form import Form
    from handlers.views.sheet import Sheet
    from services.domain.identity import Visitor

_MOST_ANSWERS: Final = 5
"""To one response URL, within half an hour (docs.slack.dev, 2026-08)."""
_FILE_IS_THERE: Final = Note(text="The file is in your conversation with the desk.")
_log = structlog.get_logger(__name__)


class SlackTurn:
    """`Turn`; who it is becomes known after the acknowledgement."""

    def __init__(self, surface: SlackSurface, origin: Origin) -> None:
        """Answers go where it came from."""
        self.surface = surface
        self.origin = origin
        self._visitor: Visitor | None = None
        self._modal: Modal | None = None
        self._held: list[tuple[Sheet, Mapping[str, str]]] = []
        self._answered = 0

    @property
    def visitor(self) -> Visitor:
        """Who did it; set by `arrive`."""
        if self._visitor is None:
            raise Unavailable("It is not known yet who this is.")
        return self._visitor

    @property
    def channel(self) -> str:
        """In which channel."""
        return self.origin.place

    @property
    def thread(self) -> str:
        """Under which message, or empty."""
        return self.origin.thread_place

    @property
    def whispered(self) -> bool:
        """Whether the button was on a whisper."""
        return self.origin.whispered

    def arrive(self, visitor: Visitor, channel: str) -> None:
        """Now it is known who they are, and where their own conversation with the desk is."""
        self._visitor = visitor
        self.origin = self.origin.within(channel)

    async def wait(self, title: str) -> None:
        """Show at once that something comes, before anything is looked up: a trigger lives three seconds."""
        team = self.origin.team
        self._modal = await Modal.open(self.surface.wire, team, self.origin.trigger, loading(title))

    def stay(self, view: Mapping[str, Any]) -> None:
        """The button stands in a modal: what follows is shown there."""
        self._modal = Modal(self.surface.wire, self.origin.team, view)

    @property
    def waits(self) -> bool:
        """Whether a modal stands there that wants its content."""
        return self._modal is not None

    async def finish(self) -> None:
        """Nothing is asked after all: what was said instead stands in the modal."""
        if self._modal is not None:
            shown, self._modal = self._modal, None
            await shown.show(told(self._held, channel=self.channel, thread=self.thread))
            self._held = []

    async def whisper(self, sheets: Sequence[Sheet]) -> None:
        """Tell only them: in the modal where one waits, else where they are."""
        for sheet in sheets:
            if self._modal is not None and sheet.file is None:
                found = await self.surface.uploads.ids(self.origin.team, sheet.images, 0.0)
                self._held.append((sheet, found.files))
            else:
                await self._say(sheet)

    async def open(self, form: Form) -> bool:
        """Ask them; False when this click opens nothing any more."""
        place = {"channel": self.channel, "thread": self.thread}
        if self._modal is not None:
            shown, self._modal = self._modal, None
            view, self._held = helped(form, self._held, **place), []
            return await shown.show(view)
        team, trigger = self.origin.team, self.origin.trigger
        return await Modal.open(self.surface.wire, team, trigger, modal(form, **place)) is not None

    async def _say(self, sheet: Sheet) -> None:
        if sheet.file is not None:
            team = self.origin.team
            channel = await self.surface.conversation(team, self.origin.user)
            await self.surface.uploads.share(team, sheet.file, Place(team=team.id, channel=channel))
            card = replace(sheet.card, blocks=(*sheet.card.blocks, _FILE_IS_THERE))
            sheet = replace(sheet, card=card, file=None)
        await self.surface.whisper(self.origin.team, sheet, self._put)

    async def _put(self, made: Message) -> str:
        """By the first way that works."""
        ways = [self._ephemeral, self._respond]
        if self.origin.private:
            ways = [self._post]
        elif self.origin.response_url and self._answered == 0:
            ways.reverse()
        for way in ways:
            try:
                return await way(made)
            except DeskError as error:
                _log.debug("another way to tell a person is tried", way=way.__name__, reason=error.message)
        return await self._write(made)

    async def _respond(self, made: Message) -> str:
        """Where they are, even where the desk is not; over the whisper their button was on."""
        if not self.origin.response_url or self._answered >= _MOST_ANSWERS:
            raise Unavailable("There is no response URL.")
        over = self.origin.whispered and self._answered == 0
        body = {"response_type": "ephemeral", "replace_original": over, "text": made.text, "blocks": made.blocks}
        if self.origin.answers_in and not over:
            body["thread_ts"] = self.origin.answers_in
        self._answered += 1
        status = await self.surface.wire.post_json(self.origin.response_url, body)
        if status != 200:
            raise Unavailable(f"Slack did not take the answer (status {status}).")
        return ""

    async def _ephemeral(self, made: Message) -> str:
        if not self.origin.channel:
            raise Unavailable("There is no channel.")
        self._answered += 1
        await self.surface.call(
            self.origin.team,
            "chat.postEphemeral",
            lambda c: c.chat_postEphemeral(
                channel=self.origin.channel,
                user=self.origin.user,
                text=made.text,
                blocks=made.blocks,
                thread_ts=self.origin.answers_in or None,
            ),
        )
        return ""

    async def _post(self, made: Message) -> str:
        return await self.surface.say(self.origin.team, self.origin.channel, made, self.origin.thread)

    async def _write(self, made: Message) -> str:
        channel = await self.surface.conversation(self.origin.team, self.origin.user)
        return await self.surface.say(self.origin.team, channel, made, "")
