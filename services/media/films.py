"""Makes a person's video fit to be sent: its facts read, its places and names left behind, its index put first.

The pictures and the sound are copied as they are, so nothing is lost. Blocking, run it in a worker.
"""

from __future__ import annotations

import io
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from services.domain.errors import InvalidInput
from services.domain.media import VideoFacts
from services.images.intake import MAX_PIXELS
from services.media.boxes import layout_of
from services.media.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from av.container import InputContainer, OutputContainer
    from av.stream import Stream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

MAX_BYTES: Final = 500_000_000
MAX_SECONDS: Final = 4 * 60 * 60
_LEAST_FRAMES: Final = 3
"""Fewer are a picture."""
_MOST_RATE: Final = 1000
_IN_MP4: Final = (frozenset({"h264", "hevc", "av1", "mpeg4", "vp9"}), frozenset({"aac", "mp3", "ac3", "eac3", "alac"}))
"""What players of MP4 know, so that a MOV or MKV of these becomes one."""
_IN_WEBM: Final = (frozenset({"vp8", "vp9", "av1"}), frozenset({"opus", "vorbis"}))
_TYPES: Final = {"mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm"}
_READERS: Final = {Kind.BOXES: "mov", Kind.MATROSKA: "matroska"}
_POSTER_AT: Final = 1.0
"""Seconds into the video: the very first picture is often black."""
_POSTER_TRIES: Final = 90
"""Pictures that are decoded at most on the way to it."""
_POSTER_SIDE: Final = 1600
_MISSING: Final = 0.1
"""Part of a video that may be missing at its end before it counts as cut off; containers round."""
_DAMAGE: Final = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
)
"""What reading bytes that are not what they say raises beside FFmpeg's own."""
_AGAIN: Final = "Export it again as an MP4 with H.264 and AAC."


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """What was made of a video: its facts, and a picture that stands for it as a JPEG."""

    mime: str
    width: int
    """As it is seen: turned as the camera was held."""
    height: int
    facts: VideoFacts
    poster: bytes
    poster_size: tuple[int, int]


def clean_film(source: Path, target: Path, kind: Kind) -> Film:
    """Write the cleaned video to `target`; raises `InvalidInput` (field "upload") and then leaves nothing there."""
    import av

    try:
        return _cleaned(source, target, kind)
    except InvalidInput:
        target.unlink(missing_ok=True)
        raise
    except (av.FFmpegError, *_DAMAGE):
        target.unlink(missing_ok=True)
        raise _unusable("This video can't be read: it is damaged, or made in a way the desk does not know.") from None


def _cleaned(source: Path, target: Path, kind: Kind) -> Film:
    if kind is Kind.BOXES and not layout_of(source).whole:
        raise _unusable("This video is cut off: its end is missing.", "Upload it once more, or export it again.")
    with _opened(source, kind) as container:
        home = _home(container, _video(container))
        frames = _copied(container, target, home, most=source.stat().st_size)
    if frames < _LEAST_FRAMES:
        raise _unusable("This is no video: it has fewer than three pictures.", "Upload it as a picture.")
    with _opened(target, Kind.MATROSKA if home == "webm" else Kind.BOXES) as container:
        facts = _facts(container, frames)
        if home != "webm":
            facts = replace(facts, streamable=layout_of(target).streamable)
        frame = _frame(container, facts.seconds)
        width, height = _seen(frame, _video(container))
        poster, size = _poster(frame, width, height)
    return Film(mime=_TYPES[home], width=width, height=height, facts=facts, poster=poster, poster_size=size)


def _opened(path: Path, kind: Kind) -> InputContainer:
    """Read as what it is and from this file alone: lists of other files are not followed."""
    import av

    return av.open(str(path), format=_READERS[kind], options={"protocol_whitelist": "file"})


def _video(container: InputContainer) -> VideoStream:
    """The moving pictures, not the cover of a song; raises `InvalidInput` where there are none or too many pixels."""
    from av.stream import Disposition

    found = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not found:
        raise _unusable("There is no video in this file.")
    stream = found[0]
    if not 0 < stream.width * stream.height <= MAX_PIXELS:
        msg = f"This video is {stream.width} × {stream.height} pixels; {MAX_PIXELS // 1_000_000} million is the most."
        raise _unusable(msg, "Export it smaller.")
    return stream


def _codec(stream: Stream) -> str:
    return stream.codec_context.codec.canonical_name


def _home(container: InputContainer, video: VideoStream) -> str:
    """The container it goes out in: MP4 where that takes it, because every network takes MP4."""
    codec, audio = _codec(video), _sound(container)
    for home, (pictures, sounds) in (("webm", _IN_WEBM), ("mp4", _IN_MP4)):
        if codec in pictures and (not audio or audio in sounds) and (home != "webm" or _is_webm(container)):
            return home
    if _is_webm(container):
        raise _unusable(f"The desk can't use a video of {codec or 'this kind'} with {audio or 'no'} sound.")
    return "mov"


def _is_webm(container: InputContainer) -> bool:
    return "matroska" in container.format.name


def _sound(container: InputContainer) -> str:
    return next((_codec(s) for s in container.streams.audio), "")


def _copied(container: InputContainer, target: Path, home: str, *, most: int) -> int:
    """Pictures and the first sound as they are, without a word about where and who; gives how many pictures.

    An index may name the same bytes again and again: more than the `most` there are in the file are not written.
    """
    import av

    options = {"fflags": "+bitexact", **({"movflags": "faststart"} if home != "webm" else {})}
    with av.open(str(target), "w", format=home, options=options) as out:
        video = _video(container)
        streams = {s.index: _stream_like(out, s) for s in (video, *container.streams.audio[:1])}
        frames, seconds, size = 0, 0.0, 0
        for packet in _timed(container.demux(*(container.streams[index] for index in streams))):
            seconds = max(seconds, float((packet.dts or 0) * packet.time_base))
            if seconds > MAX_SECONDS:
                raise _too_long()
            size += packet.size
            if size > most:
                raise _unusable("This video claims to be larger than its file: it is damaged.")
            frames += packet.stream_index == video.index
            packet.stream = streams[packet.stream_index]
            out.mux(packet)
    told = (container.duration or 0) / av.time_base
    if told > MAX_SECONDS:
        raise _too_long()
    if seconds < told * (1 - _MISSING) - 1:
        raise _unusable("This video is cut off: its end is missing.", "Upload it once more, or export it again.")
    return frames


def _timed(packets: Iterable[Any]) -> Iterator[Any]:
    """Those with content, each with the time it is decoded at: Matroska leaves that open for a stream's first ones."""
    waiting: dict[int, list[Any]] = defaultdict(list)
    for packet in packets:
        held = waiting[packet.stream_index]
        if packet.size and packet.dts is None:
            held.append(packet)
            continue
        for back, early in enumerate(reversed(held), start=1):
            early.dts = (packet.dts or 0) - back * (packet.duration or early.duration or 1)
        yield from held
        held.clear()
        if packet.size:
            yield packet


def _stream_like(out: OutputContainer, stream: Any) -> Any:
    made: Any = out.add_stream_from_template(stream)
    if _codec(stream) == "hevc":
        made.codec_context.codec_tag = "hvc1"  # the only one of two names that players of Apple know
    return made


def _facts(container: InputContainer, frames: int) -> VideoFacts:
    import av

    video = _video(container)
    seconds = (container.duration or 0) / av.time_base
    if seconds <= 0:
        raise _unusable("This video does not say how long it is.")
    rate = float(video.average_rate) if video.average_rate else frames / seconds
    if not 0 < rate <= _MOST_RATE:
        raise _unusable(f"This video claims {rate:,.0f} pictures a second.")
    return VideoFacts(
        seconds=round(seconds, 3), frame_rate=round(rate, 3), codec=_codec(video), audio=_sound(container)
    )


def _frame(container: InputContainer, seconds: float) -> VideoFrame:
    """A picture from a little into the video, or the last one before that can be decoded."""
    video = _video(container)
    video.codec_context.thread_count = 1
    wanted, found = min(_POSTER_AT, seconds / 3), None
    for number, frame in enumerate(container.decode(video)):
        found = frame
        if (frame.time or 0.0) >= wanted or number >= _POSTER_TRIES:
            break
    if found is None:
        raise _unusable("No picture of this video can be read.")
    return found


def _seen(frame: VideoFrame, video: VideoStream) -> tuple[int, int]:
    """Width and height as players show it: pixels need not be square, and phones are held upright."""
    shape = video.sample_aspect_ratio
    wide = round(frame.width * float(shape)) if shape else frame.width
    width, height = (frame.height, wide) if frame.rotation % 180 else (wide, frame.height)
    if not 0 < width * height <= MAX_PIXELS:
        raise _unusable(f"This video claims to be {width} × {height} pixels.")
    return width, height


def _poster(frame: Any, width: int, height: int) -> tuple[bytes, tuple[int, int]]:
    from PIL import Image

    scale = min(1.0, _POSTER_SIDE / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image = frame.to_image().rotate(frame.rotation, expand=True).resize(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=88)
    return out.getvalue(), size


def _too_long() -> InvalidInput:
    return _unusable(f"This video is longer than {MAX_SECONDS // 3600} hours.", "Upload a shorter one.")


def _unusable(message: str, next_step: str = _AGAIN) -> InvalidInput:
    return InvalidInput(message, next_step=next_step, field="upload")
