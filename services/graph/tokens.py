"""Tokens of sixty days that renew themselves as long as they live: those of Threads and of Instagram Login.

Source: developers.facebook.com, "Long-lived tokens" of Threads and of Instagram Login, 2026: a token is renewed when it
is at least a day old and has not ended; it then lives for sixty days more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.domain.errors import DeskError, NeedsReauth, RateLimited, Unavailable
from services.graph.client import number, text
from services.graph.errors import AGAIN
from services.oauth import moment_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from services.graph.client import GraphClient

AHEAD: Final = timedelta(days=20)
"""How long before its end a token is renewed: one that has ended is lost."""
SEEN: Final = "access_token_since"
"""When a pasted token came, from which its end is guessed until the network tells it."""
ENDS: Final = "access_token_ends"
_RIPE: Final = timedelta(hours=25)
"""A token younger than a day can't be renewed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LongLivedToken:
    """`Refresher`."""

    client: GraphClient
    """At the address without a version."""
    grant: str
    credentials: Mapping[str, str] = field(repr=False)

    def expires_at(self) -> datetime | None:
        """See `Refresher`; a pasted token tells no end, so that it counts as one to be renewed once it is a day old."""
        ends, seen = (moment_of(self.credentials.get(name, "")) for name in (ENDS, SEEN))
        if ends is not None:
            return ends
        return None if seen is None else seen + _RIPE + AHEAD

    async def refresh(self) -> Mapping[str, str]:
        """See `Refresher`; what the network finds wrong with the renewal leaves the old token in use."""
        try:
            found = await self.client.get("refresh_access_token", {"grant_type": self.grant})
        except (NeedsReauth, RateLimited, Unavailable):
            raise
        except DeskError as error:
            raise Unavailable(error.message, next_step=AGAIN) from error
        seconds, fresh = number(found, "expires_in"), text(found, "access_token")
        if not fresh or not seconds or seconds <= 0:
            raise Unavailable(f"{self.client.label} renewed the token without telling it.", next_step=AGAIN)
        ends = self.client.clock.now() + min(timedelta(seconds=seconds), timedelta(days=365))
        return {"access_token": fresh, ENDS: ends.isoformat()}
