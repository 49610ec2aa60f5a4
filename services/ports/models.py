"""What the desk asks of a language model, whoever supplies it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from services.domain.brand import Brand
    from services.domain.ids import AccountId
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
