"""Whose a token is on Facebook: a person's, or the Page's, which a person who manages it is given."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from bot.practice import apps
from bot.practice.kinds import Network
from bot.practice.meta import keys
from bot.practice.meta.wire import GraphError, demand, granted, token_of
from bot.practice.world import world_of

if TYPE_CHECKING:
    from starlette.requests import Request

USER = "user"
"""The right of a token that is a person's and not the Page's."""
PERSON = "10150000000000001"


def is_person(request: Request) -> bool:
    """Tell whether a person's token is shown."""
    return USER in granted(request, token_of(request)).scopes


def demand_page(request: Request, *scopes: str) -> None:
    """Insist on the Page's own token with these rights; a person's does not write in its name."""
    demand(request, *scopes)
    if is_person(request):
        words = "(#200) A person's access token does not write in a Page's name; use the Page's own access token"
        raise GraphError(words, code=200, status=403)


def page_token(request: Request) -> str | None:
    """The Page's token for a person: it may what they let the app do, and ends only if theirs is a short one."""
    world, token = world_of(request), token_of(request)
    person = granted(request, token)
    if person.ends is None:
        return keys.known(world.book, Network.FACEBOOK)
    secret = apps.own(world.book, Network.FACEBOOK, world.settings).secret
    theirs = "EAAP" + hmac.new(secret.encode(), token.encode(), hashlib.sha384).hexdigest()
    keys.give(
        world.book,
        Network.FACEBOOK,
        theirs,
        sorted(person.scopes - {USER}),
        ends=person.ends if person.short else None,
    )
    return theirs
