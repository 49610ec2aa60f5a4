"""The HTTP face of the real process, line by line, as somebody who only has its description would try it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.e2e.process import NETWORKS, ROOT, RunningDesk, Script, running
from tests.e2e.shapes import DRAFT, Json, labels, refused, texts, told, well_formed


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with running(tmp_path_factory.mktemp("face"), {"COPYDESK_UNDO_SECONDS": "2"}) as started:
        yield started


@pytest.fixture(scope="module")
def http(desk: RunningDesk) -> Iterator[httpx.Client]:
    with desk.client as client:
        yield client


@pytest.fixture
def script(http: httpx.Client) -> Script:
    return Script(http)


@pytest.fixture(scope="module")
def spec(http: httpx.Client) -> Json:
    found: Json = http.get("/openapi.json").json()
    return found


def raw(desk: RunningDesk, method: str, target: str, headers: str = "") -> int:
    """The status of a request whose target no client library has tidied."""
    head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{headers}\r\n"
    with socket.create_connection(("127.0.0.1", desk.port)) as connection:
        connection.sendall(head.encode())
        return int(connection.makefile("rb").readline().split()[1])


# --- keys ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "/api",
        "/api/",
        "/api//",
        "/api?x=1",
        "/api/drafts",
        "/api/drafts/",
        "/api/drafts/1",
        "/api/no/such/thing",
        "/api/../healthz",
        "/api/%00",
        "/api%2Fdrafts",
        "/%61pi/drafts",
        "//api/drafts",
        "/API/drafts",
        "/metrics",
        "/metrics/",
    ],
)
def test_without_the_key_nothing_under_api_answers(desk: RunningDesk, target: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "ODD"):
        assert raw(desk, method, target) == 401, method
    assert raw(desk, "GET", target, "Authorization: Bearer wrong\r\n") == 401
    assert raw(desk, "GET", target, "Authorization: Basic wrong\r\n") == 401
    assert raw(desk, "POST", target, "Content-Length: 99999999\r\n") == 401


def test_a_signed_in_browser_has_the_key_too_but_needs_the_pages_token_to_change_things(desk: RunningDesk) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "bot", "signin"],
        cwd=ROOT,
        env=desk.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    with httpx.Client(base_url=f"http://127.0.0.1:{desk.port}", trust_env=False) as browser:
        link = made.stdout.strip()
        assert browser.head(link).status_code == 405
        assert browser.get(link).status_code == 303
        assert browser.get("/api/drafts").status_code == 200
        assert refused(browser.post("/api/command", json={"text": "help"}), 403)["code"] == "forbidden"
        browser.cookies.clear()
        assert browser.get(link).status_code == 401
        assert browser.get("/api/drafts").status_code == 401


def test_health_wants_no_key_and_tells_what_it_knows(desk: RunningDesk, http: httpx.Client) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{desk.port}", trust_env=False) as stranger:
        assert stranger.get("/healthz").json() == {"status": "ok"}
        ready = stranger.get("/readyz", headers={"host": "a-load-balancer"})
        assert ready.status_code == 200
        assert ready.json()["ready"] is True
        assert {"slack", "discord"} <= set(ready.json()["surfaces"])
        assert stranger.get("/openapi.json").json()["openapi"].startswith("3.")
        for path in ("/healthz", "/readyz", "/openapi.json"):
            looked = stranger.head(path)
            assert (looked.status_code, looked.content) == (200, b"")
    metrics = http.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert "copydesk_http_requests_total " in metrics.text


# --- the description ----------------------------------------------------------------------------------------------


def test_the_description_is_whole(spec: Json) -> None:
    text = json.dumps(spec)
    for ref in re.findall(r'"\$ref": "#/([^"]+)"', text):
        found: Any = spec
        for step in ref.split("/"):
            found = found[step]
    for path, methods in spec["paths"].items():
        assert path.startswith("/")
        for operation in methods.values():
            assert operation["responses"]
            assert ("security" in operation) == path.startswith(("/api", "/metrics"))
            assert all(p["in"] in {"path", "query"} for p in operation.get("parameters", []))
            if path.startswith("/api"):
                assert "401" in operation["responses"]
    ids = re.findall(r'"operationId": "([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(spec["components"]["securitySchemes"]) == {"bearer", "session"}
    assert "HTTPValidationError" not in text


def test_answers_are_as_described(script: Script, spec: Json) -> None:
    http = script.http
    card = script.press(script.command("draft Described answers, see https://example.com/spec"), "Approve")
    script.press(card, "Publish now")
    script.published(card["draft_id"])
    for path in ("/api/drafts", "/api/deliveries", "/api/cards", "/api/accounts"):
        told(spec, "get", path, http.get(path))
    told(spec, "get", "/api/drafts/{draft_id}", http.get(f"/api/drafts/{card['draft_id']}"))
    told(spec, "get", "/api/drafts/{draft_id}", http.get("/api/drafts/999999"))
    told(spec, "get", "/api/deliveries", http.get("/api/deliveries?state=NOPE"))
    told(spec, "get", "/readyz", http.get("/readyz"))
    for text in (
        "help",
        "queue",
        "draft",
        "settings",
        "accounts",
        "roles",
        "show 999999",
        "scedule",
        "draft x for mastodn",
    ):
        told(spec, "post", "/api/command", http.post("/api/command", json={"text": text}))
    for body in ({"id": "nope"}, {"id": "cd:1:approve:999999:1:-"}, {"id": card["buttons"][0]["id"]}, {}):
        told(spec, "post", "/api/action", http.post("/api/action", json=body))
    told(spec, "post", "/api/media", http.post("/api/media", content=b"no picture"))


# --- wrong requests -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        ("[]", 400),
        ('"text"', 400),
        ('{"text": "\\ud800"}', 400),
        ("{}", 422),
        ('{"text": 5}', 422),
        ('{"text": null}', 422),
        ('{"text": ["help"]}', 422),
        ('{"text": "help", "as": 5}', 422),
        ('{"text": "frobnicate"}', 422),
        ('{"text": "help", "as": null, "later": {"more": []}}', 200),
    ],
)
def test_a_wrong_command_is_told_in_one_shape(http: httpx.Client, body: str, status: int) -> None:
    answer = http.post("/api/command", content=body)
    if status == 200:
        assert answer.status_code == 200
    else:
        refused(answer, status)


def test_what_is_not_there_not_done_or_too_large_is_told_in_the_same_shape(http: httpx.Client) -> None:
    for path in ("/api", "/api/", "/api/nope", "/api/drafts/", "/api/drafts/999999", "/api/media/x"):
        assert refused(http.get(path), 404)["code"] == "not_found"
    assert http.head("/api/nope").status_code == 404
    assert http.head("/api/drafts").status_code == 200
    for method, path in (
        ("PUT", "/api/drafts"),
        ("GET", "/api/command"),
        ("DELETE", "/api/action"),
        ("POST", "/healthz"),
    ):
        answer = http.request(method, path)
        assert refused(answer, 405)["code"] == "method_not_allowed"
        assert answer.headers["allow"]
    assert (
        refused(http.post("/api/command", content=b'{"text": "' + b"x" * 1_100_000 + b'"}'), 413)["code"] == "too_large"
    )


def test_a_state_is_asked_for_by_its_word(http: httpx.Client) -> None:
    assert refused(http.get("/api/deliveries?state=PUBLISHD"), 422)["next"] == "Did you mean PUBLISHED?"
    assert refused(http.get("/api/deliveries?state=PUBLISHD"), 422)["field"] == "state"
    every = http.get("/api/deliveries?limit=1000").json()["deliveries"]
    some = http.get("/api/deliveries?state=PUBLISHED,CANCELLED&limit=200").json()["deliveries"]
    assert [d["id"] for d in some] == [d["id"] for d in every if d["state"] in {"PUBLISHED", "CANCELLED"}]
    assert http.get("/api/deliveries?state=UNCERTAIN").json() == {"deliveries": [], "next": None}


# --- people -------------------------------------------------------------------------------------------------------


def test_an_unknown_name_approves_in_the_desks_zone_and_its_own_draft_too(script: Script) -> None:
    card = script.command("draft Written and approved by one person", who="Nia")
    assert script.press(card, "Approve", who="Nia")["state"] == "approved"
    roles = script.command("roles")
    facts = {f["name"]: f["text"] for b in roles["blocks"] if b["type"] == "fields" for f in b["items"]}
    assert facts["Nia"] == "approver · UTC"
    assert facts["owner"].startswith("admin")


def test_a_role_too_low_is_told_who_could(script: Script) -> None:
    card = script.command("draft Not for Vic to decide")
    script.command("help", who="Vic")
    script.command("roles Vic=viewer")
    error = script.press(card, "Approve", who="Vic", expect=403)["error"]
    assert "viewer" in error["message"]
    assert "owner" in error["message"] + error["next"]
    shown = script.http.get("/api/cards", params={"as": "Vic"}).json()["cards"][0]
    assert shown["card_id"] == card["card_id"]
    assert labels(shown) == []


def test_two_clicks_at_once_approve_once(desk: RunningDesk, script: Script) -> None:
    for n in range(3):
        card = script.command(f"draft Clicked twice, round {n}")
        [button] = [b["id"] for b in card["buttons"] if b["label"] == "Approve"]
        start = threading.Barrier(2)

        def click(who: str, button: str = button, start: threading.Barrier = start) -> httpx.Response:
            with desk.client as own:
                start.wait()
                return own.post("/api/action", json={"id": button, "as": who})

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(click, ("Ann", "Ben")))
        assert sorted(a.status_code for a in answers) == [200, 409]
        lost = next(a for a in answers if a.status_code == 409)
        assert refused(lost, 409)["message"].startswith("Already approved by ")
        assert "approved" in {r["card"]["state"] for r in lost.json()["replies"] if r["card"]}


# --- cards and drafts ---------------------------------------------------------------------------------------------


def test_a_finished_draft_offers_approve_at_once_and_has_every_key(script: Script) -> None:
    card = script.command("draft We measured cold starts: 40 ms instead of 900. https://example.com/cold")
    well_formed(card)
    assert card["state"] == "draft"
    assert sum("Approve" in label for label in labels(card)) == 1
    assert list(texts(card)) == list(NETWORKS)
    for block in texts(card).values():
        assert block["parts"] == []
        assert block["valid"] is True
        assert 0 < block["length"] <= block["limit"]
    approved = script.press(card, "Approve", who="Bo")
    draft = script.draft(card["draft_id"])
    assert set(draft) == DRAFT
    assert set(draft["approval"]) == {"by", "at", "revision", "digest"}
    assert (draft["approval"]["revision"], draft["approval"]["digest"]) == (draft["revision"], draft["digest"])
    assert datetime.fromisoformat(draft["approval"]["at"]).tzinfo is not None
    assert not any("Approve" in label for label in labels(approved))
    assert labels(approved).count("Publish now") == 1


def test_every_card_the_desk_shows_is_well_formed(script: Script) -> None:
    cards = script.http.get("/api/cards?limit=200").json()["cards"]
    assert len(cards) >= 1
    for text in ("help", "queue", "queue mine", "accounts", "settings", "roles", "schedule", "freeze", "thaw"):
        cards.append(script.command(text))
    for card in cards:
        well_formed(card)


def test_pages_lead_to_the_end_without_a_repeat_while_drafts_are_made(script: Script) -> None:
    made = [script.command(f"draft Paging number {n}")["draft_id"] for n in range(5)]
    for path, kind, key in (("/api/drafts", "drafts", "id"), ("/api/cards", "cards", "card_id")):
        seen: list[str] = []
        before = ""
        for turn in range(100):
            page = script.http.get(path, params={"limit": 3, "before": before}).json()
            seen += [item[key] for item in page[kind]]
            if turn < 2:
                script.command("draft One more while somebody reads")
            before = page["next"]
            if before is None:
                break
        assert len(seen) == len(set(seen))
        assert {d if kind == "drafts" else f"draft-{d}" for d in made} <= set(seen)
        numbers = [int(s.removeprefix("draft-")) for s in seen if not s.startswith("delivery-")]
        assert numbers == sorted(numbers, reverse=True)
        assert numbers[-1] == 1


def test_changes_are_told_as_they_happen(desk: RunningDesk, script: Script) -> None:
    with desk.client as watcher, watcher.stream("GET", "/api/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        lines = events.iter_lines()
        next(lines)
        card = script.command("draft Somebody watches this")
        heard = next(line for line in lines if line.startswith("data:") and card["card_id"] in line)
        assert json.loads(heard.removeprefix("data:"))["draft_id"] == card["draft_id"]


def test_for_chooses_networks_and_handles(script: Script) -> None:
    handles = {a["platform"]: a["handle"] for a in script.http.get("/api/accounts").json()["accounts"]}
    for tail, expected in (
        ("for mastodon", {"mastodon"}),
        ("for Bluesky", {"bluesky"}),
        ("for mastodon,bluesky", {"mastodon", "bluesky"}),
        ("for bluesky and mastodon", {"mastodon", "bluesky"}),
        (f"for @{handles['bluesky']}", {"bluesky"}),
        ("for tiktok,LinkedIn", {"linkedin", "tiktok"}),
        ("", set(NETWORKS)),
        ("for everybody who builds", set(NETWORKS)),
    ):
        assert set(texts(script.command(f"draft A faster parser {tail}"))) == expected
    before = len(script.http.get("/api/drafts?limit=200").json()["drafts"])
    for tail in ("for mastodn", "for myspace", "for mastodon,nosuch", "for nosuch,other", "for @nobody"):
        error = refused(script.http.post("/api/command", json={"text": f"draft A faster parser {tail}"}), 422)
        assert error["field"] == "networks"
        assert error["next"]
    assert len(script.http.get("/api/drafts?limit=200").json()["drafts"]) == before


def test_two_offline_briefs_share_few_words(script: Script) -> None:
    briefs = (
        "Our vector index rebuilds in 40 seconds instead of 11 minutes. Numbers at https://example.com/index",
        "Hiring: two engineers for compiler work in Lisbon, remote possible, apply until Friday",
    )
    said = []
    for brief in briefs:
        blocks = texts(script.command(f"draft {brief}")).values()
        said.append(set(re.findall(r"\w+", " ".join(b["text"] for b in blocks).casefold())))
    assert len(said[0] & said[1]) / min(map(len, said)) < 0.3


# --- forms --------------------------------------------------------------------------------------------------------


def test_every_form_opens_without_fields_and_names_its_fields(script: Script) -> None:
    card = script.command("draft A draft with many forms picture=no")
    ids = [b["account_id"] for b in card["blocks"] if b["type"] == "variant"]
    expected = {
        "Edit": [f"text.{i}" for i in ids],
        "Regenerate": ["wish"],
        "Image": ["prompt", "style", "upload", "link", "alt"],
        "Schedule": ["when"],
        "Reject": ["reason"],
    }
    for label, names in expected.items():
        for fields in ({}, {"fields": None}):
            [button] = [b for b in card["buttons"] if b["label"] == label]
            answer = script.http.post("/api/action", json={"id": button["id"], **fields})
            [reply] = answer.json()["replies"]
            assert (answer.status_code, reply["kind"], reply["card"]) == (200, "open", None)
            form = reply["form"]
            assert form["name"] == button["form"]
            assert [f["name"] for f in form["fields"]] == names
            assert all({"name", "type", "required", "max", "options", "value"} <= set(f) for f in form["fields"])
    assert script.draft(card["draft_id"])["revision"] == 1


def test_one_text_can_be_edited_alone_and_dashes_make_a_thread(script: Script) -> None:
    card = script.command("draft Before the edit picture=no")
    before = texts(card)
    first = before["mastodon"]["account_id"]
    card = script.press(card, "Edit", {f"text.{first}": "Part one\n---\nPart two"})
    assert texts(card)["mastodon"]["parts"] == ["Part one", "Part two"]
    assert texts(card)["bluesky"]["text"] == before["bluesky"]["text"]
    assert card["revision"] == 2
    for fields, field in (
        ({f"text.{first}": "  "}, f"text.{first}"),
        ({"alt": "Nothing to describe"}, "alt"),
        ({"text.no": "x"}, "text.no"),
    ):
        [button] = [b for b in card["buttons"] if b["label"] == "Edit"]
        answer = script.http.post("/api/action", json={"id": button["id"], "fields": fields})
        assert refused(answer, 422)["field"] == field
        assert "open" in {r["kind"] for r in answer.json()["replies"]}
    assert script.draft(card["draft_id"])["revision"] == 2
