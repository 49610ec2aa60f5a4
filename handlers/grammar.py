"""Reading what people type: one pure function from text to a command, or to how it should have been written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from services.domain.errors import InvalidInput
from services.domain.media import PictureStyle
from services.domain.post import NO_PICTURE, kept
from services.selection import nearest

if TYPE_CHECKING:
    from collections.abc import Collection


class Word(StrEnum):
    """The words a command can begin with."""

    DRAFT = "draft"
    THREAD = "thread"
    ADAPT = "adapt"
    IMAGE = "image"
    QUEUE = "queue"
    SHOW = "show"
    SCHEDULE = "schedule"
    REPORT = "report"
    FREEZE = "freeze"
    THAW = "thaw"
    ACCOUNTS = "accounts"
    CONNECT = "connect"
    CHANNEL = "channel"
    SETTINGS = "settings"
    ROLES = "roles"
    HELP = "help"


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """An address with what is seen there."""

    link: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command word with what follows it."""

    word: Word
    rest: str = ""
    """The text after the word, as typed; for a draft the brief, for an adaptation or picture the draft's number."""
    notes: str = ""
    """What stands below an empty line: material for a draft, a wish for an adaptation. What a picture should show."""
    links: tuple[Linked, ...] = ()
    """Where pictures, videos or documents lie that a draft is to show."""
    networks: tuple[str, ...] = ()
    """Platform names and @handles after "for"."""
    brand: str = ""
    tone: str = ""
    parts: str = ""
    """Posts of a thread as typed; empty when nothing was said about them."""
    source: str = ""
    """The network or @handle after "from"."""
    picture: str = ""
    """"no", "yes", or a style; empty when nothing was said. Where one is made, its style as typed."""


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
_SINGULAR: Final = {"account": Word.ACCOUNTS}
"""As one says it when one of them is meant."""
_PREFIX: Final = re.compile(r"\s*/desk\b\s*", re.IGNORECASE)
_OPTION: Final = re.compile(
    r"(?:^|\s)(?P<name>brand|tone|parts)=(?:[\"“„](?P<quoted>[^\"“”„]*)[\"“”]|(?P<word>\S+))\s*$", re.IGNORECASE
)
"""One choice at the end of a brief; quotes hold several words together."""
_AFTER: Final = re.compile(r"(?:^|(?<=\s))(for|to|from)(?=\s|$)", re.IGNORECASE)
_PICTURED: Final = re.compile(r"(?:^|\s)picture=(\S+)(?=\s|$)", re.IGNORECASE)
PICTURE_WORDS: Final = {
    "no": NO_PICTURE,
    "none": NO_PICTURE,
    "off": NO_PICTURE,
    "yes": "yes",
    "on": "yes",
    **{style.value: style.value for style in PictureStyle},
}
"""What may be said about the picture of a draft, and what it means."""
_STYLED: Final = re.compile(r"(?:^|\s)style=(\S+)\s*$", re.IGNORECASE)
_LINK: Final = re.compile(r"(?:^|(?<=\s))<?(?:[a-z][a-z0-9+.-]*://|www\.)[^\s>]+>?(?:\s+|$)", re.IGNORECASE)
_FOR: Final = re.compile(r"(?:^|\s)for\s+", re.IGNORECASE)
_BLANK: Final = re.compile(r"\n[ \t]*\n")
_NEAR: Final = 0.8
"""How alike a word and a network's name are (0 to 1) when it is taken for a slip of the finger."""
_SLIP: Final = 2
"""Letters a slip adds or leaves out at most; "instagrammers" is a word of its own."""


def parse(text: str, networks: Collection[str], *, strict: bool = True) -> Command | Usage:
    """Read a command; `networks` are the slugs and names that may follow "for".

    Raises `InvalidInput` when the networks (field "networks") or the style of the picture ("picture") are named but one
    of them is not known; without `strict` nothing is raised, and what is not known stands where it was meant.
    """
    body = kept(text).strip()
    body = _PREFIX.sub("", body, count=1) if _PREFIX.match(body) else body
    if not body:
        return Command(word=Word.HELP)
    first = body.split(maxsplit=1)[0]
    rest = body[len(first) :].strip()
    known = _SINGULAR.get(first.casefold(), first.casefold())
    if known not in set(Word):
        return _usage(body, first)
    word = Word(known)
    if word in {Word.DRAFT, Word.THREAD}:
        return _draft(word, rest, networks, strict=strict)
    return _READERS[word](rest) if word in _READERS else Command(word=word, rest=rest)


def _usage(body: str, first: str) -> Usage:
    known = nearest(first, list(Word))
    if known is None or SequenceMatcher(None, first.casefold(), known).ratio() < _NEAR:
        return Usage(text=body, word=first)
    return Usage(text=body, word=first, suggestion=f"{known}{body[len(first) :]}", known=known)


def _draft(word: Word, text: str, networks: Collection[str], *, strict: bool) -> Command:
    """The brief with what follows it: its networks and choices at its end, its notes after an empty line."""
    brief, notes = _apart(text)
    brief, picture = _take_picture(brief, strict=strict)
    brief, chosen = _take_options(brief)
    brief, wanted = _take_networks(brief, networks, strict=strict)
    if wanted:
        brief, before = _take_options(brief)
        chosen = before | chosen
    return Command(
        word=word,
        rest=brief,
        notes=notes,
        networks=wanted,
        brand=chosen.get("brand", ""),
        tone=chosen.get("tone", ""),
        parts=chosen.get("parts", ""),
        picture=picture,
    )


def picture_word(word: str) -> str:
    """What a word about the picture means; raises `InvalidInput` (field "picture")."""
    if not word or word.casefold() in PICTURE_WORDS:
        return PICTURE_WORDS.get(word.casefold(), "")
    near = nearest(word, list(PICTURE_WORDS))
    hint = f"Did you mean {near}?" if near else f"It can be no, yes, {', '.join(PictureStyle)}."
    raise InvalidInput(f"There is no picture “{word[:40]}”.", next_step=hint, field="picture")


def _take_picture(brief: str, *, strict: bool) -> tuple[str, str]:
    """The brief without "picture=…"; a word that means nothing is an error only at the end, where no prose stands."""
    for found in _PICTURED.finditer(brief):
        if found[1].casefold() in PICTURE_WORDS or found.end() == len(brief):
            rest = f"{brief[: found.start()]}{brief[found.end() :]}".strip()
            return rest, picture_word(found[1]) if strict else PICTURE_WORDS.get(found[1].casefold(), "")
    return brief, ""


def _adapt(text: str) -> Command:
    """The number and the names in "12 for a,b from c"; whether they mean something is told later."""
    line, wish = _apart(text)
    line, chosen = _take_options(line)
    number, _, names = line.partition(" ")
    wanted: list[str] = []
    source = ""
    kind = "for"
    for piece in _AFTER.split(names):
        if piece.casefold() in {"for", "to", "from"}:
            kind = piece.casefold()
            continue
        words = [w for w in re.split(r"[\s,&]+", piece) if w and w.casefold() != "and"]
        if kind == "from":
            source = " ".join(words)
        else:
            wanted += words
    return Command(
        word=Word.ADAPT,
        rest=number,
        notes=wish,
        networks=tuple(wanted),
        brand=chosen.get("brand", ""),
        tone=chosen.get("tone", ""),
        parts=chosen.get("parts", ""),
        source=source,
    )


def _image(text: str) -> Command:
    """The number, then addresses with what is seen there, or what should be seen; also below an empty line."""
    number, _, words = " ".join(text.split()).partition(" ")
    style = ""
    if found := _STYLED.search(words):
        words, style = words[: found.start()].rstrip(), found[1]
    links = linked(words)
    return Command(word=Word.IMAGE, rest=number, links=links, notes="" if links else words, picture=style)


def linked(text: str) -> tuple[Linked, ...]:
    """Each address with the words behind it; nothing in a text that does not begin with one."""
    found = list(_LINK.finditer(text))
    if not found or found[0].start() > 0:
        return ()
    ends = [*(one.start() for one in found[1:]), len(text)]
    return tuple(
        Linked(link=whole_link(one[0]), words=text[one.end() : end].strip())
        for one, end in zip(found, ends, strict=True)
    )


def whole_link(said: str) -> str:
    """An address without the brackets that keep a chat from showing what lies there, and with what may be left out."""
    link = said.strip().removeprefix("<").removesuffix(">")
    return f"https://{link}" if link.casefold().startswith("www.") else link


_READERS: Final = {Word.ADAPT: _adapt, Word.IMAGE: _image}
"""Words whose rest has parts."""


def _apart(text: str) -> tuple[str, str]:
    """What stands above an empty line, and what below."""
    parts = _BLANK.split(text, maxsplit=1)
    return parts[0].strip(), (parts[1].strip() if len(parts) > 1 else "")


def _take_options(brief: str) -> tuple[str, dict[str, str]]:
    """The brief without the choices at its end, each of which counts once."""
    chosen: dict[str, str] = {}
    while (found := _OPTION.search(brief)) and found["name"].casefold() not in chosen:
        quoted = found["quoted"]
        chosen[found["name"].casefold()] = (found["word"] if quoted is None else quoted).strip()
        brief = brief[: found.start()].rstrip()
    return brief, chosen


def _take_networks(brief: str, networks: Collection[str], *, strict: bool) -> tuple[str, tuple[str, ...]]:
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
        if not strict:
            return brief[: found.start()].rstrip(), words
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
