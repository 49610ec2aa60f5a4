"""Who is at the door: one-time links, signed session cookies, the bearer token, and proof that a form is ours."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from handlers.web.door import door_of, same_origin
from handlers.web.html import page
from handlers.web.rail import wants_piece
from handlers.web.sessions import person_in, person_part
from services.access import OWNER

if TYPE_CHECKING:
    from datetime import datetime

    from handlers.web.door import Door
    from services.domain.actor import Person
    from services.domain.ids import PersonId
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

    def new(self, person_id: PersonId = OWNER) -> str:
        """A token that opens once within an hour, as this person."""
        made = int(self._clock.now().timestamp() * 1000)
        text = f"{made}.{secrets.token_hex(16)}{person_part(person_id)}"
        return f"{text}.{_mac(self._secret, 'sign-in', text)}"

    def whose(self, token: str) -> PersonId | None:
        """Whom it would sign in, without using it up; None for anything used, old or made up."""
        text = self._good(token)
        return None if text is None else person_in(text)

    def consume(self, token: str) -> PersonId | None:
        """Whom it signs in, the first time."""
        text = self._good(token)
        if text is None:
            return None
        self._used[text] = self._clock.now()
        return person_in(text)

    def _good(self, token: str) -> str | None:
        """What was signed, while it can still be used."""
        text, _, mac = token.rpartition(".")
        made, _, _ = text.partition(".")
        if not hmac.compare_digest(mac.encode(), _mac(self._secret, "sign-in", text).encode()) or not made.isdigit():
            return None
        now = self._clock.now()
        age = now.timestamp() * 1000 - int(made)
        if age > LINK_LIFE.total_seconds() * 1000 or int(made) < int(self._since.timestamp() * 1000):
            return None
        self._used = {t: at for t, at in self._used.items() if now - at <= LINK_LIFE}
        return None if text in self._used else text


SIGNED_OUT: Final = (
    "Open the sign-in link that was printed when the desk started; “.venv/bin/python -m bot signin” prints a new one."
)


@router.get("/signin")
async def sign_in(request: Request, token: str = "") -> Response:
    """Trade a one-time link for a session cookie."""
    door = door_of(request)
    person_id = door.settings.sign_in.consume(token)
    if person_id is None:
        return _used_up(request)
    return _signed_in(door, person_id)


@router.get("/signin/as")
async def ask_to_sign_in(request: Request, token: str = "") -> Response:
    """Whom a link from chat signs in. Looking does not use it up: chats look at links by themselves."""
    door = door_of(request)
    person = await _named(door, door.settings.sign_in.whose(token))
    if person is None:
        return _used_up(request)
    return page(request, "signin.html", name=person.name, role=person.role.value, token=token)


@router.post("/signin/as")
async def sign_in_as(request: Request) -> Response:
    """Trade a link from chat for a session of whom it names."""
    async with request.form() as form:
        token = str(form.get("token", ""))
    if not same_origin(request):
        return not_ours(request)
    door = door_of(request)
    person = await _named(door, door.settings.sign_in.consume(token))
    return _used_up(request) if person is None else _signed_in(door, person.id)


async def _named(door: Door, person_id: PersonId | None) -> Person | None:
    return None if person_id is None else await door.services.store.read(lambda tx: tx.people.get(person_id))


def _signed_in(door: Door, person_id: PersonId) -> Response:
    answer = RedirectResponse("/", status_code=303)
    door.sessions.give(answer, person_id)
    return answer


def _used_up(request: Request) -> Response:
    return signed_out(request, "This link is used up or too old.")


def signed_out(request: Request, reason: str = "") -> Response:
    """What somebody who is not signed in is told."""
    return page(request, "signedout.html", status=401, reason=reason, how=SIGNED_OUT)


async def still_here(request: Request) -> None:
    """A dependency of all that a session opens: that of somebody who is gone opens nothing."""
    door = door_of(request)
    session = None if "authorization" in request.headers else door.sessions.find(request)
    if session is not None and person_in(session) != OWNER:
        await door.person(request)


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
