"""Paints without any vendor: posters set from the post's own words in the brand's colours."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from services.images.choice import OFFLINE
from services.images.colour import READABLE, extreme, luminance, mix, ratio
from services.images.lettering import font
from services.images.posters import compose, reduced
from services.ports.models import Painted

if TYPE_CHECKING:
    from PIL.Image import Image as PictureImage

    from services.images.lettering import Run
    from services.images.styles.plan import Poster
    from services.ports.models import PictureTask
    from services.ports.workers import Workers

MAX_BYTES: Final = 1_000_000
_VEIL: Final = (0.35, 0.6, 0.8, 1.0)
"""How far the ground behind a line goes towards one colour when nothing else makes it readable."""
_COLOURS: Final = 1 << 15
"""More would cost more to count than it tells."""
_SAID: Final = 240
"""Letters of the headline in the words for those who can't see it."""


class OfflinePainter:
    """`ImageModel` without a network: the same task always gives the same bytes."""

    def __init__(self, workers: Workers) -> None:
        """Pixels are set in a worker, so that no click waits for them."""
        self._workers = workers

    @property
    def name(self) -> str:
        """See `ImageModel.name`."""
        return OFFLINE

    async def paint(self, task: PictureTask) -> Painted:
        """See `ImageModel.paint`; never refuses, and always has exactly the size asked for."""
        return await self._workers.run(paint, task)

    async def aclose(self) -> None:
        """See `ImageModel.aclose`: nothing is open."""


def paint(task: PictureTask) -> Painted:
    """The pure core: a PNG of exactly the size asked for, its contrast measured where the letters stand; blocking."""
    from PIL import ImageDraw

    poster, notes = compose(task)
    ground = reduced(poster)
    runs = [_secured(ground, run) for run in poster.runs]
    contrast = min((_measured(ground, run) for run in runs), default=None)
    draw = ImageDraw.Draw(ground)
    for run in runs:
        draw.text((run.x, run.y), run.text, font=font(run.face, run.size), fill=run.fill, anchor="ls")
    return Painted(
        data=_encoded(ground),
        alt=_alt(poster),
        contrast=None if contrast is None else round(contrast, 2),
        notes=notes,
    )


def _alt(poster: Poster) -> str:
    if not poster.said:
        return _capital(f"{poster.shows}.")
    said = poster.said if len(poster.said) <= _SAID else poster.said[:_SAID].rsplit(" ", 1)[0] + "…"
    return f"Headline “{said}” over {poster.shows}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _secured(ground: PictureImage, run: Run) -> Run:
    """The run with a colour that can be read there; changes the ground behind it when no colour can."""
    from PIL import Image

    if _measured(ground, run) >= READABLE:
        return run
    low, high = _lights(ground, run)
    goal = extreme((low + high) / 2)
    for step in range(1, 11):
        moved = replace(run, fill=mix(run.fill, goal, step / 10))
        if _measured(ground, moved) >= READABLE:
            return moved
    behind = _corners(ground, run)
    plain = ground.crop(behind)
    flat = Image.new("RGB", plain.size, extreme(luminance(goal)))
    for share in _VEIL:
        ground.paste(Image.blend(plain, flat, share), behind)
        if _measured(ground, replace(run, fill=goal)) >= READABLE:
            break
    return replace(run, fill=goal)


def _measured(ground: PictureImage, run: Run) -> float:
    """The lowest WCAG ratio of the run's colour against any pixel behind it."""
    low, high = _lights(ground, run)
    light = luminance(run.fill)
    return 1.0 if low < light < high else min(ratio(light, low), ratio(light, high))


def _lights(ground: PictureImage, run: Run) -> tuple[float, float]:
    """The darkest and the lightest luminance behind a run."""
    from PIL.Image import Resampling

    behind = ground.crop(_corners(ground, run))
    while (found := behind.getcolors(_COLOURS)) is None:  # more colours than the table holds: every second pixel
        behind = behind.resize((max(1, behind.width // 2), max(1, behind.height // 2)), Resampling.NEAREST)
    # The ground is RGB, whose colours come as triples; the type of the library also knows greys.
    lights = [luminance((c[0], c[1], c[2])) for _, c in found if isinstance(c, tuple)]
    return min(lights), max(lights)


def _corners(ground: PictureImage, run: Run) -> tuple[int, int, int, int]:
    """The run's ink with a pixel or two around it, within the picture."""
    box = run.box
    return (
        max(0, int(box.x0) - 2),
        max(0, int(box.y0) - 2),
        min(ground.width, int(box.x1) + 3),
        min(ground.height, int(box.y1) + 3),
    )


def _encoded(image: PictureImage) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=6)
    if out.tell() > MAX_BYTES:
        out = io.BytesIO()
        image.quantize(256).save(out, "PNG", optimize=True)
    return out.getvalue()
