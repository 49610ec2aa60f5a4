"""A fresh desk with two chats for each test."""

from __future__ import annotations

import pytest_asyncio

from tests.handlers.chat.driving import Chats, make_chats


@pytest_asyncio.fixture
async def chats() -> Chats:
    return await make_chats()
