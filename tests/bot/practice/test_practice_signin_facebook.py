"""Signing in to the Facebook stand-in: a person's short and long tokens, their Pages, and what was declined."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.bot.practice.driving import Practice
from tests.bot.practice.signing_in import BACK, Visitor, visitor

SCOPES = "pages_show_list,pages_manage_posts,pages_read_engagement,pages_manage_engagement,read_insights"
V = "/v26.0"


@pytest.fixture
def facebook(practice: Practice) -> Visitor:
    return visitor(practice, "facebook", f"{V}/dialog/oauth", scope=SCOPES, state="s")


async def fetch(facebook: Visitor, code: str, *, path: str = f"{V}/oauth/access_token", **more: str) -> httpx.Response:
    query = {"client_id": facebook.client_id, "client_secret": facebook.secret, "redirect_uri": BACK, "code": code}
    return await facebook.ask(path, **{**query, **more})


async def longer(facebook: Visitor, token: str, **more: str) -> httpx.Response:
    query = {"grant_type": "fb_exchange_token", "client_id": facebook.client_id, "client_secret": facebook.secret}
    return await facebook.ask(f"{V}/oauth/access_token", **{**query, "fb_exchange_token": token, **more})


async def granted(facebook: Visitor, *scopes: str) -> str:
    answer = await fetch(facebook, await facebook.code(scopes or None))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


async def page(facebook: Visitor, token: str) -> dict[str, Any]:
    [found] = (await facebook.ask(f"{V}/me/accounts", token, fields="id,name,access_token,tasks")).json()["data"]
    own: dict[str, Any] = found
    return own


async def say(facebook: Visitor, token: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}"}
    return await facebook.practice.http.post(f"/facebook{V}/me/feed", data={"message": "Signed in"}, headers=headers)


async def test_a_person_lets_the_desk_in_and_it_posts_as_the_page(facebook: Visitor) -> None:
    back = await facebook.press("allow")
    assert back["state"] == "s"
    given = (await fetch(facebook, back["code"], path="/oauth/access_token")).json()
    assert (given["token_type"], given["expires_in"]) == ("bearer", 3600)
    long = (await longer(facebook, given["access_token"])).json()
    assert long["expires_in"] == 60 * 86_400
    own = await page(facebook, long["access_token"])
    assert (own["name"], "CREATE_CONTENT" in own["tasks"]) == ("Drift Seas", True)
    assert await page(facebook, long["access_token"]) == own
    assert (await say(facebook, own["access_token"])).status_code == 200
    refusal = await say(facebook, long["access_token"])
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (403, 200)


async def test_a_pages_token_ends_with_a_short_one_and_never_with_a_long_one(facebook: Visitor) -> None:
    short = await granted(facebook)
    passing = (await page(facebook, short))["access_token"]
    lasting = (await page(facebook, (await longer(facebook, short)).json()["access_token"]))["access_token"]
    assert passing != lasting
    facebook.practice.clock.advance(hours=1)
    assert (await say(facebook, passing)).json()["error"]["error_subcode"] == 463
    assert (await longer(facebook, short)).json()["error"]["code"] == 190
    facebook.practice.clock.advance(days=400)
    assert (await say(facebook, lasting)).status_code == 200


async def test_what_was_declined_is_told_and_missing(facebook: Visitor) -> None:
    token = await granted(facebook, "pages_show_list", "pages_read_engagement")
    listed = (await facebook.ask(f"{V}/me/permissions", token)).json()["data"]
    assert {one["permission"]: one["status"] for one in listed} == {
        "pages_show_list": "granted",
        "pages_manage_posts": "declined",
        "pages_read_engagement": "granted",
        "pages_manage_engagement": "declined",
        "read_insights": "declined",
    }
    own = (await page(facebook, token))["access_token"]
    assert (await say(facebook, own)).json()["error"]["code"] == 10
    assert (await facebook.ask(f"{V}/me/permissions", own)).json()["error"]["code"] == 100
    blind = await granted(facebook, "pages_manage_posts")
    assert (await facebook.ask(f"{V}/me/accounts", blind)).json()["error"]["code"] == 10


async def test_the_app_looks_at_tokens(facebook: Visitor) -> None:
    token, app = await granted(facebook, "pages_show_list"), f"{facebook.client_id}|{facebook.secret}"
    told = (await facebook.ask(f"{V}/debug_token", input_token=token, access_token=app)).json()["data"]
    assert (told["app_id"], told["type"], told["is_valid"]) == (facebook.client_id, "USER", True)
    assert told["scopes"] == ["pages_show_list"]
    assert told["expires_at"] - told["issued_at"] == 3600
    own = (await page(facebook, (await longer(facebook, token)).json()["access_token"]))["access_token"]
    paged = (await facebook.ask("/debug_token", input_token=own, access_token=token)).json()["data"]
    assert (paged["type"], paged["expires_at"], bool(paged["profile_id"])) == ("PAGE", 0, True)
    wrong = (await facebook.ask(f"{V}/debug_token", input_token="nonsense", access_token=app)).json()["data"]
    assert (wrong["is_valid"], wrong["error"]["code"]) == (False, 190)
    facebook.practice.clock.advance(hours=1)
    over = (await facebook.ask(f"{V}/debug_token", input_token=token, access_token=app)).json()["data"]
    assert (over["is_valid"], over["error"]["subcode"]) == (False, 463)
    assert (await facebook.ask(f"{V}/debug_token", input_token=own, access_token="guess")).status_code == 401


async def test_whoever_says_no_goes_back_without_a_code(facebook: Visitor) -> None:
    back = await facebook.press("deny")
    assert (back["error"], back["error_reason"], back["state"]) == ("access_denied", "user_denied", "s")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"response_type": "token"}, "response_type must be code"),
        ({"client_id": "1"}, "no app with this client_id"),
        ({"redirect_uri": "http://127.0.0.1:8420/elsewhere"}, "redirect_uri is not one"),
        ({"scope": "pages_show_list,pages_fly"}, "cannot ask for this: pages_fly"),
        ({"colour": "red"}, "Unknown parameter: colour"),
    ],
)
async def test_a_sign_in_that_breaks_a_rule_does_not_begin(
    facebook: Visitor, wrong: dict[str, str], words: str
) -> None:
    assert words in await facebook.refused(**wrong)


async def test_a_code_works_once_and_for_ten_minutes(facebook: Visitor) -> None:
    code = await facebook.code()
    assert (await fetch(facebook, code)).status_code == 200
    assert (await fetch(facebook, code)).json()["error"]["error_subcode"] == 36009
    late = await facebook.code()
    facebook.practice.clock.advance(minutes=10)
    assert (await fetch(facebook, late)).json()["error"]["error_subcode"] == 36007


@pytest.mark.parametrize(
    ("wrong", "code", "subcode"),
    [
        ({"code": "nonsense"}, 100, None),
        ({"code": ""}, 100, None),
        ({"redirect_uri": "http://localhost:8420/connect/callback"}, 100, 36008),
        ({"client_secret": "guess"}, 1, None),
        ({"client_id": "1"}, 101, None),
        ({"colour": "red"}, 100, None),
    ],
)
async def test_a_wrong_fetch_gives_nothing(
    facebook: Visitor, wrong: dict[str, str], code: int, subcode: int | None
) -> None:
    fresh = await facebook.code()
    answer = await fetch(facebook, **{"code": fresh, **wrong})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error.get("error_subcode")) == (400, code, subcode)
    assert (await fetch(facebook, fresh)).status_code == 200


async def test_a_wrong_exchange_gives_nothing(facebook: Visitor) -> None:
    token = await granted(facebook)
    assert (await longer(facebook, token, client_secret="guess")).json()["error"]["code"] == 1
    assert (await longer(facebook, token, grant_type="refresh")).json()["error"]["code"] == 100
    own = (await page(facebook, token))["access_token"]
    assert (await longer(facebook, own)).json()["error"]["code"] == 190
    assert (await longer(facebook, "nonsense")).status_code == 401
