"""Builds the practice networks into one ASGI app, and runs it alone when asked."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from bot.practice import apps, control, identity
from bot.practice.bluesky import network as bluesky
from bot.practice.book import Book
from bot.practice.facebook import network as facebook
from bot.practice.guard import LoopbackOnly
from bot.practice.identity import HANDLE
from bot.practice.instagram import network as instagram
from bot.practice.kinds import Network
from bot.practice.linkedin import network as linkedin
from bot.practice.linkedin import tokens as linkedin_tokens
from bot.practice.mastodon import network as mastodon
from bot.practice.pipeline import Customs, Pipeline
from bot.practice.threads import network as threads
from bot.practice.tiktok import keys as tiktok_keys
from bot.practice.tiktok import network as tiktok
from bot.practice.world import World, build
from bot.practice.x import keys as x_keys
from bot.practice.x import network as x

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.practice.settings import PracticeSettings


def create_app(settings: PracticeSettings) -> Starlette:
    """Build the app: each network under its own name, the control face under /_practice."""
    world = build(settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        world.book.close()

    steering = Starlette(routes=control.ROUTES, exception_handlers=control.REFUSALS)
    steering.state.world = world
    return Starlette(
        routes=[
            Mount("/mastodon", _network(world, mastodon.app(world), mastodon.customs(world))),
            Mount("/bluesky", _network(world, bluesky.app(world), bluesky.customs(world))),
            Mount("/x", _network(world, x.app(world), x.customs(world))),
            Mount("/linkedin", _network(world, linkedin.app(world), linkedin.customs(world))),
            Mount("/threads", _network(world, threads.app(world), threads.customs(world))),
            Mount("/facebook", _network(world, facebook.app(world), facebook.customs(world))),
            Mount("/instagram", _network(world, instagram.app(world), instagram.customs(world))),
            Mount("/tiktok", _network(world, tiktok.app(world), tiktok.customs(world))),
            Mount("/_practice", steering),
        ],
        middleware=[Middleware(LoopbackOnly)],
        lifespan=lifespan,
    )


def _network(world: World, app: Starlette, customs: Customs) -> Pipeline:
    return Pipeline(app, customs=customs, faults=world.faults, calls=world.calls, now=world.now)


def practice_accounts(settings: PracticeSettings) -> list[dict[str, str]]:
    """Answer what an operator would paste to connect the practice accounts; the same after every restart."""
    book = Book(settings.database)
    try:
        account = identity.load(book, settings.now())
        x_own = x_keys.load(book)
        linkedin_token = linkedin_tokens.load(book)
        threads_token = threads.load(book, settings.now())
        page_token = facebook.load(book)
        instagram_token = instagram.load(book, settings.now())
        tiktok_own = {**tiktok_keys.load(book, settings.now()), **apps.pasted(book, settings)[Network.TIKTOK]}
    finally:
        book.close()
    return [
        {
            "platform": Network.MASTODON.value,
            "name": HANDLE,
            "base_url": f"{settings.root}/mastodon",
            "access_token": account.mastodon_token,
        },
        {
            "platform": Network.BLUESKY.value,
            "base_url": f"{settings.root}/bluesky",
            "identifier": account.bluesky_handle,
            "app_password": account.app_password,
        },
        {"platform": Network.X.value, "base_url": f"{settings.root}/x", **x_own.first_kind},
        {
            "platform": Network.LINKEDIN.value,
            "base_url": f"{settings.root}/linkedin",
            "access_token": linkedin_token,
            "author": account.page_urn,
        },
        {
            "platform": Network.THREADS.value,
            "base_url": f"{settings.root}/threads",
            "access_token": threads_token,
            "user_id": account.mastodon_id,
        },
        {
            "platform": Network.FACEBOOK.value,
            "base_url": f"{settings.root}/facebook",
            "page_id": account.mastodon_id,
            "access_token": page_token,
        },
        {
            "platform": Network.INSTAGRAM.value,
            "base_url": f"{settings.root}/instagram",
            "user_id": account.mastodon_id,
            "access_token": instagram_token,
        },
        {"platform": Network.TIKTOK.value, "base_url": f"{settings.root}/tiktok", **tiktok_own},
    ]


def practice_apps(settings: PracticeSettings) -> dict[str, dict[str, str]]:
    """Answer what an operator would paste of the desk's app on each network; the same after every restart."""
    book = Book(settings.database)
    try:
        return apps.pasted(book, settings)
    finally:
        book.close()


async def serve(settings: PracticeSettings, host: str, port: int) -> None:
    """Run the practice networks alone until the process is asked to stop; `host` should be loopback."""
    config = uvicorn.Config(
        create_app(settings), host=host, port=port, log_level="warning", access_log=False, server_header=False
    )
    await uvicorn.Server(config).serve()
