"""Listening: a port bound before anything else starts, and uvicorn on it without its own ideas about signals."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from typing import TYPE_CHECKING

import uvicorn

from bot.problems import StartProblem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.types import ASGIApp


def bind(host: str, port: int, *, choose: str = "set COPYDESK_PORT to a free port") -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises `StartProblem`, which says how to `choose` another."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off only for sockets that say they are TCP; without it answers take 40 ms longer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(256)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            msg = f"Port {port} on {host} is in use, perhaps by a desk that is already running."
        else:
            msg = f"Port {port} on {host} can't be opened ({error.strerror})."
        raise StartProblem(msg, f"Stop the other program, or {choose}.") from None
    return listener


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The process handles its signals in one place."""
        yield


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket, *, grace: int = 5) -> AsyncIterator[None]:
    """Serve until the block ends, then give open requests `grace` seconds."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=grace,
        timeout_keep_alive=30,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="web")
    try:
        while not server.started and not task.done():
            await asyncio.wait([task], timeout=0.005)
        yield
    finally:
        server.should_exit = True
        await task
