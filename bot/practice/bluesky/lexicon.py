"""Holds a post record to its lexicon, more strictly than a real server does, so that slips show in practice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.practice.bluesky import schema
from bot.practice.bluesky.schema import FlawError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.practice.kinds import Json

POST = "app.bsky.feed.post"
REQUIRED = frozenset({"$type", "text", "createdAt"})
OPTIONAL = frozenset({"langs", "facets", "reply", "embed", "tags", "labels"})
MOST_LETTERS, MOST_BYTES = 300, 3_000
TAG_LETTERS, TAG_BYTES = 64, 640
BLOB_BYTES, THUMB_BYTES = 2_000_000, 1_000_000
VIDEO_BYTES, CAPTION_BYTES = 300_000_000, 20_000
ALT_LETTERS, ALT_BYTES = 1_000, 10_000
CAPTIONS = 20
VIDEO, CAPTION = "video/mp4", "text/vtt"
GALLERY = 20
CONTINUATION = 0x80
LABELS = "com.atproto.label.defs#selfLabels"
FACET = "app.bsky.richtext.facet"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobUse:
    """A blob a record shows, as the record describes it."""

    cid: str
    mime: str
    size: int
    most: int
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Another record a record points to."""

    uri: str
    cid: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a sound post record refers to, for the server to look up."""

    text: str
    parent: str | None
    root: str | None
    references: tuple[Reference, ...]
    blobs: tuple[BlobUse, ...]


class _Reader:
    """Collects references and blobs while a record is checked."""

    def __init__(self) -> None:
        self.references: list[Reference] = []
        self.blobs: list[BlobUse] = []

    def reference(self, value: object, at: str) -> str:
        found = schema.thing(value, at, frozenset({"uri", "cid"}), frozenset({"$type"}))
        uri = schema.shaped(found["uri"], f"{at}/uri", schema.AT_URI, "a valid at-uri")
        self.references.append(Reference(uri=uri, cid=schema.text(found["cid"], f"{at}/cid"), at=at))
        return uri

    def blob(self, value: object, at: str, most: int, kind: str = "image/") -> None:
        found = schema.thing(value, at, frozenset({"$type", "ref", "mimeType", "size"}))
        schema.named(found["$type"], at, "blob")
        link = schema.thing(found["ref"], f"{at}/ref", frozenset({"$link"}))
        mime = schema.text(found["mimeType"], f"{at}/mimeType")
        if not mime.startswith(kind):
            message = f"{at} must be an image" if kind == "image/" else f"{at} must be {kind}"
            raise FlawError(message)
        cid = schema.text(link["$link"], f"{at}/ref/$link")
        size = schema.whole(found["size"], f"{at}/size", least=1)
        self.blobs.append(BlobUse(cid=cid, mime=mime, size=size, most=most, at=at))

    def embed(self, value: object, at: str) -> None:
        kind = value.get("$type") if isinstance(value, dict) else None
        reader = _EMBEDS.get(str(kind))
        if reader is None:
            message = f"{at} is not an embed this server knows"
            raise FlawError(message)
        reader(self, value, at)


def _images(reader: _Reader, value: object, at: str) -> None:
    images = schema.thing(value, at, frozenset({"$type", "images"}))["images"]
    for turn, one in enumerate(schema.many(images, f"{at}/images", most=4, least=1)):
        _image(reader, one, f"{at}/images/{turn}", frozenset())


def _gallery(reader: _Reader, value: object, at: str) -> None:
    items = schema.thing(value, at, frozenset({"$type", "items"}))["items"]
    for turn, one in enumerate(schema.many(items, f"{at}/items", most=GALLERY, least=1)):
        _image(reader, one, f"{at}/items/{turn}", frozenset({"aspectRatio"}))


def _image(reader: _Reader, value: object, at: str, more: frozenset[str]) -> None:
    image = schema.thing(value, at, frozenset({"image", "alt"}) | more, frozenset({"aspectRatio", "$type"}))
    schema.text(image["alt"], f"{at}/alt")
    reader.blob(image["image"], f"{at}/image", BLOB_BYTES)
    _ratio(image, at)


def _ratio(shown: Json, at: str) -> None:
    # An absent ratio is allowed, an explicit null is not.
    if "aspectRatio" not in shown:
        return
    at = f"{at}/aspectRatio"
    ratio = schema.thing(shown["aspectRatio"], at, frozenset({"width", "height"}), frozenset({"$type"}))
    for side in ("width", "height"):
        schema.whole(ratio[side], f"{at}/{side}", least=1)


def _video(reader: _Reader, value: object, at: str) -> None:
    optional = frozenset({"alt", "aspectRatio", "captions", "presentation"})
    shown = schema.thing(value, at, frozenset({"$type", "video"}), optional)
    reader.blob(shown["video"], f"{at}/video", VIDEO_BYTES, VIDEO)
    schema.text(shown.get("alt", ""), f"{at}/alt", most=ALT_LETTERS, most_bytes=ALT_BYTES)
    schema.text(shown.get("presentation", ""), f"{at}/presentation")
    _ratio(shown, at)
    for turn, one in enumerate(schema.many(shown.get("captions", []), f"{at}/captions", most=CAPTIONS)):
        place = f"{at}/captions/{turn}"
        caption = schema.thing(one, place, frozenset({"file", "lang"}), frozenset({"$type"}))
        schema.shaped(caption["lang"], f"{place}/lang", schema.LANGUAGE, "a well-formed BCP 47 language tag")
        reader.blob(caption["file"], f"{place}/file", CAPTION_BYTES, CAPTION)


def _external(reader: _Reader, value: object, at: str) -> None:
    outer = schema.thing(value, at, frozenset({"$type", "external"}))
    at = f"{at}/external"
    card = schema.thing(
        outer["external"], at, frozenset({"uri", "title", "description"}), frozenset({"thumb", "$type"})
    )
    schema.shaped(card["uri"], f"{at}/uri", schema.URI, "a uri")
    schema.text(card["title"], f"{at}/title")
    schema.text(card["description"], f"{at}/description")
    if "thumb" in card:
        reader.blob(card["thumb"], f"{at}/thumb", THUMB_BYTES)


def _quote(reader: _Reader, value: object, at: str) -> None:
    reader.reference(schema.thing(value, at, frozenset({"$type", "record"}))["record"], f"{at}/record")


def _quote_with_media(reader: _Reader, value: object, at: str) -> None:
    both = schema.thing(value, at, frozenset({"$type", "record", "media"}))
    inner = schema.thing(both["record"], f"{at}/record", frozenset({"record"}), frozenset({"$type"}))
    reader.reference(inner["record"], f"{at}/record/record")
    media = both["media"]
    if isinstance(media, dict) and str(media.get("$type")).startswith("app.bsky.embed.record"):
        message = f"{at}/media must be pictures, a video or a link card"
        raise FlawError(message)
    reader.embed(media, f"{at}/media")


_EMBEDS: dict[str, Callable[[_Reader, object, str], None]] = {
    "app.bsky.embed.images": _images,
    "app.bsky.embed.gallery": _gallery,
    "app.bsky.embed.video": _video,
    "app.bsky.embed.external": _external,
    "app.bsky.embed.record": _quote,
    "app.bsky.embed.recordWithMedia": _quote_with_media,
}


def read(record: object) -> Reading:
    """Check a post record; raise FlawError at the first thing that is wrong with it."""
    post = schema.thing(record, "Record", REQUIRED, OPTIONAL)
    schema.named(post["$type"], "Record", POST)
    said = schema.text(post["text"], "Record/text", most=MOST_LETTERS, most_bytes=MOST_BYTES)
    schema.moment(post["createdAt"], "Record/createdAt")
    reader = _Reader()
    _plain_lists(post)
    for turn, facet in enumerate(schema.many(post.get("facets", []), "Record/facets", most=1_000)):
        _facet(facet, f"Record/facets/{turn}", said)
    parent, root = _reply(reader, post)
    if "embed" in post:
        reader.embed(post["embed"], "Record/embed")
    return Reading(text=said, parent=parent, root=root, references=tuple(reader.references), blobs=tuple(reader.blobs))


def _plain_lists(post: Json) -> None:
    for turn, language in enumerate(schema.many(post.get("langs", []), "Record/langs", most=3)):
        schema.shaped(language, f"Record/langs/{turn}", schema.LANGUAGE, "a well-formed BCP 47 language tag")
    for turn, tag in enumerate(schema.many(post.get("tags", []), "Record/tags", most=8)):
        _tag(tag, f"Record/tags/{turn}")
    if "labels" in post:
        labels = schema.thing(post["labels"], "Record/labels", frozenset({"$type", "values"}))
        schema.named(labels["$type"], "Record/labels", LABELS)
        for turn, label in enumerate(schema.many(labels["values"], "Record/labels/values", most=10)):
            at = f"Record/labels/values/{turn}"
            schema.text(schema.thing(label, at, frozenset({"val"}))["val"], f"{at}/val", most_bytes=128)


def _tag(value: object, at: str) -> None:
    tag = schema.text(value, at, most=TAG_LETTERS, most_bytes=TAG_BYTES)
    if not tag or tag.startswith(("#", "\uff03")):
        message = f"{at} must be a tag without its hash"
        raise FlawError(message)


def _reply(reader: _Reader, post: Json) -> tuple[str | None, str | None]:
    if "reply" not in post:
        return None, None
    reply = schema.thing(post["reply"], "Record/reply", frozenset({"root", "parent"}), frozenset({"$type"}))
    root = reader.reference(reply["root"], "Record/reply/root")
    return reader.reference(reply["parent"], "Record/reply/parent"), root


def _facet(value: object, at: str, said: str) -> None:
    facet = schema.thing(value, at, frozenset({"index", "features"}), frozenset({"$type"}))
    index = schema.thing(facet["index"], f"{at}/index", frozenset({"byteStart", "byteEnd"}), frozenset({"$type"}))
    start = schema.whole(index["byteStart"], f"{at}/index/byteStart", least=0)
    end = schema.whole(index["byteEnd"], f"{at}/index/byteEnd", least=0)
    raw = said.encode()
    if not start < end <= len(raw):
        message = f"{at}/index must lie within the {len(raw)} bytes of the text and end after it starts"
        raise FlawError(message)
    if any(place < len(raw) and raw[place] & 0xC0 == CONTINUATION for place in (start, end)):
        message = f"{at}/index must not cut a character in two"
        raise FlawError(message)
    for turn, feature in enumerate(schema.many(facet["features"], f"{at}/features", most=8, least=1)):
        _feature(feature, f"{at}/features/{turn}")


def _feature(value: object, at: str) -> None:
    kind = value.get("$type") if isinstance(value, dict) else None
    if kind == f"{FACET}#link":
        uri = schema.thing(value, at, frozenset({"$type", "uri"}))["uri"]
        schema.shaped(uri, f"{at}/uri", schema.URI, "a uri")
    elif kind == f"{FACET}#mention":
        did = schema.thing(value, at, frozenset({"$type", "did"}))["did"]
        schema.shaped(did, f"{at}/did", schema.DID, "a valid did")
    elif kind == f"{FACET}#tag":
        _tag(schema.thing(value, at, frozenset({"$type", "tag"}))["tag"], f"{at}/tag")
    else:
        message = f"{at} must be a link, a mention or a tag"
        raise FlawError(message)
