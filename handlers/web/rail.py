"""How much waits for a decision, for the rail of every page."""

from __future__ import annotations

from fastapi import Request

from handlers.web.door import door_of


async def rail(request: Request) -> None:
    """A dependency of every page: leaves the count where `html.page` finds it; pieces of a page do without."""
    door = door_of(request)
    if door.sessions.find(request) is not None and not wants_piece(request):
        request.state.undecided = await door.services.board.waiting()


def wants_piece(request: Request) -> bool:
    """Whether the page's script asks, which puts the answer into the page that is open."""
    return request.headers.get("hx-request") == "true"
