"""Budgets in the dispatcher: taken where a call is committed, kept over restarts, and told in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.domain.budget import NETWORK, Budget, Counted
from services.domain.delivery import DeliveryState
from services.publishing.allowance import budgets_of
from tests.builders import a_picture, an_account
from tests.fakes.platform import Act, script
from tests.services.publishing.world import ACCOUNT, World

S = DeliveryState
POSTS, REPLIES = Counted.POSTS, Counted.REPLIES
TWO = Budget(window="quarter", posts=2, period=timedelta(minutes=15))
FIVE = Budget(window="day", posts=5, period=timedelta(days=1))


def world() -> World:
    made = World()
    made.connections.budgets = (TWO, FIVE)
    return made


async def test_the_third_post_waits_until_one_is_free_again_and_says_so() -> None:
    desk = world()
    rows = [await desk.plan() for _ in range(3)]
    began = desk.clock.now()
    while await desk.state(rows[1]) is not S.PUBLISHED:
        await desk.dispatcher.drain()
        desk.clock.set(desk.clock.now() + timedelta(seconds=1))
    await desk.dispatcher.drain()
    waiting = await desk.row(rows[2])
    assert (waiting.state, waiting.attempts) == (S.SCHEDULED, 0)
    assert waiting.problem.startswith("Mastodon takes 2 posts in 15 minutes, and these are used up. It goes on at ")
    assert began + timedelta(minutes=7) < waiting.next_at <= began + timedelta(minutes=8)
    await desk.finish()
    assert await desk.state(rows[2]) is S.PUBLISHED
    assert len(desk.network.posts) == 3


async def test_another_worker_and_a_restart_know_what_was_spent() -> None:
    desk = world()
    for _ in range(2):
        await desk.plan()
        await desk.finish()
    third = await desk.plan()
    await desk.new_dispatcher().drain()
    assert await desk.state(third) is S.SCHEDULED


async def test_a_call_that_is_not_made_spends_nothing() -> None:
    desk = world()
    await desk.store.write(lambda tx: tx.budgets.put(ACCOUNT, FIVE.window, desk.clock.now() + timedelta(days=1)))
    await desk.plan()
    await desk.dispatcher.drain()
    assert await desk.store.read(lambda tx: tx.budgets.get(ACCOUNT, TWO.window)) is None


async def test_what_was_prepared_is_kept_while_the_budget_is_waited_for() -> None:
    desk = world()
    for _ in range(2):
        await desk.plan()
        await desk.finish()
    shown = await desk.plan("Look.", pictures=(a_picture(),))
    await desk.dispatcher.drain()
    row = await desk.row(shown)
    assert (row.state, bool(row.handles)) == (S.SCHEDULED, True)
    await desk.finish()
    assert desk.network.calls.count("prepare 0") == 1
    assert await desk.state(shown) is S.PUBLISHED


async def test_preparing_again_and_again_spends_nothing() -> None:
    desk = world()
    desk.network.preparations = script([Act.UNAVAILABLE] * 4)
    shown = await desk.plan("Look.", pictures=(a_picture(),))
    await desk.finish()
    assert await desk.state(shown) is S.PUBLISHED
    kept = await desk.store.read(lambda tx: tx.budgets.get(ACCOUNT, FIVE.window))
    assert kept is not None
    assert kept - desk.clock.now() <= FIVE.period / FIVE.posts


async def test_quiet_that_the_network_asked_for_in_a_header_holds_everything() -> None:
    desk = World()
    until = desk.clock.now() + timedelta(minutes=3)
    await desk.store.write(lambda tx: tx.budgets.put(ACCOUNT, NETWORK, until))
    row = await desk.plan()
    await desk.dispatcher.drain()
    waiting = await desk.row(row)
    assert (waiting.state, waiting.next_at) == (S.SCHEDULED, until)
    assert waiting.problem == f"Mastodon asked to wait until {until:%H:%M:%S} UTC."
    assert desk.network.posts == []
    await desk.finish()
    assert await desk.state(row) is S.PUBLISHED


def test_what_the_network_told_an_account_replaces_the_days_budget() -> None:
    desk = world()
    spec = desk.connections.spec(an_account().platform)
    told = an_account(limits=replace(an_account().limits, daily_posts=50))
    assert budgets_of(spec, None) == (TWO, FIVE)
    assert budgets_of(spec, told) == (TWO, replace(FIVE, posts=50))


async def test_later_parts_are_replies_with_a_budget_of_their_own() -> None:
    desk = world()
    posts, replies = (replace(FIVE, posts=n, counted=kind, window=kind) for n, kind in ((1, POSTS), (2, REPLIES)))
    desk.connections.budgets = (posts, replies)
    began = desk.clock.now()
    row = await desk.plan("One.", "Two.", "Three.", "Four.")
    await desk.dispatcher.drain()
    waiting = await desk.row(row)
    assert (waiting.state, waiting.next_part) == (S.SCHEDULED, 3)
    assert waiting.problem.startswith("Mastodon takes 2 replies in a day, and these are used up. It goes on at ")
    await desk.finish()
    assert (await desk.state(row), len(desk.network.posts)) == (S.PUBLISHED, 4)
    assert desk.clock.now() - began < timedelta(days=1)
    told = an_account(limits=replace(an_account().limits, daily_posts=50))
    spec = desk.connections.spec(told.platform)
    assert budgets_of(spec, told) == (replies, replace(posts, posts=50, window="day"))
