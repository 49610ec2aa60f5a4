"""What goes live is followed from the transaction that says so, and never at its cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from structlog.testing import capture_logs

from services.domain.account import Dedupe
from services.domain.delivery import DeliveryState
from services.domain.ids import AccountId, PostId
from services.domain.metrics import MeasuredPost, PostOrigin
from services.publishing.change import Change, write_change
from tests.builders import a_picture, a_receipt
from tests.fakes.memory_store import MemoryStore
from tests.fakes.platform import Act, script
from tests.services.publishing.world import ACCOUNT, ADA, World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.ports.numbers import MetricsRepository
    from services.ports.storage import Transaction

S = DeliveryState


async def followed(world: World) -> Sequence[MeasuredPost]:
    """All posts whose numbers are read."""
    since = world.clock.now() - timedelta(days=9)
    return await world.store.read(lambda tx: tx.metrics.posts(since=since))


async def test_a_published_thread_is_followed_at_its_first_part() -> None:
    world = World()
    delivery_id = await world.plan("One.", "Two.", pictures=(a_picture(),))
    await world.finish()
    row = await world.row(delivery_id)
    [post] = await followed(world)
    assert post == MeasuredPost(
        id=PostId("acc1|p1"),
        account_id=ACCOUNT,
        platform=row.platform,
        remote_id="p1",
        url="https://social.test/p1",
        text="One.\n---\nTwo.",
        pictures=1,
        parts=2,
        published_at=row.receipts[0].at,
        origin=PostOrigin.DESK,
        delivery_id=delivery_id,
        draft_id=row.draft_id,
        next_at=row.receipts[0].at + timedelta(hours=1),
    )


async def test_what_was_in_doubt_and_what_a_person_found_is_followed_too() -> None:
    world = World(accounts=2, dedupe=Dedupe.LOOKUP)
    await world.plan()
    world.network.sends = script([Act.REPLY_LOST])
    await world.finish()
    other = world.networks[AccountId("acc2")]
    other.sends, other.findable = script([Act.REPLY_LOST]), False
    asked = await world.plan(account=AccountId("acc2"))
    await world.finish()
    assert [post.account_id for post in await followed(world)] == [ACCOUNT]
    await world.control.confirm_live(ADA, asked, "https://social.test/p1")
    assert {post.account_id for post in await followed(world)} == {ACCOUNT, "acc2"}


async def test_what_did_not_go_out_is_not_followed() -> None:
    world = World()
    await world.plan()
    world.network.sends = script([Act.REFUSED])
    await world.finish()
    assert not await followed(world)


class _WithoutNumbers:
    """A transaction whose numbers are out of order."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    @property
    def metrics(self) -> MetricsRepository:
        raise ZeroDivisionError("nobody foresaw this")

    def __getattr__(self, name: str) -> object:
        return getattr(self._tx, name)


async def test_trouble_with_numbers_never_undoes_a_publish() -> None:
    world = World(store=MemoryStore())
    delivery_id = await world.plan()
    row = replace(await world.row(delivery_id), state=S.SENDING)
    await world.store.write(lambda tx: tx.deliveries.save(row, fence=row.fence))
    live = Change.of(row).live(a_receipt()).to(S.PUBLISHED, at=world.clock.now(), note="out")
    with capture_logs() as logs:
        assert await world.store.write(lambda tx: write_change(cast("Transaction", _WithoutNumbers(tx)), live))
    assert await world.state(delivery_id) is S.PUBLISHED
    assert [entry["event"] for entry in logs] == ["a post's numbers are not followed"]
    assert not await followed(world)
