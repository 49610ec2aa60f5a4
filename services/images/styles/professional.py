"""A calm ground, a large headline with its end in the accent, a thin rule and the name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services.images.colour import mix, name_of
from services.images.lettering import Box
from services.images.styles.plan import Poster, headline, signed

if TYPE_CHECKING:
    from services.images.colour import Scheme
    from services.images.lettering import Run
    from services.images.motifs import Field
    from services.images.styles.plan import Plan


def professional(plan: Plan) -> Poster:
    """One of four layouts; each take another one on another ground of the palette."""
    turn = plan.take % 3
    scheme = plan.schemes[(0, 1, 2)[turn]]
    canvas = plan.field(scheme)
    # Without words only the arc has something to show.
    layout = (_masthead, _column, _block, _band)[(plan.start + plan.take) % 4] if plan.headline else _block
    shows = f"a calm {name_of(scheme.ground)} ground"
    if layout is _block:
        shows += f" beside an arc on {name_of(scheme.shape)}"
    poster = Poster(ground=canvas.sheet, shows=shows)
    poster.runs = layout(plan, canvas, scheme)
    return poster


def _masthead(plan: Plan, canvas: Field, scheme: Scheme) -> list[Run]:
    """A rule and the name above, the headline standing at the foot."""
    inner, u = plan.inner, plan.unit
    canvas.rectangle(Box(x0=inner.x0, y0=inner.y0, x1=inner.x1, y1=inner.y0 + max(2, u * 0.34)), scheme.tone(0.85))
    side = u * 2.6
    canvas.rectangle(
        Box(x0=inner.x1 - side, y0=inner.y0 + u * 3.2, x1=inner.x1, y1=inner.y0 + u * 3.2 + side), scheme.shape
    )
    runs = signed(plan, scheme, inner.x0, inner.y0 + u * 3.4)
    room = Box(x0=inner.x0, y0=inner.y0 + u * 12, x1=inner.x0 + inner.width * (0.88 if plan.wide else 1), y1=inner.y1)
    return runs + headline(plan, room, scheme, largest=17, foot=True)


def _column(plan: Plan, canvas: Field, scheme: Scheme) -> list[Run]:
    """A bar along the left edge, the headline above, a short rule with the name below."""
    inner, u = plan.inner, plan.unit
    canvas.rectangle(Box(x0=0, y0=0, x1=u * 2.4, y1=plan.height), scheme.shape)
    foot = inner.y1 - u * 6
    canvas.rectangle(Box(x0=inner.x0, y0=foot, x1=inner.x0 + u * 16, y1=foot + max(2, u * 0.34)), scheme.tone(0.85))
    room = Box(x0=inner.x0, y0=inner.y0, x1=inner.x0 + inner.width * (0.9 if plan.wide else 1), y1=foot - u * 6)
    return headline(plan, room, scheme, largest=17) + signed(plan, scheme, inner.x0, foot + u * 3)


def _block(plan: Plan, canvas: Field, scheme: Scheme) -> list[Run]:
    """A field of the accent with one large arc, the headline beside it or below."""
    inner, u = plan.inner, plan.unit
    deep = mix(scheme.shape, scheme.ink, 0.28) if plan.random.random() < 0.5 else mix(scheme.shape, scheme.ground, 0.3)
    if plan.wide:
        left = plan.width * 0.68
        canvas.rectangle(Box(x0=left, y0=0, x1=plan.width, y1=plan.height), scheme.shape)
        canvas.slice((left, plan.height), plan.width - left, (270, 360), deep)
        room = Box(x0=inner.x0, y0=inner.y0 + u * 14, x1=left - inner.x0 * 0.7, y1=inner.y1)
        head = inner.y0
    else:
        high = plan.height * 0.34
        canvas.rectangle(Box(x0=0, y0=0, x1=plan.width, y1=high), scheme.shape)
        canvas.slice((plan.width, high), high * 0.86, (180, 270), deep)
        room = Box(x0=inner.x0, y0=high + u * 17, x1=inner.x1, y1=inner.y1)
        head = high + u * 6
    rule = Box(x0=inner.x0, y0=head, x1=room.x1, y1=head + max(2, u * 0.34))
    canvas.rectangle(rule, scheme.tone(0.85))
    return signed(plan, scheme, inner.x0, head + u * 3) + headline(plan, room, scheme, largest=15, foot=True)


def _band(plan: Plan, canvas: Field, scheme: Scheme) -> list[Run]:
    """A rule above the foot; name to the left of it, a mark to the right; the headline in the middle."""
    inner, u = plan.inner, plan.unit
    foot = inner.y1 - u * 5.5
    canvas.rectangle(Box(x0=inner.x0, y0=foot, x1=inner.x1, y1=foot + max(2, u * 0.34)), scheme.tone(0.85))
    canvas.disc(inner.x1 - u * 1.5, inner.y1 - u * 1.2, u * 1.5, scheme.shape)
    room = Box(x0=inner.x0, y0=inner.y0, x1=inner.x1, y1=foot - u * 7)
    runs = headline(plan, room, scheme, largest=18)
    return _middled(runs, room) + signed(plan, scheme, inner.x0, foot + u * 3)


def _middled(runs: list[Run], room: Box) -> list[Run]:
    """Moved down to the optical middle, a little above the true one."""
    if not runs:
        return runs
    spare = room.y1 - max(run.box.y1 for run in runs)
    return [replace(run, y=run.y + round(spare * 0.46)) for run in runs]
