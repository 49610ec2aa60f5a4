"""Session tokens in the form real servers use: signed JWTs that name their own end."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.practice.kinds import Json


class Kind(StrEnum):
    """What a token is good for."""

    ACCESS = "com.atproto.appPass"
    REFRESH = "com.atproto.refresh"


def _pack(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unpack(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _sign(signed: str, key: bytes) -> bytes:
    return hmac.new(key, signed.encode(), hashlib.sha256).digest()


def write(kind: Kind, *, did: str, session: str, life: tuple[datetime, datetime], key: bytes) -> str:
    """Write a token of `kind` for one session; `life` is when it begins and ends."""
    now, ends = life
    head: Json = {"typ": "at+jwt" if kind is Kind.ACCESS else "refresh+jwt", "alg": "HS256"}
    claims: Json = {
        "scope": kind.value,
        "sub": did,
        "iat": int(now.timestamp()),
        "exp": int(ends.timestamp()),
        "aud": "did:web:practice.test",
        "jti": session,
    }
    return _signed(head, claims, key)


def write_service(claims: Json, key: bytes) -> str:
    """Write what one server shows to another: whose it is, for whom, for which method and until when."""
    return _signed({"typ": "JWT", "alg": "HS256"}, claims, key)


def _signed(head: Json, claims: Json, key: bytes) -> str:
    signed = ".".join(_pack(json.dumps(part, separators=(",", ":")).encode()) for part in (head, claims))
    return f"{signed}.{_pack(_sign(signed, key))}"


def read(token: str, key: bytes) -> Json | None:
    """Answer a token's claims, or None when this server did not sign it; its end is the caller's to judge."""
    signed, _, signature = token.rpartition(".")
    try:
        if not hmac.compare_digest(_unpack(signature), _sign(signed, key)):
            return None
        claims = json.loads(_unpack(signed.partition(".")[2]))
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None
