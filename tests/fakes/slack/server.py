"""FakeSlack: the workspace, its servers on loopback, and the people in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from tests.fakes.real_clock import Clock
from tests.fakes.slack import (
    methods_app,
    methods_chat,
    methods_files,
    methods_people,
    methods_views,
    payloads,
    responding,
)
from tests.fakes.slack.api import Api
from tests.fakes.slack.basics import ACK_SECONDS, AckTimeout, Json, Refused
from tests.fakes.slack.delivery import Answer, Carrier, Kind, Retry
from tests.fakes.slack.faults import Fault, Faults
from tests.fakes.slack.http_mode import Asgi, Requests
from tests.fakes.slack.model import Channel, Message, User
from tests.fakes.slack.person import Person
from tests.fakes.slack.socket import Hub
from tests.fakes.slack.world import AppConfig, World

T = TypeVar("T")
_LOADED = (methods_app, methods_chat, methods_files, methods_people, methods_views)
"""Imported for what they put into the table of methods."""


class FakeSlack:
    """A strict Slack with one workspace and one app; use it as `async with`."""

    def __init__(
        self,
        *,
        clock: Clock,
        app: AppConfig | None = None,
        paid: bool = True,
        polls_until_ready: int = 2,
        strict_rate: bool = False,
        patience: float = ACK_SECONDS,
    ) -> None:
        """`patience`: real seconds to wait for acknowledgements; only a test of the timeout sets less than three."""
        self.clock = clock
        self.world = World(clock=clock, app=app or AppConfig(), paid=paid, polls_until_ready=polls_until_ready)
        self.faults = Faults(clock=clock, strict_rate=strict_rate)
        self.hub = Hub(self.world, patience)
        self.latencies: list[float] = []
        """Seconds of every acknowledgement, in order."""
        self._carrier: Carrier = self.hub
        self._tasks: set[asyncio.Task[None]] = set()
        self._redeliveries: list[tuple[float, Json, Retry]] = []
        self._held: Json | None = None
        self._hold = self._twice = False
        self._runner: web.AppRunner | None = None
        self.world.on_event = self.happen
        self.world.transcript.secrets = self.world.secrets

    # Life

    async def start(self, port: int = 0) -> Self:
        """Listen on loopback."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        api = Api(self.world, self.faults)
        world = self.world
        app.router.add_route("*", "/api/{method}", api.serve)
        app.router.add_get("/link/", self.hub.serve)

        async def upload(request: web.Request) -> web.Response:
            return await methods_files.receive(world, request)

        async def download(request: web.Request) -> web.Response:
            if (fault := self.faults.take("download")) is not None:
                await world.clock.sleep(fault.slow)
                if fault.status != 200:
                    return web.Response(status=fault.status)
            return await methods_files.send(world, request)

        async def respond(request: web.Request) -> web.Response:
            return await responding.serve(world, request)

        async def authorize(request: web.Request) -> web.Response:
            try:
                where = methods_app.authorize(world, request.query)
            except Refused as refused:
                return web.Response(status=400, text=str(refused))
            raise web.HTTPFound(where)

        app.router.add_post("/upload/{file}", upload)
        app.router.add_get("/files/{file}", download)
        app.router.add_post("/response/{id}", respond)
        app.router.add_get("/oauth/v2/authorize", authorize)
        self.routes(app)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        world.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    def routes(self, app: web.Application) -> None:
        """Room for more routes; the process adds its control face here."""

    async def stop(self) -> None:
        """Close every socket and stop listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._carrier.close()
        await self.hub.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    # Addresses and people

    @property
    def api_url(self) -> str:
        """What SLACK_API_BASE_URL takes."""
        return f"{self.world.base}/api/"

    @property
    def authorize_url(self) -> str:
        """Where an app sends people who install it."""
        return f"{self.world.base}/oauth/v2/authorize"

    def join(self, name: str, **more: Any) -> Person:
        """Let somebody join the workspace, e.g. `is_admin=True`, `is_restricted=True`, `team_id="T…"`, `tz=…`."""
        return Person(self, self.world.add_user(name, **more))

    def person(self, name: str) -> Person:
        """Somebody who joined before."""
        return Person(self, self.world.user(name))

    def channel(self, name: str, *members: str, private: bool = False, bot: bool = True) -> Channel:
        """Open a channel."""
        return self.world.add_channel(name, *members, private=private, bot=bot)

    def group(self, handle: str, *members: str) -> str:
        """Make a user group; its id."""
        return self.world.add_group(handle, *members).id

    def messages(self, channel: str) -> list[Message]:
        """All messages of a channel, oldest first."""
        return list(self.world.channel(channel).messages.values())

    def thread(self, message: Message) -> list[Message]:
        """The answers to a message."""
        return [m for m in self.messages(message.channel) if m.thread_ts == message.ts and m is not message]

    async def invite_bot(self, channel: str) -> None:
        """Bring the app into a channel."""
        place = self.world.channel(channel)
        place.members.add(self.world.bot.id)
        self.member_joined(place, self.world.bot)
        await self.settle()

    def member_joined(self, place: Channel, user: User) -> None:
        """Tell the app, if it listens."""
        if self.world.listens("member_joined_channel") and self.world.bot.id in place.members:
            about = {"channel": place.id, "channel_type": "C", "team": user.team_id, "event_ts": self.world.new_ts()}
            self.happen({"type": "member_joined_channel", "user": user.id, **about})

    def allow(self, url: str) -> str:
        """Press Allow on Slack's page at `url`: the address the person is sent back to, with the code."""
        return methods_app.authorize_url(self.world, url)

    async def uninstall(self) -> None:
        """Remove the app: its tokens die, and it hears of both."""
        for grant in self.world.grants.values():
            grant.revoked = grant.revoked or grant.kind == "bot"
        tokens = {"oauth": [], "bot": [self.world.bot.id]}
        for body in ({"type": "tokens_revoked", "tokens": tokens}, {"type": "app_uninstalled"}):
            if self.world.listens(str(body["type"])):
                self.happen({**body, "event_ts": self.world.new_ts()})
        await self.settle()

    # Delivery

    def http_mode(self, url: str, app: Asgi | None = None, patience: float = ACK_SECONDS) -> Requests:
        """Deliver by signed requests from now on, to an ASGI application or to a real address."""
        requests = Requests(self.world, url, app, patience)
        self._carrier = requests
        return requests

    async def deliver(self, kind: Kind, payload: Json) -> Answer:
        """Something a person did; without an acknowledgement they see Slack's error, and so does the test."""
        if kind == "interactive" and not self.world.app.interactivity:
            raise Refused("Interactivity is off in the app's settings, so Slack shows an error.")
        answer = await self._carrier.send(kind, payload, None)
        self.latencies.append(answer.seconds)
        if not answer.acked:
            what = payload.get("command") or payload.get("type")
            told = f"{what} was not acknowledged within {ACK_SECONDS:g} s ({answer.why})"
            self.world.problems.append(told)
            raise AckTimeout(f"{told}.\n{self.world.transcript}")
        return answer

    def happen(self, body: Json) -> None:
        """An event on its way; `settle` waits until it arrived."""
        payload = payloads.event(self.world, body)
        if self._hold:
            self._hold, self._held = False, payload
            return
        self._spawn(self._event(payload, twice=self._twice))
        self._twice = False
        if self._held is not None:
            late, self._held = self._held, None
            self._spawn(self._event(late, twice=False, after=set(self._tasks)))

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _event(self, payload: Json, *, twice: bool, after: Iterable[asyncio.Task[None]] = ()) -> None:
        await asyncio.gather(*after)
        answer = await self._carrier.send("events_api", payload, None)
        self.latencies.append(answer.seconds)
        if twice:
            await self._carrier.send("events_api", payload, Retry(number=1, reason="timeout"))
        elif not answer.acked:
            await self._again(payload, Retry(number=1, reason=answer.why.split()[0]))

    async def _again(self, payload: Json, retry: Retry) -> None:
        if retry.reason == "no_retry":
            return
        answer = await self._carrier.send("events_api", payload, retry)
        if answer.acked:
            return
        if retry.number == 3:
            self.world.problems.append(f"event {payload['event']['type']} was never acknowledged ({answer.why})")
            return
        wait = {1: 60, 2: 300}[retry.number]
        due = self.clock.now().timestamp() + wait
        self._redeliveries.append((due, payload, Retry(number=retry.number + 1, reason=answer.why.split()[0])))

    async def redeliver(self) -> int:
        """Send events again whose time has come: one and then five minutes after a failure; how many it were."""
        now = self.clock.now().timestamp()
        due = [one for one in self._redeliveries if one[0] <= now]
        self._redeliveries = [one for one in self._redeliveries if one[0] > now]
        for _, payload, retry in due:
            await self._again(payload, retry)
        return len(due)

    async def settle(self) -> None:
        """Wait until every event that happened was delivered."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def until(self, check: Callable[[], T | None], within: float = 5.0) -> T:
        """Wait until something in the workspace is true, and return it; fails with the transcript."""
        return await self.world.changes.until(check, within)

    async def connected(self, sockets: int = 1) -> None:
        """Wait for the app's sockets."""
        await self.until(lambda: len(self.hub.links) >= sockets)

    # Faults

    def inject(self, method: str, **fault: Any) -> None:
        """Let calls fail: status=429, retry_after=1, error="…", times=1, after=True to lose only the answer.

        "download" is the way to a file that somebody gave.
        """
        self.faults.waiting[method].append(Fault(**fault))

    def slow(self, method: str, seconds: float, times: int = 1) -> None:
        """Let calls take long, by the clock."""
        self.faults.waiting[method].append(Fault(slow=seconds, times=times))

    async def drop_socket(self, *, cut: bool = False) -> None:
        """Close the app's sockets; a `cut` is noticed only by the SDK's next ping, ten seconds by default."""
        await self.hub.drop(cut=cut)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app to reconnect."""
        await self.hub.disconnect(reason)

    def duplicate_next_event(self) -> None:
        """Deliver the next event twice, the second time marked as a retry."""
        self._twice = True

    def reorder(self) -> None:
        """Let the next event overtake itself: it arrives after the one that follows."""
        self._hold = True

    # Judgement

    def excuse(self, words: str) -> None:
        """Expect a problem: there must be one that contains `words`, and it no longer counts."""
        kept = [problem for problem in self.world.problems if words not in problem]
        if len(kept) == len(self.world.problems):
            raise Refused(f"No problem says {words!r}: {self.world.problems}")
        self.world.problems = kept

    def check(self) -> None:
        """Raise what must never happen: see the invariants."""
        if self.world.problems:
            told = "\n".join(f"- {one}" for one in self.world.problems)
            raise AssertionError(f"The app broke what must always hold:\n{told}\n\n{self.world.transcript}")
