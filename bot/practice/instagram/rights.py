"""The rights of both products: the same things are called otherwise with Instagram Login and with Facebook Login."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.practice.meta import wire
from bot.practice.meta.wire import granted, token_of

if TYPE_CHECKING:
    from starlette.requests import Request

INSTAGRAM = {
    "basic": "instagram_business_basic",
    "publish": "instagram_business_content_publish",
    "comments": "instagram_business_manage_comments",
    "insights": "instagram_business_manage_insights",
}
FACEBOOK = {
    "basic": "instagram_basic",
    "publish": "instagram_content_publish",
    "comments": "instagram_manage_comments",
    "insights": "instagram_manage_insights",
}
SCOPES = " ".join(INSTAGRAM.values())


def demand(request: Request, *rights: str) -> None:
    """Insist on a token with these rights, under the names of its product; the first thing is always who one is."""
    token = token_of(request)
    names = FACEBOOK if FACEBOOK["basic"] in granted(request, token).scopes else INSTAGRAM
    wire.demand(request, *(names[right] for right in ("basic", *rights)))
