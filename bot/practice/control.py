"""The control face: scripts faults, switches the server's software, mints tokens, and shows what is live."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.practice.composing import stamp
from bot.practice.faults import BadScriptError
from bot.practice.identity import DEFAULT_SCOPES
from bot.practice.ids import rkey_of
from bot.practice.kinds import Json, Network
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.posts import Post


class BadWishError(ValueError):
    """A control call that cannot be carried out; the message says why."""


async def _wish(request: Request, allowed: frozenset[str]) -> Json:
    # A JSON content type cannot be sent by a foreign web page without asking first, which this server never allows.
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        message = "Send JSON with the content type application/json."
        raise BadWishError(message)
    try:
        wish = await request.json()
    except ValueError:
        message = "The body is not JSON."
        raise BadWishError(message) from None
    if not isinstance(wish, dict) or not set(wish) <= allowed:
        message = f"Send an object with no other fields than {', '.join(sorted(allowed))}."
        raise BadWishError(message)
    return wish


FAULT_FIELDS = frozenset({"network", "operation", "fault", "times", "value", "effect"})


async def faults(request: Request) -> Response:
    """List, add or clear scripted faults."""
    world = world_of(request)
    if request.method == "POST":
        fault = world.faults.script(await _wish(request, FAULT_FIELDS))
        return JSONResponse(fault.shown(), 201)
    if request.method == "DELETE":
        world.faults.clear()
    return JSONResponse({"faults": world.faults.waiting()})


async def tokens(request: Request) -> Response:
    """Mint a Mastodon token with the scopes asked for."""
    wish = await _wish(request, frozenset({"scopes"}))
    scopes = wish.get("scopes", DEFAULT_SCOPES.split())
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        message = "scopes must be a list of words."
        raise BadWishError(message)
    token = secrets.token_urlsafe(32)
    world_of(request).book.change("INSERT INTO grants VALUES (?, ?)", token, " ".join(scopes))
    return JSONResponse({"access_token": token, "scopes": scopes}, 201)


async def software(request: Request) -> Response:
    """Show or switch what the Mastodon stand-in pretends to be."""
    state = world_of(request).software
    if request.method == "PUT":
        wish = await _wish(request, frozenset({"gotosocial", "v2_instance"}))
        if not all(isinstance(value, bool) for value in wish.values()):
            message = "gotosocial and v2_instance must be true or false."
            raise BadWishError(message)
        state.gotosocial = bool(wish.get("gotosocial", state.gotosocial))
        state.v2_instance = bool(wish.get("v2_instance", state.v2_instance))
    return JSONResponse({"gotosocial": state.gotosocial, "v2_instance": state.v2_instance})


async def calls(request: Request) -> Response:
    """List the last calls the networks received."""
    return JSONResponse({"calls": world_of(request).calls.list()})


async def posts(request: Request) -> Response:
    """List everything of the desk's accounts that is live, newest first."""
    world = world_of(request)
    asked = request.query_params.get("network")
    if asked is not None and asked not in tuple(Network):
        message = f"network must be one of {', '.join(Network)}."
        raise BadWishError(message)
    networks = tuple(Network) if asked is None else (Network(asked),)
    live = [post for network in networks for post in world.posts.of_author(network, world.identity.author(network))]
    return JSONResponse({"posts": [_shown(world, post) for post in live]})


def _shown(world: World, post: Post) -> Json:
    counts = world.posts.counts(post)
    shown: Json = {
        "network": post.network.value,
        "id": post.id,
        "url": world.url(post),
        "text": post.text,
        "reply_to": post.parent,
        "root": post.root,
        "media": _pictures(world, post),
        "facets": post.body.get("facets", []),
        "idempotency_key": post.key,
        "created_at": stamp(post.created_at),
        "origin": post.origin.value,
        "counters": {
            "likes": counts.likes,
            "reposts": counts.reposts,
            "quotes": counts.quotes,
            "replies": world.posts.replies(post),
        },
    }
    if post.network is Network.BLUESKY:
        return {**shown, "cid": post.cid, "rkey": rkey_of(post.id), "record": post.body}
    return {**shown, **{key: post.body[key] for key in ("visibility", "spoiler_text", "sensitive", "language")}}


def _pictures(world: World, post: Post) -> list[Json]:
    if post.network is Network.MASTODON:
        names: list[tuple[str, str | None]] = [(str(name), None) for name in _list(post.body.get("media_ids"))]
    else:
        names = _embedded(post.body.get("embed"))
    shown: list[Json] = []
    for name, alt in names:
        item = world.shelf.find(post.network, name)
        if item is not None:
            shown.append(
                {
                    "id": item.id,
                    "alt": item.alt if alt is None else alt,
                    "sha256": item.digest,
                    "mime": item.mime,
                    "size": item.size,
                    "width": item.width,
                    "height": item.height,
                }
            )
    return shown


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _embedded(embed: object) -> list[tuple[str, str | None]]:
    if not isinstance(embed, dict):
        return []
    if "media" in embed:
        return _embedded(embed["media"])
    return [
        (image["image"]["ref"]["$link"], image["alt"])
        for image in _list(embed.get("images"))
        if isinstance(image, dict)
    ]


async def refuse(_: Request, problem: Exception) -> Response:
    """Say in one sentence why a control call was not carried out."""
    return JSONResponse({"error": str(problem)}, 422)


ROUTES = [
    Route("/faults", faults, methods=["GET", "POST", "DELETE"]),
    Route("/tokens", tokens, methods=["POST"]),
    Route("/software", software, methods=["GET", "PUT"]),
    Route("/calls", calls, methods=["GET"]),
    Route("/posts", posts, methods=["GET"]),
]
REFUSALS = {BadScriptError: refuse, BadWishError: refuse}
