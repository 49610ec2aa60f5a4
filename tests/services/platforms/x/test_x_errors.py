"""One row for each of X's refusals, and for answers that are none of X's."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from services.domain.errors import (
    DeskError,
    NeedsOperator,
    NeedsReauth,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from services.platforms.x.errors import Duplicate, Gone
from tests.services.platforms.x.helpers import (
    DUPLICATE,
    NEW,
    NOW,
    TIMELINE,
    TWEETS,
    desk,
    listed,
    number,
    part,
    post,
    problem,
)

ROWS: list[tuple[int, object, type[DeskError], str]] = [
    (400, problem("invalid-request", "Invalid Request", "Your Tweet text is too long.", 400), Refused, "too long"),
    (
        400,
        {
            **problem("invalid-request", "Invalid Request", "x", 400),
            "errors": [{"message": "Your media IDs are invalid."}],
        },
        Unavailable,
        "no longer has",
    ),
    (400, problem("invalid-request", "Invalid Request", "$.colour: is not defined", 400), Refused, "colour"),
    (401, problem("unauthorized", "Unauthorized", "Unauthorized", 401), NeedsReauth, "keys or token"),
    (
        403,
        problem("unsupported-authentication", "Unsupported Authentication", "Application-Only is forbidden", 403),
        NeedsOperator,
        "kind of sign-in",
    ),
    (401, problem("x", "Unsupported Authentication", "y", 401), NeedsOperator, "kind of sign-in"),
    (402, problem("credits", "CreditsDepleted", "Add credits.", 402), NeedsOperator, "credits"),
    (402, "<html>", NeedsOperator, "credits"),
    (403, DUPLICATE, Duplicate, "exactly this text"),
    (403, problem("x", "Forbidden", "You are not permitted to perform this action.", 403), Refused, "not permitted"),
    (
        403,
        problem("x", "Forbidden", "You may use at most one cashtag in a post.", 403),
        Refused,
        "Keep one $TICKER",
    ),
    (403, problem("x", "Forbidden", "This URL is not allowed.", 403), Refused, "Leave the link out"),
    (
        403,
        problem("x", "Forbidden", "Reply to this conversation is not allowed.", 403),
        Refused,
        "mentioned the account",
    ),
    (403, problem("x", "Forbidden", "Your video is longer than 2 minutes.", 403), Refused, "140 seconds"),
    (
        403,
        {"title": "Forbidden", "detail": "Forbidden", "type": "about:blank", "status": 403},
        NeedsOperator,
        "scopes tweet.read",
    ),
    (403, problem("client-forbidden", "Client Forbidden", "Enroll.", 403), NeedsOperator, "access at X"),
    (403, problem("x", "Forbidden", "You are not permitted to access this feature", 403), NeedsOperator, "access at X"),
    (
        403,
        problem(
            "oauth1-permissions",
            "Forbidden",
            "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint.",
            403,
        ),
        NeedsReauth,
        "only read",
    ),
    (403, problem("user-suspended", "Forbidden", "User has been suspended", 403), NeedsReauth, "suspended"),
    (403, "<html>blocked</html>", NeedsOperator, "firewall"),
    (404, problem("resource-not-found", "Not Found Error", "No tweet", 404), NeedsOperator, "base_url"),
    (405, "", NeedsOperator, "base_url"),
    (301, "", NeedsOperator, "base_url"),
    (408, "", OutcomeUnknown, "could not say"),
    (413, "", Refused, "too large"),
    (418, {"errors": [{"message": "I am a teapot", "code": 7}]}, Refused, "teapot"),
    (422, "[[[", Refused, "422"),
]


@pytest.mark.parametrize(("status", "answer", "kind", "words"), ROWS)
async def test_each_refusal_has_its_consequence(status: int, answer: object, kind: type[DeskError], words: str) -> None:
    one = desk()
    text = answer if isinstance(answer, str) else json.dumps(answer)
    one.http.on("POST", TWEETS, status=status, body=text)
    if kind is Duplicate:
        twin = listed(post(number(NOW - timedelta(hours=3)), "Hello"))
        one.http.on("GET", TIMELINE, json_body=twin).on("GET", TIMELINE, json_body=twin)
    with pytest.raises(kind) as caught:
        await one.roles.publisher.send(part("Hello"))
    error = caught.value
    assert words in f"{error.message} {error.next_step}"
    assert error.message.endswith(".")
    assert error.next_step or isinstance(error, OutcomeUnknown)
    assert not isinstance(error, Gone)
    one.http.finish()


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ('{"title":"UsageCapExceeded","detail":"Usage cap exceeded: Monthly product cap"}', NeedsOperator),
        ('{"type":"https://api.x.com/2/problems/usage-capped"}', NeedsOperator),
        ('{"title":"Too Many Requests"}', RateLimited),
        ("", RateLimited),
    ],
)
async def test_a_cap_that_is_used_up_is_the_operators_matter(words: str, kind: type[DeskError]) -> None:
    one = desk()
    one.http.on("POST", TWEETS, status=429, body=words, headers={"x-rate-limit-remaining": "0"})
    with pytest.raises(kind):
        await one.roles.publisher.send(part("Hello"))


async def test_a_refusal_while_calls_are_left_is_a_cap_that_waiting_some_minutes_does_not_lift() -> None:
    one = desk()
    one.http.on("POST", TWEETS, status=429, body="{}", headers={"x-rate-limit-remaining": "37"})
    with pytest.raises(NeedsOperator, match="though calls are left") as caught:
        await one.roles.publisher.send(part("Hello"))
    assert "console" in caught.value.next_step
    one.http.on("POST", TWEETS, status=429, body="{}")
    with pytest.raises(RateLimited):
        await one.roles.publisher.send(part("Hello"))


async def test_a_refused_token_may_be_refreshed_only_where_there_is_a_refresh_token() -> None:
    for credentials, refreshable in ((NEW, True), ({"access_token": "access-1"}, False)):
        one = desk(credentials=credentials)
        one.http.on("POST", TWEETS, status=401, json_body=problem("u", "Unauthorized", "Unauthorized", 401))
        with pytest.raises(NeedsReauth) as caught:
            await one.roles.publisher.send(part("Hello"))
        assert caught.value.refreshable is refreshable
        assert (one.roles.refresher is not None) is refreshable


@pytest.mark.parametrize(
    "answer", ["", "<html>", "[]", "{}", '{"data": null}', '{"data": {"id": "abc"}}', '{"errors": [{"message": "x"}]}']
)
async def test_a_success_that_cannot_be_read_is_in_doubt(answer: str) -> None:
    one = desk()
    one.http.on("POST", TWEETS, status=201, body=answer)
    with pytest.raises(OutcomeUnknown):
        await one.roles.publisher.send(part("Hello"))
