"""Writes what a picture is to show from the post it belongs to, or from what a person asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.domain.media import PictureStyle
from services.ports.models import PictureTask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.domain.brand import Brand
    from services.domain.media import PictureSize, PictureWish
    from services.domain.post import Outline


def picture_task(
    *, brand: Brand, outline: Outline, texts: Sequence[str], wish: PictureWish, size: PictureSize
) -> PictureTask:
    """The task for a painter; `texts` are the variants' texts, the longest tells most. Pure."""
    return PictureTask(
        scene=wish.prompt or outline.image_idea or outline.topic,
        headline=outline.hook or outline.topic,
        signature=brand.name,
        style=wish.style or PictureStyle.PROFESSIONAL,
        size=size,
        palette=brand.palette,
        take=wish.take,
    )
