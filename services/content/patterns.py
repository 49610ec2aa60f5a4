"""What must not be left in a text that goes out, as regular expressions with the cases they must not catch."""

from __future__ import annotations

from typing import Final

import regex

_I: Final = regex.IGNORECASE
_M: Final = regex.MULTILINE

URL: Final = regex.compile(r"https?://[^\s<>\"|]+", _I)
HASHTAG: Final = regex.compile(r"(?<![\w&/#])#(?=\w*[^\W\d])\w+")

_ATTRIBUTES: Final = r"""(?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+)){0,10}\s{0,10}/?>"""
_LONG_TAGS: Final = (
    "br|hr|em|strong|div|span|ul|ol|li|h[1-6]|code|pre|blockquote|img|table|tr|td|th"
    "|script|style|del|ins|sub|sup|small|font|iframe"
)

MARKUP: Final = (
    regex.compile(r"(?<![\w*])\*\*(?=[^\s*])[^*\n]{1,500}(?<=\S)\*\*(?![\w*])"),  # not 2**3**4, not **kwargs, **more
    regex.compile(r"(?<!\w)__(?=[^\s_])[^_\n]{0,200}\s[^_\n]{0,200}(?<=\S)__(?!\w)"),  # not __init__
    regex.compile(r"(?<!\w)!?\[[^\]\n]{1,300}\]\([^)\s]{1,2000}\)"),  # not handlers[i](event)
    regex.compile(r"^ {0,3}#{1,6}[ \t]+\S.*$", _M),
    regex.compile(r"^[ \t]*(?:-{3,}|\*{3,})[ \t]*$", _M),
    regex.compile(r"```|^~~~", _M),
    regex.compile(rf"</?(?:{_LONG_TAGS}){_ATTRIBUTES}|</[a-z]\w*>|<!--", _I),
    regex.compile(rf"(?<!\w)<[abipsu]{_ATTRIBUTES}", _I),  # not Vec<u>
    regex.compile(r"&(?:amp|lt|gt|nbsp|quot|#\d+);", _I),
    regex.compile(r"<https?://[^>\s]+(?:\|[^>\n]{0,300})?>", _I),  # a chat's own way to write links
    regex.compile(r"<a?:\w+:\d+>"),  # a chat's own emoji
)

_NOUNS: Final = (
    "link|url|name|first name|company|brand|product|date|time|number|image|photo|cta|hashtags?|placeholder|handle"
)

PLACEHOLDER: Final = (
    regex.compile(r"(?<![\w\])])\[(?:insert|your|add|enter|replace|fill in)\b[^\]\n]{0,200}\]", _I),
    regex.compile(rf"(?<![\w\])])\[(?:the )?(?:{_NOUNS}|tbd|todo|x{{2,}})(?: (?:goes )?here)?\]", _I),
    regex.compile(r"\{\{[^{}\n]{1,200}\}\}"),
    regex.compile(r"(?<![\w$\\}])\{[a-z][a-z_ ]{1,30}\}", _I),  # not ${PATH}, not \frac{ab}{cd}
    regex.compile(r"(?<!\w)<(?:insert|your|add|enter)\b[^<>\n]{0,200}>", _I),
    regex.compile(rf"(?<!\w)<(?:{_NOUNS})>", _I),
    regex.compile(r"%[A-Z][A-Z_]{2,}%"),
    regex.compile(r"\b(?:TODO|TBD|FIXME)\b(?! (?:list|app|comment|item)s?)"),
    regex.compile(r"\blorem ipsum\b", _I),
    regex.compile(r"_{4,}"),
)

CHAT_MENTION: Final = (
    regex.compile(r"<!(?:channel|here|everyone|subteam\^\w+)(?:\|[^>\n]{0,300})?>", _I),
    regex.compile(r"<@[!&]?\w+(?:\|[^>\n]{0,300})?>"),
    regex.compile(r"<#\w+(?:\|[^>\n]{0,300})?>"),
    # Not me@here.org, @here.com (a handle) or @everyone@mastodon.social.
    regex.compile(r"(?<![\w@.])@(?:everyone|here|channel)(?!\w|-\w|\.\w|@\w)", _I),
)

CAPITALS: Final = regex.compile(r"\b\p{Lu}{2,}\b(?:[^\w\n]+\b\p{Lu}{2,}\b){3,}")
SAME_WORD: Final = regex.compile(r"\b([^\W\d]\w*)\b(?:\W+\1\b){3,}", _I)


def banned_pattern(phrase: str) -> regex.Pattern[str]:
    """A pattern for a banned word or phrase, whatever its case, hyphens and usual English endings."""
    words = [regex.escape(word) for word in regex.split(r"[\s\-_‐‑–]+", phrase.strip()) if word]
    stem = words[-1] if words else r"(?!)"
    inflected = [*words[:-1], _inflected(stem)]
    return regex.compile(r"(?<!\w)" + r"[\s\-_‐‑–]*".join(inflected) + r"(?!\w)", _I)


def _inflected(word: str) -> str:
    low = word.lower()
    if low.endswith("ing") and len(word) > 5:
        return word[:-3] + r"(?:ing|ings|ingly|e|es|ed|er|ers|s)"
    if low.endswith("y") and len(word) > 3 and low[-2] not in "aeiou":
        return word[:-1] + r"(?:y|ies|ied|ily|y['’]s)"
    if low.endswith("e") and len(word) > 3:
        return word[:-1] + r"(?:e|es|ed|er|ers|ing|e['’]s)"
    return word + r"(?:s|es|ed|ing|ly|['’]s)?"
