"""Threads and adaptations over the HTTP face of the real process: in order on both networks, each below the last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.process import RunningDesk, Script, running
from tests.e2e.shapes import refused, texts, well_formed

FACTS = (
    "Average utilisation was 31 % in June. Every team kept spare nodes. We published waiting times for each queue. "
    "Spare nodes fell from 140 to 52. Jobs now wait 4 minutes at the median. See https://driftseas.example/gpu"
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with running(tmp_path_factory.mktemp("threads")) as started:
        yield started


@pytest.fixture
def script(desk: RunningDesk) -> Iterator[Script]:
    with desk.client as client:
        yield Script(client)


def chain(posts: list[dict[str, Any]], hook: str) -> list[dict[str, Any]]:
    """The thread that opens with this hook, followed from each post to the one below it."""
    [live] = [post for post in posts if post["reply_to"] is None and hook in post["text"]]
    found = [live]
    while below := [post for post in posts if post["reply_to"] == found[-1]["id"]]:
        [live] = below
        found.append(live)
    return found


def test_a_thread_of_four_goes_out_in_order_with_each_post_below_the_last(script: Script) -> None:
    card = script.command(f"thread How we cut our GPU bill parts=4 for mastodon,bluesky\n\n{FACTS}")
    well_formed(card)
    said = {platform: block["parts"] for platform, block in texts(card).items()}
    assert {platform: len(parts) for platform, parts in said.items()} == {"mastodon": 4, "bluesky": 4}
    card = script.press(script.press(card, "Approve"), "Publish now")
    script.published(card["draft_id"])
    for network, parts in said.items():
        live = chain(script.networks().posts(network), parts[0].split("\n")[0])
        assert [post["text"].split("\n")[0] for post in live] == [part.split("\n")[0] for part in parts]
        assert [post["created_at"] for post in live] == sorted(post["created_at"] for post in live)


def test_a_finished_draft_is_adapted_and_stays_as_it_is(script: Script) -> None:
    old = script.command(f"draft Our GPU bill fell by a third for mastodon\n\n{FACTS}")
    new = script.command(f"adapt {old['draft_id']} for bluesky")
    well_formed(new)
    assert new["draft_id"] != old["draft_id"]
    assert list(texts(new)) == ["bluesky"]
    assert texts(new)["bluesky"]["valid"] is True
    assert texts(new)["bluesky"]["text"] != texts(old)["mastodon"]["text"]
    assert any(f"adapted from draft {old['draft_id']}" in line for line in new["audit"])
    assert script.command(f"show {old['draft_id']}") == old
    card = script.press(script.press(new, "Approve"), "Publish now")
    script.published(card["draft_id"], 1)


def test_the_button_adapts_too(script: Script) -> None:
    old = script.command(f"thread Our GPU bill parts=3 for mastodon\n\n{FACTS}")
    form = script.press(old, "Adapt")
    assert [(f["name"], f["required"]) for f in form["fields"]] == [("networks", True), ("wish", False)]
    new = script.press(old, "Adapt", {"networks": "bluesky", "wish": "as one post"})
    assert texts(new)["bluesky"]["parts"] == []
    new = script.press(old, "Adapt", {"networks": "bluesky"})
    assert len(texts(new)["bluesky"]["parts"]) == 3


@pytest.mark.parametrize(
    ("text", "status", "field"),
    [
        ("thread Our bill parts=1000", 422, "parts"),
        ("thread Our bill parts=x", 422, "parts"),
        ("adapt 999999 for bluesky", 404, None),
        ("adapt", 422, "draft"),
    ],
)
def test_what_can_not_be_done_is_said(script: Script, text: str, status: int, field: str | None) -> None:
    answer: httpx.Response = script.http.post("/api/command", json={"text": text})
    error = refused(answer, status)
    assert error["field"] == field
    assert error["next"]
