"""Publishing by containers: prepare unseen, publish once, and let the container tell what became of a lost answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.domain.delivery import Receipt
from services.domain.errors import DeskError, OutcomeUnknown, RateLimited, Refused, Unavailable
from services.graph.carousels import Carousels
from services.graph.client import moment, segment, text
from services.graph.containers import State
from services.graph.errors import AGAIN, ANEW, Gone, NotReady, Slow, TopicRefused
from services.graph.reading import timeline
from services.ports.http import Effect
from services.text import fingerprint

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from services.domain.media import MediaItem
    from services.graph.client import GraphClient, Node
    from services.graph.containers import Containers
    from services.graph.sending import Sender
    from services.ports.platform import MediaReader, OutgoingPart

CONTAINER: Final = "container"
"""Under what a container's id is kept between preparing and publishing."""
WAITED: Final = "waited"
"""Under what it is kept while the network is slow with it, so that the next try waits on."""
_SLACK: Final = timedelta(minutes=2)
"""How far the network's clock may be behind ours."""
_PAGES: Final = 4
_LOOK_SECONDS: Final = 5.0
"""For reading a new post's address: it is out already, and must not wait for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The containers of one part, as fields in the network's own words."""

    post: Mapping[str, str]
    children: tuple[Mapping[str, str], ...] = ()
    """The items of a carousel, each a container of its own."""
    may_drop: frozenset[str] = frozenset()
    """Fields without which it goes out all the same when the network refuses them."""
    sent: MediaItem | None = None
    """A video whose bytes are sent into the container; None where the network fetches what it is to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What the networks call the same things."""

    publish: str
    """Where a container is published."""
    words: str
    """The field with a post's text."""
    home: str
    """Where a post can be seen when its own address is not known yet."""


def _all_words(part: OutgoingPart) -> str:
    return part.text


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerPublisher:
    """`Publisher` and `Finder`."""

    client: GraphClient
    containers: Containers
    dialect: Dialect
    user_id: str
    compose: Callable[[OutgoingPart], Awaitable[Plan]]
    """Turns a part into fields; raises `Refused` for what the network would not take."""
    listing: Callable[[OutgoingPart], str]
    """The edge on which such a part shows once it is live."""
    shown_words: Callable[[OutgoingPart], str] = _all_words
    """What of its text such a part shows."""
    sender: Sender | None = None
    """For products that take bytes."""
    upload_root: str = ""
    """Where bytes go when the network does not name the place."""

    def needs_preparing(self, part: OutgoingPart) -> bool:
        """See `Publisher.needs_preparing`: every post is a container first."""
        return CONTAINER not in part.handles

    async def prepare(self, part: OutgoingPart, read_media: MediaReader) -> Mapping[str, str]:  # noqa: ARG002 (the network fetches the pictures itself)
        """See `Publisher.prepare`."""
        if CONTAINER in part.handles:
            return dict(part.handles)
        made = part.handles.get(WAITED) or await self._begun(part)
        try:
            await self._finished(made)
        except TopicRefused:
            made = await self._begun(part, bare=True)
            await self._finished(made)
        return {CONTAINER: made}

    async def _finished(self, made: str) -> None:
        try:
            await self.containers.finished(made)
        except (Unavailable, RateLimited) as error:
            if not _ended(error):
                error.handles = {WAITED: made}
            raise

    async def _begun(self, part: OutgoingPart, *, bare: bool = False) -> str:
        """The container of a part, with all it shows; `bare` without what may be dropped."""
        plan = await self.compose(part)
        if bare:
            plan = replace(plan, post=_kept(plan.post, plan))
        carousels = Carousels(containers=self.containers, user_id=self.user_id)
        items = await carousels.ready(plan.children, part.handles)
        post = {**plan.post, "children": ",".join(items.values())} if items else plan.post
        try:
            return await self._made(post, plan)
        except (Unavailable, RateLimited) as error:
            # One of the items may be what is lost: then all are made anew.
            if not _ended(error):
                error.handles = items
            raise
        except Gone:
            if not part.receipts:
                raise
            raise Gone(
                f"The part before this one is gone from {self.client.label}, so the thread can't go on.",
                fix="Publish the rest as a new post.",
            ) from None

    async def _made(self, post: Mapping[str, str], plan: Plan) -> str:
        if plan.sent is not None and self.sender is not None:
            made, address = await self.containers.open(self.user_id, post)
            await self.sender.send(address or f"{self.upload_root}/{segment(made)}", plan.sent)
            return made
        try:
            return await self.containers.make(self.user_id, post)
        except TopicRefused:
            kept = _kept(post, plan)
            if len(kept) == len(post):
                raise
            return await self.containers.make(self.user_id, kept)

    async def send(self, part: OutgoingPart) -> Receipt:
        """See `Publisher.send`."""
        container = part.handles.get(CONTAINER, "")
        if not container:
            raise Unavailable("The post is not prepared yet.", next_step=ANEW)
        path = f"{segment(self.user_id)}/{self.dialect.publish}"
        try:
            answer = await self.client.post(path, {"creation_id": container}, effect=Effect.IRREVERSIBLE)
        except (Refused, NotReady) as refusal:
            return await self._published_before(part, container, refusal)
        media_id = text(answer, "id")
        if not media_id:
            raise OutcomeUnknown(f"{self.client.label} answered without naming the post.")
        return await self._receipt(media_id, part)

    async def _published_before(self, part: OutgoingPart, container: str, refusal: DeskError) -> Receipt:
        """A container that is out already is refused too: then it is found.

        Else the refusal stands, but only when the container says that it is not out: a new one might be a second post.
        """
        try:
            state, _ = await self.containers.state(container)
            found = await self._shown(part) if state is State.PUBLISHED else None
        except Gone:
            raise refusal from None
        except DeskError as error:
            message = f"{refusal.message} Whether it was live before could not be asked: {error.message}"
            raise OutcomeUnknown(message) from refusal
        if found is not None:
            return found
        if state is State.PUBLISHED:
            raise OutcomeUnknown(f"{self.client.label} says that it is live and does not show it yet.") from refusal
        early = isinstance(refusal, NotReady) and state is State.IN_PROGRESS
        if early or (isinstance(refusal, Slow) and state is State.FINISHED):
            raise Unavailable(refusal.message, next_step=AGAIN, handles={WAITED: container}) from refusal
        raise refusal

    async def _receipt(self, media_id: str, part: OutgoingPart) -> Receipt:
        """The proof, with the post's own address where the network tells it at once."""
        try:
            found = await self.client.get(segment(media_id), {"fields": "permalink,timestamp"}, timeout=_LOOK_SECONDS)
        except DeskError:
            found = {}
        return self.receipt_of({**found, "id": media_id}, part.index)

    def receipt_of(self, post: Node, part: int) -> Receipt:
        """The proof that a post is live."""
        return Receipt(
            part=part,
            remote_id=text(post, "id"),
            url=text(post, "permalink") or self.dialect.home,
            at=moment(post, "timestamp") or self.client.clock.now(),
        )

    async def find(self, part: OutgoingPart) -> Receipt | None:
        """See `Finder.find`: the container says whether it was published, the account's posts say as what."""
        container = part.handles.get(CONTAINER, "")
        state = await self._state(container) if container else None
        if state in {State.FINISHED, State.ERROR, State.EXPIRED}:
            return None
        if state is State.IN_PROGRESS:
            raise OutcomeUnknown(f"{self.client.label} is still working on it.")
        found = await self._shown(part)
        if found is None:
            said = "says that it is live and does not show it yet" if state else "no longer knows what was prepared"
            raise OutcomeUnknown(f"{self.client.label} {said}.")
        return found

    async def _state(self, container: str) -> State | None:
        try:
            return (await self.containers.state(container))[0]
        except Gone:
            return None

    async def _shown(self, part: OutgoingPart) -> Receipt | None:
        """The post among the account's own since the call began."""
        known = {receipt.remote_id for receipt in part.receipts}
        since = (part.since or part.first_claimed_at) - _SLACK
        wanted = _print(self.shown_words(part))
        path = f"{segment(self.user_id)}/{self.listing(part)}"
        fields = f"id,{self.dialect.words},timestamp,permalink"
        found: Receipt | None = None
        async for post in timeline(self.client, path, {"fields": fields, "limit": "25"}, since=since, pages=_PAGES):
            if text(post, "id") not in known and _print(text(post, self.dialect.words)) == wanted:
                found = self.receipt_of(post, part.index)
        return found


def _ended(error: DeskError) -> bool:
    """Whether what was prepared leads nowhere any more."""
    return isinstance(error, NotReady) and not isinstance(error, Slow)


def _kept(post: Mapping[str, str], plan: Plan) -> Mapping[str, str]:
    return {name: value for name, value in post.items() if name not in plan.may_drop}


def _print(words: str) -> str:
    """For comparing; a network may take the sign off a tag that it makes a topic."""
    return fingerprint(words).replace("#", "")
