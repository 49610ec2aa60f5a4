"""The checks catch what would embarrass and leave engineers' text alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.content.brand_file import DEFAULT_BRAND
from services.content.checks import blocking, check
from services.domain.ids import Digest
from services.domain.media import MediaItem, Picture
from services.domain.post import Severity

ITEM = MediaItem(digest=Digest("00"), mime="image/png", width=2, height=2, size=9)


def codes(text: str) -> list[str]:
    return [p.code for p in check(text, DEFAULT_BRAND)]


@pytest.mark.parametrize(
    "text",
    [
        "A game-changing release.",
        "A game changing release.",
        "A GAME‑CHANGING release.",
        "It is a gamechanger.",
        "Game-changers everywhere.",
        "Revolutionary!",
        "A cutting edge tool.",
        "Cutting-edge.",
        "We find synergies.",
        "Team synergy's back.",
        "Read on #GameChanging",
        "Read on #RevolutionaryTools",
        "A revolu\u00adtionary idea",
    ],
)
def test_a_banned_word_blocks_in_any_form(text: str) -> None:
    assert codes(text) == ["banned_word"]


@pytest.mark.parametrize(
    "text", ["The French Revolution.", "Cutting costs at the edge.", "Revolutions per minute.", "A synergistic effect."]
)
def test_a_neighbour_of_a_banned_word_passes(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "This is **bold** text.",
        "This is __very bold__ text.",
        "Read [the post](https://example.com/x).",
        "![a chart](chart.png)",
        "# A heading\nText.",
        "Text\n---\nMore",
        "<p>Hello</p>",
        "one<br>two",
        'See <a href="https://example.com">here</a>',
        "Try ```make run```",
        "Fish &amp; chips",
        "See <https://example.com|our site>",
        "Nice <:party:123456>",
    ],
)
def test_left_over_markup_blocks(text: str) -> None:
    assert codes(text) == ["markup"]


@pytest.mark.parametrize(
    "text",
    [
        "Read more: [link]",
        "Hello {name}, welcome.",
        "Hello {{ first_name }}",
        "Join <insert date here>",
        "Sign up at <your link>",
        "By [Your Company]",
        "TODO: add the number",
        "Lorem ipsum dolor",
        "Dear %NAME%",
        "Save ____ today",
        "Try [insert product name] now",
    ],
)
def test_a_placeholder_blocks(text: str) -> None:
    assert codes(text) == ["placeholder"]


@pytest.mark.parametrize(
    "text",
    [
        "<!channel> ship it",
        "<!here> ship it",
        "<!subteam^S123|@team> ship it",
        "@everyone ship it",
        "Ship it @here.",
        "Thanks <@U024BE7LH>",
        "Thanks <@U024BE7LH|bo>",
        "Thanks <@!8035112>",
        "Thanks <@&123>",
        "See <#C024BE7LR>",
        "See <#C024BE7LR|general>",
    ],
)
def test_a_chat_mention_blocks(text: str) -> None:
    assert codes(text) == ["chat_mention"]


@pytest.mark.parametrize(
    "text",
    [
        "We ship today.\nIt is fast.\nWe ship today.",
        "We ship today. It is fast. We ship today!",
        "fast fast Fast fast",
        "https://example.com/a/b\nhttps://example.com/a/b",
    ],
)
def test_repetition_blocks(text: str) -> None:
    assert codes(text) == ["repetition"]


@pytest.mark.parametrize(
    "text",
    [
        "std::vector<int> beats std::list<int>, mostly.",
        "Use Vec<u> or Box<T>, never List<String>.",
        "See [1] and the appendix [2].",
        "Write to press@example.com or me@here.org.",
        "If a < b and c > d, then x <b.",
        "Follow @here.com and @everyone@mastodon.social",
        "2**3**4 is not (2**3)**4.",
        "def f(*args, **kwargs): and g(**a, **b)",
        "__init__ and __main__ are different files.",
        "handlers[i](event) is called once.",
        "Set ${PATH} and \\frac{ab}{cd}.",
        "C# and F# are languages; ticket #42 is closed.",
        "Ship it. Ship it. Really.",
        "Keep a TODO list.",
        "snake_case_names_are_fine and so is a -- dash",
        "Costs fell from $10 to $7 (30 %).",
        "[WIP] is a habit, not a state.",
        "Set {1, 2, 3} has three members; {x} has one.",
        "https://example.com/a_b__c__d?x=[1]&y=%7Bz%7D#part",
        "dict[name] raises KeyError",
        "Rust 1.80 → 1.81: 12 % faster builds 🎉",
    ],
)
def test_engineers_text_passes(text: str) -> None:
    assert codes(text) == []


def test_every_problem_has_a_fix_and_blocking_comes_first() -> None:
    problems = check("# Hi\nTHIS IS VERY LOUD INDEED #a #b #c #d", DEFAULT_BRAND, claims=("12 % faster",))
    assert [p.code for p in problems] == ["markup", "claims", "hashtags", "all_caps"]
    assert [p.severity for p in problems] == [Severity.BLOCK, Severity.WARN, Severity.WARN, Severity.WARN]
    assert all(p.message.endswith(".") and p.fix.endswith(".") for p in problems)
    assert [p.code for p in blocking(problems)] == ["markup"]


def test_acronyms_are_not_shouting() -> None:
    assert codes("CPU, GPU, TPU and NPU. NASA and ESA.") == []


def test_a_picture_without_words_warns_and_a_text_is_not_required_with_it() -> None:
    bare = Picture(item=ITEM)
    assert [p.code for p in check("Look", DEFAULT_BRAND, media=(bare,))] == ["alt_text"]
    assert check("Look", DEFAULT_BRAND, media=(replace(bare, alt="A chart"),)) == ()
    assert [p.severity for p in check("", DEFAULT_BRAND, media=(replace(bare, alt="A"),))] == [Severity.WARN]


def test_nothing_at_all_blocks() -> None:
    assert [(p.code, p.severity) for p in check(" \n", DEFAULT_BRAND)] == [("no_text", Severity.BLOCK)]


def test_claims_are_shown_and_counted() -> None:
    (problem,) = check("Fast.", DEFAULT_BRAND, claims=("It is 3× faster.", "It is the only one."))
    assert problem.message == '2 statements need a check: "It is 3× faster.", "It is the only one.".'
