"""Videos on the stand-ins of Meta's networks: fetched or sent in pieces, judged by their bytes, slow, posted once."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from bot.practice.meta.moving import Takes, judge
from tests.bot.practice.driving import PNG, Practice
from tests.bot.practice.graph import Graph, graph, of_facebook_login, pictures, push
from tests.bot.practice.test_practice_instagram import SHOWN as STILL
from tests.media_samples import tiny_video


def clip(seconds: float, size: tuple[int, int] = (64, 64)) -> bytes:
    """A video as fast as these networks want it."""
    return tiny_video(seconds, size, 24)


CLIP = clip(3.0)
TALL = clip(3.0, (540, 960))
SHORT = clip(1.0)
LONG = clip(61.0, (36, 64))
SHOWN = {
    "clip": (CLIP, "video/mp4"),
    "short": (SHORT, "video/mp4"),
    "long": (LONG, "video/mp4"),
    "thin": (clip(3.0, (2, 256)), "video/mp4"),
    "lying": (PNG, "video/mp4"),
    "kind": (CLIP, "text/html"),
    "cut": (CLIP[:-9], "video/mp4"),
    **STILL,
}


@pytest.fixture
def instagram(practice: Practice) -> Graph:
    return graph(practice, "instagram", "v26.0", "user_id")


@pytest.fixture
def facebook(practice: Practice) -> Graph:
    return graph(practice, "facebook", "v26.0", "page_id")


@pytest.fixture
def threads(practice: Practice) -> Graph:
    return graph(practice, "threads", "v1.0", "user_id")


async def states(network: Graph, name: str, field: str = "status_code") -> list[str]:
    """What a container says until it is done."""
    said: list[str] = []
    while not said or said[-1] == "IN_PROGRESS":
        said.append(str((await network.told("GET", name, fields=field))[field]))
    return said


# -- what a video is -----------------------------------------------------------------------------------------------


def test_a_video_is_judged_by_its_boxes() -> None:
    takes = Takes(most_bytes=len(TALL), seconds=(3.0, 90.0))
    found, wrong = judge(TALL, takes)
    assert found is not None
    assert (found.width, found.height, wrong) == (540, 960, "")
    late = TALL[:32] + TALL[TALL.index(b"mdat") - 4 :] + TALL[32 : TALL.index(b"mdat") - 4]
    assert [judge(content, takes)[1] for content in (b"", PNG, TALL[:-1], TALL[:40], late)] == ["format"] * 5
    assert judge(TALL, takes, told="text/html")[1] == "format"
    assert judge(TALL + b"\x00", takes)[1] == "size"
    assert judge(late, Takes(most_bytes=len(TALL), seconds=(3.0, 90.0), index_first=False))[1] == ""


# -- Instagram -----------------------------------------------------------------------------------------------------


async def test_a_reel_is_worked_on_and_then_published(instagram: Graph) -> None:
    async with pictures(SHOWN) as root:
        fields = {"media_type": "REELS", "video_url": f"{root}/clip", "caption": "Größe", "share_to_feed": "false"}
        name = (await instagram.told("POST", "me/media", **fields, cover_url=f"{root}/a"))["id"]
    assert (await instagram.refused("POST", "me/media_publish", creation_id=name))[:2] == (9007, 2207027)
    assert await states(instagram, name) == ["IN_PROGRESS", "IN_PROGRESS", "FINISHED"]
    made = (await instagram.told("POST", "me/media_publish", creation_id=name))["id"]
    told = await instagram.told("GET", made, fields="media_type,media_product_type,caption,permalink")
    assert (told["media_type"], told["media_product_type"], told["caption"]) == ("VIDEO", "REELS", "Größe")
    [post] = await instagram.practice.posts("instagram")
    assert [(one["mime"], one["width"], one["height"]) for one in post["media"]] == [("video/mp4", 64, 64)]
    page = await instagram.practice.http.get(told["permalink"])
    assert "Reel" in page.text


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("missing", 2207052),
        ("short", 2207026),
        ("thin", 2207026),
        ("lying", 2207026),
        ("kind", 2207026),
        ("cut", 2207026),
    ],
)
async def test_what_is_wrong_with_a_video_shows_at_its_container(instagram: Graph, name: str, code: int) -> None:
    async with pictures(SHOWN) as root:
        fields = {"media_type": "REELS", "video_url": f"{root}/{name}"}
        made = (await instagram.told("POST", "me/media", **fields))["id"]
    assert (await states(instagram, made))[-1] == "ERROR"
    assert str(code) in (await instagram.told("GET", made, fields="status"))["status"]
    assert (await instagram.refused("POST", "me/media_publish", creation_id=made))[:2] == (24, 2207006)


async def test_a_story_has_one_thing_to_show_and_no_caption_and_is_listed_apart(instagram: Graph) -> None:
    async with pictures(SHOWN) as root:
        for shown in ({"image_url": f"{root}/high"}, {"video_url": f"{root}/clip"}):
            name = (await instagram.told("POST", "me/media", media_type="STORIES", **shown))["id"]
            await states(instagram, name)
            await instagram.told("POST", "me/media_publish", creation_id=name)
        name = (await instagram.told("POST", "me/media", media_type="STORIES", video_url=f"{root}/long"))["id"]
        assert (await states(instagram, name))[-1] == "ERROR"
    listed = (await instagram.told("GET", "me/stories", fields="media_type,media_product_type"))["data"]
    assert [(one["media_type"], one["media_product_type"]) for one in listed] == [
        ("VIDEO", "STORY"),
        ("IMAGE", "STORY"),
    ]
    assert (await instagram.told("GET", "me/media"))["data"] == []
    instagram.practice.clock.advance(days=1, seconds=1)
    assert (await instagram.told("GET", "me/stories"))["data"] == []


async def test_a_carousel_may_mix_pictures_and_videos(instagram: Graph) -> None:
    async with pictures(SHOWN) as root:
        still = await instagram.told("POST", "me/media", image_url=f"{root}/a", is_carousel_item="true")
        fields = {"media_type": "VIDEO", "video_url": f"{root}/clip", "is_carousel_item": "true"}
        moving = await instagram.told("POST", "me/media", **fields)
        items = f"{still['id']},{moving['id']}"
        assert (await instagram.refused("POST", "me/media", media_type="CAROUSEL", children=items))[:2] == (
            9007,
            2207027,
        )
        await states(instagram, moving["id"])
        whole = await instagram.told("POST", "me/media", media_type="CAROUSEL", children=items, caption="Both")
    made = (await instagram.told("POST", "me/media_publish", creation_id=whole["id"]))["id"]
    told = await instagram.told("GET", made, fields="media_type,permalink,children{media_type}")
    assert told["media_type"] == "CAROUSEL_ALBUM"
    assert [one["media_type"] for one in told["children"]["data"]] == ["IMAGE", "VIDEO"]
    page = (await instagram.practice.http.get(told["permalink"])).text
    assert 0 < page.index("<img") < page.index("<video")
    assert "media_type" not in (await instagram.told("GET", made, fields="children{id}"))["children"]["data"][0]


async def test_what_no_carousel_takes(instagram: Graph) -> None:
    async with pictures(SHOWN) as root:
        item = {"image_url": f"{root}/a", "is_carousel_item": "true"}
        one = str((await instagram.told("POST", "me/media", **item))["id"])
        alone = str((await instagram.told("POST", "me/media", image_url=f"{root}/a"))["id"])
        reel = str((await instagram.told("POST", "me/media", media_type="REELS", video_url=f"{root}/clip"))["id"])
        short = {"media_type": "VIDEO", "video_url": f"{root}/short", "is_carousel_item": "true"}
        failed = str((await instagram.told("POST", "me/media", **short))["id"])
    for name in (reel, failed):
        await states(instagram, name)

    async def refused(*items: str) -> tuple[int, int]:
        return (await instagram.refused("POST", "me/media", media_type="CAROUSEL", children=",".join(items)))[:2]

    assert [await refused(one, other) for other in (alone, reel, failed, "1")] == [(24, 2207006)] * 4
    assert [await refused(*[one] * count) for count in (1, 11)] == [(100, 2207028)] * 2
    instagram.practice.clock.advance(days=1, seconds=1)
    assert await refused(one, one) == (24, 2207008)


async def test_what_no_carousel_on_threads_takes(threads: Graph) -> None:
    async with pictures(SHOWN) as root:
        picture = {"media_type": "IMAGE", "image_url": f"{root}/a"}
        one = str((await threads.told("POST", "me/threads", **picture, is_carousel_item="true"))["id"])
        alone = str((await threads.told("POST", "me/threads", **picture))["id"])
        film = {"media_type": "VIDEO", "video_url": f"{root}/clip", "is_carousel_item": "true"}
        early = str((await threads.told("POST", "me/threads", **film))["id"])

    async def refused(*items: str) -> tuple[int, int]:
        return (await threads.refused("POST", "me/threads", media_type="CAROUSEL", children=",".join(items)))[:2]

    assert [await refused(one, other) for other in (alone, early, "1")] == [(100, 4279009)] * 3
    assert [await refused(*[one] * count) for count in (1, 21)] == [(100, 0)] * 2
    threads.practice.clock.advance(days=1, seconds=1)
    assert await refused(one, one) == (100, 4279009)


@pytest.mark.parametrize(
    "fields",
    [
        {"media_type": "REELS"},
        {"media_type": "REELS", "video_url": "a", "alt_text": "x"},
        {"media_type": "REELS", "video_url": "a", "upload_type": "resumable"},
        {"media_type": "REELS", "video_url": "a", "is_carousel_item": "true"},
        {"media_type": "VIDEO", "video_url": "a"},
        {"media_type": "STORIES", "video_url": "a", "caption": "x"},
        {"media_type": "STORIES", "video_url": "a", "image_url": "b"},
        {"media_type": "STORIES", "video_url": "a", "share_to_feed": "true"},
        {"media_type": "CAROUSEL", "video_url": "a"},
        {"image_url": "a", "thumb_offset": "1"},
    ],
)
async def test_what_does_not_go_together_on_instagram(instagram: Graph, fields: dict[str, str]) -> None:
    assert (await instagram.refused("POST", "me/media", **fields))[:2] == (100, 2207023)


async def test_a_cover_and_its_moment_must_be_there(instagram: Graph) -> None:
    async with pictures(SHOWN) as root:
        fields = {"media_type": "REELS", "video_url": f"{root}/clip", "cover_url": f"{root}/png"}
        name = (await instagram.told("POST", "me/media", **fields))["id"]
        assert (await states(instagram, name))[-1] == "ERROR"
    told = await instagram.refused("POST", "me/media", media_type="REELS", video_url="a", thumb_offset="soon")
    assert told[:2] == (1, 2207057)


async def test_bytes_go_to_the_address_that_facebook_login_is_given(instagram: Graph) -> None:
    own = await of_facebook_login(instagram)
    made = await own.told("POST", "me/media", media_type="REELS", upload_type="resumable", caption="Sent")
    address = made["uri"]
    assert address.endswith(f"/ig-api-upload/v26.0/{made['id']}")
    assert (await own.refused("POST", "me/media_publish", creation_id=made["id"]))[:2] == (9007, 2207027)
    size = str(len(CLIP))
    for wrong in (
        await push(own, address, CLIP, offset="5"),
        await push(own, address, CLIP + b"more", file_size=size),
        await push(own, address, CLIP, authorization=f"Bearer {own.token}"),
        await push(own, address, CLIP, file_url="https://example.com/a.mp4"),
        await push(instagram, address, CLIP),
    ):
        assert wrong.status_code == 400, wrong.text
    first = await push(own, address, CLIP[:1000], file_size=size)
    assert first.json()["success"] is True
    assert (await states_of(own, made["id"])) == "IN_PROGRESS"
    rest = await push(own, address, CLIP[1000:], offset="1000", file_size=size)
    assert rest.json()["success"] is True
    assert (await push(own, address, CLIP)).status_code == 400
    assert (await states(own, made["id"]))[-1] == "FINISHED"
    await own.told("POST", "me/media_publish", creation_id=made["id"])
    [post] = await own.practice.posts("instagram")
    assert post["text"] == "Sent"


async def states_of(network: Graph, name: str) -> str:
    return str((await network.told("GET", name, fields="status_code"))["status_code"])


async def test_an_upload_ends_with_its_container(instagram: Graph) -> None:
    own = await of_facebook_login(instagram)
    made = await own.told("POST", "me/media", media_type="REELS", upload_type="resumable")
    await own.practice.fault(network="instagram", operation="verify", fault="expire_uploads")
    await own.told("GET", "me")
    assert (await push(own, made["uri"], CLIP)).status_code == 400
    assert await states_of(own, made["id"]) == "EXPIRED"


# -- Facebook ------------------------------------------------------------------------------------------------------


async def transfer(facebook: Graph, session: str, start: int, chunk: bytes) -> httpx.Response:
    return await facebook.practice.http.post(
        f"/facebook/v26.0/{facebook.user_id}/videos",
        data={"upload_phase": "transfer", "upload_session_id": session, "start_offset": str(start)},
        files={"video_file_chunk": ("a.mp4", chunk, "application/octet-stream")},
        headers={"authorization": f"Bearer {facebook.token}"},
    )


def padded(size: int) -> bytes:
    """The clip as a larger file."""
    room = size - len(CLIP)
    return CLIP + room.to_bytes(4, "big") + b"free" + bytes(room - 8)


async def status(facebook: Graph, video: str) -> dict[str, Any]:
    return await facebook.told("GET", video, fields="status,post_id,permalink_url")


async def test_a_video_comes_in_pieces_and_is_a_post_once_it_was_worked_on(facebook: Graph) -> None:
    content = padded(1_500_000)
    begun = await facebook.told("POST", "me/videos", upload_phase="start", file_size=len(content))
    session, video = begun["upload_session_id"], begun["video_id"]
    assert (begun["start_offset"], begun["end_offset"]) == ("0", "1048576")
    assert (await facebook.refused("POST", "me/videos", upload_phase="finish", upload_session_id=session))[0] == 6000
    assert (await transfer(facebook, session, 5, content[:9])).json()["error"]["error_subcode"] == 1363037
    one = (await transfer(facebook, session, 0, content[:1_048_576])).json()
    assert one == {"start_offset": "1048576", "end_offset": "1500000"}
    assert (await status(facebook, video))["status"]["uploading_phase"]["bytes_transferred"] == 1_048_576
    two = (await transfer(facebook, session, 1_048_576, content[1_048_576:])).json()
    assert two == {"start_offset": "1500000", "end_offset": "1500000"}
    assert await facebook.practice.posts("facebook") == []
    fields = {"upload_phase": "finish", "upload_session_id": session, "description": "Größe"}
    assert await facebook.told("POST", "me/videos", **fields) == {"success": True}
    first, second = await status(facebook, video), await status(facebook, video)
    assert (first["status"]["video_status"], "post_id" in first) == ("processing", False)
    assert (second["status"]["video_status"], second["status"]["publishing_phase"]["publish_status"]) == (
        "ready",
        "published",
    )
    [post] = await facebook.practice.posts("facebook")
    assert (post["id"], post["text"]) == (f"{facebook.user_id}_{second['post_id']}", "Größe")
    [listed] = (await facebook.told("GET", "me/published_posts", fields="message,attachments"))["data"]
    assert listed["attachments"]["data"] == [{"media_type": "video", "target": {"id": video}}]
    assert (await facebook.refused("POST", "me/videos", **fields))[:2] == (100, 33)


async def test_a_video_can_come_whole_or_from_an_address(facebook: Graph) -> None:
    async with pictures(SHOWN) as root:
        made = await facebook.told("POST", "me/videos", file_url=f"{root}/clip", description="There")
        assert (await facebook.refused("POST", "me/videos", file_url=f"{root}/missing"))[0] == 389
    answer = await facebook.practice.http.post(
        "/facebook/v26.0/me/videos",
        data={"description": "Here"},
        files={"source": ("a.mp4", CLIP, "video/mp4")},
        headers={"authorization": f"Bearer {facebook.token}"},
    )
    for video in (made["id"], answer.json()["id"]):
        await status(facebook, video)
        await status(facebook, video)
    assert {post["text"] for post in await facebook.practice.posts("facebook")} == {"There", "Here"}


async def reel(facebook: Graph, content: bytes, edge: str = "video_reels") -> str:
    begun = await facebook.told("POST", f"me/{edge}", upload_phase="start")
    assert (await push(facebook, begun["upload_url"], content)).json() == {"success": True}
    return str(begun["video_id"])


async def test_a_reel_is_sent_and_published(facebook: Graph) -> None:
    video = await reel(facebook, TALL)
    fields = {"upload_phase": "finish", "video_id": video, "description": "Tall"}
    assert "video_state" in (await facebook.refused("POST", "me/video_reels", **fields))[2]
    assert await facebook.told("POST", "me/video_reels", **fields, video_state="PUBLISHED") == {"success": True}
    await status(facebook, video)
    assert (await status(facebook, video))["status"]["video_status"] == "ready"
    [post] = await facebook.practice.posts("facebook")
    assert (post["text"], post["product"]) == ("Tall", "REELS")


@pytest.mark.parametrize(
    ("content", "words"),
    [(clip(3.0, (1024, 960)), "aspect ratio"), (CLIP, "aspect ratio"), (clip(3.0, (36, 64)), "540p")],
)
async def test_a_reel_of_another_shape_fails_when_it_is_worked_on(facebook: Graph, content: bytes, words: str) -> None:
    video = await reel(facebook, content)
    await facebook.told(
        "POST", "me/video_reels", upload_phase="finish", video_id=video, video_state="PUBLISHED", description="x"
    )
    await status(facebook, video)
    told = (await status(facebook, video))["status"]
    assert told["video_status"] == "error"
    assert words in told["processing_phase"]["errors"][0]["message"]
    assert await facebook.practice.posts("facebook") == []


async def test_stories_show_a_photo_or_a_video_and_stand_apart(facebook: Graph) -> None:
    video = await reel(facebook, TALL, "video_stories")
    moving = await facebook.told("POST", "me/video_stories", upload_phase="finish", video_id=video)
    answer = await facebook.practice.http.post(
        "/facebook/v26.0/me/photos",
        data={"published": "false"},
        files={"source": ("a.png", PNG, "image/png")},
        headers={"authorization": f"Bearer {facebook.token}"},
    )
    photo = answer.json()["id"]
    still = await facebook.told("POST", "me/photo_stories", photo_id=photo)
    assert "can't be used" in (await facebook.refused("POST", "me/photo_stories", photo_id=photo))[2]
    listed = (await facebook.told("GET", "me/stories"))["data"]
    assert [(one["post_id"], one["media_type"], one["media_id"]) for one in listed] == [
        (still["post_id"], "photo", photo),
        (moving["post_id"], "video", video),
    ]
    assert (await facebook.told("GET", "me/published_posts"))["data"] == []
    small = await reel(facebook, CLIP, "video_stories")
    assert (
        "aspect ratio" in (await facebook.refused("POST", "me/video_stories", upload_phase="finish", video_id=small))[2]
    )


@pytest.mark.parametrize(
    ("edge", "fields"),
    [
        ("videos", {}),
        ("videos", {"upload_phase": "start"}),
        ("videos", {"upload_phase": "start", "file_size": "9"}),
        ("videos", {"upload_phase": "start", "file_size": "2000000001"}),
        ("videos", {"upload_phase": "pause"}),
        ("videos", {"upload_phase": "finish", "upload_session_id": "1"}),
        ("videos", {"colour": "red"}),
        ("videos", {"published": "false", "upload_phase": "start", "file_size": "5000"}),
        ("video_reels", {}),
        ("video_reels", {"upload_phase": "finish", "video_id": "1"}),
        ("video_stories", {"upload_phase": "finish", "video_id": "1"}),
        ("photo_stories", {"photo_id": "1"}),
    ],
)
async def test_what_a_page_refuses(facebook: Graph, edge: str, fields: dict[str, str]) -> None:
    assert (await facebook.refused("POST", f"me/{edge}", **fields))[0] in {100, 6000}


async def test_an_upload_to_a_page_ends(facebook: Graph) -> None:
    begun = await facebook.told("POST", "me/videos", upload_phase="start", file_size=len(CLIP))
    await facebook.practice.fault(network="facebook", operation="verify", fault="expire_uploads")
    await facebook.told("GET", "me")
    told = (await transfer(facebook, begun["upload_session_id"], 0, CLIP)).json()["error"]
    assert (told["code"], told["error_subcode"]) == (6000, 1363030)


# -- Threads -------------------------------------------------------------------------------------------------------


async def test_a_video_on_threads_carries_its_words(threads: Graph) -> None:
    async with pictures(SHOWN) as root:
        fields = {"media_type": "VIDEO", "video_url": f"{root}/short", "text": "Größe", "alt_text": "A grey square"}
        name = (await threads.told("POST", "me/threads", **fields, is_spoiler_media="true"))["id"]
        assert (await states(threads, name, "status"))[-1] == "FINISHED"
    made = (await threads.told("POST", "me/threads_publish", creation_id=name))["id"]
    told = await threads.told("GET", made, fields="media_type,alt_text,is_spoiler_media")
    assert (told["media_type"], told["alt_text"], told["is_spoiler_media"]) == ("VIDEO", "A grey square", True)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing", "FAILED_DOWNLOADING_VIDEO"),
        ("thin", "INVALID_ASPECT_RATIO"),
        ("lying", "FAILED_PROCESSING_VIDEO"),
    ],
)
async def test_what_is_wrong_with_a_video_on_threads(threads: Graph, name: str, reason: str) -> None:
    async with pictures(SHOWN) as root:
        made = (await threads.told("POST", "me/threads", media_type="VIDEO", video_url=f"{root}/{name}"))["id"]
    assert (await states(threads, made, "status"))[-1] == "ERROR"
    assert (await threads.told("GET", made, fields="error_message"))["error_message"] == reason


async def test_a_carousel_on_threads_may_mix_pictures_and_videos(threads: Graph) -> None:
    async with pictures(SHOWN) as root:
        fields = {"media_type": "VIDEO", "video_url": f"{root}/clip", "is_carousel_item": "true"}
        moving = (await threads.told("POST", "me/threads", **fields))["id"]
        still = {"media_type": "IMAGE", "image_url": f"{root}/a", "is_carousel_item": "true"}
        other = (await threads.told("POST", "me/threads", **still))["id"]
        await states(threads, moving, "status")
        whole = {"media_type": "CAROUSEL", "children": f"{moving},{other}", "text": "Both"}
        name = (await threads.told("POST", "me/threads", **whole))["id"]
    made = (await threads.told("POST", "me/threads_publish", creation_id=name))["id"]
    told = await threads.told("GET", made, fields="media_type,children{media_type}")
    assert told["media_type"] == "CAROUSEL_ALBUM"
    assert [one["media_type"] for one in told["children"]["data"]] == ["VIDEO", "IMAGE"]
    [post] = await threads.practice.posts("threads")
    assert [one["mime"].partition("/")[0] for one in post["media"]] == ["video", "image"]


async def test_a_poll_goes_with_a_text(threads: Graph) -> None:
    poll = {"option_a": "Tea", "option_b": "Coffee", "option_c": "Both"}
    fields = {"media_type": "TEXT", "text": "Which?", "poll_attachment": json.dumps(poll)}
    name = (await threads.told("POST", "me/threads", **fields))["id"]
    made = (await threads.told("POST", "me/threads_publish", creation_id=name))["id"]
    told = await threads.told("GET", made, fields="poll_attachment,permalink")
    assert {key: told["poll_attachment"][key] for key in poll} == poll
    assert "Poll: Tea / Coffee / Both" in (await threads.practice.http.get(told["permalink"])).text


@pytest.mark.parametrize(
    "fields",
    [
        {"media_type": "VIDEO", "text": "x"},
        {"media_type": "VIDEO", "video_url": "a", "image_url": "b"},
        {"media_type": "TEXT", "text": "x", "video_url": "a"},
        {"media_type": "TEXT", "text": "x", "is_spoiler_media": "true"},
        {"media_type": "IMAGE", "image_url": "a", "is_carousel_item": "true", "is_spoiler_media": "true"},
        {"media_type": "IMAGE", "image_url": "a", "poll_attachment": '{"option_a": "a", "option_b": "b"}'},
        {"media_type": "TEXT", "text": "x", "poll_attachment": "tea"},
        {"media_type": "TEXT", "text": "x", "poll_attachment": '{"option_a": "a"}'},
        {"media_type": "TEXT", "text": "x", "poll_attachment": '{"option_a": "a", "option_c": "b"}'},
        {"media_type": "TEXT", "text": "x", "poll_attachment": '{"option_a": "a", "option_b": ""}'},
        {"media_type": "TEXT", "text": "x", "poll_attachment": json.dumps({"option_a": "a", "option_b": "b" * 26})},
        {"media_type": "TEXT", "text": "x", "enable_reply_approvals": "maybe"},
        {"media_type": "TEXT", "text": "x", "is_ghost_post": "true"},
    ],
)
async def test_what_does_not_go_together_on_threads(threads: Graph, fields: dict[str, str]) -> None:
    assert (await threads.refused("POST", "me/threads", **fields))[0] == 100
