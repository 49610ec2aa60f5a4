"""One draft for every network the desk knows, each with its own text, picture and options, for the golden files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.registry import PLATFORMS
from handlers.views.draft import draft_card
from handlers.views.look import Proof
from services.content.options import first_choices
from services.domain.ids import AccountId, Digest
from tests.builders import a_draft, a_media_item, a_picture, a_revision, a_variant, an_account, an_origin
from tests.handlers.test_actions import a_snapshot

if TYPE_CHECKING:
    from handlers.views.card import Card
    from handlers.views.look import Look
    from services.domain.account import Account
    from services.domain.post import Variant
    from services.ports.platform import PlatformSpec

FACTS: Final = (
    "Spans survive process restarts.",
    "Sampling rules live in Git.",
    "Overhead stays below 1 % at 50,000 requests per second.",
    "It runs on Python 3.13.",
)
LINK: Final = "https://github.com/driftseas/tracer/releases/tag/v2.4"
SIZES: Final = ((1600, 900), (1200, 627), (1080, 1350), (1080, 1920))
DIGESTS: Final = tuple(Digest(f"{number:02x}" * 32) for number, _ in enumerate(SIZES))
"""Of its pictures, one for each size."""


def everywhere(look: Look) -> Card:
    """The card of that draft, with nothing left to choose."""
    specs = tuple(PLATFORMS)
    variants = tuple(_variant(spec, turn) for turn, spec in enumerate(specs))
    accounts = {
        AccountId(spec.slug): an_account(
            id=AccountId(spec.slug), platform=spec.slug, handle="driftseas", limits=spec.default_limits
        )
        for spec in specs
    }
    shot = replace(a_snapshot(a_draft(revision=a_revision(variants=variants))), accounts=accounts)
    seen = replace(
        look,
        labels={spec.slug: spec.label for spec in specs},
        options={spec.slug: spec.options for spec in specs},
        proofs={v.account_id: _proof(v, spec, accounts[v.account_id]) for v, spec in zip(variants, specs, strict=True)},
    )
    return draft_card(shot, seen)


def _variant(spec: PlatformSpec, turn: int) -> Variant:
    facts = (*FACTS[turn % len(FACTS) :], *FACTS[: turn % len(FACTS)])
    shown = next((n for n, size in enumerate(SIZES) if size == (spec.picture.width, spec.picture.height)), 0)
    width, height = SIZES[shown]
    item = a_media_item(digest=DIGESTS[shown], width=width, height=height)
    return a_variant(
        account_id=AccountId(spec.slug),
        platform=spec.slug,
        parts=(f"Release 2.4 of the tracer. {facts[0]}\n\n{' '.join(facts[1:3])}\n\n{LINK}\n\n#Tracer #Git",),
        media=(a_picture(item, alt="Headline “Release 2.4 of the tracer” over a calm ground.", origin=an_origin()),),
        options=first_choices(spec.options, spec.default_limits),
    )


def _proof(variant: Variant, spec: PlatformSpec, account: Account) -> Proof:
    limits, terms = spec.default_limits, spec.terms(variant, account)
    return Proof(length=len(variant.text), limit=limits.text, unit=limits.unit, valid=True, problems=(), terms=terms)
