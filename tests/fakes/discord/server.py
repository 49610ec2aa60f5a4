"""FakeDiscord: the guilds, its server on loopback, and the people in them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from tests.fakes.discord import payloads, permissions, rest_app, rest_channels, rest_interactions
from tests.fakes.discord.api import VERSION, Api
from tests.fakes.discord.basics import ACK_SECONDS, AckTimeout, Json, Refused
from tests.fakes.discord.faults import Fault, Faults
from tests.fakes.discord.gateway import Hub
from tests.fakes.discord.model import Channel, Guild, Interaction, Message, Role
from tests.fakes.discord.person import Answer, Person
from tests.fakes.discord.world import AppConfig, World
from tests.fakes.real_clock import Clock

T = TypeVar("T")
_LOADED = (rest_app, rest_channels, rest_interactions)
"""Imported for what they put into the table of routes."""


class FakeDiscord:
    """A strict Discord with one main guild and one app; use it as `async with`."""

    def __init__(
        self,
        *,
        clock: Clock,
        app: AppConfig | None = None,
        strict_rate: bool = False,
        patience: float = ACK_SECONDS,
    ) -> None:
        """`patience`: real seconds to wait for first responses; only a test of the timeout sets less than three."""
        self.clock = clock
        self.world = World(clock=clock, app=app or AppConfig())
        self.faults = Faults(clock=clock, strict_rate=strict_rate)
        self.hub = Hub(self.world)
        self.patience = patience
        self.latencies: list[float] = []
        """Seconds until every first response, in order."""
        self._excused: set[str] = set()
        self._runner: web.AppRunner | None = None
        self.world.on_event = self.hub.dispatch

    # Life

    async def start(self, port: int = 0) -> Self:
        """Listen on loopback."""
        app = web.Application(client_max_size=256 * 1024 * 1024)
        app.router.add_route("*", f"{VERSION}/{{path:.*}}", Api(self.world, self.faults).serve)
        app.router.add_get("/gateway/", self.hub.serve)
        app.router.add_get("/gateway/resumed/", self.hub.serve)
        for folder in ("attachments", "ephemeral-attachments"):
            app.router.add_get(f"/{folder}/{{channel}}/{{file}}/{{name}}", self._download)
        self.routes(app)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.world.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    def routes(self, app: web.Application) -> None:
        """Room for more routes; the process adds its control face here."""

    async def _download(self, request: web.Request) -> web.Response:
        file = self.world.files.get(request.match_info["file"])
        if (fault := self.faults.take(f"GET {request.path}")) is not None:
            await self.world.clock.sleep(fault.slow)
            if fault.status != 200:
                return web.Response(status=fault.status)
        if file is None:
            return web.Response(status=404)
        return web.Response(body=file.content, headers={"Content-Type": file.content_type})

    async def stop(self) -> None:
        """Close every socket and stop listening."""
        await self.hub.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    # Addresses, places and people

    @property
    def api_url(self) -> str:
        """What DISCORD_API_BASE_URL takes, and `discord.http.Route.BASE`."""
        return f"{self.world.base}{VERSION}"

    @property
    def gateway_url(self) -> str:
        """What DISCORD_GATEWAY_URL takes, and `DiscordWebSocket.DEFAULT_GATEWAY` as a yarl.URL."""
        return rest_app.gateway_url(self.world)

    def role(self, name: str, *may: str, mentionable: bool = False) -> Role:
        """Make a role with these permissions, e.g. `"manage_guild"`."""
        made = self.world.add_role(name, self.world.guild, may=permissions.bits(may), mentionable=mentionable)
        told = {"guild_id": self.world.guild.id, "role": made.payload()}
        self.hub.dispatch("GUILD_ROLE_CREATE", told)
        return made

    def join(self, name: str, *roles: str, guild: str | None = None, owner: bool = False, **more: Any) -> Person:
        """Let somebody join the main guild, or another one, with these roles; again for one more guild."""
        known = [user for user in self.world.users.values() if user.name == name]
        user = known[0] if known else self.world.add_user(name, **more)
        place = self._guild(guild)
        member = self.world.enter(user, place, *roles)
        if owner:
            place.owner = user.id
        self.hub.dispatch("GUILD_MEMBER_ADD", {**member.payload(), "guild_id": place.id})
        return Person(self, user)

    def give(self, name: str, *roles: str) -> None:
        """Change somebody's roles in the main guild to these."""
        member = self.world.guild.members[self.world.user(name).id]
        member.roles = [self.world.role(role).id for role in roles]
        self.hub.dispatch("GUILD_MEMBER_UPDATE", {**member.payload(), "guild_id": self.world.guild.id})

    def person(self, name: str) -> Person:
        """Somebody who joined before."""
        return Person(self, self.world.user(name))

    def channel(
        self,
        name: str,
        *,
        only: Collection[str] = (),
        bot: bool = True,
        deny: Collection[str] = (),
        guild: str | None = None,
    ) -> Channel:
        """Open a text channel to everybody, or `only` to these roles and people; without the bot, or deny it things."""
        place = self._guild(guild)
        made = self.world.add_channel(name, place)
        view = permissions.bits(["view_channel"])
        if only:
            made.overwrites[place.id] = (0, view)
            for one in only:
                made.overwrites[self._target(place, one)] = (view, 0)
        if only or not bot or deny:
            denied = permissions.bits(deny) | (0 if bot else view)
            made.overwrites[self.world.bot.id] = (view if bot else 0, denied)
        self.hub.dispatch("CHANNEL_CREATE", self.world.channel_payload(made))
        return made

    def _target(self, place: Guild, name: str) -> str:
        roles = [role.id for role in place.roles.values() if role.name == name]
        return roles[0] if roles else self.world.user(name).id

    def guild(self, name: str) -> Guild:
        """Invite the app to one more guild."""
        made = self.world.add_guild(name)
        self.hub.dispatch("GUILD_CREATE", self.world.guild_payload(made))
        return made

    def _guild(self, name: str | None) -> Guild:
        if name is None:
            return self.world.guild
        for guild in self.world.guilds.values():
            if name in {guild.id, guild.name}:
                return guild
        raise Refused(f"There is no guild {name}.")

    def kick_bot(self, guild: str | None = None) -> None:
        """Throw the app out of a guild."""
        place = self._guild(guild)
        del place.members[self.world.bot.id]
        self.hub.dispatch("GUILD_DELETE", {"id": place.id})

    def messages(self, channel: str) -> list[Message]:
        """All messages of a channel or thread that everybody there sees, oldest first."""
        return list(self.world.channel(channel).messages.values())

    def thread(self, message: Message) -> list[Message]:
        """The messages of the thread below a message."""
        return self.messages(message.thread) if message.thread else []

    def delete_message(self, message: Message) -> None:
        """Let a moderator take a message away."""
        self.world.remove(message)

    def delete_channel(self, channel: str) -> None:
        """Let somebody take a channel away."""
        self.world.remove_channel(self.world.channel(channel))

    # Delivery

    async def deliver(self, made: Interaction, data: Json) -> Answer:
        """Something a person did; without a first response they see that the app did not respond, as does the test."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        if self.hub.sessions:  # one whose socket is gone may come back in time
            self.hub.dispatch("INTERACTION_CREATE", payloads.interaction(self.world, made, data))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(made.settled.wait(), self.patience)
        passed = (self.clock.now() - made.at).total_seconds()
        seconds = max(loop.time() - started, passed)
        self.latencies.append(seconds)
        if made.response is None:
            made.given_up = True
            what = data.get("name") or data.get("custom_id")
            why = "no answer" if self.hub.live else "the app is not connected"
            told = f"{made.kind} {what!r} was not answered within {ACK_SECONDS:g} s ({why})"
            self.world.note(told)
            raise AckTimeout(f"{told}.\n{self.world.transcript}")
        return Answer(type=made.response, seconds=seconds, interaction=made)

    async def until(self, check: Callable[[], T | None], within: float = 5.0) -> T:
        """Wait until something is true, and return it; fails with the transcript."""
        return await self.world.changes.until(check, within)

    async def connected(self, sockets: int = 1) -> None:
        """Wait for the app to be identified or resumed."""
        await self.until(lambda: len(self.hub.live) >= sockets)

    # Faults

    def inject(self, route: str, **fault: Any) -> None:
        """Let calls like `POST /channels/*/messages` fail.

        status=429, retry_after=1, everywhere=True (global), via=False (the guard before Discord), code=50013,
        message="…", times=1, after=True to lose only the answer.
        """
        self.faults.add(route, Fault(**fault))

    def slow(self, route: str, seconds: float, times: int = 1) -> None:
        """Let calls take long, by the clock."""
        self.faults.add(route, Fault(slow=seconds, times=times))

    def drop_gateway(self) -> None:
        """Let the app's sockets die without a word; its sessions can be resumed."""
        self.hub.cut()

    def reconnect(self) -> None:
        """Ask the app to reconnect (op 7)."""
        self.hub.reconnect()

    def invalidate(self, *, resumable: bool = False) -> None:
        """Tell the app that its session is over (op 9), or may be resumed."""
        self.hub.invalidate(resumable=resumable)

    def close(self, code: int) -> None:
        """Close the app's sockets with a code: 4000 is resumed, 4004 and 4010 to 4014 are the end."""
        self.hub.close_with(code)

    # Judgement

    @property
    def problems(self) -> list[str]:
        """What must never happen, as far as it did."""
        waiting = [one for one in self.world.interactions.values() if one.original and one.original.thinking]
        left = [f"{one.kind} {one.id} was left thinking" for one in waiting if not (one.original and one.original.gone)]
        return [problem for problem in [*self.world.noted, *left] if problem not in self._excused]

    def excuse(self, words: str) -> None:
        """Expect a problem: there must be one that contains `words`, and it no longer counts."""
        found = [problem for problem in self.problems if words in problem]
        if not found:
            raise Refused(f"No problem says {words!r}: {self.problems}")
        self._excused.update(found)

    def check(self) -> None:
        """Raise what must never happen: see the invariants."""
        if self.problems:
            told = "\n".join(f"- {one}" for one in self.problems)
            raise AssertionError(f"The app broke what must always hold:\n{told}\n\n{self.world.transcript}")
