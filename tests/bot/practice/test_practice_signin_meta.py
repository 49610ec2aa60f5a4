"""Signing in to Instagram and Threads: an hour for a code, sixty days for that, rights that were left out."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.bot.practice.driving import Practice
from tests.bot.practice.signing_in import BACK, Form, Visitor, visitor

SCOPES = {
    "instagram": (
        "instagram_business_basic,instagram_business_content_publish,instagram_business_manage_comments,"
        "instagram_business_manage_insights"
    ),
    "threads": "threads_basic,threads_content_publish,threads_read_replies,threads_manage_insights",
}
ME = {"instagram": "/v26.0/me", "threads": "/v1.0/me"}
LIMIT = {"instagram": "/v26.0/me/content_publishing_limit", "threads": "/v1.0/me/threads_publishing_limit"}
GRANT = {"instagram": "ig", "threads": "th"}


@pytest.fixture(params=["instagram", "threads"])
def meta(practice: Practice, request: pytest.FixtureRequest) -> Visitor:
    name = request.param
    return visitor(practice, name, "/oauth/authorize", response_type="code", scope=SCOPES[name], state="s")


async def fetch(meta: Visitor, code: str, **more: str) -> httpx.Response:
    fields = {
        "grant_type": "authorization_code",
        "client_id": meta.client_id,
        "client_secret": meta.secret,
        "redirect_uri": BACK,
        "code": code,
    }
    return await meta.post("/oauth/access_token", **{**fields, **more})


async def granted(meta: Visitor, *scopes: str) -> dict[str, Any]:
    answer = await fetch(meta, await meta.code(scopes or None))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def longer(meta: Visitor, token: str, **more: str) -> httpx.Response:
    query = {"grant_type": f"{GRANT[meta.network]}_exchange_token", "client_secret": meta.secret, "access_token": token}
    return await meta.ask("/access_token", **{**query, **more})


async def renewed(meta: Visitor, token: str) -> httpx.Response:
    grant = f"{GRANT[meta.network]}_refresh_token"
    return await meta.ask("/refresh_access_token", grant_type=grant, access_token=token)


async def test_a_person_lets_the_desk_in_for_an_hour_then_for_sixty_days(meta: Visitor) -> None:
    back = await meta.press("allow")
    assert back["state"] == "s"
    given = (await fetch(meta, back["code"])).json()
    me = (await meta.ask(ME[meta.network], given["access_token"], fields="id,username")).json()
    assert (me["id"], me["username"]) == (str(given["user_id"]), "driftseas")
    told = given.get("permissions")
    assert told == (SCOPES["instagram"].split(",") if meta.network == "instagram" else None)
    long = (await longer(meta, given["access_token"])).json()
    assert (long["token_type"], long["expires_in"]) == ("bearer", 60 * 86_400)
    meta.practice.clock.advance(hours=1)
    over = await meta.ask(ME[meta.network], given["access_token"])
    assert (over.status_code, over.json()["error"]["error_subcode"]) == (401, 463)
    assert (await meta.ask(ME[meta.network], long["access_token"])).status_code == 200


async def test_the_address_back_ends_as_the_network_ends_it(meta: Visitor) -> None:
    answer = await meta.practice.http.post(meta.address(), data={"decision": "allow"})
    assert answer.headers["location"].endswith("&state=s#_")


async def test_only_a_short_token_is_exchanged_and_only_a_day_old_long_one_renewed(meta: Visitor) -> None:
    short = (await granted(meta))["access_token"]
    assert (await renewed(meta, short)).json()["error"]["code"] == 452
    long = (await longer(meta, short)).json()["access_token"]
    assert (await longer(meta, long)).json()["error"]["code"] == 452
    meta.practice.clock.advance(hours=23)
    assert (await renewed(meta, long)).status_code == 400
    meta.practice.clock.advance(hours=1)
    assert (await renewed(meta, long)).json()["expires_in"] == 60 * 86_400


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"client_secret": "guess"}, 1),
        ({"grant_type": "refresh"}, 100),
        ({"colour": "red"}, 100),
        ({"client_secret": ""}, 100),
    ],
)
async def test_a_wrong_exchange_gives_nothing(meta: Visitor, wrong: dict[str, str], code: int) -> None:
    short = (await granted(meta))["access_token"]
    answer = await longer(meta, short, **wrong)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert (await longer(meta, "nonsense")).status_code == 401


async def test_what_is_always_asked_for_cannot_be_unticked_the_rest_can(meta: Visitor) -> None:
    form = Form((await meta.practice.http.get(meta.address())).text)
    assert form.fixed == 1
    assert form.boxes == SCOPES[meta.network].split(",")[1:]
    answer = await meta.practice.http.post(meta.address(), data={"decision": "allow"})
    code = answer.headers["location"].partition("code=")[2].partition("&")[0]
    token = (await fetch(meta, code)).json()["access_token"]
    assert (await meta.ask(ME[meta.network], token)).status_code == 200
    refusal = await meta.ask(LIMIT[meta.network], token)
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (403, 10)
    long = (await longer(meta, token)).json()["access_token"]
    assert (await meta.ask(LIMIT[meta.network], long)).status_code == 403


async def test_whoever_says_no_goes_back_without_a_code(meta: Visitor) -> None:
    back = await meta.press("deny")
    assert (back["error"], back["error_reason"], back["state"]) == ("access_denied", "user_denied", "s")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"response_type": "token"}, "response_type must be code"),
        ({"response_type": None}, "Missing: response_type"),
        ({"client_id": "1"}, "no app with this client_id"),
        ({"redirect_uri": "http://127.0.0.1:8420/elsewhere"}, "redirect_uri is not one"),
        ({"scope": "pages_show_list"}, "cannot ask for this: pages_show_list"),
        ({"code_challenge": "x"}, "Unknown parameter: code_challenge"),
    ],
)
async def test_a_sign_in_that_breaks_a_rule_does_not_begin(meta: Visitor, wrong: dict[str, str], words: str) -> None:
    assert words in await meta.refused(**wrong)


async def test_who_asks_for_nothing_of_the_account_itself_is_refused(meta: Visitor) -> None:
    second = SCOPES[meta.network].split(",")[1]
    assert "must ask for" in await meta.refused(scope=second)


async def test_a_code_works_once_and_for_an_hour(meta: Visitor) -> None:
    code = await meta.code()
    meta.practice.clock.advance(minutes=59)
    assert (await fetch(meta, code)).status_code == 200
    again = await fetch(meta, code)
    assert again.status_code == 400
    assert again.json() == {
        "error_type": "OAuthException",
        "code": 400,
        "error_message": "Matching code was not found or was already used",
    }
    late = await meta.code()
    meta.practice.clock.advance(hours=1)
    assert "expired" in (await fetch(meta, late)).json()["error_message"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"code": "nonsense"}, "not found"),
        ({"code": ""}, "Missing required parameter: code"),
        ({"redirect_uri": "http://localhost:8420/connect/callback"}, "redirect_uri"),
        ({"client_secret": "guess"}, "client secret"),
        ({"client_id": "1"}, "Invalid platform app"),
        ({"grant_type": "password"}, "Invalid grant_type"),
        ({"colour": "red"}, "Unknown parameter: colour"),
    ],
)
async def test_a_wrong_fetch_gives_nothing(meta: Visitor, wrong: dict[str, str], words: str) -> None:
    code = await meta.code()
    answer = await fetch(meta, **{"code": code, **wrong})
    assert answer.status_code == 400
    assert words in answer.json()["error_message"]
    assert (await fetch(meta, code)).status_code == 200


async def test_a_code_is_good_on_its_own_network_only(meta: Visitor) -> None:
    code = await meta.code()
    other = "threads" if meta.network == "instagram" else "instagram"
    there = visitor(meta.practice, other, "/oauth/authorize")
    assert "not found" in (await fetch(there, code)).json()["error_message"]
