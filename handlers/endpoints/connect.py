"""Connecting an account from chat: the list of networks, or the way to one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.views.connecting import go_card, page_card, steps_card, ways_card
from services.access import Permission
from services.connecting import Ready
from services.domain.signin import Origin

if TYPE_CHECKING:
    from handlers.desk import Call
    from handlers.request import Replies, Request


async def connect(call: Call) -> Replies:
    """List the networks, or give this person a link to sign in at one: "x", "mastodon example.social"."""
    connecting = call.services.connecting
    name, _, detail = call.rest.partition(" ")
    await call.need(Permission.OPERATE)
    if not name:
        accounts = await call.services.accounts.list()
        return call.whisper(ways_card(connecting.ways(), accounts, call.look()))
    way = connecting.way(name)
    if way.ready is Ready.SIGN_IN:
        url = await connecting.ticket(call.request.actor, name, detail.strip(), origin=_origin(call.request))
        return call.whisper(go_card(way, url, detail=detail.strip()))
    if way.ready is Ready.TYPED:
        return call.whisper(page_card(way, connecting.desk_url))
    return call.whisper(steps_card(way, connecting.desk_url))


def _origin(request: Request) -> Origin | None:
    """The chat channel it was asked for in; the page and scripts have none."""
    return Origin(surface=request.surface, channel=request.channel) if request.channel else None
