"""Signing in to the TikTok stand-in: an app with a key, rights between commas, and a proof in hexadecimal."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest

from bot.practice import practice_accounts
from tests.bot.practice.driving import Practice
from tests.bot.practice.signing_in import BACK, CHALLENGE, VERIFIER, Visitor, visitor

SCOPES = "user.info.basic,user.info.stats,video.list,video.publish"
IN_HEX = hashlib.sha256(VERIFIER.encode()).hexdigest()
CREATOR = "/tiktok/v2/post/publish/creator_info/query/"


@pytest.fixture
def tiktok(practice: Practice) -> Visitor:
    return visitor(
        practice,
        "tiktok",
        "/v2/auth/authorize/",
        response_type="code",
        scope=SCOPES,
        state="a state & more",
        code_challenge=IN_HEX,
        code_challenge_method="S256",
    )


async def fetch(tiktok: Visitor, code: str, **more: str | None) -> httpx.Response:
    """Trade a code; None leaves a field out."""
    fields: dict[str, str | None] = {
        "client_key": tiktok.client_id,
        "client_secret": tiktok.secret,
        "grant_type": "authorization_code",
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        "code": code,
        **more,
    }
    return await tiktok.post("/v2/oauth/token/", **{name: value for name, value in fields.items() if value is not None})


async def granted(tiktok: Visitor, *scopes: str) -> dict[str, Any]:
    answer = await fetch(tiktok, await tiktok.code(scopes or None))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def asked(tiktok: Visitor, token: str) -> tuple[int, str]:
    """What the network says to a token that asks what the creator may choose."""
    headers = {"authorization": f"Bearer {token}"}
    answer = await tiktok.practice.http.post(CREATOR, json={}, headers=headers)
    return answer.status_code, str(answer.json()["error"]["code"])


async def test_a_person_lets_the_desk_in_and_it_asks_what_it_may_post(tiktok: Visitor) -> None:
    back = await tiktok.press("allow")
    assert back["state"] == "a state & more"
    assert set(back["code"]) & set("*!") == set("*!")
    given = (await fetch(tiktok, back["code"])).json()
    assert given.keys() == {
        "access_token",
        "expires_in",
        "open_id",
        "refresh_expires_in",
        "refresh_token",
        "scope",
        "token_type",
    }
    assert (given["scope"], given["expires_in"], given["refresh_expires_in"]) == (SCOPES, 86_400, 31_536_000)
    assert await asked(tiktok, given["access_token"]) == (200, "ok")
    user = await tiktok.ask("/v2/user/info/", given["access_token"], fields="open_id")
    assert user.json()["data"]["user"]["open_id"] == given["open_id"]


async def test_rights_that_were_unticked_are_missing_also_after_a_renewal(tiktok: Visitor) -> None:
    given = await granted(tiktok, "user.info.basic", "video.list")
    assert given["scope"] == "user.info.basic,video.list"
    assert await asked(tiktok, given["access_token"]) == (401, "scope_not_authorized")
    own = {"client_key": tiktok.client_id, "client_secret": tiktok.secret}
    own |= {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    renewed = (await tiktok.post("/v2/oauth/token/", **own)).json()
    assert (renewed["scope"], renewed["open_id"]) == (given["scope"], given["open_id"])
    assert renewed["refresh_token"] != given["refresh_token"]
    assert await asked(tiktok, renewed["access_token"]) == (401, "scope_not_authorized")
    assert (await tiktok.post("/v2/oauth/token/", **own)).json()["error"] == "invalid_grant"


async def test_whoever_says_no_goes_back_without_a_code(tiktok: Visitor) -> None:
    assert await tiktok.press("deny") == {"error": "access_denied", "state": "a state & more"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"client_key": "somebody"}, "no app with this client_key"),
        ({"client_key": None, "client_id": "somebody"}, "Unknown parameter: client_id"),
        ({"response_type": "token"}, "response_type must be code"),
        ({"redirect_uri": f"{BACK}/"}, "redirect_uri is not one"),
        ({"redirect_uri": "https://evil.test/connect/callback"}, "redirect_uri is not one"),
        ({"scope": SCOPES.replace(",", " ")}, "cannot ask for this"),
        ({"scope": "user.info.basic,video.fly"}, "cannot ask for this: video.fly"),
        ({"state": None}, "Missing: state"),
        ({"code_challenge": None, "code_challenge_method": None}, "Missing: code_challenge, code_challenge_method"),
        ({"code_challenge_method": "plain"}, "must be S256"),
    ],
)
async def test_a_sign_in_that_breaks_a_rule_does_not_begin(tiktok: Visitor, wrong: dict[str, Any], words: str) -> None:
    assert words in await tiktok.refused(**wrong)


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_key": "guess"}, 401, "invalid_client"),
        ({"client_secret": "guess"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"redirect_uri": "http://localhost:8420/connect/callback"}, 400, "invalid_grant"),
        ({"redirect_uri": None}, 400, "invalid_grant"),
        ({"code_verifier": VERIFIER[:-1] + "x"}, 400, "invalid_grant"),
        ({"code_verifier": None}, 400, "invalid_grant"),
        ({"code": "nonsense"}, 400, "invalid_grant"),
        ({"refresh_token": "x"}, 400, "invalid_request"),
        ({"colour": "red"}, 400, "invalid_request"),
    ],
)
async def test_a_wrong_fetch_gives_nothing(
    tiktok: Visitor, change: dict[str, str | None], status: int, error: str
) -> None:
    code = await tiktok.code()
    answer = await fetch(tiktok, change.get("code") or code, **{k: v for k, v in change.items() if k != "code"})
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json().keys() == {"error", "error_description", "log_id"}
    assert (await fetch(tiktok, code)).status_code == 200


async def test_a_challenge_in_base64_as_elsewhere_proves_nothing(tiktok: Visitor) -> None:
    answer = await fetch(tiktok, await tiktok.code(code_challenge=CHALLENGE))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_a_code_works_once_and_for_five_minutes(tiktok: Visitor) -> None:
    code = await tiktok.code()
    assert (await fetch(tiktok, code)).status_code == 200
    again = await fetch(tiktok, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    late = await tiktok.code()
    tiktok.practice.clock.advance(minutes=5)
    assert (await fetch(tiktok, late)).json()["error_description"] == "Authorization code is expired."


async def test_the_app_is_the_one_that_an_operator_pastes(tiktok: Visitor) -> None:
    [own] = [one for one in practice_accounts(tiktok.practice.settings) if one["platform"] == "tiktok"]
    assert (own["client_key"], own["client_secret"]) == (tiktok.client_id, tiktok.secret)
