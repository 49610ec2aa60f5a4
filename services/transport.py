"""The one way out to networks: decides what is certain after a failure, reads every dialect of rate limits, guards private addresses."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

import httpx

from services.domain.errors import DeskError, OutcomeUnknown, RateLimited, Refused, Unavailable
from services.ports.http import Answer, Effect, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.ports.clock import Clock

MAX_BODY: Final = 16_000_000
"""Bytes of an answer we are willing to hold."""
DEFAULT_WAIT: Final = timedelta(minutes=5)
"""After a 429 that names no time: the window most networks use."""
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_EPOCH_FLOOR: Final = 1_000_000_000
_RESET_HEADERS: Final = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")
_REDIRECTS: Final = 3


class Transport:
    """`Http` over one shared httpx client; knows no network."""

    def __init__(self, client: httpx.AsyncClient, clock: Clock) -> None:
        """The client is injected so that its pool, proxies and certificates are set in one place."""
        self._client = client
        self._clock = clock

    async def send(self, request: HttpRequest) -> Answer:
        """See `Http.send`."""
        try:
            async with asyncio.timeout(request.timeout):
                response, body = await self._exchange(request)
        except _NEVER_SENT as error:
            raise _unreachable(request) from error
        except (httpx.HTTPError, TimeoutError, httpx.InvalidURL) as error:
            raise _lost(request, type(error).__name__) from error
        headers = {name.lower(): value for name, value in response.headers.items()}
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            until = retry_time(headers, self._clock.now())
            raise RateLimited(f"{_host(request.url)} asks to slow down.", until=until)
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise _lost(request, f"status {response.status_code}")
        return Answer(status=response.status_code, headers=headers, body=body, effect=request.effect)

    async def _exchange(self, request: HttpRequest) -> tuple[httpx.Response, bytes]:
        form: dict[str, str | list[str]] = {}
        for name, value in request.form:
            known = form.get(name)
            form[name] = value if known is None else [*([known] if isinstance(known, str) else known), value]
        files = [(u.name, (u.filename, u.data, u.mime)) for u in request.uploads]
        built = self._client.build_request(
            request.method,
            request.url,
            headers=dict(request.headers),
            params=list(request.params) or None,
            json=request.json,
            data=form or None,
            files=files or None,
            content=request.content,
            timeout=httpx.Timeout(request.timeout),
        )
        response = await self._client.send(built, stream=True, follow_redirects=False)
        try:
            return response, await _read(response, MAX_BODY)
        finally:
            await response.aclose()

    async def fetch_page(self, url: str, *, timeout: float = 3.0, max_bytes: int = 512_000) -> Answer:
        """See `Http.fetch_page`; raises `Refused` for what must not be fetched and `Unavailable` for what can't be."""
        try:
            async with asyncio.timeout(timeout):
                for _ in range(_REDIRECTS):
                    answer = await self._fetch_once(url, max_bytes)
                    target = answer.headers.get("location")
                    if not (300 <= answer.status < 400 and target):
                        return answer
                    url = urljoin(url, target)
        except (httpx.HTTPError, TimeoutError, OSError, httpx.InvalidURL) as error:
            raise Unavailable(f"The page at {_host(url)} could not be read.") from error
        raise Unavailable(f"The page at {_host(url)} redirects too often.")

    async def _fetch_once(self, url: str, max_bytes: int) -> Answer:
        parts = urlsplit(url)
        address = await _public_address(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        if parts.scheme not in {"http", "https"} or parts.username:
            raise Refused("Only plain http and https links can be read.")
        literal = f"[{address}]" if ":" in address else address
        pinned = httpx.URL(url).copy_with(host=literal)
        request = self._client.build_request(
            "GET",
            pinned,
            headers={"Host": parts.netloc, "Accept": "text/html,*/*;q=0.5", "Accept-Encoding": "identity"},
            extensions={"sni_hostname": parts.hostname},
        )
        response = await self._client.send(request, stream=True, follow_redirects=False)
        try:
            body = await _read(response, max_bytes, whole=False)
        finally:
            await response.aclose()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(status=response.status_code, headers=headers, body=body, effect=Effect.READ)


async def _read(response: httpx.Response, limit: int, *, whole: bool = True) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > limit:
            if whole:
                raise httpx.ReadError("answer too large")
            return bytes(body[:limit])
    return bytes(body)


async def _public_address(host: str, port: int) -> str:
    """The address to connect to, resolved once so that a second answer can't swap in a private one."""
    infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(info[4][0]) for info in infos]
    if not addresses or not all(ipaddress.ip_address(a.split("%")[0]).is_global for a in addresses):
        raise Refused(f"{host} is not a public address, so it is not fetched.")
    return addresses[0]


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the server"


def _unreachable(request: HttpRequest) -> Unavailable:
    return Unavailable(f"{_host(request.url)} can't be reached.", next_step="It is tried again by itself.")


def _lost(request: HttpRequest, what: str) -> DeskError:
    host = _host(request.url)
    if request.effect is Effect.IRREVERSIBLE:
        return OutcomeUnknown(f"{host} did not say whether it worked ({what}).")
    return Unavailable(f"{host} did not answer ({what}).", next_step="It is tried again by itself.")


def retry_time(headers: Mapping[str, str], now: datetime) -> datetime:
    """When to try again: Retry-After (seconds or a date) or a reset header (epoch, seconds from now, ISO date)."""
    for name in ("retry-after", *_RESET_HEADERS):
        found = _instant(headers.get(name, "").strip(), now)
        if found is not None and found > now:
            return found
    return now + DEFAULT_WAIT


def _instant(value: str, now: datetime) -> datetime | None:
    if not value:
        return None
    try:
        number = float(value)
    except ValueError:
        return _date(value)
    if number >= _EPOCH_FLOOR:
        return datetime.fromtimestamp(number, UTC)
    return now + timedelta(seconds=number) if number >= 0 else None


def _date(value: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = parse(value)
        except ValueError:
            continue
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return None
