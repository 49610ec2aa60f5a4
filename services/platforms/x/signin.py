"""Signing in at X: with OAuth 2 and a proof of who began it, or in the three steps of OAuth 1.0a where an app has that.

Source: docs.x.com, fundamentals/authentication, August 2026: an authorization code lives half a minute.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from services import oauth
from services.domain.errors import Refused
from services.platforms.x.client import parsed
from services.platforms.x.models import WireTokens
from services.platforms.x.place import DEFAULT_BASE_URL
from services.platforms.x.signing import signed
from services.platforms.x.tokens import EXPIRES_AT
from services.ports.http import Effect, HttpRequest
from services.ports.signin import AppField, Begun, Found, SignIn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.ports.signin import Authorizer, Fields, Going

LABEL: Final = "X"
REQUIRED: Final = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")
SCOPES: Final = (*REQUIRED, "tweet.moderate.write")
"""Without the last all but hiding replies works."""
_WEB: Final = "https://x.com"


def authorizer(going: Going) -> Authorizer:
    """OAuth 2 where the app has a client id, else OAuth 1.0a."""
    if "client_id" in going.app:
        return XSignIn(going=going)
    return XSignInOnce(going=going)


@dataclass(frozen=True, slots=True, kw_only=True)
class XSignIn:
    """`Authorizer` for OAuth 2 with PKCE."""

    going: Going = field(repr=False)

    async def begin(self, state: str) -> Begun:
        """See `Authorizer`."""
        verifier = oauth.verifier()
        params = {
            "response_type": "code",
            "client_id": self.going.app["client_id"],
            "redirect_uri": self.going.redirect_uri,
            "scope": " ".join(SCOPES),
            "state": state,
            "code_challenge": oauth.challenge(verifier),
            "code_challenge_method": "S256",
        }
        return Begun(
            url=oauth.way(f"{self.going.base_url or _WEB}/i/oauth2/authorize", params), kept={"verifier": verifier}
        )

    async def finish(self, kept: Fields, answer: Fields) -> tuple[Found, ...]:
        """See `Authorizer`."""
        going, app = self.going, self.going.app
        form = [
            ("grant_type", "authorization_code"),
            ("code", oauth.code_of(answer, LABEL)),
            ("redirect_uri", going.redirect_uri),
            ("code_verifier", kept.get("verifier", "")),
        ]
        headers = {"Accept": "application/json"}
        if secret := app.get("client_secret", ""):
            pair = base64.b64encode(f"{app['client_id']}:{secret}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        else:
            form.append(("client_id", app["client_id"]))
        request = HttpRequest(
            method="POST",
            url=f"{going.base_url or DEFAULT_BASE_URL}/2/oauth2/token",
            effect=Effect.REPEATABLE,
            headers=headers,
            form=form,
            timeout=oauth.SECONDS,
        )
        tokens = parsed(await oauth.trade(going.http, request, LABEL, secret=(secret, answer["code"])), WireTokens)
        if tokens.scope:
            oauth.require_scopes(REQUIRED, oauth.scopes_in(tokens.scope), LABEL)
        fields = {"access_token": tokens.access_token, **app}
        if tokens.refresh_token:
            fields["refresh_token"] = tokens.refresh_token
        ends = oauth.ends(going.clock.now(), tokens.expires_in)
        return (Found(fields=fields | _at(going), learned={EXPIRES_AT: ends} if ends else {}),)


@dataclass(frozen=True, slots=True, kw_only=True)
class XSignInOnce:
    """`Authorizer` for OAuth 1.0a: a token of the desk's own first, which the person then agrees to."""

    going: Going = field(repr=False)

    async def begin(self, state: str) -> Begun:
        """See `Authorizer`; the answer comes back under the token, because X takes no state here."""
        del state
        told = await self._call("oauth/request_token", {"oauth_callback": self.going.redirect_uri})
        token, secret = told.get("oauth_token", ""), told.get("oauth_token_secret", "")
        if not token or not secret or told.get("oauth_callback_confirmed") != "true":
            msg = "X did not confirm where it sends people back to."
            raise Refused(msg, fix=f"Enter {self.going.redirect_uri} as a callback address of the app. {oauth.AGAIN}")
        url = oauth.way(f"{self.going.base_url or DEFAULT_BASE_URL}/oauth/authorize", {"oauth_token": token})
        return Begun(url=url, kept={"token": token, "secret": secret}, state=token)

    async def finish(self, kept: Fields, answer: Fields) -> tuple[Found, ...]:
        """See `Authorizer`."""
        proof = answer.get("oauth_verifier", "")
        if not proof or answer.get("oauth_token") != kept.get("token"):
            raise oauth.denied(answer, LABEL)
        told = await self._call("oauth/access_token", {"oauth_verifier": proof}, kept["token"], kept["secret"])
        token, secret = told.get("oauth_token", ""), told.get("oauth_token_secret", "")
        if not token or not secret:
            raise Refused("X completed the sign-in without giving a token.", fix=oauth.AGAIN)
        fields = {**self.going.app, "access_token": token, "access_token_secret": secret}
        return (Found(fields=fields | _at(self.going)),)

    async def _call(
        self, path: str, more: Mapping[str, str], token: str = "", token_secret: str = ""
    ) -> Mapping[str, str]:
        going = self.going
        url = f"{going.base_url or DEFAULT_BASE_URL}/{path}"
        own = {"oauth_consumer_key": going.app["consumer_key"], **more}
        if token:
            own["oauth_token"] = token
        header = signed("POST", url, (), own, (going.app["consumer_secret"], token_secret), going.clock.now())
        request = HttpRequest(
            method="POST",
            url=url,
            effect=Effect.REPEATABLE,
            headers={"Authorization": header},
            timeout=oauth.SECONDS,
        )
        secrets = (going.app["consumer_secret"], token_secret, *more.values())
        answer = await oauth.trade(going.http, request, LABEL, secret=secrets)
        return dict(parse_qsl(answer.body.decode(errors="replace")))


def _at(going: Going) -> dict[str, str]:
    return {"base_url": going.base_url} if going.base_url else {}


SIGNIN: Final = SignIn(
    apps=(
        (AppField(name="client_id"), AppField(name="client_secret", required=False)),
        (AppField(name="consumer_key"), AppField(name="consumer_secret")),
    ),
    scopes=SCOPES,
    steps=(
        "Open the X developer console (console.x.com), make a project with an app, and buy credits: posting is paid.",
        "In the app's user authentication settings choose “Read and write” and “Web App, Automated App or Bot”.",
        "Enter {redirect} as the callback address, and any address of yours as the website.",
        "Save, and copy the client ID and the client secret of OAuth 2.0; the desk asks for " + ", ".join(SCOPES) + ".",
        "Set X_CLIENT_ID and X_CLIENT_SECRET (for OAuth 1.0a X_CONSUMER_KEY and X_CONSUMER_SECRET), and start again.",
    ),
    authorizer=authorizer,
)
"""Without `client_secret` an app is a public client, which X takes too."""
