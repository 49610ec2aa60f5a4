"""Lets only this machine in, and no page of another site that a browser here happens to show."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


def is_loopback(host: str) -> bool:
    """Tell whether a Host header names this machine; the port does not matter."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _from_here(origin: str) -> bool:
    return is_loopback(origin.partition("://")[2])


class LoopbackOnly:
    """Refuses with 403 whatever was not addressed to loopback."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http":
            headers = {bytes(name).lower(): bytes(value).decode("latin-1") for name, value in scope["headers"]}
            origin = headers.get(b"origin")
            if not is_loopback(headers.get(b"host", "")) or (origin is not None and not _from_here(origin)):
                refusal = JSONResponse({"error": "The practice networks answer on this machine only."}, 403)
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)
