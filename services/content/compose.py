"""Sets what a brief holds as one post per network, each with its own opening, length and structure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import regex

from services.content.terms import topic_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from services.content.material import Material, Unit

BULLET: Final = "• "
_MOST: Final = 900
"""Characters of a post even where the network takes more: what follows is seldom read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a kind of network likes its posts."""

    points: int
    """Sentences after the opening."""
    listed: bool
    """Whether points stand as a list rather than as a paragraph."""
    tags: int
    call: bool
    """Whether a question or an invitation from the brief is added."""


TERSE: Final = Layout(points=1, listed=False, tags=1, call=False)
LISTED: Final = Layout(points=3, listed=True, tags=3, call=True)
TOLD: Final = Layout(points=5, listed=False, tags=2, call=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """What is to be said, before any network's form."""

    material: Material
    topic: str
    hooks: tuple[Unit, ...]
    """Openings, the strongest first."""
    tags: tuple[str, ...]

    @property
    def call(self) -> str:
        """An invitation or a question from the brief itself; never one of ours."""
        return next(iter((*self.material.calls, *self.material.questions)), "")


def find_idea(material: Material, tags: tuple[str, ...]) -> Idea:
    """Rank the openings; equal ones keep the brief's order."""
    hooks = tuple(sorted(material.units, key=lambda unit: (-unit.weight, unit.order)))
    return Idea(material=material, topic=topic_of(material), hooks=hooks, tags=tags)


def layout_for(limit: int) -> Layout:
    """The form by how much room there is."""
    if limit <= 320:
        return TERSE
    return LISTED if limit <= 700 else TOLD


def compose(idea: Idea, layout: Layout, fits: Callable[[str], bool], *, turn: int = 0) -> str:
    """The post. `turn` counts earlier networks of the same form, so that each opens in its own way.

    Whole sentences are left out until it fits. When not even one sentence fits, its clauses are tried, then the topic;
    a limit too small for that gets the sentence, and the check says so.
    """
    hook = _hook(idea, fits, turn)
    tail = _tail(idea, layout, fits, hook, turn)
    title = idea.material.title if idea.material.title != hook else ""
    if not fits(_set(title, hook, [], tail, layout)):
        title = ""
    body: list[Unit] = []
    for unit in idea.hooks:
        if len(body) == layout.points:
            break
        tried = sorted([*body, unit], key=lambda u: u.order)
        text = _set(title, hook, tried, tail, layout)
        if unit.text != hook and len(text) <= _MOST and fits(text):
            body = tried
    if title and layout.listed and any(unit.listed for unit in body):
        # An item taken out of its list to stand above it would read as the odd one out.
        body = sorted([*body, *(u for u in idea.hooks if u.text == hook)], key=lambda u: u.order)
        title, hook = "", title
    return _set(title, hook, body, tail, layout)


def fitting(unit_text: str, fits: Callable[[str], bool]) -> str:
    """The sentence, or as many of its leading clauses as fit; empty when none does."""
    if fits(unit_text):
        return unit_text
    clauses = regex.split(r"(?<=[,;:])\s+|\s+(?=[–—(])", unit_text)
    for count in range(len(clauses) - 1, 0, -1):
        part = " ".join(clauses[:count]).rstrip(" ,;:–—")
        if len(part.split()) >= 4 and fits(part):
            return part
    return ""


def _hook(idea: Idea, fits: Callable[[str], bool], turn: int) -> str:
    ranked = idea.hooks[turn % len(idea.hooks) :] + idea.hooks[: turn % len(idea.hooks)] if idea.hooks else ()
    whole = next((unit.text for unit in ranked if fits(unit.text)), "")
    if whole:
        return whole
    partly = next((part for unit in ranked if (part := fitting(unit.text, fits))), "")
    first = ranked[0].text if ranked else ""
    topic = idea.topic
    return partly or (topic if topic and fits(topic) else first) or topic


def _tail(idea: Idea, layout: Layout, fits: Callable[[str], bool], hook: str, turn: int) -> tuple[str, ...]:
    """Link, invitation and tags, each only if it fits beside the opening."""
    tail: list[str] = []
    wanted = [idea.material.links[0] if idea.material.links else "", tag_line(idea, layout, turn)]
    # Where there is no link, the invitation is the only way in, however little room there is.
    if idea.call != hook and (layout.call or (idea.material.calls and not idea.material.links)):
        wanted.insert(0, idea.call)
    if layout is TOLD and idea.material.questions and idea.call not in idea.material.questions:
        wanted.insert(0, idea.material.questions[0])
    for line in wanted:
        if line and fits("\n\n".join([hook, *tail, line])):
            tail.append(line)
    return tuple(tail)


def tag_line(idea: Idea, layout: Layout, turn: int) -> str:
    """The tags this form carries: those that were asked for, then of the others each network begins with another."""
    asked = tuple(tag for tag in idea.tags if tag in idea.material.tags)
    found = tuple(tag for tag in idea.tags if tag not in asked)
    # One tag alone is left to the networks that live by tags, unless somebody asked for it.
    count = min(layout.tags, max(len(idea.tags) - 1, len(asked))) if layout is TERSE else layout.tags
    turned = found[turn % len(found) :] + found[: turn % len(found)] if found else ()
    return " ".join(f"#{tag}" for tag in (*asked, *turned)[: max(count, 0)])


def _set(title: str, hook: str, body: Sequence[Unit], tail: Sequence[str], layout: Layout) -> str:
    said = "\n".join([hook, *(unit.text for unit in body)])
    ending = [line for n, line in enumerate(tail) if line not in "\n".join([said, *tail[:n]])]
    if layout.listed:
        opening = "\n\n".join(part for part in (title, hook) if part)
        middle = "\n".join(f"{BULLET}{bare(unit.text)}" for unit in body)
        if len(body) == 1:
            middle = closed(body[0].text)
    else:
        middle = " ".join(closed(unit.text) for unit in body)
        opening = titled(title, hook, layout)
        if layout is TOLD and len(body) == 1 and "\n" not in opening:
            opening, middle = f"{closed(opening)} {middle}", ""
        opening = closed(opening) if body or layout is TOLD else opening
        if layout is TOLD and not body and "\n" not in opening and ending and ending[-1].startswith("#"):
            opening = f"{opening} {ending.pop()}"
    return "\n\n".join(part for part in (opening, middle, *ending) if part)


def titled(title: str, hook: str, layout: Layout) -> str:
    """The title before its first sentence."""
    if not title:
        return hook
    if layout is TOLD or title[-1] in "!?。！？":
        return f"{closed(title)} {hook}"
    return f"{title}: {hook}"


def closed(text: str) -> str:
    """A full stop where another sentence follows, unless it ends in some other mark, or is code."""
    last = text.rstrip(")\"'”’»]")[-1:]
    return f"{text}." if (last.isalnum() or last == "%") and "\n" not in text else text


def bare(text: str) -> str:
    """A list item has no full stop; a question keeps its mark."""
    return text[:-1] if text.endswith(".") and not text.endswith("..") else text
