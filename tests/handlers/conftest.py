"""One desk per test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.handlers.world import World, make_world

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
