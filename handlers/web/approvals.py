"""What waits for a decision, oldest first, and everything that is open by state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from handlers.views.pile import queue_groups, waiter
from handlers.views.timeline import delivery_life
from handlers.web.door import door_of
from handlers.web.html import page
from handlers.web.within import stranger, told
from services.access import Permission, may

if TYPE_CHECKING:
    from handlers.desk import Call

router = APIRouter(include_in_schema=False)
PAGE: Final = 10


@router.get("/approvals")
async def approvals(request: Request, network: str = "", author: str = "", said: str = "") -> Response:
    """Drafts to approve or send back, and deliveries that ask a question."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    await door.notifications.catch_up()
    number = _number(request.query_params.get("page", ""))
    person = await door.person(request)
    call = door.call(person)
    found = await door.services.piles.waiting(
        author=author[:80], platform=network[:40], skip=(number - 1) * PAGE, limit=PAGE
    )
    number = found.first // PAGE + 1
    look = call.look()
    return page(
        request,
        "approvals.html",
        here="approvals",
        waiting=[waiter(s, call.look(s)) for s in found.drafts],
        questions=[delivery_life(r, "", look) for r in found.questions] if number == 1 else [],
        asking=found.asking,
        total=found.total,
        first=found.first + 1,
        number=number,
        pages=-(-found.total // PAGE),
        links=_links(network, author, number),
        networks=_networks(call, {a.platform for a in found.accounts.values()}),
        authors=found.authors,
        network=network,
        author=author,
        back=_address(network, author, number),
        decides=may(person, Permission.APPROVE),
        told=await told(request, said),
    )


@router.get("/queue")
async def queue(request: Request) -> Response:
    """Everything that is not finished."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    look = door.call(await door.person(request)).look()
    shots = await door.services.piles.open()
    return page(request, "queue.html", here="approvals", groups=queue_groups(shots, look), total=len(shots))


def _number(text: str) -> int:
    """The page asked for; anything that is no number is the first."""
    return min(max(int(text), 1), 10_000) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _address(network: str, author: str, number: int) -> str:
    given = {"network": network, "author": author, "page": str(number) if number > 1 else ""}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"/approvals?{query}" if query else "/approvals"


def _links(network: str, author: str, number: int) -> dict[str, str]:
    return {"before": _address(network, author, number - 1), "after": _address(network, author, number + 1)}


def _networks(call: Call, used: set[str]) -> list[tuple[str, str]]:
    return sorted(((slug, label) for slug, label in call.desk.labels.items() if slug in used), key=lambda n: n[1])
