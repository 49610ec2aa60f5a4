"""Draws accounts, statuses and media attachments in Mastodon's JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.practice.composing import stamp
from bot.practice.kinds import Json, Network
from bot.practice.mastodon.html import content
from bot.practice.text import HASHTAG

if TYPE_CHECKING:
    from bot.practice.identity import Person
    from bot.practice.media import Item
    from bot.practice.posts import Post
    from bot.practice.world import World


def account(world: World, person: Person) -> Json:
    """An Account."""
    root = f"{world.settings.root}/mastodon"
    avatar = f"{root}/avatar.png"
    number, last = world.posts.tally(Network.MASTODON, person.mastodon_id)
    return {
        "id": person.mastodon_id,
        "username": person.name,
        "acct": person.acct,
        "display_name": person.display,
        "locked": False,
        "bot": False,
        "discoverable": True,
        "group": False,
        "created_at": "2024-01-01T00:00:00.000Z",
        "note": f"<p>{person.about}</p>",
        "url": f"{root}/@{person.acct}",
        "uri": f"{root}/users/{person.name}",
        "avatar": avatar,
        "avatar_static": avatar,
        "header": avatar,
        "header_static": avatar,
        "followers_count": world.followers(Network.MASTODON) if person.own else 37,
        "following_count": 112 if person.own else 55,
        "statuses_count": number,
        "last_status_at": None if last is None else stamp(last)[:10],
        "emojis": [],
        "fields": [],
    }


def attachment(world: World, item: Item) -> Json:
    """A MediaAttachment; `url` is null while it is being processed."""
    address = f"{world.settings.root}/mastodon/files/{item.id}" if item.polls == 0 else None
    size = {
        "width": item.width,
        "height": item.height,
        "size": f"{item.width}x{item.height}",
        "aspect": item.width / item.height,
    }
    meta: Json = {"original": size, "small": size}
    if item.focus:
        x, y = (float(part) for part in item.focus.split(","))
        meta["focus"] = {"x": x, "y": y}
    return {
        "id": item.id,
        "type": "video" if item.mime.startswith("video/") else "image",
        "url": address,
        "preview_url": address,
        "remote_url": None,
        "preview_remote_url": None,
        "text_url": None,
        "meta": meta,
        "description": item.alt or None,
        "blurhash": None,
    }


def media_of(world: World, post: Post) -> list[Item]:
    """The pictures of a status, in its order."""
    names = post.body.get("media_ids")
    found = [world.shelf.find(post.network, str(name)) for name in names] if isinstance(names, list) else []
    return [item for item in found if item is not None]


def statuses(world: World, posts: list[Post]) -> list[Json]:
    """Several Statuses, each author drawn once."""
    authors = {name: account(world, world.people[name]) for name in {post.author for post in posts}}
    return [_status(world, post, authors[post.author]) for post in posts]


def status(world: World, post: Post) -> Json:
    """A Status."""
    return statuses(world, [post])[0]


def _status(world: World, post: Post, drawn: Json) -> Json:
    root = f"{world.settings.root}/mastodon"
    counts = world.posts.counts(post)
    parent = None if post.parent is None else world.posts.find(post.network, post.parent)
    author = world.author(post)
    return {
        "id": post.id,
        "created_at": stamp(post.created_at),
        "edited_at": None if post.edited_at is None else stamp(post.edited_at),
        "in_reply_to_id": None if parent is None else parent.id,
        "in_reply_to_account_id": None if parent is None else parent.author,
        "sensitive": post.body["sensitive"],
        "spoiler_text": post.body["spoiler_text"],
        "visibility": post.body["visibility"],
        "language": post.body["language"],
        "uri": f"{root}/users/{author.name}/statuses/{post.id}",
        "url": world.url(post),
        "replies_count": world.posts.replies(post),
        "reblogs_count": counts.reposts,
        "favourites_count": counts.likes,
        "quotes_count": counts.quotes,
        "favourited": False,
        "reblogged": False,
        "muted": False,
        "bookmarked": False,
        "pinned": False,
        "content": content(post.text, root=root),
        "filtered": [],
        "reblog": None,
        "application": {"name": "Copydesk", "website": None} if author.own else None,
        "account": drawn,
        "media_attachments": [attachment(world, item) for item in media_of(world, post)],
        "mentions": _mentions(world, post),
        "tags": [
            {"name": tag.lower(), "url": f"{root}/tags/{tag.lower()}"} for tag in _unique(HASHTAG.findall(post.text))
        ],
        "emojis": [],
        "card": None,
        "poll": _poll(world, post),
    }


def _poll(world: World, post: Post) -> Json | None:
    """A Poll nobody has voted in; the audience has other things to do."""
    poll = post.body.get("poll")
    if not isinstance(poll, dict):
        return None
    ends = post.created_at + timedelta(seconds=int(poll["expires_in"]))
    return {
        "id": post.id,
        "expires_at": stamp(ends),
        "expired": world.now() >= ends,
        "multiple": poll["multiple"],
        "votes_count": 0,
        "voters_count": 0,
        "voted": True,
        "own_votes": [],
        "options": [{"title": title, "votes_count": 0} for title in poll["options"]],
        "emojis": [],
    }


def _unique(names: list[str]) -> list[str]:
    return list({name.lower(): name for name in names}.values())


def _mentions(world: World, post: Post) -> list[Json]:
    if world.author(post).own:
        return []
    me = world.people[world.identity.mastodon_id]
    url = f"{world.settings.root}/mastodon/@{me.acct}"
    return [{"id": me.mastodon_id, "username": me.name, "url": url, "acct": me.acct}]
