"""Cards as Slack shows them: exact blocks in golden files, and no sheet that Slack would refuse."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given

from handlers.slack.render import ASKED, LIMITS, Message, message, verb_of
from handlers.views.actions import Action, Verb
from handlers.views.card import (
    Button,
    Card,
    Confirm,
    ImageBlock,
    Note,
    Style,
    Text,
    Tone,
    VariantBlock,
)
from handlers.views.instants import Precision, mark
from handlers.views.sheet import Sheet, sheet, sheets
from services.domain.ids import DraftId
from tests.cards import LOUD
from tests.cards import cards as any_cards
from tests.fakes.slack.blocks import check_message
from tests.fakes.slack.invariants import breaches
from tests.handlers import slides
from tests.handlers.everywhere import DIGESTS
from tests.handlers.test_cards import cards

GOLDEN: Final = Path(__file__).parents[2] / "golden" / "slack"
CARDS: Final = cards(floating=True)
FILES: Final[dict[str, str]] = {"ab" * 32: "F0PICTURE01"} | {
    str(d): f"F0{d[:9].upper()}" for d in (*DIGESTS, *slides.DIGESTS)
}


def drawn(card: Card, files: dict[str, str] | None = None) -> Message:
    return message(sheet(card, LIMITS), FILES if files is None else files)


def accepted(made: Message) -> None:
    """What Slack and its readers ask of a message."""
    check_message(made.blocks)
    assert list(breaches(made.text, made.blocks, secrets=(), loud=False)) == []


def types(made: Message) -> list[str]:
    return [block["type"] for block in made.blocks]


def words(node: Any) -> list[str]:
    """Every text a reader sees, in order."""
    if isinstance(node, dict):
        own = [node["text"]] if isinstance(node.get("text"), str) else []
        return own + [t for v in node.values() for t in words(v)]
    return [t for item in node for t in words(item)] if isinstance(node, list) else []


@pytest.mark.parametrize("name", sorted(CARDS))
def test_the_card_is_drawn_as_agreed(name: str) -> None:
    made = drawn(CARDS[name])
    accepted(made)

    path = GOLDEN / f"{name}.json"
    text = json.dumps({"text": made.text, "blocks": made.blocks}, indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_GOLDEN") == "1" and "CI" not in os.environ:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def test_no_golden_file_is_left_over() -> None:
    assert {p.stem for p in GOLDEN.glob("*.json")} == set(CARDS)


# Every sheet there can be


@given(any_cards)
def test_slack_takes_every_sheet(card: Card) -> None:
    accepted(drawn(card))


@given(any_cards)
def test_slack_takes_every_page_of_a_card_that_is_told_whole(card: Card) -> None:
    for page in sheets(card, LIMITS):
        accepted(message(page, FILES))


def test_the_heaviest_message_there_can_be_is_taken() -> None:
    ask = Confirm(title="t" * 100, text="x" * 300)
    seen = tuple(Button(id=f"cd:1:show:{n}:1:-", label="l" * 75, confirm=ask) for n in range(5))
    menu = tuple(Button(id=f"cd:1:edit:{n}:1:-", label="m" * 75, more=True) for n in range(20))
    parts = tuple("p" * 9 for _ in range(900))
    body = replace(variant(), parts=parts)

    accepted(drawn(a_card(body, buttons=(*seen, *menu))))


# One thing each


def a_card(*blocks: Any, **more: Any) -> Card:
    return Card(
        **{"card_id": "draft-12", "draft_id": "12", "revision": 3, "state": "draft", "title": "Draft 12", **more},
        blocks=blocks,
    )


def variant(**more: Any) -> VariantBlock:
    told: dict[str, Any] = {
        "account_id": "a",
        "platform": "p",
        "network": "Mastodon",
        "who": "@driftseas",
        "text": "Ships today.",
        "parts": (),
        "length": 12,
        "limit": 500,
        "unit": "characters",
        "valid": True,
        "problems": (),
    }
    return VariantBlock(**{**told, **more})


def test_a_models_words_ring_nobody_and_are_shown_as_they_are() -> None:
    made = drawn(
        a_card(
            variant(text=LOUD), Text(text=LOUD), Note(text=LOUD), Note(text=LOUD, tone=Tone.WARNING), title=LOUD[:60]
        )
    )

    accepted(made)
    bodies = [b for b in made.blocks if b["type"] == "rich_text"]
    assert [b["elements"][0]["elements"] for b in bodies] == [[{"type": "text", "text": LOUD}]] * 2
    assert not any("mrkdwn" in json.dumps(b) for b in made.blocks)
    assert all(t["emoji"] is False for b in made.blocks for t in _plain_texts(b))
    assert made.text.startswith("&lt;!channel&gt; &lt;!here&gt;")


def _plain_texts(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        own = [node] if node.get("type") == "plain_text" else []
        return own + [t for v in node.values() for t in _plain_texts(v)]
    return [t for item in node for t in _plain_texts(item)] if isinstance(node, list) else []


def test_a_time_is_a_token_for_the_readers_clock_in_a_line_and_an_element_in_a_text() -> None:
    at = mark(datetime(2026, 3, 3, 9, tzinfo=UTC), Precision.SHORT, "3 Mar 10:00")
    made = drawn(a_card(Text(text=f"Planned for {at}, <soon>"), audit=(f"Ada approved · {at} · v3",)))

    _, text, audit = made.blocks
    assert text["elements"][0]["elements"] == [
        {"type": "text", "text": "Planned for "},
        {"type": "date", "timestamp": 1772528400, "format": "{date_short_pretty} at {time}", "fallback": "3 Mar 10:00"},
        {"type": "text", "text": ", <soon>"},
    ]
    assert [e["text"] for e in audit["elements"]] == [
        "Ada approved ·",
        "<!date^1772528400^{date_short_pretty} at {time}|3 Mar 10:00>",
        "· v3",
    ]
    assert "3 Mar 10:00" in made.text


def test_a_text_that_is_too_long_says_so_in_words_and_a_thread_is_numbered() -> None:
    made = drawn(a_card(variant(length=512, valid=False), variant(parts=("One", "Two"), length=6)))

    assert words(made.blocks) == [
        "Draft 12",
        "Mastodon · @driftseas · 512/500 · too long",
        "Ships today.",
        "Mastodon · @driftseas · 2 posts · 6/500",
        "1/2\n",
        "One",
        "\n\n",
        "2/2\n",
        "Two",
    ]


def test_what_was_left_out_is_counted_and_offered() -> None:
    made = drawn(a_card(variant(text="word " * 4000)))

    assert words(made.blocks)[-2].startswith("… 1")
    assert words(made.blocks)[-2].endswith(" more characters: “Full text” has all of it.")
    assert words(made.blocks)[-1] == "Full text"


def test_a_very_long_text_is_parted_between_words_and_loses_nothing() -> None:
    text = "measured words " * 450 + "x" * 3000
    (body,) = [b for b in drawn(a_card(Text(text=text))).blocks if b["type"] == "rich_text"]
    parts = [e["text"] for e in body["elements"][0]["elements"]]

    assert "".join(parts) == text
    assert [len(p) for p in parts] == [3000, 3000, 750, 3000]


def test_a_picture_is_told_in_words_until_slack_has_it() -> None:
    picture = ImageBlock(url="/api/media/" + "ab" * 32, alt="A quiet sea", width=8, height=6)

    assert words(drawn(a_card(picture), {}).blocks)[-1] == "Picture is being taken in …"
    assert drawn(a_card(picture)).blocks[-1] == {
        "type": "image",
        "slack_file": {"id": "F0PICTURE01"},
        "alt_text": "A quiet sea",
        "block_id": "cd:12:3:1",
    }
    assert (
        drawn(a_card(replace(picture, alt="", label="Picture for X"))).blocks[-1]["alt_text"]
        == "Picture for X, not described yet"
    )
    assert words(drawn(a_card(*[picture] * 12)).blocks)[-1] == "2 more on the page."


def test_buttons_carry_their_id_and_ask_where_they_must() -> None:
    publish = Action(verb=Verb.PUBLISH, draft_id=DraftId("12"), revision=3).encode()
    shown = (
        Button(id="cd:1:approve:12:3:-", label="Approve", style=Style.PRIMARY),
        Button(id=publish, label="Publish now", confirm=Confirm(title="Publish now?", text="It goes out.")),
        Button(id="cd:1:show:1:0:-", label="Open 1"),
        Button(id="cd:1:show:2:0:-", label="Open 2"),
        Button(id="cd:1:reject:12:3:-", label="Reject", more=True),
    )
    (actions,) = [b for b in drawn(a_card(buttons=shown)).blocks if b["type"] == "actions"]

    approve, now, _, second, menu = actions["elements"]
    assert (approve["action_id"], approve["style"], approve["value"]) == ("cd.approve", "primary", shown[0].id)
    assert (now["value"], now["confirm"]["confirm"]["text"]) == (f"{ASKED}{publish}", "Publish now")
    assert second["action_id"] == "cd.show.3"
    assert menu["placeholder"]["text"] == "More…"
    assert [(o["text"]["text"], o["value"]) for o in menu["options"]] == [("Reject", "cd:1:reject:12:3:-")]


def test_a_client_keeps_no_choice_of_an_older_card() -> None:
    menu = Button(id="cd:1:reject:12:3:-", label="Reject", more=True)
    first, same = drawn(a_card(buttons=(menu,))), drawn(a_card(buttons=(menu,)))
    changed = drawn(a_card(buttons=(replace(menu, id="cd:1:reopen:12:3:-"),)))
    later = drawn(a_card(buttons=(menu,), revision=4))

    assert first == same
    assert first.blocks[0]["block_id"] == "cd:12:3:0"
    assert len({made.blocks[1]["block_id"] for made in (first, changed, later)}) == 3


def test_a_card_of_very_many_blocks_becomes_one_text_with_its_pictures_and_buttons() -> None:
    picture = ImageBlock(url="/api/media/" + "ab" * 32, alt="A quiet sea", width=8, height=6)
    button = Button(id="cd:1:edit:12:3:-", label="Edit")
    made = drawn(a_card(*(Text(text=f"Line {n}") for n in range(60)), picture, buttons=(button,)))

    assert types(made) == ["rich_text", "image", "actions"]
    assert "Line 0" in words(made.blocks)[0]
    assert "Line 59" in words(made.blocks)[0]


def test_a_card_is_told_in_one_line_to_those_who_see_no_blocks() -> None:
    assert drawn(CARDS["draft"]).text == "Draft 1 · The release · Waits for approval · Ships today."
    assert message(Sheet(card=Card(card_id="c", state="x", title=""), limits=LIMITS), {}).text == "Copydesk"


@pytest.mark.parametrize(
    ("button_id", "verb"),
    [("cd:1:approve:1:1:-", "approve"), ("!cd:1:publish:1:1:-", "publish"), ("cd", "press"), ("a:b:c d", "press")],
)
def test_the_verb_of_a_button_names_its_action(button_id: str, verb: str) -> None:
    assert verb_of(button_id) == verb
