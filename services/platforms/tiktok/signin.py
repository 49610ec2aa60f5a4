"""Signing in at TikTok, whose proof of who began it is written in hexadecimal.

Source: developers.tiktok.com, "Login Kit for Web" and "for Desktop", 2025: an app for the web takes https addresses,
one for desktops those on this machine; the latter must send the proof, the former may.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from services import oauth
from services.platforms.tiktok.place import DEFAULT_BASE_URL
from services.platforms.tiktok.tokens import learned_of, read
from services.ports.http import Effect, HttpRequest
from services.ports.signin import AppField, Begun, Found, SignIn

if TYPE_CHECKING:
    from services.ports.signin import Authorizer, Fields, Going

LABEL: Final = "TikTok"
SCOPES: Final = ("user.info.basic", "user.info.stats", "video.list", "video.publish")
_WEB: Final = "https://www.tiktok.com"


def challenge(secret: str) -> str:
    """What is shown of a proof first: its SHA-256 in small hexadecimal letters, unlike everywhere else."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class TikTokSignIn:
    """`Authorizer`."""

    going: Going = field(repr=False)

    async def begin(self, state: str) -> Begun:
        """See `Authorizer`."""
        verifier = oauth.verifier()
        params = {
            "client_key": self.going.app["client_key"],
            "scope": ",".join(SCOPES),
            "response_type": "code",
            "redirect_uri": self.going.redirect_uri,
            "state": state,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        return Begun(
            url=oauth.way(f"{self.going.base_url or _WEB}/v2/auth/authorize/", params), kept={"verifier": verifier}
        )

    async def finish(self, kept: Fields, answer: Fields) -> tuple[Found, ...]:
        """See `Authorizer`."""
        going, app, code = self.going, self.going.app, oauth.code_of(answer, LABEL)
        form = [
            ("client_key", app["client_key"]),
            ("client_secret", app["client_secret"]),
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", going.redirect_uri),
            ("code_verifier", kept.get("verifier", "")),
        ]
        request = HttpRequest(
            method="POST",
            url=f"{going.base_url or DEFAULT_BASE_URL}/v2/oauth/token/",
            effect=Effect.REPEATABLE,
            headers={"Accept": "application/json"},
            form=form,
            timeout=oauth.SECONDS,
        )
        secret = (app["client_secret"], code, kept.get("verifier", ""))
        tokens = read(await oauth.trade(going.http, request, LABEL, secret=secret))
        if tokens.scope:
            oauth.require_scopes(SCOPES, oauth.scopes_in(tokens.scope), LABEL)
        fields = {"access_token": tokens.access_token, **app}
        if tokens.refresh_token:
            fields["refresh_token"] = tokens.refresh_token
        if going.base_url:
            fields["base_url"] = going.base_url
        return (Found(fields=fields, learned=learned_of(tokens, going.clock.now())),)


def authorizer(going: Going) -> Authorizer:
    """One for each way."""
    return TikTokSignIn(going=going)


SIGNIN: Final = SignIn(
    apps=((AppField(name="client_key"), AppField(name="client_secret")),),
    scopes=SCOPES,
    steps=(
        "Open developers.tiktok.com and make an app with Login Kit and the Content Posting API (Direct Post on).",
        f"Add the scopes {', '.join(SCOPES)}; in the sandbox also the account as a target user.",
        "In Login Kit enter {redirect} as the redirect address (https: platform Web; on this machine: Desktop).",
        "For photos verify the desk's public address under URL properties.",
        "Set TIKTOK_CLIENT_KEY and TIKTOK_CLIENT_SECRET, and start the desk again.",
    ),
    authorizer=authorizer,
)
