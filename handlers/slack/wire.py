"""The one way to Slack: a shared pool of connections, errors in the desk's terms, and no proxy for this machine."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack.failures import NETWORK, Effect, failure, paused
from services.content.structured import proxy_for
from services.domain.errors import InvalidInput, RateLimited, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from services.ports.clock import Clock

BASE_URL: Final = "https://slack.com/api/"
_SECONDS: Final = 15.0
"""For a whole call."""
_CHUNK: Final = 65_536
_BY_CHANNEL: Final = frozenset({"chat.postMessage", "chat.postEphemeral"})
"""Methods whose limit holds for one channel (docs.slack.dev, rate limits, 2026-08); that of all others for the team."""
logger: Final = logging.getLogger("handlers.slack.sdk")
"""What the SDK says; its warnings are told like any other."""


class Wire:
    """One for all teams; the session is opened at the first use, because that needs a running loop."""

    def __init__(self, clock: Clock, base_url: str | None = None) -> None:
        """`base_url` is Slack's own when there is none."""
        self._clock = clock
        self.base_url = f"{(base_url or BASE_URL).rstrip('/')}/"
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self._paused: dict[tuple[str | None, str], datetime] = {}
        """By token and method: until when Slack wants no more of it."""

    @property
    def session(self) -> aiohttp.ClientSession:
        """The pool; raises `Unavailable` after the end."""
        if self._closed:
            raise Unavailable("The desk is stopping.")
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS))
        return self._session

    async def close(self) -> None:
        """Let go of every connection, and open none again."""
        self._closed = True
        if self._session is not None:
            await self._session.close()

    def client(self, token: str | None = None) -> AsyncWebClient:
        """The SDK's client over the pool; it retries nothing, because the desk knows what may be repeated."""
        client = AsyncWebClient(
            token=token, base_url=self.base_url, session=self.session, retry_handlers=[], logger=logger
        )
        client.proxy = proxy_for(self.base_url)  # the SDK took one from the environment
        return client

    async def call(
        self,
        token: str | None,
        method: str,
        run: Callable[[AsyncWebClient], Awaitable[Any]],
        *,
        effect: Effect = Effect.NONE,
    ) -> dict[str, Any]:
        """The answer to a call; raises the desk's errors. While Slack wants a pause from a method it is not asked."""
        until = self._paused.get((token, method))
        if until is not None and until > self._clock.now():
            raise paused(until)
        try:
            answer = await run(self.client(token))
        except (SlackApiError, *NETWORK) as error:
            found = failure(error, method, effect, self._clock.now())
            if isinstance(found, RateLimited) and method not in _BY_CHANNEL:
                self._paused[token, method] = found.until
            raise found from None
        return dict(answer.data)

    async def post_json(self, url: str, body: dict[str, Any]) -> int:
        """To a response URL: the status, which alone says whether it was shown."""
        try:
            async with self.session.post(url, json=body, proxy=proxy_for(url), allow_redirects=False) as answer:
                return answer.status
        except NETWORK:
            return 0

    async def put_bytes(self, url: str, data: bytes) -> None:
        """To the address an upload was given; raises `Unavailable`."""
        try:
            async with self.session.post(url, data=data, proxy=proxy_for(url), allow_redirects=False) as answer:
                status = answer.status
        except NETWORK:
            status = 0
        if status != 200:
            raise Unavailable("Slack did not take the picture.")

    def trusts(self, url: str) -> bool:
        """Whether the bot's token may be shown to this address: Slack's own, or that of the configured API."""
        parts, own = urlsplit(url), urlsplit(self.base_url)
        if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
            return True
        host = parts.hostname or ""
        return parts.scheme == "https" and (host in {"slack.com", "slack-files.com"} or host.endswith(".slack.com"))

    async def get_bytes(self, token: str, url: str, most: int) -> bytes:
        """A file that somebody shared; raises `InvalidInput` for what is none or too large, and `Unavailable`."""
        if not self.trusts(url):
            raise InvalidInput("This file does not lie on Slack.", next_step="Upload it here.", field="upload")
        headers = {"Authorization": f"Bearer {token}"}
        try:
            async with self.session.get(url, headers=headers, proxy=proxy_for(url), allow_redirects=False) as answer:
                if answer.status >= 500:
                    raise Unavailable("Slack did not hand over the file.")
                if answer.status != 200 or answer.content_type == "text/html":
                    raise InvalidInput(
                        "Slack did not hand over the file.", next_step="Upload it again.", field="upload"
                    )
                return await _limited(answer, most)
        except NETWORK:
            raise Unavailable("Slack did not hand over the file.") from None


async def _limited(answer: aiohttp.ClientResponse, most: int) -> bytes:
    data = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        data += chunk
        if len(data) > most:
            raise too_large(most)
    return bytes(data)


def too_large(most: int) -> InvalidInput:
    """A file nobody reads to its end."""
    return InvalidInput(
        f"This file has more than {most / 1e6:.0f} MB.", next_step="Upload a smaller picture.", field="upload"
    )
