"""How people let the desk in on X with OAuth 2 and a proof of who asked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.practice import consent
from bot.practice.consent import PROOF, Manners
from bot.practice.kinds import Network

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

MANNERS = Manners(
    network=Network.X,
    life=timedelta(seconds=30),
    meanings={
        "tweet.read": "Read posts that this account can see",
        "tweet.write": "Publish and delete posts",
        "users.read": "See who this account is",
        "media.write": "Upload pictures and videos",
        "tweet.moderate.write": "Hide and show replies",
        "offline.access": "Stay connected after two hours",
    },
    needed=frozenset({"response_type", "redirect_uri", "scope", "state"}) | PROOF,
    defaults={},
    methods=frozenset({"S256", "plain"}),
)


async def authorize(request: Request) -> Response:
    """Answer /i/oauth2/authorize."""
    return await consent.authorize(request, MANNERS)
