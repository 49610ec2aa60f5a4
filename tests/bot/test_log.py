"""No secret reaches a log, however it is wrapped."""

from __future__ import annotations

import pytest

from bot.log import Redactor

KNOWN = "hunter2-hunter2"


@pytest.mark.parametrize(
    "text",
    [
        f"failed with {KNOWN}",
        "Authorization: Bearer abc.def-123",
        "GET /x?access_token=EAAB123&y=1",
        "key sk-proj-abcdefgh1234",
        "xoxb-1-2-abc and xapp-1-A-2",
        "jwt eyJhbGciOiJI.eyJzdWIi.c2ln",
        'body {"access_token": "EAAB123", "expires_in": 5}',
        "body {'client_secret': 'EAAB123'}",
        "client_secret=EAAB123&code_verifier=EAAB123&appsecret_proof=EAAB123",
        "GET /connect/callback?code=EAAB123&state=EAAB123",
        "GET https://desk.example/connect/go/EAAB123 and /pulled/EAAB123",
        'Authorization: OAuth oauth_consumer_key="EAAB123", oauth_token="EAAB123", oauth_signature="EAAB123"',
        "[(b'Authorization', b'Basic EAAB123==')]",
        "PUT https://up.example/v?upload_token=EAAB123&X-Amz-Signature=EAAB123&sig=EAAB123",
        "it says: Malformed access token EAAB1234567890abcdef",
        f"POST /webhooks/1/aW50ZXJhY3Rpb246{'x' * 40} by MTAwMDAwMDAwMDAwMDAwMDAw.GabcdE.{'y' * 38}",
    ],
)
def test_known_and_secret_looking_values_are_hidden(text: str) -> None:
    entry = Redactor([KNOWN])(None, "info", {"event": text, "deep": {"list": [text]}})

    told = repr(entry)
    assert "[hidden]" in told
    for secret in (KNOWN, "abc.def-123", "EAAB123", "sk-proj", "xoxb-1", "eyJhbGciOiJI", "x" * 40, "y" * 38):
        assert secret not in told


def test_values_under_secret_names_are_hidden_and_the_rest_is_kept() -> None:
    entry = Redactor()(None, "info", {"event": "ok", "access_token": "x", "headers": {"Cookie": "y"}, "count": 3})

    assert entry == {"event": "ok", "access_token": "[hidden]", "headers": {"Cookie": "[hidden]"}, "count": 3}


class Client:
    """Something that tells more of itself than it should."""

    def __repr__(self) -> str:
        return "Client(access_token=EAAB123)"


@pytest.mark.parametrize("value", [Client(), ValueError("GET /x?access_token=EAAB123"), b"access_token=EAAB123"])
def test_what_is_no_text_is_cleaned_as_it_would_be_written(value: object) -> None:
    entry = Redactor()(None, "info", {"event": "failed", "error": value, "deep": [{"inner": value}]})
    assert "EAAB123" not in repr(entry)
    assert repr(entry).count("[hidden]") == 2


@pytest.mark.parametrize(
    "text",
    ["status code=400", "The access token: it has expired.", "basic information", "/connect/callback", "state DRAFT"],
)
def test_words_about_secrets_stay(text: str) -> None:
    assert Redactor().text(text) == text
