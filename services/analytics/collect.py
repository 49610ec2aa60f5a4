"""Reads the numbers of what is live when they are due, account by account, so that a failed one never hides others."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import structlog

from services.analytics.keeping import claim, is_new, keep_past, keep_standing, put_off, settle
from services.domain.account import PracticeMode
from services.domain.delivery import Receipt
from services.domain.errors import DeskError, NeedsReauth, Refused, Unavailable
from services.domain.events import NumbersChanged
from services.domain.metrics import AccountMetrics

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from services.domain.ids import AccountId
    from services.domain.metrics import Comment, MeasuredPost, PastPost, PostMetrics
    from services.ports.bus import EventBus
    from services.ports.clock import Clock
    from services.ports.platform import Roles
    from services.ports.storage import Store, Transaction

T = TypeVar("T")
_log = structlog.get_logger(__name__)
POSTS_PER_CALL: Final = 20
HISTORY: Final = timedelta(weeks=6)
HISTORY_POSTS: Final = 200
STANDING_EVERY: Final = timedelta(days=1)
ANSWERS_UNTIL: Final = timedelta(days=7)
"""A post's age from which its answers are no longer read."""
ARRIVES_WITHIN: Final = timedelta(days=2)
"""How long after it was written an answer may reach us: for about so long a server that was down is told again."""
ANSWERS_OF_HISTORY: Final = 20
"""Imported posts whose answers are read at once."""
_QUIET: Final = timedelta(hours=1)
_UNFORESEEN: Final = "Something unforeseen went wrong while its numbers were read."


class Connections(Protocol):
    """Opens accounts for use; the accounts use case implements it."""

    async def open(self, account_id: AccountId) -> Roles:
        """The account's roles with fresh credentials."""
        ...

    async def refresh(self, account_id: AccountId) -> None:
        """Force a refresh of its credentials."""
        ...


class Answers(Protocol):
    """Keeps what people said; the engagement engine implements it."""

    async def keep(self, post: MeasuredPost, comments: Sequence[Comment]) -> int:
        """Store those not kept yet; gives how many."""
        ...


class Collector:
    """Works on rows with claims, so that a restart loses nothing and two rounds never read the same post."""

    def __init__(  # noqa: PLR0917 - one place puts it together
        self,
        store: Store,
        connections: Connections,
        answers: Answers,
        bus: EventBus,
        clock: Clock,
        practice: PracticeMode = PracticeMode.AUTO,
    ) -> None:
        """Nothing is read before the first round."""
        self._store = store
        self._connections = connections
        self._answers = answers
        self._bus = bus
        self._clock = clock
        self._practice = practice
        self._importing = asyncio.Lock()
        self._quiet: dict[AccountId, datetime] = {}
        """Accounts whose own numbers could not be read, and until when they are left alone."""

    async def round(self) -> int:
        """Read what is due now, at most `POSTS_PER_ROUND` posts; gives how many posts were looked after."""
        now = self._clock.now()
        posts, accounts = await self._store.write(partial(claim, now=now, practice=self._practice))
        mine: dict[AccountId, list[MeasuredPost]] = defaultdict(list)
        for post in posts:
            mine[post.account_id].append(post)
        await asyncio.gather(*(self._account(account.id, mine[account.id]) for account in accounts))
        return len(posts)

    async def import_history(self, account_id: AccountId) -> int:
        """Follow what the account said in the last six weeks, once; gives how many posts are new to the desk.

        The account's first standing is stored with them and so remembers that this was done.
        """
        async with self._importing:
            if not await self._store.read(lambda tx: is_new(tx, account_id)):
                return 0
            try:
                past, standing = await self._ask(account_id, self._past)
            except DeskError as error:
                self._leave_alone(account_id, error)
                return 0
            now = self._clock.now()
            added = await self._store.write(lambda tx: keep_past(tx, account_id, past, standing, now))
        self._bus.publish(NumbersChanged(account_id=account_id))
        fresh = sorted(filter(partial(_answers_wanted, now), added), key=lambda p: p.published_at, reverse=True)
        await self._read_answers(account_id, fresh[:ANSWERS_OF_HISTORY])
        return len(added)

    async def _past(self, roles: Roles) -> tuple[Sequence[PastPost], AccountMetrics]:
        now = self._clock.now()
        past: Sequence[PastPost] = ()
        if roles.history is not None:
            try:
                past = await roles.history.past_posts(now - HISTORY, limit=HISTORY_POSTS)
            except Refused as refusal:
                _log.info("an account's history can't be read", reason=refusal.message)
        return past, await roles.metrics.account_metrics() if roles.metrics else AccountMetrics(at=now)

    async def _account(self, account_id: AccountId, posts: Sequence[MeasuredPost]) -> None:
        """All that one account needs; whatever goes wrong stays here."""
        for work in (partial(self._standing, account_id), partial(self._sample, account_id, posts)):
            try:
                await work()
            except Exception:  # noqa: BLE001 - one account must not hide the others, nor its followers its posts
                _log.exception("an account's numbers could not be collected", account_id=account_id)

    async def _standing(self, account_id: AccountId) -> None:
        """Once a day, and first of all the history."""
        now = self._clock.now()
        if self._quiet.get(account_id, now) > now:
            return
        if await self._store.read(lambda tx: bool(tx.metrics.account_history(account_id, since=now - STANDING_EVERY))):
            return
        if await self._store.read(lambda tx: is_new(tx, account_id)):
            await self.import_history(account_id)
            return
        try:
            standing = await self._ask(account_id, _read_standing)
        except DeskError as error:
            self._leave_alone(account_id, error)
            return
        found = standing or AccountMetrics(at=now)
        await self._store.write(lambda tx: keep_standing(tx, account_id, found))
        self._bus.publish(NumbersChanged(account_id=account_id))

    def _leave_alone(self, account_id: AccountId, error: DeskError) -> None:
        until = getattr(error, "until", None) or self._clock.now() + _QUIET
        self._quiet[account_id] = until
        _log.info("an account's numbers can't be read", account_id=account_id, reason=error.message)

    async def _sample(self, account_id: AccountId, posts: Sequence[MeasuredPost]) -> None:
        """Counters in batches, then answers; after a failure the rest of the account waits with its reason."""
        sampled: list[MeasuredPost] = []
        for start in range(0, len(posts), POSTS_PER_CALL):
            batch = posts[start : start + POSTS_PER_CALL]
            try:
                found = await self._ask(account_id, partial(_read_counters, batch))
            except DeskError as error:
                await self._put_off(posts[start:], error)
                break
            except Exception:
                await self._put_off(posts[start:], Unavailable(_UNFORESEEN))
                raise
            now = self._clock.now()
            sampled += await self._store.write(partial(settle, batch=batch, found=found, now=now))
        if sampled:
            self._bus.publish(NumbersChanged(account_id=account_id))
            now = self._clock.now()
            await self._read_answers(account_id, [post for post in sampled if _answers_wanted(now, post)])

    async def _put_off(self, posts: Sequence[MeasuredPost], error: DeskError) -> None:
        now = self._clock.now()
        await self._store.write(lambda tx: put_off(tx, posts, error, now))

    async def _read_answers(self, account_id: AccountId, posts: Sequence[MeasuredPost]) -> None:
        """One call a post; the first that fails ends it, and the next sample catches up.

        A network may refuse them for one post alone, as for a story; that hides no other's.
        """
        kept = 0
        try:
            for post in posts:
                since = await self._store.read(partial(_unheard_since, post, self._clock.now()))
                try:
                    comments = await self._ask(account_id, partial(_read_comments, post, since))
                except Refused as refusal:
                    _log.info("a post's answers can't be read", post=post.remote_id, reason=refusal.message)
                    continue
                kept += await self._answers.keep(post, comments) if comments else 0
        except DeskError as error:
            _log.info("answers can't be read", account_id=account_id, reason=error.message)
        if kept:
            self._bus.publish(NumbersChanged(account_id=account_id))

    async def _ask(self, account_id: AccountId, question: Callable[[Roles], Awaitable[T]]) -> T:
        """Once more with fresh credentials when only they were too old."""
        try:
            return await question(await self._connections.open(account_id))
        except NeedsReauth as error:
            if not error.refreshable:
                raise
        await self._connections.refresh(account_id)
        return await question(await self._connections.open(account_id))


def _answers_wanted(now: datetime, post: MeasuredPost) -> bool:
    """Young enough, and not known to have none."""
    return now - post.published_at < ANSWERS_UNTIL and (post.latest is None or post.latest.comments != 0)


def _unheard_since(post: MeasuredPost, now: datetime, tx: Transaction) -> datetime | None:
    """From when on there may be answers not kept yet; their authors' clocks say when, and some are wrong."""
    latest = tx.comments.latest(post.id)
    return None if latest is None else min(latest, now) - ARRIVES_WITHIN


async def _read_standing(roles: Roles) -> AccountMetrics | None:
    return await roles.metrics.account_metrics() if roles.metrics else None


async def _read_counters(batch: Sequence[MeasuredPost], roles: Roles) -> Mapping[str, PostMetrics] | None:
    """By remote id; None when the network gives none at all."""
    if roles.metrics is None:
        return None
    found = await roles.metrics.post_metrics([_receipt(post) for post in batch])
    return {one.remote_id: one for one in found}


async def _read_comments(post: MeasuredPost, since: datetime | None, roles: Roles) -> Sequence[Comment]:
    return await roles.comments.comments(_receipt(post), since) if roles.comments else ()


def _receipt(post: MeasuredPost) -> Receipt:
    return Receipt(part=0, remote_id=post.remote_id, url=post.url, at=post.published_at, extra=post.extra)
