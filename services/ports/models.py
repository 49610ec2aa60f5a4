"""What the desk asks of a language model, whoever supplies it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from services.domain.brand import Brand, Palette
    from services.domain.ids import AccountId
    from services.domain.media import PictureSize, PictureStyle
    from services.domain.post import Brief, Outline, Revision
    from services.ports.platform import Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One account to write for, in words a writer understands."""

    account_id: AccountId
    label: str
    """The network's name as people write it."""
    limit: int
    unit: str
    guidance: str
    """How this network reads: links, hashtags, tone, length."""
    parts: int = 1
    """Posts this account is to get; more than one is a thread, each within the limit."""
    measure: Callable[[str], Measure] | None = field(default=None, repr=False, compare=False)
    """Counts a text as this account's server does, for a writer that composes by itself; None: count graphemes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """Why a text came back: sent to the model for repair."""

    account_id: AccountId
    text: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingTask:
    """Everything one structured call needs; the brief and notes are data from a person."""

    brand: Brand
    brief: Brief
    targets: tuple[Target, ...]
    wish: str = ""
    """What should change against `previous`."""
    previous: Revision | None = None
    complaints: tuple[Complaint, ...] = ()
    """When not empty, only these accounts are to be written anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """A model's answer: the idea, and one text per asked account."""

    outline: Outline
    texts: Mapping[AccountId, str]
    """A thread's posts are joined by `PART_BREAK`."""
    notes: tuple[str, ...] = ()
    """Sentences for the person who asked, such as a wish that could not be met."""


class TextModel(Protocol):
    """Writes drafts.

    Raises `Unavailable` (timeout, outage), `Refused`, `RateLimited`, `NeedsOperator` (key, quota, unknown model).
    """

    @property
    def name(self) -> str:
        """The vendor and model as "vendor:model", or "offline"."""
        ...

    async def write(self, task: WritingTask) -> Writing:
        """One structured call; every target has a non-empty text in the answer."""
        ...

    async def aclose(self) -> None:
        """Let go of connections; the model may be used again and opens new ones."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureTask:
    """One picture to make; everything in it was written from the post and is data, not instruction."""

    scene: str
    """What can be seen, without lettering: for models that paint."""
    headline: str = ""
    """The words a poster would carry: for painters that set type."""
    points: tuple[str, ...] = ()
    """Up to four short lines below the headline (infographic)."""
    signature: str = ""
    """The brand's name, small."""
    style: PictureStyle
    size: PictureSize
    palette: Palette
    take: int = 0
    """Counts from 0: another take is another picture of the same post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted:
    """A picture as its maker gave it: PNG, JPEG or WebP of any size near the one asked for."""

    data: bytes = field(repr=False)
    alt: str = ""
    """What it shows, where the maker knows; empty leaves it to the scene."""
    contrast: float | None = None
    """Of its lettering (WCAG ratio); None where there is none."""
    notes: tuple[str, ...] = ()
    """Sentences for the person who asked."""


class ImageModel(Protocol):
    """Makes pictures.

    Raises `Unavailable` (timeout, outage), `Refused`, `RateLimited`, `NeedsOperator` (key, quota, retired model).
    """

    @property
    def name(self) -> str:
        """The vendor and model as "vendor:model", or "offline"."""
        ...

    async def paint(self, task: PictureTask) -> Painted:
        """One picture."""
        ...

    async def aclose(self) -> None:
        """Let go of connections; the model may be used again and opens new ones."""
        ...
