"""What the practice networks show: marked as each marks it, read over HTTP and checked on the way in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from bot.practice.kinds import Network
from bot.practice.media import digest_of
from bot.practice_feed import HttpPracticeFeed
from handlers.views.feed import MISHAPS, Piece
from services.domain.errors import Unavailable
from tests.bot.practice.driving import PNG, FakeClock, Practice, record, running
from tests.media_samples import tiny_video

POST = "app.bsky.feed.post"


async def say(practice: Practice, body: dict[str, Any]) -> dict[str, Any]:
    """Write a Bluesky record."""
    session = await practice.session()
    wish = {"repo": session["handle"], "collection": POST, "record": body}
    answer = await practice.call("com.atproto.repo.createRecord", wish, session["accessJwt"])
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def feed_of(practice: Practice) -> HttpPracticeFeed:
    return HttpPracticeFeed(practice.http, practice.settings.root)


@asynccontextmanager
async def answering(status: int, body: str, kind: str = "application/json") -> AsyncIterator[HttpPracticeFeed]:
    """A server that says one thing to everything."""

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, text=body, headers={"content-type": kind})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        yield HttpPracticeFeed(client, "http://127.0.0.1:1")


async def test_mastodon_marks_what_it_reads(practice: Practice) -> None:
    text = "See https://www.driftseas.example/a/very/long/path/indeed, @mira@elsewhere.test and #Builds <b>"
    await practice.toot(text)
    (post,) = await feed_of(practice).posts("mastodon")
    assert post.pieces == (
        Piece(text="See "),
        Piece(
            text="driftseas.example/a/very/long/…",
            kind="link",
            target="https://www.driftseas.example/a/very/long/path/indeed",
        ),
        Piece(text=", "),
        Piece(text="@mira@elsewhere.test", kind="mention"),
        Piece(text=" and "),
        Piece(text="#Builds", kind="tag"),
        Piece(text=" <b>"),
    )
    assert (post.author, post.handle, post.ours) == ("Drift Seas", "@driftseas", True)


async def test_bluesky_marks_only_what_the_record_marks(practice: Practice) -> None:
    text = "Größer: https://driftseas.example #tag"
    start = len("Größer: ".encode())
    link = {"$type": "app.bsky.richtext.facet#link", "uri": "https://driftseas.example"}
    facet = {"index": {"byteStart": start, "byteEnd": start + len("https://driftseas.example")}, "features": [link]}
    await say(practice, record(text, facets=[facet]))
    await say(practice, record(text))
    bare, marked = await feed_of(practice).posts("bluesky")
    assert bare.pieces == (Piece(text=text),)
    assert marked.pieces == (
        Piece(text="Größer: "),
        Piece(text="https://driftseas.example", kind="link", target="https://driftseas.example"),
        Piece(text=" #tag"),
    )


async def test_a_thread_is_one_post_with_its_parts(practice: Practice) -> None:
    first = (await practice.toot("One")).json()
    second = (await practice.toot("Two", in_reply_to_id=first["id"])).json()
    await practice.toot("Three", in_reply_to_id=second["id"])
    await practice.toot("Another")
    posts = await feed_of(practice).posts("mastodon")
    assert [[p.pieces[0].text for p in (post, *post.parts)] for post in posts] == [["Another"], ["One", "Two", "Three"]]
    assert [p.pieces[0].text for p in await feed_of(practice).posts("mastodon", limit=1)] == ["Another"]


async def test_answers_and_counts_ripen(practice: Practice, clock: FakeClock) -> None:
    await practice.toot("What is your worst flag? 3 of 4 people say it is the same one.")
    (fresh,) = await feed_of(practice).posts("mastodon")
    assert (fresh.likes, fresh.replies) == (0, ())
    clock.advance(hours=2)
    (post,) = await feed_of(practice).posts("mastodon")
    assert post.likes > 0
    assert post.replies
    assert all(r.handle.endswith("@elsewhere.practice.test") for r in post.replies)


async def test_a_picture_is_shown_with_its_description(practice: Practice) -> None:
    media = (await practice.picture(description="A calm sea")).json()
    await practice.toot("Look", media_ids=[media["id"]])
    (post,) = await feed_of(practice).posts("mastodon")
    assert [(p.alt, p.width, p.height) for p in post.pictures] == [("A calm sea", 40, 20)]
    assert await feed_of(practice).picture(post.pictures[0].digest) == ("image/png", PNG)
    assert post.pictures[0].digest == digest_of(PNG)
    assert await feed_of(practice).picture("ab" * 32) is None
    page = await practice.http.get(post.url)
    assert f'<img src="/_practice/pictures/{digest_of(PNG)}" alt="A calm sea" width="40" height="20">' in page.text


async def test_a_video_is_told_from_a_picture_and_a_poll_is_noted(practice: Practice) -> None:
    media = (await practice.picture(tiny_video(), description="Waves")).json()
    url = f"/mastodon/api/v1/media/{media['id']}"
    while (await practice.http.get(url, headers=practice.bearer)).status_code == 206:
        pass
    await practice.toot("Look", media_ids=[media["id"]])
    await practice.toot("Which?", poll={"options": ["Bow", "Stern"], "expires_in": 300}, visibility="unlisted")
    vote, film = await feed_of(practice).posts("mastodon")
    assert [(p.alt, p.moves) for p in film.pictures] == [("Waves", True)]
    assert (vote.note, vote.pictures) == ("unlisted · Poll: Bow / Stern", ())


async def test_a_link_card_is_shown(practice: Practice) -> None:
    external = {"uri": "https://driftseas.example/a", "title": "A <title>", "description": "What it says"}
    await say(practice, record("Read", embed={"$type": "app.bsky.embed.external", "external": external}))
    (post,) = await feed_of(practice).posts("bluesky")
    assert post.card is not None
    assert (post.card.url, post.card.title, post.card.text) == (
        "https://driftseas.example/a",
        "A <title>",
        "What it says",
    )
    assert "<b>A &lt;title&gt;</b>" in (await practice.http.get(post.url)).text


async def test_the_page_of_a_post(practice: Practice, clock: FakeClock) -> None:
    made = (await practice.toot("Is it <b>so</b>? https://driftseas.example 3 reasons.")).json()
    clock.advance(hours=3)
    answer = await practice.http.get(made["url"])
    assert "Is it &lt;b&gt;so&lt;/b&gt;?" in answer.text
    assert '<a href="https://driftseas.example" rel="nofollow noopener noreferrer">driftseas.example</a>' in answer.text
    assert "standing in for Mastodon" in answer.text
    assert answer.text.count("<h1>") == 1
    assert "script" not in answer.headers["content-security-policy"]


async def test_all_networks_at_once_and_history_too(clock: FakeClock, tmp_path: Any) -> None:
    async with running(tmp_path / "practice.db", clock, history_weeks=1) as practice:
        posts = await feed_of(practice).posts(limit=2)
    assert [(p.network, p.ours) for p in posts] == [(network, False) for network in Network for _ in range(2)]
    assert posts[0].at > posts[1].at


async def test_mishaps_are_scripted_and_cleared(practice: Practice) -> None:
    feed = feed_of(practice)
    for mishap in MISHAPS:
        await feed.order(mishap, "bluesky")
    assert [(f.network, f.fault, f.times) for f in await feed.faults()] == [("bluesky", m.fault, 1) for m in MISHAPS]
    await feed.calm()
    assert list(await feed.faults()) == []


async def test_a_bad_question_is_refused(practice: Practice) -> None:
    for query in ("limit=0", "limit=101", "limit=x", "network=minitel"):
        assert (await practice.http.get(f"/_practice/feed?{query}")).status_code == 422


@pytest.mark.parametrize("body", ["", "[]", '{"posts": [{"network": "x"}]}', '{"posts": 7, "faults": 7}'])
async def test_what_is_no_feed_is_refused(body: str) -> None:
    async with answering(200, body) as feed:
        for call in (feed.posts(), feed.faults()):
            with pytest.raises(Unavailable, match="unexpected"):
                await call


async def test_addresses_are_judged_on_the_way_in() -> None:
    piece = {"text": "click", "kind": "link", "target": "javascript:alert(1)"}
    post = {
        "network": "mastodon",
        "id": "1",
        "url": "http://127.0.0.1/1",
        "origin": "desk",
        "author": "A",
        "handle": "@a",
        "at": "2026-03-02T09:00:00Z",
        "pieces": [piece],
        "likes": 0,
        "pictures": [],
        "card": None,
        "note": "",
        "reposts": 0,
        "quotes": 0,
        "replies": [],
    }
    async with answering(200, json.dumps({"posts": [post]})) as feed:
        (found,) = await feed.posts()
    assert found.pieces == (Piece(text="click", kind="link"),)
    async with answering(200, json.dumps({"posts": [{**post, "url": "javascript:alert(1)"}]})) as feed:
        with pytest.raises(Unavailable, match="unexpected"):
            await feed.posts()


async def test_only_pictures_pass_as_pictures() -> None:
    async with answering(200, "<svg/>", "image/svg+xml") as feed:
        assert await feed.picture("ab" * 32) is None


async def test_networks_that_are_not_there() -> None:
    async with answering(500, "x") as feed:
        with pytest.raises(Unavailable, match="unexpected"):
            await feed.calm()
    async with httpx.AsyncClient() as client:
        with pytest.raises(Unavailable, match="don't run"):
            await HttpPracticeFeed(client, "").posts()

    def hang_up(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(hang_up)) as client:
        with pytest.raises(Unavailable, match="don't answer"):
            await HttpPracticeFeed(client, "http://127.0.0.1:1").posts()
