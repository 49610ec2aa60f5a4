"""One-time links to the page: made by any process that knows the token, good once and for a day."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from services.ports.clock import Clock

LIFE: Final = timedelta(hours=24)
_STAMP: Final = struct.Struct(">Q8s")
_SIGNATURE_BYTES: Final = 16


class OneTimeLinks:
    """Signed tokens with their end inside; those used are remembered in a file until they would have ended."""

    def __init__(self, secret: bytes, used: Path, clock: Clock) -> None:
        """`used` is the file of tokens that were shown before."""
        self._secret = secret
        self._used = used
        self._clock = clock

    def new(self) -> str:
        """A fresh token."""
        ends = self._clock.now() + LIFE
        stamp = _STAMP.pack(int(ends.timestamp()), secrets.token_bytes(8))
        return base64.urlsafe_b64encode(stamp + self._sign(stamp)).decode().rstrip("=")

    def consume(self, token: str) -> bool:
        """True the first time a good token is shown, over restarts too."""
        ends = self._ends(token)
        now = self._clock.now()
        if ends is None or ends <= now:
            return False
        used = {t: e for t, e in self._read().items() if e > now}
        if token in used:
            return False
        lines = (f"{int(e.timestamp())} {t}\n" for t, e in {**used, token: ends}.items())
        self._used.write_text("".join(lines), encoding="ascii")
        self._used.chmod(0o600)
        return True

    def _ends(self, token: str) -> datetime | None:
        try:
            raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
            stamp, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
            seconds: int = _STAMP.unpack(stamp)[0]
        except (ValueError, struct.error):
            return None
        return datetime.fromtimestamp(seconds, UTC) if hmac.compare_digest(signature, self._sign(stamp)) else None

    def _sign(self, stamp: bytes) -> bytes:
        return hmac.digest(self._secret, stamp, "sha256")[:_SIGNATURE_BYTES]

    def _read(self) -> dict[str, datetime]:
        try:
            lines = self._used.read_text(encoding="ascii").split("\n")
        except FileNotFoundError:
            return {}
        pairs = (line.split(" ", 1) for line in lines if " " in line)
        return {token: datetime.fromtimestamp(int(ends), UTC) for ends, token in pairs}


def derived(token: str, purpose: str) -> bytes:
    """A key of its own for each purpose, so that one never signs for another."""
    return hmac.digest(token.encode(), purpose.encode(), hashlib.sha256)
