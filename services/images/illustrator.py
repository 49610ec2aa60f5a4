"""Makes the pictures of one draft: one for each size its networks show, painted as seldom as possible."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import structlog

from services.domain.errors import Conflict, DeskError, Unavailable
from services.domain.media import MediaItem, Picture, PictureOrigin, Slide
from services.images.brief import picture_task
from services.images.fit import fit_picture

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Mapping

    from services.domain.brand import Brand
    from services.domain.media import PictureSize, PictureWish
    from services.domain.post import Revision
    from services.ports.media import MediaFiles
    from services.ports.models import ImageModel, Painted, PictureTask
    from services.ports.workers import Workers

T = TypeVar("T")
DEADLINE: Final = 210.0
"""Seconds for all pictures of one job together; a vendor's own limit for one is shorter and says more."""
_SHARED: Final = 1.25
"""How far two shapes (width ÷ height) may differ for one painting to be cropped to both: at most a fifth is lost."""
_PNG: Final = b"\x89PNG"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What every network that shows one size takes."""

    max_bytes: int
    png: bool
    """False where one of them wants JPEG."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureOrder:
    """What is to be made, from which post."""

    brand: Brand
    revision: Revision
    wish: PictureWish
    room: Mapping[PictureSize, Room]
    """The sizes to make."""
    alt_limit: int | None
    """Characters of alt text that every network takes; None: they set no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSet:
    """The finished pictures by size, with what the painter said about them."""

    pictures: Mapping[PictureSize, Picture]
    notes: tuple[str, ...] = ()

    @property
    def slide(self) -> Slide:
        """All of them as one picture of a draft."""
        return Slide(sizes=tuple(self.pictures.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Painting:
    """What was asked of the painter and what came."""

    task: PictureTask
    painted: Painted


class Illustrator:
    """Asks the painter, crops what came and keeps the bytes."""

    def __init__(self, model: ImageModel, files: MediaFiles, workers: Workers, *, deadline: float = DEADLINE) -> None:
        """Pixels are cropped by the workers."""
        self._model = model
        self._files = files
        self._workers = workers
        self._deadline = deadline

    async def make(self, order: PictureOrder) -> PictureSet:
        """Every picture of the order. Raises `DeskError` only: whatever a model does, its caller can say it."""
        try:
            async with asyncio.timeout(self._deadline):
                return await self._make(order)
        except TimeoutError:
            raise Unavailable(f"The picture took longer than {self._deadline:g} s.") from None
        except DeskError:
            raise
        except Exception:  # noqa: BLE001 - whatever a model does, the draft must not wait for its picture for ever
            _log.exception("the painter failed")
            raise Unavailable("The painter failed unexpectedly.") from None

    async def _make(self, order: PictureOrder) -> PictureSet:
        if not order.room:  # the accounts that took one left since it was asked for
            raise Conflict("No network of this draft takes pictures any more.", next_step="It goes out without one.")
        leads = _leads(order.room)
        first = dict.fromkeys(leads.values())
        paintings = dict(zip(first, await _all(self._paint(order, size) for size in first), strict=True))
        # Lettering is set for one size: cropped to another, words would lose their ends.
        set_apart = [s for s, lead in leads.items() if s != lead and paintings[lead].painted.contrast is not None]
        paintings |= zip(set_apart, await _all(self._paint(order, size) for size in set_apart), strict=True)
        sources = {size: paintings.get(size) or paintings[lead] for size, lead in leads.items()}
        fitted = await _all(self._fitted(order, size, sources[size]) for size in order.room)
        notes = dict.fromkeys(note for source in sources.values() for note in source.painted.notes)
        return PictureSet(pictures=dict(zip(order.room, fitted, strict=True)), notes=tuple(notes))

    async def _paint(self, order: PictureOrder, size: PictureSize) -> _Painting:
        texts = tuple(v.text for v in order.revision.variants)
        task = picture_task(brand=order.brand, outline=order.revision.outline, texts=texts, wish=order.wish, size=size)
        return _Painting(task=task, painted=await self._model.paint(task))

    async def _fitted(self, order: PictureOrder, size: PictureSize, source: _Painting) -> Picture:
        room = order.room[size]
        data = await self._workers.run(fit_picture, source.painted.data, size, room.max_bytes, png=room.png)
        digest = await self._files.put(data)
        mime = "image/png" if data.startswith(_PNG) else "image/jpeg"
        origin = PictureOrigin(
            made_with=self._model.name,
            style=source.task.style,
            prompt=order.wish.prompt,
            take=order.wish.take,
            contrast=source.painted.contrast,
        )
        return Picture(
            item=MediaItem(digest=digest, mime=mime, width=size.width, height=size.height, size=len(data)),
            alt=order.wish.alt or shortened(source.painted.alt or source.task.scene, order.alt_limit),
            origin=origin,
        )


def _leads(sizes: Iterable[PictureSize]) -> dict[PictureSize, PictureSize]:
    """For each size the one that is painted for its shape: the largest of those that differ little."""
    leads: dict[PictureSize, PictureSize] = {}
    for size in sorted(sizes, key=lambda s: (-s.width * s.height, s.width)):
        near = (lead for lead in leads.values() if _alike(lead, size))
        leads[size] = next(near, size)
    return leads


def _alike(one: PictureSize, other: PictureSize) -> bool:
    ratio = (one.width * other.height) / (one.height * other.width)
    return 1 / _SHARED <= ratio <= _SHARED


def shortened(text: str, limit: int | None) -> str:
    """On one line and within the limit, cut at a word with a mark that it goes on."""
    line = " ".join(text.split())
    if limit is None or len(line) <= limit:
        return line
    cut = line[: max(limit - 1, 0)]
    head, space, _ = cut.rpartition(" ")
    return f"{head if space else cut}…"[:limit]


async def _all(works: Iterable[Coroutine[object, object, T]]) -> list[T]:
    """All of them at once; the first error only after every one has ended, so that none goes on unseen."""
    done = await asyncio.gather(*works, return_exceptions=True)
    for one in done:
        if isinstance(one, BaseException):
            raise one
    return [one for one in done if not isinstance(one, BaseException)]
