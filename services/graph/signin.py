"""Signing in at Threads and at Instagram Login: a code, a token for an hour, and one for sixty days in its place.

Source: developers.facebook.com, "Get access tokens" of Threads and "Business login" of Instagram, 2026.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from services import oauth
from services.graph.client import node, nodes, number, text, unversioned
from services.graph.tokens import ENDS, SEEN
from services.ports.http import Effect, HttpRequest
from services.ports.signin import Begun, Found

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.graph.client import Node
    from services.ports.signin import Fields, Going

ID: Final = "app_id"
SECRET: Final = "app_secret"  # noqa: S105 - the name of a setting


@dataclass(frozen=True, slots=True, kw_only=True)
class LongLivedSignIn:
    """`Authorizer`; the addresses are the network's own unless the operator gave one for all."""

    going: Going = field(repr=False)
    label: str
    page: str
    """Where people agree."""
    codes: str
    """Where a code is traded."""
    root: str
    """Where a token is traded."""
    grant: str
    scopes: Sequence[str]
    required: Sequence[str]

    async def begin(self, state: str) -> Begun:
        """See `Authorizer`."""
        params = {
            "client_id": self.going.app[ID],
            "redirect_uri": self.going.redirect_uri,
            "scope": ",".join(self.scopes),
            "response_type": "code",
            "state": state,
        }
        return Begun(url=oauth.way(f"{self._at(self.page)}/oauth/authorize", params))

    async def finish(self, kept: Fields, answer: Fields) -> tuple[Found, ...]:
        """See `Authorizer`."""
        del kept
        code, app = oauth.code_of(answer, self.label), self.going.app
        form = [
            ("client_id", app[ID]),
            ("client_secret", app[SECRET]),
            ("grant_type", "authorization_code"),
            ("redirect_uri", self.going.redirect_uri),
            ("code", code),
        ]
        url = f"{self._at(self.codes)}/oauth/access_token"
        short = _whole(await call(self.going, "POST", url, self.label, form=form, secret=(app[SECRET], code)))
        if "permissions" in short:
            oauth.require_scopes(self.required, oauth.scopes_in(short["permissions"]), self.label)
        params = {"grant_type": self.grant, "client_secret": app[SECRET], "access_token": text(short, "access_token")}
        secret = (app[SECRET], params["access_token"])
        url = f"{self._at(self.root)}/access_token"
        long = await call(self.going, "GET", url, self.label, params=params, secret=secret)
        now = self.going.clock.now()
        ends = oauth.ends(now, number(long, "expires_in"))
        fields = {"user_id": text(short, "user_id"), "access_token": text(long, "access_token")}
        learned = {SEEN: now.isoformat()} | ({ENDS: ends} if ends else {})
        return (Found(fields=fields | at_base(self.going), learned=learned),)

    def _at(self, own: str) -> str:
        return unversioned(self.going.base_url) or own


def at_base(going: Going) -> dict[str, str]:
    """The operator's address, which the account keeps."""
    return {"base_url": going.base_url} if going.base_url else {}


async def call(
    going: Going,
    method: str,
    url: str,
    label: str,
    *,
    params: Mapping[str, str] | None = None,
    form: Sequence[tuple[str, str]] = (),
    secret: Sequence[str] = (),
) -> Node:
    """One step of a sign-in; raises what its no means, with none of `secret` in it."""
    request = HttpRequest(
        method=method,
        url=url,
        effect=Effect.REPEATABLE,
        headers={"Accept": "application/json"},
        params=tuple((params or {}).items()),
        form=form,
        timeout=oauth.SECONDS,
    )
    answer = await oauth.trade(going.http, request, label, secret=secret)
    found = answer.data()
    if not text(_whole(found), "access_token"):
        raise answer.unreadable()
    return found


def _whole(found: Node) -> Node:
    """Some answers come in a list of one."""
    listed = nodes(found.get("data"))
    return node(listed[0]) if listed else found
