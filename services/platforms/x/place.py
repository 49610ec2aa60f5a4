"""Where the API is, and where people can look at what the account says."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from services.domain.delivery import Receipt
from services.platforms.x.models import instant_of

DEFAULT_BASE_URL: Final = "https://api.x.com"
_WEB: Final = "https://x.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One account's addresses."""

    base_url: str
    handle: str
    """Empty while it is not known."""

    def post_url(self, post_id: str, who: str = "") -> str:
        """The page of a post by `who`, ours without a name; a local server has its own pages."""
        root = self.base_url if _is_local(self.base_url) else _WEB
        name = who or self.handle
        return f"{root}/{name}/status/{post_id}" if name else f"{root}/i/web/status/{post_id}"

    def receipt(self, post_id: str, part: int) -> Receipt:
        """The proof that a part is live; an id carries its own time."""
        return Receipt(part=part, remote_id=post_id, url=self.post_url(post_id), at=instant_of(post_id))


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
