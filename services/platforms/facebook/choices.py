"""What a person may choose for a post of a Page: the feed, a reel, or a story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.account import VideoLimits
from services.domain.errors import Refused
from services.domain.media import PictureSize
from services.domain.post import Problem, Severity
from services.ports.options import Choice, PostOption
from services.ports.platform import PictureShape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.domain.account import Account
    from services.domain.media import Attachment
    from services.domain.post import Variant

SHARE_AS: Final = "share_as"
FEED: Final = "feed"
REEL: Final = "reel"
STORY: Final = "story"
OPTIONS: Final = (
    PostOption(
        name=SHARE_AS,
        title="Share as",
        choices=(
            Choice(value=FEED, text="A post"),
            Choice(value=REEL, text="A reel"),
            Choice(value=STORY, text="A story"),
        ),
        help="A reel is an upright video of 3 to 90 seconds. A story shows one picture or one upright video of 3 to 60 "
        "seconds for 24 hours, and none of the words.",
    ),
)
SHAPES: Final = (PictureShape(option=SHARE_AS, value=STORY, size=PictureSize(width=1080, height=1920), alone=True),)
_UPRIGHT: Final = (0.55, 0.575)
"""Nine by sixteen, with room for sides that are not even."""
_SMALLEST: Final = (540, 960)
KINDS: Final = {
    REEL: VideoLimits(size=1_000_000_000, seconds=(3.0, 90.0), ratio=_UPRIGHT, side=_SMALLEST),
    STORY: VideoLimits(size=1_000_000_000, seconds=(3.0, 60.0), ratio=_UPRIGHT, side=_SMALLEST),
}


def shared_as(options: Mapping[str, str]) -> str:
    """What it is to be; raises `Refused` for what is nothing."""
    chosen = options.get(SHARE_AS) or FEED
    if chosen not in {FEED, REEL, STORY}:
        raise Refused(f'Facebook shares nothing as "{chosen}".', fix=f"Choose {FEED}, {REEL} or {STORY}.")
    return chosen


def check_options(variant: Variant, account: Account) -> Iterator[Problem]:  # noqa: ARG001 (the same for all Pages)
    """See `PlatformSpec.check_options`."""
    chosen = variant.options.get(SHARE_AS) or FEED
    film = variant.attachment
    if chosen == REEL and film is None:
        yield _block("reel_without_video", "A reel is a video.", "Add a video, or share it as a post.")
    if chosen == STORY and not variant.media:
        message = "A story shows a picture or a video; there is none."
        yield _block("story_pictures", message, "Add one, or share it as a post.")
    if film is not None and chosen in KINDS:
        yield from _film(film, chosen)


def _film(film: Attachment, chosen: str) -> Iterator[Problem]:
    taken, facts, item = KINDS[chosen], film.item.video, film.item
    instead = f"share it as a {FEED} post"
    if facts is None or taken.seconds is None or taken.ratio is None or taken.side is None:
        return
    least, most = taken.seconds
    if not least <= facts.seconds <= most:
        message = f"The video is {round(facts.seconds, 1):g} seconds long; a {chosen} takes {least:.0f} to {most:.0f}."
        yield _block("film_length", message, f"Cut it, or {instead}.")
    if not taken.ratio[0] <= item.width / item.height <= taken.ratio[1]:
        message = f"The video is {item.width} × {item.height}; a {chosen} is nine wide and sixteen high."
        yield _block("film_shape", message, f"Crop it, or {instead}.")
    elif item.width < taken.side[0] or item.height < taken.side[1]:
        message = f"The video is {item.width} × {item.height}; a {chosen} has at least 540 × 960."
        yield _block("film_small", message, f"Use a larger one, or {instead}.")
    if item.size > taken.size:
        message = f"The video has {item.size / 1e6:.0f} MB; a {chosen} takes {taken.size / 1e6:.0f} MB."
        yield _block("film_size", message, f"Use a smaller one, or {instead}.")


def _block(code: str, message: str, fix: str) -> Problem:
    return Problem(code=code, severity=Severity.BLOCK, message=message, fix=fix)
