"""Pictures people bring: taken by what they are, made upright and anonymous, or refused in a sentence."""

from __future__ import annotations

import io
import random
import zlib
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from services.domain.errors import InvalidInput
from services.images.gif import strip_gif
from services.images.intake import MAX_BYTES, PictureIntake, clean_picture
from tests.fakes.clock import FakeClock
from tests.fakes.files import MemoryFiles
from tests.fakes.memory_store import MemoryStore
from tests.fakes.workers import InlineWorkers, P, T

ORIENTATION: Final = 0x0112
MAKER: Final = 0x010F
GPS: Final = 0x8825
PROFILE: Final = b"icc " * 40


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def a_flag() -> Image.Image:
    """Red above blue, twice as wide as high."""
    image = Image.new("RGB", (40, 20), "red")
    image.paste("blue", (0, 10, 40, 20))
    return image


def camera_notes() -> Image.Exif:
    """Held on its side, by a camera that names its maker."""
    notes = Image.Exif()
    notes[ORIENTATION] = 6
    notes[MAKER] = "SecretCam"
    return notes


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def blue(pixel: tuple[int, ...]) -> bool:
    """Blue rather than red; anything between is neither and fails."""
    red, _, other = pixel
    assert abs(red - other) > 150
    return other > red


def animation(kind: str, **options: Any) -> bytes:
    other = Image.new("RGB", (40, 20), "green")
    return encoded(a_flag(), kind, save_all=True, append_images=[other], **options)


@pytest.mark.parametrize(
    ("kind", "mime"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("GIF", "image/gif")]
)
async def test_each_kind_is_kept_as_it_is_told_by_its_content(kind: str, mime: str) -> None:
    store, files = MemoryStore(), MemoryFiles()

    item = await PictureIntake(store, files, FakeClock()).accept(encoded(a_flag(), kind))

    assert (item.mime, item.width, item.height) == (mime, 40, 20)
    assert item.size == len(files.kept[item.digest])
    assert opened(files.kept[item.digest]).format == kind
    assert await store.read(lambda tx: tx.media.get(item.digest)) == item


async def test_the_same_picture_is_kept_once() -> None:
    store, files = MemoryStore(), MemoryFiles()
    intake = PictureIntake(store, files, FakeClock())

    first, again = await intake.accept(encoded(a_flag(), "PNG")), await intake.accept(encoded(a_flag(), "PNG"))

    assert first == again
    assert len(files.kept) == 1


async def test_a_preview_is_small_and_on_white_and_a_damaged_picture_has_none() -> None:
    files = MemoryFiles()
    intake = PictureIntake(MemoryStore(), files, FakeClock())
    clear = Image.new("RGBA", (3200, 1600), (0, 0, 0, 0))
    seen = opened(await intake.preview(await files.put(encoded(clear, "PNG"))))
    assert (seen.format, seen.size) == ("JPEG", (1600, 800))
    assert seen.getpixel((800, 400)) == (255, 255, 255)
    moving = encoded(a_flag(), "GIF", save_all=True, append_images=[Image.new("RGB", (40, 20))], duration=40)
    assert opened(await intake.preview(await files.put(moving))).size == (40, 20)
    damaged = await files.put(encoded(a_flag(), "PNG")[:60])
    with pytest.raises(InvalidInput, match="damaged"):
        await intake.preview(damaged)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_it_is_turned_upright_and_what_the_camera_wrote_is_gone(kind: str) -> None:
    data = encoded(a_flag(), kind, exif=camera_notes())
    assert b"SecretCam" in data

    clean, _, width, height = clean_picture(data)

    image = opened(clean)
    assert (width, height) == image.size == (20, 40)
    assert b"SecretCam" not in clean
    assert dict(image.getexif()) == {}
    left, right = (image.convert("RGB").getpixel((x, 20)) for x in (2, 17))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert blue(left)
    assert not blue(right)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_where_it_was_taken_is_gone(kind: str) -> None:
    notes = camera_notes()
    place = notes.get_ifd(GPS)
    place[29], place[18] = "2026:03:02", "WGS-84-here"
    data = encoded(
        a_flag(), kind, exif=notes, **({"xmp": b"<x:xmpmeta>GPSLatitude 48</x:xmpmeta>"} if kind != "PNG" else {})
    )
    assert b"WGS-84-here" in data

    clean, *_ = clean_picture(data)

    assert b"WGS-84-here" not in clean
    assert b"GPSLatitude" not in clean
    assert dict(opened(clean).getexif().get_ifd(GPS)) == {}


def test_words_written_into_a_png_are_gone() -> None:
    words = PngInfo()
    words.add_text("Author", "Somebody Secret")
    words.add_itxt("XML:com.adobe.xmp", "<x>place</x>", zip=True)

    clean, *_ = clean_picture(encoded(a_flag(), "PNG", pnginfo=words))

    assert opened(clean).info == {}
    assert b"Somebody" not in clean


def test_a_palette_with_a_clear_colour_keeps_both() -> None:
    image = a_flag().convert("P", palette=Image.Palette.ADAPTIVE, colors=4)
    clear = image.getpixel((5, 15))

    clean, *_ = clean_picture(encoded(image, "PNG", transparency=clear))

    seen = opened(clean)
    assert seen.mode == "P"
    assert seen.convert("RGBA").getpixel((5, 15)) == (0, 0, 255, 0)
    assert seen.convert("RGBA").getpixel((5, 5)) == (255, 0, 0, 255)


async def test_workers_do_the_unpacking_where_there_are_some() -> None:
    class Counting(InlineWorkers):
        ran = 0

        async def run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
            self.ran += 1
            return await super().run(fn, *args, **kwargs)

    workers = Counting()
    item = await PictureIntake(MemoryStore(), MemoryFiles(), FakeClock(), workers).accept(encoded(a_flag(), "PNG"))

    assert (workers.ran, item.width) == (1, 40)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_broken_note_of_the_camera_turns_nothing() -> None:
    data = encoded(a_flag(), "JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x09")

    assert clean_picture(data)[1:] == ("image/jpeg", 40, 20)


def test_print_colours_become_screen_colours_without_their_profile() -> None:
    clean, mime, _, _ = clean_picture(encoded(a_flag().convert("CMYK"), "JPEG", icc_profile=PROFILE))

    image = opened(clean)
    assert (mime, image.mode, image.info.get("icc_profile")) == ("image/jpeg", "RGB", None)
    pixel = image.getpixel((5, 3))
    assert isinstance(pixel, tuple)
    assert not blue(pixel)


def test_a_profile_that_still_fits_stays() -> None:
    clean, *_ = clean_picture(encoded(a_flag(), "PNG", icc_profile=PROFILE))

    assert opened(clean).info["icc_profile"] == PROFILE


@pytest.mark.parametrize(("mode", "kept"), [("RGBA", "RGBA"), ("LA", "LA"), ("P", "P"), ("L", "L"), ("1", "RGB")])
def test_transparency_and_greys_survive(mode: str, kept: str) -> None:
    clean, *_ = clean_picture(encoded(a_flag().convert(mode), "PNG"))

    assert opened(clean).mode == kept


def test_sixteen_bits_become_eight_of_the_same_brightness() -> None:
    clean, *_ = clean_picture(encoded(Image.new("I;16", (4, 4), 0x8000), "PNG"))

    assert (opened(clean).mode, opened(clean).getpixel((0, 0))) == ("L", 0x80)


def test_a_phones_second_frame_is_no_animation() -> None:
    clean, mime, width, height = clean_picture(animation("MPO"))

    assert (mime, width, height) == ("image/jpeg", 40, 20)
    assert opened(clean).format == "JPEG"


def test_an_animated_gif_keeps_its_frames_and_loop_and_loses_the_rest() -> None:
    data = animation("GIF", comment=b"made by me", duration=80, loop=0)
    smuggled = b"\x21\xff\x0bXMP DataXMP\x05place\x00"
    end = data.rindex(b";")

    clean, mime, width, height = clean_picture(data[:end] + smuggled + b";<script>alert(1)</script>")

    image = opened(clean)
    assert (mime, width, height, image.n_frames) == ("image/gif", 40, 20, 2)  # type: ignore[attr-defined]  # animated files only
    assert (image.info["duration"], image.info["loop"]) == (80, 0)
    for foreign in (b"made by me", b"place", b"script"):
        assert foreign not in clean


@pytest.mark.parametrize("tail", [b"", b"\x00", b"\x2c", b"\x21\xf9\x04abc"])
def test_a_gif_that_ends_in_the_middle_is_broken(tail: bytes) -> None:
    data = animation("GIF")

    with pytest.raises((ValueError, IndexError)):
        strip_gif(data[: data.index(b"\x21\xff")] + tail)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_animations_are_refused(kind: str) -> None:
    with pytest.raises(InvalidInput, match="Animated pictures other than GIF are not supported") as caught:
        clean_picture(animation(kind))
    assert caught.value.next_step == "Upload it as a GIF, or one frame of it."


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7\n%...",
        b"PK\x03\x04....",
        b"plain words",
        b"\x00" * 64,
        encoded(a_flag(), "BMP"),
        encoded(a_flag(), "TIFF"),
        encoded(a_flag(), "ICO"),
    ],
)
def test_what_is_no_picture_of_ours_is_refused_whatever_it_is_called(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        clean_picture(data)

    assert caught.value.message == "This file is not a picture the desk can read."
    assert (caught.value.next_step, caught.value.field) == (
        "Upload a PNG, JPEG, WebP, GIF, MP4, MOV, WebM or PDF.",
        "upload",
    )


async def test_an_empty_file_says_so() -> None:
    with pytest.raises(InvalidInput, match="This file is empty"):
        await PictureIntake(MemoryStore(), MemoryFiles(), FakeClock()).accept(b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_half_a_picture_is_damaged(kind: str) -> None:
    chance = random.Random(4)
    noise = Image.frombytes("RGB", (120, 120), chance.randbytes(120 * 120 * 3))
    data = encoded(noise, kind)

    with pytest.raises(InvalidInput, match=r"damaged|not a picture"):
        clean_picture(data[: len(data) // 2])


def a_bomb(width: int, height: int) -> bytes:
    """A small PNG that claims to be huge."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    body = zlib.compress(b"\x00" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        ((8000, 5001), "This picture is 8000 × 5001 pixels; 40 million in all is the most."),
        ((12_000, 12_000), "This picture unpacks to more pixels than is safe."),
        ((60_000, 60_000), "This picture unpacks to more pixels than is safe."),
    ],
)
def test_a_picture_that_would_not_fit_into_memory_is_not_unpacked(size: tuple[int, int], sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        clean_picture(a_bomb(*size))

    assert caught.value.message == sentence


async def test_twenty_megabytes_are_the_most() -> None:
    files = MemoryFiles()
    intake = PictureIntake(MemoryStore(), files, FakeClock())
    picture = encoded(a_flag(), "PNG")

    kept = await intake.accept(picture + b"\x00" * (MAX_BYTES - len(picture)))
    with pytest.raises(InvalidInput) as caught:
        await intake.accept(picture + b"\x00" * (MAX_BYTES + 100_000 - len(picture)))

    assert kept.size < 2000
    assert caught.value.message == "This file has 20.1 MB; 20 MB is the most."
    assert list(files.kept) == [kept.digest]


SEEDS: Final = (
    encoded(a_flag(), "PNG", exif=camera_notes()),
    encoded(a_flag(), "JPEG", exif=camera_notes()),
    encoded(a_flag(), "WEBP", exif=camera_notes()),
    animation("GIF"),
    animation("MPO"),
)


@pytest.mark.filterwarnings("ignore")
@given(
    seed=st.sampled_from(SEEDS),
    damage=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=5),
    keep=st.floats(0.05, 1),
)
@settings(max_examples=250)
def test_damage_of_any_kind_ends_in_a_picture_or_a_sentence(
    seed: bytes, damage: list[tuple[float, int]], keep: float
) -> None:
    data = bytearray(seed)
    for place, value in damage:
        data[int(place * len(data))] = value

    try:
        clean, mime, width, height = clean_picture(bytes(data[: int(len(data) * keep)]))
    except InvalidInput:
        return
    assert opened(clean).size == (width, height)
    assert mime.startswith("image/")


@pytest.mark.parametrize(("frames", "side"), [(5_001, 1), (60, 6_000)])
def test_a_gif_that_unpacks_to_more_than_anybody_can_look_at_is_refused(frames: int, side: int) -> None:
    screen = b"GIF89a" + side.to_bytes(2, "little") * 2 + b"\x80\0\0" + b"\0\0\0\xff\xff\xff"
    frame = b"\x2c" + bytes(4) + b"\x01\0\x01\0\0" + b"\x02\x02\x44\x01\0"
    with pytest.raises(InvalidInput, match=f"shows {frames:,} pictures of {side} × {side} pixels"):
        clean_picture(screen + frame * frames + b";")
