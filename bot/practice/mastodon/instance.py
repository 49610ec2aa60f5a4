"""What the server says about itself: its software, version and limits, in both generations of the document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.identity import ABOUT, EMAIL
from bot.practice.mastodon.wire import MastodonError
from bot.practice.world import Software, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.kinds import Json

IMAGE_BYTES = 16_777_216
IMAGE_PIXELS = 33_177_600
ALT_LIMIT = 1_500
DOMAIN = "practice.test"
"""A name that leads nowhere: people see it in handles."""
VIDEO_BYTES = 103_809_024
VIDEO_PIXELS = 8_294_400
FRAME_RATE = 120
MIMES = [
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "video/mp4",
    "video/quicktime",
    "video/webm",
    "video/x-m4v",
]
POLL_ANSWERS, POLL_LETTERS, POLL_SECONDS = 4, 50, (300, 2_629_746)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a status may carry on this server."""

    characters: int
    media: int
    per_link: int
    version: str
    source: str


MASTODON = Limits(characters=500, media=4, per_link=23, version="4.5.3", source="https://github.com/mastodon/mastodon")
GOTOSOCIAL = Limits(
    characters=5_000,
    media=6,
    per_link=25,
    version="0.20.2+git-8be7d7f",
    source="https://codeberg.org/superseriousbusiness/gotosocial",
)


def limits(software: Software) -> Limits:
    """The limits of what the server pretends to be."""
    return GOTOSOCIAL if software.gotosocial else MASTODON


def _configuration(limit: Limits) -> Json:
    return {
        "statuses": {
            "max_characters": limit.characters,
            "max_media_attachments": limit.media,
            "characters_reserved_per_url": limit.per_link,
        },
        "media_attachments": {
            "description_limit": ALT_LIMIT,
            "image_size_limit": IMAGE_BYTES,
            "image_matrix_limit": IMAGE_PIXELS,
            "video_size_limit": VIDEO_BYTES,
            "video_matrix_limit": VIDEO_PIXELS,
            "video_frame_rate_limit": FRAME_RATE,
            "supported_mime_types": MIMES,
        },
        "polls": {
            "max_options": POLL_ANSWERS,
            "max_characters_per_option": POLL_LETTERS,
            "min_expiration": POLL_SECONDS[0],
            "max_expiration": POLL_SECONDS[1],
        },
        "accounts": {"max_featured_tags": 10, "max_pinned_statuses": 5},
        "translation": {"enabled": False},
    }


async def second(request: Request) -> Response:
    """Answer GET /api/v2/instance, which some servers lack."""
    world = world_of(request)
    if not world.software.v2_instance:
        raise MastodonError(404, "The page you were looking for doesn't exist.")
    limit = limits(world.software)
    document: Json = {
        "domain": DOMAIN,
        "title": "Practice network",
        "version": limit.version,
        "source_url": limit.source,
        "description": ABOUT,
        "usage": {"users": {"active_month": len(world.people) // 2}},
        "thumbnail": {"url": f"{world.settings.root}/mastodon/thumbnail.png"},
        "icon": [],
        "languages": ["en"],
        "configuration": {
            **_configuration(limit),
            "urls": {"streaming": f"{world.settings.root}/mastodon", "about": f"{world.settings.root}/mastodon/about"},
        },
        "registrations": {"enabled": False, "approval_required": False, "message": None},
        "contact": {"email": EMAIL, "account": None},
        "rules": [],
    }
    if not world.software.gotosocial:
        document["api_versions"] = {"mastodon": 7}
    return JSONResponse(document)


async def first(request: Request) -> Response:
    """Answer GET /api/v1/instance, which every server of the family has."""
    world = world_of(request)
    limit = limits(world.software)
    return JSONResponse(
        {
            "uri": DOMAIN,
            "title": "Practice network",
            "short_description": ABOUT,
            "description": ABOUT,
            "email": EMAIL,
            "version": limit.version,
            "urls": {"streaming_api": f"{world.settings.root}/mastodon"},
            "stats": {"user_count": len(world.people) // 2, "status_count": 0, "domain_count": 1},
            "thumbnail": None,
            "languages": ["en"],
            "registrations": False,
            "approval_required": False,
            "invites_enabled": False,
            "configuration": _configuration(limit),
            "contact_account": None,
            "rules": [],
        }
    )
