"""The X stand-in takes videos in pieces, works on them, and refuses what X refuses."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.practice import practice_accounts
from tests.bot.practice.driving import PNG, Practice
from tests.bot.practice.test_practice_x import Person, refused
from tests.media_samples import moving_gif, tiny_video

MIB = 1024 * 1024
UPLOAD = "/2/media/upload"
INVALID = "Your media IDs are invalid."


class Cutter(Person):
    """A person who uploads by pieces."""

    async def begin(self, total: object, kind: str = "video/mp4", category: str = "tweet_video") -> httpx.Response:
        wish = {"media_type": kind, "total_bytes": total, "media_category": category}
        return await self.post(f"{UPLOAD}/initialize", wish)

    async def piece(self, name: str, content: bytes, turn: object) -> httpx.Response:
        path = f"{UPLOAD}/{name}/append"
        headers = {"authorization": self.header("POST", path, {})}
        files, data = {"media": ("a.bin", content, "application/octet-stream")}, {"segment_index": str(turn)}
        return await self.practice.http.post(f"/x{path}", files=files, data=data, headers=headers)

    async def close(self, name: str) -> httpx.Response:
        path = f"{UPLOAD}/{name}/finalize"
        return await self.practice.http.post(f"/x{path}", headers={"authorization": self.header("POST", path, {})})

    async def look(self, name: str) -> dict[str, Any]:
        answer = await self.get(UPLOAD, command="STATUS", media_id=name)
        found: dict[str, Any] = answer.json()["data"]
        return found

    async def sent(self, content: bytes, kind: str = "video/mp4", category: str = "tweet_video") -> str:
        """The id of a whole file that is closed."""
        name = str((await self.begin(len(content), kind, category)).json()["data"]["id"])
        for turn in range(0, len(content), MIB):
            assert (await self.piece(name, content[turn : turn + MIB], turn // MIB)).status_code == 200
        answer = await self.close(name)
        assert answer.status_code == 200, answer.text
        return name

    async def worked(self, name: str) -> dict[str, Any]:
        """What became of it."""
        while (found := await self.look(name))["processing_info"]["state"] == "in_progress":
            pass
        info: dict[str, Any] = found["processing_info"]
        return info


@pytest_asyncio.fixture
async def me(practice: Practice) -> Cutter:
    [own] = [fields for fields in practice_accounts(practice.settings) if fields["platform"] == "x"]
    return Cutter(practice, own)


async def test_a_video_goes_from_pending_to_succeeded_and_is_shown(me: Cutter) -> None:
    video = tiny_video(1.0, (64, 48))
    begun = (await me.begin(len(video))).json()["data"]
    assert begun["expires_after_secs"] == 86_400
    name = begun["id"]
    assert refused(await me.get(UPLOAD, command="STATUS", media_id=name))[1] == INVALID
    assert "expires_at" in (await me.piece(name, video, 0)).json()["data"]
    closed = (await me.close(name)).json()["data"]
    assert (closed["media_key"], closed["size"], closed["video"]) == (
        f"7_{name}",
        len(video),
        {"video_type": "video/mp4"},
    )
    assert closed["processing_info"] == {"state": "pending", "check_after_secs": 1}
    assert refused(await me.tweet("Early", media={"media_ids": [name]}))[1] == INVALID
    assert (await me.look(name))["processing_info"]["state"] == "in_progress"
    assert (await me.look(name))["processing_info"] == {"state": "succeeded", "progress_percent": 100}
    described = {"id": name, "metadata": {"alt_text": {"text": "A sea"}}}
    assert "for images and GIFs" in refused(await me.post("/2/media/metadata", described))[1]
    posted = (await me.tweet("Look", media={"media_ids": [name]})).json()["data"]
    [shown] = await me.practice.posts("x")
    assert [(one["mime"], one["width"], one["height"]) for one in shown["media"]] == [("video/mp4", 64, 48)]
    drawn = (await me.get("/2/tweets", ids=posted["id"], tweet__fields="attachments,entities")).json()["data"][0]
    assert drawn["attachments"] == {"media_keys": [f"7_{name}"]}
    assert drawn["entities"]["urls"][0]["expanded_url"].endswith("/video/1")
    me.practice.clock.advance(hours=2)
    more = {"expansions": "attachments.media_keys", "media__fields": "public_metrics"}
    [medium] = (await me.get("/2/tweets", ids=posted["id"], **more)).json()["includes"]["media"]
    assert (medium["media_key"], medium["type"]) == (f"7_{name}", "video")
    assert medium["public_metrics"]["view_count"] > 0
    page = await me.practice.http.get(shown["url"])
    assert "<video src=" in page.text
    assert "media-src 'self'" in page.headers["content-security-policy"]


async def test_a_slow_video_takes_as_many_looks_as_are_scripted(me: Cutter) -> None:
    await me.practice.fault(network="x", operation="upload", fault="slow", value=3)
    name = await me.sent(tiny_video())
    states = [(await me.look(name))["processing_info"]["state"] for _ in range(4)]
    assert states == ["in_progress"] * 3 + ["succeeded"]


async def test_pieces_may_come_again_and_in_any_order_but_none_may_be_missing(me: Cutter) -> None:
    video = tiny_video()
    half = len(video) // 2
    name = (await me.begin(len(video))).json()["data"]["id"]
    assert (await me.piece(name, video[half:], 1)).status_code == 200
    assert "one is missing" in refused(await me.close(name))[1]
    assert (await me.piece(name, b"wrong", 0)).status_code == 200
    assert "do not add up to provided total" in refused(await me.close(name))[1]
    assert (await me.piece(name, video[:half], 0)).status_code == 200
    assert "more bytes than were announced" in refused(await me.piece(name, b"x", 2))[1]
    assert (await me.close(name)).status_code == 200
    assert refused(await me.close(name)) == (400, INVALID)
    assert refused(await me.piece(name, b"x", 0)) == (400, INVALID)
    assert (await me.worked(name))["state"] == "succeeded"


async def test_pieces_have_sizes_and_numbers(me: Cutter) -> None:
    name = (await me.begin(3 * MIB)).json()["data"]["id"]
    assert "from 1 to 1048576" in refused(await me.piece(name, b"", 0))[1]
    assert "from 1 to 1048576" in refused(await me.piece(name, b"x" * (MIB + 1), 0))[1]
    for turn in (-1, 1000, "first"):
        assert "$.segment_index" in refused(await me.piece(name, b"x", turn))[1]
    assert refused(await me.piece("17", b"x", 0)) == (400, INVALID)
    written = {"media": base64.b64encode(b"abc").decode(), "segment_index": 999}
    assert (await me.post(f"{UPLOAD}/{name}/append", written)).status_code == 200
    for wrong in ({**written, "media": "%"}, {**written, "segment_index": True}, {**written, "colour": "red"}):
        assert refused(await me.post(f"{UPLOAD}/{name}/append", wrong))[0] == 400


@pytest.mark.parametrize(
    ("wish", "status", "words"),
    [
        ((0, "video/mp4", "tweet_video"), 400, "$.total_bytes"),
        (("9", "video/mp4", "tweet_video"), 400, "$.total_bytes"),
        ((512_000_001, "video/mp4", "tweet_video"), 400, "<= 512000000"),
        ((15_000_001, "image/gif", "tweet_gif"), 400, "<= 15000000"),
        ((9, "video/ogg", "tweet_video"), 400, "does not go with tweet_video"),
        ((9, "video/mp4", "tweet_gif"), 400, "does not go with tweet_gif"),
        ((9, "video/mp4", "amplify_video"), 403, "practice network"),
    ],
)
async def test_what_can_not_be_begun(me: Cutter, wish: tuple[object, str, str], status: int, words: str) -> None:
    found, sentence = refused(await me.begin(*wish))
    assert found == status
    assert words in sentence


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: b"no video at all", "Unsupported video format."),
        (lambda: tiny_video()[:400], "Unsupported video format."),
        (lambda: tiny_video(0.3), "too short"),
        (lambda: tiny_video(141.0, (32, 32)), "longer than 2 minutes"),
        (lambda: tiny_video(1.0, (32, 16)), "too small"),
        (lambda: tiny_video(1.0, (256, 64)), "aspect ratio"),
        (lambda: tiny_video(1.0, (1300, 720)), "too large"),
    ],
    ids=["kind", "cut", "short", "long", "small", "narrow", "large"],
)
async def test_what_x_can_not_use_fails_when_it_is_worked_on(me: Cutter, made: Callable[[], bytes], words: str) -> None:
    name = await me.sent(made())
    info = await me.worked(name)
    assert info["state"] == "failed"
    assert words in info["error"]["message"]
    assert refused(await me.tweet("Look", media={"media_ids": [name]})) == (400, INVALID)


async def test_a_moving_gif_goes_alone_and_may_be_described(me: Cutter) -> None:
    name = await me.sent(moving_gif(), "image/gif", "tweet_gif")
    assert (await me.worked(name))["state"] == "succeeded"
    described = {"id": name, "metadata": {"alt_text": {"text": "Waves"}}}
    assert (await me.post("/2/media/metadata", described)).status_code == 200
    still = (await me.upload(PNG)).json()["data"]["id"]
    both = {"media_ids": [still, name]}
    assert "goes alone" in refused(await me.tweet("Look", media=both))[1]
    assert (await me.tweet("Look", media={"media_ids": [name]})).status_code == 201
    [shown] = await me.practice.posts("x")
    assert [(one["alt"], one["mime"]) for one in shown["media"]] == [("Waves", "image/gif")]
    for bad in (PNG, moving_gif(351)):
        assert (await me.worked(await me.sent(bad, "image/gif", "tweet_gif")))["state"] == "failed"


async def test_uploads_end(me: Cutter) -> None:
    video = tiny_video()
    early = (await me.begin(len(video))).json()["data"]["id"]
    ready = await me.sent(video)
    await me.worked(ready)
    me.practice.clock.advance(hours=24)
    assert refused(await me.piece(early, video, 0)) == (400, INVALID)
    assert refused(await me.close(early)) == (400, INVALID)
    assert refused(await me.get(UPLOAD, command="STATUS", media_id=ready)) == (400, INVALID)
    assert refused(await me.tweet("Late", media={"media_ids": [ready]})) == (400, INVALID)
    soon = (await me.begin(len(video))).json()["data"]["id"]
    await me.practice.fault(network="x", operation="piece", fault="expire_uploads")
    assert refused(await me.piece(soon, video, 0)) == (400, INVALID)


async def test_a_poll_is_kept_with_its_post_and_has_no_media(me: Cutter) -> None:
    poll = {"options": ["Bow", "Stern"], "duration_minutes": 1440}
    picture = (await me.upload(PNG)).json()["data"]["id"]
    assert "either media or a poll" in refused(await me.tweet("a", poll=poll, media={"media_ids": [picture]}))[1]
    assert (await me.tweet("Which end?", poll=poll)).status_code == 201
    [shown] = await me.practice.posts("x")
    assert shown["poll"] == poll
    assert "Poll: Bow / Stern" in (await me.practice.http.get(shown["url"])).text
