"""X, once Twitter."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from services.domain.account import Dedupe
from services.domain.budget import Budget
from services.domain.ids import PlatformSlug
from services.platforms.x.adapter import connect
from services.platforms.x.marks import marks
from services.platforms.x.place import DEFAULT_BASE_URL
from services.platforms.x.prices import cost_of
from services.platforms.x.publisher import OPTIONS, check_options
from services.platforms.x.rules import LIMITS, XRules
from services.platforms.x.signin import SIGNIN
from services.ports.platform import Absence, CredentialField, PlatformSpec, Role, always
from services.quiet import used_up

_OLD: Final = "OAuth 1.0a: keys and tokens of your app in the X developer console (console.x.com)."
_NEW: Final = "OAuth 2 only: from your app's user authentication settings."

SPEC: Final = PlatformSpec(
    slug=PlatformSlug("x"),
    label="X",
    fields=(
        CredentialField(name="consumer_key", label="API key", secret=True, required=False, usual=True, help=_OLD),
        CredentialField(
            name="consumer_secret", label="API key secret", secret=True, required=False, usual=True, help=_OLD
        ),
        CredentialField(
            name="access_token",
            label="Access token",
            secret=True,
            help="Of OAuth 1.0a with its secret and the app's two keys, or of OAuth 2 with a refresh token.",
        ),
        CredentialField(
            name="access_token_secret", label="Access token secret", secret=True, required=False, usual=True, help=_OLD
        ),
        CredentialField(name="refresh_token", label="Refresh token", secret=True, required=False, help=_NEW),
        # The id of an app is no secret, but it names no account either, as a field that may be shown would.
        CredentialField(name="client_id", label="Client ID", secret=True, required=False, help=_NEW),
        CredentialField(name="client_secret", label="Client secret", secret=True, required=False, help=_NEW),
    ),
    rules=XRules(),
    default_limits=LIMITS,
    dedupe=Dedupe.LOOKUP,
    key_life=None,
    absence=Absence(first=timedelta(seconds=30), waits=(timedelta(seconds=270), timedelta(minutes=5))),
    guidance=(
        "At most 280 characters even where an account may write more; emoji and CJK count double, every link 23. One "
        "idea, said plainly in the first line; concrete numbers beat adjectives. No hashtag, or at most two; at most "
        "one $CASHTAG. A link makes the post thirteen times as dear, so include one only when the brief asks for it. "
        "Mention nobody who was not named in the brief."
    ),
    connect=connect,
    roles={
        **always(Role.FINDER, Role.DELETER, Role.METRICS, Role.COMMENTS, Role.HISTORY, Role.REPLIER, Role.HIDER),
        Role.REFRESHER: "with OAuth 2 and a refresh token",
    },
    signin=SIGNIN,
    cost=cost_of,
    budgets=(
        Budget(window="quarter", posts=100, period=timedelta(minutes=15)),
        Budget(window="three hours", posts=300, period=timedelta(hours=3)),
    ),
    rest=used_up("x-rate-limit", posts_only=True),
    marks=marks,
    default_base_url=DEFAULT_BASE_URL,
    options=OPTIONS,
    check_options=check_options,
)

__all__ = ["SPEC"]
