"""Replicate's predictions at the wire: asked once, watched, the file read at once, and never from a private address."""

from __future__ import annotations

import asyncio
import base64
import json
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from services.domain.errors import DeskError, InvalidInput, NeedsOperator, RateLimited, Refused, Unavailable
from services.domain.media import PictureSize
from services.images.replicate import ReplicatePainter, build, painted_size
from tests.fakes.clock import FakeClock
from tests.fakes.workers import InlineWorkers
from tests.services.images.tasks import SIZES, a_task, opened, plain_png

if TYPE_CHECKING:
    from replicate.client import Client

TOKEN: Final = "r8_verysecret"
VERSION: Final = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc"
MODEL: Final = f"stability-ai/sdxl:{VERSION}"
FILE: Final = "https://replicate.delivery/xezq/abc/out-0.png"
GOOD: Final = (200, plain_png())
LOCAL: Final = "http://127.0.0.1:9"
SDXL_FIELDS: Final = {
    *("prompt", "negative_prompt", "width", "height", "num_outputs", "seed", "apply_watermark", "scheduler"),
    *("num_inference_steps", "guidance_scale", "refine", "disable_safety_checker"),
}


def prediction(status: str, output: Any = None, told: str | None = None) -> dict[str, Any]:
    """A prediction as POST and GET /v1/predictions give it."""
    return {
        "id": "q1",
        "model": "stability-ai/sdxl",
        "version": VERSION,
        "input": {"prompt": "x"},
        "logs": "",
        "output": output,
        "error": told,
        "status": status,
        "created_at": "2026-11-23T08:00:00Z",
        "urls": {"get": "https://api.replicate.com/v1/predictions/q1"},
    }


class Wire:
    """The API and the host of the files: what each prediction call gets, in order, and the file."""

    def __init__(self, *answers: tuple[int, Any], file: tuple[int, bytes] | Exception = GOOD) -> None:
        self.answers = list(answers)
        self.file = file
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if "/v1/predictions" not in request.url.path:
            if isinstance(self.file, Exception):
                raise self.file
            return httpx.Response(self.file[0], content=self.file[1])
        status, body = self.answers.pop(0)
        if isinstance(body, Exception):
            raise body
        return httpx.Response(status, content=body) if isinstance(body, bytes) else httpx.Response(status, json=body)


async def public(host: str, port: int) -> Sequence[str]:
    return ["151.101.1.1"]


async def private(host: str, port: int) -> Sequence[str]:
    return ["10.0.0.7"]


def painter(wire: Wire, clock: FakeClock, *, base_url: str = "", resolve: Any = public) -> ReplicatePainter:
    return build(
        clock=clock,
        workers=InlineWorkers(),
        api_key=TOKEN,
        model=MODEL,
        base_url=base_url,
        transport=httpx.MockTransport(wire),
        resolve=resolve,
    )


async def painted(wire: Wire, *, base_url: str = "", resolve: Any = public, size: PictureSize = SIZES[0]) -> bytes:
    clock = FakeClock()
    model = painter(wire, clock, base_url=base_url, resolve=resolve)
    work = asyncio.create_task(model.paint(a_task(size=size, take=2)))
    while not work.done():
        await clock.advance(2)
    await model.aclose()
    return (await work).data


async def failing(wire: Wire, kind: type[DeskError], *, base_url: str = "", resolve: Any = public) -> DeskError:
    with pytest.raises(DeskError) as caught:
        await painted(wire, base_url=base_url, resolve=resolve)
    assert type(caught.value) is kind
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    return caught.value


@pytest.mark.parametrize("output", [[FILE], FILE, {"image": FILE}, [FILE, "https://b.example/2.png"]])
async def test_a_list_or_a_single_file_becomes_a_picture_of_the_exact_size(output: Any) -> None:
    wire = Wire((201, prediction("starting")), (200, prediction("processing")), (200, prediction("succeeded", output)))

    assert opened(await painted(wire)).size == (1600, 900)
    assert [request.method for request in wire.requests] == ["POST", "GET", "GET", "GET"]


class Counted(ReplicatePainter):
    """Counts its connections."""

    opened = 0

    def _connect(self) -> Client:
        self.opened += 1
        return super()._connect()


async def test_the_sizes_of_a_draft_share_one_connection_that_is_closed() -> None:
    transport = httpx.MockTransport(Wire(*[(201, prediction("succeeded", ["https://files.test/a.png"]))] * 2))
    model = Counted(
        clock=FakeClock(), workers=InlineWorkers(), api_key=TOKEN, model=MODEL, transport=transport, resolve=public
    )
    await asyncio.gather(*(model.paint(a_task(size=size)) for size in SIZES[:2]))
    await model.aclose()
    assert model.opened == 1


async def test_the_call_names_the_version_and_what_the_model_takes() -> None:
    wire = Wire((201, prediction("succeeded", [FILE])))

    await painted(wire)

    asked = json.loads(wire.requests[0].content)
    assert str(wire.requests[0].url) == "https://api.replicate.com/v1/predictions"
    assert wire.requests[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert asked["version"] == VERSION
    assert set(asked["input"]) <= SDXL_FIELDS
    assert (asked["input"]["width"] % 8, asked["input"]["height"] % 8, asked["input"]["seed"]) == (0, 0, 1002)


async def test_the_token_never_goes_to_the_host_of_the_file() -> None:
    wire = Wire((201, prediction("succeeded", [FILE])))

    await painted(wire)

    download = wire.requests[-1]
    assert download.headers["host"] == "replicate.delivery"
    assert download.url.host == "151.101.1.1"
    assert "authorization" not in download.headers


@pytest.mark.parametrize("url", [FILE, "http://localhost:8000/a.png", "file:///etc/passwd", "https://u:p@a.example/x"])
async def test_a_file_at_a_private_address_is_not_read(url: str) -> None:
    wire = Wire((201, prediction("succeeded", [url])))

    told = await failing(wire, Unavailable, resolve=private)

    assert told.message == "The image model's answer could not be used: its file could not be read."
    assert [request.method for request in wire.requests] == ["POST"]


async def test_the_operators_own_server_may_hold_the_file() -> None:
    wire = Wire((201, prediction("succeeded", [f"{LOCAL}/files/a.png"])))

    assert opened(await painted(wire, base_url=LOCAL, resolve=private)).size == (1600, 900)
    assert str(wire.requests[0].url) == f"{LOCAL}/v1/predictions"
    assert "authorization" not in wire.requests[-1].headers


@pytest.mark.parametrize("base_url", [LOCAL, f"{LOCAL}/v1"])
async def test_another_port_of_that_machine_is_somebody_else(base_url: str) -> None:
    wire = Wire((201, prediction("succeeded", ["http://127.0.0.1:10/files/a.png"])))

    await failing(wire, Unavailable, base_url=base_url, resolve=private)

    assert str(wire.requests[0].url) == f"{LOCAL}/v1/predictions"


async def test_a_file_inside_the_answer_is_read_from_it() -> None:
    inline = f"data:image/png;base64,{base64.b64encode(plain_png()).decode()}"

    assert opened(await painted(Wire((201, prediction("succeeded", [inline]))))).size == (1600, 900)


@pytest.mark.parametrize(
    ("output", "file", "reason"),
    [
        (None, (200, b""), "it has no picture in it"),
        ([], (200, b""), "it has no picture in it"),
        ([7], (200, b""), "it has no picture in it"),
        (["data:image/png;base64,%%%"], (200, b""), "its bytes can't be decoded"),
        ([FILE], (404, b"expired"), "its file could not be read"),
        ([FILE], (200, b"<html>"), "it is not a picture"),
        ([FILE], (200, plain_png(9000, 5000)), "it is too large to unpack"),
        ([FILE], (200, b"x" * 16_000_001), "its file could not be read"),
        ([FILE], httpx.ConnectError("gone"), "its file could not be read"),
    ],
)
async def test_an_answer_of_no_use_is_told(output: Any, file: Any, reason: str) -> None:
    told = await failing(Wire((201, prediction("succeeded", output)), file=file), Unavailable)

    assert told.message == f"The image model's answer could not be used: {reason}."
    assert told.unchanged == "The draft is unchanged."


async def test_a_failed_prediction_is_told() -> None:
    told = await failing(Wire((201, prediction("failed", told=f"CUDA out of memory {TOKEN}"))), Unavailable)

    assert told.message == "The image model's answer could not be used: the prediction failed."


async def test_what_the_model_will_not_show_is_a_refusal() -> None:
    told = await failing(Wire((201, prediction("failed", told="NSFW content detected. Try again."))), Refused)

    assert told.message == "Replicate declined to paint this."


@pytest.mark.parametrize(
    ("status", "detail", "kind", "message"),
    [
        (401, "Invalid token.", NeedsOperator, f"Replicate does not accept REPLICATE_API_TOKEN for {MODEL} (401)."),
        (
            402,
            "Insufficient credit.",
            NeedsOperator,
            "The account behind REPLICATE_API_TOKEN has no quota left at Replicate.",
        ),
        (404, "Not found.", NeedsOperator, f"Replicate has no image model {MODEL}; it may have been retired."),
        (
            422,
            "The specified version does not exist.",
            NeedsOperator,
            f"Replicate has no image model {MODEL}; it may have been retired.",
        ),
        (422, "input: width is required", NeedsOperator, f"Replicate rejects picture requests for {MODEL} (422)."),
        (429, "Request was throttled.", RateLimited, "Replicate asks to slow down."),
        (500, "Oh no.", Unavailable, "Replicate answered with an error of its own (500)."),
    ],
)
async def test_refusals_of_the_server(status: int, detail: str, kind: type[DeskError], message: str) -> None:
    wire = Wire((status, {"title": "t", "detail": f"{detail} {TOKEN}", "status": status}))

    assert (await failing(wire, kind)).message == message
    assert len(wire.requests) == 1


@pytest.mark.parametrize("body", [b"<html>", [], {"id": 1}, {"detail": "hm"}])
async def test_an_answer_that_is_no_prediction_is_told(body: Any) -> None:
    await failing(Wire((201, body)), Unavailable)


async def test_no_connection_is_told() -> None:
    told = await failing(Wire((0, httpx.ConnectError(f"no {TOKEN}"))), Unavailable)

    assert told.message == "Replicate could not be reached."


async def test_a_prediction_that_never_ends_is_left() -> None:
    wire = Wire((201, prediction("starting")), *[(200, prediction("processing"))] * 200)

    told = await failing(wire, Unavailable)

    assert told.message == "The image model timed out after 180 s."
    assert len(wire.requests) == 121


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size.width}x{size.height}")
def test_the_shape_is_kept_at_the_size_the_model_knows(size: PictureSize) -> None:
    width, height = painted_size(size)

    assert (width % 8, height % 8) == (0, 0)
    assert width / height == pytest.approx(size.width / size.height, rel=0.02)
    assert width * height == pytest.approx(1024 * 1024, rel=0.03)


@pytest.mark.parametrize("model", ["stability-ai/sdxl", "sdxl"])
def test_a_model_without_its_version_is_refused_at_the_start(model: str) -> None:
    with pytest.raises(InvalidInput, match="only with its version"):
        build(clock=FakeClock(), workers=InlineWorkers(), api_key=TOKEN, model=model)


def test_an_address_in_the_clear_is_refused_at_the_start() -> None:
    with pytest.raises(InvalidInput, match="REPLICATE_BASE_URL must be an https address"):
        painter(Wire(), FakeClock(), base_url="http://10.0.0.1")
