"""What a draft shows: a picture made beside the text or on request, what somebody brought, arranged, taken away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from services import ledger
from services.access import Permission, require
from services.domain.errors import Conflict, DeskError, InvalidInput, RateLimited
from services.domain.media import MOST_SLIDES, Attachment, Picture, PictureStyle, PictureWish, Slide, called, counted
from services.domain.post import PERSON, DraftState, Revision
from services.images.fit import FIT_BYTES
from services.images.fitting import Fitter
from services.images.illustrator import DEADLINE, Illustrator, PictureOrder, Room
from services.images.placing import Placing, require_short, with_made
from services.ledger import Content
from services.ports.platform import WIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from services.domain.account import Account
    from services.domain.actor import Person
    from services.domain.ids import AccountId, DraftId
    from services.domain.media import Medium, PictureOrigin, PictureSize
    from services.domain.post import Draft, PictureJob, Variant
    from services.images.illustrator import PictureSet
    from services.images.placing import Fits
    from services.ledger import Change, DraftRef, Snapshot
    from services.media.intake import Brought
    from services.ports.bus import EventBus
    from services.ports.clock import Clock
    from services.ports.media import MediaFiles
    from services.ports.models import ImageModel
    from services.ports.platform import Platforms
    from services.ports.storage import Store, Transaction
    from services.ports.workers import Workers

    _Arranging = Callable[[Placing, tuple[Slide, ...], Sequence[Variant]], tuple[Slide, ...]]
    _Telling = Callable[[Sequence[Slide], Sequence[Slide]], str]
    """What was done, for the log, by what there was before and what there is now."""

MAX_PROMPT: Final = 500
"""Characters of what a person asks a picture to show."""
_LANDS_ON: Final = ledger.CHANGEABLE | {DraftState.DRAFTING}
_AGAIN: Final = "Press Image to try again, or upload a picture of your own."
_WAIT: Final = "Its card changes when the picture is there."


class Illustration:
    """Everything that changes a draft's picture; its text is never touched."""

    def __init__(  # noqa: PLR0917 - one place puts it together
        self,
        store: Store,
        model: ImageModel,
        files: MediaFiles,
        workers: Workers,
        platforms: Platforms,
        bus: EventBus,
        clock: Clock,
        *,
        deadline: float = DEADLINE,
    ) -> None:
        """All collaborators are ports; `deadline` is in seconds and for all pictures of one job together."""
        self._store = store
        self._illustrator = Illustrator(model, files, workers, deadline=deadline)
        self._fitter = Fitter(files, workers, platforms)
        self._platforms = platforms
        self._bus = bus
        self._clock = clock

    # -- asking --------------------------------------------------------------------------------------------------

    async def begin(self, actor: Person, ref: DraftRef, wish: PictureWish) -> Snapshot:
        """Note that a picture is wanted; `make` then makes it. What waits to go out is held back meanwhile.

        Raises `InvalidInput` (field "prompt") for an endless wish, `Conflict` while one is being made already.
        """
        wish = replace(wish, prompt=wish.prompt.strip(), alt=wish.alt.strip())
        if len(wish.prompt) > MAX_PROMPT:
            msg = f"The wish has {len(wish.prompt):,} characters; {MAX_PROMPT} is the most."
            raise InvalidInput(msg, next_step="Say in a sentence what should be seen.", field="prompt")
        require_short(wish.alt, field="alt")
        return await self._begin(actor, ref, lambda _: wish)

    async def another(self, actor: Person, ref: DraftRef, *, style: PictureStyle | None = None) -> Snapshot:
        """As the picture there is was asked for, once more: another take of it, or the same in another style."""

        def same(origin: PictureOrigin | None) -> PictureWish:
            return PictureWish(prompt=origin.prompt if origin else "", style=style)

        return await self._begin(actor, ref, same)

    async def _begin(
        self, actor: Person, ref: DraftRef, wish: Callable[[PictureOrigin | None], PictureWish]
    ) -> Snapshot:
        now = self._clock.now()

        def work(tx: Transaction) -> Change:
            require(tx, actor, Permission.WRITE)
            draft = ledger.lock_current(tx, ref, actor=actor, now=now)
            ledger.require_state(tx, draft, ledger.CHANGEABLE, doing="changed", actor=actor, now=now)
            _require_free(draft)
            if draft.revision is None:
                raise Conflict("There is no text yet to make a picture for.", next_step="Write it first.")
            accounts = {a.id: a for a in tx.accounts.list()}
            room = self._room(draft.revision, accounts)
            if not room or _is_full(draft.revision):
                raise _no_room(draft.revision, accounts)
            origin = draft.revision.made_picture
            job = ledger.picture_job(actor, _settled(wish(origin), origin), at=now)
            planned = ledger.planned_by_hand(tx, draft)
            events = ledger.cancel_unsent(tx, draft, at=now, note="Held back: a picture is being made.")
            return ledger.settle(tx, replace(draft, picturing=job, planned_at=planned, problem=""), *events)

        return await self._run(work)

    # -- making --------------------------------------------------------------------------------------------------

    async def make(self, actor: Person, draft_id: DraftId) -> Snapshot:
        """Have the picture painted (seconds) and keep it as a new revision; a failure leaves everything as it was.

        Raises `Conflict` when no picture is being made (any more).
        """
        job, order = await self._store.read(lambda tx: self._order(tx, draft_id))
        try:
            made = await self._illustrator.make(order)
            there = await self._store.read(lambda tx: {a.id: a for a in tx.accounts.list()})
            fits = await self._fitter.fits(with_made(order.revision.slides, made.slide), order.revision.variants, there)
            return await self._run(lambda tx: self._land(tx, actor, draft_id, job, made, fits))
        except DeskError as error:
            problem = error
        return await self._run(lambda tx: self._fail(tx, actor, draft_id, job, problem))

    def _order(self, tx: Transaction, draft_id: DraftId) -> tuple[PictureJob, PictureOrder]:
        draft = ledger.find(tx, draft_id)
        if draft.picturing is None or draft.revision is None:
            raise Conflict("No picture is being made for this draft.", next_step="Look at the card as it is now.")
        accounts = {a.id: a for a in tx.accounts.list()}
        limits = [accounts[v.account_id].limits for v in draft.revision.variants if v.account_id in accounts]
        alts = [one.alt_text for one in limits if one.images and one.alt_text is not None]
        order = PictureOrder(
            brand=ledger.brand_of(tx, draft),
            revision=draft.revision,
            wish=draft.picturing.wish,
            room=self._room(draft.revision, accounts),
            alt_limit=min(alts, default=None),
        )
        return draft.picturing, order

    def _room(self, revision: Revision, accounts: Mapping[AccountId, Account]) -> dict[PictureSize, Room]:
        """Every size among the networks that would show the picture, each with what all of them take."""
        room: dict[PictureSize, Room] = {}
        placing = Placing(self._platforms, accounts)
        for variant in revision.variants:
            account = accounts.get(variant.account_id)
            if account is not None and placing.room(revision.slides, variant):
                size = self._size(variant)
                so_far = room.get(size, Room(max_bytes=FIT_BYTES, png=True))
                room[size] = Room(
                    max_bytes=min(so_far.max_bytes, account.limits.image_bytes or FIT_BYTES),
                    png=so_far.png and "image/png" in account.limits.image_types,
                )
        return room

    def _size(self, variant: Variant) -> PictureSize:
        spec = self._platforms.get(variant.platform)
        return spec.picture_for(variant.options) if spec else WIDE

    def _land(  # noqa: PLR0917 - a job and what came of it
        self, tx: Transaction, actor: Person, draft_id: DraftId, job: PictureJob, made: PictureSet, fits: Fits
    ) -> Change:
        """On the version there is now: a person may have edited the text, or have it rewritten at this moment."""
        now = self._clock.now()
        draft = tx.drafts.lock(draft_id) or ledger.find(tx, draft_id)
        if not _is_for(draft, job):
            return ledger.Change(snapshot=ledger.snapshot(tx, draft), events=())
        previous = draft.revision
        if previous is None or ledger.standing(tx, draft) not in _LANDS_ON:
            note = "It came too late: the draft had moved on."
            ledger.record(tx, draft, actor, ledger.GOT_NO_PICTURE, at=now, note=note)
            return ledger.settle(tx, replace(draft, picturing=None))
        accounts = {a.id: a for a in tx.accounts.list()}
        slides = with_made(previous.slides, made.slide)
        revision = Revision(
            number=previous.number + 1,
            outline=previous.outline,
            variants=Placing(self._platforms, accounts, fits).placed(
                slides, ledger.connected(previous.variants, accounts)
            ),
            slides=slides,
            by=actor.id,
            made_with=previous.made_with,
            note=ledger.PICTURED if previous.made_with == PERSON else previous.note or ledger.PICTURED,
            at=now,
        )
        draft = replace(draft, picturing=None)
        if revision.digest == previous.digest:
            return _restored(tx, draft, at=now)
        for picture in (*made.pictures.values(), *(p for v in revision.variants for p in v.pictures)):
            tx.media.put(picture.item, at=now)
        if draft.state is not DraftState.DRAFTING:
            draft = ledger.moved(draft, DraftState.DRAFT, at=now)
        draft, events = ledger.new_revision(tx, draft, revision, at=now)
        ledger.record(tx, draft, actor, ledger.PICTURED, at=now, note=" ".join(made.notes))
        return ledger.settle(tx, draft, *events)

    def _fail(self, tx: Transaction, actor: Person, draft_id: DraftId, job: PictureJob, error: DeskError) -> Change:
        now = self._clock.now()
        draft = tx.drafts.lock(draft_id) or ledger.find(tx, draft_id)
        if not _is_for(draft, job):
            return ledger.Change(snapshot=ledger.snapshot(tx, draft), events=())
        ledger.record(tx, draft, actor, ledger.GOT_NO_PICTURE, at=now, note=error.message)
        return _restored(tx, replace(draft, picturing=None, problem=_explain(error, draft)), at=now)

    async def recover_interrupted(self, *, older_than: datetime) -> int:
        """Jobs that a restart cut off are ended, so that their drafts can be approved. Gives how many."""
        note = f"Making the picture was interrupted. The text is unchanged. {_AGAIN}"

        def work(tx: Transaction) -> list[Change]:
            now = self._clock.now()
            stuck = [d.id for d in tx.drafts.picturing() if d.picturing is not None and d.picturing.at < older_than]
            drafts = [d for d in map(tx.drafts.lock, stuck) if d is not None]
            return [_restored(tx, replace(d, picturing=None, problem=note), at=now) for d in drafts]

        changes = await self._store.write(work)
        for change in changes:
            self._bus.publish(*change.events)
        return len(changes)

    # -- bringing, arranging and taking away ---------------------------------------------------------------------

    async def attach(self, actor: Person, ref: DraftRef, brought: Sequence[Brought], alts: Sequence[str]) -> Snapshot:
        """Put what was brought beside what is there, in the order it came, with its words.

        Each network shows what it takes, fitted to it; see `services.images.placing`. Raises `InvalidInput` (field
        "upload") for what no network of the draft takes, and (field "alt") for an endless description.
        """
        for alt in alts:
            require_short(alt, field="alt")
        new = tuple(
            Slide(sizes=(_medium(one, alts[i].strip() if i < len(alts) else ""),)) for i, one in enumerate(brought)
        )

        def told(before: Sequence[Slide], after: Sequence[Slide]) -> str:
            fresh = [n.first for n in new if not any(s.yields(n.first) for s in before)]
            did = f"added {counted(fresh)}" if fresh else f"moved {counted(n.first for n in new)}"
            beside = any(s.made for s in before) and not all(s.made for s in before)
            return f"{did} in place of the painted one" if beside and not any(s.made for s in after) else did

        return await self._show(actor, ref, lambda p, slides, variants: p.added(slides, new, variants), told)

    async def arrange(self, actor: Person, ref: DraftRef, order: Sequence[int]) -> Snapshot:
        """Show the slides at these places, counted from 1, in this order; the others are taken away.

        Raises `InvalidInput` (field "order") for a place that is none or stands there twice.
        """

        def work(_: Placing, slides: tuple[Slide, ...], __: Sequence[Variant]) -> tuple[Slide, ...]:
            strange = [n for n in order if not 1 <= n <= len(slides)]
            if strange or len(set(order)) < len(order):
                what = f"There is no {strange[0]}" if strange else "A number stands there twice"
                raise InvalidInput(f"{what}.", next_step=f"Use the numbers 1 to {len(slides)}.", field="order")
            return tuple(slides[n - 1] for n in order)

        return await self._show(actor, ref, work, lambda before, _: _arranged(before, order))

    async def remove(self, actor: Person, ref: DraftRef) -> Snapshot:
        """Publish without pictures, videos and documents."""
        return await self._show(actor, ref, lambda *_: (), lambda before, _: _removed(before))

    async def _show(self, actor: Person, ref: DraftRef, change: _Arranging, told: _Telling) -> Snapshot:
        """With other slides: fitted to each network, which takes a while, then placed if nothing changed meanwhile."""

        def look(tx: Transaction) -> tuple[Draft, dict[AccountId, Account]]:
            require(tx, actor, Permission.WRITE)
            draft = ledger.current(tx, ledger.find(tx, ref.draft_id), ref, actor=actor, now=self._clock.now())
            return draft, {a.id: a for a in tx.accounts.list()}

        draft, there = await self._store.read(look)
        variants = ledger.variants_or_blank(draft, there)
        slides = change(Placing(self._platforms, there), ledger.slides_or_none(draft), variants)
        fits = await self._fitter.fits(slides, variants, there)

        def placed(draft: Draft, accounts: Mapping[AccountId, Account]) -> Content:
            _require_free(draft)
            placing, variants = Placing(self._platforms, accounts, fits), ledger.variants_or_blank(draft, accounts)
            slides = change(placing, ledger.slides_or_none(draft), variants)
            return Content(variants=placing.placed(slides, variants), slides=slides)

        def work(tx: Transaction) -> Change:
            require(tx, actor, Permission.WRITE)
            now = self._clock.now()
            edit = ledger.Edit(note=told(ledger.slides_or_none(draft), slides), change=placed)
            made = ledger.revise(tx, actor, ref, edit, now=now)
            for picture in fits.values():
                tx.media.put(picture.item, at=now)
            return made

        return await self._run(work)

    async def _run(self, work: Callable[[Transaction], Change]) -> Snapshot:
        change = await self._store.write(work)
        self._bus.publish(*change.events)
        return change.snapshot


def _require_free(draft: Draft) -> None:
    if draft.picturing is not None:
        raise Conflict("A picture is being made for this draft already.", next_step=_WAIT)


def _is_full(revision: Revision) -> bool:
    """Whether a painted picture would be one too many: it joins what is there, or replaces the one before."""
    return len(revision.slides) >= MOST_SLIDES and not any(slide.made for slide in revision.slides)


def _no_room(revision: Revision, accounts: Mapping[AccountId, Account]) -> Conflict:
    if _is_full(revision):
        msg = f"There are {len(revision.slides)} pictures and videos, and {MOST_SLIDES} is the most."
        return Conflict(msg, next_step="Take one away first.")
    attached = revision.attached
    if attached:
        what = called(attached[0])
        msg = f"Every network of this draft that takes pictures shows the {what}."
        return Conflict(msg, next_step=f"Take the {what} away first.")
    if any(v.pictures and accounts[v.account_id].limits.images for v in revision.variants if v.account_id in accounts):
        msg = "Every network of this draft shows as many pictures as it takes."
        return Conflict(msg, next_step="Take one away first.")
    return Conflict("No network of this draft takes pictures.", next_step="It goes out without one.")


def _medium(brought: Brought, alt: str) -> Medium:
    if brought.item.is_picture:
        return Picture(item=brought.item, alt=alt)
    return Attachment(item=brought.item, alt=alt, poster=brought.poster)


def _arranged(slides: Sequence[Slide], order: Sequence[int]) -> str:
    """As "arranged the pictures", "took away a video", or both."""
    gone = [slide.first for n, slide in enumerate(slides, start=1) if n not in order]
    what = "the pictures" if all(isinstance(slide.first, Picture) for slide in slides) else "what is shown"
    told = [f"arranged {what}"] if list(order) != sorted(order) else []
    return " and ".join([*told, *([f"took away {counted(gone)}"] if gone else [])])


def _removed(slides: Sequence[Slide]) -> str:
    return (
        f"removed the {called(slides[0].first)}" if len(slides) == 1 else f"removed {counted(s.first for s in slides)}"
    )


def _is_for(draft: Draft, job: PictureJob) -> bool:
    """Whether the draft still waits for this very job: it may have been given up."""
    return draft.picturing is not None and draft.picturing.id == job.id


def _settled(wish: PictureWish, origin: PictureOrigin | None) -> PictureWish:
    """With its style; the same wish again is another take, so that it never gives the same picture."""
    style = wish.style or (origin.style if origin else PictureStyle.PROFESSIONAL)
    again = origin is not None and (origin.prompt, origin.style) == (wish.prompt, style)
    return replace(wish, style=style, take=origin.take + 1 if origin is not None and again else wish.take)


def _restored(tx: Transaction, draft: Draft, *, at: datetime) -> Change:
    """What was held back for a picture that did not come is planned again while its time is still to come."""
    waits = draft.approved_as_is and ledger.standing(tx, draft) is DraftState.APPROVED
    if not waits or draft.planned_at is None:
        return ledger.settle(tx, draft)
    if draft.planned_at <= at:
        problem = f"{draft.problem} The planned time has passed; choose another.".strip()
        return ledger.settle(tx, replace(draft, planned_at=None, problem=problem))
    event = ledger.enqueue(tx, draft, due_at=draft.planned_at, now=at, note="Planned again: no new picture came.")
    return ledger.settle(tx, draft, event)


def _explain(error: DeskError, draft: Draft) -> str:
    """What happened, what is unchanged, and what to do: nobody tries again by himself here."""
    pictured = draft.revision is not None and draft.revision.pictured
    unchanged = "The text and the picture are as they were." if pictured else "The text is unchanged."
    again = f"Try again after {error.until:%H:%M:%S} UTC." if isinstance(error, RateLimited) else error.next_step
    return " ".join((f"No {'new ' if pictured else ''}picture was made.", error.message, unchanged, again or _AGAIN))
