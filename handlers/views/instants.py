"""Instants inside a card's words that each reader sees on their own clock, where a surface can set them so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPEN: Final = "\ue000"
_BETWEEN: Final = "\ue001"
_CLOSE: Final = "\ue002"
_MARK: Final = re.compile(
    f"{_OPEN}([0-9]{{1,10}}){_BETWEEN}(moment|short){_BETWEEN}([^{_OPEN}{_BETWEEN}{_CLOSE}]{{1,80}}){_CLOSE}"
)


class Precision(StrEnum):
    """How much of an instant is said."""

    MOMENT = "moment"
    """Weekday, date, year and time."""
    SHORT = "short"
    """Date and time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """A moment that the surface sets on the reader's clock; `text` says it on the desk's where it can't."""

    at: datetime
    precision: Precision
    text: str

    @property
    def unix(self) -> int:
        """Seconds since 1970 in UTC."""
        return int(self.at.timestamp())


def mark(at: datetime, precision: Precision, text: str) -> str:
    """The instant as part of a text, to be taken out again by `pieces` or `plain`."""
    return f"{_OPEN}{int(at.timestamp())}{_BETWEEN}{precision.value}{_BETWEEN}{text[:80]}{_CLOSE}"


def pieces(text: str) -> Iterator[str | Instant]:
    """The text in order: words as they are, marks as instants."""
    end = 0
    for found in _MARK.finditer(text):
        if found.start() > end:
            yield text[end : found.start()]
        at = datetime.fromtimestamp(int(found[1]), tz=UTC)
        yield Instant(at=at, precision=Precision(found[2]), text=found[3])
        end = found.end()
    if end < len(text):
        yield text[end:]


def plain(text: str) -> str:
    """The text as it reads where nothing can be set on the reader's clock."""
    return _MARK.sub(lambda found: found[3], text)
