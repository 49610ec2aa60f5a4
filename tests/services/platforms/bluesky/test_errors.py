"""One table: what the server says and what follows from it."""

from __future__ import annotations

import json

import pytest

from services.domain.errors import DeskError, NeedsOperator, NeedsReauth, OutcomeUnknown, Refused, Unavailable
from services.platforms.bluesky.errors import explain, explain_sign_in, read_fault
from services.ports.http import Answer, Effect


def _answer(status: int, name: str = "", message: str = "", *, effect: Effect = Effect.IRREVERSIBLE) -> Answer:
    raw = json.dumps({"error": name, "message": message}) if name else ""
    return Answer(status=status, headers={}, body=raw.encode(), effect=effect)


@pytest.mark.parametrize(
    ("status", "name", "error"),
    [
        (400, "ExpiredToken", NeedsReauth),
        (400, "InvalidToken", NeedsReauth),
        (401, "AuthMissing", NeedsReauth),
        (401, "AuthenticationRequired", NeedsReauth),
        (401, "", NeedsReauth),
        (400, "InvalidRequest", Refused),
        (400, "InvalidRecord", Refused),
        (400, "InvalidMimeType", Refused),
        (400, "BlobTooLarge", Refused),
        (413, "PayloadTooLarge", Refused),
        (413, "", Refused),
        (400, "", Refused),
        (403, "Forbidden", Refused),
        (400, "BlobNotFound", Unavailable),
        (400, "UpstreamFailure", OutcomeUnknown),
        (408, "", OutcomeUnknown),
        (403, "", NeedsOperator),
        (404, "", NeedsOperator),
        (302, "", NeedsOperator),
        (404, "XRPCNotSupported", NeedsOperator),
        (401, "AccountTakedown", NeedsReauth),
    ],
)
def test_the_table(status: int, name: str, error: type[DeskError]) -> None:
    assert type(explain(read_fault(_answer(status, name, "Because.")))) is error


def test_only_a_refused_token_can_be_cured_by_refreshing() -> None:
    curable = {
        name: error.refreshable
        for name in ("ExpiredToken", "AuthMissing", "AccountTakedown", "AccountDeactivated")
        if isinstance(error := explain(read_fault(_answer(401, name))), NeedsReauth)
    }
    assert curable == {"ExpiredToken": True, "AuthMissing": True, "AccountTakedown": False, "AccountDeactivated": False}
    refused = explain_sign_in(read_fault(_answer(400, "InvalidToken")))
    assert isinstance(refused, NeedsReauth)
    assert not refused.refreshable


@pytest.mark.parametrize("effect", [Effect.READ, Effect.REPEATABLE])
def test_a_failure_behind_the_server_is_only_uncertain_when_it_matters(effect: Effect) -> None:
    assert type(explain(read_fault(_answer(400, "UpstreamFailure", effect=effect)))) is Unavailable


def test_the_servers_own_sentence_is_passed_on() -> None:
    sentence = "Invalid app.bsky.feed.post record: Record/text must not be longer than 300 graphemes"
    error = explain(read_fault(_answer(400, "InvalidRequest", sentence)))
    assert error.message == f"Bluesky answered: {sentence}"


def test_a_sentence_is_made_fit_to_be_shown() -> None:
    rude = f"no\x1b[31m\u202e{'x' * 5000} eyJhbGciOi.eyJzdWIiOi.c2ln"
    message = explain(read_fault(_answer(400, "InvalidRequest", rude))).message
    assert message.startswith("Bluesky answered: no [31m xxx")
    assert len(message) < 300
    assert "[token]" in explain(read_fault(_answer(400, "Odd", "bad eyJhbGciOi.eyJzdWIiOi.c2ln"))).message


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><h1>Bad Request</h1>",
        b"\xff\xfe",
        b"[1]",
        b'{"error":{"a":1},"message":[]}',
        b"[" * 100_000,
        b"null",
    ],
)
def test_any_body_is_survived(body: bytes) -> None:
    fault = read_fault(Answer(status=400, headers={}, body=body, effect=Effect.READ))
    assert (fault.name, fault.message) == ("", "")
    assert explain(fault).message == "Bluesky answered 400"
