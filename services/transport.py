"""The one way out to networks: certainty after a failure, every dialect of rate limits, private addresses kept out."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx

from services.domain.errors import DeskError, OutcomeUnknown, RateLimited, Refused, Unavailable, Unreached
from services.multipart import Multipart
from services.ports.http import Answer, Effect, HttpRequest, Stream
from services.redaction import without_own
from services.text import tidy_sentence

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from services.ports.clock import Clock
    from services.ports.http import Keep

MAX_BODY: Final = 16_000_000
"""Bytes of an answer we are willing to hold."""
DEFAULT_WAIT: Final = timedelta(minutes=5)
"""After a 429 that names no time: the window most networks use."""
_NEVER_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
_CONNECT_SECONDS: Final = 10.0
"""At most, for a place in the pool and for a connection each; always well below the whole call's time."""
_EPOCH_FLOOR: Final = 1_000_000_000
_MILLISECONDS_FLOOR: Final = 100_000_000_000
_RESET_HEADERS: Final = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")
_LEFT_HEADERS: Final = ("ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining")
_PAGES: Final = 4
"""A page and up to three redirects before it."""
_DIGITS: Final = 9
"""Of a number of calls that can be meant."""
_SAID: Final = 500
"""Bytes of a refusal for going too fast that are kept for the platform to read."""
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_ASSIGNED: Final = ipaddress.IPv6Network("2000::/3")
"""All that is anybody's on the internet; what lies outside wraps an address of some network's own."""
_SPECIAL: Final = (
    ipaddress.IPv4Network("192.0.0.0/24"),
    ipaddress.IPv4Network("192.88.99.0/24"),
    ipaddress.IPv6Network("2001::/23"),
    ipaddress.IPv6Network("3fff::/20"),
)
"""Set aside for protocols and for books; not every Python knows all of them."""
_ISATAP: Final = frozenset({0x0000_5EFE, 0x0200_5EFE})
"""In front of an IPv4 address at the end of an IPv6 one (RFC 5214)."""
_WEB_PORTS: Final = frozenset({80, 443})
_OTHER_PORTS: Final = frozenset(
    {1719, 1720, 1723, 2049, 3306, 3659, 4045, 4190, 5060, 5061, 5432, 6000, 6379, 6566}
    | {6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080, 11211}
)
"""Where no web server is but something else that might take a request for its own (Fetch standard, "port blocking")."""
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives a host's addresses; raises `OSError` when there are none."""


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """The addresses as the operating system knows them."""
    infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in infos]


class Transport:
    """`Http` over one shared httpx client; knows no network."""

    def __init__(self, client: httpx.AsyncClient, clock: Clock, resolve: Resolver = system_resolver) -> None:
        """The client is injected so that its pool, proxies and certificates are set in one place.

        It is told to keep no cookies: accounts share it, and one's session must not speak for another.
        """
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self._client = client
        self._clock = clock
        self._resolve = resolve

    async def send(self, request: HttpRequest) -> Answer:
        """See `Http.send`."""
        try:
            async with asyncio.timeout(request.timeout):
                response, body = await self._exchange(request)
        except _NEVER_SENT as error:
            raise _unreachable(request) from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise _lost(request, _how(error)) from error
        headers = {name.lower(): value for name, value in response.headers.items()}
        body = without_own(body, request) if response.is_error else body
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise _too_fast(request, headers, body, self._clock.now())
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise _lost(request, f"status {response.status_code}")
        return Answer(status=response.status_code, headers=headers, body=body, effect=request.effect)

    async def _exchange(self, request: HttpRequest) -> tuple[httpx.Response, bytes]:
        built = self._built(request)
        _check_port(built.url)
        response = await self._client.send(built, stream=True, follow_redirects=False)
        try:
            return response, await _read(response, MAX_BODY, whole=not response.is_error)
        except httpx.HTTPError:
            if not response.is_error:
                raise
            return response, b""  # a refusal stands, whatever became of its words
        finally:
            await response.aclose()

    def _built(self, request: HttpRequest) -> httpx.Request:
        headers, content = dict(request.headers), request.content
        form: dict[str, str | list[str]] = {}
        if request.uploads:
            body = Multipart(form=request.form, uploads=request.uploads)
            headers["Content-Type"] = body.content_type
            content = Stream(size=body.length, read=body.stream)
        else:
            for name, value in request.form:
                known = form.get(name)
                form[name] = value if known is None else [*([known] if isinstance(known, str) else known), value]
        if isinstance(content, Stream):
            headers["Content-Length"] = str(content.size)
        soon = min(_CONNECT_SECONDS, request.timeout / 4)
        return self._client.build_request(
            request.method,
            request.url,
            headers=headers,
            params=list(request.params) or None,
            json=request.json,
            data=form or None,
            content=_exactly(content) if isinstance(content, Stream) else content,
            timeout=httpx.Timeout(request.timeout, connect=soon, pool=soon),
        )

    async def fetch_page(self, url: str, *, timeout: float = 3.0, max_bytes: int = 512_000) -> Answer:
        """See `Http.fetch_page`; raises `Refused` for what must not be fetched and `Unavailable` for what can't be."""
        with _as_a_page(url, timeout):
            async with asyncio.timeout(timeout), self._opened(httpx.URL(url)) as response:
                body = await _read(response, max_bytes, whole=False)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(status=response.status_code, headers=headers, body=body, effect=Effect.READ)

    async def fetch_file(self, url: str, keep: Keep, *, timeout: float) -> None:
        """See `Downloads.fetch_file`."""
        with _as_a_page(url, timeout):
            async with asyncio.timeout(timeout), self._opened(httpx.URL(url)) as response:
                if not response.is_success:
                    raise _not_handed_out(_host(url), response.status_code)
                async for chunk in response.aiter_bytes():
                    await keep(chunk)

    @asynccontextmanager
    async def _opened(self, url: httpx.URL) -> AsyncIterator[httpx.Response]:
        """The answer behind up to three redirects, its body still to be read."""
        for _ in range(_PAGES):
            response = await self._ask_guarded(url)
            try:
                target = response.headers.get("location")
                if not (300 <= response.status_code < 400 and target):
                    yield response
                    return
            finally:
                await response.aclose()
            url = url.join(target)
        raise Unavailable(f"{url.host} redirects too often.")

    async def _ask_guarded(self, url: httpx.URL) -> httpx.Response:
        _check_port(url)
        if url.scheme not in {"http", "https"} or url.userinfo or not url.host:
            raise Refused("Only plain http and https links can be read.")
        if url.port is not None and not _may_be_web(url.port):
            raise Refused(f"Port {url.port} is none that web pages are served on, so it is not fetched.")
        host = url.raw_host.decode("ascii")
        address = await self._public_address(host, url.port or (443 if url.scheme == "https" else 80))
        request = self._client.build_request(
            "GET",
            url.copy_with(host=f"[{address}]" if ":" in address else address, fragment=None),
            headers={
                "Host": url.netloc.decode("ascii"),
                "Accept": "text/html,*/*;q=0.5",
                "Accept-Encoding": "identity",
                # The pool knows connections by address: kept open, one host's would serve another's page.
                "Connection": "close",
            },
            extensions={"sni_hostname": host},
        )
        return await self._client.send(request, stream=True, follow_redirects=False)

    async def _public_address(self, host: str, port: int) -> str:
        """The address to connect to, resolved once so that a second answer can't swap in a private one."""
        addresses = await self._resolve(host, port)
        if not addresses or not all(_is_public(ipaddress.ip_address(a.partition("%")[0])) for a in addresses):
            raise Refused(f"{host} is not a public address, so it is not fetched.")
        return addresses[0]


@contextmanager
def _as_a_page(url: str, seconds: float) -> Iterator[None]:
    """What keeps a page or file from being read, told of its host."""
    host = _host(url)
    try:
        yield
    except socket.gaierror as error:
        raise Unavailable(f"{host} can't be found.") from error
    except (TimeoutError, httpx.TimeoutException) as error:
        raise Unavailable(f"{host} took longer than {seconds:g} seconds.") from error
    except (httpx.HTTPError, OSError) as error:
        raise Unavailable(f"What {host} answered could not be read.") from error
    except (httpx.InvalidURL, ValueError) as error:
        raise Refused("This is not a link that can be read.") from error


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether the address is somebody's on the open internet, also when it only wraps an IPv4 one."""
    if address.is_multicast or not address.is_global or any(address in network for network in _SPECIAL):
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return True
    inner = address.ipv4_mapped or address.sixtofour
    if address in _NAT64 or int(address) >> 32 & 0xFFFF_FFFF in _ISATAP:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return _is_public(inner) if inner else address in _ASSIGNED


def _may_be_web(port: int) -> bool:
    return port in _WEB_PORTS or (port >= 1024 and port not in _OTHER_PORTS)


def _not_handed_out(host: str, status: int) -> Refused:
    if status in {404, 410}:
        return Refused(f"There is nothing at this address: {host} answered {status}.")
    return Refused(f"{host} answered {status} instead of the file.")


async def _exactly(stream: Stream) -> AsyncIterator[bytes]:
    """The body as it was announced: a file that became shorter meanwhile ends the call."""
    sent = 0
    async for piece in stream.read():
        sent += len(piece)
        if sent > stream.size:
            break
        yield piece
    if sent != stream.size:
        raise httpx.WriteError("the body is not as long as announced")


async def _read(response: httpx.Response, limit: int, *, whole: bool = True) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > limit:
            if whole:
                raise httpx.DecodingError("answer too large")
            return bytes(body[:limit])
    return bytes(body)


def _check_port(url: httpx.URL) -> None:
    """A port that can't be makes asyncio fail in a way that looks like a bug of ours."""
    if url.port is not None and not 0 < url.port < 65536:
        raise httpx.InvalidURL("port out of range")


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "the server"
    except ValueError:
        return "the server"


def _unreachable(request: HttpRequest) -> Unreached:
    return Unreached(f"{_host(request.url)} can't be reached.", next_step="It is tried again by itself.")


def _how(error: Exception) -> str:
    """How a call was lost, in words for people; the class of the error is in its cause."""
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):
        return "it took too long"
    return "its answer can't be read" if isinstance(error, httpx.DecodingError) else "the connection broke"


def _lost(request: HttpRequest, what: str) -> DeskError:
    host = _host(request.url)
    if request.effect is Effect.IRREVERSIBLE:
        return OutcomeUnknown(f"{host} did not say whether it worked ({what}).")
    return Unavailable(f"{host} did not answer ({what}).", next_step="It is tried again by itself.")


def _too_fast(request: HttpRequest, headers: Mapping[str, str], body: bytes, now: datetime) -> RateLimited:
    told = retry_time(headers, now)
    said = tidy_sentence(body[:_SAID].decode(errors="replace"), _SAID)
    until, left = told or now + DEFAULT_WAIT, calls_left(headers)
    message = f"{_host(request.url)} asks to slow down."
    return RateLimited(message, until=until, said=said, dated=told is not None, left=left)


def calls_left(headers: Mapping[str, str]) -> int | None:
    """How many calls the headers leave in the window; None when they don't say."""
    told = (headers.get(name, "").strip() for name in _LEFT_HEADERS)
    return next((int(text) for text in told if text.isascii() and text.isdigit() and len(text) <= _DIGITS), None)


def retry_time(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When to try again by Retry-After (seconds or a date) or a reset header (epoch, seconds from now, ISO date)."""
    for name in ("retry-after", *_RESET_HEADERS):
        found = instant(headers.get(name, "").strip(), now)
        if found is not None and found > now:
            return found
    return None


def instant(value: str, now: datetime) -> datetime | None:
    """A time as networks write it: epoch, seconds from now, or a date; None for what is none."""
    if not value:
        return None
    try:
        number = float(value)
    except ValueError:
        return _date(value)
    try:
        if number >= _MILLISECONDS_FLOOR:
            return datetime.fromtimestamp(number / 1000, UTC)
        if number >= _EPOCH_FLOOR:
            return datetime.fromtimestamp(number, UTC)
        return now + timedelta(seconds=number) if number >= 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def _date(value: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = parse(value)
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None
