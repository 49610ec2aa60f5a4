"""Acknowledging goes first: what people asked for is begun when nobody else still waits to see that it was heard."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.ports.clock import Clock

MOMENT: Final = 0.25
"""Seconds that work waits at most, however much arrives."""


class Arrivals:
    """Counts what Slack handed over and has no answer to yet."""

    def __init__(self, clock: Clock) -> None:
        """Nothing arrived."""
        self._clock = clock
        self._open = 0
        self._none = asyncio.Event()
        self._none.set()

    @contextmanager
    def arriving(self) -> Iterator[None]:
        """While the block lasts one more has no answer."""
        self._open += 1
        self._none.clear()
        try:
            yield
        finally:
            self._open -= 1
            if not self._open:
                self._none.set()

    async def answered(self) -> None:
        """Return once everything has its answer, or after a moment."""
        if not self._open:
            return
        none = asyncio.ensure_future(self._none.wait())
        limit = asyncio.ensure_future(self._clock.sleep(MOMENT))
        try:
            await asyncio.wait({none, limit}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            none.cancel()
            limit.cancel()
