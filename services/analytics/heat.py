"""The chart of the week: what posts earned by the weekday and hour they went out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from services.analytics.insights import best_slot, when
from services.analytics.panel import Panel
from services.analytics.paper import INK, SIGNAL, Place, set_ticks
from services.analytics.wording import WEEKDAYS, count

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from matplotlib.axes import Axes

    from services.analytics.insights import Slot
    from services.analytics.material import Material
    from services.analytics.paper import Sheet

LEAST_HEAT: Final = 12
_FEW: Final = 3
"""Posts below which an hour of the week is drawn small."""
_EMPTY: Final = "#f3eee3"
Cells = dict[tuple[int, int], tuple[int, float]]
"""(weekday, hour) → how many posts, and what they earned per post."""


def hours(material: Material, table: pd.DataFrame) -> Panel | None:
    """Every hour of the week that was used; None for too few posts, or where they earned nothing."""
    cells = heat(material)
    posts = sum(n for n, _ in cells.values())
    if posts < LEAST_HEAT or not any(earned > 0 for _, earned in cells.values()):
        return None
    slot = best_slot(material, table)

    def plot(sheet: Sheet, place: Place) -> None:
        _draw(sheet.axes(Place(place.left + 62, place.top, place.width - 62, place.height - 40)), cells, slot)

    timing = when(material, table)
    title = timing.text if timing else "No hour of the week stands out yet"
    where = f"{timing.basis if timing else count(posts, 'post')} · {material.zone}"
    few = f" · small: under {_FEW}" if any(n < _FEW for n, _ in cells.values()) else ""
    sample = f"{where} · darker: more per post{few}"
    return Panel(title=title, sample=sample, height=420, wide=True, plot=plot)


def heat(material: Material) -> Cells:
    """(weekday, hour) → posts and what they earned per post; posts without numbers count nowhere."""
    zone = ZoneInfo(material.zone)
    sums: Cells = {}
    for slot in material.slots:
        known = [v for v in (slot.likes, slot.comments, slot.shares) if v is not None]
        if not known:
            continue
        local = slot.hour.astimezone(zone)
        posts, earned = sums.get((local.weekday(), local.hour), (0, 0.0))
        sums[local.weekday(), local.hour] = (posts + slot.posts, earned + sum(known))
    return {key: (posts, earned / posts) for key, (posts, earned) in sums.items()}


def _draw(axes: Axes, cells: Cells, slot: Slot | None) -> None:
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.patches import Rectangle

    shades = LinearSegmentedColormap.from_list("ink", ["#e6dfd0", "#a89f8c", INK])
    first, last = min(h for _, h in cells), max(h for _, h in cells)
    if last - first < 11:
        first, last = max(0, min(first, 12)), min(23, max(last, first + 11))
    top = max(value for _, value in cells.values())
    for weekday in range(7):
        for hour in range(first, last + 1):
            _cell(axes, (weekday, hour), cells.get((weekday, hour)), lambda v: shades(max(v, 0) / top))
    if slot:
        frame = Rectangle(
            (slot.hour - 0.46, slot.weekday - 0.44), 0.92, 0.88, fill=False, edgecolor=SIGNAL, linewidth=4
        )
        axes.add_patch(frame)
    axes.set_xlim(first - 0.5, last + 0.5)
    axes.set_ylim(6.5, -0.5)
    hours = [h for h in range(first, last + 1) if h % 3 == 0]
    axes.set_xticks(hours, labels=[f"{h}:00" for h in hours])
    axes.set_yticks(range(7), labels=[name[:3] for name in WEEKDAYS])
    set_ticks(axes)


def _cell(axes: Axes, at: tuple[int, int], found: tuple[int, float] | None, shade: Callable[[float], Any]) -> None:
    from matplotlib.patches import Rectangle

    weekday, hour = at

    colour = _EMPTY if found is None else shade(found[1])
    small = found is not None and found[0] < _FEW
    if small or found is None:
        axes.add_patch(Rectangle((hour - 0.46, weekday - 0.44), 0.92, 0.88, facecolor=_EMPTY, linewidth=0))
    if found is not None:
        half = 0.22 if small else 0.46
        tall = 0.22 if small else 0.44
        axes.add_patch(Rectangle((hour - half, weekday - tall), 2 * half, 2 * tall, facecolor=colour, linewidth=0))
