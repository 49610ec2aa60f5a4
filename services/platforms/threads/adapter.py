"""Puts the roles of one Threads account together, and proves its token by reading."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from services.domain.account import Dedupe, Identity, Limits, VideoLimits
from services.domain.errors import InvalidInput
from services.graph.client import GraphClient, access_token, segment, text, unversioned, versioned
from services.graph.containers import Containers
from services.graph.moderation import GraphHider
from services.graph.publishing import ContainerPublisher, Dialect
from services.graph.tokens import ENDS, SEEN, LongLivedToken
from services.graph.usage import daily_posts
from services.oauth import moment_of
from services.platforms.threads.audience import ThreadsComments, ThreadsHistory, ThreadsMetrics, ThreadsReplier
from services.platforms.threads.composing import LABEL, POLLS, Composer
from services.ports.platform import Roles
from services.text import tidy_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.domain.delivery import Receipt
    from services.ports.platform import Connection, OutgoingPart

DEFAULT_BASE_URL: Final = "https://graph.threads.net"
VERSION: Final = "v1.0"
WHERE: Final = (
    "Make one in your Meta app (Threads use case, User Token Generator) with threads_basic and threads_content_publish."
)
LIMITS: Final = Limits(
    text=500,
    unit="characters",
    images=20,
    mixed=20,
    image_bytes=8_000_000,
    image_types=("image/jpeg", "image/png"),
    image_ratio=(0.1, 10.0),
    alt_text=1000,
    video=VideoLimits(
        size=1_000_000_000,
        types=("video/mp4", "video/quicktime"),
        seconds=(0.0, 300.0),
        ratio=(0.01, 10.0),
        width=1920,
        frame_rate=(23.0, 60.0),
        codecs=("h264", "hevc"),
        streamable=True,
    ),
    poll=POLLS,
)
"""What the documents say; the network tells none of it."""
_ME: Final = "me"


def connect(connection: Connection) -> Roles:
    """All roles of one account; raises `InvalidInput` when the token can't be one."""
    account, credentials = connection.account, connection.credentials
    base_url = connection.base_url or DEFAULT_BASE_URL
    client = GraphClient(
        http=connection.http,
        clock=connection.clock,
        label=LABEL,
        root=versioned(base_url, VERSION),
        token=access_token(credentials.get("access_token", ""), WHERE),
        extra_headers=connection.extra_headers,
    )
    user_id = account.remote_id if account and account.remote_id.isdigit() else credentials.get("user_id") or _ME
    limits = account.limits if account else LIMITS
    publisher = ContainerPublisher(
        client=client,
        containers=Containers(client=client, edge="threads", state_field="status", reason_field="error_message"),
        dialect=Dialect(
            publish="threads_publish",
            words="text",
            home=f"https://www.threads.com/@{account.handle}" if account else "https://www.threads.com",
        ),
        user_id=user_id,
        compose=Composer(limits=limits, pictures=connection.pictures).compose,
        listing=_listing,
    )
    return Roles(
        verifier=ThreadsVerifier(
            client=client,
            credentials=credentials,
            base_url=base_url,
            limits=LIMITS if connection.pictures else replace(LIMITS, images=0, mixed=0, video=None),
        ),
        publisher=publisher,
        finder=publisher,
        deleter=ThreadsDeleter(client=client),
        metrics=ThreadsMetrics(client=client, clock=connection.clock, user_id=user_id),
        comments=ThreadsComments(client=client),
        history=ThreadsHistory(client=client, clock=connection.clock, publisher=publisher),
        replier=ThreadsReplier(client=client, publisher=publisher),
        hider=GraphHider(client=client, name="hide", edge="/manage_reply"),
        refresher=LongLivedToken(
            client=replace(client, root=unversioned(base_url)),
            grant="th_refresh_token",
            credentials=credentials,
        ),
        ends_at=moment_of(credentials.get(ENDS, "")),
    )


def _listing(part: OutgoingPart) -> str:
    """First parts are posts, later ones answers to ourselves."""
    return "replies" if part.index else "threads"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadsVerifier:
    """`Verifier`: who we are, and by asking for what is left of a day's posts, that we may publish."""

    client: GraphClient
    credentials: Mapping[str, str] = field(repr=False)
    base_url: str
    limits: Limits

    async def verify(self) -> Identity:
        """See `Verifier.verify`."""
        me = await self.client.get(_ME, {"fields": "id,username,name"})
        user_id, handle = text(me, "id"), tidy_sentence(text(me, "username"), 100)
        wanted = self.credentials.get("user_id", "")
        if wanted and wanted != user_id:
            raise InvalidInput(
                f"The access token belongs to @{handle}, not to the user {wanted}.",
                next_step="Leave user_id out, or use that user's token.",
                field="user_id",
            )
        quota = await self.client.get(f"{segment(user_id)}/threads_publishing_limit", {"fields": "quota_usage,config"})
        return Identity(
            remote_id=user_id,
            handle=handle,
            name=tidy_sentence(text(me, "name"), 100) or handle,
            dedupe=Dedupe.STATUS,
            limits=replace(self.limits, daily_posts=daily_posts(quota)),
            base_url=self.base_url,
            credentials={SEEN: self.client.clock.now().isoformat()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadsDeleter:
    """`Deleter`; needs the right `threads_delete`."""

    client: GraphClient

    async def delete(self, receipt: Receipt) -> None:
        """See `Deleter.delete`."""
        await self.client.delete(segment(receipt.remote_id))
