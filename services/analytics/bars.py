"""The charts that set things beside each other: networks, or the accounts of one, and the best posts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from services.analytics.comparing import interval
from services.analytics.insights import LEAST_RULE, platform_ratio
from services.analytics.panel import LEAST_POSTS, Panel
from services.analytics.paper import INK, PAPER, RULE, SOFT, WARN, Place, settable, style
from services.analytics.trend import series_names
from services.analytics.wording import count, day, mean, times

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from services.analytics.material import Material
    from services.analytics.paper import Sheet
    from services.domain.metrics import MeasuredPost

_TOP: Final = 3
_BARS: Final = 8
_ROOMY: Final = 3
"""Bars that have room for their names above them."""
Row = tuple[str, float, str, tuple[float, float] | None]
"""Name, value, the value in words, and where it lies at 95 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What a network earns per post."""

    name: str
    value: float
    posts: int
    between: tuple[float, float] | None
    """Where the mean lies at 95 %; None for too few posts to tell."""


def networks(material: Material, table: pd.DataFrame) -> Panel | None:
    """What each earns per post; None where there is nothing to compare."""
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

    def plot(sheet: Sheet, place: Place) -> None:
        _draw_bars(sheet, place, bars)

    return Panel(title=title, sample=sample, height=398, wide=False, plot=plot)


def _ahead(bars: list[Bar], what: str) -> str:
    """Only what the intervals keep apart is said to be ahead."""
    first, second = bars[0].between, bars[1].between
    if first and second and first[0] > second[1]:
        return f"{bars[0].name} earns most per post"
    return f"No {what} is clearly ahead"


def material_is_wide(material: Material) -> bool:
    """Whether networks are compared, or the accounts of the only one."""
    return len({p.platform for p in material.posts}) > 1


def _draw_bars(sheet: Sheet, place: Place, bars: list[Bar]) -> None:
    """Names above where there is room, else names beside."""
    if len(bars) <= _ROOMY:
        draw_rows(sheet, place, [(b.name, b.value, f"{mean(b.value)} ({b.posts:,})", b.between) for b in bars])
        return
    left, top, width, height = place.left, place.top, place.width, place.height
    step = height / len(bars)
    name = min(max(sheet.width_of(b.name, **style()) for b in bars), width * 0.42)
    texts = [f"{mean(b.value)} ({b.posts:,})" for b in bars]
    room = width - name - max(sheet.width_of(t, **style()) for t in texts) - 36
    axes = sheet.axes(Place(left + name + 18, top, room, height))
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


def draw_rows(sheet: Sheet, place: Place, rows: list[Row]) -> None:
    """Name and number on a line, the bar under it: name, value, number in words, interval."""
    left, top, width, height = place.left, place.top, place.width, place.height
    step = min(height / len(rows), 92)
    most = max(max(value, between[1] if between else 0.0) for _, value, _, between in rows) or 1.0
    for index, (name, value, number, between) in enumerate(rows):
        y = top + step * index
        room = width - sheet.width_of(number, **style()) - 24
        sheet.text(left, y + 24, sheet.fit(name, room, **style()), **style())
        sheet.text(left + width, y + 24, number, **(style() | {"ha": "right"}))
        bar = sheet.axes(Place(left, y + 36, width, 22))
        bar.set_xlim(0, most)
        bar.set_ylim(22, 0)
        bar.set_axis_off()
        bar.barh(6, most, height=12, color=RULE)
        bar.barh(6, value, height=12, color=INK if index == 0 else SOFT)
        _whisker(bar, 18, between)


def best(material: Material, table: pd.DataFrame) -> Panel | None:
    """The posts that earned most; None where none earned anything."""
    measured = table[table["earned"].notna()]
    found = [(p, earned(p)) for p in material.top[:_TOP] if earned(p) > 0]
    if not found:
        return None
    if len(measured) == 1:
        return _only(material, *found[0])
    rows: list[Row] = [(_about(material, post), value, f"{value:,}", None) for post, value in found]

    def plot(sheet: Sheet, place: Place) -> None:
        draw_rows(sheet, place, rows)

    middle, most = float(measured["earned"].median()), found[0][1]
    than = f", {times(most / middle)} the median" if middle > 0 and most >= 1.5 * middle else ""
    told = than if len(measured) >= LEAST_RULE else ""
    sample = f"Earned by each · {count(len(measured), 'post')}"
    return Panel(title=f"The best post earned {most:,}{told}", sample=sample, height=398, wide=False, plot=plot)


def _only(material: Material, post: MeasuredPost, total: int) -> Panel:
    """A single post can be compared with nothing but itself."""
    latest = post.latest
    kinds = (("Likes", "likes"), ("Comments", "comments"), ("Shares", "shares"))
    values = [(name, getattr(latest, field)) for name, field in kinds]
    rows: list[Row] = [(name, float(value), f"{value:,}", None) for name, value in values if value is not None]

    def plot(sheet: Sheet, place: Place) -> None:
        draw_rows(sheet, place, rows)

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
