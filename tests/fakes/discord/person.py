"""What a person can do in their client: each verb builds its payload from what they see, or is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.discord import options as given
from tests.fakes.discord import payloads, permissions
from tests.fakes.discord.basics import Json, Refused, walk
from tests.fakes.discord.components import BUTTON, LINK, PREMIUM, SELECTS
from tests.fakes.discord.model import (
    DM,
    MESSAGE,
    REPLY,
    THREAD,
    TOKEN_HEAD,
    USER,
    Channel,
    Interaction,
    Message,
    Modal,
    User,
)
from tests.fakes.discord.options import Resolved

if TYPE_CHECKING:
    from tests.fakes.discord.server import FakeDiscord


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The app's first response to what a person did."""

    type: int
    """4 a message, 5 and 6 later, 7 the message changed, 8 choices, 9 a form."""
    seconds: float
    """How long it took, by the machine's clock or the test's, whichever says more."""
    interaction: Interaction

    @property
    def message(self) -> Message | None:
        """The message that answers; while it is thinking it gets its content later."""
        return self.interaction.original

    @property
    def modal(self) -> Modal | None:
        """The form that was opened."""
        return self.interaction.modal


class Person:
    """One member at their client."""

    def __init__(self, discord: FakeDiscord, user: User) -> None:
        """Sit down."""
        self._discord = discord
        self._world = discord.world
        self.user = user
        self.id = user.id

    # What they see

    @property
    def modal(self) -> Modal | None:
        """The form in front of them."""
        return self._world.modals.get(self.id)

    @property
    def ephemerals(self) -> list[Message]:
        """What they alone see, oldest first."""
        return [message for message in self._world.ephemerals if message.only_for == self.id]

    @property
    def inbox(self) -> list[Message]:
        """Their conversation with the app."""
        return list(self._world.dm(self.id).messages.values())

    def sees(self, channel: str) -> list[Message]:
        """The messages of a channel they can look into."""
        return list(self._in(channel).messages.values())

    def refuse_dms(self, *, refused: bool = True) -> None:
        """Take no messages from members of the server, the app included."""
        self.user.accepts_dms = not refused

    # Commands

    async def slash(self, command: str, /, channel: str | None = None, **options: Any) -> Answer:
        """Run a command by its whole path ("desk draft") in a channel, or in the conversation with the app.

        Options go by name: text, numbers, yes or no; people, channels and roles by theirs; a file as (name, bytes).
        An option that is itself called channel is written `channel_`.
        """
        place = self._in(channel)
        chosen, path, known = given.leaf(self._world, place, command.removeprefix("/").split())
        self._offered(chosen, place)
        resolved = Resolved(self._world, place)
        told = given.typed(known, _named(options), resolved)
        data = payloads.command(chosen, told, path, resolved.objects)
        return await self._discord.deliver(self._new("command", place), data)

    async def autocomplete(
        self, command: str, option: str, text: str, /, channel: str | None = None, **options: Any
    ) -> list[Json]:
        """The choices the app offers for what is typed so far into one option."""
        place = self._in(channel)
        chosen, path, known = given.leaf(self._world, place, command.removeprefix("/").split())
        self._offered(chosen, place)
        field = next((one for one in known if one["name"] == option), None)
        if field is None or not field.get("autocomplete"):
            raise Refused(f"{option!r} asks nobody for choices.")
        resolved = Resolved(self._world, place)
        before = _named(options)
        told = given.typed([one for one in known if one["name"] in before], before, resolved)
        made = self._new("autocomplete", place)
        made.option_type = field["type"]
        data = payloads.command(chosen, payloads.focused(told, field, text), path, resolved.objects)
        await self._discord.deliver(made, data)
        return made.choices

    async def context_menu(self, name: str, target: Message | Person, channel: str | None = None) -> Answer:
        """Pick a command from the menu of a message, or of a person who is seen in a channel."""
        if isinstance(target, Person):
            place = self._in(channel)
            chosen = given.find(self._world, place, name, USER)
            resolved = Resolved(self._world, place)
            number = resolved.add(["users"], target.id)
            objects = resolved.objects
        else:
            place = self._in(target.channel)
            chosen = given.find(self._world, place, name, MESSAGE)
            if target.gone or target.ephemeral:
                raise Refused("This message has no menu of apps.")
            number, objects = target.id, {"messages": {target.id: self._world.message_payload(target)}}
        self._offered(chosen, place)
        made = self._new("command", place)
        made.on_target = True
        return await self._discord.deliver(made, payloads.picked(chosen, number, objects))

    # Components

    async def click(self, message: Message, what: str, *, stale: bool = False) -> Answer:
        """Press a button, by its label or custom_id; `stale` lets a press on a snapshot arrive after a change."""
        node = self._reach(message, what, stale=stale)
        if node["type"] != BUTTON:
            raise Refused(f"{what!r} is a menu: select something in it.")
        if node["style"] in {LINK, PREMIUM}:
            raise Refused(f"{what!r} is a link: the app does not hear of it.")
        return await self._use(message, payloads.component(node, None, {}))

    async def select(self, message: Message, what: str, *values: Any, stale: bool = False) -> Answer:
        """Choose in a menu, called by its placeholder or custom_id; values by label, value or name."""
        node = self._reach(message, what, stale=stale)
        if node["type"] not in SELECTS:
            raise Refused(f"{what!r} is a button: click it.")
        resolved = Resolved(self._world, self._world.channels[message.channel])
        picked = given.chosen(node, values, resolved)
        return await self._use(message, payloads.component(node, picked, resolved.objects))

    # Forms

    async def submit(self, modal: Modal | None = None, values: dict[str, Any] | None = None) -> Answer:
        """Fill in fields by label or custom_id and submit; without an answer the form stays, with what was typed.

        Text for text, a list for menus, boxes and files (name, bytes), one label for radio buttons, a bool for a box.
        """
        modal = self._front(modal)
        known = given.fields(modal.components)
        for _, field in known:
            modal.values.setdefault(field["custom_id"], given.starting(field))
        for what, value in (values or {}).items():
            found = [field for label, field in known if what in {label, field["custom_id"]}]
            if len(found) != 1:
                there = ", ".join(label for label, _ in known)
                raise Refused(f"{what!r} is {'twice' if found else 'not'} in the form. There is: {there}.")
            modal.values[found[0]["custom_id"]] = value
        resolved = Resolved(self._world, modal.channel)
        told = given.submission(modal.components, modal.values, resolved)
        made = self._new("modal", modal.channel)
        made.message = modal.message
        answer = await self._discord.deliver(made, payloads.form(modal.custom_id, told, resolved.objects))
        if self._world.modals.get(self.id) is modal:
            del self._world.modals[self.id]
        return answer

    def close(self, modal: Modal | None = None) -> None:
        """Dismiss the form; Discord tells nobody."""
        self._front(modal)
        del self._world.modals[self.id]

    # Words

    async def say(
        self, channel: str, text: str, *, reply_to: Message | None = None, files: list[tuple[str, bytes]] | None = None
    ) -> Message:
        """Write a message; the app hears of it where it may and listens."""
        place = self._in(channel)
        need = "send_messages_in_threads" if place.type == THREAD else "send_messages"
        if not permissions.has(self._world.may(self.id, place), need):
            raise Refused(f"{self.user.name} may not write in #{place.name}.")
        if not 0 < len(text) <= 2000 and not files:
            raise Refused(f"A message has 1 to 2000 characters, not {len(text)}.")
        message = Message(
            id=self._world.new_id(),
            channel=place.id,
            author=self.user,
            at=self._world.clock.now(),
            type=REPLY if reply_to else 0,
            reply_to=reply_to.id if reply_to else None,
            content=text,
        )
        made = [self._world.new_file(name, content) for name, content in files or []]
        message.attachments = [self._world.keep(file, place.id) for file in made]
        message.mentions = [user for user in self._world.users.values() if f"<@{user.id}>" in text]
        if reply_to is not None and reply_to.author not in message.mentions:
            message.mentions.append(reply_to.author)
        return self._world.post(message)

    async def mention(self, channel: str, text: str, *, reply_to: Message | None = None) -> Message:
        """Write a message that names the app, first unless `text` says @name elsewhere."""
        place = self._in(channel)
        if place.type == DM:
            raise Refused("In its own conversation the app needs no mention.")
        name, call = f"@{self._world.bot.name}", f"<@{self._world.bot.id}>"
        words = text.replace(name, call) if name in text else f"{call} {text}"
        return await self.say(place.id, words, reply_to=reply_to)

    async def dm(self, text: str) -> Message:
        """Write to the app."""
        return await self.say(self._world.dm(self.id).id, text)

    # Checks of the client

    def _in(self, channel: str | None) -> Channel:
        place = self._world.dm(self.id) if channel is None else self._world.channel(channel)
        if not permissions.has(self._world.may(self.id, place), "view_channel"):
            raise Refused(f"{self.user.name} can't see #{place.name}.")
        return place

    def _offered(self, command: Json, place: Channel) -> None:
        name = command["name"]
        contexts = command.get("contexts")
        inside = place.type != DM
        if contexts is not None and (payloads.GUILD_CONTEXT if inside else payloads.DM_CONTEXT) not in contexts:
            raise Refused(f"/{name} is not offered {'in servers' if inside else 'in conversations'}.")
        if contexts is None and not inside and command.get("dm_permission") is False:
            raise Refused(f"/{name} is not offered in conversations.")
        may = self._world.may(self.id, place)
        need = command.get("default_member_permissions")
        if inside and (not permissions.has(may, "use_application_commands") or (need and int(need) & ~may)):
            raise Refused(f"/{name} is not offered to {self.user.name}, who lacks the permission.")
        if inside and need == "0" and not may & 1 << permissions.BITS["administrator"]:
            raise Refused(f"/{name} is offered to administrators only.")

    def _front(self, modal: Modal | None) -> Modal:
        front = self.modal
        if front is None or (modal is not None and modal is not front):
            raise Refused("This form is not open.")
        return front

    def _reach(self, message: Message, what: str, *, stale: bool) -> Json:
        node = given.component(message.components, what)
        self._in(message.channel)
        if message.gone or (message.ephemeral and message.only_for != self.id):
            raise Refused("This message is not there for them.")
        live = self._world.find(message.channel, message.id)
        if live is None and not message.ephemeral:
            raise Refused("This message is not there any more.")
        if live is not None and not stale:
            now = [one.get("custom_id") for one in walk(live.components)]
            if node.get("custom_id") not in now:
                raise Refused(f"{what!r} is no longer on the message; stale=True lets an earlier press arrive now.")
        if node.get("disabled"):
            raise Refused(f"{what!r} is disabled.")
        return node

    async def _use(self, message: Message, data: Json) -> Answer:
        place = self._world.channels[message.channel]
        made = self._new("component", place)
        made.message = self._world.find(message.channel, message.id) or message
        made.seen = message
        return await self._discord.deliver(made, data)

    def _new(self, kind: Any, channel: Channel) -> Interaction:
        number = self._world.new_id()
        made = Interaction(
            id=number,
            token=f"{TOKEN_HEAD}{number}-fake-token",
            kind=kind,
            user=self.user,
            channel=channel,
            at=self._world.clock.now(),
        )
        self._world.interactions[number] = made
        return made


def _named(options: dict[str, Any]) -> dict[str, Any]:
    return {name.removesuffix("_"): value for name, value in options.items()}
