"""Reads what an offline draft is made of: the brief, or a finished post with the brief behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from services.content.material import read_material
from services.content.sentences import same, words
from services.content.words import STOP
from services.domain.post import PART_BREAK, Brief

if TYPE_CHECKING:
    from collections.abc import Collection

    from services.content.material import Material, Unit
    from services.domain.brand import Brand


_TOLD: Final = 0.5
"""The share of a sentence's telling words that a post must hold for the sentence to count as said."""


def material_of(brief: Brief, brand: Brand) -> Material:
    """The material of a brief; a finished post comes first, and the brief adds only what the post left out."""
    known = read_material(brief, brand)
    source = brief.source.replace(PART_BREAK, "\n\n").strip()
    if not source:
        return known
    if known.title and source.startswith(known.title):
        source = source[len(known.title) :].lstrip(" :.!?\n")
    said = read_material(Brief(text=source), brand)
    # What the brief lists among its points is no invitation, even where it reads like one by itself.
    points = {same(unit.text) for unit in known.units}
    invited = [call for call in said.calls if same(call) not in points]
    return replace(
        said,
        title=known.title if not said.title or same(said.title) == same(known.title) else said.title,
        units=_units(said, known, source),
        calls=tuple(dict.fromkeys((*invited, *known.calls))),
        questions=tuple(dict.fromkeys((*said.questions, *known.questions))),
        links=tuple(dict.fromkeys((*said.links, *known.links))),
        tags=tuple(dict.fromkeys((*said.tags, *known.tags))),
    )


def _units(said: Material, known: Material, source: str) -> tuple[Unit, ...]:
    """In the brief's order where the post is made of the brief's sentences, else the post's and then what it left out.

    What the post left out is weaker: it is for networks with more room.
    """
    spoken = [unit for unit in said.units if same(unit.text) != same(known.title)]
    forms = {same(text) for text in (*(unit.text for unit in spoken), *said.calls)}
    forms -= {same(call) for call in known.calls}
    if forms <= {same(unit.text) for unit in known.units}:
        return tuple(unit if same(unit.text) in forms else replace(unit, noted=True) for unit in known.units)
    after = max((unit.order for unit in spoken), default=0) + 1
    told = {word.lower() for word in words(f"{source}\n{known.title}")}
    fresh = (unit for unit in known.units if not _is_told(unit, told))
    return (*spoken, *(replace(unit, order=after + n, noted=True) for n, unit in enumerate(fresh)))


def _is_told(unit: Unit, told: Collection[str]) -> bool:
    telling = {word.lower() for word in words(unit.text)} - STOP
    return len(telling & set(told)) >= _TOLD * len(telling)
