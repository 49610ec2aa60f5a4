"""How the Bluesky apps set a post: an address as its host and the beginning of its path."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from services.marks import Mark, MarkKind
from services.platforms.bluesky.facets import Kind, spans

PATH: Final = 15
"""Characters of path, query and fragment that are shown whole; of a longer one the first thirteen (`toShortUrl`)."""
_KINDS: Final = {Kind.LINK: MarkKind.LINK, Kind.MENTION: MarkKind.MENTION, Kind.TAG: MarkKind.TAG}


def marks(text: str) -> tuple[Mark, ...]:
    """See `Marker`."""
    return tuple(
        Mark(
            start=s.start,
            end=s.end,
            kind=_KINDS[s.kind],
            shown=short_address(s.value) if s.kind is Kind.LINK else text[s.start : s.end],
            href=s.value if s.kind is Kind.LINK else "",
        )
        for s in spans(text)
    )


def short_address(address: str) -> str:
    """What the apps show of an address; one they can't read stays as written."""
    try:
        found = urlsplit(address)
    except ValueError:
        return address
    path = "" if found.path == "/" else found.path
    rest = path + (f"?{found.query}" if found.query else "") + (f"#{found.fragment}" if found.fragment else "")
    host = found.netloc.removeprefix("www.")
    return f"{host}{rest}" if len(rest) <= PATH else f"{host}{rest[: PATH - 2]}..."
