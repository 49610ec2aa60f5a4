"""Meets the wishes for a rewrite that can be met honestly without a model, and says which can't."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import regex

from services.content.compose import BULLET, closed
from services.content.patterns import HASHTAG, URL
from services.content.schema import tidy
from services.content.sentences import same, sentences, words
from services.domain.post import PART_BREAK, USUAL_PARTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from services.content.compose import Idea

_I: Final = regex.IGNORECASE
_EMOJI: Final = regex.compile(
    r"(?:\p{Regional_Indicator}{2}|[\p{Emoji_Presentation}\u2600-\u27BF\u2B50\u2B55](?:\uFE0F|\p{Emoji_Modifier})?"
    r"|\p{Extended_Pictographic}\uFE0F)(?:\u200D\p{Extended_Pictographic}\uFE0F?\p{Emoji_Modifier}?)*"
)
_LEADS: Final = regex.compile(r"(?:\b(?:at|on|here|via|see|under|unter)|:)$", _I)
_SHORTER: Final = 0.7
"""How much of a text "shorter" keeps at most."""
_OPENING: Final = 4
"""Words an opening must keep to say something."""
_NUMBERS: Final = (
    *("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen"),
)
_N: Final = rf"(?P<n>\d{{1,3}}|{'|'.join(_NUMBERS[2:])})"
_POSTS: Final = r"(?:posts?|parts?|tweets?|toots?|teile\w*|beiträge\w*)"
_PARTS: Final = (
    regex.compile(rf"\b(?:thread|chain|strang)\s+(?:of|with|in|mit|aus)\s+{_N}\b", _I),
    regex.compile(rf"\b{_N}[\s-]{_POSTS}[\s-](?:thread|chain)\b", _I),
    regex.compile(
        rf"^(?:(?:make|turn|write|split|set)\s+(?:it|this)\s+)?(?:as|into|in|to|over|als)\s+{_N}\s+{_POSTS}\b", _I
    ),
    regex.compile(rf"^{_N}\s+{_POSTS}$", _I),
)
_ONE_POST: Final = regex.compile(
    r"^(?:(?:make|turn|write|set)\s+(?:it|this)\s+)?(?:(?:as|into|in|to|als)\s+)?(?:just\s+|only\s+|nur\s+)?"
    r"(?:one|a single|1|ein(?:en)?(?:\s+einzige[rn])?)\s+(?:post|part|tweet|toot|beitrag)$"
    r"|\b(?:no|not a|kein)\s+thread\b",
    _I,
)
_A_THREAD: Final = regex.compile(r"^(?:(?:make|turn|write)\s+(?:it|this)\s+)?(?:as|into|als)\s+(?:a\s+)?thread$", _I)
NEEDS_MODEL: Final = 'The wish "{wish}" needs a language model; nothing was changed for it.'


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewriting:
    """One text under change, with what it may draw from."""

    text: str
    idea: Idea
    fits: Callable[[str], bool]
    elsewhere: str = ""
    """What the other posts of its thread say."""

    @property
    def lines(self) -> list[str]:
        """The lines, empty ones included."""
        return self.text.split("\n")


def split_wish(wish: str) -> tuple[str, ...]:
    """The single wishes in "shorter and no emoji, please"."""
    pieces = regex.split(r"[,;.\n]+|\s+(?:and|und|&|\+|but|aber)\s+", wish)
    polite = (regex.sub(r"^(?:please|bitte)\s+|\s+(?:please|bitte)$", "", p.strip(), flags=_I).strip() for p in pieces)
    return tuple(piece for piece in polite if piece and piece.lower() not in {"please", "bitte", "thanks"})


def asked_parts(wish: str) -> int | None:
    """How many posts a wish asks for ("as a thread of 4", "one post"); None when it says nothing about that."""
    for piece in split_wish(wish):
        if _ONE_POST.search(piece):
            return 1
        if found := next((m for p in _PARTS if (m := p.search(piece))), None):
            number = found["n"].lower()
            return int(number) if number.isdecimal() else _NUMBERS.index(number)
        if _A_THREAD.search(piece):
            return USUAL_PARTS
    return None


def apply_wish(wish: str, rewriting: Rewriting) -> str | None:
    """The text after one wish; None when it needs a model or there is nothing to change it with."""
    change = next((change for pattern, change in _CHANGES if pattern.search(wish)), None)
    if change is None:
        return None
    parts = rewriting.text.split(PART_BREAK)
    if change is _other_hook:
        text = _other_hook(rewriting)
        return None if text == rewriting.text else text
    for number, part in enumerate(parts):
        elsewhere = PART_BREAK.join([*parts[:number], *parts[number + 1 :]])
        given = Rewriting(text=part, idea=rewriting.idea, fits=rewriting.fits, elsewhere=elsewhere)
        parts[number] = tidy(change(given)) or part
    text = PART_BREAK.join(parts)
    return None if text == rewriting.text else text


def _no_emoji(given: Rewriting) -> str:
    without = _EMOJI.sub("", given.text)
    spaced = regex.sub(r"(?m)^[ \t]+|(?<=\S)[ \t]{2,}(?=\S)", _one_space, without)
    return str(regex.sub(r" +([.,;!?])", r"\1", spaced))


def _one_space(match: regex.Match[str]) -> str:
    return " " if match.start() and match.string[match.start() - 1] != "\n" else ""


def _no_hashtags(given: Rewriting) -> str:
    kept = [line for line in given.lines if not _is_tags(line)]
    return "\n".join(_outside_links(line, lambda text: HASHTAG.sub(lambda m: m[0][1:], text)) for line in kept)


def _no_links(given: Rewriting) -> str:
    """Take links out, and with them a line that says nothing without ("Register at …")."""
    bare = [(line, URL.sub("", line).strip()) for line in given.lines]
    kept = (left for line, left in bare if left == line.strip() or (left and not _LEADS.search(left)))
    return "\n".join(kept)


def _shorter(given: Rewriting) -> str:
    """Leave out points from the end, then sentences of the opening, then tags; a line with a link stays."""
    goal = len(given.text) * _SHORTER
    lines = given.lines
    while len("\n".join(lines)) > goal:
        place = _last_prose(lines)
        if place is None:
            break
        said = sentences(lines[place])
        if place == 0 and len(words(" ".join(said[:-1]))) < _OPENING:
            break
        lines[place] = " ".join(said[:-1]) if not lines[place].startswith(BULLET) else ""
        if not lines[place]:
            del lines[place]
        lines = tidy("\n".join(lines)).split("\n")
    if len("\n".join(lines)) > goal:
        lines = [line for line in lines if not _is_tags(line)]
    return "\n".join(lines)


def _longer(given: Rewriting) -> str:
    """Add what the brief still holds, as long as it fits."""
    text = given.text
    for unit in sorted(given.idea.hooks, key=lambda unit: unit.order):
        if same(unit.text) in same(text) or same(unit.text) in same(given.elsewhere):
            continue
        lines = text.split("\n")
        place = _last_prose(lines)
        if place is None:
            continue
        if lines[place].startswith(BULLET):
            lines.insert(place + 1, f"{BULLET}{_bare(unit.text)}")
        elif place == 0:
            lines[1:1] = ["", closed(unit.text)]
        else:
            lines[place] = f"{closed(lines[place].rstrip())} {closed(unit.text)}"
        if given.fits("\n".join(lines)):
            text = "\n".join(lines)
    return text


def _other_hook(given: Rewriting) -> str:
    """Open with the strongest other sentence of the brief; if the text has it already, the two change places."""
    bare = [_bare(unit.text) for unit in given.idea.hooks if not unit.verbatim]
    present = sorted((given.text.find(text), text) for text in bare if text in given.text)
    if not present:
        return given.text
    now = present[0][1]
    for other in bare:
        # One inside the other would change itself.
        if other in now or now in other:
            continue
        pieces = (piece.replace(other, now) for piece in given.text.split(now, 1))
        text = other.join(pieces)
        if all(given.fits(part) for part in text.split(PART_BREAK)):
            return text
    return given.text


def _as_list(given: Rewriting) -> str:
    """Set the sentences after the opening as list items."""
    if any(line.startswith(BULLET) for line in given.lines):
        return given.text
    said = [(line, sentences(line) if _is_prose(line) else ()) for line in given.lines]
    first, points = given.lines[0], list(said[0][1][1:])
    if points:
        first = said[0][1][0]
    for _, spoken in said[1:]:
        points += spoken
    if len(points) < 2:
        return given.text
    rest = [line for line, spoken in said[1:] if not spoken and line]
    items = "\n".join(f"{BULLET}{_bare(point)}" for point in points)
    text = "\n\n".join([first, items, *rest])
    return text if given.fits(text) else given.text


def _last_prose(lines: Sequence[str]) -> int | None:
    return next((n for n in range(len(lines) - 1, -1, -1) if _is_prose(lines[n])), None)


def _is_prose(line: str) -> bool:
    return bool(line.strip()) and not _is_tags(line) and not _is_link(line)


def _is_tags(line: str) -> bool:
    return bool(line.strip()) and not HASHTAG.sub("", line).strip()


def _is_link(line: str) -> bool:
    """Whether the line leads somewhere: cutting it would take the reader's way."""
    return bool(URL.search(line))


def _bare(text: str) -> str:
    return text.removesuffix(".")


def _outside_links(line: str, change: Callable[[str], str]) -> str:
    links = URL.findall(line)
    pieces = [change(piece) for piece in URL.split(line)]
    return "".join(piece + link for piece, link in zip(pieces, [*links, ""], strict=True))


_NO: Final = r"\b(?:no|without|remove|drop|fewer|less|skip|lose|kein\w*|ohne|don['’]?t use)\b.*"
_CHANGES: Final[tuple[tuple[regex.Pattern[str], Callable[[Rewriting], str]], ...]] = (
    (regex.compile(_NO + r"\bemojis?\b", _I), _no_emoji),
    (regex.compile(_NO + r"\b(?:hash)?tags?\b", _I), _no_hashtags),
    (regex.compile(_NO + r"\b(?:links?|urls?)\b", _I), _no_links),
    (
        regex.compile(
            r"\b(?:other|different|another|new|better|andere\w*|neue\w*)\b.*\b(?:hook|opening|start|opener|intro"
            r"|beginning|first (?:line|sentence)|einstieg|anfang)\b",
            _I,
        ),
        _other_hook,
    ),
    (regex.compile(r"\b(?:list|bullets?|bullet points?|liste|aufzählung|stichpunkte?)\b", _I), _as_list),
    (
        regex.compile(
            r"\b(?:short|shorter|briefer|concise|trim|tighter|too long|cut (?:it )?down|kürzer|knapper)\b", _I
        ),
        _shorter,
    ),
    (
        regex.compile(r"\b(?:long|longer|more (?:details?|text|facts)|expand|too short|länger|ausführlicher)\b", _I),
        _longer,
    ),
)
"""The first pattern that fits decides, so what is to be left out comes before what is to be more."""
