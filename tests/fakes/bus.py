"""A bus that only remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from services.domain.events import Event

E = TypeVar("E")


class FakeBus:
    """`EventBus` for tests: keeps every event in order."""

    def __init__(self) -> None:
        """Begin silent."""
        self.events: list[Event] = []

    def publish(self, *events: Event) -> None:
        """Remember."""
        self.events.extend(events)

    def of(self, kind: type[E]) -> list[E]:
        """The events of one kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]
