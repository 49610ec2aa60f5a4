"""What every endpoint works with: the services, the proofs of texts, and the request at hand."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from handlers.request import Show, Update, Whisper
from handlers.views.counts import count_of
from handlers.views.delivery import delivery_card
from handlers.views.draft import draft_card
from handlers.views.look import Look, Proof
from services.access import may, require
from services.content.attachments import NO_PICTURE
from services.content.checks import blocking
from services.domain.errors import InvalidInput
from services.domain.ids import DraftId
from services.domain.post import kept
from services.marks import plain_marks
from services.ports.platform import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from handlers.grammar import Command
    from handlers.request import Request
    from handlers.tasks import Tasks
    from handlers.views.actions import Action
    from handlers.views.card import Card
    from handlers.views.counts import Count
    from services.access import Permission
    from services.board import DeliveryRecord
    from services.domain.account import Account, Limits
    from services.domain.brand import Brand
    from services.domain.ids import AccountId, Digest, PersonId
    from services.domain.post import Variant
    from services.facade import Services
    from services.ledger import Snapshot
    from services.marks import Mark
    from services.ports.options import PostOption

_KEPT: Final = 1024
_Key = tuple["Digest", "AccountId", str, str, "Limits", "Brand"]


class Proofreader:
    """Measures and checks variants for cards; the same content for the same account is read once."""

    def __init__(self, services: Services) -> None:
        """The writer does the reading; the platforms know what they mark."""
        self._writer = services.writer
        self._platforms = services.platforms
        self._kept: OrderedDict[_Key, Proof] = OrderedDict()

    def proofs(self, snapshot: Snapshot) -> dict[AccountId, Proof]:
        """By account; an account that is gone has none."""
        revision = snapshot.draft.revision
        if revision is None:
            return {}
        digest = revision.digest
        found = ((v, snapshot.accounts.get(v.account_id)) for v in revision.variants)
        proofs = {
            a.id: self._proof((digest, a.id, a.handle, a.name, a.limits, snapshot.brand), v, a)
            for v, a in found
            if a is not None
        }
        return proofs if snapshot.draft.picturing is None else {i: _pictured(p) for i, p in proofs.items()}

    def count(self, variant: Variant, account: Account, brand: Brand) -> Count:
        """A text that is only being typed, part by part; empty parts are left out of a thread."""
        parts = variant.parts or ("",)
        measures = [self._writer.measure(replace(variant, parts=(part,)), account) for part in parts]
        problems = self._writer.problems(variant, account, brand) if any(p.strip() for p in parts) else ()
        return count_of(measures, problems)

    def _proof(self, key: _Key, variant: Variant, account: Account) -> Proof:
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        measure = self._writer.measure(variant, account)
        problems = self._writer.problems(variant, account, key[-1])
        spec = self._platforms.get(variant.platform)
        proof = Proof(
            length=measure.length,
            limit=measure.limit,
            unit=measure.unit,
            valid=measure.valid and not blocking(problems),
            problems=problems,
            marks=self._marks(variant),
            cost=spec.cost(variant) if spec else None,
            terms=spec.terms(variant, account) if spec else "",
        )
        self._kept[key] = proof
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return proof

    def _marks(self, variant: Variant) -> tuple[tuple[Mark, ...], ...]:
        spec = self._platforms.get(variant.platform)
        return tuple((spec.marks if spec else plain_marks)(part) for part in variant.parts)


def _pictured(proof: Proof) -> Proof:
    """As it stands once the picture that is being made is there: until then none is missing."""
    problems = tuple(p for p in proof.problems if p.code != NO_PICTURE)
    return replace(proof, problems=problems, valid=not blocking(problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One per process, shared by every surface."""

    services: Services
    proofreader: Proofreader
    tasks: Tasks
    page: Callable[[PersonId], str] | None = None
    """An address that opens the page as this person, once; None where the page itself is this surface."""

    @property
    def labels(self) -> dict[str, str]:
        """Platform slug → name."""
        return {slug: spec.label for slug, spec in self.services.platforms.items()}

    def playing(self, role: Role) -> frozenset[str]:
        """The networks, by slug, that play a role for at least some accounts."""
        return frozenset(slug for slug, spec in self.services.platforms.items() if role in spec.roles)

    @property
    def options(self) -> dict[str, tuple[PostOption, ...]]:
        """Platform slug → what may be chosen for a post there."""
        return {slug: spec.options for slug, spec in self.services.platforms.items() if spec.options}

    @property
    def networks(self) -> list[str]:
        """Everything that may follow "for": slugs and names."""
        return sorted({*self.labels, *self.labels.values()})


def make_desk(services: Services, tasks: Tasks, page: Callable[[PersonId], str] | None = None) -> Desk:
    """A desk over these services."""
    return Desk(services=services, proofreader=Proofreader(services), tasks=tasks, page=page)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request on its way through an endpoint."""

    desk: Desk
    request: Request
    action: Action | None = None
    command: Command | None = None

    @property
    def services(self) -> Services:
        """The use cases."""
        return self.desk.services

    @property
    def button(self) -> Action:
        """The action; raises `InvalidInput` where a route that needs a button was reached without."""
        if self.action is None:
            raise InvalidInput("This needs the button of a card.", next_step="Open the card with: show <number>")
        return self.action

    @property
    def rest(self) -> str:
        """What followed the command word."""
        return self.command.rest.strip() if self.command else ""

    def draft_meant(self, example: str) -> DraftId:
        """The draft that is meant, by its button or by the number behind the word.

        Raises `InvalidInput` (field "draft"), with the whole command as an example where nothing stands there.
        """
        if self.action is not None:
            return self.action.draft_id
        number = self.rest.removeprefix("#")
        if not number:
            raise InvalidInput("Which draft?", next_step=f"Name its number, as in: {example}", field="draft")
        if not number.isascii() or not number.isdigit():
            msg = f"“{number[:40]}” is no number of a draft."
            raise InvalidInput(msg, next_step="The queue lists the drafts with their numbers.", field="draft")
        return DraftId(number)

    def look(self, snapshot: Snapshot | None = None) -> Look:
        """How this person sees it."""
        return Look(
            actor=self.request.actor,
            zone=self.request.clock_zone,
            now=self.services.clock.now(),
            labels=self.desk.labels,
            proofs=self.desk.proofreader.proofs(snapshot) if snapshot else {},
            options=self.desk.options,
            deletes=self.desk.playing(Role.DELETER),
            edits=self.desk.playing(Role.EDITOR),
            floating=self.request.shared,
        )

    def card(self, snapshot: Snapshot) -> Card:
        """The draft's card for this person."""
        return draft_card(snapshot, self.look(snapshot))

    def show(self, snapshot: Snapshot) -> tuple[Show]:
        """A new card in the channel."""
        return (Show(card=self.card(snapshot)),)

    def update(self, snapshot: Snapshot) -> tuple[Update]:
        """The card as it is now."""
        return (Update(card=self.card(snapshot)),)

    def whisper(self, card: Card) -> tuple[Whisper]:
        """For this person only."""
        return (Whisper(card=card),)

    def delivery(self, record: DeliveryRecord) -> Card:
        """The delivery's card for this person."""
        return delivery_card(record, self.look())

    async def need(self, permission: Permission) -> None:
        """Raise `Forbidden` naming who could; costs nothing when the role is enough."""
        actor = self.request.actor
        if not may(actor, permission):
            await self.services.store.read(lambda tx: require(tx, actor, permission))

    async def through(self, work: Coroutine[object, object, Snapshot], draft_id: DraftId, *, name: str) -> Snapshot:
        """What background work leads to, or the draft as it is when the caller's patience or the desk ends first."""
        task = self.desk.tasks.spawn(work, name=f"{name}-{draft_id}")
        done = await self.desk.tasks.within(task, self.request.patience)
        return task.result() if done and not task.cancelled() else await self.services.board.draft(draft_id)

    def text(self, name: str) -> str:
        """A form's answer as text; raises `InvalidInput` for a file where words were asked for."""
        value = (self.request.fields or {}).get(name, "")
        if not isinstance(value, str):
            raise InvalidInput(f"The field “{name}” must be a text.", field=name)
        return kept(value)
