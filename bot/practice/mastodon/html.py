"""Turns the plain text of a status into the HTML a Mastodon server answers with."""

from __future__ import annotations

import re
from html import escape

from bot.practice.identity import HANDLE
from bot.practice.text import HASHTAG, links

SHOWN = 30
OWN_MENTION = re.compile(rf"(?<![\w/@])@{HANDLE}(?![\w@])")


def content(text: str, *, root: str) -> str:
    """Answer paragraphs with links, hashtags and known mentions; `root` is the server's own address."""
    clean = text.replace("\r\n", "\n").strip()
    if not clean:
        return ""
    paragraphs = re.split(r"\n{2,}", clean)
    return "".join(f"<p>{_inline(paragraph, root).replace(chr(10), '<br />')}</p>" for paragraph in paragraphs)


def _inline(text: str, root: str) -> str:
    pieces, at = [], 0
    for start, end in links(text):
        pieces += [_words(text[at:start], root), _link(text[start:end])]
        at = end
    return "".join([*pieces, _words(text[at:], root)])


def _words(text: str, root: str) -> str:
    tagged, at = [], 0
    for found in sorted([*HASHTAG.finditer(text), *OWN_MENTION.finditer(text)], key=lambda one: one.start()):
        tagged.append(escape(text[at : found.start()]))
        name = escape(found.group()[1:])
        if found.group().startswith("#"):
            address = f"{root}/tags/{name.lower()}"
            tagged.append(f'<a href="{address}" class="mention hashtag" rel="tag">#<span>{name}</span></a>')
        else:
            link = f'<a href="{root}/@{name}" class="u-url mention">@<span>{name}</span></a>'
            tagged.append(f'<span class="h-card" translate="no">{link}</span>')
        at = found.end()
    return "".join([*tagged, escape(text[at:])])


def _link(address: str) -> str:
    found = re.match(r"https?://(www\.)?", address, re.IGNORECASE)
    scheme = found.group() if found else ""
    rest = address[len(scheme) :]
    shown, hidden = rest[:SHOWN], rest[SHOWN:]
    shape = "ellipsis" if hidden else ""
    return (
        f'<a href="{escape(address)}" target="_blank" rel="nofollow noopener noreferrer" translate="no">'
        f'<span class="invisible">{escape(scheme)}</span><span class="{shape}">{escape(shown)}</span>'
        f'<span class="invisible">{escape(hidden)}</span></a>'
    )
