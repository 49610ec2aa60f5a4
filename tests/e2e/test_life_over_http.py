"""A draft's life by its buttons over the HTTP face of the real process: times, taking back, refusing, undoing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.system_clock import SystemClock
from tests.e2e.process import NETWORKS, RunningDesk, Script, running, until
from tests.e2e.shapes import DELIVERY, Json, labels, refused, texts, well_formed


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with running(tmp_path_factory.mktemp("life"), {"COPYDESK_UNDO_SECONDS": "2"}) as started:
        yield started


@pytest.fixture
def script(desk: RunningDesk) -> Iterator[Script]:
    with desk.client as client:
        yield Script(client)


def press(script: Script, card: Json, label: str, fields: dict[str, str] | None = None) -> httpx.Response:
    """The bare answer."""
    [button] = [b["id"] for b in card["buttons"] if b["label"] == label]
    return script.http.post("/api/action", json={"id": button, "fields": fields})


def forced(script: Script, card: Json, verb: str) -> httpx.Response:
    """An action whose button the card does not offer."""
    parts = card["buttons"][0]["id"].split(":")
    return script.http.post("/api/action", json={"id": ":".join([*parts[:2], verb, *parts[3:]])})


def at(hours: float) -> str:
    return (SystemClock().now() + timedelta(hours=hours)).isoformat()


def test_an_instant_counts_at_once_and_words_are_read_back(script: Script) -> None:
    card = script.press(script.command("draft About time"), "Approve")
    card = script.press(card, "Schedule", {"when": "2031-05-01T09:00:00+02:00"})
    assert card["state"] == "scheduled"
    assert script.draft(card["draft_id"])["planned_at"] == "2031-05-01T07:00:00+00:00"
    asked = press(script, card, "Schedule", {"when": "2031-06-02 17:30"})
    [reply] = asked.json()["replies"]
    assert asked.status_code == 200
    [button] = reply["card"]["buttons"]
    assert button["label"] == "Schedule for Mon 2 Jun 2031 17:30 (UTC)"
    assert script.draft(card["draft_id"])["planned_at"] == "2031-05-01T07:00:00+00:00"
    script.http.post("/api/action", json={"id": button["id"]}).raise_for_status()
    assert script.draft(card["draft_id"])["planned_at"] == "2031-06-02T17:30:00+00:00"
    due = {d["due_at"][:16] for d in script.deliveries(card["draft_id"]) if d["state"] == "SCHEDULED"}
    assert due == {"2031-06-02T17:30"}
    card = script.press(script.command(f"show {card['draft_id']}"), "Unschedule")
    assert card["state"] == "approved"
    assert {d["state"] for d in script.deliveries(card["draft_id"])} == {"CANCELLED"}


@pytest.mark.parametrize(
    "when",
    [
        "2020-01-01T00:00:00Z",
        "yesterday 9am",
        "at 9",
        "someday",
        "",
        "tomorrow",
        "9999-12-31T23:00:00-05:00",
        "2027-02-30T09:00Z",
    ],
)
def test_a_time_that_is_past_or_unclear_is_asked_back(script: Script, when: str) -> None:
    card = script.command("draft About unclear times")
    answer = press(script, card, "Schedule", {"when": when})
    error = refused(answer, 422)
    assert error["field"] == "when"
    assert error["next"]
    [form] = [r["form"] for r in answer.json()["replies"] if r["kind"] == "open"]
    assert form["fields"][0]["value"] == when


def test_a_time_chosen_before_makes_approving_plan(script: Script) -> None:
    card = script.press(script.command("draft First the time, then the yes"), "Schedule", {"when": at(5)})
    assert (card["state"], script.deliveries(card["draft_id"])) == ("draft", [])
    card = script.press(card, "Approve")
    assert card["state"] == "scheduled"
    rows = script.deliveries(card["draft_id"])
    assert {d["state"] for d in rows} == {"SCHEDULED"}
    moments = sorted(datetime.fromisoformat(d["due_at"]) for d in rows)
    assert moments[-1] - moments[0] <= timedelta(seconds=2)


def test_publish_now_waits_for_the_time_to_undo_and_no_longer(script: Script) -> None:
    card = script.press(script.press(script.command("draft Taken back, then sent"), "Approve"), "Publish now")
    well_formed(card)
    assert card["state"] == "scheduled"
    assert "Publish now" not in labels(card)
    card = script.press(card, "Undo")
    assert card["state"] == "approved"
    assert {d["state"] for d in script.deliveries(card["draft_id"])} == {"CANCELLED"}
    clicked = SystemClock().now()
    card = script.press(card, "Publish now")
    live = script.published(card["draft_id"])
    for delivery in live:
        assert set(delivery) == DELIVERY
        assert all(set(step) == {"at", "from", "to", "note"} for step in delivery["log"])
        assert datetime.fromisoformat(delivery["published_at"]) - clicked >= timedelta(seconds=2)
        assert delivery["url"].startswith("http://127.0.0.1:")
        assert isinstance(delivery["id"], str)
    late = press(script, card, "Undo")
    assert refused(late, 409)["message"]
    shown = script.command(f"show {card['draft_id']}")
    assert (shown["state"], labels(shown)) == ("published", ["Duplicate", "Adapt", "Correct", "Take down"])


def test_a_text_over_the_limit_cannot_be_approved_by_any_door(script: Script) -> None:
    card = script.command("draft Too long in a moment")
    field = f"text.{texts(card)['bluesky']['account_id']}"
    card = script.press(card, "Edit", {field: "x" * 301})
    [problem] = texts(card)["bluesky"]["problems"]
    assert set(problem) == {"code", "severity", "message", "fix"}
    assert problem["severity"] == "block"
    assert texts(card)["bluesky"]["valid"] is False
    assert not any("Approve" in label for label in labels(card))
    answer = forced(script, card, "approve")
    refused(answer, 409)
    assert script.draft(card["draft_id"])["approval"] is None
    assert "Approve" in labels(script.press(card, "Edit", {field: "x" * 300}))


def test_a_stale_button_is_refused_with_the_fresh_card(script: Script) -> None:
    old = script.command("draft Soon outdated picture=no")
    field = f"text.{texts(old)['mastodon']['account_id']}"
    fresh = script.press(old, "Edit", {field: "Newer words"})
    for label, fields in (
        ("Approve", None),
        ("Archive", None),
        ("Schedule", {"when": at(3)}),
        ("Regenerate", {"wish": ""}),
    ):
        answer = press(script, old, label, fields)
        refused(answer, 409)
        cards = [r["card"] for r in answer.json()["replies"] if r["card"]]
        assert fresh in cards
    assert script.draft(fresh["draft_id"])["revision"] == 2


def test_an_edit_takes_approval_and_time_away(script: Script) -> None:
    card = script.press(script.command("draft Approved, planned, then changed"), "Approve")
    card = script.press(card, "Schedule", {"when": at(4)})
    field = f"text.{texts(card)['mastodon']['account_id']}"
    card = script.press(card, "Edit", {field: "Other words"})
    assert card["state"] == "draft"
    assert script.draft(card["draft_id"])["approval"] is None
    assert {d["state"] for d in script.deliveries(card["draft_id"])} == {"CANCELLED"}
    assert "Approve" in labels(card)


def test_saying_no_and_taking_it_back(script: Script) -> None:
    card = script.command("draft Not this one")
    assert refused(press(script, card, "Reject", {"reason": " "}), 422)["field"] == "reason"
    card = script.press(card, "Reject", {"reason": "Too thin"}, who="Bo")
    assert card["state"] == "rejected"
    assert any("Too thin" in line for line in card["audit"])
    refused(forced(script, card, "approve"), 409)
    card = script.press(card, "Reopen")
    assert card["state"] == "draft"
    card = script.press(script.press(card, "Approve"), "Withdraw")
    assert (card["state"], script.draft(card["draft_id"])["approval"]) == ("draft", None)
    copy = script.press(card, "Duplicate")
    assert copy["draft_id"] != card["draft_id"]
    assert {p: b["text"] for p, b in texts(copy).items()} == {p: b["text"] for p, b in texts(card).items()}
    card = script.press(card, "Archive")
    assert card["state"] == "archived"
    assert not any("Approve" in label for label in labels(card))


def test_an_earlier_version_comes_back_as_a_new_one(script: Script) -> None:
    card = script.command("draft The first words picture=no")
    field = f"text.{texts(card)['mastodon']['account_id']}"
    first = texts(card)["mastodon"]["text"]
    card = script.press(card, "Edit", {field: "Second thoughts"})
    card = script.press(card, "Earlier versions", {"version": "1"})
    assert (card["revision"], texts(card)["mastodon"]["text"]) == (3, first)


def test_a_freeze_holds_what_is_due_and_a_thaw_lets_it_go(script: Script) -> None:
    card = script.press(script.command("draft Held for a while, https://example.com/freeze"), "Approve")
    script.press(card, "Publish now")
    script.command("freeze")
    assert {d["state"] for d in script.deliveries(card["draft_id"])} == {"HELD"}
    held = [c for c in script.http.get("/api/cards").json()["cards"] if c["state"] == "held"]
    held = [c for c in held if c["draft_id"] == card["draft_id"]]
    assert len(held) == len(NETWORKS)
    for shown in held:
        well_formed(shown)
    script.command("thaw")
    script.published(card["draft_id"])


def test_a_real_account_ends_practice_within_five_seconds(tmp_path: Path) -> None:
    """Real as far as the desk can tell: another stand-in, connected by hand."""
    import json
    import subprocess
    import sys

    from tests.e2e.process import ROOT

    with running(tmp_path) as desk, desk.client as client:
        script = Script(client)
        given = {"base_url": f"http://127.0.0.1:{desk.port + 1}/elsewhere", "access_token": "a-token", "name": "Ours"}
        began = SystemClock().now()
        done = subprocess.run(
            [sys.executable, "-m", "bot", "account", "add", "mastodon", "--no-verify", "--json", "-"],
            cwd=ROOT,
            env=desk.environment,
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=True,
        )
        added = json.loads(done.stdout)
        assert set(added) == {"id", "platform", "handle", "name", "verified"}
        assert (added["platform"], added["verified"]) == ("mastodon", False)
        signed = subprocess.run(
            [sys.executable, "-m", "bot", "signin"],
            cwd=ROOT,
            env=desk.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        with httpx.Client(base_url=f"http://127.0.0.1:{desk.port}", trust_env=False, follow_redirects=True) as browser:
            page = browser.get(signed.stdout.strip()).text
            assert "Copydesk" in page
            until(lambda: "Nothing leaves this machine" not in browser.get("/").text, "the practice line to go")
        assert SystemClock().now() - began < timedelta(seconds=8)
        card = script.command("draft For real now")
        assert [b["account_id"] for b in card["blocks"] if b["type"] == "variant"] == [added["id"]]
