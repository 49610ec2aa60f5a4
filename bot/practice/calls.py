"""The last calls the practice networks received, without anything secret, for tests and for looking on."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.practice.kinds import Json, Network, Operation

WINDOW = timedelta(minutes=5)
KEPT = 500


class Calls:
    """A ring of what was asked: method and path only, never a query, a header or a body."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._ring: deque[Json] = deque(maxlen=KEPT)

    def note(self, at: datetime, network: Network, operation: Operation, seen: Json) -> None:
        """Keep one call; `seen` carries method, path, status (None when the socket was closed) and fault."""
        self._ring.append({"at": at.isoformat(), "network": network.value, "operation": operation.value, **seen})

    def list(self) -> list[Json]:
        """Answer the calls, oldest first."""
        return list(self._ring)


class Window:
    """Counts the calls of some minutes for the rate headers; practice itself never refuses for them."""

    def __init__(self, limit: int, now: Callable[[], datetime], span: timedelta = WINDOW) -> None:
        """Allow `limit` calls in a window of `span`."""
        self.limit = limit
        self._span = span
        self._now = now
        self._ends: datetime | None = None
        self._used = 0

    def spend(self) -> tuple[int, datetime]:
        """Count one call; answer what remains (at least 1, as nothing is refused) and when the window ends."""
        now = self._now()
        if self._ends is None or now >= self._ends:
            self._ends, self._used = now + self._span, 0
        self._used += 1
        return max(self.limit - self._used, 1), self._ends
