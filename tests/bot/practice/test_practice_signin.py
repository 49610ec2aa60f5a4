"""What every sign-in rests on: codes, proofs, the desk's apps and where they may send people back to."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from bot.practice import oauth, practice_apps
from bot.practice.apps import App
from bot.practice.book import Book
from bot.practice.kinds import Network
from bot.practice.oauth import Permit
from tests.bot.practice.driving import START, FakeClock, Practice, running
from tests.bot.practice.signing_in import BACK, VERIFIER, told, visitor


def permit(challenge: str = "", method: str = "") -> Permit:
    return Permit(
        network=Network.X,
        client_id="app",
        redirect=BACK,
        scopes=("read",),
        asked=("read", "write"),
        ends=START + timedelta(seconds=30),
        challenge=challenge,
        method=method,
    )


def in_hex(verifier: str) -> str:
    return hashlib.sha256(verifier.encode()).hexdigest()


@pytest.mark.parametrize(
    ("challenge", "method", "verifier", "proven"),
    [
        (oauth.s256(VERIFIER), "S256", VERIFIER, True),
        (in_hex(VERIFIER), "S256 in hex", VERIFIER, True),
        (in_hex(VERIFIER), "S256", VERIFIER, False),
        (oauth.s256("short"), "S256", "short", False),
        (oauth.s256(VERIFIER), "S256", f"{VERIFIER} ", False),
        (oauth.s256(VERIFIER), "S256", "", False),
        ("short", "plain", "short", True),
        ("v" * 128, "plain", "v" * 128, True),
        ("v" * 129, "plain", "v" * 129, False),
        (VERIFIER, "", VERIFIER, False),
        ("", "", "", True),
        ("", "", VERIFIER, False),
    ],
)
def test_a_proof_fits_its_challenge_in_the_networks_own_way(
    challenge: str, method: str, verifier: str, *, proven: bool
) -> None:
    ways = {"S256": oauth.s256, "S256 in hex": in_hex, "plain": oauth.plain}
    assert permit(challenge, method).proven(verifier, ways) is proven


def test_a_challenge_is_what_the_standard_says() -> None:
    # The example of RFC 7636, appendix B.
    assert oauth.s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_code_stands_for_what_was_allowed_until_it_is_spent(tmp_path: Path) -> None:
    book = Book(tmp_path / "practice.db")
    code = oauth.issue(book, permit())
    found = oauth.look(book, Network.X, code)
    assert found == permit()
    assert oauth.look(book, Network.THREADS, code) is None
    assert oauth.look(book, Network.X, "other") is None
    assert (found.good(START), found.good(found.ends)) == (True, False)
    assert (oauth.spend(book, code), oauth.spend(book, code)) == (True, False)
    spent = oauth.look(book, Network.X, code)
    assert spent is not None
    assert not spent.good(START)
    book.close()


@pytest.mark.parametrize(
    ("redirect", "welcome"),
    [
        ("http://127.0.0.1:8420/connect/callback", True),
        ("http://127.0.0.1:1/connect/callback", True),
        ("http://127.0.0.1:/connect/callback", False),
        ("http://127.0.0.1:*/connect/callback", False),
        ("http://127.0.0.1:123456/connect/callback", False),
        ("http://127.0.0.1:8420/connect/callback\n", False),
        ("http://127.0.0.1:8420/connect/callback/more", False),
        ("http://127a0b0c1:8420/connect/callback", False),
        ("https://desk.test/connect/callback", True),
        ("https://desk.test:443/connect/callback", False),
        ("", False),
    ],
)
def test_a_star_stands_for_a_port_and_for_nothing_else(redirect: str, *, welcome: bool) -> None:
    known = ("http://127.0.0.1:*/connect/callback", "https://desk.test/connect/callback")
    app = App(client_id="a", secret="b", name="c", redirects=known)
    assert app.welcomes(redirect) is welcome


async def test_the_desks_apps_are_known_and_stay_the_same(practice: Practice) -> None:
    apps = practice_apps(practice.settings)
    assert set(apps) == {"x", "linkedin", "facebook", "instagram", "threads", "mastodon", "tiktok"}
    own = {name: "client_key" if name == "tiktok" else "client_id" for name in apps}
    assert all(set(app) == {own[name], "client_secret"} for name, app in apps.items())
    assert all(apps[name]["client_id"].isdigit() for name in ("facebook", "instagram", "threads"))
    assert practice_apps(practice.settings) == apps
    answer = (await practice.http.get("/_practice/apps")).json()
    assert answer == {
        "apps": apps,
        "redirect_uris": ["http://127.0.0.1:*/connect/callback", "http://localhost:*/connect/callback"],
    }


async def test_a_desk_elsewhere_is_registered_in_the_settings(tmp_path: Path, clock: FakeClock) -> None:
    back = "https://desk.test/connect/callback"
    async with running(tmp_path / "practice.db", clock, redirects=(back,)) as practice:
        threads = visitor(practice, "threads", "/oauth/authorize", response_type="code", scope="threads_basic")
        assert "redirect_uri is not one" in await threads.refused()
        answer = await practice.http.post(threads.address(redirect_uri=back), data={"decision": "allow"})
        assert told(answer, back)["code"]
