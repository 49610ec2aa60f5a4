"""The HTTP face says no: keys, wrong input, lost races, roles and stale buttons."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.handlers.world import MASTODON, World, a_png, button_id, labels

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.mark.parametrize("path", ["/api", "/api/cards", "/api/nothing", "/api/media/x", "/metrics", "/api/drafts/1"])
async def test_every_api_path_wants_a_key(world: World, path: str) -> None:
    answer = await world.stranger.get(path)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "unauthorized"
    assert answer.headers["www-authenticate"] == "Bearer"
    wrong = await world.stranger.get(path, headers={"authorization": "Bearer wrong"})
    assert wrong.status_code == 401


async def test_posting_without_a_key_does_nothing(world: World) -> None:
    answer = await world.stranger.post("/api/command", json={"text": "draft Something"})
    assert answer.status_code == 401
    assert (await world.client.get("/api/drafts")).json() == {"drafts": [], "next": None}


async def test_a_double_click_approves_once(world: World) -> None:
    card = await world.draft()
    button = button_id(card, "Approve")
    first, second = await asyncio.gather(world.act(button, **{"as": "Bo"}), world.act(button, **{"as": "Cy"}))
    assert sorted((first.status_code, second.status_code)) == [200, 409]
    lost = first if first.status_code == 409 else second
    body = lost.json()
    assert body["error"]["code"] == "conflict"
    assert body["error"]["message"] in {"Already approved by Bo at 10:00.", "Already approved by Cy at 10:00."}
    assert [r["kind"] for r in body["replies"]] == ["whisper", "update"]
    assert body["replies"][1]["card"]["state"] == "approved"


async def test_a_stale_button_is_refused_and_the_card_refreshed(world: World) -> None:
    card = await world.draft()
    old = button_id(card, "Approve")
    await world.done(button_id(card, "Edit"), fields={f"text.{MASTODON}": "Another text"})
    answer = await world.act(old)
    assert answer.status_code == 409
    assert "version 1" in answer.json()["error"]["message"]
    assert answer.json()["replies"][1]["card"]["revision"] == 2


async def test_editing_an_old_version_keeps_the_words(world: World) -> None:
    card = await world.draft()
    edit = button_id(card, "Edit")
    await world.done(edit, fields={f"text.{MASTODON}": "Bo was faster"})
    answer = await world.act(edit, fields={f"text.{MASTODON}": "My own words"})
    assert answer.status_code == 409
    form = next(r["form"] for r in answer.json()["replies"] if r["kind"] == "open")
    kept = {f["name"]: f["value"] for f in form["fields"]}
    assert kept[f"text.{MASTODON}"] == "My own words"
    saved = await world.done(form["action"], fields=kept)
    assert saved["revision"] == 3


async def test_an_unclear_time_comes_back_with_the_form(world: World) -> None:
    card = await world.draft()
    answer = await world.act(button_id(card, "Schedule"), fields={"when": "at 9"})
    assert answer.status_code == 422
    body = answer.json()
    assert body["error"]["field"] == "when"
    form = next(r["form"] for r in body["replies"] if r["kind"] == "open")
    assert form["fields"][0]["value"] == "at 9"
    assert form["fields"][0]["error"] == body["error"]["message"]


async def test_an_empty_brief_opens_the_form(world: World) -> None:
    reply = (await world.say("draft"))["replies"][0]
    assert reply["kind"] == "open"
    assert reply["form"]["name"] == "brief"
    assert [f["name"] for f in reply["form"]["fields"]] == ["brief", "notes", "networks", "parts", "tone", "picture"]
    card = await world.done(reply["form"]["action"], fields={"brief": "From a form", "networks": "mastodon"})
    assert [b["platform"] for b in card["blocks"] if b["type"] == "variant"] == ["mastodon"]
    empty = await world.act(reply["form"]["action"], fields={"brief": " ", "notes": "kept"})
    assert empty.status_code == 422
    form = next(r["form"] for r in empty.json()["replies"] if r["kind"] == "open")
    assert {f["name"]: f["value"] for f in form["fields"]}["notes"] == "kept"


async def test_an_unknown_word_is_told_what_was_meant(world: World) -> None:
    answer = await world.client.post("/api/command", json={"text": "/desk scedule"})
    assert answer.status_code == 422
    body = answer.json()
    assert body["error"]["code"] == "unknown_word"
    assert body["error"]["message"] == "I don't know “scedule”."
    assert body["error"]["next"] == "Did you mean “schedule”?"
    card = body["replies"][0]["card"]
    assert labels(card) == ["Run it", "Draft this", "Help"]
    assert (await world.act(button_id(card, "Run it"))).json()["replies"][0]["card"]["title"] == "Scheduled"


async def test_free_text_can_become_a_draft(world: World) -> None:
    body = (await world.client.post("/api/command", json={"text": "Our new office is open"})).json()
    card = body["replies"][0]["card"]
    made = await world.done(button_id(card, "Draft this"))
    assert made["title"] == "Draft 1 · Our new office is open"


async def test_an_unknown_network_names_the_near_one(world: World) -> None:
    answer = await world.client.post("/api/command", json={"text": "draft Hello for mastodn"})
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["field"] == "networks"
    assert error["next"].startswith("Did you mean mastodon?")
    form = answer.json()["replies"][1]["form"]
    fields = {f["name"]: (f["value"], bool(f["error"])) for f in form["fields"]}
    assert (fields["brief"], fields["networks"]) == (("Hello", False), ("mastodn", True))
    other = await world.client.post("/api/command", json={"text": "draft Hello for tiktok"})
    assert (other.status_code, other.json()["error"]["field"]) == (422, "networks")
    assert (await world.client.get("/api/drafts")).json()["drafts"] == []


async def test_without_an_account_it_says_how_to_connect_one(bare: World) -> None:
    answer = await bare.client.post("/api/command", json={"text": "draft Hello"})
    assert answer.status_code == 422
    assert "/desk connect" in answer.json()["error"]["next"]


async def test_a_role_too_low_is_refused_by_name(world: World) -> None:
    card = await world.draft()
    await world.actor("Bo")
    await world.say("roles Bo=viewer")
    answer = await world.act(button_id(card, "Approve"), **{"as": "Bo"})
    assert answer.status_code == 403
    assert "Your role here is viewer" in answer.json()["error"]["message"]
    assert labels((await world.client.get("/api/cards?as=Bo")).json()["cards"][0]) == []
    refused = await world.client.post("/api/command", json={"text": "freeze", "as": "Bo"})
    assert refused.status_code == 403


async def test_four_eyes_keep_authors_from_approving(world: World) -> None:
    await world.say("settings four-eyes on")
    card = await world.draft()
    assert not any("Approve" in label for label in labels(card))
    for_bo = (await world.client.get("/api/cards?as=Bo")).json()["cards"][0]
    assert "Approve" in labels(for_bo)
    assert (await world.act(button_id(for_bo, "Approve"))).status_code == 403
    assert (await world.act(button_id(for_bo, "Approve"), **{"as": "Bo"})).status_code == 200


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"[" * 100_000])
async def test_what_is_no_json_object_is_400(world: World, content: bytes) -> None:
    answer = await world.client.post("/api/command", content=content)
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"code", "message", "unchanged", "next", "field"}


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "text"), ({"text": 5}, "text"), ({"text": None}, "text"), ({"text": "help", "as": 1}, "as")],
)
async def test_wrong_types_are_422_with_the_field(world: World, body: dict[str, object], field: str) -> None:
    answer = await world.client.post("/api/command", json=body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)


async def test_unknown_keys_are_ignored(world: World) -> None:
    answer = await world.client.post("/api/command", json={"text": "help", "future": {"a": 1}})
    assert answer.status_code == 200


async def test_a_huge_body_is_refused_before_it_is_read(world: World) -> None:
    answer = await world.client.post("/api/command", content=b'{"text": "' + b"x" * 1_100_000 + b'"}')
    assert answer.status_code == 413

    async def dripping() -> AsyncIterator[bytes]:
        for _ in range(12):
            yield b"x" * 100_000

    answer = await world.client.post("/api/command", content=dripping())
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize("button", ["", "x", "cd:2:approve:1:1:-", "cd:1:explode:1:1:-", "cd:1:approve:1:1:zz"])
async def test_junk_is_no_button(world: World, button: str) -> None:
    answer = await world.act(button)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "id")


async def test_what_is_not_there_is_404(world: World) -> None:
    assert (await world.client.get("/api/drafts/99")).status_code == 404
    assert (await world.client.get("/api/nothing")).status_code == 404
    assert (await world.act("cd:1:approve:99:1:-")).status_code == 404
    answer = await world.client.post("/api/command", json={"text": "show 99"})
    assert answer.status_code == 404


async def test_an_unknown_state_names_the_near_one(world: World) -> None:
    answer = await world.client.get("/api/deliveries?state=PUBLISHD")
    assert answer.status_code == 422
    assert answer.json()["error"]["next"] == "Did you mean PUBLISHED?"
    assert (await world.client.get("/api/drafts?limit=x")).status_code == 422


@pytest.mark.parametrize(
    "upload", ["", "deadbeef", "0" * 64, "data:image/png;base64,@@@", "data:image/svg+xml;base64,PHN2Zz48L3N2Zz4="]
)
async def test_a_wrong_picture_is_refused_at_its_field(world: World, upload: str) -> None:
    card = await world.draft()
    answer = await world.act(button_id(card, "Image"), fields={"upload": upload, "alt": "kept"})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "upload")
    form = next(r["form"] for r in answer.json()["replies"] if r["kind"] == "open")
    assert {f["name"]: f["value"] for f in form["fields"]}["alt"] == "kept"


async def test_an_upload_is_judged_by_its_content(world: World) -> None:
    answer = await world.client.post("/api/media", files={"file": ("a.png", b"<svg/>", "image/png")})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "upload")
    assert (await world.client.post("/api/media", files={"other": ("a.png", a_png(), "image/png")})).status_code == 422


async def test_too_large_an_upload_names_what_a_picture_may_have(world: World) -> None:
    answer = await world.client.post("/api/action", content=bytes(30_000_001))
    error = answer.json()["error"]
    assert (answer.status_code, error["message"]) == (413, "This upload is too large: a picture has at most 20 MB.")
    assert error["next"] == "Upload larger files to /api/media."


async def test_a_video_too_large_is_turned_away_before_it_is_sent(world: World) -> None:
    answer = await world.client.post("/api/media", content=b"", headers={"content-length": "510000001"})
    error = answer.json()["error"]
    most = "a picture has at most 20 MB, a video 500 MB, and what is sent at once 500 MB together"
    told = f"This upload is too large: {most}."
    assert (answer.status_code, error["message"], error["next"]) == (
        413,
        told,
        "Upload a smaller file, or fewer at once.",
    )
