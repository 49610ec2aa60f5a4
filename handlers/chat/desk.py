"""The way in for chats: who did what in which channel becomes a request, and its outcome becomes what is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import structlog

from handlers.chat.answering import Answering
from handlers.chat.suggesting import suggest
from handlers.desk import Call
from handlers.endpoints.draft import brief
from handlers.problems import outcome_of
from handlers.request import Open, Outcome, Request, Update, Whisper
from handlers.views.actions import ACTS, NOTHING, Action, Verb, parse_action
from handlers.views.chat import SURE, sure_card, welcome_card
from handlers.views.confirm import confirm_facts
from handlers.views.home import home
from handlers.views.sheet import sheet
from services.domain.errors import DeskError
from services.domain.post import DraftState

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from handlers.chat.copies import Copies
    from handlers.dispatcher import Dispatcher
    from handlers.grammar import Command
    from handlers.request import Typed
    from handlers.surface import Turn
    from handlers.views.card import Card
    from handlers.views.form import Form, Option
    from handlers.views.home import Home
    from services.domain.actor import Person
    from services.domain.identity import Visitor

PATIENCE: Final = 1.0
"""Seconds the writer has before its card is put up unfinished: it changes by itself."""
_OPEN: Final = frozenset(
    {
        DraftState.DRAFTING,
        DraftState.DRAFT,
        DraftState.IN_REVIEW,
        DraftState.APPROVED,
        DraftState.SCHEDULED,
        DraftState.PUBLISHING,
    }
)
_HOME: Final = 100
_log = structlog.get_logger(__name__)


class ChatDesk:
    """One for all chats; nothing here raises for what a person did."""

    def __init__(self, dispatcher: Dispatcher, copies: Copies) -> None:
        """Cards that change are put up through `copies`."""
        self._dispatcher = dispatcher
        self._desk = dispatcher.desk
        self._answering = Answering(copies)

    def spawn(self, work: Coroutine[object, object, object], *, name: str) -> None:
        """Do it after the acknowledgement, supervised."""
        _ = self._desk.tasks.spawn(work, name=name)

    async def command(self, turn: Turn, text: str) -> None:
        """What was typed."""
        await self._answer(turn, await self._handle(turn, text=text))

    async def run(self, turn: Turn, command: Command) -> None:
        """What was chosen with typed options."""
        await self._answer(turn, await self._handle(turn, command=command))

    def asks(self, action_id: str) -> bool:
        """Whether the button opens a form: known without looking anything up."""
        try:
            return self._dispatcher.asks(action_id.removeprefix(SURE))
        except DeskError:
            return False

    async def form(self, turn: Turn, action_id: str) -> Form | None:
        """The form of a button that asks; None when there is another answer, which is given."""
        outcome = await self._handle(turn, action=action_id)
        found = next((r for r in outcome.replies if isinstance(r, Open)), None)
        rest = tuple(r for r in outcome.replies if r is not found)
        await self._answer(turn, Outcome(status=outcome.status, replies=rest, error=outcome.error))
        if found is None:
            return None
        if found.card is not None:
            await self._answering.whisper(turn, found.card)
        return found.form

    async def press(self, turn: Turn, action_id: str, *, asked: bool = False) -> None:
        """A button; one that can't be taken back is asked about first unless the chat has `asked` already."""
        sure = asked or action_id.startswith(SURE)
        action_id = action_id.removeprefix(SURE)
        if not sure:
            try:
                action = parse_action(action_id)
                if action.verb in ACTS and ACTS[action.verb].confirm is not None:
                    await self._answering.whisper(turn, await self._question(turn, action))
                    return
            except DeskError as error:
                await self._answer(turn, outcome_of(error))
                return
        await self._answer(turn, await self._handle(turn, action=action_id))

    async def submit(self, turn: Turn, action_id: str, fields: Typed) -> Form | None:
        """A form's answers: None when they were taken, else the form again with what is wrong at its fields."""
        outcome = await self._handle(turn, action=action_id.removeprefix(SURE), fields=fields)
        again = next((r.form for r in outcome.replies if isinstance(r, Open)), None)
        if again is None:
            await self._answer(turn, outcome)
            return None
        told = tuple(r for r in outcome.replies if isinstance(r, Update) or (isinstance(r, Whisper) and _own(r)))
        await self._answer(turn, Outcome(status=outcome.status, replies=told, error=outcome.error))
        return again

    async def brief(self, turn: Turn, text: str) -> Form:
        """The form for a draft from somebody's message."""
        action = Action(verb=Verb.DRAFT)
        actor = await self._actor(turn.visitor)
        form = await brief(Call(desk=self._desk, request=_request(turn, actor), action=action))
        fields = tuple(replace(f, value=text[: f.max]) if f.name == "brief" else f for f in form.fields)
        return replace(form, fields=fields)

    async def first(self, surface: str, event_id: str) -> bool:
        """Whether this event came for the first time, over restarts too; chats deliver some of them twice."""
        at = self._desk.services.clock.now()
        return await self._desk.services.store.write(lambda tx: tx.chat.first_seen(surface, event_id, at=at))

    async def home(self, visitor: Visitor) -> Home:
        """This person's own page."""
        actor = await self._actor(visitor)
        snapshots = await self._desk.services.board.drafts(states=_OPEN, limit=_HOME)
        call = Call(desk=self._desk, request=Request(actor=actor, surface=visitor.surface))
        return home(snapshots, call.look())

    async def called(self, visitor: Visitor) -> str:
        """What stands for somebody who is mentioned: two may show one name, and only one of them is meant."""
        return await self._desk.services.identities.called(visitor)

    async def suggest(self, kind: str, typed: str, visitor: Visitor) -> Sequence[Option]:
        """What may follow what is being typed; nothing when it can't be told in time."""
        try:
            actor = await self._actor(visitor)
            return await suggest(self._desk, kind, typed, actor)
        except DeskError as error:
            _log.warning("nothing could be suggested", kind=kind, reason=error.message)
            return ()

    async def joined(self, turn: Turn) -> None:
        """The desk was invited into a channel."""
        try:
            await turn.surface.send(turn.channel, sheet(welcome_card(), turn.surface.limits))
        except DeskError as error:
            _log.warning("a channel was not welcomed", surface=turn.surface.name, reason=error.message)

    async def _answer(self, turn: Turn, outcome: Outcome) -> None:
        await self._answering.answer(turn, outcome)

    async def _actor(self, visitor: Visitor) -> Person:
        return await self._desk.services.identities.actor(visitor)

    async def _handle(
        self,
        turn: Turn,
        *,
        text: str = "",
        command: Command | None = None,
        action: str = "",
        fields: Typed | None = None,
    ) -> Outcome:
        try:
            actor = await self._actor(turn.visitor)
        except DeskError as error:
            return outcome_of(error)
        request = _request(turn, actor)
        return await self._dispatcher.handle(replace(request, text=text, command=command, action=action, fields=fields))

    async def _question(self, turn: Turn, action: Action) -> Card:
        """With the facts of what it would do, where it is about a draft."""
        actor = await self._actor(turn.visitor)
        facts = None
        if action.draft_id != NOTHING:
            snapshot = await self._desk.services.board.draft(action.draft_id)
            call = Call(desk=self._desk, request=_request(turn, actor))
            facts = confirm_facts(action, snapshot, call.look())
        return sure_card(action, facts)


def _request(turn: Turn, actor: Person) -> Request:
    return Request(
        actor=actor,
        surface=turn.surface.name,
        channel=turn.channel,
        visitor=turn.visitor,
        patience=PATIENCE,
    )


def _own(reply: Whisper) -> bool:
    """A whisper that tells more than the error the form shows at its field."""
    return reply.card.state == "kept"
