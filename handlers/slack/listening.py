"""What Slack tells the desk, as calls on it: acknowledged first, then done under supervision, and done once."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import structlog

from handlers.manifest import PROMPTS
from handlers.problems import Unexpected
from handlers.slack import origin as origins
from handlers.slack.answers import answered, answers, late
from handlers.slack.forms import LOADING, kept_in, message
from handlers.slack.home import home_view
from handlers.slack.modals import Modal
from handlers.slack.render import ASKED, LIMITS
from handlers.slack.teams import SURFACE
from handlers.slack.turn import SlackTurn
from handlers.slack.words import people_in, spoken
from handlers.views.notice import problem_notice
from handlers.views.sheet import sheets
from services.domain.errors import DeskError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from handlers.chat.arrivals import Arrivals
    from handlers.chat.desk import ChatDesk
    from handlers.request import FieldValue
    from handlers.slack.answers import Sent
    from handlers.slack.people import People
    from handlers.slack.surface import SlackSurface
    from handlers.slack.teams import Team
    from handlers.tasks import Tasks
    from services.ports.clock import Clock

SEND_WITHIN: Final = 2.0
"""Seconds a sent form waits for the desk before it says so: Slack waits three."""
_SETTLE: Final = 0.5
"""Seconds until the acknowledgement of a form has surely been shown, and may be written over."""
_HOMES: Final = 2000
_SAID: Final = frozenset({None, "file_share", "thread_broadcast"})
"""Kinds of messages that are somebody's words; edits, joins and bots are not."""
_log = structlog.get_logger(__name__)
Body = dict[str, Any]
Ack = Any
"""Bolt's own; it takes what is answered at once."""


class Listening:
    """The handlers of one app."""

    def __init__(
        self, desk: ChatDesk, surface: SlackSurface, people: People, tasks: Tasks, clock: Clock, *, arrivals: Arrivals
    ) -> None:
        """`tasks` are those the surface finishes on its way out; work lets `arrivals` be acknowledged first."""
        self._desk = desk
        self._surface = surface
        self._people = people
        self._tasks = tasks
        self._clock = clock
        self._arrivals = arrivals
        self._homes: dict[tuple[str, str], str] = {}
        """A digest of what each person's Home tab shows."""

    # Commands, shortcuts, buttons

    async def command(self, team: Team, body: Body) -> None:
        """A slash command of any name."""
        turn = SlackTurn(self._surface, origins.of_command(team, body))

        async def work() -> None:
            await self._desk.command(turn, await self._plain(team, body.get("text", "")))

        await self._answered(turn, work)

    async def shortcut(self, team: Team, body: Body) -> None:
        """Both shortcuts: a new draft from anywhere, and one from a message's menu."""
        turn = SlackTurn(self._surface, origins.of_interaction(team, body))
        await turn.wait("Write a draft")
        text = (body.get("message") or {}).get("text", "")

        async def work() -> None:
            form = await self._desk.brief(turn, await self._plain(team, text))
            if not await turn.open(form):
                await self._desk.press(turn, form.action)

        await self._answered(turn, work)

    async def action(self, team: Team, body: Body) -> None:
        """A button, or what was chosen behind "More…"."""
        pressed = body["actions"][0]
        button = (pressed.get("selected_option") or {}).get("value") or pressed.get("value") or ""
        asked, button = button.startswith(ASKED), button.removeprefix(ASKED)
        turn = SlackTurn(self._surface, origins.of_interaction(team, body))
        if not button:
            return
        asks = self._desk.asks(button)
        if _in_modal(body):
            turn.stay(body["view"])
        elif asks:
            await turn.wait((pressed.get("text") or {}).get("text") or "Copydesk")
        seen = f"{pressed.get('action_ts', '')}:{body['user']['id']}:{pressed['action_id']}"

        async def work() -> None:
            if await self._desk.first(SURFACE, seen):
                await self._press(turn, button, asks=asks, asked=asked)
            await self._refresh_home(turn)

        await self._answered(turn, work)

    async def _press(self, turn: SlackTurn, button: str, *, asks: bool, asked: bool) -> None:
        if not (asks and turn.waits):
            await self._desk.press(turn, button, asked=asked)
            return
        form = await self._desk.form(turn, button)
        if form is not None and not await turn.open(form):
            await self._desk.press(turn, button, asked=asked)

    # Forms

    async def submitted(self, ack: Ack, team: Team, body: Body) -> None:
        """A form that was sent: the answer stands in the modal, at once or as soon as there is one."""
        view = body["view"]
        if view.get("callback_id") == LOADING:
            await ack(response_action="clear")
            return
        turn = SlackTurn(self._surface, origins.of_interaction(team, body))
        work = self._tasks.spawn(self._submit(turn, view), name="slack-form")
        if await self._tasks.within(work, SEND_WITHIN):
            await ack(**answered(work.result(), view))
            return
        await ack(response_action="update", view=message(view["title"]["text"], "Saving … This takes a moment longer."))
        self.spawn(partial(self._late, work, team, view))

    async def _late(self, work: asyncio.Task[Sent], team: Team, view: Mapping[str, Any]) -> None:
        """Write over "Saving …" once there is an answer and that has surely been shown."""
        shown = late(await work, view)
        await self._clock.sleep(_SETTLE)
        await Modal(self._surface.wire, team, {"id": view["id"]}).show(shown)

    async def _submit(self, turn: SlackTurn, view: Mapping[str, Any]) -> Sent:
        """None when it was taken; what keeps it from reaching the desk comes back too, for the modal to say."""
        try:
            await self._arrive(turn)
            given = answers(view)
            fields: dict[str, FieldValue] = dict(given.texts)
            async with AsyncExitStack() as stack:
                for name, files in given.files.items():
                    received = self._surface.uploads.received(turn.origin.team, files)
                    fields[name] = await stack.enter_async_context(received)
                form = await self._desk.submit(turn, kept_in(view).action, fields)
        except DeskError as error:
            return error
        except Exception:  # noqa: BLE001 - whoever sent something gets it back, whatever happens behind it
            _log.exception("slack form failed")
            return Unexpected()
        self.spawn(partial(self._refresh_home, turn))
        return form

    # Messages

    async def mentioned(self, team: Team, body: Body) -> None:
        """The desk was named in a channel."""
        await self._heard(team, body)

    async def written(self, team: Team, body: Body) -> None:
        """Somebody wrote to the desk; its own messages come back as events too."""
        if body["event"].get("channel_type") == "im":
            await self._heard(team, body)

    async def _heard(self, team: Team, body: Body) -> None:
        event = body["event"]
        if event.get("subtype") not in _SAID or event.get("bot_id") or not event.get("user"):
            return
        if event["user"] == team.bot_user:
            return
        turn = SlackTurn(self._surface, origins.of_message(team, event))

        async def work() -> None:
            if await self._desk.first(SURFACE, body["event_id"]):
                await self._desk.command(turn, await self._plain(team, event.get("text", "")))

        await self._answered(turn, work)

    async def _plain(self, team: Team, text: str) -> str:
        """What was typed, with the names of those it mentions."""
        names = {}
        for user in people_in(text) - {team.bot_user}:
            try:
                names[user] = await self._desk.called(await self._people.visitor(team, user))
            except DeskError as error:
                _log.info("somebody who is mentioned is not known", reason=error.message)
        return spoken(text, bot=team.bot_user, names=names)

    # The app's own places

    async def home_opened(self, team: Team, body: Body) -> None:
        """Somebody looks at the app: at their page, or at the conversation with it."""
        event = body["event"]
        turn = SlackTurn(self._surface, origins.Origin(team=team, user=event["user"], home=True))

        async def work() -> None:
            if event.get("tab") == "messages":
                await self._prompt(team, event["channel"])
                return
            if event.get("view") is None:  # Slack shows nothing, whatever was published before
                self._homes.pop((team.id, event["user"]), None)
            await self._show_home(turn)

        await self._answered(turn, work)

    async def _show_home(self, turn: SlackTurn) -> None:
        """Publish their page when it is different from what they see."""
        team, user = turn.origin.team, turn.origin.user
        view = home_view(await self._desk.home(turn.visitor))
        digest = hashlib.sha256(json.dumps(view).encode()).hexdigest()
        if self._homes.get((team.id, user)) == digest:
            return
        await self._surface.call(team, "views.publish", lambda c: c.views_publish(user_id=user, view=view))
        if len(self._homes) > _HOMES:
            self._homes.clear()
        self._homes[team.id, user] = digest

    async def _refresh_home(self, turn: SlackTurn) -> None:
        """After something they did, for those who have a page on their screen."""
        if (turn.origin.team.id, turn.origin.user) in self._homes:
            try:
                await self._show_home(turn)
            except DeskError as error:
                _log.info("a home tab is left as it is", reason=error.message)

    async def _prompt(self, team: Team, channel: str) -> None:
        """Things to begin with; without a thread, because with one Slack shows nothing. Some plans have none."""
        prompts = [{"title": title, "message": said} for title, said in PROMPTS]
        try:
            await self._surface.wire.call(
                team.token,
                "assistant.threads.setSuggestedPrompts",
                lambda c: c.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=prompts),
            )
        except DeskError as error:
            _log.debug("no prompts are suggested", reason=error.message)

    async def joined(self, team: Team, body: Body) -> None:
        """Somebody came into a channel: it is welcomed when it is the desk itself."""
        event = body["event"]
        if event.get("user") != team.bot_user:
            return
        origin = origins.Origin(team=team, user=event.get("inviter") or team.bot_user, channel=event["channel"])
        if await self._desk.first(SURFACE, body["event_id"]):
            await self._desk.joined(SlackTurn(self._surface, origin))

    async def removed(self, body: Body) -> None:
        """The app was taken out of a workspace, or its token was revoked."""
        event = body["event"]
        if event["type"] == "tokens_revoked" and not event.get("tokens", {}).get("bot"):
            return
        team = body["team_id"]
        await self._surface.forget(team)
        self._people.forget(team)

    # What all have in common

    def spawn(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do it after the acknowledgements; the surface finishes it on its way out."""

        async def after() -> None:
            await self._arrivals.answered()
            await work()

        _ = self._tasks.spawn(after(), name="slack")

    async def _answered(self, turn: SlackTurn, work: Callable[[], Awaitable[None]]) -> None:
        """Find out who it is, do it, and tell them in words whatever comes in between."""
        try:
            await self._arrive(turn)
            await work()
        except DeskError as error:
            await self._sorry(turn, error)
        except Exception:  # noqa: BLE001 - whoever pressed something is told, whatever happens behind it
            _log.exception("slack work failed")
            await self._sorry(turn, Unexpected())
        await turn.finish()

    async def _arrive(self, turn: SlackTurn) -> None:
        team, user = turn.origin.team, turn.origin.user
        visitor = await self._people.visitor(team, user)
        own = "" if turn.origin.channel else await self._surface.conversation(team, user)
        turn.arrive(visitor, own)

    async def _sorry(self, turn: SlackTurn, error: DeskError) -> None:
        try:
            await turn.whisper(sheets(problem_notice(error), LIMITS))
        except DeskError as deaf:
            _log.warning("a person could not be told", reason=deaf.message)


def _in_modal(body: Mapping[str, Any]) -> bool:
    """Whether the button stands in a modal, over which no other one can be opened."""
    return (body.get("view") or {}).get("type") == "modal"


def listen(app: Any, listening: Listening) -> None:
    """Register everything with a Bolt app; what is not for us is acknowledged, so that nobody sees Slack's timeout."""
    any_ = re.compile(".*")

    def later(work: Callable[[Team, Body], Coroutine[Any, Any, None]]) -> Any:
        async def listener(ack: Ack, body: Body, context: Any) -> None:
            await ack()
            listening.spawn(partial(work, context["team"], body))

        return listener

    async def submitted(ack: Ack, body: Body, context: Any) -> None:
        await listening.submitted(ack, context["team"], body)

    async def removed(ack: Ack, body: Body) -> None:
        await ack()
        listening.spawn(partial(listening.removed, body))

    async def ignored(ack: Ack) -> None:
        await ack()

    app.command(any_)(later(listening.command))
    app.shortcut(any_)(later(listening.shortcut))
    app.action(any_)(later(listening.action))
    app.view(any_)(submitted)
    app.view_closed(any_)(ignored)
    app.options(any_)(ignored)
    app.event("app_mention")(later(listening.mentioned))
    app.event("message")(later(listening.written))
    app.event("app_home_opened")(later(listening.home_opened))
    app.event("member_joined_channel")(later(listening.joined))
    app.event("app_uninstalled")(removed)
    app.event("tokens_revoked")(removed)
    app.event(any_)(ignored)
