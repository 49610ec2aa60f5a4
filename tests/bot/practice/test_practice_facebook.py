"""The Facebook stand-in: photos and posts of a Page, comments in two levels, tokens of Page and person."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.bot.practice.driving import OTHER_PNG, PNG, Practice
from tests.bot.practice.graph import Graph, graph, pictures


@pytest.fixture
def facebook(practice: Practice) -> Graph:
    return graph(practice, "facebook", "v26.0", "page_id")


async def photo(facebook: Graph, content: bytes = PNG, **fields: str) -> dict[str, Any]:
    answer = await facebook.practice.http.post(
        f"/facebook/v26.0/{facebook.user_id}/photos",
        data=fields,
        files={"source": ("a.png", content, "image/png")},
        headers={"authorization": f"Bearer {facebook.token}"},
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def say(facebook: Graph, **fields: str) -> str:
    return str((await facebook.told("POST", f"{facebook.user_id}/feed", **fields))["id"])


async def test_a_post_is_the_pages_and_has_a_page_to_look_at(facebook: Graph) -> None:
    name = await say(facebook, message="Hello", link="https://example.com/a")
    assert name.startswith(f"{facebook.user_id}_")
    shown = await facebook.told("GET", name, fields="message,permalink_url,created_time,from{id},attachments,shares")
    assert (shown["message"], shown["from"]["id"]) == ("Hello", facebook.user_id)
    assert shown["attachments"]["data"] == [{"media_type": "link", "target": {"url": "https://example.com/a"}}]
    assert "shares" not in shown
    assert (await facebook.practice.http.get(shown["permalink_url"])).status_code == 200


async def test_photos_wait_for_their_post(facebook: Graph) -> None:
    first = await photo(facebook, published="false", alt_text_custom="One")
    second = await photo(facebook, OTHER_PNG, published="false")
    assert await facebook.practice.posts("facebook") == []
    attached = json.dumps([{"media_fbid": second["id"]}, {"media_fbid": first["id"]}])
    name = await say(facebook, message="Two", attached_media=attached)
    [post] = await facebook.practice.posts("facebook")
    assert [one["alt"] for one in post["media"]] == ["", "One"]
    told = await facebook.told("GET", name, fields="attachments")
    listed = told["attachments"]["data"][0]["subattachments"]["data"]
    assert [one["target"]["id"] for one in listed] == [second["id"], first["id"]]
    assert "can't be attached" in (await facebook.refused("POST", "me/feed", message="x", attached_media=attached))[2]


async def test_a_photo_can_be_a_post_by_itself_from_bytes_or_from_an_address(facebook: Graph) -> None:
    made = await photo(facebook, message="Look")
    async with pictures({"a": (PNG, "image/png")}) as root:
        other = await facebook.told("POST", "me/photos", url=f"{root}/a", caption="There")
    newest, oldest = await facebook.practice.posts("facebook")
    assert (oldest["id"], oldest["text"]) == (made["post_id"], "Look")
    assert (newest["id"], newest["text"]) == (other["post_id"], "There")
    assert (await facebook.refused("POST", "me/photos", url="https://example.com/a.png"))[0] == 324


async def test_a_photo_nobody_shows_can_be_taken_away(facebook: Graph) -> None:
    made = await photo(facebook, published="false")
    await facebook.told("DELETE", made["id"])
    attached = json.dumps([{"media_fbid": made["id"]}])
    assert "can't be attached" in (await facebook.refused("POST", "me/feed", attached_media=attached))[2]


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({}, 100, "The post is empty"),
        ({"message": "x", "colour": "red"}, 100, "Invalid parameter: colour"),
        ({"message": "x" * 63_207}, 100, "63206"),
        ({"message": "x", "link": "example.com"}, 1500, "invalid"),
        ({"message": "x", "published": "false"}, 100, "not part of the practice network"),
        ({"message": "x", "published": "maybe"}, 100, "must be a boolean"),
        ({"message": "x", "scheduled_publish_time": "1"}, 100, "not part of the practice network"),
        ({"message": "x", "attached_media": "[1]"}, 100, "list of objects"),
        ({"message": "x", "attached_media": '[{"media_fbid": "1"}]'}, 100, "can't be attached"),
        ({"message": "x", "attached_media": json.dumps([{"media_fbid": "1"}] * 11)}, 100, "At most 10"),
    ],
)
async def test_what_a_post_may_not_be(facebook: Graph, fields: dict[str, str], code: int, words: str) -> None:
    told = await facebook.refused("POST", "me/feed", **fields)
    assert told[0] == code
    assert words in told[2]


async def test_what_a_photo_may_not_be(facebook: Graph) -> None:
    for content in (b"<html>", PNG + b"\x00" * 4_000_000):
        answer = await facebook.practice.http.post(
            "/facebook/v26.0/me/photos",
            files={"source": ("a.png", content, "image/png")},
            headers={"authorization": f"Bearer {facebook.token}"},
        )
        assert answer.json()["error"]["error_subcode"] == 1366046
    assert "required" in (await facebook.refused("POST", "me/photos", published="false"))[2]


async def test_the_same_words_twice_in_a_row_are_refused(facebook: Graph) -> None:
    await say(facebook, message="Once")
    assert (await facebook.refused("POST", "me/feed", message="Once"))[0] == 506
    await say(facebook, message="Between")
    await say(facebook, message="Once")


async def test_a_post_can_be_changed_and_deleted(facebook: Graph) -> None:
    name = await say(facebook, message="Befor")
    await facebook.told("POST", name, message="Before")
    [post] = await facebook.practice.posts("facebook")
    assert post["text"] == "Before"
    await facebook.told("DELETE", name)
    assert (await facebook.refused("DELETE", name))[:2] == (100, 33)
    assert (await facebook.refused("GET", name))[:2] == (100, 33)


async def test_comments_have_two_levels(facebook: Graph) -> None:
    name = await say(facebook, message="What would you change, and why? 3 of 7 said speed.")
    facebook.practice.clock.advance(days=3)
    first, *_ = (await facebook.told("GET", f"{name}/comments", fields="id,from,message,parent"))["data"]
    assert "parent" not in first
    answer = (await facebook.told("POST", f"{first['id']}/comments", message="Thanks"))["id"]
    deeper = (await facebook.told("POST", f"{answer}/comments", message="And more"))["id"]
    every = await facebook.told("GET", f"{name}/comments", fields="id,parent", filter="stream", limit=100)
    parents = {one["id"]: one.get("parent", {}).get("id") for one in every["data"]}
    assert (parents[answer], parents[deeper]) == (first["id"], first["id"])
    assert answer not in {one["id"] for one in (await facebook.told("GET", f"{name}/comments", limit=100))["data"]}
    await facebook.told("POST", first["id"], is_hidden="true")
    assert (await facebook.told("GET", first["id"], fields="is_hidden"))["is_hidden"] is True
    assert (await facebook.refused("POST", answer, is_hidden="true"))[:2] == (100, 33)
    assert "must have a message" in (await facebook.refused("POST", f"{name}/comments", message=" "))[2]


async def test_counters_of_post_and_page(facebook: Graph) -> None:
    name = await say(facebook, message="Which 3 of 7 would you keep?")
    facebook.practice.clock.advance(days=2)
    told = await facebook.told("GET", f"{name}/insights", metric="post_media_view,post_total_media_view_unique")
    views, reach = (one["values"][0]["value"] for one in told["data"])
    assert views > reach > 0
    assert "must be one of" in (await facebook.refused("GET", f"{name}/insights", metric="post_impressions"))[2]
    assert (await facebook.told("GET", "me/insights", metric="page_media_view"))["data"][0]["values"][0][
        "value"
    ] == views
    summary = await facebook.told(
        "GET", name, fields="reactions.limit(0).summary(true),comments.limit(0).summary(true)"
    )
    [post] = await facebook.practice.posts("facebook")
    assert summary["reactions"]["summary"]["total_count"] == post["counters"]["likes"]


async def test_a_person_lists_their_pages_with_the_pages_tokens(facebook: Graph) -> None:
    scopes = ["user", "pages_show_list", "pages_read_engagement"]
    answer = await facebook.practice.http.post("/_practice/tokens", json={"scopes": scopes})
    person = answer.json()["access_token"]
    assert (await facebook.ask("GET", "me", person)).json()["id"] != facebook.user_id
    listed = (await facebook.ask("GET", "me/accounts", person, fields="id,access_token,tasks")).json()["data"]
    assert listed == [
        {"id": facebook.user_id, "access_token": facebook.token, "tasks": ["CREATE_CONTENT", "MODERATE", "ANALYZE"]}
    ]
    assert (await facebook.ask("GET", facebook.user_id, person, fields="access_token")).json()[
        "access_token"
    ] == facebook.token
    assert "access_token" not in await facebook.told("GET", facebook.user_id, fields="access_token")
    assert (await facebook.refused("POST", "me/feed", person, message="x"))[0] == 10
    assert (await facebook.refused("GET", "me/accounts"))[0] == 100


async def test_what_is_used_is_told_for_the_account_and_not_for_the_app(facebook: Graph) -> None:
    told = (await facebook.ask("GET", "me")).headers
    assert "x-app-usage" not in told
    [entry] = json.loads(told["x-business-use-case-usage"])[facebook.user_id]
    assert (entry["type"], entry["call_count"], entry["estimated_time_to_regain_access"]) == ("pages", 0, 0)
