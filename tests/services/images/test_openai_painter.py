"""OpenAI's pictures at the wire: one call, base64 only, every failure in a sentence that costs the draft nothing."""

from __future__ import annotations

import asyncio
import base64
import json
import traceback
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import httpx2
import pytest

from services.domain.errors import DeskError, InvalidInput, NeedsOperator, RateLimited, Refused, Unavailable
from services.domain.media import PictureSize
from services.images.openai import OpenAIPainter, build, nearest_size
from tests.fakes.clock import START, FakeClock
from tests.fakes.workers import InlineWorkers
from tests.services.images.tasks import SIZES, WIDE, a_task, noise_png, opened, plain_png

if TYPE_CHECKING:
    from openai import AsyncOpenAI

KEY: Final = "sk-proj-verysecret"
MODEL: Final = "gpt-image-2.6-flare"
FIELDS: Final = {"model", "prompt", "n", "size", "quality", "output_format", "background", "moderation", "user"}
"""What the endpoint takes of GPT image models; dall-e's `response_format` and `style` are refused."""


def images(data: bytes | str | None, **extra: Any) -> dict[str, Any]:
    """POST /v1/images/generations, as the API answers for GPT image models."""
    encoded = base64.b64encode(data).decode() if isinstance(data, bytes) else data
    return {
        "created": 1795424400,
        "data": [{"b64_json": encoded, **extra}],
        "background": "opaque",
        "output_format": "png",
        "quality": "medium",
        "size": "1536x1024",
        "usage": {
            "input_tokens": 50,
            "input_tokens_details": {"image_tokens": 0, "text_tokens": 50},
            "output_tokens": 1584,
            "total_tokens": 1634,
        },
    }


def error(message: str, code: str | None, kind: str = "invalid_request_error") -> dict[str, Any]:
    return {"error": {"message": f"{message} {KEY}", "type": kind, "param": None, "code": code}}


class Wire:
    """Answers every call alike, and keeps what was asked."""

    def __init__(self, status: int = 200, body: Any = None, headers: dict[str, str] | None = None) -> None:
        self.status, self.body, self.headers = status, body, headers or {}
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        if isinstance(self.body, Exception):
            raise self.body
        if isinstance(self.body, bytes):
            return httpx2.Response(self.status, content=self.body, headers=self.headers)
        return httpx2.Response(self.status, json=self.body, headers=self.headers)

    @property
    def asked(self) -> dict[str, Any]:
        asked: dict[str, Any] = json.loads(self.requests[0].content)
        return asked


def painter(wire: Wire, *, base_url: str = "", timeout: float = 5.0) -> OpenAIPainter:
    return build(
        clock=FakeClock(),
        workers=InlineWorkers(),
        api_key=KEY,
        base_url=base_url,
        timeout=timeout,
        transport=httpx2.MockTransport(wire),
    )


async def failing(wire: Wire, kind: type[DeskError], *, base_url: str = "") -> DeskError:
    """The error of one attempt; no retry, no key in any trace of it."""
    model = painter(wire, base_url=base_url)
    with pytest.raises(DeskError) as caught:
        await model.paint(a_task())
    await model.aclose()
    assert type(caught.value) is kind
    assert len(wire.requests) == 1
    trace = "".join(traceback.format_exception(caught.value))
    assert KEY not in trace
    return caught.value


async def test_a_picture_comes_in_exactly_the_size_asked_for() -> None:
    wire = Wire(body=images(noise_png(1536, 1024)))
    model = painter(wire)

    painted = await model.paint(a_task(scene="a pier at low water"))
    await model.aclose()

    assert opened(painted.data).size == (1600, 900)
    assert len(painted.data) < 1_000_000
    assert (painted.alt, painted.contrast) == ("A pier at low water.", None)
    assert model.name == f"openai:{MODEL}"


class Counted(OpenAIPainter):
    """Counts its connections."""

    opened = 0

    def _connect(self) -> AsyncOpenAI:
        self.opened += 1
        return super()._connect()


async def test_the_sizes_of_a_draft_share_one_connection_that_is_closed() -> None:
    transport = httpx2.MockTransport(Wire(body=images(plain_png())))
    model = Counted(clock=FakeClock(), workers=InlineWorkers(), api_key=KEY, model=MODEL, transport=transport)
    await asyncio.gather(*(model.paint(a_task(size=size)) for size in SIZES))
    await model.aclose()
    assert model.opened == 1


async def test_the_call_is_what_current_models_take() -> None:
    wire = Wire(body=images(plain_png()))

    await painter(wire).paint(a_task(scene="a pier"))

    (request,) = wire.requests
    assert str(request.url) == "https://api.openai.com/v1/images/generations"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert set(wire.asked) <= FIELDS
    asked = {name: wire.asked[name] for name in ("model", "size", "quality", "output_format", "n")}
    assert asked == {"model": MODEL, "size": "1536x1024", "quality": "medium", "output_format": "png", "n": 1}
    assert "a pier" in wire.asked["prompt"]


async def test_a_server_of_ones_own_is_asked_at_its_address() -> None:
    wire = Wire(body=images(plain_png()))

    await painter(wire, base_url="http://127.0.0.1:9/v1").paint(a_task())

    assert str(wire.requests[0].url) == "http://127.0.0.1:9/v1/images/generations"


@pytest.mark.parametrize(
    ("size", "asked"), list(zip(SIZES, ["1536x1024", "1024x1536", "1536x1024", "1024x1536", "1024x1024"], strict=True))
)
def test_the_nearest_shape_is_asked_for(size: PictureSize, asked: str) -> None:
    assert nearest_size(size) == asked


async def test_moderation_is_a_refusal_with_a_way_on() -> None:
    body = error("Your request was rejected by the safety system.", "moderation_blocked", "image_generation_user_error")

    told = await failing(Wire(400, body), Refused)

    assert told.message == "OpenAI declined to paint this."
    assert told.next_step == "Describe another scene, or upload a picture."


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, error("The model `dall-e-3` has been deprecated.", "model_not_found")),
        (400, error("The model 'dall-e-3' does not exist.", "invalid_value")),
        (404, error("Not found", None)),
        (400, error("retired", "model_deprecated")),
    ],
)
async def test_a_retired_model_names_the_current_ones(status: int, body: dict[str, Any]) -> None:
    told = await failing(Wire(status, body), NeedsOperator)

    assert told.message == f"OpenAI has no image model {MODEL}; it may have been retired."
    assert told.next_step == (
        "Set COPYDESK_IMAGE_MODEL to openai:gpt-image-2.6-flare or openai:gpt-image-2.6-sunburst, or to offline."
    )
    assert told.unchanged == "The draft is unchanged."


async def test_an_empty_account_is_for_the_operator() -> None:
    told = await failing(Wire(429, error("You exceeded your current quota.", "insufficient_quota")), NeedsOperator)

    assert told.message == "The account behind OPENAI_API_KEY has no quota left at OpenAI."


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"retry-after": "20"}, 20), ({}, 60), ({"retry-after": "soon"}, 60), ({"retry-after": "9e9"}, 86_400)],
)
async def test_a_rate_limit_says_until_when(headers: dict[str, str], seconds: int) -> None:
    told = await failing(Wire(429, error("Rate limit reached.", "rate_limit_exceeded"), headers), RateLimited)

    assert isinstance(told, RateLimited)
    assert told.until == START + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("status", "code", "kind", "message"),
    [
        (401, "invalid_api_key", NeedsOperator, f"OpenAI does not accept OPENAI_API_KEY for {MODEL} (401)."),
        (403, None, NeedsOperator, f"OpenAI does not accept OPENAI_API_KEY for {MODEL} (403)."),
        (503, None, Unavailable, "OpenAI answered with an error of its own (503)."),
        (400, "invalid_size", NeedsOperator, f"OpenAI rejects picture requests for {MODEL} (400)."),
    ],
)
async def test_other_refusals_of_the_server(status: int, code: str | None, kind: type[DeskError], message: str) -> None:
    assert (await failing(Wire(status, error("No.", code)), kind)).message == message


async def test_a_server_without_pictures_is_told_by_its_setting() -> None:
    told = await failing(Wire(404, b"404 page not found"), NeedsOperator, base_url="http://127.0.0.1:9/v1")

    assert told.message.startswith("The server at OPENAI_BASE_URL has no image model")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (images("not base64!"), "its bytes can't be decoded"),
        (images(None), "it has no picture in it"),
        (images(None, url="http://127.0.0.1:1/secret"), "it has no picture in it"),
        (images(b"<html>hello</html>"), "it is not a picture"),
        (images(plain_png()[:-30]), "it is damaged"),
        (images(plain_png(9000, 5000)), "it is too large to unpack"),
        ({"created": 1, "data": []}, "it has no picture in it"),
        ({"created": 1, "data": "x"}, "it has no picture in it"),
        ({"hello": "world"}, "it has no picture in it"),
        (b"<html>proxy</html>", "it has no picture in it"),
        ([], "it has no picture in it"),
    ],
)
async def test_an_answer_of_no_use_is_told(body: Any, reason: str) -> None:
    told = await failing(Wire(200, body), Unavailable)

    assert told.message == f"The image model's answer could not be used: {reason}."


async def test_a_picture_that_is_far_too_large_is_not_decoded() -> None:
    told = await failing(Wire(200, images("A" * 40_000_004)), Unavailable)

    assert told.message == "The image model's answer could not be used: it is too large."


async def test_no_connection_is_told() -> None:
    told = await failing(Wire(body=httpx2.ConnectError(f"refused {KEY}")), Unavailable)

    assert told.message == "OpenAI could not be reached."


async def test_a_slow_answer_ends_in_time() -> None:
    class Never(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            await asyncio.Event().wait()
            raise AssertionError

    model = build(clock=FakeClock(), workers=InlineWorkers(), api_key=KEY, timeout=0.05, transport=Never())

    with pytest.raises(Unavailable) as caught:
        await model.paint(a_task(size=WIDE))

    assert caught.value.message == "The image model timed out after 0.05 s."


async def test_after_closing_it_opens_again() -> None:
    wire = Wire(body=images(plain_png()))
    model = painter(wire)
    await model.paint(a_task())
    await model.aclose()

    assert opened((await model.paint(a_task())).data).size == (1600, 900)


def test_an_address_in_the_clear_is_refused_at_the_start() -> None:
    with pytest.raises(InvalidInput, match="OPENAI_BASE_URL must be an https address"):
        painter(Wire(), base_url="http://models.example.org/v1")
