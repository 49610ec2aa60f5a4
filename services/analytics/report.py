"""Reports: what the numbers of a period say, what goes out next, what waits, and whose numbers are missing."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from services.analytics import standing
from services.analytics.material import AccountRow, Material
from services.analytics.reading import read_numbers
from services.domain.account import Account, in_use
from services.domain.ids import Digest
from services.domain.insight import Report
from services.domain.media import MediaItem, Picture
from services.domain.metrics import CRITICAL, WARM, Moods

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from services.analytics.material import Drawing, Reading
    from services.domain.account import PracticeMode
    from services.domain.ids import AccountId
    from services.domain.metrics import MeasuredPost
    from services.ports.clock import Clock
    from services.ports.media import MediaFiles
    from services.ports.platform import Platforms
    from services.ports.storage import Store, Transaction
    from services.ports.workers import Workers

DAYS: Final = 28
"""Of a report nobody chose a period for: every weekday four times."""
MOST_DAYS: Final = 366
_MOST_POSTS: Final = 3000
_TOP: Final = 5
_KEPT: Final = 16
_STANDING: Final = timedelta(days=45)
"""How old a count of followers may be and still be used."""
UNREAD: Final = "The numbers could not be read this time; what is planned and what waits is below."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What one transaction gave."""

    material: Material
    planned: tuple[str, ...]
    waiting: tuple[str, ...]
    moods: Moods | None
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Period:
    """What a report is about."""

    since: datetime
    until: datetime
    zone: str
    platform: str


class Reports:
    """Makes reports; the same numbers are read and drawn once."""

    def __init__(
        self,
        store: Store,
        files: MediaFiles,
        workers: Workers,
        clock: Clock,
        zone: str,
        *,
        platforms: Platforms,
        practice: PracticeMode,
    ) -> None:
        """`zone` is the IANA name for whoever has none of their own."""
        self._store = store
        self._files = files
        self._workers = workers
        self._clock = clock
        self._zone = zone
        self._labels: dict[str, str] = {slug: spec.label for slug, spec in platforms.items()}
        self._practice = practice
        self._kept: OrderedDict[str, tuple[Reading, Picture | None]] = OrderedDict()
        self._turn = asyncio.Lock()
        self._newest: Report | None = None

    @property
    def newest(self) -> Report | None:
        """The last report about all networks that this process made."""
        return self._newest

    async def recent(self, days: int = DAYS, *, zone: str = "", platform: str = "") -> Report:
        """The last so many whole days and today so far; see `make`."""
        return await self.make(*self._period(days, zone), zone=zone, platform=platform)

    async def make(self, since: datetime, until: datetime, zone: str = "", platform: str = "") -> Report:
        """Everything about a period on the clock of `zone`; raises `Unavailable` when the worker fails.

        `platform` is a slug, or empty for all networks.
        """
        read = await self._read(since, until, zone or self._zone, platform)
        key = await asyncio.to_thread(_version, read.material)
        async with self._turn:
            if key not in self._kept:
                reading = await self._workers.run(read_numbers, read.material)
                self._kept[key] = (reading, await self._keep(reading.drawing))
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            reading, picture = self._kept[key]
        made = Report(
            since=since,
            until=until,
            zone=read.material.zone,
            platform=platform,
            posts=reading.posts,
            sentences=reading.sentences,
            findings=reading.findings,
            planned=read.planned,
            waiting=read.waiting,
            moods=read.moods,
            gaps=read.gaps,
            picture=picture,
        )
        self._newest = made if not platform else self._newest
        return made

    async def bare(self, days: int = DAYS, *, zone: str = "") -> Report:
        """The same without charts and claims, for a morning on which the worker fails again and again."""
        since, until = self._period(days, zone)
        read = await self._read(since, until, zone or self._zone, "")
        return Report(
            since=since,
            until=until,
            zone=read.material.zone,
            posts=sum(p.latest is not None for p in read.material.posts),
            sentences=(UNREAD,),
            planned=read.planned,
            waiting=read.waiting,
            moods=read.moods,
            gaps=read.gaps,
        )

    def _period(self, days: int, zone: str) -> tuple[datetime, datetime]:
        now, where = self._clock.now(), ZoneInfo(zone or self._zone)
        first = now.astimezone(where).date() - timedelta(days=days)
        return midnight(first, where), now

    async def _read(self, since: datetime, until: datetime, zone: str, platform: str) -> _Read:
        period = _Period(since=since, until=until, zone=zone, platform=platform)
        return await self._store.read(lambda tx: self._gather(tx, period))

    def _gather(self, tx: Transaction, period: _Period) -> _Read:
        everybody = tx.accounts.list()
        accounts = [a for a in in_use(everybody, self._practice) if period.platform in {"", a.platform}]
        ids = {a.id for a in accounts}
        material = self._material(tx, accounts, period)
        moods = _moods(tx, ids, period, everybody)
        return _Read(
            material=material,
            planned=standing.planned(tx, ids, self._labels, period.zone),
            waiting=standing.waiting(tx, ids, self._labels, period.zone),
            moods=moods if moods.total else None,
            gaps=standing.gaps(accounts, material.posts, self._labels),
        )

    def _material(self, tx: Transaction, accounts: Sequence[Account], period: _Period) -> Material:
        since, until, platform = period.since, period.until, period.platform
        where, ids = ZoneInfo(period.zone), {a.id for a in accounts}
        first, last = since.astimezone(where).date(), until.astimezone(where).date() - timedelta(days=1)
        earlier = midnight(first - ((last - first) + timedelta(days=1)), where)
        posts = tx.metrics.posts(since=since, until=until, platform=platform, limit=_MOST_POSTS)
        top = self._top(tx, ids, period)
        return Material(
            first=first,
            last=max(first, last),
            now=until.replace(minute=0, second=0, microsecond=0),
            today=(until - timedelta(microseconds=1)).astimezone(where).date(),
            zone=period.zone,
            labels=self._labels,
            accounts=tuple(_row(tx, a, until) for a in accounts),
            posts=tuple(p for p in posts if p.account_id in ids),
            hours=tuple(
                h for h in tx.metrics.hours(since=earlier, until=until, platform=platform) if h.account_id in ids
            ),
            slots=tuple(
                s for s in tx.metrics.slots(since=since, until=until, platform=platform) if s.account_id in ids
            ),
            top=top,
        )

    @staticmethod
    def _top(tx: Transaction, ids: Collection[AccountId], period: _Period) -> tuple[MeasuredPost, ...]:
        """The best of these accounts; looked for among all only where others stand before them."""
        found: list[MeasuredPost] = []
        for most in (_TOP, _MOST_POSTS):
            best = tx.metrics.top(since=period.since, until=period.until, platform=period.platform, limit=most)
            found = [p for p in best if p.account_id in ids]
            if len(found) == len(best):
                break
        return tuple(found[:_TOP])

    async def _keep(self, drawing: Drawing | None) -> Picture | None:
        if drawing is None:
            return None
        digest = Digest(await self._files.put(drawing.png))
        item = MediaItem(
            digest=digest, mime="image/png", width=drawing.width, height=drawing.height, size=len(drawing.png)
        )
        now = self._clock.now()
        await self._store.write(lambda tx: tx.media.put(item, at=now))
        return Picture(item=item, alt=drawing.alt)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a local day begins, as an instant in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _version(material: Material) -> str:
    """The same for the same numbers, in whatever process they are read."""
    return hashlib.sha256(repr(material).encode()).hexdigest()


def _row(tx: Transaction, account: Account, until: datetime) -> AccountRow:
    history = tx.metrics.account_history(account.id, since=until - _STANDING)
    followers = next((m.followers for m in reversed(history) if m.followers is not None), None)
    return AccountRow(id=account.id, platform=account.platform, handle=account.handle, followers=followers)


def _moods(tx: Transaction, ids: Collection[AccountId], period: _Period, everybody: Sequence[Account]) -> Moods:
    """Counted by the store, or by hand where accounts that take no part have answers too."""
    since, until, platform = period.since, period.until, period.platform
    if all(a.id in ids for a in everybody if platform in {"", a.platform}):
        return tx.comments.moods(since=since, until=until, platform=platform)
    rows = tx.comments.list(since=since, platform=platform, limit=_MOST_POSTS)
    found = [c.mood for c in rows if c.account_id in ids and c.comment.at < until]
    read = [m for m in found if m is not None]
    warm, critical = sum(m > WARM for m in read), sum(m < CRITICAL for m in read)
    return Moods(warm=warm, critical=critical, neutral=len(read) - warm - critical, unread=len(found) - len(read))
