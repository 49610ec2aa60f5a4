"""Pictures in the real process: beside a draft, on request, published with their alt text, and over a restart."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.process import RunningDesk, Script, running, until
from tests.e2e.shapes import Json, labels, well_formed


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with running(tmp_path_factory.mktemp("pictures"), {"COPYDESK_UNDO_SECONDS": "1"}) as started:
        yield started


@pytest.fixture
def script(desk: RunningDesk) -> Iterator[Script]:
    with desk.client as client:
        yield Script(client)


def images(card: Json) -> list[Json]:
    return [b for b in card["blocks"] if b["type"] == "image"]


def about(card: Json) -> str:
    facts = {f["name"]: f["text"] for b in card["blocks"] if b["type"] == "fields" for f in b["items"]}
    return str(facts["Picture"])


def test_a_draft_with_its_picture_goes_out_with_both(script: Script) -> None:
    card = script.command("draft We open the new pier on Sunday at nine picture=minimal for mastodon,bluesky")
    well_formed(card)
    [image] = images(card)
    assert (image["width"], image["height"], card["revision"]) == (1600, 900, 2)
    assert image["alt"]
    assert about(card).startswith("1600 × 900 · minimal · made offline")
    answer = script.http.get(image["url"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    card = script.press(script.press(card, "Approve"), "Publish now")
    script.published(card["draft_id"])
    for network in ("mastodon", "bluesky"):
        [post] = script.networks().posts(network)
        assert [m["alt"] for m in post["media"]] == [image["alt"]]


def test_a_picture_is_made_again_restyled_and_taken_away(script: Script) -> None:
    card = script.command("draft The library stays open on Friday evenings picture=no")
    assert (images(card), card["revision"]) == ([], 1)
    seen = set()
    for label, fields in (
        ("Image", {"prompt": "a quiet reading room", "style": "artistic"}),
        ("Another", None),
        ("Style", {"style": "infographic"}),
        ("Image", {"prompt": "a lamp over a desk", "style": "professional"}),
    ):
        card = script.press(card, label, fields)
        seen.add(images(card)[0]["url"])
    assert (len(seen), card["revision"]) == (4, 5)
    card = script.press(card, "Remove image")
    assert images(card) == []
    assert "Image" in labels(card)


def test_a_restart_ends_what_it_cut_off(tmp_path: Path) -> None:
    with running(tmp_path, {}) as desk:
        with desk.client as client:
            card = Script(client).command("draft Cut off in the middle picture=no")
        desk.kill()
        wish = '{"prompt":"","style":"minimal","take":0}'
        job = f'{{"id":"gone","wish":{wish},"by":"owner","at":"2026-01-01T00:00:00+00:00"}}'
        with closing(sqlite3.connect(tmp_path / "var" / "copydesk.db")) as database, database:
            database.execute("UPDATE drafts SET picturing = ? WHERE id = ?", (job, card["draft_id"]))
        desk.start()
        with desk.client as client:
            script = Script(client)
            fresh = until(lambda: script.command(f"show {card['draft_id']}"), "the card")
            assert "Approve" in labels(fresh)
            [note] = [b["text"] for b in fresh["blocks"] if b["type"] == "note" and "interrupted" in b["text"]]
            assert note.startswith("Making the picture was interrupted. The text is unchanged.")
