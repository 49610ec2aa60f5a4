"""Makes the ids of the networks: Mastodon's digit strings and ULIDs, Bluesky's TIDs and CIDs."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.practice.kinds import Json

TID_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
ULID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
X_EPOCH = 1_288_834_974_657
"""Milliseconds since 1970 at which X's ids begin."""
DAG_CBOR, RAW = 0x71, 0x55


def micros(at: datetime) -> int:
    """Answer a time as whole microseconds since 1970."""
    return round(at.timestamp() * 1_000_000)


def _digits(number: int, alphabet: str, length: int) -> str:
    letters = []
    for _ in range(length):
        number, rest = divmod(number, 32)
        letters.append(alphabet[rest])
    return "".join(reversed(letters))


def snowflake(at: datetime, low: int) -> str:
    """Make a Mastodon id: milliseconds and 16 bits that tell statuses of one millisecond apart."""
    return str((micros(at) // 1000 << 16) | (low & 0xFFFF))


def media_number(at: datetime, low: int) -> str:
    """Make a post's id as Meta's networks do: a long number."""
    return f"18{micros(at) // 1000:013d}{low % 100_000:05d}"


def container_number(at: datetime, low: int) -> str:
    """Make the id of what is not a post yet; it begins in another way, so that a call for it can be told."""
    return f"17{micros(at) // 1000:013d}{low % 100_000:05d}"


def post_number(at: datetime, low: int) -> str:
    """Make an id as X does: milliseconds since its epoch over 22 bits that tell posts of one millisecond apart."""
    return str((micros(at) // 1000 - X_EPOCH << 22) | (low & 0x3FFFFF))


def entity_number(at: datetime, low: int) -> str:
    """Make a number as LinkedIn does: milliseconds over 22 bits that tell entities of one millisecond apart."""
    return str((micros(at) // 1000 << 22) | (low & 0x3FFFFF))


def video_number(at: datetime, low: int) -> str:
    """Make an id as TikTok does: seconds over 32 bits that tell posts of one second apart."""
    return str((micros(at) // 1_000_000 << 32) | (low & 0xFFFFFFFF))


def ulid(at: datetime, low: int) -> str:
    """Make an id as GoToSocial does: 48 bits of milliseconds, 80 bits to tell them apart."""
    tail = int.from_bytes(hashlib.sha256(f"ulid|{low}".encode()).digest()[:10], "big")
    return _digits(micros(at) // 1000, ULID_ALPHABET, 10) + _digits(tail, ULID_ALPHABET, 16)


def tid(at: datetime, clock: int) -> str:
    """Make a Bluesky record key: 53 bits of microseconds and 10 bits of clock id, in sortable base 32."""
    return _digits((micros(at) << 10) | (clock & 0x3FF), TID_ALPHABET, 13)


def is_tid(key: str) -> bool:
    """Tell whether a record key may name a post."""
    return TID.fullmatch(key) is not None


def canonical(value: object) -> bytes:
    """Write JSON the one way that equal values share."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _cid(codec: int, content: bytes) -> str:
    raw = bytes((0x01, codec, 0x12, 0x20)) + hashlib.sha256(content).digest()
    return "b" + base64.b32encode(raw).decode().rstrip("=").lower()


def record_cid(record: Json) -> str:
    """Name a record by its content; a stand-in's CID hashes canonical JSON, not DAG-CBOR."""
    return _cid(DAG_CBOR, canonical(record))


def blob_cid(content: bytes) -> str:
    """Name a blob by its bytes, exactly as the real network does."""
    return _cid(RAW, content)


def at_uri(did: str, rkey: str) -> str:
    """Name a post's record."""
    return f"at://{did}/app.bsky.feed.post/{rkey}"


def rkey_of(uri: str) -> str:
    """Answer the record key at the end of a record's name."""
    return uri.rsplit("/", 1)[-1]
