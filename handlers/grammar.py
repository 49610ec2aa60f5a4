"""Reading what people type: one pure function from text to a command, or to how it should have been written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from services.domain.errors import InvalidInput
from services.selection import nearest

if TYPE_CHECKING:
    from collections.abc import Collection


class Word(StrEnum):
    """The words a command can begin with."""

    DRAFT = "draft"
    QUEUE = "queue"
    SHOW = "show"
    SCHEDULE = "schedule"
    REPORT = "report"
    FREEZE = "freeze"
    THAW = "thaw"
    ACCOUNTS = "accounts"
    CHANNEL = "channel"
    SETTINGS = "settings"
    ROLES = "roles"
    HELP = "help"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command word with what follows it."""

    word: Word
    rest: str = ""
    """The text after the word, as typed; for a draft the brief."""
    notes: str = ""
    networks: tuple[str, ...] = ()
    """Platform names and @handles after "for"."""
    brand: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Text that is no command; `suggestion` is the whole text as it was probably meant, `known` its command word."""

    text: str
    word: str
    suggestion: str | None = None
    known: str | None = None


OTHER_NETWORKS: Final = frozenset(
    {
        "linkedin",
        "facebook",
        "instagram",
        "tiktok",
        "threads",
        "twitter",
        "x",
        "myspace",
        "friendster",
        "tumblr",
        "pinterest",
        "reddit",
        "snapchat",
        "youtube",
        "xing",
        "vk",
        "weibo",
        "orkut",
        "telegram",
        "whatsapp",
        "nostr",
        "lemmy",
        "pixelfed",
        "misskey",
    }
)
"""Names nobody means as the end of a brief, whether the desk speaks to them or not."""
_PREFIX: Final = re.compile(r"\s*/desk\b\s*", re.IGNORECASE)
_BRAND: Final = re.compile(r"(?:^|\s)brand=(\S+)\s*$", re.IGNORECASE)
_FOR: Final = re.compile(r"(?:^|\s)for\s+", re.IGNORECASE)
_BLANK: Final = re.compile(r"\n[ \t]*\n")
_NEAR: Final = 0.8
"""How alike a word and a network's name are (0 to 1) when it is taken for a slip of the finger."""
_SLIP: Final = 2
"""Letters a slip adds or leaves out at most; "instagrammers" is a word of its own."""


def parse(text: str, networks: Collection[str]) -> Command | Usage:
    """Read a command; `networks` are the slugs and names that may follow "for".

    Raises `InvalidInput` (field "networks") when the networks are named but one of them is not known.
    """
    body = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    body = _PREFIX.sub("", body, count=1) if _PREFIX.match(body) else body
    if not body:
        return Command(word=Word.HELP)
    first = body.split(maxsplit=1)[0]
    rest = body[len(first) :].strip()
    if first.casefold() not in set(Word):
        return _usage(body, first)
    word = Word(first.casefold())
    return _draft(rest, networks) if word is Word.DRAFT else Command(word=word, rest=rest)


def _usage(body: str, first: str) -> Usage:
    known = nearest(first, list(Word))
    if known is None or SequenceMatcher(None, first.casefold(), known).ratio() < _NEAR:
        return Usage(text=body, word=first)
    return Usage(text=body, word=first, suggestion=f"{known}{body[len(first) :]}", known=known)


def _draft(text: str, networks: Collection[str]) -> Command:
    """The brief with what follows it: its networks and brand at its end, its notes after an empty line."""
    parts = _BLANK.split(text, maxsplit=1)
    brief, notes = parts[0].strip(), (parts[1].strip() if len(parts) > 1 else "")
    brief, brand = _take_brand(brief)
    brief, wanted = _take_networks(brief, networks)
    if not brand:
        brief, brand = _take_brand(brief)
    return Command(word=Word.DRAFT, rest=brief, notes=notes, networks=wanted, brand=brand)


def _take_brand(brief: str) -> tuple[str, str]:
    found = _BRAND.search(brief)
    return (brief[: found.start()].rstrip(), found[1]) if found else (brief, "")


def _take_networks(brief: str, networks: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """The brief without a closing "for a,b" whose every word names a network or a handle; anything else is brief."""
    every = list(_FOR.finditer(brief))
    if not every:
        return brief, ()
    found = every[-1]
    words = tuple(w for w in re.split(r"\s*[,&]\s*|\s+and\s+", brief[found.end() :].strip()) if w)
    known = {n.casefold() for n in networks} | OTHER_NETWORKS
    named = [_names_network(w, known) for w in words]
    if words and all(named):
        return brief[: found.start()].rstrip(), words
    slip = next((w for w, ok in zip(words, named, strict=True) if not ok), "")
    if slip and (any(named) or len(words) == 1) and (near := _slip_of(slip, networks)):
        raise InvalidInput(
            f"I don't know a network called “{slip}”.",
            next_step=f"Did you mean {near}? If the words belong to the brief, end it with a full stop.",
            field="networks",
        )
    return (brief[: found.start()].rstrip(), words) if _is_list(brief[found.end() :], named) else (brief, ())


def _is_list(text: str, named: Collection[bool]) -> bool:
    """Whether only somebody who lists networks writes like this: "a,b" without a space, or "mastodon, nosuch".

    A word in it that names none is then told so, instead of becoming a part of the brief.
    """
    words = [w.strip() for w in text.split(",")]
    single = all(re.fullmatch(r"@?[^\W\d][^\s&]*(?<=\w)", w) for w in words)
    network = len(words) == 1 and words[0].casefold().endswith("network") and words[0].casefold() != "network"
    return single and (network or (len(words) > 1 and (any(named) or " " not in text.strip())))


def _names_network(word: str, known: Collection[str]) -> bool:
    return word.casefold() in known or (word.startswith("@") and len(word) > 1 and not re.search(r"\s", word))


def _slip_of(word: str, networks: Collection[str]) -> str | None:
    """The network that was meant by a word one or two letters off."""
    if re.search(r"\s", word) or not word[-1].isalnum():
        return None
    near = nearest(word, sorted(networks, key=lambda n: (not n.islower(), n)))
    if near is None or abs(len(near) - len(word)) > _SLIP:
        return None
    return near if SequenceMatcher(None, word.casefold(), near.casefold()).ratio() >= _NEAR else None
