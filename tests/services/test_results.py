"""The numbers of a period, read in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from services.domain.account import PracticeMode
from services.domain.ids import AccountId, PlatformSlug
from services.domain.metrics import AccountMetrics
from services.results import MOST_COMMENTS, MOST_POSTS, Numbers, Standing, read_numbers
from tests.builders import NOW, an_account
from tests.fakes.results import a_comment, a_measured_post, a_standing

if TYPE_CHECKING:
    from datetime import datetime

    from services.domain.account import Account
    from services.domain.metrics import MeasuredPost, StoredComment
    from services.ports.storage import Transaction

DAY = timedelta(days=1)


@dataclass
class Measured:
    """`MetricsRepository`, as far as a page reads it."""

    kept: list[MeasuredPost]
    history: dict[AccountId, list[AccountMetrics]] = field(default_factory=dict)

    def posts(
        self, *, since: datetime, until: datetime | None = None, platform: str = "", limit: int = 1000
    ) -> list[MeasuredPost]:
        return [
            p
            for p in self.kept
            if since <= p.published_at and (until is None or p.published_at < until) and platform in {"", p.platform}
        ][:limit]

    def account_history(self, account_id: AccountId, *, since: datetime) -> list[AccountMetrics]:
        return [m for m in self.history.get(account_id, []) if m.at >= since]


@dataclass
class Answered:
    """`CommentRepository`, as far as a page reads it."""

    kept: list[StoredComment]

    def list(self, *, since: datetime, platform: str = "", limit: int = 50) -> list[StoredComment]:
        return [c for c in self.kept if c.comment.at >= since and platform in {"", c.platform}][:limit]


@dataclass
class Connected:
    """`AccountRepository`, as far as a page reads it."""

    kept: list[Account]

    def list(self) -> list[Account]:
        return self.kept


@dataclass
class Reading:
    """A transaction of these three."""

    metrics: Measured
    comments: Answered
    accounts: Connected

    @property
    def tx(self) -> Transaction:
        return cast("Transaction", self)


MASTODON = an_account(id=AccountId("acc-m"))
BLUESKY = an_account(id=AccountId("acc-b"), platform=PlatformSlug("bluesky"))


def reading(posts: int = 1, history: dict[AccountId, list[AccountMetrics]] | None = None) -> Transaction:
    kept = [a_measured_post(f"post {n}") for n in range(posts)]
    return Reading(Measured(kept, history or {}), Answered([a_comment("Yes", 0.5)]), Connected([MASTODON, BLUESKY])).tx


def at(days: int, followers: int | None) -> AccountMetrics:
    return AccountMetrics(at=NOW + days * DAY, followers=followers)


def test_a_standing_is_the_first_and_the_last_of_the_period() -> None:
    history = {MASTODON.id: [at(-9, 1), at(-3, 10), at(-2, 12), at(-1, 15), at(1, 99)]}
    found = read_numbers(reading(history=history), since=NOW - 5 * DAY, until=NOW)
    assert [(s.account.id, s.gained) for s in found.standings] == [("acc-m", 5), ("acc-b", None)]


def test_one_measurement_is_no_gain() -> None:
    assert Standing(account=MASTODON, first=at(0, 5), last=at(0, 5)).gained is None
    assert a_standing(5, None).gained is None
    assert a_standing(7, 5).gained == -2


def test_one_network_alone() -> None:
    found = read_numbers(reading(), since=NOW - 5 * DAY, until=NOW, platform="bluesky")
    assert (found.posts, found.comments) == ((), ())
    assert [s.account.id for s in found.standings] == ["acc-b"]
    assert found.followed


def test_nothing_was_ever_followed() -> None:
    assert not read_numbers(reading(0), since=NOW - 5 * DAY, until=NOW).followed


def test_more_than_a_page_is_said() -> None:
    found = read_numbers(reading(MOST_POSTS + 1), since=NOW - 5 * DAY, until=NOW)
    assert (len(found.posts), found.cut) == (MOST_POSTS, True)


def test_practice_numbers_never_stand_among_real_ones() -> None:
    stand_in = an_account(id=AccountId("acc-p"), practice=True)
    practised = [replace(a_measured_post(f"post {n}"), account_id=stand_in.id) for n in range(MOST_POSTS + 1)]
    said = replace(a_comment("Practised", 0.5), account_id=stand_in.id)
    answers = Answered([*[said] * (MOST_COMMENTS + 1), replace(a_comment("Yes", 0.5), account_id=MASTODON.id)])

    def numbers(*posts: MeasuredPost) -> Numbers:
        tx = Reading(Measured([*practised, *posts]), answers, Connected([stand_in, MASTODON])).tx
        return read_numbers(tx, since=NOW - 5 * DAY, until=NOW, practice=PracticeMode.AUTO)

    real = replace(a_measured_post("real"), account_id=MASTODON.id)
    found = numbers(real)
    assert (found.posts, found.cut, found.followed) == ((real,), False, True)
    assert [c.comment.text for c in found.comments] == ["Yes"]
    assert [s.account.id for s in found.standings] == ["acc-m"]
    assert not numbers().followed
