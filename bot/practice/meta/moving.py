"""Which videos Meta's networks take, judged by what the bytes are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.practice.meta.boxes import sniff_video

if TYPE_CHECKING:
    from bot.practice.meta.boxes import Video

CODECS = frozenset({"h264", "hevc"})
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


def judge(content: bytes, takes: Takes, told: str = "") -> tuple[Video | None, str]:
    """The video, or nothing and one word for what is wrong with it; `told` is the kind its server says it is."""
    if len(content) > takes.most_bytes:
        return None, "size"
    video = sniff_video(content)
    if video is None or video.codec not in CODECS or (told and told != video.mime):
        return None, "format"
    wrong = _wrong(video, takes)
    return (None, wrong) if wrong else (video, "")


def _wrong(video: Video, takes: Takes) -> str:
    least, most = takes.seconds
    if takes.index_first and not video.index_first:
        return "format"
    if not least - ROOM <= video.seconds <= most + ROOM:
        return "duration"
    if not takes.ratio[0] <= video.width / video.height <= takes.ratio[1]:
        return "ratio"
    if not takes.frame_rate[0] <= video.frame_rate <= takes.frame_rate[1]:
        return "frame_rate"
    small = video.width < takes.least_sides[0] or video.height < takes.least_sides[1]
    return "resolution" if small or video.width > takes.most_width else ""
