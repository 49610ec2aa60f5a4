"""Containers made: what is to be shown is fetched or taken as bytes, looked at, and waits to be published."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.instagram.posting import user
from bot.practice.instagram.rights import FACEBOOK, demand, product
from bot.practice.kinds import Network
from bot.practice.meta.containers import EXPIRED, FINISHED, IN_PROGRESS, Accepts, Containers
from bot.practice.meta.moving import POLLS as VIDEO_POLLS
from bot.practice.meta.moving import Takes
from bot.practice.meta.rupload import arrived
from bot.practice.meta.wire import GraphError, gone, names_in, read_fields, truth, word
from bot.practice.pipeline import POLLS
from bot.practice.text import HASHTAG
from bot.practice.world import world_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

CAPTION, TAGS, MENTIONS = 2200, 30, 20
NAME = re.compile(r"(?<![\w@/.])@\w(?:[\w.]{0,28}\w)?")
FEWEST, MOST = 2, 10
REELS, STORIES, VIDEO, CAROUSEL = "REELS", "STORIES", "VIDEO", "CAROUSEL"
NEW_FIELDS = frozenset(
    {
        "image_url",
        "video_url",
        "caption",
        "media_type",
        "is_carousel_item",
        "children",
        "alt_text",
        "cover_url",
        "thumb_offset",
        "share_to_feed",
        "collaborators",
        "user_tags",
        "location_id",
        "audio_name",
        "upload_type",
        "trial_params",
        "is_ai_generated",
        "is_paid_partnership",
        "cross_post_to_threads",
    }
)
NOT_HERE = frozenset(
    {
        "collaborators",
        "user_tags",
        "location_id",
        "audio_name",
        "trial_params",
        "is_ai_generated",
        "is_paid_partnership",
        "cross_post_to_threads",
    }
)
ONLY = {
    "cover_url": frozenset({REELS}),
    "share_to_feed": frozenset({REELS}),
    "thumb_offset": frozenset({REELS, VIDEO}),
    "video_url": frozenset({REELS, STORIES, VIDEO}),
    "upload_type": frozenset({REELS, STORIES, VIDEO}),
    "image_url": frozenset({"", STORIES}),
    "alt_text": frozenset({""}),
    "caption": frozenset({"", REELS, CAROUSEL}),
    "children": frozenset({CAROUSEL}),
    "is_carousel_item": frozenset({"", VIDEO}),
}
"""The kinds of post that a field goes with; the empty one is a picture."""
ACCEPTS = Accepts(
    kinds=frozenset({"image/jpeg"}),
    most_bytes=8_000_000,
    ratio=(0.8, 1.91),
    unreachable="fetch",
    refused="{}",
)
IN_A_STORY = Accepts(
    kinds=ACCEPTS.kinds, most_bytes=ACCEPTS.most_bytes, ratio=(0.01, 10.0), unreachable="fetch", refused="{}"
)
TAKES = Takes(most_bytes=300_000_000, seconds=(3.0, 900.0))
TAKES_IN_A_STORY = Takes(most_bytes=100_000_000, seconds=(3.0, 60.0))
REFUSALS = {
    "fetch": (9004, 2207052, "Only photo or video can be accepted as media type. The media could not be fetched."),
    "format": (36001, 2207005, "The image format is not supported"),
    "size": (36000, 2207004, "The image is too large to download. It should be less than 8 MB."),
    "ratio": (36003, 2207009, "The submitted image with aspect ratio cannot be published."),
}
UNFETCHED, UNFIT, NO_COVER = 2207052, 2207026, 2207057


async def create(request: Request) -> Response:
    """Answer POST /:user/media: a container, which is looked at before it can be published."""
    demand(request, "publish")
    world = user(request)
    fields = await read_fields(request, NEW_FIELDS)
    plain = {name: word(fields, name) for name in sorted(NEW_FIELDS & set(fields))}
    kind = plain.get("media_type", "")
    _check_fields(plain, kind)
    child = truth(fields, "is_carousel_item", default=False)
    if kind == VIDEO and not child:
        raise GraphError("The media type VIDEO is only for carousel items. Use REELS.", code=100, subcode=2207023)
    _check_words(plain, child=child)
    containers, polls = Containers(world, Network.INSTAGRAM), int(getattr(request.state, POLLS, 0))
    if kind == CAROUSEL:
        _check_children(containers, plain.get("children", ""))
        return JSONResponse({"id": containers.make(plain, polls=polls)})
    if "image_url" in plain:
        media = await _picture(containers, plain, ACCEPTS if kind != STORIES else IN_A_STORY)
        return JSONResponse({"id": containers.make(plain, media=media, polls=polls)})
    polls = max(polls, VIDEO_POLLS)
    if "upload_type" in plain:
        name = containers.make(plain, polls=polls, empty=True)
        address = f"{world.settings.root}/instagram/ig-api-upload/v26.0/{name}"
        return JSONResponse({"id": name, "uri": address})
    media, wrong = await containers.pull_video(plain["video_url"], "", _takes(kind))
    reason = _why(wrong) or await _cover(containers, plain)
    return JSONResponse({"id": containers.make(plain, media=media, reason=reason, polls=polls)})


def _check_fields(fields: Mapping[str, str], kind: str) -> None:
    """Which fields go with which kind of post, and that exactly one thing is to be shown."""
    for name in sorted(NOT_HERE):
        if fields.get(name):
            raise GraphError(f"(#100) {name} is not part of the practice network")
    if kind not in {"", REELS, STORIES, VIDEO, CAROUSEL}:
        raise GraphError(f"(#100) Param media_type must be one of {{{REELS}, {STORIES}, {VIDEO}, {CAROUSEL}}}")
    shown = [name for name in ("image_url", "video_url", "upload_type") if fields.get(name)]
    if kind != CAROUSEL and len(shown) != 1:
        needed = "image_url" if not kind else "image_url or video_url" if kind == STORIES else "video_url"
        raise GraphError(f"The parameter {needed} is required.", code=100, subcode=2207023)
    for name, kinds in ONLY.items():
        if fields.get(name) and kind not in kinds:
            raise GraphError(f"(#100) {name} does not go with this media type", code=100, subcode=2207023)


def _check_words(fields: Mapping[str, str], *, child: bool) -> None:
    caption = fields.get("caption", "")
    if child and caption:
        raise GraphError("(#100) A carousel item has no caption")
    if len(caption) > CAPTION or len(HASHTAG.findall(caption)) > TAGS or len(NAME.findall(caption)) > MENTIONS:
        raise GraphError(f"The caption was too long. At most {CAPTION} characters.", code=36004, subcode=2207010)
    if fields.get("share_to_feed", "true").lower() not in {"true", "false", "1", "0"}:
        raise GraphError("(#100) Param share_to_feed must be a boolean")
    if not fields.get("thumb_offset", "0").isdigit():
        raise GraphError("(#100) Param thumb_offset must be a number of milliseconds", code=1, subcode=NO_COVER)
    if fields.get("upload_type", "resumable") != "resumable":
        raise GraphError("(#100) Param upload_type must be resumable")


def _check_children(containers: Containers, children: str) -> None:
    names = names_in(children)
    if not FEWEST <= len(names) <= MOST:
        raise GraphError(f"A carousel has {FEWEST} to {MOST} items.", subcode=2207028)
    for name in names:
        child = containers.find(name)
        if child is not None and child.state == EXPIRED:
            raise GraphError(f"The carousel item {name} has expired", code=24, subcode=2207008)
        if child is not None and child.state == IN_PROGRESS:
            raise GraphError("The media is not ready for publishing", code=9007, subcode=2207027)
        if child is None or child.state != FINISHED or child.fields.get("is_carousel_item") != "true":
            raise GraphError(f"The carousel item {name} does not exist", code=24, subcode=2207006)


async def _picture(containers: Containers, fields: Mapping[str, str], accepts: Accepts) -> str | None:
    media, wrong = await containers.pull(fields["image_url"], fields.get("alt_text", ""), accepts)
    if wrong:
        code, subcode, words = REFUSALS[wrong]
        raise GraphError(words, code=code, subcode=subcode)
    return media


def _takes(kind: str) -> Takes:
    return TAKES_IN_A_STORY if kind == STORIES else TAKES


def _why(wrong: str) -> str:
    """A video is judged after its container was named, so that what is wrong shows there."""
    if not wrong:
        return ""
    return f"Media upload has failed with error code {UNFETCHED if wrong == 'fetch' else UNFIT}"


async def _cover(containers: Containers, fields: Mapping[str, str]) -> str:
    if "cover_url" not in fields:
        return ""
    _, wrong = await containers.pull(fields["cover_url"], "", IN_A_STORY)
    return f"Media upload has failed with error code {NO_COVER}" if wrong else ""


async def receive(request: Request) -> Response:
    """Answer POST /ig-api-upload/:version/:id: the bytes of a video, which only Facebook Login may send."""
    demand(request, "publish")
    if product(request) is not FACEBOOK:
        raise GraphError("(#100) Uploading bytes is only for apps with Facebook Login")
    world, name = world_of(request), request.path_params["id"]
    containers = Containers(world, Network.INSTAGRAM)
    container = containers.find(name)
    if container is None or not container.empty or "upload_type" not in container.fields:
        raise gone(name)
    content = await arrived(request, name)
    if content is not None:
        media, wrong = await containers.take(content, "", _takes(container.fields["media_type"]))
        containers.fill(name, media=media, reason=_why(wrong))
    return JSONResponse({"success": True, "message": "Upload successful."})
