"""Paints with OpenAI, or with any server that speaks its API for pictures."""

from __future__ import annotations

import asyncio
import base64
import binascii
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

from services.content.structured import Vendor, check_base_url, open_client
from services.images.choice import DEFAULT_MODELS
from services.images.failures import Source
from services.images.fit import fit_picture
from services.images.wording import drafted_alt, instructions
from services.ports.models import Painted

if TYPE_CHECKING:
    import httpx2
    from openai import APIStatusError, AsyncOpenAI
    from openai.types import ImagesResponse

    from services.domain.errors import DeskError
    from services.domain.media import PictureSize
    from services.ports.clock import Clock
    from services.ports.models import PictureTask
    from services.ports.workers import Workers

VENDOR: Final = Vendor(slug="openai", label="OpenAI")
TIMEOUT: Final = 120.0
"""Seconds: pictures of medium quality take 15 to 60."""
MAX_ANSWER: Final = 40_000_000
"""Letters of base64 that are decoded: 30 MB of picture."""
CURRENT: Final = "openai:gpt-image-2.6-flare or openai:gpt-image-2.6-sunburst"
"""What was offered in November 2026, when dall-e and gpt-image-1 were already gone."""
_HOME: Final = "https://api.openai.com/v1"
_MODERATION: Final = frozenset({"moderation_blocked", "content_policy_violation", "content_filter"})
_QUOTA: Final = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_GONE: Final = frozenset({"model_not_found", "model_deprecated", "model_retired", "invalid_model"})
_Size = Literal["1536x1024", "1024x1024", "1024x1536"]


class OpenAIPainter:
    """`ImageModel` over `images.generate`; asks once and never again by itself, because each picture is paid for."""

    def __init__(
        self,
        *,
        clock: Clock,
        workers: Workers,
        api_key: str,
        model: str,
        base_url: str = "",
        timeout: float = TIMEOUT,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """Nothing is imported or opened before the first picture; `transport` is for tests."""
        self._clock = clock
        self._workers = workers
        self._key = api_key
        self._model = model
        self._base_url = base_url
        self._timeout = timeout
        self._transport = transport
        self._client: AsyncOpenAI | None = None
        self._opening = asyncio.Lock()
        self._source = Source(
            label=VENDOR.label_at(base_url),
            model=model,
            key_setting=VENDOR.key_setting,
            url_setting=VENDOR.url_setting,
        )

    @property
    def name(self) -> str:
        """See `ImageModel.name`."""
        return f"{VENDOR.slug}:{self._model}"

    async def paint(self, task: PictureTask) -> Painted:
        """See `ImageModel.paint`; the picture has exactly the size asked for."""
        try:
            async with asyncio.timeout(self._timeout):
                data = self._decoded(await self._generate(task))
        except TimeoutError:
            raise self._source.timed_out(self._timeout) from None
        fitted = await self._workers.run(fit_picture, data, task.size)
        return Painted(data=fitted, alt=drafted_alt(task))

    async def aclose(self) -> None:
        """See `ImageModel.aclose`."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _generate(self, task: PictureTask) -> ImagesResponse:
        """One call; vendor errors are hidden from tracebacks because a server may echo the key in them."""
        async with self._opening:  # the sizes of one draft are painted at once, and share one client
            if self._client is None:
                self._client = await asyncio.to_thread(self._connect)
            client = self._client
        import openai

        try:
            return await client.images.generate(
                model=self._model,
                prompt=instructions(task),
                size=nearest_size(task.size),
                quality="medium",
                output_format="png",
                n=1,
            )
        except openai.APITimeoutError:
            raise self._source.timed_out(self._timeout) from None
        except openai.APIConnectionError:
            raise self._source.unreachable() from None
        except openai.APIStatusError as error:
            raise self._explained(error) from None
        except (openai.OpenAIError, ValueError, TypeError, LookupError, AttributeError):
            raise self._source.unusable("it did not have the form of a picture") from None

    def _connect(self) -> AsyncOpenAI:
        from openai import AsyncOpenAI

        http = open_client(self._base_url, timeout=self._timeout, transport=self._transport)
        # The SDK wants some key even where a server of one's own needs none.
        return AsyncOpenAI(
            api_key=self._key or "unset", base_url=self._base_url or _HOME, max_retries=0, http_client=http
        )

    def _explained(self, error: APIStatusError) -> DeskError:
        status, code = error.status_code, str(error.code or "")
        words = _message(error)
        if code in _MODERATION or "safety system" in words:
            return self._source.refused()
        if code in _QUOTA:
            return self._source.no_quota()
        if status == 429:
            return self._source.rate_limited(self._clock.now(), _wait(error))
        if code in _GONE or status == 404 or ("model" in words and "not exist" in words):
            return self._source.no_model(CURRENT)
        if status in {401, 403}:
            return self._source.bad_key(status)
        if status >= 500:
            return self._source.outage(status)
        return self._source.rejected(status)

    def _decoded(self, answer: ImagesResponse) -> bytes:
        """The bytes of the first picture; an address instead of bytes is not followed."""
        # The SDK lets any JSON through, and plain text too.
        found = getattr(answer, "data", None)
        first = found[0] if isinstance(found, list) and found else None
        encoded = getattr(first, "b64_json", None)
        if not isinstance(encoded, str) or not encoded:
            raise self._source.unusable("it has no picture in it")
        if len(encoded) > MAX_ANSWER:
            raise self._source.unusable("it is too large")
        try:
            return base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raise self._source.unusable("its bytes can't be decoded") from None


def build(
    *,
    clock: Clock,
    workers: Workers,
    api_key: str,
    model: str = "",
    base_url: str = "",
    timeout: float = TIMEOUT,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> OpenAIPainter:
    """An `ImageModel`; raises `InvalidInput` for an unusable base URL."""
    if base_url:
        check_base_url(VENDOR, base_url)
    return OpenAIPainter(
        clock=clock,
        workers=workers,
        api_key=api_key,
        model=model or DEFAULT_MODELS[VENDOR.slug],
        base_url=base_url,
        timeout=timeout,
        transport=transport,
    )


def nearest_size(size: PictureSize) -> _Size:
    """The size every model offers whose shape is nearest; the rest is cut off afterwards."""
    shape = size.width / size.height
    return "1536x1024" if shape > 1.22 else "1024x1536" if shape < 0.82 else "1024x1024"


def _message(error: APIStatusError) -> str:
    body = error.body
    return str(body.get("message", "")).lower() if isinstance(body, dict) else ""


def _wait(error: APIStatusError) -> timedelta | None:
    try:
        return timedelta(seconds=float(error.response.headers.get("retry-after", "")))
    except (ValueError, OverflowError):
        return None
