"""Pictures for networks that fetch them: no key, but an address that nobody can guess and that soon ends."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from handlers.web import models
from handlers.web.door import door_of

router = APIRouter()
_PICTURES: Final = ("image/gif", "image/jpeg", "image/png", "image/webp")


@router.get(
    "/pulled/{token}",
    response_class=Response,
    responses={
        200: {"content": {mime: {} for mime in _PICTURES}, "description": "The picture"},
        404: {"model": models.ErrorAnswer},
        422: {"model": models.ErrorAnswer},
    },
)
async def pulled(request: Request, token: str) -> Response:
    """The one picture this address was made for."""
    item, data = await door_of(request).services.pulled.open(token)
    return Response(data, media_type=item.mime, headers={"content-disposition": "inline"})
