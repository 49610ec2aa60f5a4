"""One account on a scripted TikTok, built the same way for every test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from services.domain.account import Account, Dedupe
from services.domain.ids import AccountId, Digest, PlatformSlug
from services.domain.media import Attachment, MediaItem, Picture, VideoFacts
from services.platforms.tiktok import SPEC
from services.platforms.tiktok.publisher import TikTokPublisher
from services.ports.platform import Connection, OutgoingPart, Roles
from tests.fakes.clock import HurriedClock
from tests.fakes.http import FakeHttp

API: Final = "https://open.tiktokapis.com"
NOW: Final = HurriedClock().now()
ACCESS: Final[Mapping[str, str]] = {"access_token": "act.1"}
ALL: Final[Mapping[str, str]] = {
    **ACCESS,
    "refresh_token": "rft.1",
    "client_key": "app-1",
    "client_secret": "app-secret",
}
CREATOR: Final = "/creator_info/query/"
PHOTOS: Final = "/content/init/"
VIDEO: Final = "/video/init/"
STATUS: Final = "/status/fetch/"
LIST: Final = "/v2/video/list/"
QUERY: Final = "/v2/video/query/"
USER: Final = "/v2/user/info/"
TOKEN: Final = "/v2/oauth/token/"
UPLOAD: Final = "https://open-upload.tiktokapis.com/video/?upload_id=1&upload_token=hush"
ID: Final = "7580000000000000001"


class Host:
    """`PictureHost` that tells what was asked of it."""

    async def address(self, item: MediaItem, types: Sequence[str]) -> str:
        """See `PictureHost.address`."""
        return f"https://desk.example/pulled/{item.digest}?{'+'.join(types)}"


async def pieces(item: MediaItem, start: int, length: int) -> bytes:
    """A file of which each byte is its place, short at its end."""
    return bytes(place % 251 for place in range(start, min(start + length, item.size)))


def account(**changes: Any) -> Account:
    given: dict[str, Any] = {
        "id": AccountId("1"),
        "platform": PlatformSlug("tiktok"),
        "handle": "driftseas",
        "name": "Drift Seas",
        "remote_id": "-0001",
        "base_url": API,
        "dedupe": Dedupe.STATUS,
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

    @property
    def publisher(self) -> TikTokPublisher:
        """With pieces of ten bytes."""
        assert isinstance(self.roles.publisher, TikTokPublisher)
        return replace(self.roles.publisher, piece=10)


def desk(*, credentials: Mapping[str, str] = ALL, adding: bool = False, reached: bool = True, **more: Any) -> Desk:
    http, clock = FakeHttp(now=NOW), HurriedClock()
    given: dict[str, Any] = {"base_url": API, "pieces": pieces, **more}
    connection = Connection(
        credentials=credentials,
        http=http,
        clock=clock,
        account=None if adding else account(base_url=given["base_url"]),
        pictures=Host() if reached else None,
        **given,
    )
    return Desk(http=http, clock=clock, roles=SPEC.connect(connection))


def picture(number: int = 1, mime: str = "image/jpeg") -> Picture:
    item = MediaItem(digest=Digest(str(number)), mime=mime, width=90, height=160, size=10)
    return Picture(item=item, alt="A tide")


def video(size: int = 35, *, seconds: float = 12.0, mime: str = "video/mp4") -> Attachment:
    facts = VideoFacts(seconds=seconds, frame_rate=30.0, codec="h264", audio="aac")
    return Attachment(
        item=MediaItem(digest=Digest("v"), mime=mime, width=1080, height=1920, size=size, video=facts), alt="A tide"
    )


def part(text: str = "High water.", **changes: Any) -> OutgoingPart:
    values: dict[str, Any] = {
        "index": 0,
        "count": 1,
        "text": text,
        "media": (picture(),),
        "options": {"privacy_level": "PUBLIC_TO_EVERYONE"},
        "handles": {},
        "key": "k",
        "first_claimed_at": NOW,
        "receipts": (),
        "since": NOW,
    }
    if changes.get("attachment") is not None:
        values["pictures"] = ()
    return OutgoingPart(**{**values, **changes})


def ok(**data: object) -> dict[str, object]:
    """A good answer."""
    return {"data": data, "error": {"code": "ok", "message": "", "log_id": "L1"}}


def bad(code: str, message: str = "It says so") -> dict[str, object]:
    """A refusal."""
    return {"data": {}, "error": {"code": code, "message": message, "log_id": "L2"}}


def creator(**changes: object) -> dict[str, object]:
    """What the creator may choose."""
    told: dict[str, object] = {
        "creator_username": "driftseas",
        "creator_nickname": "Drift Seas",
        "privacy_level_options": ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
        "comment_disabled": False,
        "duet_disabled": False,
        "stitch_disabled": False,
        "max_video_post_duration_sec": 300,
    }
    return ok(**{**told, **changes})


async def nothing(_: Picture) -> bytes:
    return b""
