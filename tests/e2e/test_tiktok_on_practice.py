"""The whole desk with TikTok's own ways: videos in pieces, posts that take their time, and who can see them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from bot.registry import PLATFORMS
from services.access import OWNER
from services.domain.media import Attachment, MediaItem, VideoFacts
from services.domain.post import Approval, DraftState
from services.ports.storage import Transaction
from tests.e2e.test_faults_on_practice import Stage, stage
from tests.file_samples import padded
from tests.media_samples import tiny_video

[SPEC] = [spec for spec in PLATFORMS if spec.slug == "tiktok"]
SIZE: Final = 70_000
"""Bytes of the video."""


async def with_a_video(desk: Stage, level: str = "PUBLIC_TO_EVERYONE") -> None:
    """Publish a draft that was approved with a video in it."""
    card = await desk.command("draft High water at noon for tiktok")
    terms = "TikTok: this goes to Drift Seas (@driftseas). By posting, you agree to TikTok's Music Usage Confirmation."
    assert {"type": "note", "text": terms} in [{k: b.get(k) for k in ("type", "text")} for b in card["blocks"]]
    digest = await desk.desk.services.accounts._files.put(padded(tiny_video(0.5, (360, 640), 24), SIZE))
    facts = VideoFacts(seconds=12.0, frame_rate=30.0, codec="h264", audio="aac")
    item = MediaItem(digest=digest, mime="video/mp4", width=360, height=640, size=SIZE, video=facts)
    now = desk.clock.now()

    def work(tx: Transaction) -> None:
        [draft] = tx.drafts.list(limit=1)
        assert draft.revision is not None
        [variant] = draft.revision.variants
        video = Attachment(item=item, alt="A tide")
        chosen = replace(variant, media=(video,), options={"privacy_level": level})
        revision = replace(draft.revision, number=draft.revision.number + 1, variants=(chosen,), slides=())
        approval = Approval(
            draft_id=draft.id, revision=revision.number, digest=revision.digest, by=OWNER, by_name="owner", at=now
        )
        tx.drafts.add_revision(draft.id, revision)
        tx.drafts.add_approval(approval)
        tx.drafts.save(replace(draft, revision=revision, approval=approval, state=DraftState.APPROVED))

    await desk.desk.services.drafts._store.write(work)
    await desk.press(await desk.card_with("Publish now"), "Publish now")


WORTH: Final = {"status": 503, "rate_limited": 120, "slow": 3}
"""The values of the faults."""


def steps(row: dict[str, Any]) -> list[str]:
    return [entry["to"] for entry in row["log"]]


@pytest.mark.parametrize("fault", ["none", "drop_before", "drop_after", "status", "html", "rate_limited", "slow"])
async def test_one_video_in_the_end(fault: str, tmp_path: Path) -> None:
    async with stage(SPEC, tmp_path) as desk:
        await with_a_video(desk)
        if fault != "none":
            await desk.fault(fault, value=WORTH.get(fault))
        row = await desk.settle()
        [post] = await desk.proved(row)
        assert post["video"]["size"] == SIZE
        assert ("UNCERTAIN" in steps(row)) is (fault in {"drop_before", "drop_after", "status", "html"})


async def test_an_upload_that_ended_is_made_anew(tmp_path: Path) -> None:
    async with stage(SPEC, tmp_path) as desk:
        await with_a_video(desk)
        await desk.fault("expire_uploads")
        row = await desk.settle()
        await desk.proved(row)
        assert (steps(row).count("PREPARING"), steps(row).count("SENDING")) == (2, 2)


async def test_what_tiktok_works_on_is_asked_about_after_a_restart(tmp_path: Path) -> None:
    async with stage(SPEC, tmp_path) as desk:
        await with_a_video(desk)
        await desk.fault("slow", value=4)
        work = asyncio.ensure_future(desk.desk.engine._drain())
        while (await desk.delivery())["state"] != "PROCESSING":
            await asyncio.wait({work}, timeout=0.05)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        assert await desk.posts() == []
        row = await desk.settle()
        await desk.proved(row)
        assert steps(row).count("SENDING") == 1
        assert steps(row)[-2:] == ["PROCESSING", "PUBLISHED"]


@pytest.mark.parametrize("shown", ["video", "photo"])
@pytest.mark.parametrize("times", [1, 3])
async def test_what_tiktok_fails_by_its_own_fault_is_made_anew(shown: str, times: int, tmp_path: Path) -> None:
    async with stage(SPEC, tmp_path) as desk:
        await (with_a_video(desk) if shown == "video" else desk.on_its_way(picture=True))
        await desk.fault("given_up", times=times)
        row = await desk.settle()
        assert steps(row).count("SENDING") == min(times + 1, 3)
        if times == 1:
            await desk.proved(row)
        else:
            assert (row["state"], await desk.posts()) == ("FAILED", [])
            assert "fault of its own" in row["problem"]
            desk.readable(row)


async def test_a_post_for_oneself_leads_to_the_profile(tmp_path: Path) -> None:
    async with stage(SPEC, tmp_path) as desk:
        await with_a_video(desk, "SELF_ONLY")
        row = await desk.settle()
        assert (row["state"], row["url"].rpartition("/")[2]) == ("PUBLISHED", "@driftseas")
        desk.readable(row)
        assert len(await desk.posts()) == 1


async def test_photos_that_cannot_be_fetched_fail_and_say_what_to_set(tmp_path: Path) -> None:
    async with stage(SPEC, tmp_path, elsewhere=True) as desk:
        await desk.on_its_way(picture=True)
        row = await desk.settle()
        assert row["state"] == "FAILED"
        assert "COPYDESK_PUBLIC_URL" in row["problem"]
        desk.readable(row)
        assert await desk.posts() == []


async def test_photos_whose_answer_was_lost_are_a_persons_to_decide(tmp_path: Path) -> None:
    async with stage(SPEC, tmp_path) as desk:
        await desk.network.http.put("/_practice/creator", json={"lists_photos": False})
        await desk.on_its_way(picture=True)
        await desk.fault("drop_after")
        while (wake := await desk.drain()) is not None:
            desk.clock.set(max(wake, desk.clock.now()))
        row = await desk.delivery()
        assert row["state"] == "NEEDS_HUMAN"
        assert row["problem"].startswith("It may be live: ")
        [post] = await desk.posts()
        asked = await desk.card_with("It is live, here is the link")
        await desk.press(asked, "It is live, here is the link", url=post["url"])
        row = await desk.settle()
        assert (row["state"], row["url"]) == ("PUBLISHED", post["url"])
        assert len(await desk.posts()) == 1
