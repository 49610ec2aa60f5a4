"""Counting a text as X does, against a full port of X's own library."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Final

from services.platforms.x.counting import weigh
from tests.bench.harness import Pair, bench, timed

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS: Final = (
    "We rewrote the build cache. Cold start: from 480 ms to 52 ms. https://driftseas.example.com/notes/480 #devtools",
    "Thank you to everyone who tried our editor plugin 👩🏽‍🚀! Read more at example.com/beta – feedback welcome.",
    "日本語テスト" * 12,
    "A quiet week, so we deleted lines. " * 8,
)


@bench(name="x_count", unit="µs", goal=0.1, better="lower")
def x_count() -> Pair:
    """A post's weighted length: with a link, with emoji and a bare address, in CJK, and in plain words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from twitter_text import parse_tweet

    def over(count: Callable[[str], object], rounds: int) -> Callable[[], None]:
        def run() -> None:
            for _ in range(rounds):
                for text in TEXTS:
                    count(text)

        return run

    assert [weigh(text) for text in TEXTS] == [parse_tweet(text).weightedLength for text in TEXTS]
    return Pair(
        ours=timed(over(weigh, 50), per=50 * len(TEXTS), unit="µs"),
        baseline=timed(over(parse_tweet, 5), per=5 * len(TEXTS), unit="µs"),
    )
