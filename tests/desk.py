"""A small desk in memory: every use case over the store in memory, a fake clock, a scripted writer and two networks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.bus import InProcessBus
from services.access import People
from services.accounts import Accounts
from services.analytics.digest import Digests
from services.analytics.report import Reports
from services.board import Board
from services.calendar import Calendar
from services.connecting import Connecting
from services.content.writer import Writer
from services.domain.account import PracticeMode
from services.domain.actor import Role
from services.domain.delivery import DeliveryState, step
from services.domain.ids import AccountId, PersonId, PlatformSlug
from services.domain.post import Brief
from services.drafts import Drafts, Order
from services.facade import Services
from services.identities import Identities
from services.illustration import Illustration
from services.images.fitting import Fitter
from services.ledger import DraftRef
from services.piles import Piles
from services.publishing.aftercare import Aftercare
from services.publishing.control import Control
from services.results import Results
from services.review import Review
from services.routing import Routing
from tests.builders import a_brand, a_person, a_receipt, a_workspace, an_account
from tests.fakes.clock import FakeClock
from tests.fakes.downloads import an_intake
from tests.fakes.files import MemoryFiles, unreachable
from tests.fakes.http import FakeHttp
from tests.fakes.image_model import ScriptedPainter
from tests.fakes.memory_store import MemoryStore
from tests.fakes.social import LIMITS, FakeSocial
from tests.fakes.text_model import ScriptedModel
from tests.fakes.vault import PlainVault
from tests.fakes.workers import InlineWorkers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from services.domain.account import Account
    from services.domain.actor import Person, Workspace
    from services.domain.delivery import Delivery
    from services.domain.events import Event
    from services.domain.ids import DeliveryId
    from services.ledger import Snapshot
    from services.ports.options import PostOption
    from services.ports.platform import PictureShape
    from services.ports.storage import Transaction

UNDO: Final = timedelta(seconds=15)
MASTODON: Final = AccountId("acc1")
BLUESKY: Final = AccountId("acc2")
VIC: Final = a_person(id=PersonId("vic"), name="Vic", role=Role.VIEWER)
ANA: Final = a_person(id=PersonId("ana"), name="Ana", role=Role.AUTHOR)
BO: Final = a_person(id=PersonId("bo"), name="Bo", role=Role.APPROVER, zone="UTC")
CY: Final = a_person(id=PersonId("cy"), name="Cy", role=Role.APPROVER, zone="Asia/Tokyo")
ADA: Final = a_person()


class IdleEngine:
    """A `JobEngine` that runs nothing and remembers when it was asked to look."""

    def __init__(self) -> None:
        """Nobody asked yet."""
        self.woken: list[datetime | None] = []

    async def start(self) -> None:
        """Nothing to begin."""

    async def stop(self, grace: float) -> None:
        """Nothing to finish."""

    def wake(self, at: datetime | None = None) -> None:
        """Remember."""
        self.woken.append(at)

    def healthy(self) -> bool:
        """Always."""
        return True


@dataclass(kw_only=True)
class Desk:
    """The services with the fakes behind them, and what tests do again and again."""

    services: Services
    store: MemoryStore
    clock: FakeClock
    model: ScriptedModel
    painter: ScriptedPainter
    mastodon: FakeSocial
    bluesky: FakeSocial
    files: MemoryFiles
    vault: PlainVault
    workers: InlineWorkers
    events: list[Event] = field(default_factory=list)

    @property
    def drafts(self) -> Drafts:
        return self.services.drafts

    @property
    def review(self) -> Review:
        return self.services.review

    @property
    def illustration(self) -> Illustration:
        return self.services.illustration

    @property
    def calendar(self) -> Calendar:
        return self.services.calendar

    @property
    def accounts(self) -> Accounts:
        return self.services.accounts

    async def drafted(
        self, actor: Person = ANA, *, brief: str = "the release", wanted: tuple[str, ...] = ()
    ) -> Snapshot:
        """A draft with its first text."""
        begun = await self.drafts.begin(actor, Order(brief=Brief(text=brief), wanted=wanted))
        return await self.drafts.compose(actor, begun.draft.id)

    async def approved(self, actor: Person = BO, *, wanted: tuple[str, ...] = ()) -> Snapshot:
        """A draft somebody agreed to."""
        return await self.review.approve(actor, ref(await self.drafted(wanted=wanted)))

    async def scheduled(self, *, ahead: timedelta = timedelta(hours=1), wanted: tuple[str, ...] = ()) -> Snapshot:
        """An approved draft with deliveries waiting."""
        return await self.calendar.schedule(ANA, ref(await self.approved(wanted=wanted)), self.clock.now() + ahead)

    async def now(self, snapshot: Snapshot) -> Snapshot:
        """The draft as it is at this moment."""
        return await self.services.board.draft(snapshot.draft.id)

    async def policy(self, workspace: Workspace) -> None:
        """Set the switches."""
        await self.store.write(lambda tx: tx.save_workspace(workspace))

    async def disconnect(self, account_id: AccountId) -> None:
        """An account is gone."""
        await self.store.write(lambda tx: tx.accounts.remove(account_id))

    async def played(self, delivery_id: DeliveryId, *path: DeliveryState, live: int = 0) -> Delivery:
        """What a worker would do with a delivery; `live` adds that many receipts at the end."""

        def work(tx: Transaction) -> Delivery:
            row = tx.deliveries.get(delivery_id)
            assert row is not None
            for state in path:
                row, entry = step(row, state, at=self.clock.now(), note="played")
                assert tx.deliveries.save(row, fence=row.fence, entry=entry)
            row = replace(row, receipts=tuple(a_receipt(part=n, at=self.clock.now()) for n in range(live)))
            assert tx.deliveries.save(row, fence=row.fence)
            return row

        return await self.store.write(work)

    async def rows(self, snapshot: Snapshot) -> list[Delivery]:
        """Every delivery of the draft, oldest first, cancelled ones included."""
        return await self.store.read(lambda tx: list(tx.deliveries.for_draft(snapshot.draft.id)))


def ref(snapshot: Snapshot) -> DraftRef:
    """The draft as this snapshot's card shows it."""
    revision = snapshot.draft.revision
    return DraftRef(
        draft_id=snapshot.draft.id,
        revision=revision.number if revision else 0,
        digest=revision.digest[:8] if revision else "",
    )


def verbs(snapshot: Snapshot) -> list[str]:
    """The audit lines' verbs, oldest first."""
    return [entry.verb for entry in snapshot.audit]


async def make_desk(
    *,
    accounts: bool = True,
    practice: PracticeMode = PracticeMode.AUTO,
    options: tuple[PostOption, ...] = (),
    shapes: tuple[PictureShape, ...] = (),
) -> Desk:
    """One brand, five people of four roles, an account on each of two networks, `options` and `shapes` on the first."""
    store, clock, bus, model = MemoryStore(), FakeClock(), InProcessBus(), ScriptedModel()
    files, vault, url = MemoryFiles(), PlainVault(), "http://127.0.0.1:8420"
    mastodon = FakeSocial(clock=clock, options=options, shapes=shapes)
    bluesky = FakeSocial(clock=clock, slug="bluesky", label="Bluesky", identified=True)
    platforms = {s.slug: s for s in (mastodon.spec(), bluesky.spec())}
    writer = Writer(model, platforms, clock)
    painter, workers = ScriptedPainter(), InlineWorkers()
    reports = Reports(store, files, workers, clock, "Europe/Berlin", platforms=platforms, practice=practice)
    pulled = unreachable(store, files, clock)
    accounts_ = Accounts(store, vault, platforms, FakeHttp(), files, bus, clock, pictures=pulled)
    services = Services(
        people=People(store, bus, clock, "Europe/Berlin"),
        identities=Identities(store, clock, "Europe/Berlin"),
        routing=Routing(store, clock),
        board=Board(store),
        piles=Piles(store),
        drafts=Drafts(store, writer, Fitter(files, workers, platforms), platforms, bus, clock, practice),
        review=Review(store, writer, bus, clock),
        calendar=Calendar(store, bus, clock, UNDO),
        control=Control(store=store, clock=clock, bus=bus),
        aftercare=Aftercare(store=store, connections=accounts_, writer=writer, clock=clock, bus=bus),
        accounts=accounts_,
        connecting=Connecting(store, vault, platforms, accounts_, FakeHttp(), clock, bus=bus, apps={}, desk_url=url),
        illustration=Illustration(store, painter, files, workers, platforms, bus, clock),
        media=an_intake(store, files, clock),
        pulled=pulled,
        reports=reports,
        digests=Digests(store, reports, bus, clock, "Europe/Berlin"),
        results=Results(store, reports, practice),
        writer=writer,
        platforms=platforms,
        files=files,
        store=store,
        engine=IdleEngine(),
        clock=clock,
    )
    desk = Desk(
        services=services,
        store=store,
        clock=clock,
        model=model,
        painter=painter,
        mastodon=mastodon,
        bluesky=bluesky,
        files=files,
        vault=vault,
        workers=workers,
    )
    bus.subscribe(desk.events.append)
    await store.write(lambda tx: _furnish(tx, vault, two_accounts() if accounts else ()))
    return desk


def _furnish(tx: Transaction, vault: PlainVault, accounts: Sequence[Account]) -> None:
    """What the desk begins with."""
    tx.brands.put(a_brand())
    tx.save_workspace(a_workspace())
    for person in (VIC, ANA, BO, CY, ADA):
        tx.people.add(person)
    for account in accounts:
        tx.accounts.add(account, vault.seal(account.id, {"access_token": "token-1"}))


def two_accounts() -> tuple[Account, Account]:
    """One on each network, with room for 60 characters."""
    bluesky = an_account(id=BLUESKY, platform=PlatformSlug("bluesky"), handle="driftseas.test", limits=LIMITS)
    return an_account(id=MASTODON, limits=LIMITS), bluesky
