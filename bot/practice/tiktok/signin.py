"""How people let the desk in on TikTok, whose proof of who asked is written in hexadecimal."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.practice import consent
from bot.practice.consent import PROOF, Manners
from bot.practice.kinds import Network

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

MANNERS = Manners(
    network=Network.TIKTOK,
    life=timedelta(minutes=5),
    meanings={
        "user.info.basic": "See your name and picture",
        "user.info.profile": "See your profile: bio, link, verification",
        "user.info.stats": "See your followers, likes and how many videos there are",
        "video.list": "See your public videos and their numbers",
        "video.publish": "Post to your account",
        "video.upload": "Put drafts into your inbox",
    },
    needed=frozenset({"response_type", "redirect_uri", "scope", "state"}),
    defaults={},
    between=re.compile(","),
    methods=frozenset({"S256"}),
    ending="*1!4521.s1",
)


def in_hex(verifier: str) -> str:
    """The challenge as TikTok makes it: SHA-256 in small hexadecimal letters."""
    return hashlib.sha256(verifier.encode()).hexdigest()


async def authorize(request: Request) -> Response:
    """Answer /v2/auth/authorize/; an app on people's own machines has to prove itself, one on the web may."""
    here = request.query_params.get("redirect_uri", "").startswith("http://")
    return await consent.authorize(request, replace(MANNERS, needed=MANNERS.needed | PROOF) if here else MANNERS)
