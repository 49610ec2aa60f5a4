"""Mastodon and the servers that speak its API."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.domain.account import Dedupe
from services.domain.budget import Budget
from services.domain.ids import PlatformSlug
from services.pieces import no_pieces
from services.platforms.mastodon.adapter import OPTIONS, MastodonDeleter, MastodonPublisher, MastodonVerifier
from services.platforms.mastodon.audience import MastodonComments, MastodonMetrics, MastodonReplier
from services.platforms.mastodon.choices import check_options
from services.platforms.mastodon.client import MastodonClient, access_token, server_root
from services.platforms.mastodon.editor import MastodonEditor
from services.platforms.mastodon.history import MastodonHistory
from services.platforms.mastodon.instance import DEFAULT_LIMITS
from services.platforms.mastodon.lookup import MastodonFinder
from services.platforms.mastodon.marks import marks
from services.platforms.mastodon.rules import MastodonRules
from services.platforms.mastodon.signin import SIGNIN
from services.platforms.mastodon.uploads import MastodonUploads
from services.ports.platform import CredentialField, PlatformSpec, Role, Roles, always
from services.quiet import used_up

if TYPE_CHECKING:
    from services.ports.platform import Connection


def connect(connection: Connection) -> Roles:
    """All roles of one account; raises `InvalidInput` when the address or the token can't be one."""
    account = connection.account
    client = MastodonClient(
        http=connection.http,
        base_url=server_root(connection.base_url or connection.credentials.get("base_url", "")),
        token=access_token(connection.credentials.get("access_token", "")),
        extra_headers=connection.extra_headers,
    )
    account_id = account.remote_id or None if account else None
    limits = account.limits if account else DEFAULT_LIMITS
    uploads = MastodonUploads(
        client=client, clock=connection.clock, limits=limits, pieces=connection.pieces or no_pieces
    )
    return Roles(
        verifier=MastodonVerifier(client=client),
        publisher=MastodonPublisher(client=client, uploads=uploads, limits=limits),
        finder=MastodonFinder(client=client, clock=connection.clock, account_id=account_id),
        deleter=MastodonDeleter(client=client),
        editor=MastodonEditor(client=client, clock=connection.clock),
        metrics=MastodonMetrics(client=client, clock=connection.clock),
        comments=MastodonComments(client=client, account_id=account_id),
        history=MastodonHistory(client=client, clock=connection.clock, account_id=account_id),
        replier=MastodonReplier(client=client),
    )


SPEC: Final = PlatformSpec(
    slug=PlatformSlug("mastodon"),
    label="Mastodon",
    fields=(
        CredentialField(
            name="base_url",
            label="Server",
            secret=False,
            help="The address of your server, like https://mastodon.example.",
        ),
        CredentialField(
            name="access_token",
            label="Access token",
            secret=True,
            help="On your server: Preferences, Development, New application; tick read, write:statuses and "
            "write:media, save, open the application and copy its access token.",
        ),
    ),
    rules=MastodonRules(),
    default_limits=DEFAULT_LIMITS,
    dedupe=Dedupe.KEY,
    key_life=timedelta(minutes=50),
    guidance=(
        "A conversation among people who dislike advertising: plain, personal and informative, no hype and no "
        "engagement bait. Links are welcome and must start with https://; each counts 23 characters. One to five "
        "hashtags in CamelCase, at the end or in the sentence, are how posts are found. Describe pictures in their "
        "alt text. Mentions are written @user@server."
    ),
    connect=connect,
    roles=always(Role.FINDER, Role.DELETER, Role.EDITOR, Role.METRICS, Role.COMMENTS, Role.HISTORY, Role.REPLIER),
    signin=SIGNIN,
    budgets=(Budget(window="three hours", posts=300, period=timedelta(hours=3)),),
    rest=used_up("x-ratelimit"),
    marks=marks,
    limits_from_instance=True,
    options=OPTIONS,
    check_options=check_options,
)

__all__ = ["SPEC"]
