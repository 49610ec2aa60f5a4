"""A draft's picture: made beside its text or when asked for, never half done, never in the way of the text."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.lifecycle import STUCK_AFTER
from services.domain.account import VideoLimits
from services.domain.delivery import DeliveryState
from services.domain.errors import Conflict, Forbidden, InvalidInput, NeedsOperator, RateLimited, Refused, Unavailable
from services.domain.ids import BrandId
from services.domain.media import PictureSize, PictureStyle, PictureWish, source_of
from services.domain.post import Brief, DraftState
from services.drafts import Order
from services.illustration import MAX_PROMPT, Illustration
from services.images import openai, replicate
from services.images.illustrator import DEADLINE
from services.ledger import DraftRef
from services.media.intake import Brought
from services.ports.models import Painted
from services.ports.platform import PictureShape
from tests.builders import a_media_item, a_video_item, a_workspace
from tests.choices import CALM
from tests.desk import ANA, BLUESKY, BO, MASTODON, VIC, Desk, make_desk, ref, verbs
from tests.fakes.clock import settle
from tests.fakes.image_model import a_ground
from tests.fakes.workers import InlineWorkers

if TYPE_CHECKING:
    from typing import Unpack

    from services.domain.ids import AccountId
    from services.domain.media import Medium, Picture
    from services.ledger import Snapshot
    from services.ports.platform import Platforms
    from services.ports.storage import Transaction
    from tests.builders import LimitsFields

S = DeliveryState
WIDE, TALL, NEARLY = (PictureSize(width=w, height=h) for w, h in ((1600, 900), (1080, 1350), (1200, 627)))


@pytest.fixture
async def desk() -> Desk:
    return await make_desk()


def pictures(snapshot: Snapshot) -> list[tuple[Picture, ...]]:
    assert snapshot.draft.revision is not None
    return [v.pictures for v in snapshot.draft.revision.variants]


def first_shown(snapshot: Snapshot) -> tuple[Medium, ...]:
    """All that the first network shows."""
    assert snapshot.draft.revision is not None
    return snapshot.draft.revision.variants[0].media


def only(snapshot: Snapshot) -> Picture:
    """The one picture of the first text."""
    (picture,) = pictures(snapshot)[0]
    return picture


def texts(snapshot: Snapshot) -> list[str]:
    assert snapshot.draft.revision is not None
    return [v.text for v in snapshot.draft.revision.variants]


async def made(desk: Desk, snapshot: Snapshot, wish: PictureWish | None = None) -> Snapshot:
    """A picture for the draft as it is."""
    begun = await desk.illustration.begin(ANA, ref(snapshot), wish or PictureWish())
    return await desk.illustration.make(ANA, begun.draft.id)


def with_sizes(desk: Desk, mastodon: PictureSize, bluesky: PictureSize) -> Illustration:
    """The same desk where the networks show these sizes."""
    specs: Platforms = {
        slug: replace(spec, picture=mastodon if slug == "mastodon" else bluesky)
        for slug, spec in desk.services.platforms.items()
    }
    return Illustration(
        desk.store, desk.painter, desk.files, InlineWorkers(), specs, desk.services.drafts._bus, desk.clock
    )


# -- making --------------------------------------------------------------------------------------------------------


async def test_a_picture_is_made_from_the_post_and_kept_as_a_new_version(desk: Desk) -> None:
    drafted = await desk.drafted()

    begun = await desk.illustration.begin(ANA, ref(drafted), PictureWish())
    done = await desk.illustration.make(ANA, begun.draft.id)

    assert begun.draft.picturing is not None
    assert begun.draft.picturing.wish == PictureWish(style=PictureStyle.PROFESSIONAL)
    assert (begun.state, begun.revisions) == (DraftState.DRAFT, 1)
    assert done.draft.picturing is None
    assert (done.state, done.revisions, verbs(done)[-1]) == (DraftState.DRAFT, 2, "made a picture")
    assert texts(done) == texts(drafted)
    assert done.draft.revision is not None
    assert done.draft.revision.made_with == "scripted"
    assert [len(p) for p in pictures(done)] == [1, 1]
    picture = only(done)
    assert (picture.alt, picture.item.mime) == ("Picture 1", "image/png")
    assert (picture.item.width, picture.item.height) == (1600, 900)
    assert picture.item.size == len(desk.files.kept[picture.item.digest])
    assert picture.origin is not None
    assert (picture.origin.made_with, picture.origin.style) == ("scripted", PictureStyle.PROFESSIONAL)
    assert await desk.store.read(lambda tx: tx.media.get(picture.item.digest)) == picture.item
    assert desk.painter.tasks[0].palette == done.brand.palette


async def test_a_wish_reaches_the_painter_with_its_own_alt_text(desk: Desk) -> None:
    wish = PictureWish(prompt="  a quiet pier  ", style=PictureStyle.ARTISTIC, alt=" A pier ")
    done = await made(desk, await desk.drafted(), wish)

    assert [(t.scene, t.style, t.take) for t in desk.painter.tasks] == [("a quiet pier", PictureStyle.ARTISTIC, 0)]
    assert only(done).alt == "A pier"
    assert only(done).origin is not None
    assert only(done).origin.prompt == "a quiet pier"  # type: ignore[union-attr]  # said above


async def test_one_size_is_painted_once_for_all_its_networks(desk: Desk) -> None:
    done = await made(desk, await desk.drafted())

    assert len(desk.painter.tasks) == 1
    assert pictures(done)[0] == pictures(done)[1]


async def test_sizes_of_one_shape_share_a_painting_without_lettering(desk: Desk) -> None:
    desk.services = replace(desk.services, illustration=with_sizes(desk, WIDE, NEARLY))
    done = await made(desk, await desk.drafted())

    assert [t.size for t in desk.painter.tasks] == [WIDE]
    sizes = [(p.item.width, p.item.height) for (p,) in pictures(done)]
    assert sizes == [(1600, 900), (1200, 627)]
    assert len({p.item.digest for (p,) in pictures(done)}) == 2


async def test_lettering_is_set_anew_for_each_size(desk: Desk) -> None:
    desk.painter.contrast = 7.0
    desk.services = replace(desk.services, illustration=with_sizes(desk, WIDE, NEARLY))
    done = await made(desk, await desk.drafted())

    assert [t.size for t in desk.painter.tasks] == [WIDE, NEARLY]
    assert [p.alt for (p,) in pictures(done)] == ["Picture 1", "Picture 2"]
    assert [p.origin.contrast for (p,) in pictures(done) if p.origin] == [7.0, 7.0]
    said = await desk.drafts.edit(ANA, ref(done), texts={MASTODON: "New"}, alts={0: "Picture 1"})
    assert [p.alt for (p,) in pictures(said)] == ["Picture 1", "Picture 2"], "nobody wrote other words"
    said = await desk.drafts.edit(ANA, ref(said), texts={}, alts={0: " A sea "})
    assert [p.alt for (p,) in pictures(said)] == ["A sea", "A sea"]


async def test_upright_and_wide_are_two_paintings(desk: Desk) -> None:
    desk.services = replace(desk.services, illustration=with_sizes(desk, WIDE, TALL))
    done = await made(desk, await desk.drafted())

    assert {t.size for t in desk.painter.tasks} == {WIDE, TALL}
    sizes = [(1600, 900), (1080, 1350)]
    assert [(p.item.width, p.item.height) for (p,) in pictures(done)] == sizes
    assert done.draft.revision is not None
    (slide,) = done.draft.revision.slides
    assert [(one.item.width, one.item.height) for one in slide.sizes] == sizes, "the first network's stands for it"


async def limited(desk: Desk, which: AccountId = BLUESKY, **limits: Unpack[LimitsFields]) -> None:
    """An account takes less than it did."""

    def work(tx: Transaction) -> None:
        account = tx.accounts.get(which)
        assert account is not None
        tx.accounts.save(replace(account, limits=replace(account.limits, **limits)))

    await desk.store.write(work)


async def test_the_alt_text_fits_every_network(desk: Desk) -> None:
    await limited(desk, alt_text=20)
    desk.painter.then(Painted(data=a_ground(1), alt="A very long description of a very quiet sea"))
    done = await made(desk, await desk.drafted())

    assert [p.alt for (p,) in pictures(done)] == ["A very long…"] * 2


async def test_a_network_without_pictures_gets_none(desk: Desk) -> None:
    await limited(desk, images=0)
    done = await made(desk, await desk.drafted())
    assert [len(p) for p in pictures(done)] == [1, 0]

    await desk.disconnect(MASTODON)
    with pytest.raises(Conflict, match="No network of this draft takes pictures"):
        await desk.illustration.begin(ANA, ref(done), PictureWish())


async def test_a_picture_has_at_most_the_bytes_its_network_takes(desk: Desk) -> None:
    from PIL import Image

    noise = io.BytesIO()
    Image.effect_noise((800, 450), 90).convert("RGB").save(noise, format="PNG")
    desk.painter.then(Painted(data=noise.getvalue()), Painted(data=noise.getvalue()))
    roomy = await made(desk, await desk.drafted())
    await limited(desk, image_bytes=500_000)
    tight = await made(desk, roomy)

    assert only(tight).item.size <= 500_000 < only(roomy).item.size
    assert only(tight).item.mime == "image/jpeg"


async def test_where_one_network_wants_jpeg_it_is_jpeg(desk: Desk) -> None:
    assert only(await made(desk, await desk.drafted())).item.mime == "image/png"
    await limited(desk, image_types=("image/jpeg",))
    assert only(await made(desk, await desk.drafted())).item.mime == "image/jpeg"


async def test_a_thread_has_its_picture_with_the_first_part(desk: Desk) -> None:
    thread = await desk.drafts.edit(ANA, ref(await desk.drafted()), texts={MASTODON: "One\n---\nTwo"})
    done = await made(desk, thread)

    assert done.draft.revision is not None
    assert done.draft.revision.variants[0].parts == ("One", "Two")
    assert [len(p) for p in pictures(done)] == [1, 1]


async def test_another_is_another_take_and_a_style_keeps_the_wish(desk: Desk) -> None:
    first = await made(desk, await desk.drafted(), PictureWish(prompt="a pier", style=PictureStyle.MINIMAL))

    begun = await desk.illustration.another(ANA, ref(first))
    second = await desk.illustration.make(ANA, begun.draft.id)
    await desk.illustration.another(ANA, ref(second), style=PictureStyle.ARTISTIC)
    third = await desk.illustration.make(ANA, begun.draft.id)
    fourth = await made(desk, third, PictureWish(prompt="a pier"))

    asked = [(t.scene, t.style.value, t.take) for t in desk.painter.tasks]
    assert asked == [
        ("a pier", "minimal", 0),
        ("a pier", "minimal", 1),
        ("a pier", "artistic", 0),
        ("a pier", "artistic", 1),
    ]
    assert len({only(shot).item.digest for shot in (first, second, third, fourth)}) == 4


async def test_the_same_picture_again_changes_nothing(desk: Desk) -> None:
    same = Painted(data=a_ground(1), alt="Same")
    desk.painter.then(same, same)
    first = await made(desk, await desk.drafted())
    approved = await desk.review.approve(BO, ref(first))
    second = await made(desk, approved)

    assert (second.revisions, second.state, second.draft.picturing) == (first.revisions, DraftState.APPROVED, None)


# -- who and when --------------------------------------------------------------------------------------------------


async def test_a_viewer_makes_no_picture(desk: Desk) -> None:
    shown = ref(await desk.drafted())
    for work in (
        desk.illustration.begin(VIC, shown, PictureWish()),
        desk.illustration.another(VIC, shown),
        desk.illustration.attach(VIC, shown, [Brought(item=a_media_item())], [""]),
        desk.illustration.remove(VIC, shown),
    ):
        with pytest.raises(Forbidden, match="Your role here is viewer"):
            await work


async def test_an_endless_wish_is_refused_at_its_field(desk: Desk) -> None:
    drafted = await desk.drafted()
    with pytest.raises(InvalidInput, match="The wish has 501 characters; 500 is the most") as caught:
        await desk.illustration.begin(ANA, ref(drafted), PictureWish(prompt="x" * (MAX_PROMPT + 1)))
    assert caught.value.field == "prompt"
    assert await desk.now(drafted) == drafted


async def test_a_second_job_is_refused_and_so_is_any_other_change_of_the_picture(desk: Desk) -> None:
    begun = await desk.illustration.begin(ANA, ref(await desk.drafted()), PictureWish())
    shown = ref(begun)
    for work in (
        desk.illustration.begin(BO, shown, PictureWish()),
        desk.illustration.another(BO, shown),
        desk.illustration.attach(BO, shown, [Brought(item=a_media_item())], [""]),
        desk.illustration.remove(BO, shown),
    ):
        with pytest.raises(Conflict, match="A picture is being made for this draft already") as caught:
            await work
        assert caught.value.next_step == "Its card changes when the picture is there."
    assert await desk.now(begun) == begun


async def test_there_is_nothing_to_illustrate_before_the_text(desk: Desk) -> None:
    desk.model.then(Unavailable("The model timed out."))
    failed = await desk.drafted()
    with pytest.raises(Conflict, match="There is no text yet to make a picture for"):
        await desk.illustration.begin(ANA, ref(failed), PictureWish())
    with pytest.raises(Conflict, match="No picture is being made"):
        await desk.illustration.make(ANA, failed.draft.id)


async def test_nothing_half_made_is_approved_reviewed_or_published(desk: Desk) -> None:
    begun = await desk.illustration.begin(ANA, ref(await desk.drafted()), PictureWish())
    with pytest.raises(Conflict, match="A picture is being made, so this can't be approved yet"):
        await desk.review.approve(BO, ref(begun))
    with pytest.raises(Conflict, match="A picture is being made, so this can't be sent to review yet"):
        await desk.review.submit(ANA, ref(begun))

    done = await desk.illustration.make(ANA, begun.draft.id)
    approved = await desk.review.approve(BO, ref(done))
    again = await desk.illustration.another(ANA, ref(approved))
    with pytest.raises(Conflict, match="A picture is being made, so this can't be published yet"):
        await desk.calendar.publish_now(BO, ref(again))
    planned = await desk.calendar.schedule(ANA, ref(again), desk.clock.now() + timedelta(hours=1))
    assert (planned.deliveries, planned.draft.planned_at) == ((), desk.clock.now() + timedelta(hours=1))


async def test_a_new_picture_voids_the_approval_and_holds_what_was_planned(desk: Desk) -> None:
    planned = await desk.scheduled()
    held = await desk.illustration.begin(ANA, ref(planned), PictureWish())
    assert (held.state, held.deliveries) == (DraftState.APPROVED, ())
    assert [r.state for r in await desk.rows(held)] == [S.CANCELLED] * 2

    done = await desk.illustration.make(ANA, held.draft.id)

    assert (done.state, done.draft.approval, done.draft.planned_at) == (
        DraftState.DRAFT,
        None,
        planned.draft.planned_at,
    )
    approved = await desk.review.approve(BO, ref(done))
    assert [d.variant.pictures for d in approved.deliveries] == pictures(done)


async def test_what_was_planned_is_planned_again_when_no_picture_comes(desk: Desk) -> None:
    planned = await desk.scheduled()
    await desk.illustration.begin(ANA, ref(planned), PictureWish())
    desk.painter.then(Refused("The vendor declined.", fix="Change the wish."))

    failed = await desk.illustration.make(ANA, planned.draft.id)

    assert (failed.state, failed.revisions, failed.draft.approval) == (DraftState.SCHEDULED, 1, planned.draft.approval)
    assert [(d.state, d.due_at) for d in failed.deliveries] == [(S.SCHEDULED, d.due_at) for d in planned.deliveries]
    assert failed.draft.problem == "No picture was made. The vendor declined. The text is unchanged. Change the wish."


async def test_a_time_that_passed_meanwhile_is_not_made_up_for(desk: Desk) -> None:
    planned = await desk.scheduled(ahead=timedelta(minutes=1))
    await desk.illustration.begin(ANA, ref(planned), PictureWish())
    await desk.clock.advance(61)
    desk.painter.then(Unavailable("It is down.", next_step="Try later."))

    failed = await desk.illustration.make(ANA, planned.draft.id)

    assert (failed.state, failed.draft.planned_at, failed.deliveries) == (DraftState.APPROVED, None, ())
    gone = "It is down. The text is unchanged. Try later. The planned time has passed; choose another."
    assert failed.draft.problem == f"No picture was made. {gone}"


async def test_publish_now_is_not_taken_up_again_by_itself(desk: Desk) -> None:
    leaving = await desk.calendar.publish_now(BO, ref(await desk.approved()))
    await desk.illustration.begin(ANA, ref(leaving), PictureWish())
    desk.painter.then(Unavailable("It is down."))

    failed = await desk.illustration.make(ANA, leaving.draft.id)

    assert (failed.state, failed.draft.planned_at, failed.deliveries) == (DraftState.APPROVED, None, ())


# -- failing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (Unavailable("The model is down."), "The model is down. {} Press Image to try again, or upload a picture"),
        (Refused("It declined.", fix="Change the wish."), "It declined. {} Change the wish."),
        (NeedsOperator("No quota is left.", next_step="Check the billing."), "No quota is left. {} Check the billing."),
        (ZeroDivisionError("a bug"), "The painter failed unexpectedly. {} Press Image to try again"),
    ],
)
async def test_a_failure_keeps_text_and_picture_and_says_what_to_do(
    desk: Desk, error: Exception, sentence: str
) -> None:
    desk.painter.then(error)
    bare = await made(desk, await desk.drafted())
    assert bare.draft.problem.startswith("No picture was made. " + sentence.format("The text is unchanged."))
    assert (bare.draft.picturing, bare.revisions, bare.state) == (None, 1, DraftState.DRAFT)
    assert verbs(bare)[-1] == "got no picture"

    pictured = await made(desk, bare)
    assert pictured.draft.problem == ""
    desk.painter.then(error)
    failed = await made(desk, pictured)
    said = sentence.format("The text and the picture are as they were.")
    assert failed.draft.problem.startswith(f"No new picture was made. {said}")
    assert failed.draft.revision == pictured.draft.revision
    assert (await desk.review.approve(BO, ref(failed))).state is DraftState.APPROVED


async def test_a_rate_limit_names_when_and_promises_nothing(desk: Desk) -> None:
    desk.painter.then(RateLimited("It asks to slow down.", until=desk.clock.now() + timedelta(seconds=90)))
    failed = await made(desk, await desk.drafted())
    said = "It asks to slow down. The text is unchanged. Try again after 09:01:30 UTC."
    assert failed.draft.problem == f"No picture was made. {said}"


async def test_what_is_no_picture_is_a_failure_like_any_other(desk: Desk) -> None:
    desk.painter.then(Painted(data=b"<html>"))
    failed = await made(desk, await desk.drafted())
    said = "The image model's answer could not be used: it is not a picture."
    assert failed.draft.problem.startswith(f"No picture was made. {said}")
    assert (failed.draft.picturing, pictures(failed)) == (None, [(), ()])


async def test_a_painter_that_never_ends_is_given_up(desk: Desk) -> None:
    desk.painter.gate = asyncio.Event()
    impatient = Illustration(
        desk.store,
        desk.painter,
        desk.files,
        InlineWorkers(),
        desk.services.platforms,
        desk.services.drafts._bus,
        desk.clock,
        deadline=0.0,
    )
    begun = await impatient.begin(ANA, ref(await desk.drafted()), PictureWish())
    failed = await impatient.make(ANA, begun.draft.id)
    assert failed.draft.problem.startswith(
        "No picture was made. The picture took longer than 0 s. The text is unchanged."
    )


async def test_a_failed_picture_does_not_take_a_request_for_review_back(desk: Desk) -> None:
    asked = await desk.review.submit(ANA, ref(await desk.drafted()))
    desk.painter.then(Unavailable("It is down."))
    failed = await made(desk, asked)
    assert failed.state is DraftState.IN_REVIEW

    desk.model.then(Unavailable("The writer is down."))
    await desk.drafts.begin_rewrite(ANA, ref(failed))
    again = await desk.drafts.compose(ANA, failed.draft.id)
    assert again.state is DraftState.IN_REVIEW


# -- races ---------------------------------------------------------------------------------------------------------


async def in_the_middle(desk: Desk, snapshot: Snapshot) -> tuple[asyncio.Event, asyncio.Task[Snapshot], Snapshot]:
    """A picture that waits for the painter: the gate, the work, the draft meanwhile."""
    gate = desk.painter.gate = asyncio.Event()
    begun = await desk.illustration.begin(ANA, ref(snapshot), PictureWish())
    work = asyncio.create_task(desk.illustration.make(ANA, begun.draft.id))
    await settle()
    return gate, work, begun


async def test_an_edit_meanwhile_stands_and_the_picture_joins_it(desk: Desk) -> None:
    gate, work, begun = await in_the_middle(desk, await desk.drafted())
    edited = await desk.drafts.edit(ANA, ref(begun), texts={MASTODON: "Mine."})
    assert edited.draft.picturing == begun.draft.picturing
    gate.set()
    done = await work

    assert (done.revisions, texts(done)[0], len(pictures(done)[0])) == (3, "Mine.", 1)
    assert done.draft.revision is not None
    assert (done.draft.revision.made_with, done.draft.revision.note) == ("person", "made a picture")


async def test_a_rewrite_meanwhile_keeps_the_picture_that_comes(desk: Desk) -> None:
    gate, work, begun = await in_the_middle(desk, await desk.drafted())
    writing = desk.model.gate = asyncio.Event()
    await desk.drafts.begin_rewrite(ANA, ref(begun))
    rewrite = asyncio.create_task(desk.drafts.compose(ANA, begun.draft.id, wish="shorter"))
    await settle()
    gate.set()
    landed = await work
    writing.set()
    done = await rewrite

    assert (landed.state, landed.revisions) == (DraftState.DRAFTING, 2)
    assert (done.state, done.revisions, pictures(done)) == (DraftState.DRAFT, 3, pictures(landed))
    assert texts(done) != texts(landed)


async def test_a_rewrite_that_ends_first_gets_the_picture_too(desk: Desk) -> None:
    gate, work, begun = await in_the_middle(desk, await desk.drafted())
    await desk.drafts.begin_rewrite(ANA, ref(begun))
    rewritten = await desk.drafts.compose(ANA, begun.draft.id)
    assert rewritten.draft.picturing == begun.draft.picturing
    gate.set()
    done = await work

    assert (done.revisions, texts(done)) == (3, texts(rewritten))
    assert [len(p) for p in pictures(done)] == [1, 1]


@pytest.mark.parametrize("how", ["rejected", "archived"])
async def test_a_draft_that_was_put_away_is_left_alone(desk: Desk, how: str) -> None:
    gate, work, begun = await in_the_middle(desk, await desk.drafted())
    if how == "rejected":
        away = await desk.review.reject(BO, ref(begun), "no")
    else:
        away = await desk.review.archive(ANA, ref(begun))
    assert away.draft.picturing is None
    gate.set()
    assert await work == away


async def test_a_job_given_up_does_not_land_on_the_next_one(desk: Desk) -> None:
    gate, work, begun = await in_the_middle(desk, await desk.drafted())
    rejected = await desk.review.reject(BO, ref(begun), "no")
    reopened = await desk.review.reopen(ANA, ref(rejected))
    second = await desk.illustration.begin(ANA, ref(reopened), PictureWish(prompt="a pier"))
    gate.set()
    late = await work
    assert late.draft.picturing == second.draft.picturing
    assert late.revisions == 1

    done = await desk.illustration.make(ANA, second.draft.id)
    assert (done.revisions, only(done).origin and only(done).origin.prompt) == (2, "a pier")  # type: ignore[union-attr]


async def test_a_draft_that_went_out_meanwhile_is_left_alone(desk: Desk) -> None:
    planned = await desk.scheduled()
    for row in planned.deliveries:
        await desk.played(row.id, S.SENDING, S.FAILED)
    gate, work, _ = await in_the_middle(desk, await desk.now(planned))
    for row in planned.deliveries:
        await desk.played(row.id, S.SCHEDULED, S.SENDING, S.PUBLISHED, live=1)
    gate.set()
    done = await work

    assert (done.state, done.revisions, done.draft.picturing) == (DraftState.PUBLISHED, 1, None)
    assert (done.audit[-1].verb, done.audit[-1].note) == (
        "got no picture",
        "It came too late: the draft had moved on.",
    )


async def test_an_account_that_left_meanwhile_is_left_out(desk: Desk) -> None:
    gate, work, _ = await in_the_middle(desk, await desk.drafted())
    await desk.disconnect(BLUESKY)
    gate.set()
    assert [len(p) for p in pictures(await work)] == [1]


async def test_the_last_account_leaving_is_a_failure_in_words(desk: Desk) -> None:
    gate, work, _ = await in_the_middle(desk, await desk.drafted(wanted=("mastodon",)))
    await desk.disconnect(MASTODON)
    gate.set()
    done = await work
    assert done.draft.picturing is None
    said = "None of the accounts this draft was written for is connected any more."
    assert done.draft.problem.startswith(f"No picture was made. {said}")


def test_a_vendor_gives_up_before_the_job_and_the_job_before_it_is_taken_for_left_behind() -> None:
    assert max(openai.TIMEOUT, replicate.TIMEOUT) < DEADLINE < STUCK_AFTER.total_seconds()


async def test_the_last_account_leaving_before_it_is_begun_is_a_failure_in_words(desk: Desk) -> None:
    begun = await desk.illustration.begin(ANA, ref(await desk.drafted(wanted=("mastodon",))), PictureWish())
    await desk.disconnect(MASTODON)
    done = await desk.illustration.make(ANA, begun.draft.id)
    assert done.draft.picturing is None
    assert done.draft.problem.startswith("No picture was made. No network of this draft takes pictures any more.")
    assert desk.painter.tasks == []


async def test_a_restart_ends_the_jobs_it_cut_off(desk: Desk) -> None:
    planned = await desk.scheduled()
    _, work, begun = await in_the_middle(desk, planned)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert (await desk.now(begun)).draft.picturing == begun.draft.picturing

    now = desk.clock.now()
    assert await desk.illustration.recover_interrupted(older_than=now) == 0
    assert await desk.illustration.recover_interrupted(older_than=now + timedelta(seconds=1)) == 1
    back = await desk.now(begun)

    assert (back.draft.picturing, back.state, len(back.deliveries)) == (None, DraftState.SCHEDULED, 2)
    assert back.draft.problem.startswith("Making the picture was interrupted. The text is unchanged.")
    assert await desk.illustration.recover_interrupted(older_than=now + timedelta(days=1)) == 0


# -- beside the text -----------------------------------------------------------------------------------------------


async def written(desk: Desk, *, picture: str = "") -> Snapshot:
    begun = await desk.drafts.begin(ANA, Order(brief=Brief(text="the release", picture=picture)))
    return await desk.drafts.compose(ANA, begun.draft.id)


async def each_draft(desk: Desk) -> None:
    from services.domain.actor import PictureMode

    await desk.policy(a_workspace(pictures=PictureMode.EACH_DRAFT))


@pytest.mark.parametrize(
    ("each", "brief", "style"),
    [
        (True, "", "professional"),
        (True, "minimal", "minimal"),
        (True, "yes", "professional"),
        (True, "no", None),
        (False, "", None),
        (False, "artistic", "artistic"),
        (False, "yes", "professional"),
    ],
)
async def test_the_text_says_at_once_that_its_picture_follows(
    desk: Desk, each: bool, brief: str, style: str | None
) -> None:
    if each:
        await each_draft(desk)
    done = await written(desk, picture=brief)

    assert (done.state, done.revisions) == (DraftState.DRAFT, 1)
    job = done.draft.picturing
    assert (job.wish.style if job else None) == style
    if job:
        with pytest.raises(Conflict, match="A picture is being made"):
            await desk.review.approve(BO, ref(done))
        finished = await desk.illustration.make(ANA, done.draft.id)
        assert (finished.revisions, desk.painter.tasks[0].style) == (2, style)
        assert (await desk.review.approve(BO, ref(finished))).state is DraftState.APPROVED


async def test_only_the_first_text_brings_a_picture_and_later_ones_keep_it(desk: Desk) -> None:
    await each_draft(desk)
    done = await desk.illustration.make(ANA, (await written(desk)).draft.id)
    await desk.drafts.begin_rewrite(ANA, ref(done))
    rewritten = await desk.drafts.compose(ANA, done.draft.id, wish="shorter")
    assert (rewritten.draft.picturing, pictures(rewritten)) == (None, pictures(done))

    bare = await desk.illustration.remove(ANA, ref(rewritten))
    await desk.drafts.begin_rewrite(ANA, ref(bare))
    again = await desk.drafts.compose(ANA, bare.draft.id)
    assert (again.draft.picturing, pictures(again)) == (None, [(), ()])


async def test_networks_without_pictures_are_not_asked_about(desk: Desk) -> None:
    await each_draft(desk)
    await limited(desk, images=0)
    begun = await desk.drafts.begin(
        ANA, Order(brief=Brief(text="a"), wanted=("bluesky",), brand_id=BrandId("driftseas"))
    )
    assert (await desk.drafts.compose(ANA, begun.draft.id)).draft.picturing is None


async def test_a_copy_keeps_the_picture_and_not_the_job(desk: Desk) -> None:
    done = await made(desk, await desk.drafted())
    again = await desk.illustration.another(ANA, ref(done))
    copy = await desk.drafts.duplicate(ANA, ref(again))
    assert (copy.draft.picturing, pictures(copy)) == (None, pictures(done))


async def test_an_old_card_makes_no_picture(desk: Desk) -> None:
    drafted = await desk.drafted()
    with pytest.raises(Conflict, match="This card showed version 7"):
        await desk.illustration.begin(ANA, DraftRef(draft_id=drafted.draft.id, revision=7), PictureWish())


async def test_an_own_picture_replaces_a_made_one_and_has_no_history(desk: Desk) -> None:
    await limited(desk, images=2)
    own = await desk.illustration.attach(
        ANA, ref(await made(desk, await desk.drafted())), [Brought(item=a_media_item())], [" Waves "]
    )
    assert [(p.alt, p.origin) for (p,) in pictures(own)] == [("Waves", None)] * 2
    begun = await desk.illustration.another(ANA, ref(own))
    assert begun.draft.picturing is not None
    assert begun.draft.picturing.wish == PictureWish(style=PictureStyle.PROFESSIONAL)


# -- shapes of their own -------------------------------------------------------------------------------------------

STORY = PictureShape(
    option="visibility", value="private", ratio=(0.5615, 0.5635), size=PictureSize(width=1080, height=1920)
)


async def with_a_story() -> Desk:
    """What the first network's followers alone see is upright; all else is at most four wide and five high."""
    desk = await make_desk(options=CALM, shapes=(STORY,))
    await limited(desk, MASTODON, image_ratio=(0.8, 1.91))
    return desk


async def test_a_choice_shows_a_picture_in_another_shape_and_the_shape_before_comes_back_whole() -> None:
    desk = await with_a_story()
    data = a_ground(7, width=900, height=1600)
    item = a_media_item(digest=await desk.files.put(data), width=900, height=1600, size=len(data))
    feed = await desk.illustration.attach(ANA, ref(await desk.drafted()), [Brought(item=item)], ["Waves"])
    assert (only(feed).fitted, only(feed).item.height) == ("cropped to 4:5", 1125)

    story = await desk.drafts.choose(ANA, ref(feed), {MASTODON: {"visibility": "private"}})
    assert (only(story).item, only(story).fitted, only(story).alt) == (item, "", "Waves")
    assert [p.item for (p,) in pictures(story)] == [item, item]

    again = await desk.drafts.choose(ANA, ref(story), {MASTODON: {"visibility": "public"}})
    assert only(again) == only(feed)
    kept = await desk.store.read(lambda tx: tx.media.get(only(again).item.digest))
    assert kept == only(again).item
    other = await desk.drafts.choose(ANA, ref(again), {MASTODON: {"warning": "Loud"}})
    assert pictures(other) == pictures(again)


async def test_a_story_shows_the_first_slide_alone_and_the_post_comes_back_with_all() -> None:
    desk = await make_desk(options=CALM, shapes=(replace(STORY, alone=True),))
    video = VideoLimits(size=100_000_000)
    await limited(desk, MASTODON, image_ratio=(0.8, 1.91), images=4, mixed=4, video=video)
    datas = [a_ground(number, width=900, height=1600) for number in (1, 2)]
    items = [a_media_item(digest=await desk.files.put(d), width=900, height=1600, size=len(d)) for d in datas]
    film = a_video_item()
    brought = [Brought(item=items[0]), Brought(item=film), Brought(item=items[1])]
    feed = await desk.illustration.attach(ANA, ref(await desk.drafted()), brought, ["One", "Waves", "Two"])
    assert [source_of(m) for m in first_shown(feed)] == [items[0], film, items[1]]
    assert [p.fitted for p in pictures(feed)[0]] == ["cropped to 4:5"] * 2

    story = await desk.drafts.choose(ANA, ref(feed), {MASTODON: {"visibility": "private"}})
    assert only(story).item == items[0]
    assert len(first_shown(story)) == 1
    assert pictures(story)[1] == pictures(feed)[1]

    moving = await desk.illustration.arrange(ANA, ref(story), [2, 3, 1])
    assert [m.item for m in first_shown(moving)] == [film]
    post = await desk.drafts.choose(ANA, ref(moving), {MASTODON: {"visibility": "public"}})
    assert [source_of(m) for m in first_shown(post)] == [film, items[1], items[0]]
    assert {p.fitted for p in pictures(post)[0]} == {"cropped to 4:5"}
    again = await desk.drafts.choose(ANA, ref(post), {MASTODON: {"visibility": "private"}})
    assert [m.item for m in first_shown(again)] == [film]


async def test_what_is_brought_or_made_after_the_choice_has_its_shape() -> None:
    desk = await with_a_story()
    story = await desk.drafts.choose(ANA, ref(await desk.drafted()), {MASTODON: {"visibility": "private"}})
    done = await made(desk, story)
    assert [(p.item.width, p.item.height) for (p,) in pictures(done)] == [(1080, 1920), (1600, 900)]

    data = a_ground(8, width=800, height=800)
    item = a_media_item(digest=await desk.files.put(data), width=800, height=800, size=len(data))
    own = await desk.illustration.attach(ANA, ref(done), [Brought(item=item)], ["Sea"])
    assert (only(own).fitted, only(own).whole) == ("cropped to 9:16", item)
