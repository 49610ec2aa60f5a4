"""Videos and moving GIFs are known by their bytes."""

from __future__ import annotations

import io
from typing import Literal

import pytest

from bot.practice.pictures import gif_frames
from bot.practice.videos import watch
from tests.media_samples import moving_gif, tiny_video


def encoded(kind: str, codec: Literal["libx264", "mpeg4", "libvpx"]) -> bytes:
    """A second of a video in another container."""
    import av

    out = io.BytesIO()
    with av.open(out, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=5)
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame(48, 32, "yuv420p")))
        container.mux(stream.encode(None))
    return out.getvalue()


def test_an_mp4_tells_size_length_pace_and_codec() -> None:
    film = watch(tiny_video(2.5, (128, 72)))
    assert film is not None
    assert (film.mime, film.width, film.height, film.codec) == ("video/mp4", 128, 72, "avc1")
    assert (film.seconds, film.frame_rate, film.broken) == (2.5, 10.0, False)


@pytest.mark.parametrize(
    ("kind", "codec", "mime"),
    [
        ("mov", "libx264", "video/quicktime"),
        ("ipod", "libx264", "video/x-m4v"),
        ("webm", "libvpx", "video/webm"),
        ("mp4", "mpeg4", "video/mp4"),
    ],
)
def test_containers_are_told_apart(kind: str, codec: Literal["libx264", "mpeg4", "libvpx"], mime: str) -> None:
    film = watch(encoded(kind, codec))
    assert film is not None
    assert (film.mime, film.broken, film.codec == "avc1") == (mime, False, codec == "libx264" and kind != "webm")


@pytest.mark.parametrize("length", [0, 4, 12, 40, 200, 800])
def test_what_is_cut_off_is_broken_or_nothing(length: int) -> None:
    film = watch(tiny_video()[:length])
    assert film is None if length < 12 else film is not None and film.broken


def test_a_box_that_claims_too_much_is_broken() -> None:
    whole = tiny_video()
    for name in (b"moov", b"trak", b"stts", b"mdhd", b"tkhd"):
        at = whole.index(name)
        film = watch(whole[: at - 4] + b"\xff\xff\xff\xff" + whole[at:])
        assert film is not None
        assert film.broken


def test_frames_of_a_gif_are_counted() -> None:
    assert [gif_frames(moving_gif(frames)) for frames in (1, 2, 7)] == [1, 2, 7]
    assert gif_frames(moving_gif()[:-30]) == 0
    assert gif_frames(b"GIF89a") == 0
    assert gif_frames(b"") == 0
