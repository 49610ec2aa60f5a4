"""Putting the desk together: storage, vendors, use cases, engine and doors, every part replaceable by a test."""

from __future__ import annotations

import random
import secrets
import ssl
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx

from bot import datadir, registry, worker_lock
from bot.bus import InProcessBus
from bot.clock import ScheduledClock
from bot.config import plain
from bot.problems import StartProblem, told
from bot.system_clock import SystemClock
from bot.workshop import Workshop
from services.access import People
from services.accounts import Accounts
from services.analytics.collect import Collector
from services.analytics.digest import Digests
from services.analytics.report import Reports
from services.board import Board
from services.calendar import Calendar
from services.connecting import Connecting
from services.content import choice
from services.content.brand_file import DEFAULT_BRAND, load_brand
from services.content.offline import OfflineModel
from services.content.writer import Writer
from services.domain.errors import DeskError, OutcomeUnknown, RateLimited, Unavailable
from services.drafts import Drafts
from services.engagement.replies import Replies
from services.facade import Services
from services.identities import Identities
from services.illustration import Illustration
from services.images import choice as image_choice
from services.images.fitting import Fitter
from services.images.intake import PictureIntake
from services.images.painter import OfflinePainter
from services.images.pulling import PulledPictures
from services.media.intake import MediaIntake
from services.piles import Piles
from services.ports.signin import App
from services.publishing.aftercare import Aftercare
from services.publishing.control import Control
from services.publishing.dispatch import Dispatcher
from services.publishing.settings import DispatchSettings
from services.results import Results
from services.review import Review
from services.routing import Routing
from services.transport import Transport
from storage.jobs_embedded import EmbeddedEngine
from storage.media import DiskMedia
from storage.store import SqlStore
from storage.vault import KeyedVault, open_vault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bot.config import Settings
    from services.domain.brand import Brand
    from services.domain.ids import PlatformSlug
    from services.ports.clock import Clock
    from services.ports.models import ImageModel, TextModel
    from services.ports.platform import Platforms
    from services.ports.storage import Store
    from services.ports.workers import Workers

BRAND_FILE: Final = Path("brand.toml")
LEFT_BEHIND: Final = timedelta(hours=6)
"""No file is that long on its way in; another process may be receiving one right now."""
_LOCAL: Final = ("all://127.0.0.1", "all://localhost", "all://[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A desk put together but not yet started."""

    settings: Settings
    services: Services
    dispatcher: Dispatcher
    engine: EmbeddedEngine
    clock: Clock
    rounds: ScheduledClock
    collector: Collector
    bus: InProcessBus
    vault: KeyedVault
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacements:
    """What a test puts in the place of the real thing; None keeps it."""

    clock: Clock | None = None
    text_model: TextModel | None = None
    image_model: ImageModel | None = None
    workers: Workers | None = None
    platforms: Platforms | None = None


@contextmanager
def only_publisher(settings: Settings) -> Iterator[None]:
    """Be the one process that publishes from the data directory while the block lasts; raises `StartProblem`."""
    with worker_lock.held(datadir.prepare(settings)):
        yield


@asynccontextmanager
async def storage(settings: Settings) -> AsyncIterator[Store]:
    """An open store with the schema of this version; raises `StartProblem`."""
    datadir.prepare(settings)
    opening = SqlStore.open(settings.database_url)
    try:
        store = await opening.__aenter__()
    except DeskError as error:
        raise start_problem(error) from None
    async with AsyncExitStack() as stack:
        stack.push_async_exit(opening)
        yield store


@asynccontextmanager
async def desk(settings: Settings, instead: Replacements | None = None) -> AsyncIterator[Desk]:
    """A desk whose parts are connected; nothing runs until its engine and rounds are started. Raises `StartProblem`."""
    instead = instead or Replacements()
    clock = instead.clock or SystemClock()
    platforms = instead.platforms or registry.platforms()
    brand = read_brand()
    model = instead.text_model or text_model(settings, clock)
    workshop = Workshop(clock)
    workers = instead.workers or workshop
    painter = instead.image_model or image_model(settings, clock, workers)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(workshop.close)
        store = await stack.enter_async_context(storage(settings))
        client = await stack.enter_async_context(http_client())
        await store.write(lambda tx: tx.brands.put(brand))
        stack.push_async_callback(model.aclose)
        stack.push_async_callback(painter.aclose)
        bus = InProcessBus()
        files = DiskMedia(settings.COPYDESK_DATA_DIR / "media")
        await files.clear_workplace(before=clock.now() - LEFT_BEHIND)
        keyed = vault(settings)
        host = pulled(settings, store, files, clock, workers)
        http = Transport(client, clock)
        accounts = Accounts(store, keyed, platforms, http, files, bus, clock, pictures=host)
        dispatcher = _dispatcher(store, accounts, clock, bus)
        rounds = ScheduledClock()
        engine = EmbeddedEngine(drain=dispatcher.drain, alarm=rounds, clock=clock, quiesce=dispatcher.quiesce)
        rounds.on_ring(engine.wake)
        services = _services(
            _Parts(
                settings=settings,
                store=store,
                files=files,
                bus=bus,
                clock=clock,
                workers=workers,
                engine=engine,
                platforms=platforms,
                accounts=accounts,
                http=http,
                vault=keyed,
                pulled=host,
                writer=Writer(model, platforms, clock),
                painter=painter,
            )
        )
        yield Desk(
            settings=settings,
            services=services,
            dispatcher=dispatcher,
            engine=engine,
            clock=clock,
            rounds=rounds,
            collector=_collector(settings, store, accounts, workers, clock, bus),
            bus=bus,
            vault=keyed,
            token=datadir.api_token(settings),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What the use cases are made of."""

    settings: Settings
    store: Store
    files: DiskMedia
    bus: InProcessBus
    clock: Clock
    workers: Workers
    engine: EmbeddedEngine
    platforms: Platforms
    accounts: Accounts
    http: Transport
    vault: KeyedVault
    pulled: PulledPictures
    writer: Writer
    painter: ImageModel


def _services(parts: _Parts) -> Services:
    """The use cases over their parts."""
    store, files, bus, clock, platforms = parts.store, parts.files, parts.bus, parts.clock, parts.platforms
    zone, practice = parts.settings.COPYDESK_TIMEZONE, parts.settings.COPYDESK_PRACTICE
    reports = Reports(store, files, parts.workers, clock, zone, platforms=platforms, practice=practice)
    return Services(
        people=People(store, bus, clock, zone),
        identities=Identities(store, clock, zone),
        routing=Routing(store, clock),
        board=Board(store),
        piles=Piles(store),
        drafts=Drafts(store, parts.writer, Fitter(files, parts.workers, platforms), platforms, bus, clock, practice),
        review=Review(store, parts.writer, bus, clock),
        calendar=Calendar(store, bus, clock, timedelta(seconds=parts.settings.COPYDESK_UNDO_SECONDS)),
        control=Control(store=store, clock=clock, bus=bus),
        aftercare=Aftercare(store=store, connections=parts.accounts, writer=parts.writer, clock=clock, bus=bus),
        accounts=parts.accounts,
        connecting=_connecting(parts),
        illustration=Illustration(store, parts.painter, files, parts.workers, platforms, bus, clock),
        media=MediaIntake(
            store=store,
            files=files,
            clock=clock,
            workers=parts.workers,
            pictures=PictureIntake(store, files, clock, parts.workers),
            downloads=parts.http,
        ),
        pulled=parts.pulled,
        reports=reports,
        digests=Digests(store, reports, bus, clock, zone),
        results=Results(store, reports, practice),
        writer=parts.writer,
        platforms=platforms,
        files=files,
        store=store,
        engine=parts.engine,
        clock=clock,
    )


def _connecting(parts: _Parts) -> Connecting:
    """With the apps that are set, and the address that browsers know the desk by."""
    return Connecting(
        parts.store,
        parts.vault,
        parts.platforms,
        parts.accounts,
        parts.http,
        parts.clock,
        bus=parts.bus,
        apps=apps(parts.settings, parts.platforms),
        desk_url=page_url(parts.settings),
    )


def apps(settings: Settings, platforms: Platforms) -> dict[PlatformSlug, App]:
    """What is set for each network that people can sign in at."""
    found: dict[PlatformSlug, App] = {}
    for slug, spec in platforms.items():
        names = {f.name for kind in spec.signin.apps for f in kind} if spec.signin else set()
        values = {name: value for name in names if (value := settings.of_network(slug, name))}
        found[slug] = App(values=values, base_url=settings.of_network(slug, "base_url"))
    return found


def pulled(settings: Settings, store: Store, files: DiskMedia, clock: Clock, workers: Workers) -> PulledPictures:
    """Under the public address for real networks, and under the local one for the stand-ins on this machine."""
    return PulledPictures(
        store=store,
        files=files,
        clock=clock,
        workers=workers,
        key=datadir.derived(datadir.api_token(settings), "pulled pictures"),
        public_url=settings.COPYDESK_PUBLIC_URL or "",
        local_url=local_url(settings),
    )


def _collector(  # noqa: PLR0917 - one call site
    settings: Settings, store: Store, accounts: Accounts, workers: Workers, clock: Clock, bus: InProcessBus
) -> Collector:
    """Numbers and answers of the accounts that take part."""
    return Collector(store, accounts, Replies(store, workers, clock), bus, clock, settings.COPYDESK_PRACTICE)


def _dispatcher(store: Store, accounts: Accounts, clock: Clock, bus: InProcessBus) -> Dispatcher:
    """Under a name no other process has."""
    return Dispatcher(
        store=store,
        connections=accounts,
        clock=clock,
        bus=bus,
        settings=DispatchSettings(owner=f"desk-{secrets.token_hex(3)}"),
        random=random.Random(),
        read_media=accounts.read_media,
    )


def start_problem(error: DeskError) -> StartProblem:
    """An expected error at start-up, for whoever runs the desk."""
    return told(error) or StartProblem(error.message)


def asked_by_hand(error: DeskError) -> StartProblem:
    """What a network answered to a verb: nobody tries that again, however the desk itself would go on."""
    if not isinstance(error, (Unavailable, RateLimited, OutcomeUnknown)):
        return start_problem(error)
    if isinstance(error, RateLimited):
        step = f"Try again after {error.until:%H:%M:%S} UTC."
    else:
        step = "Look at the address and at the connection, then run this again."
    return StartProblem(error.message, step)


def read_brand() -> Brand:
    """The brand from `brand.toml` in the working directory, or the one that ships."""
    try:
        return load_brand(BRAND_FILE) if BRAND_FILE.exists() else DEFAULT_BRAND
    except DeskError as error:
        raise start_problem(error) from None


def vault(settings: Settings) -> KeyedVault:
    """The vault under the setting's key, or under one made once and kept in the data directory."""
    key = settings.COPYDESK_SECRET_KEY
    try:
        return open_vault(key.get_secret_value() if key else None, settings.COPYDESK_DATA_DIR / "secret.key")
    except DeskError as error:
        raise start_problem(error) from None


def text_model(settings: Settings, clock: Clock) -> TextModel:
    """The model the settings choose; raises `StartProblem` for one that isn't there."""
    keys = choice.ModelKeys(
        openai_api_key=plain(settings.OPENAI_API_KEY),
        openai_base_url=settings.OPENAI_BASE_URL or "",
        anthropic_api_key=plain(settings.ANTHROPIC_API_KEY),
        anthropic_base_url=settings.ANTHROPIC_BASE_URL or "",
    )
    try:
        chosen = choice.choose_text_model(settings.COPYDESK_TEXT_MODEL, keys)
        if chosen.vendor == choice.OFFLINE:
            return OfflineModel()
        build = registry.TEXT_VENDORS[chosen.vendor]
        key, url = keys.key(chosen.vendor), keys.base_url(chosen.vendor)
        return build(clock=clock, api_key=key, model=chosen.model, base_url=url)
    except DeskError as error:
        raise start_problem(error) from None


def image_model(settings: Settings, clock: Clock, workers: Workers) -> ImageModel:
    """Who paints, as the settings choose; raises `StartProblem` for one that could never paint."""
    keys = image_choice.ImageKeys(
        openai_api_key=plain(settings.OPENAI_API_KEY),
        openai_base_url=settings.OPENAI_BASE_URL or "",
        replicate_api_token=plain(settings.REPLICATE_API_TOKEN),
        replicate_base_url=settings.REPLICATE_BASE_URL or "",
    )
    try:
        chosen = image_choice.choose_image_model(settings.COPYDESK_IMAGE_MODEL, keys)
        if chosen.vendor == image_choice.OFFLINE:
            return OfflinePainter(workers)
        build = registry.IMAGE_VENDORS[chosen.vendor]
        key, url = keys.key(chosen.vendor), keys.base_url(chosen.vendor)
        return build(clock=clock, workers=workers, api_key=key, model=chosen.model, base_url=url)
    except DeskError as error:
        raise start_problem(error) from None


def page_url(settings: Settings) -> str:
    """Where people open the page."""
    if settings.COPYDESK_PUBLIC_URL:
        return settings.COPYDESK_PUBLIC_URL
    return local_url(settings)


def local_url(settings: Settings) -> str:
    """Where programs on this machine reach it."""
    host = settings.COPYDESK_HOST
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - read
    return f"http://{shown}:{settings.COPYDESK_PORT}"


def http_client() -> httpx.AsyncClient:
    """The shared client: certificates and proxies from the environment, but never a proxy for this machine."""
    return httpx.AsyncClient(
        verify=_trust(),
        mounts=dict.fromkeys(_LOCAL),
        headers={"User-Agent": "Copydesk"},
        limits=httpx.Limits(max_connections=40, max_keepalive_connections=20, keepalive_expiry=30),
    )


@cache
def _trust() -> ssl.SSLContext:
    """The certificates, read once: a fiftieth of a second, and memory, for each time."""
    return httpx.create_ssl_context()


def local_client() -> httpx.AsyncClient:
    """A client for this machine alone: reading the world's certificates would only cost time and memory."""
    return httpx.AsyncClient(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), trust_env=False)
