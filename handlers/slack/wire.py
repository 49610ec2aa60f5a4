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
    from services.ports.http import Keep

BASE_URL: Final = "https://slack.com/api/"
_SECONDS: Final = 15.0
"""For a whole call."""
_FILE: Final = aiohttp.ClientTimeout(total=300, sock_connect=15, sock_read=30)
"""For a file, which may be a long video."""
_CHUNK: Final = 262_144
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

    async def get_file(self, token: str, url: str, keep: Keep) -> None:
        """A file that somebody shared, piece by piece; raises `InvalidInput` for what is none, and `Unavailable`."""
        if not self.trusts(url):
            raise InvalidInput("This file does not lie on Slack.", next_step="Upload it here.", field="upload")
        asked = self.session.get(
            url,
            headers={"Authorization": f"Bearer {token}"},
            proxy=proxy_for(url),
            allow_redirects=False,
            timeout=_FILE,
        )
        try:
            async with asked as answer:
                if answer.status >= 500:
                    raise Unavailable("Slack did not hand over the file.")
                if answer.status != 200 or answer.content_type == "text/html":
                    raise InvalidInput(
                        "Slack did not hand over the file.", next_step="Upload it again.", field="upload"
                    )
                async for piece in answer.content.iter_chunked(_CHUNK):
                    await keep(piece)
        except NETWORK:
            raise Unavailable("Slack did not hand over the file.") from None
