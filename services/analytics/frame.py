"""Measured posts as a table: what each earned, what it looked like, and what is not known stays unknown."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from services.analytics.material import AccountRow, Material
    from services.domain.ids import AccountId
    from services.domain.metrics import MeasuredPost

RIPE: Final = timedelta(hours=23)
"""How long a post had to earn before it is compared with others: its look after a day, and a little early."""
COLUMNS: Final = (
    "unit", "account", "platform", "weekday", "hour", "day", "number", "question", "picture", "length", "thread",
    "likes", "comments", "shares", "impressions", "reach", "followers", "ripe",
)  # fmt: skip
_NUMBER: Final = re.compile(r"[^\w]*\d")
_SENTENCE: Final = re.compile(r"[^.!?…。！？]*([.!?…。！？])?")


def posts_frame(material: Material) -> pd.DataFrame:
    """A row per measured post; `earned` is NaN where the network provides nothing that could be earned."""
    import pandas as pd

    accounts = {a.id: a for a in material.accounts}
    zone = ZoneInfo(material.zone)
    rows = [_row(p, zone, accounts) for p in material.posts if p.latest is not None]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    counters = ["likes", "comments", "shares", "impressions", "reach", "followers"]
    switches = ["number", "question", "picture", "thread", "ripe"]
    table[counters] = table[counters].astype(float)
    table[switches] = table[switches].astype(bool)
    table["earned"] = table[["likes", "comments", "shares"]].sum(axis=1, min_count=1)
    return table


def _row(post: MeasuredPost, zone: ZoneInfo, accounts: Mapping[AccountId, AccountRow]) -> dict[str, Any]:
    latest, local = post.latest, post.published_at.astimezone(zone)
    if latest is None:
        msg = "only measured posts have a row"
        raise ValueError(msg)
    account = accounts.get(post.account_id)
    return {
        "unit": f"draft {post.draft_id}" if post.draft_id else post.id,
        "account": post.account_id,
        "platform": post.platform,
        "weekday": local.weekday(),
        "hour": local.hour,
        "day": local.date(),
        "number": opens_with_number(post.text),
        "question": opens_with_question(post.text),
        "picture": post.pictures > 0,
        "length": len(post.text),
        "thread": post.parts > 1,
        "likes": _known(latest.likes),
        "comments": _known(latest.comments),
        "shares": _known(latest.shares),
        "impressions": _known(latest.impressions),
        "reach": _known(latest.reach),
        "followers": _known(account.followers) if account else None,
        "ripe": latest.at - post.published_at >= RIPE,
    }


def _known(value: int | None) -> int | None:
    """A counter below zero is a fault of the network's, not a number."""
    return value if value is not None and value >= 0 else None


def opens_with_number(text: str) -> bool:
    """Whether the first thing it says is a number."""
    return _NUMBER.match(text) is not None


def opens_with_question(text: str) -> bool:
    """Whether its first sentence asks."""
    found = _SENTENCE.match(text.lstrip())
    return found is not None and found[1] in {"?", "？"}
