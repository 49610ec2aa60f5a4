"""What people do in Discord, handed to the desk: acknowledged within three seconds, then worked on."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import discord
import structlog
from discord import app_commands

from handlers.chat.arrivals import Arrivals
from handlers.chat.receiving import received
from handlers.discord.buttons import ASK
from handlers.discord.files import UPLOADS
from handlers.discord.forms import Upload, answers, pages, refilled
from handlers.discord.places import PRIVATE, Place
from handlers.discord.turn import InteractionTurn, MessageTurn
from handlers.discord.who import NAME, STRANGER, Who
from handlers.discord.words import names, words_of
from handlers.options import command_of
from handlers.problems import Unexpected
from handlers.routes import COMMANDS
from handlers.views.actions import Verb, parse_action
from handlers.views.form import refill
from handlers.views.notice import notice, problem_notice
from handlers.views.sheet import sheets
from services.domain.errors import DeskError, InvalidInput, NotFound
from services.domain.identity import Visitor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence

    from handlers.chat.desk import ChatDesk
    from handlers.discord.buttons import Interaction
    from handlers.discord.drawing import Drawing
    from handlers.discord.homes import Homes
    from handlers.discord.kept import Kept
    from handlers.grammar import Word
    from handlers.request import FieldValue
    from handlers.surface import Surface
    from handlers.tasks import Tasks
    from handlers.views.card import Card
    from handlers.views.form import Form
    from services.media.intake import MediaIntake
    from services.ports.clock import Clock

    _Work = Callable[[InteractionTurn], Awaitable[object]]

AT_ONCE: Final = 2.0
"""Seconds a window may take to be made, of the three that Discord waits."""
_PIECEMEAL: Final = frozenset({Verb.OPTIONS, Verb.ACCOUNT_OPTIONS})
"""Forms of which each window is saved by itself, and another is filled in next."""
_CHOICE_MOST: Final = 100
_WORDS: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})
_log = structlog.get_logger(__name__)


class Doing:
    """One for the whole surface, over every connection it makes."""

    def __init__(
        self,
        chat: ChatDesk,
        surface: Surface,
        drawing: Drawing,
        media: MediaIntake,
        *,
        homes: Homes,
        kept: Kept,
        clock: Clock,
        tasks: Tasks,
    ) -> None:
        """The desk decides; this only carries. `tasks` are those the surface finishes on its way out."""
        self._chat = chat
        self._surface = surface
        self._drawing = drawing
        self._media = media
        self._kept = kept
        self._homes = homes
        self._clock = clock
        self._arrivals = Arrivals(clock)
        self._tasks = tasks
        self._who = Who(clock)
        self._closed = False

    def close(self) -> None:
        """Begin nothing more: who presses something now is told by Discord that it failed, and nothing changed."""
        self._closed = True

    # Commands

    async def chosen(self, interaction: Interaction, word: Word, values: Mapping[str, str]) -> None:
        """A word with its options; one that has to ask for more opens its window at once."""
        turn = self._turn(interaction)
        try:
            command = command_of(word, values)
        except InvalidInput as error:
            await self._tell(turn, problem_notice(error))
            return
        if COMMANDS[word].ask is not None and not command.rest:
            await self._at_once(turn, interaction, lambda t: self._chat.run(t, command))
        else:
            await self._later(turn, interaction, lambda t: self._chat.run(t, command))

    async def suggested(self, interaction: Interaction, source: str, typed: str) -> list[app_commands.Choice[str]]:
        """What may follow; a value too long for Discord is left out, because it would mean something else cut."""
        visitor = await self._who.visitor(interaction.user, interaction.guild, (), interaction.permissions)
        found = await self._chat.suggest(source, typed, visitor)
        return [
            app_commands.Choice(name=o.text[:_CHOICE_MOST], value=o.value)
            for o in found
            if 0 < len(o.value) <= _CHOICE_MOST
        ][:25]

    async def from_message(self, interaction: Interaction, text: str) -> None:
        """A draft from what somebody wrote."""

        async def ask(turn: InteractionTurn) -> None:
            form = await self._chat.brief(turn, text)
            self._kept.forget(turn.visitor.user, form.action)
            await turn.open(form)

        await self._at_once(self._turn(interaction), interaction, ask)

    # Cards

    async def pressed(self, interaction: Interaction, action_id: str) -> None:
        """A button, or its twin in the list."""
        if action_id.startswith(ASK):
            await self.asked(interaction, action_id)
        elif self._chat.asks(action_id):
            await self._at_once(self._turn(interaction), interaction, lambda t: self._window(t, action_id))
        else:
            turn = self._turn(interaction)
            await self._later(turn, interaction, lambda t: self._chat.press(t, action_id))

    async def asked(self, interaction: Interaction, page_id: str) -> None:
        """A button that opens one window of a form, with what was typed before."""
        found = self._kept.page_of(page_id)
        turn = self._turn(interaction)
        if found is None:
            await self._tell(turn, _gone({}))
            return
        page, action = found
        await self._at_once(turn, interaction, lambda t: self._window(t, action, page))

    async def _window(self, turn: InteractionTurn, action_id: str, page: int | None = None) -> None:
        """The form of a button; what the desk whispers beside it comes after the window."""
        turn.hold()
        form = await self._chat.form(turn, action_id)
        if form is not None:
            user = turn.visitor.user
            if page is None:
                self._kept.forget(user, form.action)
            if form.action != action_id:  # the form can't be made again from its own action alone
                self._kept.keep(user, form.action, {f.name: f.value for f in form.fields if f.value})
            await self._put(turn, refilled(form, self._kept.typed(user, form.action)), page)
        await turn.let_go()

    @staticmethod
    async def _put(turn: InteractionTurn, form: Form, page: int | None) -> None:
        windows = len(pages(form))
        if page is None and windows == 1 and not form.clash:
            page = 0
        if page is None or not windows or turn.answered or not await turn.show(form, min(page, windows - 1)):
            await turn.offer(form, {})

    async def submitted(self, interaction: Interaction) -> None:
        """A window that was sent."""
        data: Any = interaction.data or {}
        typed = answers(data.get("components", ()), data.get("resolved", {}).get("attachments", {}))
        found = self._kept.page_of(str(data.get("custom_id", "")))
        turn = self._turn(interaction)
        if found is None:
            await self._tell(turn, _gone({n: v for n, v in typed.items() if isinstance(v, str)}))
            return
        await self._later(turn, interaction, lambda t: self._submit(t, found[1], typed))

    async def _submit(self, turn: InteractionTurn, action: str, typed: Mapping[str, str | tuple[Upload, ...]]) -> None:
        user = turn.visitor.user
        words = {n: v for n, v in typed.items() if isinstance(v, str)}
        async with AsyncExitStack() as stack:
            try:
                uploads = {n: v for n, v in typed.items() if not isinstance(v, str)}
                files = {
                    n: await stack.enter_async_context(received(self._media, UPLOADS, several))
                    for n, several in uploads.items()
                }
            except DeskError as error:
                form = await self._chat.form(turn, action)
                if form is not None:
                    told = f"{error.message} {error.next_step}".strip()
                    await turn.ask_again(refill(form, words, field=error.field, error=told), words)
                return
            fields: dict[str, FieldValue] = {**self._kept.typed(user, action), **words, **files}
            again = await self._chat.submit(turn, action, fields)
        self._kept.forget(user, action)
        if again is not None:
            await turn.ask_again(again, {n: v for n, v in fields.items() if isinstance(v, str)})
        elif not await self._asks_on(turn, action):
            await turn.finish(used=True)

    async def _asks_on(self, turn: InteractionTurn, action: str) -> bool:
        """Offer the windows of a form that is answered piece by piece once more, with what is chosen by now."""
        if parse_action(action).verb not in _PIECEMEAL:
            return False
        form = await self._chat.form(turn, action)
        return form is not None and len(pages(form)) > 1 and await turn.offer(form, {})

    # Words

    def said(self, message: discord.Message, me: int, guilds: Sequence[discord.Guild]) -> None:
        """Words in the conversation with the bot, or that call it; nobody's machine is answered."""
        if message.author.bot or message.webhook_id is not None or message.type not in _WORDS:
            return
        private = message.guild is None
        if not private and (not names(message.content, me) or not self._homes.serves(message.guild)):
            return
        channel, thread = _where(message.channel, message.guild)
        if not private and not thread:
            thread = f"{channel}/{message.id}"

        whoever = replace(STRANGER, user=str(message.author.id))
        turn = MessageTurn(surface=self._surface, visitor=whoever, place=(channel, thread), private=private)

        async def answer() -> None:
            if not await self._chat.first(NAME, f"message-{message.id}"):
                return
            turn.visitor = await self._who.visitor(message.author, message.guild, self._homes.of(guilds))
            self._homes.require_known(turn.visitor, private=PRIVATE)
            await self._chat.command(turn, words_of(message, me, await self._called(message, turn.visitor.team)))

        self._spawn(self._guarded(turn, answer), name=f"discord-message-{message.id}")

    async def _called(self, message: discord.Message, team: str) -> dict[int, str]:
        """Those who are mentioned, by their number."""
        there = {u.id: Visitor(surface=NAME, team=team, user=str(u.id), name=u.display_name) for u in message.mentions}
        return {number: await self._chat.called(visitor) for number, visitor in there.items()}

    async def joined(self, guild: discord.Guild) -> None:
        """The bot was invited to a server: it says so where newcomers are greeted."""
        own = guild.me
        rooms = [c for c in (guild.system_channel, *guild.text_channels) if c and c.permissions_for(own).send_messages]
        if rooms:
            channel = Place(guild=str(guild.id), channel=str(rooms[0].id)).word
            turn = MessageTurn(surface=self._surface, visitor=STRANGER, place=(channel, ""), private=False)
            await self._chat.joined(turn)

    # On the way

    def _turn(self, interaction: Interaction) -> InteractionTurn:
        return InteractionTurn(
            interaction,
            surface=self._surface,
            place=_where(interaction.channel, interaction.guild),
            drawing=self._drawing,
            kept=self._kept,
            clock=self._clock,
        )

    async def _later(self, turn: InteractionTurn, interaction: Interaction, work: _Work) -> None:
        """Acknowledge, then work; Discord may hand the same over twice."""
        if self._closed:
            return
        with self._arrivals.arriving():
            await turn.acknowledge()

        async def once(turn: InteractionTurn) -> None:
            if await self._chat.first(NAME, f"interaction-{interaction.id}"):
                await work(turn)

        async def after() -> None:
            await self._arrivals.answered()
            await self._worked(turn, interaction, once)

        self._spawn(after(), name=f"discord-{interaction.id}")

    async def _at_once(self, turn: InteractionTurn, interaction: Interaction, work: _Work) -> None:
        """Work for a window, which must be the first answer; when it takes too long, acknowledge all the same."""

        async def within() -> None:
            guard = asyncio.ensure_future(self._guard(turn))
            try:
                await self._worked(turn, interaction, work)
            finally:
                guard.cancel()
                with suppress(asyncio.CancelledError):
                    await guard

        self._spawn(within(), name=f"discord-{interaction.id}")

    def _spawn(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        if self._closed:
            work.close()
        else:
            _ = self._tasks.spawn(work, name=name)

    async def _guard(self, turn: InteractionTurn) -> None:
        await self._clock.sleep(AT_ONCE)
        if not turn.answered:
            await turn.acknowledge()

    async def _worked(self, turn: InteractionTurn, interaction: Interaction, work: _Work) -> None:
        async def known() -> None:
            homes, guild = self._homes, interaction.guild
            homes.require(guild)
            guilds = homes.of(interaction.client.guilds)
            turn.visitor = await self._who.visitor(interaction.user, guild, guilds, interaction.permissions)
            homes.require_known(turn.visitor, private=PRIVATE)
            await work(turn)

        try:
            await self._guarded(turn, known)
        finally:
            await turn.finish()

    async def _guarded(self, turn: InteractionTurn | MessageTurn, work: Callable[[], Awaitable[None]]) -> None:
        """Do it, and tell them in words whatever comes in between."""
        try:
            await work()
        except DeskError as error:
            await self._tell(turn, problem_notice(error))
        except Exception:  # noqa: BLE001 - whoever asked for something is told, whatever happens behind it
            _log.exception("discord work failed")
            await self._tell(turn, problem_notice(Unexpected()))

    async def _tell(self, turn: InteractionTurn | MessageTurn, card: Card) -> None:
        try:
            await turn.whisper(sheets(card, self._surface.limits))
            await turn.let_go()
        except DeskError as error:
            _log.warning("a person could not be told", surface=NAME, card=card.state, reason=error.message)


def _where(channel: Any, guild: discord.Guild | None) -> tuple[str, str]:
    """The channel and the thread of something that happened."""
    team = str(guild.id) if guild else PRIVATE
    if not isinstance(channel, discord.Thread):
        return Place(guild=team, channel=str(channel.id) if channel else "0").word, ""
    above = str(channel.parent_id)
    return Place(guild=team, channel=above).word, Place(guild=team, channel=above, message=str(channel.id)).word


def _gone(typed: Mapping[str, str]) -> Card:
    """A form from before a restart, with what was typed for it."""
    error = NotFound("This form is not known any more.", next_step="Open it again from the card.")
    texts = [f"What you typed:\n{text}" for text in typed.values() if text]
    return notice("kept", error.message, error.next_step, *texts) if texts else problem_notice(error)
