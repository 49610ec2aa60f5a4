"""What a chat is still to hear of: accounts that are connected because somebody asked for it there."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from services.domain.errors import DeskError
from services.domain.events import ConnectedFromChat
from services.domain.ids import AccountId
from services.domain.signin import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from services.domain.account import Account
    from services.domain.actor import Person
    from services.domain.signin import Origin, Passage
    from services.ports.bus import EventBus
    from services.ports.clock import Clock
    from services.ports.storage import Store, Transaction
    from services.ports.vault import Vault

FRESH: Final = timedelta(hours=20)
"""What is older is no news any more."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One message that is owed to a chat, and is nobody else's to send any more."""

    passage: Passage
    origin: Origin
    accounts: tuple[Account, ...]
    """Those that are still there."""
    person: Person | None
    """Who connected them; None when they are gone."""


class ConnectionNews:
    """Rows that survive a restart; taking one is what makes sure that it is told once."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, bus: EventBus) -> None:
        """Whoever tells chats hears `ConnectedFromChat` and looks here."""
        self._store = store
        self._vault = vault
        self._clock = clock
        self._bus = bus

    async def add(self, passage: Passage, accounts: Iterable[Account]) -> None:
        """Remember what came of a way that began in a chat; raises nothing: the accounts are connected all the same."""
        if passage.origin is None:
            return
        digest = hashlib.sha256(secrets.token_bytes(32)).hexdigest()
        back = replace(passage, digest=digest, stage=Stage.BACK, expires_at=self._clock.now() + FRESH)
        try:
            await self._keep(back, [a.id for a in accounts])
        except DeskError as error:
            _log.warning("a chat will not hear of a connected account", reason=error.message)
            return
        self._bus.publish(ConnectedFromChat(surface=passage.origin.surface, channel=passage.origin.channel))

    async def list(self) -> Sequence[Passage]:
        """Those that wait to be told."""
        now = self._clock.now()
        return await self._store.read(lambda tx: tx.passages.list(Stage.BACK, now=now))

    async def take(self, passage: Passage) -> News | None:
        """Claim one to tell it; None when somebody else has it, or nothing of it is left to tell."""
        now = self._clock.now()
        taken = await self._store.write(lambda tx: tx.passages.take(passage.digest, Stage.BACK, now=now))
        if taken is None or taken[0].origin is None:
            return None
        ids = json.loads(self._vault.open_passage(passage.digest, taken[1])["accounts"])
        person, accounts = await self._store.read(lambda tx: _about(tx, taken[0], ids))
        if not accounts:
            return None
        return News(passage=taken[0], origin=taken[0].origin, accounts=accounts, person=person)

    async def put_back(self, news: News) -> None:
        """It was certainly not told: somebody tries again later."""
        await self._keep(news.passage, [a.id for a in news.accounts])

    async def _keep(self, passage: Passage, accounts: Sequence[AccountId]) -> None:
        sealed = self._vault.seal_passage(passage.digest, {"accounts": json.dumps(list(accounts))})
        await self._store.write(lambda tx: tx.passages.add(passage, sealed))


def _about(tx: Transaction, passage: Passage, ids: Iterable[str]) -> tuple[Person | None, tuple[Account, ...]]:
    found = (tx.accounts.get(AccountId(one)) for one in ids)
    return tx.people.get(passage.person_id), tuple(a for a in found if a is not None)
