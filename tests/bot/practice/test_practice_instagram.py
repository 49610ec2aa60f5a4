"""The Instagram stand-in: JPEG alone, containers that end, comments in two levels, and two products' rights."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image

from tests.bot.practice.driving import PNG, Practice
from tests.bot.practice.graph import Graph, graph, pictures


def jpeg(width: int = 100, height: int = 100) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (9, 8, 7)).save(out, "JPEG")
    return out.getvalue()


SHOWN = {
    "a": (jpeg(), "image/jpeg"),
    "b": (jpeg(120), "image/jpeg"),
    "png": (PNG, "image/png"),
    "lying": (PNG, "image/jpeg"),
    "high": (jpeg(79), "image/jpeg"),
    "wide": (jpeg(192), "image/jpeg"),
    "large": (jpeg() + b"\x00" * 8_000_000, "image/jpeg"),
}


@pytest.fixture
def instagram(practice: Practice) -> Graph:
    return graph(practice, "instagram", "v26.0", "user_id")


async def container(instagram: Graph, root: str, **fields: str) -> str:
    shown = {} if "media_type" in fields else {"image_url": f"{root}/a"}
    return str((await instagram.told("POST", "me/media", **{**shown, **fields}))["id"])


async def state(instagram: Graph, name: str) -> str:
    return str((await instagram.told("GET", name, fields="status_code,status"))["status_code"])


async def publish(instagram: Graph, root: str, **fields: str) -> str:
    name = await container(instagram, root, **fields)
    return str((await instagram.told("POST", "me/media_publish", creation_id=name))["id"])


async def test_a_container_becomes_a_post_once(instagram: Graph) -> None:
    async with pictures(SHOWN) as root:
        name = await container(instagram, root, caption="Größe", alt_text="A card")
    assert await state(instagram, name) == "FINISHED"
    made = (await instagram.told("POST", f"{instagram.user_id}/media_publish", creation_id=name))["id"]
    assert await state(instagram, name) == "PUBLISHED"
    assert (await instagram.refused("POST", "me/media_publish", creation_id=name))[:2] == (24, 2207006)
    [post] = await instagram.practice.posts("instagram")
    assert (post["id"], post["text"], [one["alt"] for one in post["media"]]) == (made, "Größe", ["A card"])
    told = await instagram.told("GET", made, fields="caption,permalink,media_type,like_count")
    assert (told["caption"], told["media_type"], told["like_count"]) == ("Größe", "IMAGE", 0)
    assert (await instagram.practice.http.get(told["permalink"])).status_code == 200


async def test_a_carousel_keeps_the_order_of_its_pictures(instagram: Graph) -> None:
    async with pictures(SHOWN) as root:
        items = [await container(instagram, root, image_url=f"{root}/{name}", is_carousel_item="true") for name in "ba"]
        assert (await instagram.refused("POST", "me/media_publish", creation_id=items[0]))[:2] == (24, 2207006)
        made = await publish(instagram, root, media_type="CAROUSEL", children=",".join(items), caption="Two")
    [post] = await instagram.practice.posts("instagram")
    assert [one["width"] for one in post["media"]] == [120, 100]
    assert len((await instagram.told("GET", made, fields="children{id}"))["children"]["data"]) == 2


@pytest.mark.parametrize(
    ("name", "code", "subcode"),
    [
        ("missing", 9004, 2207052),
        ("png", 36001, 2207005),
        ("lying", 36001, 2207005),
        ("large", 36000, 2207004),
        ("high", 36003, 2207009),
        ("wide", 36003, 2207009),
    ],
)
async def test_pictures_are_jpeg_of_a_certain_shape(instagram: Graph, name: str, code: int, subcode: int) -> None:
    async with pictures(SHOWN) as root:
        assert (await instagram.refused("POST", "me/media", image_url=f"{root}/{name}"))[:2] == (code, subcode)
    assert (await instagram.refused("POST", "me/media", image_url="https://example.com/a.jpg"))[:2] == (9004, 2207052)


@pytest.mark.parametrize(
    ("fields", "code", "subcode"),
    [
        ({}, 100, 2207023),
        ({"caption": "No picture"}, 100, 2207023),
        ({"media_type": "REELS", "image_url": "a"}, 100, 2207023),
        ({"image_url": "a", "colour": "red"}, 100, 0),
        ({"video_url": "a"}, 100, 2207023),
        ({"image_url": "a", "caption": "x" * 2201}, 36004, 2207010),
        ({"image_url": "a", "caption": " ".join(f"#a{n}" for n in range(31))}, 36004, 2207010),
        ({"image_url": "a", "caption": " ".join(f"@a{n}" for n in range(21))}, 36004, 2207010),
        ({"image_url": "a", "is_carousel_item": "true", "caption": "x"}, 100, 0),
        ({"media_type": "CAROUSEL", "children": "1"}, 100, 2207028),
        ({"media_type": "CAROUSEL", "children": "1,2"}, 24, 2207006),
    ],
)
async def test_what_a_post_may_not_be(instagram: Graph, fields: dict[str, str], code: int, subcode: int) -> None:
    assert (await instagram.refused("POST", "me/media", **fields))[:2] == (code, subcode)


async def test_a_container_is_slow_and_ends(instagram: Graph) -> None:
    await instagram.practice.fault(network="instagram", operation="upload", fault="slow", value=1)
    async with pictures(SHOWN) as root:
        slow = await container(instagram, root)
        other = await container(instagram, root)
    assert (await instagram.refused("POST", "me/media_publish", creation_id=slow))[:2] == (9007, 2207027)
    assert [await state(instagram, slow) for _ in range(2)] == ["IN_PROGRESS", "FINISHED"]
    await instagram.practice.fault(network="instagram", operation="verify", fault="expire_uploads")
    await instagram.told("GET", "me")
    assert (await instagram.refused("POST", "me/media_publish", creation_id=other))[:2] == (24, 2207008)
    assert await state(instagram, slow) == "EXPIRED"


async def test_a_day_has_a_hundred_posts(instagram: Graph) -> None:
    async with pictures(SHOWN) as root:
        for _ in range(100):
            await publish(instagram, root)
        told = await instagram.told("GET", "me/content_publishing_limit", fields="quota_usage,config")
        assert told["data"] == [{"quota_usage": 100, "config": {"quota_total": 100, "quota_duration": 86400}}]
        name = await container(instagram, root)
        assert (await instagram.refused("POST", "me/media_publish", creation_id=name))[:2] == (9, 2207042)


async def test_comments_have_two_levels_and_can_be_hidden(instagram: Graph) -> None:
    async with pictures(SHOWN) as root:
        post = await publish(instagram, root, caption="What would you change, and why? 3 of 7 said speed.")
    instagram.practice.clock.advance(days=3)
    first, *_ = (await instagram.told("GET", f"{post}/comments", fields="id,text,username,from"))["data"]
    answer = (await instagram.told("POST", f"{first['id']}/replies", message="Thanks"))["id"]
    deeper = (await instagram.told("POST", f"{answer}/replies", message="And more"))["id"]
    [with_answers] = [
        one
        for one in (await instagram.told("GET", f"{post}/comments", fields="id,replies{id}", limit=100))["data"]
        if one["id"] == first["id"]
    ]
    assert {one["id"] for one in with_answers["replies"]["data"]} == {answer, deeper}
    assert (await instagram.refused("POST", f"{post}/replies", message="x"))[:2] == (100, 33)
    assert "required" in (await instagram.refused("POST", f"{post}/comments", message=" "))[2]
    await instagram.told("POST", first["id"], hide="true")
    assert (await instagram.told("GET", first["id"], fields="hidden"))["hidden"] is True
    assert (await instagram.refused("POST", answer, hide="true"))[:2] == (100, 33)


async def test_only_the_first_answers_come_beside_their_comment(instagram: Graph) -> None:
    async with pictures(SHOWN) as root:
        post = await publish(instagram, root)
    top = (await instagram.told("POST", f"{post}/comments", message="Ask away"))["id"]
    given = [(await instagram.told("POST", f"{top}/replies", message=f"Number {n}"))["id"] for n in range(26)]
    [shown] = (await instagram.told("GET", f"{post}/comments", fields="id,replies{id}"))["data"]
    assert [one["id"] for one in shown["replies"]["data"]] == given[:25]
    assert f"/{top}/replies" in shown["replies"]["paging"]["next"]
    assert len((await instagram.told("GET", f"{top}/replies", limit=100))["data"]) == 26


async def test_counters_lists_and_deleting(instagram: Graph) -> None:
    async with pictures(SHOWN) as root:
        post = await publish(instagram, root, caption="Which 3 of 7?")
    instagram.practice.clock.advance(days=2)
    names = "views,reach,likes,comments,saved,shares,reposts,link_clicks,total_interactions"
    told = await instagram.told("GET", f"{post}/insights", metric=names)
    counts = {one["name"]: one["values"][0]["value"] for one in told["data"]}
    assert counts["views"] > counts["reach"] > counts["likes"] > 0
    assert "must be one of" in (await instagram.refused("GET", f"{post}/insights", metric="impressions"))[2]
    assert [one["id"] for one in (await instagram.told("GET", "me/media"))["data"]] == [post]
    assert (await instagram.told("GET", "me", fields="media_count,account_type"))["media_count"] == 1
    await instagram.told("DELETE", post)
    assert (await instagram.refused("DELETE", post))[:2] == (100, 33)


@pytest.mark.parametrize("names", ["instagram_business_{}", "instagram_{}"])
async def test_each_product_has_names_of_its_own_for_its_rights(instagram: Graph, names: str) -> None:
    async def token(*rights: str) -> str:
        scopes = [names.format(right) for right in rights]
        answer = await instagram.practice.http.post("/_practice/tokens", json={"scopes": scopes})
        return str(answer.json()["access_token"])

    able = await token("basic", "content_publish")
    assert (await instagram.ask("GET", "me", able)).status_code == 200
    async with pictures(SHOWN) as root:
        assert (await instagram.ask("POST", "me/media", able, image_url=f"{root}/a")).status_code == 200
    assert (await instagram.refused("GET", "1/comments", able))[0] == 10
    assert (await instagram.refused("POST", "me/media", await token("basic"), image_url="a"))[0] == 10
    params = {"grant_type": "ig_refresh_token", "access_token": able}
    assert (await instagram.practice.http.get("/instagram/refresh_access_token", params=params)).status_code == 400


async def test_the_tokens_of_other_networks_open_nothing(instagram: Graph) -> None:
    threads = graph(instagram.practice, "threads", "v1.0", "user_id")
    assert (await instagram.refused("GET", "me", threads.token))[0] == 10


async def test_what_is_used_is_told_for_the_account_and_not_for_the_app(instagram: Graph) -> None:
    told = (await instagram.ask("GET", "me")).headers
    assert "x-app-usage" not in told
    [entry] = json.loads(told["x-business-use-case-usage"])[instagram.user_id]
    assert (entry["type"], entry["call_count"], entry["estimated_time_to_regain_access"]) == ("instagram", 0, 0)
