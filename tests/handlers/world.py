"""A whole desk in memory behind its web door: real use cases, a scripted model, a clock that stands still."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import httpx

from handlers.request import Request, Typed
from handlers.web.app import create_app
from handlers.web.auth import OneTimeLinks
from handlers.web.door import Door
from handlers.web.settings import Readiness, WebSettings
from services.access import People
from services.accounts import Accounts
from services.analytics.digest import Digests
from services.analytics.report import Reports
from services.board import Board
from services.calendar import Calendar
from services.connecting import Connecting
from services.content.writer import Writer
from services.domain.account import Account, Dedupe, PracticeMode
from services.domain.errors import NotFound
from services.domain.ids import AccountId, PlatformSlug
from services.domain.post import PART_BREAK, Outline, Problem, Severity
from services.drafts import Drafts
from services.facade import Services
from services.identities import Identities
from services.illustration import Illustration
from services.images.fitting import Fitter
from services.piles import Piles
from services.ports.models import Writing
from services.ports.platform import Measure, PlatformSpec
from services.publishing.aftercare import Aftercare
from services.publishing.control import Control
from services.results import Results
from services.review import Review
from services.routing import Routing
from tests.builders import a_brand, a_workspace, an_account, some_limits
from tests.fakes.clock import FakeClock
from tests.fakes.downloads import FakeDownloads, an_intake
from tests.fakes.files import MemoryFiles, unreachable
from tests.fakes.image_model import ScriptedPainter
from tests.fakes.memory_store import MemoryStore
from tests.fakes.vault import PlainVault
from tests.fakes.workers import InlineWorkers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from fastapi import FastAPI

    from handlers.request import Outcome
    from handlers.web.sources import PracticeFeed
    from services.domain.account import Limits
    from services.domain.actor import Person
    from services.domain.errors import DeskError
    from services.domain.events import Event
    from services.ports.http import Answer, Http, HttpRequest
    from services.ports.models import Target, WritingTask
    from services.ports.options import PostOption
    from services.ports.platform import Connection, Roles
    from services.ports.signin import App
    from services.ports.storage import Transaction

TOKEN: Final = "a-token-for-tests-0123456789"
BASE: Final = "http://127.0.0.1:8420"
SECRET: Final = b"a secret for tests, long enough"
MASTODON: Final = AccountId("acc-m")
BLUESKY: Final = AccountId("acc-b")
ZONE: Final = "Europe/Berlin"
UNDO: Final = timedelta(seconds=15)
_BEARER: Final = {"authorization": f"Bearer {TOKEN}"}


class LocalBus:
    """`EventBus` with listeners."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[Event], None]] = []
        self.events: list[Event] = []

    def publish(self, *events: Event) -> None:
        self.events += events
        for event in events:
            for listener in self.listeners:
                listener(event)


class PlainRules:
    """Counts characters; too long blocks."""

    def measure(self, text: str, limits: Limits) -> Measure:
        over = len(text) - limits.text
        problem = Problem(code="too_long", severity=Severity.BLOCK, message=f"{over} too long.", fix=f"Cut {over}.")
        return Measure(length=len(text), limit=limits.text, unit="characters", problems=(problem,) if over > 0 else ())

    def split(self, text: str, limits: Limits) -> tuple[str, ...]:
        del limits
        return (text,)


def _no_connection(connection: Connection) -> Roles:
    del connection
    raise NotFound("No network in this test.")


def a_spec(slug: str, label: str, options: tuple[PostOption, ...] = ()) -> PlatformSpec:
    return PlatformSpec(
        slug=PlatformSlug(slug),
        label=label,
        fields=(),
        rules=PlainRules(),
        default_limits=some_limits(),
        dedupe=Dedupe.KEY,
        key_life=None,
        guidance="Plain.",
        connect=_no_connection,
        options=options,
    )


class ScriptedModel:
    """Writes the brief's own words, unless told to fail or to wait."""

    name = "offline"

    def __init__(self) -> None:
        self.fail: DeskError | Exception | None = None
        self.gate: asyncio.Event | None = None
        self.tasks: list[WritingTask] = []
        self.claims: tuple[str, ...] = ()

    async def aclose(self) -> None:
        """Nothing is open."""

    async def write(self, task: WritingTask) -> Writing:
        self.tasks.append(task)
        if self.gate is not None:
            await self.gate.wait()
        if self.fail is not None:
            raise self.fail
        text = task.brief.text + (f" ({task.wish})" if task.wish else "")
        outline = Outline(topic=task.brief.text[:60], claims=self.claims)
        return Writing(outline=outline, texts={t.account_id: _posts(text, t) for t in task.targets})


def _posts(text: str, target: Target) -> str:
    """One post, or as many as are asked for."""
    if target.parts < 2:
        return f"{text} on {target.label}"
    return PART_BREAK.join(f"{text}, post {n} on {target.label}" for n in range(1, target.parts + 1))


class IdleEngine:
    """`JobEngine` that publishes nothing."""

    def __init__(self) -> None:
        self.well = True

    async def start(self) -> None: ...

    async def stop(self, grace: float) -> None: ...

    def wake(self, at: datetime | None = None) -> None: ...

    def healthy(self) -> bool:
        return self.well


class NoHttp:
    """`Http` that reaches nobody."""

    async def send(self, request: HttpRequest) -> Answer:
        raise NotFound(f"no network: {request.url}")

    async def fetch_page(self, url: str, *, timeout: float = 3.0, max_bytes: int = 512_000) -> Answer:
        raise NotFound(f"no network: {url}")


@dataclass(slots=True, kw_only=True)
class Outside:
    """Networks beside the two plain ones, or in their place, with what is said to them and the apps for them."""

    more: tuple[PlatformSpec, ...] = ()
    http: Http = field(default_factory=NoHttp)
    apps: Mapping[PlatformSlug, App] = field(default_factory=dict)

    options: Mapping[str, tuple[PostOption, ...]] = field(default_factory=dict)
    """What may be chosen on the plain ones, by slug."""

    def platforms(self) -> dict[PlatformSlug, PlatformSpec]:
        plain = (a_spec(slug, slug.title(), self.options.get(slug, ())) for slug in ("mastodon", "bluesky"))
        return {s.slug: s for s in (*plain, *self.more)}

    def connecting(  # noqa: PLR0917 - as the use case takes them
        self,
        store: MemoryStore,
        vault: PlainVault,
        platforms: dict[PlatformSlug, PlatformSpec],
        accounts: Accounts,
        clock: FakeClock,
        bus: LocalBus,
    ) -> Connecting:
        """At the desk's own address."""
        return Connecting(store, vault, platforms, accounts, self.http, clock, bus=bus, apps=self.apps, desk_url=BASE)


ALONE: Final = Outside()


@dataclass(slots=True, kw_only=True)
class World:
    """Everything a test may want to touch."""

    services: Services
    store: MemoryStore
    clock: FakeClock
    model: ScriptedModel
    painter: ScriptedPainter
    bus: LocalBus
    files: MemoryFiles
    engine: IdleEngine
    workers: InlineWorkers
    downloads: FakeDownloads
    links: OneTimeLinks
    app: FastAPI
    door: Door
    client: httpx.AsyncClient
    """With the bearer token."""
    stranger: httpx.AsyncClient
    """Without anything."""
    actors: dict[str, Person] = field(default_factory=dict)

    async def actor(self, name: str = "owner") -> Person:
        return await self.services.people.actor(name)

    async def command(self, text: str, actor: str = "owner", patience: float = 60.0) -> Outcome:
        return await self.door.dispatcher.handle(Request(actor=await self.actor(actor), text=text, patience=patience))

    async def press(self, action: str, actor: str = "owner", fields: Typed | None = None) -> Outcome:
        return await self.door.dispatcher.handle(Request(actor=await self.actor(actor), action=action, fields=fields))

    async def say(self, text: str, **more: object) -> dict[str, Any]:
        """POST /api/command, expecting it to work."""
        answer = await self.client.post("/api/command", json={"text": text, **more})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def draft(self, text: str = "Ships today") -> dict[str, Any]:
        """A new draft's card."""
        card: dict[str, Any] = (await self.say(f"draft {text}"))["replies"][0]["card"]
        return card

    async def act(self, button: str, **body: object) -> httpx.Response:
        """POST /api/action."""
        return await self.client.post("/api/action", json={"id": button, **body})

    async def done(self, button: str, **body: object) -> dict[str, Any]:
        """The same, expecting it to work; gives the card."""
        answer = await self.act(button, **body)
        assert answer.status_code == 200, answer.text
        card: dict[str, Any] = answer.json()["replies"][0]["card"]
        return card


def button_id(card: Mapping[str, Any], label: str) -> str:
    """The id of the button with this label."""
    found: str = next(b["id"] for b in card["buttons"] if b["label"] == label)
    return found


def labels(card: Mapping[str, Any]) -> list[str]:
    """The labels of a card's buttons."""
    return [b["label"] for b in card["buttons"]]


def the_accounts() -> tuple[Account, Account]:
    mastodon = an_account(id=MASTODON, limits=some_limits(text=500))
    bluesky = an_account(
        id=BLUESKY, platform=PlatformSlug("bluesky"), handle="driftseas.test", limits=some_limits(text=300)
    )
    return mastodon, bluesky


async def furnish(store: MemoryStore, accounts: tuple[Account, ...]) -> None:
    """The rows a desk begins with."""
    await store.write(lambda tx: tx.brands.put(a_brand()))
    await store.write(lambda tx: tx.save_workspace(a_workspace()))
    for account in accounts:
        await store.write(lambda tx, a=account: tx.accounts.add(a, b"sealed"))  # type: ignore[misc]  # default binds


def _web(links: OneTimeLinks, engine: IdleEngine, practice: bool, feed: PracticeFeed | None) -> WebSettings:
    return WebSettings(
        token=TOKEN,
        secret=SECRET,
        sign_in=links,
        undo=UNDO,
        practice=lambda: practice,
        practice_feed=feed,
        readiness=lambda: Readiness(ready=engine.well, surfaces={"slack": "off"}),
    )


async def make_world(
    *,
    accounts: bool = True,
    practice: bool = True,
    results: Results | None = None,
    practice_feed: PracticeFeed | None = None,
    outside: Outside = ALONE,
) -> World:
    """A desk with one brand and two accounts."""
    store, clock, bus, model, vault = MemoryStore(), FakeClock(), LocalBus(), ScriptedModel(), PlainVault()
    platforms, http = outside.platforms(), outside.http
    files, engine, workers, downloads = MemoryFiles(), IdleEngine(), InlineWorkers(), FakeDownloads()
    writer, painter = Writer(model, platforms, clock), ScriptedPainter(name="offline", contrast=9.84)
    reports = Reports(store, files, workers, clock, ZONE, platforms=platforms, practice=PracticeMode.AUTO)
    accounts_ = Accounts(store, vault, platforms, http, files, bus, clock)
    services = Services(
        people=People(store, bus, clock, ZONE),
        identities=Identities(store, clock, ZONE),
        routing=Routing(store, clock),
        board=Board(store),
        piles=Piles(store),
        drafts=Drafts(store, writer, Fitter(files, workers, platforms), platforms, bus, clock, PracticeMode.AUTO),
        review=Review(store, writer, bus, clock),
        calendar=Calendar(store, bus, clock, UNDO),
        control=Control(store=store, clock=clock, bus=bus),
        aftercare=Aftercare(store=store, connections=accounts_, writer=writer, clock=clock, bus=bus),
        accounts=accounts_,
        connecting=outside.connecting(store, vault, platforms, accounts_, clock, bus),
        illustration=Illustration(store, painter, files, InlineWorkers(), platforms, bus, clock),
        media=an_intake(store, files, clock, workers, downloads),
        pulled=unreachable(store, files, clock),
        reports=reports,
        digests=Digests(store, reports, bus, clock, ZONE),
        results=results or Results(store, reports, PracticeMode.AUTO),
        writer=writer,
        platforms=platforms,
        files=files,
        store=store,
        engine=engine,
        clock=clock,
    )
    await furnish(store, the_accounts() if accounts else ())
    app = _opened(services, bus, _web(links := OneTimeLinks(SECRET, clock), engine, practice, practice_feed))
    return World(
        services=services,
        store=store,
        clock=clock,
        model=model,
        painter=painter,
        bus=bus,
        files=files,
        engine=engine,
        workers=workers,
        downloads=downloads,
        links=links,
        app=app,
        door=app.state.door,
        client=_client(app, _BEARER),
        stranger=_client(app),
    )


def _opened(services: Services, bus: LocalBus, settings: WebSettings) -> FastAPI:
    app = create_app(services, settings)
    bus.listeners.append(app.state.door.notifications.notice)
    return app


def _client(app: FastAPI, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE, headers=headers)


async def takes(world: World, account_id: AccountId, **limits: Any) -> None:
    """Another idea of what a network takes."""

    def work(tx: Transaction) -> None:
        account = tx.accounts.get(account_id)
        assert account is not None
        tx.accounts.save(replace(account, limits=replace(account.limits, **limits)))

    await world.store.write(work)


def a_png(width: int = 8, height: int = 6) -> bytes:
    """A small real picture."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (width, height), (179, 38, 30)).save(out, format="PNG")
    return out.getvalue()
