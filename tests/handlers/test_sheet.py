"""What of a card fits into one message, and that nothing of it is lost on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given

from handlers.discord.inert import LIMITS as DISCORD
from handlers.slack.render import LIMITS as SLACK
from handlers.views.actions import Verb, parse_action
from handlers.views.card import (
    Button,
    Card,
    Check,
    Checks,
    Field,
    Fields,
    ImageBlock,
    Note,
    Text,
    Tone,
    VariantBlock,
)
from handlers.views.sheet import MOST_PAGES, Sheet, SurfaceLimits, as_text, sheet, sheets, weigh
from tests.cards import cards
from tests.handlers.everywhere import everywhere
from tests.handlers.test_actions import a_look

NARROW = SurfaceLimits(
    text=3600, block_text=3000, form_fields=5, field_text=4000, menu=25, excerpt=2000, size=lambda t: 2 * len(t)
)
WIDE = SurfaceLimits(text=11_000, block_text=2900, form_fields=50, field_text=3000, menu=99, excerpt=2000)


def a_card(*texts: str, draft_id: str | None = "12", buttons: tuple[Button, ...] = ()) -> Card:
    variants = tuple(
        VariantBlock(
            account_id=f"a{n}",
            platform="mastodon",
            network="Mastodon",
            who="@a",
            text=text,
            parts=(),
            length=len(text),
            limit=500,
            unit="characters",
            valid=True,
            problems=(),
        )
        for n, text in enumerate(texts)
    )
    return Card(
        card_id="draft-12", draft_id=draft_id, state="draft", title="Draft 12", blocks=variants, buttons=buttons
    )


@given(cards)
@example(a_card("word " * 4000, "tiny"))
def test_any_card_becomes_one_message_that_fits(card: Card) -> None:
    for limits in (NARROW, WIDE):
        assert weigh(sheet(card, limits).card, limits) <= limits.text


@given(cards)
@example(a_card("word " * 4000, "tiny"))
def test_any_card_becomes_messages_that_each_fit(card: Card) -> None:
    for limits in (NARROW, WIDE):
        made = sheets(card, limits)
        assert 1 <= len(made) <= MOST_PAGES
        assert all(weigh(page.card, limits) <= limits.text for page in made)
        assert len({page.card.card_id for page in made}) == len(made)


def test_a_card_that_fits_is_left_as_it_is() -> None:
    card = a_card("Ships today", "Also today")
    assert sheet(card, NARROW).card == card


@pytest.mark.parametrize("limits", [DISCORD, SLACK])
def test_eight_posts_of_two_hundred_characters_are_read_whole_in_one_message(limits: SurfaceLimits) -> None:
    card = everywhere(a_look())
    assert sum(isinstance(block, VariantBlock) for block in card.blocks) == 8
    assert sheet(card, limits).card.blocks == card.blocks


def test_a_long_text_is_cut_at_a_word_and_counted_and_the_short_one_keeps_all() -> None:
    long = "measured words " * 400
    cut, kept = sheet(a_card(long, "Ships today"), NARROW).card.blocks
    assert isinstance(cut, VariantBlock)
    assert isinstance(kept, VariantBlock)
    assert kept.text == "Ships today"
    assert kept.left_out == 0
    assert long.startswith(cut.text)
    assert cut.text.endswith(("measured", "words"))
    assert cut.left_out == len(long) - len(cut.text) > 0


def test_a_thread_keeps_its_first_posts_whole() -> None:
    posts = tuple(f"Post {n}. " + "word " * 60 for n in range(1, 12))
    block = a_card("x").blocks[0]
    assert isinstance(block, VariantBlock)
    card = replace(a_card("x"), blocks=(replace(block, parts=posts, text="\n---\n".join(posts)),))
    (cut,) = sheet(card, NARROW).card.blocks
    assert isinstance(cut, VariantBlock)
    assert cut.parts[0] == posts[0]
    assert cut.left_out == sum(map(len, posts)) - sum(map(len, cut.parts))


def test_a_shortened_draft_offers_its_full_text() -> None:
    made = sheet(a_card("word " * 4000), NARROW)
    (button,) = made.buttons
    assert button.label == "Full text"
    assert parse_action(button.id).verb is Verb.FULL_TEXT
    assert parse_action(button.id).draft_id == "12"


def test_the_offer_goes_into_the_menu_when_five_buttons_are_in_sight() -> None:
    five = tuple(Button(id=f"cd:1:show:{n}:0:-", label=f"Open {n}") for n in range(1, 6))
    made = sheet(a_card("word " * 4000, buttons=five), NARROW)
    assert len(made.buttons) == 5
    assert [b.label for b in made.menu] == ["Full text"]


def test_pages_say_which_they_are_and_the_last_has_the_buttons() -> None:
    button = Button(id="cd:1:help:0:0:-", label="Help")
    card = a_card("alpha " * 250, "beta " * 250, "gamma " * 250, buttons=(button,))
    pages = sheets(card, NARROW)
    assert [p.card.title for p in pages] == [f"Draft 12 ({n}/{len(pages)})" for n in range(1, len(pages) + 1)]
    assert [len(p.buttons) for p in pages] == [0] * (len(pages) - 1) + [1]
    said = " ".join(b.text for p in pages for b in p.card.blocks if isinstance(b, VariantBlock))
    assert said.split() == ("alpha " * 250 + "beta " * 250 + "gamma " * 250).split()


def test_what_takes_too_many_pages_is_a_file_with_all_of_it() -> None:
    words = [f"w{n}" for n in range(9000)]
    (page,) = sheets(a_card(" ".join(words)), NARROW)
    assert page.file is not None
    assert page.file.name == "draft-12.txt"
    assert set(words) <= set(page.file.text.split())
    assert page.card.blocks == (Note(text="This is too long for a message; the file has all of it."),)


@pytest.mark.parametrize("limits", [DISCORD, SLACK])
def test_pictures_beyond_what_a_message_shows_are_counted_and_their_facts_go_with_them(limits: SurfaceLimits) -> None:
    names = [f"Picture {n} of 12" for n in range(1, 13)]
    images = [ImageBlock(url=f"/{n}", alt="x", width=1, height=1, label=name) for n, name in enumerate(names)]
    facts = Fields(items=tuple(Field(name=name, text="uploaded") for name in (*names, "PDF")), headed=True)
    card = replace(a_card("Ships today"), blocks=(*images, facts, Note(text="After")))
    for made in (sheet(card, limits), *sheets(card, limits)):
        assert made.images == tuple(images[:10])
        note, told, after = made.card.blocks[10:]
        assert note == Note(text="2 more on the page.")
        assert isinstance(told, Fields)
        assert [f.name for f in told.items] == [*names[:10], "PDF"]
        assert after == Note(text="After")


def test_a_sheet_that_would_not_fit_can_not_be_made() -> None:
    image = ImageBlock(url="/1", alt="x", width=1, height=1)
    with pytest.raises(ValueError, match="11 pictures"):
        Sheet(card=replace(a_card(), blocks=(image,) * 11), limits=NARROW)
    with pytest.raises(ValueError, match="weighs"):
        Sheet(card=a_card("word " * 4000), limits=NARROW)
    wide = SurfaceLimits(text=99_999, block_text=100, form_fields=5, field_text=100, menu=1, excerpt=2000)
    with pytest.raises(ValueError, match="a text of"):
        Sheet(card=a_card("word " * 40), limits=wide)


def test_a_card_in_plain_words_has_everything() -> None:
    card = Card(card_id="c", state="s", title="Title", blocks=(Text(text="Body"), Note(text="Note")), audit=("Ana",))
    assert as_text(card) == "Title\n\nBody\n\nNote\n\nAna\n"


def test_a_thread_weighs_its_numbers_too() -> None:
    one = a_card("x" * 15)
    (block,) = one.blocks
    assert isinstance(block, VariantBlock)
    many = replace(one, blocks=(replace(block, parts=("x",) * 15),))
    lines = 14 * WIDE.size("\n")
    assert weigh(many, WIDE) - weigh(one, WIDE) - lines >= 15 * len("15/15 ")


def test_one_check_that_is_longer_than_a_message_goes_into_the_file() -> None:
    check = Check(name="c", text="long " * 2000, tone=Tone.DANGER)
    (page,) = sheets(Card(card_id="c", state="s", title="T", blocks=(Checks(items=(check,)),)), NARROW)
    assert page.file is not None
    assert check.text.strip() in page.file.text
