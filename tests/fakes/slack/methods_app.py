"""auth.*, oauth.* and apps.*: the app's own standing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.fakes.slack.api import Call, method
from tests.fakes.slack.basics import ApiError, Json, Refused
from tests.fakes.slack.world import World

CODE_LIFE: Final = timedelta(minutes=10)


@method("auth.test")
async def auth_test(world: World, call: Call) -> Json:
    """Whose token this is."""
    return {
        "url": f"https://{world.domain}.slack.test/",
        "team": world.domain.title(),
        "user": world.bot.name,
        "team_id": world.team_id,
        "user_id": world.bot.id,
        "bot_id": world.bot_id,
        "is_enterprise_install": False,
    }


@method("auth.revoke")
async def revoke(world: World, call: Call) -> Json:
    """Give the token back."""
    call.grant.revoked = not call.flag("test")
    return {"revoked": call.grant.revoked}


@method("apps.connections.open")
async def connections_open(world: World, call: Call) -> Json:
    """A one-time address for a socket."""
    ticket = world.new_id("L")
    world.codes[ticket] = {"kind": "ticket"}
    return {"url": f"{world.base.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={world.app.app_id}"}


def authorize(world: World, query: Mapping[str, str]) -> str:
    """What happens when a person presses Allow: the address they are sent back to."""
    app = world.app
    if query.get("client_id") != app.client_id:
        raise Refused("invalid_client_id: Slack shows an error page.")
    redirect = query.get("redirect_uri") or next(iter(app.redirect_urls), "")
    if not any(redirect.startswith(known) for known in app.redirect_urls):
        raise Refused("bad_redirect_uri: Slack shows an error page.")
    asked = frozenset(query.get("scope", "").split(","))
    if unknown := asked - app.scopes:
        raise Refused(f"invalid_scope: {', '.join(sorted(unknown))}.")
    code = f"{world.new_id('1')}.fake-code"
    known = {"redirect_uri": query.get("redirect_uri"), "scopes": asked, "at": world.clock.now(), "used": False}
    world.codes[code] = {"kind": "code", **known}
    world.transcript.add("slack", "authorize", redirect)
    return f"{redirect}?{urlencode({'code': code, 'state': query.get('state', '')})}"


def authorize_url(world: World, url: str) -> str:
    """The same for a whole address."""
    return authorize(world, {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()})


@method("oauth.v2.access")
async def access(world: World, call: Call) -> Json:
    """Change a code into a token."""
    app = world.app
    client, secret = call.basic or (call.args.get("client_id"), call.args.get("client_secret"))
    if client != app.client_id:
        raise ApiError("invalid_client_id")
    if secret != app.client_secret:
        raise ApiError("bad_client_secret")
    known = world.codes.get(call.text("code"), {})
    if known.get("kind") != "code" or world.clock.now() - known["at"] > CODE_LIFE:
        raise ApiError("invalid_code")
    if known["used"]:
        raise ApiError("code_already_used")
    if call.args.get("redirect_uri") != known["redirect_uri"]:
        raise ApiError("bad_redirect_uri")
    known["used"] = True
    grant = world.grant(f"xoxb-1111-{world.new_id('T')}-installed", known["scopes"])
    installer = next(user for user in world.users.values() if not user.is_bot)
    return {
        "app_id": app.app_id,
        "authed_user": {"id": installer.id},
        "scope": ",".join(sorted(grant.scopes)),
        "token_type": "bot",
        "access_token": grant.token,
        "bot_user_id": world.bot.id,
        "team": {"id": world.team_id, "name": world.domain.title()},
        "enterprise": None,
        "is_enterprise_install": False,
    }
