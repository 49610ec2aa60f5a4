"""Publishes, edits and deletes statuses, with Mastodon's own promise about the Idempotency-Key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice import ids
from bot.practice.composing import NewPost
from bot.practice.kinds import Json, Network
from bot.practice.mastodon.entities import media_of, status
from bot.practice.mastodon.instance import limits
from bot.practice.mastodon.polls import poll_of
from bot.practice.mastodon.wire import NOT_FOUND, MastodonError, demand, invalid, read_fields, truth, word, words
from bot.practice.text import graphemes, mastodon_length
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.media import Item
    from bot.practice.posts import Post

NEW_FIELDS = frozenset(
    {
        "status",
        "media_ids",
        "in_reply_to_id",
        "sensitive",
        "spoiler_text",
        "visibility",
        "language",
        "scheduled_at",
        "poll",
        "quoted_status_id",
        "quote_approval_policy",
    }
)
EDIT_FIELDS = frozenset({"status", "media_ids", "media_attributes", "sensitive", "spoiler_text", "language", "poll"})
NOT_HERE = ("scheduled_at", "quoted_status_id", "media_attributes")
VISIBILITIES = ("public", "unlisted", "private", "direct")
QUOTERS = ("public", "followers", "nobody")
KEY_LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a client asks a status to say."""

    text: str
    spoiler: str
    sensitive: bool
    visibility: str
    language: str
    media: list[str]
    poll: Json | None

    def body(self) -> Json:
        """The part of the status that is stored as JSON."""
        return {
            **({} if self.poll is None else {"poll": self.poll}),
            "spoiler_text": self.spoiler,
            "sensitive": self.sensitive or bool(self.spoiler),
            "visibility": self.visibility,
            "language": self.language,
            "media_ids": self.media,
        }


async def publish(request: Request) -> Response:
    """Answer POST /api/v1/statuses; the same key within an hour answers the same status."""
    demand(request, "write:statuses")
    world = world_of(request)
    fields = await read_fields(request, NEW_FIELDS)
    # Nothing below waits, so two requests with the same key cannot both pass.
    key = request.headers.get("idempotency-key") or None
    if key is not None and not world.software.gotosocial:
        before = _remembered(world, key)
        if before is not None:
            return JSONResponse(status(world, _found(world, before)))
    _refuse_what_is_missing(fields)
    parent = _parent(world, word(fields, "in_reply_to_id"))
    wish = _wish(fields)
    _measure(world, wish)
    _ready(world, wish, None)
    post = _make(world, wish, parent, key)
    return JSONResponse(status(world, post))


def _make(world: World, wish: Wish, parent: Post | None, key: str | None) -> Post:
    now, number = world.now(), world.posts.next_number()
    new = NewPost(
        id=ids.ulid(now, number) if world.software.gotosocial else ids.snowflake(now, number),
        text=wish.text,
        body=wish.body(),
        cid="",
        created_at=now,
        parent=None if parent is None else parent.id,
        root=None if parent is None else parent.root or parent.id,
        key=key,
        pictures=len(wish.media),
    )
    with world.book.together():
        post = world.posts.add(new, network=Network.MASTODON, author=world.identity.mastodon_id)
        world.shelf.attach(Network.MASTODON, wish.media, post.id)
        if key is not None:
            world.book.change("INSERT OR REPLACE INTO keys VALUES (?, ?, ?)", key, post.id, now.timestamp())
    return post


def _remembered(world: World, key: str) -> str | None:
    since = (world.now() - KEY_LIFE).timestamp()
    row = world.book.row("SELECT post FROM keys WHERE key = ? AND created_at > ?", key, since)
    return None if row is None else str(row["post"])


def _refuse_what_is_missing(fields: Json) -> None:
    for name in NOT_HERE:
        if fields.get(name) not in (None, "", []):
            raise invalid(f"{name} is not part of the practice network")
    if word(fields, "quote_approval_policy", "public") not in QUOTERS:
        raise invalid("quote_approval_policy is not included in the list")


def _parent(world: World, name: str) -> Post | None:
    if not name:
        return None
    parent = world.posts.find(Network.MASTODON, name)
    if parent is None:
        raise MastodonError(404, "The post you are trying to reply to does not appear to exist.")
    return parent


def _wish(fields: Json) -> Wish:
    """What is not said is not wished, in an edit too: what it leaves out is taken from the status."""
    visibility = word(fields, "visibility", "public") or "public"
    if visibility not in VISIBILITIES:
        raise invalid("Visibility is not included in the list")
    return Wish(
        text=word(fields, "status"),
        spoiler=word(fields, "spoiler_text"),
        sensitive=truth(fields, "sensitive", default=False),
        visibility=visibility,
        language=word(fields, "language", "en"),
        media=words(fields, "media_ids") or [],
        poll=poll_of(fields.get("poll")),
    )


def _measure(world: World, wish: Wish) -> None:
    limit = limits(world.software)
    if not wish.text.strip() and not wish.media:
        raise invalid("Text can't be blank")
    if graphemes(wish.spoiler) + mastodon_length(wish.text, per_link=limit.per_link) > limit.characters:
        raise invalid(f"Text character limit of {limit.characters} exceeded")
    if wish.poll is not None and wish.media:
        raise invalid("Cannot attach a poll to a status that has media")
    if len(wish.media) > limit.media:
        raise invalid(f"Cannot attach more than {limit.media} files")


def _ready(world: World, wish: Wish, old: Post | None) -> list[Item]:
    items = []
    for name in wish.media:
        item = world.shelf.find(Network.MASTODON, name)
        if item is None or item.post not in (None, None if old is None else old.id):
            raise invalid(f"Media attachment {name} was not found")
        if item.polls:
            raise invalid("Cannot attach files that have not finished processing. Try again in a moment!")
        if world.shelf.failure(item):
            raise invalid("Cannot attach files that could not be processed")
        items.append(item)
    if len(items) > 1 and any(item.mime.startswith("video/") for item in items):
        raise invalid("Cannot attach a video to a post that already contains images")
    if len(set(wish.media)) != len(wish.media):
        raise invalid("Media attachments must differ")
    return items


def _found(world: World, name: str) -> Post:
    post = world.posts.find(Network.MASTODON, name)
    if post is None:
        raise MastodonError(404, NOT_FOUND)
    return post


def own(request: Request) -> Post:
    """The desk's own live status a call names, or 404."""
    world = world_of(request)
    post = _found(world, request.path_params["id"])
    if not world.author(post).own:
        raise MastodonError(404, NOT_FOUND)
    return post


def _edited(wish: Wish, old: Post, world: World) -> Wish:
    """Who may see it stays as it was; a poll's time counts from now."""
    poll = wish.poll
    if poll is not None:
        age = round((world.now() - old.created_at).total_seconds())
        poll = {**poll, "expires_in": int(str(poll["expires_in"])) + age}
    return replace(wish, visibility=str(old.body["visibility"]), poll=poll)


async def edit(request: Request) -> Response:
    """Answer PUT /api/v1/statuses/:id."""
    demand(request, "write:statuses")
    world = world_of(request)
    fields = await read_fields(request, EDIT_FIELDS)
    post = own(request)
    _refuse_what_is_missing(fields)
    wish = _edited(_wish(fields), post, world)
    _measure(world, wish)
    _ready(world, wish, post)
    with world.book.together():
        world.shelf.attach(Network.MASTODON, [item.id for item in media_of(world, post)], None)
        world.shelf.attach(Network.MASTODON, wish.media, post.id)
        world.posts.rewrite(
            post,
            NewPost(
                id=post.id,
                text=wish.text,
                body=wish.body(),
                cid="",
                created_at=post.created_at,
                parent=post.parent,
                root=post.root,
            ),
        )
    return JSONResponse(status(world, _found(world, post.id)))


async def delete(request: Request) -> Response:
    """Answer DELETE /api/v1/statuses/:id with the source, so that a client can write it anew."""
    demand(request, "write:statuses")
    world, post = world_of(request), own(request)
    shown = {**status(world, post), "text": post.text}
    del shown["content"]
    with world.book.together():
        world.posts.delete(post)
        world.shelf.attach(Network.MASTODON, [item.id for item in media_of(world, post)], None)
    return JSONResponse(shown)
