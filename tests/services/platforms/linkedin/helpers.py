"""One account on a scripted LinkedIn, built the same way for every test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.domain.account import Account, Dedupe
from services.domain.delivery import Receipt
from services.domain.ids import AccountId, Digest, PlatformSlug
from services.domain.media import MediaItem, Picture
from services.platforms.linkedin import SPEC
from services.ports.http import HttpRequest
from services.ports.platform import Connection, OutgoingPart, PieceReader, Roles
from tests.fakes.clock import FakeClock
from tests.fakes.http import FakeHttp

API: Final = "https://api.linkedin.com"
NOW: Final = FakeClock().now()
PAGE: Final = "urn:li:organization:12345"
MEMBER: Final = "urn:li:person:abc-123"
TOKEN: Final = "AQXtoken"
POSTS: Final = "/rest/posts"
IMAGES: Final = "/rest/images"
COMMENTS: Final = "/comments"
STATISTICS: Final = "/rest/organizationalEntityShareStatistics"


def millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def share(at: datetime = NOW, low: int = 0) -> str:
    """A post's URN as LinkedIn makes it."""
    return f"urn:li:share:{millis(at) << 22 | low}"


URN: Final = share()


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The roles of one account over a scripted server."""

    http: FakeHttp
    clock: FakeClock
    roles: Roles


def desk(
    given: Mapping[str, str] | None = None,
    *,
    author: str = PAGE,
    adding: bool = False,
    practice: bool = False,
    base_url: str = API,
    extra_headers: Mapping[str, str] | None = None,
    pieces: PieceReader | None = None,
    **credentials: str,
) -> Desk:
    http, clock = FakeHttp(now=NOW), FakeClock()
    account = Account(
        id=AccountId("1"),
        platform=PlatformSlug("linkedin"),
        handle="driftseas",
        name="Drift Seas",
        remote_id=author,
        base_url=base_url,
        dedupe=Dedupe.LOOKUP,
        limits=SPEC.default_limits,
        limits_at=NOW,
        practice=practice,
        created_at=NOW,
    )
    connection = Connection(
        credentials={"access_token": TOKEN, "author": author, **credentials, **(given or {})},
        base_url=base_url,
        extra_headers=extra_headers or {},
        http=http,
        clock=clock,
        account=None if adding else account,
        pieces=pieces,
    )
    return Desk(http=http, clock=clock, roles=SPEC.connect(connection))


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


def receipt(urn: str = URN, part: int = 0, at: datetime = NOW) -> Receipt:
    return Receipt(part=part, remote_id=urn, url=f"https://www.linkedin.com/feed/update/{urn}/", at=at)


def picture(alt: str = "A chart", *, mime: str = "image/png", size: int = 12, side: int = 4) -> Picture:
    return Picture(item=MediaItem(digest=Digest("a" * 64), mime=mime, width=side, height=side, size=size), alt=alt)


async def read_media(picture: Picture) -> bytes:
    return b"\x89PNG".ljust(picture.item.size, b"x")


def body(request: HttpRequest) -> dict[str, Any]:
    """The JSON a call carried, as the server would read it."""
    value = json.loads(json.dumps(request.json))
    assert isinstance(value, dict)
    return value


def refusal(status: int, code: str, message: str, *inputs: str) -> dict[str, object]:
    """A refusal in LinkedIn's own shape."""
    fields: dict[str, object] = {"status": status, "serviceErrorCode": 100, "code": code, "message": message}
    if inputs:
        fields["errorDetails"] = {"inputErrors": [{"code": one, "description": message} for one in inputs]}
    return fields


def duplicate_of(urn: str) -> dict[str, object]:
    return refusal(422, "UNPROCESSABLE_ENTITY", f"Content is a duplicate of {urn}", "DUPLICATE_POST")


def post(urn: str, commentary: str, at: datetime = NOW, **more: object) -> dict[str, object]:
    """A post as a list shows it."""
    return {"id": urn, "author": PAGE, "commentary": commentary, "createdAt": millis(at), **more}


def comment(number: str, text: str, *, actor: str = MEMBER, at: datetime = NOW, **more: object) -> dict[str, object]:
    """A comment as a list shows it."""
    urn = f"urn:li:comment:({URN},{number})"
    created = {"actor": actor, "time": millis(at)}
    return {"id": number, "commentUrn": urn, "actor": actor, "message": {"text": text}, "created": created, **more}


HOUR: Final = timedelta(hours=1)
