"""Pages on Facebook."""

from __future__ import annotations

from typing import Final

from services.domain.account import Dedupe
from services.domain.ids import PlatformSlug
from services.graph.usage import rest
from services.platforms.facebook.adapter import DEFAULT_BASE_URL, LABEL, LIMITS, WHERE, connect
from services.platforms.facebook.choices import OPTIONS, SHAPES, check_options
from services.platforms.facebook.marks import marks
from services.platforms.facebook.rules import FacebookRules
from services.platforms.facebook.signin import SIGNIN
from services.ports.platform import CredentialField, PlatformSpec, Role, always

SPEC: Final = PlatformSpec(
    slug=PlatformSlug("facebook"),
    label=LABEL,
    fields=(
        CredentialField(name="page_id", label="Page id", secret=False, help="The Page's number, not its name."),
        CredentialField(name="access_token", label="Access token", secret=True, help=WHERE),
    ),
    rules=FacebookRules(),
    default_limits=LIMITS,
    dedupe=Dedupe.LOOKUP,
    key_life=None,
    guidance=(
        "One to three short paragraphs a neighbour would read: plain, warm, concrete, the point in the first line. "
        "Links are welcome; the first shows a card when there is no picture. At most three "
        "hashtags, or none. No engagement bait."
    ),
    connect=connect,
    roles=always(
        Role.WATCHER,
        Role.FINDER,
        Role.DELETER,
        Role.EDITOR,
        Role.METRICS,
        Role.COMMENTS,
        Role.HISTORY,
        Role.REPLIER,
        Role.HIDER,
    ),
    default_base_url=DEFAULT_BASE_URL,
    signin=SIGNIN,
    rest=rest,
    options=OPTIONS,
    shapes=SHAPES,
    check_options=check_options,
    marks=marks,
)

__all__ = ["SPEC"]
