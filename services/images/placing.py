"""Which of a draft's slides each network shows: one rule, whoever brought them and however they were made.

A network shows those of its kinds, in their order, as many as it takes. Where it shows pictures or one video, the
first decides. A document stands alone. A painted picture stands in where no video and no document is shown.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from services.domain.errors import InvalidInput
from services.domain.ids import Digest
from services.domain.media import (
    MAX_ALT,
    MOST_SLIDES,
    Attachment,
    MediaItem,
    Picture,
    PictureOrigin,
    PictureStyle,
    Slide,
    attachments_of,
    called,
    pictures_of,
    source_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from services.domain.account import Account, Limits
    from services.domain.ids import AccountId
    from services.domain.media import Medium, PictureSize
    from services.domain.post import Variant
    from services.ports.platform import Platforms, PlatformSpec

    Fits = Mapping[tuple[AccountId, Digest], Picture]
    """Pictures as an account takes them, by the bytes they were made from; one that is not there is taken as it is."""


_ANY_PAINTED: Final = Slide(
    sizes=(
        Picture(
            item=MediaItem(digest=Digest(""), mime="image/png", width=0, height=0, size=0),
            origin=PictureOrigin(made_with="", style=PictureStyle.PROFESSIONAL, prompt=""),
        ),
    )
)
"""Stands for one that is not there yet."""


def shown(slides: Iterable[Slide], limits: Limits, spec: PlatformSpec, size: PictureSize) -> tuple[Medium, ...]:
    """What an account with these limits shows of them, as it came; `size` is that of a picture made for it. Pure."""
    sized = [(slide, _of_size(slide, size)) for slide in slides]
    there = [(slide, medium) for slide, medium in sized if _takes(slide, medium, limits, spec)]
    brought = _together([medium for slide, medium in there if not slide.made], limits)
    return brought if attachments_of(brought) else _together([medium for _, medium in there], limits)


def _together(media: Sequence[Medium], limits: Limits) -> tuple[Medium, ...]:
    """As many as go together, the first deciding what else does."""
    if not media:
        return ()
    first, moving = media[0], [m for m in media if isinstance(m, Picture) or m.moves]
    if isinstance(first, Attachment) and not first.moves:
        return (first,)
    if limits.mixed and attachments_of(moving):
        return tuple(moving[: limits.mixed])
    return (first,) if isinstance(first, Attachment) else pictures_of(media)[: max(limits.images, 1)]


def _of_size(slide: Slide, size: PictureSize) -> Medium:
    """The one whose shape is nearest, so that little of it has to be cut, and of those the nearest in size."""

    def off(medium: Medium) -> tuple[float, int]:
        width, height = medium.item.width, medium.item.height
        return abs(math.log(width * size.height / (height * size.width))), abs(width - size.width)

    return min(slide.sizes, key=off) if len(slide.sizes) > 1 else slide.first


def _takes(slide: Slide, medium: Medium, limits: Limits, spec: PlatformSpec) -> bool:
    """A picture somebody brought for a network that can't fetch it stays in its place, for the checks to say so."""
    if isinstance(medium, Attachment):
        return (limits.video if medium.moves else limits.document) is not None
    return limits.images > 0 or (not slide.made and spec.unreachable(limits) is not None)


class Placing:
    """The rule over the accounts of one draft."""

    def __init__(self, platforms: Platforms, accounts: Mapping[AccountId, Account], fits: Fits | None = None) -> None:
        """With pictures already fitted, or without while it is only asked what would be shown."""
        self._platforms = platforms
        self._accounts = accounts
        self._fits = fits or {}

    def whole(self, slides: Iterable[Slide], variant: Variant) -> tuple[Medium, ...]:
        """What this variant shows, not fitted yet; what it has where its account or network is gone."""
        account, spec = self._accounts.get(variant.account_id), self._platforms.get(variant.platform)
        if account is None or spec is None:
            return variant.media
        limits = spec.limits_for(account.limits, variant.options)
        return shown(slides, limits, spec, spec.picture_for(variant.options))

    def placed(self, slides: Sequence[Slide], variants: Iterable[Variant]) -> tuple[Variant, ...]:
        """Each variant with what its network shows of the slides."""

        def fitted(variant: Variant, medium: Medium) -> Medium:
            fit = self._fits.get((variant.account_id, source_of(medium).digest))
            return replace(fit, alt=medium.alt) if fit is not None and isinstance(medium, Picture) else medium

        return tuple(replace(v, media=tuple(fitted(v, m) for m in self.whole(slides, v))) for v in variants)

    def room(self, slides: Sequence[Slide], variant: Variant) -> bool:
        """Whether a picture would be shown that is painted now: instead of the one before, or beside what is there."""
        return any(map(_ANY_PAINTED.yields, self.whole(with_made(slides, _ANY_PAINTED), variant)))

    def seen(self, slides: Sequence[Slide], variants: Iterable[Variant]) -> tuple[Slide, ...]:
        """Those that some network shows."""
        media = [m for v in variants for m in self.whole(slides, v)]
        return tuple(s for s in slides if any(map(s.yields, media)))

    def added(self, slides: Sequence[Slide], new: Sequence[Slide], variants: Sequence[Variant]) -> tuple[Slide, ...]:
        """With what somebody brings.

        What begins with a video or a document goes to the front, because most networks show either that or pictures;
        all else goes to the end. What is there already moves. A picture replaces the painted one, which goes too where
        no network shows it any more. Raises `InvalidInput` (field "upload") for what none takes, and for too much.
        """
        fresh = tuple({source_of(n.first).digest: _worded(n, slides) for n in new}.values())
        for slide in fresh:
            self._require_taken(slide.first, variants)
        brings = any(isinstance(n.first, Picture) for n in fresh)
        there = tuple(s for s in slides if not (s.made and brings) and not any(s.yields(n.first) for n in fresh))
        whole = (*there, *fresh) if isinstance(fresh[0].first, Picture) else (*fresh, *there)
        seen = self.seen(whole, variants)
        kept = tuple(s for s in whole if s in seen or not s.made)
        if len(kept) > MOST_SLIDES:
            msg = f"There would be {len(kept)} pictures and videos; {MOST_SLIDES} is the most."
            raise InvalidInput(msg, next_step="Take some away first.", field="upload")
        return kept

    def _require_taken(self, medium: Medium, variants: Sequence[Variant]) -> None:
        accounts = [self._accounts[v.account_id] for v in variants if v.account_id in self._accounts]
        slide, specs = Slide(sizes=(medium,)), self._platforms
        if any(_takes(slide, medium, a.limits, specs[a.platform]) for a in accounts if a.platform in specs):
            return
        if isinstance(medium, Attachment):
            raise _no_taker(accounts, medium, self._platforms)
        msg = "No network of this draft takes pictures."
        raise InvalidInput(msg, next_step="It goes out without one.", field="upload")


def with_made(slides: Sequence[Slide], made: Slide) -> tuple[Slide, ...]:
    """With a painted picture: in the place of the one before, else at the end."""
    if not any(s.made for s in slides):
        return (*slides, made)
    return tuple(made if s.made else s for s in slides)


def described(slides: Sequence[Slide], alts: Mapping[int, str]) -> tuple[Slide, ...]:
    """With other words for those at these places; the same words again leave those of each size as they are."""
    given = {i: alt.strip() for i, alt in alts.items()}
    return tuple(s.described(given[i]) if given.get(i, s.first.alt) != s.first.alt else s for i, s in enumerate(slides))


def redescribed(variants: Iterable[Variant], slides: Sequence[Slide]) -> tuple[Variant, ...]:
    """Every variant with the slides' words; what it shows stays."""

    def said(medium: Medium) -> Medium:
        sizes = (size for slide in slides if (size := slide.size_of(medium)) is not None)
        return replace(medium, alt=next(sizes, medium).alt)

    return tuple(replace(v, media=tuple(said(m) for m in v.media)) for v in variants)


def require_short(alt: str, *, field: str) -> None:
    """Raise `InvalidInput` for an endless description."""
    if len(alt) > MAX_ALT:
        msg = f"The description has {len(alt):,} characters; {MAX_ALT:,} is the most."
        raise InvalidInput(msg, next_step="Say in a few sentences what is to be seen.", field=field)


def _worded(new: Slide, slides: Iterable[Slide]) -> Slide:
    """With the words it has, where it is there already and comes without any."""
    known = next((s for s in slides if s.yields(new.first)), None)
    return new if known is None or new.first.alt else new.described(known.first.alt)


def _no_taker(accounts: Sequence[Account], attachment: Attachment, platforms: Platforms) -> InvalidInput:
    """That no network takes it; or what keeps one from fetching it."""
    for account in accounts if attachment.moves else ():
        spec = platforms.get(account.platform)
        hidden = spec.unreachable(account.limits, moving=True) if spec else None
        if hidden is not None:
            return InvalidInput(hidden.message, next_step=hidden.fix, field="upload")
    what = f"{called(attachment)}s"
    msg = f"No network of this draft takes {what}."
    return InvalidInput(msg, next_step="Use a picture, or write for a network that takes them.", field="upload")
