"""Reading the desk: pages that miss and repeat nothing, whatever the state people ask for."""

from __future__ import annotations

import pytest

from services.domain.delivery import DeliveryState
from services.domain.errors import NotFound
from services.domain.ids import DeliveryId, DraftId
from services.domain.insight import Finding
from services.domain.post import DraftState
from services.ports.storage import ShownCard
from tests.builders import a_shown_card
from tests.desk import BO, MASTODON, Desk, make_desk, ref

S = DeliveryState


@pytest.fixture
async def desk() -> Desk:
    return await make_desk()


async def crowd(desk: Desk) -> dict[str, DraftState]:
    """Twelve drafts whose states people see differ though most are stored alike."""
    states = {}
    for _ in range(4):
        states[(await desk.drafted()).draft.id] = DraftState.DRAFT
        scheduled = await desk.scheduled(wanted=("mastodon",))
        states[scheduled.draft.id] = DraftState.SCHEDULED
        sent = await desk.scheduled(wanted=("mastodon",))
        await desk.played(sent.deliveries[0].id, S.SENDING, S.PUBLISHED, live=1)
        states[sent.draft.id] = DraftState.PUBLISHED
    return {str(key): value for key, value in states.items()}


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 50])
@pytest.mark.parametrize(
    "wanted",
    [None, {DraftState.DRAFT}, {DraftState.PUBLISHED}, {DraftState.SCHEDULED, DraftState.DRAFT}, {DraftState.FAILED}],
)
async def test_pages_give_every_draft_of_the_wanted_states_once_newest_first(
    desk: Desk, limit: int, wanted: set[DraftState] | None
) -> None:
    truth = await crowd(desk)
    seen: list[str] = []
    before: DraftId | None = None

    while page := await desk.services.board.drafts(states=wanted, before=before, limit=limit):
        assert len(page) <= limit
        seen += [s.draft.id for s in page]
        before = page[-1].draft.id

    expected = [i for i, state in truth.items() if wanted is None or state in wanted]
    assert seen == sorted(expected, key=int, reverse=True)


async def test_no_room_on_a_page_is_an_empty_page(desk: Desk) -> None:
    await desk.drafted()

    assert await desk.services.board.drafts(limit=0) == []


async def test_a_draft_is_found_by_number_and_by_words(desk: Desk) -> None:
    for brief in ("the Spring   release", "a quiet week", "the autumn release"):
        await desk.drafted(brief=brief)

    async def found(words: str) -> list[str]:
        return [s.draft.id for s in await desk.services.board.search(words)]

    assert await found("#2") == ["2"]
    assert await found(" spring release ") == ["1"]
    assert await found("RELEASE") == ["3", "2", "1"]  # the scripted outline's topic is "The release"
    assert await found("nothing like it") == []


async def test_search_gives_at_most_five(desk: Desk) -> None:
    for _ in range(7):
        await desk.drafted()

    assert [s.draft.id for s in await desk.services.board.search("release")] == ["7", "6", "5", "4", "3"]


async def test_a_delivery_comes_with_its_log_and_its_account(desk: Desk) -> None:
    scheduled = await desk.scheduled(wanted=("mastodon",))
    delivery = await desk.played(scheduled.deliveries[0].id, S.SENDING)

    record = await desk.services.board.delivery(delivery.id)
    (listed,) = await desk.services.board.deliveries(states={S.SENDING})
    await desk.disconnect(MASTODON)
    alone = await desk.services.board.delivery(delivery.id)

    assert [(e.from_state, e.to_state) for e in record.log] == [(None, S.SCHEDULED), (S.SCHEDULED, S.SENDING)]
    assert record.account is not None
    assert listed == record
    assert alone.account is None


async def test_the_channels_cards_come_newest_first_with_what_they_show(desk: Desk) -> None:
    scheduled = await desk.scheduled(wanted=("mastodon",))
    other = await desk.drafted()
    cards: list[ShownCard] = [
        a_shown_card(card_id="draft-1"),
        a_shown_card(card_id="delivery-1", kind="delivery", delivery_id=scheduled.deliveries[0].id),
        a_shown_card(card_id="draft-2", draft_id=other.draft.id),
        a_shown_card(card_id="draft-9", draft_id=DraftId("9")),
    ]
    for card in cards:
        await desk.store.write(lambda tx, c=card: tx.cards.put(c))  # type: ignore[misc]  # a default binds the loop's value

    items = await desk.services.board.shown(surface="web")

    assert {i.card.card_id: (i.snapshot and i.snapshot.draft.id, i.record is not None) for i in items} == {
        "draft-1": ("1", False),
        "delivery-1": ("1", True),
        "draft-2": ("2", False),
    }
    assert await desk.services.board.shown(surface="slack") == []


async def test_what_is_not_there_is_said_to_be_not_there(desk: Desk) -> None:
    for reading in (
        desk.services.board.draft(DraftId("5")),
        desk.services.board.revisions(DraftId("5")),
        desk.services.board.delivery(DeliveryId("x")),
    ):
        with pytest.raises(NotFound):
            await reading


async def test_every_version_is_listed_oldest_first(desk: Desk) -> None:
    done = await desk.drafted()
    await desk.drafts.edit(BO, ref(done), texts={MASTODON: "Other."})

    assert [r.number for r in await desk.services.board.revisions(done.draft.id)] == [1, 2]


async def test_what_was_learned_since_the_digest_comes_first() -> None:
    desk = await make_desk()
    known = Finding(kind="slot", text="Tuesdays at 9 earn twice as much.", posts=41, basis="41 posts, 28 days")
    board, now = desk.services.board, desk.clock.now()

    assert (await board.outlook(now=now, zone="UTC")).finding is None
    assert (await board.outlook(now=now, zone="UTC", learned=known)).finding == known
