"""One draft with everything that ever happened to it, and its versions side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from handlers.views.actions import Verb, action_for, draft_verbs
from handlers.views.draft import draft_card, topic
from handlers.views.timeline import delivery_life
from handlers.views.versions import changes, version_list
from handlers.web.door import door_of
from handlers.web.html import page
from handlers.web.within import stranger, told
from services.domain.errors import NotFound
from services.domain.ids import DraftId

if TYPE_CHECKING:
    from services.domain.post import Revision
    from services.piles import Life

router = APIRouter(include_in_schema=False)


@router.get("/drafts/{draft_id}")
async def draft(request: Request, draft_id: str, said: str = "") -> Response:
    """The card as it is now, then its log, its versions and its deliveries."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    life = await _life(request, draft_id)
    shot = life.snapshot
    look = door.call(await door.person(request)).look(shot)
    return page(
        request,
        "draft.html",
        card=draft_card(shot, look),
        topic=topic(shot.draft),
        draft_id=draft_id,
        brief=shot.draft.brief,
        audit=[
            {"at": look.short_day(e.at), "who": e.by_name, "verb": e.verb, "revision": e.revision, "note": e.note}
            for e in reversed(shot.audit)
        ],
        versions=version_list(shot, life.revisions, look),
        deliveries=[delivery_life(r, "", look) for r in reversed(life.deliveries)],
        zone=look.zone,
        told=await told(request, said),
    )


@router.get("/drafts/{draft_id}/versions")
async def versions(request: Request, draft_id: str, said: str = "") -> Response:
    """Two versions word by word; by default the last change."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    life = await _life(request, draft_id)
    shot = life.snapshot
    look = door.call(await door.person(request)).look(shot)
    old, new = _pair(life, request.query_params.get("from", ""), request.query_params.get("to", ""))
    may = Verb.RESTORE in draft_verbs(shot, look)
    return page(
        request,
        "versions.html",
        draft_id=draft_id,
        topic=topic(shot.draft),
        versions=version_list(shot, life.revisions, look),
        old=old.number if old else 0,
        new=new.number if new else 0,
        changes=changes(old, new, shot, look) if old and new else (),
        restore=action_for(shot, Verb.RESTORE).encode() if may else "",
        zone=look.zone,
        told=await told(request, said),
    )


async def _life(request: Request, draft_id: str) -> Life:
    if not draft_id.isascii() or not draft_id.isdigit() or len(draft_id) > 12:
        raise NotFound("There is no such draft.", next_step="The queue lists the drafts there are.")
    return await door_of(request).services.piles.life(DraftId(draft_id))


def _pair(life: Life, old: str, new: str) -> tuple[Revision | None, Revision | None]:
    """The versions of these numbers; without them the last one and the one before it."""
    known = {str(r.number): r for r in life.revisions}
    last = life.revisions[-1] if life.revisions else None
    newer = known.get(new, last)
    if newer is None:
        return None, None
    before = known.get(old) or known.get(str(newer.number - 1))
    return before, newer
