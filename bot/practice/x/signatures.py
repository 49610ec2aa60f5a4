"""Signatures of OAuth 1.0a: what an Authorization header carries, and whether the right secrets signed it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import Request

FIELD = re.compile(r'(oauth_\w+)="([^"]*)"')
ALWAYS = frozenset(
    {
        "oauth_consumer_key",
        "oauth_nonce",
        "oauth_signature",
        "oauth_signature_method",
        "oauth_timestamp",
        "oauth_version",
    }
)


def header(request: Request) -> dict[str, str]:
    """The fields of an Authorization header of this kind; none when there is no such header."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    return {name: unquote(value) for name, value in FIELD.findall(rest)} if scheme == "OAuth" else {}


def signed(
    request: Request, given: Mapping[str, str], secrets: tuple[str, str], body: Iterable[tuple[str, str]] = ()
) -> bool:
    """Tell whether these secrets signed the call, for the first time; `body` is what a form adds to what is signed."""
    if not given.keys() >= ALWAYS or given["oauth_signature_method"] != "HMAC-SHA1":
        return False
    told = [(name, value) for name, value in given.items() if name != "oauth_signature"]
    pairs = sorted(
        (escaped(name), escaped(value)) for name, value in (*told, *request.query_params.multi_items(), *body)
    )
    address = str(request.url.replace(query=""))
    joined = "&".join(f"{name}={value}" for name, value in pairs)
    base = f"{request.method}&{escaped(address)}&{escaped(joined)}"
    key = "&".join(escaped(secret) for secret in secrets)
    wanted = base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()
    right = hmac.compare_digest(wanted.encode(), given["oauth_signature"].encode())
    return right and _first_time(world_of(request), given["oauth_nonce"])


def _first_time(world: World, nonce: str) -> bool:
    """Whether this nonce was never used before: a recorded call must not work again."""
    sql = "INSERT OR IGNORE INTO keys VALUES (?, '', ?)"
    return world.book.change(sql, f"x nonce {nonce}", world.now().timestamp()) == 1


def escaped(text: str) -> str:
    """Write text as signatures want it."""
    return quote(text, safe="~")
