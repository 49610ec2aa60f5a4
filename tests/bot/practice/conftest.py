"""Fixtures for the practice networks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.bot.practice.driving import FakeClock, Practice, running


@pytest.fixture
def clock() -> FakeClock:
    """A clock the test moves."""
    return FakeClock()


@pytest_asyncio.fixture
async def practice(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Practice]:
    """A fresh practice server without history."""
    async with running(tmp_path / "practice.db", clock) as served:
        yield served
