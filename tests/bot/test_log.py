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
