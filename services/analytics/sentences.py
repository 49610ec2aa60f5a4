"""The three sentences above the charts: what came in, what stands out, how readers respond."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from services.analytics.insights import LEAST, LEAST_RULE, rates
from services.analytics.wording import EARNED, change, count, percent
from services.domain.wording import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from services.analytics.material import Material
    from services.domain.insight import Finding
    from services.domain.metrics import HourSum


def sentences(material: Material, table: pd.DataFrame, found: Sequence[Finding]) -> tuple[str, ...]:
    """Three; fewer where there is nothing to say."""
    measured = table[table["earned"].notna()]
    if not material.posts:
        return (f"Nothing was published in these {count(material.days, 'day')}.",)
    if len(measured) == 0:
        return (f"{_went_out(material)} Its numbers are not in yet." if len(material.posts) == 1 else
                f"{_went_out(material)} Their numbers are not in yet.",)  # fmt: skip
    said = (_earned(material, measured), _outstanding(measured, found), _response(material, table))
    return tuple(s for s in said if s)


def _went_out(material: Material) -> str:
    return f"{count(len(material.posts), 'post')} went out in {count(material.days, 'day')}."


def _earned(material: Material, measured: pd.DataFrame) -> str:
    """What the period's posts earned, against the period before, and what the last day brought."""
    total = measured["earned"].sum()
    some = f"{len(measured):,} of " if len(measured) < len(material.posts) else ""
    posts = count(len(material.posts), "post")
    text = f"{some}{posts} of {count(material.days, 'day')} earned {total:,.0f} {EARNED}"
    now, before = (gained(rows) for rows in _periods(material))
    compared = change(now, before) if now is not None and before is not None else ""
    if compared:
        text = f"{text}; the period brought {compared} the one before"
    recent = gained(h for h in material.hours if h.hour >= material.now - timedelta(days=1))
    return f"{text}, the last day {recent:,.0f}." if recent is not None and recent > 0 else f"{text}."


def _periods(material: Material) -> tuple[list[HourSum], list[HourSum]]:
    """This period's hours and those of as many days before, by local day; whole days only.

    Nothing of the period before where measuring began in the middle of it: half a period is no comparison.
    """
    zone = ZoneInfo(material.zone)
    days = [(h.hour.astimezone(zone).date(), h) for h in material.hours]
    earliest = material.first - timedelta(days=material.days)
    begun = min((d for d, _ in days), default=material.last)
    if (begun - earliest).days > max(1, material.days // 7):
        return [h for d, h in days if material.first <= d <= material.last], []
    now = [h for d, h in days if material.first <= d <= material.last]
    return now, [h for d, h in days if earliest <= d < material.first]


def gained(rows: Iterable[HourSum]) -> int | None:
    """Likes, comments and shares together; None where no network provided any."""
    known = [v for r in rows for v in (r.likes, r.comments, r.shares) if v is not None]
    return sum(known) if known else None


def _outstanding(measured: pd.DataFrame, found: Sequence[Finding]) -> str:
    if found:
        return f"{found[0].text} ({found[0].basis})."
    if not measured["earned"].sum():
        return ""
    ripe = int(measured["ripe"].sum())
    if ripe < 2 * LEAST:
        return f"{count(ripe, 'post has', 'posts have')} had a day to earn; comparisons begin at {2 * LEAST}."
    return f"Nothing stands out among {count(ripe, 'post')}: the differences are as small as chance makes them."


def _response(material: Material, table: pd.DataFrame) -> str:
    """The engagement rates with what they are taken of."""
    found = [r for r in rates(material, table) if r.posts]
    known = [
        f"{percent(r.value)} of {r.basis} on {material.labels.get(r.platform, r.platform)}"
        for r in found
        if r.value is not None and r.posts >= LEAST_RULE
    ]
    missing = [material.labels.get(r.platform, r.platform) for r in found if r.value is None]
    if not known and not missing:
        return ""
    if not known:
        return f"Engagement rate: n/a, because {listed(missing)} gave neither impressions nor reach nor followers."
    return f"Engagement was {listed(known)}{f'; n/a on {listed(missing)}' if missing else ''}."
