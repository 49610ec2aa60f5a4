"""Puts the roles of one Page together, and proves its token by reading."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from services.domain.account import Dedupe, Identity, Limits, VideoLimits
from services.domain.errors import InvalidInput, Refused
from services.graph.client import GraphClient, access_token, segment, text, versioned
from services.graph.errors import Gone
from services.graph.moderation import GraphHider
from services.graph.sending import Sender
from services.pieces import no_pieces
from services.platforms.facebook.audience import PageComments, PageHistory, PageMetrics, PageReplier
from services.platforms.facebook.editor import PageEditor
from services.platforms.facebook.publisher import PagePublisher
from services.platforms.facebook.rights import require_rights
from services.platforms.facebook.videos import PageVideos
from services.ports.platform import Roles
from services.text import tidy_sentence

if TYPE_CHECKING:
    from services.ports.platform import Connection

DEFAULT_BASE_URL: Final = "https://graph.facebook.com"
VERSION: Final = "v26.0"
"""Meta's own client of November 2026 asks for it; a version lives about two years."""
LABEL: Final = "Facebook"
WHERE: Final = (
    "Make one in your Meta app (Graph API Explorer) with pages_manage_posts, pages_read_engagement and "
    "pages_show_list, for the Page or for a person who manages it."
)
LIMITS: Final = Limits(
    text=63_206,
    unit="characters",
    images=10,
    image_bytes=4_000_000,
    image_types=("image/jpeg", "image/png", "image/gif"),
    thread_parts=1,
    video=VideoLimits(size=2_000_000_000, types=("video/mp4", "video/quicktime"), seconds=(0.0, 14_400.0)),
)
"""What maintained clients hold to; the network tells none of it."""


def connect(connection: Connection) -> Roles:
    """All roles of one Page; raises `InvalidInput` when the token can't be one."""
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
    page_id = credentials.get("page_id", "").strip()
    if not page_id.isdigit():
        raise InvalidInput(
            "page_id must be the Page's number.",
            next_step="It is on the Page under About, Page transparency.",
            field="page_id",
        )
    limits, pieces = account.limits if account else LIMITS, connection.pieces or no_pieces
    publisher = PagePublisher(
        client=client,
        page_id=page_id,
        limits=limits,
        videos=PageVideos(
            client=client,
            page_id=page_id,
            limits=limits,
            pieces=pieces,
            sender=Sender(client=client, pieces=pieces),
        ),
    )
    metrics = PageMetrics(client=client, page_id=page_id)
    return Roles(
        verifier=PageVerifier(client=client, page_id=page_id, base_url=base_url),
        publisher=publisher,
        watcher=publisher,
        finder=publisher,
        deleter=publisher,
        editor=PageEditor(client=client),
        metrics=metrics,
        comments=PageComments(client=client, page_id=page_id),
        history=PageHistory(client=client, page_id=page_id, metrics=metrics),
        replier=PageReplier(client=client, page_id=page_id),
        hider=GraphHider(client=client, name="is_hidden"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PageVerifier:
    """`Verifier`: who the Page is, and that its posts can be read, without which a lost answer could not be found.

    The rights of a person's token are asked for too; a Page's own token has no list of them.
    """

    client: GraphClient = field(repr=False)
    page_id: str
    base_url: str

    async def verify(self) -> Identity:
        """See `Verifier.verify`; the token of a person who manages the Page is traded for the Page's own."""
        try:
            page = await self.client.get(segment(self.page_id), {"fields": "id,name,username,access_token"})
        except Gone:
            raise InvalidInput(
                "This token shows no Page of that number.",
                next_step="Check page_id, and that the token is the Page's or that of somebody who manages it.",
                field="page_id",
            ) from None
        await self.client.get(f"{segment(self.page_id)}/published_posts", {"fields": "id", "limit": "1"})
        own = text(page, "access_token")
        if own and own != self.client.token:
            with suppress(Refused):
                await require_rights(self.client)
        name = tidy_sentence(text(page, "name"), 100)
        return Identity(
            remote_id=self.page_id,
            handle=tidy_sentence(text(page, "username"), 100) or self.page_id,
            name=name or self.page_id,
            dedupe=Dedupe.LOOKUP,
            limits=LIMITS,
            base_url=self.base_url,
            credentials={"access_token": own} if own else {},
        )
