"""Telling a chat something that it did not ask for: patiently, then later, never at the cost of the rest."""

from __future__ import annotations

from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

import structlog

from services.domain.errors import DeskError, NeedsOperator, NotFound, OutcomeUnknown, RateLimited, Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from handlers.surface import Surface
    from services.ports.clock import Clock

SOON: Final = 5.0
"""Seconds that are waited for a chat's limit before the next sweep is left to try again."""
LATER: Final = timedelta(minutes=10)
"""How long something is left alone that only a person can change, or that may be up without our knowing."""
_KEPT: Final = 1000
T = TypeVar("T")
Key = tuple[str, str, str]
"""A surface, a place on it, and what was to be told there; empty for everything there."""
_log = structlog.get_logger(__name__)


class Attempts:
    """One for all chats; what went wrong is logged once until it works or is something else."""

    def __init__(self, clock: Clock) -> None:
        """Pauses go by this clock."""
        self._clock = clock
        self._until: OrderedDict[Key, datetime] = OrderedDict()
        self._said: OrderedDict[Key, str] = OrderedDict()

    async def __call__(
        self, work: Callable[[], Awaitable[T]], surface: Surface, *, where: str, what: str = ""
    ) -> T | None:
        """What `work` gives, after one pause where the chat names a short one; None when it did not work, or rests."""
        key = (surface.name, where, what)
        if any(self._until.get(k, self._clock.now()) > self._clock.now() for k in (key, _whole(key))):
            return None
        try:
            found = await self._soon(work)
        except DeskError as error:
            self._rest(key, error)
            self._tell(key, error)
            return None
        self._said.pop(key, None)
        return found

    async def _soon(self, work: Callable[[], Awaitable[T]]) -> T:
        try:
            return await work()
        except RateLimited as error:
            wait = (error.until - self._clock.now()).total_seconds()
            if wait > SOON:
                raise
        await self._clock.sleep(max(wait, 0.1))
        return await work()

    def _rest(self, key: Key, error: DeskError) -> None:
        """A place that is closed takes nothing else either; a chat that is down is tried at the next sweep."""
        match error:
            case RateLimited():
                self._keep(self._until, _whole(key), error.until)
            case NotFound() | NeedsOperator():
                self._keep(self._until, _whole(key), self._clock.now() + LATER)
            case Refused() | OutcomeUnknown():
                self._keep(self._until, key, self._clock.now() + LATER)
            case _:
                pass

    def _tell(self, key: Key, error: DeskError) -> None:
        known = self._said.get(key) == error.message
        self._keep(self._said, key, error.message)
        if known:
            return
        if isinstance(error, Refused | RateLimited):
            _log.info("a chat takes no messages there just now", surface=key[0], reason=error.message)
        else:
            _log.warning("chat could not be told", surface=key[0], reason=error.message)

    @staticmethod
    def _keep(kept: OrderedDict[Key, T], key: Key, value: T) -> None:
        kept[key] = value
        kept.move_to_end(key)
        if len(kept) > _KEPT:
            kept.popitem(last=False)


def _whole(key: Key) -> Key:
    return (*key[:2], "")
