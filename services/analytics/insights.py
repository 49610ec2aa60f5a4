"""Claims about what works: rules of thumb and comparisons, each with its sample; what is too little says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.analytics.comparing import Comparison, compare, outstanding, scored
from services.analytics.wording import EARNED, WEEKDAYS, mean, percent, sample, times
from services.domain.insight import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from services.analytics.material import Material

LEAST: Final = 8
"""Posts on each side of a comparison."""
LEAST_SLOT: Final = 4
"""Posts in one hour of the week, each of another day: four weeks have four Tuesdays."""
LEAST_RULE: Final = 5
"""Posts behind a rule of thumb."""
LEAST_LIKES: Final = 20
"""Likes behind the rule about comments per like."""
EFFECT: Final = 1.2
"""A difference smaller than this is not worth acting on."""
RATIO: Final = 2.0
RATE: Final = (0.02, 0.06)
TALK: Final = (0.05, 0.2)
BASES: Final = ("impressions", "reach", "followers")
"""What an engagement rate is taken of: the first that the network provides."""
_TIMING: Final = frozenset({"slot", "weekday", "weekend", "daypart"})
_SATURDAY: Final = 5
_PARTS: Final = ((5, 12, "morning"), (12, 18, "afternoon"), (18, 24, "evening"))
_BANDS: Final = (
    (0, 100, "under 100 characters"),
    (100, 250, "of 100 to 250 characters"),
    (250, 10**9, "over 250 characters"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A network's engagement rate; `value` is None where it provides nothing to take it of."""

    platform: str
    value: float | None
    basis: str
    posts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """An hour of the week."""

    weekday: int
    """0 is Monday."""
    hour: int
    finding: Finding


def findings(material: Material, table: pd.DataFrame) -> tuple[Finding, ...]:
    """The most useful first: what to do next, then what is worth knowing."""
    return (*comparisons(material, table), *rules(material, table))


def comparisons(material: Material, table: pd.DataFrame) -> tuple[Finding, ...]:
    """The surest and largest first; the hour of the week, being the most exact, before all."""
    slot = best_slot(material, table)
    found = sorted(_compared(material, scored(table)), key=lambda pair: -pair[0].low)
    if slot or any(f.kind == "weekend" for _, f in found):  # a weekday is better because of it
        found = [(c, f) for c, f in found if f.kind != "weekday"]
    return (*((slot.finding,) if slot else ()), *(f for _, f in found))


def when(material: Material, table: pd.DataFrame) -> Finding | None:
    """The first claim about the time of posts."""
    return next((f for f in comparisons(material, table) if f.kind in _TIMING), None)


def rules(material: Material, table: pd.DataFrame) -> tuple[Finding, ...]:
    """The rules of thumb that speak up."""
    found = (platform_ratio(material, table), *_rate_rules(material, table), _talk_rule(material, table))
    return tuple(f for f in found if f is not None)


def platform_ratio(material: Material, table: pd.DataFrame) -> Finding | None:
    """The best network against the weakest, where it earns more than twice as much per post."""
    ripe = table[table["ripe"] & table["earned"].notna()]
    by = ripe.groupby("platform")["earned"].agg(["mean", "size"])
    by = by[by["size"] >= LEAST_RULE].sort_values("mean")
    if len(by) < 2 or by["mean"].iloc[-1] <= RATIO * by["mean"].iloc[0]:
        return None
    best, weakest = by.iloc[-1], by.iloc[0]
    high, low = (material.labels.get(str(name), str(name)) for name in (by.index[-1], by.index[0]))
    posts = int(best["size"] + weakest["size"])
    if weakest["mean"] > 0:
        text = f"{high} earns {times(best['mean'] / weakest['mean'])} what {low} does, per post"
    else:
        text = f"{high} earns {mean(best['mean'])} per post, {low} nothing"
    per = f"{mean(best['mean'])} against {mean(weakest['mean'])} {EARNED} per post"
    return Finding(
        kind="platform_ratio",
        text=text,
        posts=posts,
        basis=f"{sample(None, posts, material.days)} · {per}",
        advice=f"Give {high} its own version first, and look at what {low} readers answer to.",
    )


def rates(material: Material, table: pd.DataFrame) -> tuple[Rate, ...]:
    """Each network's engagement rate with its basis, in the order of the networks' names."""
    platforms = sorted({str(p) for p in table["platform"]} | {a.platform for a in material.accounts})
    return tuple(_rate(table[table["platform"] == p], p) for p in platforms)


def _rate(table: pd.DataFrame, platform: str) -> Rate:
    for basis in BASES:
        known = table[table["earned"].notna() & (table[basis] > 0)]
        if len(known):
            value = float(known["earned"].sum() / known[basis].sum())
            return Rate(platform=platform, value=value, basis=basis, posts=len(known))
    return Rate(platform=platform, value=None, basis="", posts=len(table))


def _rate_rules(material: Material, table: pd.DataFrame) -> Iterator[Finding]:
    for rate in rates(material, table):
        if rate.value is None or rate.posts < LEAST_RULE or RATE[0] <= rate.value <= RATE[1]:
            continue
        low = rate.value < RATE[0]
        label = material.labels.get(rate.platform, rate.platform)
        yield Finding(
            kind="rate_low" if low else "rate_high",
            text=f"On {label} {percent(rate.value)} of {rate.basis} became {EARNED}",
            posts=rate.posts,
            basis=f"{sample(None, rate.posts, material.days)} · {'under 2 %' if low else 'over 6 %'} of {rate.basis}",
            advice="Open with what is in it for the reader, and try a question or a picture."
            if low
            else "Keep the form of these posts, and make more of them.",
        )


def _talk_rule(material: Material, table: pd.DataFrame) -> Finding | None:
    both = table[table["likes"].notna() & table["comments"].notna()]
    likes, comments = float(both["likes"].sum()), float(both["comments"].sum())
    if len(both) < LEAST_RULE or likes < LEAST_LIKES or TALK[0] <= comments / likes <= TALK[1]:
        return None
    few = comments / likes < TALK[0]
    return Finding(
        kind="talk_low" if few else "talk_high",
        text=f"{comments / likes:.2f} comments per like: {'people nod and go on' if few else 'people want to talk'}",
        posts=len(both),
        basis=f"{sample(None, len(both), material.days)} · {comments:,.0f} comments, {likes:,.0f} likes",
        advice="Ask for something that can be answered in a line."
        if few
        else "Answer within the day, and make the most asked question the next post.",
    )


def best_slot(material: Material, table: pd.DataFrame) -> Slot | None:
    """The weekday and hour whose posts earn most, where that can't well be chance."""
    ripe = scored(table)
    best = outstanding(ripe, ("weekday", "hour"), least=LEAST_SLOT)
    if best is None or not best[1]:
        return None
    weekday, hour = best[0]
    found = compare(ripe, (ripe["weekday"] == weekday) & (ripe["hour"] == hour), least=LEAST_SLOT)
    if found is None or not _worth(found) or found.ratio < 1:
        return None
    at = f"{WEEKDAYS[weekday]}s at {hour}:00"
    advice = f"Plan what matters for a {WEEKDAYS[weekday]} at {hour}:00 ({material.zone})."
    return Slot(weekday=weekday, hour=hour, finding=_claim(material, "slot", f"{at} earn", found, advice))


def _compared(material: Material, ripe: pd.DataFrame) -> Iterator[tuple[Comparison, Finding]]:
    for side in _groups(ripe):
        found = compare(ripe, side.group, least=LEAST, choices=side.choices)
        if found is None or not _worth(found):
            continue
        if found.ratio > 1:
            yield found, _claim(material, side.kind, f"{side.subject} earn", found, side.advice)
        elif side.opposite:
            turned = found.turned()
            yield turned, _claim(material, side.kind, f"{side.opposite} earn", turned, side.otherwise)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """A group of posts and what to say of it; an empty `opposite`: that the rest is better is worth no claim."""

    kind: str
    group: pd.Series[bool]
    subject: str
    advice: str
    opposite: str = ""
    otherwise: str = ""
    choices: int = 1
    """Out of how many groups of its kind."""


def _groups(ripe: pd.DataFrame) -> Iterator[_Side]:
    yield from _times(ripe)
    yield from _openings(ripe)
    yield _Side(
        kind="picture",
        group=ripe["picture"],
        subject="Posts with a picture",
        advice="Add a picture.",
        opposite="Posts without a picture",
        otherwise="Try the next ones without a picture.",
    )
    for low, high, name in _BANDS:
        group = (ripe["length"] >= low) & (ripe["length"] < high)
        advice = f"Aim for posts {name}."
        yield _Side(kind="length", group=group, subject=f"Posts {name}", advice=advice, choices=len(_BANDS))
    yield _Side(
        kind="thread",
        group=ripe["thread"],
        subject="Threads",
        advice="Make it a thread where the idea allows it.",
        opposite="Single posts",
        otherwise="Say it in a single post where the idea allows it.",
    )


def _times(ripe: pd.DataFrame) -> Iterator[_Side]:
    for index, name in enumerate(WEEKDAYS):
        advice = f"Plan what matters for a {name}."
        group = ripe["weekday"] == index
        yield _Side(kind="weekday", group=group, subject=f"{name}s", advice=advice, choices=len(WEEKDAYS))
    yield _Side(
        kind="weekend",
        group=ripe["weekday"] >= _SATURDAY,
        subject="Posts at the weekend",
        advice="Plan what matters for the weekend.",
        opposite="Posts from Monday to Friday",
        otherwise="Plan what matters for Monday to Friday.",
    )
    for start, end, name in _PARTS:
        group = (ripe["hour"] >= start) & (ripe["hour"] < end)
        advice = f"Plan what matters for the {name} ({start}:00 to {end}:00)."
        yield _Side(kind="daypart", group=group, subject=f"Posts in the {name}", advice=advice, choices=len(_PARTS))


def _openings(ripe: pd.DataFrame) -> Iterator[_Side]:
    for kind in ("number", "question"):
        yield _Side(
            kind=kind,
            group=ripe[kind],
            subject=f"Posts that open with a {kind}",
            advice=f"Open with a {kind}.",
            opposite=f"Posts that don't open with a {kind}",
            otherwise=f"Open with something other than a {kind}.",
        )


def _worth(found: Comparison) -> bool:
    return found.holds and max(found.ratio, 1 / found.ratio) >= EFFECT


def _claim(material: Material, kind: str, subject: str, found: Comparison, advice: str) -> Finding:
    posts = found.posts + found.others
    return Finding(
        kind=kind,
        text=f"{subject} {times(found.ratio)} as much as the others",
        posts=posts,
        basis=f"{sample(found.posts, posts, material.days)} · {found.low:.1f}–{found.high:.1f}× at 95 %",
        advice=advice,
    )
