"""Where the API is, who speaks, and what things are called: LinkedIn names everything by a URN."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from services.domain.delivery import Receipt
from services.domain.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import datetime

DEFAULT_BASE_URL: Final = "https://api.linkedin.com"
_WEB: Final = "https://www.linkedin.com"
AUTHOR: Final = re.compile(r"urn:li:(person|organization):[\w-]+")
POST: Final = re.compile(r"urn:li:(share|ugcPost):\d+")
_COMMENT: Final = re.compile(r"urn:li:comment:\((urn:li:\w+:\d+),(\w+)\)")
_UPLOADS: Final = (".linkedin.com", ".licdn.com")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One account's addresses and its own name; an explicit base_url stands for LinkedIn's other hosts too."""

    base_url: str
    author: str
    """Empty while it is not known."""

    @property
    def is_page(self) -> bool:
        """Whether an organization speaks."""
        return self.author.startswith("urn:li:organization:")

    @property
    def token_url(self) -> str:
        """Where tokens are renewed."""
        root = _WEB if self.base_url == DEFAULT_BASE_URL else self.base_url
        return f"{root}/oauth/v2/accessToken"

    def takes_uploads(self, url: str) -> bool:
        """Whether an address to upload to is one of LinkedIn's: it comes with our token."""
        try:
            parts, own = urlsplit(url), urlsplit(self.base_url)
            host = parts.hostname or ""
            same = (parts.scheme, host, parts.port) == (own.scheme, own.hostname, own.port)
        except ValueError:
            return False
        return same or (parts.scheme == "https" and host.endswith(_UPLOADS))

    def post_url(self, urn: str) -> str:
        """The page of a post; a local server has its own pages."""
        comment = _COMMENT.fullmatch(urn)
        root = self.base_url if _is_local(self.base_url) else _WEB
        post = comment[1] if comment else urn
        query = f"?commentUrn={quote(urn, safe='')}" if comment else ""
        return f"{root}/feed/update/{post}/{query}"

    def receipt(self, urn: str, part: int, at: datetime) -> Receipt:
        """The proof that a part is live."""
        return Receipt(part=part, remote_id=urn, url=self.post_url(urn), at=at)


def author_of(given: str) -> str:
    """The author as an operator gave it; `InvalidInput` when it is no member's or page's URN."""
    text = given.strip()
    if text and AUTHOR.fullmatch(text) is None:
        raise InvalidInput(
            "author must be a URN such as urn:li:person:abc123 or urn:li:organization:12345.",
            next_step="A page's number is in the address of its admin view.",
            field="author",
        )
    return text


def comment_of(urn: str) -> tuple[str, str] | None:
    """The post (or activity) and the number of a comment; None for what is none."""
    match = _COMMENT.fullmatch(urn)
    return (match[1], match[2]) if match else None


def comment_urn(post: str, number: str) -> str:
    """A comment's name."""
    return f"urn:li:comment:({post},{number})"


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
