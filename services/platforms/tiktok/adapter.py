"""Puts the roles of one TikTok account together, and proves its token by reading."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from services.domain.account import Dedupe, Identity
from services.domain.errors import InvalidInput
from services.oauth import moment_of
from services.platforms.tiktok.audience import TikTokMetrics
from services.platforms.tiktok.client import TikTokClient
from services.platforms.tiktok.following import Following
from services.platforms.tiktok.options import COMMENTS, DUETS, PRIVACY, STITCHES
from services.platforms.tiktok.place import DEFAULT_BASE_URL, Place
from services.platforms.tiktok.publisher import TikTokPublisher
from services.platforms.tiktok.rules import LIMITS, MOST_SECONDS
from services.platforms.tiktok.tokens import ENDS, LIFE, NEEDED, UNTIL, TikTokRefresher
from services.ports.platform import Roles
from services.text import tidy_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.domain.account import Limits
    from services.platforms.tiktok.models import WireCreator
    from services.ports.platform import Connection

WHERE: Final = (
    "Sign the account in for your app at TikTok for Developers (developers.tiktok.com), with user.info.basic, "
    "user.info.stats, video.list and video.publish."
)
_OFF: Final = ("",)
_PASSING: Final = (
    "Its token ends within a day and can't be renewed. Connect it again with /desk connect tiktok, or give "
    "refresh_token, client_key and client_secret too."
)


def connect(connection: Connection) -> Roles:
    """All roles of one account; raises `InvalidInput` when the token can't be one."""
    account, credentials = connection.account, connection.credentials
    place = Place(base_url=connection.base_url or DEFAULT_BASE_URL, handle=account.handle if account else "")
    refreshable = all(credentials.get(name) for name in NEEDED)
    client = TikTokClient(
        http=connection.http,
        clock=connection.clock,
        place=place,
        token=_token(credentials.get("access_token", "")),
        refreshable=refreshable and account is not None,
        extra_headers=connection.extra_headers,
    )
    following = Following(client=client)
    return Roles(
        verifier=TikTokVerifier(client=client, reached=connection.pictures is not None, refreshable=refreshable),
        publisher=TikTokPublisher(
            client=client,
            following=following,
            limits=account.limits if account else LIMITS,
            pictures=connection.pictures,
            pieces=connection.pieces,
        ),
        watcher=following,
        finder=following,
        metrics=TikTokMetrics(client=client),
        refresher=_refresher(connection, place, credentials) if refreshable else None,
        ends_at=moment_of(credentials.get(UNTIL, "")) if refreshable else None,
    )


def _refresher(connection: Connection, place: Place, credentials: Mapping[str, str]) -> TikTokRefresher:
    return TikTokRefresher(
        http=connection.http,
        base_url=place.base_url,
        credentials=credentials,
        clock=connection.clock,
        extra_headers=connection.extra_headers,
    )


def _token(given: str) -> str:
    clean = given.strip().removeprefix("Bearer ").strip()
    if not clean or not clean.isascii() or not clean.isprintable() or " " in clean:
        raise InvalidInput("This is not an access token.", next_step=WHERE, field="access_token")
    return clean


@dataclass(frozen=True, slots=True, kw_only=True)
class TikTokVerifier:
    """`Verifier`: who we are, that we may publish, and what this creator may choose."""

    client: TikTokClient
    reached: bool
    """Whether TikTok can fetch photos from the desk."""
    refreshable: bool

    async def verify(self) -> Identity:
        """See `Verifier.verify`; a pasted token lives a day from now at the most."""
        creator = await self.client.creator()
        me = await self.client.user("open_id,display_name", scope="user.info.basic")
        handle = tidy_sentence(creator.username, 50)
        return Identity(
            remote_id=me.open_id or handle,
            handle=handle,
            name=tidy_sentence(creator.nickname or me.name, 100) or handle,
            dedupe=Dedupe.STATUS,
            limits=limits_of(creator, reached=self.reached),
            base_url=self.client.place.base_url,
            credentials={ENDS: (self.client.clock.now() + LIFE).isoformat()} if self.refreshable else {},
            advice="" if self.refreshable else _PASSING,
        )


def limits_of(creator: WireCreator, *, reached: bool) -> Limits:
    """What this creator may post, and choose, where that is less than TikTok knows."""
    assert LIMITS.video is not None
    longest = min(creator.seconds or MOST_SECONDS, MOST_SECONDS)
    closed = ((COMMENTS, creator.comments_off), (DUETS, creator.duets_off), (STITCHES, creator.stitches_off))
    return replace(
        LIMITS,
        images=LIMITS.images if reached else 0,
        video=replace(LIMITS.video, seconds=(0.0, float(longest))),
        choices=((PRIVACY, creator.levels), *((name, _OFF) for name, off in closed if off)),
    )
