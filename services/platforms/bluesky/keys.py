"""Record keys and creation times that come out the same at every attempt, because they are computed and never drawn."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

_ALPHABET: Final = "234567abcdefghijklmnopqrstuvwxyz"
_LENGTH: Final = 13
_CLOCK_IDS: Final = 1024
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STEP: Final = timedelta(milliseconds=1)
"""Between the parts of a thread, so that they sort in reading order; creation times are written in milliseconds."""


def tid(micros: int, clock_id: int) -> str:
    """The network's timestamp identifier: `micros` since 1970 over ten bits of `clock_id`, 13 sortable characters."""
    number = (micros << 10) | clock_id
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))


def moment(first_claimed_at: datetime, index: int) -> datetime:
    """When part `index` says it was created."""
    return first_claimed_at.astimezone(UTC) + _STEP * index


def record_key(first_claimed_at: datetime, index: int, key: str) -> str:
    """The key under which this part is written, whenever it is written."""
    micros = (moment(first_claimed_at, index) - _EPOCH) // timedelta(microseconds=1)
    clock_id = int.from_bytes(hashlib.sha256(key.encode()).digest()[:2], "big") % _CLOCK_IDS
    return tid(micros, clock_id)


def timestamp(at: datetime) -> str:
    """RFC 3339 with milliseconds and Z, as the network's own clients write it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
