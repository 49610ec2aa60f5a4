"""What a person chooses for a post, as TikTok's audit demands: who sees it without a default, everything else off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.post import Problem, Severity
from services.platforms.tiktok.rules import TITLE, VIDEO_TEXT, length_of
from services.ports.options import YES, Choice, PostOption, switch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.domain.account import Account
    from services.domain.post import Variant

PRIVACY: Final = "privacy_level"
ONESELF: Final = "SELF_ONLY"
EVERYBODY: Final = "PUBLIC_TO_EVERYONE"
BRANDED: Final = "brand_content_toggle"
OWN_BRAND: Final = "brand_organic_toggle"
AI: Final = "is_aigc"
MUSIC: Final = "auto_add_music"
HEADLINE: Final = "title"
COMMENTS: Final = "allow_comment"
DUETS: Final = "allow_duet"
STITCHES: Final = "allow_stitch"
OPTIONS: Final = (
    PostOption(
        name=PRIVACY,
        title="Who can see it",
        choices=(
            Choice(value=EVERYBODY, text="Everyone"),
            Choice(value="MUTUAL_FOLLOW_FRIENDS", text="Friends (you follow each other)"),
            Choice(value="FOLLOWER_OF_CREATOR", text="Followers"),
            Choice(value=ONESELF, text="Only you"),
        ),
        asked=True,
        shown=True,
        help="TikTok wants this chosen for each post.",
    ),
    switch(COMMENTS, "Allow comments", shown=True),
    switch(DUETS, "Allow duets", help="For videos.", shown=True),
    switch(STITCHES, "Allow stitches", help="For videos.", shown=True),
    switch(BRANDED, "Paid partnership", help="Promotes somebody else's brand; TikTok labels it.", shown=True),
    switch(OWN_BRAND, "Promotes your own brand", help="TikTok labels it as promotional content.", shown=True),
    switch(AI, "Made with AI", help="For videos; TikTok labels it.", shown=True),
    switch(MUSIC, "Add music", help="For photos: TikTok chooses it.", shown=True),
    PostOption(
        name=HEADLINE,
        once=True,
        title="Title above the photos",
        most=TITLE,
        help="For photos. Without one, a short first line becomes the title when more follows.",
    ),
)


def on(options: Mapping[str, str], name: str) -> bool:
    """Whether a switch is on."""
    return options.get(name) == YES


_TERMS: Final = {False: "Music Usage Confirmation", True: "Branded Content Policy and Music Usage Confirmation"}


def terms(variant: Variant, account: Account) -> str:
    """See `Terms`: TikTok's audit wants the creator named, and agreement to what goes with music and with brands."""
    agreed = _TERMS[on(variant.options, BRANDED)]
    return f"this goes to {account.name} (@{account.handle}). By posting, you agree to TikTok's {agreed}."


def check_options(variant: Variant, _account: Account) -> Iterator[Problem]:
    """See `OptionCheck`: what TikTok does not let go together, and the text of a video, which is shorter."""
    options, video = variant.options, variant.attachment is not None
    if on(options, BRANDED) and options.get(PRIVACY) == ONESELF:
        yield _block(
            "branded_private",
            "A paid partnership can't be for you alone to see.",
            "Choose who else can see it, or turn Paid partnership off.",
        )
    if on(options, AI) and variant.pictures and not video:
        yield _block(
            "photo_ai",
            "TikTok lets a program mark only videos as made with AI.",
            "Say it in the text and turn Made with AI off.",
        )
    if (over := length_of(options.get(HEADLINE, "")) - TITLE) > 0:
        yield _block("title_too_long", f"The title has more than {TITLE} UTF-16 units.", f"Shorten it by {over}.")
    if video and (over := length_of(variant.text) - VIDEO_TEXT) > 0:
        message = f"{length_of(variant.text)} UTF-16 units; with a video TikTok takes {VIDEO_TEXT}."
        yield _block("too_long_for_video", message, f"Shorten by {over}.")


def _block(code: str, message: str, fix: str) -> Problem:
    return Problem(code=code, severity=Severity.BLOCK, message=message, fix=fix)
