"""Bluesky and other servers of the AT Protocol."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from services.domain.account import Dedupe
from services.domain.budget import Budget
from services.domain.ids import PlatformSlug
from services.platforms.bluesky.adapter import connect
from services.platforms.bluesky.choices import OPTIONS, check_options
from services.platforms.bluesky.marks import marks
from services.platforms.bluesky.place import DEFAULT_BASE_URL
from services.platforms.bluesky.rules import BlueskyRules
from services.platforms.bluesky.session import LIMITS
from services.ports.platform import CredentialField, PlatformSpec, Role, always
from services.ports.signin import SignIn
from services.quiet import used_up

SPEC: Final = PlatformSpec(
    slug=PlatformSlug("bluesky"),
    label="Bluesky",
    fields=(
        CredentialField(
            name="identifier",
            label="Handle or e-mail",
            secret=False,
            help="For example driftseas.bsky.social, without the @.",
        ),
        CredentialField(
            name="app_password",
            label="App password",
            secret=True,
            help="Made under Settings, Privacy and security, App passwords; not the account's own password.",
        ),
        CredentialField(
            name="base_url",
            label="Server",
            secret=False,
            required=False,
            help=f"Only for accounts on a server of their own; otherwise {DEFAULT_BASE_URL} finds it.",
        ),
    ),
    rules=BlueskyRules(),
    default_limits=LIMITS,
    dedupe=Dedupe.KEY,
    key_life=None,
    guidance=(
        "At most 300 characters, so one thought per post. Plain, conversational and concrete; readers here dislike "
        "marketing talk and engagement bait. At most two hashtags, at the end. Links begin with https:// and show a "
        "card when there is no picture. Every picture carries alt text. Mention people as @handle.domain only."
    ),
    connect=connect,
    roles=always(
        Role.FINDER,
        Role.DELETER,
        Role.METRICS,
        Role.COMMENTS,
        Role.HISTORY,
        Role.REPLIER,
        Role.HIDER,
        Role.REFRESHER,
    ),
    signin=SignIn(),
    budgets=(
        Budget(window="hour", posts=1_666, period=timedelta(hours=1)),
        Budget(window="day", posts=11_666, period=timedelta(days=1)),
    ),
    rest=used_up("ratelimit"),
    marks=marks,
    default_base_url=DEFAULT_BASE_URL,
    options=OPTIONS,
    check_options=check_options,
)
