"""One account on a scripted X, built the same way for every test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from services.domain.account import Account, Dedupe
from services.domain.delivery import Receipt
from services.domain.ids import AccountId, Digest, PlatformSlug
from services.domain.media import MediaItem, Picture
from services.platforms.x import SPEC
from services.ports.http import HttpRequest
from services.ports.platform import Connection, OutgoingPart, PieceReader, Roles
from tests.fakes.clock import FakeClock, HurriedClock
from tests.fakes.http import FakeHttp

API: Final = "https://api.x.com"
NOW: Final = FakeClock().now()
EPOCH: Final = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
OLD: Final[Mapping[str, str]] = {
    "consumer_key": "key-1",
    "consumer_secret": "key-secret",
    "access_token": "100-token",
    "access_token_secret": "token-secret",
}
NEW: Final[Mapping[str, str]] = {
    "access_token": "access-1",
    "refresh_token": "refresh-1",
    "client_id": "app-1",
    "client_secret": "app-secret",
}
TWEETS: Final = "/2/tweets"
TIMELINE: Final = "/2/users/100/tweets"
SEARCH: Final = "/2/tweets/search/recent"
ME: Final = "/2/users/me"
UPLOAD: Final = "/2/media/upload"
TOKEN: Final = "/2/oauth2/token"
PROBLEMS: Final = "https://api.x.com/2/problems"


def number(at: datetime, low: int = 0) -> str:
    """A post's id as X makes it."""
    return str(((at - EPOCH) // timedelta(milliseconds=1)) << 22 | low)


def account(**changes: Any) -> Account:
    given: dict[str, Any] = {
        "id": AccountId("1"),
        "platform": PlatformSlug("x"),
        "handle": "driftseas",
        "name": "Drift Seas",
        "remote_id": "100",
        "base_url": API,
        "dedupe": Dedupe.LOOKUP,
        "limits": SPEC.default_limits,
        "limits_at": NOW,
        "created_at": NOW,
    }
    return Account(**{**given, **changes})


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The roles of one account over a scripted server."""

    http: FakeHttp
    clock: HurriedClock
    roles: Roles
    read: PieceReader


async def zeros(item: MediaItem, start: int, length: int) -> bytes:
    """A file of nothing but zeros, as long as its facts say."""
    return bytes(min(length, item.size - start))


def desk(
    *,
    http: FakeHttp | None = None,
    clock: HurriedClock | None = None,
    pieces: PieceReader = zeros,
    credentials: Mapping[str, str] = OLD,
    adding: bool = False,
    base_url: str = API,
    extra_headers: Mapping[str, str] | None = None,
) -> Desk:
    http, clock = http or FakeHttp(now=NOW), clock or HurriedClock()
    connection = Connection(
        credentials=credentials,
        base_url=base_url,
        extra_headers=extra_headers or {},
        http=http,
        clock=clock,
        pieces=pieces,
        account=None if adding else account(base_url=base_url),
    )
    return Desk(http=http, clock=clock, roles=SPEC.connect(connection), read=pieces)


def part(text: str, **fields: Any) -> OutgoingPart:
    given: dict[str, Any] = {
        "index": 0,
        "count": 1,
        "media": (),
        "options": {},
        "handles": {},
        "key": "k",
        "first_claimed_at": NOW,
        "receipts": (),
    }
    return OutgoingPart(text=text, **{**given, **fields})


def receipt(post_id: str, part: int = 0, at: datetime = NOW) -> Receipt:
    return Receipt(part=part, remote_id=post_id, url=f"https://x.com/driftseas/status/{post_id}", at=at)


def picture(alt: str = "A chart", *, mime: str = "image/png", size: int = 12) -> Picture:
    return Picture(item=MediaItem(digest=Digest("a" * 64), mime=mime, width=4, height=4, size=size), alt=alt)


async def read_media(picture: Picture) -> bytes:
    return b"\x89PNG".ljust(picture.item.size, b"x")


def body(request: HttpRequest) -> dict[str, Any]:
    """The JSON a call carried, as the server would read it."""
    value = json.loads(json.dumps(request.json))
    assert isinstance(value, dict)
    return value


def problem(kind: str, title: str, detail: str, status: int) -> dict[str, object]:
    """A refusal in X's own shape."""
    return {"type": f"{PROBLEMS}/{kind}", "title": title, "detail": detail, "status": status}


DUPLICATE: Final = {
    "detail": "You are not allowed to create a Tweet with duplicate content.",
    "type": "about:blank",
    "title": "Forbidden",
    "status": 403,
}


def post(post_id: str, text: str, **more: object) -> dict[str, object]:
    """A post as a list shows it."""
    return {"id": post_id, "text": text, "edit_history_tweet_ids": [post_id], "author_id": "100", **more}


def listed(*posts: dict[str, object], token: str = "", **more: object) -> dict[str, object]:
    """A page of posts."""
    meta = {"result_count": len(posts), **({"next_token": token} if token else {})}
    return {**({"data": list(posts)} if posts else {}), "meta": meta, **more}
