"""LinkedIn: members, and the pages of organizations."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from services.domain.account import Dedupe
from services.domain.budget import Budget
from services.domain.ids import PlatformSlug
from services.domain.media import PictureSize
from services.platforms.linkedin.adapter import DEFAULT_VERSION, connect
from services.platforms.linkedin.checks import check_variant
from services.platforms.linkedin.marks import marks
from services.platforms.linkedin.place import DEFAULT_BASE_URL
from services.platforms.linkedin.publisher import OPTIONS
from services.platforms.linkedin.rules import LIMITS, LinkedInRules
from services.platforms.linkedin.signin import SIGNIN
from services.ports.platform import CredentialField, PlatformSpec, Role

_PARTNER: Final = "Only apps of approved partners get one."
_READS: Final = "where the token may read"

SPEC: Final = PlatformSpec(
    slug=PlatformSlug("linkedin"),
    label="LinkedIn",
    fields=(
        CredentialField(
            name="author",
            label="Author",
            secret=False,
            required=False,
            help="A page: urn:li:organization:12345. Empty for the member the token belongs to.",
        ),
        CredentialField(
            name="access_token",
            label="Access token",
            secret=True,
            help="From the token generator of your app in LinkedIn's developer portal; it lives 60 days.",
        ),
        CredentialField(
            name="version",
            label="API version",
            secret=False,
            required=False,
            help=f"The month of the API as YYYYMM; {DEFAULT_VERSION} when empty. LinkedIn retires each after a year.",
        ),
        CredentialField(name="refresh_token", label="Refresh token", secret=True, required=False, help=_PARTNER),
        CredentialField(name="client_id", label="Client ID", secret=True, required=False, help=_PARTNER),
        CredentialField(name="client_secret", label="Client secret", secret=True, required=False, help=_PARTNER),
    ),
    rules=LinkedInRules(),
    default_limits=LIMITS,
    dedupe=Dedupe.LOOKUP,
    key_life=None,
    guidance=(
        "For colleagues and people of the trade: what was done, what it changed, what others can take from it. The "
        "first two lines decide whether anybody opens the rest; short paragraphs with empty lines between them, 600 to "
        "1,300 characters. No hype, no confession as bait. Three to five hashtags at the end. A link costs reach, so "
        "put it last. People and companies can be named as @[Name](urn:li:organization:123) only."
    ),
    connect=connect,
    roles={
        Role.FINDER: _READS,
        Role.DELETER: "",
        Role.EDITOR: "",
        Role.METRICS: "pages whose token may read",
        Role.COMMENTS: _READS,
        Role.HISTORY: _READS,
        Role.REPLIER: _READS,
        Role.REFRESHER: "with a refresh token, client ID and client secret",
    },
    signin=SIGNIN,
    budgets=(Budget(window="day", posts=150, period=timedelta(days=1)),),
    marks=marks,
    default_base_url=DEFAULT_BASE_URL,
    options=OPTIONS,
    check_options=check_variant,
    picture=PictureSize(width=1200, height=627),
)

__all__ = ["SPEC"]
