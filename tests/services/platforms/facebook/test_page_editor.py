"""Other words for what is live on a Page, where they are; and comments hidden."""

from __future__ import annotations

from typing import Any

import pytest

from services.domain.delivery import Receipt
from services.domain.errors import Refused, Unavailable
from services.domain.metrics import Comment
from services.ports.http import Effect
from tests.fakes.http import FakeHttp
from tests.services.graph.support import NOW, fault
from tests.services.platforms.facebook.test_adapter import roles

POST = "1100_7"
VIDEO = {"data": [{"media_type": "video_inline", "target": {"id": "55"}}]}
PHOTO = {"data": [{"media_type": "photo", "target": {"id": "44"}}]}


def live(remote_id: str = POST) -> Receipt:
    return Receipt(part=0, remote_id=remote_id, url="https://www.facebook.com/7", at=NOW)


async def edit(http: FakeHttp, remote_id: str = POST) -> Any:
    editor = roles(http).editor
    assert editor is not None
    await editor.edit(live(remote_id), "First")
    return http.requests[-1]


@pytest.mark.parametrize(
    ("shown", "path", "name"), [({}, POST, "message"), (PHOTO, POST, "message"), (VIDEO, "55", "description")]
)
async def test_the_words_are_the_posts_unless_it_shows_a_video(shown: object, path: str, name: str) -> None:
    http = FakeHttp().on("GET", POST, json_body={"id": POST, "message": "Frist", "attachments": shown})
    sent = await edit(http.on("POST", f"/{path}", json_body={"success": True}))
    assert (sent.form, sent.effect) == (((name, "First"),), Effect.REPEATABLE)


async def test_a_video_without_a_post_is_described_itself() -> None:
    sent = await edit(FakeHttp().on("POST", "/55", json_body={"success": True}), "55")
    assert sent.form == (("description", "First"),)


async def test_the_same_words_send_nothing() -> None:
    assert (await edit(FakeHttp().on("GET", POST, json_body={"id": POST, "message": "First"}))).method == "GET"


async def test_what_is_gone_or_not_told_done_says_so() -> None:
    with pytest.raises(Refused, match="gone from Facebook"):
        await edit(FakeHttp().on("GET", POST, status=400, json_body=fault(100, 33)))
    http = FakeHttp().on("GET", POST, json_body={"id": POST}).on("POST", POST, json_body={"success": False})
    with pytest.raises(Unavailable):
        await edit(http)


@pytest.mark.parametrize("hidden", [True, False])
async def test_a_comment_is_hidden_by_its_own_field(*, hidden: bool) -> None:
    http = FakeHttp().on("POST", "/7_9", json_body={"success": True}).on("POST", "/7_9", json_body=fault(100, 33))
    hider = roles(http).hider
    assert hider is not None
    comment = Comment(remote_id="7_9", parent_id=POST, author="somebody", text="No.", at=NOW, url="")
    await hider.hide(comment, root=live(), hidden=hidden)
    assert http.requests[0].form == (("is_hidden", str(hidden).lower()),)
    with pytest.raises(Refused, match="gone from Facebook"):
        await hider.hide(comment, root=live(), hidden=hidden)
