"""Signing in with Instagram Login, which needs no Page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.graph.signin import ID, SECRET, LongLivedSignIn
from services.platforms.instagram.adapter import DEFAULT_BASE_URL, LABEL
from services.ports.signin import AppField, SignIn

if TYPE_CHECKING:
    from services.ports.signin import Authorizer, Going

REQUIRED: Final = ("instagram_business_basic", "instagram_business_content_publish")
SCOPES: Final = (*REQUIRED, "instagram_business_manage_comments", "instagram_business_manage_insights")


def authorizer(going: Going) -> Authorizer:
    """Each of the three steps has a host of its own."""
    return LongLivedSignIn(
        going=going,
        label=LABEL,
        page="https://www.instagram.com",
        codes="https://api.instagram.com",
        root=DEFAULT_BASE_URL,
        grant="ig_exchange_token",
        scopes=SCOPES,
        required=REQUIRED,
    )


SIGNIN: Final = SignIn(
    apps=((AppField(name=ID), AppField(name=SECRET)),),
    scopes=SCOPES,
    steps=(
        "Make the account a professional one in the Instagram app (Settings, Account type).",
        "Open developers.facebook.com, My Apps, and make a business app with “API setup with Instagram login”.",
        f"Add the permissions {', '.join(SCOPES)}, and the account as an Instagram tester.",
        "Under “Set up Instagram business login” enter {redirect} as the redirect address.",
        "Set INSTAGRAM_APP_ID and INSTAGRAM_APP_SECRET to the Instagram app id and secret there, and start again.",
    ),
    authorizer=authorizer,
    https_only=True,
)
