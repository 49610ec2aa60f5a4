"""One structured call to a language model: what the vendor files share, so that each only opens a connection."""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from services.content.errors import Failure, to_desk_error
from services.content.prompt import build_prompt
from services.content.schema import Answer
from services.domain.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    import httpx2
    from pydantic_ai import Agent
    from pydantic_ai.models import Model
    from pydantic_ai.profiles import ModelProfile

    from services.content.prompt import Prompt
    from services.domain.ids import AccountId
    from services.ports.clock import Clock
    from services.ports.models import Writing, WritingTask

    AnyModel = Model[Any]

TIMEOUT: Final = 30.0
"""Seconds for everything one `write` does, repeats included."""
MAX_OUTPUT_TOKENS: Final = 6000
"""Eight long variants need about 4,000; models that reason spend some too."""
PART_TOKENS: Final = 250
"""As many more for each post of a thread after its first."""
VALIDATION_RETRIES: Final = 1
"""How often a model may correct an answer that misses the schema."""
_PROXIED: Final = {"ws": "http", "wss": "https"}
"""Web sockets go through the proxies of the schemes they begin with."""
_NO_SCHEMA_STATUS: Final = frozenset({400, 404, 415, 422, 501})
_NO_SCHEMA_WORDS: Final = (
    "response_format",
    "json_schema",
    "text.format",
    "output_config",
    "output_format",
    "structured",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """A vendor's names as people and settings write them."""

    slug: str
    label: str

    def label_at(self, base_url: str) -> str:
        """Who answers there: the vendor, or a server the operator chose."""
        return f"the server at {self.url_setting}" if base_url else self.label

    @property
    def key_setting(self) -> str:
        """The setting that holds the key."""
        return f"{self.slug.upper()}_API_KEY"

    @property
    def url_setting(self) -> str:
        """The setting that holds the address."""
        return f"{self.slug.upper()}_BASE_URL"


class StructuredModel:
    """`TextModel` over any pydantic-ai model.

    Asks for the vendor's own structured output first. A compatible server that refuses that is asked in words from then
    on: the rules in the prompt describe the same JSON.
    """

    def __init__(
        self,
        *,
        vendor: Vendor,
        model: str,
        connect: Callable[[], AnyModel],
        clock: Clock,
        base_url: str = "",
        timeout: float = TIMEOUT,
    ) -> None:
        """`connect` imports the SDK and makes the client; it runs once, in a thread, at the first call."""
        self._vendor = vendor
        self._model = model
        self._label = vendor.label_at(base_url)
        self._connect = connect
        self._clock = clock
        self._timeout = timeout
        self._connected: AnyModel | None = None
        self._closing: list[Callable[[], Awaitable[None]]] = []
        self._in_words = False

    @property
    def name(self) -> str:
        """See `TextModel.name`."""
        return f"{self._vendor.slug}:{self._model}"

    def at_close(self, close: Callable[[], Awaitable[None]]) -> None:
        """Remember what `connect` opened."""
        self._closing.append(close)

    async def aclose(self) -> None:
        """See `TextModel.aclose`."""
        while self._closing:
            await self._closing.pop()()
        self._connected = None

    async def write(self, task: WritingTask) -> Writing:
        """See `TextModel.write`; vendor errors are hidden from tracebacks because a server may echo the key in them."""
        prompt = build_prompt(task)
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._answer(prompt)
        except Exception as error:
            told = to_desk_error(self._failure(error))
            if told is None:
                raise
            raise told from None
        return answer.to_writing(prompt.accounts, prompt.threads)

    async def _answer(self, prompt: Prompt) -> Answer:
        from pydantic_ai.exceptions import ModelHTTPError

        if self._connected is None:
            self._connected = await asyncio.to_thread(self._connect)
        try:
            return await self._ask(self._connected, prompt)
        except ModelHTTPError as error:
            if self._in_words or not _lacks_schemas(error.status_code, error.body):
                raise
        self._in_words = True
        return await self._ask(self._connected, prompt)

    async def _ask(self, model: AnyModel, prompt: Prompt) -> Answer:
        agent = self._agent(prompt.system, prompt.accounts)
        result = await agent.run(
            prompt.task,
            model=model,
            model_settings={"max_tokens": _tokens(prompt), "timeout": self._timeout, "max_retries": 0},
        )
        return result.output

    def _agent(self, system: str, accounts: Mapping[str, AccountId]) -> Agent[object, Answer]:
        from pydantic_ai import Agent, ModelRetry, NativeOutput, PromptedOutput

        output = (
            PromptedOutput(Answer)
            if self._in_words
            else NativeOutput(Answer, name="posts", description="The posts and the idea behind them.", strict=True)
        )
        agent: Agent[object, Answer] = Agent(
            output_type=output, instructions=system, retries={"output": VALIDATION_RETRIES}
        )

        @agent.output_validator
        def complete(answer: Answer) -> Answer:
            if missing := answer.missing(accounts):
                raise ModelRetry(f"variants lacks a text for account_id {', '.join(missing)}.")
            return answer

        return agent

    def _failure(self, error: Exception) -> Failure:
        return Failure(
            error=error,
            label=self._label,
            model=self._model,
            key_setting=self._vendor.key_setting,
            url_setting=self._vendor.url_setting,
            timeout=self._timeout,
            now=self._clock.now(),
        )


def _tokens(prompt: Prompt) -> int:
    return MAX_OUTPUT_TOKENS + PART_TOKENS * sum(parts - 1 for parts in prompt.parts.values())


def check_base_url(vendor: Vendor, base_url: str) -> None:
    """Raise `InvalidInput` for an address that would send the key in the clear, or is none."""
    parts = urlsplit(base_url)
    if parts.scheme in {"http", "https"} and parts.hostname and (parts.scheme == "https" or is_loopback(base_url)):
        return
    raise InvalidInput(
        f"{vendor.url_setting} must be an https address; plain http is for this machine (127.0.0.1, localhost) only.",
        next_step=f"Correct {vendor.url_setting}, or unset it to use {vendor.label} itself.",
        field=vendor.url_setting,
    )


def is_loopback(url: str) -> bool:
    """Whether the address is this machine, so that no proxy may see the call."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def proxy_for(url: str) -> str | None:
    """The environment's proxy for an address; none for this machine and for what NO_PROXY names."""
    parts = urlsplit(url)
    if is_loopback(url) or proxy_bypass(parts.hostname or ""):
        return None
    proxies = getproxies()
    return proxies.get(_PROXIED.get(parts.scheme, parts.scheme)) or proxies.get("all")


def open_client(base_url: str, *, timeout: float, transport: httpx2.AsyncBaseTransport | None) -> httpx2.AsyncClient:
    """The HTTP client a vendor's SDK is given; calls to this machine pass by every proxy."""
    import httpx2

    return httpx2.AsyncClient(transport=transport, timeout=httpx2.Timeout(timeout), trust_env=not is_loopback(base_url))


def profile() -> ModelProfile:
    """Facts every vendor's model is given here: schemas are tried, and asking in words sends no format field at all."""
    from pydantic_ai.profiles import ModelProfile

    return ModelProfile(supports_json_schema_output=True, supports_json_object_output=False)


def _lacks_schemas(status: int, body: object) -> bool:
    text = str(body).lower()
    return status in _NO_SCHEMA_STATUS and any(word in text for word in _NO_SCHEMA_WORDS)
