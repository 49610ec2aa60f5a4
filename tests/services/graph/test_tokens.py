"""Tokens that renew themselves: in time, never lost to a passing fault, never replaced by nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.domain.errors import DeskError, NeedsReauth, RateLimited, Unavailable
from services.graph.client import GraphClient
from services.graph.tokens import AHEAD, ENDS, SEEN, LongLivedToken
from tests.fakes.http import FakeHttp
from tests.services.graph.support import NOW, MovingClock, fault


def token(http: FakeHttp, **credentials: str) -> LongLivedToken:
    return LongLivedToken(
        client=GraphClient(http=http, clock=MovingClock(), label="Threads", root="https://graph.example", token="old"),
        grant="th_refresh_token",
        credentials={"access_token": "old", **credentials},
    )


def test_a_pasted_token_is_renewed_once_it_is_a_day_old() -> None:
    ends = token(FakeHttp(), **{SEEN: NOW.isoformat()}).expires_at()
    assert ends is not None
    assert ends - AHEAD == NOW + timedelta(hours=25)


def test_the_end_that_was_told_beats_the_guess() -> None:
    told = NOW + timedelta(days=60)
    assert token(FakeHttp(), **{SEEN: NOW.isoformat(), ENDS: told.isoformat()}).expires_at() == told
    assert token(FakeHttp()).expires_at() is None
    assert token(FakeHttp(), **{ENDS: "soon"}).expires_at() is None


async def test_a_renewal_gives_the_token_and_its_end() -> None:
    http = FakeHttp().on(
        "GET", "/refresh_access_token", json_body={"access_token": "new", "token_type": "bearer", "expires_in": 5184000}
    )
    fresh = await token(http).refresh()
    assert fresh == {"access_token": "new", ENDS: (NOW + timedelta(days=60)).isoformat()}
    [request] = http.requests
    assert request.params == (("grant_type", "th_refresh_token"),)
    assert request.headers["Authorization"] == "Bearer old"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status": 400, "json_body": fault(190, 463)}, NeedsReauth),
        ({"status": 400, "json_body": fault(4)}, RateLimited),
        ({"status": 400, "json_body": fault(100)}, Unavailable),
        ({"status": 400, "json_body": fault(368)}, Unavailable),
        ({"status": 500}, Unavailable),
        ({"lost": True}, Unavailable),
        ({"body": "<html>"}, Unavailable),
        ({"json_body": {"access_token": "", "expires_in": 5}}, Unavailable),
        ({"json_body": {"access_token": "new"}}, Unavailable),
        ({"json_body": {"access_token": "new", "expires_in": -1}}, Unavailable),
    ],
)
async def test_a_renewal_that_fails_says_whether_the_token_is_lost(
    answer: dict[str, Any], kind: type[DeskError]
) -> None:
    http = FakeHttp().on("GET", "/refresh_access_token", **answer)
    with pytest.raises(kind) as caught:
        await token(http).refresh()
    assert type(caught.value) is kind
