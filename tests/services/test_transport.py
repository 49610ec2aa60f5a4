"""The transport against a tiny server on loopback that can lose, cut, delay and misanswer."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.errors import DeskError, OutcomeUnknown, RateLimited, Refused, Unavailable
from services.pieces import streamed
from services.ports.http import Answer, Effect, HttpRequest, Stream, Upload
from services.transport import DEFAULT_WAIT, MAX_BODY, Transport, calls_left, retry_time
from tests.builders import a_media_item

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from services.domain.media import MediaItem

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EFFECTS = [Effect.READ, Effect.REPEATABLE, Effect.IRREVERSIBLE]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class StillClock:
    """A clock that shows one instant."""

    def now(self) -> datetime:
        """The instant."""
        return NOW

    async def sleep(self, seconds: float) -> None:
        """Never asked for."""
        raise AssertionError(seconds)


class Server:
    """Reads whole requests and lets `behave` answer with bytes, or not."""

    def __init__(self, behave: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> None:
        self._behave = behave
        self.requests: list[tuple[str, bytes]] = []
        self.port = 0
        self.released = asyncio.Event()

    @property
    def url(self) -> str:
        """Its root."""
        return f"http://127.0.0.1:{self.port}"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side closes it."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = re.search(r"(?i)content-length: (\d+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
                self.requests.append((head, body))
                await self._behave(writer)
                await writer.drain()
                if writer.is_closing():
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def serving(behave: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[Server]:
    """A server for the length of a test."""
    server = Server(behave)
    listening = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        server.released.set()
        listening.close()


def answering(raw: bytes, *, close: bool = True) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    """Write these bytes, then close the connection."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        if close:
            await writer.drain()
            writer.close()

    return behave


@asynccontextmanager
async def transport(client: httpx.AsyncClient | None = None) -> AsyncIterator[Transport]:
    """A transport over a plain client."""
    async with client or httpx.AsyncClient(trust_env=False) as used:
        yield Transport(used, StillClock())


async def send(url: str, effect: Effect = Effect.READ, *, method: str = "POST", timeout: float = 5.0) -> Answer:
    async with transport() as out:
        return await out.send(HttpRequest(method=method, url=url, effect=effect, timeout=timeout))


def lost(effect: Effect) -> type[DeskError]:
    """What a lost answer means for each effect."""
    return OutcomeUnknown if effect is Effect.IRREVERSIBLE else Unavailable


def closed_port() -> int:
    """A port where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("effect", EFFECTS)
async def test_what_was_never_sent_certainly_did_not_happen(effect: Effect) -> None:
    with pytest.raises(Unavailable, match="can't be reached"):
        await send(f"http://127.0.0.1:{closed_port()}/x", effect)


@pytest.mark.parametrize(
    "url", ["nothing", "ftp://127.0.0.1/x", "http://[bad/x", "http://127.0.0.1:99999/", "http:///x"]
)
async def test_an_address_that_is_none_was_never_sent(url: str) -> None:
    with pytest.raises(Unavailable, match="can't be reached"):
        await send(url, Effect.IRREVERSIBLE)


@pytest.mark.parametrize("failure", [httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ConnectError, httpx.ProxyError])
async def test_failures_before_sending_leave_nothing_open(failure: type[httpx.TransportError]) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise failure("no")

    async with transport(httpx.AsyncClient(transport=httpx.MockTransport(fail))) as out:
        with pytest.raises(Unavailable, match="can't be reached"):
            await out.send(HttpRequest(method="POST", url="http://h.example/", effect=Effect.IRREVERSIBLE))


async def test_waiting_for_a_place_in_the_pool_is_never_sent() -> None:
    async def hang(_: asyncio.StreamWriter) -> None:
        await server.released.wait()

    client = httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=1))
    async with serving(hang) as server, transport(client) as out:
        slow = asyncio.create_task(out.send(HttpRequest(method="GET", url=server.url, effect=Effect.READ)))
        while not server.requests:
            await asyncio.wait({slow}, timeout=0.001)
        with pytest.raises(Unavailable, match="can't be reached"):
            await out.send(HttpRequest(method="POST", url=server.url, effect=Effect.IRREVERSIBLE, timeout=0.2))
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
        assert len(server.requests) == 1


CUT = {
    "closed without a word": b"",
    "cut in the headers": b"HTTP/1.1 200 OK\r\nContent-",
    "cut in the body": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
    "cut in a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    "not HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
    "not what it says": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
}


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("raw", list(CUT.values()), ids=list(CUT))
async def test_a_lost_answer_is_as_uncertain_as_its_effect(raw: bytes, effect: Effect) -> None:
    async with serving(answering(raw)) as server:
        with pytest.raises(DeskError) as caught:
            await send(server.url, effect)
        assert type(caught.value) is lost(effect)
        assert len(server.requests) == 1, "nothing is retried"


@pytest.mark.parametrize("effect", EFFECTS)
async def test_a_reset_connection_is_a_lost_answer(effect: Effect) -> None:
    async def reset(writer: asyncio.StreamWriter) -> None:
        raw: socket.socket = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with serving(reset) as server:
        with pytest.raises(DeskError) as caught:
            await send(server.url, effect)
        assert type(caught.value) is lost(effect)


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("began", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"], ids=["silent", "half"])
async def test_a_slow_answer_is_lost_when_the_time_is_over(effect: Effect, began: bytes) -> None:
    async def hang(writer: asyncio.StreamWriter) -> None:
        writer.write(began)
        await server.released.wait()

    async with serving(hang) as server:
        with pytest.raises(DeskError) as caught:
            await send(server.url, effect, timeout=0.1)
        assert type(caught.value) is lost(effect)


async def test_dripping_does_not_stretch_the_time() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not server.released.is_set():
            writer.write(b"x")
            await asyncio.wait({asyncio.ensure_future(server.released.wait())}, timeout=0.02)

    async with serving(drip) as server:
        with pytest.raises(OutcomeUnknown, match="it took too long"):
            await send(server.url, Effect.IRREVERSIBLE, timeout=0.15)


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_is_as_uncertain_as_its_effect(status: int, effect: Effect) -> None:
    raw = f"HTTP/1.1 {status} Bad\r\nContent-Length: 13\r\n\r\n<html>no</ht>".encode()
    async with serving(answering(raw)) as server:
        with pytest.raises(DeskError, match=f"status {status}") as caught:
            await send(server.url, effect)
        assert type(caught.value) is lost(effect)


@pytest.mark.parametrize("effect", EFFECTS)
async def test_an_answer_too_large_is_lost(effect: Effect) -> None:
    raw = f"HTTP/1.1 200 OK\r\nContent-Length: {MAX_BODY + 1}\r\n\r\n".encode() + b"x" * (MAX_BODY + 1)
    async with serving(answering(raw)) as server:
        with pytest.raises(DeskError) as caught:
            await send(server.url, effect)
        assert type(caught.value) is lost(effect)


@pytest.mark.parametrize(
    "raw",
    [b"HTTP/1.1 422 No\r\nContent-Length: 100\r\n\r\n{", b"HTTP/1.1 422 No\r\nTransfer-Encoding: chunked\r\n\r\nzz"],
)
async def test_a_refusal_stands_when_its_words_are_lost(raw: bytes) -> None:
    async with serving(answering(raw)) as server:
        answer = await send(server.url, Effect.IRREVERSIBLE)
    assert (answer.status, answer.body, answer.ok) == (422, b"", False)


async def test_a_whole_answer_comes_back_with_lower_case_headers() -> None:
    async with serving(
        answering(b'HTTP/1.1 201 Created\r\nX-Thing: A\r\nContent-Length: 11\r\n\r\n{"a": "\xc3\xbc"}')
    ) as server:
        answer = await send(server.url, Effect.IRREVERSIBLE)
    assert (answer.status, answer.ok, answer.headers["x-thing"]) == (201, True, "A")
    assert answer.data() == {"a": "ü"}
    assert answer.effect is Effect.IRREVERSIBLE


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_shown_and_not_followed(status: int) -> None:
    raw = f"HTTP/1.1 {status} Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".encode()
    async with serving(answering(raw)) as server:
        answer = await send(server.url, Effect.IRREVERSIBLE)
        assert (answer.status, answer.headers["location"], answer.ok) == (status, "/elsewhere", False)
        assert len(server.requests) == 1


async def test_sends_json_parameters_and_headers() -> None:
    async with serving(answering(OK)) as server, transport() as out:
        request = HttpRequest(
            method="POST",
            url=f"{server.url}/mastodon/api",
            effect=Effect.READ,
            headers={"Idempotency-Key": "k"},
            params=(("id[]", "1"), ("id[]", "2")),
            json={"text": "ü"},
        )
        await out.send(request)
        [(head, body)] = server.requests
    assert head.startswith("POST /mastodon/api?id%5B%5D=1&id%5B%5D=2 HTTP/1.1")
    assert "idempotency-key: k" in head.lower()
    assert json.loads(body) == {"text": "ü"}


async def test_sends_forms_files_and_bytes() -> None:
    async with serving(answering(OK)) as server, transport() as out:
        upload = Upload(name="file", filename="picture.png", mime="image/png", data=b"\x89PNG")
        form = (("description", "A boat"), ("tag", "a"), ("tag", "b"))
        await out.send(HttpRequest(method="POST", url=server.url, effect=Effect.READ, form=form, uploads=(upload,)))
        await out.send(HttpRequest(method="POST", url=server.url, effect=Effect.READ, form=form))
        await out.send(HttpRequest(method="POST", url=server.url, effect=Effect.READ, content=b"raw"))
        (head, multipart), (_, encoded), (_, raw) = server.requests
    assert "multipart/form-data" in head
    assert b'name="file"; filename="picture.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG' in multipart
    assert multipart.count(b'name="tag"') == 2
    assert encoded == b"description=A+boat&tag=a&tag=b"
    assert raw == b"raw"


async def test_sends_a_stream_with_its_length_and_never_half_of_one() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"raw "
        yield b"video"

    async def asked(server: Server, stream: Stream) -> None:
        request = HttpRequest(method="PUT", url=server.url, effect=Effect.REPEATABLE, content=stream, timeout=5.0)
        async with transport() as out:
            await out.send(request)

    async with serving(answering(OK)) as server:
        stream = Stream(size=9, read=pieces)
        for _ in range(2):
            await asked(server, stream)
        for wrong in (10, 8):
            with pytest.raises(Unavailable):
                await asked(server, Stream(size=wrong, read=pieces))
    assert [body for _, body in server.requests] == [b"raw video"] * 2
    assert all("transfer-encoding" not in head.lower() for head, _ in server.requests)


async def test_a_large_file_is_read_while_it_is_sent() -> None:
    whole = bytes(range(256)) * 10_000
    asked: list[tuple[int, int]] = []

    async def pieces(_item: MediaItem, start: int, length: int) -> bytes:
        asked.append((start, length))
        return whole[start : start + length]

    film = streamed(replace(a_media_item(), size=len(whole)), pieces)
    upload = Upload(name="file", filename='vi"deo.mp4', mime="video/mp4", data=film)
    thumb = Upload(name="thumbnail", filename="t.png", mime="image/png", data=b"\x89PNG")
    request = HttpRequest(
        method="POST",
        url="",
        effect=Effect.REPEATABLE,
        headers={"Authorization": "Bearer t"},
        params=(("a", "1"),),
        form=(("description", "Größe"),),
        uploads=(upload, thumb),
    )
    async with serving(answering(OK)) as server, transport() as out:
        await out.send(replace(request, url=server.url))
        [(head, body)] = server.requests
    assert "transfer-encoding" not in head.lower()
    assert "authorization: bearer t" in head.lower()
    assert head.startswith("POST /?a=1 ")
    boundary = re.search(r"boundary=(\w+)", head)
    assert boundary is not None
    description, file, small, end = body.split(f"--{boundary[1]}".encode())[1:]
    assert description.endswith(b'name="description"\r\n\r\n' + "Größe".encode() + b"\r\n")
    assert file.partition(b"\r\n\r\n")[2] == whole + b"\r\n"
    assert b'name="file"; filename="vi%22deo.mp4"\r\nContent-Type: video/mp4' in file
    assert small.endswith(b"\x89PNG\r\n")
    assert end == b"--\r\n"
    assert sum(length for _, length in asked) == len(whole)
    assert max(length for _, length in asked) < len(whole)


async def test_a_file_that_is_shorter_than_it_was_said_is_not_sent_as_if_it_were_whole() -> None:
    async def pieces(_item: MediaItem, _start: int, _length: int) -> bytes:
        return b"short"

    film = streamed(replace(a_media_item(), size=9), pieces)
    upload = Upload(name="file", filename="a.mp4", mime="video/mp4", data=film)
    async with serving(answering(OK)) as server, transport() as out:
        request = HttpRequest(method="POST", url=server.url, effect=Effect.REPEATABLE, uploads=(upload,))
        with pytest.raises(Unavailable):
            await out.send(request)
        assert server.requests == []


async def test_no_cookie_of_one_account_speaks_for_another() -> None:
    raw = b"HTTP/1.1 200 OK\r\nSet-Cookie: _session=abc; Path=/\r\nContent-Length: 2\r\n\r\n{}"
    async with serving(answering(raw)) as server, transport() as out:
        for _ in range(2):
            await out.send(HttpRequest(method="GET", url=server.url, effect=Effect.READ))
        assert not any("cookie" in head.lower() for head, _ in server.requests)
        assert len(server.requests) == 2


async def test_cancelling_is_not_mistaken_for_an_answer() -> None:
    async def hang(_: asyncio.StreamWriter) -> None:
        await server.released.wait()

    async with serving(hang) as server, transport() as out:
        task = asyncio.create_task(out.send(HttpRequest(method="POST", url=server.url, effect=Effect.IRREVERSIBLE)))
        while not server.requests:
            await asyncio.wait({task}, timeout=0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


RESETS = [
    ({"Retry-After": "90"}, NOW + timedelta(seconds=90)),
    ({"Retry-After": "1.5"}, NOW + timedelta(seconds=1.5)),
    ({"Retry-After": "Mon, 02 Mar 2026 09:07:00 GMT"}, NOW + timedelta(minutes=7)),
    ({"X-RateLimit-Reset": "2026-03-02T09:05:00.123Z"}, NOW + timedelta(minutes=5, milliseconds=123)),
    ({"X-RateLimit-Reset": "2026-03-02T10:05:00+01:00"}, NOW + timedelta(minutes=5)),
    ({"X-RateLimit-Reset": "2026-03-02T09:05:00"}, NOW + timedelta(minutes=5)),
    ({"RateLimit-Reset": str(int((NOW + timedelta(minutes=3)).timestamp()))}, NOW + timedelta(minutes=3)),
    ({"RateLimit-Reset": "45"}, NOW + timedelta(seconds=45)),
    ({"x-rate-limit-reset": str(int((NOW + timedelta(minutes=9)).timestamp() * 1000))}, NOW + timedelta(minutes=9)),
    ({"Retry-After": "soon", "RateLimit-Reset": "60"}, NOW + timedelta(seconds=60)),
    ({}, NOW + DEFAULT_WAIT),
    ({"Retry-After": "-5"}, NOW + DEFAULT_WAIT),
    ({"Retry-After": "nan"}, NOW + DEFAULT_WAIT),
    ({"Retry-After": "inf"}, NOW + DEFAULT_WAIT),
    ({"Retry-After": "9e99"}, NOW + DEFAULT_WAIT),
    ({"Retry-After": "Mon, 02 Mar 2020 09:07:00 GMT"}, NOW + DEFAULT_WAIT),
    ({"X-RateLimit-Reset": "2026-03-02T08:59:59Z"}, NOW + DEFAULT_WAIT),
]


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize(("headers", "until"), RESETS)
async def test_every_dialect_of_slow_down_is_understood(
    headers: dict[str, str], until: datetime, effect: Effect
) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    async with serving(answering(f"HTTP/1.1 429 Too Many\r\n{lines}Content-Length: 0\r\n\r\n".encode())) as server:
        with pytest.raises(RateLimited) as caught:
            await send(server.url, effect)
    assert caught.value.until == until


async def test_what_a_slow_down_says_is_passed_on_for_the_platform_to_read() -> None:
    words = '{"title":"UsageCapExceeded",\n"detail":"cap"}'
    raw = f"HTTP/1.1 429 Too Many\r\nContent-Length: {len(words)}\r\n\r\n{words}".encode()
    async with serving(answering(raw)) as server:
        with pytest.raises(RateLimited) as caught:
            await send(server.url, Effect.IRREVERSIBLE)
    assert caught.value.said == '{"title":"UsageCapExceeded", "detail":"cap"}'
    assert not caught.value.dated
    assert caught.value.left is None
    assert "UsageCapExceeded" not in str(caught.value)


@pytest.mark.parametrize(("told", "left"), [("37", 37), ("0", 0), ("-1", None), ("many", None), ("9" * 5000, None)])
def test_how_many_calls_are_left_is_passed_on_too(told: str, left: int | None) -> None:
    assert calls_left({"x-rate-limit-remaining": told}) == left


async def test_slow_down_counts_when_its_words_are_lost() -> None:
    raw = b"HTTP/1.1 429 Too Many\r\nRetry-After: 60\r\nContent-Length: 50\r\n\r\n{"
    async with serving(answering(raw)) as server:
        with pytest.raises(RateLimited) as caught:
            await send(server.url, Effect.IRREVERSIBLE)
    assert caught.value.until == NOW + timedelta(seconds=60)
    assert caught.value.dated


LATER = NOW + DEFAULT_WAIT


@given(st.text(max_size=40))
def test_no_header_can_break_the_reading_of_it(value: str) -> None:
    assert (retry_time({"retry-after": value, "ratelimit-reset": value}, NOW) or LATER) > NOW


@given(st.floats() | st.integers())
def test_no_number_can_break_the_reading_of_it(value: float) -> None:
    assert (retry_time({"x-ratelimit-reset": str(value)}, NOW) or LATER) > NOW


# ---- pages named by people

PUBLIC = "93.184.216.34"
PUBLIC6 = "2606:4700::1111"


class Web:
    """Pages by host and path, and names by address, with every request that got through."""

    def __init__(self, names: dict[str, list[str]], pages: dict[str, httpx.Response] | None = None) -> None:
        self.names = names
        self.pages = pages or {}
        self.requests: list[httpx.Request] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer what reached the network."""
        self.requests.append(request)
        return self.pages.get(f"{request.headers['host']}{request.url.raw_path.decode()}") or httpx.Response(
            200, text="hi"
        )

    async def resolve(self, host: str, _: int) -> Sequence[str]:
        """Look a name up."""
        if host not in self.names:
            raise socket.gaierror("unknown")
        return self.names[host]

    async def fetch(self, url: str, max_bytes: int = 512_000) -> Answer:
        """Through the guard."""
        async with httpx.AsyncClient(transport=httpx.MockTransport(self.handle)) as client:
            return await Transport(client, StillClock(), self.resolve).fetch_page(url, max_bytes=max_bytes)

    async def keep(self, url: str) -> bytes:
        """A whole file, through the same guard."""
        kept = bytearray()

        async def keep(piece: bytes) -> None:
            kept.extend(piece)

        async with httpx.AsyncClient(transport=httpx.MockTransport(self.handle)) as client:
            await Transport(client, StillClock(), self.resolve).fetch_file(url, keep, timeout=0.01)
        return bytes(kept)


class Never(httpx.AsyncByteStream):
    """A body that does not come."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Wait."""
        await asyncio.Event().wait()
        yield b""


async def test_a_page_is_read_from_the_address_that_was_checked() -> None:
    web = Web({"news.example": [PUBLIC, PUBLIC6]})
    answer = await web.fetch("https://news.example:8443/a?b=c#d")
    [request] = web.requests
    assert (answer.status, answer.body) == (200, b"hi")
    assert str(request.url) == f"https://{PUBLIC}:8443/a?b=c"
    assert request.headers["host"] == "news.example:8443"
    assert request.extensions["sni_hostname"] == "news.example"
    assert request.headers["connection"] == "close"


async def test_names_in_any_script_and_addresses_of_six_work() -> None:
    web = Web({"xn--bcher-kva.example": [PUBLIC6]})
    await web.fetch("http://bücher.example/")
    assert (web.requests[0].headers["host"], web.requests[0].url.host) == ("xn--bcher-kva.example", PUBLIC6)


PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00::1",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b:1::7f00:1",
    "192.0.0.8",
    "2001:4860::5efe:7f00:1",
    "2001:4860::200:5efe:7f00:1",
    "3fff::1",
]


@pytest.mark.parametrize("address", PRIVATE)
async def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    web = Web({"evil.example": [address], "mixed.example": [PUBLIC, address]})
    for host in ("evil.example", "mixed.example"):
        with pytest.raises(Refused, match="not a public address"):
            await web.fetch(f"http://{host}/")
    assert web.requests == []


@pytest.mark.parametrize("target", ["http://evil.example/", "//evil.example/x", "https://evil.example:444/"])
async def test_a_redirect_that_leads_inside_is_refused(target: str) -> None:
    pages = {"news.example/": httpx.Response(302, headers={"Location": target})}
    web = Web({"news.example": [PUBLIC], "evil.example": ["10.0.0.1"]}, pages)
    with pytest.raises(Refused):
        await web.fetch("http://news.example/")
    assert [r.url.host for r in web.requests] == [PUBLIC]


async def test_a_name_is_looked_up_once_a_hop() -> None:
    web = Web({"news.example": [PUBLIC]})
    looked = 0

    async def rebinding(host: str, port: int) -> Sequence[str]:
        nonlocal looked
        looked += 1
        return await web.resolve(host, port) if looked == 1 else ["127.0.0.1"]

    async with httpx.AsyncClient(transport=httpx.MockTransport(web.handle)) as client:
        await Transport(client, StillClock(), rebinding).fetch_page("http://news.example/")
    assert [r.url.host for r in web.requests] == [PUBLIC]


async def test_three_redirects_are_followed_and_no_more() -> None:
    hop = {f"news.example/{n}": httpx.Response(301, headers={"Location": f"/{n + 1}"}) for n in range(4)}
    web = Web({"news.example": [PUBLIC]}, hop)
    assert (await web.fetch("http://news.example/1")).body == b"hi"
    with pytest.raises(Unavailable, match="redirects too often"):
        await web.fetch("http://news.example/0")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://news.example/", "news.example", "", "http://", "http://user@news.example/",
        "http://:pass@news.example/", "http://u:p@news.example/", "http://news.example:99999/", "http://[::1", "http://a..b\x00/",
        "http://news.example\\@evil.example/", "javascript:alert(1)", "http://news.example:22/", "http://news.example:6379/",
    ],
)  # fmt: skip
async def test_what_is_no_plain_link_is_refused(url: str) -> None:
    web = Web({"news.example": [PUBLIC]})
    with pytest.raises((Refused, Unavailable)):
        await web.fetch(url)
    assert web.requests == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"]
)
async def test_this_machine_is_never_fetched(host: str) -> None:
    async with serving(answering(OK)) as server, transport() as out:
        with pytest.raises((Refused, Unavailable)):
            await out.fetch_page(f"http://{host}:{server.port}/")
        assert server.requests == []


async def test_an_unknown_name_is_unavailable_and_a_long_page_is_cut() -> None:
    web = Web({"news.example": [PUBLIC]}, {"news.example/": httpx.Response(200, content=b"x" * 5000)})
    with pytest.raises(Unavailable, match=r"nowhere.example can't be found"):
        await web.fetch("http://nowhere.example/")
    assert len((await web.fetch("http://news.example/", max_bytes=1000)).body) == 1000


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (httpx.Response(404), "There is nothing at this address: news.example answered 404."),
        (httpx.Response(403), "news.example answered 403 instead of the file."),
    ],
)
async def test_a_file_that_is_not_handed_out_is_told(answer: httpx.Response, told: str) -> None:
    web = Web({"news.example": [PUBLIC]}, {"news.example/a.jpg": answer})
    with pytest.raises(Refused) as caught:
        await web.keep("https://news.example/a.jpg")
    assert caught.value.message == told


async def test_a_file_that_is_too_slow_is_told_with_the_time() -> None:
    web = Web({"news.example": [PUBLIC]}, {"news.example/": httpx.Response(200, stream=Never())})
    with pytest.raises(Unavailable, match=r"news.example took longer than 0.01 seconds"):
        await web.keep("https://news.example/")


SECRET = "EAAB-very-secret-token"


@pytest.mark.parametrize(
    "fields",
    [
        {"headers": {"Authorization": f"Bearer {SECRET}"}},
        {"headers": {"Authorization": f'OAuth oauth_nonce="n", oauth_token="{SECRET}"'}},
        {"params": (("access_token", SECRET),)},
        {"form": (("client_secret", SECRET), ("code", SECRET))},
        {"json": {"inner": [{"password": SECRET}]}},
    ],
)
@pytest.mark.parametrize("status", [400, 429])
async def test_a_server_that_repeats_our_secret_is_not_believed(fields: dict[str, Any], status: int) -> None:
    said = f"Malformed access token {SECRET}, status a word"

    def handle(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, text=said)

    request = HttpRequest(method="POST", url="https://api.example/x", effect=Effect.READ, **fields)
    async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as client:
        out = Transport(client, StillClock())
        if status == 429:
            with pytest.raises(RateLimited) as caught:
                await out.send(request)
            told = caught.value.said
        else:
            told = (await out.send(request)).body.decode()
    assert told == "Malformed access token ..., status a word"


def test_a_request_tells_nobody_what_it_carries() -> None:
    pair = (("access_token", SECRET),)
    for fields in ({"params": pair}, {"form": pair}, {"json": dict(pair)}, {"headers": dict(pair)}, {"content": b"x"}):
        request = HttpRequest(method="POST", url="https://api.example/x", effect=Effect.READ, **fields)
        assert SECRET not in repr(request)
