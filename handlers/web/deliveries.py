"""What went out, what is on its way and what could not go: the list, and the life of each."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from handlers.views.timeline import STATES, delivery_life, delivery_row
from handlers.web.door import door_of
from handlers.web.html import page
from handlers.web.within import stranger, told
from services.domain.delivery import DeliveryState
from services.domain.ids import AccountId, DeliveryId
from services.piles import topic

router = APIRouter(include_in_schema=False)
PAGE: Final = 30


@router.get("/deliveries")
async def deliveries(
    request: Request, state: str = "", account: str = "", before: str = "", said: str = ""
) -> Response:
    """Newest first, by state and account."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    look = door.call(await door.person(request)).look()
    wanted = DeliveryState(state.upper()) if state in STATES else None
    found = await door.services.piles.sent(
        states={wanted} if wanted else None,
        account_id=AccountId(account) if account else None,
        before=DeliveryId(before) if before else None,
        limit=PAGE,
    )
    return page(
        request,
        "deliveries.html",
        here="deliveries",
        rows=[delivery_row(r, found.topics.get(r.delivery.draft_id, ""), look) for r in found.records],
        states=STATES,
        state=state if wanted else "",
        accounts=[(a.id, look.account(a, a.platform)) for a in found.accounts],
        account=account,
        before=before,
        older=_address(state if wanted else "", account, found.older) if found.older else "",
        zone=look.zone,
        told=await told(request, said),
    )


@router.get("/deliveries/{delivery_id}")
async def delivery(request: Request, delivery_id: str, said: str = "") -> Response:
    """One delivery, step by step."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    look = door.call(await door.person(request)).look()
    record, draft = await door.services.piles.delivery(DeliveryId(delivery_id))
    return page(
        request,
        "delivery.html",
        here="deliveries",
        life=delivery_life(record, topic(draft), look),
        zone=look.zone,
        back=f"/deliveries/{delivery_id}",
        told=await told(request, said),
    )


def _address(state: str, account: str, before: str) -> str:
    given = {"state": state, "account": account, "before": before}
    return f"/deliveries?{urlencode({name: value for name, value in given.items() if value})}"
