"""Tasks for painters, as posts make them."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image

from services.domain.brand import Palette
from services.domain.media import PictureSize, PictureStyle
from services.ports.models import PictureTask

NAVY: Final = Palette(background="#14202b", text="#efeadf", accent="#ff8a7a")
PAPER: Final = Palette(background="#faf7f1", text="#1b1a17", accent="#b3261e")
WHITE: Final = Palette(background="#ffffff", text="#ffffff", accent="#ffffff")
WIDE: Final = PictureSize(width=1600, height=900)
SIZES: Final = (
    WIDE,
    PictureSize(width=1080, height=1350),
    PictureSize(width=1200, height=627),
    PictureSize(width=1080, height=1920),
    PictureSize(width=1080, height=1080),
)
HEADLINE: Final = "Why we moved forty services to one database"
POINTS: Final = ("Measure before you move", "Move the smallest first", "Keep the old path", "Write down the cost")


def a_task(
    headline: str = HEADLINE,
    *,
    style: PictureStyle = PictureStyle.PROFESSIONAL,
    size: PictureSize = WIDE,
    palette: Palette = NAVY,
    take: int = 0,
    points: tuple[str, ...] = (),
    scene: str = "card-catalogue drawers in a bright archive",
    signature: str = "DriftSeas",
) -> PictureTask:
    return PictureTask(
        scene=scene,
        headline=headline,
        points=points,
        signature=signature,
        style=style,
        size=size,
        palette=palette,
        take=take,
    )


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def noise_png(width: int, height: int) -> bytes:
    """A picture that hardly compresses."""
    out = io.BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(out, "PNG", compress_level=1)
    return out.getvalue()


def plain_png(width: int = 64, height: int = 64, colour: str = "#336699") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "PNG")
    return out.getvalue()
