"""Real videos for tests, made when they are asked for and kept for the length of the run."""

from __future__ import annotations

import io
import tempfile
from functools import cache
from pathlib import Path


@cache
def tiny_video(seconds: float = 1.0, size: tuple[int, int] = (64, 64)) -> bytes:
    """A silent H.264 MP4 of ten pictures a second whose index comes first."""
    import av

    width, height = size
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder) / "tiny.mp4"
        with av.open(there, "w", format="mp4", options={"movflags": "faststart"}) as container:
            stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            for number in range(max(1, round(seconds * 10))):
                frame = av.VideoFrame(width, height, "yuv420p")
                for plane in frame.planes:
                    plane.update(bytes([(37 * number + 90) % 256]) * plane.buffer_size)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return there.read_bytes()


@cache
def moving_gif(frames: int = 3, size: tuple[int, int] = (16, 12)) -> bytes:
    """A GIF that shows so many pictures one after another."""
    from PIL import Image

    out = io.BytesIO()
    first, *others = (Image.new("RGB", size, (20 * number % 256, 90, 60)) for number in range(frames))
    first.save(out, "GIF", save_all=True, append_images=others, duration=100)
    return out.getvalue()
