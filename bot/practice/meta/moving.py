"""Which videos Meta's networks take, judged by what the bytes are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.practice.videos import boxes, watch

if TYPE_CHECKING:
    from bot.practice.videos import Film

CODECS = frozenset({"avc1", "avc3", "hvc1", "hev1"})
"""H.264 and HEVC, as they are named in a file."""
POLLS = 2
"""How often a video's container says that it is being processed, before it is ready."""
ROOM = 0.05
"""How far a length in seconds may be off: the last picture has a length too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """What a network takes of a video; pairs are least and most, the ratio is width by height."""

    most_bytes: int
    seconds: tuple[float, float]
    ratio: tuple[float, float] = (0.01, 10.0)
    frame_rate: tuple[float, float] = (23.0, 60.0)
    most_width: int = 1920
    least_sides: tuple[int, int] = (1, 1)
    index_first: bool = True


def judge(content: bytes, takes: Takes, told: str = "") -> tuple[Film | None, str]:
    """The video, or nothing and one word for what is wrong with it; `told` is the kind its server says it is."""
    if len(content) > takes.most_bytes:
        return None, "size"
    film = watch(content)
    if film is None or film.broken or film.codec not in CODECS or (told and told != film.mime):
        return None, "format"
    wrong = _wrong(film, takes) if _whole(content, takes) else "format"
    return (None, wrong) if wrong else (film, "")


def _whole(content: bytes, takes: Takes) -> bool:
    """Whether nothing of it is cut off, and its index comes first where that is asked."""
    found = list(boxes(content, 0, len(content)))
    names = [name for name, _, _ in found]
    if not {b"moov", b"mdat"} <= set(names) or found[-1][2] != len(content):
        return False
    return not takes.index_first or names.index(b"moov") < names.index(b"mdat")


def _wrong(video: Film, takes: Takes) -> str:
    least, most = takes.seconds
    if not least - ROOM <= video.seconds <= most + ROOM:
        return "duration"
    if not takes.ratio[0] <= video.width / video.height <= takes.ratio[1]:
        return "ratio"
    if not takes.frame_rate[0] <= video.frame_rate <= takes.frame_rate[1]:
        return "frame_rate"
    small = video.width < takes.least_sides[0] or video.height < takes.least_sides[1]
    return "resolution" if small or video.width > takes.most_width else ""
