"""One account on a scripted server, built the same way for every test."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from services.domain.account import Account, Dedupe
from services.domain.delivery import Receipt
from services.domain.ids import AccountId, Digest, PlatformSlug
from services.domain.media import Attachment, MediaItem, Medium, Picture, VideoFacts
from services.platforms.bluesky import SPEC
from services.ports.platform import Connection, OutgoingPart, PieceReader, Roles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.ports.http import HttpRequest
    from tests.fakes.http import FakeHttp

NOW: Final = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CLAIMED: Final = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
"""1,700,000,000 seconds since 1970."""
DID: Final = "did:plc:driftseas"
HANDLE: Final = "driftseas.com"
PDS: Final = "https://amanita.us-east.host.bsky.network"
PUT: Final = "/xrpc/com.atproto.repo.putRecord"
GET: Final = "/xrpc/com.atproto.repo.getRecord"
UPLOAD: Final = "/xrpc/com.atproto.repo.uploadBlob"
RESOLVE: Final = "/xrpc/com.atproto.identity.resolveHandle"
CREATE_SESSION: Final = "/xrpc/com.atproto.server.createSession"
REFRESH_SESSION: Final = "/xrpc/com.atproto.server.refreshSession"
GET_SESSION: Final = "/xrpc/com.atproto.server.getSession"
PROFILE: Final = "/xrpc/app.bsky.actor.getProfile"


@dataclass
class StillClock:
    """Time that stands where a test put it."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def jwt(exp: datetime | None, *, scope: str = "com.atproto.appPass") -> str:
    """A token as the server makes it, with a signature nobody checks."""
    claims: dict[str, object] = {"scope": scope, "sub": DID}
    if exp is not None:
        claims["exp"] = int(exp.timestamp())
    packed = (json.dumps(piece).encode() for piece in ({"typ": "at+jwt", "alg": "ES256K"}, claims))
    return ".".join([*(base64.urlsafe_b64encode(p).decode().rstrip("=") for p in packed), "c2lnbmF0dXJl"])


ACCESS: Final = jwt(NOW + timedelta(hours=2))
REFRESH: Final = jwt(NOW + timedelta(days=90), scope="com.atproto.refresh")
SIGNED_IN: Final[Mapping[str, str]] = {
    "identifier": HANDLE,
    "app_password": "abcd-efgh-ijkl-mnop",
    "did": DID,
    "handle": HANDLE,
    "access_jwt": ACCESS,
    "refresh_jwt": REFRESH,
    "pds": PDS,
}
FRESH: Final[Mapping[str, str]] = {"identifier": HANDLE, "app_password": "abcd-efgh-ijkl-mnop"}


def account(*, base_url: str = PDS, practice: bool = False) -> Account:
    return Account(
        id=AccountId("1"),
        platform=PlatformSlug("bluesky"),
        handle=HANDLE,
        name="Drift Seas",
        remote_id=DID,
        base_url=base_url,
        dedupe=Dedupe.KEY,
        limits=SPEC.default_limits,
        limits_at=NOW,
        practice=practice,
        created_at=NOW,
    )


@dataclass
class Desk:
    """The roles of one account over a scripted server."""

    http: FakeHttp
    clock: StillClock
    roles: Roles


def desk(
    http: FakeHttp,
    *,
    credentials: Mapping[str, str] = SIGNED_IN,
    base_url: str = PDS,
    adding: bool = False,
    practice: bool = False,
    extra_headers: Mapping[str, str] | None = None,
    pieces: PieceReader | None = None,
) -> Desk:
    clock = StillClock()
    connection = Connection(
        credentials=credentials,
        base_url=base_url,
        extra_headers=extra_headers or {},
        http=http,
        clock=clock,
        account=None if adding else account(base_url=base_url, practice=practice),
        pieces=pieces,
    )
    return Desk(http, clock, SPEC.connect(connection))


def part(
    text: str,
    *,
    index: int = 0,
    media: tuple[Medium, ...] = (),
    handles: Mapping[str, str] | None = None,
    receipts: tuple[Receipt, ...] = (),
    options: Mapping[str, str] | None = None,
    key: str = "k",
) -> OutgoingPart:
    return OutgoingPart(
        index=index,
        count=index + 1,
        text=text,
        media=media,
        options=options or {},
        handles=handles or {},
        key=key,
        first_claimed_at=CLAIMED,
        receipts=receipts,
    )


def receipt(rkey: str, *, number: int = 0, cid: str = "bafyreione") -> Receipt:
    uri = f"at://{DID}/app.bsky.feed.post/{rkey}"
    return Receipt(
        part=number,
        remote_id=uri,
        url=f"https://bsky.app/profile/{HANDLE}/post/{rkey}",
        at=NOW,
        extra={"uri": uri, "cid": cid} if cid else {},
    )


def picture(*, size: int = 12, width: int = 1200, height: int = 800, alt: str = "A chart") -> Picture:
    item = MediaItem(digest=Digest("a" * 64), mime="image/png", width=width, height=height, size=size)
    return Picture(item=item, alt=alt)


def video(
    *, alt: str = "A wave", seconds: float = 30.0, mime: str = "video/mp4", size: int = 3_000_000, width: int = 1080
) -> Attachment:
    facts = VideoFacts(seconds=seconds, frame_rate=30.0, codec="h264")
    item = MediaItem(digest=Digest("b" * 64), mime=mime, width=width, height=1920, size=size, video=facts)
    return Attachment(item=item, alt=alt)


async def read_media(picture: Picture) -> bytes:
    """As many bytes as the picture says."""
    return b"\x89PNG\r\n\x1a\n".ljust(picture.item.size, b"x")[: picture.item.size]


def body(request: HttpRequest) -> dict[str, object]:
    """The JSON a call carried, as the server would read it."""
    value = json.loads(json.dumps(request.json))
    assert isinstance(value, dict)
    return value


def sent_record(http: FakeHttp) -> dict[str, object]:
    """The record of the last call."""
    record = body(http.requests[-1])["record"]
    assert isinstance(record, dict)
    return record


def bearer(request: HttpRequest) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ")


def written(rkey: str, cid: str = "bafyreiwritten") -> dict[str, object]:
    """The answer to putRecord as the reference server gives it."""
    return {
        "uri": f"at://{DID}/app.bsky.feed.post/{rkey}",
        "cid": cid,
        "commit": {"cid": "bafyreicommit", "rev": "3ke6kg3wk2222"},
        "validationStatus": "valid",
    }


def blob(mime: str = "image/png", size: int = 12) -> dict[str, object]:
    return {"blob": {"$type": "blob", "ref": {"$link": "bafkreiblob"}, "mimeType": mime, "size": size}}


def fault(name: str, message: str = "") -> dict[str, str]:
    return {"error": name, "message": message}


def session(**changes: object) -> dict[str, object]:
    """The answer to createSession as the reference server gives it."""
    return {
        "did": DID,
        "didDoc": {
            "@context": ["https://www.w3.org/ns/did/v1"],
            "id": DID,
            "alsoKnownAs": [f"at://{HANDLE}"],
            "service": [
                {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": PDS},
            ],
        },
        "handle": HANDLE,
        "email": "desk@driftseas.com",
        "emailConfirmed": True,
        "accessJwt": "new.access.token",
        "refreshJwt": "new.refresh.token",
        "active": True,
        **changes,
    }
