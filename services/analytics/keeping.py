"""What collecting does to rows, each function one transaction's worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from services.analytics.schedule import DISCONNECTED, GONE, NO_NUMBERS, Next, after_failure, after_sample, behind, due
from services.domain.account import in_use
from services.domain.metrics import AccountMetrics, MeasuredPost, PostOrigin, post_id, sound, sound_count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.domain.account import Account, PracticeMode
    from services.domain.errors import DeskError
    from services.domain.ids import AccountId
    from services.domain.metrics import PastPost, PostMetrics
    from services.ports.storage import Transaction

POSTS_PER_ROUND: Final = 40
"""Bounds the calls of a round: a read of counters for every 20 of them, and at most one of answers each."""
LEASE: Final = timedelta(minutes=10)
UNUSED_FOR: Final = timedelta(hours=6)
"""How long a post rests whose account takes no part now."""
_BEFORE_ALL: Final = datetime(1970, 1, 1, tzinfo=UTC)


def claim(
    tx: Transaction, *, now: datetime, practice: PracticeMode
) -> tuple[Sequence[MeasuredPost], Sequence[Account]]:
    """What is due of the accounts that take part; posts of the others rest or end."""
    everybody = tx.accounts.list()
    here = in_use(everybody, practice)
    known, used = {account.id for account in everybody}, {account.id for account in here}
    mine: list[MeasuredPost] = []
    for post in tx.metrics.claim_due(now=now, owner="collector", lease_until=now + LEASE, limit=POSTS_PER_ROUND):
        if post.account_id in used:
            mine.append(post)
        elif post.account_id in known:
            rest = Next(next_at=now + UNUSED_FOR, taken=post.taken, attempts=post.attempts, gap=post.gap)
            _reschedule(tx, post, rest)
        else:
            _reschedule(tx, post, Next(next_at=None, taken=post.taken, gap=DISCONNECTED))
    return mine, here


def is_new(tx: Transaction, account_id: AccountId) -> bool:
    """Whether the account is connected and nothing was ever read of it."""
    return tx.accounts.get(account_id) is not None and not tx.metrics.account_history(account_id, since=_BEFORE_ALL)


def keep_past(
    tx: Transaction, account_id: AccountId, past: Sequence[PastPost], standing: AccountMetrics, now: datetime
) -> Sequence[MeasuredPost]:
    """Follow what was found, with the standing that says so; gives those that were not followed yet."""
    account = tx.accounts.get(account_id)
    if account is None:
        return ()
    keep_standing(tx, account_id, standing)
    return [post for post in (_followed(account, one, now) for one in past) if tx.metrics.add(post)]


def keep_standing(tx: Transaction, account_id: AccountId, standing: AccountMetrics) -> None:
    """How an account stands, as far as it can be."""
    followers, posts = sound_count(standing.followers), sound_count(standing.posts)
    tx.metrics.record_account(account_id, AccountMetrics(at=standing.at, followers=followers, posts=posts))


def _followed(account: Account, past: PastPost, now: datetime) -> MeasuredPost:
    taken = behind(past.at, now)
    return MeasuredPost(
        id=post_id(account.id, past.remote_id),
        account_id=account.id,
        platform=account.platform,
        remote_id=past.remote_id,
        url=past.url,
        text=past.text,
        pictures=past.pictures,
        published_at=past.at,
        origin=PostOrigin.HISTORY,
        extra=past.extra,
        latest=sound(past.metrics),
        next_at=due(past.at, taken),
        taken=taken,
    )


def settle(
    tx: Transaction, *, batch: Sequence[MeasuredPost], found: Mapping[str, PostMetrics] | None, now: datetime
) -> Sequence[MeasuredPost]:
    """Record what was found; gives the posts with their new counters."""
    sampled: list[MeasuredPost] = []
    for post in batch:
        metrics = None if found is None else found.get(post.remote_id)
        if metrics is None:
            gap = NO_NUMBERS if found is None else GONE
            _reschedule(tx, post, Next(next_at=None, taken=post.taken, gap=gap))
            continue
        latest = sound(metrics)
        tx.metrics.record(post.id, latest)
        _reschedule(tx, post, after_sample(post, now))
        sampled.append(replace(post, latest=latest))
    return sampled


def put_off(tx: Transaction, posts: Sequence[MeasuredPost], error: DeskError, now: datetime) -> None:
    """None of them could be read."""
    for post in posts:
        _reschedule(tx, post, after_failure(post, error, now))


def _reschedule(tx: Transaction, post: MeasuredPost, plan: Next) -> None:
    tx.metrics.reschedule(post.id, next_at=plan.next_at, taken=plan.taken, attempts=plan.attempts, gap=plan.gap)
