"""Signing in once, staying signed in, and never losing a session to a bad answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.domain.account import Dedupe
from services.domain.errors import InvalidInput, NeedsReauth, RateLimited, Unavailable
from services.platforms.bluesky import SPEC
from services.platforms.bluesky.session import token_expiry
from tests.fakes.http import FakeHttp
from tests.services.platforms.bluesky.support import (
    ACCESS,
    CREATE_SESSION,
    DID,
    FRESH,
    GET_SESSION,
    HANDLE,
    NOW,
    PDS,
    PROFILE,
    REFRESH,
    REFRESH_SESSION,
    SIGNED_IN,
    bearer,
    body,
    desk,
    fault,
    jwt,
    session,
)

LOOPBACK = "http://127.0.0.1:8421/bluesky"


async def test_adding_an_account_finds_its_own_server() -> None:
    http = FakeHttp()
    http.on("POST", CREATE_SESSION, json_body=session())
    http.on("GET", PROFILE, json_body={"did": DID, "handle": HANDLE, "displayName": "Drift Seas", "followersCount": 3})
    roles = desk(http, credentials=FRESH, base_url="", adding=True).roles
    identity = await roles.verifier.verify()
    http.finish()
    assert [r.url for r in http.requests] == [f"https://bsky.social{CREATE_SESSION}", f"{PDS}{PROFILE}"]
    assert body(http.requests[0]) == {"identifier": HANDLE, "password": "abcd-efgh-ijkl-mnop"}
    assert (bearer(http.requests[0]), bearer(http.requests[1])) == ("", "new.access.token")
    assert (identity.remote_id, identity.handle, identity.name) == (DID, HANDLE, "Drift Seas")
    assert (identity.dedupe, identity.limits, identity.base_url) == (Dedupe.KEY, SPEC.default_limits, PDS)
    assert identity.credentials == {
        **FRESH,
        "did": DID,
        "handle": HANDLE,
        "access_jwt": "new.access.token",
        "refresh_jwt": "new.refresh.token",
        "pds": PDS,
    }
    assert "new.access.token" not in repr(identity)
    assert "new.access.token" not in repr(http.requests) + repr(roles)


async def test_an_address_from_the_operator_beats_discovery() -> None:
    http = FakeHttp()
    http.on("POST", CREATE_SESSION, json_body=session())
    http.on("GET", PROFILE, status=502)
    headers = {"X-Desk": "1", "authorization": "Basic eA==", "content-type": "text/plain"}
    made = desk(http, credentials=FRESH, base_url=f"{LOOPBACK}/", adding=True, extra_headers=headers)
    identity = await made.roles.verifier.verify()
    assert [r.url for r in http.requests] == [f"{LOOPBACK}{CREATE_SESSION}", f"{LOOPBACK}{PROFILE}"]
    assert (identity.base_url, identity.credentials["pds"], identity.name) == (LOOPBACK, "", HANDLE)
    assert identity.limits == replace(SPEC.default_limits, image_bytes=976_000)
    assert [r.headers.get("X-Desk") for r in http.requests] == ["1", "1"]
    assert [r.headers.get("authorization") for r in http.requests] == ["Basic eA==", None]
    assert bearer(http.requests[1]) == "new.access.token"
    assert not any("content-type" in r.headers for r in http.requests)


async def test_the_discovered_server_is_used_afterwards_and_followed_when_it_moves() -> None:
    http = FakeHttp()
    moved = "https://new-home.example"
    document = {"service": [{"id": f"{DID}#atproto_pds", "serviceEndpoint": f"{moved}/"}]}
    http.on("POST", REFRESH_SESSION, json_body=session(didDoc=document))
    credentials = await _refreshed(http, base_url="https://old-home.example")
    assert http.requests[0].url == f"{PDS}{REFRESH_SESSION}"
    assert credentials["pds"] == moved


@pytest.mark.parametrize(
    "endpoint",
    [
        *(
            "http://pds.example",
            "https://127.0.0.1",
            "https://localhost",
            "https://a@b.example",
            "https://x.internal",
            7,
        ),
        *("https://127.0.0.1.", "https://0x7f.1", "https://127.1", "https://x.internal.", "https://[::1]"),
    ],
)
async def test_an_identity_document_can_not_point_us_at_private_places(endpoint: object) -> None:
    http = FakeHttp()
    document = {"service": [{"id": "#atproto_pds", "serviceEndpoint": endpoint}]}
    http.on("POST", REFRESH_SESSION, json_body=session(didDoc=document))
    assert (await _refreshed(http))["pds"] == PDS


async def test_a_standing_session_is_reused() -> None:
    http = FakeHttp()
    http.on("GET", GET_SESSION, json_body={"did": DID, "handle": "new.driftseas.com", "active": True})
    http.on("GET", PROFILE, json_body={"did": DID, "displayName": " "})
    identity = await desk(http).roles.verifier.verify()
    assert bearer(http.requests[0]) == ACCESS
    assert identity.credentials == {**SIGNED_IN, "handle": "new.driftseas.com"}
    assert (identity.handle, identity.name) == ("new.driftseas.com", "new.driftseas.com")


@pytest.mark.parametrize("answer", [fault("ExpiredToken"), fault("InvalidToken")])
async def test_a_session_that_ended_early_is_renewed(answer: dict[str, str]) -> None:
    http = FakeHttp()
    http.on("GET", GET_SESSION, status=400, json_body=answer)
    http.on("POST", REFRESH_SESSION, json_body=session())
    http.on("GET", PROFILE, json_body={"did": DID})
    identity = await desk(http).roles.verifier.verify()
    assert bearer(http.requests[1]) == REFRESH
    assert identity.credentials["access_jwt"] == "new.access.token"


async def test_a_dying_session_is_renewed_without_asking() -> None:
    http = FakeHttp()
    http.on("POST", REFRESH_SESSION, json_body=session())
    http.on("GET", PROFILE, json_body={"did": DID})
    credentials = {**SIGNED_IN, "access_jwt": jwt(NOW + timedelta(seconds=59))}
    await desk(http, credentials=credentials).roles.verifier.verify()
    http.finish()


async def test_refreshing_gives_all_credentials() -> None:
    http = FakeHttp()
    http.on("POST", REFRESH_SESSION, json_body=session())
    credentials = await _refreshed(http)
    assert credentials == {**SIGNED_IN, "access_jwt": "new.access.token", "refresh_jwt": "new.refresh.token"}
    assert (bearer(http.requests[0]), http.requests[0].json) == (REFRESH, None)


@pytest.mark.parametrize(
    ("status", "name"), [(400, "ExpiredToken"), (400, "InvalidToken"), (401, "AuthenticationRequired"), (401, "")]
)
async def test_a_spent_refresh_token_falls_back_to_the_app_password(status: int, name: str) -> None:
    http = FakeHttp()
    http.on("POST", REFRESH_SESSION, status=status, json_body=fault(name) if name else None)
    http.on("POST", CREATE_SESSION, json_body=session())
    credentials = await _refreshed(http)
    assert http.calls() == [f"POST {REFRESH_SESSION}", f"POST {CREATE_SESSION}"]
    assert credentials["refresh_jwt"] == "new.refresh.token"


async def test_an_account_stored_without_signing_in_signs_in_at_first_use() -> None:
    http = FakeHttp()
    made = desk(http, credentials=FRESH, base_url="")
    assert made.roles.refresher is not None
    assert made.roles.refresher.expires_at() is None
    http.on("POST", CREATE_SESSION, json_body=session())
    assert (await made.roles.refresher.refresh())["did"] == DID


@pytest.mark.parametrize(
    "answer",
    [session(accessJwt=""), session(refreshJwt=""), {"did": DID}, session(refreshJwt=None), [], "no"],
)
async def test_an_answer_without_tokens_overwrites_nothing(answer: object) -> None:
    http = FakeHttp().on("POST", REFRESH_SESSION, json_body=answer)
    with pytest.raises(Unavailable):
        await _refreshed(http)


async def test_a_transient_failure_disconnects_nobody() -> None:
    for status, error in ((500, Unavailable), (502, Unavailable), (429, RateLimited)):
        with pytest.raises(error):
            await _refreshed(FakeHttp().on("POST", REFRESH_SESSION, status=status))
    with pytest.raises(Unavailable):
        await _refreshed(FakeHttp().on("POST", REFRESH_SESSION, lost=True))


@pytest.mark.parametrize(
    ("status", "answer", "words", "step"),
    [
        (401, fault("AuthenticationRequired", "Invalid identifier or password"), "does not accept", "app password"),
        (401, fault("AuthFactorTokenRequired", "A sign in code has been sent"), "code by e-mail", "app password"),
        (401, fault("AccountTakedown", "Account has been taken down"), "taken this account down", "bsky.app"),
        (400, fault("AccountDeactivated"), "deactivated", "bsky.app"),
        (200, session(active=False, status="suspended"), "suspended", "bsky.app"),
        (200, session(active=False), "not active", "bsky.app"),
        (200, session(did="did:plc:somebodyelse"), "another Bluesky account", "Connect the account again"),
    ],
)
async def test_a_refused_sign_in_asks_for_a_person(status: int, answer: dict[str, Any], words: str, step: str) -> None:
    http = FakeHttp()
    http.on("POST", REFRESH_SESSION, status=400, json_body=fault("ExpiredToken"))
    http.on("POST", CREATE_SESSION, status=status, json_body=answer)
    with pytest.raises(NeedsReauth) as caught:
        await _refreshed(http)
    assert words in caught.value.message
    assert step in caught.value.next_step
    assert not caught.value.refreshable


async def test_a_takedown_told_at_refresh_does_not_try_the_password() -> None:
    http = FakeHttp().on("POST", REFRESH_SESSION, status=401, json_body=fault("AccountTakedown"))
    with pytest.raises(NeedsReauth) as caught:
        await _refreshed(http)
    assert (len(http.requests), caught.value.refreshable) == (1, False)


@pytest.mark.parametrize("missing", ["identifier", "app_password"])
async def test_a_missing_field_is_named(missing: str) -> None:
    made = desk(FakeHttp(), credentials={**FRESH, missing: " "}, base_url="", adding=True)
    with pytest.raises(InvalidInput) as caught:
        await made.roles.verifier.verify()
    assert caught.value.field == missing


async def test_identifiers_are_taken_as_people_paste_them() -> None:
    http = FakeHttp().on("POST", CREATE_SESSION, json_body=session()).on("GET", PROFILE, json_body={"did": DID})
    pasted = {"identifier": " @driftseas.com\n", "app_password": " abcd-efgh-ijkl-mnop "}
    await desk(http, credentials=pasted, base_url="", adding=True).roles.verifier.verify()
    assert body(http.requests[0]) == {"identifier": HANDLE, "password": "abcd-efgh-ijkl-mnop"}


def test_expiry_is_read_from_the_token() -> None:
    refresher = desk(FakeHttp()).roles.refresher
    assert refresher is not None
    assert refresher.expires_at() == NOW + timedelta(hours=2)
    assert token_expiry(jwt(datetime(2026, 1, 1, tzinfo=UTC))) == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "a.!!.c", "a.bnVsbA.c", jwt(None), "a.eyJleHAiOjFlOTl9.c"])
def test_an_unreadable_token_has_no_expiry(token: str) -> None:
    assert token_expiry(token) is None


async def _refreshed(http: FakeHttp, *, base_url: str = PDS) -> dict[str, str]:
    refresher = desk(http, base_url=base_url).roles.refresher
    assert refresher is not None
    return dict(await refresher.refresh())
