"""Files that somebody gave to a form, on their way from a chat: all of them or none, and which one was the trouble."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from handlers.problems import of_several
from services.domain.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from services.media.intake import MediaIntake
    from services.ports.http import Keep

WITHIN: Final = 600.0
"""Seconds for all files of one form: Discord takes answers for fifteen minutes, of which the desk needs some itself."""
T_contra = TypeVar("T_contra", contravariant=True)


class Source(Protocol[T_contra]):
    """How a chat hands over a file."""

    async def look(self, given: T_contra) -> str:
        """Where it lies, before anything is fetched; raises `InvalidInput` for what is no use."""
        ...

    async def fetch(self, url: str, keep: Keep) -> None:
        """What lies there, piece by piece; raises `InvalidInput`, `Unavailable`."""
        ...


@asynccontextmanager
async def received(
    media: MediaIntake, source: Source[T_contra], files: Sequence[T_contra], *, within: float = WITHIN
) -> AsyncIterator[tuple[Path, ...]]:
    """Where they lie while the block lasts, in their order; afterwards, and after a failure, none is left.

    All are looked at before the first is fetched. Raises `InvalidInput` (field "upload") that names which of several
    can't be had, or says that they take too long.
    """
    paths: list[Path] = []
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(within):
                urls = []
                for number, given in enumerate(files, start=1):
                    with of_several(number, len(files)):
                        urls.append(await source.look(given))
                for number, url in enumerate(urls, start=1):
                    with of_several(number, len(files)):
                        file = await stack.enter_async_context(media.receiving())
                        await source.fetch(url, file.write)
                        paths.append(await file.done())
        except TimeoutError:
            msg = f"The files took longer than {within / 60:g} minutes to arrive."
            raise InvalidInput(msg, next_step="Give fewer at once, or their addresses.", field="upload") from None
        yield tuple(paths)
