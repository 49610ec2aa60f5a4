"""What a web page says about itself for a link card: read from untrusted bytes, within bounds, fetching nothing."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

MAX_PAGE: Final = 256_000
"""Bytes looked at: the facts stand in the head of a page."""
MAX_TITLE: Final = 300
MAX_DESCRIPTION: Final = 1000
MAX_URL: Final = 2000
"""Characters kept of each fact."""

_CHUNK: Final = 16_000
_MOST_PIECES: Final = 5_000
"""Tags and stretches of text after which a page is not worth more of our time."""
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_TITLES: Final = ("og:title", "twitter:title")
_DESCRIPTIONS: Final = ("og:description", "twitter:description", "description")
_IMAGES: Final = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
_WANTED: Final = frozenset((*_TITLES, *_DESCRIPTIONS, *_IMAGES))
_INVISIBLE: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+"
)
_DECLARED: Final = re.compile(
    rb"<meta[^>]{0,200}?charset\s{0,8}=\s{0,8}[\"']?\s{0,8}([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE
)
_HEADER: Final = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_PLAIN_CODECS: Final = re.compile(
    r"(utf-(8|16|16-le|16-be)|ascii|iso8859-\d+|cp\d+|koi8-[ru]|shift_jis|euc_(jp|kr)|gb\w+|big5)"
)
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A page in a few words; `image` is an absolute http(s) address or empty."""

    title: str
    description: str = ""
    image: str = ""


def read_preview(page: bytes, *, url: str, content_type: str = "") -> Preview | None:
    """The facts of an HTML page found at `url`; None when it is no HTML or has no title. Never raises."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind and kind not in _HTML:
        return None
    scanner = _Head()
    with suppress(AssertionError):  # the parser's answer to a marked section it doesn't know; what was read stays
        scanner.read(_decode(page[:MAX_PAGE], content_type))
    facts = scanner.facts
    title = _first(facts, _TITLES) or scanner.title
    if not title:
        return None
    return Preview(
        title=_shortened(title, MAX_TITLE),
        description=_shortened(_first(facts, _DESCRIPTIONS), MAX_DESCRIPTION),
        image=_absolute(_first(facts, _IMAGES), scanner.base, url),
    )


def picture_type(data: bytes) -> str | None:
    """The MIME type of a picture by its first bytes; None for anything the networks don't show."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return "image/gif" if data[:6] in {b"GIF87a", b"GIF89a"} else None


class _Head(HTMLParser):
    """Collects the first of each wanted fact and stops where the body begins."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.facts: dict[str, str] = {}
        self.base = ""
        self._title: list[str] = []
        self._in_title = False
        self._titled = False
        self._done = False
        self._pieces = 0

    @property
    def title(self) -> str:
        """The title element's words."""
        return _clean("".join(self._title))

    def read(self, text: str) -> None:
        """Feed in chunks, so that a page is left once its head has ended or it turns out to be made to waste time."""
        for start in range(0, len(text), _CHUNK):
            self.feed(text[start : start + _CHUNK])
            never_ending = self.cdata_elem is None and len(self.rawdata) > _CHUNK
            if self._done or never_ending or self._pieces > _MOST_PIECES:
                return

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Facts stand in `meta`, the base for relative addresses in `base`."""
        self._pieces += 1
        if self._done:
            return
        if tag == "body":
            self._done = True
        elif tag == "title" and not self._titled:
            self._in_title = True
        elif tag == "base" and not self.base:
            self.base = dict(attrs).get("href") or ""
        elif tag == "meta":
            self._note({name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        """Only the first title counts: drawings inside the page have titles too."""
        if tag == "title" and self._in_title:
            self._in_title = False
            self._titled = True

    def handle_data(self, data: str) -> None:
        """The words of the title."""
        self._pieces += 1
        if self._in_title:
            self._title.append(data[:MAX_DESCRIPTION])

    def _note(self, attributes: dict[str, str]) -> None:
        name = (attributes.get("property") or attributes.get("name") or "").strip().lower()
        content = _clean(attributes.get("content", ""))
        if name in _WANTED and content:
            self.facts.setdefault(name, content)


def _first(facts: dict[str, str], names: tuple[str, ...]) -> str:
    return next((facts[name] for name in names if name in facts), "")


def _clean(text: str) -> str:
    return " ".join(_INVISIBLE.sub(" ", text[: 4 * MAX_DESCRIPTION]).split())


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _decode(page: bytes, content_type: str) -> str:
    for mark, codec in _BOMS:
        if page.startswith(mark):
            return page[len(mark) :].decode(codec, "replace")
    header = _HEADER.search(content_type)
    declared = _DECLARED.search(page[:2048])
    name = header.group(1) if header else declared.group(1).decode("ascii") if declared else "utf-8"
    return page.decode(_codec(name), "replace")


def _codec(name: str) -> str:
    """The codec of that name when it is a plain character set: Python knows others, some of them slow or failing."""
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return "utf-8"
    return found if _PLAIN_CODECS.fullmatch(found) else "utf-8"


def _absolute(address: str, base: str, url: str) -> str:
    if not address or len(address) > MAX_URL:
        return ""
    try:
        whole = urljoin(urljoin(url, base), address)
        parts = urlsplit(whole)
    except ValueError:
        return ""
    good = parts.scheme in {"http", "https"} and parts.hostname and not parts.username and len(whole) <= MAX_URL
    return whole if good else ""
