"""Which channels are used for what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.domain.channel import ReviewChannel
from services.domain.errors import Forbidden
from services.routing import Routing
from tests.builders import NOW, a_person
from tests.desk import ANA, BO
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore


async def test_a_channel_shows_what_waits_until_it_is_turned_off() -> None:
    store, clock, ada = MemoryStore(), FakeClock(), a_person()
    routing = Routing(store, clock)
    first = await routing.review_here(ada, "slack", "C1")
    clock.set(NOW + timedelta(hours=1))
    assert (
        await routing.review_here(ada, "slack", "C1") == first == ReviewChannel(surface="slack", place="C1", since=NOW)
    )
    second = await routing.review_here(ada, "discord", "9")
    assert list(await routing.review_channels()) == [second, first]
    assert list(await routing.review_channels("slack")) == [first]
    assert await routing.review_off(ada, "slack", "C1")
    assert not await routing.review_off(ada, "slack", "C1")
    assert list(await routing.review_channels()) == [second]


async def test_only_admins_route() -> None:
    routing = Routing(MemoryStore(), FakeClock())
    await routing.review_here(a_person(), "slack", "C1")
    for actor in (ANA, BO):
        with pytest.raises(Forbidden):
            await routing.review_here(actor, "slack", "C2")
        with pytest.raises(Forbidden):
            await routing.review_off(actor, "slack", "C1")
    assert [c.place for c in await routing.review_channels()] == ["C1"]
