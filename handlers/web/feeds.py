"""The practice networks' feeds: what they show of the desk's posts, and a board to let things go wrong on them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from handlers.views.feed import MISHAPS
from handlers.web.auth import not_ours
from handlers.web.door import door_of
from handlers.web.html import page
from handlers.web.within import stranger
from services.access import Permission, may
from services.domain.errors import DeskError, InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.views.feed import FeedPost, WaitingFault
    from handlers.web.door import Door
    from handlers.web.sources import PracticeFeed

router = APIRouter(include_in_schema=False)
_EACH: Final = 4
"""Threads per network when several are shown."""
_ALONE: Final = 40
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@router.get("/practice")
async def practice(request: Request, network: str = "") -> Response:
    """Every practice network beside the other, or one alone."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    feed, person = _feed(door), await door.person(request)
    if network:
        _known(door, network)
    posts, faults, problem = await _read(feed, network)
    accounts = await door.services.accounts.list()
    shown = {a.platform: door.desk.labels.get(a.platform, a.platform) for a in accounts if a.practice}
    return page(
        request,
        "practice.html",
        status=503 if problem else 200,
        here="practice",
        network=network,
        networks=shown,
        columns=[
            (slug, shown[slug], [p for p in posts if p.network == slug]) for slug in shown if network in {"", slug}
        ],
        look=door.call(person).look(),
        faults=faults,
        mishaps=MISHAPS,
        told={m.fault: m.label for m in MISHAPS},
        labels=door.desk.labels,
        problem=problem,
        may_spoil=may(person, Permission.OPERATE),
    )


async def _read(
    feed: PracticeFeed, network: str
) -> tuple[Sequence[FeedPost], Sequence[WaitingFault], DeskError | None]:
    try:
        return await feed.posts(network, limit=_ALONE if network else _EACH), await feed.faults(), None
    except DeskError as error:
        return (), (), error


def _feed(door: Door) -> PracticeFeed:
    feed = door.settings.practice_feed
    if feed is None or not door.settings.practice():
        raise NotFound(
            "Practice is off: the desk speaks to real networks.",
            next_step="COPYDESK_PRACTICE=1 brings the practice networks back.",
        )
    return feed


def _known(door: Door, network: str) -> None:
    if network not in door.desk.labels:
        raise NotFound("There is no such network.", next_step="Choose one of the practice networks.")


@router.get("/practice/picture/{digest}")
async def picture(request: Request, digest: str) -> Response:
    """A picture that a practice network shows; only kinds that a browser draws and nothing else."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    found = await _feed(door).picture(digest) if _DIGEST.fullmatch(digest) else None
    if found is None:
        raise NotFound("There is no such picture.")
    kind, data = found
    return Response(data, media_type=kind, headers={"cache-control": "private, max-age=86400, immutable"})


@router.post("/practice/faults")
async def faults(
    request: Request,
    *,
    csrf: Annotated[str, Form()] = "",
    mishap: Annotated[str, Form()] = "",
    on: Annotated[str, Form()] = "",
    network: Annotated[str, Form()] = "",
) -> Response:
    """Order one mishap on a network (`on`, empty for all), or clear them all (`mishap` is "none")."""
    door = door_of(request)
    if not door.form_is_ours(request, csrf):
        return not_ours(request)
    await door.call(await door.person(request)).need(Permission.OPERATE)
    feed = _feed(door)
    for slug in filter(None, (on, network)):
        _known(door, slug)
    if mishap == "none":
        await feed.calm()
    else:
        chosen = next((m for m in MISHAPS if m.key == mishap), None)
        if chosen is None:
            raise InvalidInput("There is no such mishap.", next_step="Use the buttons of the board.", field="mishap")
        await feed.order(chosen, on or "*")
    query = f"?{urlencode({'network': network})}" if network else ""
    return RedirectResponse(f"/practice{query}#mishaps", status_code=303)
