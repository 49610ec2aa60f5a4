"""What a practice network shows, as values: quoted data, with the marks its network set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of text; `kind` is "link", "tag", "mention" or empty, `target` an http(s) address or empty."""

    text: str
    kind: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPicture:
    """A picture or a video by the digest of its bytes."""

    digest: str
    alt: str
    width: int
    height: int
    moves: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCard:
    """The preview of a link."""

    url: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAnswer:
    """Somebody's answer."""

    author: str
    handle: str
    at: datetime
    pieces: tuple[Piece, ...]
    likes: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPost:
    """One post as its network shows it; counters are the network's own."""

    network: str
    """A platform's slug."""
    id: str
    url: str
    ours: bool
    """False for the history that came with the network."""
    author: str
    handle: str
    at: datetime
    pieces: tuple[Piece, ...]
    pictures: tuple[FeedPicture, ...] = ()
    card: FeedCard | None = None
    note: str = ""
    likes: int
    reposts: int
    quotes: int
    replies: tuple[FeedAnswer, ...] = ()
    parts: tuple[FeedPost, ...] = ()
    """The posts of its thread that follow."""

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return anchor(self.network, self.url)


def anchor(network: str, url: str) -> str:
    """A post's place on the page of the feeds, by the end of its address."""
    last = url.rstrip("/").rsplit("/", 1)[-1]
    return f"{network}-{last}"


def feed_path(network: str, url: str) -> str:
    """Where a published practice post can be seen among the others of its network."""
    return f"/practice?network={network}#{anchor(network, url)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingFault:
    """Something that will go wrong at one of the next calls."""

    network: str
    """A slug, or "*" for all."""
    operation: str
    fault: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """A fault an operator can order with one button."""

    key: str
    label: str
    told: str
    """What will happen, in a sentence."""
    fault: str
    operation: str = "publish"
    value: float | None = None


MISHAPS = (
    Mishap(
        key="slow",
        label="Answer slowly",
        told="The next post is carried out; its answer comes after 5 seconds.",
        fault="slow",
        value=5.0,
    ),
    Mishap(
        key="lost",
        label="Lose an answer",
        told="The next post goes live, but the desk does not hear of it. It finds out and does not post twice.",
        fault="drop_after",
    ),
    Mishap(
        key="unreached",
        label="Hang up early",
        told="The connection ends before the next post arrives. The desk finds out and sends it.",
        fault="drop_before",
    ),
    Mishap(
        key="refused",
        label="Refuse a post",
        told="The next post is answered with status 422 and does not go live. The desk does not repeat it.",
        fault="status",
        value=422.0,
    ),
    Mishap(
        key="too_fast",
        label="Say it is too much",
        told="The next post is answered with 429 and a time 30 seconds ahead. The desk waits until then.",
        fault="rate_limited",
        value=30.0,
    ),
)
