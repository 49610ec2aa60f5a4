"""The practice feeds: what the stand-ins show, quoted, and the board that spoils their next answers."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

import httpx

from handlers.views.feed import MISHAPS, feed_path
from services.domain.errors import Unavailable
from tests.fakes.practice_feed import FakePracticeFeed, a_feed_post
from tests.handlers.world import BASE, a_png, make_world, the_accounts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DIGEST = "ab" * 32


@asynccontextmanager
async def visiting(feed: FakePracticeFeed | None, *, practice: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    """A signed-in browser at a desk with two practice accounts."""
    world = await make_world(accounts=False, practice=practice, practice_feed=feed)
    for account in the_accounts():
        own = replace(account, practice=True)
        await world.store.write(lambda tx, a=own: tx.accounts.add(a, b"sealed"))  # type: ignore[misc]  # default binds
    transport = httpx.ASGITransport(app=world.app)
    async with world.client, world.stranger, httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        for path in ("/practice", f"/practice/picture/{DIGEST}"):
            assert (await world.stranger.get(path)).status_code == 401
        assert (await world.stranger.post("/practice/faults", data={"mishap": "lost"})).status_code == 403
        await client.get(f"/signin?token={world.links.new()}")
        yield client


async def order(browser: httpx.AsyncClient, **data: str) -> httpx.Response:
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', (await browser.get("/practice")).text)
    assert csrf is not None
    return await browser.post("/practice/faults", data={"csrf": csrf[1], **data})


async def test_a_post_is_set_as_its_network_sets_it() -> None:
    async with visiting(FakePracticeFeed([a_feed_post(parts=2)])) as browser:
        text = (await browser.get("/practice")).text
    assert "Ships today &lt;b&gt;" in text
    assert '<article id="mastodon-1" ' in text
    assert (
        feed_path("mastodon", "http://127.0.0.1:8421/mastodon/@driftseas/1") == "/practice?network=mastodon#mastodon-1"
    )
    assert (
        '<a class="marked" href="https://driftseas.com/a" rel="noopener noreferrer nofollow">driftseas.com</a>' in text
    )
    assert '<span class="marked">#news</span>' in text
    assert f'<img src="/practice/picture/{DIGEST}" alt="A quiet sea" width="8" height="6"' in text
    assert "&lt;script&gt;x&lt;/script&gt;" in text
    assert "2 of 2" in text
    assert "The title" in text
    assert "the likes and the answers are simulated" in text
    assert text.count("<script") == 2


async def test_a_video_is_a_plate_with_its_description() -> None:
    post = a_feed_post()
    moving = tuple(replace(shown, moves=True) for shown in post.pictures)
    async with visiting(FakePracticeFeed([replace(post, pictures=moving)])) as browser:
        text = (await browser.get("/practice")).text
    assert '<p class="film">Video</p><figcaption>A quiet sea</figcaption>' in text
    assert DIGEST not in text


async def test_each_network_has_its_column_and_can_stand_alone() -> None:
    feed = FakePracticeFeed([a_feed_post("Here"), a_feed_post("There", "bluesky")])
    async with visiting(feed) as browser:
        both = (await browser.get("/practice")).text
        one = (await browser.get("/practice?network=bluesky")).text
        assert (await browser.get("/practice?network=nowhere")).status_code == 404
    assert feed.asked == [("", 4), ("bluesky", 40)]
    assert "Here" in both
    assert "There" in both
    assert "Here" not in one
    assert "There" in one
    assert re.findall(r'id="feed-(\w+)"', one) == ["bluesky"]


async def test_an_empty_feed_says_what_will_appear() -> None:
    async with visiting(FakePracticeFeed()) as browser:
        text = (await browser.get("/practice")).text
    assert text.count("Nothing was posted here yet. What you publish appears at the top.") == 2
    assert "Nothing: every call goes well." in text


async def test_networks_that_do_not_answer() -> None:
    feed = FakePracticeFeed(fail=Unavailable("The practice networks don't answer.", next_step="Load the page again."))
    async with visiting(feed) as browser:
        answer = await browser.get("/practice")
    assert answer.status_code == 503
    assert "The practice networks don't answer." in unescape(answer.text)


async def test_the_room_is_there_only_in_practice() -> None:
    for feed, practice in ((None, True), (FakePracticeFeed(), False)):
        async with visiting(feed, practice=practice) as browser:
            assert "/practice" not in (await browser.get("/calendar")).text
            answer = await browser.get("/practice")
            assert answer.status_code == 404
            assert "Practice is off" in answer.text
    async with visiting(FakePracticeFeed()) as browser:
        assert '<a href="/practice">Practice feeds</a>' in (await browser.get("/calendar")).text


async def test_pictures_come_through_the_desk_by_digest_only() -> None:
    feed = FakePracticeFeed(pictures={DIGEST: ("image/png", a_png())})
    async with visiting(feed) as browser:
        answer = await browser.get(f"/practice/picture/{DIGEST}")
        assert (answer.headers["content-type"], answer.content) == ("image/png", a_png())
        for name in ("cd" * 32, "x", "..%2Ffaults"):
            assert (await browser.get(f"/practice/picture/{name}")).status_code == 404


async def test_a_mishap_is_ordered_listed_and_cleared() -> None:
    feed = FakePracticeFeed()
    async with visiting(feed) as browser:
        answer = await order(browser, mishap="lost", on="bluesky", network="bluesky")
        assert (answer.status_code, answer.headers["location"]) == (303, "/practice?network=bluesky#mishaps")
        await order(browser, mishap="slow")
        assert [(f.network, f.operation, f.fault) for f in feed.waiting] == [
            ("bluesky", "publish", "drop_after"),
            ("*", "publish", "slow"),
        ]
        text = unescape((await browser.get("/practice")).text)
        assert "<li>Lose an answer on Bluesky</li><li>Answer slowly on any network</li>" in text
        await order(browser, mishap="none")
        assert feed.waiting == []
        assert (await order(browser, mishap="explode")).status_code == 422
        assert (await order(browser, mishap="slow", on="nowhere")).status_code == 404
        assert (await browser.post("/practice/faults", data={"mishap": "slow", "csrf": "0" * 64})).status_code == 403
    assert feed.waiting == []


def test_every_mishap_has_its_own_word() -> None:
    assert len({m.key for m in MISHAPS}) == len({m.label for m in MISHAPS}) == len(MISHAPS)
