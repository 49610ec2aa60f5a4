"""Every fault script of up to three calls, with and without a crash: nothing lost, nothing doubled, nothing stuck."""

from __future__ import annotations

import itertools
import logging
from typing import TYPE_CHECKING, Final, TypeVar

import pytest

from services.domain.account import Dedupe
from services.domain.delivery import DeliveryState
from tests.fakes.platform import Act, FakeNetwork, Post, script
from tests.services.publishing.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from services.domain.ids import DeliveryId
    from services.ports.storage import Store, Transaction

T = TypeVar("T")
ACTS: Final = (Act.OK, Act.REFUSED, Act.REQUEST_LOST, Act.REPLY_LOST, Act.LIMITED)
SCRIPTS: Final = tuple(acts for n in range(4) for acts in itertools.product(ACTS, repeat=n))
SLOW_ACTS: Final = (Act.OK, Act.WORKING, Act.REQUEST_LOST, Act.REPLY_LOST, Act.LIMITED)
SLOW_SCRIPTS: Final = tuple(acts for n in range(1, 4) for acts in itertools.product(SLOW_ACTS, repeat=n))
CRASHES: Final = ("none", "after claim", "after SENDING", "after the call")


class Crash(BaseException):
    """The process is gone: no handler of ours may run to the end."""


class MortalStore:
    """A store whose process dies right after the commit that logs the `nth` entry to one of `states`."""

    def __init__(self, store: Store, delivery_id: DeliveryId, states: frozenset[DeliveryState], nth: int) -> None:
        self._store = store
        self._id = delivery_id
        self._states = states
        self._nth = nth
        self.dead = False

    async def write(self, fn: Callable[[Transaction], T]) -> T:
        if self.dead:
            raise Crash
        result = await self._store.write(fn)
        log = await self._store.read(lambda tx: tx.deliveries.log(self._id))
        if (
            self._states
            and sum(e.to_state in self._states and e.from_state is not e.to_state for e in log) >= self._nth
        ):
            self.dead = True
            raise Crash
        return result

    async def read(self, fn: Callable[[Transaction], T]) -> T:
        if self.dead:
            raise Crash
        return await self._store.read(fn)


def dying(store: Store, delivery_id: DeliveryId, crash: str, nth: int, network: FakeNetwork) -> MortalStore:
    """A store that dies at the `nth` chance of the crash point named."""
    states = {
        "after claim": frozenset({DeliveryState.PREPARING}),
        "after SENDING": frozenset({DeliveryState.SENDING}),
        "after PROCESSING": frozenset({DeliveryState.PROCESSING}),
    }.get(crash, frozenset())
    mortal = MortalStore(store, delivery_id, states, nth)
    chances = itertools.count(1)

    def die(_: Post) -> None:
        if crash == "after the call" and next(chances) == nth:
            mortal.dead = True
            raise Crash

    network.after_effect = die
    return mortal


async def play(
    acts: Sequence[Act],
    crash: str,
    dedupe: Dedupe,
    *,
    parts: tuple[str, ...] = ("Ships today.",),
    nth: int = 1,
    warm: bool = False,
) -> tuple[World, DeliveryId]:
    """Run one script to its end: the first worker may die, the second finishes after the lease."""
    world = World(dedupe=dedupe)
    if warm:
        await world.plan("An earlier post.")
    delivery_id = await world.plan(*parts)
    first = world.dispatcher
    if crash != "none":
        first = world.new_dispatcher(store=dying(world.store, delivery_id, crash, nth, world.network))
    world.network.sends = script([Act.OK, *acts] if warm else acts)
    try:
        await world.finish(first)
    except Crash:
        world.crashed = True
        world.network.after_effect = lambda _: None
        await world.finish(world.new_dispatcher())
    return world, delivery_id


async def judge(world: World, delivery_id: DeliveryId, acts: Sequence[Act], parts: Sequence[str]) -> None:
    """What a delivery says it did is exactly what everybody can see."""
    row = await world.row(delivery_id)
    public = [post for post in world.network.posts if post.text in parts]
    if row.state is DeliveryState.PUBLISHED:
        assert [post.text for post in public] == list(parts)
        assert [receipt.remote_id for receipt in row.receipts] == [post.id for post in public]
        parents = [None, *(post.id for post in public)][: len(parts)]
        assert [post.reply_to for post in public] == parents
    else:
        assert row.state is DeliveryState.FAILED
        assert Act.REFUSED in acts
        assert [post.id for post in public] == [receipt.remote_id for receipt in row.receipts]
        assert len(public) < len(parts)
    assert row.lease_until is None


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Dying workers are logged with their tracebacks, thousands of them here."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("dedupe", [Dedupe.KEY, Dedupe.LOOKUP])
@pytest.mark.parametrize("crash", CRASHES)
async def test_no_script_loses_doubles_or_sticks(crash: str, dedupe: Dedupe) -> None:
    crashed = 0
    for acts in SCRIPTS:
        for nth in (1, 2) if crash != "none" else (1,):
            world, delivery_id = await play(acts, crash, dedupe, nth=nth)
            await judge(world, delivery_id, acts, ("Ships today.",))
            crashed += world.crashed
    assert crashed == 0 if crash == "none" else crashed > 100


@pytest.mark.parametrize("dedupe", [Dedupe.KEY, Dedupe.LOOKUP])
@pytest.mark.parametrize("crash", ["none", "after SENDING", "after the call"])
async def test_the_same_holds_when_sending_is_committed_by_the_claim_itself(crash: str, dedupe: Dedupe) -> None:
    for acts in SCRIPTS:
        world, delivery_id = await play(acts, crash, dedupe, warm=True, nth=2 if crash == "after the call" else 1)
        await judge(world, delivery_id, acts, ("Ships today.",))


@pytest.mark.parametrize("dedupe", [Dedupe.KEY, Dedupe.LOOKUP])
@pytest.mark.parametrize("fault", [Act.REQUEST_LOST, Act.REPLY_LOST, Act.LIMITED, Act.UNAVAILABLE, Act.REFUSED])
@pytest.mark.parametrize("at", [0, 1, 2])
async def test_a_thread_with_a_fault_at_any_part_is_whole_and_in_order(at: int, fault: Act, dedupe: Dedupe) -> None:
    parts = ("One.", "Two.", "Three.")
    acts = [*[Act.OK] * at, fault]
    for crash, nth in [("none", 1), *itertools.product(CRASHES[1:], (1, 2, 3, 4))]:
        world, delivery_id = await play(acts, crash, dedupe, parts=parts, nth=nth)
        await judge(world, delivery_id, acts, parts)
        if crash == "none":
            row = await world.row(delivery_id)
            expected = (DeliveryState.FAILED, at) if fault is Act.REFUSED else (DeliveryState.PUBLISHED, len(parts))
            assert (row.state, len(row.receipts)) == expected


async def test_the_judge_sees_a_blind_retry() -> None:
    """The proof must be able to fail: a server that forgets keys, taken for one that honours them, doubles."""
    world = World(dedupe=Dedupe.KEY)
    world.network.honours_keys = False
    delivery_id = await world.plan("Ships today.")
    world.network.sends = script([Act.REPLY_LOST])
    await world.finish()
    assert world.network.texts == ["Ships today.", "Ships today."]
    with pytest.raises(AssertionError):
        await judge(world, delivery_id, [Act.REPLY_LOST], ("Ships today.",))


@pytest.mark.parametrize("dedupe", [Dedupe.KEY, Dedupe.STATUS])
@pytest.mark.parametrize("crash", [*CRASHES, "after PROCESSING"])
async def test_a_network_that_works_on_it_gets_it_once(crash: str, dedupe: Dedupe) -> None:
    crashed = 0
    for acts in SLOW_SCRIPTS:
        for nth in (1, 2) if crash != "none" else (1,):
            world, delivery_id = await play(acts, crash, dedupe, nth=nth)
            await judge(world, delivery_id, acts, ("Ships today.",))
            assert await world.state(delivery_id) is DeliveryState.PUBLISHED
            crashed += world.crashed
    assert crashed == 0 if crash == "none" else crashed > 20


@pytest.mark.parametrize("crash", [*CRASHES, "after PROCESSING"])
async def test_a_thread_goes_on_when_a_part_that_was_worked_on_is_live(crash: str) -> None:
    parts = ("One.", "Two.", "Three.")
    for acts in itertools.product((Act.OK, Act.WORKING, Act.REPLY_LOST), repeat=3):
        world, delivery_id = await play(acts, crash, Dedupe.STATUS, parts=parts)
        await judge(world, delivery_id, acts, parts)
        assert await world.state(delivery_id) is DeliveryState.PUBLISHED
