"""Adapting offline: another form for the same facts; nothing is added, and a person's words win over the brief."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.content.brand_file import DEFAULT_BRAND
from services.content.checks import blocking, check
from services.content.facts import added_facts, facts_of
from services.content.offline import compose_offline
from services.content.sentences import same
from services.domain.ids import AccountId
from services.domain.post import PART_BREAK, Brief
from tests.services.content.briefs import BRIEFS
from tests.services.content.support import task

if TYPE_CHECKING:
    from services.ports.models import Writing

SIZES = (300, 500, 3000)
MODEL_MADE = (
    "A 2 GB file now parses in 60 MB instead of 9 GB.\n\nThe parser streams: it never holds more than a window.\n\n"
    "https://driftseas.com/parser #Parsing"
)


def adapted(source: str, *limits: int, text: str = "", notes: str = "", parts: int = 1) -> Writing:
    made = task(text or source, *(limits or SIZES), notes=notes)
    brief = replace(made.brief, source=source, parts=parts)
    targets = tuple(replace(target, parts=parts) for target in made.targets)
    return compose_offline(replace(made, brief=brief, targets=targets))


@pytest.mark.parametrize("name", BRIEFS)
@pytest.mark.parametrize("size", SIZES)
def test_every_number_and_link_stands_in_the_source_or_the_brief(name: str, size: int) -> None:
    (source,) = compose_offline(task(BRIEFS[name], size)).texts.values()
    brief = Brief(text=BRIEFS[name], source=source)
    for text in adapted(source, text=BRIEFS[name]).texts.values():
        assert added_facts(text, brief) == ()
        assert blocking(check(text, DEFAULT_BRAND)) == ()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["migration", "list", "outage", "german", "webinar"])
def test_it_reads_as_if_written_for_the_other_network(name: str, size: int) -> None:
    """Where the post is made of the brief's own sentences, its adaptation is as good as the network's own draft."""
    (source,) = compose_offline(task(BRIEFS[name], size)).texts.values()
    others = tuple(other for other in SIZES if other != size)
    for text in adapted(source, *others, text=BRIEFS[name]).texts.values():
        lines = [same(line) for line in text.split("\n") if line.strip()]
        assert len(set(lines)) == len(lines)
        assert text != source


def test_a_models_words_are_kept_and_the_brief_adds_only_what_they_left_out() -> None:
    brief = "The parser streams now: memory for a 2 GB file fell from 9 GB to 60 MB. It ships on Monday 4 May."
    terse, roomy = adapted(MODEL_MADE, 300, 3000, text=brief).texts.values()
    assert terse.startswith("A 2 GB file now parses in 60 MB instead of 9 GB.")
    assert "It ships on Monday 4 May." in roomy
    assert "fell from" not in roomy
    assert roomy.count("9 GB") == 1
    assert "https://driftseas.com/parser" in terse
    assert "https://driftseas.com/parser" in roomy


def test_a_thread_becomes_a_post_and_a_post_a_thread() -> None:
    thread = PART_BREAK.join(
        [
            "Build times dropped from 42 minutes to 9.",
            "We deleted 3,100 lines of Groovy.",
            "Flaky tests are quarantined.",
        ]
    )
    (one,) = adapted(thread, 3000).texts.values()
    assert PART_BREAK not in one
    assert "3,100 lines" in one
    (again,) = adapted(one, 300, parts=3).texts.values()
    assert len(again.split(PART_BREAK)) == 3
    assert added_facts(again, Brief(text="", source=thread)) == ()


@given(
    st.lists(
        st.sampled_from(
            [
                "Cost fell by 42 %.",
                "It took 3 weeks.",
                "See https://a.example/1 now.",
                "@ada@x.test led it.",
                "Ok.",
                "\n\n",
            ]
        ),
        min_size=1,
        max_size=8,
    ),
    st.lists(st.sampled_from(["We paid 900 € before.", "Read https://b.example/2", "A team of 5."]), max_size=3),
    st.integers(1, 4),
)
def test_nothing_is_added_to_any_source(source: list[str], brief: list[str], parts: int) -> None:
    said, known = " ".join(source).strip() or "x", " ".join(brief).strip() or "y"
    given_brief = Brief(text=known, source=said)
    for text in adapted(said, text=known, parts=parts).texts.values():
        assert added_facts(text, given_brief) == ()


def test_facts_are_links_handles_and_numbers_as_written() -> None:
    text = "9,000 runs at 14:02 by @ada@x.test. See https://a.example/v2.1/x, and #Top10 of v3."
    assert facts_of(text) == ("https://a.example/v2.1/x", "@ada@x.test", "9,000", "14:02", "3")
    assert added_facts(
        "It fell by 41 %, see https://b.example.", Brief(text="By 42 %.", source="https://b.example/x")
    ) == (
        "https://b.example",
        "41",
    )


def test_without_a_source_the_brief_is_all() -> None:
    (one,) = compose_offline(task(BRIEFS["outage"], 300)).texts.values()
    (two,) = compose_offline(replace(task(BRIEFS["outage"], 300), brief=Brief(text=BRIEFS["outage"]))).texts.values()
    assert one == two
    assert set(compose_offline(task("x", 300)).texts) == {AccountId("acc1")}
