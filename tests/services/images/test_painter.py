"""The offline painter: exact sizes, the same bytes again, words that can be read, no box where a letter is missing."""

from __future__ import annotations

import itertools
import pickle
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from services.domain.brand import Palette
from services.domain.media import PictureSize, PictureStyle
from services.fonts import HEAD
from services.images.colour import READABLE, contrast
from services.images.lettering import Run
from services.images.painter import MAX_BYTES, OfflinePainter, _measured, _secured, paint
from services.images.posters import compose
from tests.fakes.workers import InlineWorkers
from tests.services.images.tasks import HEADLINE, NAVY, PAPER, POINTS, SIZES, WHITE, a_task, opened

STYLES = list(PictureStyle)
colour = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
palettes = st.builds(Palette, background=colour, text=colour, accent=colour)


def difference(one: bytes, other: bytes) -> float:
    """Mean difference of two pictures, 0 to 255."""
    means = ImageStat.Stat(ImageChops.difference(opened(one).convert("RGB"), opened(other).convert("RGB"))).mean
    return sum(means) / 3


async def test_it_is_an_image_model_named_offline() -> None:
    painter = OfflinePainter(InlineWorkers())

    painted = await painter.paint(a_task())
    await painter.aclose()

    assert painter.name == "offline"
    assert opened(painted.data).format == "PNG"


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size.width}x{size.height}")
def test_the_size_is_exact_and_the_file_small(style: PictureStyle, size: PictureSize) -> None:
    painted = paint(a_task(style=style, size=size, points=POINTS))

    assert opened(painted.data).size == (size.width, size.height)
    assert len(painted.data) < MAX_BYTES / 2
    assert painted.contrast is not None
    assert painted.contrast >= READABLE
    assert painted.notes == ()


@pytest.mark.parametrize("style", STYLES)
def test_the_same_task_gives_the_same_bytes(style: PictureStyle) -> None:
    assert paint(a_task(style=style)).data == paint(a_task(style=style)).data


def test_the_work_can_be_sent_to_another_process() -> None:
    task = a_task(style=PictureStyle.MINIMAL)

    fn, sent = pickle.loads(pickle.dumps((paint, task)))

    assert fn is paint
    assert pickle.loads(pickle.dumps(fn(sent))) == paint(task)


@pytest.mark.parametrize("style", STYLES)
def test_another_take_is_clearly_another_picture(style: PictureStyle) -> None:
    takes = [paint(a_task(style=style, take=take)).data for take in range(4)]

    assert min(difference(one, other) for one, other in itertools.pairwise(takes)) > 8


def test_the_styles_are_clearly_different() -> None:
    pictures = [paint(a_task(style=style, points=POINTS)).data for style in STYLES]

    pairs = [(a, b) for n, a in enumerate(pictures) for b in pictures[n + 1 :]]
    assert min(difference(a, b) for a, b in pairs) > 4


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size.width}x{size.height}")
@pytest.mark.parametrize("take", [0, 1, 2, 3, 4, 5])
def test_words_keep_six_per_cent_away_from_every_edge(style: PictureStyle, size: PictureSize, take: int) -> None:
    poster, _ = compose(a_task(f"{HEADLINE} and what it cost us", style=style, size=size, points=POINTS, take=take))

    assert poster.runs
    for run in poster.runs:
        assert run.box.x0 >= size.width * 0.06 - 1
        assert run.box.y0 >= size.height * 0.06 - 1
        assert run.box.x1 <= size.width * 0.94 + 1
        assert run.box.y1 <= size.height * 0.94 + 1


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("take", [0, 1, 2, 3, 4, 5])
def test_words_do_not_run_into_each_other(style: PictureStyle, take: int) -> None:
    for size in SIZES:
        poster, _ = compose(a_task(style=style, size=size, points=POINTS, take=take))
        boxes = [run.box for run in poster.runs]
        for n, one in enumerate(boxes):
            for other in boxes[n + 1 :]:
                wide = min(one.x1, other.x1) - max(one.x0, other.x0)
                high = min(one.y1, other.y1) - max(one.y0, other.y0)
                # Descenders may reach into the line below, as set type does.
                assert wide <= 2 or high <= min(one.y1 - one.y0, other.y1 - other.y0) * 0.45


@given(
    palette=palettes,
    style=st.sampled_from(STYLES),
    take=st.integers(0, 7),
    headline=st.text(max_size=80),
    sides=st.tuples(st.integers(200, 700), st.integers(200, 700)),
)
@settings(max_examples=60, deadline=None)
def test_any_palette_and_any_words_give_a_picture_that_can_be_read(
    palette: Palette, style: PictureStyle, take: int, headline: str, sides: tuple[int, int]
) -> None:
    size = PictureSize(width=sides[0], height=sides[1])
    points = tuple(headline[n : n + 30] for n in range(0, len(headline), 16))
    painted = paint(a_task(headline, palette=palette, style=style, take=take, size=size, points=points))

    assert opened(painted.data).size == (size.width, size.height)
    assert painted.contrast is None or painted.contrast >= READABLE
    assert painted.alt


def test_white_on_white_is_corrected() -> None:
    painted = paint(a_task(palette=WHITE))

    seen = opened(painted.data).convert("RGB").getcolors(1 << 20) or []
    colours = [c for _, c in seen if isinstance(c, tuple)]
    assert max(contrast((255, 255, 255), (c[0], c[1], c[2])) for c in colours) > 10
    assert painted.contrast is not None
    assert painted.contrast >= READABLE


def test_the_contrast_told_is_the_one_in_the_picture() -> None:
    """Professional posters have a flat ground: its letters' full colours can be read off the picture."""
    painted = paint(a_task("Hi", palette=PAPER, signature=""))

    assert painted.contrast == pytest.approx(contrast((0x1B, 0x1A, 0x17), (0xFA, 0xF7, 0xF1)), abs=0.01)


@pytest.mark.parametrize("fill", [(255, 255, 255), (0, 0, 0), (128, 128, 128), (255, 138, 122)])
def test_a_ground_no_ink_can_be_read_on_is_changed(fill: tuple[int, int, int]) -> None:
    chance = random.Random(3)
    ground = Image.frombytes("RGB", (400, 200), chance.randbytes(400 * 200 * 3))
    run = Run(text="Over noise", x=40, y=120, face=HEAD, size=60, fill=fill)
    assert _measured(ground, run) < READABLE

    secured = _secured(ground, run)

    assert _measured(ground, secured) >= READABLE


def test_words_the_faces_lack_are_left_out_and_told() -> None:
    task = a_task("数据库迁移完成", style=PictureStyle.ARTISTIC)

    painted = paint(task)

    assert painted.notes == (
        "The bundled typefaces lack some letters of this headline, so the picture carries no words.",
    )
    assert [run.text for run in compose(task)[0].runs] == ["DriftSeas"]
    assert "数据库" not in painted.alt


def test_a_name_that_cannot_be_set_leaves_no_trace() -> None:
    painted = paint(a_task("数据库迁移完成", signature="漂流海"))

    assert painted.contrast is None
    assert compose(a_task("数据库迁移完成", signature="漂流海"))[0].runs == []


def test_emoji_are_left_out_and_told() -> None:
    task = a_task("Launch day 🚀 is here")

    painted = paint(task)

    assert painted.notes == ("Emoji and symbols are left out of the picture's lettering.",)
    assert painted.alt.startswith("Headline “Launch day is here” over ")


def test_without_a_headline_it_is_a_picture_all_the_same() -> None:
    painted = paint(a_task("", signature="", style=PictureStyle.MINIMAL))

    assert (painted.contrast, painted.notes) == (None, ())
    assert painted.alt[0].isupper()
    assert "empty dark blue ground" in painted.alt


def test_the_alt_text_says_the_headline_and_what_is_behind_it() -> None:
    plain = paint(a_task("Ship less", palette=NAVY)).alt
    told = paint(a_task("Ship less", style=PictureStyle.INFOGRAPHIC, points=POINTS[:2])).alt

    assert plain.startswith("Headline “Ship less” over a calm dark blue ground")
    assert told == (
        "Headline “Ship less” over 2 numbered points on dark blue: "
        "1 Measure before you move; 2 Move the smallest first."
    )


def test_an_infographic_without_points_sets_its_number_large() -> None:
    task = a_task("Latency fell 42% after one index", style=PictureStyle.INFOGRAPHIC)

    runs = compose(task)[0].runs

    assert max(runs, key=lambda run: run.size).text == "42%"
    assert "the figure 42%" in paint(task).alt


def test_at_most_four_points_are_set() -> None:
    runs = compose(a_task(style=PictureStyle.INFOGRAPHIC, points=(*POINTS, "A fifth one")))[0].runs

    assert [run.text for run in runs if run.text in {"1", "2", "3", "4", "5"}] == ["1", "2", "3", "4"]
