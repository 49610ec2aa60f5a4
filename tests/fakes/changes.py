"""Waiting until a stand-in looks the way a test expects, woken by what happens there instead of by time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")
MOMENT: Final = 0.02
"""Seconds after which is looked again all the same: what the app itself remembers makes no noise here."""


class Changes:
    """Whoever changes something notes it here; whoever waits is woken."""

    def __init__(self, story: object) -> None:
        """`story` is what a wait in vain shows, e.g. the transcript."""
        self._story = story
        self._changed = asyncio.Event()

    def note(self) -> None:
        """Wake whoever waits."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, check: Callable[[], T | None], within: float = 5.0) -> T:
        """Wait until something is true, and return it."""
        try:
            async with asyncio.timeout(within):
                while not (value := check()):
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._changed.wait(), MOMENT)
        except TimeoutError:
            raise AssertionError(f"It did not come about within {within:g} s.\n{self._story}") from None
        return value
