"""Connected accounts: proving them, keeping their tokens alive, and speaking through them."""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from services.access import Permission, require
from services.account_fields import HEADERS, read_fields
from services.content.options import first_choices, with_chosen
from services.domain.account import Account, Dedupe, Health
from services.domain.errors import (
    DeskError,
    InvalidInput,
    NeedsOperator,
    NeedsReauth,
    NotFound,
    RateLimited,
    Unavailable,
)
from services.domain.events import AccountChanged
from services.domain.ids import AccountId, PlatformSlug
from services.ports.platform import Connection
from services.quiet import Heard
from services.selection import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from services.domain.account import Identity, Limits
    from services.domain.actor import Person
    from services.domain.media import MediaItem, Picture
    from services.ports.bus import EventBus
    from services.ports.clock import Clock
    from services.ports.http import Http
    from services.ports.media import MediaFiles, PictureHosts
    from services.ports.platform import Platforms, PlatformSpec, Roles
    from services.ports.storage import Store, Transaction
    from services.ports.vault import Vault

LIMITS_LIFE: Final = timedelta(hours=24)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What an operator gave, beside what the network says."""

    handle: str
    """What to call it until the network was asked."""
    told_apart: bool
    """Whether that handle came from the operator and so means one account."""
    name: str
    base_url: str
    """Empty when it is left to the platform."""
    credentials: Mapping[str, str] = field(repr=False)
    practice: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """An account with its credentials in the clear."""

    account: Account
    sealed: bytes = field(repr=False)
    """As stored: it changes when the credentials do."""
    credentials: Mapping[str, str] = field(repr=False)
    roles: Roles


class Accounts:
    """The only place where credentials are in the clear, and only for as long as a call lasts."""

    def __init__(  # noqa: PLR0917 - one place puts it together
        self,
        store: Store,
        vault: Vault,
        platforms: Platforms,
        http: Http,
        files: MediaFiles,
        bus: EventBus,
        clock: Clock,
        *,
        pictures: PictureHosts | None = None,
    ) -> None:
        """Nothing is opened before it is asked for; without `pictures` no network can fetch any."""
        self._store = store
        self._vault = vault
        self._platforms = platforms
        self._http = http
        self._files = files
        self._bus = bus
        self._clock = clock
        self._pictures = pictures
        self._renewals: dict[AccountId, asyncio.Task[None]] = {}
        """One an account, which everybody who needs it awaits."""

    async def add(
        self,
        platform: str,
        fields: Mapping[str, object],
        *,
        learned: Mapping[str, str] | None = None,
        verify: bool = True,
        practice: bool = False,
    ) -> Account:
        """Connect an account, or update the one already there; verifying only reads.

        `learned` is kept with the credentials, as what a sign-in told of their end. Raises `InvalidInput` naming the
        field, and what the platform's verifier raises.
        """
        spec = self.named(platform)
        pasted, base_url, name = read_fields(spec, fields)
        credentials = {**pasted, **(learned or {})}
        connection = self._connection(credentials, base_url or spec.default_base_url, None)
        identity = await spec.connect(connection).verifier.verify() if verify else None
        plain = next((credentials[f.name] for f in spec.fields if not f.secret and f.name in credentials), "")
        wish = _Wish(
            handle=plain or name or spec.slug,
            told_apart=bool(plain or name),
            name=name,
            base_url=base_url,
            credentials={**credentials, **(identity.credentials if identity else {})},
            practice=practice,
        )
        account = self._new_account(spec, identity, wish)
        if identity is not None:
            _advise(identity)
            account = replace(account, ends_at=self._end(spec, wish.credentials, base_url))

        def work(tx: Transaction) -> Account:
            known = self._find_known(tx, account, wish, verified=identity is not None)
            kept = _taken_over(known, account, wish, verified=identity is not None) if known else account
            if known is None and tx.accounts.by_identity(kept.platform, kept.remote_id, kept.base_url):
                kept = replace(kept, remote_id=kept.id)
            sealed = self._vault.seal(kept.id, wish.credentials)
            if known:
                tx.accounts.save(kept)
                tx.accounts.reseal(kept.id, sealed)
            else:
                tx.accounts.add(kept, sealed)
            return kept

        kept = await self._store.write(work)
        self._bus.publish(AccountChanged(account_id=kept.id))
        return kept

    def _new_account(self, spec: PlatformSpec, identity: Identity | None, wish: _Wish) -> Account:
        now = self._clock.now()
        handle = identity.handle if identity else wish.handle
        base_url = identity.base_url if identity else wish.base_url or spec.default_base_url
        limits = identity.limits if identity else self._assumed_limits(spec, base_url)
        return Account(
            id=AccountId(f"{spec.slug}-{secrets.token_hex(4)}"),
            platform=spec.slug,
            handle=handle,
            name=wish.name or (identity.name if identity else "") or handle,
            remote_id=identity.remote_id if identity else handle,
            base_url=base_url,
            dedupe=identity.dedupe if identity else Dedupe.LOOKUP,
            limits=limits,
            limits_at=now if identity else now - LIMITS_LIFE,
            practice=wish.practice,
            # Nobody has to answer for who sees a stand-in, so a first draft in practice waits for no choice.
            options=first_choices(spec.options, limits) if wish.practice else {},
            created_at=now,
        )

    def _end(self, spec: PlatformSpec, credentials: Mapping[str, str], base_url: str) -> datetime | None:
        """When the access that these give ends, as far as its network told."""
        return spec.connect(self._connection(credentials, base_url or spec.default_base_url, None)).ends_at

    def _assumed_limits(self, spec: PlatformSpec, base_url: str) -> Limits:
        """Until the network was asked: what the platform takes, without pictures that nobody could fetch."""
        hidden = spec.pulls_pictures and (self._pictures is None or self._pictures.host(base_url) is None)
        return replace(spec.default_limits, images=0) if hidden else spec.default_limits

    def _find_known(self, tx: Transaction, account: Account, wish: _Wish, *, verified: bool) -> Account | None:
        """The account that is meant, under whatever little is known of either."""
        same = [a for a in tx.accounts.list() if a.platform == account.platform]
        exact = [a for a in same if (a.remote_id, a.base_url) == (account.remote_id, account.base_url)]
        if verified:
            # The stand-ins keep their identities when their port changes.
            moved = [a for a in same if a.practice and account.practice and a.remote_id == account.remote_id]
            guessed = [a for a in same if _never_verified(a) and a.handle in {wish.handle, account.handle}]
            return next((a for a in (*exact, *moved, *guessed) if self._may_be(tx, a, account.base_url, wish)), None)
        here = [a for a in same if wish.base_url in {"", a.base_url}]
        named = [a for a in here if a.handle == account.handle and wish.told_apart]
        return next((a for a in (*exact, *named) if self._may_be(tx, a, account.base_url, wish)), None)

    def _may_be(self, tx: Transaction, known: Account, base_url: str, wish: _Wish) -> bool:
        """A guessed identity needs the same server and a name somebody gave, or else the same credentials."""
        if not _never_verified(known) or (wish.told_apart and known.base_url == base_url):
            return True
        held = self._vault.open(known.id, tx.accounts.sealed(known.id))
        return all(wish.credentials.get(name) == value for name, value in held.items())

    async def choose(self, actor: Person, account_id: AccountId, given: Mapping[str, str]) -> Account:
        """Set its standing choices, which every new draft for it begins with; the others stay.

        Raises `Forbidden`, `NotFound`, and `InvalidInput` with the field at fault.
        """

        def work(tx: Transaction) -> Account:
            require(tx, actor, Permission.OPERATE)
            account = _present(tx.accounts.get(account_id))
            chosen = with_chosen(account.options, given, account, self.spec(account.platform), standing=True)
            changed = replace(account, options=chosen)
            tx.accounts.save(changed)
            return changed

        changed = await self._store.write(work)
        self._bus.publish(AccountChanged(account_id=account_id))
        return changed

    async def list(self) -> Sequence[Account]:
        """In order of connection."""
        return await self._store.read(lambda tx: tx.accounts.list())

    async def open(self, account_id: AccountId) -> Roles:
        """Speak for an account with credentials that are good for some minutes.

        Raises `NeedsReauth`, `NotFound`, and what a refresh raises once the old token is no longer good.
        """
        opened = await self._open(account_id)
        if not self._ends_within(opened.roles, self.spec(opened.account.platform).renew_ahead):
            return opened.roles
        try:
            await self._refresh(account_id, opened.sealed)
        except (Unavailable, RateLimited):
            if self._ends_within(opened.roles, timedelta(0)):
                raise
            return opened.roles
        return (await self._open(account_id)).roles

    async def refresh(self, account_id: AccountId) -> None:
        """Renew the tokens now, because the network refused them; callers in parallel share one renewal."""
        await self._refresh(account_id, (await self._open(account_id)).sealed)

    async def verify(self, account_id: AccountId) -> Identity:
        """Who the network says we are, after a refresh if that is all it wants."""
        try:
            return await (await self.open(account_id)).verifier.verify()
        except NeedsReauth as error:
            if not error.refreshable:
                raise
        await self.refresh(account_id)
        return await (await self.open(account_id)).verifier.verify()

    async def _refresh(self, account_id: AccountId, stale: bytes) -> None:
        """Join the renewal under way or begin one; it goes on when a caller gives up, so that no new token is lost."""
        renewal = self._renewals.get(account_id)
        if renewal is None:
            renewal = asyncio.create_task(self._renew(account_id, stale), name=f"renew {account_id}")
            self._renewals[account_id] = renewal
            renewal.add_done_callback(lambda done: self._renewed(account_id, done))
        await asyncio.shield(renewal)

    def _renewed(self, account_id: AccountId, done: asyncio.Task[None]) -> None:
        self._renewals.pop(account_id, None)
        if not done.cancelled():
            done.exception()  # everybody who waited may have gone

    async def _renew(self, account_id: AccountId, stale: bytes) -> None:
        opened = await self._open(account_id)
        if opened.sealed != stale:
            return
        if opened.roles.refresher is None:
            msg = f"The access of @{opened.account.handle} has ended."
            step = f"Connect the account again with /desk connect {opened.account.platform}."
            raise NeedsReauth(msg, next_step=step)
        fresh = {k: v for k, v in (await opened.roles.refresher.refresh()).items() if v}
        credentials = {**opened.credentials, **fresh}
        sealed = self._vault.seal(account_id, credentials)
        ends_at = self._end(self.spec(opened.account.platform), credentials, opened.account.base_url)

        def work(tx: Transaction) -> None:
            # What was stored meanwhile was pasted by a person or won by another process: it is the newer.
            account = tx.accounts.get(account_id)
            if tx.accounts.reseal(account_id, sealed, expected=stale) and account and account.ends_at != ends_at:
                tx.accounts.save(replace(account, ends_at=ends_at))

        await self._store.write(work)

    def _ends_within(self, roles: Roles, time: timedelta) -> bool:
        ends = roles.refresher.expires_at() if roles.refresher else None
        return ends is not None and ends - self._clock.now() < time

    async def _open(self, account_id: AccountId) -> _Opened:
        def load(tx: Transaction) -> tuple[Account, bytes]:
            return _present(tx.accounts.get(account_id)), tx.accounts.sealed(account_id)

        account, sealed = await self._store.read(load)
        credentials = self._vault.open(account_id, sealed)
        if not self._vault.current(sealed):
            sealed = await self._sealed_anew(account_id, credentials, sealed)
        roles = self.spec(account.platform).connect(self._connection(credentials, account.base_url, account))
        return _Opened(account=account, sealed=sealed, credentials=credentials, roles=roles)

    async def _sealed_anew(self, account_id: AccountId, credentials: Mapping[str, str], old: bytes) -> bytes:
        """Move an account to the current key, unless its credentials have changed meanwhile."""
        fresh = self._vault.seal(account_id, credentials)
        moved = await self._store.write(lambda tx: tx.accounts.reseal(account_id, fresh, expected=old))
        return fresh if moved else old

    def _connection(self, credentials: Mapping[str, str], base_url: str, account: Account | None) -> Connection:
        own = {k: v for k, v in credentials.items() if k != HEADERS}
        headers = json.loads(credentials.get(HEADERS, "{}"))
        return Connection(
            credentials=own,
            base_url=base_url,
            extra_headers=headers,
            http=self._heard(account),
            clock=self._clock,
            account=account,
            pictures=self._pictures.host(base_url) if self._pictures else None,
            pieces=self._piece,
        )

    def _heard(self, account: Account | None) -> Http:
        """Our Http, noting when the network wants the account to be quiet."""
        spec = self._platforms.get(account.platform) if account is not None else None
        if account is None or spec is None:
            return self._http
        return Heard(http=self._http, store=self._store, clock=self._clock, account_id=account.id, rest=spec.rest)

    async def report(self, account_id: AccountId, error: DeskError | None) -> None:
        """Note what a call taught about the account's health; None heals it. Passing failures change nothing."""
        health = Health.OK
        if isinstance(error, NeedsReauth):
            health = Health.NEEDS_REAUTH
        elif isinstance(error, NeedsOperator):
            health = Health.NEEDS_OPERATOR
        elif error is not None:
            return
        note = error.message if error else ""

        def work(tx: Transaction) -> bool:
            account = tx.accounts.get(account_id)
            if account is None or (account.health, account.health_note) == (health, note):
                return False
            tx.accounts.save(replace(account, health=health, health_note=note))
            return True

        if await self._store.write(work):
            self._bus.publish(AccountChanged(account_id=account_id))

    async def reread_limits(self) -> int:
        """Ask the servers whose limits are old; who doesn't answer keeps the old. Gives how many changed."""
        now = self._clock.now()
        stale = [
            a
            for a in await self.list()
            if a.health is Health.OK and (now - a.limits_at >= LIMITS_LIFE or self._reached_otherwise(a))
        ]
        changed = 0
        for account in stale:
            try:
                identity = await self.verify(account.id)
                _advise(identity)
                changed += await self._take_over(account.id, identity)
            except DeskError as error:
                await self.report(account.id, error)
            except Exception:  # noqa: BLE001 - one server's surprise must not keep the others from being asked
                _log.exception("limits could not be read", account=account.id)
        return changed

    def _reached_otherwise(self, account: Account) -> bool:
        """Whether its network fetches pictures and the desk got, or lost, an address since the limits were read."""
        spec = self._platforms.get(account.platform)
        if spec is None or not spec.pulls_pictures or self._pictures is None:
            return False
        return (account.limits.images > 0) is (self._pictures.host(account.base_url) is None)

    async def _take_over(self, account_id: AccountId, identity: Identity) -> bool:
        """Keep what the server says now; raises `NeedsOperator` when it is an account that is here already."""
        now = self._clock.now()

        def work(tx: Transaction) -> tuple[Account, Account] | None:
            account = tx.accounts.get(account_id)
            if account is None:
                return None
            twin = tx.accounts.by_identity(account.platform, identity.remote_id, identity.base_url)
            if twin is not None and twin.id != account.id:
                msg = f"This is @{twin.handle}, which is connected already."
                raise NeedsOperator(msg, next_step="Use that one.")
            fresh = replace(
                account,
                remote_id=identity.remote_id,
                handle=identity.handle,
                base_url=identity.base_url,
                limits=identity.limits,
                dedupe=identity.dedupe,
                limits_at=now,
            )
            if _never_verified(account):
                fresh = self._with_learned(tx, fresh, identity)
            tx.accounts.save(fresh)
            return account, fresh

        found = await self._store.write(work)
        if found is None:
            return False
        before, after = found
        if replace(before, limits_at=now) != after:
            self._bus.publish(AccountChanged(account_id=account_id))
        return before.limits != after.limits

    def _with_learned(self, tx: Transaction, account: Account, identity: Identity) -> Account:
        """Keep what the first check taught beside who it is, as connecting with a check would have."""
        sealed = tx.accounts.sealed(account.id)
        known = {**self._vault.open(account.id, sealed), **identity.credentials}
        tx.accounts.reseal(account.id, self._vault.seal(account.id, known), expected=sealed)
        return replace(account, ends_at=self._end(self.spec(account.platform), known, account.base_url))

    async def read_media(self, picture: Picture) -> bytes:
        """A picture's bytes, for uploads."""
        return await self._files.get(picture.item.digest)

    async def _piece(self, item: MediaItem, start: int, length: int) -> bytes:
        return await self._files.piece(item.digest, start, length)

    def spec(self, platform: PlatformSlug) -> PlatformSpec:
        """The platform's facts; no network. Raises `NotFound` for one this version does not know."""
        found = self._platforms.get(platform)
        if found is None:
            msg = f"This version of the desk knows no network called “{platform}”."
            raise NotFound(msg, next_step="Use the version that connected the account, or a newer one.")
        return found

    def named(self, platform: str) -> PlatformSpec:
        """What an operator named; raises `InvalidInput` with the nearest name."""
        spec = self._platforms.get(PlatformSlug(platform.strip().casefold()))
        if spec is None:
            near = nearest(platform, list(self._platforms))
            hint = f"Did you mean {near}?" if near else f"It can be {', '.join(sorted(self._platforms))}."
            raise InvalidInput(f"I don't know a network called “{platform}”.", next_step=hint, field="platform")
        return spec


def _advise(identity: Identity) -> None:
    if identity.advice:
        _log.warning("an account had better be seen to", account=identity.handle, why=identity.advice)


def _present(account: Account | None) -> Account:
    if account is None:
        raise NotFound("The account is not connected any more.", next_step="Connect it again.")
    return account


def _never_verified(account: Account) -> bool:
    """Added without asking the network, so its identity is a guess."""
    return account.remote_id in {account.handle, account.id}


def _taken_over(known: Account, given: Account, wish: _Wish, *, verified: bool) -> Account:
    """The known account with what was given; facts the network told are not traded for guesses."""
    if verified:
        kept = replace(given, id=known.id, options=known.options, created_at=known.created_at)
        return replace(kept, practice=known.practice and given.practice)
    name = wish.name or known.name
    fresh = replace(known, name=name, limits_at=given.limits_at, ends_at=given.ends_at)
    return replace(fresh, health=Health.OK, health_note="")
