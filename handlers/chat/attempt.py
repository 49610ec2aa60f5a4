"""Telling a chat something that it did not ask for: once, patiently for a moment, and never at the cost of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import structlog

from services.domain.errors import DeskError, RateLimited, Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from handlers.surface import Surface
    from services.ports.clock import Clock

SOON: Final = 5.0
"""Seconds that are waited for a chat's limit before the next sweep is left to try again."""
T = TypeVar("T")
_log = structlog.get_logger(__name__)


async def attempt(work: Callable[[], Awaitable[T]], surface: Surface, clock: Clock) -> T | None:
    """What `work` gives, after one pause where the chat names a short one; None when it did not work."""
    try:
        return await work()
    except RateLimited as error:
        wait = (error.until - clock.now()).total_seconds()
        if wait > SOON:
            _log.info("chat wants a pause", surface=surface.name, seconds=round(wait))
            return None
    except DeskError as error:
        _tell(surface, error)
        return None
    await clock.sleep(max(wait, 0.1))
    try:
        return await work()
    except DeskError as error:
        _tell(surface, error)
        return None


def _tell(surface: Surface, error: DeskError) -> None:
    if isinstance(error, Refused):
        _log.info("a person takes no messages", surface=surface.name, reason=error.message)
    else:
        _log.warning("chat could not be told", surface=surface.name, reason=error.message)
