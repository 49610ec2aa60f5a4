"""Which cards are up, and who hears that one changed."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from handlers.notifications import EVERYTHING, Changed, Watchers
from handlers.web.events import _stream
from services.domain.delivery import DeliveryState
from services.domain.events import AccountChanged, DeliveryChanged, DraftChanged, PolicyChanged
from services.domain.ids import AccountId, DraftId
from tests.builders import a_delivery, a_log_entry
from tests.fakes.clock import settle
from tests.handlers.world import MASTODON, World, button_id

if TYPE_CHECKING:
    import httpx

    from services.domain.delivery import Delivery


async def shown(world: World) -> list[str]:
    return [c["card_id"] for c in (await world.client.get("/api/cards")).json()["cards"]]


async def put(world: World, state: DeliveryState) -> Delivery:
    row = a_delivery(draft_id=DraftId("1"), account_id=MASTODON, state=state)
    await world.store.write(lambda tx: tx.deliveries.add(row, a_log_entry(state)))
    return row


async def move(world: World, row: Delivery, state: DeliveryState) -> None:
    world.bus.publish(DeliveryChanged(delivery_id=row.id, draft_id=row.draft_id, state=state))


@pytest.mark.parametrize("state", [DeliveryState.NEEDS_HUMAN, DeliveryState.HELD, DeliveryState.FAILED])
async def test_a_delivery_that_waits_for_a_person_has_a_card_until_it_is_settled(
    world: World, state: DeliveryState
) -> None:
    await world.draft()
    row = await put(world, state)
    await move(world, row, state)
    assert set(await shown(world)) == {f"delivery-{row.id}", "draft-1"}
    await move(world, row, state)
    assert len(await shown(world)) == 2
    await move(world, row, DeliveryState.PUBLISHED)
    assert await shown(world) == ["draft-1"]


async def test_ordinary_steps_make_no_card(world: World) -> None:
    await world.draft()
    await shown(world)
    row, commits = await put(world, DeliveryState.SENDING), world.store.commits
    await move(world, row, DeliveryState.SENDING)
    await move(world, row, DeliveryState.PUBLISHED)
    assert await shown(world) == ["draft-1"]
    assert world.store.commits == commits


async def test_a_person_settles_what_nobody_can_tell(world: World) -> None:
    await world.draft()
    row = await put(world, DeliveryState.NEEDS_HUMAN)
    await move(world, row, DeliveryState.NEEDS_HUMAN)
    card = next(
        c for c in (await world.client.get("/api/cards")).json()["cards"] if c["card_id"] == f"delivery-{row.id}"
    )
    assert [b["label"] for b in card["buttons"]] == ["It is live, here is the link", "Not there, send it"]
    live = button_id(card, "It is live, here is the link")
    assert (await world.act(live)).json()["replies"][0]["form"]["fields"][0]["name"] == "url"
    wrong = await world.act(live, fields={"url": "nonsense"})
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (422, "url")
    done = await world.done(live, fields={"url": "https://social.test/@driftseas/1"})
    assert done["state"] == "published"
    late = await world.act(button_id(card, "Not there, send it"))
    assert late.status_code == 409
    assert late.json()["replies"][1]["card"]["state"] == "published"
    assert await shown(world) == ["draft-1"]


async def test_a_decision_that_is_made_leaves_the_copies_in_chat_alone(world: World) -> None:
    await world.draft()
    row = await put(world, DeliveryState.NEEDS_HUMAN)
    await move(world, row, DeliveryState.NEEDS_HUMAN)
    assert f"delivery-{row.id}" in await shown(world)
    (page,) = await world.store.read(lambda tx: tx.cards.shown(f"delivery-{row.id}"))
    copy = replace(page, surface="slack", place="C1:2")
    await world.store.write(lambda tx: tx.cards.put(copy))
    await move(world, row, DeliveryState.PUBLISHED)
    assert await shown(world) == ["draft-1"]
    assert await world.store.read(lambda tx: tx.cards.shown(f"delivery-{row.id}")) == [copy]


async def test_watchers_hear_each_card_once_in_a_batch(world: World) -> None:
    await world.draft()
    await world.door.notifications.catch_up()
    heard: list[Changed] = []

    async def listen() -> None:
        heard.extend([changed async for changed in world.door.watchers.watch()])

    listening = asyncio.create_task(listen())
    await settle()
    world.bus.publish(DraftChanged(draft_id=DraftId("1")), DraftChanged(draft_id=DraftId("1")))
    world.bus.publish(AccountChanged(account_id=AccountId("a")), PolicyChanged())
    await world.door.notifications.catch_up()
    await settle()
    world.door.close()
    await listening
    assert heard == [Changed(card_id="draft-1", draft_id="1"), EVERYTHING]
    assert world.door.watchers.count == 0


async def test_a_watcher_that_lags_is_told_to_look_again() -> None:
    watchers = Watchers()
    watching = watchers.watch()
    first = asyncio.ensure_future(anext(watching))
    await settle()
    for n in range(300):
        watchers.tell(Changed(card_id=f"draft-{n}", draft_id=str(n)))
    assert await first == EVERYTHING
    watchers.close()
    assert [c.draft_id async for c in watching] == [str(n) for n in range(257, 300)]


async def test_the_stream_speaks_server_sent_events(world: World) -> None:
    async with aclosing(_stream(world.door)) as stream:
        assert await anext(stream) == ": watching\n\n"
        coming = asyncio.ensure_future(anext(stream))
        await settle()
        world.door.watchers.tell(Changed(card_id="draft-4", draft_id="4"))
        event, data, *_ = (await coming).split("\n")
        assert event == "event: card"
        assert json.loads(data.removeprefix("data: ")) == {"card_id": "draft-4", "draft_id": "4"}
        quiet = asyncio.ensure_future(anext(stream))
        await world.clock.advance(15)
        assert await quiet == ": still here\n\n"
        last = asyncio.ensure_future(anext(stream, None))
        await settle()
        world.door.close()
        assert await last is None


async def test_what_changed_while_the_page_was_on_its_way_is_told_first(
    world: World, signed_in: httpx.AsyncClient
) -> None:
    await world.draft()
    found = re.search(r'data-seen="(\d+)"', (await signed_in.get("/cards/draft-1")).text)
    assert found is not None
    async with aclosing(_stream(world.door, int(found[1]))) as stream:
        assert await anext(stream) == ": watching\n\n"
        coming = asyncio.ensure_future(anext(stream))
        await settle()
        world.door.watchers.tell(Changed(card_id="draft-1", draft_id="1"))
        assert (await coming).startswith("event: card")
    world.bus.publish(DraftChanged(draft_id=DraftId("1")))
    await world.door.notifications.catch_up()
    async with aclosing(_stream(world.door, int(found[1]))) as stream:
        assert await anext(stream) == ": watching\n\n"
        assert await anext(stream) == "event: reload\ndata: {}\n\n"


async def test_the_open_door_works_off_events_by_itself(world: World) -> None:
    async with world.app.router.lifespan_context(world.app):
        await world.draft()
        await settle()
        listed = await world.store.read(lambda tx: [c.card_id for c in tx.cards.list(surface="web")])
        assert listed == ["draft-1"]


async def test_what_was_missed_is_put_up_at_the_start(world: World) -> None:
    world.bus.listeners.clear()
    await world.draft()
    row = await put(world, DeliveryState.NEEDS_HUMAN)
    assert await shown(world) == []
    await world.door.notifications.recover()
    assert set(await shown(world)) == {f"delivery-{row.id}", "draft-1"}
    commits = world.store.commits
    await world.door.notifications.recover()
    assert world.store.commits == commits
