"""Paints without any vendor: posters set from the post's own words in the brand's colours."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from services.ports.models import Painted

if TYPE_CHECKING:
    from services.ports.models import PictureTask
    from services.ports.workers import Workers

OFFLINE: Final = "offline"


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
    """The pure core: a PNG of exactly the size asked for; blocking."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (task.size.width, task.size.height), task.palette.background).save(out, "PNG")
    return Painted(data=out.getvalue(), alt=f"Headline “{task.headline}”")
