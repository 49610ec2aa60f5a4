"""Live posts: corrected or taken down once, by whoever may, with every fault leaving what is true written down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from services.content.writer import Writer
from services.domain.actor import Role
from services.domain.delivery import DeliveryState
from services.domain.errors import Conflict, Forbidden, InvalidInput, NeedsReauth, NotFound, Refused, Unavailable
from services.domain.events import DeliveryChanged, DraftChanged
from services.domain.ids import DeliveryId, PersonId, PlatformSlug
from services.publishing.aftercare import Aftercare
from tests.builders import a_brand, a_person
from tests.fakes.platform import Act, script
from tests.fakes.text_model import ScriptedModel
from tests.services.publishing.world import ACCOUNT, ADA, BO, World

if TYPE_CHECKING:
    from services.domain.actor import Workspace
    from services.domain.delivery import Delivery

ANA = a_person(id=PersonId("ana"), name="Ana", role=Role.AUTHOR)


@dataclass(kw_only=True)
class Live:
    """A post that is public, and what can be done with it."""

    world: World
    care: Aftercare
    id: DeliveryId

    async def row(self) -> Delivery:
        return await self.world.row(self.id)

    async def notes(self) -> list[str]:
        return [entry.note for entry in (await self.world.log(self.id))]

    async def policy(self, workspace: Workspace) -> None:
        await self.world.store.write(lambda tx: tx.save_workspace(workspace))


async def live(*parts: str) -> Live:
    world = World()
    await world.store.write(lambda tx: tx.brands.put(a_brand()))
    delivery_id = await world.plan(*(parts or ("Ships today.",)))
    await world.finish()
    slug = PlatformSlug("mastodon")
    writer = Writer(ScriptedModel(), {slug: world.connections.spec(slug)}, world.clock)
    care = Aftercare(store=world.store, connections=world.connections, writer=writer, clock=world.clock, bus=world.bus)
    world.network.calls.clear()
    return Live(world=world, care=care, id=delivery_id)


async def test_taking_down_deletes_it_and_says_who_did() -> None:
    post = await live()
    row = await post.care.take_down(BO, post.id)
    assert (row.state, row.live, post.world.network.posts) == (DeliveryState.PUBLISHED, (), [])
    assert row.receipts[0].taken_down_at == post.world.clock.now()
    assert await post.row() == row
    assert (await post.notes())[-1] == "Taken down by Bo."
    audit = await post.world.store.read(lambda tx: tx.drafts.audit(row.draft_id))
    assert audit[-1].verb == "took down the post on Mastodon"
    assert post.world.bus.of(DeliveryChanged)[-1].delivery_id == post.id
    assert post.world.bus.of(DraftChanged)[-1].draft_id == row.draft_id


async def test_a_thread_goes_from_its_end_and_a_fault_keeps_what_is_gone() -> None:
    post = await live("One.", "Two.", "Three.")
    post.world.network.changes = script([Act.OK, Act.UNAVAILABLE])
    with pytest.raises(Unavailable):
        await post.care.take_down(BO, post.id)
    assert [receipt.part for receipt in (await post.row()).live] == [0, 1]
    await post.care.take_down(BO, post.id)
    assert post.world.network.calls == ["delete p3", "delete p2", "delete p2", "delete p1"]
    assert (await post.notes())[-3:] == [
        "Taken down part 3 of 3 by Bo.",
        "Taken down part 2 of 3 by Bo.",
        "Taken down part 1 of 3 by Bo.",
    ]


async def test_what_is_gone_can_not_be_taken_down_again() -> None:
    post = await live()
    await post.care.take_down(BO, post.id)
    with pytest.raises(Conflict, match="Nothing of this is live"):
        await post.care.take_down(BO, post.id)
    assert post.world.network.calls == ["delete p1"]


async def test_it_takes_the_right_to_publish() -> None:
    post = await live()
    with pytest.raises(Forbidden):
        await post.care.take_down(ANA, post.id)
    with pytest.raises(Forbidden):
        await post.care.correct(ANA, post.id, "Other words.")
    assert post.world.network.calls == []


async def test_what_is_not_here_or_on_its_way_is_left_alone() -> None:
    post = await live()
    with pytest.raises(NotFound):
        await post.care.take_down(BO, DeliveryId("none"))
    waiting = await post.world.plan("Later.")
    with pytest.raises(Conflict, match="on its way"):
        await post.care.take_down(BO, waiting)


async def test_an_ended_token_is_renewed_once_and_a_revoked_one_is_told_to_the_account() -> None:
    post = await live()
    post.world.network.changes = script([Act.EXPIRED])
    await post.care.take_down(BO, post.id)
    assert post.world.connections.refreshed == [ACCOUNT]
    other = await live()
    other.world.network.changes = script([Act.REVOKED])
    with pytest.raises(NeedsReauth):
        await other.care.take_down(BO, other.id)
    assert [account for account, _ in other.world.connections.reported] == [ACCOUNT]
    assert len((await other.row()).live) == 1


async def test_a_network_that_lets_no_app_do_it_says_where_to_do_it() -> None:
    post = await live()
    post.world.network.lets_change = False
    with pytest.raises(Refused) as down:
        await post.care.take_down(BO, post.id)
    assert down.value.fix == "Do it on Mastodon itself: https://social.test/p1"
    with pytest.raises(Refused, match="lets no app change a post"):
        await post.care.correct(BO, post.id, "Other words.")


async def test_correcting_changes_the_words_and_keeps_the_post() -> None:
    post = await live()
    row = await post.care.correct(BO, post.id, "Ships tomorrow.")
    assert post.world.network.texts == ["Ships tomorrow."]
    assert (row.words(row.receipts[0]), row.variant.text) == ("Ships tomorrow.", "Ships today.")
    assert (await post.notes())[-1] == "Corrected by Bo."
    assert await post.row() == row


async def test_only_the_part_that_differs_is_sent_and_the_same_words_send_nothing() -> None:
    post = await live("One.", "Two.")
    await post.care.correct(BO, post.id, "One.\n---\nTwo and a half.")
    await post.care.correct(BO, post.id, "One.\n---\nTwo and a half.")
    assert post.world.network.calls == ["edit p2"]
    assert (await post.notes())[-1] == "Corrected part 2 of 2 by Bo."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("One.\n---\nTwo.", "The post has 1 part, your text 2 parts."),
        ("", "The post has 1 part, your text 0 parts."),
        ("a" * 501, "501 of 500 characters"),
        ("It is revolutionary.", "revolutionary"),
    ],
)
async def test_words_that_could_not_be_approved_cannot_be_put_there(text: str, message: str) -> None:
    post = await live()
    await post.world.store.write(lambda tx: tx.brands.put(a_brand(banned_words=("revolutionary",))))
    with pytest.raises(InvalidInput) as caught:
        await post.care.correct(BO, post.id, text)
    assert message in caught.value.message
    assert caught.value.field == f"text.{ACCOUNT}"
    assert post.world.network.calls == []


async def test_under_four_eyes_nobody_corrects_alone() -> None:
    post = await live()
    workspace = await post.world.store.read(lambda tx: tx.workspace())
    await post.policy(replace(workspace, four_eyes=True))
    for person in (ADA, BO):
        with pytest.raises((Conflict, Forbidden), match=r"[Ff]our eyes"):
            await post.care.correct(person, post.id, "Other words.")
    await post.care.take_down(BO, post.id)
    with pytest.raises(Conflict):
        await post.care.correct(BO, post.id, "Other words.")


async def test_what_is_half_taken_down_is_not_corrected() -> None:
    post = await live("One.", "Two.")
    post.world.network.changes = script([Act.OK, Act.UNAVAILABLE])
    with pytest.raises(Unavailable):
        await post.care.take_down(BO, post.id)
    with pytest.raises(Conflict, match="Not all of this is live"):
        await post.care.correct(BO, post.id, "Uno.\n---\nTwo.")
