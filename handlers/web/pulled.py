"""Pictures and videos for networks that fetch them: no key, but an address that nobody can guess and that soon ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from handlers.web import models
from handlers.web.door import door_of
from handlers.web.serving import descriptions, served

if TYPE_CHECKING:
    from handlers.web.door import Door

router = APIRouter()


@router.get(
    "/pulled/{token}",
    response_class=Response,
    responses={
        200: {"content": descriptions(), "description": "The picture or video"},
        206: {"description": "The part of a video that was asked for"},
        404: {"model": models.ErrorAnswer},
        422: {"model": models.ErrorAnswer},
    },
)
@router.head("/pulled/{token}", include_in_schema=False)
async def pulled(request: Request, token: str) -> Response:
    """The one file this address was made for; a video also in ranges."""
    door: Door = door_of(request)
    return await served(door.services.files, await door.services.pulled.find(token), {})
