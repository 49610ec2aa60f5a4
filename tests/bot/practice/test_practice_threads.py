"""The Threads stand-in: containers, tokens that end, and everything the real network would refuse."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.practice.pictures import plain_png
from bot.practice.text import threads_length
from tests.bot.practice.driving import PNG, Practice
from tests.bot.practice.graph import Graph, graph, pictures

WIDE = plain_png(101, 10, (1, 2, 3))


@pytest.fixture
def threads(practice: Practice) -> Graph:
    return graph(practice, "threads", "v1.0", "user_id")


async def container(threads: Graph, **fields: str) -> str:
    made = await threads.told("POST", f"{threads.user_id}/threads", **fields)
    return str(made["id"])


async def status(threads: Graph, name: str) -> tuple[str, str | None]:
    found = await threads.told("GET", name, fields="status,error_message")
    return found["status"], found.get("error_message")


async def publish(threads: Graph, **fields: str) -> str:
    name = await container(threads, **{"media_type": "TEXT", **fields})
    made = await threads.told("POST", f"{threads.user_id}/threads_publish", creation_id=name)
    return str(made["id"])


# -- publishing ----------------------------------------------------------------------------------------------------


async def test_a_container_becomes_a_post_once(threads: Graph) -> None:
    name = await container(threads, media_type="TEXT", text="Hello #builds, hello #tests")
    assert await status(threads, name) == ("FINISHED", None)
    assert await threads.practice.posts("threads") == []
    made = await threads.told("POST", "me/threads_publish", creation_id=name)
    assert await status(threads, name) == ("PUBLISHED", None)
    assert (await threads.refused("POST", "me/threads_publish", creation_id=name))[0] == 24
    [post] = await threads.practice.posts("threads")
    assert (post["id"], post["text"]) == (made["id"], "Hello #builds, hello #tests")
    shown = await threads.told(
        "GET", made["id"], fields="text,topic_tag,permalink,timestamp,media_type,is_reply,username"
    )
    assert (shown["text"], shown["topic_tag"]) == ("Hello builds, hello #tests", "builds")
    assert (shown["timestamp"], shown["media_type"]) == ("2026-11-23T09:00:00+0000", "TEXT_POST")
    assert (await threads.practice.http.get(shown["permalink"])).status_code == 200


async def test_a_container_ends_after_a_day(threads: Graph) -> None:
    name = await container(threads, media_type="TEXT", text="Late")
    threads.practice.clock.advance(hours=24, seconds=1)
    assert (await status(threads, name))[0] == "EXPIRED"
    assert (await threads.refused("POST", "me/threads_publish", creation_id=name))[0] == 24


async def test_containers_can_be_made_to_end(threads: Graph) -> None:
    name = await container(threads, media_type="TEXT", text="Late")
    await threads.practice.fault(network="threads", operation="publish", fault="expire_uploads")
    assert (await threads.refused("POST", "me/threads_publish", creation_id=name))[0] == 24
    assert (await status(threads, name))[0] == "EXPIRED"


async def test_a_slow_container_is_not_there_when_published_early(threads: Graph) -> None:
    await threads.practice.fault(network="threads", operation="upload", fault="slow", value=2)
    name = await container(threads, media_type="TEXT", text="Slow")
    assert (await threads.refused("POST", "me/threads_publish", creation_id=name))[:2] == (24, 4279009)
    assert [(await status(threads, name))[0] for _ in range(3)] == ["IN_PROGRESS", "IN_PROGRESS", "FINISHED"]


async def test_pictures_are_fetched_and_a_carousel_keeps_their_order(threads: Graph) -> None:
    other = plain_png(20, 20, (9, 9, 9))
    async with pictures({"a": (PNG, "image/png"), "b": (other, "image/png")}) as root:
        items = [
            await container(
                threads, media_type="IMAGE", image_url=f"{root}/{name}", is_carousel_item="true", alt_text=f"Alt {name}"
            )
            for name in "ba"
        ]
        assert (await threads.refused("POST", "me/threads_publish", creation_id=items[0]))[0] == 24
        made = await publish(threads, media_type="CAROUSEL", children=",".join(items), text="Two")
        single = await publish(threads, media_type="IMAGE", image_url=f"{root}/a", alt_text="One")
    second, first = await threads.practice.posts("threads")
    assert [(one["alt"], one["width"]) for one in first["media"]] == [("Alt b", 20), ("Alt a", 40)]
    assert [one["alt"] for one in second["media"]] == ["One"]
    whole = await threads.told("GET", made, fields="media_type,children{id}")
    assert (whole["media_type"], len(whole["children"]["data"])) == ("CAROUSEL_ALBUM", 2)
    assert (await threads.told("GET", single, fields="alt_text"))["alt_text"] == "One"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing", "FAILED_DOWNLOADING_MEDIA"),
        ("gif", "INVALID_IMAGE_FORMAT"),
        ("lying", "INVALID_IMAGE_FORMAT"),
        ("page", "INVALID_IMAGE_FORMAT"),
        ("wide", "INVALID_IMAGE_RATIO"),
        ("large", "INVALID_IMAGE_SIZE"),
    ],
)
async def test_a_picture_it_cannot_use_fails_the_container(threads: Graph, name: str, reason: str) -> None:
    shown = {
        "gif": (b"GIF89a\x01\x00\x01\x00", "image/gif"),
        "lying": (PNG, "image/jpeg"),
        "page": (b"<html>", "text/html"),
        "wide": (WIDE, "image/png"),
        "large": (PNG + b"\x00" * 8_000_000, "image/png"),
    }
    async with pictures(shown) as root:
        made = await container(threads, media_type="IMAGE", image_url=f"{root}/{name}")
    assert await status(threads, made) == ("ERROR", reason)


@pytest.mark.parametrize(
    "address", ["https://example.com/a.png", "http://10.0.0.1/a.png", "file:///etc/passwd", "a.png"]
)
async def test_nothing_outside_of_this_machine_is_fetched(threads: Graph, address: str) -> None:
    made = await container(threads, media_type="IMAGE", image_url=address)
    assert await status(threads, made) == ("ERROR", "FAILED_DOWNLOADING_MEDIA")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"media_type": "TEXT"}, "text is required"),
        ({"media_type": "TEXT", "text": "x", "colour": "red"}, "Invalid parameter: colour"),
        ({"media_type": "GIF", "text": "x"}, "media_type must be one of"),
        ({"text": "x"}, "media_type must be one of"),
        ({"media_type": "TEXT", "text": "x" * 501}, "at most 500 characters"),
        ({"media_type": "TEXT", "text": "👋" * 126}, "at most 500 characters"),
        ({"media_type": "TEXT", "text": " ".join(f"https://e.example/{n}" for n in range(6))}, "LINK_LIMIT_EXCEEDED"),
        (
            {
                "media_type": "TEXT",
                "text": " ".join(f"https://e.example/{n}" for n in range(5)),
                "link_attachment": "https://e.example/5",
            },
            "LINK_LIMIT_EXCEEDED",
        ),
        ({"media_type": "TEXT", "text": "x", "link_attachment": "e.example"}, "must be a URL"),
        ({"media_type": "IMAGE", "image_url": "a", "link_attachment": "https://e.example"}, "TEXT only"),
        ({"media_type": "TEXT", "text": "x", "topic_tag": "a.b"}, "topic tag"),
        ({"media_type": "TEXT", "text": "x", "topic_tag": "a" * 51}, "topic tag"),
        ({"media_type": "TEXT", "text": "x", "reply_control": "nobody"}, "reply_control must be one of"),
        ({"media_type": "TEXT", "text": "x", "reply_to_id": "18000"}, "does not exist"),
        ({"media_type": "TEXT", "text": "x", "auto_publish_text": "true"}, "not part of the practice network"),
        ({"media_type": "IMAGE", "text": "x"}, "image_url is required"),
        ({"media_type": "IMAGE", "image_url": "a", "alt_text": "x" * 1001}, "at most 1000 characters"),
        ({"media_type": "IMAGE", "image_url": "a", "is_carousel_item": "perhaps"}, "must be a boolean"),
        ({"media_type": "IMAGE", "image_url": "a", "is_carousel_item": "true", "text": "x"}, "without text"),
        ({"media_type": "CAROUSEL", "children": "1"}, "2 to 20 items"),
        ({"media_type": "CAROUSEL", "children": "1,2"}, "is not ready"),
    ],
)
async def test_what_a_post_may_not_be(threads: Graph, fields: dict[str, str], words: str) -> None:
    code, _, message = await threads.refused("POST", "me/threads", **fields)
    assert code == 100
    assert words in message


async def test_five_links_and_a_full_text_are_fine(threads: Graph) -> None:
    await publish(threads, text=" ".join(f"https://e.example/{n % 5}" for n in range(9)))
    await publish(
        threads, text="👋" * 125, topic_tag="Builds & so on".replace("&", "and"), reply_control="mentioned_only"
    )
    link = await publish(threads, text="Look", link_attachment="https://e.example/1")
    assert (await threads.told("GET", link, fields="link_attachment_url"))[
        "link_attachment_url"
    ] == "https://e.example/1"
    _, newest, _ = await threads.practice.posts("threads")
    assert (newest["topic_tag"], newest["reply_control"]) == ("Builds and so on", "mentioned_only")


async def test_a_day_has_250_posts(threads: Graph) -> None:
    for number in range(250):
        await publish(threads, text=f"Number {number}")
    told = await threads.told("GET", "me/threads_publishing_limit", fields="quota_usage,config")
    assert told["data"] == [{"quota_usage": 250, "config": {"quota_total": 250, "quota_duration": 86400}}]
    name = await container(threads, media_type="TEXT", text="One more")
    assert (await threads.refused("POST", "me/threads_publish", creation_id=name))[:2] == (9, 2207042)
    threads.practice.clock.advance(days=1, seconds=1)
    await publish(threads, text="Another day")


async def test_a_day_has_a_hundred_deletions_and_they_give_no_post_back(threads: Graph) -> None:
    posts = [await publish(threads, text=f"Number {number}") for number in range(101)]
    for post in posts[:100]:
        await threads.told("DELETE", post)
    told = await threads.told("GET", "me/threads_publishing_limit", fields="quota_usage,delete_quota_usage")
    assert told["data"] == [{"quota_usage": 101, "delete_quota_usage": 100}]
    assert (await threads.refused("DELETE", posts[100]))[:2] == (9, 2207042)
    threads.practice.clock.advance(days=1, seconds=1)
    await threads.told("DELETE", posts[100])


@pytest.mark.parametrize(("text", "length"), [("👋", 4), ("👨‍👩‍👧‍👦", 25), ("日", 1), ("cafe\u0301", 4), ("1️⃣", 7)])
def test_it_counts_as_its_documents_say(text: str, length: int) -> None:
    assert threads_length(text) == length


# -- reading -------------------------------------------------------------------------------------------------------


async def test_a_thread_is_a_chain_of_answers(threads: Graph) -> None:
    first = await publish(threads, text="One")
    second = await publish(threads, text="Two #not", reply_to_id=first)
    third = await publish(threads, text="Three", reply_to_id=second)
    own = await threads.told("GET", "me/threads", fields="id,text")
    assert [one["id"] for one in own["data"]] == [first]
    answers = await threads.told("GET", f"{threads.user_id}/replies", fields="id,text,replied_to,root_post,is_reply")
    assert [(one["id"], one["replied_to"]["id"], one["root_post"]["id"]) for one in answers["data"]] == [
        (third, second, first),
        (second, first, first),
    ]
    assert answers["data"][1]["text"] == "Two #not"
    below = await threads.told("GET", f"{first}/conversation", fields="id,is_reply_owned_by_me")
    assert {one["id"] for one in below["data"]} == {second, third}
    assert [one["id"] for one in (await threads.told("GET", f"{first}/replies"))["data"]] == [second]


async def test_lists_come_page_by_page_within_a_span(threads: Graph) -> None:
    made = []
    for number in range(5):
        made.append(await publish(threads, text=f"{number}"))
        threads.practice.clock.advance(minutes=1)
    found, after = [], ""
    while True:
        page = await threads.told("GET", "me/threads", limit=2, **({"after": after} if after else {}))
        found += [one["id"] for one in page["data"]]
        if "next" not in page["paging"]:
            break
        after = page["paging"]["cursors"]["after"]
    assert found == made[::-1]
    start = int((threads.practice.clock() - timedelta(minutes=2, seconds=1)).timestamp())
    assert len((await threads.told("GET", "me/threads", since=start))["data"]) == 2
    assert "Invalid parameter" in (await threads.refused("GET", "me/threads", since="never"))[2]
    assert "nonexisting field (likes)" in (await threads.refused("GET", "me/threads", fields="id,likes"))[2]


async def test_counters_grow_and_a_wrong_name_spoils_the_call(threads: Graph) -> None:
    post = await publish(threads, text="Which 3 of 7 would you keep?")
    threads.practice.clock.advance(days=2)
    told = await threads.told("GET", f"{post}/insights", metric="views,likes,replies,reposts,quotes,shares")
    counts = {one["name"]: one["values"][0]["value"] for one in told["data"]}
    assert counts["views"] > counts["likes"] > 0
    [shown] = await threads.practice.posts("threads")
    assert (counts["likes"], counts["replies"]) == (shown["counters"]["likes"], shown["counters"]["replies"])
    assert "must be one of" in (await threads.refused("GET", f"{post}/insights", metric="views,plays"))[2]
    followers = await threads.told("GET", "me/threads_insights", metric="followers_count")
    assert followers["data"][0]["total_value"]["value"] > 0


async def test_an_answer_can_be_hidden_and_a_post_deleted(threads: Graph) -> None:
    post = await publish(threads, text="What would you change, and why? 3 of 7 said speed.")
    threads.practice.clock.advance(days=3)
    answer, *_ = (await threads.told("GET", f"{post}/replies", fields="id,hide_status"))["data"]
    assert answer["hide_status"] == "NOT_HUSHED"
    await threads.told("POST", f"{answer['id']}/manage_reply", hide="true")
    assert (await threads.told("GET", answer["id"], fields="hide_status"))["hide_status"] == "HIDDEN"
    assert (await threads.refused("POST", f"{post}/manage_reply", hide="true"))[:2] == (100, 33)
    assert (await threads.refused("DELETE", answer["id"]))[:2] == (100, 33)
    assert await threads.told("DELETE", post) == {"success": True, "deleted_id": post}
    assert (await threads.refused("DELETE", post))[:2] == (100, 33)


# -- tokens --------------------------------------------------------------------------------------------------------


async def test_a_token_needs_the_right_for_each_call(threads: Graph) -> None:
    answer = await threads.practice.http.post("/_practice/tokens", json={"scopes": ["threads_basic"]})
    weak = answer.json()["access_token"]
    assert (await threads.ask("GET", "me", weak)).status_code == 200
    code, _, words = await threads.refused("POST", "me/threads", weak, media_type="TEXT", text="x")
    assert (code, "threads_content_publish" in words) == (10, True)
    assert (await threads.refused("GET", "me", "made-up"))[0] == 190
    assert (await threads.refused("GET", "me", threads.practice.token))[0] == 10
    assert (await threads.refused("POST", "123/threads", media_type="TEXT", text="x"))[:2] == (100, 33)


async def test_a_token_lives_sixty_days_and_is_renewed_before_it_ends(threads: Graph) -> None:
    http, clock = threads.practice.http, threads.practice.clock

    async def renew(token: str) -> tuple[int, dict[str, object]]:
        params = {"grant_type": "th_refresh_token", "access_token": token}
        answer = await http.get("/threads/refresh_access_token", params=params)
        return answer.status_code, answer.json()

    status_code, fresh = await renew(threads.token)
    assert (status_code, fresh["token_type"], fresh["expires_in"]) == (200, "bearer", 60 * 86400)
    token = str(fresh["access_token"])
    assert token != threads.token
    assert (await threads.ask("GET", "me", token)).status_code == 200
    assert "less than 24 hours" in str((await renew(token))[1])
    clock.advance(days=59)
    assert (await threads.refused("GET", "me"))[:2] == (190, 463)
    assert (await renew(threads.token))[0] == 401
    assert (await renew(token))[0] == 200
    wrong = await http.get("/threads/refresh_access_token", params={"grant_type": "password", "access_token": token})
    assert wrong.status_code == 400


async def test_going_too_fast_tells_in_minutes_when_to_come_back(threads: Graph) -> None:
    await threads.practice.fault(network="threads", operation="verify", fault="rate_limited", value=90)
    answer = await threads.ask("GET", "me")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, 4)
    assert '"estimated_time_to_regain_access": 2' in answer.headers["x-business-use-case-usage"]
    assert "x-app-usage" in (await threads.ask("GET", "me")).headers


async def test_an_address_it_does_not_know_is_refused_in_its_own_form(threads: Graph) -> None:
    assert (await threads.refused("GET", "me/likes"))[0] == 2500
