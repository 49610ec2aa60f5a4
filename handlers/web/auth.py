"""Who is at the door: one-time links, signed session cookies, the bearer token, and proof that a form is ours."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from handlers.web.door import door_of
from handlers.web.html import page
from handlers.web.rail import wants_piece

if TYPE_CHECKING:
    from datetime import datetime

    from services.ports.clock import Clock

router = APIRouter(include_in_schema=False)


def _mac(secret: bytes, purpose: str, text: str) -> str:
    return hmac.new(secret, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


LINK_LIFE: Final = timedelta(hours=1)


class OneTimeLinks:
    """Sign-in tokens that any process with the same secret can make, and that open once."""

    def __init__(self, secret: bytes, clock: Clock) -> None:
        """Tokens made before this moment open nothing, so that a restart can't make a used one good again."""
        self._secret = secret
        self._clock = clock
        self._since = clock.now()
        self._used: dict[str, datetime] = {}

    def new(self) -> str:
        """A token that opens once within an hour."""
        made = int(self._clock.now().timestamp() * 1000)
        text = f"{made}.{secrets.token_hex(16)}"
        return f"{text}.{_mac(self._secret, 'sign-in', text)}"

    def consume(self, token: str) -> bool:
        """True the first time; false for anything used, old or made up."""
        text, _, mac = token.rpartition(".")
        made, _, _ = text.partition(".")
        if not hmac.compare_digest(mac.encode(), _mac(self._secret, "sign-in", text).encode()) or not made.isdigit():
            return False
        now = self._clock.now()
        age = now.timestamp() * 1000 - int(made)
        if age > LINK_LIFE.total_seconds() * 1000 or int(made) < int(self._since.timestamp() * 1000):
            return False
        self._used = {t: at for t, at in self._used.items() if now - at <= LINK_LIFE}
        if text in self._used:
            return False
        self._used[text] = now
        return True


SIGNED_OUT: Final = (
    "Open the sign-in link that was printed when the desk started; “python -m bot signin” prints a new one."
)


@router.get("/signin")
async def sign_in(request: Request, token: str = "") -> Response:
    """Trade a one-time link for a session cookie."""
    door = door_of(request)
    if not door.settings.sign_in.consume(token):
        return page(request, "signedout.html", status=401, reason="This link is used up or too old.", how=SIGNED_OUT)
    answer = RedirectResponse("/", status_code=303)
    door.sessions.give(answer)
    return answer


@router.post("/signout")
async def sign_out(request: Request) -> Response:
    """Forget the browser's session."""
    form = await request.form()
    door = door_of(request)
    if not door.form_is_ours(request, str(form.get("csrf", ""))):
        return not_ours(request)
    answer = RedirectResponse("/", status_code=303)
    door.sessions.take(answer)
    return answer


def not_ours(request: Request) -> HTMLResponse:
    """What a form from elsewhere, or from before a new sign-in, is told."""
    reason = "This form did not come from this page, or it is from before you signed in. Nothing changed."
    template = "trouble.html" if wants_piece(request) else "oops.html"
    return page(request, template, status=403, reason=reason, how="Open the desk again and repeat it.", missing=False)
