"""Both vendors, over the wire as their public APIs describe it: what goes out, and what each failure becomes."""

from __future__ import annotations

import asyncio
import traceback
from datetime import timedelta

import httpx2
import pytest
from pydantic_ai import models

from services.content.errors import LONGEST_WAIT
from services.content.openai import build as build_openai
from services.content.structured import MAX_OUTPUT_TOKENS, is_loopback, proxy_for
from services.domain.errors import DeskError, InvalidInput, NeedsOperator, RateLimited, Refused, Unavailable
from services.domain.ids import AccountId
from tests.services.content.support import NOW, StillClock, task
from tests.services.content.wire import (
    CHAT,
    GOOD,
    KEY,
    MESSAGES,
    NO_TEXT,
    RESPONSES,
    WIRES,
    Server,
    Wire,
    chat,
    failure,
    model,
)

TASK = task("Tides", 300)
every_wire = pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.slug)


@pytest.fixture(autouse=True)
def _answered_by_a_scripted_transport(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's own kill switch would refuse even a scripted transport."""
    monkeypatch.setattr(models, "ALLOW_MODEL_REQUESTS", True)


def ok(wire: Wire, text: str) -> httpx2.Response:
    return httpx2.Response(200, json=wire.good(text))


async def failing(wire: Wire, *answers: httpx2.Response | Exception) -> tuple[DeskError, Server]:
    server = Server(list(answers))
    with pytest.raises(DeskError) as caught:
        await model(wire, server).write(TASK)
    shown = "".join(traceback.format_exception(caught.value))
    assert KEY not in shown
    assert KEY not in f"{caught.value.message} {caught.value.next_step}"
    return caught.value, server


@every_wire
async def test_a_good_answer_is_one_bounded_request(wire: Wire) -> None:
    server = Server([ok(wire, GOOD)])
    writing = await model(wire, server).write(TASK)
    assert writing.texts == {AccountId("acc1"): "High water at noon."}
    assert writing.outline.topic == "Tides"
    (request,) = server.requests
    assert request.url.path == wire.path
    sent = server.body()
    assert sent["model"] == "m-1"
    assert "temperature" not in sent
    limits = {sent.get(name) for name in ("max_tokens", "max_completion_tokens", "max_output_tokens")}
    assert limits == {None, MAX_OUTPUT_TOKENS}
    assert "High water" not in str(sent)
    assert "BEGIN brief" in str(sent)
    assert '"variants"' in request.content.decode()


@every_wire
async def test_an_answer_in_a_fence_is_read(wire: Wire) -> None:
    writing = await model(wire, Server([ok(wire, f"Here you are:\n```json\n{GOOD}\n```")])).write(TASK)
    assert writing.texts == {AccountId("acc1"): "High water at noon."}


@every_wire
@pytest.mark.parametrize("bad", ["{nope", NO_TEXT, '{"variants": 7}'])
async def test_a_bad_answer_may_be_corrected_once(wire: Wire, bad: str) -> None:
    server = Server([ok(wire, bad), ok(wire, GOOD)])
    assert (await model(wire, server).write(TASK)).texts == {AccountId("acc1"): "High water at noon."}
    error, server = await failing(wire, ok(wire, bad))
    assert isinstance(error, Unavailable)
    assert error.message == "The writing model's answer could not be used: it did not have the form asked for."
    assert len(server.requests) == 2


@every_wire
async def test_a_cut_off_answer_is_not_asked_for_again(wire: Wire) -> None:
    error, server = await failing(wire, httpx2.Response(200, json=wire.truncated(GOOD[:40])))
    assert isinstance(error, Unavailable)
    assert error.message == "The writing model's answer could not be used: it was cut off at the output limit."
    assert len(server.requests) == 1


@every_wire
async def test_a_refusal_is_final(wire: Wire) -> None:
    error, server = await failing(wire, httpx2.Response(200, json=wire.refusal))
    assert isinstance(error, Refused)
    assert error.message == f"{wire.label} declined to write this."
    assert error.fix == "Change the brief, or write the text yourself."
    assert len(server.requests) == 1


@every_wire
async def test_a_bad_key_names_the_setting(wire: Wire) -> None:
    answer = failure(401, f"Incorrect API key provided: {KEY}.", "invalid_request_error", "invalid_api_key")
    error, _ = await failing(wire, answer)
    assert isinstance(error, NeedsOperator)
    label = wire.label
    assert error.message == f"{label} does not accept {wire.key_setting} for m-1 (401)."
    assert error.next_step == f"Set {wire.key_setting} to a valid key and restart the desk."


@every_wire
async def test_a_forbidden_model_names_the_setting(wire: Wire) -> None:
    error, _ = await failing(wire, failure(403, "Not for your country", "forbidden", None))
    assert isinstance(error, NeedsOperator)
    assert wire.key_setting in error.message


@every_wire
async def test_an_unknown_model_names_the_setting(wire: Wire) -> None:
    error, _ = await failing(wire, failure(404, "The model `m-1` does not exist", "not_found_error", "model_not_found"))
    assert isinstance(error, NeedsOperator)
    assert error.message == f"{wire.label} has no model m-1 at this address."
    assert error.next_step.startswith("Set COPYDESK_TEXT_MODEL to a model it offers")


@every_wire
@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "17"}, timedelta(seconds=17)),
        ({"retry-after-ms": "1500"}, timedelta(seconds=1.5)),
        ({}, timedelta(seconds=60)),
        ({"retry-after": "9999999"}, LONGEST_WAIT),
    ],
    ids=str,
)
async def test_a_rate_limit_says_when(wire: Wire, headers: dict[str, str], wait: timedelta) -> None:
    error, server = await failing(wire, failure(429, "Slow down", "rate_limit_error", "rate_limit_exceeded", **headers))
    assert isinstance(error, RateLimited)
    assert error.until == NOW + wait
    assert len(server.requests) == 1


@pytest.mark.parametrize("wire", [CHAT, RESPONSES], ids=["chat", "responses"])
async def test_an_empty_account_is_the_operators(wire: Wire) -> None:
    error, _ = await failing(wire, failure(429, "Exceeded quota", "insufficient_quota", "insufficient_quota"))
    assert isinstance(error, NeedsOperator)
    assert error.message.startswith("The account behind OPENAI_API_KEY has no quota left at ")


async def test_anthropics_empty_account_is_the_operators() -> None:
    text = "Your credit balance is too low to access the Anthropic API."
    error, _ = await failing(MESSAGES, failure(400, text, "invalid_request_error", None))
    assert isinstance(error, NeedsOperator)
    assert error.message == "The account behind ANTHROPIC_API_KEY has no quota left at Anthropic."


@every_wire
@pytest.mark.parametrize("status", [500, 502, 503, 529])
async def test_an_outage_is_asked_once(wire: Wire, status: int) -> None:
    error, server = await failing(wire, failure(status, "boom", "server_error", None))
    assert isinstance(error, Unavailable)
    assert error.message == f"{wire.label} answered with an error of its own ({status})."
    assert error.unchanged == "The draft is unchanged."
    assert len(server.requests) == 1


@every_wire
async def test_a_lost_connection(wire: Wire) -> None:
    error, _ = await failing(wire, httpx2.ConnectError("no route"))
    assert isinstance(error, Unavailable)
    assert error.message == f"{wire.label} could not be reached."


@every_wire
async def test_a_read_timeout(wire: Wire) -> None:
    error, server = await failing(wire, httpx2.ReadTimeout("late"))
    assert isinstance(error, Unavailable)
    assert error.message == "The writing model timed out after 30 s."
    assert len(server.requests) == 1


async def test_one_deadline_covers_a_server_that_never_ends() -> None:
    async def never(_: httpx2.Request) -> httpx2.Response:
        await asyncio.Event().wait()
        raise AssertionError

    hanging = build_openai(
        clock=StillClock(),
        api_key=KEY,
        base_url="http://127.0.0.1:9/v1",
        timeout=0.5,
        transport=httpx2.MockTransport(never),
    )
    with pytest.raises(Unavailable, match=r"timed out after 0\.5 s"):
        await hanging.write(TASK)


@every_wire
@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(200, text="<html>proxy</html>", headers={"content-type": "text/html"}),
        httpx2.Response(200, text='{"id": "x", ', headers={"content-type": "application/json"}),
        httpx2.Response(200, json={}),
        httpx2.Response(200, json=[]),
    ],
    ids=["html", "half", "empty", "list"],
)
async def test_an_answer_that_is_not_the_api_is_unusable(wire: Wire, answer: httpx2.Response) -> None:
    error, _ = await failing(wire, answer)
    assert isinstance(error, Unavailable)
    assert error.message.startswith("The writing model's answer could not be used: ")


@pytest.mark.parametrize("body", [{**chat("x"), "choices": []}, {**chat("x"), "choices": None}], ids=["none", "null"])
async def test_no_choices_is_unusable(body: dict[str, object]) -> None:
    error, _ = await failing(CHAT, httpx2.Response(200, json=body))
    assert isinstance(error, Unavailable)
    assert error.message.startswith("The writing model's answer could not be used: ")


@every_wire
async def test_a_server_without_schemas_is_asked_in_words_from_then_on(wire: Wire) -> None:
    refusal = failure(400, "'response_format.type' json_schema is not supported", "invalid_request_error", None)
    server = Server([refusal, ok(wire, GOOD)])
    asked = model(wire, server)
    assert (await asked.write(TASK)).texts == {AccountId("acc1"): "High water at noon."}
    schema_fields = {"response_format", "text", "output_config", "tools"}
    assert set(server.body(0)) & schema_fields
    assert not set(server.body(1)) & schema_fields
    await asked.write(TASK)
    assert len(server.requests) == 3
    assert not set(server.body(2)) & schema_fields


@every_wire
async def test_another_rejection_is_not_tried_in_words(wire: Wire) -> None:
    error, server = await failing(
        wire, failure(400, "max tokens is too large", "invalid_request_error", "invalid_value")
    )
    assert isinstance(error, NeedsOperator)
    assert error.message == f"{wire.label} rejects requests for m-1 (400)."
    assert len(server.requests) == 1


async def test_a_content_policy_rejection_is_a_refusal() -> None:
    answer = failure(400, "Rejected by the safety system", "invalid_request_error", "content_policy_violation")
    error, _ = await failing(CHAT, answer)
    assert isinstance(error, Refused)


async def test_a_brief_beyond_the_models_reading_is_told() -> None:
    error, _ = await failing(CHAT, failure(400, "Too long", "invalid_request_error", "context_length_exceeded"))
    assert isinstance(error, Refused)
    assert error.message == "The brief and its notes are more than m-1 can read."


async def test_the_wire_style_is_a_choice() -> None:
    server = Server([ok(RESPONSES, GOOD)])
    await model(CHAT, server, api="responses").write(TASK)
    assert server.requests[0].url.path == "/v1/responses"
    server = Server([ok(CHAT, GOOD)])
    await model(RESPONSES, server, api="chat").write(TASK)
    assert str(server.requests[0].url) == "https://api.openai.com/v1/chat/completions"


async def test_the_key_goes_in_its_header() -> None:
    server = Server([ok(CHAT, GOOD)])
    await model(CHAT, server).write(TASK)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    server = Server([ok(MESSAGES, GOOD)])
    await model(MESSAGES, server).write(TASK)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


@every_wire
def test_the_name_tells_vendor_and_model(wire: Wire) -> None:
    built = model(wire, Server([]))
    assert built.name == f"{'anthropic' if wire is MESSAGES else 'openai'}:m-1"
    assert KEY not in repr(built)


@every_wire
@pytest.mark.parametrize("url", ["http://models.example.com/v1", "ftp://127.0.0.1", "models.example.com", "https://"])
def test_an_address_that_leaks_the_key_is_refused(wire: Wire, url: str) -> None:
    with pytest.raises(InvalidInput, match="must be an https address"):
        model(wire, Server([]), base_url=url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://[::1]:1", True),
        ("http://localhost", True),
        ("http://api.localhost:80", True),
        ("http://127.0.0.1.example.com", False),
        ("http://10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback(url: str, *, expected: bool) -> None:
    assert is_loopback(url) is expected


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://api.replicate.com", "http://proxy.example:3128"),
        ("https://models.inside.example", None),
        ("wss://wss-primary.slack.com/link", "http://proxy.example:3128"),
        ("http://127.0.0.1:9", None),
        ("ws://localhost:9/link", None),
    ],
)
def test_the_environments_proxy_counts_but_not_for_this_machine(
    url: str, proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://proxy.example:3128")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "inside.example")

    assert proxy_for(url) == proxy
