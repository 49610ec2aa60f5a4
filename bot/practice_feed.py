"""The practice networks as the page reads them: over HTTP like everybody else, checked where the bytes come in."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

import httpx
from pydantic import BaseModel, Field, ValidationError

from handlers.views.feed import FeedAnswer, FeedCard, FeedPicture, FeedPost, Piece, WaitingFault
from services.domain.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.views.feed import Mishap

TIMEOUT: Final = 5.0
"""Seconds for a call to this very machine."""
KINDS: Final = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
_TEXT: Final = 100_000


class _Piece(BaseModel):
    text: str = Field(max_length=_TEXT)
    kind: str
    target: str

    def value(self) -> Piece:
        """A link only to http(s), whatever was said."""
        good = self.target.startswith(("http://", "https://"))
        return Piece(text=self.text, kind=self.kind, target=self.target if good else "")


class _Picture(BaseModel):
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    alt: str
    mime: str = ""
    width: int = Field(gt=0)
    height: int = Field(gt=0)

    def value(self) -> FeedPicture:
        """A video is told by its kind."""
        moves = self.mime.startswith("video/")
        return FeedPicture(digest=self.sha256, alt=self.alt, width=self.width, height=self.height, moves=moves)


class _Card(BaseModel):
    url: str = Field(pattern=r"^https?://")
    title: str
    text: str


class _Voice(BaseModel):
    network: str
    id: str
    url: str = Field(pattern=r"^https?://")
    origin: str
    author: str
    handle: str
    at: datetime
    pieces: list[_Piece]
    likes: int

    def texts(self) -> tuple[Piece, ...]:
        """As values."""
        return tuple(p.value() for p in self.pieces)

    def answer(self) -> FeedAnswer:
        """Somebody's answer."""
        return FeedAnswer(
            author=self.author, handle=self.handle, at=self.at, pieces=self.texts(), likes=self.likes, url=self.url
        )


class _Post(_Voice):
    pictures: list[_Picture]
    card: _Card | None
    note: str
    reposts: int
    quotes: int
    replies: list[_Voice]
    parts: list[_Post] = Field(default_factory=list)

    def post(self) -> FeedPost:
        """As a value."""
        return FeedPost(
            network=self.network,
            id=self.id,
            url=self.url,
            ours=self.origin == "desk",
            author=self.author,
            handle=self.handle,
            at=self.at,
            pieces=self.texts(),
            pictures=tuple(p.value() for p in self.pictures),
            card=FeedCard(url=self.card.url, title=self.card.title, text=self.card.text) if self.card else None,
            note=self.note,
            likes=self.likes,
            reposts=self.reposts,
            quotes=self.quotes,
            replies=tuple(r.answer() for r in self.replies),
            parts=tuple(p.post() for p in self.parts),
        )


class _Feed(BaseModel):
    posts: list[_Post]


class _Fault(BaseModel):
    network: str
    operation: str
    fault: str
    times: int


class _Faults(BaseModel):
    faults: list[_Fault]


class HttpPracticeFeed:
    """Speaks to the control face of the practice networks."""

    def __init__(self, client: httpx.AsyncClient, root: str) -> None:
        """`root` is the networks' address without a slash, empty where nobody knows it."""
        self._client = client
        self._root = root

    async def posts(self, network: str = "", *, limit: int = 20) -> Sequence[FeedPost]:
        """The desk's own posts, newest first within each network."""
        params = {"limit": str(limit), **({"network": network} if network else {})}
        answer = await self._call("GET", "feed", params=params)
        try:
            return [p.post() for p in _Feed.model_validate_json(answer.content).posts]
        except ValidationError:
            raise _strange() from None

    async def picture(self, digest: str) -> tuple[str, bytes] | None:
        """A picture's kind and bytes."""
        answer = await self._call("GET", f"pictures/{digest}", missing=True)
        kind = answer.headers.get("content-type", "")
        return (kind, answer.content) if answer.is_success and kind in KINDS else None

    async def faults(self) -> Sequence[WaitingFault]:
        """What will still go wrong."""
        answer = await self._call("GET", "faults")
        try:
            found = _Faults.model_validate_json(answer.content).faults
        except ValidationError:
            raise _strange() from None
        return [WaitingFault(network=f.network, operation=f.operation, fault=f.fault, times=f.times) for f in found]

    async def order(self, mishap: Mishap, network: str = "*") -> None:
        """Script one fault."""
        wish = {"network": network, "operation": mishap.operation, "fault": mishap.fault, "value": mishap.value}
        await self._call("POST", "faults", json=wish)

    async def calm(self) -> None:
        """Clear every fault."""
        await self._call("DELETE", "faults")

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        json: object = None,
        missing: bool = False,
    ) -> httpx.Response:
        if not self._root:
            raise Unavailable("The practice networks don't run.", next_step="They start with the desk's worker.")
        url = f"{self._root}/_practice/{path}"
        try:
            answer = await self._client.request(method, url, params=params, json=json, timeout=TIMEOUT)
        except httpx.HTTPError:
            raise Unavailable("The practice networks don't answer.", next_step="Load the page again.") from None
        if not answer.is_success and not (missing and answer.status_code == 404):
            raise _strange()
        return answer


def _strange() -> Unavailable:
    return Unavailable("The practice networks answered something unexpected.", next_step="Start the desk again.")
