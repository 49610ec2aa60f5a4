"""The page on which a person lets an app in, or does not: the network's side of a sign-in, up to the code."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode, urlsplit

from starlette.responses import RedirectResponse, Response

from bot.practice import apps, oauth
from bot.practice.identity import DISPLAY, HANDLE
from bot.practice.oauth import BadFieldsError, Permit
from bot.practice.pages import NAMES, sheet
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from starlette.requests import Request

    from bot.practice.apps import App
    from bot.practice.kinds import Network

OUT_OF_BAND: Final = "urn:ietf:wg:oauth:2.0:oob"
"""Where an app without an address lets people be sent: to a page that shows the code."""
USUAL: Final = frozenset({"response_type", "redirect_uri", "scope", "state"})
PROOF: Final = frozenset({"code_challenge", "code_challenge_method"})
LONGEST_STATE: Final = 500
DECISION: Final = frozenset({"decision", "scope"})
ALLOW, DENY = "allow", "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How one network lets people sign in to an app."""

    network: Network
    life: timedelta
    """Of a code."""
    meanings: Mapping[str, str]
    """Every right there is to ask for, and what it allows in plain words."""
    always: frozenset[str] = frozenset()
    """Rights without which the network lets no app in."""
    needed: frozenset[str] = frozenset({"response_type", "redirect_uri", "scope"})
    """What has to be told beside which app it is."""
    defaults: Mapping[str, str] = field(default_factory=lambda: {"response_type": "code"})
    more: frozenset[str] = frozenset()
    """Parameters that are taken and change nothing here."""
    between: re.Pattern[str] = re.compile(" ")
    """What stands between rights."""
    methods: frozenset[str] = frozenset()
    """How a proof of who asked may be made; without any the network takes no such proof."""
    denied: Mapping[str, str] = field(default_factory=lambda: {"error": "access_denied"})
    """What the app is told when the person says no."""
    wrong_scope: str = ""
    """What the app is told about a right it cannot have, where the person is sent back with that."""
    tail: str = ""
    """What the network puts behind the address it sends people back to."""
    ending: str = ""
    """What its codes end with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A sign-in as an app asked for it."""

    app: App
    redirect: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str
    method: str


class UnwelcomeError(Exception):
    """A sign-in that cannot begin; the person is told why on the network's own page."""


class TurnedBackError(Exception):
    """A sign-in that goes back to its app with an error."""

    def __init__(self, redirect: str, told: Mapping[str, str]) -> None:
        """Send the person to `redirect` with what is told."""
        super().__init__(told.get("error", ""))
        self.redirect = redirect
        self.told = told


async def authorize(request: Request, manners: Manners) -> Response:
    """Answer the address an app sends people to: the page, and what was pressed on it."""
    try:
        wish = read(request, manners)
        if request.method != "POST":
            return _page(manners, wish)
        allowed = await pressed(request, wish.scopes)
    except UnwelcomeError as problem:
        return unwelcome(manners.network, str(problem))
    except TurnedBackError as problem:
        return back(problem.redirect, problem.told, manners.tail)
    if allowed is not None:
        return _let_in(world_of(request), manners, wish, allowed)
    if wish.redirect == OUT_OF_BAND:
        return unwelcome(manners.network, "You said no.")
    return back(wish.redirect, {**manners.denied, **_state(wish)}, manners.tail)


def read(request: Request, manners: Manners) -> Wish:
    """Take in what an app asks for; whatever breaks a rule of the network raises."""
    named = apps.called(manners.network)
    known = USUAL | {named} | manners.more | (PROOF if manners.methods else frozenset())
    try:
        asked = {**manners.defaults, **oauth.single(request.query_params.multi_items(), known)}
    except BadFieldsError as problem:
        raise UnwelcomeError(str(problem)) from None
    app = apps.find(world_of(request), manners.network, asked.get(named, ""))
    if app is None:
        raise UnwelcomeError(f"There is no app with this {named}.")
    redirect = asked.get("redirect_uri", "")
    if not app.welcomes(redirect):
        raise UnwelcomeError("The redirect_uri is not one of those the app is registered with.")
    missing = sorted(name for name in manners.needed if not asked.get(name))
    if missing:
        raise UnwelcomeError(f"Missing: {', '.join(missing)}.")
    if asked["response_type"] != "code":
        raise UnwelcomeError("The response_type must be code.")
    state = asked.get("state")
    if len(state or "") > LONGEST_STATE:
        raise UnwelcomeError(f"The state is longer than {LONGEST_STATE} characters.")
    wish = Wish(app=app, redirect=redirect, scopes=(), state=state, challenge="", method="")
    challenge, method = _proof(asked, manners)
    return replace(wish, scopes=_scopes(asked["scope"], manners, wish), challenge=challenge, method=method)


def _proof(asked: Mapping[str, str], manners: Manners) -> tuple[str, str]:
    challenge = asked.get("code_challenge", "")
    method = asked.get("code_challenge_method", "plain" if challenge else "")
    if not challenge and not method:
        return "", ""
    if method not in manners.methods:
        raise UnwelcomeError(f"The code_challenge_method must be {' or '.join(sorted(manners.methods))}.")
    if oauth.UNRESERVED.fullmatch(challenge) is None or (method != "plain" and len(challenge) < oauth.SHORTEST):
        raise UnwelcomeError("The code_challenge is not one.")
    return challenge, method


def _scopes(told: str, manners: Manners, wish: Wish) -> tuple[str, ...]:
    scopes = tuple(dict.fromkeys(one for one in manners.between.split(told) if one))
    possible = frozenset(manners.meanings) if wish.app.scopes is None else wish.app.scopes & manners.meanings.keys()
    wrong = [one for one in scopes if one not in possible]
    if wrong and manners.wrong_scope:
        words = f'Scope "{wrong[0]}" is not authorized for your application'
        told_back = {"error": manners.wrong_scope, "error_description": words, **_state(wish)}
        raise TurnedBackError(wish.redirect, told_back)
    if wrong or not scopes:
        raise UnwelcomeError(f"The app cannot ask for this: {', '.join(wrong) or 'nothing'}.")
    if not manners.always <= set(scopes):
        raise UnwelcomeError(f"The app must ask for {', '.join(sorted(manners.always))}.")
    return scopes


async def pressed(request: Request, scopes: tuple[str, ...]) -> frozenset[str] | None:
    """Answer what was left ticked on the page, or nothing when the person said no."""
    async with request.form() as sent:
        pairs = sent.multi_items()
    ticked = frozenset(str(value) for name, value in pairs if name == "scope")
    decisions = [value for name, value in pairs if name == "decision"]
    if not {name for name, _ in pairs} <= DECISION or decisions not in ([ALLOW], [DENY]):
        raise UnwelcomeError("Press Allow or Deny on the page.")
    if not ticked <= set(scopes):
        raise UnwelcomeError("More was ticked than the app asked for.")
    return ticked if decisions == [ALLOW] else None


def _let_in(world: World, manners: Manners, wish: Wish, ticked: frozenset[str]) -> Response:
    granted = tuple(one for one in wish.scopes if one in ticked | manners.always)
    if not granted:
        return unwelcome(manners.network, "Nothing was ticked. Go back and tick something, or press Deny.")
    permit = Permit(
        network=manners.network,
        client_id=wish.app.client_id,
        redirect=wish.redirect,
        scopes=granted,
        asked=wish.scopes,
        ends=world.now() + manners.life,
        challenge=wish.challenge,
        method=wish.method,
    )
    code = oauth.issue(world.book, permit, manners.ending)
    if wish.redirect == OUT_OF_BAND:
        return shown(manners.network, code)
    return back(wish.redirect, {"code": code, **_state(wish)}, manners.tail)


def _state(wish: Wish) -> dict[str, str]:
    return {} if wish.state is None else {"state": wish.state}


def back(redirect: str, told: Mapping[str, str], tail: str = "") -> Response:
    """Send a person back to the app with what it is told."""
    joint = "&" if urlsplit(redirect).query else "?"
    return RedirectResponse(f"{redirect}{joint}{urlencode(told, quote_via=quote)}{tail}", 302)


def shown(network: Network, code: str) -> Response:
    """The page for an app without an address: the code itself, to be typed there."""
    words = "Copy this code and give it to the app. It works once, and not for long."
    body = f'<article><h1>Almost there</h1><p>{words}</p><code class="code">{escape(code)}</code></article>'
    return sheet("Your code", network, body)


def unwelcome(network: Network, reason: str) -> Response:
    """The page for a sign-in that cannot go on."""
    body = f"<article><h1>This sign-in cannot go on</h1><p>{escape(reason)} Nothing was allowed.</p></article>"
    return sheet("Sign-in refused", network, body, status=400)


def _page(manners: Manners, wish: Wish) -> Response:
    rows = "".join(_row(one, manners.meanings[one], fixed=one in manners.always) for one in wish.scopes)
    rights = f"<fieldset><legend>It wants to:</legend>{rows}</fieldset>"
    return asking(manners.network, wish.app.name, wish.redirect, rights)


def _row(scope: str, meaning: str, *, fixed: bool) -> str:
    closed = "disabled" if fixed else f'name="scope" value="{escape(scope)}"'
    return (
        f'<label><input type="checkbox" checked {closed}><span>{escape(meaning)}</span>'
        f"<code>{escape(scope)}</code></label>"
    )


def asking(network: Network, app: str, redirect: str, rights: str) -> Response:
    """The page with the question; `rights` is safe to show. The form goes to the address of the page itself."""
    place = "a page with a code" if redirect == OUT_OF_BAND else urlsplit(redirect).netloc or redirect
    name = f"{DISPLAY} (@{HANDLE})"
    body = (
        f"<article><h1>Let {escape(app)} use this {escape(NAMES[network])} account?</h1>"
        f"<p>You are signed in as {escape(name)}.</p>"
        f'<form method="post">{rights}'
        f'<p><button class="yes" name="decision" value="{ALLOW}">Allow</button>'
        f'<button name="decision" value="{DENY}">Deny</button></p></form>'
        f'<p class="nums">Either way you go on to {escape(place)}.</p></article>'
    )
    return sheet(f"Let {app} in?", network, body)
