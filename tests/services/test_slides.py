"""Several pictures and videos of one draft: brought, arranged, described, taken away."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from services.domain.account import VideoLimits
from services.domain.errors import Conflict, Forbidden, InvalidInput
from services.domain.ids import Digest
from services.domain.media import PictureWish, source_of
from services.domain.post import DraftState
from services.media.intake import Brought
from tests.builders import a_media_item, a_video_item
from tests.desk import ANA, BLUESKY, BO, MASTODON, VIC, Desk, make_desk, ref, verbs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from services.domain.ids import AccountId
    from services.ledger import Snapshot
    from services.ports.storage import Transaction

FILMS = VideoLimits(size=1 << 30)


@pytest.fixture
async def desk() -> Desk:
    """Mastodon shows four pictures or a video, Bluesky two pictures."""
    found = await make_desk()
    await takes(found, MASTODON, images=4, video=FILMS)
    await takes(found, BLUESKY, images=2)
    return found


async def takes(desk: Desk, account_id: AccountId, **limits: Any) -> None:
    def work(tx: Transaction) -> None:
        account = tx.accounts.get(account_id)
        assert account is not None
        tx.accounts.save(replace(account, limits=replace(account.limits, **limits)))

    await desk.store.write(work)


def brought(*names: str) -> list[Brought]:
    """Pictures, and videos where the name begins with v."""
    made = (a_video_item if name.startswith("v") else a_media_item for name in names)
    return [Brought(item=make(digest=Digest(name))) for make, name in zip(made, names, strict=True)]


def seen(snapshot: Snapshot) -> dict[str, str]:
    """What each account shows, and all there is."""
    revision = snapshot.draft.revision
    assert revision is not None
    shown = {v.account_id: " ".join(source_of(m).digest for m in v.media) for v in revision.variants}
    return {
        "mastodon": shown[MASTODON],
        "bluesky": shown[BLUESKY],
        "all": " ".join(source_of(s.first).digest for s in revision.slides),
    }


async def added(desk: Desk, snapshot: Snapshot, *names: str, alts: tuple[str, ...] = ()) -> Snapshot:
    return await desk.illustration.attach(ANA, ref(snapshot), brought(*names), alts)


async def test_each_network_shows_as_many_as_it_takes_in_their_order(desk: Desk) -> None:
    one = await added(desk, await desk.drafted(), "p1", "p2", "p3", alts=("A pier", " A gull "))
    assert seen(one) == {"mastodon": "p1 p2 p3", "bluesky": "p1 p2", "all": "p1 p2 p3"}
    assert verbs(one)[-1] == "added 3 pictures"
    assert one.draft.revision is not None
    assert [m.alt for m in one.draft.revision.variants[0].media] == ["A pier", "A gull", ""]

    two = await added(desk, one, "p4")
    assert seen(two) == {"mastodon": "p1 p2 p3 p4", "bluesky": "p1 p2", "all": "p1 p2 p3 p4"}
    assert verbs(two)[-1] == "added a picture"


async def test_a_video_goes_to_the_front_and_the_others_keep_their_pictures(desk: Desk) -> None:
    one = await added(desk, await desk.drafted(), "p1", "p2")
    two = await added(desk, one, "v3")
    assert seen(two) == {"mastodon": "v3", "bluesky": "p1 p2", "all": "v3 p1 p2"}
    assert verbs(two)[-1] == "added a video"


async def test_another_order_shows_others(desk: Desk) -> None:
    there = await added(desk, await desk.drafted(), "p1", "p2", "v3")
    assert seen(there)["mastodon"] == "p1 p2"
    turned = await desk.illustration.arrange(ANA, ref(there), [3, 2, 1])
    assert seen(turned) == {"mastodon": "v3", "bluesky": "p2 p1", "all": "v3 p2 p1"}
    fewer = await desk.illustration.arrange(ANA, ref(turned), [2])
    assert seen(fewer) == {"mastodon": "p2", "bluesky": "p2", "all": "p2"}
    assert [verbs(one)[-1] for one in (turned, fewer)] == ["arranged what is shown", "took away a video and a picture"]
    same = await desk.illustration.arrange(ANA, ref(fewer), [1])
    assert same.revisions == fewer.revisions


@pytest.mark.parametrize(
    ("order", "message"),
    [([3], "There is no 3."), ([0, 1], "There is no 0."), ([1, 2, 1], "A number stands there twice.")],
)
async def test_an_order_that_is_none_is_refused(desk: Desk, order: list[int], message: str) -> None:
    there = await added(desk, await desk.drafted(), "p1", "p2")
    with pytest.raises(InvalidInput, match=message) as caught:
        await desk.illustration.arrange(ANA, ref(there), order)
    assert (caught.value.field, caught.value.next_step) == ("order", "Use the numbers 1 to 2.")


async def test_more_than_any_network_shows_is_kept_to_choose_from(desk: Desk) -> None:
    there = await added(desk, await desk.drafted(), "p1", "p2", "p3", "p4", "p5")
    assert seen(there) == {"mastodon": "p1 p2 p3 p4", "bluesky": "p1 p2", "all": "p1 p2 p3 p4 p5"}
    more = await added(desk, there, "p6")
    assert seen(more)["all"] == "p1 p2 p3 p4 p5 p6"
    chosen = await desk.illustration.arrange(ANA, ref(more), [5, 1, 2, 3, 4])
    assert seen(chosen)["mastodon"] == "p5 p1 p2 p3"


async def test_the_log_tells_what_came_moved_and_went(desk: Desk) -> None:
    there = await added(desk, await desk.drafted(), "p1", "p2", "v3", "v4")
    turned = await desk.illustration.arrange(ANA, ref(there), [4, 2])
    again = await added(desk, turned, "p2", "v4")
    fewer = await desk.illustration.arrange(ANA, ref(await added(desk, again, "p5", "p6")), [4, 3, 2])
    assert verbs(fewer)[-5:] == [
        "added 2 pictures and 2 videos",
        "arranged what is shown and took away a picture and a video",
        "moved a picture and a video",
        "added 2 pictures",
        "arranged what is shown and took away a picture",
    ]


async def test_too_many_are_refused_and_nothing_changes(desk: Desk) -> None:
    there = await added(desk, await desk.drafted(), *(f"p{n}" for n in range(35)))
    with pytest.raises(InvalidInput, match="There would be 36 pictures and videos; 35 is the most"):
        await added(desk, there, "p36")
    again = await desk.services.board.draft(there.draft.id)
    assert (again.revisions, seen(again)) == (there.revisions, seen(there))


async def test_a_change_voids_the_approval_and_only_writers_make_one(desk: Desk) -> None:
    there = await added(desk, await desk.drafted(), "p1", "p2")
    approved = await desk.review.approve(BO, ref(there))
    assert approved.state is DraftState.APPROVED
    turned = await desk.illustration.arrange(ANA, ref(approved), [2, 1])
    assert (turned.state, turned.draft.approval) == (DraftState.DRAFT, None)
    with pytest.raises(Forbidden):
        await desk.illustration.arrange(VIC, ref(turned), [1])
    for old in ([1], [1, 2, 3]):
        with pytest.raises(Conflict, match="This card showed version 2, the draft is at version 3"):
            await desk.illustration.arrange(ANA, ref(there), old)


async def test_words_are_given_by_place_and_reach_every_network(desk: Desk) -> None:
    there = await added(desk, await desk.drafted(), "v1", "p2")
    said = await desk.drafts.edit(ANA, ref(there), texts={}, alts={0: "Waves", 1: " A pier "})
    assert said.draft.revision is not None
    assert [[m.alt for m in v.media] for v in said.draft.revision.variants] == [["Waves"], ["A pier"]]
    assert [s.first.alt for s in said.draft.revision.slides] == ["Waves", "A pier"]
    turned = await desk.illustration.arrange(ANA, ref(said), [2, 1])
    assert turned.draft.revision is not None
    assert turned.draft.revision.variants[0].media[0].alt == "A pier"
    with pytest.raises(InvalidInput, match="shows only 2"):
        await desk.drafts.edit(ANA, ref(turned), texts={}, alts={2: "Nothing"})


@pytest.mark.parametrize("length", [1500, 1501])
async def test_an_endless_description_is_refused_at_its_field(desk: Desk, length: int) -> None:
    there = await added(desk, await desk.drafted(), "p1", "p2")
    tries: dict[str, Callable[[], Awaitable[Snapshot]]] = {
        "alt": lambda: added(desk, there, "p3", alts=("x" * length,)),
        "alt.2": lambda: desk.drafts.edit(ANA, ref(there), texts={}, alts={1: "x" * length}),
    }
    for field, attempt in tries.items():
        there = await desk.services.board.draft(there.draft.id)
        if length <= 1500:
            await attempt()
            continue
        with pytest.raises(InvalidInput, match="The description has 1,501 characters; 1,500 is the most") as caught:
            await attempt()
        assert caught.value.field == field


async def test_slides_survive_a_rewrite_a_copy_and_an_earlier_version(desk: Desk) -> None:
    there = await added(desk, await desk.drafted(), "p1", "p2", "p3")
    begun = await desk.drafts.begin_rewrite(ANA, ref(there))
    anew = await desk.drafts.compose(ANA, begun.draft.id, wish="shorter")
    assert seen(anew) == seen(there)
    assert seen(await desk.drafts.duplicate(ANA, ref(anew))) == seen(there)
    bare = await desk.illustration.remove(ANA, ref(anew))
    assert (seen(bare)["all"], verbs(bare)[-1]) == ("", "removed 3 pictures")
    assert seen(await desk.drafts.restore(ANA, ref(bare), there.revisions)) == seen(there)


async def test_a_painted_picture_joins_what_was_brought_and_gives_way_to_what_comes(desk: Desk) -> None:
    there = await added(desk, await desk.drafted(), "p1")
    begun = await desk.illustration.begin(ANA, ref(there), PictureWish(prompt="a pier"))
    made = await desk.illustration.make(ANA, begun.draft.id)
    assert made.draft.revision is not None
    assert [s.made for s in made.draft.revision.slides] == [False, True]
    assert [len(v.media) for v in made.draft.revision.variants] == [2, 2]
    more = await added(desk, made, "p2")
    assert seen(more)["all"] == "p1 p2"
    assert verbs(more)[-1] == "added a picture in place of the painted one"


async def test_where_all_places_are_taken_no_picture_is_painted(desk: Desk) -> None:
    there = await added(desk, await desk.drafted(), "p1", "p2", "p3", "p4")
    with pytest.raises(Conflict, match="as many pictures as it takes"):
        await desk.illustration.begin(ANA, ref(there), PictureWish())


async def test_a_picture_is_painted_beside_pictures_that_stand_before_a_video(desk: Desk) -> None:
    await takes(desk, BLUESKY, video=FILMS)
    there = await added(desk, await desk.drafted(), "p1", "v2")
    begun = await desk.illustration.begin(ANA, ref(there), PictureWish(prompt="a pier"))
    made = await desk.illustration.make(ANA, begun.draft.id)
    assert verbs(made)[-1] == "made a picture"
    assert made.draft.revision is not None
    assert [
        [s.made for s in made.draft.revision.slides if s.yields(m)] for m in made.draft.revision.variants[0].media
    ] == [
        [False],
        [True],
    ]
    turned = await desk.illustration.arrange(ANA, ref(made), [2, 1, 3])
    with pytest.raises(Conflict, match="shows the video"):
        await desk.illustration.begin(ANA, ref(turned), PictureWish())


async def test_no_picture_is_painted_that_would_be_one_too_many(desk: Desk) -> None:
    await takes(desk, MASTODON, images=40)
    there = await added(desk, await desk.drafted(), *(f"p{n}" for n in range(35)))
    with pytest.raises(Conflict, match="There are 35 pictures and videos, and 35 is the most") as caught:
        await desk.illustration.begin(ANA, ref(there), PictureWish())
    assert caught.value.next_step == "Take one away first."


def drawn(width: int, height: int, colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "PNG")
    return out.getvalue()


async def test_each_picture_is_fitted_to_each_network_and_fitted_anew_from_what_came(desk: Desk) -> None:
    await takes(desk, BLUESKY, image_ratio=(1.0, 1.0))
    items = [(await desk.services.media.accept(drawn(*one))) for one in ((40, 20, "red"), (20, 40, "blue"))]
    there = await desk.illustration.attach(ANA, ref(await desk.drafted()), items, ())
    assert there.draft.revision is not None
    wide, square = (v.pictures for v in there.draft.revision.variants)
    assert [(p.item.width, p.item.height, p.fitted) for p in wide] == [(40, 20, ""), (20, 40, "")]
    assert [(p.item.width, p.item.height, p.fitted) for p in square] == [(20, 20, "cropped to 1:1")] * 2
    assert desk.workers.done.count("fitted_picture") == 2
    turned = await desk.illustration.arrange(ANA, ref(there), [2, 1])
    assert desk.workers.done.count("fitted_picture") == 2, "what is there is not made again"
    assert turned.draft.revision is not None
    assert turned.draft.revision.variants[1].pictures == tuple(reversed(square))
    stored = await desk.store.read(lambda tx: [tx.media.get(p.item.digest) for p in square])
    assert stored == [p.item for p in square]
