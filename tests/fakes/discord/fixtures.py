"""The fixture: a fake Discord per test, judged at the end, whose transcript stands in the report of a failure.

Import `fake_discord` and `fake_discord_app` into a conftest to use them; override the latter to set the app up
otherwise.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.fakes.clock import FakeClock
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.discord.world import AppConfig
from tests.fakes.transcript import Attach


@pytest.fixture
def fake_discord_app() -> AppConfig:
    """The app's settings in the developer portal."""
    return AppConfig()


@pytest_asyncio.fixture
async def fake_discord(request: pytest.FixtureRequest, fake_discord_app: AppConfig) -> AsyncIterator[FakeDiscord]:
    """Guilds with time that stands still; `fake_discord.clock` is a FakeClock."""
    discord = FakeDiscord(clock=FakeClock(), app=fake_discord_app)
    attach = Attach(discord.world.transcript, request.node)
    request.config.pluginmanager.register(attach)
    try:
        async with discord:
            yield discord
        discord.check()
    finally:
        request.config.pluginmanager.unregister(attach)
