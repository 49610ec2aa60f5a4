"""The chart of the period: a line per network, broken where nothing was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.analytics.panel import LEAST_POSTS, Panel
from services.analytics.paper import INK, LABEL, OK, RULE, SOFT, WARN, Place, set_ticks, style
from services.analytics.trend import Trend, known, trend, trend_title
from services.analytics.wording import EARNED, count, day

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from services.analytics.material import Material
    from services.analytics.paper import Sheet

SERIES: Final = (INK, WARN, OK, SOFT)
"""In the order of size; the signal colour is kept for what is pointed at."""
_NOTHING: Final = float("nan")


def over_time(material: Material, table: pd.DataFrame) -> Panel | None:
    """What came in by day or week; None for too few points, or where nothing came in."""
    found = trend(material, most=len(SERIES))
    if found is None or len(table) < LEAST_POSTS or not any(v > 0 for v in known(found.total)):
        return None

    def plot(sheet: Sheet, place: Place) -> None:
        margin = max(sheet.width_of(s.label, **style()) for s in found.series) + 24
        margin = min(margin, 260)
        ticks = _ticks(found)
        left = max(62, *(sheet.width_of(f"{t:,.0f}", **style()) + 18 for t in ticks))
        axes = sheet.axes(Place(place.left + left, place.top, place.width - left - margin, place.height - 40))
        for line, colour in zip(found.series, SERIES, strict=False):
            drawn = [_NOTHING if p is None else p for p in line.points]
            lone = _lone(line.points)
            axes.plot(drawn, color=colour, linewidth=3.5, solid_capstyle="round", solid_joinstyle="round")
            axes.plot(lone, [drawn[i] for i in lone], "o", color=colour, markersize=8)
        _scale(axes, found, ticks)
        _name_lines(sheet, axes, found, margin - 24)

    per = "week" if found.size == 7 else "day"
    gaps = " · gaps: nothing measured" if found.gaps else ""
    sample = f"{EARNED} gained per {per} · {count(len(table), 'post')}{gaps}"
    return Panel(title=trend_title(found), sample=sample[0].upper() + sample[1:], height=340, wide=True, plot=plot)


def _lone(points: list[float | None]) -> list[int]:
    """Points without a neighbour, which a line would not show."""
    around = [None, *points, None]
    return [i for i, p in enumerate(points) if p is not None and around[i] is None and around[i + 2] is None]


def _ticks(found: Trend) -> list[float]:
    """Where the grid lines are; below zero only where something was taken back."""
    points = [p for line in found.series for p in known(line.points)]
    top, low = max(0.0, *points), min(0.0, *points)
    step = nice_step(top - low)
    return [t * step for t in range(int(low // step), int(top // step) + 1)]


def _scale(axes: Axes, found: Trend, ticks: list[float]) -> None:
    points = [p for line in found.series for p in known(line.points)]
    top = max(1.0, *points)
    axes.set_ylim(min(ticks[0], *points) - 0.04 * top, top * 1.08)
    last = len(found.starts) - 1
    axes.set_xlim(-0.3, max(last, 1) + 0.15)
    every = max(1, -(-len(found.starts) // 6))
    places = list(range(0, len(found.starts), every))
    axes.set_xticks(places, labels=[day(found.starts[i])[4:] for i in places])
    axes.set_yticks(ticks, labels=[f"{t:,.0f}" for t in ticks])
    set_ticks(axes)
    axes.grid(axis="y", color=RULE, linewidth=1.2)
    axes.set_axisbelow(True)


def nice_step(span: float) -> float:
    """The distance of grid lines: a round whole number, so that there are two to four of them."""
    rough = max(span / 4, 1)
    power = 10.0 ** (len(str(int(rough))) - 1)
    return float(next(m * power for m in (1, 2, 2.5, 5, 10) if rough <= m * power and m * power == int(m * power)))


def _name_lines(sheet: Sheet, axes: Axes, found: Trend, room: float) -> None:
    """Each line's name at its end, moved apart where they would overlap."""
    bottom, top = axes.get_ylim()
    tall = axes.get_window_extent().height
    ends = []
    for line, colour in zip(found.series, SERIES, strict=False):
        last = known(line.points)[-1]
        ends.append(((last - bottom) / (top - bottom) * tall, line.label, colour))
    places = _apart([e[0] for e in ends], LABEL + 6, tall)
    for (_, label, colour), place in zip(ends, places, strict=True):
        look = style(colour=colour) | {"va": "center", "clip_on": False}
        x, y = axes.transAxes.inverted().transform(
            (axes.get_window_extent().x1 + 16, axes.get_window_extent().y0 + place)
        )
        axes.text(x, y, sheet.fit(label, room, **style()), transform=axes.transAxes, **look)


def _apart(places: list[float], least: float, room: float) -> list[float]:
    """The same order with at least so much between them, inside the room."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = [places[i] for i in order]
    for i in range(1, len(moved)):
        moved[i] = max(moved[i], moved[i - 1] + least)
    if moved and moved[-1] > room:
        moved[-1] = room
        for i in range(len(moved) - 2, -1, -1):
            moved[i] = min(moved[i], moved[i + 1] - least)
    back = [0.0] * len(places)
    for index, place in zip(order, moved, strict=True):
        back[index] = place
    return back
