"""Signing in at a server: the desk makes itself an application there, and proves that it began what it ends.

Source: docs.joinmastodon.org, methods/apps and methods/oauth, July 2026. PKCE is there since 4.3; older servers and
other software ignore what they do not know.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from services import oauth
from services.platforms.mastodon.client import parsed, server_root
from services.platforms.mastodon.models import WireMadeApp, WireToken
from services.ports.http import Effect, HttpRequest
from services.ports.signin import Begun, Found, SignIn

if TYPE_CHECKING:
    from services.ports.http import Answer
    from services.ports.signin import Authorizer, Fields, Going

LABEL: Final = "Mastodon"
SCOPES: Final = ("read", "write:statuses", "write:media")
_NAME: Final = "Copydesk"


@dataclass(frozen=True, slots=True, kw_only=True)
class MastodonSignIn:
    """`Authorizer`: an application of its own for each time, which costs nobody anything."""

    going: Going = field(repr=False)

    async def begin(self, state: str) -> Begun:
        """See `Authorizer`."""
        root, verifier = server_root(self.going.base_url), oauth.verifier()
        form = [("client_name", _NAME), ("redirect_uris", self.going.redirect_uri), ("scopes", " ".join(SCOPES))]
        app = parsed(await self._post(f"{root}/api/v1/apps", form), WireMadeApp)
        params = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": self.going.redirect_uri,
            "scope": " ".join(SCOPES),
            "state": state,
            "code_challenge": oauth.challenge(verifier),
            "code_challenge_method": "S256",
        }
        kept = {"verifier": verifier, "client_id": app.client_id, "client_secret": app.client_secret}
        return Begun(url=oauth.way(f"{root}/oauth/authorize", params), kept=kept)

    async def finish(self, kept: Fields, answer: Fields) -> tuple[Found, ...]:
        """See `Authorizer`."""
        root, code = server_root(self.going.base_url), oauth.code_of(answer, LABEL)
        form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", kept.get("client_id", "")),
            ("client_secret", kept.get("client_secret", "")),
            ("redirect_uri", self.going.redirect_uri),
            ("code_verifier", kept.get("verifier", "")),
            ("scope", " ".join(SCOPES)),
        ]
        secret = (code, kept.get("client_secret", ""), kept.get("verifier", ""))
        token = parsed(await self._post(f"{root}/oauth/token", form, secret=secret), WireToken)
        if token.scope:
            oauth.require_scopes(SCOPES, _widened(oauth.scopes_in(token.scope)), LABEL)
        return (Found(fields={"base_url": root, "access_token": token.access_token}),)

    async def _post(self, url: str, form: list[tuple[str, str]], *, secret: tuple[str, ...] = ()) -> Answer:
        request = HttpRequest(
            method="POST",
            url=url,
            effect=Effect.REPEATABLE,
            headers={"Accept": "application/json"},
            form=form,
            timeout=oauth.SECONDS,
        )
        return await oauth.trade(self.going.http, request, LABEL, secret=secret)


def _widened(granted: tuple[str, ...]) -> tuple[str, ...]:
    """A server may give a wide right for its parts."""
    return (*granted, *(scope for scope in SCOPES if scope.partition(":")[0] in granted))


def authorizer(going: Going) -> Authorizer:
    """One for each way."""
    return MastodonSignIn(going=going)


SIGNIN: Final = SignIn(scopes=SCOPES, authorizer=authorizer, asks_server=True)
