"""TikTok: videos, and posts of photos."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from services.domain.account import Dedupe
from services.domain.budget import Budget
from services.domain.ids import PlatformSlug
from services.domain.media import PictureSize
from services.platforms.tiktok.adapter import WHERE, connect
from services.platforms.tiktok.marks import marks
from services.platforms.tiktok.options import OPTIONS, check_options, terms
from services.platforms.tiktok.place import DEFAULT_BASE_URL
from services.platforms.tiktok.rules import LIMITS, TikTokRules
from services.platforms.tiktok.signin import SIGNIN
from services.ports.platform import CredentialField, PlatformSpec, Role, always

_RENEWS: Final = "Renews the access token, which lives for a day; comes with it."
_APP: Final = "Of your app at TikTok for Developers; needed to renew the token."

SPEC: Final = PlatformSpec(
    slug=PlatformSlug("tiktok"),
    label="TikTok",
    fields=(
        CredentialField(name="access_token", label="Access token", secret=True, help=WHERE),
        CredentialField(
            name="refresh_token", label="Refresh token", secret=True, required=False, usual=True, help=_RENEWS
        ),
        # The key of an app is no secret, but it names no account either, as a field that may be shown would.
        CredentialField(name="client_key", label="Client key", secret=True, required=False, usual=True, help=_APP),
        CredentialField(
            name="client_secret", label="Client secret", secret=True, required=False, usual=True, help=_APP
        ),
    ),
    rules=TikTokRules(),
    default_limits=LIMITS,
    dedupe=Dedupe.STATUS,
    key_life=None,
    guidance=(
        "Words to a video or to photos: the first line is the hook, and above photos it becomes the title when it has "
        "at most 90 characters. Short, spoken, concrete; say what is to be seen and why it matters. At most 2,200 "
        "characters, far fewer are better. Three to five hashtags at the end. Links can't be clicked, so say where to "
        "find things instead. Mention people as @name."
    ),
    connect=connect,
    roles={
        **always(Role.WATCHER, Role.FINDER, Role.METRICS),
        Role.REFRESHER: "with a refresh token, client key and client secret",
    },
    default_base_url=DEFAULT_BASE_URL,
    renew_ahead=timedelta(hours=1),
    pulls_pictures=True,
    needs_media=True,
    alt_texts=False,
    options=OPTIONS,
    check_options=check_options,
    terms=terms,
    picture=PictureSize(width=1080, height=1920),
    budgets=(
        Budget(window="minute", posts=6, period=timedelta(minutes=1)),
        Budget(window="day", posts=15, period=timedelta(days=1)),
    ),
    signin=SIGNIN,
    marks=marks,
)

__all__ = ["SPEC"]
