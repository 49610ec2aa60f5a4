"""Reads what an offline draft is made of: the brief, or a finished post with the brief behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services.content.material import Material, read_material
from services.content.sentences import same
from services.domain.post import PART_BREAK, Brief

if TYPE_CHECKING:
    from services.domain.brand import Brand


def material_of(brief: Brief, brand: Brand) -> Material:
    """The material of a brief; a finished post comes first, and the brief adds only what the post left out."""
    known = read_material(brief, brand)
    source = brief.source.replace(PART_BREAK, "\n\n").strip()
    if not source:
        return known
    if known.title and source.startswith(f"{known.title}:"):
        source = f"{known.title}\n\n{source[len(known.title) + 1 :]}"
    said = read_material(Brief(text=source), brand)
    return _joined(said, known)


def _joined(said: Material, known: Material) -> Material:
    """What was said, then what was known besides, weaker and in its own order."""
    forms = [same(text) for text in (said.title, *(u.text for u in said.units), *said.calls, *said.questions) if text]
    fresh = [u for u in known.units if not any(same(u.text) in form or form in same(u.text) for form in forms)]
    after = max((u.order for u in said.units), default=0) + 1
    added = (replace(unit, order=after + n, noted=True) for n, unit in enumerate(fresh))
    return Material(
        title=said.title or known.title,
        units=(*said.units, *added),
        calls=tuple(dict.fromkeys((*said.calls, *known.calls))),
        questions=tuple(dict.fromkeys((*said.questions, *known.questions))),
        links=tuple(dict.fromkeys((*said.links, *known.links))),
        tags=tuple(dict.fromkeys((*said.tags, *known.tags))),
    )
