"""Slack's errors in the desk's terms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import structlog
from slack_sdk.errors import SlackApiError

from handlers.slack.failures import Effect, PictureUnready, TooLate, Troubles, ViewMoved, failure
from services.domain.errors import (
    DeskError,
    NeedsOperator,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from tests.fakes.clock import START


class Response:
    """As much of the SDK's answer as is looked at."""

    def __init__(self, data: object, status: int = 200, **headers: str) -> None:
        self.data = data
        self.status_code = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def told(
    data: object, status: int = 200, *, method: str = "chat.update", effect: Effect = Effect.NONE, wait: str = ""
) -> DeskError:
    make: Callable[[str, object], SlackApiError] = SlackApiError
    headers = {"Retry_After": wait} if wait else {}
    return failure(make("no", Response(data, status, **headers)), method, effect, START)


def named(code: str, **more: Any) -> DeskError:
    return told({"ok": False, "error": code, **more}, method=more.pop("method", "chat.update"))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("channel_not_found", NotFound),
        ("message_not_found", NotFound),
        ("is_archived", NotFound),
        ("not_in_channel", NotFound),
        ("cant_update_message", NotFound),
        ("thread_not_found", NotFound),
        ("invalid_auth", NeedsOperator),
        ("token_revoked", NeedsOperator),
        ("account_inactive", NeedsOperator),
        ("plan_upgrade_required", NeedsOperator),
        ("user_disabled", Refused),
        ("restricted_action", Refused),
        ("expired_trigger_id", TooLate),
        ("exchanged_trigger_id", TooLate),
        ("internal_error", Unavailable),
        ("fatal_error", Unavailable),
        ("some_new_error", Refused),
    ],
)
def test_each_error_is_one_consequence(code: str, kind: type[DeskError]) -> None:
    assert type(named(code)) is kind


def test_a_channel_without_the_desk_says_how_to_invite_it() -> None:
    error = named("not_in_channel")
    assert error.message == "The desk is not in this channel."
    assert "/invite" in error.next_step


def test_a_missing_scope_is_named_with_what_to_do() -> None:
    error = told({"error": "missing_scope", "needed": "files:write", "provided": "chat:write"}, method="files.info")
    assert isinstance(error, NeedsOperator)
    assert error.message == "Slack's app lacks the scope files:write, which files.info needs."
    assert error.next_step == "Add files:write under OAuth & Permissions of the app, and install it again."


@pytest.mark.parametrize(("header", "seconds"), [("7", 7), ("0", 1), ("soon", 30), ("", 30)])
def test_a_limit_names_its_end(header: str, seconds: int) -> None:
    error = told({"error": "ratelimited"}, 429, wait=header)
    assert isinstance(error, RateLimited)
    assert error.until == START + timedelta(seconds=seconds)


def test_a_limit_without_a_body_is_one_too() -> None:
    assert isinstance(told({}, 429), RateLimited)


@pytest.mark.parametrize("status", [500, 503])
def test_a_message_that_was_perhaps_sent_is_not_said_to_be_unsent(status: int) -> None:
    assert isinstance(told({}, status), Unavailable)
    assert isinstance(told({}, status, effect=Effect.MESSAGE), OutcomeUnknown)


@pytest.mark.parametrize("error", [aiohttp.ServerDisconnectedError(), TimeoutError(), OSError("reset")])
def test_an_answer_that_was_lost_leaves_a_message_in_doubt(error: Exception) -> None:
    assert isinstance(failure(error, "chat.postMessage", Effect.MESSAGE, START), OutcomeUnknown)
    assert isinstance(failure(error, "chat.update", Effect.NONE, START), Unavailable)


def test_what_never_left_has_no_effect() -> None:
    key: Any = None
    error = aiohttp.ClientConnectorError(key, OSError("refused"))
    assert isinstance(failure(error, "chat.postMessage", Effect.MESSAGE, START), Unavailable)


def test_a_view_that_moved_is_another_thing_than_a_lost_message() -> None:
    assert isinstance(told({"error": "hash_conflict"}, method="views.update"), ViewMoved)
    assert isinstance(told({"error": "not_found"}, method="views.update"), ViewMoved)


def test_a_picture_that_is_not_ready_is_known_by_slacks_words() -> None:
    messages = ["[ERROR] invalid slack file [json-pointer:/blocks/2/slack_file]"]
    data = {"error": "invalid_blocks", "response_metadata": {"messages": messages}}
    assert isinstance(told(data), PictureUnready)


def test_blocks_that_slack_refuses_are_a_bug_and_are_logged_without_their_words() -> None:
    messages = ["[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text]"]
    data = {"error": "invalid_blocks", "response_metadata": {"messages": messages}}
    with structlog.testing.capture_logs() as logs:
        assert isinstance(told(data), Refused)
    assert [(e["event"], e["reasons"]) for e in logs] == [("slack refused a call", messages)]


def test_the_operator_is_told_once_and_again_only_after_a_change() -> None:
    troubles, wrong = Troubles(), NeedsOperator("Wrong token.", next_step="Copy it again.")
    with structlog.testing.capture_logs() as logs:
        troubles.note("a", wrong)
        troubles.note("a", wrong)
        troubles.note("b", wrong)
        troubles.over("a")
        after = [troubles.any]
        troubles.over("b")
        after.append(troubles.any)
        troubles.over("b")
        troubles.note("a", wrong)
    assert after == [True, False]
    said = [e.get("reason", e["event"]) for e in logs]
    assert said == [
        "Wrong token. Copy it again.",
        "slack works again",
        "slack works again",
        "Wrong token. Copy it again.",
    ]
