"""The whole desk with pictures and videos in one post: uploaded together, approved as shown, handed over once."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from bot.practice.pictures import plain_png
from bot.registry import PLATFORMS
from services.ports.platform import PlatformSpec
from tests.e2e.test_faults_on_practice import Stage, _card, stage
from tests.media_samples import tiny_video

TOGETHER: Final = [spec for spec in PLATFORMS if spec.default_limits.mixed]
FILES: Final = (plain_png(64, 64, (27, 26, 23)), tiny_video(3.0, (64, 64), 24), plain_png(80, 60, (90, 20, 10)))


async def brought(desk: Stage) -> dict[str, Any]:
    """A draft that shows a picture, a video and another picture; gives its card."""
    card = await desk.command(f"draft High water at noon for {desk.spec.slug}")
    kept = [(await desk.http.post("/api/media", content=data)).json()["digest"] for data in FILES]
    [button] = [b for b in card["buttons"] if b["label"] == "Image"]
    body = {"id": button["id"], "fields": {"upload": kept, "alt": "One\nTwo\nThree"}}
    return _card(await desk.http.post("/api/action", json=body))


@pytest.mark.parametrize("spec", TOGETHER, ids=lambda spec: spec.slug)
async def test_one_post_shows_all_in_order_though_an_answer_was_lost(spec: PlatformSpec, tmp_path: Path) -> None:
    async with stage(spec, tmp_path) as desk:
        await desk.press(await desk.press(await brought(desk), "Approve"), "Publish now")
        await desk.fault("unknown_fields", "upload")
        await desk.fault("drop_after", "upload")
        row = await desk.settle()
        [post] = await desk.proved(row)
        assert [one["mime"].partition("/")[0] for one in post["media"]] == ["image", "video", "image"]
        assert [one["alt"] for one in post["media"]][::2] == ["One", "Three"]
        calls = (await desk.network.http.get("/_practice/calls")).json()["calls"]
        assert len([one for one in calls if one["operation"] == "upload"]) == 5


async def test_a_story_shows_the_first_and_the_post_all_again(tmp_path: Path) -> None:
    [spec] = [one for one in TOGETHER if one.slug == "instagram"]
    async with stage(spec, tmp_path) as desk:
        card = await brought(desk)
        [account] = await desk.desk.services.accounts.list()
        field = f"option.{account.id}.share_as"
        for chosen, shown in (("story", 1), ("feed", 3)):
            card = await desk.press(card, "Options", **{field: chosen})
            [found] = await desk.desk.services.board.drafts(limit=1)
            assert found.draft.revision is not None
            assert [len(one.media) for one in found.draft.revision.variants] == [shown]
        await desk.press(await desk.press(card, "Approve"), "Publish now")
        [post] = await desk.proved(await desk.settle())
        assert len(post["media"]) == 3
