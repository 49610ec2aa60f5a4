"""What waits: oldest first, decided in place, filtered, paged, empty and crowded."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from handlers.web.approvals import PAGE
from services.domain.delivery import DeliveryState
from services.domain.ids import AccountId, DeliveryId, DraftId, PlatformSlug
from tests.builders import a_delivery, a_draft, a_log_entry, a_variant
from tests.handlers.visiting import follow, press, text_of, words_of
from tests.handlers.world import BLUESKY, MASTODON, World, button_id

if TYPE_CHECKING:
    import httpx

    from services.ports.storage import Transaction

ATTACK = "<img src=x onerror=alert(1)> & so on"


def order(page: str) -> list[str]:
    return re.findall(r'<article class="galley[^"]*" id="([^"]+)"', page)


async def question(
    world: World,
    state: DeliveryState,
    ident: str = "d1",
    *,
    of: str = "1",
    account: AccountId = MASTODON,
    revision: int = 1,
) -> None:
    """A delivery of a draft in this state."""
    platform = PlatformSlug("bluesky" if account == BLUESKY else "mastodon")
    row = a_delivery(
        id=DeliveryId(ident),
        draft_id=DraftId(of),
        account_id=account,
        platform=platform,
        variant=a_variant(account_id=account, platform=platform, parts=(ATTACK,)),
        revision=revision,
        problem="Who knows.",
    )

    def add(tx: Transaction) -> None:
        tx.deliveries.add(replace(row, state=state), a_log_entry())

    await world.store.write(add)


async def test_nothing_waits(signed_in: httpx.AsyncClient) -> None:
    page = await text_of(signed_in, "/approvals")
    assert "Nothing waits for you" in page
    assert "Show</button>" not in page
    assert 'aria-current="page">Approvals <span' in page


async def test_the_oldest_comes_first_with_the_decision_in_reach(world: World, signed_in: httpx.AsyncClient) -> None:
    for text in ("First of all", "Second thoughts"):
        await world.draft(text)
        await world.clock.advance(600)
    page = await text_of(signed_in, "/approvals")
    assert order(page) == ["draft-1", "draft-2"]
    words = words_of(page)
    assert "2 drafts, oldest first" in words
    assert "Draft 1 · version 1 · by owner · waits since 10:00" in words
    assert "Mastodon @driftseas@social.test 24 of 500" in words
    first = page.split('id="draft-1"')[1].split('id="draft-2"')[0]
    assert re.findall(r'class="button [a-z]+"[^>]*>([^<]+)<', first) == ["Approve", "Edit", "Reject", "Open"]


async def test_approving_comes_back_here(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.draft("First of all")
    await world.draft("Second thoughts")
    page = await text_of(signed_in, "/approvals")
    told = await follow(signed_in, await press(signed_in, page, "Approve"))
    assert "Draft 1: approved." in told
    assert order(told) == ["draft-2"]
    assert (await world.client.get("/api/drafts/1")).json()["state"] == "approved"


async def test_sending_back_asks_why_and_comes_back_here(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.draft("First of all")
    page = await text_of(signed_in, "/approvals")
    link = next(m for m in re.findall(r'href="(/form\?[^"]+)"', page) if "reject" in m)
    form = await text_of(signed_in, link)
    answer = await press(signed_in, form, "Why?", reason="Too salesy")
    assert answer.headers["location"].startswith("/approvals?")
    assert "Draft 1: rejected." in await follow(signed_in, answer)


async def test_what_lost_the_race_is_told(world: World, signed_in: httpx.AsyncClient) -> None:
    card = await world.draft("First of all")
    page = await text_of(signed_in, "/approvals")
    await world.done(button_id(card, "Approve"), **{"as": "Bo"})
    told = await follow(signed_in, await press(signed_in, page, "Approve"))
    assert "Already approved by Bo at 10:00." in words_of(told)


async def test_what_needs_a_change_says_so_and_has_no_approve(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.draft("long " * 100)
    page = await text_of(signed_in, "/approvals")
    assert "Needs a change" in words_of(page)
    assert ">Approve<" not in page
    assert ">Edit<" in page


async def test_the_filters_hold(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.say("draft Ana's own for mastodon", **{"as": "Ana"})
    await world.say("draft Bo's own for bluesky", **{"as": "Bo"})
    assert order(await text_of(signed_in, "/approvals?network=mastodon")) == ["draft-1"]
    assert order(await text_of(signed_in, "/approvals?author=Bo")) == ["draft-2"]
    page = await text_of(signed_in, "/approvals?author=Bo")
    assert "<option selected>Bo</option>" in page
    assert 'name="back" value="/approvals?author=Bo"' in page
    none = await text_of(signed_in, "/approvals?author=Bo&network=mastodon")
    assert "Nothing of these waits for you" in none
    assert order(none) == []


async def test_a_crowd_is_paged(world: World, signed_in: httpx.AsyncClient) -> None:
    for number in range(23):
        await world.draft(f"Number {number}")
    first = await text_of(signed_in, "/approvals")
    assert order(first) == [f"draft-{n}" for n in range(1, 11)]
    assert "1 to 10 of 23" in words_of(first)
    assert "Older ones" not in first
    last = await text_of(signed_in, "/approvals?page=3")
    assert order(last) == ["draft-21", "draft-22", "draft-23"]
    assert "Newer ones" not in last
    assert 'href="/approvals?page=2">Older ones' in last


@pytest.mark.parametrize("number", ["0", "-1", "x", "٣", "9" * 40])
async def test_a_page_that_is_none_is_the_first(world: World, signed_in: httpx.AsyncClient, number: str) -> None:
    await world.draft()
    assert order(await text_of(signed_in, f"/approvals?page={number}")) == ["draft-1"]


async def test_the_last_decision_of_the_last_page_leads_to_the_page_before(
    world: World, signed_in: httpx.AsyncClient
) -> None:
    for number in range(11):
        await world.draft(f"Number {number}")
    page = await text_of(signed_in, "/approvals?page=2")
    assert order(page) == ["draft-11"]
    told = await follow(signed_in, await press(signed_in, page, "Approve"))
    assert "Draft 11: approved." in told
    assert order(told) == [f"draft-{n}" for n in range(1, 11)]
    assert "Nothing waits for you" not in told


async def test_a_name_of_two_words_leads_back_to_its_filter(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.say("draft Hers alone", **{"as": "Ana María"})
    page = await text_of(signed_in, "/approvals?author=Ana+Mar%C3%ADa")
    answer = await press(signed_in, page, "Approve")
    assert answer.headers["location"].startswith("/approvals?author=Ana+Mar%C3%ADa&said=")


async def test_a_question_stands_before_the_drafts(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.draft("First of all")
    await question(world, DeliveryState.NEEDS_HUMAN)
    source = (await signed_in.get("/approvals")).text
    assert order(source) == ["delivery-d1", "draft-1"]
    assert "<img src=x" not in source
    words = words_of(source)
    assert "It may be live on Mastodon" in words
    assert "Who knows." in words
    assert "It is live, here is the link" in words


async def test_a_held_post_is_let_go_from_here(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.draft("First of all")
    await question(world, DeliveryState.HELD)
    page = await text_of(signed_in, "/approvals")
    answer = await press(signed_in, page, "Send it<")
    assert answer.headers["location"].startswith("/approvals?")
    row = await world.store.read(lambda tx: tx.deliveries.get(DeliveryId("d1")))
    assert row is not None
    assert row.state is DeliveryState.SCHEDULED


async def test_the_rail_counts_what_is_listed_here(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.draft("First of all")
    await question(world, DeliveryState.HELD)
    await world.draft("Second thoughts")
    await question(world, DeliveryState.FAILED, "d2", of="2")  # it asks nothing: its own page tells what to change
    await world.store.write(lambda tx: tx.drafts.add(a_draft(id=DraftId("9"), revision=None)))  # nothing to decide on
    source = (await signed_in.get("/approvals")).text
    assert order(source) == ["delivery-d1", "draft-1", "draft-2"]
    assert re.findall(r'id="rail-count">(\d+)<', source) == ["3"]


async def test_the_queue_has_everything_by_state(world: World, signed_in: httpx.AsyncClient) -> None:
    assert "The desk is empty" in await text_of(signed_in, "/queue")
    waiting = await world.draft("Waits still")
    approved = await world.draft("Approved already")
    planned = await world.draft("Planned for later")
    assert waiting["draft_id"] == "1"
    await world.done(button_id(approved, "Approve"))
    card = await world.done(button_id(planned, "Approve"))
    await world.done(button_id(card, "Schedule"), fields={"when": "2026-03-05T09:00+01:00"})
    page = await text_of(signed_in, "/queue")
    groups = re.findall(r"<h2 id=\"g-\d\"[^>]*>([^<]+) <span", page)
    assert groups == ["Waits for approval", "Approved, without a time", "Scheduled"]
    assert "Thu 5 Mar 09:00" in words_of(page)
    assert re.findall(r'href="/drafts/(\d)"', page) == ["1", "2", "3"]


@pytest.mark.parametrize("path", ["/approvals", "/queue", "/deliveries", "/accounts", "/brand", "/drafts/1"])
async def test_strangers_see_nothing(world: World, path: str) -> None:
    await world.draft("A secret plan")
    answer = await world.stranger.get(path)
    assert answer.status_code == 401
    assert "secret" not in answer.text
    assert BLUESKY not in answer.text


async def test_questions_behind_the_first_are_counted_and_found_by_network(
    world: World, signed_in: httpx.AsyncClient
) -> None:
    await world.draft("First of all")
    for number in range(PAGE + 1):
        await question(world, DeliveryState.NEEDS_HUMAN, f"d{number:02}", account=AccountId(f"acc-{number}"))
    await question(world, DeliveryState.NEEDS_HUMAN, "d99", account=BLUESKY)
    words = words_of(await text_of(signed_in, "/approvals"))
    assert "1 draft and 12 posts with a question (the first 10 are shown), oldest first" in words
    page = await text_of(signed_in, "/approvals?network=bluesky")
    assert order(page) == ["delivery-d99", "draft-1"]
    assert "and 1 post with a question, oldest first" in words_of(page)
