"""A draft's own page and its versions side by side."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.handlers.visiting import follow, press, text_of, words_of
from tests.handlers.world import BLUESKY, MASTODON, World, a_png, button_id

if TYPE_CHECKING:
    import httpx

M, B = f"text.{MASTODON}", f"text.{BLUESKY}"


async def three_versions(world: World) -> None:
    """Draft 1: written by the owner, changed by Bo, pictured by Cy."""
    card = await world.draft("We ship on Monday")
    card = await world.done(button_id(card, "Edit"), **{"as": "Bo"}, fields={M: "We ship on Friday"})
    kept = (await world.client.post("/api/media", files={"file": ("a.png", a_png(), "image/png")})).json()
    await world.done(button_id(card, "Image"), **{"as": "Cy"}, fields={"upload": kept["digest"], "alt": "Red"})


async def test_the_last_change_is_shown_first(world: World, signed_in: httpx.AsyncClient) -> None:
    await three_versions(world)
    page = await text_of(signed_in, "/drafts/1/versions")
    words = words_of(page)
    assert "From version 2 to version 3" in words
    assert words.count("A picture was added.") == 2
    assert words.count("The same text.") == 0
    assert "3 current Mon 2 Mar 10:00 · Cy added a picture" in words
    assert "2 Mon 2 Mar 10:00 · Bo edited" in words
    assert "1 Mon 2 Mar 10:00 · owner drafted" in words


async def test_a_chosen_pair_is_compared_word_by_word(world: World, signed_in: httpx.AsyncClient) -> None:
    await three_versions(world)
    page = await text_of(signed_in, "/drafts/1/versions?from=1&to=2")
    assert "<del>" in page
    words = words_of(page)
    assert "We ship on [removed: Monday on Mastodon ] [added: Friday ]" in words
    assert "The same text." in words
    assert re.search(r'name="from" value="1" checked', page)
    assert re.search(r'name="to" value="2" checked', page)


async def test_a_version_is_restored(world: World, signed_in: httpx.AsyncClient) -> None:
    await three_versions(world)
    page = await text_of(signed_in, "/drafts/1/versions?from=1&to=3")
    answer = await press(signed_in, page, "Restore version 1")
    assert answer.headers["location"].startswith("/drafts/1/versions?said=")
    told = await follow(signed_in, answer)
    assert "4 current" in words_of(told)
    assert "restored version 1" in words_of(told)
    draft = (await world.client.get("/api/drafts/1")).json()
    assert [v["text"] for v in draft["variants"] if v["account_id"] == MASTODON] == ["We ship on Monday on Mastodon"]
    assert draft["variants"][0]["media"] == []


async def test_words_for_a_time_can_be_confirmed_where_they_are_read_back(
    world: World, signed_in: httpx.AsyncClient
) -> None:
    await world.draft("We ship on Monday")
    page = await text_of(signed_in, "/drafts/1")
    link = next(m for m in re.findall(r'href="(/form\?[^"]+)"', page) if ":schedule:" in m or "%3Aschedule%3A" in m)
    form = await text_of(signed_in, link)
    told = await follow(signed_in, await press(signed_in, form, "Free times", when="tomorrow 9am"))
    assert "“tomorrow 9am” is Tue 3 Mar 2026 09:00 (Europe/Berlin)" in words_of(told)
    answer = await press(signed_in, told, "Schedule for Tue 3 Mar 2026 09:00 (Europe/Berlin)")
    assert answer.headers["location"].startswith("/drafts/1?said=")
    assert (await world.client.get("/api/drafts/1")).json()["planned_at"] == "2026-03-03T08:00:00+00:00"


async def test_an_old_page_does_not_restore_over_a_newer_version(world: World, signed_in: httpx.AsyncClient) -> None:
    await three_versions(world)
    page = await text_of(signed_in, "/drafts/1/versions?from=1&to=3")
    card = (await world.client.get("/api/cards")).json()["cards"][0]
    await world.done(button_id(card, "Edit"), fields={M: "Newer"})
    told = await follow(signed_in, await press(signed_in, page, "Restore version 1"))
    assert "This card showed version 3, the draft is at version 4." in words_of(told)
    assert (await world.client.get("/api/drafts/1")).json()["revision"] == 4


async def test_one_version_has_nothing_to_compare(world: World, signed_in: httpx.AsyncClient) -> None:
    await world.draft()
    page = await text_of(signed_in, "/drafts/1/versions")
    assert "It is the first one" in words_of(page)
    assert "Restore" not in page


@pytest.mark.parametrize("query", ["from=9&to=99", "from=x&to=", "from=3&to=1", "from=2&to=2"])
async def test_any_pair_gives_a_page(world: World, signed_in: httpx.AsyncClient, query: str) -> None:
    await three_versions(world)
    assert "Versions" in await text_of(signed_in, f"/drafts/1/versions?{query}")


async def test_a_published_draft_offers_no_restoring(world: World, signed_in: httpx.AsyncClient) -> None:
    await three_versions(world)
    card = (await world.client.get("/api/cards")).json()["cards"][0]
    await world.done(button_id(card, "Archive"))
    assert "Restore version" not in await text_of(signed_in, "/drafts/1/versions")


async def test_the_page_of_a_draft_has_its_whole_history(world: World, signed_in: httpx.AsyncClient) -> None:
    await three_versions(world)
    card = (await world.client.get("/api/cards")).json()["cards"][0]
    card = await world.done(button_id(card, "Approve"), **{"as": "Di"})
    await world.done(button_id(card, "Schedule"), fields={"when": "2026-03-05T09:00+01:00"})
    words = words_of(await text_of(signed_in, "/drafts/1"))
    for said in (
        "We ship on Monday",
        "Version 3 by Cy · current · approved",
        "Version 2 by Bo",
        "owner scheduled",
        "Di approved",
        "Bo edited",
        "owner asked for a draft",
        "Bluesky @driftseas.test Scheduled Thu 5 Mar 09:00, version 3",
        "Planned Scheduled by owner.",
    ):
        assert said in words, said


async def test_a_text_stays_a_text_here(world: World, signed_in: httpx.AsyncClient) -> None:
    card = await world.draft("<script>alert(1)</script> a & b")
    await world.done(button_id(card, "Edit"), fields={M: "<b>bold</b> a & c"})
    for path in ("/drafts/1", "/drafts/1/versions", "/approvals", "/queue"):
        source = (await signed_in.get(path)).text
        assert "<script>alert" not in source
        assert "<b>bold" not in source


@pytest.mark.parametrize("number", ["99", "x", "0", "1" * 13])
async def test_a_draft_that_is_not_there(signed_in: httpx.AsyncClient, number: str) -> None:
    assert "There is no" in await text_of(signed_in, f"/drafts/{number}", 404)
    assert "There is no" in await text_of(signed_in, f"/drafts/{number}/versions", 404)


async def test_the_button_for_earlier_versions_leads_to_their_page(world: World, signed_in: httpx.AsyncClient) -> None:
    await three_versions(world)
    card = (await world.client.get("/api/cards")).json()["cards"][0]
    answer = await signed_in.get("/form", params={"id": button_id(card, "Earlier versions")})
    assert (answer.status_code, answer.headers["location"]) == (303, "/drafts/1/versions")
