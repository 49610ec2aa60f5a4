"""Drafts that show several things, placed by the real networks' limits, for the golden files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.registry import PLATFORMS
from handlers.views.draft import draft_card
from handlers.views.look import Proof
from services.content.options import first_choices
from services.domain.ids import AccountId, Digest
from services.domain.media import Slide
from services.images.placing import Placing
from tests.builders import (
    a_document_item,
    a_draft,
    a_media_item,
    a_picture,
    a_revision,
    a_variant,
    a_video_item,
    an_account,
    an_attachment,
    an_origin,
)
from tests.handlers.test_actions import a_snapshot

if TYPE_CHECKING:
    from handlers.views.card import Card
    from handlers.views.look import Look
    from services.domain.media import MediaItem, Medium
    from services.domain.post import Variant

MOST: Final = 35
DIGESTS: Final = tuple(Digest(f"{number:02x}" * 32) for number in range(0x40, 0x40 + MOST))
"""Of the pictures and posters, by place."""


def shown_in_parts(look: Look) -> dict[str, Card]:
    """Two, six and thirty-five things to show, each on networks that take different parts of them."""
    six = (*map(_picture, (0, 1)), _video(2), *map(_picture, (3, 4, 5)))
    return {
        "draft-slides-2": _card(look, ("linkedin", "x"), (_document(), _painted(1))),
        "draft-slides-6": _card(look, ("instagram", "x", "bluesky"), six),
        "draft-slides-35": _card(look, ("tiktok", "linkedin", "x"), (_document(), *map(_picture, range(1, MOST)))),
    }


def _card(look: Look, slugs: tuple[str, ...], media: tuple[Medium, ...]) -> Card:
    specs = {spec.slug: spec for spec in PLATFORMS if spec.slug in slugs}
    accounts = {
        AccountId(slug): an_account(id=AccountId(slug), platform=slug, handle="driftseas", limits=spec.default_limits)
        for slug, spec in specs.items()
    }
    if carousel := accounts.get(AccountId("instagram")):
        accounts[carousel.id] = replace(carousel, limits=replace(carousel.limits, mixed=10))
    slides = tuple(Slide(sizes=(medium,)) for medium in media)
    blank = [
        a_variant(account_id=AccountId(slug), platform=slug, options=first_choices(spec.options, spec.default_limits))
        for slug, spec in specs.items()
    ]
    variants = Placing(specs, accounts).placed(slides, blank)
    fitted = tuple(_cropped(v) if v.platform == "instagram" else v for v in variants)
    revision = replace(a_revision(variants=fitted), slides=slides)
    shot = replace(a_snapshot(a_draft(revision=revision)), accounts=accounts)
    proofs = {
        v.account_id: Proof(
            length=12, limit=accounts[v.account_id].limits.text, unit="characters", valid=True, problems=()
        )
        for v in variants
    }
    seen = replace(
        look,
        labels={spec.slug: spec.label for spec in specs.values()},
        options={spec.slug: spec.options for spec in specs.values()},
        proofs=proofs,
    )
    return draft_card(shot, seen)


def _cropped(variant: Variant) -> Variant:
    """Its first picture cut to the network's shape."""
    first = variant.pictures[0]
    return replace(variant, media=(replace(first, fitted="cropped to 4:5", whole=first.item), *variant.media[1:]))


def _item(place: int) -> MediaItem:
    return a_media_item(digest=DIGESTS[place], width=1080, height=1350)


def _picture(place: int) -> Medium:
    return a_picture(_item(place), alt=f"The pier, seen from step {place + 1}.")


def _painted(place: int) -> Medium:
    return a_picture(_item(place), alt="The pier over a calm ground.", origin=an_origin())


def _video(place: int) -> Medium:
    return an_attachment(a_video_item(), alt="Waves under the pier.", poster=_item(place))


def _document() -> Medium:
    return an_attachment(a_document_item(), alt="The plan of the pier", poster=None)
