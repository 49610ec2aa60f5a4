"""A text's count against its network's limit while it is being typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.domain.post import Problem
    from services.ports.platform import Measure

LENGTH_CODES: Final = frozenset({"too_long", "length", "over_length"})
"""Problems that the count itself tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartCount:
    """One post's length and limit, both in `Count.unit`."""

    length: int
    limit: int
    over: int
    """How much has to go; 0 when it fits. A second measure's excess counts when the first one fits."""
    also: str = ""
    """The second measure in words, when that is the one exceeded."""

    @property
    def words(self) -> str:
        """As it stands in the margin: "312 of 280 · shorten by 32"."""
        shown = self.also or f"{self.length:,} of {self.limit:,}"
        return f"{shown} · shorten by {self.over:,}" if self.over else shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A whole text: one part, or the posts of a thread."""

    unit: str
    parts: tuple[PartCount, ...]
    problems: tuple[Problem, ...] = ()
    """Everything else that is wrong with the text."""

    @property
    def longest(self) -> PartCount:
        """The part that is nearest to its limit, or furthest beyond it."""
        return max(self.parts, key=lambda p: (p.over, p.length))

    @property
    def fits(self) -> bool:
        """Whether every part does."""
        return not any(p.over for p in self.parts)


def count_of(measures: Sequence[Measure], problems: Sequence[Problem]) -> Count:
    """The parts as measured, and of the problems those that are not about length."""
    return Count(
        unit=measures[0].unit,
        parts=tuple(_part(m) for m in measures),
        problems=tuple(p for p in problems if p.code not in LENGTH_CODES),
    )


def _part(measure: Measure) -> PartCount:
    also = measure.also
    over = max(0, measure.length - measure.limit)
    if over or also is None or also.length <= also.limit:
        return PartCount(length=measure.length, limit=measure.limit, over=over)
    words = f"{also.length:,} of {also.limit:,} {also.unit}"
    return PartCount(length=measure.length, limit=measure.limit, over=also.length - also.limit, also=words)


def alt_count(text: str, limit: int) -> Count:
    """A picture's description, in characters."""
    length = len(text.strip())
    return Count(unit="characters", parts=(PartCount(length=length, limit=limit, over=max(0, length - limit)),))
