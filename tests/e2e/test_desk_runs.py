"""The main job end to end: a fresh data directory, the real process, the practice networks, and only the HTTP face."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.system_clock import SystemClock
from tests.e2e.process import NETWORKS, RunningDesk, Script, running, until

BOTH = ("mastodon", "bluesky")
BRIEF = "Our vector index now rebuilds in 40 seconds instead of 11 minutes. Numbers: https://example.com/index-rebuild"
EDITED = "Rebuilding the vector index takes 40 seconds now, down from 11 minutes.\n\nHow we measured it: https://example.com/index-rebuild"
ALT = "Bar chart: rebuild time before, 11 minutes, and after, 40 seconds"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with running(tmp_path_factory.mktemp("desk")) as started:
        yield started


@pytest.fixture
def script(desk: RunningDesk) -> Iterator[Script]:
    with desk.client as client:
        yield Script(client)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 360), "#14202b").save(out, "PNG")
    return out.getvalue()


def soon(seconds: float) -> str:
    return (SystemClock().now() + timedelta(seconds=seconds)).isoformat()


def edited_and_approved(script: Script) -> dict[str, object]:
    """Brief, draft, picture, edit, approve; gives the card."""
    card = script.command(f"draft {BRIEF} for {','.join(BOTH)}")
    assert card["state"] == "draft"
    uploaded = script.http.post("/api/media", files={"file": ("chart.png", picture(), "image/png")}).json()
    card = script.press(card, "Image", {"upload": uploaded["digest"], "alt": "To be written"})
    form = script.press(card, "Edit")
    texts = {f["name"]: EDITED for f in form["fields"] if f["name"].startswith("text.")}
    assert len(texts) == 2
    card = script.press(card, "Edit", {**texts, "alt": ALT})
    card = script.press(card, "Approve", who="Bo")
    assert card["state"] == "approved"
    return card


def test_a_brief_becomes_posts_on_both_networks_with_exact_text_alt_text_and_links(script: Script) -> None:
    card = edited_and_approved(script)
    draft_id = str(card["draft_id"])

    card = script.press(card, "Schedule", {"when": soon(1.5)})
    assert card["state"] == "scheduled"
    live = script.published(draft_id)

    draft = script.draft(draft_id)
    assert draft["state"] == "published"
    assert (draft["approval"]["by"], draft["approval"]["digest"]) == ("Bo", draft["digest"])
    assert {d["platform"] for d in live} == set(BOTH)
    for delivery in live:
        assert [e["to"] for e in delivery["log"]][-2:] == ["SENDING", "PUBLISHED"]
        assert delivery["attempts"] == 1
    networks = script.networks()
    for network in BOTH:
        [post] = [p for p in networks.posts(network) if p["text"] == EDITED]
        [media] = post["media"]
        assert media["alt"] == ALT
        assert post["url"] in {d["url"] for d in live}
    [bluesky] = [p for p in networks.posts("bluesky") if p["text"] == EDITED]
    [facet] = bluesky["record"]["facets"]
    start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
    assert EDITED.encode()[start:end].decode() == "https://example.com/index-rebuild"
    assert facet["features"] == [{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.com/index-rebuild"}]


def test_publish_now_can_be_undone_in_time_and_nothing_goes_out(tmp_path: Path) -> None:
    with running(tmp_path, {"COPYDESK_UNDO_SECONDS": "600"}) as slow, slow.client as client:
        script = Script(client)
        card = script.press(script.command(f"draft {BRIEF}"), "Approve")

        card = script.press(card, "Publish now")
        assert card["state"] == "scheduled"
        card = script.press(card, "Undo")

        assert card["state"] == "approved"
        assert {d["state"] for d in script.deliveries(str(card["draft_id"]))} == {"CANCELLED"}
        assert [network for network in NETWORKS if script.networks().posts(network)] == []
        assert "Publish now" in {b["label"] for b in card["buttons"]}


def test_after_kill_and_restart_everything_is_there_and_nothing_twice(tmp_path: Path) -> None:
    with running(tmp_path) as desk:
        with desk.client as client:
            script = Script(client)
            first = edited_and_approved(script)
            first = script.press(first, "Publish now")
            script.published(str(first["draft_id"]))
            waiting = script.press(
                script.command(f"draft The second waits, see https://example.com/2 for {','.join(BOTH)}"), "Approve"
            )
            script.press(waiting, "Schedule", {"when": soon(3)})
            networks = script.networks()
            networks.fault(network="mastodon", operation="publish", fault="slow", value=4, times=1)
            until(
                lambda: any(d["state"] == "SENDING" for d in script.deliveries(str(waiting["draft_id"]))),
                "a SENDING row",
            )
        desk.kill()
        desk.start()
        with desk.client as client:
            script = Script(client)
            assert script.draft(str(first["draft_id"]))["state"] == "published"
            assert script.draft(str(first["draft_id"]))["variants"][0]["text"] == EDITED
            script.published(str(waiting["draft_id"]))
            for network in BOTH:
                texts = [p["text"] for p in script.networks().posts(network)]
                assert len(texts) == len(set(texts)) == 2


def test_a_signal_stops_the_desk_cleanly_and_no_secret_was_logged(tmp_path: Path) -> None:
    with running(tmp_path) as desk:
        with desk.client as client:
            Script(client).command("draft Something small to log about")
        token = (tmp_path / "var" / "token").read_text()
        assert desk.stop() == 0
        assert token not in desk.log
        assert "Traceback" not in desk.log
        modes = {
            p.name: p.stat().st_mode & 0o777 for p in (tmp_path / "var").iterdir() if p.name in {"token", "secret.key"}
        }
        assert modes == {"token": 0o600, "secret.key": 0o600}


def test_the_media_is_served_as_it_was_cleaned(script: Script) -> None:
    uploaded = script.http.post("/api/media", files={"file": ("x.png", picture(), "image/png")}).json()
    answer = script.http.get(uploaded["url"])

    assert answer.headers["content-type"] == "image/png"
    assert hashlib.sha256(answer.content).hexdigest() == uploaded["digest"]
