"""A stage for each surface, over a desk of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from tests.scenarios.discord_stage import DiscordStage
from tests.scenarios.house import House, a_house
from tests.scenarios.slack_stage import SlackStage
from tests.scenarios.stage import Stage
from tests.scenarios.web_stage import WebStage

CHATS = ("slack", "discord")
ALL = (*CHATS, "web")


@asynccontextmanager
async def a_stage(kind: str, house: House) -> AsyncIterator[Stage]:
    """This surface over this desk; what no installation may show fails at the end."""
    async with AsyncExitStack() as stack:
        web = WebStage(house)
        stack.push_async_callback(web.close)
        stage: Stage = web
        if kind == "slack":
            slack = SlackStage(house, await stack.enter_async_context(SlackStage.fake(house.world)))
            await house.open(slack)
            stack.push_async_callback(house.close)
            stage = slack
        elif kind == "discord":
            discord = DiscordStage(house, await stack.enter_async_context(DiscordStage.fake(house.world)))
            stack.callback(discord.restore)
            await house.open(discord)
            stack.push_async_callback(house.close)
            stage = discord
        yield stage
        assert stage.problems() == []


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house() as built:
        yield built


@pytest.fixture(params=ALL)
async def stage(request: pytest.FixtureRequest, house: House) -> AsyncIterator[Stage]:
    """Every surface in turn."""
    async with a_stage(request.param, house) as built:
        yield built


@pytest.fixture
async def everywhere(house: House) -> AsyncIterator[dict[str, Stage]]:
    """All surfaces at once."""
    async with AsyncExitStack() as stack:
        yield {kind: await stack.enter_async_context(a_stage(kind, house)) for kind in ALL}


@pytest.fixture(params=CHATS)
async def chat(request: pytest.FixtureRequest, house: House) -> AsyncIterator[Stage]:
    """Every chat in turn."""
    async with a_stage(request.param, house) as built:
        yield built
