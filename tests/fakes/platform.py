"""A network that does what a script says and remembers what became public."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from services.domain.account import Dedupe, Identity, Limits
from services.domain.delivery import Receipt
from services.domain.errors import (
    GivenUp,
    NeedsOperator,
    NeedsReauth,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    StillWorking,
    Unavailable,
    Unreached,
)
from services.ports.platform import Absence, Measure, PlatformSpec, Roles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from services.domain.budget import Budget
    from services.domain.errors import DeskError
    from services.domain.ids import AccountId, PlatformSlug
    from services.ports.clock import Clock
    from services.ports.platform import Connection, Finder, MediaReader, OutgoingPart, Watcher

LIMITS: Final = Limits(text=500, unit="characters")
WAIT: Final = timedelta(seconds=75)
"""How long a limited network asks to wait."""


class Act(StrEnum):
    """What happens to one call."""

    OK = "ok"
    REFUSED = "refused"
    REQUEST_LOST = "request lost"
    REPLY_LOST = "reply lost"
    LIMITED = "limited"
    UNAVAILABLE = "unavailable"
    UNREACHED = "unreached"
    HALFWAY = "halfway"
    """As far as the first upload; preparing goes on from there."""
    SLOWED = "slowed"
    """The same, and then asked to slow down."""
    EXPIRED = "expired"
    """The token is too old; a refresh cures it."""
    REVOKED = "revoked"
    OPERATOR = "operator"
    SURPRISE = "surprise"
    """An error nobody foresaw, after it became public."""
    WORKING = "working"
    """Taken, and worked on: it becomes public when it is asked for often enough."""
    GIVEN_UP = "given up"
    """Taken, and then dropped by a fault of its own."""
    HANG = "hang"
    """It becomes public and no answer ever comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Something everybody can see."""

    id: str
    text: str
    reply_to: str | None
    key: str
    media: tuple[str, ...]
    at: datetime
    options: Mapping[str, str] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    """The words for those who can't see it, of each thing it shows."""


@dataclass(slots=True, kw_only=True)
class FakeNetwork:
    """One account's server. Scripts are used up call by call and then everything works."""

    clock: Clock
    honours_keys: bool = True
    key_life: timedelta | None = timedelta(hours=1)
    findable: bool = True
    """Whether the platform can be looked at."""
    work: int = 2
    """How often it is asked for what it works on before that is live."""
    watchable: bool = True
    watches: deque[Act] = field(default_factory=deque)
    taken: dict[str, int] = field(default_factory=dict)
    """The keys of what it works on, with how often it will still say so."""
    lets_change: bool = True
    """Whether posts can be deleted and changed."""
    changes: deque[Act] = field(default_factory=deque)
    uploads: bool = False
    """Whether every part needs preparing, pictures or not."""
    sends: deque[Act] = field(default_factory=deque)
    looks: deque[Act] = field(default_factory=deque)
    preparations: deque[Act] = field(default_factory=deque)
    posts: list[Post] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    """Every call as "send 0", "find 0", "prepare 0"."""
    after_effect: Callable[[Post], None] = lambda _: None
    """Called when something became public, before the answer; may raise to play a crash."""
    gate: asyncio.Event | None = None
    """When set, a send waits for it before anything happens."""

    def roles(self) -> Roles:
        """What a connected account can do here."""
        finder: Finder | None = _Finder(self) if self.findable else None
        watcher: Watcher | None = _Watcher(self) if self.watchable else None
        care = _Care(self) if self.lets_change else None
        return Roles(
            verifier=_Verifier(),
            publisher=_Publisher(self),
            finder=finder,
            watcher=watcher,
            deleter=care,
            editor=care,
        )

    @property
    def texts(self) -> list[str]:
        """What is public, in order."""
        return [post.text for post in self.posts]

    async def prepare(self, part: OutgoingPart, read_media: MediaReader) -> Mapping[str, str]:
        """Upload each picture."""
        self.calls.append(f"prepare {part.index}")
        await self._maybe_fail(self.preparations)
        for picture in part.pictures:
            await read_media(picture)
        fresh = {f"media.{n}": f"upload{len(self.calls)}" for n in range(max(1, len(part.pictures)))}
        return {**fresh, **part.handles}

    async def send(self, part: OutgoingPart) -> Receipt:
        """Publish once per key where keys are honoured, else every time."""
        self.calls.append(f"send {part.index}")
        if self.gate is not None:
            await self.gate.wait()
        known = self._by_key(part.key)
        act = self._next(self.sends)
        if act in {Act.REFUSED, Act.WORKING} and known is not None:
            act = Act.OK
        self._raise(act, before=True)
        if act is Act.REQUEST_LOST:
            raise OutcomeUnknown("The connection broke.")
        if self.honours_keys and self._works_on(part) and (shown := self._go_on(part)) is not None:
            return shown
        if act is Act.WORKING or (self.honours_keys and self._works_on(part)):
            self.taken.setdefault(part.key, self.work)
            raise StillWorking("It works on it.", handles={"job": part.key})
        post = known or self._publish(part)
        self.after_effect(post)
        if act is Act.HANG:
            await asyncio.Event().wait()
        self._raise(act, before=False)
        return self._receipt(part, post)

    async def watch(self, part: OutgoingPart) -> Receipt | None:
        """Ask how far it is; scripted answers come first."""
        self.calls.append(f"watch {part.index}")
        await self._maybe_fail(self.watches)
        assert part.handles["job"] == part.key
        return self._go_on(part)

    async def delete(self, remote_id: str) -> None:
        """Take a post away; one that is gone is fine."""
        self.calls.append(f"delete {remote_id}")
        await self._maybe_fail(self.changes)
        self.posts = [post for post in self.posts if post.id != remote_id]

    async def edit(self, remote_id: str, text: str) -> None:
        """Give a post other words."""
        self.calls.append(f"edit {remote_id}")
        await self._maybe_fail(self.changes)
        self.posts = [replace(post, text=text) if post.id == remote_id else post for post in self.posts]

    def _works_on(self, part: OutgoingPart) -> bool:
        return self.taken.get(part.key, 0) > 0

    def _go_on(self, part: OutgoingPart) -> Receipt | None:
        """Come one step closer to what is worked on being live."""
        self.taken[part.key] -= 1
        return None if self._works_on(part) else self._receipt(part, self._publish(part))

    async def find(self, part: OutgoingPart) -> Receipt | None:
        """Look the part up by its text and place in the thread."""
        self.calls.append(f"find {part.index}")
        await self._maybe_fail(self.looks)
        if self._works_on(part):
            shown = self._go_on(part)
            if shown is None:
                raise OutcomeUnknown("It still works on it.")
            return shown
        parent = part.receipts[-1].remote_id if part.receipts else None
        since = part.since or part.first_claimed_at
        for post in self.posts:
            if (post.text, post.reply_to) == (part.text, parent) and post.at >= since:
                return self._receipt(part, post)
        return None

    async def _maybe_fail(self, script: deque[Act]) -> None:
        act = self._next(script)
        if act is Act.REPLY_LOST:
            raise OutcomeUnknown("Nobody can tell.")
        if act is Act.SURPRISE:
            raise ZeroDivisionError
        if act is Act.HANG:
            await asyncio.Event().wait()
        self._raise(act, before=True)

    def _next(self, script: deque[Act]) -> Act:
        return script.popleft() if script else Act.OK

    def _raise(self, act: Act, *, before: bool) -> None:
        errors: dict[Act, Callable[[], Exception]] = {
            Act.REFUSED: lambda: Refused("It says no to this text.", fix="Change the text."),
            Act.GIVEN_UP: lambda: GivenUp("It failed by a fault of its own.", fix="Send it again."),
            Act.LIMITED: lambda: RateLimited("It asks to slow down.", until=self.clock.now() + WAIT),
            Act.UNAVAILABLE: lambda: Unavailable("It can't be reached."),
            Act.UNREACHED: lambda: Unreached("It takes no connection."),
            Act.HALFWAY: lambda: Unavailable("It still works on it.", handles={"media.0": f"upload{len(self.calls)}"}),
            Act.SLOWED: lambda: RateLimited(
                "It asks to slow down.", until=self.clock.now() + WAIT, handles={"media.0": f"upload{len(self.calls)}"}
            ),
            Act.EXPIRED: lambda: NeedsReauth("The token is too old.", refreshable=True),
            Act.REVOKED: lambda: NeedsReauth("The token was taken back."),
            Act.OPERATOR: lambda: NeedsOperator("The app awaits review.", next_step="Finish the review."),
        }
        late: dict[Act, Callable[[], Exception]] = {
            Act.REPLY_LOST: lambda: OutcomeUnknown("The answer was lost."),
            Act.SURPRISE: lambda: ZeroDivisionError("nobody foresaw this"),
        }
        make = (errors if before else late).get(act)
        if make is not None:
            raise make()

    def _by_key(self, key: str) -> Post | None:
        if not self.honours_keys:
            return None
        now = self.clock.now()
        alive = (p for p in self.posts if self.key_life is None or now < p.at + self.key_life)
        return next((p for p in alive if p.key == key), None)

    def _publish(self, part: OutgoingPart) -> Post:
        post = Post(
            id=f"p{len(self.posts) + 1}",
            text=part.text,
            reply_to=part.receipts[-1].remote_id if part.receipts else None,
            key=part.key,
            media=tuple(part.handles.values()),
            at=self.clock.now(),
            options=dict(part.options),
            shown=tuple(medium.alt for medium in part.media),
        )
        self.posts.append(post)
        return post

    def _receipt(self, part: OutgoingPart, post: Post) -> Receipt:
        return Receipt(part=part.index, remote_id=post.id, url=f"https://social.test/{post.id}", at=post.at)


class _Verifier:
    async def verify(self) -> Identity:
        return Identity(
            remote_id="1", handle="desk", name="Desk", dedupe=Dedupe.KEY, limits=LIMITS, base_url="https://social.test"
        )


class _Publisher:
    def __init__(self, network: FakeNetwork) -> None:
        self._network = network

    def needs_preparing(self, part: OutgoingPart) -> bool:
        return self._network.uploads or bool(part.pictures)

    async def prepare(self, part: OutgoingPart, read_media: MediaReader) -> Mapping[str, str]:
        return await self._network.prepare(part, read_media)

    async def send(self, part: OutgoingPart) -> Receipt:
        return await self._network.send(part)


class _Care:
    def __init__(self, network: FakeNetwork) -> None:
        self._network = network

    async def delete(self, receipt: Receipt) -> None:
        await self._network.delete(receipt.remote_id)

    async def edit(self, receipt: Receipt, text: str) -> None:
        await self._network.edit(receipt.remote_id, text)


class _Watcher:
    def __init__(self, network: FakeNetwork) -> None:
        self._network = network

    async def watch(self, part: OutgoingPart) -> Receipt | None:
        return await self._network.watch(part)


class _Finder:
    def __init__(self, network: FakeNetwork) -> None:
        self._network = network

    async def find(self, part: OutgoingPart) -> Receipt | None:
        return await self._network.find(part)


class _Rules:
    def measure(self, text: str, limits: Limits) -> Measure:
        return Measure(length=len(text), limit=limits.text, unit=limits.unit)

    def split(self, text: str, limits: Limits) -> tuple[str, ...]:
        return (text,)


class FakeConnections:
    """Accounts that are open at once, each on its own network; implements what publishing asks of accounts."""

    def __init__(self, networks: Mapping[AccountId, FakeNetwork]) -> None:
        """`opening` scripts what the next `open` calls raise."""
        self.networks = dict(networks)
        self.opening: deque[DeskError | None] = deque()
        self.refreshing: deque[DeskError | None] = deque()
        self.opened: list[AccountId] = []
        self.refreshed: list[AccountId] = []
        self.reported: list[tuple[AccountId, DeskError | None]] = []
        self.budgets: tuple[Budget, ...] = ()
        self.absence = Absence()

    def spec(self, platform: PlatformSlug) -> PlatformSpec:
        """A platform whose keys live as long as those of the first network."""
        network = next(iter(self.networks.values()))
        return PlatformSpec(
            slug=platform,
            label=platform.capitalize(),
            fields=(),
            rules=_Rules(),
            default_limits=LIMITS,
            dedupe=Dedupe.KEY,
            key_life=network.key_life,
            guidance="",
            connect=_connect,
            budgets=self.budgets,
            absence=self.absence,
        )

    async def open(self, account_id: AccountId) -> Roles:
        """See `Connections.open`."""
        self.opened.append(account_id)
        _raise_next(self.opening)
        if account_id not in self.networks:
            raise NotFound("This account is not here.")
        return self.networks[account_id].roles()

    async def refresh(self, account_id: AccountId) -> None:
        """See `Connections.refresh`."""
        self.refreshed.append(account_id)
        _raise_next(self.refreshing)

    async def report(self, account_id: AccountId, error: DeskError | None) -> None:
        """See `Connections.report`."""
        self.reported.append((account_id, error))


def _raise_next(script: deque[DeskError | None]) -> None:
    error = script.popleft() if script else None
    if error is not None:
        raise error


def _connect(connection: Connection) -> Roles:
    return FakeNetwork(clock=connection.clock).roles()


def script(acts: Iterable[Act]) -> deque[Act]:
    """Acts in order."""
    return deque(acts)
