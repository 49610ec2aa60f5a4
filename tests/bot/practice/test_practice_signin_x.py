"""Signing in to the X stand-in: OAuth 2 with a proof of who asked, and OAuth 1.0a with tickets."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from bot.practice import practice_accounts
from tests.bot.practice.driving import PNG, Practice
from tests.bot.practice.signing_in import BACK, CHALLENGE, VERIFIER, Form, Visitor, told, visitor

# X's client uses things its own dependencies call outdated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
SCOPES = "tweet.read tweet.write users.read media.write offline.access tweet.moderate.write"


@pytest.fixture
def x(practice: Practice) -> Visitor:
    return visitor(
        practice,
        "x",
        "/i/oauth2/authorize",
        response_type="code",
        scope=SCOPES,
        state="a state & more",
        code_challenge=CHALLENGE,
        code_challenge_method="S256",
    )


async def fetch(x: Visitor, code: str, *, secret: str | None = None, **more: Any) -> httpx.Response:
    fields = {"grant_type": "authorization_code", "redirect_uri": BACK, "code_verifier": VERIFIER, "code": code, **more}
    return await x.post("/2/oauth2/token", basic=(x.client_id, secret or x.secret), **fields)


async def granted(x: Visitor, *scopes: str) -> dict[str, Any]:
    answer = await fetch(x, await x.code(scopes or None))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_person_lets_the_desk_in_and_it_posts(x: Visitor) -> None:
    back = await x.press("allow")
    assert back["state"] == "a state & more"
    answer = await fetch(x, back["code"])
    given = answer.json()
    assert given["scope"] == SCOPES
    assert (given["token_type"], given["expires_in"]) == ("bearer", 7200)
    headers = {"authorization": f"Bearer {given['access_token']}"}
    made = await x.practice.http.post("/x/2/tweets", json={"text": "Signed in"}, headers=headers)
    assert made.status_code == 201
    assert (await x.ask("/2/users/me", given["access_token"])).json()["data"]["username"] == "driftseas"
    assert [post["text"] for post in await x.practice.posts("x")] == ["Signed in"]


async def test_the_page_says_who_asks_for_what_and_carries_no_script(x: Visitor) -> None:
    answer = await x.practice.http.get(x.address())
    form = Form(answer.text)
    assert form.boxes == SCOPES.split()
    assert [value for _, value in form.buttons] == ["allow", "deny"]
    assert "Let Practice desk use this X account?" in answer.text
    assert "Drift Seas (@driftseas)" in answer.text
    assert "script" not in form.tags
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_whoever_says_no_goes_back_without_a_code(x: Visitor) -> None:
    assert await x.press("deny") == {"error": "access_denied", "state": "a state & more"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"response_type": "token"}, "response_type must be code"),
        ({"response_type": None}, "Missing: response_type"),
        ({"client_id": "somebody"}, "no app with this client_id"),
        ({"redirect_uri": "http://127.0.0.1:8420/connect/callback/"}, "redirect_uri is not one"),
        ({"redirect_uri": "http://127.0.0.1/connect/callback"}, "redirect_uri is not one"),
        ({"redirect_uri": "http://127.0.0.1:8420/connect/callback?a=b"}, "redirect_uri is not one"),
        ({"redirect_uri": "http://127.0.0.1:1@evil.test:80/connect/callback"}, "redirect_uri is not one"),
        ({"redirect_uri": "https://127.0.0.1:8420/connect/callback"}, "redirect_uri is not one"),
        ({"redirect_uri": None}, "redirect_uri is not one"),
        ({"scope": "tweet.read tweet.fly"}, "cannot ask for this: tweet.fly"),
        ({"scope": "tweet.read,users.read"}, "cannot ask for this"),
        ({"scope": " "}, "cannot ask for this: nothing"),
        ({"scope": None}, "Missing: scope"),
        ({"state": None}, "Missing: state"),
        ({"state": "s" * 501}, "longer than 500"),
        ({"code_challenge": None}, "Missing: code_challenge"),
        ({"code_challenge": "short"}, "code_challenge is not one"),
        ({"code_challenge": "é" * 43}, "code_challenge is not one"),
        ({"code_challenge_method": "S512"}, "must be S256 or plain"),
        ({"code_challenge_method": None}, "Missing: code_challenge_method"),
        ({"colour": "red"}, "Unknown parameter: colour"),
        ({"<script>": "x"}, "&lt;script&gt;"),
    ],
)
async def test_a_sign_in_that_breaks_a_rule_does_not_begin(x: Visitor, wrong: dict[str, str], words: str) -> None:
    assert words in await x.refused(**wrong)
    assert (await x.practice.http.post(x.address(**wrong), data={"decision": "allow"})).status_code == 400


async def test_a_parameter_cannot_be_sent_twice(x: Visitor) -> None:
    answer = await x.practice.http.get(x.address() + "&state=other")
    assert answer.status_code == 400
    assert "more than once" in answer.text


@pytest.mark.parametrize("redirect", ["http://localhost:9000/connect/callback", "http://127.0.0.1:1/connect/callback"])
async def test_the_desk_may_listen_on_any_port(x: Visitor, redirect: str) -> None:
    answer = await x.practice.http.post(
        x.address(redirect_uri=redirect), data={"decision": "allow", "scope": SCOPES[:10]}
    )
    assert told(answer, redirect)["code"]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"decision": "perhaps"},
        {"decision": ["allow", "deny"]},
        {"decision": "allow", "scope": "follows.read"},
        {"decision": "allow", "colour": "red"},
        {"decision": "allow"},
    ],
)
async def test_what_the_page_cannot_send_lets_nobody_in(x: Visitor, sent: dict[str, Any]) -> None:
    answer = await x.practice.http.post(x.address(), data=sent)
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_a_page_of_another_site_cannot_press_the_button(x: Visitor) -> None:
    data = {"decision": "allow", "scope": "tweet.read"}
    answer = await x.practice.http.post(x.address(), data=data, headers={"origin": "https://evil.test"})
    assert answer.status_code == 403


async def test_a_code_works_once_and_for_thirty_seconds(x: Visitor) -> None:
    code = await x.code()
    x.practice.clock.advance(seconds=29)
    assert (await fetch(x, code)).status_code == 200
    again = await fetch(x, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_request")
    late = await x.code()
    x.practice.clock.advance(seconds=30)
    assert (await fetch(x, late)).json()["error_description"] == "Value passed for the authorization code was invalid."


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"code": "nonsense"}, "authorization code was invalid"),
        ({"redirect_uri": "http://127.0.0.1:8421/connect/callback"}, "redirect uri did not match"),
        ({"code_verifier": VERIFIER + "x"}, "code verifier did not match"),
        ({"code_verifier": ""}, "code verifier did not match"),
        ({"code_verifier": CHALLENGE}, "code verifier did not match"),
        ({"grant_type": "password"}, "grant_type"),
        ({"refresh_token": "x"}, "refresh_token does not go with authorization_code"),
        ({"colour": "red"}, "Unknown parameter: colour"),
    ],
)
async def test_a_wrong_fetch_gives_nothing_and_the_right_one_still_does(
    x: Visitor, wrong: dict[str, str], words: str
) -> None:
    code = await x.code()
    answer = await fetch(x, **{"code": code, **wrong})
    assert answer.status_code == 400
    assert words in answer.json()["error_description"]
    assert (await fetch(x, code)).status_code == 200


async def test_the_app_must_show_its_secret(x: Visitor) -> None:
    code = await x.code()
    assert (await fetch(x, code, secret="guess")).status_code == 401
    fields: dict[str, Any] = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    answer = await x.post("/2/oauth2/token", **fields, code_verifier=VERIFIER, client_id=x.client_id)
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized_client")
    assert (await fetch(x, code, client_id="another")).status_code == 401


async def test_a_challenge_may_be_the_verifier_itself(x: Visitor) -> None:
    code = await x.code(code_challenge="challenge", code_challenge_method="plain")
    assert (await fetch(x, code, code_verifier="other")).status_code == 400
    assert (await fetch(x, code, code_verifier="challenge")).status_code == 200


async def test_without_offline_access_there_is_nothing_to_renew_with(x: Visitor) -> None:
    assert "refresh_token" not in await granted(x, "tweet.read", "users.read")


async def test_a_renewal_spends_the_refresh_token_and_keeps_the_rights(x: Visitor) -> None:
    first = await granted(x, "tweet.read", "users.read", "offline.access")
    fields = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = await x.post("/2/oauth2/token", basic=(x.client_id, x.secret), **fields)
    assert second.json()["scope"] == "tweet.read users.read offline.access"
    assert second.json()["refresh_token"] != first["refresh_token"]
    wider = {**fields, "refresh_token": second.json()["refresh_token"], "scope": "tweet.read tweet.write"}
    refusal = await x.post("/2/oauth2/token", basic=(x.client_id, x.secret), **wider)
    assert (refusal.status_code, refusal.json()["error"]) == (400, "invalid_scope")
    assert (await x.post("/2/oauth2/token", basic=(x.client_id, x.secret), **fields)).status_code == 400


async def test_a_token_does_what_was_allowed_and_nothing_else(x: Visitor) -> None:
    reader = (await granted(x, "tweet.read", "users.read"))["access_token"]
    headers = {"authorization": f"Bearer {reader}"}
    assert (await x.ask("/2/users/me", reader)).status_code == 200
    refusal = await x.practice.http.post("/x/2/tweets", json={"text": "No"}, headers=headers)
    assert refusal.status_code == 403
    assert refusal.json() == {"title": "Forbidden", "detail": "Forbidden", "type": "about:blank", "status": 403}
    files, data = {"media": ("a.png", PNG, "image/png")}, {"media_category": "tweet_image"}
    upload = await x.practice.http.post("/x/2/media/upload", headers=headers, files=files, data=data)
    assert upload.status_code == 403
    blind = (await granted(x, "users.read"))["access_token"]
    assert (await x.ask("/2/users/me", blind)).status_code == 403
    assert await x.practice.posts("x") == []


async def test_a_revoked_token_is_over(x: Visitor) -> None:
    token = (await granted(x))["access_token"]
    assert (await x.post("/2/oauth2/revoke", token=token)).status_code == 401
    assert (await x.post("/2/oauth2/revoke", basic=(x.client_id, x.secret))).status_code == 400
    answer = await x.post(
        "/2/oauth2/revoke", basic=(x.client_id, x.secret), token=token, token_type_hint="access_token"
    )
    assert answer.json() == {"revoked": True}
    assert (await x.ask("/2/users/me", token)).status_code == 401


@pytest.mark.parametrize(("fault", "status"), [({"fault": "status", "value": 503}, 503), ({"fault": "malformed"}, 200)])
async def test_the_token_call_can_go_wrong(x: Visitor, fault: dict[str, Any], status: int) -> None:
    code = await x.code()
    await x.practice.fault(network="x", operation="session", **fault)
    answer = await fetch(x, code)
    assert answer.status_code == status
    with pytest.raises(ValueError, match=r"."):
        answer.json()


async def test_xs_own_client_signs_in_renews_and_posts(x: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    from xdk import Client
    from xdk.oauth2_auth import OAuth2PKCEAuth
    from xdk.posts.models import CreateRequest

    # The library behind it takes plain http only when told so, and loopback needs no proxy.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    base = f"{x.practice.settings.base_url}/x"
    auth = OAuth2PKCEAuth(
        base_url=base,
        authorization_base_url=f"{base}/i",
        client_id=x.client_id,
        client_secret=x.secret,
        redirect_uri=BACK,
        scope=SCOPES.split(),
    )
    asked = auth.get_authorization_url(state="kept")
    pressed = await x.practice.http.post(asked, data={"decision": "allow", "scope": SCOPES.split()})
    assert told(pressed)["state"] == "kept"

    def drive() -> str:
        first = auth.fetch_token(pressed.headers["location"])
        second = auth.refresh_token()
        assert second["access_token"] != first["access_token"]
        client = Client(base_url=base, client_id=x.client_id, client_secret=x.secret, token=auth.token)
        client.session.trust_env = False
        made = client.posts.create(CreateRequest(text="By their own client")).data
        client.session.close()
        return str(made.id)

    name = await asyncio.to_thread(drive)
    assert [post["id"] for post in await x.practice.posts("x")] == [name]


def older(x: Visitor, callback: str = BACK) -> Any:
    """A known client of OAuth 1.0a with the desk's keys."""
    from requests_oauthlib import OAuth1Session  # type: ignore[import-untyped, unused-ignore]

    [own] = [one for one in practice_accounts(x.practice.settings) if one["platform"] == "x"]
    session = OAuth1Session(own["consumer_key"], own["consumer_secret"], callback_uri=callback)
    session.trust_env = False
    return session


async def test_the_older_sign_in_with_a_known_client(x: Visitor) -> None:
    base = f"{x.practice.settings.base_url}/x"
    with older(x) as session:
        ticket = await asyncio.to_thread(session.fetch_request_token, f"{base}/oauth/request_token")
        assert ticket["oauth_callback_confirmed"] == "true"
        where = session.authorization_url(f"{base}/oauth/authorize")
        form = Form((await x.practice.http.get(where)).text)
        assert (form.boxes, [value for _, value in form.buttons]) == ([], ["allow", "deny"])
        pressed = await x.practice.http.post(where, data={"decision": "allow"})
        session.parse_authorization_response(pressed.headers["location"])
        given = await asyncio.to_thread(session.fetch_access_token, f"{base}/oauth/access_token")
        assert given["screen_name"] == "driftseas"
        made = await asyncio.to_thread(session.post, f"{base}/2/tweets", json={"text": "The older way"})
        assert made.status_code == 201
    assert (await x.practice.http.post(where, data={"decision": "allow"})).status_code == 400


async def test_a_ticket_that_was_refused_or_is_over_gives_no_token(x: Visitor) -> None:
    from requests_oauthlib.oauth1_session import (  # type: ignore[import-untyped, unused-ignore]
        TokenRequestDenied,
    )

    base = f"{x.practice.settings.base_url}/x"
    with older(x) as session:
        ticket = await asyncio.to_thread(session.fetch_request_token, f"{base}/oauth/request_token")
        where = session.authorization_url(f"{base}/oauth/authorize")
        session._client.client.verifier = "guess"
        with pytest.raises(TokenRequestDenied):
            await asyncio.to_thread(session.fetch_access_token, f"{base}/oauth/access_token")
        denied = await x.practice.http.post(where, data={"decision": "deny"})
        assert told(denied) == {"denied": ticket["oauth_token"]}
        with pytest.raises(TokenRequestDenied):
            await asyncio.to_thread(session.fetch_access_token, f"{base}/oauth/access_token")
    with older(x) as session:
        await asyncio.to_thread(session.fetch_request_token, f"{base}/oauth/request_token")
        x.practice.clock.advance(minutes=16)
        assert (await x.practice.http.get(session.authorization_url(f"{base}/oauth/authorize"))).status_code == 400


async def test_the_older_sign_in_without_an_address_shows_a_number(x: Visitor) -> None:
    base = f"{x.practice.settings.base_url}/x"
    with older(x, "oob") as session:
        await asyncio.to_thread(session.fetch_request_token, f"{base}/oauth/request_token")
        where = session.authorization_url(f"{base}/oauth/authorize")
        page = await x.practice.http.post(where, data={"decision": "allow"})
        pin = page.text.partition('<code class="code">')[2].partition("<")[0]
        assert len(pin) == 7
        given = await asyncio.to_thread(session.fetch_access_token, f"{base}/oauth/access_token", verifier=pin)
    assert given["oauth_token"]


async def test_the_older_sign_in_refuses_wrong_keys_and_addresses(x: Visitor) -> None:
    from requests_oauthlib import OAuth1Session
    from requests_oauthlib.oauth1_session import TokenRequestDenied

    place = f"{x.practice.settings.base_url}/x/oauth/request_token"
    with older(x, "https://evil.test/back") as session, pytest.raises(TokenRequestDenied, match="403"):
        await asyncio.to_thread(session.fetch_request_token, place)
    [own] = [one for one in practice_accounts(x.practice.settings) if one["platform"] == "x"]
    for key, secret in ((own["consumer_key"], "guess"), ("guess", own["consumer_secret"])):
        with OAuth1Session(key, secret, callback_uri=BACK) as session:
            session.trust_env = False
            with pytest.raises(TokenRequestDenied, match="401"):
                await asyncio.to_thread(session.fetch_request_token, place)
    unsigned = await x.practice.http.post("/x/oauth/request_token", data={"oauth_callback": BACK})
    assert unsigned.status_code == 401
