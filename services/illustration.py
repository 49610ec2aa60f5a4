"""A draft's picture: made beside the text or on request, brought by somebody, taken away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from services import ledger
from services.access import Permission, require
from services.domain.errors import Conflict, DeskError, InvalidInput, RateLimited
from services.domain.media import Attachment, Picture, PictureStyle, PictureWish
from services.domain.post import PERSON, DraftState, Revision
from services.images.fit import FIT_BYTES
from services.images.fitting import Fitter
from services.images.illustrator import DEADLINE, Illustrator, PictureOrder, Room
from services.images.placing import bare, with_attachment, with_pictures
from services.ports.platform import WIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from services.domain.account import Account
    from services.domain.actor import Person
    from services.domain.ids import AccountId, DraftId
    from services.domain.media import PictureOrigin, PictureSize
    from services.domain.post import Draft, PictureJob, Variant
    from services.images.illustrator import PictureSet
    from services.ledger import Change, DraftRef, Snapshot
    from services.media.intake import Brought
    from services.ports.bus import EventBus
    from services.ports.clock import Clock
    from services.ports.media import MediaFiles
    from services.ports.models import ImageModel
    from services.ports.platform import Platforms
    from services.ports.storage import Store, Transaction
    from services.ports.workers import Workers

    _Placing = Callable[[Sequence[Variant], Mapping[AccountId, Account]], tuple[Variant, ...]]

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
            if not self._room(ledger.connected(draft.revision.variants, accounts), accounts):
                raise _no_room(draft.revision)
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
            fitted = await self._fitter.each(await self._store.read(lambda tx: self._meant(tx, order.revision, made)))
            return await self._run(lambda tx: self._land(tx, actor, draft_id, job, replace(made, fitted=fitted)))
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
            room=self._room(draft.revision.variants, accounts),
            alt_limit=min(alts, default=None),
        )
        return draft.picturing, order

    def _room(self, variants: Sequence[Variant], accounts: Mapping[AccountId, Account]) -> dict[PictureSize, Room]:
        """Every size among the networks that take pictures, each with what all of them take."""
        room: dict[PictureSize, Room] = {}
        for variant in variants:
            account = accounts.get(variant.account_id)
            if account is not None and account.limits.images and variant.attachment is None:
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

    def _as_chosen(self, account: Account, variant: Variant) -> Account:
        """With what it takes of such a post."""
        spec = self._platforms.get(account.platform)
        return replace(account, limits=spec.limits_for(account.limits, variant.options)) if spec else account

    def _land(self, tx: Transaction, actor: Person, draft_id: DraftId, job: PictureJob, made: PictureSet) -> Change:
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
        revision = Revision(
            number=previous.number + 1,
            outline=previous.outline,
            variants=self._placed(tx, previous, made),
            by=actor.id,
            made_with=previous.made_with,
            note=ledger.PICTURED if previous.made_with == PERSON else previous.note or ledger.PICTURED,
            at=now,
        )
        draft = replace(draft, picturing=None)
        if revision.digest == previous.digest:
            return _restored(tx, draft, at=now)
        for variant in revision.variants:
            for picture in variant.pictures:
                tx.media.put(picture.item, at=now)
        if draft.state is not DraftState.DRAFTING:
            draft = ledger.moved(draft, DraftState.DRAFT, at=now)
        draft, events = ledger.new_revision(tx, draft, revision, at=now)
        ledger.record(tx, draft, actor, ledger.PICTURED, at=now, note=" ".join(made.notes))
        return ledger.settle(tx, draft, *events)

    def _placed(self, tx: Transaction, revision: Revision, made: PictureSet) -> tuple[Variant, ...]:
        """The texts as they are now, each with the picture of its size where its network takes one."""
        accounts = {a.id: a for a in tx.accounts.list()}
        meant = {account.id: picture for account, picture in self._meant(tx, revision, made)}
        return with_pictures(
            ledger.connected(revision.variants, accounts),
            {i: made.fitted.get(i, picture) for i, picture in meant.items()},
        )

    def _meant(self, tx: Transaction, revision: Revision, made: PictureSet) -> list[tuple[Account, Picture]]:
        """The accounts that show a picture, each with the one of its size; any other where it came too late for that.

        What shows a video or a document shows no picture.
        """
        accounts = {a.id: a for a in tx.accounts.list()}
        spare = next(iter(made.pictures.values()))
        there = ((accounts.get(v.account_id), v) for v in revision.variants if v.attachment is None)
        return [
            (self._as_chosen(a, v), made.pictures.get(self._size(v), spare))
            for a, v in there
            if a is not None and a.limits.images
        ]

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

    # -- bringing and taking away --------------------------------------------------------------------------------

    async def attach(self, actor: Person, ref: DraftRef, brought: Brought, alt: str) -> Snapshot:
        """Put what was brought with every variant whose network takes it, in place of what was there.

        A video or document goes alone; a picture is fitted to each network. See `services.images.placing`.
        """
        item, words = brought.item, alt.strip()
        if item.is_picture:
            return await self._attach_picture(actor, ref, Picture(item=item, alt=words))
        attachment = Attachment(item=item, alt=words, poster=brought.poster)

        def change(variants: Sequence[Variant], accounts: Mapping[AccountId, Account]) -> tuple[Variant, ...]:
            return with_attachment(variants, attachment, accounts, self._platforms)

        return await self._revise(actor, ref, change, note=f"added a {_called(attachment)}")

    async def _attach_picture(self, actor: Person, ref: DraftRef, picture: Picture) -> Snapshot:
        def look(tx: Transaction) -> list[Account]:
            require(tx, actor, Permission.WRITE)
            there = {a.id: a for a in tx.accounts.list()}
            variants = ledger.variants_or_blank(ledger.find(tx, ref.draft_id), there)
            return [self._as_chosen(there[v.account_id], v) for v in variants if v.account_id in there]

        accounts = await self._store.read(look)
        pictures = await self._fitter.each((account, picture) for account in accounts)

        def change(variants: Sequence[Variant], _: Mapping[AccountId, Account]) -> tuple[Variant, ...]:
            return with_pictures(variants, {v.account_id: pictures.get(v.account_id, picture) for v in variants})

        return await self._revise(actor, ref, change, note="added a picture", keep=pictures.values())

    async def remove(self, actor: Person, ref: DraftRef) -> Snapshot:
        """Publish without a picture, video or document."""
        revision = (await self._store.read(lambda tx: ledger.find(tx, ref.draft_id))).revision
        what = _called(revision.attached if revision else None)
        return await self._revise(actor, ref, lambda variants, _: bare(variants), note=f"removed the {what}")

    async def _revise(
        self, actor: Person, ref: DraftRef, change: _Placing, *, note: str, keep: Iterable[Picture] = ()
    ) -> Snapshot:
        def placed(draft: Draft, accounts: Mapping[AccountId, Account]) -> tuple[Variant, ...]:
            _require_free(draft)
            return change(ledger.variants_or_blank(draft, accounts), accounts)

        def work(tx: Transaction) -> Change:
            require(tx, actor, Permission.WRITE)
            now = self._clock.now()
            made = ledger.revise(tx, actor, ref, ledger.Edit(note=note, change=placed), now=now)
            for picture in keep:
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


def _no_room(revision: Revision) -> Conflict:
    attached = revision.attached
    if attached is None:
        return Conflict("No network of this draft takes pictures.", next_step="It goes out without one.")
    msg = f"Every network of this draft that takes pictures shows the {_called(attached)}."
    return Conflict(msg, next_step=f"Remove the {_called(attached)} first.")


def _called(attachment: Attachment | None) -> str:
    if attachment is None:
        return "picture"
    return "video" if attachment.moves else "document"


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
