"""The TikTok stand-in: tokens that rotate, videos in strict pieces, photos that are fetched, posts that take looks."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from bot.practice import practice_accounts
from bot.practice.tiktok.uploads import judge
from bot.practice.videos import Film
from tests.bot.practice.driving import PNG, FakeClock, Practice, running
from tests.bot.practice.graph import pictures
from tests.file_samples import padded
from tests.media_samples import tiny_video

PUBLISH = "/tiktok/v2/post/publish"
PUBLIC: dict[str, Any] = {"privacy_level": "PUBLIC_TO_EVERYONE"}


def jpeg(kind: str = "JPEG", size: tuple[int, int] = (90, 160)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (9, 8, 7)).save(out, kind)
    return out.getvalue()


SHOWN = {
    "a": (jpeg(), "image/jpeg"),
    "b": (jpeg("WEBP"), "image/webp"),
    "png": (PNG, "image/png"),
    "lying": (PNG, "image/jpeg"),
    "large": (jpeg() + b"\x00" * 20_000_000, "image/jpeg"),
    "wide": (jpeg(size=(1080, 1921)), "image/jpeg"),
}


def film(size: int = 4_000, seconds: float = 0.5, shape: tuple[int, int] = (360, 640), rate: int = 24) -> bytes:
    """A real video as a file of so many bytes."""
    return padded(tiny_video(seconds, shape, rate), size)


@dataclass(frozen=True, slots=True, kw_only=True)
class TikTok:
    """The API as a careful client uses it."""

    practice: Practice
    own: dict[str, str] = field(repr=False)

    async def ask(self, path: str, body: object = None, token: str = "") -> httpx.Response:
        headers = {"authorization": f"Bearer {token or self.own['access_token']}"}
        return await self.practice.http.post(path, json=body if body is not None else {}, headers=headers)

    async def told(self, path: str, body: object = None) -> dict[str, Any]:
        answer = await self.ask(path, body)
        assert answer.status_code == 200, answer.text
        whole = answer.json()
        assert whole["error"]["code"] == "ok"
        assert whole["error"]["log_id"]
        data: dict[str, Any] = whole["data"]
        return data

    async def refused(self, path: str, body: object = None, token: str = "") -> tuple[int, str]:
        answer = await self.ask(path, body, token)
        assert answer.status_code >= 400, answer.text
        error = answer.json()["error"]
        assert error["log_id"]
        assert error["message"]
        return answer.status_code, str(error["code"])

    async def form(self, path: str, **fields: str) -> httpx.Response:
        app = {name: self.own[name] for name in ("client_key", "client_secret")}
        return await self.practice.http.post(f"/tiktok/v2/oauth/{path}/", data={**app, **fields})

    async def creator(self, **fields: bool) -> None:
        answer = await self.practice.http.put("/_practice/creator", json=fields)
        assert answer.status_code == 200, answer.text

    async def status(self, publish_id: str) -> dict[str, Any]:
        return await self.told(f"{PUBLISH}/status/fetch/", {"publish_id": publish_id})


@pytest.fixture
def tiktok(practice: Practice) -> TikTok:
    [own] = [one for one in practice_accounts(practice.settings) if one["platform"] == "tiktok"]
    return TikTok(practice=practice, own=own)


def photos(root: str, *names: str, **info: Any) -> dict[str, Any]:
    source = {"source": "PULL_FROM_URL", "photo_images": [f"{root}/{one}" for one in names], "photo_cover_index": 0}
    post = {**PUBLIC, "description": "A tide table", **info}
    return {"media_type": "PHOTO", "post_mode": "DIRECT_POST", "post_info": post, "source_info": source}


def video(size: int, piece: int, count: int, **info: Any) -> dict[str, Any]:
    source = {"source": "FILE_UPLOAD", "video_size": size, "chunk_size": piece, "total_chunk_count": count}
    return {"post_info": {**PUBLIC, "title": "A tide", **info}, "source_info": source}


async def put(tiktok: TikTok, url: str, data: bytes, start: int, total: int, **headers: str) -> httpx.Response:
    told = {"content-type": "video/mp4", "content-range": f"bytes {start}-{start + len(data) - 1}/{total}", **headers}
    return await tiktok.practice.http.put(url, content=data, headers=told)


# -- photos --------------------------------------------------------------------------------------------------------


async def test_photos_are_fetched_and_become_a_post(tiktok: TikTok) -> None:
    async with pictures(SHOWN) as root:
        body = photos(root, "b", "a", title="Tides", disable_comment=True, brand_organic_toggle=True)
        made = (await tiktok.told(f"{PUBLISH}/content/init/", body))["publish_id"]
    told = await tiktok.status(made)
    [post] = await tiktok.practice.posts("tiktok")
    assert (told["status"], told["publicaly_available_post_id"]) == ("PUBLISH_COMPLETE", [int(post["id"])])
    assert (post["text"], post["title"], post["disclosed"]) == ("A tide table", "Tides", ["brand_organic_toggle"])
    assert [one["mime"] for one in post["media"]] == ["image/webp", "image/jpeg"]
    page = await tiktok.practice.http.get(post["url"])
    assert (page.status_code, "Tides" in page.text, "<img" in page.text) == (200, True, True)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing", "photo_pull_failed"),
        ("png", "file_format_check_failed"),
        ("lying", "file_format_check_failed"),
        ("large", "picture_size_check_failed"),
        ("wide", "picture_size_check_failed"),
    ],
)
async def test_a_photo_that_is_none_fails_the_post_later(tiktok: TikTok, name: str, reason: str) -> None:
    async with pictures(SHOWN) as root:
        made = (await tiktok.told(f"{PUBLISH}/content/init/", photos(root, "a", name)))["publish_id"]
    told = await tiktok.status(made)
    assert (told["status"], told["fail_reason"]) == ("FAILED", reason)
    assert await tiktok.practice.posts("tiktok") == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"description": "x" * 4001}, "invalid_params"),
        ({"description": "👋" * 2001}, "invalid_params"),
        ({"title": "x" * 91}, "invalid_params"),
        ({"privacy_level": ""}, "invalid_params"),
        ({"privacy_level": "EVERYBODY"}, "privacy_level_option_mismatch"),
        ({"privacy_level": "FOLLOWER_OF_CREATOR"}, "privacy_level_option_mismatch"),
        ({"privacy_level": "SELF_ONLY", "brand_content_toggle": True}, "invalid_params"),
        ({"is_aigc": True}, "invalid_params"),
        ({"disable_duet": True}, "invalid_params"),
        ({"disable_comment": "yes"}, "invalid_params"),
        ({"colour": "red"}, "invalid_params"),
    ],
)
async def test_what_a_photo_post_may_not_be(tiktok: TikTok, change: dict[str, Any], code: str) -> None:
    body = photos("http://127.0.0.1:1", "a", **change)
    assert (await tiktok.refused(f"{PUBLISH}/content/init/", body)) == (400, code)


async def test_how_photos_are_handed_in(tiktok: TikTok) -> None:
    path, good = f"{PUBLISH}/content/init/", photos("http://127.0.0.1:1", "a")
    wrong: list[dict[str, Any]] = [
        {**good, "media_type": "VIDEO"},
        {**good, "post_mode": "MEDIA_UPLOAD"},
        {**good, "more": 1},
        photos("http://127.0.0.1:1"),
        photos("http://127.0.0.1:1", *("a" * 36)),
        photos("ftp://127.0.0.1", "a"),
    ]
    for body in wrong[:5]:
        assert await tiktok.refused(path, body) == (400, "invalid_params")
    tiktok.practice.clock.advance(minutes=1)
    assert await tiktok.refused(path, wrong[5]) == (400, "invalid_params")
    upload = {**good, "source_info": {**good["source_info"], "source": "FILE_UPLOAD"}}
    assert await tiktok.refused(path, upload) == (400, "invalid_params")
    beyond = {**good, "source_info": {**good["source_info"], "photo_cover_index": 1}}
    assert await tiktok.refused(path, beyond) == (400, "invalid_params")
    await tiktok.creator(verified_domain=False)
    assert await tiktok.refused(path, good) == (403, "url_ownership_unverified")


async def test_an_app_before_its_audit_posts_for_oneself_from_a_private_account_only(tiktok: TikTok) -> None:
    await tiktok.creator(audited=False)
    async with pictures(SHOWN) as root:
        refused = await tiktok.refused(f"{PUBLISH}/content/init/", photos(root, "a"))
        body = photos(root, "a", privacy_level="SELF_ONLY")
        assert await tiktok.refused(f"{PUBLISH}/content/init/", body) == refused
        await tiktok.creator(private=True)
        made = (await tiktok.told(f"{PUBLISH}/content/init/", body))["publish_id"]
    assert refused == (403, "unaudited_client_can_only_post_to_private_accounts")
    assert (await tiktok.status(made))["publicaly_available_post_id"] == []
    [post] = await tiktok.practice.posts("tiktok")
    assert (await tiktok.practice.http.get(post["url"])).status_code == 404
    assert (await tiktok.told("/tiktok/v2/video/list/?fields=id"))["videos"] == []


async def test_a_slow_post_is_live_after_some_looks(tiktok: TikTok) -> None:
    await tiktok.practice.fault(network="tiktok", operation="publish", fault="slow", value=2)
    async with pictures(SHOWN) as root:
        made = (await tiktok.told(f"{PUBLISH}/content/init/", photos(root, "a")))["publish_id"]
    assert await tiktok.practice.posts("tiktok") == []
    seen = [(await tiktok.status(made))["status"] for _ in range(3)]
    assert seen == ["PROCESSING_DOWNLOAD", "PROCESSING_DOWNLOAD", "PUBLISH_COMPLETE"]
    assert len(await tiktok.practice.posts("tiktok")) == 1
    assert await tiktok.refused(f"{PUBLISH}/status/fetch/", {"publish_id": "p_pub_url~v2.1"}) == (
        400,
        "invalid_publish_id",
    )


# -- videos --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "piece", "count"),
    [
        (0, 0, 1),
        (100, 50, 2),
        (100, 100, 2),
        (4_999_999, 4_000_000, 1),
        (10_000_000, 4_999_999, 2),
        (150_000_000, 64_000_000, 3),
        (100_000_000, 64_000_001, 1),
        (4 * 2**30 + 1, 64_000_000, 67),
    ],
)
async def test_sizes_that_tiktok_does_not_take(tiktok: TikTok, size: int, piece: int, count: int) -> None:
    assert (await tiktok.refused(f"{PUBLISH}/video/init/", video(size, piece, count)))[1] == "invalid_params"


@pytest.mark.parametrize(
    ("size", "piece", "count"),
    [
        (3_145_728, 3_145_728, 1),
        (64_000_001, 64_000_000, 1),
        (150_000_000, 64_000_000, 2),
        (50_000_123, 10_000_000, 5),
        (4_294_967_296, 64_000_000, 67),
    ],
)
async def test_sizes_that_it_takes(tiktok: TikTok, size: int, piece: int, count: int) -> None:
    told = await tiktok.told(f"{PUBLISH}/video/init/", video(size, piece, count))
    assert told["publish_id"].startswith("v_pub_file")
    assert (await tiktok.status(told["publish_id"]))["status"] == "PROCESSING_UPLOAD"


async def test_a_video_in_pieces(tiktok: TikTok) -> None:
    data = film(12_000_000)
    told = await tiktok.told(f"{PUBLISH}/video/init/", video(len(data), 5_000_000, 2, is_aigc=True))
    url, made = told["upload_url"], told["publish_id"]
    first, last = data[:5_000_000], data[5_000_000:]
    assert (await put(tiktok, url, last, 5_000_000, len(data))).status_code == 416
    assert (await put(tiktok, url, first, 0, len(data))).status_code == 206
    again = await put(tiktok, url, first, 0, len(data))
    assert (again.status_code, again.headers["content-range"]) == (416, "bytes 0-4999999/12000000")
    assert (await tiktok.status(made))["uploaded_bytes"] == 5_000_000
    assert await tiktok.practice.posts("tiktok") == []
    assert (await put(tiktok, url, last, 5_000_000, len(data))).status_code == 201
    assert (await put(tiktok, url, last, 5_000_000, len(data))).status_code == 404
    assert (await tiktok.status(made))["status"] == "PUBLISH_COMPLETE"
    [post] = await tiktok.practice.posts("tiktok")
    assert (post["text"], post["media"], post["disclosed"]) == ("A tide", [], ["is_aigc"])
    assert post["video"] == {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


async def test_a_piece_that_breaks_the_rules(tiktok: TikTok) -> None:
    data = film()
    size = len(data)
    told = await tiktok.told(f"{PUBLISH}/video/init/", video(size, size, 1))
    url = told["upload_url"]
    wrong = [
        {"authorization": "Bearer x"},
        {"content-type": "image/jpeg"},
        {"content-range": f"bytes 0-{size - 1}/{size + 1}"},
        {"content-range": f"bytes 0-{size - 2}/{size}"},
        {"content-range": "0-1"},
    ]
    for headers in wrong:
        answer = await tiktok.practice.http.put(
            url,
            content=data,
            headers={"content-type": "video/mp4", "content-range": f"bytes 0-{size - 1}/{size}", **headers},
        )
        assert answer.status_code == 400, headers
    assert (await put(tiktok, f"{url}x", data, 0, size)).status_code == 404
    tiktok.practice.clock.advance(hours=1, seconds=1)
    assert (await put(tiktok, url, data, 0, size)).status_code == 403
    assert (await tiktok.status(told["publish_id"]))["uploaded_bytes"] == 0


async def test_uploads_can_be_made_to_end(tiktok: TikTok) -> None:
    data = film()
    told = await tiktok.told(f"{PUBLISH}/video/init/", video(len(data), len(data), 1))
    await tiktok.practice.fault(network="tiktok", operation="poll", fault="expire_uploads")
    await tiktok.status(told["publish_id"])
    assert (await put(tiktok, told["upload_url"], data, 0, len(data))).status_code == 403


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (lambda: b"x" * 50, "file_format_check_failed"),
        (lambda: b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 20, "file_format_check_failed"),
        (lambda: film(shape=(358, 640)), "picture_size_check_failed"),
        (lambda: film(rate=22), "frame_rate_check_failed"),
        (lambda: film().replace(b"avc1", b"mp4v"), "file_format_check_failed"),
    ],
    ids=["no video", "broken", "narrow", "slow", "another codec"],
)
async def test_a_video_that_is_none_for_tiktok_fails_after_all_of_it_is_there(
    tiktok: TikTok, data: Callable[[], bytes], reason: str
) -> None:
    sent = data()
    told = await tiktok.told(f"{PUBLISH}/video/init/", video(len(sent), len(sent), 1))
    assert (await put(tiktok, told["upload_url"], sent, 0, len(sent))).status_code == 201
    status = await tiktok.status(told["publish_id"])
    assert (status["status"], status["fail_reason"]) == ("FAILED", reason)
    assert await tiktok.practice.posts("tiktok") == []


async def test_a_video_is_no_longer_than_its_creator_may_post(tiktok: TikTok) -> None:
    seconds = (await tiktok.told(f"{PUBLISH}/creator_info/query/"))["max_video_post_duration_sec"]
    assert judge(Film(mime="video/mp4", width=360, height=640, seconds=seconds, frame_rate=60.0, codec="hvc1")) == ""
    long = Film(mime="video/mp4", width=360, height=640, seconds=seconds + 0.1, frame_rate=60.0, codec="hvc1")
    assert judge(long) == "duration_check_failed"
    assert judge(Film(mime="video/webm", width=640, height=360)) == ""


async def test_a_video_may_be_fetched_too(tiktok: TikTok) -> None:
    async with pictures({"video": (film(), "video/mp4"), "slow": (film(rate=22), "video/mp4")}) as root:
        source = {"source": "PULL_FROM_URL", "video_url": f"{root}/video"}
        body = {"post_info": {**PUBLIC, "title": "Tide"}, "source_info": source}
        made = (await tiktok.told(f"{PUBLISH}/video/init/", body))["publish_id"]
        assert (await tiktok.status(made))["status"] == "PUBLISH_COMPLETE"
        source["video_url"] = f"{root}/slow"
        made = (await tiktok.told(f"{PUBLISH}/video/init/", body))["publish_id"]
        assert (await tiktok.status(made))["fail_reason"] == "frame_rate_check_failed"
        source["video_url"] = f"{root}/none"
        made = (await tiktok.told(f"{PUBLISH}/video/init/", body))["publish_id"]
        assert (await tiktok.status(made))["fail_reason"] == "video_pull_failed"
        source["video_size"] = "1"
        assert (await tiktok.refused(f"{PUBLISH}/video/init/", body))[1] == "invalid_params"


# -- how often -----------------------------------------------------------------------------------------------------


async def test_a_token_has_so_many_calls_a_minute(tiktok: TikTok) -> None:
    for _ in range(6):
        await tiktok.told(f"{PUBLISH}/video/init/", video(50, 50, 1))
    assert await tiktok.refused(f"{PUBLISH}/video/init/", video(50, 50, 1)) == (429, "rate_limit_exceeded")
    answer = await tiktok.ask(f"{PUBLISH}/content/init/", {})
    assert (answer.status_code, "retry-after" in answer.headers) == (429, False)
    for _ in range(20):
        await tiktok.told(f"{PUBLISH}/creator_info/query/")
    assert (await tiktok.refused(f"{PUBLISH}/creator_info/query/"))[0] == 429
    tiktok.practice.clock.advance(minutes=1)
    await tiktok.told(f"{PUBLISH}/video/init/", video(50, 50, 1))


async def test_a_creator_has_fifteen_posts_a_day(tiktok: TikTok) -> None:
    async with pictures(SHOWN) as root:
        for _ in range(15):
            tiktok.practice.clock.advance(minutes=1)
            await tiktok.told(f"{PUBLISH}/content/init/", photos(root, "a"))
        tiktok.practice.clock.advance(minutes=1)
        refused = await tiktok.refused(f"{PUBLISH}/content/init/", photos(root, "a"))
        assert refused == (403, "spam_risk_too_many_posts")
        tiktok.practice.clock.advance(days=1)
        fresh = await tiktok.form("token", grant_type="refresh_token", refresh_token=tiktok.own["refresh_token"])
        tiktok.own["access_token"] = fresh.json()["access_token"]
        await tiktok.told(f"{PUBLISH}/content/init/", photos(root, "a"))


# -- the account ---------------------------------------------------------------------------------------------------


async def test_the_creator_says_what_may_be_chosen(tiktok: TikTok) -> None:
    told = await tiktok.told(f"{PUBLISH}/creator_info/query/")
    assert (told["creator_username"], told["creator_nickname"]) == ("driftseas", "Drift Seas")
    assert told["privacy_level_options"] == ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]
    assert not any(told[name] for name in ("comment_disabled", "duet_disabled", "stitch_disabled"))
    await tiktok.creator(private=True, comments_off=True, duets_off=True, stitches_off=True)
    told = await tiktok.told(f"{PUBLISH}/creator_info/query/")
    assert told["privacy_level_options"][0] == "FOLLOWER_OF_CREATOR"
    assert all(told[name] for name in ("comment_disabled", "duet_disabled", "stitch_disabled"))
    assert (await tiktok.practice.http.put("/_practice/creator", json={"private": "no"})).status_code == 422
    assert (await tiktok.practice.http.get("/_practice/creator")).json()["private"] is True


async def test_videos_are_listed_page_by_page_and_counted(tiktok: TikTok) -> None:
    made: list[str] = []
    async with pictures(SHOWN) as root:
        for turn in range(3):
            tiktok.practice.clock.advance(seconds=1)
            body = photos(root, "a", title=f"Why {turn}?", description="3 of 7 said speed?")
            await tiktok.told(f"{PUBLISH}/content/init/", body)
            made.insert(0, (await tiktok.practice.posts("tiktok"))[0]["id"])
    tiktok.practice.clock.advance(hours=20)
    path = "/tiktok/v2/video/list/?fields=id,title,video_description,share_url"
    first = await tiktok.told(path, {"max_count": 2})
    assert ([one["id"] for one in first["videos"]], first["has_more"]) == (made[:2], True)
    assert (first["videos"][0]["title"], first["videos"][0]["video_description"]) == ("Why 2?", "3 of 7 said speed?")
    rest = await tiktok.told(path, {"max_count": 2, "cursor": first["cursor"]})
    assert ([one["id"] for one in rest["videos"]], rest["has_more"]) == (made[2:], False)
    asked = "/tiktok/v2/video/query/?fields=id,like_count,comment_count,share_count,view_count"
    found = (await tiktok.told(asked, {"filters": {"video_ids": [*made, "1"]}}))["videos"]
    counters = {one["id"]: one["counters"] for one in await tiktok.practice.posts("tiktok")}
    assert {one["id"]: (one["like_count"], one["comment_count"]) for one in found} == {
        one: (counters[one]["likes"], counters[one]["replies"]) for one in made
    }
    await tiktok.creator(lists_photos=False)
    assert (await tiktok.told(path))["videos"] == []
    assert (await tiktok.refused(path, {"max_count": 21}))[1] == "invalid_params"
    assert (await tiktok.refused("/tiktok/v2/video/list/?fields=colour"))[1] == "invalid_params"
    assert (await tiktok.refused("/tiktok/v2/video/list/"))[1] == "invalid_params"
    assert (await tiktok.refused(asked, {"filters": {"video_ids": ["1"] * 21}}))[1] == "invalid_params"
    assert (await tiktok.refused(asked, {"filters": {"video_ids": [1]}}))[1] == "invalid_params"


async def test_rights_are_asked_for_one_by_one(tiktok: TikTok) -> None:
    mint = {"network": "tiktok", "scopes": ["user.info.basic"]}
    weak = (await tiktok.practice.http.post("/_practice/tokens", json=mint)).json()["access_token"]
    headers = {"authorization": f"Bearer {weak}"}
    user = "/tiktok/v2/user/info/"
    told = (await tiktok.practice.http.get(user, params={"fields": "open_id,display_name"}, headers=headers)).json()
    assert told["data"]["user"]["display_name"] == "Drift Seas"
    for fields in ("username", "follower_count"):
        answer = await tiktok.practice.http.get(user, params={"fields": fields}, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "scope_not_authorized")
    for path in (f"{PUBLISH}/creator_info/query/", "/tiktok/v2/video/list/?fields=id"):
        assert await tiktok.refused(path, token=weak) == (401, "scope_not_authorized")
    assert await tiktok.refused(f"{PUBLISH}/creator_info/query/", token="nobody") == (401, "access_token_invalid")
    assert (await tiktok.refused(f"{PUBLISH}/creator_info/query"))[0] == 404
    plain = await tiktok.practice.http.post(f"{PUBLISH}/video/init/", content="x", headers={**tiktok_bearer(tiktok)})
    assert plain.json()["error"]["code"] == "invalid_params"


def tiktok_bearer(tiktok: TikTok) -> dict[str, str]:
    return {"authorization": f"Bearer {tiktok.own['access_token']}"}


# -- tokens --------------------------------------------------------------------------------------------------------


async def test_a_refresh_token_works_once_and_errors_are_flat(tiktok: TikTok) -> None:
    own = tiktok.own
    answer = await tiktok.form("token", grant_type="refresh_token", refresh_token=own["refresh_token"])
    fresh = answer.json()
    assert (fresh["expires_in"], fresh["refresh_expires_in"], fresh["token_type"]) == (86_400, 31_536_000, "Bearer")
    assert fresh["refresh_token"] != own["refresh_token"]
    assert "video.publish" in fresh["scope"].split(",")
    again = await tiktok.form("token", grant_type="refresh_token", refresh_token=own["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert set(again.json()) == {"error", "error_description", "log_id"}
    own["access_token"] = fresh["access_token"]
    await tiktok.told(f"{PUBLISH}/creator_info/query/")
    tiktok.practice.clock.advance(days=1)
    assert await tiktok.refused(f"{PUBLISH}/creator_info/query/") == (401, "access_token_invalid")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_key": "x"}, "invalid_client"),
        ({"client_secret": "x"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"more": "x"}, "invalid_request"),
        ({"refresh_token": "x"}, "invalid_grant"),
    ],
)
async def test_a_renewal_that_is_refused(tiktok: TikTok, change: dict[str, str], error: str) -> None:
    given = {"grant_type": "refresh_token", "refresh_token": tiktok.own["refresh_token"], **change}
    answer = await tiktok.form("token", **given)
    assert (answer.status_code >= 400, answer.json()["error"]) == (True, error)


async def test_tokens_are_taken_back_and_made_anew_at_the_next_start(tiktok: TikTok) -> None:
    assert (await tiktok.form("revoke", token="x")).json()["error"] == "invalid_request"
    assert (await tiktok.form("revoke", token=tiktok.own["access_token"])).json() == {}
    assert (await tiktok.refused(f"{PUBLISH}/creator_info/query/"))[1] == "access_token_invalid"
    renewal = await tiktok.form("token", grant_type="refresh_token", refresh_token=tiktok.own["refresh_token"])
    assert renewal.json()["error"] == "invalid_grant"
    [fresh] = [one for one in practice_accounts(tiktok.practice.settings) if one["platform"] == "tiktok"]
    assert fresh["client_key"] == tiktok.own["client_key"]
    tiktok.own.update(fresh)
    await tiktok.told(f"{PUBLISH}/creator_info/query/")
    assert practice_accounts(tiktok.practice.settings)[-1] == fresh
    json_body = await tiktok.practice.http.post("/tiktok/v2/oauth/token/", json={"grant_type": "refresh_token"})
    assert json_body.json()["error"] == "invalid_request"


async def test_the_history_has_a_picture_each(tmp_path: Path, clock: FakeClock) -> None:
    async with running(tmp_path / "other.db", clock, history_weeks=1) as practice:
        past = await practice.posts("tiktok", origin="history")
    assert len(past) >= 8
    assert all(len(one["media"]) == 1 and one["counters"]["likes"] >= 0 for one in past)
