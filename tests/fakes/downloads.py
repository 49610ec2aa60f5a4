"""Files behind public addresses, without a network; and the intake that reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.domain.errors import Refused
from services.images.intake import PictureIntake
from services.media.intake import MediaIntake
from tests.fakes.workers import InlineWorkers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from services.domain.errors import DeskError
    from services.ports.clock import Clock
    from services.ports.http import Keep
    from services.ports.media import MediaFiles
    from services.ports.storage import Store
    from services.ports.workers import Workers


@dataclass
class FakeDownloads:
    """`Downloads` by a list; an address that is not on it is refused."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    fail: DeskError | None = None
    """Raised after half of the file."""
    piece: int = 1000
    meanwhile: Callable[[], Awaitable[object]] | None = None
    """Happens while a file is on its way."""

    async def fetch_file(self, url: str, keep: Keep, *, timeout: float) -> None:
        """See `Downloads.fetch_file`."""
        self.asked.append(url)
        if url not in self.files:
            raise Refused("There is nothing at this address: news.example answered 404.")
        data = self.files[url]
        if self.meanwhile is not None:
            await self.meanwhile()
        for start in range(0, len(data), self.piece):
            if self.fail is not None and start > len(data) // 2:
                raise self.fail
            await keep(data[start : start + self.piece])


def an_intake(
    store: Store,
    files: MediaFiles,
    clock: Clock,
    workers: Workers | None = None,
    downloads: FakeDownloads | None = None,
) -> MediaIntake:
    """The way in, over fakes."""
    workers = workers or InlineWorkers()
    return MediaIntake(
        store=store,
        files=files,
        clock=clock,
        workers=workers,
        pictures=PictureIntake(store, files, clock, workers),
        downloads=downloads or FakeDownloads(),
    )
