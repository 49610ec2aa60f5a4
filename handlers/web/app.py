"""The web door as one ASGI app: the API, the page and the health of the desk behind one gate."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from handlers.problems import Unexpected, outcome_of
from handlers.web import (
    accounts,
    api,
    approvals,
    assets,
    auth,
    brand,
    calendar,
    connecting,
    deliveries,
    events,
    feeds,
    health,
    history,
    media,
    pages,
    pulled,
    results,
    writing,
)
from handlers.web.answering import problem_page
from handlers.web.answers import error_response, outcome_response
from handlers.web.api import NotJson
from handlers.web.auth import signed_out, still_here
from handlers.web.door import Door, SignedOut, door_of
from handlers.web.gate import SAFE_HEADERS, Gate, too_large, wants_key
from handlers.web.html import warm
from handlers.web.packing import Packed
from handlers.web.rail import rail
from handlers.web.sessions import COOKIE
from services.domain.errors import DeskError, InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from handlers.web.settings import WebSettings
    from services.facade import Services

GRACE: Final = 10.0
"""Seconds that running drafts get when the desk stops; their briefs are saved in any case."""
_TOLD: Final = {
    404: ("not_found", "The address may be mistyped, or what it named is gone."),
    405: ("method_not_allowed", "This is not done in that way."),
}
"""What the framework turns away, in our words."""
_UNREADABLE: Final = (
    "unreadable",
    "This form could not be read: it is damaged, or there are far too many files in it.",
    "Go back to it, choose at most ten files, and send it again.",
)
_ROOMS: Final = (pages, writing, history, approvals, deliveries, connecting, accounts, brand, calendar, results, feeds)
"""What people look at, each page with the rail beside it."""
_ABOUT: Final = "The newsroom desk over HTTP. Send the token as `Authorization: Bearer …`."


def create_app(services: Services, settings: WebSettings) -> FastAPI:
    """The app; its `state.door` has `notifications.notice` for the bus and `close()` for when the server is to stop."""
    door = Door(services, settings)
    app = _Described(
        title="Copydesk",
        version="0.1.0",
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
    )
    app.state.door = door
    for part in (media, events, api, health):
        app.include_router(part.router, dependencies=[Depends(still_here)])
    for router in (pulled.router, auth.router, assets.router, connecting.door):
        app.include_router(router)
    for room in _ROOMS:
        app.include_router(room.router, dependencies=[Depends(still_here), Depends(rail)])
    app.include_router(pages.front, dependencies=[Depends(still_here)])
    app.add_middleware(Packed)
    app.add_middleware(Gate, door=door)
    app.add_exception_handler(DeskError, _desk_error)
    app.add_exception_handler(SignedOut, _signed_out)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(Exception, _unexpected)
    return app


class _Described(FastAPI):
    """An app whose description tells which paths want a key, as the gate has it."""

    def openapi(self) -> dict[str, Any]:
        """The framework's own, with the two keys that fit."""
        found = super().openapi()
        found["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
        }
        for path, methods in found["paths"].items():
            if wants_key(path):
                for operation in methods.values():
                    operation["security"] = [{"bearer": []}, {"session": []}]
        return found


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    door: Door = app.state.door
    telling = asyncio.create_task(door.notifications.run(), name="notifications")
    warming = asyncio.create_task(asyncio.to_thread(warm), name="templates")
    try:
        yield
    finally:
        door.close()
        await asyncio.wait({warming})
        await door.tasks.drain(GRACE)
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling


def _for_programs(request: Request) -> bool:
    return request.url.path.startswith(("/api", "/metrics", "/readyz", "/healthz", "/pulled"))


async def _desk_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, DeskError):
        raise error
    outcome = outcome_of(error)
    if isinstance(error, NotJson):
        return error_response(400, error.code, error.message, next_step=error.next_step)
    return outcome_response(outcome) if _for_programs(request) else problem_page(request, outcome.status, error)


async def _signed_out(request: Request, _error: Exception) -> Response:
    """The session is of somebody who is gone, or ended while the page was made."""
    if _for_programs(request):
        return error_response(401, "unauthorized", "Your session has ended.", next_step="Sign in again on the page.")
    answer = signed_out(request)
    door_of(request).sessions.take(answer)
    return answer


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code, message = _TOLD.get(error.status_code, (f"http_{error.status_code}", str(error.detail)))
    how = ""
    if error.status_code == 400 and not _for_programs(request):
        code, message, how = _UNREADABLE
    if error.status_code == 413:
        code, (message, how) = "too_large", too_large(request.url.path)
    if _for_programs(request):
        where = {404: f"There is nothing at {request.url.path[:80]}."}.get(error.status_code, message)
        answer: Response = error_response(error.status_code, code, where, next_step=how or "See /openapi.json.")
    else:
        kind = NotFound if error.status_code == 404 else InvalidInput
        answer = problem_page(request, error.status_code, kind(message, next_step=how))
    answer.headers.update(error.headers or {})
    return answer


async def _unexpected(request: Request, _error: Exception) -> Response:
    """A bug of ours, which the server logs; this answer is made in front of the gate and so carries its headers."""
    outcome = outcome_of(Unexpected())
    if _for_programs(request) or outcome.error is None:
        answer: Response = outcome_response(outcome)
    else:
        answer = problem_page(request, outcome.status, outcome.error)
    for name, value in SAFE_HEADERS:
        answer.headers[name.decode()] = value.decode()
    answer.headers["cache-control"] = "no-store"
    return answer


async def _validation_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    field = str(first["loc"][-1]) if first["loc"] else None
    if _for_programs(request):
        return error_response(422, "invalid_input", f"“{field}”: {first['msg']}.", field=field)
    return problem_page(request, 422, InvalidInput("This address is not quite right.", next_step=f"Look at “{field}”."))
