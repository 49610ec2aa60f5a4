"""Connecting accounts by signing in at their network: who may, on which browser, once, and within ten minutes."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import structlog

from services.access import Permission, require
from services.account_fields import check_base_url
from services.connection_news import ConnectionNews
from services.domain.errors import (
    DeskError,
    Forbidden,
    InvalidInput,
    NeedsOperator,
    NotFound,
    RateLimited,
    Unavailable,
)
from services.domain.signin import Passage, Stage
from services.oauth import AGAIN
from services.ports.signin import App, Found, Going

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from services.accounts import Accounts
    from services.domain.account import Account
    from services.domain.actor import Person
    from services.domain.ids import PersonId, PlatformSlug
    from services.domain.signin import Origin
    from services.ports.bus import EventBus
    from services.ports.clock import Clock
    from services.ports.http import Http
    from services.ports.platform import Platforms, PlatformSpec
    from services.ports.signin import Authorizer, SignIn
    from services.ports.storage import Store, Transaction
    from services.ports.vault import Vault

LIFE: Final = timedelta(minutes=10)
"""Of a link from chat, and of a way to a network and back."""
CALLBACK: Final = "/connect/callback"
GO: Final = "/connect/go"
PAGE: Final = "/accounts/connect"
_log = structlog.get_logger(__name__)


class Ready(StrEnum):
    """Whether an account of a network can be connected here, and how."""

    SIGN_IN = "sign_in"
    TYPED = "typed"
    """What it takes is typed on the page."""
    NEEDS_APP = "needs_app"
    """The operator has to set an app up first."""
    NEEDS_HTTPS = "needs_https"
    """The network sends people back to https addresses only, and the desk has none."""
    BY_HAND = "by_hand"
    """Only with `account add`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How accounts of one network are connected here."""

    spec: PlatformSpec
    ready: Ready
    settings: tuple[str, ...] = ()
    """What has to be set for it, by name."""
    steps: tuple[str, ...] = ()
    """How to get there."""
    server: str = ""
    """Where it leads when no server is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """Somebody leaves for a network."""

    url: str = field(repr=False)
    browser: str = field(repr=False)
    """What their browser has to show when it comes back."""
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """What came of it."""

    accounts: tuple[Account, ...]
    failed: tuple[str, ...] = ()
    """Accounts that could not be connected, each with why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """The network showed several accounts."""

    word: str = field(repr=False)
    """To come back with, once."""
    label: str
    options: tuple[str, ...]


class Connecting:
    """Every way begins with somebody who may run the desk, and ends with accounts that were verified."""

    def __init__(  # noqa: PLR0917 - one place puts it together
        self,
        store: Store,
        vault: Vault,
        platforms: Platforms,
        accounts: Accounts,
        http: Http,
        clock: Clock,
        *,
        bus: EventBus,
        apps: Mapping[PlatformSlug, App],
        desk_url: str,
    ) -> None:
        """`desk_url` is where browsers reach the desk, without a slash; networks send them back there."""
        self.news = ConnectionNews(store, vault, clock, bus)
        self._store = store
        self._vault = vault
        self._platforms = platforms
        self._accounts = accounts
        self._http = http
        self._clock = clock
        self._apps = apps
        self.desk_url = desk_url

    @property
    def redirect_uri(self) -> str:
        """What is entered as the redirect address of every app."""
        return f"{self.desk_url}{CALLBACK}"

    def ways(self) -> tuple[Way, ...]:
        """Every network, in the order people see them."""
        return tuple(self.way(slug) for slug in self._platforms)

    def way(self, platform: str) -> Way:
        """One network; raises `InvalidInput` with the nearest name for one that is not known."""
        spec = self._accounts.named(platform)
        sign_in, app = spec.signin, self._app(spec)
        if sign_in is None:
            return Way(spec=spec, ready=Ready.BY_HAND)
        if sign_in.authorizer is None:
            return Way(spec=spec, ready=Ready.TYPED, server=app.base_url)
        steps = tuple(step.format(redirect=self.redirect_uri) for step in sign_in.steps)
        settings = tuple(f"{spec.slug}_{f.name}".upper() for f in sign_in.apps[0] if f.told)
        ready = Ready.SIGN_IN
        if sign_in.https_only and not app.base_url and not self.desk_url.startswith("https://"):
            ready = Ready.NEEDS_HTTPS  # before the app, in which the address is entered
        elif sign_in.app_of(app.values) is None:
            ready = Ready.NEEDS_APP
        return Way(spec=spec, ready=ready, settings=settings, steps=steps, server=app.base_url)

    async def ticket(self, actor: Person, platform: str, detail: str = "", *, origin: Origin | None = None) -> str:
        """A link for this person that begins the way once, within ten minutes, in whatever browser opens it.

        The chat channel it is asked for in hears what came of it.
        Raises `Forbidden`, `InvalidInput` (fields "platform" and "detail") and `NeedsOperator` when it can't begin.
        """
        spec = self._accounts.named(platform)
        word = secrets.token_urlsafe(32)
        passage = self._passage(word, Stage.TICKET, actor.id, spec.slug, detail, origin)

        def work(tx: Transaction) -> None:
            require(tx, actor, Permission.OPERATE)
            tx.passages.add(passage, b"")

        await self._allowed(actor)
        self._going(spec, detail)
        await self._store.write(work)
        return f"{self.desk_url}{GO}/{word}"

    async def look(self, ticket: str) -> tuple[Passage, Person]:
        """Where a link leads and whose it is, without using it up; raises `NotFound`."""
        now = self._clock.now()

        def work(tx: Transaction) -> tuple[Passage, Person] | None:
            passage = tx.passages.get(_digest(ticket), Stage.TICKET, now=now)
            person = tx.people.get(passage.person_id) if passage else None
            return (passage, person) if passage and person else None

        found = await self._store.read(work)
        if found is None:
            raise _used()
        return found

    async def go(self, ticket: str) -> Away:
        """Begin with a link, which is used up unless the network could not be reached."""
        passage, person = await self.look(ticket)
        return await self._leave(person, passage.platform, passage.detail, ticket=ticket, origin=passage.origin)

    async def begin(self, actor: Person, platform: str, detail: str = "") -> Away:
        """Begin from the page; raises as `ticket` does, and what the network raises."""
        await self._allowed(actor)
        return await self._leave(actor, platform, detail)

    async def _leave(
        self, actor: Person, platform: str, detail: str, *, ticket: str = "", origin: Origin | None = None
    ) -> Away:
        spec = self._accounts.named(platform)
        going = self._going(spec, detail)
        if going.base_url and going.base_url != self._app(spec).base_url:
            with _by_hand():
                await self._http.fetch_page(going.base_url)  # a person named it: it must be public, and there
        state, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        with _by_hand():
            begun = await _authorizer(spec, going).begin(state)
        passage = self._passage(begun.state or state, Stage.AWAY, actor.id, spec.slug, detail, origin)
        kept = {"browser": _digest(browser), "kept": json.dumps(dict(begun.kept))}
        sealed, now = self._vault.seal_passage(passage.digest, kept), self._clock.now()

        def work(tx: Transaction) -> bool:
            require(tx, actor, Permission.OPERATE)
            if ticket and tx.passages.take(_digest(ticket), Stage.TICKET, now=now) is None:
                return False
            tx.passages.add(passage, sealed)
            return True

        if not await self._store.write(work):
            raise _used()
        return Away(url=begun.url, browser=browser, label=spec.label)

    async def finish(self, state: str, answer: Mapping[str, str], browser: str) -> Connected | Choosing:
        """Take the network's answer, once.

        Raises `NotFound` for a state that was used, is too old or never was, `Forbidden` for another browser or a
        person who may not any more, and what the network's authorizer and verifier raise.
        """
        passage, kept = await self._arrived(state, Stage.AWAY, browser)
        spec = self._accounts.named(passage.platform)
        going = self._going(spec, passage.detail)
        with _by_hand():
            found = await _authorizer(spec, going).finish(json.loads(kept["kept"]), answer)
        if not found:
            msg = f"{spec.label} showed no account that the desk could post for."
            raise NotFound(msg, next_step=f"Sign in as somebody who manages one, and tick it there. {AGAIN}")
        if len(found) == 1:
            account = await self._add(passage, found[0])
            await self.news.add(passage, (account,))
            return Connected(accounts=(account,))
        return await self._ask(passage, spec, found, kept["browser"])

    async def _ask(self, passage: Passage, spec: PlatformSpec, found: Sequence[Found], browser_digest: str) -> Choosing:
        """Keep them sealed until somebody picked."""
        word = secrets.token_urlsafe(32)
        choice = replace(passage, digest=_digest(word), stage=Stage.CHOICE, expires_at=self._clock.now() + LIFE)
        several = [{"fields": dict(f.fields), "learned": dict(f.learned), "label": f.label} for f in found]
        kept = {"browser": browser_digest, "kept": json.dumps(several)}
        sealed = self._vault.seal_passage(choice.digest, kept)
        await self._store.write(lambda tx: tx.passages.add(choice, sealed))
        return Choosing(word=word, label=spec.label, options=tuple(f.label for f in found))

    async def choose(self, word: str, picked: Collection[int], browser: str) -> Connected:
        """Connect those that were picked, by their places in the list; raises as `finish` does.

        Raises `InvalidInput` (field "picked") when nothing was picked, which uses nothing up.
        """
        if not picked:
            raise InvalidInput("Nothing was picked.", next_step="Go back and tick at least one.", field="picked")
        passage, kept = await self._arrived(word, Stage.CHOICE, browser)
        several = [Found(**one) for one in json.loads(kept["kept"])]
        connected: list[Account] = []
        failed: list[tuple[str, DeskError]] = []
        for number in sorted(set(picked)):
            if 0 <= number < len(several):
                try:
                    connected.append(await self._add(passage, several[number]))
                except DeskError as error:
                    failed.append((several[number].label, error))
        if failed and not connected:
            raise failed[0][1]
        await self.news.add(passage, connected)
        return Connected(
            accounts=tuple(connected), failed=tuple(f"{label}: {error.message}" for label, error in failed)
        )

    async def typed(self, actor: Person, platform: str, fields: Mapping[str, object]) -> Account:
        """Connect what was typed on the page; raises `Forbidden` and as `Accounts.add` does."""
        await self._allowed(actor)
        spec = self._accounts.named(platform)
        base_url = self._app(spec).base_url
        given = (
            {"base_url": base_url} | {name: value for name, value in fields.items() if value} if base_url else fields
        )
        with _by_hand():
            account = await self._accounts.add(spec.slug, given)
        _log.info("an account was connected", by=actor.name, platform=spec.slug, handle=account.handle)
        return account

    async def _add(self, passage: Passage, found: Found) -> Account:
        with _by_hand():
            account = await self._accounts.add(passage.platform, found.fields, learned=found.learned)
        _log.info("an account was connected", by=passage.person_id, platform=passage.platform, handle=account.handle)
        return account

    async def _arrived(self, word: str, stage: Stage, browser: str) -> tuple[Passage, dict[str, str]]:
        """A stage that somebody came back with; it is used up whatever comes of it."""
        digest, now = _digest(word), self._clock.now()

        def work(tx: Transaction) -> tuple[Passage, bytes, DeskError | None] | None:
            taken = tx.passages.take(digest, stage, now=now)
            if taken is None:
                return None
            return (*taken, _refusal(tx, taken[0].person_id))

        taken = await self._store.write(work)
        if taken is None:
            raise _used()
        passage, sealed, refusal = taken
        if refusal is not None:
            raise refusal
        kept = self._vault.open_passage(digest, sealed)
        if not hmac.compare_digest(kept["browser"], _digest(browser)):
            msg = "This sign-in was begun in another browser, so its answer is not taken here."
            raise Forbidden(msg, next_step=AGAIN)
        return passage, kept

    async def _allowed(self, actor: Person) -> None:
        await self._store.read(lambda tx: require(tx, actor, Permission.OPERATE))

    def _passage(  # noqa: PLR0917 - all that a row has
        self,
        word: str,
        stage: Stage,
        person_id: PersonId,
        platform: PlatformSlug,
        detail: str,
        origin: Origin | None,
    ) -> Passage:
        return Passage(
            digest=_digest(word),
            stage=stage,
            person_id=person_id,
            platform=platform,
            detail=detail,
            expires_at=self._clock.now() + LIFE,
            origin=origin,
        )

    def _app(self, spec: PlatformSpec) -> App:
        return self._apps.get(spec.slug) or App()

    def _going(self, spec: PlatformSpec, detail: str) -> Going:
        """All that a sign-in works with; raises when this network can't be signed in at, or not like this."""
        way = self.way(spec.slug)
        _require_ready(way, self.desk_url)
        sign_in = _sign_in(spec)
        base_url, detail = way.server, detail.strip()
        if sign_in.asks_server:
            base_url, detail = self._server(spec, detail) if detail else base_url, ""
            if not base_url:
                msg = f"{spec.label} is many servers: which one is the account on?"
                step = f"Name it: /desk connect {spec.slug} mastodon.social"
                raise InvalidInput(msg, next_step=step, field="detail")
        elif detail and detail.casefold() not in sign_in.words:
            some = f"It can be followed by: {', '.join(sign_in.words)}." if sign_in.words else "Leave it out."
            raise InvalidInput(f"I don't know “{detail[:60]}” after {spec.label}.", next_step=some, field="detail")
        return Going(
            app=sign_in.app_of(self._app(spec).values) or {},
            base_url=base_url,
            detail=detail.casefold(),
            redirect_uri=self.redirect_uri,
            http=self._http,
            clock=self._clock,
        )

    def _server(self, spec: PlatformSpec, named: str) -> str:
        """The address of a server as a person names it: with or without https, or a whole handle."""
        url = check_base_url(named.rpartition("@")[2])
        if url.startswith("http://") and url != self._app(spec).base_url:
            raise InvalidInput(
                "A server is reached by https.", next_step="Name it like mastodon.social", field="detail"
            )
        return url


def _require_ready(way: Way, desk_url: str) -> None:
    label, slug = way.spec.label, way.spec.slug
    match way.ready:
        case Ready.SIGN_IN:
            return
        case Ready.TYPED:
            msg = f"What {label} takes is typed on the page."
            raise InvalidInput(msg, next_step=f"Open {desk_url}{PAGE}/{slug}", field="platform")
        case Ready.NEEDS_APP:
            msg = f"{label} lets the desk in only with an app of your own, and none is set up."
            raise NeedsOperator(msg, next_step=f"Set {' and '.join(way.settings)}; {desk_url}{PAGE}/{slug} says how.")
        case Ready.NEEDS_HTTPS:
            msg = f"{label} sends people back to https addresses only, and this desk is at {desk_url}."
            raise NeedsOperator(
                msg, next_step="Set COPYDESK_PUBLIC_URL to an https address that leads here, and start again."
            )
        case Ready.BY_HAND:
            msg = f"{label} has no sign-in here yet."
            raise NeedsOperator(msg, next_step=f"Connect it with: .venv/bin/python -m bot account add {slug} --json -")


@contextmanager
def _by_hand() -> Iterator[None]:
    """Nobody tries this again but the person who looks at it, however the desk goes on by itself elsewhere."""
    try:
        yield
    except RateLimited as error:
        raise RateLimited(
            error.message, until=error.until, next_step=f"After {error.until:%H:%M} UTC: {AGAIN}"
        ) from None
    except Unavailable as error:
        raise Unavailable(error.message, next_step=AGAIN) from None


def _sign_in(spec: PlatformSpec) -> SignIn:
    if spec.signin is None:
        msg = f"{spec.label} has no sign-in"
        raise TypeError(msg)
    return spec.signin


def _authorizer(spec: PlatformSpec, going: Going) -> Authorizer:
    make = _sign_in(spec).authorizer
    if make is None:
        msg = f"{spec.label} sends nobody anywhere"
        raise TypeError(msg)
    return make(going)


def _refusal(tx: Transaction, person_id: PersonId) -> DeskError | None:
    """Why this person may not go on; told outside, so that the word stays used."""
    person = tx.people.get(person_id)
    if person is None:
        return Forbidden("Whoever began this sign-in is not here any more.", next_step=AGAIN)
    try:
        require(tx, person, Permission.OPERATE)
    except DeskError as error:
        return error
    return None


def _used() -> NotFound:
    return NotFound("This sign-in was used already, or is older than ten minutes.", next_step=AGAIN)


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
