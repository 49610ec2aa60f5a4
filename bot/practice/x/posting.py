"""Publishes and deletes posts, refusing what X refuses an app."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice import ids
from bot.practice.composing import NewPost
from bot.practice.identity import HANDLE
from bot.practice.kinds import Json, Network
from bot.practice.x.counting import LIMIT, weight
from bot.practice.x.entities import created
from bot.practice.x.uploads import KEYS, MEDIA_INVALID, category_of, usable
from bot.practice.x.wire import (
    XError,
    demand,
    forbidden,
    inner,
    invalid,
    missing,
    read_json,
    word,
    words,
)

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.posts import Post
    from bot.practice.world import World

FIELDS = frozenset(
    {
        "text",
        "media",
        "reply",
        "reply_settings",
        "poll",
        "quote_tweet_id",
        "community_id",
        "share_with_followers",
        "made_with_ai",
        "paid_partnership",
        "edit_options",
        "nullcast",
        "for_super_followers_only",
        "geo",
        "direct_message_deep_link",
        "card_uri",
    }
)
TAKEN = frozenset({"text", "media", "reply", "reply_settings", "poll", "made_with_ai", "paid_partnership"})
MEDIA = frozenset({"media_ids", "tagged_user_ids", "title", "description"})
REPLY = frozenset({"in_reply_to_tweet_id", "exclude_reply_user_ids"})
REPLY_SETTINGS = frozenset({"following", "mentionedUsers", "subscribers", "verified"})
MOST_MEDIA = 4
POLL = frozenset({"options", "duration_minutes"})
POLL_OPTIONS, POLL_LETTERS, POLL_MINUTES = (2, 4), 25, (5, 10_080)
SAME_FOR = timedelta(hours=24)
CASHTAG = re.compile(r"(?<![\w$])\$[A-Za-z]{1,6}\b")
LEADING = re.compile(r"^(?:@\w{1,15}\s+)+")
MENTION = re.compile(rf"(?<!\w)@{HANDLE}\b", re.IGNORECASE)
DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
UNASKED = "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged."


async def create(request: Request) -> Response:
    """Answer POST /2/tweets."""
    world = demand(request)
    fields = await read_json(request, FIELDS)
    for name in sorted(set(fields) - TAKEN):
        raise forbidden(f"{name} is not part of the practice network.")
    # Nothing below waits, so of two equal requests one is the second.
    text, media, parent = word(fields, "text"), _media(world, fields), _parent(world, fields)
    body: Json = {"media_ids": media, "reply_settings": _settings(fields), **_signs(fields), **_poll(fields, media)}
    if media:
        body["media_kind"] = KEYS[category_of(world, media[0])]
    _check(text, media, parent)
    if text and _said_already(world, text, parent):
        raise forbidden(DUPLICATE)
    now, turn = world.now(), world.posts.next_number()
    new = NewPost(
        id=ids.post_number(now, turn),
        text=text,
        body=body,
        cid="",
        created_at=now,
        parent=None if parent is None else parent.id,
        root=None if parent is None else parent.root or parent.id,
        pictures=len(media),
    )
    with world.book.together():
        post = world.posts.add(new, network=Network.X, author=world.identity.mastodon_id)
        world.shelf.attach(Network.X, media, post.id)
    return JSONResponse({"data": created(world, post)}, 201)


def _media(world: World, fields: Json) -> list[str]:
    media = inner(fields, "media", MEDIA)
    if media is None:
        return []
    names = words(media.get("media_ids"), "$.media.media_ids")
    if not 1 <= len(names) <= MOST_MEDIA or len(set(names)) != len(names):
        raise invalid(f"$.media.media_ids: must have from 1 to {MOST_MEDIA} different items")
    if not all(usable(world, name) for name in names):
        raise invalid(MEDIA_INVALID)
    if len(names) > 1 and any(category_of(world, name) != "tweet_image" for name in names):
        raise invalid("$.media.media_ids: a video or a GIF goes alone")
    return names


def _poll(fields: Json, media: list[str]) -> Json:
    poll = inner(fields, "poll", POLL)
    if poll is None:
        return {}
    if media:
        raise invalid("$.poll: a post has either media or a poll")
    options, minutes = poll.get("options"), poll.get("duration_minutes")
    least, most = POLL_OPTIONS
    if not isinstance(options, list) or not least <= len(options) <= most:
        raise invalid(f"$.poll.options: must have from {least} to {most} items")
    if not all(isinstance(one, str) and 1 <= len(one) <= POLL_LETTERS for one in options):
        raise invalid(f"$.poll.options: must be from 1 to {POLL_LETTERS} characters long")
    shortest, longest = POLL_MINUTES
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not shortest <= minutes <= longest:
        raise invalid(f"$.poll.duration_minutes: must be from {shortest} to {longest}")
    return {"poll": {"options": options, "duration_minutes": minutes}}


def _parent(world: World, fields: Json) -> Post | None:
    reply = inner(fields, "reply", REPLY)
    if reply is None:
        return None
    name = word(reply, "in_reply_to_tweet_id")
    parent = world.posts.find(Network.X, name)
    if parent is None:
        raise forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.")
    if not world.author(parent).own and MENTION.search(parent.text) is None:
        raise forbidden(UNASKED)
    return parent


def _settings(fields: Json) -> str:
    setting = word(fields, "reply_settings")
    if setting and setting not in REPLY_SETTINGS:
        raise invalid(f"$.reply_settings: does not have a value in the enumeration {sorted(REPLY_SETTINGS)}")
    return setting


def _signs(fields: Json) -> Json:
    signs = {name: fields.get(name, False) for name in ("made_with_ai", "paid_partnership")}
    for name, value in signs.items():
        if not isinstance(value, bool):
            raise invalid(f"$.{name}: must be a boolean")
    return dict(signs)


def _check(text: str, media: list[str], parent: Post | None) -> None:
    if not text.strip() and not media:
        raise invalid("$.text: is missing but it is required")
    counted = text if parent is None else LEADING.sub("", text)
    if weight(counted) > LIMIT:
        detail = "Your Tweet text is too long. For more details on how we count, see counting characters."
        raise XError(400, "invalid-request", "Invalid Request", detail)
    if len(CASHTAG.findall(text)) > 1:
        raise forbidden("You are not permitted to perform this action: more than one cashtag.")


def _said_already(world: World, text: str, parent: Post | None) -> bool:
    place = None if parent is None else parent.id
    return any(
        post.text == text and post.parent == place and world.now() - post.created_at < SAME_FOR
        for post in world.posts.of_author(Network.X, world.identity.mastodon_id)
    )


async def delete(request: Request) -> Response:
    """Answer DELETE /2/tweets/:id."""
    world = demand(request)
    name = request.path_params["id"]
    post = world.posts.find(Network.X, name)
    if post is None:
        raise missing(name)
    if not world.author(post).own:
        raise forbidden("You are not authorized to delete this Tweet.")
    with world.book.together():
        world.posts.delete(post)
        world.shelf.attach(Network.X, [str(one) for one in _shown(post)], None)
    return JSONResponse({"data": {"deleted": True}})


async def hide(request: Request) -> Response:
    """Answer PUT /2/tweets/:id/hidden: fold away somebody's reply in a conversation we began, or show it again."""
    world = demand(request)
    fields = await read_json(request, frozenset({"hidden"}))
    hidden, name = fields.get("hidden"), request.path_params["id"]
    if not isinstance(hidden, bool):
        raise invalid("$.hidden: is missing but it is required, and must be a boolean")
    post = world.posts.find(Network.X, name)
    if post is None:
        raise missing(name)
    root = None if post.root is None else world.posts.find(Network.X, post.root)
    if root is None or not world.author(root).own or world.author(post).own:
        raise forbidden("You can only hide other people's replies to conversations that you started.")
    world.posts.note(post, {**post.body, "hidden": hidden})
    return JSONResponse({"data": {"hidden": hidden}})


def _shown(post: Post) -> list[object]:
    names = post.body.get("media_ids")
    return names if isinstance(names, list) else []
