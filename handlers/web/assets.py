"""Styles, scripts and type, addressed by their content so that browsers may keep them for ever, and packed once."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.domain.errors import NotFound

STATIC: Final = Path(__file__).parent / "static"
router = APIRouter(include_in_schema=False)
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_PACKED: Final = frozenset({".css", ".js", ".svg", ".txt"})
"""Endings worth packing; type is packed already."""
_LINKED: Final = re.compile(r'url\("([\w./-]+)"\)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file as it is sent."""

    body: bytes
    packed: bytes | None
    """With gzip; None where that gains nothing."""
    mime: str
    version: str
    """The beginning of the content's digest."""


@cache
def _names() -> frozenset[str]:
    return frozenset(p.relative_to(STATIC).as_posix() for p in STATIC.rglob("*") if p.is_file())


@cache
def find(name: str) -> Asset | None:
    """A file below the folder by its name; None for any other."""
    if name not in _names():
        return None
    path = STATIC / name
    body = path.read_bytes()
    if path.suffix == ".css":
        body = _LINKED.sub(lambda m: f'url("{m[1]}?v={_version(m[1])}")', body.decode()).encode()
    mime = mimetypes.types_map.get(path.suffix) or "font/woff2"
    packed = gzip.compress(body, 9, mtime=0) if path.suffix in _PACKED else None
    return Asset(body=body, packed=packed, mime=mime, version=hashlib.sha256(body).hexdigest()[:12])


def _version(name: str) -> str:
    found = find(name)
    return found.version if found else ""


def asset(name: str) -> str:
    """The address of a file as it is now; raises `LookupError` for one that is not there."""
    found = find(name)
    if found is None:
        raise LookupError(name)
    return f"/static/{name}?v={found.version}"


@router.get("/static/{name:path}")
async def static(request: Request, name: str, v: str = "") -> Response:
    """A file; kept for ever when asked for by its version, else asked after each time."""
    found = find(name)
    if found is None:
        raise NotFound("There is no such file.")
    tag = f'W/"{found.version}"'
    headers = {
        "etag": tag,
        "cache-control": _FOR_EVER if v == found.version else "no-cache",
        "vary": "accept-encoding",
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if found.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, media_type=found.mime, headers={**headers, "content-encoding": "gzip"})
    return Response(found.body, media_type=found.mime, headers=headers)
