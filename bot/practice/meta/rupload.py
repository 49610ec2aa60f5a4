"""The place where Meta's networks take the bytes of a video: each request says where in the file it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.practice.meta.wire import GraphError
from bot.practice.world import world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.book import Book

AWAY = "rupload "
"""Before the name of what has not arrived whole, where bytes are kept by name."""
OF_ONE = "FROM blobs WHERE digest GLOB ?"


async def arrived(request: Request, name: str) -> bytes | None:
    """Keep what a request brings; answer the whole file once its last byte is there."""
    scheme, _, _ = request.headers.get("authorization", "").partition(" ")
    if scheme != "OAuth":
        raise _refused("Invalid authorization header: the scheme is OAuth")
    if "file_url" in request.headers:
        raise _refused("(#100) file_url is not part of the practice network")
    start, size = _number(request, "offset"), _number(request, "file_size")
    if size == 0:
        raise _refused("The file is empty")
    return append(world_of(request).book, name, await request.body(), start=start, size=size)


def append(book: Book, name: str, content: bytes, *, start: int, size: int) -> bytes | None:
    """Add bytes to what has come of a file; answer all of it once it is whole."""
    with book.together():
        there = so_far(book, name)
        if start != there:
            raise _refused(f"Offset mismatch: {there} bytes have arrived, the request begins at {start}")
        if not content or start + len(content) > size:
            raise _refused(f"{len(content)} bytes do not fit: the file has {size}, {there} have arrived")
        book.change("INSERT INTO blobs VALUES (?, ?)", f"{AWAY}{name} {start:012}", content)
        if start + len(content) < size:
            return None
        rows = book.rows(f"SELECT content {OF_ONE} ORDER BY digest", f"{AWAY}{name} *")
        book.change(f"DELETE {OF_ONE}", f"{AWAY}{name} *")
    return b"".join(row["content"] for row in rows)


def so_far(book: Book, name: str) -> int:
    """How many bytes of a file have arrived."""
    row = book.row(f"SELECT COALESCE(SUM(LENGTH(content)), 0) AS n {OF_ONE}", f"{AWAY}{name} *")
    return 0 if row is None else int(row["n"])


def _number(request: Request, name: str) -> int:
    told = request.headers.get(name, "")
    if not told.isascii() or not told.isdigit():
        raise _refused(f"The header {name} must be a number")
    return int(told)


def _refused(message: str) -> GraphError:
    return GraphError(message, code=6000, subcode=1363019)
