"""A newsroom per test, whose Discord is judged at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.fakes.discord import AppConfig, FakeDiscord
from tests.fakes.transcript import Attach
from tests.handlers.discord.driving import Newsroom, make_newsroom
from tests.handlers.world import make_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.fakes.discord import Person
    from tests.handlers.world import World


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[World]:
    """A desk with two accounts."""
    world = await make_world()
    yield world
    await world.client.aclose()
    await world.stranger.aclose()


@pytest_asyncio.fixture
async def fake(request: pytest.FixtureRequest, desk: World) -> AsyncIterator[FakeDiscord]:
    """Discord, on the desk's own clock."""
    discord = FakeDiscord(clock=desk.clock, app=AppConfig(approved_intents=frozenset()))
    attach = Attach(discord.world.transcript, request.node)
    request.config.pluginmanager.register(attach)
    try:
        async with discord:
            yield discord
        discord.check()
    finally:
        request.config.pluginmanager.unregister(attach)


@pytest_asyncio.fixture
async def room(fake: FakeDiscord, desk: World) -> AsyncIterator[Newsroom]:
    """The desk, connected."""
    async with await make_newsroom(fake, desk) as made:
        await made.linked()
        yield made


@pytest.fixture
def ada(fake: FakeDiscord) -> Person:
    """Somebody who manages the server."""
    return fake.join("Ada", "manager")


@pytest.fixture
def bo(fake: FakeDiscord) -> Person:
    """Somebody who is only a member."""
    return fake.join("Bo")
