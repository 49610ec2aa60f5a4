"""Renews tokens: each renewal may spend the refresh token and give a new one, which is kept before first use.

Source: developers.tiktok.com, "Manage User Access Tokens", 2025: an access token lives 24 hours, a refresh token 365
days; errors of this one address are flat.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from services.domain.errors import DeskError, NeedsReauth, RateLimited, Unavailable
from services.oauth import ends, moment_of
from services.platforms.tiktok.errors import AGAIN, too_fast
from services.platforms.tiktok.models import WireTokens
from services.ports.http import Effect, HttpRequest
from services.text import tidy_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from services.ports.clock import Clock
    from services.ports.http import Answer, Http

ENDS: Final = "expires_at"
UNTIL: Final = "renewable_until"
LIFE: Final = timedelta(hours=24)
NEEDED: Final = ("refresh_token", "client_key", "client_secret")
"""Without any of these an access token can't be renewed."""
_LATER: Final = frozenset({"server_error", "temporarily_unavailable", "internal_error", "rate_limit_exceeded"})
_OURS: Final = frozenset({"authorization", "content-type", "content-length", "host"})
_STEP: Final = (
    "Connect the account again with /desk connect tiktok, or with new tokens of your app at TikTok for Developers "
    "(developers.tiktok.com)."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TikTokRefresher:
    """`Refresher`: the caller sees to it that only one renewal runs at a time."""

    http: Http
    base_url: str
    credentials: Mapping[str, str] = field(repr=False)
    clock: Clock
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def expires_at(self) -> datetime | None:
        """See `Refresher.expires_at`; of a pasted token at the latest, a day after it was."""
        return moment_of(self.credentials.get(ENDS, ""))

    async def refresh(self) -> Mapping[str, str]:
        """See `Refresher.refresh`; an answer without a new refresh token leaves the old one in its place."""
        extra = {name: value for name, value in self.extra_headers.items() if name.lower() not in _OURS}
        form = [("grant_type", "refresh_token"), *((name, self.credentials.get(name, "")) for name in NEEDED)]
        request = HttpRequest(
            method="POST",
            url=f"{self.base_url}/v2/oauth/token/",
            effect=Effect.REPEATABLE,
            headers={**extra, "Accept": "application/json"},
            form=form,
        )
        try:
            answer = await self.http.send(request)
        except RateLimited as error:
            raise too_fast(error, self.clock.now()) from None
        refusal = _refusal(answer)
        if refusal is not None:
            raise refusal
        tokens = read(answer)
        fresh = dict(self.credentials) | {"access_token": tokens.access_token}
        if tokens.refresh_token:
            fresh["refresh_token"] = tokens.refresh_token
        return fresh | learned_of(tokens, self.clock.now())


def read(answer: Answer) -> WireTokens:
    """The tokens in an answer of this one address, which wraps them in nothing."""
    try:
        return WireTokens.model_validate(answer.data())
    except ValidationError:
        raise answer.unreadable() from None


def learned_of(tokens: WireTokens, now: datetime) -> dict[str, str]:
    """When the token ends, at the latest after a day, and when what renews it does, where that was told."""
    told = {ENDS: ends(now, tokens.expires_in or LIFE.total_seconds()), UNTIL: ends(now, tokens.refresh_expires_in)}
    return {name: at for name, at in told.items() if at}


def _refusal(answer: Answer) -> DeskError | None:
    """Why there are no new tokens: for good, or in passing where TikTok has trouble or says nothing we know."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    fields = body if isinstance(body, dict) else {}
    error = fields.get("error")
    code = error.strip() if isinstance(error, str) else ""
    if answer.ok and not code:
        return None
    words = fields.get("error_description")
    told = ": ".join(one for one in (code, words) if isinstance(one, str) and one)
    said = f" (TikTok says: {tidy_sentence(told).rstrip('.')})" if told else f" (status {answer.status})"
    if not code or code in _LATER:
        return Unavailable(f"TikTok did not renew the account's token{said}.", next_step=AGAIN)
    return NeedsReauth(f"TikTok no longer renews the access of this account{said}.", next_step=_STEP)
