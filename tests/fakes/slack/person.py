"""What a person can do in their client: each verb builds its payload from what they see, or is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.slack import payloads
from tests.fakes.slack.basics import Json, Refused
from tests.fakes.slack.delivery import Answer
from tests.fakes.slack.inputs import filled, find, missing
from tests.fakes.slack.methods_files import payload as describe
from tests.fakes.slack.model import Channel, File, Message, User, View
from tests.fakes.slack.responding import acknowledge_slash, acknowledge_submission

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack


class Person:
    """One member, guest or stranger at their client."""

    def __init__(self, slack: FakeSlack, user: User) -> None:
        """Sit down."""
        self._slack = slack
        self._world = slack.world
        self.user = user
        self.id = user.id

    # What they see

    @property
    def modal(self) -> View | None:
        """The modal in front of them."""
        stack = self._world.modals.get(self.id)
        return stack[-1] if stack else None

    @property
    def home(self) -> View | None:
        """Their Home tab, once the app published one."""
        return self._world.homes.get(self.id)

    @property
    def ephemerals(self) -> list[Message]:
        """What they alone see, oldest first."""
        return [message for message in self._world.ephemerals if message.only_for == self.id]

    @property
    def inbox(self) -> list[Message]:
        """Their conversation with the app."""
        return list(self._world.im(self.id).messages.values())

    def sees(self, channel: str) -> list[Message]:
        """The messages of a channel they are in, without answers in threads."""
        return [m for m in self._in(channel).messages.values() if m.thread_ts in (None, m.ts)]

    # Commands and shortcuts

    async def slash(self, text: str, channel: str | None = None) -> Answer:
        """Type a command into a channel's composer, or into the conversation with the app; threads take none."""
        command, _, words = text.partition(" ")
        if command not in self._world.app.commands or "commands" not in self._world.app.scopes:
            raise Refused(f"{command} is not a valid command.")
        self._member("commands")
        place = self._in(channel)
        payload = payloads.slash(self._world, self.user, place, command, words.strip())
        answer = await self._slack.deliver("slash_commands", payload)
        acknowledge_slash(self._world, answer.payload, user=self.id, channel=place.id)
        return answer

    async def shortcut(self, callback_id: str) -> Answer:
        """Pick a shortcut from the menu."""
        self._offered(callback_id, "global")
        return await self._slack.deliver("interactive", payloads.shortcut(self._world, self.user, callback_id))

    async def message_shortcut(self, callback_id: str, message: Message) -> Answer:
        """Pick a shortcut from a message's menu."""
        self._offered(callback_id, "message")
        self._in(message.channel)
        if message.ephemeral or message.gone:
            raise Refused("This message has no menu.")
        payload = payloads.message_shortcut(self._world, self.user, callback_id, message)
        return await self._slack.deliver("interactive", payload)

    # Elements of messages and views

    async def click(self, where: Message | View, what: str, *, confirm: bool = False, stale: bool = False) -> Answer:
        """Press a button, by its label or action_id; `stale` lets an old snapshot be pressed, as a slow client would.

        `confirm=True` presses the confirming button of the dialog, which must exist.
        """
        block, element = self._reach(where, what, stale=stale)
        if element["type"] not in {"button", "feedback_buttons", "icon_button", "workflow_button"}:
            raise Refused(f"{what!r} is a {element['type']}: choose something in it.")
        return await self._act(where, block, element, {}, confirm=confirm)

    async def choose(self, where: Message | View, what: str, value: Any, *, confirm: bool = False) -> Answer:
        """Choose in a menu, a set of boxes or a date picker; the app hears of it at once."""
        block, element = self._reach(where, what)
        if element["type"] == "overflow":
            state = {"selected_option": self._overflow(element, value)}
        else:
            state = filled(element, value)
            where.inputs[block["block_id"], element["action_id"]] = state
        if block["type"] == "input" and not block.get("dispatch_action"):
            return Answer(acked=True)
        return await self._act(where, block, element, state, confirm=confirm)

    def type(self, view: View, what: str, value: Any) -> None:
        """Fill a field in, without the app hearing of it."""
        block, element = self._reach(view, what)
        view.inputs[block["block_id"], element["action_id"]] = filled(element, value)

    async def suggest(self, view: View, what: str, query: str) -> list[Json]:
        """The options the app offers for what is typed into an external select."""
        block, element = self._reach(view, what)
        if not element["type"].endswith("external_select"):
            raise Refused(f"{what!r} asks nobody for options.")
        if len(query) < element.get("min_query_length", 3):
            return []
        payload = payloads.suggestion(self._world, self.user, view, block=block, element=element, query=query)
        answer = await self._slack.deliver("interactive", payload)
        return list((answer.payload or {}).get("options", []))

    # Modals

    async def submit(self, view: View | None = None, values: dict[str, Any] | None = None) -> Answer:
        """Fill in fields by label, block_id or action_id, and press the submit button."""
        view = self._front(view)
        if view.content.get("submit") is None:
            raise Refused("This modal has no submit button.")
        for what, value in (values or {}).items():
            self.type(view, what, value)
        if lacking := missing(view.blocks, view.inputs):
            raise Refused(f"Please complete this required field: {', '.join(lacking)}.")
        answer = await self._slack.deliver("interactive", payloads.submission(self._world, self.user, view))
        acknowledge_submission(self._world, answer.payload, view)
        return answer

    async def close(self, view: View | None = None, *, everything: bool = False) -> Answer | None:
        """Press close or, with `everything`, the cross; the app hears of it when the view asked for that."""
        view = self._front(view)
        stack = self._world.modals[self.id]
        everything = everything or bool(view.content.get("clear_on_close"))
        gone = stack[::-1] if everything else [view]
        del stack[0 if everything else len(stack) - 1 :]
        self._world.changed()
        answer = None
        for one in gone:
            if one.content.get("notify_on_close"):
                payload = payloads.closed(self._world, self.user, one, cleared=everything)
                answer = await self._slack.deliver("interactive", payload)
        return answer

    # Words

    async def say(self, channel: str, text: str, thread: Message | None = None) -> Message:
        """Write a message; the app hears of it where it is and listens."""
        place = self._in(channel)
        message = self._world.post(
            place, self.id, payloads.escaped(self._world, text), thread_ts=thread.ts if thread else None
        )
        await self._slack.settle()
        return message

    def upload(self, name: str, content: bytes) -> Json:
        """Upload a file, to share it or to put it into a file field."""
        file = File(id=self._world.new_id("F"), name=name, length=len(content), owner=self.id, content=content)
        file.complete = True
        self._world.files[file.id] = file
        return describe(self._world, file)

    async def share(self, channel: str, file: Json, text: str = "") -> Message:
        """Post an uploaded file."""
        words = payloads.escaped(self._world, text)
        message = self._world.post(self._in(channel), self.id, words, files=[file])
        await self._slack.settle()
        return message

    async def dm(self, text: str, thread: Message | None = None) -> Message:
        """Write to the app."""
        return await self.say(self._world.im(self.id).id, text, thread)

    async def mention(self, channel: str, text: str, thread: Message | None = None) -> Message:
        """Write a message that names the app, first unless `text` names it elsewhere."""
        name = f"@{self._world.bot.name}"
        place = self._in(channel)
        if place.kind == "im":
            raise Refused("In its own conversation the app needs no mention.")
        if self._world.bot.id not in place.members:
            raise Refused(f"The app is not in #{place.name}: Slack asks whether to invite it.")
        words = text if name in text else f"{name} {text}"
        message = await self.say(channel, words, thread)
        if self._world.listens("app_mention"):
            about = {"channel": place.id, "event_ts": message.ts, "team": self.user.team_id}
            self._slack.happen({**message.payload(), "type": "app_mention", **about})
            await self._slack.settle()
        return message

    async def open_home(self, tab: str = "home") -> None:
        """Look at the app's Home tab, or at its messages."""
        self._member("the app's Home tab")
        if self._world.listens("app_home_opened"):
            body: Json = {"type": "app_home_opened", "user": self.id, "channel": self._world.im(self.id).id, "tab": tab}
            if tab == "home" and self.home is not None:
                body["view"] = self._world.view_payload(self.home)
            self._slack.happen({**body, "event_ts": self._world.new_ts()})
            await self._slack.settle()

    async def join(self, channel: str) -> None:
        """Enter a channel."""
        place = self._world.channel(channel)
        if place.kind != "channel" or self.user.is_ultra_restricted or self.user.is_restricted:
            raise Refused(f"@{self.user.name} needs an invitation to {channel}.")
        place.members.add(self.id)
        self._slack.member_joined(place, self.user)
        await self._slack.settle()

    # Checks of the client

    def _in(self, channel: str | None) -> Channel:
        place = self._world.im(self.id) if channel is None else self._world.channel(channel)
        if self.id not in place.members:
            raise Refused(f"@{self.user.name} is not in #{place.name}.")
        return place

    def _member(self, what: str) -> None:
        if self.user.team_id != self._world.team_id:
            raise Refused(f"@{self.user.name} belongs to another organisation, where {what} of this app don't exist.")

    def _offered(self, callback_id: str, kind: str) -> None:
        self._member("shortcuts")
        if self._world.app.shortcuts.get(callback_id) != kind or "commands" not in self._world.app.scopes:
            raise Refused(f"There is no {kind} shortcut {callback_id}.")

    def _front(self, view: View | None) -> View:
        front = self.modal
        if front is None or (view is not None and view is not front):
            raise Refused("This modal is not open in front.")
        return front

    def _reach(self, where: Message | View, what: str, *, stale: bool = False) -> tuple[Json, Json]:
        block, element = find(where.blocks, what)
        if isinstance(where, View):
            if where is not self.home:
                self._front(where)
        elif not stale:
            self._visible(where, element)
        return block, element

    def _visible(self, message: Message, element: Json) -> None:
        self._in(message.channel)
        if message.gone or (message.ephemeral and message.only_for != self.id):
            raise Refused("This message is not there for them.")
        live = self._world.channels[message.channel].messages.get(message.ts)
        if live is not None and live is not message and element not in [e for b in live.blocks for e in _parts(b)]:
            raise Refused(f"{element['action_id']} is no longer on the message; stale=True presses it all the same.")

    def _overflow(self, element: Json, value: Any) -> Json:
        for option in element["options"]:
            if value in {option.get("value"), option["text"]["text"]}:
                return dict(option)
        raise Refused(f"{value!r} is not in the menu.")

    async def _act(self, where: Message | View, block: Json, element: Json, state: Json, *, confirm: bool) -> Answer:
        dialog = element.get("confirm")
        if dialog is not None and not confirm:
            raise Refused(f"Slack asks first: {dialog['title']['text']} Pass confirm=True.")
        if dialog is None and confirm:
            raise Refused(f"{element['action_id']} asks nothing before it acts.")
        about = {"block": block, "element": element, "state": state}
        if isinstance(where, View):
            payload = payloads.view_action(self._world, self.user, where, **about)
        else:
            payload = payloads.message_action(self._world, self.user, where, **about)
        return await self._slack.deliver("interactive", payload)


def _parts(block: Json) -> list[Json]:
    parts = block.get("elements", [])
    return [*parts, block["accessory"]] if "accessory" in block else list(parts)
