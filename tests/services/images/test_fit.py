"""A vendor's picture becomes exactly what a network shows, or a sentence says why not."""

from __future__ import annotations

import io
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.domain.errors import Unavailable
from services.domain.media import PictureSize
from services.images.fit import FIT_BYTES, fit_picture
from tests.services.images.tasks import WIDE, noise_png, opened, plain_png


@pytest.mark.parametrize(("width", "height"), [(1536, 1024), (1024, 1536), (1024, 1024), (300, 2000), (17, 9)])
def test_it_covers_the_size_exactly(width: int, height: int) -> None:
    assert opened(fit_picture(plain_png(width, height), WIDE)).size == (1600, 900)


def test_the_middle_is_what_stays() -> None:
    image = Image.new("RGB", (300, 100), "red")
    image.paste("blue", (100, 0, 200, 100))
    out = io.BytesIO()
    image.save(out, "PNG")

    fitted = opened(fit_picture(out.getvalue(), PictureSize(width=100, height=100)))

    assert (fitted.getpixel((10, 50)), fitted.getpixel((50, 50)), fitted.getpixel((90, 50))) == ((0, 0, 255),) * 3


def test_what_hardly_compresses_comes_below_the_limit() -> None:
    fitted = fit_picture(noise_png(1536, 1024), WIDE)

    assert len(fitted) <= FIT_BYTES
    assert (opened(fitted).format, opened(fitted).size) == ("JPEG", (1600, 900))


def test_flat_pictures_stay_sharp() -> None:
    assert opened(fit_picture(plain_png(), WIDE)).format == "PNG"


def test_a_network_without_png_gets_jpeg() -> None:
    assert opened(fit_picture(plain_png(), WIDE, png=False)).format == "JPEG"


def test_what_is_clear_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (50, 50), (255, 0, 0, 0)).save(out, "PNG")

    assert opened(fit_picture(out.getvalue(), WIDE)).convert("RGB").getpixel((5, 5)) == (255, 255, 255)


def test_it_is_turned_upright_and_loses_what_its_maker_wrote() -> None:
    image = Image.new("RGB", (40, 20), "red")
    image.paste("blue", (0, 10, 40, 20))
    notes = Image.Exif()
    notes[0x0112], notes[0x010F] = 6, "SecretCam"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=notes, quality=95)

    fitted = fit_picture(out.getvalue(), PictureSize(width=20, height=40))

    left = opened(fitted).convert("RGB").getpixel((2, 20))
    assert isinstance(left, tuple)
    assert left[2] > left[0]
    assert b"SecretCam" not in fitted


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is not a picture"),
        (b"<html>error</html>", "it is not a picture"),
        (b"GIF89a" + bytes(50), "it is not a picture"),
        (plain_png()[:-30], "it is damaged"),
        (plain_png(9000, 5000), "it is too large to unpack"),
    ],
)
def test_what_is_no_picture_is_told(data: bytes, reason: str) -> None:
    with pytest.raises(Unavailable) as caught:
        fit_picture(data, WIDE)

    assert caught.value.message == f"The image model's answer could not be used: {reason}."
    assert (caught.value.unchanged, caught.value.next_step) == (
        "The draft is unchanged.",
        "Try again, or upload a picture.",
    )


def test_what_goes_wrong_can_leave_a_worker() -> None:
    with pytest.raises(Unavailable) as caught:
        fit_picture(b"", WIDE)

    told = pickle.loads(pickle.dumps(caught.value))
    assert (told.message, told.unchanged, told.next_step) == (
        caught.value.message,
        "The draft is unchanged.",
        "Try again, or upload a picture.",
    )


@given(place=st.floats(0, 1, exclude_max=True), value=st.integers(0, 255), keep=st.floats(0.1, 1))
@settings(max_examples=80, deadline=None)
@pytest.mark.filterwarnings("ignore")
def test_damage_ends_in_a_picture_or_a_sentence(place: float, value: int, keep: float) -> None:
    data = bytearray(plain_png())
    data[int(place * len(data))] = value

    try:
        fitted = fit_picture(bytes(data[: int(len(data) * keep)]), PictureSize(width=90, height=50))
    except Unavailable:
        return
    assert opened(fitted).size == (90, 50)
