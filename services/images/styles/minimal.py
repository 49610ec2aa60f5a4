"""Much space, one mark, few words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.fonts import BOLD
from services.images.colour import mix, name_of
from services.images.lettering import Box, place, set_in
from services.images.styles.plan import Poster, signed

if TYPE_CHECKING:
    from services.images.motifs import Field
    from services.images.styles.plan import Plan


def minimal(plan: Plan) -> Poster:
    """One mark near a corner and the headline at the foot; each take another mark and ground."""
    scheme = plan.schemes[(0, 3, 1, 2)[plan.take % 4]]
    canvas = plan.field(scheme)
    inner, u = plan.inner, plan.unit
    mark = (plan.start + plan.take) % len(_MARKS)
    right = (plan.start // 7 + plan.take) % 2 == 0
    radius = u * (17 if plan.wide else 15)
    x = inner.x1 - radius if right else inner.x0 + radius
    y = inner.y0 + radius
    _MARKS[mark][1](canvas, x, y, radius)
    poster = Poster(
        ground=canvas.sheet,
        shows=f"{_MARKS[mark][0]} in {name_of(scheme.shape)} on an empty {name_of(scheme.ground)} ground",
    )
    room = Box(
        x0=inner.x0,
        y0=inner.y0 + radius * 2 + u * 8,
        x1=inner.x0 + inner.width * (0.56 if plan.wide else 0.84),
        y1=inner.y1 - (0 if plan.wide else u * 9),
    )
    if plan.headline:
        setting = set_in(plan.headline, room, BOLD, largest=u * 6.6, smallest=u * 2.6)
        poster.runs += place(setting, room.x0, room.y1 - setting.height, scheme.ink)
    if plan.wide:
        poster.runs += signed(plan, scheme, 0, inner.y1 - u * 3.2, right=inner.x1)
    else:
        poster.runs += signed(plan, scheme, inner.x0, inner.y1 - u * 3.2)
    return poster


def _full(canvas: Field, x: float, y: float, r: float) -> None:
    canvas.disc(x, y, r, canvas.scheme.shape)


def _ring(canvas: Field, x: float, y: float, r: float) -> None:
    canvas.disc(x, y, r, canvas.scheme.shape)
    canvas.disc(x, y, r * 0.62, canvas.scheme.ground)


def _half(canvas: Field, x: float, y: float, r: float) -> None:
    canvas.slice((x, y + r * 0.5), r, (180, 360), canvas.scheme.shape)


def _square(canvas: Field, x: float, y: float, r: float) -> None:
    side = r * 0.86
    canvas.rectangle(Box(x0=x - side, y0=y - side, x1=x + side, y1=y + side), canvas.scheme.shape)


def _quarter(canvas: Field, x: float, y: float, r: float) -> None:
    canvas.slice((x - r, y + r), r * 2, (270, 360), canvas.scheme.shape)


def _pair(canvas: Field, x: float, y: float, r: float) -> None:
    canvas.disc(x - r * 0.36, y, r * 0.64, canvas.scheme.shape)
    canvas.disc(x + r * 0.36, y, r * 0.64, mix(canvas.scheme.shape, canvas.scheme.ground, 0.45))


_MARKS: Final = (
    ("one disc", _full),
    ("one quarter circle", _quarter),
    ("one ring", _ring),
    ("one square", _square),
    ("one half circle", _half),
    ("two discs", _pair),
)
