"""Tokens of sixty days that renew themselves as long as they live: those of Threads and of Instagram Login.

Source: developers.facebook.com, "Long-lived tokens" of Threads and of Instagram Login, 2026: a token is renewed when it
is at least a day old and has not ended; it then lives for sixty days more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from services.domain.errors import DeskError, NeedsReauth, RateLimited, Unavailable
from services.graph.client import number, text
from services.graph.errors import AGAIN, problem
from services.ports.http import Effect, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.ports.clock import Clock
    from services.ports.http import Http

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

    http: Http
    clock: Clock
    label: str
    url: str
    """Where it is renewed."""
    grant: str
    credentials: Mapping[str, str] = field(repr=False)
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def expires_at(self) -> datetime | None:
        """See `Refresher`; a pasted token tells no end, so that it counts as one to be renewed once it is a day old."""
        ends, seen = (_time(self.credentials.get(name, "")) for name in (ENDS, SEEN))
        if ends is not None:
            return ends
        return None if seen is None else seen + _RIPE + AHEAD

    async def refresh(self) -> Mapping[str, str]:
        """See `Refresher`; what the network finds wrong with the renewal leaves the old token in use."""
        token = self.credentials.get("access_token", "")
        answer = await self.http.send(
            HttpRequest(
                method="GET",
                url=self.url,
                effect=Effect.REPEATABLE,
                headers={**self.extra_headers, "Accept": "application/json", "Authorization": f"Bearer {token}"},
                params=(("grant_type", self.grant),),
            )
        )
        if not answer.ok:
            raise _told(problem(answer, label=self.label, now=self.clock.now()))
        found = answer.data()
        seconds, fresh = number(found, "expires_in"), text(found, "access_token")
        if not fresh or not seconds or seconds <= 0:
            raise answer.unreadable()
        ends = self.clock.now() + min(timedelta(seconds=seconds), timedelta(days=365))
        return {"access_token": fresh, ENDS: ends.isoformat()}


def _told(error: DeskError) -> DeskError:
    if isinstance(error, (NeedsReauth, RateLimited, Unavailable)):
        return error
    return Unavailable(error.message, next_step=AGAIN)


def _time(text_: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text_)
    except ValueError:
        return None
