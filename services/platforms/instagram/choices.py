"""What a person may choose for a post on Instagram: where it is shared, and whether a reel is in the feed too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.errors import Refused
from services.domain.media import PictureSize
from services.domain.post import Problem, Severity
from services.ports.options import Choice, PostOption
from services.ports.platform import PictureShape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.domain.account import Account
    from services.domain.post import Variant

SHARE_AS: Final = "share_as"
FEED: Final = "feed"
STORY: Final = "story"
SHARE_TO_FEED: Final = "share_to_feed"
TRUE: Final = "true"
FALSE: Final = "false"
OPTIONS: Final = (
    PostOption(
        name=SHARE_AS,
        title="Share as",
        choices=(
            Choice(value=FEED, text="A post; a video as a reel"),
            Choice(value=STORY, text="A story"),
        ),
        help="A story shows one picture, 9:16, or one video of at most a minute, for 24 hours, and none of the words.",
    ),
    PostOption(
        name=SHARE_TO_FEED,
        title="Reel in the feed",
        choices=(Choice(value=TRUE, text="Yes"), Choice(value=FALSE, text="Among the reels only")),
        help="For a video that is a reel.",
    ),
)
SHAPES: Final = (
    # Nine by sixteen, with room for sides that are not even.
    PictureShape(
        option=SHARE_AS, value=STORY, ratio=(0.5615, 0.5635), size=PictureSize(width=1080, height=1920), alone=True
    ),
)
STORY_SECONDS: Final = 60.0
STORY_BYTES: Final = 100_000_000


def is_story(options: Mapping[str, str]) -> bool:
    """Whether it is to be a story; raises `Refused` for what is nothing."""
    chosen = options.get(SHARE_AS) or FEED
    if chosen not in {FEED, STORY}:
        raise Refused(f'Instagram shares nothing as "{chosen}".', fix=f"Choose {FEED} or {STORY}.")
    return chosen == STORY


def check_options(variant: Variant, account: Account) -> Iterator[Problem]:  # noqa: ARG001 (the same for all accounts)
    """See `PlatformSpec.check_options`."""
    if variant.options.get(SHARE_AS) != STORY:
        return
    film = variant.attachment
    if film is None or film.item.video is None:
        return
    if film.item.video.seconds > STORY_SECONDS:
        message = f"The video is {round(film.item.video.seconds, 1):g} seconds long; a story takes {STORY_SECONDS:.0f}."
        yield _block("story_long", message, "Shorten it, or share it as a reel.")
    if film.item.size > STORY_BYTES:
        message = f"The video has {film.item.size / 1e6:.0f} MB; a story takes {STORY_BYTES / 1e6:.0f} MB."
        yield _block("story_size", message, "Use a smaller video, or share it as a reel.")


def _block(code: str, message: str, fix: str) -> Problem:
    return Problem(code=code, severity=Severity.BLOCK, message=message, fix=fix)
