"""An UNCERTAIN row in one worker's hands: send again under the same key, look, or ask."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from services.domain.account import Dedupe
from services.domain.errors import (
    DeskError,
    NeedsOperator,
    NeedsReauth,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from services.publishing.change import Change
from services.publishing.parts import next_part
from services.publishing.reconcile import LOOKING, Way, absent, ask, choose_way, proved_absent, unclear
from services.publishing.retry import PATIENCE, sentence
from services.publishing.settle import landed
from services.publishing.worker import Result, Worker

if TYPE_CHECKING:
    from services.ports.platform import Finder, Roles
    from services.publishing.grip import Tools
    from services.publishing.turn import Job


class Resolver(Worker):
    """Finds out what became of a call; the row stays UNCERTAIN until something is certain."""

    def __init__(self, tools: Tools, job: Job) -> None:
        """Take the claimed row with what the claim's transaction knew about it."""
        super().__init__(tools, job)
        self._looking = False

    async def work(self) -> Result:
        """Ask the account in the best way it offers now."""
        if self._job.account is None:
            return self._ask("The account was removed from the desk.")
        return await self.with_roles(self._find_out)

    async def _find_out(self, roles: Roles) -> Result:
        way = choose_way(
            self.row,
            dedupe=self._job.account.dedupe if self._job.account else Dedupe.LOOKUP,
            key_life=self._key_life(),
            doubt_since=self._job.asked_since,
            now=self.now,
            margin=timedelta(seconds=2 * self.tools.settings.send_timeout),
            may_send=self._job.wanted,
            has_finder=roles.finder is not None,
        )
        if way is Way.RESEND:
            return await self._resend(roles)
        if way is Way.LOOK and roles.finder is not None:
            return await self._look(roles.finder, refusal="")
        return self._ask(f"{self.label} offers no way to look it up.")

    def _key_life(self) -> timedelta | None:
        try:
            return self.tools.connections.spec(self.row.platform).key_life
        except NotFound:
            return timedelta()

    async def _resend(self, roles: Roles) -> Result:
        """Repeat the very same call: the server answers with the post it made, or makes it now."""
        await self.renew(calls=1)
        try:
            receipt = await self.call(roles)
        except Refused as error:
            if roles.finder is None:
                return self._ask(f"{self.label} refuses to say: {sentence(error)}")
            return await self._look(roles.finder, refusal=sentence(error))
        return Result(change=landed(Change.of(self.row), receipt, at=self.now, label=self.label))

    async def _look(self, finder: Finder, *, refusal: str) -> Result:
        """Read whether it is there; a refusal of the same call together with its absence is proof at once."""
        self._looking = True
        await self.ensure_lease()
        change = Change.of(self.row)
        try:
            async with asyncio.timeout(self.tools.settings.send_timeout):
                receipt = await finder.find(next_part(self.row))
        except TimeoutError:
            raise Unavailable(f"{self.label} did not answer the look-up.") from None
        if receipt is not None:
            return Result(change=landed(change, receipt, at=self.now, label=self.label, verb="shows"))
        if refusal:
            note = f"{self.label} refuses it ({refusal}) and it is not there, so it never went out."
            return Result(change=proved_absent(change, note, at=self.now))
        return Result(change=absent(change, self.absence.waits, at=self.now))

    async def on_error(self, error: DeskError) -> Result:
        """Still in doubt: when to look again, or whether a person must say."""
        if self._receipt is not None:
            return Result(change=self.closing(error.message))
        text = sentence(error)
        if isinstance(error, NeedsReauth | NeedsOperator):
            await self.report(error)
            return self._ask(text)
        patience = LOOKING if self._looking and isinstance(error, OutcomeUnknown | Refused) else PATIENCE
        change = unclear(
            Change.of(self.row),
            f"{self.label}: {text}",
            at=self.now,
            doubt_since=self._job.asked_since,
            patience=patience,
        )
        if isinstance(error, RateLimited) and change.after.state is self.row.state:
            return Result(change=change.let_go(next_at=error.until), limited_until=error.until)
        return Result(change=change)

    def closing(self, reason: str) -> Change:
        """Proof counts; without it the row goes back as it was, to be looked into at once."""
        if self._receipt is not None:
            return landed(Change.of(self.row), self._receipt, at=self.now, label=self.label)
        return Change.of(self.row).remark(at=self.now, note=reason).let_go(next_at=self.now)

    def _ask(self, reason: str) -> Result:
        return Result(change=ask(Change.of(self.row), reason, at=self.now))
