"""Signing in to the LinkedIn stand-in: members, pages, sixty days, and what partners get."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import requests

from tests.bot.practice.driving import Practice
from tests.bot.practice.signing_in import BACK, Visitor, told, visitor
from tests.bot.practice.test_practice_linkedin_client import Here

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MEMBER = "openid profile w_member_social"
PAGES = "w_organization_social r_organization_social rw_organization_admin"
VERSIONED = {"linkedin-version": "202608", "x-restli-protocol-version": "2.0.0"}


@pytest.fixture
def linkedin(practice: Practice) -> Visitor:
    scope = f"{MEMBER} {PAGES}"
    return visitor(practice, "linkedin", "/oauth/v2/authorization", response_type="code", scope=scope, state="s")


async def fetch(linkedin: Visitor, code: str, **more: Any) -> httpx.Response:
    fields = {
        "grant_type": "authorization_code",
        "client_id": linkedin.client_id,
        "client_secret": linkedin.secret,
        "redirect_uri": BACK,
        "code": code,
    }
    return await linkedin.post("/oauth/v2/accessToken", **{**fields, **more})


async def granted(linkedin: Visitor, *scopes: str) -> dict[str, Any]:
    answer = await fetch(linkedin, await linkedin.code(scopes or None))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def say(linkedin: Visitor, token: str, author: str) -> int:
    post = {
        "author": author,
        "commentary": "Signed in",
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    headers = {"authorization": f"Bearer {token}", **VERSIONED}
    return (await linkedin.practice.http.post("/linkedin/rest/posts", json=post, headers=headers)).status_code


async def pages(linkedin: Visitor, token: str, **query: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}", **VERSIONED}
    asked = {"q": "roleAssignee", "state": "APPROVED", **query}
    return await linkedin.practice.http.get("/linkedin/rest/organizationAcls", params=asked, headers=headers)


async def test_a_member_lets_the_desk_in_and_it_finds_the_pages_and_posts(linkedin: Visitor) -> None:
    given = await granted(linkedin)
    assert given["expires_in"] == 60 * 86_400
    assert given["scope"] == f"{MEMBER} {PAGES}".replace(" ", ",")
    assert "refresh_token" not in given
    token = given["access_token"]
    member = f"urn:li:person:{(await linkedin.ask('/v2/userinfo', token)).json()['sub']}"
    [role] = (await pages(linkedin, token)).json()["elements"]
    assert (role["role"], role["state"], role["roleAssignee"]) == ("ADMINISTRATOR", "APPROVED", member)
    assert [await say(linkedin, token, author) for author in (member, role["organization"])] == [201, 201]
    assert (await pages(linkedin, token, state="REQUESTED")).json()["elements"] == []


async def test_rights_that_were_unticked_are_missing(linkedin: Visitor) -> None:
    token = (await granted(linkedin, *MEMBER.split()))["access_token"]
    assert (await pages(linkedin, token)).status_code == 403
    assert await say(linkedin, token, "urn:li:organization:1") == 403
    reader = (await granted(linkedin, "openid", "profile"))["access_token"]
    member = f"urn:li:person:{(await linkedin.ask('/v2/userinfo', reader)).json()['sub']}"
    assert await say(linkedin, reader, member) == 403


async def test_whoever_says_no_goes_back_without_a_code(linkedin: Visitor) -> None:
    back = await linkedin.press("deny")
    assert (back["error"], back["state"]) == ("user_cancelled_authorize", "s")


@pytest.mark.parametrize("scope", ["openid fly", "r_member_social", "openid,profile"])
async def test_a_right_the_app_cannot_have_goes_back_to_the_app(linkedin: Visitor, scope: str) -> None:
    back = told(await linkedin.practice.http.get(linkedin.address(scope=scope)))
    assert (back["error"], back["state"]) == ("unauthorized_scope_error", "s")
    assert "is not authorized for your application" in back["error_description"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"response_type": "token"}, "response_type must be code"),
        ({"client_id": "somebody"}, "no app with this client_id"),
        ({"redirect_uri": "http://127.0.0.1:8420/elsewhere"}, "redirect_uri is not one"),
        ({"redirect_uri": "https://evil.test/connect/callback", "scope": "fly"}, "redirect_uri is not one"),
        ({"scope": None}, "Missing: scope"),
        ({"code_challenge": "x"}, "Unknown parameter: code_challenge"),
    ],
)
async def test_a_sign_in_that_breaks_a_rule_does_not_begin(
    linkedin: Visitor, wrong: dict[str, str], words: str
) -> None:
    assert words in await linkedin.refused(**wrong)


async def test_a_code_works_once_and_for_half_an_hour(linkedin: Visitor) -> None:
    code = await linkedin.code()
    assert (await fetch(linkedin, code)).status_code == 200
    again = await fetch(linkedin, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_request")
    assert "authorization code not found" in again.json()["error_description"]
    late = await linkedin.code()
    linkedin.practice.clock.advance(minutes=30)
    assert "authorization code expired" in (await fetch(linkedin, late)).json()["error_description"].lower()


@pytest.mark.parametrize(
    ("wrong", "status", "error"),
    [
        ({"code": "nonsense"}, 400, "invalid_request"),
        ({"redirect_uri": "http://localhost:8420/connect/callback"}, 400, "invalid_request"),
        ({"redirect_uri": ""}, 400, "invalid_request"),
        ({"client_secret": "guess"}, 401, "invalid_client"),
        ({"client_id": "guess"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "invalid_request"),
        ({"refresh_token": "x"}, 400, "invalid_request"),
        ({"colour": "red"}, 400, "invalid_request"),
    ],
)
async def test_a_wrong_fetch_gives_nothing(linkedin: Visitor, wrong: dict[str, str], status: int, error: str) -> None:
    code = await linkedin.code()
    answer = await fetch(linkedin, **{"code": code, **wrong})
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert (await fetch(linkedin, code)).status_code == 200


async def test_a_token_ends_after_sixty_days_and_nobody_else_can_renew_it(linkedin: Visitor) -> None:
    token = (await granted(linkedin))["access_token"]
    linkedin.practice.clock.advance(days=60)
    answer = await linkedin.ask("/v2/userinfo", token)
    assert (answer.status_code, answer.json()["code"]) == (401, "EXPIRED_ACCESS_TOKEN")
    own = {"client_id": linkedin.client_id, "client_secret": linkedin.secret}
    refusal = await linkedin.post("/oauth/v2/accessToken", **own, grant_type="refresh_token", refresh_token=token)
    assert (refusal.status_code, refusal.json()["error"]) == (400, "invalid_grant")


async def test_a_partner_renews_for_a_year(linkedin: Visitor) -> None:
    await linkedin.practice.http.put("/_practice/software", json={"linkedin_partner": True})
    first = await granted(linkedin, "openid", "profile")
    assert first["refresh_token_expires_in"] == 365 * 86_400
    assert (await linkedin.ask("/v2/userinfo", first["refresh_token"])).status_code == 401
    own = {"client_id": linkedin.client_id, "client_secret": linkedin.secret}
    own |= {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    linkedin.practice.clock.advance(days=50)
    second = (await linkedin.post("/oauth/v2/accessToken", **own)).json()
    assert (second["refresh_token"], second["scope"]) == (first["refresh_token"], "openid,profile")
    assert second["refresh_token_expires_in"] == 315 * 86_400
    linkedin.practice.clock.advance(days=20)
    assert (await linkedin.ask("/v2/userinfo", first["access_token"])).status_code == 401
    assert (await linkedin.ask("/v2/userinfo", second["access_token"])).status_code == 200
    linkedin.practice.clock.advance(days=295)
    assert (await linkedin.post("/oauth/v2/accessToken", **own)).json()["error"] == "invalid_grant"


async def test_a_revoked_token_is_over(linkedin: Visitor) -> None:
    token = (await granted(linkedin))["access_token"]
    own = {"client_id": linkedin.client_id, "client_secret": linkedin.secret}
    assert (
        await linkedin.post("/oauth/v2/revoke", **{**own, "client_secret": "guess"}, token=token)
    ).status_code == 401
    assert (await linkedin.post("/oauth/v2/revoke", **own)).status_code == 400
    assert (await linkedin.post("/oauth/v2/revoke", **{**own, "token": token})).status_code == 200
    assert (await linkedin.ask("/v2/userinfo", token)).status_code == 401


class There(Here):
    """LinkedIn's address for signing in is another, and as fixed."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert request.url is not None
        request.url = request.url.replace("https://www.linkedin.com", self.root)
        return super().send(request, *args, **kwargs)


async def test_linkedins_own_client_signs_in_and_renews(linkedin: Visitor) -> None:
    from linkedin_api.clients.auth.client import AuthClient  # type: ignore[import-untyped, unused-ignore]

    await linkedin.practice.http.put("/_practice/software", json={"linkedin_partner": True})
    root = f"{linkedin.practice.settings.base_url}/linkedin"
    client = AuthClient(linkedin.client_id, linkedin.secret, BACK)
    client.session.mount("https://", There(root))
    client.session.trust_env = False
    where = urlsplit(client.generate_member_auth_url(MEMBER.split(), "kept"))
    assert (where.netloc, where.path) == ("www.linkedin.com", "/oauth/v2/authorization")
    pressed = {"decision": "allow", "scope": MEMBER.split()}
    back = told(await linkedin.practice.http.post(f"{root}{where.path}?{where.query}", data=pressed))
    assert back["state"] == "kept"
    first = await asyncio.to_thread(client.exchange_auth_code_for_access_token, back["code"])
    assert (first.status_code, first.scope) == (200, MEMBER.replace(" ", ","))
    second = await asyncio.to_thread(client.exchange_refresh_token_for_access_token, first.refresh_token)
    assert (await linkedin.ask("/v2/userinfo", second.access_token)).status_code == 200
    client.session.close()
