"""Takes posts: what the creator may choose, videos and photos begun, and how far each is."""

from __future__ import annotations

import math
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.practice.meta.pulling import FetchError, fetch
from bot.practice.pictures import sniff
from bot.practice.pipeline import POLLS
from bot.practice.tiktok import jobs
from bot.practice.tiktok.jobs import COMPLETE, DOWNLOADING, FAILED, UPLOADING, Jobs, as_list
from bot.practice.tiktok.uploads import LARGEST, MOST_PIECES, MOST_SECONDS, PIECE, judge, said_of
from bot.practice.tiktok.wire import (
    CREATOR,
    INIT,
    STATUS,
    TikTokError,
    demand,
    enveloped,
    inner,
    invalid,
    number,
    read_json,
    truth,
    word,
)
from bot.practice.videos import watch

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from bot.practice.kinds import Json
    from bot.practice.pictures import Picture
    from bot.practice.world import World

BRANDS = frozenset({"brand_content_toggle", "brand_organic_toggle"})
VIDEO_INFO = BRANDS | {
    "title",
    "privacy_level",
    "disable_duet",
    "disable_comment",
    "disable_stitch",
    "video_cover_timestamp_ms",
    "is_aigc",
}
PHOTO_INFO = BRANDS | {"title", "description", "privacy_level", "disable_comment", "auto_add_music"}
VIDEO_SOURCE = frozenset({"source", "video_size", "chunk_size", "total_chunk_count", "video_url"})
PHOTO_SOURCE = frozenset({"source", "photo_images", "photo_cover_index"})
VIDEO_TITLE, PHOTO_TITLE, DESCRIPTION = 2200, 90, 4000
PHOTOS, PHOTO_BYTES, PHOTO_PIXELS = 35, 20_000_000, 1080 * 1920
PHOTO_KINDS = frozenset({"image/jpeg", "image/webp"})


async def creator_info(request: Request) -> Response:
    """Answer POST /v2/post/publish/creator_info/query/."""
    world = demand(request, "video.publish", pace=CREATOR)
    if await request.body():
        await read_json(request, frozenset())
    own = world.people[world.identity.mastodon_id]
    creator = world.creator
    return enveloped(
        {
            "creator_avatar_url": f"{world.settings.root}/tiktok/avatar.jpeg",
            "creator_username": own.name,
            "creator_nickname": own.display,
            "privacy_level_options": levels(world),
            "comment_disabled": creator.comments_off,
            "duet_disabled": creator.duets_off,
            "stitch_disabled": creator.stitches_off,
            "max_video_post_duration_sec": MOST_SECONDS,
        }
    )


def levels(world: World) -> list[str]:
    """Who may see a post of this creator, as the app offers it."""
    widest = jobs.FOLLOWERS if world.creator.private else jobs.PUBLIC
    return [widest, jobs.FRIENDS, jobs.ONESELF]


async def video(request: Request) -> Response:
    """Answer POST /v2/post/publish/video/init/."""
    world = demand(request, "video.publish", pace=INIT)
    fields = await read_json(request, frozenset({"post_info", "source_info"}))
    post, source = inner(fields, "post_info", VIDEO_INFO), inner(fields, "source_info", VIDEO_SOURCE)
    kept = _common(world, post)
    kept |= {"text": _text(post, "title", VIDEO_TITLE), "title": ""}
    for name in ("disable_duet", "disable_stitch", "is_aigc"):
        truth(post, name)
    if "video_cover_timestamp_ms" in post:
        number(post, "video_cover_timestamp_ms")
    if word(source, "source") == "PULL_FROM_URL":
        return await _pulled_video(request, world, source, kept)
    if word(source, "source") != "FILE_UPLOAD" or "video_url" in source:
        raise invalid("source must be FILE_UPLOAD with sizes or PULL_FROM_URL with video_url")
    kept |= _pieces(source)
    _have_room(world)
    secret = secrets.token_urlsafe(24)
    job = Jobs(world).take("v_pub_file~v2-1", {**kept, "secret": secret, "received": 0}, state=UPLOADING)
    upload = f"{world.settings.root}/tiktok/video/?upload_id={job.id}&upload_token={secret}"
    return enveloped({"publish_id": job.id, "upload_url": upload}, job.id)


def _pieces(source: Json) -> Json:
    """The sizes of a video that comes in pieces, by TikTok's rules for them."""
    size, piece, count = (number(source, name) for name in ("video_size", "chunk_size", "total_chunk_count"))
    least, most = PIECE
    if not 0 < size <= LARGEST:
        raise invalid("The video_size is invalid")
    if piece > size or piece > most or (piece < least and piece != size):
        raise invalid("The chunk_size is invalid")
    if not 1 <= count <= MOST_PIECES or count != size // piece:
        raise invalid("The total chunk count is invalid")
    return {"size": size, "piece": piece, "count": count}


async def _pulled_video(request: Request, world: World, source: Json, kept: Json) -> Response:
    if set(source) != {"source", "video_url"}:
        raise invalid("PULL_FROM_URL takes video_url alone")
    _owned(world, [source["video_url"]])
    _have_room(world)
    try:
        content, _ = await fetch(str(source["video_url"]))
        reason = judge(watch(content))
    except FetchError:
        content, reason = b"", "video_pull_failed"
    return _taken(request, world, "v_pub_url~v2", {**kept, "video": said_of(content)}, reason)


def _taken(request: Request, world: World, prefix: str, kept: Json, reason: str) -> Response:
    """A post of which everything is there, or will never be."""
    reason = reason or jobs.fault_of(request)
    made, state = Jobs(world), FAILED if reason else DOWNLOADING
    _have_room(world)
    polls = int(getattr(request.state, POLLS, 0))
    job = made.take(prefix, kept, state=state, reason=reason, polls=polls)
    if not reason:
        made.ready(job, polls)
    return enveloped({"publish_id": job.id}, job.id)


async def photos(request: Request) -> Response:
    """Answer POST /v2/post/publish/content/init/: the photos are fetched from where they are."""
    world = demand(request, "video.publish", pace=INIT)
    fields = await read_json(request, frozenset({"media_type", "post_mode", "post_info", "source_info"}))
    post, source = inner(fields, "post_info", PHOTO_INFO), inner(fields, "source_info", PHOTO_SOURCE)
    if word(fields, "media_type") != "PHOTO" or word(fields, "post_mode") != "DIRECT_POST":
        raise invalid("Only media_type PHOTO with post_mode DIRECT_POST is part of the practice network")
    kept = _common(world, post)
    kept |= {"text": _text(post, "description", DESCRIPTION), "title": _text(post, "title", PHOTO_TITLE)}
    truth(post, "auto_add_music")
    if word(source, "source") != "PULL_FROM_URL":
        raise invalid("Photos are taken with the source PULL_FROM_URL only")
    addresses = as_list(source.get("photo_images"))
    if not 1 <= len(addresses) <= PHOTOS:
        raise invalid(f"photo_images must have from 1 to {PHOTOS} addresses")
    if not 0 <= number(source, "photo_cover_index") < len(addresses):
        raise invalid("photo_cover_index is out of range")
    _owned(world, addresses)
    _have_room(world)
    found, reason = await _fetched(addresses)
    names = [] if reason else [await Jobs(world).keep(content, picture) for content, picture in found]
    return _taken(request, world, "p_pub_url~v2", {**kept, "pictures": names}, reason)


async def _fetched(addresses: list[object]) -> tuple[list[tuple[bytes, Picture]], str]:
    """Every photo, or why there will be no post."""
    found: list[tuple[bytes, Picture]] = []
    for address in addresses:
        try:
            content, told = await fetch(str(address))
        except FetchError:
            return [], "photo_pull_failed"
        picture = sniff(content)
        if picture is None or picture.mime not in PHOTO_KINDS or told != picture.mime:
            return [], "file_format_check_failed"
        if len(content) > PHOTO_BYTES or picture.width * picture.height > PHOTO_PIXELS:
            return [], "picture_size_check_failed"
        found.append((content, picture))
    return found, ""


def _common(world: World, post: Json) -> Json:
    """What every post says of itself, checked against what this creator and this app may do."""
    level = word(post, "privacy_level")
    if not level:
        raise invalid("privacy_level is required")
    if level not in levels(world):
        words = "privacy_level should be one of the options in the privacy_level_options of creator_info"
        raise TikTokError("privacy_level_option_mismatch", words)
    branded = [name for name in sorted(BRANDS) if truth(post, name)]
    if "brand_content_toggle" in branded and level == jobs.ONESELF:
        raise invalid("Branded content visibility cannot be set to private")
    if not world.creator.audited and not (world.creator.private and level == jobs.ONESELF):
        words = (
            "Please review our integration guidelines at https://developers.tiktok.com/doc/content-sharing-guidelines"
        )
        raise TikTokError("unaudited_client_can_only_post_to_private_accounts", words, 403)
    silent = truth(post, "disable_comment") or world.creator.comments_off
    signs = [*branded, *(["is_aigc"] if post.get("is_aigc") is True else [])]
    return {"privacy_level": level, "disable_comment": silent, "disclosed": signs}


def _text(post: Json, name: str, most: int) -> str:
    text = word(post, name)
    if len(text.encode("utf-16-le")) // 2 > most:
        raise invalid(f"The {name} is too long: at most {most} UTF-16 code units")
    return text


def _owned(world: World, addresses: list[object]) -> None:
    """Only addresses below a place that the developer proved to own are fetched."""
    if not all(isinstance(one, str) and urlsplit(one).scheme in {"http", "https"} for one in addresses):
        raise invalid("The addresses to pull from must be URLs")
    if not world.creator.verified_domain:
        words = "Please review our URL ownership verification rules at https://developers.tiktok.com"
        raise TikTokError("url_ownership_unverified", words, 403)


def _have_room(world: World) -> None:
    if Jobs(world).today() >= jobs.A_DAY:
        words = "The daily post cap from the API is reached for the current user"
        raise TikTokError("spam_risk_too_many_posts", words, 403)


async def status(request: Request) -> Response:
    """Answer POST /v2/post/publish/status/fetch/."""
    world = demand(request, "video.publish", pace=STATUS)
    fields = await read_json(request, frozenset({"publish_id"}))
    made = Jobs(world)
    job = made.find(word(fields, "publish_id"))
    if job is None:
        raise TikTokError("invalid_publish_id", "The publish_id does not exist")
    whole = job.state != UPLOADING or job.fields["received"] == job.fields["size"]
    if job.state in {UPLOADING, DOWNLOADING} and whole:
        if job.polls:
            made.looked_at(job)
        else:
            made.publish(job)
            job = made.known(job.id)
    told: Json = {"status": job.state, "publicaly_available_post_id": []}
    size = job.fields.get("received", 0)
    told["uploaded_bytes" if "size" in job.fields else "downloaded_bytes"] = size
    if job.state == FAILED:
        told["fail_reason"] = job.reason
    if job.state == COMPLETE and job.post is not None and job.fields["privacy_level"] == jobs.PUBLIC:
        told["publicaly_available_post_id"] = [int(job.post)]
    return enveloped(told, job.id, str(math.floor(world.now().timestamp())))
