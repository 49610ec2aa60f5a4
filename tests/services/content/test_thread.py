"""Threads composed offline: each post stands for itself, nothing is invented, said twice or cut."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from services.content.brand_file import DEFAULT_BRAND
from services.content.checks import blocking, check
from services.content.offline import compose_offline
from services.content.sentences import same, sentences
from services.domain.ids import AccountId
from services.domain.post import MOST_PARTS, PART_BREAK
from tests.services.content.briefs import BRIEFS
from tests.services.content.support import revision, task

if TYPE_CHECKING:
    from services.domain.post import Revision
    from services.ports.models import Writing

GOLDEN = Path(__file__).parents[2] / "golden" / "offline"
FIRST, SECOND = AccountId("acc1"), AccountId("acc2")
ROLLOUT = """\
How we cut our GPU bill
Average utilisation of our cluster was 31 % in June. Every team kept spare nodes, because nobody trusted the queue.
We published waiting times for each queue on one page. It took two afternoons to build. Spare nodes fell from 140 to 52
within a month. Jobs now wait 4 minutes at the median, down from 19. So the first thing to fix was trust, not code.
What would you publish first?
https://driftseas.com/blog/gpu-bill
"""
SHOWN = {
    "rollout-6": (ROLLOUT, 6),
    "rollout-3": (ROLLOUT, 3),
    "list-4": (BRIEFS["list"], 4),
    "outage-5": (BRIEFS["outage"], 5),
    "meetup-4": (BRIEFS["meetup"], 4),
    "german-3": (BRIEFS["german"], 3),
}


def threaded(
    text: str, parts: int, *limits: int, notes: str = "", wish: str = "", previous: Revision | None = None
) -> Writing:
    made = task(text, *(limits or (300, 500)), notes=notes, wish=wish, previous=previous)
    return compose_offline(replace(made, targets=tuple(replace(t, parts=parts) for t in made.targets)))


def parts_of(writing: Writing, account: AccountId = FIRST) -> list[str]:
    return writing.texts[account].split(PART_BREAK)


def shown(name: str) -> str:
    text, parts = SHOWN[name]
    writing = threaded(text, parts, 300, 500, 3000)
    blocks = [f"=== {limit} ===\n{writing.texts[AccountId(f'acc{n}')]}" for n, limit in enumerate((300, 500, 3000), 1)]
    return "\n\n".join([f"asked for {parts}", *writing.notes, *blocks]) + "\n"


@pytest.mark.parametrize("name", SHOWN)
def test_golden(name: str) -> None:
    """Read these as an editor would; rewrite them with UPDATE_GOLDEN=1 after reading the difference."""
    path = GOLDEN / f"thread-{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(shown(name), encoding="utf-8")
    assert shown(name) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", BRIEFS)
@pytest.mark.parametrize("parts", [2, 4, 9, MOST_PARTS])
def test_every_post_fits_passes_the_checks_and_differs(name: str, parts: int) -> None:
    writing = threaded(BRIEFS[name], parts, 300, 500)
    for account, limit in ((FIRST, 300), (SECOND, 500)):
        posts = parts_of(writing, account)
        assert 1 <= len(posts) <= parts
        assert len({same(post) or post for post in posts}) == len(posts)
        for post in posts:
            assert post.strip()
            assert len(regex.findall(r"\X", post)) <= limit
            assert blocking(check(post, DEFAULT_BRAND)) == ()
            assert not post.endswith((",", "…", "..."))


@pytest.mark.parametrize("name", BRIEFS)
def test_nothing_is_invented(name: str) -> None:
    source = "".join(regex.findall(r"\w", BRIEFS[name].lower()))
    said = " ".join(threaded(BRIEFS[name], 5).texts.values())
    for word in regex.findall(r"\w+", regex.sub(r"https?://\S+", " ", said).lower()):
        assert word in source


def test_every_sentence_of_a_thread_is_a_sentence_of_the_brief() -> None:
    flat = same(ROLLOUT)
    for post in parts_of(threaded(ROLLOUT, 6)):
        for line in (line for block in post.split("\n\n") for line in sentences(block)):
            assert line.startswith("#") or same(line) in flat


def test_thin_material_makes_fewer_posts_and_says_so() -> None:
    writing = threaded("Our parser streams now. Memory fell from 9 GB to 60 MB.", 5)
    assert parts_of(writing) == ["Memory fell from 9 GB to 60 MB.", "Our parser streams now."]
    assert writing.notes == (
        "The material holds enough for 2 posts, not 5. Add facts to the notes for a longer thread.",
    )


def test_one_thought_makes_one_post_and_says_so() -> None:
    writing = threaded("launch day", 3, 300)
    assert parts_of(writing) == ["Launch day"]
    assert writing.notes == (
        "The material holds enough for one post, not 3. Add facts to the notes for a longer thread.",
    )


def test_notes_lengthen_a_thread() -> None:
    short = threaded("Our parser streams now.", 4)
    facts = "Memory fell from 9 GB to 60 MB. The change is 212 lines long. It is on by default since Monday."
    long = threaded("Our parser streams now.", 4, notes=facts)
    assert len(parts_of(short)) == 1
    assert len(parts_of(long)) == 4
    assert long.notes == ()


def test_a_conclusion_comes_last_and_the_way_in_closes() -> None:
    posts = parts_of(threaded(ROLLOUT, 6))
    assert posts[-2].endswith("So the first thing to fix was trust, not code.")
    assert posts[-1].startswith("What would you publish first?\n\nhttps://driftseas.com/blog/gpu-bill")


def test_a_sentence_that_leans_on_another_follows_it() -> None:
    text = PART_BREAK.join(parts_of(threaded(ROLLOUT, 6)))
    assert 0 < text.index("We published waiting times") < text.index("It took two afternoons")


def test_the_same_task_gives_the_same_thread() -> None:
    assert threaded(ROLLOUT, 6) == threaded(ROLLOUT, 6)


@given(
    st.lists(
        st.sampled_from(["One two three four five.", "42 % less, measured twice, by us.", "It holds.", "- item", "\n"]),
        max_size=20,
    ),
    st.integers(2, MOST_PARTS),
    st.integers(30, 600),
)
def test_any_material_makes_a_thread_within_bounds(lines: list[str], parts: int, limit: int) -> None:
    posts = parts_of(threaded(" ".join(lines).strip() or "x", parts, limit))
    assert 1 <= len(posts) <= parts
    assert all(post and len(post) <= limit for post in posts)
    assert len(set(posts)) == len(posts)


def test_a_wish_reshapes_a_thread_and_others_keep_its_posts() -> None:
    first = threaded(ROLLOUT, 6)
    old = revision(first.texts)
    kept = threaded(ROLLOUT, 6, wish="no hashtags", previous=old)
    assert len(parts_of(kept)) == 6
    assert "#" not in kept.texts[FIRST]
    reshaped = threaded(ROLLOUT, 3, wish="as a thread of 3", previous=old)
    assert len(parts_of(reshaped)) == 3
    assert reshaped.notes == ()
    one = threaded(ROLLOUT, 1, wish="as one post, no hashtags", previous=old)
    assert PART_BREAK not in one.texts[FIRST]
    assert "#" not in one.texts[FIRST]
    assert one.notes == ()


def test_a_persons_words_are_what_is_reshaped() -> None:
    words = "Spare nodes fell from 140 to 50 within a month. We published waiting times. Jobs wait 4 minutes."
    old = revision({FIRST: words})
    posts = parts_of(threaded(ROLLOUT, 3, 300, wish="as a thread of 3", previous=old))
    assert "from 140 to 50" in PART_BREAK.join(posts)
    assert "52" not in PART_BREAK.join(posts)


def test_longer_adds_no_fact_that_another_post_has() -> None:
    old = revision(
        {
            FIRST: PART_BREAK.join(
                [
                    "Jobs now wait 4 minutes at the median, down from 19.",
                    "We published waiting times for each queue on one page.",
                ]
            )
        }
    )
    longer = threaded(ROLLOUT, 2, 500, wish="longer", previous=old).texts[FIRST]
    assert longer.count("We published waiting times") == 1
    assert longer.count("Jobs now wait 4 minutes") == 1
    assert "Spare nodes fell from 140 to 52" in longer


@pytest.mark.parametrize(
    ("topic", "notes", "hook"),
    [
        (
            "five lessons from running a vector database in production",
            "Backups were the hard part. Index builds took 40 minutes.",
            "Five lessons from running a vector database in production",
        ),
        (
            "Why we moved our CI from Jenkins to Buildkite. Build times fell from 42 minutes to 9. It took six weeks.",
            "",
            "Why we moved our CI from Jenkins to Buildkite",
        ),
    ],
)
def test_a_bare_topic_is_the_hook(topic: str, notes: str, hook: str) -> None:
    posts = parts_of(threaded(topic, 3, notes=notes))
    assert (posts[0], len(posts)) == (hook, 3)
