"""How people let the desk in on Threads."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.practice import consent
from bot.practice.consent import Manners
from bot.practice.kinds import Network
from bot.practice.meta import signin
from bot.practice.meta.signin import Login

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

LOGIN: Final = Login(
    manners=Manners(
        network=Network.THREADS,
        life=timedelta(hours=1),
        meanings={
            "threads_basic": "See the profile and the posts of this account",
            "threads_content_publish": "Publish posts",
            "threads_read_replies": "Read replies",
            "threads_manage_replies": "Answer, hide and show replies",
            "threads_manage_insights": "See what posts earned",
            "threads_manage_mentions": "See who mentions this account",
            "threads_delete": "Delete posts",
            "threads_keyword_search": "Search public posts",
            "threads_location_tagging": "Tag places in posts",
        },
        always=frozenset({"threads_basic"}),
        defaults={},
        between=re.compile(r"[, ]"),
        denied={
            "error": "access_denied",
            "error_reason": "user_denied",
            "error_description": "The user denied your request",
        },
        tail="#_",
    ),
    prefix="THAA",
    exchange="th_exchange_token",
    tells_rights=False,
)


async def authorize(request: Request) -> Response:
    """Answer /oauth/authorize."""
    return await consent.authorize(request, LOGIN.manners)


async def token(request: Request) -> Response:
    """Answer POST /oauth/access_token."""
    return await signin.token(request, LOGIN)


async def lengthen(request: Request) -> Response:
    """Answer GET /access_token."""
    return signin.exchanged(request, LOGIN)
