"""What people do with a post that is live: correct its words where the network lets them, or take it down."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from services.access import Permission, require, require_approval_right
from services.domain.delivery import SETTLED, Delivery
from services.domain.errors import Conflict, InvalidInput, NeedsReauth, NotFound, Refused
from services.domain.post import AuditEntry, Severity, parts_of
from services.ledger import brand_of
from services.publishing.change import Change, announce, write_change

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from services.content.writer import Writer
    from services.domain.account import Account
    from services.domain.actor import Person
    from services.domain.brand import Brand
    from services.domain.delivery import Receipt
    from services.domain.ids import DeliveryId
    from services.ports.bus import EventBus
    from services.ports.clock import Clock
    from services.ports.platform import Roles
    from services.ports.storage import Store, Transaction
    from services.publishing.connections import Connections


class Aftercare:
    """Acts on the network first and writes down after each call: every call may be made again without harm."""

    def __init__(self, *, store: Store, connections: Connections, writer: Writer, clock: Clock, bus: EventBus) -> None:
        """The writer judges corrected words as it judges new ones; it calls no model here."""
        self._store = store
        self._connections = connections
        self._writer = writer
        self._clock = clock
        self._bus = bus

    async def take_down(self, actor: Person, delivery_id: DeliveryId) -> Delivery:
        """Delete every live part, the last one first; raises `Forbidden`, `Conflict`, `Refused` and what the call does.

        What was deleted before a fault stays noted, so that another try goes on where this one ended.
        """
        row = await self._store.read(lambda tx: self._live(tx, actor, delivery_id))
        label = self._connections.spec(row.platform).label
        for receipt in reversed(row.receipts):
            if receipt.taken_down_at is None:
                await self._with_roles(row, partial(_delete, receipt, label))
                row = await self._note(actor, row, replace(receipt, taken_down_at=self._clock.now()), "Taken down")
        await self._audit(actor, row, "took down the post")
        return row

    async def correct(self, actor: Person, delivery_id: DeliveryId, text: str) -> Delivery:
        """Change the words of a live post; a thread keeps its number of parts and only what differs is sent.

        It is approving and publishing in one, so it takes both rights. Raises `InvalidInput` (field
        "text.<account_id>") for words that could not have been approved.
        """
        row, account, brand = await self._store.read(lambda tx: self._correctable(tx, actor, delivery_id))
        parts = self._judged(row, account, brand, text)
        label = self._connections.spec(row.platform).label
        changed = False
        for receipt, part in zip(row.receipts, parts, strict=True):
            if part == row.words(receipt):
                continue
            await self._with_roles(row, partial(_edit, receipt, part, label))
            row = await self._note(actor, row, replace(receipt, corrected=part), "Corrected")
            changed = True
        if changed:
            await self._audit(actor, row, "corrected the post")
        return row

    def _live(self, tx: Transaction, actor: Person, delivery_id: DeliveryId) -> Delivery:
        require(tx, actor, Permission.PUBLISH)
        row = tx.deliveries.get(delivery_id)
        if row is None:
            raise NotFound("This delivery is not here.", next_step="Look at the queue.")
        if row.state not in SETTLED:
            raise Conflict("This is on its way right now.", next_step="Wait until it has arrived, then try again.")
        if not row.live:
            raise Conflict("Nothing of this is live.", next_step="Look at the card as it is now.")
        return row

    def _correctable(self, tx: Transaction, actor: Person, delivery_id: DeliveryId) -> tuple[Delivery, Account, Brand]:
        row = self._live(tx, actor, delivery_id)
        draft, account = tx.drafts.get(row.draft_id), tx.accounts.get(row.account_id)
        if draft is None or account is None:
            raise NotFound("The account is not connected any more.", next_step="Correct it on the network itself.")
        require_approval_right(tx, actor, draft)
        if tx.workspace().four_eyes:
            msg = "Four eyes are asked for here, and a correction has only yours."
            raise Conflict(msg, next_step="Take it down, or duplicate the draft and let somebody approve it.")
        if len(row.receipts) != len(row.variant.parts) or len(row.live) < len(row.receipts):
            raise Conflict("Not all of this is live.", next_step="Correct it on the network itself.")
        return row, account, brand_of(tx, draft)

    def _judged(self, row: Delivery, account: Account, brand: Brand, text: str) -> tuple[str, ...]:
        field, parts, count = f"text.{row.account_id}", parts_of(text), len(row.receipts)
        if len(parts) != count:
            msg = f"The post has {_parts(count)}, your text {_parts(len(parts))}."
            raise InvalidInput(msg, next_step="Keep the lines of three dashes as they are.", field=field)
        for problem in self._writer.problems(replace(row.variant, parts=parts), account, brand):
            if problem.severity is Severity.BLOCK:
                raise InvalidInput(problem.message, next_step=problem.fix, field=field)
        return parts

    async def _with_roles(self, row: Delivery, use: Callable[[Roles], Awaitable[None]]) -> None:
        """Once more after a refresh where that is all it takes; what only a person cures is told to the account."""
        try:
            try:
                await use(await self._connections.open(row.account_id))
            except NeedsReauth as error:
                if not error.refreshable:
                    raise
                await self._connections.refresh(row.account_id)
                await use(await self._connections.open(row.account_id))
        except NeedsReauth as error:
            await self._connections.report(row.account_id, error)
            raise

    async def _note(self, actor: Person, row: Delivery, receipt: Receipt, done: str) -> Delivery:
        """Keep what is true on the network now."""
        count = len(row.receipts)
        which = f" part {receipt.part + 1} of {count}" if count > 1 else ""

        def fn(tx: Transaction) -> Delivery:
            stored = tx.deliveries.lock(row.id)
            if stored is None:
                return row
            receipts = tuple(receipt if r.part == receipt.part else r for r in stored.receipts)
            after = Change(before=stored, after=replace(stored, receipts=receipts))
            change = after.remark(at=self._clock.now(), note=f"{done}{which} by {actor.name}.")
            return change.after if write_change(tx, change) else stored

        changed = await self._store.write(fn)
        announce(self._bus, (changed,))
        return changed

    async def _audit(self, actor: Person, row: Delivery, verb: str) -> None:
        label = self._connections.spec(row.platform).label
        entry = AuditEntry(
            draft_id=row.draft_id,
            at=self._clock.now(),
            by=actor.id,
            by_name=actor.name,
            verb=f"{verb} on {label}",
            revision=row.revision,
        )
        await self._store.write(lambda tx: tx.drafts.add_audit(entry))
        announce(self._bus, (row,))


async def _delete(receipt: Receipt, label: str, roles: Roles) -> None:
    if roles.deleter is None:
        raise Refused(f"{label} lets no app take posts down.", fix=f"Do it on {label} itself: {receipt.url}")
    await roles.deleter.delete(receipt)


async def _edit(receipt: Receipt, text: str, label: str, roles: Roles) -> None:
    if roles.editor is None:
        raise Refused(f"{label} lets no app change a post.", fix="Take it down, and publish it again.")
    await roles.editor.edit(receipt, text)


def _parts(count: int) -> str:
    return "1 part" if count == 1 else f"{count} parts"
