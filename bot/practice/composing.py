"""Writes the posts that no client sends, history and the audience's replies, in each network's own form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, assert_never

from bot.practice import identity, ids
from bot.practice.audience import Planned, chance
from bot.practice.kinds import Json, Network
from bot.practice.text import facets

if TYPE_CHECKING:
    from bot.practice.posts import Post


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPost:
    """A post that is about to become live; `body` is the network's own record of it."""

    id: str
    text: str
    body: Json
    cid: str
    created_at: datetime
    parent: str | None = None
    root: str | None = None
    key: str | None = None
    pictures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A reply and the account that says it."""

    author: str
    post: NewPost


def stamp(at: datetime) -> str:
    """Write a time as both networks do: UTC with milliseconds and Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def status_body(*, language: str = "en", media: list[str] | None = None) -> Json:
    """The Mastodon side of a plain public status."""
    return {
        "spoiler_text": "",
        "sensitive": False,
        "visibility": "public",
        "language": language,
        "media_ids": media or [],
    }


def graph_body(*, media: list[str] | None = None, **more: str) -> Json:
    """What Meta's networks keep of a post beside its text."""
    return {"media_ids": media or [], **more}


def record(text: str, at: datetime, *, language: str = "en") -> Json:
    """A plain Bluesky post record."""
    body: Json = {"$type": "app.bsky.feed.post", "text": text, "createdAt": stamp(at), "langs": [language]}
    marked = facets(text)
    if marked:
        body["facets"] = marked
    return body


def reply(post: Post, planned: Planned, *, at: datetime, turn: int) -> Said:
    """Write what one voice answers to a post."""
    who = identity.person(planned.voice)
    text, language = planned.remark.text, planned.remark.language
    low = int(chance(post.id, planned.voice.name, turn) * 65_536)
    root, author, cid = post.root or post.id, who.mastodon_id, ""
    body: Json
    match post.network:
        case Network.MASTODON:
            name, text, body = ids.snowflake(at, low), f"@{identity.HANDLE} {text}", status_body(language=language)
        case Network.X:
            name, text = ids.post_number(at, low), f"@{identity.HANDLE} {text}"
            body = {"media_ids": [], "reply_settings": ""}
        case Network.LINKEDIN:
            name, author = f"urn:li:comment:({root},{ids.entity_number(at, low)})", who.member_urn
            body = {"author": author, "media_ids": []}
        case Network.THREADS | Network.FACEBOOK | Network.INSTAGRAM:
            name, body = ids.media_number(at, low), graph_body()
        case Network.TIKTOK:
            name, body = ids.video_number(at, low), {"media_ids": []}
        case Network.BLUESKY:
            name, author = ids.at_uri(who.did, ids.tid(at, low)), who.did
            body = record(text, at, language=language)
            body["reply"] = {"root": _root(post), "parent": {"uri": post.id, "cid": post.cid}}
            cid = ids.record_cid(body)
        case _:
            assert_never(post.network)
    said = NewPost(id=name, text=text, body=body, cid=cid, created_at=at, parent=post.id, root=root)
    return Said(author=author, post=said)


def _root(post: Post) -> object:
    own = post.body.get("reply")
    return own["root"] if isinstance(own, dict) else {"uri": post.id, "cid": post.cid}
