"""Instagram, for professional accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from services.domain.account import Dedupe
from services.domain.budget import Budget
from services.domain.ids import PlatformSlug
from services.domain.media import PictureSize
from services.graph.tokens import AHEAD
from services.graph.usage import rest
from services.platforms.instagram.adapter import DEFAULT_BASE_URL, LABEL, LIMITS, WHERE, connect
from services.platforms.instagram.choices import OPTIONS, SHAPES, check_options
from services.platforms.instagram.marks import marks
from services.platforms.instagram.rules import InstagramRules
from services.platforms.instagram.signin import SIGNIN
from services.ports.platform import CredentialField, PlatformSpec, Role, always

SPEC: Final = PlatformSpec(
    slug=PlatformSlug("instagram"),
    label=LABEL,
    fields=(
        CredentialField(name="user_id", label="User id", secret=False, help="The professional account's number."),
        CredentialField(name="access_token", label="Access token", secret=True, help=WHERE),
    ),
    rules=InstagramRules(),
    default_limits=LIMITS,
    dedupe=Dedupe.STATUS,
    key_life=None,
    guidance=(
        "A caption to a picture: the first line must carry the point, because the rest is folded away. Short "
        "paragraphs, concrete and warm. Links can't be clicked, so say where to find things instead. Three to five "
        "hashtags at the end. Mention people as @name."
    ),
    connect=connect,
    roles={
        **always(Role.FINDER, Role.DELETER, Role.METRICS, Role.COMMENTS, Role.HISTORY, Role.REPLIER, Role.HIDER),
        Role.REFRESHER: "with a token of Instagram Login",
    },
    default_base_url=DEFAULT_BASE_URL,
    renew_ahead=AHEAD,
    pulls_pictures=True,
    pulls_videos=True,
    needs_media=True,
    alike=True,
    options=OPTIONS,
    check_options=check_options,
    picture=PictureSize(width=1080, height=1350),
    shapes=SHAPES,
    signin=SIGNIN,
    budgets=(Budget(window="day", posts=50, period=timedelta(days=1)),),
    rest=rest,
    marks=marks,
)

__all__ = ["SPEC"]
