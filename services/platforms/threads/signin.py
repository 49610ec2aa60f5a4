"""Signing in at Threads with an app of the Threads use case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.graph.signin import ID, SECRET, LongLivedSignIn
from services.platforms.threads.adapter import DEFAULT_BASE_URL
from services.platforms.threads.composing import LABEL
from services.ports.signin import AppField, SignIn

if TYPE_CHECKING:
    from services.ports.signin import Authorizer, Going

REQUIRED: Final = ("threads_basic", "threads_content_publish")
SCOPES: Final = (
    *REQUIRED,
    "threads_read_replies",
    "threads_manage_replies",
    "threads_manage_insights",
    "threads_delete",
)
_WEB: Final = "https://threads.com"


def authorizer(going: Going) -> Authorizer:
    """Codes and tokens are traded where the API is."""
    return LongLivedSignIn(
        going=going,
        label=LABEL,
        page=_WEB,
        codes=DEFAULT_BASE_URL,
        root=DEFAULT_BASE_URL,
        grant="th_exchange_token",
        scopes=SCOPES,
        required=REQUIRED,
    )


SIGNIN: Final = SignIn(
    apps=((AppField(name=ID), AppField(name=SECRET)),),
    scopes=SCOPES,
    steps=(
        "Open developers.facebook.com, My Apps, and make an app with the use case “Access the Threads API”.",
        f"In its permissions add {', '.join(SCOPES)}.",
        "In its settings enter {redirect} as the redirect callback URL, and the same for uninstall and delete.",
        "Add the profile under App roles as a Threads tester, and accept that on threads.com, Settings, Account.",
        "Set THREADS_APP_ID and THREADS_APP_SECRET to the Threads app id and secret, and start the desk again.",
    ),
    authorizer=authorizer,
    https_only=True,
)
