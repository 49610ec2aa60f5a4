"""One group of posts against the others: how many times as much, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

DRAWS: Final = 2000
"""Resamples; the seed is fixed, so that the same numbers always make the same claim."""
SURE: Final = 0.95
RARE: Final = 0.02
"""How seldom chance may make what is claimed: stricter than the interval, because a report makes many comparisons."""
_SEED: Final = 20260302
_EQUAL: Final = 1e-9
"""Sums in another order differ by less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Means of two groups as a ratio, with its interval at 95 %."""

    ratio: float
    low: float
    high: float
    posts: int
    """In the first group."""
    others: int
    holds: bool
    """Chance alone hardly makes so large a difference, and the interval leaves out 1."""

    def turned(self) -> Comparison:
        """The same seen from the other group."""
        return Comparison(
            ratio=1 / self.ratio,
            low=1 / self.high,
            high=1 / self.low,
            posts=self.others,
            others=self.posts,
            holds=self.holds,
        )


def scored(table: pd.DataFrame) -> pd.DataFrame:
    """Ripe posts with `score`: what each earned against the usual of its own account.

    So a picture is not praised for being on the busier network. Accounts that earned nothing say nothing.
    """
    ripe = table[table["ripe"] & table["earned"].notna()].copy()
    usual = ripe.groupby("account")["earned"].transform("mean")
    ripe["score"] = ripe["earned"] / usual.where(usual > 0)
    return ripe[ripe["score"].notna()]


def compare(
    table: pd.DataFrame, group: pd.Series[bool], *, least: int, value: str = "score", choices: int = 1
) -> Comparison | None:
    """`group` against the rest; None below `least` posts on either side, or where nothing can be divided.

    Versions of one draft share its luck, so they count as one. `choices`: out of how many groups this one was picked.
    """
    here, there = by_draft(table[group], value), by_draft(table[~group], value)
    if min(len(here), len(there)) < least or here.mean() <= 0 or there.mean() <= 0:
        return None
    error = _log_error(here, there)
    if error is None:
        return None
    middle, reach = log(here.mean() / there.mean()), error * _quantile(SURE, len(here) + len(there) - 2)
    return Comparison(
        ratio=exp(middle),
        low=exp(middle - reach),
        high=exp(middle + reach),
        posts=int(group.sum()),
        others=int((~group).sum()),
        holds=abs(middle) > reach and _by_chance(here, there) * choices < RARE,
    )


def outstanding(table: pd.DataFrame, keys: Sequence[str], *, least: int) -> tuple[tuple[Any, ...], bool] | None:
    """The group of `keys` that is furthest above the rest, and whether it would hardly be found by chance.

    Chance is asked the same question: scores are dealt out anew, and each time the best group is looked for.
    Groups with posts of fewer than `least` days don't take part; None when there are not two groups.
    """
    import numpy as np

    rows = table.groupby(["unit", *keys], sort=True).agg(score=("score", "mean"), day=("day", "min")).reset_index()
    days = rows.groupby(list(keys))["day"].nunique()
    names = [key if isinstance(key, tuple) else (key,) for key in days[days >= least].index]
    if len(names) < 1 or len(rows) < 2 * least + 1:
        return None
    own = list(zip(*(rows[key] for key in keys), strict=True))
    members = np.array([[name == of for name in names] for of in own], dtype=float)
    sizes, scores = members.sum(axis=0), rows["score"].to_numpy(dtype=float)

    def heights(dealt: Any) -> Any:
        return (dealt @ members / sizes - scores.mean()) * np.sqrt(sizes)

    found = heights(scores)
    chance = np.random.default_rng(_SEED)
    best = heights(chance.permuted(np.tile(scores, (DRAWS, 1)), axis=1)).max(axis=1)
    index = int(found.argmax())
    p = (1 + (best >= found[index] - _EQUAL).sum()) / (DRAWS + 1)
    return tuple(int(part) for part in names[index]), bool(p < RARE)


def interval(values: pd.Series[float]) -> tuple[float, float] | None:
    """Of a mean, at 95 %, by resampling; None for fewer than five values."""
    import numpy as np

    numbers = values.to_numpy(dtype=float)
    if len(numbers) < 5:
        return None
    low, high = np.quantile(_means(numbers, np.random.default_rng(_SEED)), [(1 - SURE) / 2, (1 + SURE) / 2])
    return float(low), float(high)


def by_draft(table: pd.DataFrame, value: str) -> Any:
    """One number per draft: the mean of its versions."""
    return table.groupby("unit")[value].mean().to_numpy(dtype=float)


def _by_chance(here: Any, there: Any) -> float:
    """How often the same numbers, dealt out anew, lie at least as far apart."""
    import numpy as np

    both = np.concatenate([here, there])
    dealt = np.random.default_rng(_SEED).permuted(np.tile(both, (DRAWS, 1)), axis=1)[:, : len(here)].mean(axis=1)
    apart = abs(here.mean() - both.mean())
    return float((1 + (abs(dealt - both.mean()) >= apart - _EQUAL).sum()) / (DRAWS + 1))


def _log_error(here: Any, there: Any) -> float | None:
    """The spread of the ratio's logarithm over resamples; None where too many resamples are nothing but zeros."""
    import numpy as np

    chance = np.random.default_rng(_SEED)
    first, second = _means(here, chance), _means(there, chance)
    sound = (first > 0) & (second > 0)
    if sound.mean() < SURE:
        return None
    return float(np.std(np.log(first[sound] / second[sound]), ddof=1))


def _means(values: Any, chance: Any) -> Any:
    """Of resamples, spread a little: a small sample is narrower than what it stands for."""
    import numpy as np

    drawn = values[chance.integers(0, len(values), (DRAWS, len(values)))].mean(axis=1)
    wider = (len(values) / (len(values) - 1)) ** 0.5
    return np.maximum(values.mean() + wider * (drawn - values.mean()), 0.0)


def _quantile(level: float, freedom: int) -> float:
    """Student's t, two-sided, by the series for it (Abramowitz and Stegun 26.7.5)."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
