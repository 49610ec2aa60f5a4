"""X's way of counting and cutting, with what its self-serve access forbids and what a link costs."""

from __future__ import annotations

import re
from typing import Final

from services.domain.account import Limits, PollLimits, VideoLimits
from services.domain.post import Problem, Severity
from services.platforms.x.counting import LINK, weigh
from services.platforms.x.prices import LINKED, POST, price_of
from services.ports.platform import Measure
from services.text import split_text

POLLS: Final = PollLimits(answers=4, characters=25)
LIMITS: Final = Limits(
    text=280,
    unit="characters",
    url_length=LINK,
    images=4,
    image_bytes=5 * 1024 * 1024,
    gif_bytes=15_000_000,
    alt_text=1000,
    video=VideoLimits(
        size=512_000_000,
        types=("video/mp4", "video/quicktime"),
        seconds=(0.5, 140.0),
        ratio=(1 / 3, 3.0),
        side=(32, 1280),
        pixels=1280 * 1024,
        frame_rate=(0.0, 60.0),
        codecs=("h264",),
        audio=("aac",),
    ),
    poll=POLLS,
)
LONG_TEXT: Final = 25_000
"""What an account with Premium may write."""
CASHTAGS: Final = 1
"""How many $TICKERs a post of a self-serve app may carry."""
CASHTAG: Final = re.compile(r"(?<![\w$])\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?![\w$])")
_IMPOSSIBLE: Final = re.compile(r"[\ufffe\ufeff\uffff\ud800-\udfff]")


class XRules:
    """See `Rules`."""

    def measure(self, text: str, limits: Limits) -> Measure:
        """See `Rules.measure`."""
        length = weigh(text)
        found = (_too_long(length, limits), _impossible(text), _too_many_cashtags(text), _dear(text))
        problems = tuple(problem for problem in found if problem is not None)
        return Measure(length=length, limit=limits.text, unit=limits.unit, problems=problems)

    def split(self, text: str, limits: Limits) -> tuple[str, ...]:
        """See `Rules.split`."""
        return split_text(text, lambda part: weigh(part) <= limits.text)


def _too_long(length: int, limits: Limits) -> Problem | None:
    if length <= limits.text:
        return None
    return Problem(
        code="too_long",
        severity=Severity.BLOCK,
        message=f"{length} of {limits.text} {limits.unit}.",
        fix=f"Shorten by {length - limits.text}.",
    )


def _impossible(text: str) -> Problem | None:
    if _IMPOSSIBLE.search(text) is None:
        return None
    return Problem(
        code="bad_character",
        severity=Severity.BLOCK,
        message="The text holds an invisible character that X does not take.",
        fix="Type the text around it again.",
    )


def _too_many_cashtags(text: str) -> Problem | None:
    names = [match.group() for match in CASHTAG.finditer(text)]
    if len(names) <= CASHTAGS:
        return None
    return Problem(
        code="too_many_cashtags",
        severity=Severity.BLOCK,
        message=f"{len(names)} cashtags ({', '.join(names[:4])}), X takes {CASHTAGS} from an app.",
        fix=f"Keep {names[0]} and write the others without $.",
    )


def _dear(text: str) -> Problem | None:
    if price_of(text) is not LINKED:
        return None
    return Problem(
        code="paid_link",
        severity=Severity.WARN,
        message=f"With a link X charges ${LINKED.dollars} for this post instead of ${POST.dollars}.",
        fix="Leave the link out if the post works without it.",
    )
