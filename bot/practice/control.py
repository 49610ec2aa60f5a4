"""The control face: scripts faults, switches what networks pretend, mints tokens, shows apps and what is live."""

from __future__ import annotations

import secrets
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.practice import apps
from bot.practice import feed as feeds
from bot.practice.bluesky import gates
from bot.practice.composing import stamp
from bot.practice.faults import BadScriptError
from bot.practice.identity import DEFAULT_SCOPES
from bot.practice.ids import rkey_of
from bot.practice.instagram.rights import of_facebook_login
from bot.practice.kinds import Json, Network
from bot.practice.linkedin import tokens as linkedin_tokens
from bot.practice.tiktok import keys as tiktok_keys
from bot.practice.world import Software, World, world_of
from bot.practice.x import keys as x_keys

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.posts import Post


MOST_SHOWN = 100
"""Threads of a network that one look may ask for."""


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


SWITCHES = tuple(one.name for one in fields(Software))
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
    """Mint what an operator could paste: a Mastodon token with scopes, or another way into one of the others."""
    wish = await _wish(request, frozenset({"network", "scopes"}))
    world, network = world_of(request), wish.get("network", Network.MASTODON)
    if network == Network.X and "scopes" not in wish:
        return JSONResponse(x_keys.second_kind(world.book, world.now()), 201)
    if network == Network.LINKEDIN and "scopes" not in wish:
        member = world.people[world.identity.did].member_urn
        return JSONResponse({"access_token": linkedin_tokens.of_member(world.book), "author": member}, 201)
    if network == Network.INSTAGRAM and "scopes" not in wish:
        return JSONResponse({"access_token": of_facebook_login(world.book)}, 201)
    if network not in {Network.MASTODON, Network.TIKTOK}:
        message = "Tokens are minted for mastodon and tiktok, with scopes, and for x, linkedin and instagram, without."
        raise BadWishError(message)
    usual = tiktok_keys.SCOPES if network == Network.TIKTOK else DEFAULT_SCOPES.split()
    scopes = wish.get("scopes", list(usual))
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        message = "scopes must be a list of words."
        raise BadWishError(message)
    if network == Network.TIKTOK:
        made = tiktok_keys.grant(world.book, world.now(), scopes)
        pair = {"access_token": made.access_token, "refresh_token": made.refresh_token}
        return JSONResponse({**pair, **apps.pasted(world.book, world.settings)[Network.TIKTOK]}, 201)
    token = secrets.token_urlsafe(32)
    world.book.change("INSERT INTO grants VALUES (?, ?)", token, " ".join(scopes))
    return JSONResponse({"access_token": token, "scopes": scopes}, 201)


async def software(request: Request) -> Response:
    """Show or switch what the stand-ins pretend to be."""
    state = world_of(request).software
    if request.method == "PUT":
        wish = await _wish(request, frozenset(SWITCHES))
        if not all(isinstance(value, bool) for value in wish.values()):
            message = f"{' and '.join(SWITCHES)} must be true or false."
            raise BadWishError(message)
        for name, value in wish.items():
            setattr(state, name, value)
    return JSONResponse({name: getattr(state, name) for name in SWITCHES})


async def registered(request: Request) -> Response:
    """List the desk's app on each network that people sign in to, and where it may send them back to."""
    world = world_of(request)
    return JSONResponse(
        {"apps": apps.pasted(world.book, world.settings), "redirect_uris": list(world.settings.redirects)}
    )


async def creator(request: Request) -> Response:
    """Show or switch what the account and the app are like on the TikTok stand-in."""
    state = world_of(request).creator
    names = [one.name for one in fields(state)]
    if request.method == "PUT":
        wish = await _wish(request, frozenset(names))
        if not all(isinstance(value, bool) for value in wish.values()):
            message = f"{', '.join(names)} must be true or false."
            raise BadWishError(message)
        for name, value in wish.items():
            setattr(state, name, value)
    return JSONResponse(asdict(state))


async def calls(request: Request) -> Response:
    """List the last calls the networks received."""
    return JSONResponse({"calls": world_of(request).calls.list()})


async def posts(request: Request) -> Response:
    """List everything of the desk's accounts that is live, newest first."""
    world = world_of(request)
    networks = _asked(request)
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
        "media": feeds.pictures(world, post),
        "facets": post.body.get("facets", []),
        "idempotency_key": post.key,
        "created_at": stamp(post.created_at),
        "origin": post.origin.value,
        "counters": {
            "likes": counts.likes,
            "reposts": counts.reposts,
            "quotes": gates.quotes(world.book, post.id, counts.quotes),
            "replies": world.posts.replies(post),
        },
    }
    if post.network is Network.BLUESKY:
        return {**shown, "cid": post.cid, "rkey": rkey_of(post.id), "record": post.body}
    return {**shown, **{key: value for key, value in post.body.items() if key != "media_ids"}}


async def feed(request: Request) -> Response:
    """List what the networks show of the desk's accounts: `limit` threads of each, the newest first."""
    world = world_of(request)
    networks, limit = _asked(request), request.query_params.get("limit", "20")
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit) <= MOST_SHOWN:
        message = f"limit must be a number from 1 to {MOST_SHOWN}."
        raise BadWishError(message)
    return JSONResponse(
        {"posts": [one for network in networks for one in feeds.feed(world, network, limit=int(limit))]}
    )


async def picture(request: Request) -> Response:
    """Show the bytes of a picture by the digest of its content."""
    world, digest = world_of(request), request.path_params["digest"]
    content, kind = world.shelf.content(digest), world.shelf.kind(digest)
    if content is None or kind is None:
        return JSONResponse({"error": "There is no such picture."}, 404)
    return Response(content, media_type=kind)


def _asked(request: Request) -> tuple[Network, ...]:
    asked = request.query_params.get("network")
    if asked is not None and asked not in tuple(Network):
        message = f"network must be one of {', '.join(Network)}."
        raise BadWishError(message)
    return tuple(Network) if asked is None else (Network(asked),)


async def refuse(_: Request, problem: Exception) -> Response:
    """Say in one sentence why a control call was not carried out."""
    return JSONResponse({"error": str(problem)}, 422)


ROUTES = [
    Route("/faults", faults, methods=["GET", "POST", "DELETE"]),
    Route("/tokens", tokens, methods=["POST"]),
    Route("/software", software, methods=["GET", "PUT"]),
    Route("/apps", registered, methods=["GET"]),
    Route("/creator", creator, methods=["GET", "PUT"]),
    Route("/calls", calls, methods=["GET"]),
    Route("/posts", posts, methods=["GET"]),
    Route("/feed", feed, methods=["GET"]),
    Route("/pictures/{digest}", picture, methods=["GET"]),
]
REFUSALS = {BadScriptError: refuse, BadWishError: refuse}
