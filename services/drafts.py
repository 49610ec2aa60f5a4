"""A draft's content: asked for, written, edited, rewritten, restored, copied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import structlog

from services import ledger
from services.access import Permission, require
from services.adapting import adapt
from services.choosing import Choices, onto_newest
from services.content.options import with_chosen
from services.domain.account import PracticeMode, in_use
from services.domain.actor import PictureMode
from services.domain.errors import Conflict, DeskError, InvalidInput, Unavailable
from services.domain.media import PictureStyle, PictureWish
from services.domain.post import NO_PICTURE, Brief, Draft, DraftState, Revision, Variant, parts_of
from services.images.placing import Placing, described, redescribed, require_short
from services.ledger import Content, Edit
from services.selection import destinations, require_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from services.adapting import Adaptation
    from services.content.writer import Writer, Written
    from services.domain.account import Account
    from services.domain.actor import Person
    from services.domain.brand import Brand
    from services.domain.ids import AccountId, BrandId, DraftId
    from services.domain.media import Slide
    from services.images.fitting import Fitter
    from services.ledger import Change, DraftRef, Snapshot
    from services.ports.bus import EventBus
    from services.ports.clock import Clock
    from services.ports.platform import Platforms
    from services.ports.storage import Store, Transaction

MAX_BRIEF: Final = 40_000
"""Characters of brief and notes together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a person asks to be drafted."""

    brief: Brief
    wanted: tuple[str, ...] = ()
    """Platform slugs and @handles; empty means every connected account."""
    brand_id: BrandId | None = None
    exact: bool = True
    """False: networks with shorter threads get fewer parts than the brief asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What the writer needs, read before the model is called."""

    draft: Draft
    brand: Brand
    accounts: tuple[Account, ...]


_log = structlog.get_logger(__name__)


class Drafts:
    """Everything that changes what a draft says."""

    def __init__(  # noqa: PLR0917 - one place puts it together
        self,
        store: Store,
        writer: Writer,
        fitter: Fitter,
        platforms: Platforms,
        bus: EventBus,
        clock: Clock,
        practice: PracticeMode,
    ) -> None:
        """All collaborators are ports or engines; `practice` decides which accounts "everywhere" means."""
        self._store = store
        self._writer = writer
        self._fitter = fitter
        self._platforms = platforms
        self._bus = bus
        self._clock = clock
        self._practice = practice

    # -- writing -------------------------------------------------------------------------------------------------

    async def begin(self, actor: Person, order: Order) -> Snapshot:
        """Keep the brief before anything can fail; `compose` then writes.

        Raises `InvalidInput` for an empty or endless brief and for unknown networks, accounts and brands.
        """
        text, notes = order.brief.text.strip(), order.brief.notes.strip()
        if not text:
            raise InvalidInput(
                "The brief is empty.", next_step="Say in a sentence what the post is about.", field="brief"
            )
        if len(text) + len(notes) > MAX_BRIEF:
            msg = f"The brief has {len(text) + len(notes):,} characters; {MAX_BRIEF:,} is the most."
            raise InvalidInput(msg, next_step="Keep what matters for this post.", field="brief")

        def work(tx: Transaction) -> Change:
            require(tx, actor, Permission.WRITE)
            everyone = in_use(tx.accounts.list(), self._practice)
            accounts, note = destinations(everyone, order.wanted, order.brief, self._platforms)
            require_parts(order.brief.parts, accounts, self._platforms, exact=order.exact)
            brief = replace(order.brief, text=text, notes=notes)
            brand_id = _pick_brand(tx, order.brand_id)
            return self._opened(tx, actor, brief, brand_id, accounts, verb="asked for a draft", note=note)

        return await self._run(work)

    async def begin_adapting(self, actor: Person, order: Adaptation) -> Snapshot:
        """A new draft that says a finished one again for other networks; `compose` then writes, the old one stays.

        Raises `NotFound`, `Conflict` where nothing is written yet, and `InvalidInput` for networks and parts.
        """

        def work(tx: Transaction) -> Change:
            require(tx, actor, Permission.WRITE)
            found = adapt(tx, order, in_use(tx.accounts.list(), self._practice), self._platforms)
            if order.parts is not None:
                require_parts(order.parts, found.accounts, self._platforms, exact=True)
            verb = f"adapted from draft {found.old.id}"
            return self._opened(tx, actor, found.brief, ledger.brand_of(tx, found.old).id, found.accounts, verb=verb)

        return await self._run(work)

    def _opened(
        self,
        tx: Transaction,
        actor: Person,
        brief: Brief,
        brand_id: BrandId,
        accounts: Sequence[Account],
        *,
        verb: str,
        note: str = "",
    ) -> Change:
        """A new draft that is being written."""
        now = self._clock.now()
        draft = Draft(
            id=tx.drafts.next_id(),
            state=DraftState.DRAFTING,
            brief=brief,
            brand_id=brand_id,
            account_ids=tuple(a.id for a in accounts),
            author=actor.id,
            author_name=actor.name,
            state_at=now,
            created_at=now,
        )
        tx.drafts.add(draft)
        ledger.record(tx, draft, actor, verb, at=now, note=note)
        return ledger.settle(tx, draft)

    async def begin_rewrite(self, actor: Person, ref: DraftRef) -> Snapshot:
        """Mark the draft as being rewritten: nothing can be approved meanwhile; a failure gives the old state back."""
        now = self._clock.now()
        allowed = ledger.CHANGEABLE - {DraftState.SCHEDULED}

        def work(tx: Transaction) -> Change:
            require(tx, actor, Permission.WRITE)
            draft = ledger.lock_current(tx, ref, actor=actor, now=now)
            ledger.require_state(tx, draft, allowed, doing="rewritten", actor=actor, now=now)
            return ledger.settle(tx, ledger.moved(replace(draft, problem=""), DraftState.DRAFTING, at=now))

        return await self._run(work)

    async def compose(self, actor: Person, draft_id: DraftId, *, wish: str = "") -> Snapshot:
        """Let the writer write (seconds) and keep the result as a new revision; a failure keeps the brief.

        Raises `Conflict` when the draft is not being written (any more).
        """
        job = await self._store.read(lambda tx: _job(tx, draft_id))
        try:
            written = await self._writer.write(
                brand=job.brand, brief=job.draft.brief, accounts=job.accounts, wish=wish, previous=job.draft.revision
            )
        except DeskError as error:
            return await self._drafting_failed(draft_id, error)
        except Exception:  # noqa: BLE001 - whatever a model does, the draft must not stay "being written" for ever
            _log.exception("the writer failed", draft=draft_id)
            return await self._drafting_failed(draft_id, Unavailable("The writer failed unexpectedly."))
        return await self._keep(actor, draft_id, written, wish)

    async def _keep(self, actor: Person, draft_id: DraftId, written: Written, wish: str) -> Snapshot:
        now = self._clock.now()

        def work(tx: Transaction) -> Change:
            draft = _being_written(tx, draft_id)
            previous = draft.revision
            revision = Revision(
                number=previous.number + 1 if previous else 1,
                outline=written.outline,
                variants=_pictured(written.variants, previous),
                slides=previous.slides if previous else (),
                by=actor.id,
                made_with=written.made_with,
                note="; ".join(filter(None, (wish, *written.notes))),
                at=now,
            )
            draft, events = ledger.new_revision(tx, ledger.moved(draft, DraftState.DRAFT, at=now), revision, at=now)
            ledger.record(tx, draft, actor, "rewrote" if previous else "drafted", at=now, note=wish)
            if previous is None and (beside := _picture_beside(tx, draft)):
                draft = replace(draft, picturing=ledger.picture_job(actor, beside, at=now))
            return ledger.settle(tx, draft, *events)

        return await self._run(work)

    async def _drafting_failed(self, draft_id: DraftId, error: DeskError) -> Snapshot:
        now = self._clock.now()

        def work(tx: Transaction) -> Change:
            draft = _being_written(tx, draft_id)
            back = ledger.state_before_rewrite(tx, draft)
            return ledger.settle(tx, replace(ledger.moved(draft, back, at=now), problem=_explain(error)))

        return await self._run(work)

    async def recover_interrupted(self, *, older_than: datetime) -> int:
        """Drafts whose writing was cut off (a restart, a full queue) get their old state back. Gives how many."""

        def work(tx: Transaction) -> list[Change]:
            stuck = [d for d in tx.drafts.list(states={DraftState.DRAFTING}, limit=1000) if d.state_at < older_than]
            note = "Writing this was interrupted. Your brief is saved; try again."
            now = self._clock.now()
            return [
                ledger.settle(tx, replace(ledger.moved(d, ledger.state_before_rewrite(tx, d), at=now), problem=note))
                for d in stuck
            ]

        changes = await self._store.write(work)
        for change in changes:
            self._bus.publish(*change.events)
        return len(changes)

    # -- content -------------------------------------------------------------------------------------------------

    async def edit(
        self, actor: Person, ref: DraftRef, *, texts: Mapping[AccountId, str], alts: Mapping[int, str] | None = None
    ) -> Snapshot:
        """Replace texts (by account) and alt texts (by slide, from 0); voids an approval, cancels the unsent.

        The same content again changes nothing and keeps the approval. Raises `InvalidInput` with the field at fault.
        """

        def change(draft: Draft, accounts: Mapping[AccountId, Account]) -> Content:
            return _edited(ledger.variants_or_blank(draft, accounts), ledger.slides_or_none(draft), texts, alts or {})

        return await self._revise(actor, ref, Edit(note="edited", change=change))

    async def choose(self, actor: Person, ref: DraftRef, choices: Mapping[AccountId, Mapping[str, str]]) -> Snapshot:
        """Set options (by account and name); the others stay, and so does an approval when nothing is another.

        On a card from before other choices, only what is another choice than it showed is taken. Pictures are fitted
        anew where a choice shows them in another shape.
        Raises `InvalidInput` with the field at fault.
        """

        def look(tx: Transaction) -> tuple[Draft, dict[AccountId, Account], tuple[DraftRef, Choices]]:
            require(tx, actor, Permission.WRITE)
            there = {a.id: a for a in tx.accounts.list()}
            return ledger.find(tx, ref.draft_id), there, onto_newest(tx, ref, choices, self._platforms)

        draft, accounts, (newest, meant) = await self._store.read(look)
        shaped = self._reshaped(draft.revision.variants if draft.revision else (), meant)
        fits = await self._fitter.fits(ledger.slides_or_none(draft), shaped.values(), accounts)

        def change(draft: Draft, accounts: Mapping[AccountId, Account]) -> Content:
            if draft.revision is None:
                raise Conflict("There is no text yet to choose for.", next_step="Write it first.")
            made, placing = (
                self._chosen(draft.revision.variants, meant, accounts),
                Placing(self._platforms, accounts, fits),
            )
            anew = placing.placed(draft.revision.slides, [v for v in made if v.account_id in shaped])
            there = {v.account_id: v for v in anew}
            return Content(variants=tuple(there.get(v.account_id, v) for v in made))

        def work(tx: Transaction) -> Change:
            made = self._revised(tx, actor, newest, Edit(note=ledger.CHOSE, change=change, words=False))
            for picture in fits.values():
                tx.media.put(picture.item, at=self._clock.now())
            return made

        return await self._run(work)

    def _reshaped(
        self, variants: Iterable[Variant], choices: Mapping[AccountId, Mapping[str, str]]
    ) -> dict[AccountId, Variant]:
        """Those that these choices, beside what was chosen before, show in another shape."""
        found = {}
        for variant in variants:
            spec = self._platforms.get(variant.platform)
            options = {**variant.options, **choices.get(variant.account_id, {})}
            if spec is not None and spec.shape_for(options) != spec.shape_for(variant.options):
                found[variant.account_id] = replace(variant, options=options)
        return found

    def _chosen(
        self,
        variants: Sequence[Variant],
        choices: Mapping[AccountId, Mapping[str, str]],
        accounts: Mapping[AccountId, Account],
    ) -> tuple[Variant, ...]:
        _require_known(variants, choices, "option")

        def made(variant: Variant) -> Variant:
            account, given = accounts.get(variant.account_id), choices.get(variant.account_id)
            if account is None or not given:
                return variant
            spec = self._platforms[account.platform]
            return replace(variant, options=with_chosen(variant.options, given, account, spec))

        return tuple(made(v) for v in variants)

    async def restore(self, actor: Person, ref: DraftRef, number: int) -> Snapshot:
        """Make an earlier version current again, as a new revision with its content."""

        def work(tx: Transaction) -> Change:
            require(tx, actor, Permission.WRITE)
            ledger.find(tx, ref.draft_id)
            old = tx.drafts.revision(ref.draft_id, number)
            if old is None:
                msg = f"There is no version {number} of this draft."
                raise InvalidInput(msg, next_step="Its card lists the versions there are.", field="version")
            content = Content(variants=old.variants, slides=old.slides)
            edit = Edit(note=f"restored version {number}", change=lambda _draft, _there: content, outline=old.outline)
            return self._revised(tx, actor, ref, edit)

        return await self._run(work)

    async def _revise(self, actor: Person, ref: DraftRef, edit: Edit) -> Snapshot:
        return await self._run(lambda tx: self._revised(tx, actor, ref, edit))

    def _revised(self, tx: Transaction, actor: Person, ref: DraftRef, edit: Edit) -> Change:
        require(tx, actor, Permission.WRITE)
        return ledger.revise(tx, actor, ref, edit, now=self._clock.now())

    async def duplicate(self, actor: Person, ref: DraftRef) -> Snapshot:
        """A new draft with the same brief and content for the accounts still connected, approved by nobody."""
        now = self._clock.now()

        def work(tx: Transaction) -> Change:
            require(tx, actor, Permission.WRITE)
            old = ledger.find(tx, ref.draft_id)
            there = {a.id: a for a in tx.accounts.list()}
            content = old.revision and replace(
                old.revision,
                number=1,
                variants=ledger.connected(old.revision.variants, there),
                by=actor.id,
                note=f"copy of draft {old.id}",
                at=now,
            )
            draft = Draft(
                id=tx.drafts.next_id(),
                state=DraftState.DRAFT,
                brief=old.brief,
                brand_id=old.brand_id,
                account_ids=tuple(i for i in old.account_ids if i in there),
                author=actor.id,
                author_name=actor.name,
                state_at=now,
                created_at=now,
            )
            tx.drafts.add(draft)
            if content:
                tx.drafts.add_revision(draft.id, content)
                draft = replace(draft, revision=content)
            ledger.record(tx, draft, actor, "copied", at=now, note=f"from draft {old.id}")
            return ledger.settle(tx, draft)

        return await self._run(work)

    async def _run(self, work: Callable[[Transaction], Change]) -> Snapshot:
        change = await self._store.write(work)
        self._bus.publish(*change.events)
        return change.snapshot


def _pick_brand(tx: Transaction, wanted: BrandId | None) -> BrandId:
    brands = tx.brands.list()
    chosen = next((b for b in brands if b.id == wanted), None) if wanted else next(iter(brands), None)
    if chosen is None:
        names = ", ".join(b.id for b in brands) or "none"
        raise InvalidInput(f"There is no brand “{wanted}”.", next_step=f"Set up are: {names}.", field="brand")
    return chosen.id


def _job(tx: Transaction, draft_id: DraftId) -> _Job:
    draft = _in_writing(ledger.find(tx, draft_id))
    accounts = {a.id: a for a in tx.accounts.list()}
    there = tuple(accounts[i] for i in draft.account_ids if i in accounts)
    return _Job(draft=draft, brand=ledger.brand_of(tx, draft), accounts=there)


def _being_written(tx: Transaction, draft_id: DraftId) -> Draft:
    return _in_writing(tx.drafts.lock(draft_id))


def _in_writing(draft: Draft | None) -> Draft:
    if draft is None or draft.state is not DraftState.DRAFTING:
        raise Conflict("The draft is not being written any more.", next_step="Look at the card as it is now.")
    return draft


def _picture_beside(tx: Transaction, draft: Draft) -> PictureWish | None:
    """What picture comes with a first text: as the brief says, else as the workspace does; None for none."""
    accounts = {a.id: a for a in tx.accounts.list()}
    variants = draft.revision.variants if draft.revision else ()
    if not any(v.account_id in accounts and accounts[v.account_id].limits.images for v in variants):
        return None
    asked = draft.brief.picture
    if asked == NO_PICTURE or (not asked and tx.workspace().pictures is PictureMode.ON_REQUEST):
        return None
    return PictureWish(style=PictureStyle(asked) if asked in set(PictureStyle) else PictureStyle.PROFESSIONAL)


def _pictured(variants: Sequence[Variant], previous: Revision | None) -> tuple[Variant, ...]:
    """With the pictures, videos and documents there are now: one may have come while the text was being written."""
    there = {v.account_id: v for v in previous.variants} if previous else {}
    now = ((v, there.get(v.account_id, v)) for v in variants)
    return tuple(replace(v, media=latest.media) for v, latest in now)


def _edited(
    variants: Sequence[Variant],
    slides: Sequence[Slide],
    texts: Mapping[AccountId, str],
    alts: Mapping[int, str],
) -> Content:
    _require_known(variants, texts, "text")
    if not set(alts) <= set(range(len(slides))):
        msg = f"This draft shows only {len(slides)}, so there is nothing else to describe."
        if not slides:
            msg = "This draft has no picture yet, so there is nothing to describe."
        raise InvalidInput(msg, next_step="Add a picture first.", field="alt")
    for place, alt in alts.items():
        require_short(alt, field=f"alt.{place + 1}" if place else "alt")
    worded = tuple(
        replace(v, parts=_parts(texts[v.account_id], v.account_id)) if v.account_id in texts else v for v in variants
    )
    anew = described(slides, alts)
    return Content(variants=redescribed(worded, anew), slides=anew)


def _require_known(variants: Sequence[Variant], given: Iterable[AccountId], field: str) -> None:
    if unknown := set(given) - {v.account_id for v in variants}:
        raise InvalidInput("This draft has no text for that account.", field=f"{field}.{min(unknown)}")


def _parts(text: str, account_id: AccountId) -> tuple[str, ...]:
    """The parts of an edited text; a line of three dashes makes a thread."""
    parts = parts_of(text)
    if not parts:
        raise InvalidInput(
            "The text is empty.", next_step="Write something, or archive the draft.", field=f"text.{account_id}"
        )
    return parts


def _explain(error: DeskError) -> str:
    return " ".join(filter(None, (error.message, "Your brief is saved.", error.next_step)))
