"""Events inside one process: told after the commit, and no listener can hurt the teller."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.domain.events import Event

_log = structlog.get_logger(__name__)


class InProcessBus:
    """`EventBus` that calls its subscribers in order, at once."""

    def __init__(self) -> None:
        """Nobody listens yet."""
        self._listeners: list[Callable[[Event], None]] = []

    def subscribe(self, listener: Callable[[Event], None]) -> None:
        """Hear every event from now on; a listener returns quickly and starts a task for anything slow."""
        self._listeners.append(listener)

    def publish(self, *events: Event) -> None:
        """Tell everybody; an error of one is logged and the others are still told."""
        for event in events:
            for listener in tuple(self._listeners):
                try:
                    listener(event)
                except Exception:  # noqa: BLE001 - whatever a listener does, the others are still told
                    _log.exception("a listener failed", event_type=type(event).__name__)
