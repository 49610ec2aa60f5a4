"""Tiny real videos and documents, made once for each run and never kept in the repository."""

from __future__ import annotations

import io
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CODECS: Final = {
    "matroska": ("libx264", "aac"),
    "mp4": ("libx264", "aac"),
    "mov": ("libx264", "aac"),
    "webm": ("libvpx-vp9", "libopus"),
}
_RATE: Final = 10


@cache
def tiny_video(seconds: float = 1.0, size: tuple[int, int] = (64, 64), rate: int = _RATE) -> bytes:
    """A silent MP4 with H.264 of `rate` pictures a second, its index first, that brightens from black."""
    return a_video(seconds=seconds, size=size, rate=rate, movflags="faststart")


def a_video(
    *,
    seconds: float = 1.0,
    size: tuple[int, int] = (64, 64),
    rate: int = _RATE,
    container: str = "mp4",
    codec: str = "",
    sound: bool = False,
    turned: int = 0,
    metadata: Mapping[str, str] | None = None,
    movflags: str = "",
) -> bytes:
    """A video made to order; `turned` counterclockwise in degrees, as a phone notes how it was held."""
    import av

    video_codec, audio_codec = _CODECS[container]
    options = {"movflags": movflags} if movflags else {}
    with TemporaryDirectory() as folder:  # its index can only be put first in a real file
        path = Path(folder) / "video"
        with av.open(str(path), "w", format=container, options=options) as file:
            file.metadata.update(metadata or {})
            stream: Any = file.add_stream(codec or video_codec, rate=rate)
            stream.width, stream.height = size
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            if turned:
                stream.set_display_rotation(turned)
            voice: Any = file.add_stream(audio_codec, rate=48_000, layout="mono") if sound else None
            count = max(1, round(seconds * rate))
            for number in range(count):
                for packet in stream.encode(_frame(number, size, count, rate)):
                    file.mux(packet)
            if voice is not None:
                for packet in [*voice.encode(_silence(seconds)), *voice.encode()]:
                    file.mux(packet)
            for packet in stream.encode():
                file.mux(packet)
        return path.read_bytes()


def swelling_video(times: int = 50) -> bytes:
    """A small MP4 whose index names the same bytes as many pictures: copied as told, it would grow that many times."""
    data = a_video(movflags="")
    mdat, moov = data.index(b"mdat") - 4, data.index(b"moov") - 4  # in this order, so that offsets stay true
    size = moov - mdat - 8

    def table(kind: bytes, body: bytes) -> bytes:
        if kind == b"stsz":
            return bytes(4) + size.to_bytes(4, "big") + times.to_bytes(4, "big")
        if kind == b"stsc":
            return bytes(4) + b"".join(n.to_bytes(4, "big") for n in (1, 1, 1, 1))
        if kind == b"stco":
            return bytes(4) + times.to_bytes(4, "big") + (mdat + 8).to_bytes(4, "big") * times
        if kind == b"stts":
            return bytes(4) + b"".join(n.to_bytes(4, "big") for n in (1, times, 1024))
        return b"" if kind in {b"ctts", b"stss", b"sdtp"} else body

    return data[:moov] + _rebuilt(data[moov:], table)


def _rebuilt(boxes: bytes, table: Callable[[bytes, bytes], bytes]) -> bytes:
    """Boxes within boxes, each with the size of what it holds now; one that holds nothing is left out."""
    out, place = b"", 0
    while place < len(boxes):
        length, kind = int.from_bytes(boxes[place : place + 4], "big"), boxes[place + 4 : place + 8]
        body = boxes[place + 8 : place + length]
        inner = kind in {b"moov", b"trak", b"mdia", b"minf", b"stbl"}
        body = _rebuilt(body, table) if inner else table(kind, body)
        out += (len(body) + 8).to_bytes(4, "big") + kind + body if body else b""
        place += length
    return out


def _frame(number: int, size: tuple[int, int], count: int, rate: int) -> Any:
    """The upper half red, so that a test sees which way up it is."""
    import av
    import numpy as np
    from PIL import Image

    light = 55 + 200 * number // max(count - 1, 1)
    image = Image.new("RGB", size, (0, 0, light))
    image.paste((light, 0, 0), (0, 0, size[0], size[1] // 2))
    frame: Any = av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24")
    frame.pts, frame.time_base = number, Fraction(1, rate)
    return frame


def _silence(seconds: float) -> Any:
    import av
    import numpy as np

    frame = av.AudioFrame.from_ndarray(np.zeros((1, round(48_000 * seconds)), "float32"), format="fltp", layout="mono")
    frame.sample_rate, frame.pts = 48_000, 0
    return frame


def a_pdf(pages: int = 2, *, password: str = "") -> bytes:
    """A document of empty pages."""
    from pypdf import PdfWriter

    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@cache
def moving_gif(frames: int = 3, size: tuple[int, int] = (16, 12)) -> bytes:
    """A GIF that shows so many pictures one after another."""
    from PIL import Image

    out = io.BytesIO()
    first, *others = (Image.new("RGB", size, (20 * number % 256, 90, 60)) for number in range(frames))
    first.save(out, "GIF", save_all=True, append_images=others, duration=100)
    return out.getvalue()
