"""Sets what a brief holds as a thread: a hook, points, a takeaway, a close; nothing is said twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import regex

from services.content.compose import BULLET, TERSE, bare, closed, tag_line, titled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from services.content.compose import Idea, Layout
    from services.content.material import Unit

_LEANS: Final = regex.compile(
    r"^(?:it|they|this|that|these|those|their|its|he|she|his|her|then|also|but|and|so|both|neither"
    r"|es|er|sie|ihr\w*|sein\w*|dies\w*|dann|dadurch|deshalb|damit|aber|und|beide)\b",
    regex.IGNORECASE,
)
"""How a sentence begins that needs the one before it."""
_SUMS_UP: Final = regex.compile(
    r"^(?:so\b|in short|in the end|from now on|next time|the (?:lesson|takeaway|result|upshot|point)\b"
    r"|(?:our|a) lesson\b|(?:what )?we(?:['’]ve| have)? learn|kurz(?:um| gesagt)?\b|unterm strich|fazit"
    r"|ab jetzt|künftig)",
    regex.IGNORECASE,
)
"""How a sentence begins that draws the conclusion."""
_HEADLINE: Final = 4
"""Words a title needs to stand alone as a first post."""
_RIVAL: Final = 2.5
"""How much weaker another network's opening may be than the best one."""
_SENTENCES: Final = 2
_ITEMS: Final = 4
"""Sentences, or items of a list, in one post at most."""
_MOST: Final = 600
"""Characters of a post of a thread even where the network takes more: it is read in one breath."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """Which sentences stand where."""

    title: str
    hook: Unit | None
    points: tuple[tuple[Unit, ...], ...]
    takeaway: tuple[Unit, ...]
    """Open the last post; empty where an invitation is enough."""


def compose_thread(
    idea: Idea, layout: Layout, parts: int, fits: Callable[[str], bool], *, turn: int = 0
) -> tuple[str, ...]:
    """At most so many posts, each within the limit; fewer when the material has no more to say.

    `turn` counts earlier networks, so that each opens in its own way where a second opening is as good.
    """

    def room(text: str) -> bool:
        return len(text) <= _MOST and fits(text)

    units = tuple(unit for unit in idea.material.units if room(closed(unit.text)))
    plan = _plan(idea, units, parts, turn, room)
    opening = _opening(plan, layout, room)
    middle = [_point(group) for group in plan.points]
    said = list(dict.fromkeys(text for text in (opening, *middle) if text))
    last = [_point(plan.takeaway)] if plan.takeaway else [idea.call] if idea.call else []
    if not last and said:
        last = [said.pop()]
    return (*said, _close(idea, layout, last, turn, room))


def _plan(idea: Idea, units: Sequence[Unit], parts: int, turn: int, room: Callable[[str], bool]) -> _Plan:
    title = idea.material.title if room(idea.material.title) else ""
    groups = parts - 2
    invited = bool(idea.call)
    needed = 1 + groups + (0 if invited else 1)
    told = _told(units, turn)
    headline = len(title.split()) >= _HEADLINE
    alone = headline and (len(told) < needed or (told and told[0].listed))
    hook = None if alone or not told else told[0]
    rest = [unit for unit in (units if hook is None else told) if unit is not hook]
    rest = _ending_well(rest)
    if groups == 0:
        return _Plan(title=title, hook=hook, points=(), takeaway=next(iter(_grouped(rest, 1, room)), ()))
    last = () if invited else tuple(rest[-1:])
    return _Plan(title=title, hook=hook, points=_grouped(rest[: len(rest) - len(last)], groups, room), takeaway=last)


def _told(units: Sequence[Unit], turn: int) -> tuple[Unit, ...]:
    """The material's own order, with the opening moved to the front together with what leans on it."""
    blocks: list[list[Unit]] = []
    for unit in units:
        if blocks and _leans(unit):
            blocks[-1].append(unit)
        else:
            blocks.append([unit])
    best = max((block[0].weight for block in blocks), default=0.0)
    ranked = sorted(blocks, key=lambda block: (-block[0].weight, block[0].order))
    equal = [block for n, block in enumerate(ranked) if n == 0 or _rivals(block[0], best)]
    first = equal[turn % len(equal)] if equal else []
    return (*first, *(unit for block in blocks if block is not first for unit in block))


def _leans(unit: Unit) -> bool:
    return bool(_LEANS.match(unit.text)) and not unit.listed and not _SUMS_UP.match(unit.text)


def _rivals(unit: Unit, best: float) -> bool:
    """A second opening may break the order only for a number that is worth it."""
    return unit.weight >= best - _RIVAL and any(c.isdigit() for c in unit.text) and not unit.noted and not unit.listed


def _ending_well(rest: Sequence[Unit]) -> list[Unit]:
    """In order, but with what draws the conclusion at the end, and the notes before what the brief ends on."""
    summing = [unit for unit in rest if _SUMS_UP.match(unit.text)][-1:]
    last = summing or [unit for unit in rest if not unit.noted][-1:]
    return [unit for unit in rest if unit not in last] + last


def _grouped(rest: Sequence[Unit], groups: int, room: Callable[[str], bool]) -> tuple[tuple[Unit, ...], ...]:
    """The points in order, spread evenly; where too much is known, the weakest is left out."""
    count = min(groups, len(rest))
    if count < 1:
        return ()
    most = _ITEMS if all(unit.listed for unit in rest) else _SENTENCES
    strongest = sorted(rest, key=lambda unit: -unit.weight)[: most * count]
    kept = [unit for unit in rest if unit in strongest]
    made: list[tuple[Unit, ...]] = []
    for left in range(count, 0, -1):
        take = -(-len(kept) // left)
        if len(kept) - take >= left and _leans(kept[take]) and room(_point(kept[: take + 1])):
            take += 1
        group, kept = kept[:take], kept[take:]
        while len(group) > 1 and not room(_point(group)):
            group.remove(min(group, key=lambda unit: unit.weight))
        made.append(tuple(group))
    return tuple(made)


def _point(group: Sequence[Unit]) -> str:
    if len(group) > 1 and all(unit.listed for unit in group):
        return "\n".join(f"{BULLET}{bare(unit.text)}" for unit in group)
    return " ".join(closed(unit.text) for unit in group)


def _opening(plan: _Plan, layout: Layout, room: Callable[[str], bool]) -> str:
    if plan.hook is None:
        return plan.title
    hook = closed(plan.hook.text)
    if not plan.title:
        return hook
    text = titled(plan.title, hook, layout) if layout is TERSE else f"{plan.title}\n\n{hook}"
    return text if room(text) else hook


def _close(idea: Idea, layout: Layout, said: list[str], turn: int, room: Callable[[str], bool]) -> str:
    """What is said last, with the way in and the tags as far as they fit."""
    links = idea.material.links
    lines = list(said)
    for line in (idea.call, links[0] if links else "", tag_line(idea, layout, turn)):
        if line and line not in "\n".join(lines) and room("\n\n".join([*lines, line])):
            lines.append(line)
    return "\n\n".join(lines)
