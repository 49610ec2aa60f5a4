"""Renews OAuth 2 tokens: each renewal spends the refresh token and gives a new one, which is kept before first use."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from services.domain.errors import NeedsReauth
from services.oauth import ends, moment_of
from services.platforms.x.errors import explain, read_fault
from services.platforms.x.models import WireTokens
from services.ports.http import Effect, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from services.ports.clock import Clock
    from services.ports.http import Answer, Http

EXPIRES_AT: Final = "expires_at"
_SPENT: Final = frozenset({400, 401, 403})
_STEP: Final = (
    "Connect the account again with /desk connect x, or with new tokens of your app in the X developer console that "
    "have the scope offline.access."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class XRefresher:
    """`Refresher`: the caller sees to it that only one renewal runs at a time."""

    http: Http
    base_url: str
    credentials: Mapping[str, str] = field(repr=False)
    clock: Clock
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def expires_at(self) -> datetime | None:
        """See `Refresher.expires_at`; not known until the first renewal."""
        return moment_of(self.credentials.get(EXPIRES_AT, ""))

    async def refresh(self) -> Mapping[str, str]:
        """See `Refresher.refresh`; an answer without a new refresh token leaves the old one in its place."""
        answer = await self.http.send(self._request())
        if not answer.ok:
            raise self._refused(answer)
        try:
            tokens = WireTokens.model_validate(answer.data())
        except ValidationError:
            raise answer.unreadable() from None
        fresh = dict(self.credentials) | {"access_token": tokens.access_token}
        if tokens.refresh_token:
            fresh["refresh_token"] = tokens.refresh_token
        if at := ends(self.clock.now(), tokens.expires_in):
            fresh[EXPIRES_AT] = at
        return fresh

    def _request(self) -> HttpRequest:
        client_id, secret = self.credentials.get("client_id", ""), self.credentials.get("client_secret", "")
        form = [("grant_type", "refresh_token"), ("refresh_token", self.credentials.get("refresh_token", ""))]
        headers = {name: value for name, value in self.extra_headers.items() if name.lower() != "authorization"}
        if secret:
            pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        else:
            form.append(("client_id", client_id))
        return HttpRequest(
            method="POST",
            url=f"{self.base_url}/2/oauth2/token",
            effect=Effect.REPEATABLE,
            headers={**headers, "Accept": "application/json"},
            form=form,
        )

    def _refused(self, answer: Answer) -> Exception:
        fault = read_fault(answer)
        if answer.status in _SPENT:
            return NeedsReauth(f"X no longer renews the access of this account{fault.quoted}.", next_step=_STEP)
        return explain(fault, refreshable=False)
