"""Forms as pages: counts, times, two people at one draft, a session that ended meanwhile; all without scripts."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.handlers.visiting import follow, form_on, press, text_of, words_of
from tests.handlers.world import BLUESKY, MASTODON, World, a_png, button_id

if TYPE_CHECKING:
    import httpx

M, B = f"text.{MASTODON}", f"text.{BLUESKY}"
ATTACK = '<script>alert(1)</script> & "quotes" </textarea>'


async def editing(world: World, signed_in: httpx.AsyncClient, text: str = "We ship") -> tuple[str, str]:
    """The address of the form and the page there."""
    path = f"/form?id={quote(button_id(await world.draft(text), 'Edit'))}"
    return path, (await signed_in.get(path)).text


# -- editing -----------------------------------------------------------------------------------------------------


async def test_each_network_has_its_text_and_its_count(world: World, signed_in: httpx.AsyncClient) -> None:
    _, page = await editing(world, signed_in)
    words = words_of(unescape(page))
    assert "19 of 500 characters" in words
    assert "18 of 300 characters" in words
    assert re.search(r'hx-post="/count"[^>]*hx-params="csrf,id,text\.acc-m"', page)
    assert 'maxlength="40000"' not in page


async def test_what_is_saved_comes_back_to_the_channel(world: World, signed_in: httpx.AsyncClient) -> None:
    _, page = await editing(world, signed_in)
    answer = await press(signed_in, page, M, **{M: "Ships on Monday"})
    assert "Ships on Monday" in await follow(signed_in, answer)


async def test_a_form_opened_from_another_page_leads_back_there(world: World, signed_in: httpx.AsyncClient) -> None:
    path, _ = await editing(world, signed_in)
    page = (await signed_in.get(f"{path}&back=/approvals")).text
    assert form_on(page, M)["back"] == "/approvals"
    answer = await press(signed_in, page, M, **{M: "Ships on Monday"})
    assert answer.headers["location"].startswith("/approvals?said=")
    assert "Draft 1: waits for approval." in await follow(signed_in, answer)


@pytest.mark.parametrize(
    "back", ["https://evil.test/", "//evil.test", "/signout", "/approvals@evil.test", "javascript:1"]
)
async def test_a_form_leads_nowhere_else(world: World, signed_in: httpx.AsyncClient, back: str) -> None:
    path, _ = await editing(world, signed_in)
    page = (await signed_in.get(f"{path}&back={quote(back, safe='')}")).text
    assert "evil" not in page
    assert "back" not in form_on(page, M)


async def test_a_text_stays_a_text(world: World, signed_in: httpx.AsyncClient) -> None:
    _, page = await editing(world, signed_in)
    answer = await press(signed_in, page, M, **{M: ATTACK})
    again = (await signed_in.get(f"/form?id={quote(await edit_id(world))}")).text
    assert answer.status_code == 303
    assert "<script>alert" not in again
    assert form_on(again, M)[M] == ATTACK


async def edit_id(world: World) -> str:
    """The button for editing the newest draft as it is now."""
    return button_id((await world.client.get("/api/cards")).json()["cards"][0], "Edit")


async def test_the_picture_is_shown_beside_its_description(world: World, signed_in: httpx.AsyncClient) -> None:
    card = await world.draft()
    kept = (await world.client.post("/api/media", files={"file": ("a.png", a_png(), "image/png")})).json()
    await world.done(button_id(card, "Image"), fields={"upload": kept["digest"], "alt": "A red field"})
    page = (await signed_in.get(f"/form?id={quote(await edit_id(world))}")).text
    assert f'<img src="{kept["url"]}" alt="A red field"' in page
    assert form_on(page, M)["alt"] == "A red field"
    assert "11 of 1,500 characters" in words_of(page)


# -- counting ----------------------------------------------------------------------------------------------------


async def counted(signed_in: httpx.AsyncClient, page: str, **typed: str) -> str:
    """What the margin says of a text."""
    form = form_on(page, M)
    answer = await signed_in.post("/count", data={"csrf": form["csrf"], "id": form["id"], **typed})
    assert answer.status_code == 200, answer.text
    return words_of(unescape(answer.text))


async def test_a_text_is_counted_as_its_network_counts(world: World, signed_in: httpx.AsyncClient) -> None:
    _, page = await editing(world, signed_in)
    assert await counted(signed_in, page, **{B: "a" * 280}) == "280 of 300 characters"
    assert await counted(signed_in, page, **{M: "a" * 512}) == "512 of 500 · shorten by 12"


async def test_each_post_of_a_thread_is_counted(world: World, signed_in: httpx.AsyncClient) -> None:
    _, page = await editing(world, signed_in)
    said = await counted(signed_in, page, **{B: f"{'a' * 250}\n---\n{'b' * 310}"})
    assert said == "Post 1: 250 of 300 Post 2: 310 of 300 · shorten by 10"


async def test_a_banned_word_is_told_at_its_field(world: World, signed_in: httpx.AsyncClient) -> None:
    _, page = await editing(world, signed_in)
    banned = (await world.store.read(lambda tx: tx.brands.list()))[0].banned_words[0]
    said = await counted(signed_in, page, **{M: f"This is {banned}, says everybody"})
    assert said == f'{len(banned) + 24} of 500 characters The brand does not use "{banned}". Say it in other words.'


async def test_counting_changes_nothing_and_wants_our_token(world: World, signed_in: httpx.AsyncClient) -> None:
    _, page = await editing(world, signed_in)
    before = world.store.commits
    await counted(signed_in, page, **{M: "Typed only"})
    assert world.store.commits == before
    data = {"csrf": "0" * 64, "id": form_on(page, M)["id"], M: "x"}
    assert (await signed_in.post("/count", data=data)).status_code == 403
    none = {"csrf": form_on(page, M)["csrf"], "id": form_on(page, M)["id"], "text.nobody": "x"}
    assert (await signed_in.post("/count", data=none)).status_code == 404


# -- two people --------------------------------------------------------------------------------------------------


async def test_the_slower_one_sees_both_texts_and_can_save_over(world: World, signed_in: httpx.AsyncClient) -> None:
    _, page = await editing(world, signed_in)
    await world.done(await edit_id(world), **{"as": "Bo"}, fields={M: "We ship on Monday & sleep"})
    answer = await press(signed_in, page, M, **{M: "We ship on Friday & sleep"})
    assert answer.status_code == 409
    told = answer.text
    assert "Bo edited this draft at 10:00, while you were writing: it is version 2 now." in words_of(told)
    assert form_on(told, M)[M] == "We ship on Friday & sleep"
    assert '<del><span class="unseen">[removed:</span>Monday<span class="unseen">]</span></del>' in told
    assert '<ins><span class="unseen">[added:</span>Friday<span class="unseen">]</span></ins>' in told
    assert "Save mine over it" in told
    assert 'href="/drafts/1" data-leave>Take theirs' in told
    assert "Friday" in await follow(signed_in, await press(signed_in, told, M))
    versions = await world.client.get("/api/drafts/1")
    assert versions.json()["revision"] == 3


async def test_a_full_disk_gives_the_text_back(world: World, signed_in: httpx.AsyncClient) -> None:
    from services.domain.errors import Unavailable

    _, page = await editing(world, signed_in)
    world.store.refuse_writes = Unavailable("The disk is full.")
    answer = await press(signed_in, page, M, **{M: "Hours of work"})
    assert answer.status_code == 503
    assert form_on(answer.text, M)[M] == "Hours of work"
    assert "The disk is full." in answer.text


async def test_a_bug_gives_the_text_back(world: World, signed_in: httpx.AsyncClient) -> None:
    _, page = await editing(world, signed_in)
    world.store.refuse_writes = RuntimeError("a bug")
    answer = await press(signed_in, page, M, **{M: "Hours of work"})
    assert answer.status_code == 500
    assert form_on(answer.text, M)[M] == "Hours of work"
    assert "a bug" not in answer.text


# -- signed out meanwhile ----------------------------------------------------------------------------------------


async def test_words_survive_a_session_that_ended(world: World, signed_in: httpx.AsyncClient) -> None:
    _, page = await editing(world, signed_in)
    signed_in.cookies.clear()
    out = await press(signed_in, page, M, **{M: "Hours of work"})
    assert out.status_code == 403
    assert "you are signed out" in out.text
    assert form_on(out.text, M)[M] == "Hours of work"
    await signed_in.get(f"/signin?token={world.links.new()}")
    again = await press(signed_in, out.text, "Hours of work")
    assert again.status_code == 403
    assert "You signed in anew since this form was opened." in again.text
    assert form_on(again.text, M)[M] == "Hours of work"
    assert (await world.client.get("/api/drafts/1")).json()["revision"] == 1
    assert "Hours of work" in await follow(signed_in, await press(signed_in, again.text, M))
    assert (await world.client.get("/api/drafts/1")).json()["revision"] == 2


async def test_a_command_survives_it_too(world: World, signed_in: httpx.AsyncClient) -> None:
    page = (await signed_in.get("/")).text
    await world.clock.advance(1)
    await signed_in.get(f"/signin?token={world.links.new()}")
    answer = await press(signed_in, page, "Go</button>", text="draft Something long")
    assert answer.status_code == 403
    assert "draft Something long</textarea>" in answer.text


async def test_a_form_from_elsewhere_gets_nothing_back(world: World, signed_in: httpx.AsyncClient) -> None:
    _, page = await editing(world, signed_in)
    sent = {"csrf": "0" * 64, "id": form_on(page, M)["id"], M: "Planted"}
    answer = await signed_in.post("/action", data=sent, headers={"origin": "https://evil.test"})
    assert answer.status_code == 403
    assert "Planted" not in answer.text


async def test_a_signed_out_page_tells_nothing_of_the_draft(world: World, signed_in: httpx.AsyncClient) -> None:
    _, page = await editing(world, signed_in, "A secret plan")
    signed_in.cookies.clear()
    out = await press(signed_in, page, M, **{M: "Mine", B: "Mine too"})
    assert "secret" not in out.text


# -- times -------------------------------------------------------------------------------------------------------


async def scheduling(world: World, signed_in: httpx.AsyncClient) -> str:
    button = button_id(await world.draft(), "Schedule")
    return (await signed_in.get(f"/form?id={quote(button)}")).text


async def test_three_free_times_are_offered_and_one_press_plans(world: World, signed_in: httpx.AsyncClient) -> None:
    page = await scheduling(world, signed_in)
    slots = re.findall(r'name="slot" value="([^"]+)">([^<]+)<', page)
    assert slots == [
        ("2026-03-02T12:30+01:00", "Mon 2 Mar 12:30"),
        ("2026-03-02T17:00+01:00", "Mon 2 Mar 17:00"),
        ("2026-03-03T09:00+01:00", "Tue 3 Mar 09:00"),
    ]
    answer = await press(signed_in, page, "Free times", slot=slots[1][0], when="")
    assert answer.status_code == 303
    assert (await world.client.get("/api/drafts/1")).json()["planned_at"] == "2026-03-02T16:00:00+00:00"
    assert [t for _, t in re.findall(r'name="slot" value="([^"]+)">([^<]+)<', await scheduling(world, signed_in))] == [
        "Mon 2 Mar 12:30",
        "Tue 3 Mar 09:00",
        "Tue 3 Mar 12:30",
    ]


async def test_enter_in_a_field_takes_none_of_the_offered_times(world: World, signed_in: httpx.AsyncClient) -> None:
    page = await scheduling(world, signed_in)
    csrf = form_on(page, "Free times")["csrf"]
    read = await signed_in.post("/when", data={"csrf": csrf, "when": "tomorrow 9am"})
    offered = re.findall(r'<button[^>]*name="slot"[^>]*>', page + read.text)
    assert len(offered) == 4
    assert all(' form="quick"' in button for button in offered)
    quick = form_on(page, 'id="quick"')
    slot = re.findall(r'name="slot" value="([^"]+)"', page)[0]
    answer = await signed_in.post("/action", data={**quick, "slot": slot})
    assert "scheduled" in (await follow(signed_in, answer)).lower()
    assert (await world.client.get("/api/drafts/1")).json()["planned_at"] is not None


async def test_a_day_and_a_time_are_read_back_with_the_offset(world: World, signed_in: httpx.AsyncClient) -> None:
    page = await scheduling(world, signed_in)
    answer = await press(signed_in, page, "Free times", when="", date="2026-07-01", time="08:15")
    told = await follow(signed_in, answer)
    assert "Schedule for Wed 1 Jul 2026 08:15 (Europe/Berlin)" in told
    assert "That is UTC+02:00. Nothing is planned until you say so." in told


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"date": "2026-07-01"}, "The time of day is missing."),
        ({"time": "08:15"}, "The day is missing."),
        ({"date": "2026-03-29", "time": "02:30"}, "is skipped in Europe/Berlin"),
        ({"date": "2020-01-01", "time": "09:00"}, "that is past"),
        ({"when": "whenever"}, "“whenever” has no time of day."),
        ({}, "When should it go out?"),
    ],
)
async def test_a_wrong_time_is_told_at_the_field(
    world: World, signed_in: httpx.AsyncClient, given: dict[str, str], said: str
) -> None:
    page = await scheduling(world, signed_in)
    answer = await press(signed_in, page, "Free times", **{"when": "", "date": "", "time": "", **given})
    assert answer.status_code == 422
    told = unescape(answer.text)
    assert re.search(rf'class="error" id="e-1">[^<]*{re.escape(said)}', told)
    assert 'aria-invalid="true"' in told
    for name, value in given.items():
        assert re.search(rf'name="{name}"[^>]*value="{re.escape(value)}"', told)


async def test_a_time_is_read_back_while_it_is_typed(world: World, signed_in: httpx.AsyncClient) -> None:
    csrf = form_on(await scheduling(world, signed_in), "Free times")["csrf"]
    before = world.store.commits
    right = await signed_in.post("/when", data={"csrf": csrf, "when": "tomorrow 9am"})
    assert "Tue 3 Mar 2026 09:00 (Europe/Berlin, UTC+01:00)" in unescape(right.text)
    assert 'name="slot" value="2026-03-03T09:00+01:00"' in right.text
    wrong = await signed_in.post("/when", data={"csrf": csrf, "when": "yesterday 9am"})
    assert "that is past" in wrong.text
    assert "slot" not in wrong.text
    assert words_of((await signed_in.post("/when", data={"csrf": csrf})).text) == ""
    assert (await signed_in.post("/when", data={"csrf": "no"})).status_code == 403
    assert world.store.commits == before


async def test_the_api_takes_a_day_and_a_time_as_well(world: World) -> None:
    card = await world.draft()
    answer = await world.act(button_id(card, "Schedule"), fields={"date": "2026-07-01", "time": "08:15"})
    button = answer.json()["replies"][0]["card"]["buttons"][0]
    assert button["label"] == "Schedule for Wed 1 Jul 2026 08:15 (Europe/Berlin)"
    form = (await world.act(button_id(card, "Schedule"))).json()["replies"][0]["form"]
    assert [f["name"] for f in form["fields"]] == ["when"]
    assert form["fields"][0]["options"][0] == {"value": "2026-03-02T12:30+01:00", "text": "Mon 2 Mar 12:30"}


async def test_asking_again_leads_back_too(world: World, signed_in: httpx.AsyncClient) -> None:
    card = await world.draft()
    archive = button_id(card, "Archive")
    page = await text_of(signed_in, f"/confirm?id={quote(archive)}&back=/drafts/1")
    assert 'href="/drafts/1">Cancel' in page
    answer = await press(signed_in, page, "Archive")
    assert answer.headers["location"].startswith("/drafts/1?said=")
    assert "Draft 1: archived." in await follow(signed_in, answer)


async def test_too_large_an_upload_is_told_on_a_page(world: World, signed_in: httpx.AsyncClient) -> None:
    path = f"/form?id={quote(button_id(await world.draft('We ship'), 'Image'))}"
    form = form_on((await signed_in.get(path)).text, 'name="prompt"')
    huge = {"upload": ("huge.png", bytes(30_000_001), "image/png")}
    answer = await signed_in.post("/action", data=form, files=huge)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert "This file has 30.0 MB; 20 MB is the most." in words_of(unescape(answer.text))


async def test_nobody_sends_a_video_before_signing_in(world: World) -> None:
    answer = await world.stranger.post("/action", files={"upload": ("huge.mp4", bytes(30_000_001), "video/mp4")})
    assert (answer.status_code, answer.headers["content-type"]) == (413, "text/html; charset=utf-8")
    most = "a picture has at most 20 MB, a video 500 MB, and what is sent at once 500 MB together"
    told = f"This upload is too large: {most}."
    assert f"{told} Nothing changed. Upload a smaller file, or fewer at once." in words_of(unescape(answer.text))
