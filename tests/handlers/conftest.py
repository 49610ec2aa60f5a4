"""One desk per test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.handlers.world import BASE, World, make_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A desk with two accounts."""
    desk = await make_world()
    yield desk
    await desk.client.aclose()
    await desk.stranger.aclose()


@pytest.fixture
async def bare() -> AsyncIterator[World]:
    """A desk without any account."""
    desk = await make_world(accounts=False)
    yield desk
    await desk.client.aclose()
    await desk.stranger.aclose()


@pytest.fixture
async def signed_in(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without scripts whose session is the owner's."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=world.app), base_url=BASE) as client:
        assert (await client.get(f"/signin?token={world.links.new()}")).status_code == 303
        yield client
