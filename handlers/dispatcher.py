"""From a request to its outcome: find the route, ask for a form when one is due, run, and put errors into words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import structlog

from handlers.desk import Call
from handlers.endpoints.draft import keep_words
from handlers.grammar import Usage, parse
from handlers.problems import Unexpected, outcome_of
from handlers.request import Open, Outcome, Show, Update, Whisper
from handlers.routes import ACTIONS, COMMANDS
from handlers.views.actions import Verb, carried, parse_action
from handlers.views.clash import kept_words
from handlers.views.form import refill
from handlers.views.forms import brief_form
from handlers.views.notice import problem_notice, unknown_word_notice
from services.domain.errors import Conflict, DeskError, InvalidInput, NotFound, UnknownWord
from services.domain.ids import DeliveryId

if TYPE_CHECKING:
    from handlers.desk import Desk
    from handlers.grammar import Command
    from handlers.request import Replies, Request
    from handlers.routes import Ask, Endpoint, Route
    from handlers.views.actions import Action

MAX_TEXT: Final = 60_000
"""Characters of a typed command."""
_ASKED_AGAIN: Final = frozenset({"brief", "networks", "parts", "source", "picture"})
"""Fields of a typed command whose errors open the form with what was typed."""
_log = structlog.get_logger(__name__)


class Dispatcher:
    """The way in for every surface."""

    def __init__(self, desk: Desk) -> None:
        """One desk for all."""
        self.desk = desk

    async def handle(self, request: Request) -> Outcome:
        """Never raises for anything a person did or the world answered."""
        try:
            return await (self._action(request) if request.action else self._command(request))
        except DeskError as error:
            return outcome_of(error)
        except Exception:  # noqa: BLE001 - every door answers in words, whatever happens behind it
            _log.exception("request failed", action=request.action, surface=request.surface)
            return outcome_of(Unexpected())

    @staticmethod
    def asks(action_id: str) -> bool:
        """Whether the button opens a form before it does anything; raises `InvalidInput` for what is no button."""
        action = parse_action(action_id)
        return action.verb in ACTIONS and _asks(ACTIONS[action.verb], action)

    async def open_form(self, request: Request) -> Outcome:
        """Only ask, whatever the button would do; safe to call for a look."""
        try:
            action = parse_action(request.action)
            route = ACTIONS.get(action.verb)
            if route is None or route.ask is None:
                raise NotFound("This button has no form.", next_step="Open the card again and use its buttons.")
            call = Call(desk=self.desk, request=request, action=action)
            return await self._run(call, replace(route, run=route.open or _opening(route.ask)), None)
        except DeskError as error:
            return outcome_of(error)

    async def _command(self, request: Request) -> Outcome:
        if len(request.text) > MAX_TEXT:
            msg = f"The text has {len(request.text):,} characters; {MAX_TEXT:,} is the most."
            raise InvalidInput(msg, next_step="Keep what matters for this post.", field="text")
        try:
            parsed = request.command or parse(request.text, self.desk.networks)
        except InvalidInput as error:
            return await self._unread(request, error)
        if isinstance(parsed, Usage):
            return _unknown(parsed)
        call = Call(desk=self.desk, request=request, command=parsed)
        return await self._run(call, COMMANDS[parsed.word], parsed)

    async def _unread(self, request: Request, error: InvalidInput) -> Outcome:
        """A brief whose choices can't be read: its form has them, with the error, and nothing is typed twice."""
        told: Replies = (Whisper(card=problem_notice(error)),)
        meant = parse(request.text, self.desk.networks, strict=False)
        if isinstance(meant, Usage):
            return outcome_of(error, told)
        call = Call(desk=self.desk, request=request, command=meant)
        return outcome_of(error, (*told, *await _again(call, COMMANDS[meant.word], error, meant)))

    async def _action(self, request: Request) -> Outcome:
        action = parse_action(request.action)
        if action.verb is Verb.RUN:
            return await self._command(replace(request, text=carried(action), action="", fields=None))
        route = ACTIONS[action.verb]
        call = Call(desk=self.desk, request=request, action=action)
        if route.ask is not None and _asks(route, action):
            if request.fields is None:
                return await self.open_form(request)
            if not request.fields and (form := await route.ask(call)).asks:
                return _done((Open(form=form),))
        return await self._run(call, route, None)

    async def _run(self, call: Call, route: Route, command: Command | None) -> Outcome:
        try:
            return _done(await route.run(call))
        except Conflict as error:
            fresh = await self._current(call)
            kept = await _kept_text(call, route, error) if fresh else ()
            return outcome_of(error, (Whisper(card=problem_notice(error)), *fresh, *kept))
        except InvalidInput as error:
            return outcome_of(error, (Whisper(card=problem_notice(error)), *await _again(call, route, error, command)))
        except DeskError as error:
            return outcome_of(error, (Whisper(card=problem_notice(error)), *await _rescued(call, route)))
        except Exception:  # noqa: BLE001 - every door answers in words, and gives back what was typed
            _log.exception("request failed", action=call.request.action, surface=call.request.surface)
            bug = Unexpected()
            return outcome_of(bug, (Whisper(card=problem_notice(bug)), *await _rescued(call, route)))

    async def _current(self, call: Call) -> Replies:
        """The card as it is now, for whoever acted on an old one."""
        if call.action is None or call.action.draft_id == "0":
            return ()
        try:
            if call.action.extra and call.action.verb is not Verb.WHEN:
                record = await self.desk.services.board.delivery(DeliveryId(call.action.extra))
                return (Update(card=call.delivery(record)),)
            return call.update(await self.desk.services.board.draft(call.action.draft_id))
        except NotFound:
            return ()


def _asks(route: Route, action: Action) -> bool:
    """A button that carries a brief needs no form for one."""
    return route.ask is not None and not (action.verb is Verb.DRAFT and bool(action.extra))


def _opening(ask: Ask) -> Endpoint:
    """An endpoint that asks, after the reader's right to answer was looked at."""

    async def opened(call: Call) -> Replies:
        if call.action is not None:
            await call.need(ACTIONS[call.action.verb].permission)
        return (Open(form=await ask(call)),)

    return opened


async def _kept_text(call: Call, route: Route, error: Conflict) -> Replies:
    """What was typed for an old version: nobody's words are lost, and nothing was done."""
    if not call.request.fields or call.action is None:
        return ()
    if route.form in {"edit", "options"}:
        return await keep_words(call, error)
    return _to_copy(call)


async def _rescued(call: Call, route: Route) -> Replies:
    """What was typed when something else went wrong: on its form again, or to copy when even that fails."""
    if not call.request.fields or route.ask is None:
        return ()
    try:
        form = await route.ask(call)
        return (Open(form=refill(form, call.request.fields, field=None, error="")),)
    except Exception:  # noqa: BLE001 - whatever is broken, the words are given back
        return _to_copy(call)


def _to_copy(call: Call) -> Replies:
    card = kept_words(call.request.fields or {})
    return (Whisper(card=card),) if card else ()


async def _again(call: Call, route: Route, error: InvalidInput, command: Command | None) -> Replies:
    """The form once more, with what was typed and the error at its field."""
    if route.ask is None or (command is None and call.request.fields is None):
        return ()
    if command is not None and error.field not in _ASKED_AGAIN:
        return ()
    try:
        form = await route.ask(call)
    except DeskError:  # the draft moved on meanwhile: no form takes the words any more
        return _to_copy(call)
    return (Open(form=refill(form, call.request.fields or {}, field=error.field, error=error.message)),)


def _unknown(usage: Usage) -> Outcome:
    """What was probably meant; a text that is too long for a button comes back in the form for a brief."""
    card = unknown_word_notice(usage.word, usage.text, usage.suggestion, usage.known)
    message = f"I don't know “{usage.word[:60]}”."
    hint = (
        f"Did you mean “{usage.known}”?"
        if usage.known
        else "Type help for the words there are, or put “draft” in front."
    )
    error = UnknownWord(message, suggestion=usage.suggestion, next_step=hint)
    offers_draft = any(b.label == "Draft this" for b in card.buttons)
    more: Replies = () if offers_draft else (Open(form=brief_form(brief=usage.text)),)
    return outcome_of(error, (Whisper(card=card), *more))


def _done(replies: Replies) -> Outcome:
    """200, or 202 when a card says that its text or picture is still being made."""
    working = any(r.card.working for r in replies if isinstance(r, (Show, Update)))
    return Outcome(status=202 if working else 200, replies=replies)
