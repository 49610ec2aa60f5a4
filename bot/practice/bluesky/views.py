"""Draws profiles, posts and threads as the app view does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.practice.bluesky import gates
from bot.practice.composing import stamp
from bot.practice.kinds import Json, Network

if TYPE_CHECKING:
    from bot.practice.identity import Person
    from bot.practice.posts import Post
    from bot.practice.world import World

THREAD = "app.bsky.feed.defs#threadViewPost"
GONE = "app.bsky.feed.defs#notFoundPost"


def basic(person: Person) -> Json:
    """A profileViewBasic."""
    return {
        "did": person.did,
        "handle": person.bluesky_handle,
        "displayName": person.display,
        "createdAt": "2024-01-01T00:00:00.000Z",
        "labels": [],
        "viewer": {"muted": False, "blockedBy": False},
    }


def profile(world: World, person: Person) -> Json:
    """A profileViewDetailed."""
    number, _ = world.posts.tally(Network.BLUESKY, person.did)
    return {
        **basic(person),
        "description": person.about,
        "followersCount": world.followers(Network.BLUESKY) if person.own else 41,
        "followsCount": 96 if person.own else 60,
        "postsCount": number,
        "indexedAt": "2024-01-01T00:00:00.000Z",
    }


def post_view(world: World, post: Post) -> Json:
    """A postView with its counts."""
    counts = world.posts.counts(post)
    drawn: Json = {
        "uri": post.id,
        "cid": post.cid,
        "author": basic(world.author(post)),
        "record": post.body,
        "replyCount": world.posts.replies(post),
        "repostCount": counts.reposts,
        "likeCount": counts.likes,
        "quoteCount": gates.quotes(world.book, post.id, counts.quotes),
        "bookmarkCount": counts.bookmarks,
        "indexedAt": stamp(post.created_at),
        "viewer": {"threadMuted": False, "embeddingDisabled": False},
        "labels": [],
    }
    gate = gates.find(world.book, gates.beside(post.id, gates.THREAD))
    if gate is not None:
        drawn["threadgate"] = {"uri": gate.uri, "cid": gate.cid, "record": gate.value, "lists": []}
    embed = _embed(world, post, post.body.get("embed"))
    return drawn if embed is None else {**drawn, "embed": embed}


def _blob_url(world: World, post: Post, blob: Json) -> str:
    ref = blob["ref"]
    link = ref["$link"] if isinstance(ref, dict) else ""
    return f"{world.settings.root}/bluesky/xrpc/com.atproto.sync.getBlob?did={post.author}&cid={link}"


def _embed(world: World, post: Post, embed: object) -> Json | None:
    if not isinstance(embed, dict):
        return None
    kind = embed["$type"]
    if kind == "app.bsky.embed.images":
        return {"$type": f"{kind}#view", "images": [_image(world, post, one) for one in embed["images"]]}
    if kind == "app.bsky.embed.gallery":
        return {"$type": f"{kind}#view", "items": [_image(world, post, one) for one in embed["items"]]}
    if kind == "app.bsky.embed.video":
        told = {name: embed[name] for name in ("alt", "aspectRatio", "presentation") if name in embed}
        cid = embed["video"]["ref"]["$link"]
        return {"$type": f"{kind}#view", "cid": cid, "playlist": _blob_url(world, post, embed["video"]), **told}
    if kind == "app.bsky.embed.external":
        card = dict(embed["external"])
        if "thumb" in card:
            card["thumb"] = _blob_url(world, post, card["thumb"])
        return {"$type": f"{kind}#view", "external": card}
    if kind == "app.bsky.embed.record":
        return {"$type": f"{kind}#view", "record": _quoted(world, embed["record"])}
    return {
        "$type": f"{kind}#view",
        "record": {"record": _quoted(world, embed["record"]["record"])},
        "media": _embed(world, post, embed["media"]),
    }


def _image(world: World, post: Post, image: Json) -> Json:
    blob = image["image"]
    address = _blob_url(world, post, blob) if isinstance(blob, dict) else ""
    drawn: Json = {"thumb": address, "fullsize": address, "alt": image["alt"]}
    return {**drawn, "aspectRatio": image["aspectRatio"]} if "aspectRatio" in image else drawn


def _quoted(world: World, reference: Json) -> Json:
    post = world.posts.find(Network.BLUESKY, str(reference["uri"]))
    if post is None:
        return {"$type": "app.bsky.embed.record#viewNotFound", "uri": reference["uri"], "notFound": True}
    return {
        "$type": "app.bsky.embed.record#viewRecord",
        "uri": post.id,
        "cid": post.cid,
        "author": basic(world.author(post)),
        "value": post.body,
        "indexedAt": stamp(post.created_at),
    }


def thread(world: World, post: Post, *, depth: int, above: int) -> Json:
    """A threadViewPost with replies down to `depth` and parents up to `above`."""
    drawn: Json = {"$type": THREAD, "post": post_view(world, post)}
    if depth > 0:
        children = world.posts.children(Network.BLUESKY, post.id)
        drawn["replies"] = [thread(world, child, depth=depth - 1, above=0) for child in children]
    if above > 0 and post.parent is not None:
        parent = world.posts.find(Network.BLUESKY, post.parent)
        if parent is None:
            drawn["parent"] = {"$type": GONE, "uri": post.parent, "notFound": True}
        else:
            drawn["parent"] = thread(world, parent, depth=0, above=above - 1)
    return drawn
