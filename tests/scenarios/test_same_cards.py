"""The same cards everywhere: each has its golden file on every surface, and all of them say the same words.

The golden files hold what a surface is handed; what the page draws is drawn here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from handlers.discord import inert
from handlers.slack import render
from handlers.views.card import Card, Checks, Fields, ImageBlock, Link, Note, Text, VariantBlock
from handlers.views.instants import Instant, pieces
from handlers.views.instants import plain as at_a_glance
from handlers.views.sheet import sheet
from tests.fakes.discord.basics import walk
from tests.handlers.test_cards import CARDS, cards
from tests.scenarios.markup import Element, read
from tests.scenarios.page import drawn

GOLDEN: Final = Path(__file__).parents[1] / "golden"
SHARED: Final = cards(floating=True)
SLACK_TIME: Final = re.compile(r"<!date\^(\d+)\^[^|>]*\|[^>]*>")
DISCORD_TIME: Final = re.compile(r"<t:(\d+):[Ff]>")
LIMITS: Final = {"slack": render.LIMITS, "discord": inert.LIMITS}
OMITTED: Final = {"…", "more", "characters", "“Full", "text”", "has", "all", "of", "it"}
NUMBERS: Final = re.compile(r"[\d,]+(/[\d,]+)?")
"""Counts."""
UNITS: Final = {"characters", "graphemes", "UTF-16", "units"}
FRAME: Final = {
    "slack": {*OMITTED, "More…", "To", "check:", "2", "posts", "OK:"},
    "discord": {*OMITTED, "More…", "To", "check:", "fix:", "OK:", "Open", "measured"} | UNITS,
}
"""What a surface says of its own accord."""


def named(card: Card) -> Iterator[str]:
    """What some surfaces set as a headline or on a button, where a time can't be everybody's own."""
    yield card.title
    yield from (b.label for b in card.buttons)


def said(card: Card) -> Iterator[str]:
    """Everything else a card says, whatever the surface."""
    for block in card.blocks:
        match block:
            case Text() | Note() | Link():
                yield block.text
            case VariantBlock():
                yield from (block.network, block.who, *(block.parts or (block.text,)))
                yield from (f"{block.length}/{block.limit}",) if block.limit else ()
                yield from (text for option in block.options for text in (option.title, option.text))
            case ImageBlock():
                yield block.alt.removeprefix("Video: ")  # a caption says so too
            case Checks():
                yield from (c.text for c in block.items)
            case Fields():
                yield from (t for f in block.items for t in (f.name, f.text))
    yield from card.audit


def squeezed(text: str) -> str:
    """Without white space, which each surface sets in its own way."""
    return "".join(text.split())


class Shown:
    """What a surface shows: words, and times as seconds."""

    def __init__(self, texts: list[str], times: list[int]) -> None:
        self.words = squeezed("\n".join(texts))
        self.tokens = {token for text in texts for token in text.split()}
        self.times = set(times)


def slack(name: str) -> Shown:
    told = json.loads((GOLDEN / "slack" / f"{name}.json").read_text(encoding="utf-8"))
    texts: list[str] = []
    times: list[int] = []
    for node in nodes(told["blocks"]):
        if node.get("type", "").startswith("rich_text_"):
            texts.append("".join(" " if e["type"] == "date" else e.get("text", "") for e in node["elements"]))
            times += [e["timestamp"] for e in node["elements"] if e["type"] == "date"]
            continue
        kind, text = node.get("type"), node.get("text")
        if isinstance(text, str):
            times += [int(at) for at in SLACK_TIME.findall(text)] if kind == "mrkdwn" else []
            texts.append(unescaped(SLACK_TIME.sub(" ", text)) if kind == "mrkdwn" else text)
        texts += [node["alt_text"]] if "alt_text" in node else []
    return Shown(texts, times)


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Everything in a message but what a button would ask."""
    if isinstance(node, dict):
        yield node
        for key, value in node.items():
            if key != "confirm" and not node.get("type", "").startswith("rich_text_"):
                yield from nodes(value)
    elif isinstance(node, list):
        for item in node:
            yield from nodes(item)


def discord(name: str) -> Shown:
    told = json.loads((GOLDEN / "discord" / f"{name}.json").read_text(encoding="utf-8"))
    texts: list[str] = []
    for node in walk(told):
        texts += [str(node[key]) for key in ("content", "label", "placeholder") if node.get(key)]
        texts += [str(option["label"]) for option in node.get("options") or ()]
        texts += [str(item.get("description") or "") for item in node.get("items") or ()]
    times = [int(at) for text in texts for at in DISCORD_TIME.findall(text)]
    return Shown([plain(text) for text in texts], times)


def plain(text: str) -> str:
    """Without mark-up."""
    text = re.sub(r"\[([^\]]*)\]\(<[^>]*>\)", r"\1", DISCORD_TIME.sub(" ", text))
    text = re.sub(r"(?m)^(?:-# |> |### )", "", text)
    return re.sub(r"\\([^A-Za-z0-9\s])", r"\1", re.sub(r"(?<!\\)\*\*", "", text))


def test_every_card_is_kept_as_every_surface_shows_it() -> None:
    for surface in ("cards", "slack", "discord"):
        assert {p.stem for p in (GOLDEN / surface).glob("*.json")} == set(CARDS), surface


@pytest.mark.parametrize("surface", [slack, discord])
@pytest.mark.parametrize("name", sorted(SHARED))
def test_a_chat_says_all_of_a_card_and_nothing_else(name: str, surface: Any) -> None:
    shown, card = surface(name), sheet(SHARED[name], LIMITS[surface.__name__]).card
    body = [piece for text in said(card) for piece in pieces(text)]
    words = [*body, *(piece for text in named(card) for piece in pieces(text))]
    missing = [w for w in words if isinstance(w, str) and squeezed(w.strip(" ·")) not in shown.words]
    assert [w for w in missing if w != "Status"] == []
    times, all_times = ({w.unix for w in some if isinstance(w, Instant)} for some in (body, words))
    assert times <= shown.times <= all_times
    own = {bare(t) for text in (*said(card), *named(card)) for t in at_a_glance(text).split()}
    extra = {bare(t) for t in shown.tokens} - own - {bare(t) for t in FRAME[surface.__name__]}
    assert {t for t in extra if t and not NUMBERS.fullmatch(t)} == set()


def bare(token: str) -> str:
    """A word without what stands beside it."""
    return token.strip("·*:.")


@pytest.mark.parametrize("name", sorted(CARDS))
def test_the_page_says_what_the_chats_say(name: str) -> None:
    card = CARDS[name]
    article = drawn(card)
    words = squeezed(article.words)
    assert [w for w in on_page(card) if squeezed(w) not in words] == []
    shown = {i["alt"] for i in article.all("img")} | {v["aria-label"] for v in article.all("video")}
    assert shown == {b.alt for b in card.blocks if isinstance(b, ImageBlock)}
    ways = [b.text for b in card.blocks if isinstance(b, Link)]
    assert sorted(labels(article)) == sorted([*ways, *(b.label for b in card.buttons)])


def on_page(card: Card) -> Iterator[str]:
    """What a card says where its head is set in type: the head says the facts."""
    head = card.head
    yield from (head.topic, head.status, *head.facts) if head else (card.title,)
    writing = head is not None and card.state == "drafting"
    beside = {b.label for b in card.blocks if isinstance(b, ImageBlock)}
    for block in card.blocks:
        match block:
            case Text() | Note() | Link():
                yield from () if writing else (block.text,)
            case VariantBlock():
                yield from (block.network, block.who, *(block.parts or (block.text,)))
                yield from (f"{block.length:,} of {block.limit:,}",) if block.limit else ()
            case Checks():
                yield from (c.text for c in block.items)
            case Fields():
                for fact in (
                    () if head and block.headed else block.items
                ):  # beside its picture, each piece of it stands by itself
                    yield from (fact.name, *(fact.text.split(" · ") if fact.name in beside else (fact.text,)))
            case ImageBlock():
                yield from (block.label,) if card.draft_id else ()
    yield from card.story or card.audit


def labels(article: Element) -> list[str]:
    return [b.words for b in article.all(css="button")]


def test_what_is_read_here_is_what_a_browser_reads() -> None:
    page = read("<p>One<wbr>d <b>two</b></p><script>no</script><p hidden>no</p><img alt='three'>")
    assert page.words == "Oned two"
