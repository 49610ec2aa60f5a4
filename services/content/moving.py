"""Every limit that a network sets for a video or a document, each told exactly and at most once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from services.domain.post import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from services.domain.account import DocumentLimits, Limits, VideoLimits
    from services.domain.media import Attachment, MediaItem, VideoFacts
    from services.ports.platform import PlatformSpec

KINDS: Final = {
    "video/mp4": "MP4",
    "video/quicktime": "MOV",
    "video/webm": "WebM",
    "video/x-m4v": "M4V",
    "application/pdf": "PDF",
}
_CODECS: Final = {
    "h264": "H.264",
    "hevc": "HEVC",
    "av1": "AV1",
    "vp8": "VP8",
    "vp9": "VP9",
    "mpeg4": "MPEG-4",
    "aac": "AAC",
    "mp3": "MP3",
    "opus": "Opus",
    "vorbis": "Vorbis",
}


def attached_problems(attachment: Attachment, limits: Limits, spec: PlatformSpec) -> Iterator[Problem]:
    """What blocks in a video or a document, in the order a person would put it right."""
    item = attachment.item
    if item.video is None:
        yield from _document(item, limits.document, spec.label)
        return
    unreachable = spec.unreachable(limits, moving=True)
    if unreachable is not None:
        yield unreachable
        return
    if limits.video is None:
        yield _not_taken("videos", spec.label)
        return
    yield from _file(item, limits.video, spec.label)
    yield from _time(item.video, limits.video, spec.label)
    yield from _frame(item, limits.video, spec.label)
    yield from _making(item.video, limits.video, spec.label)
    if limits.alt_text is not None and len(attachment.alt) > limits.alt_text:
        message = f"The video's description is longer than {limits.alt_text} characters."
        yield block("alt_too_long", message, "Shorten the description.")


def _document(item: MediaItem, limits: DocumentLimits | None, label: str) -> Iterator[Problem]:
    if limits is None:
        yield _not_taken("documents", label)
        return
    if item.mime not in limits.types:
        yield block("document_kind", f"{label} does not take {kind_of(item)} documents.", _one_of(limits.types))
    if item.size > limits.size:
        yield block("document_size", _too_large("document", item.size, limits.size, label), "Export it smaller.")
    if limits.pages is not None and (item.pages or 0) > limits.pages:
        message = f"The document has {item.pages} pages; {label} takes {limits.pages}."
        yield block("document_pages", message, f"Remove {(item.pages or 0) - limits.pages}.")


def _file(item: MediaItem, limits: VideoLimits, label: str) -> Iterator[Problem]:
    if item.mime not in limits.types:
        yield block("video_kind", f"{label} does not take {kind_of(item)} videos.", _one_of(limits.types))
    if item.size > limits.size:
        yield block("video_size", _too_large("video", item.size, limits.size, label), "Export it smaller.")
    if limits.streamable and item.video is not None and not item.video.streamable:
        message = f"The video's index comes last; {label} takes it only when it comes first."
        yield block("video_index", message, "Upload it once more: the desk puts it first.")


def _time(facts: VideoFacts, limits: VideoLimits, label: str) -> Iterator[Problem]:
    if limits.seconds is None:
        return
    least, most = limits.seconds
    if facts.seconds > most:
        message = f"The video is {length(facts.seconds, up=True)} long; {label} takes {length(most)}."
        yield block("video_too_long", message, f"Cut it to {length(most)}.")
    elif facts.seconds < least:
        message = f"The video is {length(facts.seconds)} long; {label} takes them from {length(least, up=True)} on."
        yield block("video_too_short", message, "Use a longer one.")


def _frame(item: MediaItem, limits: VideoLimits, label: str) -> Iterator[Problem]:
    shape = f"The video is {item.width} × {item.height}"
    if limits.ratio is not None and not limits.ratio[0] <= item.width / max(item.height, 1) <= limits.ratio[1]:
        least, most = limits.ratio
        message = f"{shape}; {label} takes from {least:g} to {most:g} times as wide as high."
        yield block("video_shape", message, "Crop it.")
    if limits.side is not None:
        least_side, most_side = limits.side
        if min(item.width, item.height) < least_side or max(item.width, item.height) > most_side:
            message = f"{shape} pixels; {label} takes sides from {least_side:,} to {most_side:,}."
            small = min(item.width, item.height) < least_side
            yield block("video_side", message, "Export it larger." if small else _smaller(item, limits))
    if limits.width is not None and item.width > limits.width:
        message = f"The video is {item.width:,} pixels wide; {label} takes {limits.width:,}."
        yield block("video_width", message, _smaller(item, limits))
    if limits.pixels is not None and item.width * item.height > limits.pixels:
        message = f"The video has {item.width * item.height:,} pixels; {label} takes {limits.pixels:,}."
        yield block("video_pixels", message, _smaller(item, limits))


def _smaller(item: MediaItem, limits: VideoLimits) -> str:
    """The largest size of the same shape that a network takes; encoders want even numbers."""
    width, height = item.width, item.height
    by = [1.0]
    if limits.side is not None:
        by.append(limits.side[1] / max(width, height))
    if limits.width is not None:
        by.append(limits.width / width)
    if limits.pixels is not None:
        by.append(math.sqrt(limits.pixels / (width * height)))
    wide, high = (int(side * min(by) + 1e-6) // 2 * 2 for side in (width, height))
    return f"Export it at {wide} × {high} or smaller."


def _making(facts: VideoFacts, limits: VideoLimits, label: str) -> Iterator[Problem]:
    if limits.frame_rate is not None and not limits.frame_rate[0] <= facts.frame_rate <= limits.frame_rate[1]:
        least, most = limits.frame_rate
        message = f"The video has {facts.frame_rate:g} pictures a second; {label} takes from {least:g} to {most:g}."
        yield block("video_frame_rate", message, f"Export it with {min(max(30.0, least), most):g} pictures a second.")
    if limits.codecs and facts.codec not in limits.codecs:
        message = f"The video is made with {_name(facts.codec)}; {label} takes {_listed(limits.codecs)}."
        yield block("video_codec", message, f"Export it with {_name(limits.codecs[0])}.")
    if limits.audio and facts.audio and facts.audio not in limits.audio:
        message = f"The video's sound is {_name(facts.audio)}; {label} takes {_listed(limits.audio)}."
        yield block("video_audio", message, f"Export it with {_name(limits.audio[0])}.")


def length(seconds: float, *, up: bool = False) -> str:
    """As "3:12", "1:02:03", or to the tenth where it is not whole; `up` rounds that up so that excess is seen."""
    tenths = (math.ceil if up else math.floor)(round(seconds * 10, 6))
    whole, tenth = divmod(int(tenths), 10)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return f"{clock}.{tenth}" if tenth else clock


def kind_of(item: MediaItem) -> str:
    """Its kind as people call it."""
    return KINDS.get(item.mime, item.mime)


def block(code: str, message: str, fix: str) -> Problem:
    """A problem that keeps the draft from being approved."""
    return Problem(code=code, severity=Severity.BLOCK, message=message, fix=fix)


def _not_taken(what: str, label: str) -> Problem:
    return block(f"no_{what}", f"{label} takes no {what}.", "Remove it, or use a picture.")


def _too_large(what: str, size: int, most: int, label: str) -> str:
    """In bytes where a tenth of a megabyte would hide the difference."""
    near = f"{size / 1e6:,.1f}" == f"{most / 1e6:,.1f}"
    has, takes = (f"{size:,} bytes", f"{most:,}") if near else (f"{size / 1e6:,.1f} MB", f"{most / 1e6:,.1f} MB")
    return f"The {what} has {has}; {label} takes {takes}."


def _one_of(types: Sequence[str]) -> str:
    return f"Use one of {', '.join(KINDS.get(t, t) for t in types)}."


def _name(codec: str) -> str:
    return _CODECS.get(codec, codec)


def _listed(codecs: Sequence[str]) -> str:
    return ", ".join(map(_name, codecs))
