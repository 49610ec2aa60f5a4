"""Paints with Replicate, such as with Stable Diffusion XL."""

from __future__ import annotations

import asyncio
import base64
import binascii
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from services.content.structured import Vendor, check_base_url, proxy_for
from services.domain.errors import DeskError, NeedsOperator
from services.images.choice import DEFAULT_MODELS, check_version
from services.images.failures import UNCHANGED, Source
from services.images.fit import fit_picture
from services.images.wording import AVOID, description, drafted_alt
from services.ports.http import Effect, HttpRequest
from services.ports.models import Painted
from services.transport import MAX_BODY, Transport, system_resolver

if TYPE_CHECKING:
    import httpx
    from replicate.client import Client
    from replicate.exceptions import ReplicateError
    from replicate.prediction import Prediction

    from services.domain.media import PictureSize
    from services.ports.clock import Clock
    from services.ports.models import PictureTask
    from services.ports.workers import Workers
    from services.transport import Resolver

VENDOR: Final = Vendor(slug="replicate", label="Replicate")
KEY_SETTING: Final = "REPLICATE_API_TOKEN"
TIMEOUT: Final = 180.0
"""Seconds for everything: a model that sleeps is woken first."""
_HOME: Final = "https://api.replicate.com"
_POLL: Final = 1.5
"""Seconds between two looks at a prediction."""
_DOWNLOAD: Final = 30.0
_DONE: Final = frozenset({"succeeded", "failed", "canceled", "aborted"})
_STEP: Final = 8
"""SDXL takes sides that are multiples of eight."""
_PIXELS: Final = 1024 * 1024
"""What SDXL was trained for."""
_REFUSALS: Final = ("nsfw", "safety", "sensitive", "moderation", "content policy")
_LOCAL: Final = ("all://127.0.0.1", "all://localhost", "all://[::1]")


class ReplicatePainter:
    """`ImageModel` over one prediction: asked for once, watched by our clock, its file read before it expires."""

    def __init__(
        self,
        *,
        clock: Clock,
        workers: Workers,
        api_key: str,
        model: str,
        base_url: str = "",
        timeout: float = TIMEOUT,
        transport: httpx.AsyncBaseTransport | None = None,
        resolve: Resolver = system_resolver,
    ) -> None:
        """Nothing is imported or opened before the first picture; `transport` and `resolve` are for tests."""
        self._clock = clock
        self._workers = workers
        self._key = api_key
        self._model = model
        self._base_url = base_url
        self._timeout = timeout
        self._transport = transport
        self._resolve = resolve
        self._client: Client | None = None
        self._opening = asyncio.Lock()
        self._source = Source(
            label=VENDOR.label_at(base_url),
            model=model,
            key_setting=KEY_SETTING,
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
                prediction = await self._predicted(task)
                data = await self._read(self._file(prediction))
        except TimeoutError:
            raise self._source.timed_out(self._timeout) from None
        fitted = await self._workers.run(fit_picture, data, task.size)
        return Painted(data=fitted, alt=drafted_alt(task))

    async def aclose(self) -> None:
        """See `ImageModel.aclose`."""
        client, self._client = self._client, None
        if client is not None:
            await client._async_client.aclose()  # noqa: SLF001 - the SDK opens a client and offers no way to close it

    async def _predicted(self, task: PictureTask) -> Prediction:
        """A finished prediction; vendor errors are hidden from tracebacks because a server may echo the token."""
        client = await self._connected()
        import httpx
        from replicate.exceptions import ReplicateError

        try:
            prediction = await client.predictions.async_create(
                version=self._model.partition(":")[2], input=_inputs(task), wait=False
            )
            waited = 0.0
            while prediction.status not in _DONE:
                if waited >= self._timeout:
                    raise self._source.timed_out(self._timeout)
                await self._clock.sleep(_POLL)
                waited += _POLL
                prediction = await client.predictions.async_get(prediction.id)
        except ReplicateError as error:
            raise self._explained(error) from None
        except httpx.TimeoutException:
            raise self._source.timed_out(self._timeout) from None
        except httpx.HTTPError:
            raise self._source.unreachable() from None
        except (ValueError, TypeError, LookupError, AttributeError):
            raise self._source.unusable("it did not have the form of a prediction") from None
        return self._succeeded(prediction)

    async def _connected(self) -> Client:
        async with self._opening:  # the sizes of one draft are painted at once, and share one client
            if self._client is None:
                try:
                    self._client = await asyncio.to_thread(self._connect)
                except ImportError:
                    raise _no_package() from None
            return self._client

    def _connect(self) -> Client:
        import httpx
        from replicate.client import Client

        base = (self._base_url or _HOME).removesuffix("/v1")  # the SDK adds that itself
        # It would also pass by the environment's proxies, so they are handed to it.
        transport = self._transport or httpx.AsyncHTTPTransport(proxy=proxy_for(base))
        return Client(
            api_token=self._key or "unset",
            base_url=base,
            timeout=httpx.Timeout(60.0, connect=10.0),
            transport=transport,
        )

    def _succeeded(self, prediction: Prediction) -> Prediction:
        if prediction.status == "succeeded":
            return prediction
        told = str(prediction.error or "").lower()
        if any(word in told for word in _REFUSALS):
            raise self._source.refused()
        raise self._source.unusable("the prediction failed" if prediction.status == "failed" else "it was cancelled")

    def _file(self, prediction: Prediction) -> str:
        """The address of the first file: models answer with a list, one file, or files by name."""
        output = prediction.output
        if isinstance(output, dict):
            output = list(output.values())
        if isinstance(output, list):
            output = output[0] if output else None
        if not isinstance(output, str) or not output:
            raise self._source.unusable("it has no picture in it")
        return output

    async def _read(self, url: str) -> bytes:
        """The file, without our token: it lies on another host; private addresses are refused unless they are ours."""
        import httpx

        if url.startswith("data:"):
            return self._inline(url)
        async with httpx.AsyncClient(transport=self._transport, mounts=dict.fromkeys(_LOCAL)) as client:
            http = Transport(client, self._clock, self._resolve)
            try:
                if self._is_ours(url):
                    answer = await http.send(HttpRequest(method="GET", url=url, effect=Effect.READ, timeout=_DOWNLOAD))
                else:
                    answer = await http.fetch_page(url, timeout=_DOWNLOAD, max_bytes=MAX_BODY)
            except DeskError:
                raise self._source.unusable("its file could not be read") from None
        if not answer.ok or len(answer.body) >= MAX_BODY:
            raise self._source.unusable("its file could not be read")
        return answer.body

    def _inline(self, url: str) -> bytes:
        kind, _, encoded = url.partition(",")
        with suppress(binascii.Error, ValueError):
            if kind.endswith(";base64"):
                return base64.b64decode(encoded, validate=True)
        raise self._source.unusable("its bytes can't be decoded")

    def _is_ours(self, url: str) -> bool:
        """Whether it is on the very server the operator set."""
        base, other = urlsplit(self._base_url), urlsplit(url)
        return bool(self._base_url) and (base.scheme, base.netloc) == (other.scheme, other.netloc)

    def _explained(self, error: ReplicateError) -> DeskError:
        status = error.status or 0
        told = f"{error.title or ''} {error.detail or ''}".lower()
        if status == 402:
            return self._source.no_quota()
        if status == 429:
            return self._source.rate_limited(self._clock.now())
        if status in {401, 403}:
            return self._source.bad_key(status)
        if status == 404 or (status == 422 and "version" in told):
            return self._source.no_model(f"replicate:{DEFAULT_MODELS[VENDOR.slug].partition(':')[0]}:<its version>")
        if status >= 500:
            return self._source.outage(status)
        if any(word in told for word in _REFUSALS):
            return self._source.refused()
        return self._source.rejected(status)


def _no_package() -> NeedsOperator:
    return NeedsOperator(
        "The package for Replicate can't be used here; it needs Python 3.13 or older.",
        unchanged=UNCHANGED,
        next_step="Run the desk with Python 3.11 to 3.13, or set COPYDESK_IMAGE_MODEL to another model.",
    )


def build(
    *,
    clock: Clock,
    workers: Workers,
    api_key: str,
    model: str = "",
    base_url: str = "",
    timeout: float = TIMEOUT,
    transport: httpx.AsyncBaseTransport | None = None,
    resolve: Resolver = system_resolver,
) -> ReplicatePainter:
    """An `ImageModel`; raises `InvalidInput` for an unusable base URL or a model without a version."""
    if base_url:
        check_base_url(VENDOR, base_url)
    named = model or DEFAULT_MODELS[VENDOR.slug]
    check_version(VENDOR.slug, named)
    return ReplicatePainter(
        clock=clock,
        workers=workers,
        api_key=api_key,
        model=named,
        base_url=base_url,
        timeout=timeout,
        transport=transport,
        resolve=resolve,
    )


def _inputs(task: PictureTask) -> dict[str, object]:
    """What SDXL takes; another take is another seed."""
    width, height = painted_size(task.size)
    return {
        "prompt": description(task),
        "negative_prompt": AVOID,
        "width": width,
        "height": height,
        "num_outputs": 1,
        "seed": 1000 + task.take,
        "apply_watermark": False,
    }


def painted_size(size: PictureSize) -> tuple[int, int]:
    """The shape asked for at the number of pixels the model knows, in steps it takes."""
    scale = (_PIXELS / (size.width * size.height)) ** 0.5
    width, height = (max(_STEP, round(side * scale / _STEP) * _STEP) for side in (size.width, size.height))
    return width, height
