"""A PROCESSING row in one worker's hands: the network is asked how far it is, and nothing is sent meanwhile."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.domain.delivery import DeliveryState
from services.domain.errors import DeskError, GivenUp, OutcomeUnknown, RateLimited, Refused, Unavailable
from services.publishing.change import Change
from services.publishing.parts import next_part, progress
from services.publishing.retry import MOST_CALLS, PATIENCE, backoff, sentence, trying_since
from services.publishing.settle import BY_ITSELF, FIRST_WATCH, in_doubt, landed
from services.publishing.worker import Result, Worker

if TYPE_CHECKING:
    from services.ports.platform import Roles

_LONGEST: Final = timedelta(minutes=5)


class Watch(Worker):
    """Asks until the post is live or refused; when the network says neither for a day, the doubt is resolved as any."""

    async def work(self) -> Result:
        """Ask once."""
        if self._job.account is None:
            return self._doubt("The account was removed from the desk.")
        return await self.with_roles(self._ask)

    async def _ask(self, roles: Roles) -> Result:
        if roles.watcher is None:
            return self._doubt(f"{self.label} offers no way to ask how far it is.")
        await self.ensure_lease()
        try:
            async with asyncio.timeout(self.tools.settings.send_timeout):
                receipt = await roles.watcher.watch(next_part(self.row))
        except TimeoutError:
            raise Unavailable(f"{self.label} did not say how far it is.") from None
        if receipt is None:
            return Result(change=self._later())
        self._receipt = receipt
        return Result(change=landed(Change.of(self.row), receipt, at=self.now, label=self.label, verb="shows"))

    def _later(self) -> Change:
        """After as long as it lasts already, at most five minutes; a day is enough."""
        spent = self.now - self._job.asked_since
        if spent >= PATIENCE:
            return self._doubt(f"{self.label} has been working on it for a day.").change
        wait = min(_LONGEST, max(FIRST_WATCH, spent))
        return Change.of(self.row).let_go(next_at=self.now + wait)

    def _doubt(self, reason: str) -> Result:
        return Result(change=in_doubt(Change.of(self.row), reason, at=self.now, settling=timedelta()))

    async def on_error(self, error: DeskError) -> Result:
        """Refused for good is failed, given up made anew; what may pass is asked again, what none can tell a doubt."""
        if self._receipt is not None:
            return Result(change=self.closing(error.message))
        if isinstance(error, GivenUp) and self.row.attempts < MOST_CALLS:
            return Result(change=self._anew(error))
        text = f"{self.label}: {sentence(error)}"
        if isinstance(error, Refused):
            change = Change.of(self.row).to(
                DeliveryState.FAILED, at=self.now, note=f"{text} {progress(self.row)}".strip()
            )
            return Result(change=change.problem(sentence(error)))
        if isinstance(error, OutcomeUnknown):
            return self._doubt(text)
        await self.report(error)
        change = self._later()
        if isinstance(error, RateLimited) and change.after.state is self.row.state:
            return Result(change=change.let_go(next_at=error.until), limited_until=error.until)
        return Result(change=change)

    def _anew(self, error: GivenUp) -> Change:
        """It certainly never went out: made again from the beginning, later than before."""
        at = self.now + backoff(self.now - trying_since(self.row), self.tools.random)
        note = f"{self.label}: {error.message} It never went out. Made anew at {at:%d %b %H:%M:%S} UTC."
        change = Change.of(self.row).holding({}).to(DeliveryState.SCHEDULED, at=self.now, note=note)
        return change.let_go(next_at=at, problem=f"{error.message} {BY_ITSELF}")

    def closing(self, reason: str) -> Change:
        """Proof counts; without it the network is asked again at once."""
        if self._receipt is not None:
            return landed(Change.of(self.row), self._receipt, at=self.now, label=self.label, verb="shows")
        return Change.of(self.row).remark(at=self.now, note=reason).let_go(next_at=self.now)
