"""Reads what a post shows beside its text: one picture, video or document, several pictures, a link card or a poll."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.practice.kinds import Json, Network
from bot.practice.linkedin import uploads, videos
from bot.practice.linkedin.wire import inner, invalid, refuse_unknown, word

if TYPE_CHECKING:
    from bot.practice.media import Item
    from bot.practice.posts import Post
    from bot.practice.world import World

CONTENT = frozenset({"media", "multiImage", "article", "poll"})
ARTICLE = frozenset({"source", "title", "description", "thumbnail", "thumbnailAltText"})
MEDIA = frozenset({"id", "altText", "title"})
MOST_IMAGES = 20
MOST_TITLE, MOST_DESCRIPTION = 400, 4086
QUESTION, OPTION = 140, 30
LEAST_OPTIONS, MOST_OPTIONS = 2, 4
DURATIONS = frozenset({"ONE_DAY", "THREE_DAYS", "SEVEN_DAYS", "FOURTEEN_DAYS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One upload of a post, as the post describes it."""

    item: Item
    alt: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a post shows; at most one of these."""

    uploads: tuple[Shown, ...] = ()
    article: dict[str, str] = field(default_factory=dict)
    poll: Json = field(default_factory=dict)
    pages: int = 0
    """Of a document."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing but text."""
        return not (self.uploads or self.article or self.poll)

    @property
    def urns(self) -> list[str]:
        """What the uploads are called."""
        return [one.item.id for one in self.uploads]

    def told(self) -> Json:
        """What the post keeps of it."""
        titles = [one.title for one in self.uploads]
        return {
            "media_ids": self.urns,
            "article": self.article,
            "poll": self.poll,
            "media_title": titles[0] if len(titles) == 1 else "",
            "pages": self.pages,
        }


async def read(world: World, fields: Json) -> Content:
    """Check a post's content, and that all of it is there and ready."""
    content = inner(fields, "content", CONTENT)
    if content is None:
        return Content()
    if len(content) != 1:
        raise invalid("ERROR :: /content :: must be exactly one of its variants", field="/content")
    if "article" in content:
        return Content(article=_article(world, content))
    if "poll" in content:
        return Content(poll=_poll(content))
    if "media" in content:
        one = _shown(world, content["media"], "/content/media")
        pages = 0
        if one.item.mime == uploads.PDF:
            data = await asyncio.to_thread(world.shelf.content, one.item.digest)
            pages = await asyncio.to_thread(uploads.pages_of, data or b"")
        return Content(uploads=(one,), pages=pages)
    return Content(uploads=_several(world, content))


def _several(world: World, content: Json) -> tuple[Shown, ...]:
    many = inner(content, "multiImage", frozenset({"images"})) or {}
    listed = many.get("images")
    if not isinstance(listed, list) or not 2 <= len(listed) <= MOST_IMAGES:
        raise invalid(f"ERROR :: /content/multiImage :: needs from 2 to {MOST_IMAGES} images", field="/content")
    return tuple(_shown(world, one, "/content/multiImage", only="image") for one in listed)


def _shown(world: World, value: object, where: str, only: str = "") -> Shown:
    if not isinstance(value, dict):
        raise invalid(f"ERROR :: {where} :: is not an object", field=where)
    refuse_unknown(where, value, MEDIA)
    urn, title = word(value, "id"), word(value, "title")
    kind = urn.split(":")[2] if urn.startswith("urn:li:") else ""
    if only and kind != only:
        raise invalid(f"ERROR :: {where}/id :: is not an {only}", field=f"{where}/id")
    if len(title) > MOST_TITLE or (kind == "document" and not title.strip()):
        raise invalid(f"ERROR :: {where}/title :: is missing or too long", field=f"{where}/title")
    item = videos.usable(world, urn) if kind == "video" else uploads.usable(world, urn)
    return Shown(item=item, alt=word(value, "altText"), title=title)


def _article(world: World, content: Json) -> dict[str, str]:
    """The link card of a post; its picture must be there."""
    card = inner(content, "article", ARTICLE) or {}
    told = {name: word(card, name) for name in card}
    if not told.get("source", "").startswith(("http://", "https://")) or not told.get("title", "").strip():
        raise invalid("ERROR :: /content/article :: source and title are required", field="/content/article")
    if len(told["title"]) > MOST_TITLE or len(told.get("description", "")) > MOST_DESCRIPTION:
        raise invalid("ERROR :: /content/article :: length is over the maximum", field="/content/article")
    if "thumbnail" in told:
        uploads.usable(world, told["thumbnail"])
    return told


def _poll(content: Json) -> Json:
    where = "/content/poll"
    poll = inner(content, "poll", frozenset({"question", "options", "settings"})) or {}
    question, listed = word(poll, "question"), poll.get("options")
    if not question.strip() or len(question) > QUESTION:
        raise invalid(f"ERROR :: {where}/question :: must have from 1 to {QUESTION} characters", field=where)
    if not isinstance(listed, list) or not LEAST_OPTIONS <= len(listed) <= MOST_OPTIONS:
        message = f"ERROR :: {where}/options :: needs from {LEAST_OPTIONS} to {MOST_OPTIONS} options"
        raise invalid(message, field=where)
    options = [_option(one, f"{where}/options") for one in listed]
    settings = inner(poll, "settings", frozenset({"duration"})) or {}
    if word(settings, "duration") not in DURATIONS:
        raise invalid(f"ERROR :: {where}/settings/duration :: is not a member of the enumeration", field=where)
    return {"question": question, "options": options, "duration": settings["duration"]}


def _option(value: object, where: str) -> str:
    if not isinstance(value, dict):
        raise invalid(f"ERROR :: {where} :: is not an object", field=where)
    refuse_unknown(where, value, frozenset({"text"}))
    text = word(value, "text")
    if not text.strip() or len(text) > OPTION:
        raise invalid(f"ERROR :: {where}/text :: must have from 1 to {OPTION} characters", field=where)
    return text


def drawn(world: World, post: Post) -> Json | None:
    """What a post shows, as LinkedIn answers it; None for nothing."""
    if post.body.get("article"):
        return {"article": post.body["article"]}
    poll = post.body.get("poll")
    if isinstance(poll, dict) and poll:
        options = [{"text": text} for text in poll["options"]]
        return {"poll": {"question": poll["question"], "options": options, "settings": {"duration": poll["duration"]}}}
    names = post.body.get("media_ids")
    items = [world.shelf.find(Network.LINKEDIN, str(name)) for name in names] if isinstance(names, list) else []
    media: list[Json] = [{"id": item.id, "altText": item.alt} for item in items if item is not None]
    if not media:
        return None
    if len(media) > 1:
        return {"multiImage": {"images": media}}
    title = post.body.get("media_title")
    return {"media": {**media[0], "title": title} if title else media[0]}
