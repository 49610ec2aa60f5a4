"""Everything the practice networks share while they run, in one bundle."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from bot.practice import history, identity
from bot.practice.audience import DAY, followers
from bot.practice.book import Book
from bot.practice.calls import Calls
from bot.practice.faults import Faults
from bot.practice.kinds import Network
from bot.practice.media import Shelf
from bot.practice.posts import Post, Posts

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from starlette.requests import Request

    from bot.practice.identity import Identity, Person
    from bot.practice.settings import PracticeSettings


@dataclass(slots=True, kw_only=True)
class Software:
    """What the stand-ins pretend to be; the control API switches it."""

    gotosocial: bool = False
    v2_instance: bool = True
    linkedin_partner: bool = False
    """Whether LinkedIn counts the desk's app among those whose tokens can be renewed."""


@dataclass(slots=True, kw_only=True)
class Creator:
    """What the account and the app are like on the TikTok stand-in; the control API switches it."""

    audited: bool = True
    """Whether the app may post for accounts that are not private, and for others than oneself to see."""
    verified_domain: bool = True
    """Whether the place that photos are fetched from is proved to be the developer's."""
    lists_photos: bool = True
    """Whether photo posts are among the account's videos."""
    private: bool = False
    comments_off: bool = False
    duets_off: bool = False
    stitches_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The shared state of the practice networks."""

    settings: PracticeSettings
    book: Book
    identity: Identity
    posts: Posts
    shelf: Shelf
    faults: Faults
    calls: Calls
    people: dict[str, Person]
    software: Software = field(default_factory=Software)
    creator: Creator = field(default_factory=Creator)

    @property
    def now(self) -> Callable[[], datetime]:
        """The clock."""
        return self.settings.now

    def url(self, post: Post) -> str:
        """The page on which people see a post."""
        if post.network is Network.MASTODON:
            return f"{self.settings.root}/mastodon/@{self.author(post).acct}/{post.id}"
        if post.network is Network.X:
            return f"{self.settings.root}/x/{self.author(post).name}/status/{post.id}"
        if post.network is Network.LINKEDIN:
            query = f"?commentUrn={quote(post.id, safe='')}" if post.parent else ""
            return f"{self.settings.root}/linkedin/feed/update/{post.root or post.id}/{query}"
        if post.network is Network.THREADS:
            return f"{self.settings.root}/threads/@{self.author(post).name}/post/{post.id}"
        if post.network is Network.FACEBOOK:
            return f"{self.settings.root}/facebook/{post.id}"
        if post.network is Network.INSTAGRAM:
            return f"{self.settings.root}/instagram/p/{post.id}/"
        if post.network is Network.TIKTOK:
            return f"{self.settings.root}/tiktok/@{self.author(post).name}/video/{post.id}"
        rkey = post.id.rsplit("/", 1)[-1]
        return f"{self.settings.root}/bluesky/profile/{self.author(post).bluesky_handle}/post/{rkey}"

    def author(self, post: Post) -> Person:
        """The person who wrote a post."""
        return self.people[post.author]

    def followers(self, network: Network) -> int:
        """How many follow the desk's account by now."""
        lived = (self.now() - self.identity.born_at).total_seconds() * self.settings.pace / DAY
        days = self.settings.history_weeks * 7 + max(lived, 0.0)
        return followers(
            network, audience_days=days, likes=self.posts.likes_earned(network, self.identity.author(network))
        )


def build(settings: PracticeSettings) -> World:
    """Open practice.db, with accounts and history in it, and gather the parts around it."""
    book = Book(settings.database)
    account = identity.load(book, settings.now())
    posts, shelf = Posts(book, settings), Shelf(book)
    with book.together():
        fresh = [network for network in Network if book.recall(_seeded(network)) is None]
        for network in fresh:
            history.seed(network, posts, shelf, account, settings)
        for network in fresh:
            book.remember(_seeded(network), "seeded")
    people = {}
    for one in identity.everyone(account):
        people[one.mastodon_id] = one
        people[one.did] = one
        people[one.member_urn] = one
    people[account.page_urn] = people[account.did]

    return World(
        settings=settings,
        book=book,
        identity=account,
        posts=posts,
        shelf=shelf,
        faults=Faults(),
        calls=Calls(),
        people=people,
    )


def _seeded(network: Network) -> str:
    """Under what it is kept that a network has its history; the first two got theirs together."""
    return "history" if network in {Network.MASTODON, Network.BLUESKY} else f"history {network}"


def world_of(request: Request) -> World:
    """The bundle the app of this request was built with."""
    return cast("World", request.app.state.world)
