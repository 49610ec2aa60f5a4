"""Browser sessions as signed cookies: nothing is kept on the server, and nothing in them can be changed by others."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.responses import Response

    from services.ports.clock import Clock

COOKIE: Final = "copydesk_session"
CSRF_HEADER: Final = "x-csrf-token"
LIFE: Final = timedelta(days=30)


class Sessions:
    """Gives and recognises session cookies; the name in it is the person it speaks for."""

    def __init__(self, secret: bytes, clock: Clock, *, secure: bool) -> None:
        """`secure` keeps the cookie off plain http."""
        self._secret = secret
        self._clock = clock
        self._secure = secure

    def give(self, response: Response) -> None:
        """Sign the browser in as the owner."""
        text = f"{int(self._clock.now().timestamp())}.{secrets.token_hex(16)}"
        response.set_cookie(
            COOKIE,
            f"{text}.{self._mac('session', text)}",
            max_age=int(LIFE.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=self._secure,
            path="/",
        )

    def take(self, response: Response) -> None:
        """Sign the browser out."""
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=self._secure)

    def find(self, connection: HTTPConnection) -> str | None:
        """The session of a request, when its signature and age are good."""
        value = connection.cookies.get(COOKIE, "")
        text, _, mac = value.rpartition(".")
        made = text.partition(".")[0]
        if not made.isascii() or not made.isdigit() or not _same(mac, self._mac("session", text)):
            return None
        age = self._clock.now().timestamp() - int(made)
        return text if age + 60 >= 0 and age <= LIFE.total_seconds() else None

    def csrf(self, session: str) -> str:
        """The token that proves a form was made for this session."""
        return self._mac("csrf", session)

    def csrf_fits(self, session: str, token: str) -> bool:
        """Compared in constant time."""
        return _same(token, self.csrf(session))

    def _mac(self, purpose: str, text: str) -> str:
        return hmac.new(self._secret, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
