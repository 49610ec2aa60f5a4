"""Connected accounts: proving them, keeping their tokens alive, and speaking through them."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from services.domain.account import Account, Dedupe, Health
from services.domain.errors import DeskError, InvalidInput, NeedsOperator, NeedsReauth, NotFound
from services.domain.events import AccountChanged
from services.domain.ids import AccountId, PlatformSlug
from services.ports.platform import Connection, Roles
from services.selection import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.domain.account import Identity
    from services.domain.media import Picture
    from services.ports.bus import EventBus
    from services.ports.clock import Clock
    from services.ports.http import Http
    from services.ports.media import MediaFiles
    from services.ports.platform import Platforms, PlatformSpec
    from services.ports.storage import Store, Transaction
    from services.ports.vault import Vault

REFRESH_AHEAD: Final = timedelta(minutes=5)
LIMITS_LIFE: Final = timedelta(hours=24)
_COMMON: Final = frozenset({"base_url", "extra_headers", "name"})
_HEADERS: Final = "extra_headers"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Accounts:
    """The only place where credentials are in the clear, and only for as long as a call lasts."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        platforms: Platforms,
        http: Http,
        files: MediaFiles,
        bus: EventBus,
        clock: Clock,
    ) -> None:
        """One lock an account makes its token refresh single-flight."""
        self._store = store
        self._vault = vault
        self._platforms = platforms
        self._http = http
        self._files = files
        self._bus = bus
        self._clock = clock
        self._refreshing: defaultdict[AccountId, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def add(
        self, platform: str, fields: Mapping[str, object], *, verify: bool = True, practice: bool = False
    ) -> Account:
        """Connect an account, or update the one already there; verifying only reads. Raises `InvalidInput` naming the field."""
        spec = self._spec(platform)
        credentials, base_url, name = read_fields(spec, fields)
        connection = self._connection(credentials, base_url or spec.default_base_url, None)
        identity = await spec.connect(connection).verifier.verify() if verify else None
        account = self._new_account(spec, identity, credentials, base_url, name, practice=practice)
        if identity is not None:
            credentials = {**credentials, **identity.credentials}

        def work(tx: Transaction) -> Account:
            known = tx.accounts.by_identity(account.platform, account.remote_id, account.base_url)
            kept = replace(account, id=known.id, created_at=known.created_at) if known else account
            sealed = self._vault.seal(kept.id, credentials)
            if known:
                tx.accounts.save(kept)
                tx.accounts.reseal(kept.id, sealed)
            else:
                tx.accounts.add(kept, sealed)
            return kept

        kept = await self._store.write(work)
        self._bus.publish(AccountChanged(account_id=kept.id))
        return kept

    def _new_account(
        self,
        spec: PlatformSpec,
        identity: Identity | None,
        credentials: Mapping[str, str],
        base_url: str,
        name: str,
        *,
        practice: bool,
    ) -> Account:
        now = self._clock.now()
        plain = next((credentials[f.name] for f in spec.fields if not f.secret and f.name in credentials), "")
        handle = identity.handle if identity else plain or name or spec.slug
        return Account(
            id=AccountId(f"{spec.slug}-{secrets.token_hex(4)}"),
            platform=spec.slug,
            handle=handle,
            name=name or (identity.name if identity else "") or handle,
            remote_id=identity.remote_id if identity else handle,
            base_url=identity.base_url if identity else base_url or spec.default_base_url,
            dedupe=identity.dedupe if identity else Dedupe.LOOKUP,
            limits=identity.limits if identity else spec.default_limits,
            limits_at=now if identity else now - LIMITS_LIFE,
            practice=practice,
            created_at=now,
        )

    async def list(self) -> Sequence[Account]:
        """In order of connection."""
        return await self._store.read(lambda tx: tx.accounts.list())

    async def open(self, account_id: AccountId) -> Roles:
        """Speak for an account with credentials that are good for some minutes; raises `NeedsReauth` or `NotFound`."""
        account, credentials, roles = await self._open(account_id)
        if self._expiring(roles):
            await self._refresh(account_id, credentials)
            account, credentials, roles = await self._open(account_id)
        return roles

    async def refresh(self, account_id: AccountId) -> None:
        """Renew the tokens now, because the network refused them; callers in parallel share one renewal."""
        _, credentials, _ = await self._open(account_id)
        await self._refresh(account_id, credentials)

    async def _refresh(self, account_id: AccountId, stale: Mapping[str, str]) -> None:
        async with self._refreshing[account_id]:
            account, credentials, roles = await self._open(account_id)
            if credentials != dict(stale) and not self._expiring(roles):
                return
            if roles.refresher is None:
                msg = f"The access of @{account.handle} has ended."
                raise NeedsReauth(msg)
            fresh = {k: v for k, v in (await roles.refresher.refresh()).items() if v}
            sealed = self._vault.seal(account_id, {**credentials, **fresh})
            await self._store.write(lambda tx: tx.accounts.reseal(account_id, sealed))

    def _expiring(self, roles: Roles) -> bool:
        ends = roles.refresher.expires_at() if roles.refresher else None
        return ends is not None and ends - self._clock.now() < REFRESH_AHEAD

    async def _open(self, account_id: AccountId) -> tuple[Account, dict[str, str], Roles]:
        def load(tx: Transaction) -> tuple[Account, bytes]:
            account = tx.accounts.get(account_id)
            if account is None:
                raise NotFound("The account is not connected any more.", next_step="Connect it again.")
            return account, tx.accounts.sealed(account_id)

        account, sealed = await self._store.read(load)
        credentials = self._vault.open(account_id, sealed)
        spec = self._spec(account.platform)
        return account, credentials, spec.connect(self._connection(credentials, account.base_url, account))

    def _connection(self, credentials: Mapping[str, str], base_url: str, account: Account | None) -> Connection:
        own = {k: v for k, v in credentials.items() if k != _HEADERS}
        headers = json.loads(credentials.get(_HEADERS, "{}"))
        return Connection(
            credentials=own,
            base_url=base_url,
            extra_headers=headers,
            http=self._http,
            clock=self._clock,
            account=account,
        )

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
        """Ask the servers whose limits are older than a day; those that don't answer keep the old ones. Gives how many changed."""
        now = self._clock.now()
        stale = [a for a in await self.list() if now - a.limits_at >= LIMITS_LIFE and a.health is Health.OK]
        changed = 0
        for account in stale:
            try:
                identity = await (await self.open(account.id)).verifier.verify()
            except DeskError as error:
                await self.report(account.id, error)
                continue
            changed += await self._take_over(account.id, identity)
        return changed

    async def _take_over(self, account_id: AccountId, identity: Identity) -> int:
        now = self._clock.now()

        def work(tx: Transaction) -> int:
            account = tx.accounts.get(account_id)
            if account is None:
                return 0
            fresh = replace(
                account,
                remote_id=identity.remote_id,
                handle=identity.handle,
                limits=identity.limits,
                dedupe=identity.dedupe,
                limits_at=now,
            )
            tx.accounts.save(fresh)
            return int(fresh.limits != account.limits)

        return await self._store.write(work)

    async def read_media(self, picture: Picture) -> bytes:
        """A picture's bytes, for uploads."""
        return await self._files.get(picture.item.digest)

    def spec(self, platform: PlatformSlug) -> PlatformSpec:
        """The platform's facts; raises `InvalidInput` for one this version does not know."""
        return self._spec(platform)

    def _spec(self, platform: str) -> PlatformSpec:
        spec = self._platforms.get(PlatformSlug(platform.casefold()))
        if spec is None:
            near = nearest(platform, list(self._platforms))
            hint = f"Did you mean {near}?" if near else f"It can be {', '.join(sorted(self._platforms))}."
            raise InvalidInput(f"I don't know a network called “{platform}”.", next_step=hint, field="platform")
        return spec


def read_fields(spec: PlatformSpec, fields: Mapping[str, object]) -> tuple[dict[str, str], str, str]:
    """What an operator pasted, as credentials, base URL and name; raises `InvalidInput` naming the first wrong field."""
    known = {f.name for f in spec.fields} | _COMMON
    for key in fields:
        if key not in known:
            near = nearest(key, sorted(known))
            hint = f"Did you mean {near}?" if near else f"{spec.label} takes {', '.join(sorted(known))}."
            raise InvalidInput(f"{spec.label} has no field “{key}”.", next_step=hint, field=key)
    credentials: dict[str, str] = {}
    for field in spec.fields:
        value = _text(fields.get(field.name), field.name)
        if field.name in _COMMON:
            if not value and field.required:
                raise _missing(spec, field.name, field.help)
            continue
        if value:
            credentials[field.name] = value
        elif field.required:
            raise _missing(spec, field.name, field.help)
    headers = fields.get(_HEADERS) or {}
    if not isinstance(headers, dict) or not all(isinstance(v, str) for v in headers.values()):
        raise InvalidInput("extra_headers must be an object of header names and texts.", field=_HEADERS)
    if headers:
        credentials[_HEADERS] = json.dumps(headers, sort_keys=True)
    return credentials, check_base_url(_text(fields.get("base_url"), "base_url")), _text(fields.get("name"), "name")


def _missing(spec: PlatformSpec, name: str, hint: str) -> InvalidInput:
    return InvalidInput(f"{spec.label} needs the field “{name}”.", next_step=hint, field=name)


def _text(value: object, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidInput(f"The field “{name}” must be a text.", field=name)
    return value.strip()


def check_base_url(url: str) -> str:
    """The URL without a trailing slash; https, or plain http on this machine only."""
    if not url:
        return ""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    local = (parts.hostname or "") in _LOOPBACK
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise InvalidInput(
            f"“{url}” is not the address of a server.",
            next_step="Write it like https://mastodon.social",
            field="base_url",
        )
    if parts.scheme == "http" and not local:
        msg = "Tokens are not sent over plain http to another machine."
        raise InvalidInput(msg, next_step="Use the https address.", field="base_url")
    return parts.geturl().rstrip("/")
