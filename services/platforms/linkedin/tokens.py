"""Renews a token of an approved partner's app; others get none that can be renewed and connect again after 60 days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from services.domain.errors import NeedsReauth, RateLimited
from services.oauth import ends, moment_of
from services.platforms.linkedin.errors import explain, read_fault, too_fast
from services.platforms.linkedin.models import WireTokens
from services.ports.http import Effect, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from services.platforms.linkedin.place import Place
    from services.ports.clock import Clock
    from services.ports.http import Http

EXPIRES_AT: Final = "expires_at"
RENEWABLE_UNTIL: Final = "renewable_until"
SINCE: Final = "access_token_since"
"""When a pasted token came."""
LIFE: Final = timedelta(days=60)
"""Of a token, from the day it was made."""
_SPENT: Final = frozenset({400, 401, 403})


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedInRefresher:
    """`Refresher`."""

    http: Http
    place: Place
    credentials: Mapping[str, str] = field(repr=False)
    clock: Clock

    def expires_at(self) -> datetime | None:
        """See `Refresher.expires_at`; not known until the first renewal."""
        return moment_of(self.credentials.get(EXPIRES_AT, ""))

    async def refresh(self) -> Mapping[str, str]:
        """See `Refresher.refresh`; an answer without a refresh token leaves the old one in its place."""
        names = ("refresh_token", "client_id", "client_secret")
        form = [("grant_type", "refresh_token"), *((name, self.credentials.get(name, "")) for name in names)]
        request = HttpRequest(method="POST", url=self.place.token_url, effect=Effect.REPEATABLE, form=form)
        try:
            answer = await self.http.send(request)
        except RateLimited as error:
            raise too_fast(error, now=self.clock.now(), author=self.place.author) from None
        if answer.status in _SPENT:
            raise NeedsReauth(
                f"LinkedIn no longer renews the access of this account{read_fault(answer).quoted}.",
                next_step="Connect again with /desk connect linkedin, or a new token from the developer portal.",
            )
        if not answer.ok:
            raise explain(read_fault(answer), right="a refresh token", refreshable=False)
        try:
            tokens = WireTokens.model_validate(answer.data())
        except ValidationError:
            raise answer.unreadable() from None
        fresh = dict(self.credentials) | {"access_token": tokens.access_token}
        if tokens.refresh_token:
            fresh["refresh_token"] = tokens.refresh_token
        return fresh | learned_of(tokens, self.clock.now())


def learned_of(tokens: WireTokens, now: datetime) -> dict[str, str]:
    """When the token ends, and when what renews it does, as far as it was told."""
    told = {EXPIRES_AT: ends(now, tokens.expires_in), RENEWABLE_UNTIL: ends(now, tokens.refresh_token_expires_in)}
    return {name: at for name, at in told.items() if at}


def seen(credentials: Mapping[str, str], now: datetime) -> dict[str, str]:
    """What is kept of a token that was pasted, as LinkedIn told no end of it."""
    return {} if EXPIRES_AT in credentials else {SINCE: now.isoformat()}


def ends_at(credentials: Mapping[str, str], *, refreshable: bool) -> datetime | None:
    """When a person has to sign in again; a pasted token ends then at the latest."""
    if refreshable:
        return moment_of(credentials.get(RENEWABLE_UNTIL, ""))
    told, since = (moment_of(credentials.get(name, "")) for name in (EXPIRES_AT, SINCE))
    return since + LIFE if told is None and since is not None else told
