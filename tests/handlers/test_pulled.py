"""The one door without a key behind which pictures are: for networks that fetch them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from services.images.pulling import LIFE
from tests.handlers.world import BASE, World, a_png

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.domain.media import MediaItem


@pytest.fixture
async def stranger(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without key or session."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=world.app), base_url=BASE) as client:
        yield client


@pytest.fixture
async def item(world: World) -> MediaItem:
    return (await world.services.media.accept(a_png())).item


async def test_an_address_shows_its_picture_to_anybody_until_it_ends(
    world: World, stranger: httpx.AsyncClient, item: MediaItem
) -> None:
    path = f"/pulled/{world.services.pulled.token(item.digest)}"
    answer = await stranger.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content == await world.files.get(item.digest)
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    head = await stranger.head(path)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(answer.content)), b"")
    world.clock.set(world.clock.now() + LIFE + timedelta(seconds=1))
    gone = await stranger.get(path)
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "not_found")


async def test_the_digest_alone_opens_nothing(stranger: httpx.AsyncClient, item: MediaItem) -> None:
    assert (await stranger.get(f"/pulled/{item.digest}")).status_code == 404
    assert (await stranger.get(f"/api/media/{item.digest}")).status_code == 401
