"""The voice as it is in use, where it comes from and how it is changed."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from handlers.views.voice import voice
from handlers.web.door import door_of
from handlers.web.html import page
from handlers.web.within import stranger

router = APIRouter(include_in_schema=False)


@router.get("/brand")
async def brand(request: Request) -> Response:
    """Every voice of the desk."""
    if (gone := stranger(request)) is not None:
        return gone
    found = await door_of(request).services.piles.brands()
    return page(request, "brand.html", here="brand", voices=[voice(b) for b in found])
