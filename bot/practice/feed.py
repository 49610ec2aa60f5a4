"""Posts as their network sets them: pieces of marked text, pictures, threads, answers; for the pages people look at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.practice.bluesky import gates
from bot.practice.composing import stamp
from bot.practice.kinds import Json, Network, Origin
from bot.practice.text import HASHTAG, REMOTE_MENTION, links

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.practice.identity import Person
    from bot.practice.posts import Post
    from bot.practice.world import World

SHOWN = 30
"""Characters of a link that Mastodon shows."""
DOCUMENT = "application/pdf"
MENTION = re.compile(r"(?<![\w/@])@\w+(?![\w@])")
PRODUCTS = {"REELS": "Reel", "STORY": "Story"}
"""What Meta's networks make of a post that is not one of the feed, as people call it."""
_KINDS = {"link": "link", "tag": "tag", "mention": "mention"}
_Span = tuple[int, int, str, str]
"""Start, end, kind and target; the positions count characters."""


def feed(world: World, network: Network, *, limit: int) -> list[Json]:
    """The desk's own posts on a network, newest first, each with its thread and the answers to it."""
    own = world.identity.author(network)
    live = world.posts.of_author(network, own)
    following: dict[str, list[Post]] = {}
    for post in reversed(live):
        if post.parent is not None:
            following.setdefault(post.parent, []).append(post)
    return [thread(world, post, following) for post in live if post.parent is None][:limit]


def thread(world: World, post: Post, following: dict[str, list[Post]]) -> Json:
    """A first post with the parts that follow it."""
    parts, turn = [], following.get(post.id, [])
    while turn:
        parts += turn
        turn = [child for part in turn for child in following.get(part.id, [])]
    return {**shown(world, post), "parts": [shown(world, part) for part in parts]}


def shown(world: World, post: Post) -> Json:
    """One post with what others did to it."""
    counts = world.posts.counts(post)
    answers = [a for a in world.posts.children(post.network, post.id) if a.origin is Origin.AUDIENCE]
    return {
        **voice(world, post),
        "pictures": [one for one in pictures(world, post) if one["mime"] != DOCUMENT],
        "card": card(post),
        "note": _note(world, post),
        "likes": counts.likes,
        "reposts": counts.reposts,
        "quotes": gates.quotes(world.book, post.id, counts.quotes),
        "replies": [voice(world, answer) for answer in answers],
    }


def voice(world: World, post: Post) -> Json:
    """Who says what and when."""
    author = world.author(post)
    return {
        "network": post.network.value,
        "id": post.id,
        "url": world.url(post),
        "origin": post.origin.value,
        "author": author.display,
        "handle": _handle(author, post.network),
        "at": stamp(post.created_at),
        "pieces": pieces(post),
        "likes": world.posts.counts(post).likes,
        "hidden": hidden(world, post),
    }


def hidden(world: World, post: Post) -> bool:
    """Whether we have folded somebody's answer away."""
    return post.body.get("hidden") is True or gates.hides(world.book, post.root, post.id)


def _handle(author: Person, network: Network) -> str:
    known = {Network.MASTODON: author.acct, Network.BLUESKY: author.bluesky_handle}
    return f"@{known.get(network, author.name)}"


def pieces(post: Post) -> list[Json]:
    """The text cut where the network marks it: by its own reading, on Bluesky by the record's facets."""
    spans = _facets(post) if post.network is Network.BLUESKY else _read(post.text)
    made: list[Json] = []
    at = 0
    for start, end, kind, target in sorted(spans):
        if start < at or end > len(post.text):
            continue
        text = post.text[start:end]
        made += [_piece(post.text[at:start]), _piece(_shortened(post, text, kind), kind, target)]
        at = end
    return [one for one in (*made, _piece(post.text[at:])) if one["text"]]


def _piece(text: str, kind: str = "", target: str = "") -> Json:
    return {"text": text, "kind": kind, "target": target}


def _shortened(post: Post, text: str, kind: str) -> str:
    if post.network is not Network.MASTODON or kind != "link":
        return text
    bare = re.sub(r"^https?://(www\.)?", "", text, flags=re.IGNORECASE)
    return bare if len(bare) <= SHOWN else f"{bare[:SHOWN]}…"


def _read(text: str) -> list[_Span]:
    found: list[_Span] = [(start, end, "link", text[start:end]) for start, end in links(text)]
    taken = [range(start, end) for start, end, _, _ in found]
    for pattern, kind in ((HASHTAG, "tag"), (REMOTE_MENTION, "mention"), (MENTION, "mention")):
        for hit in pattern.finditer(text):
            if not any(hit.start() in span for span in taken):
                found.append((hit.start(), hit.end(), kind, ""))
                taken.append(range(hit.start(), hit.end()))
    return found


def _facets(post: Post) -> Iterator[_Span]:
    data = post.text.encode()
    for facet in items(post.body.get("facets")):
        if not isinstance(facet, dict):
            continue
        index, features = facet.get("index"), items(facet.get("features"))
        feature = features[0] if features else None
        if not isinstance(index, dict) or not isinstance(feature, dict):
            continue
        kind = _KINDS.get(str(feature.get("$type", "")).rpartition("#")[2], "")
        start, end = (len(data[: int(index[name])].decode(errors="ignore")) for name in ("byteStart", "byteEnd"))
        yield start, end, kind, str(feature.get("uri", ""))


def card(post: Post) -> Json | None:
    """The link card a post carries on Bluesky or LinkedIn."""
    article = post.body.get("article")
    if isinstance(article, dict) and article:
        return {
            "url": str(article["source"]),
            "title": str(article["title"]),
            "text": str(article.get("description", "")),
        }
    embed = post.body.get("embed")
    if isinstance(embed, dict) and isinstance(embed.get("media"), dict):
        embed = embed["media"]
    found = embed.get("external") if isinstance(embed, dict) else None
    if not isinstance(found, dict):
        return None
    return {"url": str(found["uri"]), "title": str(found["title"]), "text": str(found["description"])}


def pictures(world: World, post: Post) -> list[Json]:
    """What a post shows, pictures for the most part, with their descriptions."""
    if post.network is Network.BLUESKY:
        names = _embedded(post.body.get("embed"))
    else:
        names = [(str(name), None) for name in items(post.body.get("media_ids"))]
    found = ((world.shelf.find(post.network, name), alt) for name, alt in names)
    return [
        {
            "id": item.id,
            "alt": item.alt if alt is None else alt,
            "sha256": item.digest,
            "mime": item.mime,
            "size": item.size,
            "width": item.width,
            "height": item.height,
            **({"title": post.body["media_title"], "pages": post.body["pages"]} if item.mime == DOCUMENT else {}),
        }
        for item, alt in found
        if item is not None
    ]


def items(value: object) -> list[object]:
    """A list as it came from outside; anything else is an empty one."""
    return value if isinstance(value, list) else []


def _embedded(embed: object) -> list[tuple[str, str | None]]:
    if not isinstance(embed, dict):
        return []
    if "media" in embed:
        return _embedded(embed["media"])
    if "video" in embed:
        return [(embed["video"]["ref"]["$link"], embed.get("alt", ""))]
    return [
        (image["image"]["ref"]["$link"], image["alt"])
        for image in items(embed.get("images"))
        if isinstance(image, dict)
    ]


def _note(world: World, post: Post) -> str:
    """What is told beside the text: a warning, a title, who may see it, what may be voted on, that it is a story."""
    warning, title = (str(post.body.get(name) or "") for name in ("spoiler_text", "title"))
    visibility = str(post.body.get("visibility") or post.body.get("privacy_level") or "public")
    poll = post.body.get("poll")
    votes = " / ".join(str(one) for one in items(poll.get("options"))) if isinstance(poll, dict) else ""
    told = [
        "Hidden by the author of the post" if hidden(world, post) else "",
        f"Content warning: {warning}" if warning else "",
        f"Title: {title}" if title else "",
        "A video" if post.body.get("video") else "",
        "" if visibility.lower() in {"public", "public_to_everyone"} else visibility,
        f"Poll: {votes}" if votes else "",
        f"Preview of {post.body['link_attachment']}" if post.body.get("link_attachment") else "",
        PRODUCTS.get(str(post.body.get("product")), ""),
        *gates.told(world.book, post.id),
        "Hidden until touched" if post.body.get("is_spoiler_media") == "true" else "",
        f"Document: {post.body['media_title']}, {post.body['pages']} pages" if post.body.get("pages") else "",
    ]
    return " · ".join(one for one in told if one)
