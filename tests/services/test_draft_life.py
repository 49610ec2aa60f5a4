"""Any order of what people and workers may do, held against a model of the rules that shares no code with the desk."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.domain.delivery import DeliveryState
from services.domain.errors import Conflict, Unavailable
from services.domain.ids import AccountId
from services.domain.media import PictureWish
from services.domain.post import DraftState
from services.ledger import DraftRef, Snapshot
from tests.desk import ADA, ANA, BLUESKY, BO, MASTODON, Desk, make_desk, ref

S = DeliveryState
GONE = {S.SENDING, S.PUBLISHED, S.FAILED, S.UNCERTAIN}
STEPS = {
    "prepare": (S.SCHEDULED, S.PREPARING),
    "send": (S.PREPARING, S.SENDING),
    "land": (S.SENDING, S.PUBLISHED),
    "refuse": (S.SENDING, S.FAILED),
    "doubt": (S.SENDING, S.UNCERTAIN),
    "hold": (S.SCHEDULED, S.HELD),
}


@dataclass
class Model:
    """The rules as they are published, over the draft of two accounts."""

    stored: str = "draft"
    version: int = 1
    approved: int | None = None
    """The version the standing approval binds."""
    planned: bool = False
    at_once: bool = False
    """Whether the plan is a publish-now."""
    rows: dict[AccountId, S] = field(default_factory=dict)
    """Live deliveries of the current version by account."""
    before: str = "draft"
    """What a rewrite began from."""

    @property
    def waiting(self) -> bool:
        return bool(self.rows) and all(s in {S.SCHEDULED, S.PREPARING, S.HELD} for s in self.rows.values())

    @property
    def refused_everywhere(self) -> bool:
        return bool(self.rows) and all(s is S.FAILED for s in self.rows.values())

    @property
    def untouched(self) -> bool:
        """Whether nothing of this version may be in public."""
        return not self.rows or self.waiting or self.refused_everywhere

    def stop(self) -> None:
        self.rows = {a: s for a, s in self.rows.items() if s in GONE}

    def new_version(self) -> None:
        self.version += 1
        self.stored, self.approved = "draft", None
        if self.waiting and self.at_once:
            self.planned = self.at_once = False
        self.rows = {}

    def enqueue(self) -> None:
        self.rows = {MASTODON: S.SCHEDULED, BLUESKY: S.SCHEDULED}


class DraftLife(RuleBasedStateMachine):
    """One draft, two accounts; every rule is tried at any time and must do exactly what the model says."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.model = Model()
        self.texts = 0

    def teardown(self) -> None:
        self.loop.close()

    def run(self, work: Awaitable[Snapshot]) -> Snapshot:
        async def tick() -> Snapshot:
            await self.desk.clock.advance(1)
            return await work

        return self.loop.run_until_complete(tick())

    @initialize(far=st.sampled_from(["draft", "approved", "scheduled", "leaving", "refused"]))
    def begin(self, far: str) -> None:
        """Most of the interesting life is behind an approval, so many runs begin there."""
        self.desk: Desk = self.loop.run_until_complete(make_desk())
        self.shot = self.run(self.desk.drafted())
        if far != "draft":
            self.approve()
        if far in {"scheduled", "refused"}:
            self.schedule()
        if far == "leaving":
            self.publish()
        if far == "refused":
            self.deliver((S.FAILED, S.FAILED))

    @property
    def shown(self) -> DraftRef:
        return ref(self.shot)

    def act(self, allowed: bool, do: Callable[[], Awaitable[Snapshot]], then: Callable[[], None]) -> None:
        """Do it and follow in the model, or see it refused with nothing changed."""
        if allowed:
            self.shot = self.run(do())
            then()
            return
        before = self.run(self.desk.now(self.shot))
        with pytest.raises(Conflict) as refusal:
            self.run(do())
        assert refusal.value.message
        assert refusal.value.next_step
        assert self.run(self.desk.now(self.shot)) == before

    @rule()
    def edit(self) -> None:
        self.texts += 1
        text = f"Edit {self.texts}."
        allowed = self.model.stored in {"draft", "in_review"} or (
            self.model.stored == "approved" and self.model.untouched
        )
        self.act(
            allowed,
            lambda: self.desk.drafts.edit(ANA, self.shown, texts={MASTODON: text}),
            self.model.new_version,
        )

    @rule(digest=st.sampled_from(["", "0000"]))
    def act_on_an_old_card(self, digest: str) -> None:
        old = DraftRef(draft_id=self.shot.draft.id, revision=self.model.version - (digest == ""), digest=digest)
        for work in (self.desk.review.approve(BO, old), self.desk.calendar.publish_now(BO, old)):
            with pytest.raises(Conflict, match="This card showed version"):
                self.run(work)

    @rule()
    def submit(self) -> None:
        self.act(
            self.model.stored == "draft",
            lambda: self.desk.review.submit(ANA, self.shown),
            lambda: setattr(self.model, "stored", "in_review"),
        )

    @rule()
    def approve(self) -> None:
        def then() -> None:
            self.model.stored, self.model.approved = "approved", self.model.version
            if self.model.planned:
                self.model.enqueue()

        self.act(self.model.stored in {"draft", "in_review"}, lambda: self.desk.review.approve(BO, self.shown), then)

    @rule()
    def withdraw(self) -> None:
        def then() -> None:
            self.model.stored, self.model.approved = "draft", None

        allowed = self.model.stored == "approved" and not self.model.rows
        self.act(allowed, lambda: self.desk.review.withdraw_approval(BO, self.shown), then)

    @rule()
    def reject(self) -> None:
        def then() -> None:
            self.model.stop()
            self.model.stored, self.model.approved = "rejected", None
            self.model.planned = self.model.at_once = False
            self.model.rows = {}

        allowed = self.model.stored in {"draft", "in_review"} or (
            self.model.stored == "approved" and (not self.model.rows or self.model.waiting)
        )
        self.act(allowed, lambda: self.desk.review.reject(BO, self.shown, "no"), then)

    @rule()
    def reopen(self) -> None:
        def then() -> None:
            self.model.stored = "draft"

        self.act(self.model.stored == "rejected", lambda: self.desk.review.reopen(ANA, self.shown), then)

    @rule()
    def schedule(self) -> None:
        def then() -> None:
            self.model.planned, self.model.at_once = True, False
            if self.model.stored == "approved":
                self.model.enqueue()

        allowed = self.model.stored in {"draft", "in_review"} or (
            self.model.stored == "approved" and (not self.model.rows or self.model.waiting)
        )
        later = self.desk.clock.now() + timedelta(days=300)
        self.act(allowed, lambda: self.desk.calendar.schedule(ANA, self.shown, later), then)

    @rule()
    def publish(self) -> None:
        def then() -> None:
            self.model.planned = self.model.at_once = True
            self.model.enqueue()

        fresh = not self.model.rows or (self.model.waiting and not self.model.at_once)
        allowed = self.model.stored == "approved" and fresh
        self.act(allowed, lambda: self.desk.calendar.publish_now(BO, self.shown), then)

    @rule(undo=st.booleans())
    def take_back(self, undo: bool) -> None:
        def then() -> None:
            self.model.stop()
            self.model.planned = self.model.at_once = False

        waits = any(s not in GONE for s in self.model.rows.values())
        allowed = waits or (not undo and self.model.planned and not self.model.rows)
        calendar = self.desk.calendar
        self.act(allowed, lambda: (calendar.undo if undo else calendar.unschedule)(ADA, self.shown), then)

    @rule(works=st.booleans())
    def rewrite(self, works: bool) -> None:
        def then() -> None:
            if works:
                self.model.new_version()

        async def both() -> Snapshot:
            await self.desk.drafts.begin_rewrite(ANA, self.shown)
            if not works:
                self.desk.model.then(Unavailable("Away."))
            return await self.desk.drafts.compose(ANA, self.shot.draft.id)

        allowed = self.model.stored in {"draft", "in_review"} or (
            self.model.stored == "approved" and (not self.model.rows or self.model.refused_everywhere)
        )
        self.act(allowed, both, then)

    @rule(works=st.booleans())
    def illustrate(self, works: bool) -> None:
        """What waits is held back for the picture, and goes on as planned when none comes."""

        def then() -> None:
            if works:
                self.model.new_version()
            elif self.model.waiting and self.model.at_once:
                self.model.planned = self.model.at_once = False
                self.model.rows = {}
            elif self.model.waiting:
                self.model.enqueue()

        async def both() -> Snapshot:
            begun = await self.desk.illustration.begin(ANA, self.shown, PictureWish())
            if not works:
                self.desk.painter.then(Unavailable("Away."))
            return await self.desk.illustration.make(ANA, begun.draft.id)

        allowed = self.model.stored in {"draft", "in_review"} or (
            self.model.stored == "approved" and self.model.untouched
        )
        self.act(allowed, both, then)

    @rule(account=st.sampled_from([MASTODON, BLUESKY]), step=st.sampled_from(sorted(STEPS)))
    def work(self, account: AccountId, step: str) -> None:
        """What a worker does with a row that stands where its step begins."""
        start, end = STEPS[step]
        if self.model.rows.get(account) is not start or self.model.stored != "approved":
            return
        live = [d for d in self.shot.deliveries if d.account_id == account and d.state is not S.CANCELLED]
        self.loop.run_until_complete(self.desk.played(live[-1].id, end, live=int(end is S.PUBLISHED)))
        self.model.rows[account] = end
        self.shot = self.run(self.desk.now(self.shot))

    @rule(outcomes=st.tuples(*[st.sampled_from([S.PUBLISHED, S.FAILED])] * 2))
    def deliver(self, outcomes: tuple[DeliveryState, DeliveryState]) -> None:
        """Both accounts from waiting to their end, which single steps seldom reach."""
        if self.model.stored != "approved" or set(self.model.rows.values()) != {S.SCHEDULED}:
            return
        ends = dict(zip((MASTODON, BLUESKY), outcomes, strict=True))
        for row in self.shot.deliveries:
            end = ends[row.account_id]
            self.loop.run_until_complete(self.desk.played(row.id, S.SENDING, end, live=int(end is S.PUBLISHED)))
        self.model.rows = dict(ends)
        self.shot = self.run(self.desk.now(self.shot))

    @invariant()
    def the_desk_is_where_the_model_is(self) -> None:
        if not hasattr(self, "shot"):
            return
        draft = self.shot.draft
        assert draft.state.value == self.model.stored
        assert draft.revision is not None
        assert draft.revision.number == self.model.version
        assert (draft.planned_at is not None) is self.model.planned
        if self.model.stored == "approved":
            assert {d.account_id: d.state for d in self.shot.deliveries} == self.model.rows

    @invariant()
    def an_approval_stands_only_for_the_current_content(self) -> None:
        if not hasattr(self, "shot"):
            return
        draft = self.shot.draft
        assert (draft.approval is not None) is (draft.state is DraftState.APPROVED)
        if draft.approval is not None and draft.revision is not None:
            assert (draft.approval.revision, draft.approval.digest) == (draft.revision.number, draft.revision.digest)

    @invariant()
    def what_may_still_be_sent_is_what_was_approved_and_only_once(self) -> None:
        if not hasattr(self, "shot"):
            return
        rows = self.loop.run_until_complete(self.desk.rows(self.shot))
        approval = self.shot.draft.approval
        for row in rows:
            if row.state in {S.SCHEDULED, S.PREPARING, S.HELD}:
                assert approval is not None
                assert (row.revision, row.digest) == (approval.revision, approval.digest)
        live = Counter((r.revision, r.account_id) for r in rows if r.state is not S.CANCELLED)
        assert all(count == 1 for count in live.values())


TestDraftLife = DraftLife.TestCase
TestDraftLife.settings = settings(max_examples=120, stateful_step_count=25, deadline=None)
