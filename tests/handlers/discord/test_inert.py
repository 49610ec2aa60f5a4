"""Whatever somebody or a model writes, Discord reads nothing into it and shows it as it is."""

from __future__ import annotations

import re
from typing import Final

import discord
import pytest
from hypothesis import example, given

from handlers.discord.inert import inert, length, spoken
from handlers.views.instants import Precision, mark
from tests.builders import NOW
from tests.cards import texts

_ESCAPED: Final = re.compile(r"\\[^0-9A-Za-z\s]")
"""A backslash and the sign it makes harmless: the clients show the sign alone."""
READ: Final = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"\*|_|~~|`|\|\|",  # bold, italics, underline, struck out, code, spoilers
        r"<(?:@|#|:|a:|t:|/|id:|https?:)",  # mentions, channels, emoji, times, commands, addresses
        r"\[[^\]]*\]\(",  # masked links
        r"(?:https?|steam|discord)://",  # bare links
        r":[\w+~-]+:",  # names of emoji
        r"@(?:everyone|here)",
        r"^[ \t]*(?:#{1,3}|-#)[ \t]",  # heads and small print
        r"^[ \t]*>(?:>>)?[ \t]",  # quotes
        r"^[ \t]*(?:[-+*]|\d+[.)])[ \t]",  # lists
    )
)
"""What Discord reads in a message, said a second time."""


def found_in(text: str) -> list[str]:
    """Everything Discord would read in a text that stands in a message."""
    bare = _ESCAPED.sub("\x00", text)
    return [found[0] for pattern in READ for found in pattern.finditer(bare)]


@given(texts)
@example("@everyone <@1> <@&2> <#3> <t:1:F> </desk:1> <:a:1> <id:guide>")
@example("[free](https://evil.example) https://a.example/x_y_z discord.gg/x :smile:")
@example("# head\n## head\n-# small\n> quote\n>>> quote\n- list\n+ list\n* list\n 1. list\n12) list")
@example("\\*not bold\\* \\\\ ~~gone~~ ||hidden|| `code` ```py\nx\n```")
def test_nothing_is_read_and_nothing_is_lost(text: str) -> None:
    words = text.split("\ue000", maxsplit=1)[0]
    assert found_in(inert(words)) == []
    assert _ESCAPED.sub(lambda pair: pair[0][1], inert(words)) == words


@given(texts)
def test_the_librarys_own_escape_finds_nothing_more_to_do(text: str) -> None:
    words = _ESCAPED.sub("", inert(text.split("\ue000", maxsplit=1)[0]))
    assert discord.utils.escape_mentions(words) == words
    assert not re.search(r"[_\\|*`]", words)


@pytest.mark.parametrize("words", ["Ships 10:30, 5 - 3 = 2", "Über 50 % (gut)", "a-b + c. 1.5x; e.g. #tag @bo"])
def test_ordinary_sentences_stay_as_they_are(words: str) -> None:
    assert inert(words) == words


def test_an_instant_is_set_on_each_readers_clock() -> None:
    text = f"Out {mark(NOW, Precision.MOMENT, 'Mon')}, seen {mark(NOW, Precision.SHORT, '*2* Mar')} *"
    unix = int(NOW.timestamp())
    assert spoken(text) == f"Out <t:{unix}:F>, seen <t:{unix}:f> \\*"


def test_length_is_counted_as_the_clients_do() -> None:
    assert [length(text) for text in ("abc", "é", "😀", "👩‍👩‍👧")] == [3, 1, 2, 8]
