"""Pictures in the real process: beside a draft, on request, published with their alt text, and over a restart."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.process import RunningDesk, Script, running, until
from tests.e2e.shapes import Json, labels, well_formed
from tests.media_samples import a_video


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


def test_a_video_is_taken_in_cleaned_and_played_in_pieces(desk: RunningDesk, script: Script) -> None:
    given = a_video(sound=True, turned=90, size=(96, 48), metadata={"location": "+52.5200+013.4050/"}, container="mov")
    answer = script.http.post("/api/media", files={"file": ("holiday.mov", given, "application/octet-stream")})
    assert answer.status_code == 200, answer.text
    kept = answer.json()
    assert (kept["mime"], kept["width"], kept["height"], round(kept["seconds"])) == ("video/mp4", 48, 96, 1)
    whole = script.http.get(kept["url"])
    assert (whole.headers["content-length"], b"52.5200" in whole.content) == (str(kept["size"]), False)
    part = script.http.get(kept["url"], headers={"range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert script.http.get(kept["poster"]).headers["content-type"] == "image/jpeg"
    cut = script.http.post("/api/media", content=given[:-400])
    assert cut.json()["error"]["message"] == "This video is cut off: its end is missing."
    assert list((desk.folder / "var" / "media" / "incoming").iterdir()) == []


def test_a_video_goes_out_alone_with_its_description(script: Script) -> None:
    card = script.command("draft The ferry leaves at nine for mastodon, bluesky picture=no")
    kept = script.http.post("/api/media", content=a_video(seconds=2.0, size=(320, 240), sound=True)).json()
    card = script.press(card, "Image", {"upload": kept["digest"], "alt": "A ferry leaves the pier"})
    well_formed(card)
    [image] = images(card)
    assert (image["alt"], image["url"]) == ("Video: A ferry leaves the pier", kept["poster"])
    card = script.press(script.press(card, "Approve"), "Publish now")
    script.published(card["draft_id"])
    for network in ("mastodon", "bluesky"):
        post = script.networks().posts(network)[0]
        assert [(m["alt"], m["sha256"]) for m in post["media"]] == [("A ferry leaves the pier", kept["digest"])]
