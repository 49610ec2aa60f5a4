"""The offline composer is useful, honest and different for each brief and network."""

from __future__ import annotations

import itertools
import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from services.content.brand_file import DEFAULT_BRAND
from services.content.checks import blocking, check
from services.content.offline import OfflineModel, compose_offline
from services.content.words import STOP
from services.domain.ids import AccountId
from services.domain.post import Brief, Problem, Severity
from services.ports.models import Complaint
from services.ports.platform import Measure
from tests.services.content.briefs import BRIEFS
from tests.services.content.support import revision, task

if TYPE_CHECKING:
    from services.ports.models import Writing

GOLDEN = Path(__file__).parents[2] / "golden" / "offline"
EXAMPLES = sorted((Path(__file__).parents[3] / "examples" / "briefs").glob("*.md"))
FIRST, SECOND, THIRD = AccountId("acc1"), AccountId("acc2"), AccountId("acc3")
SHOWN = ("migration", "german", "list", "outage", "quote", "webinar")


def written(text: str, *limits: int, notes: str = "") -> Writing:
    return compose_offline(task(text, *limits, notes=notes))


@cache
def drafted(name: str) -> Writing:
    return written(BRIEFS[name])


def said(writing: Writing) -> set[str]:
    """All words, stop words included; a link is no wording."""
    return set(regex.findall(r"\w+", regex.sub(r"https?://\S+", " ", " ".join(writing.texts.values())).lower()))


def shown(name: str) -> str:
    writing = written(BRIEFS[name])
    idea = writing.outline
    facts = {
        "topic": idea.topic,
        "hook": idea.hook,
        "call to action": idea.call_to_action,
        "hashtags": " ".join(idea.hashtags),
        "claims": " | ".join(idea.claims),
    }
    head = "\n".join(f"{key}: {value}".rstrip() for key, value in facts.items())
    posts = [f"=== {limit} ===\n{writing.texts[AccountId(f'acc{n}')]}" for n, limit in enumerate((300, 500, 3000), 1)]
    return "\n\n".join([head, *posts]) + "\n"


@pytest.mark.parametrize("name", SHOWN)
def test_golden(name: str) -> None:
    """Read these as an editor would; rewrite them with UPDATE_GOLDEN=1 after reading the difference."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(shown(name), encoding="utf-8")
    assert shown(name) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(BRIEFS, 2)))
def test_different_briefs_share_few_words(one: str, other: str) -> None:
    left, right = said(drafted(one)), said(drafted(other))
    shared = left & right
    assert len(shared) <= 0.3 * max(len(left | right), 1)
    assert len(shared) < 0.3 * max(min(len(left), len(right)), 1), shared


@pytest.mark.parametrize("name", [name for name in BRIEFS if name not in {"only emoji", "code"}])
def test_each_network_gets_its_own_text(name: str) -> None:
    texts = list(written(BRIEFS[name]).texts.values())
    assert len(set(texts)) >= (2 if name == "only a link" else 3)


@pytest.mark.parametrize("name", BRIEFS)
def test_texts_pass_the_checks_within_their_limits(name: str) -> None:
    for limit in (60, 300, 500, 3000):
        (text,) = written(BRIEFS[name], limit).texts.values()
        assert text
        assert blocking(check(text, DEFAULT_BRAND)) == ()
        assert "..." not in text
        assert "…" not in text
        if limit >= 300:
            assert len(regex.findall(r"\X", text)) <= limit


@pytest.mark.parametrize("name", BRIEFS)
def test_nothing_is_invented(name: str) -> None:
    """Every word comes from the brief: as written, or joined in a tag, or from the link's own path."""
    source = "".join(regex.findall(r"\w", BRIEFS[name].lower()))
    for word in said(written(BRIEFS[name])):
        assert word in source


@pytest.mark.parametrize("name", BRIEFS)
def test_the_same_brief_gives_the_same_draft(name: str) -> None:
    assert written(BRIEFS[name]) == written(BRIEFS[name])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_make_drafts_without_problems(path: Path) -> None:
    writing = written(path.read_text(encoding="utf-8"))
    assert [blocking(check(text, DEFAULT_BRAND)) for text in writing.texts.values()] == [(), (), ()]
    assert writing.outline.topic
    assert writing.outline.claims


@pytest.mark.parametrize(
    "piece", ["a", "[", "*a ", "<a ", "__a ", ".", "#a ", "write ", '"', "- ", "1) ", "https://a.b/c "]
)
def test_no_paste_keeps_the_desk_busy(piece: str) -> None:
    """A pattern that backtracks without bounds would not come back from these for minutes."""
    assert set(written(piece * (30_000 // len(piece))).texts) == {FIRST, SECOND, THIRD}


@given(st.text(max_size=400), st.text(max_size=100))
def test_any_text_makes_a_draft(text: str, notes: str) -> None:
    writing = written(text, notes=notes)
    assert set(writing.texts) == {FIRST, SECOND, THIRD}
    assert all(writing.texts.values())


@given(
    st.lists(
        st.sampled_from(["One two three four five.", "42 % less, measured twice, by us.", "- item", "\n"]), max_size=30
    )
)
def test_sentences_are_never_cut_within(lines: list[str]) -> None:
    for text in written(" ".join(lines).strip() or "x", 40, 80, 3000).texts.values():
        assert not text.endswith((",", "…", "..."))


async def test_the_model_is_the_pure_composer() -> None:
    model = OfflineModel()
    assert model.name == "offline"
    assert await model.write(task(BRIEFS["list"])) == written(BRIEFS["list"])


@pytest.mark.parametrize(
    ("brief", "expected"),
    [
        ("Announce our new tracer", "New tracer"),
        ("Please announce that our API is stable now.", "Our API is stable now."),
        ("Write a tweet about how to size a cache", "How to size a cache"),
        ("Draft a post for our customers announcing the new pricing page", "New pricing page"),
        ("Could you write a short, punchy LinkedIn post about latency budgets?", "Latency budgets"),
        ("Tell people that v3 is out.", "v3 is out."),
        ("We are thrilled to announce that Ana joined.", "Ana joined."),
        ("Post: tabs beat spaces", "Tabs beat spaces"),
        ("Share that the survey closes on Friday", "The survey closes on Friday"),
        ("Bitte schreibe einen kurzen Post über Rust im Kernel.", "Rust im Kernel."),
        ("Wir freuen uns, bekannt zu geben, dass Ada im Team ist.", "Ada im Team ist."),
        (
            "Hi! Our GPU queue is empty. Keep it under 200 characters. No emoji please. Thanks!",
            "Our GPU queue is empty.",
        ),
        ("Posting cadence matters.", "Posting cadence matters."),
        ("Announcements are hard.", "Announcements are hard."),
        ("Share prices fell.", "Share prices fell."),
    ],
)
def test_instructions_to_the_writer_are_no_content(brief: str, expected: str) -> None:
    assert written(brief, 300).texts[FIRST].split("\n")[0] == expected


def test_chat_marks_are_cleaned_away() -> None:
    brief = "<!here> Thanks <@U1>: **Tides** are in <https://driftseas.com/t|our docs>, `tide()` counts them."
    assert written(brief, 3000).texts[FIRST].startswith("Thanks: Tides are in our docs https://driftseas.com/t, tide()")


def test_labels_are_read() -> None:
    brief = "Title: Tide tables\nFact: high water twice a day\nCTA: try it today\nHashtags: #Tides sea\nLink: https://a.example/t"
    writing = written(brief, 3000)
    assert writing.texts[FIRST] == (
        "Tide tables. High water twice a day. #Tides #sea\n\nTry it today\n\nhttps://a.example/t"
    )
    assert writing.outline.call_to_action == "Try it today"


def test_notes_give_facts_but_the_brief_opens() -> None:
    writing = written("The tracer is out now.", 500, notes="It was benchmarked at 90,000 spans per second on one core.")
    assert writing.texts[FIRST].splitlines()[0] == "The tracer is out now."
    assert "90,000 spans per second" in writing.texts[FIRST]
    assert writing.outline.claims == ("It was benchmarked at 90,000 spans per second on one core.",)


def test_sentences_with_banned_words_are_left_out_while_others_remain() -> None:
    text = written("Our game-changing tracer. It keeps spans across restarts.", 500).texts[FIRST]
    assert "changing" not in text
    assert "keeps spans across restarts" in text
    assert written("Our game-changing tracer.", 500).texts[FIRST].startswith("Our game-changing tracer.")


def test_tags_that_were_asked_for_are_on_every_network_that_has_any() -> None:
    texts = written("Our index rebuilds in 40 seconds instead of 11 minutes. #speed", 300, 300, 500, 3000).texts
    assert all("#speed" in text for text in texts.values())


def test_one_tag_is_left_where_the_network_minds_more() -> None:
    def measure(text: str) -> Measure:
        many = text.count("#") > 1
        problem = Problem(code="topic", severity=Severity.WARN, message="One topic.", fix="Leave one tag.")
        other = Problem(code="link", severity=Severity.WARN, message="No links here.", fix="Name it elsewhere.")
        found = (problem, other) if many else (other,)
        return Measure(length=len(text), limit=500, unit="characters", problems=found)

    def minding_nothing_of_tags(text: str) -> Measure:
        return replace(measure(text), problems=measure("").problems)

    given_task = task("Our index rebuilds in 40 seconds instead of 11 minutes. #speed #search", 500, 500)
    first, second = given_task.targets
    given_task = replace(
        given_task, targets=(replace(first, measure=measure), replace(second, measure=minding_nothing_of_tags))
    )
    texts = compose_offline(given_task).texts
    assert [texts[one.account_id].count("#") for one in given_task.targets] == [1, 3]


def test_own_tags_come_first_where_they_fit() -> None:
    brand = replace(DEFAULT_BRAND, hashtags=("DriftSeas", "VectorSearch"))
    given_task = replace(task("Vector search in Postgres needs vacuum settings. #pgvector", 500), brand=brand)
    assert compose_offline(given_task).outline.hashtags == ("pgvector", "VectorSearch", "Postgres")


def test_a_long_sentence_is_cut_at_a_clause_or_left_out() -> None:
    brief = "The gateway lost its certificate on Monday, " + "and many words follow it without any end in sight " * 5
    text = written(brief, 60).texts[FIRST]
    assert text.split("\n")[0] == "The gateway lost its certificate on Monday"


def test_a_targets_own_measure_decides() -> None:
    def twice(text: str) -> Measure:
        return Measure(length=2 * len(text), limit=100, unit="halves")

    given_task = task("The tide comes twice a day. The moon pulls it with all its might. Boats wait.", 100)
    (target,) = given_task.targets
    (text,) = compose_offline(replace(given_task, targets=(replace(target, measure=twice),))).texts.values()
    assert 2 * len(text) <= 100


def test_two_networks_of_one_size_open_differently() -> None:
    texts = written(BRIEFS["outage"], 500, 500).texts
    assert texts[FIRST] != texts[SECOND]


def test_accounts_of_one_network_say_the_same() -> None:
    given_task = task(BRIEFS["outage"], 500, 500)
    alike = tuple(replace(target, label="One network") for target in given_task.targets)
    texts = compose_offline(replace(given_task, targets=alike)).texts
    assert texts[FIRST] == texts[SECOND]


def test_writing_anew_opens_in_another_way() -> None:
    first = written(BRIEFS["outage"])
    again = compose_offline(task(BRIEFS["outage"], previous=revision(first.texts)))
    assert all(again.texts[key] != first.texts[key] for key in first.texts)


def test_a_repair_writes_only_what_failed() -> None:
    complaints = (Complaint(account_id=SECOND, text="x", problems=("bad",)),)
    given_task = replace(task(BRIEFS["outage"]), complaints=complaints)
    assert compose_offline(given_task).texts == {SECOND: written(BRIEFS["outage"]).texts[SECOND]}


def test_an_empty_brief_still_answers() -> None:
    assert compose_offline(replace(task(""), brief=Brief(text=" "))).texts[FIRST] == "…"


def test_a_bare_label_before_a_link_is_left_out() -> None:
    text = "Our index rebuilds in 40 seconds instead of 11 minutes. Numbers: https://example.com/index"
    [made] = written(text, 500).texts.values()
    assert made.startswith("Our index rebuilds in 40 seconds instead of 11 minutes.\n\nhttps://example.com/index")
    assert "Numbers" not in made


@pytest.mark.parametrize(
    ("brief", "topic"),
    [
        (
            "We ship a faster parser today and every customer on the old plan gets it without paying more",
            "We ship a faster parser today",
        ),
        (
            "We have decided to open source the scheduler we have used internally for three years to run inference",
            "We have decided to open source the scheduler",
        ),
        (
            "Our quarterly community call about the future of the plugin system takes place next Thursday at noon",
            "Our quarterly community call",
        ),
        (
            "Today we are releasing version 3.2 of the tracer with support for Python 3.13 and a new sampling engine",
            "Today we are releasing version 3.2 of the tracer",
        ),
        ("Build times dropped from 42 minutes to 9", "Build times dropped from 42 minutes to 9"),
        (
            "New vector database that's 3x faster than pgvector on 10M embeddings",
            "New vector database that's 3x faster than pgvector on 10M embeddings",
        ),
        ("Hot take: most pipelines fail because nobody evaluates retrieval", "Most pipelines fail"),
    ],
)
def test_a_topic_ends_where_a_reader_pauses(brief: str, topic: str) -> None:
    assert written(brief, 300).outline.topic == topic


@pytest.mark.parametrize("name", BRIEFS)
def test_a_topic_never_ends_on_a_word_that_leaves_it_open(name: str) -> None:
    assert drafted(name).outline.topic.split()[-1].lower() not in STOP - {"today", "now"}


def test_a_headline_on_its_own_line_is_the_title() -> None:
    text = written("How we cut our GPU bill\nSpare nodes fell from 140 to 52 within a month.", 500).texts[FIRST]
    assert text.startswith("How we cut our GPU bill\n\nSpare nodes fell from 140 to 52 within a month.")


def test_a_tone_needs_a_model_and_that_is_said() -> None:
    given_task = task(BRIEFS["outage"], 300)
    toned = compose_offline(replace(given_task, brief=replace(given_task.brief, tone="warm and plain")))
    assert toned.texts == compose_offline(given_task).texts
    assert toned.notes == ('The tone "warm and plain" needs a language model; the brief\'s own words were kept.',)
