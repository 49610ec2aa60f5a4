"""What a draft shows beside its words, as blocks of its card: pictures, a video, a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.views.card import Field, Fields, ImageBlock, short
from services.content.moving import kind_of, length

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from handlers.views.card import Block
    from handlers.views.look import Look
    from services.domain.media import Attachment, MediaItem, Picture
    from services.domain.post import Revision, Variant


def illustrated(revision: Revision, look: Look) -> Iterator[Block]:
    """Every picture, the video's poster, and what is worth knowing about each."""
    pictures = [(p, _whose(p, revision, look)) for p in _pictures(revision)]
    attached, facts = revision.attached, []
    if attached is not None:
        takers = [v for v in revision.variants if v.attachment is not None]
        whose = _named("Video" if attached.moves else "Document", takers, revision, look)
        facts.append(Field(name=whose, text=about_file(attached.item)))
        if attached.poster is not None:
            yield _poster(attached, attached.poster, whose)
    for picture, whose in pictures:
        yield _image(picture, whose)
        facts.append(Field(name=whose, text=about_picture(picture)))
    if facts:
        # A surface that draws the picture says this beside it; a document has nothing to stand beside.
        yield Fields(items=tuple(facts), headed=attached is None or attached.poster is not None)


def described_well(revision: Revision) -> str:
    """That there are words for those who can't see it, in a few words; empty while some are missing."""
    pictures, attached = _pictures(revision), revision.attached
    alts = [p.alt for p in pictures] + ([attached.alt] if attached else [])
    if not alts or not all(alts):
        return ""
    if attached is None:
        return "the picture is described"
    if not attached.moves:
        return "the document has a title"
    return "video and picture are described" if pictures else "the video is described"


def left_out(revision: Revision, look: Look) -> str:
    """Which networks go without the video or document, in a sentence; empty when all show it."""
    attached = revision.attached
    rest = [v for v in revision.variants if v.attachment is None]
    if attached is None or not rest:
        return ""
    what = "video" if attached.moves else "document"
    bare, pictured = (
        list(dict.fromkeys(look.network(v.platform) for v in rest if bool(v.pictures) is has)) for has in (False, True)
    )
    told = []
    if bare:
        told.append(f"{_listed(bare)} {_goes(bare)} out without the {what}.")
    if pictured:
        told.append(f"{_listed(pictured)} {_goes(pictured)} out with the picture instead of the {what}.")
    return " ".join(told)


def about_picture(picture: Picture) -> str:
    """Its size, and how it came to be: "1600 × 900 · minimal · made offline · contrast 9.8:1"."""
    facts = [f"{picture.item.width} × {picture.item.height}"]
    origin = picture.origin
    if origin is None:
        facts.append("uploaded")
    else:
        made = "made offline" if origin.made_with == "offline" else f"made by {origin.made_with}"
        facts += [origin.style.value, made]
        if origin.contrast is not None:
            facts.append(f"contrast {origin.contrast:.1f}:1")
    return " · ".join([*facts, *filter(None, [picture.fitted])])


def about_file(item: MediaItem) -> str:
    """What is worth knowing: "0:32 · 1080 × 1920 · 12.0 MB" or "PDF · 8 pages · 1.2 MB"."""
    if item.video is not None:
        facts = [length(item.video.seconds), f"{item.width} × {item.height}"]
    else:
        facts = [kind_of(item), "1 page" if item.pages == 1 else f"{item.pages} pages"]
    return " · ".join([*facts, f"{max(item.size / 1e6, 0.1):,.1f} MB"])


def _pictures(revision: Revision) -> tuple[Picture, ...]:
    """Each picture once, in the order of the variants."""
    return tuple({(p.item.digest, p.alt): p for v in revision.variants for p in v.pictures}.values())


def _whose(picture: Picture, revision: Revision, look: Look) -> str:
    takers = [v for v in revision.variants if (picture.item.digest, picture.alt) in _keys(v)]
    return _named("Picture", takers, revision, look)


def _keys(variant: Variant) -> set[tuple[str, str]]:
    return {(p.item.digest, p.alt) for p in variant.pictures}


def _named(what: str, takers: Sequence[Variant], revision: Revision, look: Look) -> str:
    """For which networks it is, where not all of them have the same."""
    if len(takers) == len(revision.variants):
        return what
    return short(f"{what} for {', '.join(dict.fromkeys(look.network(v.platform) for v in takers))}", 80)


def _image(picture: Picture, whose: str) -> ImageBlock:
    item = picture.item
    return ImageBlock(
        url=f"/api/media/{item.digest}",
        alt=picture.alt,
        width=item.width,
        height=item.height,
        label=whose,
        note=about_picture(picture),
    )


def _poster(attached: Attachment, poster: MediaItem, whose: str) -> ImageBlock:
    return ImageBlock(
        url=f"/api/media/{poster.digest}",
        alt=f"Video: {attached.alt}" if attached.alt else "A video without a description",
        width=poster.width,
        height=poster.height,
        label=whose,
        note=about_file(attached.item),
        video=f"/api/media/{attached.item.digest}",
    )


def _goes(networks: Sequence[str]) -> str:
    return "goes" if len(networks) == 1 else "go"


def _listed(networks: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(networks[:-1]), networks[-1])))
