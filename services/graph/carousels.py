"""The items of a carousel: each a container of its own, made and finished before the one that shows them together.

Source: developers.facebook.com, "Content publishing" of the Instagram platform and Threads "Posts", 2026. Instagram
lets an account make 400 containers a day, so what was made is kept; what came to nothing is made anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.domain.errors import RateLimited, Refused, Unavailable
from services.domain.media import attachments_of
from services.graph.errors import NotReady, Slow

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence
    from typing import TypeVar

    from services.domain.account import Limits
    from services.domain.media import Medium
    from services.graph.containers import Containers, Patience

    T = TypeVar("T")

_ITEM: Final = "item "
"""Before the place of an item, counted from 1: under what its container's id is kept."""


def refuse_too_many(media: Sequence[Medium], limits: Limits, label: str) -> None:
    """Raise `Refused` for more than an account shows in one post."""
    if attachments_of(media):
        what, most = "pictures and videos", max(limits.mixed, 1)
    else:
        what, most = "pictures", limits.images
    if len(media) > most:
        raise Refused(f"{len(media)} {what}, {label} takes {most}.", fix="Leave some out.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Carousels:
    """Makes them for one account."""

    containers: Containers
    user_id: str

    async def ready(self, items: Sequence[Mapping[str, str]], handles: Mapping[str, str]) -> dict[str, str]:
        """The items' containers by name, in order, all finished; those among `handles` are not made again.

        The network works on all of them at once, so they share one turn's patience. `Unavailable` and `RateLimited`
        with those that the next try goes on from; `Refused` says which of them the network does not take.
        """
        patience, names = self.containers.patience(), [f"{_ITEM}{place}" for place, _ in enumerate(items, 1)]
        there = {name: handles[name] for name in names if name in handles}
        try:
            for name, fields in zip(names, items, strict=True):
                if name not in there:
                    there[name] = await self._made(name, fields, patience, len(items))
            await self._finished(there, patience, len(items))
        except (Unavailable, RateLimited) as error:
            error.handles = there
            raise
        return {name: there[name] for name in names}

    async def _made(self, name: str, fields: Mapping[str, str], patience: Patience, count: int) -> str:
        if patience.over:
            raise self.containers.slow()
        return await _named(name, count, self.containers.make(self.user_id, fields))

    async def _finished(self, there: dict[str, str], patience: Patience, count: int) -> None:
        """Wait for all; those that can't be used any more are taken out of `there` before the first of them is told."""
        lost: NotReady | None = None
        for name, container in list(there.items()):
            try:
                await _named(name, count, self.containers.finished(container, patience))
            except Slow:
                raise
            except NotReady as error:
                del there[name]
                lost = lost or error
        if lost is not None:
            raise lost


async def _named(name: str, count: int, work: Awaitable[T]) -> T:
    """Say of a refusal which of several it is about."""
    try:
        return await work
    except Refused as refusal:
        place = name.removeprefix(_ITEM)
        raise Refused(f"Number {place} of {count}: {refusal.message}", fix=refusal.fix) from refusal
