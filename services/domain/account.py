"""A social identity on one platform, and how far its server can be trusted with repeats."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from services.domain.ids import AccountId, PlatformSlug


ENDING: Final = timedelta(days=10)
"""How long before its end an account's access is spoken of."""


class Dedupe(StrEnum):
    """How an unknown outcome on this account is resolved."""

    KEY = "key"
    """Sending again with the same key can't post twice while the key lives."""
    STATUS = "status"
    """The container or publish id tells."""
    LOOKUP = "lookup"
    """Only the account's own timeline tells."""


class Health(StrEnum):
    """Whether the account can be used now."""

    OK = "ok"
    NEEDS_REAUTH = "needs_reauth"
    NEEDS_OPERATOR = "needs_operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoLimits:
    """What a network takes of a video; pairs are least and most, both included, None sets no such limit."""

    size: int
    """Bytes."""
    types: tuple[str, ...] = ("video/mp4",)
    seconds: tuple[float, float] | None = None
    ratio: tuple[float, float] | None = None
    """Width by height."""
    side: tuple[int, int] | None = None
    """Pixels of the shorter and of the longer side."""
    width: int | None = None
    """The widest, in pixels."""
    pixels: int | None = None
    """Of one picture."""
    frame_rate: tuple[float, float] | None = None
    codecs: tuple[str, ...] = ()
    """FFmpeg's names; empty: any."""
    audio: tuple[str, ...] = ()
    """The same for sound; a silent one is always taken."""
    streamable: bool = False
    """Whether the index must come first in MP4 and MOV."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLimits:
    """What a network takes of a document."""

    size: int
    """Bytes."""
    pages: int | None = None
    types: tuple[str, ...] = ("application/pdf",)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollLimits:
    """What a network takes of a poll, which has at least two answers."""

    answers: int
    """At most so many."""
    characters: int
    """Of one answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What this account's server accepts; None means it sets no such limit. Bytes and pixels are plain counts."""

    text: int
    unit: str
    """What `text` counts, in words: "characters", "graphemes"."""
    text_bytes: int | None = None
    url_length: int | None = None
    """Every http(s) link counts as this many; None counts it as written."""
    images: int = 4
    image_bytes: int | None = None
    gif_bytes: int | None = None
    """Of a GIF, where it may have more than other pictures."""
    image_pixels: int | None = None
    mixed: int = 0
    """How many pictures and videos a post may show together; 0: it shows pictures or one video."""
    image_types: tuple[str, ...] = ("image/jpeg", "image/png", "image/webp", "image/gif")
    image_ratio: tuple[float, float] | None = None
    """The narrowest and the widest picture, as width by height."""
    alt_text: int | None = None
    thread_parts: int = 25
    daily_posts: int | None = None
    """How many posts in 24 hours the network told this account; None where it tells none."""
    video: VideoLimits | None = None
    """None: no videos."""
    document: DocumentLimits | None = None
    """None: no documents."""
    poll: PollLimits | None = None
    """None: no polls."""
    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Options by name with the values that this account may use, where they are fewer than its network knows."""

    def bytes_of(self, mime: str) -> int | None:
        """How many bytes a picture of a kind may have; None: as many as it likes."""
        return self.gif_bytes if mime == "image/gif" and self.gif_bytes is not None else self.image_bytes

    def choices_of(self, option: str) -> tuple[str, ...] | None:
        """The values this account may use; None: all that its network knows."""
        return next((values for name, values in self.choices if name == option), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One identity; its credentials live sealed in the store and never in this value."""

    id: AccountId
    platform: PlatformSlug
    handle: str
    """As the network writes it, without a leading @: "driftseas@mastodon.social", "driftseas.com"."""
    name: str
    remote_id: str
    base_url: str
    """Root of the server's API without a trailing slash; may carry a path."""
    dedupe: Dedupe
    limits: Limits
    limits_at: datetime
    """When the limits were last read from the server."""
    health: Health = Health.OK
    health_note: str = ""
    practice: bool = False
    """True for an account on a local stand-in."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Standing choices: what the options of every new draft for it begin with."""
    created_at: datetime
    ends_at: datetime | None = None
    """When its access ends unless somebody connects it again; None: by itself never, or nobody knows."""

    def ends_soon(self, now: datetime) -> bool:
        """Whether it is time to connect it again; what can be renewed by itself is renewed well before."""
        return self.ends_at is not None and self.ends_at - now < ENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the network says we are; `credentials` carries what was learned and must be kept (sessions)."""

    remote_id: str
    handle: str
    name: str
    dedupe: Dedupe
    limits: Limits
    base_url: str
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    advice: str = ""
    """What an operator had better see to before it stops working; empty: nothing."""


class PracticeMode(StrEnum):
    """Whether accounts on the local stand-ins take part."""

    AUTO = "auto"
    """Only while no real account is connected."""
    ON = "1"
    OFF = "0"


def in_use(accounts: Iterable[Account], mode: PracticeMode) -> tuple[Account, ...]:
    """The accounts that take part, and so where a draft goes when nobody names any."""
    everything = tuple(accounts)
    real = tuple(a for a in everything if not a.practice)
    if mode is PracticeMode.ON:
        return everything
    return real if real or mode is PracticeMode.OFF else everything
