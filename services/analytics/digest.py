"""The digest of each morning: one per channel and day, made after downtime too, and never twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import structlog

from services.access import Permission, require
from services.domain.errors import Conflict, DeskError
from services.domain.events import DigestSent
from services.domain.insight import Subscription, digest_card_id
from services.ports.storage import ShownCard

if TYPE_CHECKING:
    from services.analytics.report import Reports
    from services.domain.actor import Person
    from services.domain.insight import Report
    from services.ports.bus import EventBus
    from services.ports.clock import Clock
    from services.ports.storage import Store, Transaction

HOUR: Final = time(8)
"""When a digest comes unless another time was asked for."""
LEASE: Final = timedelta(minutes=5)
"""Longer than the making may take; after it somebody else may try."""
LATE: Final = timedelta(hours=1)
"""How far into the next day a digest for late in the evening is still made."""
PATIENCE: Final = 3
"""Tries with charts; the next one does without."""
NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Since when a channel that was turned off gets digests: the row stays, so that no default puts it back."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """A digest whose hour has come."""

    subscription: Subscription
    day: date


class Digests:
    """Who gets a digest, and the round that makes those whose hour has come."""

    def __init__(self, store: Store, reports: Reports, bus: EventBus, clock: Clock, zone: str) -> None:
        """`zone` is the IANA name of the installation."""
        self._store = store
        self._reports = reports
        self._bus = bus
        self._clock = clock
        self._zone = zone

    async def subscribe_default(self, surface: str, place: str) -> None:
        """Give a channel its digest unless somebody decided about it before."""
        wanted = Subscription(surface=surface, place=place, at=HOUR, zone=self._zone, since=self._clock.now())

        def known(tx: Transaction) -> bool:
            return _find(tx, surface, place) is not None

        if not await self._store.read(known):
            await self._store.write(lambda tx: None if known(tx) else tx.digests.subscribe(wanted))

    async def subscription(self, surface: str, place: str) -> Subscription | None:
        """What the channel gets; None for nothing."""
        found = await self._store.read(lambda tx: _find(tx, surface, place))
        return None if found is None or found.since >= NEVER else found

    async def subscribe(self, actor: Person, surface: str, place: str, *, at: time, zone: str) -> Subscription:
        """From now on at this hour each day; raises `Forbidden`. The first one is for the next time the hour comes."""
        wanted = Subscription(surface=surface, place=place, at=at, zone=zone, since=self._clock.now())

        def work(tx: Transaction) -> None:
            require(tx, actor, Permission.OPERATE)
            tx.digests.subscribe(wanted)

        await self._store.write(work)
        _log.info("a digest was asked for", by=actor.name, surface=surface, at=at.isoformat("minutes"), zone=zone)
        return wanted

    async def unsubscribe(self, actor: Person, surface: str, place: str) -> bool:
        """No more digests here; False when there were none. Raises `Forbidden`."""

        def work(tx: Transaction) -> bool:
            require(tx, actor, Permission.OPERATE)
            found = _find(tx, surface, place)
            if found is None or found.since >= NEVER:
                return False
            tx.digests.subscribe(replace(found, since=NEVER))
            return True

        ended = await self._store.write(work)
        if ended:
            _log.info("a digest was turned off", by=actor.name, surface=surface)
        return ended

    async def run_due(self) -> int:
        """Make every digest whose hour has come and that nobody has made; gives how many were sent."""
        now = self._clock.now()
        sent = 0
        for due in await self._store.read(lambda tx: _due(tx, now)):
            try:
                sent += await self._one(due)
            except DeskError as error:
                _log.warning("a digest could not be made", surface=due.subscription.surface, reason=error.message)
            except Exception:  # noqa: BLE001 - one that fails must not keep the others from their channels
                _log.exception("a digest could not be made", surface=due.subscription.surface)
        return sent

    async def _one(self, due: _Due) -> bool:
        """Claim, make, send; False when somebody else has it."""
        wanted, now = due.subscription, self._clock.now()
        surface, place = wanted.surface, wanted.place

        def claim(tx: Transaction) -> int:
            if _find(tx, surface, place) != wanted:
                return 0  # asked for otherwise in the meantime
            if not tx.digests.claim(surface, place, due.day, now=now, lease_until=now + LEASE):
                return 0
            taken = tx.digests.get(surface, place, due.day)
            return taken.attempts if taken else 0

        attempt = await self._store.write(claim)
        if not attempt:
            return False
        if attempt > PATIENCE:
            report = await self._reports.bare(zone=wanted.zone)
        else:
            report = await self._reports.recent(zone=wanted.zone)
        if not await self._finish(due, report):
            return False
        self._bus.publish(DigestSent(surface=surface, place=place, day=due.day))
        return True

    async def _finish(self, due: _Due, report: Report) -> bool:
        """The digest and its card's place in one transaction; False when another one was faster."""
        surface, place, now = due.subscription.surface, due.subscription.place, self._clock.now()
        card = ShownCard(
            card_id=digest_card_id(surface, place, due.day),
            kind="digest",
            draft_id=None,
            delivery_id=None,
            surface=surface,
            place=place,
            created_at=now,
        )

        def work(tx: Transaction) -> None:
            tx.digests.finish(surface, place, due.day, report, at=now)
            tx.cards.put(card)

        try:
            await self._store.write(work)
        except Conflict:
            return False
        return True


def _find(tx: Transaction, surface: str, place: str) -> Subscription | None:
    return next((s for s in tx.digests.subscriptions() if (s.surface, s.place) == (surface, place)), None)


def _due(tx: Transaction, now: datetime) -> list[_Due]:
    """Of today only: who missed days wants no pile of old mornings."""
    found = []
    for wanted in tx.digests.subscriptions():
        day = _day(wanted, now)
        if day is None:
            continue
        made = tx.digests.get(wanted.surface, wanted.place, day)
        taken = made is not None and (made.lease_until is None or made.lease_until > now)
        if not taken:
            found.append(_Due(subscription=wanted, day=day))
    return found


def _day(wanted: Subscription, now: datetime) -> date | None:
    """The day whose hour has come; just after midnight that may be the day before."""
    today = now.astimezone(ZoneInfo(wanted.zone)).date()
    for day in (today, today - timedelta(days=1)):
        hour = hour_of(wanted, day)
        if wanted.since <= hour <= now and (day == today or now - hour <= LATE):
            return day
    return None


def hour_of(wanted: Subscription, day: date) -> datetime:
    """When its hour comes on a local day, in UTC: the first of two; an hour that is left out comes that much later."""
    return datetime.combine(day, wanted.at, tzinfo=ZoneInfo(wanted.zone)).astimezone(UTC)
