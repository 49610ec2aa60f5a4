"""Generated shapes in the brand's colours, the headline where they leave room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.images.colour import name_of
from services.images.lettering import Box
from services.images.motifs import MOTIFS
from services.images.styles.plan import Poster, headline, signed

if TYPE_CHECKING:
    from services.images.styles.plan import Plan


def artistic(plan: Plan) -> Poster:
    """A generated motif with the headline in the part it leaves free; each take another motif."""
    motif = MOTIFS[(plan.start + plan.take) % len(MOTIFS)]
    scheme = plan.schemes[(0, 2, 1, 0, 2)[plan.take % 5]]
    canvas = plan.field(scheme)
    free = plan.inside(motif.paint(canvas))
    poster = Poster(
        ground=canvas.sheet,
        shows=f"{motif.name} in {name_of(scheme.shape)} on {name_of(scheme.ground)}",
    )
    u = plan.unit
    sign = u * 9 if plan.signature else 0
    room = Box(x0=free.x0, y0=free.y0 + sign, x1=free.x1 - u * 3, y1=free.y1 - u * 3)
    foot = free.x1 < plan.inner.x1 - 1
    if foot:
        room = Box(x0=free.x0, y0=free.y0 + sign, x1=free.x1 - u * 4, y1=free.y1)
    poster.runs = signed(plan, scheme, free.x0, free.y0)
    poster.runs += headline(plan, room, scheme, largest=13.5, foot=foot, accent=False)
    return poster
