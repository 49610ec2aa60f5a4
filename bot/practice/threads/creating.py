"""Containers made: words, pictures, videos and polls, each looked at before it can be published."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.kinds import Network
from bot.practice.meta.containers import FINISHED, Accepts, Containers
from bot.practice.meta.moving import POLLS as VIDEO_POLLS
from bot.practice.meta.moving import Takes
from bot.practice.meta.wire import GraphError, demand, gone, names_in, read_fields, truth, word
from bot.practice.pipeline import POLLS
from bot.practice.text import links, threads_length
from bot.practice.threads.posting import NOT_FOUND, user
from bot.practice.threads.reading import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from bot.practice.world import World

CHARACTERS, LINKS, ALT, TOPIC, OPTION = 500, 5, 1000, 50, 25
FEWEST, MOST = 2, 20
KINDS = frozenset({"TEXT", "IMAGE", "VIDEO", "CAROUSEL"})
SHOWN_BY = {"IMAGE": "image_url", "VIDEO": "video_url", "CAROUSEL": "children"}
"""The field that each kind must have and no other may."""
CONTROLS = frozenset({"everyone", "accounts_you_follow", "mentioned_only", "parent_post_author_only", "followers_only"})
NEW_FIELDS = frozenset(
    {
        "media_type",
        "text",
        "image_url",
        "video_url",
        "is_carousel_item",
        "children",
        "alt_text",
        "reply_to_id",
        "quote_post_id",
        "reply_control",
        "topic_tag",
        "link_attachment",
        "text_attachment",
        "poll_attachment",
        "gif_attachment",
        "is_spoiler_media",
        "is_ghost_post",
        "enable_reply_approvals",
        "allowlisted_country_codes",
        "auto_publish_text",
    }
)
NOT_HERE = (
    "quote_post_id",
    "text_attachment",
    "gif_attachment",
    "is_ghost_post",
    "allowlisted_country_codes",
    "auto_publish_text",
)
ACCEPTS = Accepts(
    kinds=frozenset({"image/jpeg", "image/png"}),
    most_bytes=8_000_000,
    ratio=(0.1, 10.0),
    unreachable="FAILED_DOWNLOADING_MEDIA",
    refused="INVALID_IMAGE_{}",
)
TAKES = Takes(most_bytes=1_000_000_000, seconds=(0.0, 300.0))
WORDS = {
    "fetch": "FAILED_DOWNLOADING_VIDEO",
    "format": "FAILED_PROCESSING_VIDEO",
    "size": "FAILED_PROCESSING_VIDEO",
    "duration": "INVALID_DURATION",
    "ratio": "INVALID_ASPECT_RATIO",
    "resolution": "FAILED_PROCESSING_VIDEO",
    "frame_rate": "INVALID_FRAME_RATE",
}
TOPIC_REFUSED = 4279071


async def create(request: Request) -> Response:
    """Answer POST /:user/threads: a container, which is looked at before it can be published."""
    demand(request, "threads_basic", "threads_content_publish")
    world = user(request)
    fields = await read_fields(request, NEW_FIELDS)
    plain = {name: word(fields, name) for name in NEW_FIELDS & set(fields)}
    _refuse_what_is_missing(plain)
    child = truth(fields, "is_carousel_item", default=False)
    _check_words(world, plain, child=child)
    _check_extras(plain, spoiler=truth(fields, "is_spoiler_media", default=False), child=child)
    truth(fields, "enable_reply_approvals", default=False)
    containers, polls = Containers(world, Network.THREADS), int(getattr(request.state, POLLS, 0))
    kind, media, reason = plain["media_type"], None, ""
    if kind == "IMAGE":
        media, reason = await containers.pull(plain["image_url"], plain.get("alt_text", ""), ACCEPTS)
    elif kind == "VIDEO":
        media, wrong = await containers.pull_video(plain["video_url"], plain.get("alt_text", ""), TAKES)
        reason, polls = WORDS.get(wrong, ""), max(polls, VIDEO_POLLS)
    elif kind == "CAROUSEL":
        _check_children(containers, plain["children"])
    elif not plain.get("text"):
        raise GraphError("(#100) Param text is required for media_type TEXT")
    return JSONResponse({"id": containers.make(plain, media=media, reason=reason.upper(), polls=polls)})


def _refuse_what_is_missing(fields: Mapping[str, str]) -> None:
    for name in NOT_HERE:
        if fields.get(name):
            raise GraphError(f"(#100) {name} is not part of the practice network")
    kind = fields.get("media_type", "")
    if kind not in KINDS:
        raise GraphError(f"(#100) Param media_type must be one of {{{', '.join(sorted(KINDS))}}}")
    for of, name in SHOWN_BY.items():
        if (kind == of) is not bool(fields.get(name)):
            said = "is required for" if kind == of else "does not go with"
            raise GraphError(f"(#100) Param {name} {said} media_type {kind}")
    if fields.get("reply_control", "everyone") not in CONTROLS:
        raise GraphError(f"(#100) Param reply_control must be one of {{{', '.join(sorted(CONTROLS))}}}")


def _check_words(world: World, fields: Mapping[str, str], *, child: bool) -> None:
    text, topic = fields.get("text", ""), fields.get("topic_tag")
    if child and (text or fields["media_type"] not in {"IMAGE", "VIDEO"}):
        raise GraphError("(#100) A carousel item is a picture or a video without text")
    if threads_length(text) > CHARACTERS:
        raise GraphError(f"(#100) Param text must be at most {CHARACTERS} characters long.")
    link = fields.get("link_attachment", "")
    if len({text[start:end] for start, end in links(text)} | ({link} if link else set())) > LINKS:
        raise GraphError("THREADS_API__LINK_LIMIT_EXCEEDED")
    if len(fields.get("alt_text", "")) > ALT:
        raise GraphError(f"(#100) Param alt_text must be at most {ALT} characters long.")
    if topic is not None and not re.fullmatch(rf"[^.&]{{1,{TOPIC}}}", topic):
        raise GraphError("(#100) The topic tag is not valid", subcode=TOPIC_REFUSED)
    above = fields.get("reply_to_id")
    if above and world.posts.find(Network.THREADS, above) is None:
        raise gone(above)


def _check_extras(fields: Mapping[str, str], *, spoiler: bool, child: bool) -> None:
    if spoiler and (child or fields["media_type"] == "TEXT"):
        raise GraphError("(#100) Param is_spoiler_media goes with a picture, a video or a carousel as a whole")
    link = fields.get("link_attachment", "")
    if link and fields["media_type"] != "TEXT":
        raise GraphError("(#100) Param link_attachment goes with media_type TEXT only")
    if link and list(links(link)) != [(0, len(link))]:
        raise GraphError("(#100) Param link_attachment must be a URL")
    if "poll_attachment" not in fields:
        return
    if fields["media_type"] != "TEXT" or link:
        raise GraphError("(#100) Param poll_attachment goes with media_type TEXT only")
    try:
        poll = json.loads(fields["poll_attachment"])
    except ValueError:
        poll = None
    if not isinstance(poll, dict) or tuple(sorted(poll)) not in {OPTIONS[:2], OPTIONS[:3], OPTIONS}:
        raise GraphError(f"(#100) Param poll_attachment must be an object of {', '.join(OPTIONS)}")
    if not all(isinstance(option, str) and 1 <= len(option) <= OPTION for option in poll.values()):
        raise GraphError(f"(#100) Each option of a poll must have 1 to {OPTION} characters")


def _check_children(containers: Containers, children: str) -> None:
    names = names_in(children)
    if not FEWEST <= len(names) <= MOST:
        raise GraphError(f"(#100) Param children must have {FEWEST} to {MOST} items")
    for name in names:
        child = containers.find(name)
        if child is None or child.state != FINISHED or child.fields.get("is_carousel_item") != "true":
            raise GraphError(f"(#100) The carousel item {name} is not ready", subcode=NOT_FOUND)
