"""A post that is live, corrected and taken down over the HTTP face of the real process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.process import Script, running
from tests.e2e.shapes import labels, well_formed


@pytest.fixture
def script(tmp_path: Path) -> Iterator[Script]:
    with running(tmp_path) as started, started.client as client:
        yield Script(client)


def of_draft(script: Script, draft_id: str) -> list[dict[str, Any]]:
    live = {d["remote_id"] for d in script.deliveries(draft_id)}
    return [post for post in script.networks().posts("mastodon") if post["id"] in live]


def test_a_live_post_is_corrected_and_then_taken_down(script: Script) -> None:
    card = script.command("draft Quietly said for mastodon picture=no")
    account = card["draft_id"] and script.draft(card["draft_id"])["variants"][0]["account_id"]
    card = script.press(card, "Edit", {f"text.{account}": "We open at nein. #news"})
    script.press(script.press(card, "Approve"), "Publish now")
    [delivery] = script.published(card["draft_id"], count=1)
    card = script.command(f"show {card['draft_id']}")
    [before] = of_draft(script, card["draft_id"])

    form = script.press(card, "Correct")
    assert [(f["name"], f["value"]) for f in form["fields"]] == [(f"text.{account}", "We open at nein. #news")]
    card = script.press(card, "Correct", {f"text.{account}": "We open at nine. #news"})
    well_formed(card)
    assert "corrected" in json.dumps(card)
    [after] = of_draft(script, card["draft_id"])
    assert (after["text"], after["url"]) == ("We open at nine. #news", before["url"])
    again = script.press(card, "Correct")
    assert [f["value"] for f in again["fields"]] == ["We open at nine. #news"]

    card = script.press(card, "Take down", {"account": account})
    well_formed(card)
    assert "taken down" in json.dumps(card)
    assert {"Correct", "Take down"} & set(labels(card)) == set()
    assert of_draft(script, card["draft_id"]) == []
    [gone] = script.deliveries(card["draft_id"])
    assert (gone["id"], gone["state"]) == (delivery["id"], "PUBLISHED")
    told = json.dumps(card, ensure_ascii=False)
    assert "corrected the post on Mastodon" in told
    assert "took down the post on Mastodon" in told
