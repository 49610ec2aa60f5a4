"""One picture of up to four charts; each title states what the chart shows, the sample stands under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.analytics.bars import best, networks
from services.analytics.heat import hours
from services.analytics.lines import over_time
from services.analytics.material import Drawing
from services.analytics.paper import LABEL, WIDTH, Place, Sheet, head, note
from services.analytics.wording import EARNED, count, day

if TYPE_CHECKING:
    import pandas as pd

    from services.analytics.material import Material
    from services.analytics.panel import Panel

MARGIN: Final = 60
_HEADER: Final = 158
_FOOT: Final = 34
_GUTTER: Final = 70
_TITLE: Final = 40
"""Pixels of a line of a panel's title."""
_SAMPLE: Final = 44


def draw(material: Material, table: pd.DataFrame) -> Drawing | None:
    """The charts that the numbers are enough for; None when there is none."""
    from matplotlib import rc_context

    found = _panels(material, table)
    if not found:
        return None
    with rc_context({"text.parse_math": False}):
        rows = _rows(found)
        height = _HEADER + sum(max(p.height for p in row) for row in rows) + _FOOT
        sheet = Sheet(height)
        _header(sheet, material, table)
        top: float = _HEADER
        for row in rows:
            tallest = max(p.height for p in row)
            width = (WIDTH - 2 * MARGIN - _GUTTER * (len(row) - 1)) / len(row)
            for index, panel in enumerate(row):
                _panel(sheet, panel, Place(MARGIN + index * (width + _GUTTER), top, width, tallest))
            top += tallest
        png = sheet.png()
    return Drawing(png=png, width=WIDTH, height=height, alt=_alt(material, found))


def _panels(material: Material, table: pd.DataFrame) -> list[Panel]:
    """Those that the numbers are enough for, in the order of the page."""
    made = (over_time(material, table), hours(material, table), networks(material, table), best(material, table))
    return [p for p in made if p is not None]


def _rows(found: list[Panel]) -> list[list[Panel]]:
    """Wide ones alone, two narrow ones side by side."""
    rows: list[list[Panel]] = []
    for panel in found:
        if rows and not panel.wide and not rows[-1][-1].wide and len(rows[-1]) == 1:
            rows[-1].append(panel)
        else:
            rows.append([panel])
    return rows


def _header(sheet: Sheet, material: Material, table: pd.DataFrame) -> None:
    title = f"{count(material.days, 'day')} to {day(material.today)} {material.today.year}"
    sheet.text(MARGIN, 74, sheet.fit(title, WIDTH - 2 * MARGIN, **head(50)), **head(50))
    earned = table["earned"].sum()
    names = sorted({material.labels.get(str(p), str(p)) for p in table["platform"]})
    networks = ", ".join(names) if len(names) <= 3 else count(len(names), "network")
    words = f"{networks} · {count(len(table), 'measured post')} · {earned:,.0f} {EARNED}"
    sheet.text(MARGIN, 116, sheet.fit(words, WIDTH - 2 * MARGIN, **note()), **note())
    sheet.rule(138)


def _panel(sheet: Sheet, panel: Panel, place: Place) -> None:
    """Title, plot, sample; the plot gets what the words leave."""
    look = head(34)
    left, top, width, height = place.left, place.top, place.width, place.height
    lines = sheet.wrap(panel.title, width, 2, **look)
    for index, line in enumerate(lines):
        sheet.text(left, top + _TITLE * (index + 1) - 2, line, **look)
    used = _TITLE * len(lines) + 18
    samples = sheet.wrap(panel.sample, width, 2, **note())
    under = 32 * len(samples) + 24
    for index, line in enumerate(samples):
        sheet.text(left, top + height - under + LABEL + 32 * index, line, **note())
    panel.plot(sheet, Place(left, top + used, width, height - used - under - 8))


def _alt(material: Material, found: list[Panel]) -> str:
    """What somebody hears who can't see it."""
    number = {1: "One chart", 2: "Two charts", 3: "Three charts", 4: "Four charts"}[len(found)]
    told = " ".join(f"{i}. {p.title} ({p.sample})." for i, p in enumerate(found, 1))
    return f"{number}, {count(material.days, 'day')} to {day(material.today)} {material.today.year}. {told}"
