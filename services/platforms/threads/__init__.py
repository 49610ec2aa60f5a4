"""Threads, Meta's network of short posts."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from services.domain.account import Dedupe
from services.domain.budget import Budget, Counted
from services.domain.ids import PlatformSlug
from services.graph.tokens import AHEAD
from services.graph.usage import rest
from services.platforms.threads.adapter import DEFAULT_BASE_URL, LIMITS, WHERE, connect
from services.platforms.threads.composing import LABEL, OPTIONS, check_options
from services.platforms.threads.marks import marks
from services.platforms.threads.rules import ThreadsRules
from services.platforms.threads.signin import SIGNIN
from services.ports.platform import CredentialField, PlatformSpec, Role, always

SPEC: Final = PlatformSpec(
    slug=PlatformSlug("threads"),
    label=LABEL,
    fields=(
        CredentialField(name="access_token", label="Access token", secret=True, help=WHERE),
        CredentialField(
            name="user_id",
            label="User id",
            secret=False,
            required=False,
            help="Whose token it is; read from the network when left out.",
        ),
    ),
    rules=ThreadsRules(),
    default_limits=LIMITS,
    dedupe=Dedupe.STATUS,
    key_life=None,
    guidance=(
        "At most 500 characters, in which an emoji counts several. Conversational, first person, an opinion or a "
        "question people can answer; no marketing voice. At most one hashtag: it becomes the topic. At most five "
        "links, which must start with https://; the first shows a preview. Mention people as @name."
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
    default_base_url=DEFAULT_BASE_URL,
    renew_ahead=AHEAD,
    pulls_pictures=True,
    pulls_videos=True,
    options=OPTIONS,
    check_options=check_options,
    signin=SIGNIN,
    budgets=(
        Budget(window="day", posts=250, period=timedelta(days=1), counted=Counted.POSTS),
        Budget(window="day of replies", posts=1_000, period=timedelta(days=1), counted=Counted.REPLIES),
    ),
    rest=rest,
    marks=marks,
)

__all__ = ["SPEC"]
