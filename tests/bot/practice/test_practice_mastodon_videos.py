"""The Mastodon stand-in works on videos, and takes polls within the limits that it tells."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.bot.practice.driving import PNG, Practice
from tests.media_samples import tiny_video

API = "/mastodon/api/v1"


async def look(practice: Practice, name: str) -> httpx.Response:
    return await practice.http.get(f"{API}/media/{name}", headers=practice.bearer)


async def test_the_instance_tells_what_it_takes_of_videos_and_polls(practice: Practice) -> None:
    told = (await practice.http.get("/mastodon/api/v2/instance")).json()["configuration"]
    assert told["media_attachments"]["video_size_limit"] == 103_809_024
    assert "video/mp4" in told["media_attachments"]["supported_mime_types"]
    assert told["polls"]["max_options"] == 4


async def test_a_video_is_worked_on_before_a_status_may_show_it(practice: Practice) -> None:
    answer = await practice.picture(tiny_video(1.0, (64, 48)), description="Waves")
    media = answer.json()
    assert (answer.status_code, media["type"], media["url"]) == (202, "video", None)
    early = await practice.toot("Early", media_ids=[media["id"]])
    assert (early.status_code, "not finished processing" in early.json()["error"]) == (422, True)
    assert [(await look(practice, media["id"])).status_code for _ in range(2)] == [206, 200]
    picture = (await practice.picture(PNG)).json()["id"]
    both = await practice.toot("Both", media_ids=[picture, media["id"]])
    assert "already contains images" in both.json()["error"]
    status = (await practice.toot("Look", media_ids=[media["id"]])).json()
    [shown] = status["media_attachments"]
    assert (shown["type"], shown["description"], shown["meta"]["original"]["size"]) == ("video", "Waves", "64x48")
    assert (await practice.http.get(shown["url"])).headers["content-type"] == "video/mp4"
    assert 'aria-label="Video. Waves"' in (await practice.http.get(status["url"])).text


async def test_a_slow_video_takes_as_many_looks_as_are_scripted(practice: Practice) -> None:
    await practice.fault(network="mastodon", operation="upload", fault="slow", value=3)
    name = (await practice.picture(tiny_video())).json()["id"]
    assert [(await look(practice, name)).status_code for _ in range(4)] == [206, 206, 206, 200]


async def test_a_video_that_does_not_play_fails_when_it_is_worked_on(practice: Practice) -> None:
    answer = await practice.picture(tiny_video()[:400])
    assert answer.status_code == 202
    name = answer.json()["id"]
    found = [await look(practice, name) for _ in range(2)]
    assert [one.status_code for one in found] == [206, 422]
    assert found[1].json() == {"error": "Error processing thumbnail for uploaded media"}
    assert "could not be processed" in (await practice.toot("Look", media_ids=[name])).json()["error"]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: tiny_video(0.2, (2900, 2900)), "2900x2900 videos are not supported"),
        (lambda: tiny_video() + bytes(103_809_024), "less than 99 MB"),
    ],
    ids=["matrix", "size"],
)
async def test_a_video_is_measured_when_it_comes(practice: Practice, made: Callable[[], bytes], words: str) -> None:
    answer = await practice.picture(made())
    assert answer.status_code == 422
    assert words in answer.json()["error"]


async def test_a_poll_is_shown_with_its_status(practice: Practice) -> None:
    poll = {"options": ["Bow", "Stern"], "expires_in": 3600, "multiple": True}
    status = (await practice.toot("Which end?", poll=poll)).json()
    assert [one["title"] for one in status["poll"]["options"]] == ["Bow", "Stern"]
    assert (status["poll"]["multiple"], status["poll"]["expired"]) == (True, False)
    assert status["poll"]["expires_at"] == "2026-11-23T10:00:00.000Z"
    [shown] = await practice.posts("mastodon")
    assert shown["poll"] == poll
    assert "Poll: Bow / Stern" in (await practice.http.get(status["url"])).text
    written = {"status": "By form", "poll[options][]": ["A", "B"], "poll[expires_in]": "300"}
    formed = await practice.http.post(f"{API}/statuses", data=written, headers=practice.bearer)
    assert [one["title"] for one in formed.json()["poll"]["options"]] == ["A", "B"]
    practice.clock.advance(minutes=10)
    same, url = {**poll, "expires_in": 3000}, f"{API}/statuses/{status['id']}"
    edited = (await practice.http.put(url, json={"status": "x", "poll": same}, headers=practice.bearer)).json()
    assert edited["poll"] == status["poll"]
    bare = (await practice.http.put(url, json={"status": "x"}, headers=practice.bearer)).json()
    assert bare["poll"] is None


@pytest.mark.parametrize(
    ("poll", "words"),
    [
        ("A or B", "must be an object"),
        ({"options": ["A", "B"], "expires_in": 300, "colour": 1}, "Unknown fields: poll.colour"),
        ({"options": "A", "expires_in": 300}, "list of texts"),
        ({"options": ["A"], "expires_in": 300}, "at least two"),
        ({"options": ["A", " "], "expires_in": 300}, "at least two"),
        ({"options": ["A", "B", "C", "D", "E"], "expires_in": 300}, "more than 4"),
        ({"options": ["A", "b" * 51], "expires_in": 300}, "exceed 50"),
        ({"options": ["A", "A"], "expires_in": 300}, "duplicate"),
        ({"options": ["A", "B"], "expires_in": 299}, "too short"),
        ({"options": ["A", "B"], "expires_in": 2_629_747}, "too far"),
        ({"options": ["A", "B"]}, "too short"),
    ],
)
async def test_bad_polls_are_refused(practice: Practice, poll: object, words: str) -> None:
    answer = await practice.toot("Which?", poll=poll)
    assert answer.status_code == 422
    assert words in answer.json()["error"]
    assert await practice.posts("mastodon") == []


async def test_a_poll_goes_without_media(practice: Practice) -> None:
    picture = (await practice.picture(PNG)).json()["id"]
    poll = {"options": ["A", "B"], "expires_in": 300}
    answer = await practice.toot("Which?", poll=poll, media_ids=[picture])
    assert "has media" in answer.json()["error"]
