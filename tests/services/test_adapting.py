"""A finished draft is said again elsewhere: a new draft, its source chosen plainly, the old one untouched."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.access import Permission
from services.adapting import Adaptation
from services.domain.account import Limits
from services.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, Unavailable
from services.domain.ids import DraftId
from services.domain.post import Brief, DraftState
from services.drafts import Order
from services.ledger import Snapshot
from tests.desk import ANA, BLUESKY, MASTODON, VIC, Desk, make_desk, ref, verbs


@pytest.fixture
async def desk() -> Desk:
    return await make_desk()


def order(snapshot: Snapshot, *wanted: str, **more: object) -> Adaptation:
    made = Adaptation(draft_id=snapshot.draft.id, wanted=wanted)
    return replace(made, **more)  # type: ignore[arg-type]  # the tests name fields of Adaptation


async def adapted(desk: Desk, asked: Adaptation, wish: str = "") -> Snapshot:
    begun = await desk.drafts.begin_adapting(ANA, asked)
    assert begun.state is DraftState.DRAFTING
    return await desk.drafts.compose(ANA, begun.draft.id, wish=wish)


async def test_it_makes_a_new_draft_from_the_text_as_said(desk: Desk) -> None:
    old = await desk.drafted(brief="the release", wanted=("mastodon",))
    assert old.draft.revision is not None
    new = await adapted(desk, order(old, "bluesky"), wish="plainer")
    assert new.draft.id != old.draft.id
    assert new.draft.account_ids == (BLUESKY,)
    assert new.draft.brief == Brief(text="the release", source=old.draft.revision.variants[0].text)
    assert verbs(new) == [f"adapted from draft {old.draft.id}", "drafted"]
    assert new.draft.author == ANA.id
    task = desk.model.tasks[-1]
    assert (task.brief.source, task.wish, task.previous) == (old.draft.revision.variants[0].text, "plainer", None)
    assert await desk.now(old) == old


async def test_the_first_text_that_is_not_written_for_is_taken_or_the_named_one(desk: Desk) -> None:
    old = await desk.drafted()
    assert old.draft.revision is not None
    said = {v.account_id: v.text for v in old.draft.revision.variants}
    assert said[MASTODON] != said[BLUESKY]
    assert (await adapted(desk, order(old, "mastodon"))).draft.brief.source == said[BLUESKY]
    assert (await adapted(desk, order(old, "bluesky"))).draft.brief.source == said[MASTODON]
    assert (await adapted(desk, order(old, "mastodon", "bluesky"))).draft.brief.source == said[MASTODON]
    named = order(old, "mastodon", "bluesky", source="bluesky")
    assert (await adapted(desk, named)).draft.brief.source == said[BLUESKY]
    handle = order(old, "bluesky", source="@driftseas.test")
    with pytest.raises(InvalidInput) as caught:
        await desk.drafts.begin_adapting(ANA, handle)
    assert caught.value.message == f"Draft {old.draft.id} is written for Bluesky already, and for nothing else."


async def test_a_draft_for_one_network_is_not_adapted_to_itself(desk: Desk) -> None:
    old = await desk.drafted(wanted=("mastodon",))
    with pytest.raises(InvalidInput) as caught:
        await desk.drafts.begin_adapting(ANA, order(old, "mastodon"))
    assert caught.value.field == "networks"
    assert caught.value.message == "Draft 1 is written for Mastodon already, and for nothing else."


@pytest.mark.parametrize(
    ("wanted", "source", "field", "message"),
    [
        ((), "", "networks", "No network is named to adapt it for."),
        (("orkut",), "", "networks", "I don't know a network called “orkut”."),
        (("bluesky",), "orkut", "source", "Draft 1 has no text for “orkut”."),
        (("bluesky",), "bluesky", "source", "Draft 1 has no text for “bluesky”."),
    ],
)
async def test_what_can_not_be_meant_is_said_at_its_field(
    desk: Desk, wanted: tuple[str, ...], source: str, field: str, message: str
) -> None:
    old = await desk.drafted(wanted=("mastodon",))
    with pytest.raises(InvalidInput) as caught:
        await desk.drafts.begin_adapting(ANA, order(old, *wanted, source=source))
    assert (caught.value.field, caught.value.message) == (field, message)
    assert caught.value.next_step
    with pytest.raises(NotFound, match="There is no draft 2"):
        await desk.services.board.draft(DraftId("2"))


async def test_a_number_nobody_knows_is_told(desk: Desk) -> None:
    with pytest.raises(NotFound, match=r"There is no draft 77\."):
        await desk.drafts.begin_adapting(ANA, Adaptation(draft_id=DraftId("77"), wanted=("bluesky",)))


async def test_nothing_is_adapted_before_it_is_written(desk: Desk) -> None:
    begun = await desk.drafts.begin(ANA, Order(brief=Brief(text="soon"), wanted=("mastodon",)))
    with pytest.raises(Conflict, match=r"Draft 1 is being written just now\."):
        await desk.drafts.begin_adapting(ANA, order(begun, "bluesky"))
    desk.model.then(Unavailable("No answer."))
    failed = await desk.drafts.compose(ANA, begun.draft.id)
    with pytest.raises(Conflict, match=r"Draft 1 has no text yet\."):
        await desk.drafts.begin_adapting(ANA, order(failed, "bluesky"))


async def test_it_needs_the_right_to_write(desk: Desk) -> None:
    old = await desk.drafted(wanted=("mastodon",))
    with pytest.raises(Forbidden, match=Permission.WRITE.value):
        await desk.drafts.begin_adapting(VIC, order(old, "bluesky"))


async def test_a_persons_words_replace_what_the_brief_said(desk: Desk) -> None:
    old = await desk.drafted(brief="42 % less", wanted=("mastodon",))
    edited = await desk.drafts.edit(ANA, ref(old), texts={MASTODON: "41 % less"})
    new = await adapted(desk, order(edited, "bluesky"))
    assert new.draft.brief == Brief(text="41 % less", source="41 % less")


async def test_a_rewrite_without_a_person_keeps_the_brief(desk: Desk) -> None:
    old = await desk.drafted(brief="42 % less", wanted=("mastodon",))
    begun = await desk.drafts.begin_rewrite(ANA, ref(old))
    again = await desk.drafts.compose(ANA, begun.draft.id, wish="shorter")
    assert (await adapted(desk, order(again, "bluesky"))).draft.brief.text == "42 % less"


async def test_published_rejected_and_archived_drafts_can_be_adapted(desk: Desk) -> None:
    old = await desk.review.archive(ANA, ref(await desk.drafted(wanted=("mastodon",))))
    assert (await adapted(desk, order(old, "bluesky"))).state is DraftState.DRAFT


async def test_a_thread_keeps_its_posts_where_there_are_threads(desk: Desk) -> None:
    old = await desk.drafted(wanted=("mastodon",))
    thread = await desk.drafts.edit(ANA, ref(old), texts={MASTODON: "One\n---\nTwo"})
    assert (await adapted(desk, order(thread, "bluesky"))).draft.brief.parts == 2
    assert desk.model.tasks[-1].targets[0].parts == 2
    assert (await adapted(desk, order(thread, "bluesky", parts=1))).draft.brief.parts == 1
    with pytest.raises(InvalidInput) as caught:
        await desk.drafts.begin_adapting(ANA, order(thread, "bluesky", parts=4))
    assert caught.value.field == "parts"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (0, "A thread has 2 to 15 posts, not 0."),
        (16, "A thread has 2 to 15 posts, not 16."),
        (4, "Mastodon takes threads of at most 3 posts, not 4."),
    ],
)
async def test_a_thread_nobody_takes_is_refused_at_its_field(desk: Desk, parts: int, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await desk.drafts.begin(ANA, Order(brief=Brief(text="x", parts=parts)))
    assert (caught.value.field, caught.value.message) == ("parts", message)


async def test_a_thread_of_the_usual_size_fits_what_there_is(desk: Desk) -> None:
    begun = await desk.drafts.begin(ANA, Order(brief=Brief(text="x", parts=5), exact=False))
    await desk.drafts.compose(ANA, begun.draft.id)
    assert [t.parts for t in desk.model.tasks[-1].targets] == [3, 3]


async def single(desk: Desk, *account_ids: str) -> None:
    """These networks take no threads."""
    for account_id in account_ids:
        account = next(a for a in await desk.store.read(lambda tx: list(tx.accounts.list())) if a.id == account_id)
        limits: Limits = replace(account.limits, thread_parts=1)
        await desk.store.write(lambda tx, a=account, li=limits: tx.accounts.save(replace(a, limits=li)))  # type: ignore[misc]  # a lambda's defaults have no types


async def test_a_network_without_threads_gets_one_post_beside_one_that_has_them(desk: Desk) -> None:
    await single(desk, BLUESKY)
    begun = await desk.drafts.begin(ANA, Order(brief=Brief(text="x", parts=3)))
    await desk.drafts.compose(ANA, begun.draft.id)
    assert [t.parts for t in desk.model.tasks[-1].targets] == [3, 1]
    await single(desk, MASTODON)
    with pytest.raises(InvalidInput) as caught:
        await desk.drafts.begin(ANA, Order(brief=Brief(text="x", parts=3)))
    assert (caught.value.field, caught.value.message) == ("parts", "There are no threads on Mastodon, Bluesky.")


async def test_tone_and_parts_stay_with_the_draft(desk: Desk) -> None:
    asked = Brief(text="x", parts=3, tone="warm")
    begun = await desk.drafts.begin(ANA, Order(brief=asked))
    shown = await desk.drafts.compose(ANA, begun.draft.id)
    assert shown.draft.brief == asked
    assert (await adapted(desk, order(shown, "bluesky"))).draft.brief.tone == "warm"
    assert (await adapted(desk, order(shown, "bluesky", tone="dry"))).draft.brief.tone == "dry"
