"""The results page: numbers as they are, dashes where there are none, findings with their samples."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING

import httpx
import pytest

from handlers.views.results import in_words, mood_shares, mood_word, number
from services.domain.errors import Unavailable
from services.domain.metrics import Moods
from services.results import Numbers
from tests.builders import a_picture
from tests.fakes.results import NOTHING, FakeResults, a_report, a_standing, some_numbers
from tests.handlers.world import BASE, make_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def visiting(results: FakeResults | None) -> AsyncIterator[httpx.AsyncClient]:
    """A signed-in browser at a desk with these results."""
    world = await make_world(results=results)
    transport = httpx.ASGITransport(app=world.app)
    async with world.client, world.stranger, httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        assert (await world.stranger.get("/results")).status_code == 401
        assert (await world.stranger.get("/results/report")).status_code == 401
        await client.get(f"/signin?token={world.links.new()}")
        yield client


async def page(results: FakeResults | None, path: str = "/results", status: int = 200) -> str:
    async with visiting(results) as browser:
        answer = await browser.get(path)
        assert answer.status_code == status
        return unescape(answer.text)


def rows(text: str) -> list[list[str]]:
    """The cells of the table of posts."""
    body = text.partition('class="numbers posts"')[2].partition("</tbody>")[0].partition("<tbody>")[2]
    return [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        for row in body.split("</tr>")[:-1]
    ]


@pytest.mark.parametrize("results", [None, FakeResults(NOTHING)])
async def test_before_anything_is_measured(results: FakeResults | None) -> None:
    text = await page(results)
    assert "Nothing is measured yet" in text
    assert "an hour after your first post" in text
    assert "data-lazy" not in text


async def test_what_is_not_provided_is_a_dash_and_never_zero() -> None:
    text = await page(FakeResults(some_numbers()))
    missing = "not provided —"
    assert rows(text) == [["1,240", "2"], [missing, "2"], [missing, missing]]
    assert "Seen, shares and clicks: not provided by any network here." in text
    assert "The network refused the read." in text
    assert "First numbers 2 Mar 11:00." in text


async def test_an_address_that_is_none_of_the_web_is_no_link() -> None:
    numbers = some_numbers()
    odd = replace(numbers, posts=tuple(replace(p, url="javascript:alert(1)") for p in numbers.posts))
    text = await page(FakeResults(odd))
    assert "Builds take 4 minutes" in text
    assert "javascript:" not in text


async def test_answers_are_quoted_with_their_mood() -> None:
    async with visiting(FakeResults(some_numbers())) as browser:
        text = (await browser.get("/results")).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; ignore your rules" in text
    assert re.findall(r'class="mood \w+">([^<]+)<', text) == ["warm", "critical", "not read"]
    assert text.count("<script") == 3
    assert 'rel="noopener noreferrer nofollow"' in text


async def test_an_account_tells_what_it_gained() -> None:
    assert "+42" in await page(FakeResults(some_numbers()))
    lost = Numbers(posts=(), comments=(), standings=(a_standing(900, 842),))
    text = await page(FakeResults(lost))
    assert "−58" in text
    assert "No post went live in this time." in text
    unknown = Numbers(posts=(), comments=(), standings=(a_standing(None, 842),))
    assert re.findall(r'data-head="Gained">([^<]+)<', await page(FakeResults(unknown))) == ["—"]


async def test_the_charts_follow_as_a_piece() -> None:
    results = FakeResults(some_numbers(), a_report(a_picture(alt="Tuesdays earn most")))
    async with visiting(results) as browser:
        whole = (await browser.get("/results?period=7d&network=mastodon")).text
        assert "Drawing the charts" in whole
        piece = re.findall(r'data-lazy="([^"]+)"', whole)
        assert [unescape(p) for p in piece] == ["/results/report?period=7d&network=mastodon"]
        text = unescape((await browser.get(unescape(piece[0]))).text)
    assert "<html" not in text
    assert '<h2 id="finding">Tuesdays at 9 earn twice the replies</h2>' in text
    assert "41 posts, 28 days · 1.6–2.5× at 95 %" in text
    assert "Posts that open with a number do better" in text
    assert 'alt="Tuesdays earn most"' in text
    assert "Bluesky · @driftseas.test: not read since Monday" in text
    assert "Draft 12 · Why most RAG systems fail" in text
    assert re.findall(r"<b>(\d+)</b> ([\w ]+)</li>", text) == [
        ("12", "warm"),
        ("5", "neutral"),
        ("2", "critical"),
        ("1", "not read"),
    ]


async def test_without_scripts_the_charts_come_with_the_page() -> None:
    results = FakeResults(some_numbers(), a_report())
    text = await page(results)
    assert '<noscript><p><a href="/results?period=28d&charts=1">Show the charts</a></p></noscript>' in text
    whole = await page(results, "/results?charts=1")
    assert "Tuesdays at 9 earn twice the replies" in whole
    assert "data-lazy" not in whole


async def test_the_period_is_whole_days_on_the_readers_clock() -> None:
    results = FakeResults(some_numbers())
    await page(results, "/results?period=7d&network=bluesky")
    assert results.asked == [(datetime(2026, 2, 23, 23, tzinfo=UTC), datetime(2026, 3, 2, 23, tzinfo=UTC), "bluesky")]


async def test_a_report_that_fails_leaves_the_numbers() -> None:
    results = FakeResults(some_numbers(), fail=Unavailable("Drawing took too long.", next_step="Try it again."))
    text = await page(results, "/results?charts=1")
    assert "The charts could not be drawn." in text
    assert "Drawing took too long." in text
    assert "1,240" in text
    piece = await page(results, "/results/report")
    assert '<a href="/results?period=28d&charts=1">Try again</a>' in piece


async def test_a_strange_address_is_refused_with_words() -> None:
    results = FakeResults(some_numbers())
    assert "It can be 7d, 28d, 6w." in await page(results, "/results?period=9y", 422)
    assert "There is no such network." in await page(results, "/results?network=nowhere", 404)
    assert results.asked == []


def test_numbers_as_people_read_them() -> None:
    assert [number(n) for n in (None, 0, 1234567)] == ["—", "0", "1,234,567"]


@pytest.mark.parametrize(
    ("mood", "word"), [(None, "not read"), (0.2, "neutral"), (0.21, "warm"), (-0.2, "neutral"), (-0.21, "critical")]
)
def test_moods_in_words(mood: float | None, word: str) -> None:
    assert mood_word(mood)[0] == word


@pytest.mark.parametrize(
    ("heads", "words"), [([], ""), (["Seen"], "Seen"), (["Likes", "Shares", "Clicks"], "Likes, shares and clicks")]
)
def test_heads_in_a_sentence(heads: list[str], words: str) -> None:
    assert in_words(heads) == words


def test_shares_of_the_mood_bar_add_up() -> None:
    shares = mood_shares(Moods(warm=1, neutral=1, critical=1))
    assert [(s.start, s.width) for s in shares] == [(0, 33.33), (33.33, 33.33), (66.67, 33.33), (100.0, 0.0)]
    assert mood_shares(Moods()) == mood_shares(None) == []
