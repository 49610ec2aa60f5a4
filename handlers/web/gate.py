"""The first thing every request meets: the right host, a key for the API, a readable size, safe headers going out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from handlers.web.answers import error_response
from handlers.web.sessions import CSRF_HEADER

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from handlers.web.door import Door

MAX_JSON: Final = 1_000_000
MAX_UPLOAD: Final = 30_000_000
"""A picture at its largest, as a data: URL."""
MAX_FILE: Final = 510_000_000
"""A video at its largest, or several files together, with the form around them."""
_DRAINED: Final = 4
"""As many times the limit of too large a form is read and dropped: a browser shows the answer only after it has sent
everything."""
_WITH_PICTURES: Final = frozenset({"/api/media", "/api/action", "/action"})
_WITH_FILES: Final = frozenset({"/api/media", "/action"})
"""Where files are received piece by piece; the page's own only from somebody who is signed in."""
_OWN_HEAD: Final = ("/api/media/", "/pulled/")
"""What answers a look at the headers itself, without reading a whole video for it."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_ONLY_GET: Final = frozenset({"/api/events", "/signin", "/connect/callback"})
"""A look at the headers of the first would never end; at those of the others it would use the link up."""
_OPEN: Final = frozenset({"/healthz", "/readyz", "/openapi.json"})
"""What a watcher asks for by address; it tells nothing worth a trick."""
_Refusal = tuple[int, str, str, str]
_WRONG_HOST: Final[_Refusal] = (
    421,
    "wrong_host",
    "The desk is not known under this name.",
    "Set COPYDESK_PUBLIC_URL to its address.",
)
_CSP: Final = (
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; script-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAFE_HEADERS: Final = (
    (b"content-security-policy", _CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_NAMES: Final = frozenset(name for name, _ in SAFE_HEADERS)


class Gate:
    """Plain ASGI, because it runs in front of everything."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        """Wraps the app."""
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Turn away, or pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._door.requests += 1
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        guarded = _with_headers(send, cacheable=path.startswith(("/static/", "/api/media/")))
        connection = HTTPConnection(scope)
        limit = self._limit(connection, path)
        refused = self._refusal(connection, scope["method"], path, limit)
        if refused is not None:
            status, code, message, next_step = refused
            answer = error_response(status, code, message, next_step=next_step)
            if status == 401:
                answer.headers["www-authenticate"] = "Bearer"
            await answer(scope, receive, guarded)
            return
        if scope["method"] == "HEAD" and path not in _ONLY_GET and not path.startswith(_OWN_HEAD):
            scope, guarded = {**scope, "method": "GET"}, _without_body(guarded)
        drained = 0 if wants_key(path) else limit * _DRAINED
        await self._app(scope, _limited(receive, limit, drained=drained), guarded)

    def _limit(self, connection: HTTPConnection, path: str) -> int:
        """Bytes of a request; what has no key yet is asked for one before it may send a video."""
        if path in _WITH_FILES and (wants_key(path) or self._door.sessions.find(connection) is not None):
            return MAX_FILE
        return MAX_UPLOAD if path in _WITH_PICTURES else MAX_JSON

    def _refusal(self, connection: HTTPConnection, method: str, path: str, limit: int) -> _Refusal | None:
        headers = connection.headers
        if wants_key(path):
            refused = self._without_key(connection, method)
        elif path in _OPEN or self._door.serves(headers.get("host", "")):
            refused = None
        else:
            refused = _WRONG_HOST
        declared = headers.get("content-length", "0")
        if refused is None and wants_key(path) and declared.isdigit() and int(declared) > limit:
            return 413, "too_large", *too_large(path)
        return refused

    def _without_key(self, connection: HTTPConnection, method: str) -> _Refusal | None:
        """None for the bearer under whatever name, and for a session of our own page."""
        door, headers = self._door, connection.headers
        if "authorization" in headers:
            if door.bearer_fits(headers["authorization"]):
                return None
            return 401, "unauthorized", "This token is not the desk's.", "Use the token from COPYDESK_TOKEN."
        session = door.sessions.find(connection)
        if session is None:
            return 401, "unauthorized", "Who are you?", "Send “Authorization: Bearer <token>”, or sign in on the page."
        if not door.serves(headers.get("host", "")):
            return _WRONG_HOST
        if method not in _SAFE and not door.form_is_ours(connection, headers.get(CSRF_HEADER, "")):
            return 403, "forbidden", "The page's own token is missing.", f"Send it as {CSRF_HEADER}."
        return None


def wants_key(path: str) -> bool:
    """Whatever is under /api or /metrics, also in a spelling that leads nowhere."""
    plain = "/" + path.casefold().lstrip("/")
    return plain in {"/api", "/metrics"} or plain.startswith(("/api/", "/metrics/"))


def too_large(path: str) -> tuple[str, str]:
    """What is said about a request that is larger than it may be, and what to do."""
    if path in _WITH_FILES:
        most = "a picture has at most 20 MB, a video 500 MB, and what is sent at once 500 MB together"
        return f"This upload is too large: {most}.", "Upload a smaller file, or fewer at once."
    if path in _WITH_PICTURES:
        return "This upload is too large: a picture has at most 20 MB.", "Upload larger files to /api/media."
    return "This request is too large: 1 MB is the most.", "Send less at once."


def _without_body(send: Send) -> Send:
    """The answer to a look at the headers."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return sending


def _with_headers(send: Send, *, cacheable: bool) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [header for header in message["headers"] if header[0] not in _NAMES]
            if not cacheable and not any(name == b"cache-control" for name, _ in headers):
                headers.append((b"cache-control", b"no-store"))
            message["headers"] = [*headers, *SAFE_HEADERS]
        await send(message)

    return sending


def _limited(receive: Receive, limit: int, *, drained: int) -> Receive:
    """The body, refused as soon as it is larger than it may be, or when so much more of it was dropped."""
    seen = 0

    async def receiving() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen <= limit:
            return message
        while message.get("more_body", False) and seen <= drained:
            message = await receive()
            seen += len(message.get("body", b""))
        raise HTTPException(413)

    return receiving
