"""The practice server answers this machine only, keeps its accounts, and shows what it saw without secrets."""

from __future__ import annotations

import ast
import stat
from pathlib import Path

import pytest
import uvicorn

import bot.practice
from bot.practice import PracticeSettings, create_app, practice_accounts, serve
from bot.practice.guard import is_loopback
from tests.bot.practice.driving import FakeClock, Practice, running


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1:8421", True),
        ("localhost", True),
        ("[::1]:80", True),
        ("127.9.9.9", True),
        ("desk.example.com", False),
        ("127.0.0.1.example.com", False),
        ("10.0.0.5:8421", False),
        ("0.0.0.0", False),
        ("", False),
        ("[", False),
    ],
)
def test_only_loopback_names_are_this_machine(host: str, *, loopback: bool) -> None:
    assert is_loopback(host) is loopback


async def test_strangers_are_refused(practice: Practice) -> None:
    for path in ("/_practice/posts", "/mastodon/api/v1/instance", "/bluesky/xrpc/x", "/nowhere"):
        for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}, {"origin": "null"}):
            assert (await practice.http.get(path, headers=headers)).status_code == 403, (path, headers)


async def test_a_page_here_may_call(practice: Practice) -> None:
    answer = await practice.http.get("/_practice/posts", headers={"origin": "http://localhost:8420"})
    assert answer.status_code == 200


async def test_steering_takes_json_only(practice: Practice) -> None:
    plain = await practice.http.post(
        "/_practice/faults", content='{"fault":"html"}', headers={"content-type": "text/plain"}
    )
    assert (plain.status_code, plain.json()["error"]) == (422, "Send JSON with the content type application/json.")
    broken = await practice.http.post("/_practice/faults", content="{", headers={"content-type": "application/json"})
    assert broken.json() == {"error": "The body is not JSON."}
    assert (await practice.http.get("/_practice/posts", params={"network": "minitel"})).status_code == 422
    assert (await practice.http.put("/_practice/software", json={"gotosocial": "yes"})).status_code == 422
    assert (await practice.http.post("/_practice/tokens", json={"scopes": "read"})).status_code == 422
    assert (await practice.http.post("/_practice/tokens", json={"network": "bluesky"})).status_code == 422
    assert (await practice.http.get("/_practice/software")).json() == {
        "gotosocial": False,
        "v2_instance": True,
        "linkedin_partner": False,
    }


async def test_calls_are_noted_without_secrets(practice: Practice) -> None:
    await practice.session()
    await practice.toot("a private thought", key="key-1")
    await practice.http.get("/mastodon/api/v1/statuses", params={"access_token": "hidden"})
    answer = await practice.http.get("/_practice/calls")
    calls = answer.json()["calls"]
    assert [(call["method"], call["path"], call["status"], call["operation"]) for call in calls] == [
        ("POST", "/xrpc/com.atproto.server.createSession", 200, "session"),
        ("POST", "/api/v1/statuses", 200, "publish"),
        ("GET", "/api/v1/statuses", 200, "metrics"),
    ]
    for secret in (practice.token, practice.password, "private thought", "hidden"):
        assert secret not in answer.text


async def test_only_the_last_500_calls_are_kept(practice: Practice) -> None:
    for _ in range(503):
        await practice.http.get("/mastodon/none")
    await practice.http.get("/mastodon/api/v1/instance")
    calls = (await practice.http.get("/_practice/calls")).json()["calls"]
    assert len(calls) == 500
    assert calls[-1]["path"] == "/api/v1/instance"


def settings(path: Path, clock: FakeClock) -> PracticeSettings:
    """Settings of a server nobody runs."""
    return PracticeSettings(database=path / "deep" / "practice.db", base_url="http://127.0.0.1:9/", now=clock)


def test_accounts_are_what_an_operator_would_paste(tmp_path: Path, clock: FakeClock) -> None:
    first = practice_accounts(settings(tmp_path, clock))
    mastodon, bluesky, *others = first
    assert [fields["base_url"] for fields in others] == [f"http://127.0.0.1:9/{one['platform']}" for one in others]
    assert {key: mastodon[key] for key in ("platform", "name", "base_url")} == {
        "platform": "mastodon",
        "name": "driftseas",
        "base_url": "http://127.0.0.1:9/mastodon",
    }
    assert len(mastodon["access_token"]) > 30
    assert {key: bluesky[key] for key in ("platform", "base_url", "identifier")} == {
        "platform": "bluesky",
        "base_url": "http://127.0.0.1:9/bluesky",
        "identifier": "driftseas.practice.test",
    }
    assert [len(part) for part in bluesky["app_password"].split("-")] == [4, 4, 4, 4]
    assert practice_accounts(settings(tmp_path, clock)) == first
    other = practice_accounts(settings(tmp_path / "other", clock))
    assert other[0]["access_token"] != mastodon["access_token"]
    assert stat.S_IMODE((tmp_path / "deep" / "practice.db").stat().st_mode) == 0o600


def test_secrets_are_not_shown_by_repr(tmp_path: Path, clock: FakeClock) -> None:
    mastodon, bluesky, *others = practice_accounts(settings(tmp_path, clock))
    app = create_app(settings(tmp_path, clock))
    world = app.routes[-1].app.state.world  # type: ignore[attr-defined]  # a Mount
    assert mastodon["access_token"] not in repr(world)
    assert bluesky["app_password"] not in repr(world)
    secrets = [value for fields in others for name, value in fields.items() if "_" in name[5:]]
    assert not [value for value in secrets if value in repr(world)]
    assert world.identity.signing_key.hex() not in repr(world)
    world.book.close()


@pytest.mark.parametrize("wrong", [{"pace": 0}, {"pace": -1}, {"history_weeks": -1}])
def test_impossible_settings_are_refused(tmp_path: Path, clock: FakeClock, wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="practice"):
        PracticeSettings(database=tmp_path / "p.db", base_url="http://127.0.0.1:9", now=clock, **wrong)  # type: ignore[arg-type]  # on purpose


async def test_a_restart_keeps_posts_and_does_not_seed_twice(tmp_path: Path, clock: FakeClock) -> None:
    async with running(tmp_path / "p.db", clock, history_weeks=2) as practice:
        await practice.toot("kept")
        before = [post["id"] for post in await practice.posts("mastodon", "history")]
    async with running(tmp_path / "p.db", clock, history_weeks=2) as practice:
        assert [post["text"] for post in await practice.posts("mastodon")] == ["kept"]
        assert [post["id"] for post in await practice.posts("mastodon", "history")] == before


async def test_serve_runs_the_app_alone(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, int]] = []

    async def note(server: uvicorn.Server) -> None:
        ran.append((server.config.host, server.config.port))
        # Nothing starts or stops here, so the file has to be closed by hand.
        server.config.app.routes[-1].app.state.world.book.close()  # type: ignore[union-attr]  # a Starlette app

    monkeypatch.setattr(uvicorn.Server, "serve", note)
    await serve(settings(tmp_path, clock), "127.0.0.1", 8421)
    assert ran == [("127.0.0.1", 8421)]


def test_practice_imports_nothing_of_the_desk() -> None:
    folder = Path(bot.practice.__file__).parent
    names = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
            elif isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
    roots = {name.split(".")[0] for name in names}
    assert not roots & {"services", "handlers", "storage", "PIL", "fastapi"}
    assert {name for name in names if name.startswith("bot")} == {n for n in names if n.startswith("bot.practice")}
