"""A headline with numbered points, or with its one figure set large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import regex

from services.fonts import HEAD, TEXT
from services.images.colour import name_of
from services.images.lettering import Box, place, set_in
from services.images.styles.plan import Poster, headline, signed

if TYPE_CHECKING:
    from services.images.colour import Scheme
    from services.images.lettering import Run
    from services.images.motifs import Field
    from services.images.styles.plan import Plan

_FIGURE: Final = regex.compile(r"(?<![\p{L}\d])[€$£]?\d[\d.,:]*\d?\s?(?:%|×|x\b|k\b|ms\b|€)?")


def infographic(plan: Plan) -> Poster:
    """Numbered points in rows or columns; without points a figure or dots."""
    scheme = plan.schemes[(0, 1, 2)[plan.take % 3]]
    canvas = plan.field(scheme)
    poster = Poster(ground=canvas.sheet)
    if not plan.points:
        poster.shows, poster.runs = _figure(plan, canvas, scheme)
        return poster
    count = len(plan.points)
    poster.shows = f"{count} numbered {'point' if count == 1 else 'points'} on {name_of(scheme.ground)}: " + "; ".join(
        f"{n} {text}" for n, text in enumerate(plan.points, 1)
    )
    layout = (_rows, _columns)[(plan.start + plan.take) % 2]
    poster.runs = layout(plan, canvas, scheme)
    return poster


def _rows(plan: Plan, canvas: Field, scheme: Scheme) -> list[Run]:
    """The headline to the left or above, the points as rows under rules."""
    inner, u = plan.inner, plan.unit
    foot = inner.y1 - u * 2.6
    if plan.wide:
        head = Box(x0=inner.x0, y0=inner.y0, x1=inner.x0 + inner.width * 0.4, y1=foot - u * 6)
        body = Box(x0=inner.x0 + inner.width * 0.47, y0=inner.y0, x1=inner.x1, y1=inner.y1)
        runs = headline(plan, head, scheme, largest=11)
    else:
        head = Box(x0=inner.x0, y0=inner.y0, x1=inner.x1, y1=inner.y0 + inner.height * 0.32)
        runs = headline(plan, head, scheme, largest=11)
        under = max((run.box.y1 for run in runs), default=inner.y0) + u * 6
        body = Box(x0=inner.x0, y0=under, x1=inner.x1, y1=foot - u * 3)
    runs += signed(plan, scheme, inner.x0, foot)
    high = min(body.height / len(plan.points), u * 24)
    number = min(u * 8.5, high * 0.5)
    cells = [
        Box(x0=body.x0, y0=body.y0 + n * high, x1=body.x1, y1=body.y0 + (n + 1) * high) for n in range(len(plan.points))
    ]
    rooms = [Box(x0=c.x0 + u * 11, y0=c.y0 + u * 3, x1=c.x1, y1=c.y1 - u * 2) for c in cells]
    return runs + _numbered(plan, canvas, scheme, _Grid(cells=cells, rooms=rooms, number=number))


def _columns(plan: Plan, canvas: Field, scheme: Scheme) -> list[Run]:
    """The headline across, the points side by side below it, two in a row where it is narrow."""
    inner, u = plan.inner, plan.unit
    across = len(plan.points) if plan.wide else min(2, len(plan.points))
    down = -(-len(plan.points) // across)
    head = Box(x0=inner.x0, y0=inner.y0, x1=inner.x1, y1=inner.y0 + inner.height * (0.42 if plan.wide else 0.34))
    runs = headline(plan, head, scheme, largest=12)
    foot = inner.y1 - u * 2.6
    top = inner.y0 + inner.height * (0.5 if plan.wide else 0.42)
    gap = u * 4
    wide, high = (inner.width - gap * (across - 1)) / across, (foot - u * 4 - top) / down
    number = min(u * 9, high * 0.32)
    cells = [
        Box(
            x0=inner.x0 + (n % across) * (wide + gap),
            y0=top + (n // across) * high,
            x1=inner.x0 + (n % across) * (wide + gap) + wide,
            y1=top + (n // across + 1) * high,
        )
        for n in range(len(plan.points))
    ]
    rooms = [Box(x0=c.x0, y0=c.y0 + u * 3 + number + u * 2, x1=c.x1, y1=c.y1 - u * 2) for c in cells]
    return (
        runs
        + signed(plan, scheme, inner.x0, foot)
        + _numbered(plan, canvas, scheme, _Grid(cells=cells, rooms=rooms, number=number))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """Where the points go: the cell of each, the room for its text in it, and the numerals' size."""

    cells: list[Box]
    rooms: list[Box]
    number: float


def _numbered(plan: Plan, canvas: Field, scheme: Scheme, grid: _Grid) -> list[Run]:
    """Rule, numeral and text of each point, all texts in one size."""
    u = plan.unit
    sizes = [
        set_in(text, room, TEXT, largest=u * 5, smallest=u * 2.1).size
        for text, room in zip(plan.points, grid.rooms, strict=True)
    ]
    runs: list[Run] = []
    for n, (text, cell, room) in enumerate(zip(plan.points, grid.cells, grid.rooms, strict=True), 1):
        canvas.rectangle(Box(x0=cell.x0, y0=cell.y0, x1=cell.x1, y1=cell.y0 + max(2, u * 0.3)), scheme.tone(0.85))
        numeral = set_in(str(n), Box(x0=0, y0=0, x1=u * 12, y1=u * 40), HEAD, largest=grid.number, smallest=4)
        runs += place(numeral, cell.x0, cell.y0 + u * 3, scheme.accent)
        setting = set_in(text, room, TEXT, largest=min(sizes), smallest=min(sizes) * 0.99)
        runs += place(setting, room.x0, room.y0, scheme.ink)
    return runs


def _figure(plan: Plan, canvas: Field, scheme: Scheme) -> tuple[str, list[Run]]:
    """Without points: the headline's number alone and large, or the headline over dots, one of them marked."""
    inner, u = plan.inner, plan.unit
    runs = signed(plan, scheme, inner.x0, inner.y1 - u * 2.6)
    found = _FIGURE.search(plan.headline)
    canvas.rectangle(Box(x0=inner.x0, y0=inner.y0, x1=inner.x1, y1=inner.y0 + max(2, u * 0.34)), scheme.tone(0.85))
    if found:
        upper = Box(x0=inner.x0, y0=inner.y0 + u * 7, x1=inner.x1, y1=inner.y0 + inner.height * 0.58)
        figure = set_in(found[0].strip(), upper, HEAD, largest=u * 48, smallest=u * 6, max_lines=1)
        runs += place(figure, upper.x0, upper.y0, scheme.accent)
        top = upper.y0 + figure.height + u * 2
        lower = Box(x0=inner.x0, y0=top, x1=inner.x0 + inner.width * 0.86, y1=inner.y1 - u * 8)
        return f"the figure {found[0].strip()} on {name_of(scheme.ground)}", runs + headline(
            plan, lower, scheme, largest=7.5, accent=False
        )
    room = Box(x0=inner.x0, y0=inner.y0 + u * 6, x1=inner.x1, y1=inner.y0 + inner.height * 0.5)
    across = 16 if plan.wide else 9
    step = inner.width / across
    down = int((inner.y1 - u * 8 - room.y1) / step)
    chosen = plan.random.randrange(across * down) if down > 0 else 0
    for n in range(across * max(0, down)):
        x, y = inner.x0 + step * (n % across + 0.5), inner.y1 - u * 8 - step * (n // across + 0.5)
        canvas.disc(x, y, step * (0.34 if n == chosen else 0.14), scheme.shape if n == chosen else scheme.tone(0.3))
    return f"a grid of dots, one of them {name_of(scheme.shape)}, on {name_of(scheme.ground)}", runs + headline(
        plan, room, scheme, largest=12
    )
