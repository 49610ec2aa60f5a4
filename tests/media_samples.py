"""Small real videos, made when they are first asked for: none is kept among the files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import av

FRAMES_A_SECOND = 24


@cache
def tiny_video(seconds: float = 1.0, size: tuple[int, int] = (64, 64)) -> bytes:
    """A silent MP4 of H.264 with its index first; sides are even."""
    with TemporaryDirectory(prefix="copydesk-video-") as folder:
        path = Path(folder) / "tiny.mp4"
        with av.open(path, "w", format="mp4", options={"movflags": "faststart"}) as container:
            stream = container.add_stream("libx264", rate=FRAMES_A_SECOND)
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            stream.options = {"preset": "ultrafast", "crf": "40", "bf": "0"}
            for number in range(round(seconds * FRAMES_A_SECOND)):
                frame = av.VideoFrame(*size, "yuv420p")
                for plane in frame.planes:
                    plane.update(bytes([number % 200]) * plane.buffer_size)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path.read_bytes()
