"""What came in over the period, cut into days or weeks; what was not measured is a gap and never zero."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from services.analytics.paper import settable
from services.analytics.wording import change, day

if TYPE_CHECKING:
    from datetime import date

    from services.analytics.material import Material
    from services.domain.metrics import HourSum, MeasuredPost

_DENSE: Final = 0.85
"""Share of days with measurements from which days are shown; below it, weeks."""
_LONG: Final = 100
"""Days above which weeks are shown in any case."""
_COVERED: Final = 0.7
"""Share of two weeks' points that must have been measured to compare the weeks."""
LEAST: Final = 3
"""Points of the longest line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One network's, or one account's; None where nothing was measured."""

    label: str
    points: list[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Lines over the same days or weeks, the busiest first."""

    starts: list[date]
    size: int
    """Days of a point: 1 or 7."""
    series: list[Line]
    total: list[float | None]
    """All together; None where nothing at all was measured."""

    @property
    def gaps(self) -> bool:
        """Whether some line is broken."""
        return any(p is None for s in self.series for p in s.points)


def trend(material: Material, *, most: int) -> Trend | None:
    """At most so many lines, the last one for all others together; None for too few points."""
    cells: dict[str, dict[int, float]] = {}
    zone = ZoneInfo(material.zone)
    wide = len({h.platform for h in material.hours}) > 1
    names = series_names(material, wide=wide)
    for row in material.hours:
        local = row.hour.astimezone(zone).date()
        gained = _gained(row)
        if gained is None or not material.first <= local <= material.last:
            continue
        label = names[row.platform if wide else row.account_id]
        days = cells.setdefault(label, {})
        back = (material.last - local).days
        days[back] = days.get(back, 0.0) + gained
    if not cells:
        return None
    size = _size(material, cells)
    points = material.days // size
    if points < LEAST:
        return None
    lines = {label: _cut(days, points, size) for label, days in cells.items()}
    series = _fewer({label: values for label, values in lines.items() if known(values)}, most)
    if not series or max(len(known(s.points)) for s in series) < LEAST:
        return None
    starts = [material.last - timedelta(days=size * (points - i) - 1) for i in range(points)]
    return Trend(starts=starts, size=size, series=series, total=_together(list(lines.values())))


def series_names(material: Material, *, wide: bool) -> dict[str, str]:
    """What each network is called (`wide`), or each account of the only one; every name can be set and is its own."""
    rows: list[MeasuredPost | HourSum] = [*material.posts, *material.hours]
    if wide:
        return {p: material.labels.get(p, p) for p in sorted({r.platform for r in rows})}
    handles = {a.id: settable(f"@{a.handle}", least=1) for a in material.accounts}
    names: dict[str, str] = {}
    for row in rows:
        name = handles.get(row.account_id, "") or material.labels.get(row.platform, row.platform)
        if row.account_id not in names:
            names[row.account_id] = name if name not in names.values() else f"{name} {len(names) + 1}"
    return names


def _gained(row: HourSum) -> int | None:
    known = [v for v in (row.likes, row.comments, row.shares) if v is not None]
    return sum(known) if known else None


def _size(material: Material, cells: dict[str, dict[int, float]]) -> int:
    """Days where most have measurements, else weeks; a period under three weeks has only days."""
    if material.days < 7 * LEAST:
        return 1
    dense = sum(len(days) for days in cells.values()) / (len(cells) * material.days)
    return 1 if dense >= _DENSE and material.days <= _LONG else 7


def _cut(days: dict[int, float], points: int, size: int) -> list[float | None]:
    """By days or weeks counted back from the last day, so that the last point is whole."""
    values: list[float | None] = [None] * points
    for back, gained in days.items():
        index = points - 1 - back // size
        if index >= 0:
            values[index] = (values[index] or 0.0) + gained
    return values


def known(points: list[float | None]) -> list[float]:
    """Those that were measured."""
    return [p for p in points if p is not None]


def _together(lines: list[list[float | None]]) -> list[float | None]:
    columns = [known(list(column)) for column in zip(*lines, strict=True)]
    return [sum(c) if c else None for c in columns]


def _fewer(lines: dict[str, list[float | None]], most: int) -> list[Line]:
    order = sorted(lines, key=lambda label: (-sum(known(lines[label])), label))
    if len(order) <= most:
        return [Line(label=label, points=lines[label]) for label in order]
    shown, rest = order[: most - 1], order[most - 1 :]
    others = Line(label=f"{len(rest)} others", points=_together([lines[label] for label in rest]))
    return [*(Line(label=label, points=lines[label]) for label in shown), others]


def trend_title(found: Trend) -> str:
    """The last week against the one before; the best day or week where that can't be told."""
    step = 7 // found.size
    last, before = found.total[-step:], found.total[-2 * step : -step]
    if len(before) == step and min(len(known(last)), len(known(before))) >= _COVERED * step:
        now, then = sum(known(last)), sum(known(before))
        compared = change(now, then)
        if compared:
            return f"The last 7 days brought {now:,.0f}, {compared} the 7 before"
    best = max((v, i) for i, v in enumerate(found.total) if v is not None)
    if best[0] <= 0:
        return "Nothing came in"
    start = found.starts[best[1]]
    when = f"The week from {day(start)}" if found.size == 7 else day(start)
    return f"{when} brought the most: {best[0]:,.0f} of {sum(known(found.total)):,.0f}"
