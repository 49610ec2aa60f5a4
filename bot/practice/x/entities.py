"""Draws posts and accounts in X's JSON, by the fields a call asks for, under the old names and the new ones."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING

from bot.practice.composing import stamp
from bot.practice.kinds import Json, Network
from bot.practice.x.counting import addresses
from bot.practice.x.wire import PROBLEMS, invalid

if TYPE_CHECKING:
    from bot.practice.identity import Person
    from bot.practice.posts import Post
    from bot.practice.world import World

PRIVATE_FOR = timedelta(days=30)
NEW_NAMES = {
    "referenced_tweets": "referenced_posts",
    "note_tweet": "note_post",
    "edit_history_tweet_ids": "edit_history_post_ids",
}
POST_FIELDS = frozenset(
    {
        "attachments",
        "author_id",
        "conversation_id",
        "created_at",
        "edit_history_tweet_ids",
        "entities",
        "id",
        "in_reply_to_user_id",
        "lang",
        "non_public_metrics",
        "note_tweet",
        "organic_metrics",
        "public_metrics",
        "referenced_tweets",
        "reply_settings",
        "text",
    }
)
USER_FIELDS = frozenset(
    {
        "created_at",
        "description",
        "id",
        "name",
        "public_metrics",
        "subscription_type",
        "username",
        "verified",
        "verified_type",
    }
)
FIELD_NAMES = ("tweet.fields", "post.fields")


class Asked:
    """Which fields of a post a call wants, and whether it speaks of tweets or of posts."""

    def __init__(self, query: dict[str, str]) -> None:
        """Read the fields; both names together, or a field that is none, are refused."""
        given = [name for name in FIELD_NAMES if name in query]
        if len(given) > 1:
            raise invalid("Use either tweet.fields or post.fields.")
        self.renamed = given == ["post.fields"]
        words = query[given[0]].split(",") if given else []
        old = {new: name for name, new in NEW_NAMES.items()} if self.renamed else {}
        known = {NEW_NAMES.get(name, name) for name in POST_FIELDS} if self.renamed else POST_FIELDS
        for word in words:
            if word not in known:
                raise invalid(f"The `{given[0]}` query parameter value [{word}] is not one of {sorted(known)}")
        self.fields = {"id", "text", "edit_history_tweet_ids", *(old.get(word, word) for word in words)}

    @property
    def private(self) -> bool:
        """Whether it wants what only the author may see."""
        return bool(self.fields & {"non_public_metrics", "organic_metrics"})


def user_fields(query: dict[str, str]) -> frozenset[str]:
    """Which fields of an account a call wants."""
    words = frozenset(query["user.fields"].split(",")) if "user.fields" in query else frozenset[str]()
    for word in words - USER_FIELDS:
        raise invalid(f"The `user.fields` query parameter value [{word}] is not one of {sorted(USER_FIELDS)}")
    return words | {"id", "name", "username"}


def user(world: World, person: Person, fields: frozenset[str]) -> Json:
    """An account."""
    number, _ = world.posts.tally(Network.X, person.mastodon_id)
    whole: Json = {
        "id": person.mastodon_id,
        "username": person.name,
        "name": person.display,
        "description": person.about,
        "created_at": "2024-01-01T00:00:00.000Z",
        "verified": False,
        "verified_type": "none",
        "subscription_type": "None",
        "public_metrics": {
            "followers_count": world.followers(Network.X) if person.own else 41,
            "following_count": 180 if person.own else 60,
            "tweet_count": number,
            "post_count": number,
            "listed_count": 3 if person.own else 0,
        },
    }
    return {name: value for name, value in whole.items() if name in fields}


def shown_text(world: World, post: Post) -> tuple[str, list[Json]]:
    """The text with X's own links in it and its signs escaped, and what the links stand for."""
    pieces: list[str] = []
    found: list[Json] = []
    at = 0
    for start, end in addresses(post.text):
        address = post.text[start:end]
        short = f"https://t.co/{hashlib.sha256(f'{post.id} {start}'.encode()).hexdigest()[:10]}"
        pieces += [escape(post.text[at:start], quote=False), short]
        whole = address if "://" in address else f"http://{address}"
        found.append({"url": short, "expanded_url": whole, "display_url": whole.partition("://")[2][:26]})
        at = end
    pieces.append(escape(post.text[at:], quote=False))
    short = f"https://t.co/{hashlib.sha256(f'{post.id} media'.encode()).hexdigest()[:10]}"
    for key in media_keys(post):
        shown = "photo" if key.startswith("3_") else "video"
        page = f"https://x.com/{world.author(post).name}/status/{post.id}/{shown}/1"
        found.append({"url": short, "expanded_url": page, "display_url": f"pic.x.com/{short[-10:]}", "media_key": key})
    if media_keys(post):
        pieces.append(f"{' ' if post.text else ''}{short}")
    text = "".join(pieces)
    places = [text.index(str(link["url"])) for link in found]
    ends = [{"start": at, "end": at + len(str(link["url"]))} for at, link in zip(places, found, strict=True)]
    return text, [{**link, **end} for link, end in zip(found, ends, strict=True)]


def media_keys(post: Post) -> list[str]:
    """The keys of a post's pictures or its video."""
    names, kind = post.body.get("media_ids"), post.body.get("media_kind", "3")
    return [f"{kind}_{name}" for name in names] if isinstance(names, list) else []


def created(world: World, post: Post) -> Json:
    """A post as publishing answers it."""
    text, _ = shown_text(world, post)
    return {"id": post.id, "text": text, "edit_history_tweet_ids": [post.id]}


def draw(world: World, post: Post, asked: Asked) -> Json:
    """A post with the fields asked for; what it has not, it leaves out."""
    text, links = shown_text(world, post)
    parent = None if post.parent is None else world.posts.find(Network.X, post.parent)
    whole: Json = {
        "id": post.id,
        "text": text,
        "edit_history_tweet_ids": [post.id],
        "author_id": post.author,
        "created_at": stamp(post.created_at)[:-4] + "000Z",
        "conversation_id": post.root or post.id,
        "lang": "en",
        "reply_settings": post.body.get("reply_settings") or "everyone",
        "public_metrics": _public(world, post, asked),
        "non_public_metrics": _private(world, post),
        "organic_metrics": _private(world, post),
    }
    if links:
        whole["entities"] = {"urls": links}
    if media_keys(post):
        whole["attachments"] = {"media_keys": media_keys(post)}
    if post.parent is not None:
        whole["referenced_tweets"] = [{"type": "replied_to", "id": post.parent}]
        if parent is not None:
            whole["in_reply_to_user_id"] = parent.author
    wanted = {name: value for name, value in whole.items() if name in asked.fields}
    return {NEW_NAMES.get(name, name) if asked.renamed else name: value for name, value in wanted.items()}


def _impressions(world: World, post: Post) -> int:
    counts = world.posts.counts(post)
    return 40 * counts.likes + 55 * counts.reposts + 12 * counts.bookmarks + 17 * world.posts.replies(post)


def views(world: World, post: Post) -> int:
    """How often a post's video was played."""
    return _impressions(world, post) * 3 // 5


def _public(world: World, post: Post, asked: Asked) -> Json:
    counts = world.posts.counts(post)
    return {
        "impression_count": _impressions(world, post),
        "like_count": counts.likes,
        "reply_count": world.posts.replies(post),
        "quote_count": counts.quotes,
        "bookmark_count": counts.bookmarks,
        "repost_count" if asked.renamed else "retweet_count": counts.reposts,
    }


def _private(world: World, post: Post) -> Json:
    likes = world.posts.counts(post).likes
    linked = next(addresses(post.text), None) is not None
    return {
        "impression_count": _impressions(world, post),
        "url_link_clicks": likes // 3 if linked else 0,
        "user_profile_clicks": likes // 7,
        "engagements": likes * 2,
    }


def kept_back(world: World, post: Post) -> bool:
    """Whether a post's private counts are not for this call: somebody else's, or more than 30 days old."""
    return not world.author(post).own or world.now() - post.created_at > PRIVATE_FOR


def trouble(post: str, kind: str, title: str, detail: str) -> Json:
    """Why one of several posts is not among the answers."""
    named = {"value": post, "resource_id": post, "resource_type": "tweet", "parameter": "ids"}
    return {**named, "type": f"{PROBLEMS}/{kind}", "title": title, "detail": detail}
