"""Where an account lives: which server to speak to, and where people can look at its posts."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urlsplit

from services.domain.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.ports.platform import Connection

DEFAULT_BASE_URL: Final = "https://bsky.social"
_WEB: Final = "https://bsky.app"
_VIDEO: Final = "https://video.bsky.app"
_HOSTS: Final = ".bsky.network"
_NO_HANDLE: Final = "handle.invalid"
"""What the network shows when a handle no longer points at its account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One server's address without a trailing slash; `fixed` when the operator named it: discovery can't move it."""

    base_url: str
    fixed: bool

    def post_url(self, who: str, rkey: str) -> str:
        """The page of a post by `who` (handle or DID); a local server has its own pages."""
        root = self.base_url if _is_loopback(urlsplit(self.base_url).hostname or "") else _WEB
        return f"{root}/profile/{who}/post/{rkey}"

    @property
    def video_url(self) -> str:
        """Where videos go, whatever server the account is on; a local server takes them itself."""
        return self.base_url if _is_loopback(urlsplit(self.base_url).hostname or "") else _VIDEO


def audience(url: str) -> str:
    """What the server at an address is called in tokens that are meant for it."""
    return f"did:web:{urlsplit(url).hostname}"


def place_of(connection: Connection) -> Place:
    """Choose the server: named by the operator, else discovered at sign-in (kept as `pds`), else the public entry."""
    named = connection.base_url.strip().rstrip("/")
    discovered = connection.credentials.get("pds", "")
    # Naming the public entry is naming nothing: it is the place that discovers.
    if named not in {"", DEFAULT_BASE_URL} and (connection.account is None or not discovered):
        return Place(base_url=_checked(named), fixed=True)
    if discovered:
        return Place(base_url=_checked(discovered), fixed=False)
    return Place(base_url=DEFAULT_BASE_URL, fixed=False)


def discover(did_document: Mapping[str, object] | None) -> str:
    """The account's own server from its identity document; empty when there is none that may be used."""
    services = (did_document or {}).get("service")
    for service in services if isinstance(services, list) else ():
        if isinstance(service, dict) and str(service.get("id", "")).endswith("#atproto_pds"):
            endpoint = service.get("serviceEndpoint")
            return endpoint.rstrip("/") if isinstance(endpoint, str) and _is_public(endpoint) else ""
    return ""


def run_by_bluesky(url: str) -> bool:
    """Whether the network runs a server itself and so keeps it up to date."""
    host = urlsplit(url).hostname or ""
    return host == urlsplit(DEFAULT_BASE_URL).hostname or host.endswith(_HOSTS)


def known_as(handle: str, did: str) -> str:
    """The name for links: the handle while it works, otherwise the DID, which always does."""
    return handle if handle and handle != _NO_HANDLE else did


def _checked(url: str) -> str:
    parts = _split(url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidInput("base_url must be a full address such as https://bsky.social.", field="base_url")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InvalidInput("base_url must be an address only: no user name, query or fragment.", field="base_url")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise InvalidInput(
            "base_url must begin with https://, as the app password travels to it; plain http works on loopback only.",
            field="base_url",
        )
    return url


def _is_public(url: str) -> bool:
    """An identity document is not the operator's word: only https to a named host is followed."""
    parts = _split(url)
    if parts is None or parts.scheme != "https" or parts.username or parts.query or parts.fragment:
        return False
    host = (parts.hostname or "").removesuffix(".")
    inner = host.endswith((".local", ".localhost", ".internal"))
    # Systems read "127.1" and "0x7f.1" as addresses too; the last part of a name begins with a letter.
    return "." in host and not inner and host.rpartition(".")[2][:1].isalpha()


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # only reading it tells whether it is a number
    except ValueError:
        return None
    return parts


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback
