"""Everything the web's routes share: the dispatcher, the sessions, what was said, and who is watching."""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from handlers.desk import Call, make_desk
from handlers.dispatcher import Dispatcher
from handlers.notifications import Notifications, Watchers
from handlers.request import Request as DeskRequest
from handlers.tasks import Tasks
from handlers.web.sessions import Sessions, person_in
from services.access import OWNER
from services.domain.actor import Person
from services.domain.errors import Forbidden

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from handlers.request import Open
    from handlers.views.card import Asked, Card
    from handlers.web.settings import WebSettings
    from services.domain.errors import DeskError
    from services.facade import Services

_KEPT: Final = 200
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_ANYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - recognised, not bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the desk answered to a form, kept until the page after it is shown."""

    cards: tuple[Card, ...] = ()
    place: str = ""
    """The id of the card it is about, to be shown even when it is far down the channel."""
    asked: Asked | None = None
    """What was typed for it."""
    form: Open | None = None
    """A form that waits for its page."""
    error: DeskError | None = None
    """Why the form is shown again."""


class SignedOut(Exception):
    """A session that opens nothing, or none at all."""


class Door:
    """One per process."""

    def __init__(self, services: Services, settings: WebSettings) -> None:
        """Subscribe `notifications.notice` to the bus; run `notifications.run` while the door is open."""
        self.services = services
        self.settings = settings
        self.tasks = Tasks(services.clock)
        self.desk = make_desk(services, self.tasks)
        self.dispatcher = Dispatcher(self.desk)
        self.watchers = Watchers()
        self.notifications = Notifications(services.store, services.clock, self.watchers)
        self.sessions = Sessions(settings.secret, services.clock, secure=settings.secure)
        self.opened_at = services.clock.now()
        self.requests = 0
        self._said: OrderedDict[str, Said] = OrderedDict()
        public = urlsplit(settings.public_url or "").hostname
        self._hosts = _LOOPBACK | {settings.host.casefold()} | ({public} if public else set())

    def say(self, said: Said) -> str:
        """Keep an answer for the next page and give its key."""
        key = secrets.token_urlsafe(8)
        self._said[key] = said
        while len(self._said) > _KEPT:
            self._said.popitem(last=False)
        return key

    def said(self, key: str) -> Said | None:
        """An answer kept before; it stays, so that the page can be loaded again."""
        return self._said.get(key)

    def serves(self, host: str) -> bool:
        """Whether a Host header names this desk: a page elsewhere must not reach it under its own name."""
        name = urlsplit(f"//{host}").hostname or ""
        return name in self._hosts or (bool(self._hosts & _ANYWHERE) and _is_address(name))

    def bearer_fits(self, header: str) -> bool:
        """Compared in constant time."""
        scheme, _, token = header.partition(" ")
        fits = hmac.compare_digest(token.strip().encode(), self.settings.token.encode())
        return fits and scheme.casefold() == "bearer"

    def form_is_ours(self, connection: HTTPConnection, token: str) -> bool:
        """Whether a state-changing form was made by our page for this session."""
        session = self.sessions.find(connection)
        return session is not None and self.sessions.csrf_fits(session, token) and same_origin(connection)

    async def person(self, connection: HTTPConnection) -> Person:
        """Whom the session speaks for, as they are now; raises `SignedOut` when there is none or they are gone."""
        known = getattr(connection.state, "person", None)
        if isinstance(known, Person):
            return known
        session = self.sessions.find(connection)
        if session is None:
            raise SignedOut
        id_ = person_in(session)
        found = (
            await self.services.people.actor(OWNER)
            if id_ == OWNER
            else await self.services.store.read(lambda tx: tx.people.get(id_))
        )
        if found is None:
            raise SignedOut
        connection.state.person = found
        return found

    async def speaker(self, connection: HTTPConnection, name: str) -> Person:
        """Who acts over HTTP: anybody for the bearer and for the owner's session, else the session's own person.

        Raises `Forbidden` when somebody's session asks to speak for another one.
        """
        session = None if "authorization" in connection.headers else self.sessions.find(connection)
        if session is None or person_in(session) == OWNER:
            return await self.services.people.actor(name)
        person = await self.person(connection)
        if name.casefold() not in {"", OWNER, person.name.casefold()}:
            msg = f"You are signed in as {person.name} and speak for nobody else."
            raise Forbidden(msg, next_step="Leave “as” out.")
        return person

    def call(self, actor: Person) -> Call:
        """For views outside of a command."""
        return Call(desk=self.desk, request=DeskRequest(actor=actor))

    def close(self) -> None:
        """End the event streams and the waiting for models, so that the server can stop."""
        self.watchers.close()
        self.tasks.stop_waiting()


def same_origin(connection: HTTPConnection) -> bool:
    """What the browser says about where a request comes from; silence is left to the token."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")


def _is_address(name: str) -> bool:
    from ipaddress import ip_address

    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def door_of(connection: HTTPConnection) -> Door:
    """The door a request came through."""
    door = connection.app.state.door
    if not isinstance(door, Door):
        msg = "the app was made without a door"
        raise TypeError(msg)
    return door
