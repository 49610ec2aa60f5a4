"""The HTTP face as scripts see it: shapes, lists, and a draft's life by its buttons."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING

import pytest

from services.domain.errors import Unavailable
from tests.handlers.world import BLUESKY, MASTODON, World, a_png, button_id, labels

if TYPE_CHECKING:
    pass


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json"])
async def test_health_and_description_are_open(world: World, path: str) -> None:
    assert (await world.stranger.get(path)).status_code == 200


async def test_readiness_follows_the_engine(world: World) -> None:
    world.engine.well = False
    assert (await world.stranger.get("/readyz")).json()["surfaces"] == {"slack": "off"}
    answer = await world.stranger.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False


async def test_there_is_no_documentation_page(world: World) -> None:
    assert (await world.client.get("/docs")).status_code == 404
    assert (await world.client.get("/redoc")).status_code == 404


async def test_a_draft_has_the_fixed_shape(world: World) -> None:
    card = await world.draft("We ship 2.4 today")
    assert set(card) == {"card_id", "draft_id", "revision", "state", "title", "blocks", "buttons", "audit"}
    assert (card["card_id"], card["draft_id"], card["revision"], card["state"]) == ("draft-1", "1", 1, "draft")
    assert card["title"] == "Draft 1 · We ship 2.4 today"
    variants = [b for b in card["blocks"] if b["type"] == "variant"]
    assert [v["account_id"] for v in variants] == [BLUESKY, MASTODON]
    assert variants[0] == {
        "type": "variant",
        "account_id": BLUESKY,
        "platform": "bluesky",
        "text": "We ship 2.4 today on Bluesky",
        "parts": [],
        "length": 28,
        "limit": 300,
        "unit": "characters",
        "valid": True,
        "problems": [],
        "options": [],
    }
    assert sum("Approve" in label for label in labels(card)) == 1
    assert labels(card)[:5] == ["Approve", "Edit", "Regenerate", "Image", "Schedule"]


async def test_id_and_label_occur_on_buttons_only(world: World) -> None:
    card = await world.draft()

    def walk(value: object, *, button: bool) -> None:
        if isinstance(value, dict):
            here = value.get("type") == "button"
            assert here or not {"id", "label"} & set(value), value
            for inner in value.values():
                walk(inner, button=here)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, button=button)

    walk(card, button=False)


async def test_lists_give_what_was_made(world: World) -> None:
    card = await world.draft("First thing")
    await world.draft("Second thing")
    drafts = (await world.client.get("/api/drafts")).json()
    assert [d["id"] for d in drafts["drafts"]] == ["2", "1"]
    one = (await world.client.get("/api/drafts/1")).json()
    assert one["brief"] == "First thing"
    assert one["approval"] is None
    assert set(one) == {
        "id",
        "state",
        "revision",
        "digest",
        "brief",
        "author",
        "planned_at",
        "approval",
        "variants",
    }
    shown = (await world.client.get("/api/cards")).json()
    assert [c["card_id"] for c in shown["cards"]] == ["draft-2", "draft-1"]
    assert shown["cards"][1] == card


async def test_pages_continue(world: World) -> None:
    for n in range(3):
        await world.draft(f"Thing {n}")
    first = (await world.client.get("/api/drafts?limit=2")).json()
    assert ([d["id"] for d in first["drafts"]], first["next"]) == (["3", "2"], "2")
    rest = (await world.client.get(f"/api/drafts?limit=2&before={first['next']}")).json()
    assert ([d["id"] for d in rest["drafts"]], rest["next"]) == (["1"], None)
    cards = (await world.client.get("/api/cards?limit=2")).json()
    older = (await world.client.get(f"/api/cards?limit=2&before={cards['next']}")).json()
    assert [c["card_id"] for c in older["cards"]] == ["draft-1"]


async def test_approve_then_publish_makes_deliveries(world: World) -> None:
    card = await world.draft()
    approved = await world.done(button_id(card, "Approve"))
    assert approved["state"] == "approved"
    assert not any("Approve" in label for label in labels(approved))
    assert labels(approved).count("Publish now") == 1
    out = await world.done(button_id(approved, "Publish now"))
    assert out["state"] == "scheduled"
    assert "Undo" in labels(out)
    assert "Publish now" not in labels(out)
    found = (await world.client.get("/api/deliveries?state=SCHEDULED")).json()["deliveries"]
    assert sorted(d["account_id"] for d in found) == [BLUESKY, MASTODON]
    assert set(found[0]) == {
        "id",
        "draft_id",
        "account_id",
        "platform",
        "state",
        "due_at",
        "next_at",
        "attempts",
        "url",
        "remote_id",
        "published_at",
        "problem",
        "log",
    }
    assert set(found[0]["log"][0]) == {"at", "from", "to", "note"}
    back = await world.done(button_id(out, "Undo"))
    assert back["state"] == "approved"
    assert (await world.client.get("/api/deliveries?state=SCHEDULED")).json()["deliveries"] == []


async def test_undo_is_gone_after_its_time(world: World) -> None:
    approved = await world.done(button_id(await world.draft(), "Approve"))
    await world.done(button_id(approved, "Publish now"))
    await world.clock.advance(16)
    card = (await world.client.get("/api/cards")).json()["cards"][0]
    assert "Undo" not in labels(card)


async def test_a_form_button_without_fields_opens_its_form(world: World) -> None:
    card = await world.draft("Hello")
    bodies: tuple[dict[str, object], ...] = ({}, {"fields": None}, {"fields": {}})
    for body in bodies:
        answer = (await world.act(button_id(card, "Edit"), **body)).json()
        assert [r["kind"] for r in answer["replies"]] == ["open"]
        form = answer["replies"][0]["form"]
        assert form["name"] == "edit"
        assert [f["name"] for f in form["fields"]] == [f"text.{BLUESKY}", f"text.{MASTODON}"]
        assert form["fields"][0]["value"] == "Hello on Bluesky"
        assert {"name", "type", "required", "max", "options", "value"} <= set(form["fields"][0])


async def test_regenerate_acts_on_an_empty_answer(world: World) -> None:
    card = await world.draft("Hello")
    button = button_id(card, "Regenerate")
    assert (await world.act(button)).json()["replies"][0]["form"]["name"] == "regenerate"
    again = await world.done(button, fields={})
    assert again["revision"] == 2
    wished = await world.done(button_id(again, "Regenerate"), fields={"wish": "shorter"})
    assert wished["revision"] == 3
    assert world.model.tasks[-1].wish == "shorter"


async def test_a_text_over_the_limit_takes_approve_away(world: World) -> None:
    card = await world.draft()
    long = await world.done(button_id(card, "Edit"), fields={f"text.{BLUESKY}": "x" * 301})
    assert not any("Approve" in label for label in labels(long))
    block = next(b for b in long["blocks"] if b["type"] == "variant" and b["account_id"] == BLUESKY)
    assert (block["length"], block["limit"], block["valid"]) == (301, 300, False)
    assert block["problems"][0]["severity"] == "block"
    variant = (await world.client.get("/api/drafts/1")).json()
    answer = await world.act(f"cd:1:approve:1:2:{variant['digest'][:8]}")
    assert answer.status_code == 409
    assert "too long" in answer.json()["error"]["message"]


async def test_a_banned_word_takes_approve_away(world: World) -> None:
    card = await world.draft()
    worse = await world.done(button_id(card, "Edit"), fields={f"text.{MASTODON}": "Pure synergy"})
    assert not any("Approve" in label for label in labels(worse))


async def test_words_for_a_time_come_back_as_an_instant(world: World) -> None:
    card = await world.draft()
    answer = (await world.act(button_id(card, "Schedule"), fields={"when": "tomorrow 9am"})).json()
    asked = answer["replies"][0]
    assert asked["kind"] == "whisper"
    assert asked["card"]["title"] == "“tomorrow 9am” is Tue 3 Mar 2026 09:00 (Europe/Berlin)"
    assert (await world.client.get("/api/drafts/1")).json()["planned_at"] is None
    planned = await world.done(asked["card"]["buttons"][0]["id"])
    assert planned["draft_id"] == "1"
    assert (await world.client.get("/api/drafts/1")).json()["planned_at"] == "2026-03-03T08:00:00+00:00"


async def test_an_exact_time_counts_at_once(world: World) -> None:
    card = await world.draft()
    await world.done(button_id(card, "Schedule"), fields={"when": "2026-03-05T09:00:00+01:00"})
    assert (await world.client.get("/api/drafts/1")).json()["planned_at"] == "2026-03-05T08:00:00+00:00"


async def test_reject_reopen_and_the_seven_days(world: World) -> None:
    card = await world.draft()
    button = button_id(card, "Reject")
    assert (await world.act(button)).json()["replies"][0]["form"]["fields"][0]["name"] == "reason"
    rejected = await world.done(button, fields={"reason": "too salesy"})
    assert rejected["state"] == "rejected"
    assert "too salesy" in rejected["audit"][-1]
    assert labels(rejected) == ["Reopen", "Duplicate", "Adapt", "Archive"]
    await world.clock.advance(8 * 86400)
    late = (await world.client.get("/api/cards")).json()["cards"][0]
    assert labels(late) == ["Duplicate", "Adapt", "Archive"]
    assert (await world.act(button_id(rejected, "Reopen"))).status_code == 409


async def test_restore_lists_versions_and_brings_one_back(world: World) -> None:
    card = await world.draft("Hello")
    second = await world.done(button_id(card, "Edit"), fields={f"text.{MASTODON}": "Other"})
    opened = (await world.act(button_id(second, "Earlier versions"))).json()["replies"][0]
    assert [o["value"] for o in opened["form"]["fields"][0]["options"]] == ["1"]
    back = await world.done(button_id(second, "Earlier versions"), fields={"version": 1})
    assert back["revision"] == 3
    texts = {b["account_id"]: b["text"] for b in back["blocks"] if b["type"] == "variant"}
    assert texts[MASTODON] == "Hello on Mastodon"


async def test_a_model_failure_keeps_the_brief(world: World) -> None:
    world.model.fail = Unavailable("The writing model timed out after 30 s.", next_step="Try again.")
    card = await world.draft("A brief worth keeping")
    assert card["state"] == "draft"
    assert labels(card) == ["Try again", "Write it myself", "Archive"]
    texts = [b["text"] for b in card["blocks"] if b["type"] in {"note", "text"}]
    assert any("timed out after 30 s" in t for t in texts)
    assert any("A brief worth keeping" in t for t in texts)
    listed = (await world.client.get("/api/cards")).json()["cards"]
    assert [c["card_id"] for c in listed] == ["draft-1"]
    world.model.fail = None
    assert "Approve" in labels(await world.done(button_id(card, "Try again")))


async def test_a_bug_in_the_model_keeps_the_brief_too(world: World) -> None:
    world.model.fail = ZeroDivisionError("boom")
    card = await world.draft("Kept anyway")
    assert labels(card) == ["Try again", "Write it myself", "Archive"]
    assert "boom" not in str(card)


async def test_write_it_myself_starts_from_empty_texts(world: World) -> None:
    world.model.fail = Unavailable("Down.")
    card = await world.draft("By hand then")
    form = (await world.act(button_id(card, "Write it myself"))).json()["replies"][0]["form"]
    assert [f["value"] for f in form["fields"]] == ["", ""]
    partly = await world.done(form["action"], fields={f"text.{MASTODON}": "Mine"})
    assert not any("Approve" in label for label in labels(partly))
    whole = await world.done(button_id(partly, "Edit"), fields={f"text.{BLUESKY}": "Mine too"})
    assert "Approve" in labels(whole)


async def test_a_slow_model_answers_202_and_goes_on(world: World) -> None:
    world.model.gate = asyncio.Event()
    asked = asyncio.create_task(world.client.post("/api/command", json={"text": "draft Slow"}))
    await world.clock.advance(60)
    answer = await asked
    assert answer.status_code == 202
    card = answer.json()["replies"][0]["card"]
    assert (card["state"], card["buttons"]) == ("drafting", [])
    world.model.gate.set()
    await world.clock.advance()
    assert (await world.client.get("/api/drafts/1")).json()["state"] == "draft"


async def test_a_picture_goes_in_and_out(world: World) -> None:
    kept = (await world.client.post("/api/media", files={"file": ("a.png", a_png(), "image/png")})).json()
    assert (kept["mime"], kept["width"], kept["height"]) == ("image/png", 8, 6)
    raw = (await world.client.post("/api/media", content=a_png())).json()
    assert raw["digest"] == kept["digest"]
    back = await world.client.get(kept["url"])
    assert back.headers["content-type"] == "image/png"
    assert back.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in back.headers["cache-control"]
    card = await world.draft()
    with_picture = await world.done(button_id(card, "Image"), fields={"upload": kept["digest"], "alt": "A red field"})
    image = next(b for b in with_picture["blocks"] if b["type"] == "image")
    expected = {"type": "image", "url": kept["url"], "alt": "A red field", "width": 8, "height": 6}
    assert image == expected
    edited = await world.done(button_id(with_picture, "Edit"), fields={"alt": "A red rectangle"})
    assert next(b for b in edited["blocks"] if b["type"] == "image")["alt"] == "A red rectangle"
    without = await world.done(button_id(edited, "Remove image"))
    assert not [b for b in without["blocks"] if b["type"] == "image"]


async def test_a_data_url_is_a_picture_too(world: World) -> None:
    card = await world.draft()
    url = f"data:image/png;base64,{base64.b64encode(a_png()).decode()}"
    done = await world.done(button_id(card, "Image"), fields={"upload": url, "alt": "Red"})
    assert any(b["type"] == "image" for b in done["blocks"])


async def test_metrics_count_deliveries(world: World) -> None:
    approved = await world.done(button_id(await world.draft(), "Approve"))
    await world.done(button_id(approved, "Publish now"))
    text = (await world.client.get("/metrics")).text
    assert 'copydesk_deliveries{state="SCHEDULED"} 2' in text


async def test_the_description_tells_errors_and_bodies(world: World) -> None:
    spec = (await world.stranger.get("/openapi.json")).json()
    assert {"/api/command", "/api/action", "/api/drafts", "/api/cards", "/api/media"} <= set(spec["paths"])
    action = spec["paths"]["/api/action"]["post"]
    assert {"200", "202", "401", "409", "422"} <= set(action["responses"])
    assert "id" in action["requestBody"]["content"]["application/json"]["schema"]["properties"]


async def test_freeze_and_thaw_answer_with_numbers(world: World) -> None:
    approved = await world.done(button_id(await world.draft(), "Approve"))
    await world.done(button_id(approved, "Publish now"))
    frozen = (await world.say("freeze"))["replies"][0]["card"]
    assert "2 posts held back now." in [b["text"] for b in frozen["blocks"]]
    cards = (await world.client.get("/api/cards")).json()["cards"]
    assert sorted(c["state"] for c in cards) == ["held", "held", "scheduled"]
    held = next(c for c in cards if c["state"] == "held")
    assert labels(held) == ["Send it", "Don't send it"]
    await world.say("thaw")
    assert [c["card_id"] for c in (await world.client.get("/api/cards")).json()["cards"]] == ["draft-1"]


async def test_an_approval_costs_one_commit(world: World) -> None:
    card = await world.draft()
    await world.client.get("/api/cards")
    before = world.store.commits
    await world.done(button_id(card, "Approve"))
    assert world.store.commits == before + 1
