"""Signing in to the Mastodon stand-in: apps that register themselves, codes with and without an address, rights."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.bot.practice.driving import Practice
from tests.bot.practice.signing_in import BACK, CHALLENGE, VERIFIER, Visitor, told, visitor

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
SCOPES = "write:statuses write:media read:statuses read:notifications read:accounts"
NOWHERE = "urn:ietf:wg:oauth:2.0:oob"
PROOF = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


@pytest.fixture
def mastodon(practice: Practice) -> Visitor:
    return visitor(practice, "mastodon", "/oauth/authorize", response_type="code", scope=SCOPES, state="s")


async def fetch(mastodon: Visitor, code: str, **more: Any) -> httpx.Response:
    fields = {
        "grant_type": "authorization_code",
        "client_id": mastodon.client_id,
        "client_secret": mastodon.secret,
        "redirect_uri": BACK,
        "code": code,
    }
    return await mastodon.post("/oauth/token", **{**fields, **more})


async def granted(mastodon: Visitor, *scopes: str) -> str:
    answer = await fetch(mastodon, await mastodon.code(scopes or None))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


async def registered(practice: Practice, **fields: Any) -> httpx.Response:
    usual = {"client_name": "Desk", "redirect_uris": BACK, "scopes": "read write"}
    return await practice.http.post("/mastodon/api/v1/apps", json={**usual, **fields})


async def test_a_person_lets_the_desk_in_and_it_posts(mastodon: Visitor) -> None:
    back = await mastodon.press("allow", None, **PROOF)
    assert back["state"] == "s"
    answer = await fetch(mastodon, back["code"], code_verifier=VERIFIER)
    given = answer.json()
    assert (given["token_type"], given["scope"]) == ("Bearer", SCOPES)
    headers = {"authorization": f"Bearer {given['access_token']}"}
    made = await mastodon.practice.http.post("/mastodon/api/v1/statuses", json={"status": "In"}, headers=headers)
    assert made.status_code == 200
    me = await mastodon.ask("/api/v1/accounts/verify_credentials", given["access_token"])
    assert me.json()["username"] == "driftseas"


async def test_a_token_that_may_only_read_cannot_post(mastodon: Visitor) -> None:
    code = (await mastodon.press("allow", None, scope=None))["code"]
    given = (await fetch(mastodon, code)).json()
    assert given["scope"] == "read"
    headers = {"authorization": f"Bearer {given['access_token']}"}
    refusal = await mastodon.practice.http.post("/mastodon/api/v1/statuses", json={"status": "No"}, headers=headers)
    assert (refusal.status_code, refusal.json()["error"]) == (403, "This action is outside the authorized scopes")
    narrowed = await granted(mastodon, "write:statuses")
    assert (await mastodon.ask("/api/v1/accounts/verify_credentials", narrowed)).status_code == 403


async def test_whoever_says_no_goes_back_without_a_code(mastodon: Visitor) -> None:
    back = await mastodon.press("deny")
    assert (back["error"], back["state"]) == ("access_denied", "s")
    assert "state" not in await mastodon.press("deny", None, state=None)


async def test_without_an_address_the_page_shows_the_code(mastodon: Visitor) -> None:
    app = (await registered(mastodon.practice, redirect_uris=[NOWHERE, BACK])).json()
    where = mastodon.address(client_id=app["client_id"], redirect_uri=NOWHERE, scope="read")
    page = await mastodon.practice.http.post(where, data={"decision": "allow", "scope": "read"})
    assert page.status_code == 200
    code = page.text.partition('<code class="code">')[2].partition("<")[0]
    own = {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    assert (await fetch(mastodon, code, **own)).status_code == 400
    assert (await fetch(mastodon, code, **own, redirect_uri=NOWHERE)).json()["scope"] == "read"
    refused = await mastodon.practice.http.post(where, data={"decision": "deny"})
    assert (refused.status_code, "location" in refused.headers) == (400, False)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"response_type": "token"}, "response_type must be code"),
        ({"client_id": "somebody"}, "no app with this client_id"),
        ({"redirect_uri": "http://127.0.0.1:8420/elsewhere"}, "redirect_uri is not one"),
        ({"redirect_uri": NOWHERE}, "redirect_uri is not one"),
        ({"scope": "read fly"}, "cannot ask for this: fly"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "must be S256"),
        ({"code_challenge": CHALLENGE}, "must be S256"),
        ({"code_challenge_method": "S256"}, "code_challenge is not one"),
        ({"colour": "red"}, "Unknown parameter: colour"),
    ],
)
async def test_a_sign_in_that_breaks_a_rule_does_not_begin(
    mastodon: Visitor, wrong: dict[str, str], words: str
) -> None:
    assert words in await mastodon.refused(**wrong)


async def test_an_app_asks_for_no_more_than_it_registered(mastodon: Visitor) -> None:
    app = (await registered(mastodon.practice, scopes="read")).json()
    assert "cannot ask for this: write" in await mastodon.refused(client_id=app["client_id"], scope="read write")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"client_name": " "}, "can't be blank"),
        ({"redirect_uris": ""}, "must be an absolute URI"),
        ({"redirect_uris": "/connect/callback"}, "must be an absolute URI"),
        ({"redirect_uris": [BACK, "https://a.test/#top"]}, "must be an absolute URI"),
        ({"scopes": "read fly"}, "Scopes doesn't match"),
        ({"website": "javascript:alert(1)"}, "Website"),
        ({"colour": "red"}, "Unknown fields: colour"),
    ],
)
async def test_an_app_that_cannot_be_registered(practice: Practice, fields: dict[str, str], words: str) -> None:
    answer = await registered(practice, **fields)
    assert answer.status_code == 422
    assert words in answer.json()["error"]


async def test_the_name_of_an_app_is_only_words_on_the_page(mastodon: Visitor) -> None:
    app = (await registered(mastodon.practice, client_name="<script>alert(1)</script>")).json()
    page = await mastodon.practice.http.get(mastodon.address(client_id=app["client_id"], scope="read"))
    assert "<script" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


async def test_a_code_works_once_and_for_ten_minutes(mastodon: Visitor) -> None:
    code = await mastodon.code()
    assert (await fetch(mastodon, code)).status_code == 200
    again = await fetch(mastodon, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    late = await mastodon.code()
    mastodon.practice.clock.advance(minutes=10)
    assert (await fetch(mastodon, late)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("wrong", "status", "error"),
    [
        ({"code": "nonsense"}, 400, "invalid_grant"),
        ({"redirect_uri": "http://localhost:8420/connect/callback"}, 400, "invalid_grant"),
        ({"code_verifier": VERIFIER + "x"}, 400, "invalid_grant"),
        ({"code_verifier": ""}, 400, "invalid_grant"),
        ({"client_secret": "guess"}, 401, "invalid_client"),
        ({"client_id": "guess"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
async def test_a_wrong_fetch_gives_nothing(mastodon: Visitor, wrong: dict[str, str], status: int, error: str) -> None:
    code = await mastodon.code(None, **PROOF)
    answer = await fetch(mastodon, **{"code": code, "code_verifier": VERIFIER, **wrong})
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert (await fetch(mastodon, code, code_verifier=VERIFIER)).status_code == 200


async def test_a_code_belongs_to_the_app_it_was_given_to(mastodon: Visitor) -> None:
    other = (await registered(mastodon.practice)).json()
    theirs = {"client_id": other["client_id"], "client_secret": other["client_secret"]}
    assert (await fetch(mastodon, await mastodon.code(), **theirs)).json()["error"] == "invalid_grant"
    assert (await fetch(mastodon, await mastodon.code(), code_verifier=VERIFIER)).json()["error"] == "invalid_grant"


async def test_only_its_app_takes_a_token_back(mastodon: Visitor) -> None:
    token = await granted(mastodon)
    other = (await registered(mastodon.practice)).json()
    theirs = {"client_id": other["client_id"], "client_secret": other["client_secret"]}
    assert (await mastodon.post("/oauth/revoke", **theirs, token=token)).status_code == 403
    own = (mastodon.client_id, mastodon.secret)
    assert (await mastodon.post("/oauth/revoke", basic=own, token=mastodon.practice.token)).json() == {}
    assert (await mastodon.ask("/api/v1/accounts/verify_credentials", mastodon.practice.token)).status_code == 200
    assert (await mastodon.post("/oauth/revoke", basic=own, token=token)).json() == {}
    assert (await mastodon.ask("/api/v1/accounts/verify_credentials", token)).status_code == 401


async def test_a_client_finds_out_where_things_are(mastodon: Visitor) -> None:
    found = (await mastodon.ask("/.well-known/oauth-authorization-server")).json()
    root = f"{mastodon.practice.settings.base_url}/mastodon"
    assert found["issuer"] == f"{root}/"
    assert found["authorization_endpoint"] == f"{root}/oauth/authorize"
    assert found["token_endpoint"] == f"{root}/oauth/token"
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert set(SCOPES.split()) < set(found["scopes_supported"])


async def test_mastodon_py_registers_signs_in_posts_and_signs_out(practice: Practice) -> None:
    import requests
    from mastodon import Mastodon, MastodonUnauthorizedError

    base = f"{practice.settings.base_url}/mastodon"
    wanted = ["read:accounts", "write:statuses"]

    def begin(session: requests.Session) -> tuple[Mastodon, str]:
        name, secret = Mastodon.create_app(
            "A known client", scopes=wanted, redirect_uris=BACK, api_base_url=base, session=session
        )
        client = Mastodon(name, secret, api_base_url=base, session=session)
        where = client.auth_request_url(redirect_uris=BACK, scopes=wanted, state="kept", allow_http=True)
        return client, where

    def finish(client: Mastodon, code: str) -> str:
        client.log_in(code=code, redirect_uri=BACK, scopes=wanted, allow_http=True)
        assert client.account_verify_credentials().username == "driftseas"
        made = client.status_post("By a known client")
        token = client.access_token
        client.revoke_access_token(allow_http=True)
        client.access_token = token
        with pytest.raises(MastodonUnauthorizedError):
            client.status_post("Too late")
        return str(made.id)

    with requests.Session() as session:
        session.trust_env = False
        client, where = await asyncio.to_thread(begin, session)
        back = told(await practice.http.post(where, data={"decision": "allow", "scope": wanted}))
        assert back["state"] == "kept"
        name = await asyncio.to_thread(finish, client, back["code"])
    assert [post["id"] for post in await practice.posts("mastodon")] == [name]
