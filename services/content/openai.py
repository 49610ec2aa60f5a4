"""Writes with OpenAI, or with any server that speaks its API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from services.content.choice import DEFAULT_MODELS
from services.content.structured import TIMEOUT, StructuredModel, Vendor, check_base_url, open_client, profile

if TYPE_CHECKING:
    import httpx2

    from services.content.structured import AnyModel
    from services.ports.clock import Clock

VENDOR: Final = Vendor(slug="openai", label="OpenAI")
_HOME: Final = "https://api.openai.com/v1"
Api = Literal["chat", "responses"]
"""The two ways the wire is spoken: Chat Completions, which every compatible server knows, and Responses."""


def build(
    *,
    clock: Clock,
    api_key: str,
    model: str = "",
    base_url: str = "",
    api: Api | None = None,
    timeout: float = TIMEOUT,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> StructuredModel:
    """A `TextModel`; `api` defaults to chat when a base URL is set and to responses otherwise.

    `transport` is for tests.
    Raises `InvalidInput` for an unusable base URL. Nothing is imported or opened before the first call.
    """
    if base_url:
        check_base_url(VENDOR, base_url)
    named = model or DEFAULT_MODELS[VENDOR.slug]
    chosen: Api = api or ("chat" if base_url else "responses")

    def connect() -> AnyModel:
        http = open_client(base_url, timeout=timeout, transport=transport)
        built.at_close(http.aclose)
        return _connect(http, model=named, api_key=api_key, base_url=base_url or _HOME, api=chosen)

    built = StructuredModel(
        vendor=VENDOR, model=named, connect=connect, clock=clock, base_url=base_url, timeout=timeout
    )
    return built


def _connect(http: httpx2.AsyncClient, *, model: str, api_key: str, base_url: str, api: Api) -> AnyModel:
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    # The SDK wants some key even where a server of one's own needs none.
    client = AsyncOpenAI(api_key=api_key or "unset", base_url=base_url, max_retries=0, http_client=http)
    provider = OpenAIProvider(openai_client=client)
    if api == "chat":
        return OpenAIChatModel(model, provider=provider, profile=profile())
    return OpenAIResponsesModel(model, provider=provider, profile=profile())
