"""OAuth 2 on X: tokens that live two hours, and refresh tokens that work once, on the stand-in and by script."""

from __future__ import annotations

import asyncio
import base64
from datetime import timedelta
from pathlib import Path

import pytest

from services.domain.errors import NeedsReauth, RateLimited, Unavailable
from services.platforms.x import SPEC
from tests.contracts.networks import seated
from tests.services.platforms.x.helpers import NEW, NOW, TOKEN, desk

FRESH = {"token_type": "bearer", "expires_in": 7200, "access_token": "access-2", "scope": "tweet.write"}


async def test_a_renewal_spends_the_refresh_token_and_keeps_the_new_one() -> None:
    one = desk(credentials=NEW, extra_headers={"X-Gate": "open", "Authorization": "no"})
    assert one.roles.refresher is not None
    assert one.roles.refresher.expires_at() is None
    one.http.on("POST", TOKEN, json_body={**FRESH, "refresh_token": "refresh-2"})
    found = await one.roles.refresher.refresh()
    assert found == {
        **NEW,
        "access_token": "access-2",
        "refresh_token": "refresh-2",
        "expires_at": (NOW + timedelta(hours=2)).isoformat(),
    }
    request = one.http.requests[0]
    assert list(request.form) == [("grant_type", "refresh_token"), ("refresh_token", "refresh-1")]
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"app-1:app-secret").decode()
    assert request.headers["X-Gate"] == "open"
    again = desk(credentials=found)
    assert again.roles.refresher is not None
    assert again.roles.refresher.expires_at() == NOW + timedelta(hours=2)


@pytest.mark.parametrize("answer", [FRESH, {**FRESH, "refresh_token": ""}, {**FRESH, "refresh_token": None}])
async def test_an_answer_without_a_refresh_token_keeps_the_old_one(answer: dict[str, object]) -> None:
    one = desk(credentials=NEW)
    one.http.on("POST", TOKEN, json_body=answer)
    assert one.roles.refresher is not None
    assert (await one.roles.refresher.refresh())["refresh_token"] == "refresh-1"


async def test_a_public_app_names_itself() -> None:
    one = desk(credentials={name: value for name, value in NEW.items() if name != "client_secret"})
    one.http.on("POST", TOKEN, json_body={**FRESH, "expires_in": "soon"})
    assert one.roles.refresher is not None
    assert "expires_at" not in await one.roles.refresher.refresh()
    assert ("client_id", "app-1") in one.http.requests[0].form
    assert "Authorization" not in one.http.requests[0].headers


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (400, '{"error":"invalid_request","error_description":"Value passed for the token was invalid."}', NeedsReauth),
        (401, '{"error":"unauthorized_client"}', NeedsReauth),
        (429, "", RateLimited),
        (503, "", Unavailable),
        (200, "<html>", Unavailable),
        (200, '{"access_token": ""}', Unavailable),
    ],
)
async def test_a_renewal_that_fails_says_whether_it_may_pass(status: int, answer: str, kind: type[Exception]) -> None:
    one = desk(credentials=NEW)
    one.http.on("POST", TOKEN, status=status, body=answer)
    assert one.roles.refresher is not None
    with pytest.raises(kind) as caught:
        await one.roles.refresher.refresh()
    assert not getattr(caught.value, "refreshable", False)
    assert "refresh-1" not in f"{caught.value!r} {caught.value}"


async def test_going_too_fast_is_never_more_than_that_while_a_token_is_renewed() -> None:
    one = desk(credentials=NEW)
    one.http.on("POST", TOKEN, status=429, body='{"title":"UsageCapExceeded"}', headers={"x-rate-limit-remaining": "9"})
    assert one.roles.refresher is not None
    with pytest.raises(RateLimited):
        await one.roles.refresher.refresh()


async def test_the_stand_in_rotates_and_many_at_once_are_one_renewal(tmp_path: Path) -> None:
    async with seated(SPEC, tmp_path) as seat:
        minted = await seat.control.post("/_practice/tokens", json={"network": "x"})
        second_kind = {name: "" for name in seat.fields if name != "base_url"} | minted.json()
        account = await seat.connect(second_kind)
        roles = await seat.roles(account)
        assert roles.refresher is not None
        part = await seat.prepared(roles, seat.part("With a new token.", media=(await seat.picture("Alt."),)))
        await seat.fault("expire_tokens")
        with pytest.raises(NeedsReauth) as caught:
            await roles.publisher.send(part)
        assert caught.value.refreshable
        before = await seat.credentials(account.id)
        outcomes = await asyncio.gather(*(seat.accounts.refresh(account.id) for _ in range(20)), return_exceptions=True)
        assert outcomes == [None] * 20
        assert len(await seat.calls("session")) == 1
        after = await seat.credentials(account.id)
        assert {name for name in after if after[name] != before.get(name)} == {
            "access_token",
            "refresh_token",
            "expires_at",
        }
        await (await seat.roles(account)).publisher.send(part)
        seat.clock.set(seat.clock.now() + timedelta(hours=1, minutes=56))
        await seat.roles(account)  # ahead of its end
        assert len(await seat.calls("session")) == 2
        await seat.accounts.verify(account.id)
        assert [post["text"] for post in await seat.posts()] == ["With a new token."]


@pytest.mark.parametrize("fault", ["drop_before", "malformed", "html", "empty", "status", "rate_limited"])
async def test_a_renewal_lost_in_passing_keeps_the_old_tokens(fault: str, tmp_path: Path) -> None:
    async with seated(SPEC, tmp_path) as seat:
        minted = await seat.control.post("/_practice/tokens", json={"network": "x"})
        account = await seat.connect({name: "" for name in seat.fields if name != "base_url"} | minted.json())
        old = await seat.credentials(account.id)
        effect = {"effect": False} if fault in {"malformed", "empty"} else {}
        await seat.fault(fault, "session", **effect)
        with pytest.raises(RateLimited if fault == "rate_limited" else Unavailable):
            await seat.accounts.refresh(account.id)
        assert await seat.credentials(account.id) == old
        await seat.accounts.refresh(account.id)
        await seat.send(await seat.roles(account), seat.part("Still connected."))


async def test_a_spent_refresh_token_asks_for_a_person(tmp_path: Path) -> None:
    async with seated(SPEC, tmp_path) as seat:
        minted = await seat.control.post("/_practice/tokens", json={"network": "x"})
        account = await seat.connect({name: "" for name in seat.fields if name != "base_url"} | minted.json())
        await seat.fault("drop_after", "session")
        with pytest.raises(Unavailable):
            await seat.accounts.refresh(account.id)
        with pytest.raises(NeedsReauth, match="no longer renews") as caught:
            await seat.accounts.refresh(account.id)
        assert "offline.access" in caught.value.next_step
