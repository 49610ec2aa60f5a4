"""The four charts: engagement over the period, the week's hours, networks beside each other, the best posts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol
from zoneinfo import ZoneInfo

from services.analytics.comparing import interval
from services.analytics.insights import LEAST_RULE, best_slot, platform_ratio
from services.analytics.paper import INK, LABEL, OK, PAPER, RULE, SIGNAL, SOFT, WARN, set_ticks, settable, style
from services.analytics.trend import Trend, series_names, trend, trend_title
from services.analytics.wording import EARNED, WEEKDAYS, count, day, mean, times

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from services.analytics.insights import Slot
    from services.analytics.material import Material
    from services.analytics.paper import Sheet
    from services.domain.metrics import MeasuredPost

SERIES: Final = (INK, WARN, OK, SOFT)
"""In the order of size; the signal colour is kept for what is pointed at."""
LEAST_POSTS: Final = 3
"""For a chart that compares."""
LEAST_HEAT: Final = 12
_FEW: Final = 3
"""Posts below which an hour of the week is drawn small."""
_TOP: Final = 3
_BARS: Final = 8
_ROOMY: Final = 3
"""Bars that have room for their names above them."""
Place = tuple[float, float, float, float]
"""Left, top, width and height in pixels."""


class Plot(Protocol):
    """Draws into a place given in pixels."""

    def __call__(self, sheet: Sheet, left: float, top: float, width: float, height: float) -> None:
        """Everything but title and sample."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A chart before it has a place; height in pixels, its words included."""

    title: str
    sample: str
    height: int
    wide: bool
    plot: Plot


def panels(material: Material, table: pd.DataFrame) -> list[Panel]:
    """Those that the numbers are enough for, in the order of the page."""
    made = (_over_time(material, table), _heat(material, table), _networks(material, table), _best(material, table))
    return [p for p in made if p is not None]


# Over the period.


def _over_time(material: Material, table: pd.DataFrame) -> Panel | None:
    found = trend(material, most=len(SERIES))
    if found is None or len(table) < LEAST_POSTS or not any(v > 0 for v in found.total):
        return None

    def plot(sheet: Sheet, left: float, top: float, width: float, height: float) -> None:
        margin = max(sheet.width_of(s.label, **style()) for s in found.series) + 24
        margin = min(margin, 260)
        axes = sheet.axes(left + 62, top, width - 62 - margin, height - 40)
        for series, colour in zip(found.series, SERIES, strict=False):
            lone = _lone(series.values)
            axes.plot(series.values, color=colour, linewidth=3.5, solid_capstyle="round", solid_joinstyle="round")
            axes.plot(lone, [series.values[i] for i in lone], "o", color=colour, markersize=8)
        _scale(axes, found)
        _name_lines(sheet, axes, found, margin - 24)

    per = "week" if found.size == 7 else "day"
    gaps = " · gaps: nothing measured" if found.gaps else ""
    sample = f"{EARNED} gained per {per} · {count(len(table), 'post')}{gaps}"
    return Panel(title=trend_title(found), sample=sample[0].upper() + sample[1:], height=340, wide=True, plot=plot)


def _lone(values: list[float]) -> list[int]:
    """Points without a neighbour, which a line would not show."""
    known = [v == v for v in (float("nan"), *values, float("nan"))]  # noqa: PLR0124 - only NaN differs from itself
    return [i for i in range(len(values)) if known[i + 1] and not known[i] and not known[i + 2]]


def _scale(axes: Axes, found: Trend) -> None:
    top = max((v for s in found.series for v in s.values if v == v), default=0.0)  # noqa: PLR0124 - NaN
    low = min((v for s in found.series for v in s.values if v == v), default=0.0)  # noqa: PLR0124 - NaN
    step = nice_step(top - min(low, 0))
    ticks = [t * step for t in range(int(min(low, 0) // step), int(top // step) + 1)]
    axes.set_ylim(min(ticks[0], low) - 0.04 * max(top, 1), max(top, 1) * 1.08)
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
    for series, colour in zip(found.series, SERIES, strict=False):
        last = [v for v in series.values if v == v][-1]  # noqa: PLR0124 - NaN
        ends.append(((last - bottom) / (top - bottom) * tall, series.label, colour))
    places = _apart([e[0] for e in ends], LABEL + 6, tall)
    for (_, label, colour), place in zip(ends, places, strict=True):
        look = style(colour=colour) | {"va": "center", "clip_on": False}
        x, y = axes.transAxes.inverted().transform((axes.get_window_extent().x1 + 16, axes.get_window_extent().y0 + place))
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


# The week's hours.


def _heat(material: Material, table: pd.DataFrame) -> Panel | None:
    cells = heat(material)
    posts = sum(n for n, _ in cells.values())
    if posts < LEAST_HEAT or not any(earned for _, earned in cells.values()):
        return None
    slot = best_slot(material, table)

    def plot(sheet: Sheet, left: float, top: float, width: float, height: float) -> None:
        _draw_heat(sheet.axes(left + 62, top, width - 62, height - 40), cells, slot)

    title = slot.finding.text if slot else "No hour of the week stands out yet"
    where = f"{slot.finding.basis if slot else count(posts, 'post')} · {material.zone}"
    few = f" · small: under {_FEW}" if any(n < _FEW for n, _ in cells.values()) else ""
    sample = f"{where} · darker: more per post{few}"
    return Panel(title=title, sample=sample, height=420, wide=True, plot=plot)


def heat(material: Material) -> dict[tuple[int, int], tuple[int, float]]:
    """(weekday, hour) → posts and what they earned per post; posts without numbers count nowhere."""
    zone = ZoneInfo(material.zone)
    sums: dict[tuple[int, int], tuple[int, float]] = {}
    for slot in material.slots:
        known = [v for v in (slot.likes, slot.comments, slot.shares) if v is not None]
        if not known:
            continue
        local = slot.hour.astimezone(zone)
        posts, earned = sums.get((local.weekday(), local.hour), (0, 0.0))
        sums[local.weekday(), local.hour] = (posts + slot.posts, earned + sum(known))
    return {key: (posts, earned / posts) for key, (posts, earned) in sums.items()}


def _draw_heat(axes: Axes, cells: dict[tuple[int, int], tuple[int, float]], slot: Slot | None) -> None:
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.patches import Rectangle

    shades = LinearSegmentedColormap.from_list("ink", ["#e6dfd0", "#a89f8c", INK])
    first, last = min(h for _, h in cells), max(h for _, h in cells)
    if last - first < 11:
        first, last = max(0, min(first, 12)), min(23, max(last, first + 11))
    top = max(value for _, value in cells.values())
    for weekday in range(7):
        for hour in range(first, last + 1):
            _cell(axes, weekday, hour, cells.get((weekday, hour)), shades, top)
    if slot:
        frame = Rectangle((slot.hour - 0.46, slot.weekday - 0.44), 0.92, 0.88, fill=False, edgecolor=SIGNAL, linewidth=4)
        axes.add_patch(frame)
    axes.set_xlim(first - 0.5, last + 0.5)
    axes.set_ylim(6.5, -0.5)
    hours = [h for h in range(first, last + 1) if h % 3 == 0]
    axes.set_xticks(hours, labels=[f"{h}:00" for h in hours])
    axes.set_yticks(range(7), labels=[name[:3] for name in WEEKDAYS])
    set_ticks(axes)


def _cell(axes: Axes, weekday: int, hour: int, found: tuple[int, float] | None, shades: Any, top: float) -> None:
    from matplotlib.patches import Rectangle

    colour = "#f3eee3" if found is None else shades(max(found[1], 0) / top)
    small = found is not None and found[0] < _FEW
    if small or found is None:
        axes.add_patch(Rectangle((hour - 0.46, weekday - 0.44), 0.92, 0.88, facecolor="#f3eee3", linewidth=0))
    if found is not None:
        half = 0.22 if small else 0.46
        tall = 0.22 if small else 0.44
        axes.add_patch(
            Rectangle((hour - half, weekday - tall), 2 * half, 2 * tall, facecolor=colour, linewidth=0)
        )


# Networks beside each other.


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What a network earns per post."""

    name: str
    value: float
    posts: int
    between: tuple[float, float] | None
    """Where the mean lies at 95 %; None for too few posts to tell."""


def _networks(material: Material, table: pd.DataFrame) -> Panel | None:
    measured = table[table["earned"].notna()]
    key = "platform" if material_is_wide(material) else "account"
    names = series_names(material, wide=key == "platform")
    bars = [
        Bar(name=names[str(name)], value=float(v.mean()), posts=len(v), between=interval(v))
        for name, v in measured.groupby(key)["earned"]
    ]
    if len(bars) < 2 or len(measured) < LEAST_POSTS or not measured["earned"].sum():
        return None
    bars.sort(key=lambda b: (-b.value, b.name))
    bars = bars[:_BARS]
    ratio = platform_ratio(material, table) if key == "platform" else None
    lines = " · line: 95 %" if any(b.between for b in bars) else ""
    title = ratio.text if ratio else _ahead(bars, "network" if key == "platform" else "account")
    sample = f"Earned per post · {count(len(measured), 'post')}{lines}"

    def plot(sheet: Sheet, left: float, top: float, width: float, height: float) -> None:
        _draw_bars(sheet, (left, top, width, height), bars)

    return Panel(title=title, sample=sample, height=398, wide=False, plot=plot)


def _ahead(bars: list[Bar], what: str) -> str:
    """Only what the intervals keep apart is said to be ahead."""
    best, second = bars[0].between, bars[1].between
    if best and second and best[0] > second[1]:
        return f"{bars[0].name} earns the most per post"
    return f"No {what} is clearly ahead"


def material_is_wide(material: Material) -> bool:
    """Whether networks are compared, or the accounts of the only one."""
    return len({p.platform for p in material.posts}) > 1


def _draw_bars(sheet: Sheet, place: Place, bars: list[Bar]) -> None:
    """Names above where there is room, else names beside."""
    if len(bars) <= _ROOMY:
        draw_rows(sheet, place, [(b.name, b.value, f"{mean(b.value)} ({b.posts:,})", b.between) for b in bars])
        return
    left, top, width, height = place
    step = height / len(bars)
    name = min(max(sheet.width_of(b.name, **style()) for b in bars), width * 0.42)
    texts = [f"{mean(b.value)} ({b.posts:,})" for b in bars]
    room = width - name - max(sheet.width_of(t, **style()) for t in texts) - 36
    axes = sheet.axes(left + name + 18, top, room, height)
    axes.set_xlim(0, _most(bars))
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_axis_off()
    for index, bar in enumerate(bars):
        axes.barh(index, bar.value, height=0.56, color=INK if index == 0 else SOFT)
        _whisker(axes, index, bar.between)
        y = top + step * (index + 0.5) + 8
        sheet.text(left, y, sheet.fit(bar.name, name, **style()), **style())
        sheet.text(left + width, y, texts[index], **(style() | {"ha": "right"}))


def _most(bars: list[Bar]) -> float:
    return max(max(b.value, b.between[1] if b.between else 0.0) for b in bars) or 1.0


def _whisker(axes: Axes, at: float, between: tuple[float, float] | None) -> None:
    if between:
        axes.plot(between, [at, at], color=PAPER, linewidth=5.5, solid_capstyle="butt")
        axes.plot(between, [at, at], color=WARN, linewidth=2.8, solid_capstyle="butt")


def draw_rows(
    sheet: Sheet, place: Place, rows: list[tuple[str, float, str, tuple[float, float] | None]]
) -> None:
    """Name and number on a line, the bar under it: name, value, number in words, interval."""
    left, top, width, height = place
    step = min(height / len(rows), 92)
    most = max(max(value, between[1] if between else 0.0) for _, value, _, between in rows) or 1.0
    for index, (name, value, number, between) in enumerate(rows):
        y = top + step * index
        room = width - sheet.width_of(number, **style()) - 24
        sheet.text(left, y + 24, sheet.fit(name, room, **style()), **style())
        sheet.text(left + width, y + 24, number, **(style() | {"ha": "right"}))
        bar = sheet.axes(left, y + 36, width, 22)
        bar.set_xlim(0, most)
        bar.set_ylim(22, 0)
        bar.set_axis_off()
        bar.barh(6, most, height=12, color=RULE)
        bar.barh(6, value, height=12, color=INK if index == 0 else SOFT)
        _whisker(bar, 18, between)


# The best posts.


def _best(material: Material, table: pd.DataFrame) -> Panel | None:
    measured = table[table["earned"].notna()]
    found = [(p, earned(p)) for p in material.top[:_TOP] if earned(p) > 0]
    if not found:
        return None
    if len(measured) == 1:
        return _only(material, *found[0])
    rows: list[tuple[str, float, str, tuple[float, float] | None]] = [
        (_about(material, post), value, f"{value:,}", None) for post, value in found
    ]

    def plot(sheet: Sheet, left: float, top: float, width: float, height: float) -> None:
        draw_rows(sheet, (left, top, width, height), rows)

    middle, best = float(measured["earned"].median()), found[0][1]
    than = f", {times(best / middle)} the median" if middle > 0 and best >= 1.5 * middle else ""
    told = than if len(measured) >= LEAST_RULE else ""
    sample = f"Earned by each · {count(len(measured), 'post')}"
    return Panel(title=f"The best post earned {best:,}{told}", sample=sample, height=398, wide=False, plot=plot)


def _only(material: Material, post: MeasuredPost, total: int) -> Panel:
    """A single post can be compared with nothing but itself."""
    latest = post.latest
    kinds = (("Likes", "likes"), ("Comments", "comments"), ("Shares", "shares"))
    values = [(name, getattr(latest, field)) for name, field in kinds]
    rows: list[tuple[str, float, str, tuple[float, float] | None]] = [
        (name, float(value), f"{value:,}", None) for name, value in values if value is not None
    ]

    def plot(sheet: Sheet, left: float, top: float, width: float, height: float) -> None:
        draw_rows(sheet, (left, top, width, height), rows)

    sample = f"One post: {_about(material, post)}"
    return Panel(title=f"The post earned {total:,}", sample=sample, height=120 + 88 * len(rows), wide=True, plot=plot)


def earned(post: MeasuredPost) -> int:
    """Likes, comments and shares together."""
    latest = post.latest
    return 0 if latest is None else sum(v for v in (latest.likes, latest.comments, latest.shares) if v is not None)


def _about(material: Material, post: MeasuredPost) -> str:
    """Its first words, or where and when it was where the type can't set them."""
    local = post.published_at.astimezone(ZoneInfo(material.zone))
    words = settable(post.text)
    return words or f"{material.labels.get(post.platform, post.platform)}, {day(local.date())} {local:%H:%M}"
