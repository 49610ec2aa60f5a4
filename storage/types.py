"""Column types whose values mean the same in Python and in the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger
from sqlalchemy.types import TypeDecorator

from services.domain.ids import DraftId

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DIGITS: Final = 18
"""As many as always fit into 64 bits."""
NO_NUMBER: Final = -1
"""What text that is no draft number becomes: it matches no row and breaks every reference."""


@lru_cache(maxsize=4096)
def instant_of(microseconds: int) -> datetime:
    """The instant that so many stand for; hours come again and again."""
    return _EPOCH + timedelta(microseconds=microseconds)


class Instant(TypeDecorator[datetime]):
    """An aware instant as whole microseconds since 1970 in UTC, so that it sorts and compares exactly."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuse a naive time, which could mean any instant."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "A stored instant needs a time zone."
            raise ValueError(msg)
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Always UTC."""
        del dialect
        return None if value is None else _EPOCH + timedelta(microseconds=value)


def draft_number(text: str) -> int | None:
    """The number that a draft's id writes out; None for any other text, a number with leading zeros included."""
    plain = text.isascii() and text.isdigit() and (text == "0" or not text.startswith("0"))
    return int(text) if plain and len(text) <= _DIGITS else None


class DraftNumber(TypeDecorator[DraftId]):
    """A draft's id as the number it is, so that 10 comes after 9."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: DraftId | None, dialect: Dialect) -> int | None:
        """Text that is no number finds nothing."""
        del dialect
        if value is None:
            return None
        number = draft_number(value)
        return NO_NUMBER if number is None else number

    def process_result_value(self, value: int | None, dialect: Dialect) -> DraftId | None:
        """As people say it."""
        del dialect
        return None if value is None else DraftId(str(value))
