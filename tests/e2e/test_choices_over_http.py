"""Options over the HTTP face of the real process, as far as the practice network that shows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.process import RunningDesk, Script, running
from tests.e2e.shapes import labels, texts, well_formed


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    folder: Path = tmp_path_factory.mktemp("choices")
    with running(folder) as started:
        yield started


@pytest.fixture
def script(desk: RunningDesk) -> Iterator[Script]:
    with desk.client as client:
        yield Script(client)


def test_what_is_chosen_in_the_form_is_what_the_network_shows(script: Script) -> None:
    card = script.command("draft Quietly said for mastodon picture=no")
    well_formed(card)
    form = script.press(card, "Options")
    fields = {f["name"].rpartition(".")[2]: f for f in form["fields"]}
    assert {n: (f["type"], f["value"]) for n, f in fields.items() if n in {"visibility", "content_warning"}} == {
        "visibility": ("select", "public"),
        "content_warning": ("text", ""),
    }
    given = {
        fields["visibility"]["name"]: "unlisted",
        fields["content_warning"]["name"]: "Spoilers",
        fields["language"]["name"]: "de",
    }
    card = script.press(card, "Options", given)
    well_formed(card)
    assert [(o["title"], o["text"]) for o in texts(card)["mastodon"]["options"]] == [
        ("Who can see it", "Everyone, outside public timelines"),
        ("Content warning", "Spoilers"),
        ("Language", "de"),
    ]
    script.press(script.press(card, "Approve"), "Publish now")
    [live] = script.published(card["draft_id"], count=1)
    [account] = [a for a in script.http.get("/api/accounts").json()["accounts"] if a["id"] == live["account_id"]]
    status = httpx.get(f"{account['base_url']}/api/v1/statuses/{live['remote_id']}", trust_env=False).json()
    assert (status["visibility"], status["spoiler_text"], status["language"]) == ("unlisted", "Spoilers", "de")


def test_a_warning_that_makes_it_too_long_takes_approve_away(script: Script) -> None:
    card = script.command("draft Loud for mastodon picture=no")
    account = texts(card)["mastodon"]["account_id"]
    card = script.press(card, "Edit", {f"text.{account}": "a" * 495})
    warned = script.press(card, "Options", {f"option.{account}.content_warning": "Long posts"})
    assert "Approve" not in labels(warned)
    assert [p["code"] for p in texts(warned)["mastodon"]["problems"] if p["severity"] == "block"] == ["too_long"]
    assert "Approve" in labels(script.press(warned, "Options", {f"option.{account}.content_warning": ""}))


def test_standing_choices_survive_a_restart_and_begin_new_drafts(desk: RunningDesk) -> None:
    with desk.client as client:
        form = Script(client).command("account options bluesky")
        [field] = [f["name"] for f in form["fields"] if f["name"].endswith("language")]
        client.post("/api/action", json={"id": form["action"], "fields": {field: "de, en"}}).raise_for_status()
    desk.stop()
    desk.start()
    with desk.client as client:
        card = Script(client).command("draft Auf Deutsch for bluesky picture=no")
        [told] = texts(card)["bluesky"]["options"]
        assert (told["title"], told["text"]) == ("Languages", "de, en")
