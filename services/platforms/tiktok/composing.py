"""A frozen part as TikTok's own fields, checked against what the creator may do at this moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.domain.errors import Refused
from services.platforms.tiktok.options import (
    AI,
    BRANDED,
    COMMENTS,
    DUETS,
    HEADLINE,
    MUSIC,
    ONESELF,
    OWN_BRAND,
    PRIVACY,
    STITCHES,
    on,
)
from services.platforms.tiktok.rules import MOST_SECONDS, TITLE, VIDEO_TEXT, length_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.domain.account import Limits
    from services.domain.media import Attachment
    from services.platforms.tiktok.models import WireCreator
    from services.platforms.tiktok.pieces import Cut
    from services.ports.platform import OutgoingPart


def check(part: OutgoingPart, limits: Limits, creator: WireCreator) -> None:
    """Raise `Refused` for what TikTok would not take, or would show to other people than was chosen."""
    level = part.options.get(PRIVACY, "")
    if not level:
        raise Refused("TikTok needs to know who can see the post.", fix="Choose it under Options.")
    if level not in creator.levels:
        raise Refused(
            "The account can't post for these people to see just now.", fix="Choose another under Who can see it."
        )
    if on(part.options, BRANDED) and level == ONESELF:
        raise Refused("A paid partnership can't be for you alone to see.", fix="Choose who else can see it.")
    for name, off, what in (
        (COMMENTS, creator.comments_off, "comments"),
        (DUETS, creator.duets_off, "duets"),
        (STITCHES, creator.stitches_off, "stitches"),
    ):
        if off and on(part.options, name):
            raise Refused(
                f"The account has {what} switched off at TikTok.",
                fix=f"Don't allow {what} under Options, or switch them on in the TikTok app.",
            )
    if part.attachment is not None:
        _check_video(part, part.attachment, limits, creator)
    else:
        _check_photos(part, limits)


def _check_video(part: OutgoingPart, video: Attachment, limits: Limits, creator: WireCreator) -> None:
    taken = limits.video
    if taken is None or video.item.video is None or video.item.mime not in taken.types or video.item.size < 1:
        raise Refused(f"TikTok does not take {video.item.mime}.", fix="Use an MP4, MOV or WebM video.")
    longest = min(creator.seconds or MOST_SECONDS, MOST_SECONDS)
    if video.item.video.seconds > longest:
        raise Refused(
            f"The video is {video.item.video.seconds:.0f} seconds long; the account may post {longest}.", fix="Cut it."
        )
    _check_length("With a video", part.text, VIDEO_TEXT)


def _check_length(where: str, text: str, most: int) -> None:
    over = length_of(text) - most
    if over > 0:
        raise Refused(f"{where} TikTok takes {most} UTF-16 units of text.", fix=f"Shorten it by {over}.")


def _check_photos(part: OutgoingPart, limits: Limits) -> None:
    if not part.pictures:
        raise Refused("TikTok takes no post without photos or a video.", fix="Add a picture or a video.")
    if not limits.images:
        raise Refused(
            "TikTok fetches photos from the desk and can't reach it.",
            fix="Set COPYDESK_PUBLIC_URL to an https address that leads here, or post a video.",
        )
    if len(part.pictures) > limits.images:
        raise Refused(f"{len(part.pictures)} pictures, TikTok takes {limits.images}.", fix="Leave some out.")
    _check_length("With photos", part.text, limits.text)
    _check_length("Above photos", headline(part), TITLE)
    if on(part.options, AI):
        raise Refused(
            "TikTok lets a program mark only videos as made with AI.",
            fix="Say it in the text and turn Made with AI off under Options.",
        )


def _common(options: Mapping[str, str]) -> dict[str, object]:
    return {
        "privacy_level": options.get(PRIVACY, ""),
        "disable_comment": not on(options, COMMENTS),
        "brand_content_toggle": on(options, BRANDED),
        "brand_organic_toggle": on(options, OWN_BRAND),
    }


def video_body(part: OutgoingPart, pieces: Cut) -> Mapping[str, object]:
    """What begins a video that comes in pieces."""
    told = {
        "title": part.text,
        **_common(part.options),
        "disable_duet": not on(part.options, DUETS),
        "disable_stitch": not on(part.options, STITCHES),
        "is_aigc": on(part.options, AI),
    }
    source = {
        "source": "FILE_UPLOAD",
        "video_size": pieces.size,
        "chunk_size": pieces.piece,
        "total_chunk_count": pieces.count,
    }
    return {"post_info": told, "source_info": source}


def photos_body(part: OutgoingPart, addresses: Sequence[str]) -> Mapping[str, object]:
    """What publishes photos that are fetched from these addresses."""
    title = headline(part)
    told = {
        **({"title": title} if title else {}),
        "description": part.text,
        **_common(part.options),
        "auto_add_music": on(part.options, MUSIC),
    }
    source = {"source": "PULL_FROM_URL", "photo_images": list(addresses), "photo_cover_index": 0}
    return {"media_type": "PHOTO", "post_mode": "DIRECT_POST", "post_info": told, "source_info": source}


def headline(part: OutgoingPart) -> str:
    """The title above photos: the chosen one, else a first line that is short enough and that more follows."""
    chosen = part.options.get(HEADLINE, "").strip()
    if chosen:
        return chosen
    first, _, rest = part.text.strip().partition("\n")
    return first.strip() if rest.strip() and length_of(first.strip()) <= TITLE else ""
