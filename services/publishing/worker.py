"""One delivery's life in one worker's hands: open, prepare, commit SENDING, call once, and say what came of it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from services.domain.account import Health
from services.domain.delivery import DeliveryState
from services.domain.errors import (
    DeskError,
    InvalidInput,
    NeedsOperator,
    NeedsReauth,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    StillWorking,
    Unavailable,
)
from services.publishing.change import Change, announce, write_change
from services.publishing.gates import find_stop
from services.publishing.grip import Grip, Lost
from services.publishing.parts import is_last, next_part
from services.publishing.settle import NOTHING_HAPPENED, failed, in_doubt, landed, working

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from services.domain.delivery import Delivery, Receipt
    from services.ports.platform import Roles
    from services.ports.storage import Transaction
    from services.publishing.grip import Tools
    from services.publishing.turn import Job

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The last change, for the next turn to write, and until when the network wants quiet on this account."""

    change: Change
    limited_until: datetime | None = None


class Worker(Grip):
    """Takes one claimed row to its end."""

    def __init__(self, tools: Tools, job: Job) -> None:
        """Take the claimed row with what the claim's transaction knew about it."""
        super().__init__(tools, job.delivery)
        self._job = job
        self._refreshed = False
        self._exposed = False
        """A call was begun and nothing proves that it had no effect."""
        self._receipt: Receipt | None = None
        """Proof that is not committed yet."""
        self._accepted: Mapping[str, str] | None = None
        """What to ask for what the network works on by, not committed yet."""

    async def run(self) -> Result | None:
        """Until there is a last change to write; None when the row was lost or stopped on the way."""
        try:
            result = await self.work()
            await self._heal()
        except Lost:
            return None
        except asyncio.CancelledError:
            await self._leave()
            raise
        except DeskError as error:
            return await self.on_error(error)
        except Exception:
            log.exception("Delivery %s met something unexpected.", self.row.id)
            return await self.on_error(Unavailable("Something unexpected happened at the desk."))
        return result

    async def _heal(self) -> None:
        """A call that went through proves that an account that was in trouble works again."""
        account = self._job.account
        went_through = self._receipt is not None or self._accepted is not None
        if went_through and account is not None and account.health is not Health.OK:
            await self.report(None)

    async def work(self) -> Result:
        """Publish the row part by part."""
        while True:
            if self.row.state is DeliveryState.PREPARING:
                await self._prepare()
            receipt = await self._send()
            if isinstance(receipt, Result):
                return receipt
            if is_last(self.row):
                return Result(change=landed(Change.of(self.row), receipt, at=self.now, label=self.label))
            await self._advance(receipt)

    async def with_roles(
        self, use: Callable[[Roles], Awaitable[T]], *, again: Callable[[], Awaitable[None]] | None = None
    ) -> T:
        """Open the account and `use` it; after a refreshable refusal refresh once, run `again`, use it once more."""
        try:
            return await use(await self._open())
        except NeedsReauth as error:
            if not error.refreshable or self._refreshed:
                raise
        self._refreshed = True
        await self.tools.connections.refresh(self.row.account_id)
        if again is not None:
            await again()
        return await use(await self._open())

    async def _open(self) -> Roles:
        account_id = self.row.account_id
        roles = await self.tools.connections.open(account_id)
        self.tools.publishers[account_id] = roles.publisher
        return roles

    async def _prepare(self) -> None:
        """Do the repeatable work under a kept lease, then commit the handles and SENDING together."""
        keeper = asyncio.create_task(self.keep_lease())
        try:
            handles = await self.with_roles(self._prepare_with)
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
        note = f"Prepared for {self.label}." if handles else f"Sending to {self.label}."
        await self.commit(lambda tx, row: self._to_sending(tx, row, handles, note))

    async def _prepare_with(self, roles: Roles) -> dict[str, str]:
        part = next_part(self.row)
        if self.row.prepared or not roles.publisher.needs_preparing(part):
            return dict(part.handles)
        try:
            async with asyncio.timeout(self.tools.settings.prepare_timeout):
                return dict(await roles.publisher.prepare(part, self.tools.read_media))
        except TimeoutError:
            raise Unavailable(f"Preparing for {self.label} took too long.") from None
        except NotFound as error:
            raise Refused(error.message, fix="Add the picture or video again, then retry.") from error
        except InvalidInput as error:
            raise Refused(error.message, fix=error.next_step) from error

    def _to_sending(self, tx: Transaction, row: Delivery, handles: dict[str, str], note: str) -> Change:
        """The commit before the call: nothing may have changed that speaks against it."""
        stop = find_stop(tx, row, now=self.now, first_look=False)
        if stop is not None:
            return stop.change(row, at=self.now)
        wait = self.tools.allowance.spend(tx, row, self._job.account, now=self.now)
        if wait is not None:
            back = Change.of(row).to(DeliveryState.SCHEDULED, at=self.now, note=wait.problem)
            return back.holding(handles).let_go(next_at=wait.until, problem=wait.problem)
        change = Change.of(row).to(DeliveryState.SENDING, at=self.now, note=note)
        return change.holding(handles).begun(at=self.now).lease(row.lease_owner, self.lease_end())

    async def _send(self) -> Receipt | Result:
        """The one irreversible call; a Result when it did not give a receipt."""
        try:
            return await self.with_roles(self.call, again=self._begin_again)
        except StillWorking as error:
            return Result(change=self.closing(error.message))
        except OutcomeUnknown as error:
            if not self._exposed:
                raise
            note = f"{self.label}: {error.message}"
            return Result(change=in_doubt(Change.of(self.row), note, at=self.now, settling=self.absence.first))

    async def call(self, roles: Roles) -> Receipt:
        """Send the next part; raises only errors of known meaning, `OutcomeUnknown` for everything unforeseen."""
        await self.ensure_lease()
        part = next_part(self.row)
        self._exposed = True
        try:
            async with asyncio.timeout(self.tools.settings.send_timeout):
                receipt = await roles.publisher.send(part)
        except NOTHING_HAPPENED:
            self._exposed = False
            raise
        except StillWorking as error:
            self._accepted = error.handles
            raise
        except OutcomeUnknown:
            raise
        except TimeoutError:
            seconds = self.tools.settings.send_timeout
            raise OutcomeUnknown(f"No answer within {seconds:g} seconds.") from None
        except Exception as error:
            log.exception("Delivery %s: the call ended in an unforeseen way.", self.row.id)
            raise OutcomeUnknown("The call ended in an unforeseen way.") from error
        self._receipt = receipt
        return receipt

    async def _begin_again(self) -> None:
        """A second call after a refresh is a round of its own: SENDING is committed anew."""
        await self.commit(lambda tx, row: self._next_round(tx, Change.of(row), "The access token was renewed."))

    async def _advance(self, receipt: Receipt) -> None:
        """Commit the part's receipt and the next part's round in one write."""

        def fn(tx: Transaction, row: Delivery) -> Change:
            change = landed(Change.of(row), receipt, at=self.now, label=self.label)
            return self._next_round(tx, change, "")

        await self.commit(fn)
        self._exposed, self._receipt = False, None

    def _next_round(self, tx: Transaction, change: Change, note: str) -> Change:
        """From wherever the part stands to SENDING, or to PREPARING when a new part begins."""
        if change.after.state is DeliveryState.SENDING:
            change = change.to(DeliveryState.SCHEDULED, at=self.now, note=note)
        stop = find_stop(tx, change.after, now=self.now, first_look=False)
        if stop is not None:
            return stop.change(change, at=self.now)
        row, new_part = change.before, len(change.after.receipts) > len(change.before.receipts)
        to = DeliveryState.PREPARING if new_part else DeliveryState.SENDING
        note = f"Going on with part {change.after.next_part + 1}." if new_part else f"Sending to {self.label} again."
        change = change.to(to, at=self.now, note=note).lease(row.lease_owner, self.lease_end())
        return change if new_part else change.begun(at=self.now)

    async def on_error(self, error: DeskError) -> Result:
        """What follows for row and account; a begun call is never taken for one that did not happen."""
        if self._exposed:
            return Result(change=self.closing(error.message))
        await self.report(error)
        tools = self.tools
        change = failed(Change.of(self.row), error, at=self.now, label=self.label, random=tools.random)
        return Result(change=change, limited_until=error.until if isinstance(error, RateLimited) else None)

    async def report(self, error: DeskError | None) -> None:
        """Tell the account keeper what only a person can cure, None when cured; its trouble is never ours."""
        if error is not None and not isinstance(error, NeedsReauth | NeedsOperator):
            return
        try:
            await self.tools.connections.report(self.row.account_id, error)
        except Exception:
            log.exception("The health of account %s could not be noted.", self.row.account_id)

    async def _leave(self) -> None:
        """Cancelled: write down what is certain, so that the next worker need not wait for the lease."""
        change = self.closing("The desk was stopped.")
        try:
            if await self.tools.store.write(lambda tx: write_change(tx, change)):
                announce(self.tools.bus, (change.after,))
        except Exception:
            log.exception("Delivery %s is left to the sweep.", self.row.id)

    def closing(self, reason: str) -> Change:
        """The step of a worker that can't go on: proof counts, a begun call is in doubt, all else did not happen."""
        change = Change.of(self.row)
        if self._receipt is not None:
            return landed(change, self._receipt, at=self.now, label=self.label)
        if self._accepted is not None:
            return working(change, self._accepted, at=self.now, label=self.label)
        if self._exposed:
            note = f"{reason} A call was under way."
            return in_doubt(change, note, at=self.now, settling=self.absence.first)
        note = f"{reason} Nothing was sent."
        return change.to(DeliveryState.SCHEDULED, at=self.now, note=note).let_go(next_at=self.now)
