"""The gateway: sessions that outlive their sockets, what each may hear, and how they end."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Final

from aiohttp import WSMsgType, web

from tests.fakes.discord.basics import Json
from tests.fakes.discord.rest_app import application_flags, gateway_url
from tests.fakes.discord.world import INTENTS, PRIVILEGED, World

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME = 0, 1, 2, 3, 4, 6
RECONNECT, MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 7, 8, 9, 10, 11
INTERVAL: Final = 41_250
"""Milliseconds between heartbeats, as Discord asks."""
KNOWN: Final = sum(1 << bit for bit in (*range(17), 20, 21, 24, 25))
RESUMED_AT: Final = "/gateway/resumed/"
"""The path of READY's own address for those who come back."""
_NEEDS: Final = {
    "GUILD_CREATE": "guilds",
    "GUILD_DELETE": "guilds",
    "GUILD_ROLE_CREATE": "guilds",
    "CHANNEL_CREATE": "guilds",
    "CHANNEL_UPDATE": "guilds",
    "CHANNEL_DELETE": "guilds",
    "THREAD_CREATE": "guilds",
    "THREAD_UPDATE": "guilds",
    "THREAD_DELETE": "guilds",
    "GUILD_MEMBER_ADD": "guild_members",
    "GUILD_MEMBER_UPDATE": "guild_members",
    "MESSAGE_CREATE": "guild_messages",
    "MESSAGE_UPDATE": "guild_messages",
    "MESSAGE_DELETE": "guild_messages",
}
"""The intent each event asks for; messages of conversations ask for another."""
_HIDDEN: Final = {"content": "", "embeds": [], "attachments": [], "components": []}
"""What a message looks like to those who may not read it."""


@dataclass(eq=False, kw_only=True)
class Session:
    """What a connection identified as; it waits for its client when the socket is gone."""

    id: str
    intents: int
    shard: tuple[int, int] = (0, 1)
    sequence: int = 0
    told: list[Json] = field(default_factory=list)
    """Every event, in order, for those who come back."""
    link: Link | None = None


@dataclass(eq=False, kw_only=True)
class Link:
    """One socket."""

    socket: web.WebSocketResponse
    request: web.Request
    path: str
    queue: asyncio.Queue[Json | int] = field(default_factory=asyncio.Queue)
    """What is to be sent; a number closes with it."""
    session: Session | None = None
    closing: bool = False
    """Whether the fake ended it, so that the client's own code means nothing."""
    beats: int = 0
    """Heartbeats it sent."""


class Hub:
    """All sockets and sessions."""

    def __init__(self, world: World) -> None:
        """Listen for one world."""
        self._world = world
        self.links: list[Link] = []
        self.sessions: dict[str, Session] = {}
        self.identified: list[Json] = []
        """Every IDENTIFY, without its token."""
        self.resumed = 0
        """How often a session was taken up again."""

    @property
    def live(self) -> list[Link]:
        """Sockets that identified or resumed and are open."""
        return [link for link in self.links if link.session is not None and not link.socket.closed]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One socket's life."""
        socket = web.WebSocketResponse(max_msg_size=4096 * 4)
        await socket.prepare(request)
        link = Link(socket=socket, request=request, path=request.path)
        self.links.append(link)
        writer = asyncio.ensure_future(self._write(link))
        link.queue.put_nowait({"op": HELLO, "d": {"heartbeat_interval": INTERVAL, "_trace": ["fake"]}})
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._hear(link, message.data)
        finally:
            writer.cancel()
            self._leave(link)
        return socket

    async def _write(self, link: Link) -> None:
        """In order, whoever puts something into the queue."""
        while True:
            one = await link.queue.get()
            if isinstance(one, int):
                self._world.transcript.add("discord", "gateway close", str(one))
                link.closing = True
                await link.socket.close(code=one)
                return
            if one["op"] != HEARTBEAT_ACK:
                shown = one.get("t") or f"op {one['op']}"
                self._world.transcript.add("discord", f"gateway {shown}", one.get("d"))
            await link.socket.send_str(json.dumps({"s": None, "t": None, **one}))

    def _leave(self, link: Link) -> None:
        self.links.remove(link)
        if link.session is not None and link.session.link is link:
            link.session.link = None
            if not link.closing and link.socket.close_code in {1000, 1001}:  # a client that is not coming back
                self.sessions.pop(link.session.id, None)
        self._world.changes.note()

    # What the client says

    def _hear(self, link: Link, data: str) -> None:
        try:
            words = json.loads(data)
            operation = words["op"]
        except (json.JSONDecodeError, TypeError, KeyError):
            link.queue.put_nowait(4002)
            return
        body = words.get("d")
        if operation == HEARTBEAT:
            link.beats += 1
            link.queue.put_nowait({"op": HEARTBEAT_ACK})
            return
        shown = {**body, "token": "…"} if isinstance(body, dict) and "token" in body else body
        self._world.transcript.add("app", f"gateway op {operation}", shown)
        if operation == IDENTIFY:
            self._identify(link, body)
        elif operation == RESUME:
            self._resume(link, body)
        elif link.session is None:
            link.queue.put_nowait(4003)
        elif operation == MEMBERS:
            self._members(link, link.session, body)
        elif operation not in {PRESENCE, VOICE}:
            link.queue.put_nowait(4001)

    def _identify(self, link: Link, body: Json) -> None:
        world = self._world
        intents = body.get("intents")
        refused = sum(bit for name, bit in PRIVILEGED.items() if name not in world.app.approved_intents)
        code = None
        if body.get("token") != world.app.token:
            code = 4004
        elif link.session is not None:
            code = 4005
        elif not isinstance(intents, int) or intents & ~KNOWN or "properties" not in body:
            code = 4013
        elif intents & refused:
            code = 4014
        if code is not None:
            link.queue.put_nowait(code)
            return
        assert isinstance(intents, int)
        shard = tuple(body.get("shard") or (0, 1))
        session = Session(id=world.new_id(), intents=intents, shard=(shard[0], shard[1]), link=link)
        link.session = session
        self.sessions[session.id] = session
        self.identified.append({key: value for key, value in body.items() if key != "token"})
        self._ready(session)

    def _ready(self, session: Session) -> None:
        world = self._world
        inside = [one for one in world.guilds.values() if world.bot.id in one.members and _here(session, one.id)]
        self._tell(
            session,
            "READY",
            {
                "v": 10,
                "user": world.bot.payload(),
                "guilds": [{"id": guild.id, "unavailable": True} for guild in inside],
                "session_id": session.id,
                "resume_gateway_url": gateway_url(world, RESUMED_AT),
                "shard": list(session.shard),
                "application": {"id": world.application_id, "flags": application_flags(world)},
                "private_channels": [],
                "relationships": [],
                "user_settings": {},
            },
        )
        for guild in inside:
            self._tell(session, "GUILD_CREATE", self._guild(session, world.guild_payload(guild)))
        world.changes.note()

    def _guild(self, session: Session, told: Json) -> Json:
        """Without the intent for members a client gets only its own."""
        if session.intents & PRIVILEGED["guild_members"]:
            return told
        own = [member for member in told["members"] if member["user"]["id"] == self._world.bot.id]
        return {**told, "members": own}

    def _resume(self, link: Link, body: Json) -> None:
        session = self.sessions.get(str(body.get("session_id")))
        if body.get("token") != self._world.app.token:
            link.queue.put_nowait(4004)
            return
        if session is None or not isinstance(body.get("seq"), int) or body["seq"] > session.sequence:
            link.queue.put_nowait({"op": INVALID_SESSION, "d": False})
            return
        link.session, session.link = session, link
        for event in session.told:
            if event["s"] > body["seq"]:
                link.queue.put_nowait(event)
        self.resumed += 1
        self._tell(session, "RESUMED", {"_trace": ["fake"]})
        self._world.changes.note()

    def _members(self, link: Link, session: Session, body: Json) -> None:
        guild = self._world.guilds.get(str(body.get("guild_id")))
        wanted = body.get("user_ids")
        if guild is None:
            return
        if wanted is None and not body.get("query") and not session.intents & PRIVILEGED["guild_members"]:
            link.queue.put_nowait(4014)
            return
        ids = {str(one) for one in (wanted if isinstance(wanted, list) else [wanted])}
        begins = str(body.get("query") or "")
        found = [
            member.payload()
            for member in guild.members.values()
            if (wanted is None or member.user.id in ids) and member.user.name.startswith(begins)
        ]
        chunk = {"guild_id": guild.id, "members": found, "chunk_index": 0, "chunk_count": 1, "not_found": []}
        self._tell(session, "GUILD_MEMBERS_CHUNK", {**chunk, "nonce": body.get("nonce")})

    # What the client is told

    def dispatch(self, event: str, body: Json) -> None:
        """Tell every session that listens."""
        for session in self.sessions.values():
            told = self._heard(session, event, body)
            if told is not None:
                self._tell(session, event, told)

    def _heard(self, session: Session, event: str, body: Json) -> Json | None:
        """An event as a session hears it, if it does."""
        guild = body.get("guild_id") or (body["id"] if event.startswith("GUILD_") and "id" in body else None)
        if not _here(session, guild):
            return None
        need = _NEEDS.get(event)
        if need == "guild_messages" and guild is None:
            need = "direct_messages"
        if need is not None and not session.intents & 1 << INTENTS[need]:
            return None
        if event == "GUILD_CREATE":
            return self._guild(session, body)
        if event in {"MESSAGE_CREATE", "MESSAGE_UPDATE"}:
            return self._message(session, body)
        return body

    def _message(self, session: Session, body: Json) -> Json:
        own = body["author"]["id"] == self._world.bot.id
        named = any(user["id"] == self._world.bot.id for user in body["mentions"])
        if session.intents & PRIVILEGED["message_content"] or own or named or not body.get("guild_id"):
            return body
        return {**body, **_HIDDEN}

    def _tell(self, session: Session, event: str, body: Json) -> None:
        session.sequence += 1
        told = {"op": DISPATCH, "t": event, "s": session.sequence, "d": body}
        session.told.append(told)
        if session.link is not None:
            session.link.queue.put_nowait(told)

    # Faults

    def reconnect(self) -> None:
        """Ask every client to come back."""
        for link in list(self.links):
            link.queue.put_nowait({"op": RECONNECT, "d": None})

    def invalidate(self, *, resumable: bool) -> None:
        """Tell every client that its session is over, or may be resumed."""
        for link in self.live:
            if not resumable and link.session is not None:
                self.sessions.pop(link.session.id, None)
            link.queue.put_nowait({"op": INVALID_SESSION, "d": resumable})

    def close_with(self, code: int) -> None:
        """Close every socket with a code; two of them also end the session."""
        if code in {4007, 4009}:
            self.sessions.clear()
        for link in list(self.links):
            link.queue.put_nowait(code)

    def cut(self) -> None:
        """Let every socket die without a word, as a dead network does."""
        for link in list(self.links):
            if link.request.transport is not None:
                link.request.transport.abort()

    async def close(self) -> None:
        """End all sockets."""
        for link in list(self.links):
            await link.socket.close()


def _here(session: Session, guild: str | None) -> bool:
    """Whether a guild, or a conversation without one, belongs to the session's shard."""
    number, count = session.shard
    return number == ((int(guild) >> 22) % count if guild else 0)
