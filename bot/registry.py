"""The one list of concrete adapters: a new network, vendor or surface is a folder or a file, and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from bot.datadir import derived
from services.content import anthropic, openai
from services.images import openai as openai_pictures
from services.images import replicate
from services.platforms import bluesky, linkedin, mastodon, threads, x

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from fastapi import FastAPI

    from handlers.web.settings import SignIn
    from handlers.web.sources import PracticeFeed
    from services.facade import Services
    from services.ports.clock import Clock
    from services.ports.models import ImageModel, TextModel
    from services.ports.platform import Platforms, PlatformSpec
    from services.ports.workers import Workers


class TextVendor(Protocol):
    """Makes a model of one vendor; nothing is imported or opened before its first call."""

    def __call__(self, *, clock: Clock, api_key: str, model: str, base_url: str) -> TextModel:
        """Raises `InvalidInput` for an unusable base URL."""
        ...


class ImageVendor(Protocol):
    """Makes an image model of one vendor; nothing is imported or opened before its first picture."""

    def __call__(self, *, clock: Clock, workers: Workers, api_key: str, model: str, base_url: str) -> ImageModel:
        """Raises `InvalidInput` for an unusable base URL or model."""
        ...


PLATFORMS: Final[tuple[PlatformSpec, ...]] = (mastodon.SPEC, bluesky.SPEC, threads.SPEC, x.SPEC, linkedin.SPEC)
"""In the order people see them."""
TEXT_VENDORS: Final[Mapping[str, TextVendor]] = {
    openai.VENDOR.slug: openai.build,
    anthropic.VENDOR.slug: anthropic.build,
}
"""In the order of choice when no model is named."""
IMAGE_VENDORS: Final[Mapping[str, ImageVendor]] = {
    openai_pictures.VENDOR.slug: openai_pictures.build,
    replicate.VENDOR.slug: replicate.build,
}
"""The same for pictures."""


def platforms() -> Platforms:
    """The specs by slug."""
    return {spec.slug: spec for spec in PLATFORMS}


def one_time_links(token: str, clock: Clock) -> SignIn:
    """Links that let a browser in once; every process that knows the desk's token can make them."""
    from handlers.web.auth import OneTimeLinks

    return OneTimeLinks(derived(token, "sign in"), clock)


def open_web(
    services: Services,
    *,
    token: str,
    secret: bytes,
    sign_in: SignIn,
    host: str,
    public_url: str | None,
    practice: Callable[[], bool],
    readiness: Callable[[], tuple[bool, Mapping[str, str], Mapping[str, str]]],
    undo: timedelta,
    practice_feed: PracticeFeed | None = None,
) -> FastAPI:
    """The web surface; imported at use, because the small verbs need no web framework.

    `readiness` tells whether the desk serves, and the state of its parts and surfaces in a word each.
    """
    from handlers.web.app import create_app
    from handlers.web.settings import Readiness, WebSettings

    def told() -> Readiness:
        ready, parts, surfaces = readiness()
        return Readiness(ready=ready, parts=parts, surfaces=surfaces)

    settings = WebSettings(
        token=token,
        secret=secret,
        sign_in=sign_in,
        host=host,
        public_url=public_url,
        practice=practice,
        readiness=told,
        undo=undo,
        practice_feed=practice_feed,
    )
    return create_app(services, settings)
