"""Every card as Discord's components, in golden files; rewrite them with UPDATE_GOLDEN=1 and read the difference."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, given, settings

from handlers.discord.inert import LIMITS, length
from handlers.discord.render import digest_of, render
from handlers.views.card import (
    MAX_VISIBLE,
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
from handlers.views.sheet import sheet, sheets
from tests.cards import cards as any_card
from tests.fakes.discord import message_problems
from tests.handlers.discord.test_inert import found_in
from tests.handlers.test_cards import cards

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handlers.views.card import Block
    from handlers.views.sheet import Sheet

GOLDEN: Final = Path(__file__).parents[2] / "golden" / "discord"
SHARED: Final = cards(floating=True)


def drawn(one: Sheet) -> list[dict[str, Any]]:
    files = {digest_of(image): f"{digest_of(image)[:16]}.png" for image in one.images}
    return sent(render(one, files))


def sent(view: Any) -> list[dict[str, Any]]:
    """The components as they go to Discord; the library's own method says nothing of its types."""
    made: list[dict[str, Any]] = view.to_components()
    return made


def nodes(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in components:
        yield node
        yield from nodes(node.get("components", []))


def texts(components: list[dict[str, Any]]) -> list[str]:
    return [n["content"] for n in nodes(components) if n["type"] == 10]


def a_card(*blocks: Block, **more: Any) -> Card:
    return Card(card_id="c", state="s", title="T", blocks=blocks, **more)


def lines(*blocks: Block, **more: Any) -> list[str]:
    """What a card's texts say below its title."""
    return "\n".join(texts(drawn(sheet(a_card(*blocks, **more), LIMITS)))).split("\n")[1:]


@pytest.mark.parametrize("name", sorted(SHARED))
def test_the_card_is_as_agreed(name: str) -> None:
    path = GOLDEN / f"{name}.json"
    text = json.dumps(drawn(sheet(SHARED[name], LIMITS)), indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_GOLDEN") == "1" and "CI" not in os.environ:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def test_no_golden_file_is_left_over() -> None:
    assert {p.stem for p in GOLDEN.glob("*.json")} == set(SHARED)


@given(any_card)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
def test_every_sheet_is_a_message_that_discord_takes(card: Card) -> None:
    for one in (sheet(card, LIMITS), *sheets(card, LIMITS)):
        components = drawn(one)
        assert list(message_problems(components, v2=True)) == []
        every = list(nodes(components))
        said = texts(components)
        assert sum(map(length, said)) <= 4000
        assert all(text.strip() for text in said)
        ids = [n["custom_id"] for n in every if "custom_id" in n]
        assert len(ids) == len(set(ids))
        assert all(1 <= len(i) <= 100 for i in ids)
        assert all(1 <= len(n["components"]) <= MAX_VISIBLE for n in every if n["type"] == 1)
        galleries = [n["items"] for n in every if n["type"] == 12]
        assert all(1 <= len(items) <= 10 for items in galleries)
        assert all(len(i.get("description") or "") <= 1024 for items in galleries for i in items)
        assert [b.id for b in one.buttons] == [n["custom_id"] for n in every if n["type"] == 2 and "url" not in n]


def test_what_people_write_is_nowhere_read() -> None:
    evil = "@everyone **x** [a](https://evil.example) <@1>\n# big\n- list"
    variant = VariantBlock(
        account_id="a",
        platform="m",
        network=evil,
        who=evil,
        text=evil,
        parts=(),
        length=1,
        limit=9,
        unit="c",
        valid=True,
        problems=(),
    )
    blocks = (
        Text(text=evil),
        Note(text=evil),
        variant,
        replace(variant, parts=(evil, evil)),
        Checks(items=(Check(name="n", text=evil, tone=Tone.DANGER),)),
        Fields(items=(Field(name=evil, text=evil),)),
    )
    card = Card(card_id="c", state="s", title=evil.replace("\n", " "), blocks=blocks, audit=(evil,))
    ours = {"*", "-# ", "### "}
    assert set(found_in("\n".join(texts(drawn(sheet(card, LIMITS)))))) <= ours


def test_a_network_is_set_above_its_text_with_its_count_in_words() -> None:
    variant = VariantBlock(
        account_id="a",
        platform="m",
        network="Mastodon",
        who="@driftseas",
        text="Hello",
        parts=(),
        length=312,
        limit=280,
        unit="characters",
        valid=False,
        problems=(),
    )
    head = "**Mastodon** · @driftseas · 312/280 characters"
    assert lines(variant) == [f"{head} · needs a change", "Hello"]
    assert lines(replace(variant, valid=True)) == [head, "Hello"]
    assert lines(replace(variant, limit=0, length=0))[0] == "**Mastodon** · @driftseas · not measured"
    assert lines(replace(variant, valid=True, parts=("One", "Two"))) == [head, "**1/2** One", "", "**2/2** Two"]
    assert lines(replace(variant, valid=True, left_out=812))[-1] == (
        "-# … 812 more characters: “Full text” has all of it"
    )


def test_a_tone_is_said_in_words_and_by_the_edge() -> None:
    items = tuple(Check(name="n", text="x", tone=tone) for tone in Tone)
    said = ["-# x", "-# To decide: x", "-# OK: x", "-# To check: x", "-# To fix: x"]
    assert lines(Checks(items=items)) == said
    edges = [drawn(sheet(a_card(tone=tone), LIMITS))[0]["accent_color"] for tone in Tone]
    assert edges == [None, 0xB3261E, 0x2F6B3C, 0x8A5A00, 0xB3261E]
    assert lines(Note(text="So"), Note(text="So", tone=Tone.DANGER)) == ["-# So", "**So**"]


def test_facts_stand_in_a_line_or_below_each_other() -> None:
    items = (Field(name="Status", text="Approved"), Field(name="Brand", text="Driftseas"))
    assert lines(Fields(items=items, headed=True)) == ["**Approved**", "-# Brand: Driftseas"]
    assert lines(Text(text="x"), Fields(items=items, headed=True)) == ["x", "-# Status: Approved · Brand: Driftseas"]
    assert lines(Fields(items=items)) == ["**Status** Approved", "**Brand** Driftseas"]


def test_an_address_can_be_followed_and_nothing_else() -> None:
    def link(url: str) -> str:
        return lines(Fields(items=(Field(name="N", text="t", link=url),)))[0].removeprefix("**N** t")

    assert link("https://a.example/1") == " · [Open](<https://a.example/1>)"
    assert link("https://a.example/(x)> <é") == " · [Open](<https://a.example/%28x%29%3E%20%3C%C3%A9>)"
    assert link("javascript:alert(1)") == ""


def test_pictures_are_shown_with_their_words_and_a_missing_one_is_said() -> None:
    image = ImageBlock(url=f"/api/media/{'a' * 64}", alt="A chart", width=1, height=1)
    one = sheet(a_card(image, replace(image, url=f"/api/media/{'b' * 64}")), LIMITS)
    first, second = one.images
    made = sent(render(one, {digest_of(first): "a.png", digest_of(second): "b.jpg"}))
    (gallery,) = [n for n in nodes(made) if n["type"] == 12]
    shown = [(i["media"]["url"], i["description"]) for i in gallery["items"]]
    assert shown == [("attachment://a.png", "A chart"), ("attachment://b.jpg", "A chart")]
    without = sent(render(one, {digest_of(first): "a.png"}))
    assert texts(without)[-1] == "-# Picture: can't be shown in this message"


def test_a_gallery_says_which_picture_is_which_to_those_who_look_at_one_or_hear_it() -> None:
    labels = ("Picture 1 of 3 for X", "Video 2 of 3", "Picture", "Video")
    alts = ("A chart", "", "A quiet sea", "Video: Waves")
    images = [
        ImageBlock(url=f"/api/media/{n:064x}", alt=alt, width=1, height=1, label=label, video="/v" * (n == 3))
        for n, (label, alt) in enumerate(zip(labels, alts, strict=True))
    ]
    (gallery,) = [n for n in nodes(drawn(sheet(a_card(*images), LIMITS))) if n["type"] == 12]
    assert [i["description"] for i in gallery["items"]] == [
        "Picture 1 of 3 for X: A chart",
        "Video 2 of 3",
        "A quiet sea",
        "Video: Waves",
    ]


def test_facts_of_several_pictures_stand_line_by_line() -> None:
    facts = tuple(Field(name=f"Picture {n} of 2", text="640 × 480 · uploaded") for n in (1, 2))
    said = lines(Text(text="t"), Fields(items=facts, headed=True))
    assert said[-2:] == ["-# Picture 1 of 2: 640 × 480 · uploaded", "-# Picture 2 of 2: 640 × 480 · uploaded"]


def test_a_crowded_card_keeps_every_text_and_gives_up_its_rules() -> None:
    blocks = [
        block
        for n in range(20)
        for block in (Text(text=f"t{n}"), Checks(items=(Check(name="n", text=f"c{n}", tone=Tone.GOOD),)))
    ]
    made = drawn(sheet(a_card(*blocks), LIMITS))
    assert not [n for n in nodes(made) if n["type"] == 14]
    assert len(texts(made)) == 1
    assert all(f"t{n}" in texts(made)[0] and f"c{n}" in texts(made)[0] for n in range(20))


def test_what_is_out_of_sight_is_in_the_list() -> None:
    buttons = tuple(Button(id=f"cd:1:show:{n}:0:-", label=f"B{n}", more=n > 4) for n in range(7))
    made = drawn(sheet(a_card(buttons=buttons), LIMITS))
    (more,) = [n for n in nodes(made) if n["type"] == 3]
    assert [(o["value"], o["label"]) for o in more["options"]] == [(b.id, b.label) for b in buttons[5:]]
    assert more["placeholder"] == "More…"


def test_a_text_too_long_for_messages_goes_along_as_a_file() -> None:
    (one,) = sheets(a_card(Text(text="word " * 4000)), LIMITS)
    assert one.file is not None
    (file,) = [n for n in nodes(drawn(one)) if n["type"] == 13]
    assert file["file"]["url"] == f"attachment://{one.file.name}"
