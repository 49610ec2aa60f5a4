"""What a draft shows beside its words, as blocks of its card: pictures, a video, a document."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers.views.card import Field, Fields, ImageBlock, short
from services.content.moving import kind_of, length
from services.domain.media import Picture, called
from services.domain.wording import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from handlers.views.card import Block
    from handlers.views.look import Look
    from services.domain.media import Attachment, MediaItem, Medium, Slide
    from services.domain.post import Revision, Variant


def illustrated(revision: Revision, look: Look) -> Iterator[Block]:
    """Every picture, every video's poster, and what is worth knowing about each; numbered where there are several."""
    exhibits = tuple(_exhibits(revision, look))
    yield from (one.image for one in exhibits if one.image is not None)
    if exhibits:
        # A surface that draws a picture says this beside it; a document has nothing to stand beside.
        facts = tuple(Field(name=one.label, text=one.about) for one in exhibits)
        yield Fields(items=facts, headed=all(one.image is not None for one in exhibits))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exhibit:
    """One thing to look at."""

    label: str
    about: str
    image: ImageBlock | None


def _exhibits(revision: Revision, look: Look) -> Iterator[_Exhibit]:
    slides = revision.slides
    if numbered(revision):
        for number, slide in enumerate(slides, start=1):
            yield _numbered(slide, number, revision, look)
        return
    for slide in slides:
        takers: dict[Medium, list[Variant]] = {}
        for variant in revision.variants:
            for medium in filter(slide.yields, variant.media):
                takers.setdefault(medium, []).append(variant)
        for medium, whose in takers.items():
            yield _exhibit(medium, _named(called(medium).capitalize(), whose, revision, look), about(medium))


def numbered(revision: Revision) -> bool:
    """Whether each is called by its place: its kind does not say which one it is, or not all are shown."""
    kinds = [called(slide.first) for slide in revision.slides]
    return len(kinds) != len(set(kinds)) or any(len(v.media) > 1 for v in revision.variants) or bool(_hidden(revision))


def _hidden(revision: Revision) -> list[int]:
    """The places of those that no network shows."""
    seen = {medium for variant in revision.variants for medium in variant.media}
    return [n for n, slide in enumerate(revision.slides, start=1) if not any(map(slide.yields, seen))]


def _numbered(slide: Slide, number: int, revision: Revision, look: Look) -> _Exhibit:
    """One of several, as it came, with how networks had it changed."""
    takers = [v for v in revision.variants if any(map(slide.yields, v.media))]
    what = f"{called(slide.first).capitalize()} {number} of {len(revision.slides)}"
    label = _named(what, takers, revision, look) if takers else f"{what}, shown nowhere"
    changed: dict[str, list[str]] = {}
    for variant in takers:
        for picture in filter(slide.yields, variant.pictures):
            if picture.fitted:
                changed.setdefault(picture.fitted, []).append(look.network(variant.platform))
    told = [f"{how} for {listed(list(dict.fromkeys(whose)))}" for how, whose in changed.items()]
    sizes = [f"in {len(slide.sizes)} sizes"] if len(slide.sizes) > 1 else []
    return _exhibit(slide.first, label, " · ".join([about(slide.first), *sizes, *told]), number)


def _exhibit(medium: Medium, label: str, told: str, number: int = 0) -> _Exhibit:
    if isinstance(medium, Picture):
        return _Exhibit(label=label, about=told, image=_image(medium, label, told, number))
    poster = None if medium.poster is None else _poster(medium, medium.poster, label, told, number)
    return _Exhibit(label=label, about=told, image=poster)


def about(medium: Medium) -> str:
    """What is worth knowing of it in one line."""
    return about_picture(medium) if isinstance(medium, Picture) else about_file(medium.item)


def described_well(revision: Revision) -> str:
    """That there are words for those who can't see it, in a few words; empty while some are missing."""
    shown = [m for v in revision.variants for m in v.media]
    if not shown or not all(m.alt for m in shown):
        return ""
    counts = Counter(called(s.first) for s in revision.slides if any(map(s.yields, shown)))
    kinds = [kind if count == 1 else f"{kind}s" for kind, count in sorted(counts.items(), reverse=True)]
    if counts.total() == 1:
        return "the document has a title" if counts["document"] else f"the {kinds[0]} is described"
    return f"{f'the {kinds[0]}' if len(kinds) == 1 else listed(kinds)} are described"


def left_out(revision: Revision, look: Look) -> str:
    """Which networks go without something that is there, in a sentence or two; empty when all show everything."""
    if numbered(revision):
        return _partly(revision, look)
    attached = revision.attached
    rest = [v for v in revision.variants if v.attachment is None]
    if not attached or not rest:
        return ""
    what = called(attached[0])
    bare, pictured = (
        list(dict.fromkeys(look.network(v.platform) for v in rest if bool(v.pictures) is has)) for has in (False, True)
    )
    told = []
    if bare:
        told.append(f"{listed(bare)} {_goes(bare)} out without the {what}.")
    if pictured:
        told.append(f"{listed(pictured)} {_goes(pictured)} out with the picture instead of the {what}.")
    return " ".join(told)


def _partly(revision: Revision, look: Look) -> str:
    """By number, which networks show less than all of it."""
    whole = range(1, len(revision.slides) + 1)
    groups: dict[tuple[int, ...], list[str]] = {}
    for variant in revision.variants:
        places = tuple(n for n, s in zip(whole, revision.slides, strict=True) if any(map(s.yields, variant.media)))
        if places != tuple(whole):
            groups.setdefault(places, []).append(look.network(variant.platform))
    told = []
    for places, networks in groups.items():
        whose = list(dict.fromkeys(networks))
        verb = "shows" if len(whose) == 1 else "show"
        told.append(f"{listed(whose)} {verb} {f'only {_which(places, revision)}' if places else 'none of it'}.")
    if hidden := _hidden(revision):
        verb, them = ("is", "it") if len(hidden) == 1 else ("are", "them")
        named = _which(hidden, revision).capitalize()
        told.append(f"{named} {verb} shown nowhere: Arrange brings {them} forward or takes {them} away.")
    return " ".join(told)


def undescribed(revision: Revision, variants: Sequence[Variant]) -> Iterator[str]:
    """Which of several that these show have no words for those who can't see them; of one thing the checks tell."""
    slides = enumerate(revision.slides, start=1) if numbered(revision) else ()
    media = [medium for variant in variants for medium in variant.media]
    bare = [(n, called(s.first)) for n, s in slides if not s.first.alt.strip() and any(map(s.yields, media))]
    if titles := [n for n, kind in bare if kind == "document"]:
        verb, fix = ("has", "Give it one as its description") if len(titles) == 1 else ("have", "Give each one")
        yield f"{_which(titles, revision).capitalize()} {verb} no title. {fix}."
    if rest := [n for n, kind in bare if kind != "document"]:
        one = len(rest) == 1
        verb, them, fix = ("has", "it", "Describe what it shows") if one else ("have", "them", "Describe each")
        yield f"{_which(rest, revision).capitalize()} {verb} no words for those who can't see {them}. {fix}."


def _which(places: Sequence[int], revision: Revision) -> str:
    """As "picture 2", "videos 1 and 3", or "numbers 1 to 4" of several kinds."""
    kinds = {called(revision.slides[n - 1].first) for n in places}
    what = kinds.pop() if len(kinds) == 1 else "number"
    return f"{what if len(places) == 1 else f'{what}s'} {_span(places)}"


def _span(places: Sequence[int]) -> str:
    """As "2", "1 and 3", "1 to 4" or "1 and 3 to 5"."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    told = [[f"{run[0]} to {run[-1]}"] if len(run) > 2 else [str(n) for n in run] for run in runs]
    return listed([one for run in told for one in run])


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


def _named(what: str, takers: Sequence[Variant], revision: Revision, look: Look) -> str:
    """For which networks it is, where not all of them have the same."""
    if len(takers) == len(revision.variants):
        return what
    return short(f"{what} for {', '.join(dict.fromkeys(look.network(v.platform) for v in takers))}", 80)


def _image(picture: Picture, whose: str, told: str, number: int) -> ImageBlock:
    item = picture.item
    return ImageBlock(
        url=f"/api/media/{item.digest}",
        alt=picture.alt,
        width=item.width,
        height=item.height,
        label=whose,
        note=told,
        number=number,
    )


def _poster(attached: Attachment, poster: MediaItem, whose: str, told: str, number: int) -> ImageBlock:
    return ImageBlock(
        url=f"/api/media/{poster.digest}",
        alt=f"Video: {attached.alt}" if attached.alt else "A video without a description",
        width=poster.width,
        height=poster.height,
        label=whose,
        note=told,
        video=f"/api/media/{attached.item.digest}",
        number=number,
    )


def _goes(networks: Sequence[str]) -> str:
    return "goes" if len(networks) == 1 else "go"
