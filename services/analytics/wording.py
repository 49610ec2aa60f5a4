"""Numbers and periods in words, alike in sentences, charts and cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date

EARNED: Final = "likes, comments and shares"
"""What a post earns, added up."""
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIMES: Final = {2.0: "twice", 3.0: "three times", 4.0: "four times", 5.0: "five times"}


def count(number: float, one: str, many: str = "") -> str:
    """As "1 post" or "1,203 posts"."""
    return f"{number:,.0f} {one if round(number) == 1 else many or one + 's'}"


def percent(share: float) -> str:
    """As "0.8 %" or "12 %": one digit more where it is small."""
    value = share * 100
    return f"{value:.0f} %" if abs(value) >= 10 else f"{value:.1f} %"


def times(ratio: float) -> str:
    """As "1.6 times" or "twice"."""
    near = round(ratio, 1)
    return _TIMES.get(near) or (f"{near:.1f} times" if near < 10 else f"{ratio:.0f} times")


def change(now: float, before: float) -> str:
    """How much more or less than before; nothing where before there was nothing to compare with."""
    if before <= 0 or now < 0:
        return ""
    ratio = now / before
    if ratio >= 3:
        return f"{times(ratio)} as many as"
    if abs(ratio - 1) < 0.005:
        return "as many as"
    return f"{percent(abs(ratio - 1))} {'more' if ratio > 1 else 'fewer'} than"


def mean(value: float) -> str:
    """A mean per post: one digit where it is small."""
    near = round(value, 1)
    return f"{value:,.0f}" if near >= 10 or near == int(near) else f"{near:.1f}"


def day(of: date) -> str:
    """As "Mon 2 Mar"."""
    return f"{of:%a} {of.day} {of:%b}"


def sample(part: int | None, posts: int, days: int) -> str:
    """As "8 of 41 posts, 28 days"."""
    of = f"{part:,} of " if part is not None and part != posts else ""
    return f"{of}{count(posts, 'post')}, {count(days, 'day')}"
