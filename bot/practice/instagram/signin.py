"""How people let the desk in with Instagram Login."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.practice import consent
from bot.practice.consent import Manners
from bot.practice.instagram.rights import INSTAGRAM
from bot.practice.kinds import Network
from bot.practice.meta import signin
from bot.practice.meta.signin import Login

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

LOGIN: Final = Login(
    manners=Manners(
        network=Network.INSTAGRAM,
        life=timedelta(hours=1),
        meanings={
            INSTAGRAM["basic"]: "See the profile and the posts of this account",
            INSTAGRAM["publish"]: "Publish pictures and videos",
            INSTAGRAM["comments"]: "Read, answer, hide and delete comments",
            INSTAGRAM["insights"]: "See what posts earned",
            "instagram_business_manage_messages": "Read and answer messages",
        },
        always=frozenset({INSTAGRAM["basic"]}),
        defaults={},
        more=frozenset({"enable_fb_login", "force_authentication", "force_reauth"}),
        between=re.compile(r"[, ]"),
        denied={
            "error": "access_denied",
            "error_reason": "user_denied",
            "error_description": "The user denied your request",
        },
        tail="#_",
    ),
    prefix="IGAA",
    exchange="ig_exchange_token",
    tells_rights=True,
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
