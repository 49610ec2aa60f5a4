"""More than one process on a data directory: one publishes, others only talk, and what waits goes on by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.process import NETWORKS, RunningDesk, Script, running, until


def published_now(script: Script, text: str) -> str:
    """Draft, approve, publish; gives the draft's id."""
    card = script.press(script.press(script.command(f"draft {text}"), "Approve"), "Publish now")
    return str(card["draft_id"])


def accounts(script: Script) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = script.http.get("/api/accounts").json()["accounts"]
    return found


@pytest.mark.parametrize("part", ["--all", "--worker"])
def test_a_second_publisher_is_refused_in_a_sentence_and_the_first_goes_on(tmp_path: Path, part: str) -> None:
    with running(tmp_path) as desk, desk.client as client:
        script = Script(client)
        before = accounts(script)

        code, out, err = RunningDesk(tmp_path, part=part).refused()

        var = tmp_path / "var"
        assert (code, out) == (2, "")
        assert err == f"Another desk already publishes from {var}. Stop it, or start this one with --surfaces.\n"
        assert accounts(script) == before
        script.published(published_now(script, "Still here after a rival came by, see https://example.com/rival"))


def test_one_process_talks_and_another_publishes_what_it_hears_of_within_seconds(tmp_path: Path) -> None:
    with running(tmp_path, part="--surfaces") as surfaces, surfaces.client as client:
        script = Script(client)
        assert accounts(script) == []
        for text in ("Told in one process, https://example.com/one", "And by another worker, https://example.com/two"):
            with running(tmp_path, part="--worker", port=surfaces.port) as worker:
                until(lambda: len(accounts(script)) == len(NETWORKS), "the practice accounts")
                live = script.published(published_now(script, text))
                assert worker.stop() == 0
            for delivery in live:
                due, out = (datetime.fromisoformat(delivery[name]) for name in ("due_at", "published_at"))
                assert out - due < timedelta(seconds=8)
        assert len(accounts(script)) == len(NETWORKS)
        assert "Traceback" not in surfaces.log


def test_a_post_held_for_its_account_goes_on_when_another_proves_that_it_works(tmp_path: Path) -> None:
    with running(tmp_path) as desk, desk.client as client:
        script = Script(client)
        networks = script.networks()
        networks.fault(network="mastodon", operation="publish", fault="expire_tokens", times=1)
        first = published_now(script, "Waits for its account, https://example.com/held for mastodon")
        until(lambda: [d["state"] for d in script.deliveries(first)] == ["HELD"], "a held delivery")
        assert [a["health"] for a in accounts(script) if a["platform"] == "mastodon"] == ["needs_reauth"]

        second = published_now(script, "Goes out and heals, https://example.com/heals for mastodon")
        script.published(second, count=1)
        script.published(first, count=1)

        assert {a["health"] for a in accounts(script)} == {"ok"}
        assert len(networks.posts("mastodon")) == 2


def test_what_another_process_could_not_send_asks_on_a_card_of_this_one(tmp_path: Path) -> None:
    with running(tmp_path, part="--surfaces") as surfaces, surfaces.client as client:
        script = Script(client)
        with running(tmp_path, part="--worker", port=surfaces.port) as worker:
            until(lambda: len(accounts(script)) == len(NETWORKS), "the practice accounts")
            script.networks().fault(network="mastodon", operation="publish", fault="expire_tokens", times=1)
            published_now(script, "Asks here, https://example.com/asks for mastodon")

            def states() -> list[str]:
                return [c["state"] for c in client.get("/api/cards").json()["cards"] if c["card_id"].startswith("deli")]

            until(lambda: states() == ["held"], "a card for the held delivery")
            assert worker.stop() == 0
        assert "Traceback" not in surfaces.log
