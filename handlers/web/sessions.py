"""Browser sessions as signed cookies: nothing is kept on the server, and nothing in them can be changed by others."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.access import OWNER
from services.domain.ids import PersonId

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.responses import Response

    from services.ports.clock import Clock

COOKIE: Final = "copydesk_session"
CSRF_HEADER: Final = "x-csrf-token"
LIFE: Final = timedelta(days=30)
VISIT: Final = timedelta(days=7)
"""Of a session that came from chat: a new one is always at hand there, and people leave teams."""


class Sessions:
    """Gives and recognises session cookies; the name in it is the person it speaks for."""

    def __init__(self, secret: bytes, clock: Clock, *, secure: bool) -> None:
        """`secure` keeps the cookie off plain http."""
        self._secret = secret
        self._clock = clock
        self._secure = secure

    def give(self, response: Response, person_id: PersonId = OWNER) -> None:
        """Sign the browser in as this person."""
        text = f"{int(self._clock.now().timestamp())}.{secrets.token_hex(16)}{person_part(person_id)}"
        response.set_cookie(
            COOKIE,
            f"{text}.{self._mac('session', text)}",
            max_age=int(_life(text).total_seconds()),
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
        return text if age + 60 >= 0 and age <= _life(text).total_seconds() else None

    def csrf(self, session: str) -> str:
        """The token that proves a form was made for this session."""
        return self._mac("csrf", session)

    def csrf_fits(self, session: str, token: str) -> bool:
        """Compared in constant time."""
        return _same(token, self.csrf(session))

    def _mac(self, purpose: str, text: str) -> str:
        return hmac.new(self._secret, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


def person_part(person_id: PersonId) -> str:
    """What is added to a signed text to name a person; nothing names the owner, as it always was."""
    if person_id == OWNER:
        return ""
    return "." + base64.urlsafe_b64encode(person_id.encode()).decode().rstrip("=")


def person_in(text: str) -> PersonId:
    """The person that a signed text names: call it only once its signature was found good."""
    _, _, named = text.partition(".")[2].partition(".")
    if not named:
        return OWNER
    return PersonId(base64.urlsafe_b64decode(named + "=" * (-len(named) % 4)).decode())


def _life(text: str) -> timedelta:
    return LIFE if person_in(text) == OWNER else VISIT


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
