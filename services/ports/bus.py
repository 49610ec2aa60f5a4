"""How services tell that something happened without knowing who listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from services.domain.events import Event


class EventBus(Protocol):
    """Tells subscribers after a commit; a listener's error never reaches the publisher."""

    def publish(self, *events: Event) -> None:
        """Hand over and return at once."""
        ...
