"""A stand-in for the two vendors of pictures at the wire, as strict as the real ones about what they are asked.

Written from the public APIs' descriptions and importing nothing of ours. A script says what each call gets.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from PIL import Image
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

Document = dict[str, object]
SIZES: Final = frozenset({"1024x1024", "1536x1024", "1024x1536", "auto"})
_OPENAI_FIELDS: Final = frozenset(
    {
        "model",
        "prompt",
        "n",
        "size",
        "quality",
        "output_format",
        "output_compression",
        "background",
        "moderation",
        "user",
    }
)
_SDXL_FIELDS: Final = frozenset(
    {"prompt", "negative_prompt", "width", "height", "num_outputs", "seed", "apply_watermark", "scheduler", "refine"}
)


class PictureTurn(StrEnum):
    """What one call gets."""

    GOOD = "good"
    SLOW = "slow"
    """Waits until `release` is set (or the caller goes away), then a good answer."""
    MODERATED = "moderated"
    RETIRED = "retired"
    NO_QUOTA = "no_quota"
    RATE_LIMIT = "rate_limit"
    DOWN = "down"
    NONSENSE = "nonsense"


_ERRORS: Final[Mapping[PictureTurn, tuple[int, Document]]] = {
    PictureTurn.MODERATED: (
        400,
        {
            "message": "Your request was rejected by the safety system.",
            "type": "image_generation_user_error",
            "code": "moderation_blocked",
        },
    ),
    PictureTurn.RETIRED: (404, {"message": "This model has been retired.", "code": "model_not_found"}),
    PictureTurn.NO_QUOTA: (429, {"message": "You exceeded your current quota.", "code": "insufficient_quota"}),
    PictureTurn.RATE_LIMIT: (429, {"message": "Rate limit reached.", "code": "rate_limit_exceeded"}),
    PictureTurn.DOWN: (503, {"message": "The engine is currently overloaded.", "type": "server_error", "code": None}),
}


@dataclass(slots=True)
class ImageWire:
    """Serve `app()` on loopback; `script` is eaten from the front, and `GOOD` follows when it is empty."""

    key: str = "sk-stand-in-0123456789"
    models: frozenset[str] = frozenset({"gpt-image-2.6-flare"})
    versions: frozenset[str] = frozenset({"7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc"})
    script: list[PictureTurn] = field(default_factory=list)
    release: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the first call is here."""
    prompts: list[str] = field(default_factory=list)
    """Of every accepted call."""
    looks: int = 0
    """How often the running prediction was asked about."""
    tokens_at_files: list[str] = field(default_factory=list)
    """Authorization headers that came to the host of files, which must be none."""

    def app(self) -> Starlette:
        """The ASGI application; OpenAI's base URL is `http://…/v1`, Replicate's `http://…`."""
        return Starlette(
            routes=[
                Route("/v1/images/generations", self._generate, methods=["POST"]),
                Route("/v1/predictions", self._predict, methods=["POST"]),
                Route("/v1/predictions/{id}", self._look, methods=["GET"]),
                Route("/files/out.png", self._file, methods=["GET"]),
            ]
        )

    async def _generate(self, request: Request) -> Response:
        body, refusal = await self._accepted(request)
        if refusal is not None:
            return refusal
        if unknown := set(body) - _OPENAI_FIELDS:
            return _error(400, f"Unknown parameter: '{min(unknown)}'.")
        if body.get("model") not in self.models:
            return _error(404, f"The model '{body.get('model')}' does not exist.", "model_not_found")
        if body.get("size") not in SIZES:
            return _error(400, "Invalid size.", "invalid_size")
        turn, failure = await self._turn(str(body["prompt"]))
        if failure is not None:
            return failure
        wide, high = (int(side) for side in str(body["size"]).split("x"))
        encoded = "!" if turn is PictureTurn.NONSENSE else base64.b64encode(picture(wide, high)).decode()
        return JSONResponse({"created": 1_790_000_000, "data": [{"b64_json": encoded}], "output_format": "png"})

    async def _predict(self, request: Request) -> Response:
        body, refusal = await self._accepted(request)
        if refusal is not None:
            return refusal
        given = body.get("input")
        if body.get("version") not in self.versions:
            return JSONResponse({"title": "Invalid version", "detail": "The specified version does not exist."}, 422)
        if not isinstance(given, dict) or set(given) - _SDXL_FIELDS:
            return JSONResponse({"title": "Input validation failed", "detail": "input: unknown property"}, 422)
        _, failure = await self._turn(str(given["prompt"]))
        return failure or JSONResponse(self._prediction("starting", None), 201)

    async def _look(self, request: Request) -> Response:
        self.looks += 1
        done = self.looks > 1
        output = [f"{request.base_url}files/out.png"] if done else None
        return JSONResponse(self._prediction("succeeded" if done else "processing", output))

    async def _file(self, request: Request) -> Response:
        if token := request.headers.get("authorization"):
            self.tokens_at_files.append(token)
        return Response(picture(1368, 768), media_type="image/png")

    def _prediction(self, status: str, output: object) -> Document:
        return {
            "id": "p1",
            "model": "stability-ai/sdxl",
            "version": min(self.versions),
            "input": {},
            "logs": "",
            "error": None,
            "status": status,
            "output": output,
        }

    async def _accepted(self, request: Request) -> tuple[Document, Response | None]:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return {}, _error(401, "Incorrect API key provided.", "invalid_api_key")
        try:
            body = json.loads(await request.body())
        except ValueError:
            return {}, _error(400, "We could not parse the JSON body of your request.")
        return body, None

    async def _turn(self, prompt: str) -> tuple[PictureTurn, Response | None]:
        self.prompts.append(prompt)
        self.arrived.set()
        turn = self.script.pop(0) if self.script else PictureTurn.GOOD
        if turn in _ERRORS:
            status, error = _ERRORS[turn]
            return turn, JSONResponse({"error": error, "detail": error["message"]}, status)
        if turn is PictureTurn.SLOW:
            await self.release.wait()
        return turn, None


def picture(width: int, height: int) -> bytes:
    """A PNG with something to see in it."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(out, "PNG")
    return out.getvalue()


def _error(status: int, message: str, code: str | None = None) -> JSONResponse:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return JSONResponse({"error": error, "detail": message}, status)
