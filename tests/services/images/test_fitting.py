"""Pictures fitted to networks: as little as possible is lost, and what comes out is always taken."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.content.attachments import picture_problems
from services.domain.account import Account, Limits
from services.domain.ids import AccountId, Digest
from services.domain.media import MediaItem, Picture, Slide
from services.images.fitting import Fit, Fitter, fit_for, fitted_picture, shape_of
from tests.builders import a_variant
from tests.fakes.files import MemoryFiles
from tests.fakes.workers import InlineWorkers
from tests.services.content.support import PLATFORMS, SPECS, account

TERSE: Final = SPECS[0]
ALL: Final = ("image/jpeg", "image/png", "image/webp", "image/gif")


def a_picture(width: int = 80, height: int = 60, kind: str = "PNG", *, noise: bool = False, **options: Any) -> bytes:
    """Red on the left and blue on the right, so that a cut is seen; or noise, which no encoder makes small."""
    if noise:
        image = Image.effect_noise((width, height), 120).convert("RGB")
    else:
        image = Image.new("RGB", (width, height), "red")
        image.paste((0, 0, 255), (width // 2, 0, width, height))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def item_of(data: bytes) -> MediaItem:
    with Image.open(io.BytesIO(data)) as image:
        mime = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}[image.format or ""]
        return MediaItem(digest=Digest("0"), mime=mime, width=image.width, height=image.height, size=len(data))


def limits(**more: Any) -> Limits:
    return Limits(**{"text": 300, "unit": "characters", **more})


def fitted(data: bytes, **more: Any) -> tuple[MediaItem, bytes]:
    """What comes out, which has no problem left."""
    taken = limits(**more)
    fit = fit_for(item_of(data), taken, TERSE)
    assert fit is not None
    made = fitted_picture(data, fit)
    assert made is not None
    item = item_of(made.data)
    assert (item.mime, item.width, item.height) == (made.mime, made.width, made.height)
    assert picture_problems(item, taken, TERSE) == ()
    return item, made.data


def test_what_is_taken_is_left_alone() -> None:
    for kind in ("PNG", "JPEG", "WEBP", "GIF"):
        assert fit_for(item_of(a_picture(kind=kind)), limits(), TERSE) is None
    within = limits(image_ratio=(1.0, 2.0), image_bytes=1_000_000, image_pixels=10_000)
    assert fit_for(item_of(a_picture()), within, TERSE) is None


@pytest.mark.parametrize(
    ("size", "ratio", "out"),
    [
        ((90, 160), (0.8, 1.91), (90, 112)),
        ((160, 40), (0.8, 1.91), (76, 40)),
        ((1080, 1920), (0.8, 1.91), (1080, 1350)),
        ((100, 100), (0.8, 1.91), None),
    ],
)
def test_a_shape_is_cut_to_the_nearest_that_is_taken(
    size: tuple[int, int], ratio: tuple[float, float], out: tuple[int, int] | None
) -> None:
    data = a_picture(*size)
    if out is None:
        assert fit_for(item_of(data), limits(image_ratio=ratio), TERSE) is None
        return
    item, _ = fitted(data, image_ratio=ratio)
    assert (item.width, item.height, item.mime) == (*out, "image/png")


def test_it_is_cut_evenly_around_the_middle() -> None:
    _, data = fitted(a_picture(160, 40), image_ratio=(0.5, 1.0))
    with Image.open(io.BytesIO(data)) as image:
        assert [image.getpixel((x, 20)) for x in (5, 35)] == [(255, 0, 0), (0, 0, 255)]


@pytest.mark.parametrize(
    ("kind", "types", "mime"),
    [
        ("PNG", ("image/jpeg",), "image/jpeg"),
        ("WEBP", ("image/jpeg", "image/png"), "image/jpeg"),
        ("WEBP", ("image/png",), "image/png"),
        ("GIF", ("image/jpeg", "image/png"), "image/jpeg"),
        ("JPEG", ("image/webp",), "image/webp"),
    ],
)
def test_a_kind_that_is_not_taken_becomes_one_that_is(kind: str, types: tuple[str, ...], mime: str) -> None:
    assert fitted(a_picture(kind=kind), image_types=types)[0].mime == mime


def test_a_network_that_takes_no_kind_we_can_make_is_left_to_the_checks() -> None:
    assert fit_for(item_of(a_picture()), limits(image_types=("image/gif",)), TERSE) is None


def test_quality_goes_before_size() -> None:
    noise = a_picture(400, 300, "JPEG", noise=True, quality=95)
    item, data = fitted(noise, image_bytes=len(noise) - 10_000)
    assert (item.width, item.height) == (400, 300)
    small, _ = fitted(noise, image_bytes=20_000)
    assert small.width < 400
    assert small.width / small.height == pytest.approx(4 / 3, rel=0.02)
    assert len(data) > 20_000


def test_a_large_png_becomes_a_jpeg_where_that_is_taken_and_a_smaller_png_where_not() -> None:
    noise = a_picture(300, 200, noise=True)
    assert fitted(noise, image_bytes=60_000)[0].mime == "image/jpeg"
    assert fitted(noise, image_bytes=60_000, image_types=("image/png",))[0].mime == "image/png"


def test_too_many_pixels_are_scaled() -> None:
    item, _ = fitted(a_picture(400, 300), image_pixels=30_000)
    assert (item.width, item.height) == (200, 150)


def test_an_animation_is_never_cut_down_to_one_frame() -> None:
    moving = a_picture(kind="GIF", save_all=True, append_images=[Image.new("RGB", (80, 60), "green")])
    fit = fit_for(item_of(moving), limits(image_types=("image/jpeg",)), TERSE)
    assert fit is not None
    assert fitted_picture(moving, fit) is None


def test_what_shows_through_becomes_white() -> None:
    clear = Image.new("RGBA", (80, 60), (0, 0, 0, 0))
    out = io.BytesIO()
    clear.save(out, "PNG")
    _, data = fitted(out.getvalue(), image_types=("image/jpeg",))
    with Image.open(io.BytesIO(data)) as image:
        assert image.getpixel((40, 30)) == (255, 255, 255)
    _, kept = fitted(out.getvalue(), image_types=("image/png",), image_pixels=2000)
    with Image.open(io.BytesIO(kept)) as image:
        assert image.mode == "RGBA"


def test_damage_is_left_to_the_checks() -> None:
    fit = Fit(width=8, height=6, types=("image/jpeg",), max_bytes=1000, ratio=None)
    assert fitted_picture(b"hello", fit) is None


wishes = st.fixed_dictionaries(
    {
        "image_types": st.sets(st.sampled_from(ALL[:3]), min_size=1).map(lambda found: tuple(sorted(found))),
        "image_ratio": st.none() | st.sampled_from([(0.8, 1.91), (0.1, 10.0), (1.0, 1.0)]),
        "image_bytes": st.none() | st.integers(2_000, 40_000),
        "image_pixels": st.none() | st.integers(100, 50_000),
    }
)


@settings(max_examples=60)
@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"]), wishes)
def test_whatever_the_picture_what_comes_out_is_taken(
    width: int, height: int, kind: str, wanted: dict[str, Any]
) -> None:
    data, taken = a_picture(width, height, kind), limits(**wanted)
    fit = fit_for(item_of(data), taken, TERSE)
    if fit is None:
        assert picture_problems(item_of(data), taken, TERSE) == ()
        return
    made = fitted_picture(data, fit)
    assert made is not None
    assert picture_problems(item_of(made.data), taken, TERSE) == ()
    assert made.width <= width
    assert made.height <= height


@pytest.mark.parametrize(
    ("width", "height", "told"),
    [(1080, 1350, "4:5"), (1000, 1000, "1:1"), (1910, 1000, "1.91:1"), (1080, 1920, "9:16"), (1, 10, "1:10")],
)
def test_a_shape_is_told_as_people_say_it(width: int, height: int, told: str) -> None:
    assert shape_of(width, height) == told


class Shelf:
    """A fitter over files, with what it is asked for."""

    def __init__(self) -> None:
        self.files, self.workers = MemoryFiles(), InlineWorkers()
        self.fitter = Fitter(self.files, self.workers, PLATFORMS)

    async def picture(self, data: bytes) -> Picture:
        return Picture(item=replace(item_of(data), digest=await self.files.put(data)), alt="A field")

    async def fitted(self, picture: Picture, *accounts: Account) -> dict[AccountId, Picture]:
        """What each account shows of it."""
        variants = [a_variant(account_id=a.id, platform=a.platform) for a in accounts]
        fits = await self.fitter.fits((Slide(sizes=(picture,)),), variants, {a.id: a for a in accounts})
        return {account_id: fit for (account_id, _), fit in fits.items()}


def narrow(slug: str, **more: Any) -> Account:
    return account(slug, limits=limits(**more))


async def test_networks_that_want_the_same_share_a_picture_and_others_keep_theirs() -> None:
    shelf = Shelf()
    picture = await shelf.picture(a_picture(90, 160))
    wants = {"image_ratio": (0.8, 1.91), "image_types": ("image/jpeg",)}
    accounts = [narrow("terse", **wants), narrow("middle", **wants), narrow("roomy")]

    found = await shelf.fitted(picture, *accounts)

    assert shelf.workers.done == ["fitted_picture"]
    first = found[AccountId("acc-terse")]
    assert first == found[AccountId("acc-middle")]
    assert found[AccountId("acc-roomy")] is picture
    assert (first.fitted, first.alt, first.item.mime) == ("cropped to 4:5, as a JPEG", "A field", "image/jpeg")
    assert first.item.size == len(shelf.files.kept[first.item.digest])


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"image_pixels": 1000}, "made smaller"),
        ({"image_types": ("image/jpeg",)}, "as a JPEG"),
        ({"image_ratio": (1.0, 1.0)}, "cropped to 1:1"),
    ],
)
async def test_what_was_done_is_told(more: dict[str, Any], told: str) -> None:
    shelf = Shelf()
    found = await shelf.fitted(await shelf.picture(a_picture()), narrow("terse", **more))
    assert found[AccountId("acc-terse")].fitted == told


async def test_what_cannot_be_fitted_stays_and_a_network_without_pictures_is_left_out() -> None:
    shelf = Shelf()
    moving = a_picture(kind="GIF", save_all=True, append_images=[Image.new("RGB", (80, 60), "green")])
    picture = await shelf.picture(moving)
    jpeg, none = narrow("terse", image_types=("image/jpeg",)), narrow("middle", images=0, image_types=("image/jpeg",))
    assert await shelf.fitted(picture, jpeg, none) == {jpeg.id: picture}
