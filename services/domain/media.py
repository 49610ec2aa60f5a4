"""Pictures, videos and documents by the digest of their bytes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from services.domain.wording import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.domain.ids import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFacts:
    """What a video is made of, as its own bytes tell; codecs by FFmpeg's names."""

    seconds: float
    frame_rate: float
    """Pictures a second."""
    codec: str
    """"h264", "hevc", "vp9" …"""
    audio: str = ""
    """"aac", "opus" …; empty for a silent one."""
    streamable: bool = True
    """Whether its index comes before its pictures, as networks want MP4 and MOV that they fetch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaItem:
    """Facts of a stored file, read from its content and never from its name; sizes in pixels and bytes."""

    digest: Digest
    mime: str
    width: int
    """0 for a document."""
    height: int
    size: int
    video: VideoFacts | None = None
    """None for what does not move."""
    pages: int | None = None
    """Of a document; None for everything else."""

    @property
    def is_picture(self) -> bool:
        """False for a video or a document."""
        return self.video is None and self.pages is None


class PictureStyle(StrEnum):
    """How a made picture looks."""

    PROFESSIONAL = "professional"
    ARTISTIC = "artistic"
    MINIMAL = "minimal"
    INFOGRAPHIC = "infographic"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSize:
    """What a network shows best, in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureWish:
    """What somebody asks of a picture; an empty prompt leaves the scene to the post."""

    prompt: str = ""
    style: PictureStyle | None = None
    """None: the one it has, or the first one."""
    take: int = 0
    """Counts from 0; another take of the same wish is another picture."""
    alt: str = ""
    """Words for those who can't see it; empty leaves them to whoever paints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureOrigin:
    """How a picture came to be, so that another take or style can be asked for; uploads have none."""

    made_with: str
    """"offline", "openai:…", "replicate:…"."""
    style: PictureStyle
    prompt: str
    """What the person asked for; empty when the post said it."""
    take: int = 0
    contrast: float | None = None
    """Of its lettering against what is behind it (WCAG ratio, 1 to 21); None where it carries none of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A stored image as a variant uses it, with the words for those who can't see it."""

    item: MediaItem
    alt: str = ""
    origin: PictureOrigin | None = None
    """None for a picture somebody brought."""
    fitted: str = ""
    """How it was changed so that its network takes it ("cropped to 4:5"); empty when it was not."""
    whole: MediaItem | None = None
    """What it was before that, so that it can be fitted otherwise; None when it was not changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A stored video or document as a variant uses it; most networks show it alone, without pictures beside it."""

    item: MediaItem
    alt: str = ""
    """What a video shows, for those who can't see it; the title of a document."""
    poster: MediaItem | None = None
    """A picture that stands for it where it can't be played or read."""

    @property
    def moves(self) -> bool:
        """True for a video, False for a document."""
        return self.item.video is not None


Medium = Picture | Attachment
"""What can be shown beside a text."""


MAX_ALT: Final = 1500
"""Characters of a description; a network may take fewer."""
MOST_SLIDES: Final = 35
"""Of one draft: as many as the network that shows the most takes."""


def pictures_of(media: Iterable[Medium]) -> tuple[Picture, ...]:
    """The pictures among them."""
    return tuple(m for m in media if isinstance(m, Picture))


def attachments_of(media: Iterable[Medium]) -> tuple[Attachment, ...]:
    """The videos and documents among them."""
    return tuple(m for m in media if isinstance(m, Attachment))


class Showing:
    """Whatever shows media, for those who look for one kind of it."""

    __slots__ = ()
    media: tuple[Medium, ...]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Those among what it shows."""
        return pictures_of(self.media)

    @property
    def attachment(self) -> Attachment | None:
        """Its video or document, the first where there are several."""
        return next(iter(attachments_of(self.media)), None)


def called(medium: Medium) -> str:
    """What people call it: "picture", "video" or "document"."""
    if isinstance(medium, Picture):
        return "picture"
    return "video" if medium.moves else "document"


def counted(media: Iterable[Medium]) -> str:
    """As "a picture", "3 pictures" or "a video and 2 pictures", each kind where it comes first."""
    counts = Counter(map(called, media))
    return listed([f"{count} {kind}s" if count > 1 else f"a {kind}" for kind, count in counts.items()])


def source_of(medium: Medium) -> MediaItem:
    """The file as it came, before it was fitted to a network."""
    return medium.whole or medium.item if isinstance(medium, Picture) else medium.item


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """One of the things that a draft shows, at its place among them; each network shows those that it takes."""

    sizes: tuple[Medium, ...]
    """As it came; a made picture once for each size, in the order of the networks that show them."""

    @property
    def first(self) -> Medium:
        """What stands for it where its size does not matter."""
        return self.sizes[0]

    @property
    def made(self) -> bool:
        """Whether it was painted; False for what somebody brought."""
        return isinstance(self.first, Picture) and self.first.origin is not None

    def size_of(self, medium: Medium) -> Medium | None:
        """What a variant's medium was before it was fitted; None where it is of another slide."""
        return next((one for one in self.sizes if source_of(one).digest == source_of(medium).digest), None)

    def yields(self, medium: Medium) -> bool:
        """Whether a variant's medium is this one, however it was fitted."""
        return self.size_of(medium) is not None

    def described(self, alt: str) -> Slide:
        """With other words for those who can't see it."""
        return replace(self, sizes=tuple(replace(one, alt=alt) for one in self.sizes))


def slides_of(shown: Iterable[Iterable[Medium]]) -> tuple[Slide, ...]:
    """What several variants show, as the slides it must have come from: videos and documents first, each thing once.

    For drafts whose slides nobody kept.
    """
    found: dict[Digest, Medium] = {}
    made: dict[Digest, Medium] = {}
    for medium in (m for media in shown for m in media):
        source = source_of(medium)
        whole = replace(medium, item=source, fitted="", whole=None) if isinstance(medium, Picture) else medium
        among = made if isinstance(medium, Picture) and medium.origin is not None else found
        among.setdefault(source.digest, whole)
    brought = sorted(found.values(), key=lambda m: isinstance(m, Picture))
    slides = [Slide(sizes=(medium,)) for medium in brought]
    return (*slides, *([Slide(sizes=tuple(made.values()))] if made else []))
