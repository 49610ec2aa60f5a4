"""Writes with Anthropic's models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.content.choice import DEFAULT_MODELS
from services.content.structured import TIMEOUT, StructuredModel, Vendor, check_base_url, open_client, profile

if TYPE_CHECKING:
    import httpx2

    from services.content.structured import AnyModel
    from services.ports.clock import Clock

VENDOR: Final = Vendor(slug="anthropic", label="Anthropic")
_HOME: Final = "https://api.anthropic.com"


def build(
    *,
    clock: Clock,
    api_key: str,
    model: str = "",
    base_url: str = "",
    timeout: float = TIMEOUT,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> StructuredModel:
    """A `TextModel`; `transport` is for tests.

    Raises `InvalidInput` for an unusable base URL. Nothing is imported or opened before the first call.
    """
    if base_url:
        check_base_url(VENDOR, base_url)
    named = model or DEFAULT_MODELS[VENDOR.slug]

    def connect() -> AnyModel:
        http = open_client(base_url, timeout=timeout, transport=transport)
        built.at_close(http.aclose)
        return _connect(http, model=named, api_key=api_key, base_url=base_url or _HOME)

    built = StructuredModel(
        vendor=VENDOR, model=named, connect=connect, clock=clock, base_url=base_url, timeout=timeout
    )
    return built


def _connect(http: httpx2.AsyncClient, *, model: str, api_key: str, base_url: str) -> AnyModel:
    from anthropic import AsyncAnthropic
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = AsyncAnthropic(api_key=api_key or "unset", base_url=base_url, max_retries=0, http_client=http)
    return AnthropicModel(model, provider=AnthropicProvider(anthropic_client=client), profile=profile())
