"""Where the API is, where uploads may go, and where people look at what the account says."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

DEFAULT_BASE_URL: Final = "https://open.tiktokapis.com"
_WEB: Final = "https://www.tiktok.com"
_UPLOADS: Final = ".tiktokapis.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One account's addresses."""

    base_url: str
    handle: str
    """Empty while it is not known."""

    def takes_uploads(self, url: str) -> bool:
        """Whether an address to upload to is one of TikTok's: whoever has it has the video before it is public."""
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return False
        if _is_local(self.base_url):
            return _is_local(url)
        return parts.scheme == "https" and host.endswith(_UPLOADS) and not parts.username

    @property
    def profile(self) -> str:
        """The account's own page."""
        return f"{self._web}/@{quote(self.handle)}"

    def post_url(self, post_id: str) -> str:
        """The page of a post; one of photos leads on from there by itself."""
        return f"{self.profile}/video/{quote(post_id)}"

    @property
    def _web(self) -> str:
        return self.base_url if _is_local(self.base_url) else _WEB


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
