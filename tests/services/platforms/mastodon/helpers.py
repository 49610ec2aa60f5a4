"""What the Mastodon tests share: a clock that moves when slept on, a connection, a part, a server's answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from services.domain.account import Account, Dedupe, Limits
from services.domain.delivery import Receipt
from services.domain.ids import AccountId, Digest, PlatformSlug
from services.domain.media import MediaItem, Picture
from services.platforms.mastodon import SPEC
from services.ports.platform import Connection, OutgoingPart, PieceReader, Roles

if TYPE_CHECKING:
    from tests.fakes.http import FakeHttp

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BASE = "https://mastodon.example"
TOKEN = "s3cret-token"
ME = "109"


class MovingClock:
    """A clock that a sleep moves on at once."""

    def __init__(self) -> None:
        self.at = NOW
        self.slept: list[float] = []

    def now(self) -> datetime:
        """The present."""
        return self.at

    async def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


def account(limits: Limits = SPEC.default_limits) -> Account:
    """The account as the store has it."""
    return Account(
        id=AccountId("a1"),
        platform=PlatformSlug("mastodon"),
        handle="driftseas@mastodon.example",
        name="Drift Seas",
        remote_id=ME,
        base_url=BASE,
        dedupe=Dedupe.KEY,
        limits=limits,
        limits_at=NOW,
        created_at=NOW,
    )


def roles(
    http: FakeHttp,
    *,
    base_url: str = BASE,
    known: Account | None = None,
    clock: MovingClock | None = None,
    extra_headers: dict[str, str] | None = None,
    pieces: PieceReader | None = None,
) -> Roles:
    """All roles of a connection; `known` None while the account is being added."""
    return SPEC.connect(
        Connection(
            credentials={"access_token": TOKEN},
            base_url=base_url,
            http=http,
            clock=clock or MovingClock(),
            account=known,
            pieces=pieces,
            extra_headers=extra_headers or {},
        )
    )


def picture(
    *, mime: str = "image/png", size: int = 10, width: int = 2, height: int = 2, alt: str = "A boat"
) -> Picture:
    """A stored picture."""
    return Picture(item=MediaItem(digest=Digest("d" * 64), mime=mime, width=width, height=height, size=size), alt=alt)


def part(text: str = "Hello", **changes: Any) -> OutgoingPart:
    """One part of a delivery."""
    values: dict[str, Any] = {
        "index": 0,
        "count": 1,
        "text": text,
        "media": (),
        "options": {},
        "handles": {},
        "key": "k" * 32,
        "first_claimed_at": NOW - timedelta(minutes=5),
        "receipts": (),
        "since": NOW - timedelta(minutes=1),
    }
    return OutgoingPart(**{**values, **changes})


def receipt(remote_id: str = "111", index: int = 0, **extra: str) -> Receipt:
    """A part that is live."""
    return Receipt(part=index, remote_id=remote_id, url=f"{BASE}/@driftseas/{remote_id}", at=NOW, extra=extra)


def status(remote_id: str = "111", content: str = "<p>Hello</p>", **changes: Any) -> dict[str, Any]:
    """A post as Mastodon answers it."""
    return {
        "id": remote_id,
        "created_at": "2026-03-02T08:59:30.123Z",
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": f"{BASE}/users/driftseas/statuses/{remote_id}",
        "url": f"{BASE}/@driftseas/{remote_id}",
        "replies_count": 1,
        "reblogs_count": 2,
        "favourites_count": 3,
        "quotes_count": 4,
        "content": content,
        "reblog": None,
        "account": {"id": ME, "username": "driftseas", "acct": "driftseas", "url": f"{BASE}/@driftseas"},
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        **changes,
    }


def me(**changes: Any) -> dict[str, Any]:
    """The answer of verify_credentials."""
    return {
        "id": ME,
        "username": "driftseas",
        "acct": "driftseas",
        "display_name": "Drift Seas",
        "url": f"{BASE}/@driftseas",
        "followers_count": 42,
        "statuses_count": 7,
        "source": {"privacy": "public"},
        **changes,
    }


def instance(**changes: Any) -> dict[str, Any]:
    """The version 2 document of Mastodon."""
    return {
        "domain": "mastodon.example",
        "title": "An Example",
        "version": "4.5.2",
        "source_url": "https://github.com/mastodon/mastodon",
        "api_versions": {"mastodon": 7},
        "configuration": {
            "statuses": {"max_characters": 500, "max_media_attachments": 4, "characters_reserved_per_url": 23},
            "media_attachments": {
                "supported_mime_types": ["image/jpeg", "image/png", "video/mp4"],
                "description_limit": 1500,
                "image_size_limit": 16777216,
                "image_matrix_limit": 33177600,
            },
        },
        **changes,
    }
