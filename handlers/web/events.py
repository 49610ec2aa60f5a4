"""Changes as they happen, for the page and for scripts."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from handlers.web import models
from handlers.web.door import Door, door_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from handlers.notifications import Changed

router = APIRouter(prefix="/api")
_WRONG: Final = {"model": models.ErrorAnswer}
_QUIET: Final = 15.0
"""Seconds of silence after which a comment keeps proxies from hanging up."""


@router.get(
    "/events",
    response_model=None,
    responses={200: {"content": {"text/event-stream": {}}}, 401: _WRONG, 422: _WRONG},
)
async def events(request: Request, since: int | None = None) -> StreamingResponse:
    """Server-sent: `event: card` with `{"card_id", "draft_id"}`; `event: reload` when anything may be different.

    `since` is the page's own: how many changes there had been when it was read, so that none in between is missed.
    """
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_stream(door_of(request), since), media_type="text/event-stream", headers=headers)


async def _stream(door: Door, since: int | None = None) -> AsyncGenerator[str, None]:
    yield ": watching\n\n"
    async with aclosing(_changes(door, since)) as changes:
        async for changed in changes:
            yield _message(changed) if changed is not None else ": still here\n\n"


async def _changes(door: Door, since: int | None) -> AsyncGenerator[Changed | None, None]:
    """Each change, and None after a time without any."""
    async with aclosing(door.watchers.watch(since)) as watched:
        coming: asyncio.Task[Changed] = asyncio.ensure_future(anext(watched))
        try:
            while True:
                if not await door.tasks.within(coming, _QUIET):
                    yield None
                    continue
                try:
                    changed = coming.result()
                except StopAsyncIteration:
                    return
                coming = asyncio.ensure_future(anext(watched))
                yield changed
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


def _message(changed: Changed) -> str:
    if not changed.card_id:
        return "event: reload\ndata: {}\n\n"
    data = json.dumps({"card_id": changed.card_id, "draft_id": changed.draft_id})
    return f"event: card\ndata: {data}\n\n"
