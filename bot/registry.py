"""The one list of concrete adapters: a new network, vendor or surface is a folder or a file, and a line here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from bot.config import plain
from bot.datadir import api_token, derived
from services.content import anthropic, openai
from services.images import openai as openai_pictures
from services.images import replicate
from services.platforms import bluesky, facebook, instagram, linkedin, mastodon, threads, tiktok, x

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from fastapi import FastAPI
    from starlette.types import ASGIApp

    from bot.config import Settings
    from handlers.chat.desk import ChatDesk
    from handlers.slack.opening import SlackSettings
    from handlers.surface import Surface
    from handlers.web.settings import SignIn
    from handlers.web.sources import PracticeFeed
    from services.domain.ids import PersonId
    from services.facade import Services
    from services.ports.clock import Clock
    from services.ports.models import ImageModel, TextModel
    from services.ports.platform import Platforms, PlatformSpec
    from services.ports.vault import Vault
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedChat:
    """A chat that is set up and not yet connected; `mounts` is what it serves over HTTP, by the path's first part."""

    surface: Surface
    mounts: Mapping[str, ASGIApp] = field(default_factory=dict)


class ChatOpener(Protocol):
    """Makes a chat for the tokens there are; its library is imported inside."""

    def __call__(self, chat: ChatDesk, services: Services, settings: Settings, vault: Vault) -> OpenedChat | None:
        """None when it is not set up; raises nothing for tokens that turn out to be wrong."""
        ...


class ChatProbe(Protocol):
    """Asks a chat whether it takes the settings there are, without connecting."""

    async def __call__(self, settings: Settings, clock: Clock) -> str | None:
        """Where it would work, in a few words; None when it is not set up. Raises a `DeskError` for what can't work."""
        ...


PLATFORMS: Final[tuple[PlatformSpec, ...]] = (
    mastodon.SPEC,
    bluesky.SPEC,
    x.SPEC,
    linkedin.SPEC,
    threads.SPEC,
    facebook.SPEC,
    instagram.SPEC,
    tiktok.SPEC,
)
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


def open_slack(chat: ChatDesk, services: Services, settings: Settings, vault: Vault) -> OpenedChat | None:
    """Slack over Socket Mode when SLACK_APP_TOKEN is set, else over requests signed with SLACK_SIGNING_SECRET."""
    if not _speaks_slack(settings):
        return None
    from handlers.slack.opening import open_slack
    from handlers.web.auth import OneTimeLinks

    tickets = OneTimeLinks(derived(api_token(settings), "slack install"), services.clock)
    opened = open_slack(chat, services, vault, _slack(settings), tickets)
    return OpenedChat(surface=opened.surface, mounts=opened.mounts)


async def probe_slack(settings: Settings, clock: Clock) -> str | None:
    """See `ChatProbe`."""
    if not _speaks_slack(settings):
        return None
    from handlers.slack.probing import probe

    return await probe(_slack(settings), clock)


def _speaks_slack(settings: Settings) -> bool:
    """Whether anything was set for it."""
    own = (settings.SLACK_BOT_TOKEN, settings.SLACK_APP_TOKEN, settings.SLACK_SIGNING_SECRET)
    return any((*own, settings.SLACK_CLIENT_ID, settings.SLACK_CLIENT_SECRET))


def _slack(settings: Settings) -> SlackSettings:
    from handlers.slack.opening import SlackSettings

    return SlackSettings(
        bot_token=plain(settings.SLACK_BOT_TOKEN),
        app_token=plain(settings.SLACK_APP_TOKEN),
        signing_secret=plain(settings.SLACK_SIGNING_SECRET),
        client_id=settings.SLACK_CLIENT_ID,
        client_secret=plain(settings.SLACK_CLIENT_SECRET),
        api_base_url=settings.SLACK_API_BASE_URL or "",
        public_url=settings.COPYDESK_PUBLIC_URL or "",
    )


def open_discord(chat: ChatDesk, services: Services, settings: Settings, vault: Vault) -> OpenedChat | None:
    """Discord over its gateway when DISCORD_TOKEN is set."""
    del vault  # the token is a setting
    if not settings.DISCORD_TOKEN:
        return None
    from handlers.discord.surface import DiscordSurface

    surface = DiscordSurface(
        chat,
        services,
        token=plain(settings.DISCORD_TOKEN),
        api_url=settings.DISCORD_API_BASE_URL or "",
        gateway_url=settings.DISCORD_GATEWAY_URL or "",
    )
    return OpenedChat(surface=surface)


async def probe_discord(settings: Settings, clock: Clock) -> str | None:
    """See `ChatProbe`."""
    if not settings.DISCORD_TOKEN:
        return None
    from handlers.discord.probing import probe

    return await probe(plain(settings.DISCORD_TOKEN), clock, api_url=settings.DISCORD_API_BASE_URL or "")


CHATS: Final[Mapping[str, ChatOpener]] = {"slack": open_slack, "discord": open_discord}
"""By the surface's name, in the order people see them."""
CHAT_PROBES: Final[Mapping[str, ChatProbe]] = {"slack": probe_slack, "discord": probe_discord}
"""The same, for `check`."""


def platforms() -> Platforms:
    """The specs by slug."""
    return {spec.slug: spec for spec in PLATFORMS}


def one_time_links(token: str, clock: Clock) -> SignIn:
    """Links that let a browser in once; every process that knows the desk's token can make them."""
    from handlers.web.auth import OneTimeLinks

    return OneTimeLinks(derived(token, "sign in"), clock)


def page_as(links: SignIn, page: str) -> Callable[[PersonId], str]:
    """For surfaces that know their people: an address that opens `page` once, as somebody."""
    return lambda person_id: f"{page}/signin/as?token={links.new(person_id)}"


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
