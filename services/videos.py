"""What every network that takes videos refuses before a byte is sent, and whether a GIF moves.

The rest of a network's limits is judged in the draft.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.domain.errors import Refused

if TYPE_CHECKING:
    from services.domain.account import Limits
    from services.domain.media import Attachment


_FRAME: Final = b"\x21\xf9\x04"


def frames_of(gif: bytes) -> int:
    """How many pictures a GIF shows one after another; one that stands still may name none."""
    return gif.count(_FRAME)


def refuse_other_than_video(attachment: Attachment, limits: Limits, label: str) -> None:
    """Raise `Refused` unless it is a video of a kind and size that the account's network takes."""
    item, taken = attachment.item, limits.video
    if not attachment.moves:
        raise Refused(
            f"This is a document, and {label} takes none.", fix="Leave it out there, or show its pages as pictures."
        )
    if taken is None:
        raise Refused(f"This is a video, and {label} takes none.", fix="Leave it out there.")
    if item.mime not in taken.types:
        raise Refused(
            f"The video is {item.mime}, which {label} does not take.", fix=f"Use one of {', '.join(taken.types)}."
        )
    if item.size > taken.size:
        raise Refused(f"The video has {item.size:,} bytes, {label} takes {taken.size:,}.", fix="Use a smaller video.")
