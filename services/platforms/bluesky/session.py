"""Signing in, proving who we are, and keeping the two tokens alive."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from services.domain.account import Dedupe, Identity, Limits, VideoLimits
from services.domain.errors import DeskError, InvalidInput, NeedsReauth
from services.platforms.bluesky.errors import SIGN_IN_STEP, closed
from services.platforms.bluesky.place import Place, discover, run_by_bluesky

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.platforms.bluesky.client import Client
    from services.platforms.bluesky.wire import Session, SessionFacts
    from services.ports.clock import Clock

LIMITS: Final = Limits(
    text=300,
    unit="graphemes",
    text_bytes=3000,
    images=4,
    image_bytes=2_000_000,
    video=VideoLimits(size=300_000_000, seconds=(0.0, 180.0)),
)
"""What the record schema allows; no server tells other numbers."""
OLDER_IMAGE_BYTES: Final = 976_000
"""What fits on servers before the schema of 2026, which took a million bytes and do not say so either."""
_ABOUT_TO_DIE: Final = timedelta(minutes=1)
_CLOSED: Final = {"takendown": "AccountTakedown", "suspended": "AccountSuspended", "deactivated": "AccountDeactivated"}


def token_expiry(token: str) -> datetime | None:
    """The `exp` of a JWT, unverified: only the server can check it, and this is merely when to ask for another."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return datetime.fromtimestamp(int(claims["exp"]), UTC)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, OSError, RecursionError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionKeeper:
    """Verifier and refresher; every session it gets is handed back to be stored, never kept."""

    client: Client
    credentials: Mapping[str, str] = field(repr=False)
    place: Place
    clock: Clock

    def expires_at(self) -> datetime | None:
        """See `Refresher`."""
        return token_expiry(self.credentials.get("access_jwt", ""))

    async def refresh(self) -> Mapping[str, str]:
        """See `Refresher`: the refresh token first, the app password when that is spent."""
        token = self.credentials.get("refresh_jwt", "")
        session = await self.client.refresh_session(token) if token else None
        if session is None:
            session = await self._sign_in()
        return self._kept(session)

    async def verify(self) -> Identity:
        """See `Verifier`: reuses a session that still works, because sign-ins are counted by the network."""
        credentials = await self._standing() or await self.refresh()
        base_url = self.place.base_url if self.place.fixed else credentials.get("pds") or self.place.base_url
        client = replace(self.client, base_url=base_url, token=credentials["access_jwt"])
        return Identity(
            remote_id=credentials["did"],
            handle=credentials["handle"],
            name=await _display_name(client, credentials["did"]) or credentials["handle"],
            dedupe=Dedupe.KEY,
            limits=LIMITS if run_by_bluesky(base_url) else replace(LIMITS, image_bytes=OLDER_IMAGE_BYTES),
            base_url=base_url,
            credentials=credentials,
        )

    async def _standing(self) -> Mapping[str, str] | None:
        """The stored credentials with today's handle, when the server still takes the access token."""
        expiry = self.expires_at()
        if expiry is None or expiry <= self.clock.now() + _ABOUT_TO_DIE or not self.credentials.get("refresh_jwt"):
            return None
        try:
            facts = await self.client.get_session()
        except NeedsReauth as error:
            if error.refreshable:
                return None
            raise
        return {**self.credentials, **self._who(facts)}

    async def _sign_in(self) -> Session:
        identifier = self.credentials.get("identifier", "").strip().removeprefix("@")
        password = self.credentials.get("app_password", "").strip()
        if not identifier:
            raise InvalidInput("identifier is missing: the account's handle or e-mail address.", field="identifier")
        if not password:
            raise InvalidInput("app_password is missing.", next_step=SIGN_IN_STEP, field="app_password")
        return await self.client.create_session(identifier, password)

    def _kept(self, session: Session) -> Mapping[str, str]:
        tokens = {"access_jwt": session.access_jwt, "refresh_jwt": session.refresh_jwt}
        return {**self.credentials, **self._who(session), **tokens}

    def _who(self, facts: SessionFacts) -> Mapping[str, str]:
        if not facts.active:
            raise closed(_CLOSED.get(facts.status, ""))
        known = self.credentials.get("did")
        if known and known != facts.did:
            raise NeedsReauth(
                "This identifier now belongs to another Bluesky account, so nothing is posted with it.",
                next_step="Connect the account again to use the new one: /desk connect bluesky",
            )
        found = {"did": facts.did, "handle": facts.handle or self.credentials.get("handle") or facts.did}
        if self.place.fixed:
            return {**found, "pds": ""}
        home = discover(facts.did_document) or self.credentials.get("pds", "") or self.place.base_url
        return {**found, "pds": home}


async def _display_name(client: Client, did: str) -> str:
    """The profile's name; a server without the public view has none, and the account works all the same."""
    try:
        return (await client.get_profile(did)).name.strip()
    except DeskError:
        return ""
