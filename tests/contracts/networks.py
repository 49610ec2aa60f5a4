"""A practice network on loopback with our real adapter connected to it, the way the desk itself connects it."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.practice import practice_accounts
from bot.practice.pictures import plain_png
from services.accounts import Accounts
from services.domain.account import Account
from services.domain.delivery import Receipt
from services.domain.errors import NotFound, StillWorking
from services.domain.ids import AccountId, Digest
from services.domain.media import Attachment, MediaItem, Picture, PictureSize, VideoFacts
from services.images.fit import fit_picture
from services.images.pulling import PULLED, PulledPictures
from services.ports.platform import OutgoingPart, PlatformSpec, Roles
from services.transport import Transport
from tests.bot.practice import driving
from tests.fakes.bus import FakeBus
from tests.fakes.clock import FakeClock, HurriedClock
from tests.fakes.files import MemoryFiles, unreachable
from tests.fakes.memory_store import MemoryStore
from tests.fakes.vault import PlainVault
from tests.file_samples import padded
from tests.media_samples import tiny_video

Post = dict[str, Any]
ENOUGH: Final = 80_000
"""Bytes of a video that no network finds too few."""


class _Following(driving.FakeClock):
    """The stand-in's clock, which shows what ours shows."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    def __call__(self) -> datetime:
        return self._clock.now()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One network: its stand-in's own view, and the desk's account there."""

    spec: PlatformSpec
    clock: FakeClock
    control: httpx.AsyncClient
    fields: Mapping[str, str] = field(repr=False)
    """What an operator pastes."""
    store: MemoryStore
    vault: PlainVault
    files: MemoryFiles
    accounts: Accounts
    needed: list[Picture] = field(default_factory=list)
    """What goes with a post that brings no picture, where there is none without."""

    async def connect(self, instead: Mapping[str, str] | None = None, *, practice: bool = True) -> Account:
        """Add the account as an operator does, with some fields other than the right ones."""
        return await self.accounts.add(self.spec.slug, {**self.fields, **(instead or {})}, practice=practice)

    async def roles(self, account: Account) -> Roles:
        """The account's roles with its stored credentials."""
        return await self.accounts.open(account.id)

    async def credentials(self, account_id: AccountId) -> dict[str, str]:
        """The credentials as stored."""
        sealed = await self.store.read(lambda tx: tx.accounts.sealed(account_id))
        return self.vault.open(account_id, sealed)

    async def generous(self, account: Account) -> Account:
        """The account as if our idea of its limits were far too large."""
        limits = replace(account.limits, text=100_000, text_bytes=1_000_000, images=100, image_bytes=100_000_000)
        known = replace(account, limits=limits)
        await self.store.write(lambda tx: tx.accounts.save(known))
        return known

    async def picture(self, alt: str, number: int = 0) -> Picture:
        """A small picture of its own that the network takes, kept where the desk keeps pictures."""
        width, height = 40 + number, 30
        data, mime = plain_png(width, height, (10 + number, 20, 30)), "image/png"
        if mime not in self.spec.default_limits.image_types:
            data, mime = fit_picture(data, PictureSize(width=width, height=height), png=False), "image/jpeg"
        digest = await self.files.put(data)
        item = MediaItem(digest=Digest(digest), mime=mime, width=width, height=height, size=len(data))
        await self.store.write(lambda tx: tx.media.put(item, at=self.clock.now()))
        return Picture(item=item, alt=alt)

    async def video(self, alt: str, size: tuple[int, int] = (64, 48)) -> Attachment:
        """Three seconds of a real video, as large as the network wants it, kept where the desk keeps files."""
        limits = self.spec.default_limits.video
        least = limits.side[0] if limits and limits.side else 0
        size = max(size[0], least), max(size[1], least)
        seconds, data = 3.0, padded(tiny_video(3.0, size, 24), ENOUGH)
        digest = await self.files.put(data)
        item = MediaItem(
            digest=Digest(digest),
            mime="video/mp4",
            width=size[0],
            height=size[1],
            size=len(data),
            video=VideoFacts(seconds=seconds, frame_rate=24.0, codec="h264"),
        )
        await self.store.write(lambda tx: tx.media.put(item, at=self.clock.now()))
        return Attachment(item=item, alt=alt)

    async def send(self, roles: Roles, part: OutgoingPart) -> Receipt:
        """Both phases, as the dispatcher does them."""
        return await self.landed(roles, await self.prepared(roles, part))

    async def landed(self, roles: Roles, part: OutgoingPart) -> Receipt:
        """The second phase, until the network says that the post is live."""
        try:
            return await roles.publisher.send(part)
        except StillWorking as working:
            taken = replace(part, handles={**part.handles, **working.handles})
        assert roles.watcher is not None
        while (receipt := await roles.watcher.watch(taken)) is None:
            await self.clock.sleep(5)
        return receipt

    async def prepared(self, roles: Roles, part: OutgoingPart) -> OutgoingPart:
        """The part after its first phase."""
        if not roles.publisher.needs_preparing(part):
            return part
        return replace(part, handles=dict(await roles.publisher.prepare(part, self.accounts.read_media)))

    async def thread(self, roles: Roles, *texts: str, pictures: Sequence[Picture] = ()) -> tuple[Receipt, ...]:
        """Publish a thread, part by part."""
        receipts: tuple[Receipt, ...] = ()
        for index, text in enumerate(texts):
            shown = tuple(pictures) if index == 0 else ()
            one = self.part(text, index=index, count=len(texts), media=shown, receipts=receipts)
            receipts = (*receipts, await self.send(roles, one))
        return receipts

    def part(self, text: str, **fields: Any) -> OutgoingPart:
        """A single post, first claimed a second after the one before."""
        self.clock.set(self.clock.now() + timedelta(seconds=1))
        if self.spec.needs_media and not fields.get("media"):
            fields["media"] = self.needed
        given: dict[str, Any] = {
            "index": 0,
            "count": 1,
            "media": (),
            "options": {one.name: one.choices[0].value for one in self.spec.options if one.asked},
            "handles": {},
            "key": hashlib.sha256(f"{text} {fields.get('index', 0)}".encode()).hexdigest()[:32],
            "first_claimed_at": self.clock.now(),
            "receipts": (),
            "since": self.clock.now(),
        }
        return OutgoingPart(text=text, **{**given, **fields})

    async def fault(self, fault: str, operation: str = "publish", **more: object) -> None:
        """Let the next such call go wrong."""
        wish = {"network": self.spec.slug, "operation": operation, "fault": fault, **more}
        answer = await self.control.post("/_practice/faults", json=wish)
        assert answer.status_code == 201, answer.text

    async def pretend(self, software: Mapping[str, bool]) -> None:
        """Let the stand-in be another kind of server."""
        answer = await self.control.put("/_practice/software", json=dict(software))
        assert answer.status_code == 200, answer.text

    async def weaker_token(self, *scopes: str) -> str:
        """A token that may do only this."""
        answer = await self.control.post("/_practice/tokens", json={"scopes": scopes})
        return str(answer.json()["access_token"])

    async def posts(self) -> list[Post]:
        """What the desk has in public, oldest first."""
        answer = await self.control.get("/_practice/posts", params={"network": self.spec.slug})
        return [post for post in answer.json()["posts"] if post["origin"] == "desk"][::-1]

    async def answers(self) -> list[Post]:
        """What the audience said below the desk's first posts, as the network shows it."""
        answer = await self.control.get("/_practice/feed", params={"network": self.spec.slug})
        return [said for post in answer.json()["posts"] for said in post["replies"]]

    async def calls(self, operation: str) -> list[dict[str, Any]]:
        """The calls the network received for one purpose, oldest first."""
        answer = await self.control.get("/_practice/calls")
        return [c for c in answer.json()["calls"] if (c["network"], c["operation"]) == (self.spec.slug, operation)]


async def nobody(host: str, port: int) -> Sequence[str]:
    """A name service that knows no name, so that no page is ever fetched."""
    raise OSError(f"{host}:{port}")


@asynccontextmanager
async def serving_pictures(store: MemoryStore, files: MemoryFiles, clock: FakeClock) -> AsyncIterator[PulledPictures]:
    """The desk's door for networks that fetch, on a real socket; shut for all but this machine."""

    async def answer(request: Request) -> Response:
        try:
            item = await pulled.find(request.path_params["token"])
        except NotFound:
            return Response(status_code=404)
        return Response(await files.get(item.digest), media_type=item.mime)

    listener = socket.create_server(("127.0.0.1", 0))
    pulled = replace(unreachable(store, files, clock), local_url=f"http://127.0.0.1:{listener.getsockname()[1]}")
    app = Starlette(routes=[Route(f"{PULLED}{{token}}", answer)])
    async with driving.served(app, listener):
        yield pulled


@asynccontextmanager
async def seated(spec: PlatformSpec, folder: Path, clock: FakeClock | None = None) -> AsyncIterator[Seat]:
    """The networks served for the length of a block, without history; nothing is connected yet."""
    clock = clock or HurriedClock()
    async with (
        driving.running(folder / "practice.db", _Following(clock)) as practice,
        httpx.AsyncClient(trust_env=False, verify=driving.NO_TLS) as client,
        AsyncExitStack() as stack,
    ):
        pasted = practice_accounts(practice.settings)
        [own] = [fields for fields in pasted if fields["platform"] == spec.slug]
        store, vault, files = MemoryStore(), PlainVault(), MemoryFiles()
        transport = Transport(client, clock, resolve=nobody)
        pulled = await stack.enter_async_context(serving_pictures(store, files, clock))
        accounts = Accounts(store, vault, {spec.slug: spec}, transport, files, FakeBus(), clock, pictures=pulled)
        seat = Seat(
            spec=spec,
            clock=clock,
            control=practice.http,
            fields={name: value for name, value in own.items() if name != "platform"},
            store=store,
            vault=vault,
            files=files,
            accounts=accounts,
        )
        seat.needed.append(await seat.picture("Needed.", 9))
        yield seat


def to_the_second(at: datetime) -> datetime:
    """How exactly networks tell when to come back."""
    return at.replace(microsecond=0)
