"""Signing in at Facebook as somebody who manages Pages: a short token, a long one, and from it each Page's own.

Source: developers.facebook.com, "Manually build a login flow", "Long-lived access tokens" and "Pages API", 2026. The
token of a Page that comes from a long-lived one does not end by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from services import oauth
from services.graph.client import GraphClient, text, versioned
from services.graph.signin import ID, SECRET, at_base, call
from services.platforms.facebook.adapter import DEFAULT_BASE_URL, LABEL, VERSION
from services.platforms.facebook.rights import SCOPES, require_rights
from services.ports.signin import AppField, Begun, Found, SignIn

if TYPE_CHECKING:
    from services.graph.client import Node
    from services.ports.signin import Authorizer, Fields, Going

_WEB: Final = "https://www.facebook.com"
_TASK: Final = "CREATE_CONTENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSignIn:
    """`Authorizer` that finds the Pages somebody manages."""

    going: Going = field(repr=False)

    async def begin(self, state: str) -> Begun:
        """See `Authorizer`."""
        params = {
            "client_id": self.going.app[ID],
            "redirect_uri": self.going.redirect_uri,
            "state": state,
            "scope": ",".join(SCOPES),
            "response_type": "code",
        }
        return Begun(url=oauth.way(f"{versioned(self.going.base_url or _WEB, VERSION)}/dialog/oauth", params))

    async def finish(self, kept: Fields, answer: Fields) -> tuple[Found, ...]:
        """See `Authorizer`."""
        del kept
        app = {"client_id": self.going.app[ID], "client_secret": self.going.app[SECRET]}
        code = oauth.code_of(answer, LABEL)
        short = await self._token({**app, "redirect_uri": self.going.redirect_uri, "code": code}, code)
        asked = {"grant_type": "fb_exchange_token", **app, "fb_exchange_token": short}
        client = GraphClient(
            http=self.going.http,
            clock=self.going.clock,
            label=LABEL,
            root=self._root,
            token=await self._token(asked, short),
        )
        await require_rights(client)
        pages = client.pages("me/accounts", {"fields": "id,name,access_token,tasks", "limit": "100"})
        return tuple([self._found(one) async for listed in pages for one in listed if _usable(one)])

    @property
    def _root(self) -> str:
        return versioned(self.going.base_url or DEFAULT_BASE_URL, VERSION)

    async def _token(self, params: dict[str, str], spent: str) -> str:
        secret = (self.going.app[SECRET], spent)
        found = await call(self.going, "GET", f"{self._root}/oauth/access_token", LABEL, params=params, secret=secret)
        return text(found, "access_token")

    def _found(self, page: Node) -> Found:
        fields = {"page_id": text(page, "id"), "access_token": text(page, "access_token")}
        return Found(fields=fields | at_base(self.going), label=text(page, "name") or text(page, "id"))


def _usable(page: Node) -> bool:
    """Whether whoever signed in may post there, where the network says."""
    tasks = page.get("tasks")
    return bool(text(page, "access_token")) and (not isinstance(tasks, list) or _TASK in tasks)


def authorizer(going: Going) -> Authorizer:
    """One for each way."""
    return PageSignIn(going=going)


SIGNIN: Final = SignIn(
    apps=((AppField(name=ID), AppField(name=SECRET)),),
    scopes=SCOPES,
    steps=(
        "Open developers.facebook.com, My Apps, and make a business app with Facebook Login.",
        "In Facebook Login, Settings, enter {redirect} among the valid OAuth redirect addresses.",
        f"Add the permissions {', '.join(SCOPES)}.",
        "Add whoever manages the Page to the app's roles; for people without a role the app needs Meta's review.",
        "Set FACEBOOK_APP_ID and FACEBOOK_APP_SECRET (App settings, Basic), and start the desk again.",
    ),
    authorizer=authorizer,
    https_only=True,
)
