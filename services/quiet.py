"""What rate headers say about how long an account had better be quiet, in the dialects of the networks."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.domain.budget import NETWORK
from services.ports.http import Effect
from services.transport import instant

if TYPE_CHECKING:
    from datetime import datetime

    from services.domain.ids import AccountId
    from services.ports.clock import Clock
    from services.ports.http import Answer, Http, HttpRequest
    from services.ports.platform import Rest
    from services.ports.storage import Store

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An `Http` for one account that keeps until when its network wants quiet; every worker then holds its posts."""

    http: Http
    store: Store
    clock: Clock
    account_id: AccountId
    rest: Rest

    async def send(self, request: HttpRequest) -> Answer:
        """See `Http.send`."""
        answer = await self.http.send(request)
        until = self.rest(answer, self.clock.now())
        if until is not None:
            await self._keep(until)
        return answer

    async def _keep(self, until: datetime) -> None:
        """A note that is lost costs one call that is turned away; the answer it came with must not be lost with it."""
        try:
            await self.store.write(lambda tx: tx.budgets.put(self.account_id, NETWORK, until))
        except Exception:  # noqa: BLE001 - whatever the store does
            _log.exception("That an account is to be quiet could not be noted.")

    async def fetch_page(self, url: str, *, timeout: float = 3.0, max_bytes: int = 512_000) -> Answer:
        """See `Http.fetch_page`."""
        return await self.http.fetch_page(url, timeout=timeout, max_bytes=max_bytes)


def used_up(prefix: str, *, posts_only: bool = False) -> Rest:
    """Quiet until `<prefix>-reset` once `<prefix>-remaining` is 0; `posts_only` where each kind of call has its own."""

    def rest(answer: Answer, now: datetime) -> datetime | None:
        if posts_only and answer.effect is not Effect.IRREVERSIBLE:
            return None
        if answer.headers.get(f"{prefix}-remaining", "").strip() != "0":
            return None
        until = instant(answer.headers.get(f"{prefix}-reset", "").strip(), now)
        return until if until is not None and until > now else None

    return rest
