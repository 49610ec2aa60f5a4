"""What the rooms read from beyond the store, as a port: the practice networks' feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.views.feed import FeedPost, Mishap, WaitingFault


class PracticeFeed(Protocol):
    """The practice networks, looked at over their own HTTP; raises `Unavailable` where they don't answer."""

    async def posts(self, network: str = "", *, limit: int = 20) -> Sequence[FeedPost]:
        """The desk's own posts with their threads and answers, newest first within each network."""
        ...

    async def picture(self, digest: str) -> tuple[str, bytes] | None:
        """A picture's kind and bytes; None when there is none of this digest."""
        ...

    async def faults(self) -> Sequence[WaitingFault]:
        """What will still go wrong."""
        ...

    async def order(self, mishap: Mishap, network: str = "*") -> None:
        """Let this go wrong at the next call that fits."""
        ...

    async def calm(self) -> None:
        """Let nothing go wrong any more."""
        ...
