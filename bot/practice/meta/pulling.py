"""Fetches what a client says is to be shown; only from this machine, whatever the real networks would do."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

import httpx

from bot.practice.guard import is_loopback

SECONDS = 10.0
MOST_BYTES = 30_000_000


class FetchError(Exception):
    """It could not be fetched; the message says why."""


async def fetch(address: str, *, most: int = MOST_BYTES) -> tuple[bytes, str]:
    """Answer a file's bytes and the kind its server says they are; no redirect is followed."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        message = "The address is not a URL."
        raise FetchError(message)
    if not is_loopback(parts.netloc):
        message = "The practice networks fetch from this machine only."
        raise FetchError(message)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loopback needs none of the machine's certificates
    try:
        async with httpx.AsyncClient(trust_env=False, verify=trust, timeout=SECONDS) as client:
            answer = await client.get(address)
    except (httpx.HTTPError, httpx.InvalidURL):
        message = "The address did not answer."
        raise FetchError(message) from None
    if answer.status_code != httpx.codes.OK or len(answer.content) > most:
        message = f"The address answered {answer.status_code}."
        raise FetchError(message)
    return answer.content, answer.headers.get("content-type", "").partition(";")[0].strip()
