"""Puts the roles of one professional account together, under either of the two products that let a program in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from services.domain.account import Dedupe, Identity, Limits, VideoLimits
from services.domain.errors import InvalidInput, Refused
from services.graph.client import GraphClient, access_token, segment, text, unversioned, versioned
from services.graph.containers import Containers
from services.graph.errors import Denied, Gone
from services.graph.moderation import GraphHider
from services.graph.publishing import ContainerPublisher, Dialect
from services.graph.sending import DOOR, Sender
from services.graph.tokens import ENDS, SEEN, LongLivedToken
from services.graph.usage import daily_posts
from services.oauth import moment_of
from services.pieces import no_pieces
from services.platforms.instagram.audience import (
    InstagramComments,
    InstagramHistory,
    InstagramMetrics,
    InstagramReplier,
    Ours,
)
from services.platforms.instagram.choices import is_story
from services.platforms.instagram.composing import Composer
from services.ports.platform import Roles
from services.text import tidy_sentence

if TYPE_CHECKING:
    from services.domain.delivery import Receipt
    from services.ports.platform import Connection

DEFAULT_BASE_URL: Final = "https://graph.instagram.com"
"""Instagram Login, which needs no Page."""
FACEBOOK_HOST: Final = "graph.facebook.com"
"""Facebook Login, for an account that is linked to a Page."""
_FACEBOOK_TOKEN: Final = "EAA"  # noqa: S105 - how such tokens begin
VERSION: Final = "v26.0"
LABEL: Final = "Instagram"
WHERE: Final = (
    "Make one in your Meta app (Instagram, API setup with Instagram login) with instagram_business_basic and "
    "instagram_business_content_publish."
)
LIMITS: Final = Limits(
    text=2200,
    unit="characters",
    images=10,
    mixed=10,
    image_bytes=8_000_000,
    image_types=("image/jpeg",),
    image_ratio=(0.8, 1.91),
    thread_parts=1,
    video=VideoLimits(
        size=300_000_000,
        types=("video/mp4", "video/quicktime"),
        seconds=(3.0, 900.0),
        ratio=(0.01, 10.0),
        width=1920,
        frame_rate=(23.0, 60.0),
        codecs=("h264", "hevc"),
        audio=("aac",),
        streamable=True,
    ),
)
"""What the documents say; the network tells none of it."""


def connect(connection: Connection) -> Roles:
    """All roles of one account; raises `InvalidInput` when the token or the id can't be one."""
    account, credentials = connection.account, connection.credentials
    token = access_token(credentials.get("access_token", ""), WHERE)
    base_url = _base_url(connection.base_url or DEFAULT_BASE_URL, token)
    client = GraphClient(
        http=connection.http,
        clock=connection.clock,
        label=LABEL,
        root=versioned(base_url, VERSION),
        token=token,
        extra_headers=connection.extra_headers,
    )
    user_id, handle = _user_id(credentials.get("user_id", "")), account.handle if account else ""
    by_facebook = _by_facebook(base_url, token)
    sender = Sender(client=client, pieces=connection.pieces or no_pieces) if by_facebook else None
    publisher = ContainerPublisher(
        client=client,
        containers=Containers(
            client=client, edge="media", state_field="status_code", reason_field="status", as_json=True
        ),
        dialect=Dialect(publish="media_publish", words="caption", home=f"https://www.instagram.com/{handle}"),
        user_id=user_id,
        compose=Composer(
            limits=account.limits if account else LIMITS, pictures=connection.pictures, takes_bytes=sender is not None
        ).compose,
        listing=lambda part: "stories" if is_story(part.options) else "media",
        shown_words=lambda part: "" if is_story(part.options) else part.text,
        sender=sender,
        upload_root=f"{DOOR}/ig-api-upload/{VERSION}",
    )
    ours = Ours(user_id=user_id, handle=handle)
    metrics = InstagramMetrics(client=client, user_id=user_id)
    unreached = replace(LIMITS, images=0, mixed=0, video=LIMITS.video if by_facebook else None)
    return Roles(
        verifier=InstagramVerifier(
            client=client, user_id=user_id, base_url=base_url, limits=LIMITS if connection.pictures else unreached
        ),
        publisher=publisher,
        finder=publisher,
        deleter=InstagramDeleter(client=client),
        metrics=metrics,
        comments=InstagramComments(client=client, ours=ours),
        history=InstagramHistory(client=client, metrics=metrics, publisher=publisher),
        replier=InstagramReplier(client=client, ours=ours),
        hider=GraphHider(client=client, name="hide"),
        refresher=None if by_facebook else _refresher(connection, client, base_url),
        ends_at=moment_of(credentials.get(ENDS, "")),
    )


def _base_url(base_url: str, token: str) -> str:
    """A token of Facebook Login is good at Facebook's host only, wherever nobody said otherwise."""
    if base_url == DEFAULT_BASE_URL and token.startswith(_FACEBOOK_TOKEN):
        return f"https://{FACEBOOK_HOST}"
    return base_url


def _by_facebook(base_url: str, token: str) -> bool:
    """Whether it is Facebook Login, which takes the bytes of videos and renews no tokens."""
    return urlsplit(base_url).hostname == FACEBOOK_HOST or token.startswith(_FACEBOOK_TOKEN)


def _refresher(connection: Connection, client: GraphClient, base_url: str) -> LongLivedToken:
    """Instagram Login renews its tokens; those of Facebook Login come from a Page and have no end of their own."""
    return LongLivedToken(
        client=replace(client, root=unversioned(base_url)),
        grant="ig_refresh_token",
        credentials=connection.credentials,
    )


def _user_id(given: str) -> str:
    clean = given.strip()
    if not clean.isdigit():
        raise InvalidInput(
            "user_id must be the professional account's number.",
            next_step="It stands beside the token in the Meta app.",
            field="user_id",
        )
    return clean


@dataclass(frozen=True, slots=True, kw_only=True)
class InstagramVerifier:
    """`Verifier`: who we are, and by asking for what is left of a day's posts, that we may publish."""

    client: GraphClient
    user_id: str
    base_url: str
    limits: Limits

    async def verify(self) -> Identity:
        """See `Verifier.verify`."""
        try:
            me = await self.client.get(segment(self.user_id), {"fields": "id,username,name"})
        except Gone:
            raise InvalidInput(
                "This token shows no Instagram account of that number.",
                next_step="Check user_id, and that the account is a professional one.",
                field="user_id",
            ) from None
        quota = await self.client.get(
            f"{segment(self.user_id)}/content_publishing_limit", {"fields": "quota_usage,config"}
        )
        handle = tidy_sentence(text(me, "username"), 100)
        return Identity(
            remote_id=self.user_id,
            handle=handle or self.user_id,
            name=tidy_sentence(text(me, "name"), 100) or handle or self.user_id,
            dedupe=Dedupe.STATUS,
            limits=replace(self.limits, daily_posts=daily_posts(quota)),
            base_url=self.base_url,
            credentials={SEEN: self.client.clock.now().isoformat()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InstagramDeleter:
    """`Deleter`; the network lets not every app delete, and then says so."""

    client: GraphClient

    async def delete(self, receipt: Receipt) -> None:
        """See `Deleter.delete`."""
        try:
            await self.client.delete(segment(receipt.remote_id))
        except (Denied, Refused) as refusal:
            fix = f"Delete it in the Instagram app: {receipt.url}"
            raise Refused(refusal.message, fix=fix) from refusal
