"""The web door as one ASGI app: the API, the page and the health of the desk behind one gate."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from handlers.problems import outcome_of
from handlers.web import api, auth, events, health, media, pages
from handlers.web.answers import error_response, outcome_response
from handlers.web.api import NotJson
from handlers.web.door import Door
from handlers.web.gate import Gate
from handlers.web.html import STATIC
from services.domain.errors import DeskError, InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from handlers.web.settings import WebSettings
    from services.facade import Services

GRACE: Final = 10.0
"""Seconds that running drafts get when the desk stops; their briefs are saved in any case."""
_ABOUT: Final = "The newsroom desk over HTTP. Send the token as `Authorization: Bearer …`."


def create_app(services: Services, settings: WebSettings) -> FastAPI:
    """The app; its `state.door` has `notifications.notice` for the bus and `close()` for when the server is to stop."""
    door = Door(services, settings)
    app = FastAPI(
        title="Copydesk",
        version="0.1.0",
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
    )
    app.state.door = door
    for router in (media.router, events.router, api.router, health.router, auth.router, pages.router):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Gate, door=door)
    app.add_exception_handler(DeskError, _desk_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    door: Door = app.state.door
    telling = asyncio.create_task(door.notifications.run(), name="notifications")
    try:
        yield
    finally:
        door.close()
        await door.tasks.drain(GRACE)
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling


def _for_programs(request: Request) -> bool:
    return request.url.path.startswith(("/api", "/metrics", "/readyz", "/healthz"))


async def _desk_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, DeskError):
        raise error
    outcome = outcome_of(error)
    if isinstance(error, NotJson):
        return error_response(400, error.code, error.message, next_step=error.next_step)
    return outcome_response(outcome) if _for_programs(request) else pages.problem_page(request, outcome.status, error)


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    told = {404: "There is nothing here.", 405: "This is not done in that way.", 413: "This request is too large."}
    message = told.get(error.status_code, str(error.detail))
    if _for_programs(request):
        return error_response(error.status_code, f"http_{error.status_code}", message)
    kind = NotFound if error.status_code == 404 else InvalidInput
    return pages.problem_page(request, error.status_code, kind(message, next_step="Go back to the desk."))


async def _validation_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    field = str(first["loc"][-1]) if first["loc"] else None
    return error_response(422, "invalid_input", f"“{field}”: {first['msg']}.", field=field)
