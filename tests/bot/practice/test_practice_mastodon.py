"""The Mastodon stand-in keeps the promises of a real server."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import httpx
import pytest

from bot.practice.mastodon.html import content
from bot.practice.pictures import plain_png
from tests.bot.practice.driving import OTHER_PNG, PNG, START, FakeClock, Practice, running

API = "/mastodon/api/v1"


async def test_instance_documents_name_software_and_limits(practice: Practice) -> None:
    second = (await practice.http.get("/mastodon/api/v2/instance")).json()
    first = (await practice.http.get("/mastodon/api/v1/instance")).json()
    assert second["version"] == first["version"] == "4.5.3"
    assert second["configuration"]["statuses"] == {
        "max_characters": 500,
        "max_media_attachments": 4,
        "characters_reserved_per_url": 23,
    }
    assert second["configuration"]["media_attachments"]["image_size_limit"] == 16_777_216
    assert first["configuration"] == {k: v for k, v in second["configuration"].items() if k != "urls"}


async def test_verify_credentials_shows_the_practice_account(practice: Practice) -> None:
    answer = await practice.http.get(f"{API}/accounts/verify_credentials", headers=practice.bearer)
    account = answer.json()
    assert answer.status_code == 200
    assert account["acct"] == "driftseas"
    assert "Practice account: simulated audience" in account["note"]
    assert account["followers_count"] == 842
    same = await practice.http.get(f"{API}/accounts/{account['id']}")
    assert same.json()["acct"] == "driftseas"


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic abc"])
async def test_a_wrong_token_is_refused(practice: Practice, header: str | None) -> None:
    headers = {} if header is None else {"authorization": header}
    answer = await practice.http.post(f"{API}/statuses", json={"status": "hi"}, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"error": "The access token is invalid"})


async def test_scopes_are_enforced_by_family(practice: Practice) -> None:
    minted = await practice.http.post("/_practice/tokens", json={"scopes": ["read:statuses", "write:media"]})
    bearer = {"authorization": f"Bearer {minted.json()['access_token']}"}
    refused = await practice.http.post(f"{API}/statuses", json={"status": "hi"}, headers=bearer)
    outside = {"error": "This action is outside the authorized scopes"}
    assert (refused.status_code, refused.json()) == (403, outside)
    assert (await practice.http.get(f"{API}/accounts/verify_credentials", headers=bearer)).status_code == 403
    files = {"file": ("a.png", PNG)}
    assert (await practice.http.post("/mastodon/api/v2/media", files=files, headers=bearer)).status_code == 200
    assert (await practice.http.get(f"{API}/notifications", headers=bearer)).status_code == 403
    assert await practice.posts("mastodon") == []


async def test_a_status_comes_back_as_mastodon_writes_it(practice: Practice) -> None:
    answer = await practice.toot(
        "Hello <world>\n\nSee https://example.com/x #Tools", language="de", visibility="unlisted"
    )
    status = answer.json()
    assert answer.status_code == 200
    assert status["id"].isdigit()
    assert status["created_at"] == "2026-11-23T09:00:00.000Z"
    assert status["url"] == f"{practice.settings.base_url}/mastodon/@driftseas/{status['id']}"
    assert (status["visibility"], status["language"], status["in_reply_to_id"]) == ("unlisted", "de", None)
    assert status["content"].startswith("<p>Hello &lt;world&gt;</p><p>See <a href=")
    assert [tag["name"] for tag in status["tags"]] == ["tools"]
    assert (status["favourites_count"], status["reblogs_count"], status["replies_count"]) == (0, 0, 0)
    page = await practice.http.get(status["url"])
    assert page.status_code == 200
    assert "Hello &lt;world&gt;" in page.text


async def test_form_bodies_are_read_like_json(practice: Practice) -> None:
    media = (await practice.picture()).json()["id"]
    fields = {"status": "form", "sensitive": "true", "spoiler_text": "cw", "media_ids[]": media}
    answer = await practice.http.post(f"{API}/statuses", data=fields, headers=practice.bearer)
    status = answer.json()
    assert (status["sensitive"], status["spoiler_text"]) == (True, "cw")
    assert [one["id"] for one in status["media_attachments"]] == [media]


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"status": ""}, 422, "Validation failed: Text can't be blank"),
        ({"status": "  \n "}, 422, "Validation failed: Text can't be blank"),
        ({"status": "a" * 501}, 422, "Validation failed: Text character limit of 500 exceeded"),
        ({"status": "a" * 400, "spoiler_text": "b" * 101}, 422,
         "Validation failed: Text character limit of 500 exceeded"),
        ({"status": "a" * 401, "spoiler_text": "https://example.com/" + "b" * 80}, 422,
         "Validation failed: Text character limit of 500 exceeded"),
        ({"status": "a", "media_ids": ["1", "2", "3", "4", "5"]}, 422,
         "Validation failed: Cannot attach more than 4 files"),
        ({"status": "a", "media_ids": ["77"]}, 422, "Validation failed: Media attachment 77 was not found"),
        ({"status": "a", "in_reply_to_id": "12"}, 404, "The post you are trying to reply to does not appear to exist."),
        ({"status": "a", "visibility": "everyone"}, 422, "Validation failed: Visibility is not included in the list"),
        ({"status": "a", "mood": "good"}, 422, "Validation failed: Unknown fields: mood"),
        ({"status": "a", "scheduled_at": "2030-01-01T00:00:00Z"}, 422,
         "Validation failed: scheduled_at is not part of the practice network"),
        ({"status": ["a"]}, 422, "Validation failed: status must be text"),
    ],
)  # fmt: skip
async def test_bad_statuses_are_refused(practice: Practice, fields: dict[str, object], status: int, error: str) -> None:
    answer = await practice.http.post(f"{API}/statuses", json=fields, headers=practice.bearer)
    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert await practice.posts("mastodon") == []


async def test_links_and_mentions_count_as_documented(practice: Practice) -> None:
    link = "https://example.com/" + "x" * 200
    fits = "a" * (500 - 23 - 1 - 1 - 5) + " " + link + " @user@far.example.com"
    assert (await practice.toot(fits)).status_code == 200
    assert (await practice.toot("a" + fits)).status_code == 422


async def test_half_a_character_is_refused(practice: Practice) -> None:
    headers = {**practice.bearer, "content-type": "application/json"}
    answer = await practice.http.post(f"{API}/statuses", content=b'{"status": "half \\ud83d"}', headers=headers)
    assert (answer.status_code, answer.json()) == (422, {"error": "Validation failed: status must be text"})


async def test_broken_json_is_a_bad_request(practice: Practice) -> None:
    headers = {**practice.bearer, "content-type": "application/json"}
    answer = await practice.http.post(f"{API}/statuses", content=b'{"status": "a', headers=headers)
    assert answer.status_code == 400


async def test_the_same_key_answers_the_same_status_for_an_hour(practice: Practice) -> None:
    first = await practice.toot("once", key="k1")
    practice.clock.advance(minutes=59)
    again = await practice.toot("once", key="k1")
    assert again.json()["id"] == first.json()["id"]
    practice.clock.advance(minutes=2)
    assert (await practice.toot("once", key="k1")).json()["id"] != first.json()["id"]
    assert [post["idempotency_key"] for post in await practice.posts("mastodon")] == ["k1", "k1"]


async def test_four_at_once_with_one_key_make_one_status(practice: Practice) -> None:
    answers = await asyncio.gather(*(practice.toot("parallel", key="k") for _ in range(4)))
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await practice.posts("mastodon")) == 1


async def test_a_compatible_server_ignores_the_key(practice: Practice) -> None:
    switched = await practice.http.put("/_practice/software", json={"gotosocial": True})
    assert switched.json() == {"gotosocial": True, "v2_instance": True, "linkedin_partner": False}
    ids = {(await practice.toot("x" * 4000, key="k")).json()["id"] for _ in range(4)}
    assert len(ids) == 4
    assert all(len(name) == 26 and not name.isdigit() for name in ids)
    instance = (await practice.http.get("/mastodon/api/v2/instance")).json()
    assert instance["version"].startswith("0.20.2")
    assert "gotosocial" in instance["source_url"]
    assert instance["configuration"]["statuses"] == {
        "max_characters": 5000,
        "max_media_attachments": 6,
        "characters_reserved_per_url": 25,
    }


async def test_a_server_may_lack_the_second_instance_document(practice: Practice) -> None:
    await practice.http.put("/_practice/software", json={"v2_instance": False})
    assert (await practice.http.get("/mastodon/api/v2/instance")).status_code == 404
    assert (await practice.http.get("/mastodon/api/v1/instance")).status_code == 200


async def test_pictures_are_sniffed_described_and_shown(practice: Practice) -> None:
    answer = await practice.picture(description="A grey card", focus="0.5,-0.25")
    media = answer.json()
    assert answer.status_code == 200
    assert (media["type"], media["description"]) == ("image", "A grey card")
    assert media["meta"]["original"]["size"] == "40x20"
    assert media["meta"]["focus"] == {"x": 0.5, "y": -0.25}
    assert (await practice.http.get(media["url"])).content == PNG
    url = f"{API}/media/{media['id']}"
    changed = await practice.http.put(url, json={"description": "Better"}, headers=practice.bearer)
    assert changed.json()["description"] == "Better"
    status = (await practice.toot("", media_ids=[media["id"]])).json()
    assert status["content"] == ""
    assert status["media_attachments"][0]["description"] == "Better"
    (live,) = await practice.posts("mastodon")
    assert live["media"][0]["sha256"] == hashlib.sha256(PNG).hexdigest()
    assert live["media"][0]["alt"] == "Better"
    # Once a status shows it, the picture belongs to the status.
    assert (await practice.http.put(url, json={"description": "x"}, headers=practice.bearer)).status_code == 404
    assert (await practice.toot("again", media_ids=[media["id"]])).status_code == 422


@pytest.mark.parametrize(
    ("content_", "fields", "error"),
    [
        (b"%PDF-1.7", {}, "File content type is invalid"),
        (PNG + b"\0" * 16_777_216, {}, "File file size must be less than 16 MB"),
        (plain_png(1, 1, (0, 0, 0)).replace(b"\0\0\0\1\0\0\0\1", b"\0\0\x27\x10\0\0\x27\x10", 1), {},
         "10000x10000 images are not supported"),
        (PNG, {"description": "d" * 1501}, "Description is too long (maximum is 1500 characters)"),
        (PNG, {"focus": "2,0"}, "Focus must be two numbers from -1 to 1"),
        (PNG, {"caption": "x"}, "Unknown fields: caption"),
    ],
    ids=["kind", "bytes", "pixels", "description", "focus", "unknown"],
)  # fmt: skip
async def test_bad_uploads_are_refused(practice: Practice, content_: bytes, fields: dict[str, str], error: str) -> None:
    answer = await practice.picture(content_, **fields)
    assert (answer.status_code, answer.json()) == (422, {"error": f"Validation failed: {error}"})


async def test_an_upload_without_a_file_is_refused(practice: Practice) -> None:
    answer = await practice.http.post("/mastodon/api/v2/media", data={"description": "x"}, headers=practice.bearer)
    assert answer.json() == {"error": "Validation failed: File can't be blank"}


async def test_a_slow_picture_is_processed_over_some_polls(practice: Practice) -> None:
    await practice.fault(network="mastodon", operation="upload", fault="slow", value=2)
    answer = await practice.picture()
    media = answer.json()
    assert (answer.status_code, media["url"]) == (202, None)
    early = await practice.toot("too early", media_ids=[media["id"]])
    assert early.status_code == 422
    assert "not finished processing" in early.json()["error"]
    url = f"{API}/media/{media['id']}"
    polls = [(await practice.http.get(url, headers=practice.bearer)).status_code for _ in range(3)]
    assert polls == [206, 206, 200]
    assert (await practice.toot("ready", media_ids=[media["id"]])).status_code == 200


async def test_a_thread_hangs_together(practice: Practice) -> None:
    root = (await practice.toot("one")).json()
    middle = (await practice.toot("two", in_reply_to_id=root["id"])).json()
    last = (await practice.toot("three", in_reply_to_id=middle["id"])).json()
    context = (await practice.http.get(f"{API}/statuses/{middle['id']}/context")).json()
    assert [one["id"] for one in context["ancestors"]] == [root["id"]]
    assert [one["id"] for one in context["descendants"]] == [last["id"]]
    assert (await practice.http.get(f"{API}/statuses/{root['id']}")).json()["replies_count"] == 1
    assert last["in_reply_to_account_id"] == root["account"]["id"]
    live = await practice.posts("mastodon")
    assert [post["reply_to"] for post in live] == [middle["id"], root["id"], None]


async def test_statuses_are_read_one_by_one_together_and_by_account(practice: Practice) -> None:
    ids = []
    for number in range(3):
        ids.append((await practice.toot(f"post {number}")).json()["id"])
        practice.clock.advance(seconds=1)
    many = await practice.http.get(f"{API}/statuses", params={"id[]": [*ids, "404"]})
    assert [one["id"] for one in many.json()] == ids
    me = many.json()[0]["account"]["id"]

    async def listed(**params: str) -> list[str]:
        answer = await practice.http.get(f"{API}/accounts/{me}/statuses", params=params, headers=practice.bearer)
        return [one["id"] for one in answer.json()]

    assert await listed(exclude_reblogs="true") == ids[::-1]
    assert await listed(limit="2") == [ids[2], ids[1]]
    assert await listed(since_id=ids[0]) == [ids[2], ids[1]]
    assert await listed(max_id=ids[1]) == [ids[0]]
    source = await practice.http.get(f"{API}/statuses/{ids[1]}/source", headers=practice.bearer)
    assert source.json() == {"id": ids[1], "text": "post 1", "spoiler_text": ""}
    assert (await practice.http.get(f"{API}/statuses/99")).json() == {"error": "Record not found"}
    assert (await practice.http.get(f"{API}/accounts/99/statuses")).status_code == 404


async def test_edit_and_delete(practice: Practice) -> None:
    media = (await practice.picture(OTHER_PNG)).json()["id"]
    status = (await practice.toot("frist", media_ids=[media])).json()
    url = f"{API}/statuses/{status['id']}"
    practice.clock.advance(minutes=1)
    edited = (
        await practice.http.put(url, json={"status": "first", "media_ids": [media]}, headers=practice.bearer)
    ).json()
    assert (edited["content"], edited["edited_at"]) == ("<p>first</p>", "2026-11-23T09:01:00.000Z")
    assert [one["id"] for one in edited["media_attachments"]] == [media]
    bare = (await practice.http.put(url, json={"status": "first"}, headers=practice.bearer)).json()
    assert (bare["media_attachments"], bare["visibility"]) == ([], "public")
    gone = await practice.http.delete(url, headers=practice.bearer)
    assert (gone.status_code, gone.json()["text"]) == (200, "first")
    assert (await practice.http.get(url)).status_code == 404
    assert (await practice.http.delete(url, headers=practice.bearer)).status_code == 404
    assert (await practice.toot("second life", media_ids=[media])).status_code == 200


async def test_the_key_of_a_deleted_status_does_not_post_again(practice: Practice) -> None:
    status = (await practice.toot("gone", key="k")).json()
    await practice.http.delete(f"{API}/statuses/{status['id']}", headers=practice.bearer)
    assert (await practice.toot("gone", key="k")).status_code == 404
    assert await practice.posts("mastodon") == []


async def test_replies_of_the_audience_become_statuses_and_mentions(practice: Practice) -> None:
    ids = [(await practice.toot(f"Which of these {number} do you use?")).json()["id"] for number in range(6)]
    url, headers = f"{API}/notifications", practice.bearer
    assert (await practice.http.get(url, headers=headers)).json() == []
    practice.clock.advance(hours=2)
    notes = (await practice.http.get(url, params={"types[]": "mention", "limit": 80}, headers=headers)).json()
    assert {note["type"] for note in notes} == {"mention"}
    assert {note["status"]["in_reply_to_id"] for note in notes} <= set(ids)
    contexts = [(await practice.http.get(f"{API}/statuses/{name}/context")).json() for name in ids]
    assert sum(len(context["descendants"]) for context in contexts) == len(notes) > 5
    one = notes[0]["status"]
    assert one["account"]["acct"].endswith("@elsewhere.practice.test")
    assert one["mentions"][0]["acct"] == "driftseas"
    answered = await practice.toot("@someone thanks", in_reply_to_id=one["id"])
    assert answered.json()["in_reply_to_account_id"] == one["account"]["id"]
    assert (await practice.http.delete(f"{API}/statuses/{one['id']}", headers=headers)).status_code == 404
    assert (await practice.http.get(url, params={"types[]": "follow"}, headers=headers)).json() == []


async def test_private_statuses_need_a_token(practice: Practice) -> None:
    hidden = (await practice.toot("just us", visibility="private")).json()
    url, account = f"{API}/statuses/{hidden['id']}", hidden["account"]["id"]
    assert (await practice.http.get(url)).status_code == 404
    assert (await practice.http.get(f"{url}/context")).status_code == 404
    assert (await practice.http.get(hidden["url"])).status_code == 404
    assert (await practice.http.get(f"{API}/accounts/{account}/statuses")).json() == []
    assert (await practice.http.get(f"{API}/statuses", params={"id[]": hidden["id"]})).json() == []
    assert (await practice.http.get(url, headers=practice.bearer)).json()["visibility"] == "private"


async def test_rate_headers_are_iso_times(practice: Practice) -> None:
    first = await practice.http.get(f"{API}/instance")
    second = await practice.http.get(f"{API}/instance")
    assert first.headers["x-ratelimit-limit"] == "300"
    assert (first.headers["x-ratelimit-remaining"], second.headers["x-ratelimit-remaining"]) == ("299", "298")
    assert second.headers["x-ratelimit-reset"] == "2026-11-23T09:05:00.000Z"


async def test_unknown_addresses_are_a_json_404(practice: Practice) -> None:
    answer = await practice.http.get(f"{API}/timelines/home")
    assert (answer.status_code, answer.json()) == (404, {"error": "The page you were looking for doesn't exist."})


async def test_history_is_there_and_labelled(tmp_path: Path, clock: FakeClock) -> None:
    async with running(tmp_path / "p.db", clock, history_weeks=6) as practice:
        history = await practice.posts("mastodon", "history")
        assert 48 <= len(history) <= 72
        assert max(post["created_at"] for post in history) < START.isoformat()
        assert len({post["text"] for post in history}) > 40
        assert any(post["media"] for post in history)
        before = [post["counters"] for post in history]
        clock.advance(days=30)
        assert [post["counters"] for post in await practice.posts("mastodon", "history")] == before
        account = await practice.http.get(f"{API}/accounts/verify_credentials", headers=practice.bearer)
        assert account.json()["statuses_count"] == len(history)
        picture = next(post for post in history if post["media"])
        shown: httpx.Response = await practice.http.get(f"{API}/statuses/{picture['id']}")
        assert (await practice.http.get(shown.json()["media_attachments"][0]["url"])).content.startswith(b"\x89PNG")


def test_html_is_written_as_mastodon_does() -> None:
    long = "https://www.example.com/" + "p" * 40
    assert content("a & b\nc\n\n#Über @driftseas", root="http://r") == (
        '<p>a &amp; b<br />c</p><p><a href="http://r/tags/über" class="mention hashtag" rel="tag">'
        '#<span>Über</span></a> <span class="h-card" translate="no">'
        '<a href="http://r/@driftseas" class="u-url mention">'
        "@<span>driftseas</span></a></span></p>"
    )
    assert content(f"({long}).", root="http://r") == (
        f'<p>(<a href="{long}" target="_blank" rel="nofollow noopener noreferrer" translate="no">'
        '<span class="invisible">https://www.</span><span class="ellipsis">example.com/pppppppppppppppppp</span>'
        f'<span class="invisible">{"p" * 22}</span></a>).</p>'
    )
    assert '<span class="">example.com</span>' in content("http://example.com!", root="http://r")
    assert content(" ", root="http://r") == ""
