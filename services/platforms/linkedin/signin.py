"""Signing in at LinkedIn: as oneself with a self-serve app, or for the pages one administers with a vetted one.

Source: learn.microsoft.com, "3-legged OAuth flow" and "Organization access control", 2026. A token lives 60 days; only
apps of approved partners are given one that renews it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from services import oauth
from services.domain.errors import DeskError
from services.platforms.linkedin.adapter import DEFAULT_VERSION
from services.platforms.linkedin.client import LinkedInClient, parsed
from services.platforms.linkedin.models import WireTokens
from services.platforms.linkedin.place import DEFAULT_BASE_URL, Place
from services.platforms.linkedin.tokens import learned_of
from services.ports.http import Effect, HttpRequest
from services.ports.signin import AppField, Begun, Found, SignIn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.ports.signin import Authorizer, Fields, Going

LABEL: Final = "LinkedIn"
PAGES: Final = "pages"
MEMBER_SCOPES: Final = ("openid", "profile", "w_member_social")
PAGE_SCOPES: Final = ("w_organization_social", "r_organization_social", "rw_organization_admin")
_PROOF: Final = ("client_id", "client_secret")
_WEB: Final = "https://www.linkedin.com"
_POSTING: Final = frozenset(
    {"ADMINISTRATOR", "CONTENT_ADMINISTRATOR", "CONTENT_ADMIN", "DIRECT_SPONSORED_CONTENT_POSTER"}
)

_PRODUCTS: Final = (
    "Under Products add “Sign In with LinkedIn using OpenID Connect” and “Share on LinkedIn”; an app for pages, which "
    "LinkedIn reviews, has “Community Management API” instead."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedInSignIn:
    """`Authorizer`."""

    going: Going = field(repr=False)

    async def begin(self, state: str) -> Begun:
        """See `Authorizer`."""
        params = {
            "response_type": "code",
            "client_id": self.going.app["client_id"],
            "redirect_uri": self.going.redirect_uri,
            "state": state,
            "scope": " ".join(self._scopes),
        }
        return Begun(url=oauth.way(f"{self.going.base_url or _WEB}/oauth/v2/authorization", params))

    async def finish(self, kept: Fields, answer: Fields) -> tuple[Found, ...]:
        """See `Authorizer`."""
        del kept
        going, app, code = self.going, self.going.app, oauth.code_of(answer, LABEL)
        form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", going.redirect_uri),
            *((name, app[name]) for name in _PROOF),
        ]
        place = Place(base_url=going.base_url or DEFAULT_BASE_URL, author="")
        request = HttpRequest(
            method="POST", url=place.token_url, effect=Effect.REPEATABLE, form=form, timeout=oauth.SECONDS
        )
        secret = (app["client_secret"], code)
        tokens = parsed(await oauth.trade(going.http, request, LABEL, secret=secret), WireTokens)
        if tokens.scope:
            oauth.require_scopes(self._scopes, oauth.scopes_in(tokens.scope), LABEL)
        fields = {"access_token": tokens.access_token}
        if going.base_url:
            fields["base_url"] = going.base_url
        if version := app.get("version"):
            fields["version"] = version
        if tokens.refresh_token:
            fields |= {"refresh_token": tokens.refresh_token, **{name: app[name] for name in _PROOF}}
        learned = learned_of(tokens, going.clock.now())
        if going.detail != PAGES:
            return (Found(fields=fields, learned=learned),)
        pages = await self._pages(place, tokens.access_token)
        return tuple(Found(fields=fields | {"author": urn}, learned=learned, label=name) for urn, name in pages)

    @property
    def _scopes(self) -> Sequence[str]:
        return PAGE_SCOPES if self.going.detail == PAGES else MEMBER_SCOPES

    async def _pages(self, place: Place, token: str) -> list[tuple[str, str]]:
        """The pages whoever signed in may post for, each with its name."""
        client = LinkedInClient(
            http=self.going.http,
            place=place,
            token=token,
            version=self.going.app.get("version") or DEFAULT_VERSION,
            clock=self.going.clock,
            refreshable=False,
        )
        urns = dict.fromkeys(r.organization for r in await client.managed_pages() if r.role in _POSTING)
        return [(urn, await _name(client, place, urn)) for urn in urns]


async def _name(client: LinkedInClient, place: Place, urn: str) -> str:
    """What a page is called; its number where that can't be read."""
    try:
        page = await replace(client, place=replace(place, author=urn)).organization()
    except DeskError:
        return urn.rpartition(":")[2]
    return page.name or page.vanity or urn.rpartition(":")[2]


def authorizer(going: Going) -> Authorizer:
    """One for each way."""
    return LinkedInSignIn(going=going)


SIGNIN: Final = SignIn(
    apps=(
        (
            AppField(name="client_id"),
            AppField(name="client_secret"),
            AppField(name="version", required=False, told=False),
        ),
    ),
    scopes=MEMBER_SCOPES,
    steps=(
        "Open linkedin.com/developers and make an app; it belongs to a company page of yours, which has to confirm it.",
        _PRODUCTS,
        "Under Auth enter {redirect} as an authorized redirect URL.",
        f"Check under Auth that it offers {', '.join(MEMBER_SCOPES)}; for pages {', '.join(PAGE_SCOPES)}.",
        "Set LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET, and start the desk again.",
    ),
    authorizer=authorizer,
    words=(PAGES,),
)
