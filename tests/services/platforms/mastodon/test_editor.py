"""Other words for a live post, with everything an edit would lose sent along."""

from __future__ import annotations

from typing import Any

import pytest

from services.domain.errors import NeedsOperator, Refused, Unavailable
from services.ports.http import Effect
from tests.fakes.http import FakeHttp
from tests.services.platforms.mastodon.helpers import receipt, roles, status

STATUS = "/api/v1/statuses/111"
POLL = {"options": [{"title": "Bow", "votes_count": 3}, {"title": "Stern"}], "multiple": True}


def written(text: str = "Frist", warning: str = "") -> FakeHttp:
    return FakeHttp().on("GET", f"{STATUS}/source", json_body={"id": "111", "text": text, "spoiler_text": warning})


async def edit(http: FakeHttp, text: str = "First") -> Any:
    editor = roles(http).editor
    assert editor is not None
    await editor.edit(receipt(), text)
    return http.requests[-1]


async def test_all_that_an_edit_would_lose_goes_along() -> None:
    shown = [{"id": "8"}, {"id": "9"}]
    known = status(sensitive=True, language="de", media_attachments=shown, spoiler_text="Boats &amp; more")
    http = written(warning="Boats & more").on("GET", STATUS, json_body=known).on("PUT", STATUS, json_body=status())
    sent = await edit(http)
    assert sent.json == {
        "status": "First",
        "spoiler_text": "Boats & more",
        "sensitive": True,
        "language": "de",
        "media_ids": ["8", "9"],
    }
    assert sent.effect is Effect.REPEATABLE


async def test_a_poll_goes_on_until_the_same_time() -> None:
    known = status(poll={**POLL, "expires_at": "2026-03-02T10:00:00.000Z"}, language=None)
    http = written().on("GET", STATUS, json_body=known).on("PUT", STATUS, json_body=status())
    sent = await edit(http)
    assert sent.json["poll"] == {"options": ["Bow", "Stern"], "multiple": True, "expires_in": 3600}
    assert "language" not in sent.json


@pytest.mark.parametrize("ends", ["2026-03-02T08:00:00.000Z", "2026-03-02T09:04:00.000Z", None])
async def test_a_poll_that_is_over_is_not_opened_again(ends: str | None) -> None:
    http = written().on("GET", STATUS, json_body=status(poll={**POLL, "expires_at": ends}))
    with pytest.raises(Refused, match="would open it again"):
        await edit(http)


async def test_the_same_words_send_nothing() -> None:
    assert (await edit(written("First"))).method == "GET"


async def test_what_is_gone_or_not_offered_says_so() -> None:
    with pytest.raises(Refused, match="gone") as caught:
        await edit(FakeHttp().on("GET", "/source", status=404, json_body={"error": "Record not found"}))
    assert caught.value.fix == "Publish it as a new post."
    http = written().on("GET", STATUS, json_body=status()).on("PUT", STATUS, status=405)
    with pytest.raises(NeedsOperator):
        await edit(http)
    for answer in ({"status": 503}, {"body": "<html>"}, {"lost": True}):
        http = written().on("GET", STATUS, json_body=status()).on("PUT", STATUS, **answer)
        with pytest.raises(Unavailable):
            await edit(http)
