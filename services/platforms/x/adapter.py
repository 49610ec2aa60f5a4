"""Puts the roles together for one account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from services.domain.account import Dedupe, Identity
from services.domain.errors import NeedsOperator, NeedsReauth
from services.oauth import moment_of
from services.pieces import no_pieces
from services.platforms.x.audience import XComments, XMetrics
from services.platforms.x.client import XClient
from services.platforms.x.errors import Gone
from services.platforms.x.hider import XHider
from services.platforms.x.history import XHistory
from services.platforms.x.lookup import Timeline
from services.platforms.x.place import DEFAULT_BASE_URL, Place
from services.platforms.x.publisher import XPublisher
from services.platforms.x.rules import LIMITS, LONG_TEXT
from services.platforms.x.signing import OAuth2, signer_of
from services.platforms.x.tokens import EXPIRES_AT, XRefresher
from services.platforms.x.uploads import XUploads
from services.ports.platform import Roles
from services.text import tidy_sentence

if TYPE_CHECKING:
    from services.domain.account import Limits
    from services.ports.platform import Connection

_LONG_KINDS: Final = frozenset({"premium", "premiumplus"})
_READ_ONLY: Final = "read"
_PASSING: Final = (
    "Its OAuth 2 token ends within two hours and can't be renewed. Connect it again with /desk connect x, or with "
    "refresh_token, client_id and client_secret, or with the keys of OAuth 1.0a."
)


def connect(connection: Connection) -> Roles:
    """All roles of one account; raises `InvalidInput` when the keys can't be any."""
    account = connection.account
    base_url = connection.base_url or DEFAULT_BASE_URL
    signer = signer_of(connection.credentials, connection.clock)
    client = XClient(http=connection.http, base_url=base_url, signer=signer, extra_headers=connection.extra_headers)
    # An account stored without signing in has no number yet.
    user_id = account.remote_id if account is not None and account.remote_id.isdecimal() else ""
    place = Place(base_url=base_url, handle=account.handle if account is not None and user_id else "")
    timeline = Timeline(client=client, place=place, user_id=user_id)
    limits = account.limits if account else LIMITS
    uploads = XUploads(client=client, clock=connection.clock, limits=limits, pieces=connection.pieces or no_pieces)
    publisher = XPublisher(
        client=client, clock=connection.clock, place=place, timeline=timeline, uploads=uploads, limits=limits
    )
    metrics = XMetrics(client=client, clock=connection.clock)
    return Roles(
        verifier=XVerifier(client=client),
        publisher=publisher,
        finder=timeline,
        deleter=publisher,
        metrics=metrics,
        comments=XComments(client=client, place=place, clock=connection.clock, user_id=user_id),
        history=XHistory(client=client, metrics=metrics, place=place, clock=connection.clock, user_id=user_id),
        replier=publisher,
        hider=XHider(client=client),
        refresher=_refresher(connection, base_url) if signer.refreshable else None,
        ends_at=None if signer.refreshable else moment_of(connection.credentials.get(EXPIRES_AT, "")),
    )


def _refresher(connection: Connection, base_url: str) -> XRefresher:
    return XRefresher(
        http=connection.http,
        base_url=base_url,
        credentials=connection.credentials,
        clock=connection.clock,
        extra_headers=connection.extra_headers,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class XVerifier:
    """`Verifier`: who we are, whether the keys may write, and how long a post may be."""

    client: XClient

    async def verify(self) -> Identity:
        """See `Verifier.verify`."""
        try:
            me, level = await self.client.me()
        except Gone:
            raise NeedsOperator("No X API answers at this address.", next_step="Check base_url.") from None
        if level == _READ_ONLY:
            raise NeedsReauth(
                "The keys may only read.",
                next_step="Set the app's permissions to “Read and write” in the X developer console, then "
                "connect the account again with /desk connect x, or with a new access token.",
            )
        return Identity(
            remote_id=me.id,
            handle=tidy_sentence(me.username or me.id, 50),
            name=tidy_sentence(me.name or me.username, 100),
            dedupe=Dedupe.LOOKUP,
            limits=limits_of(me.subscription),
            base_url=self.client.base_url,
            advice=_PASSING if isinstance(self.client.signer, OAuth2) and not self.client.signer.refreshable else "",
        )


def limits_of(subscription: str) -> Limits:
    """What an account may post by what it pays for; an unknown kind is taken for none."""
    return replace(LIMITS, text=LONG_TEXT) if subscription.casefold() in _LONG_KINDS else LIMITS
