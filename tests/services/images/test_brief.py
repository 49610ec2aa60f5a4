"""A picture's brief is written from the post; a person's prompt wins, and all of it stays data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.content.brand_file import DEFAULT_BRAND
from services.domain.media import PictureStyle, PictureWish
from services.domain.post import Outline
from services.images.brief import HEADLINE_WORDS, MAX_POINTS, MAX_SCENE, picture_task
from services.images.scenes import is_cliche, scene_about
from services.ports.models import PictureTask
from tests.services.images.tasks import WIDE

LONG = "We cut p99 latency by 42% by moving forty services to one Postgres."


def written(outline: Outline | None = None, *texts: str, wish: PictureWish | None = None) -> PictureTask:
    return picture_task(
        brand=DEFAULT_BRAND,
        outline=outline or Outline(topic="Tides", hook="High water at noon."),
        texts=texts,
        wish=wish or PictureWish(),
        size=WIDE,
    )


@pytest.mark.parametrize(
    ("outline", "headline"),
    [
        (Outline(hook="High water at noon.", topic="Tides"), "High water at noon"),
        (Outline(hook="Is your cache lying to you? Ours was.", topic="Caches"), "Is your cache lying to you?"),
        (Outline(hook=LONG, topic="Fewer databases, faster pages"), "Fewer databases, faster pages"),
        (Outline(hook=LONG, topic=LONG), "We cut p99 latency by 42%"),
        (Outline(hook=f"**Big** news: {LONG} #db https://a.example", topic=""), "Big news"),
        (Outline(hook="", topic=""), ""),
    ],
)
def test_the_headline_is_short_and_whole(outline: Outline, headline: str) -> None:
    assert written(outline).headline == headline


def test_without_an_outline_the_text_gives_the_headline() -> None:
    assert written(Outline(), "Short.", "The index is ready now.\n\nMore below.").headline == "The index is ready now"


def test_points_are_the_items_of_a_list() -> None:
    text = "Intro.\n\n- Measure first\n- Move the **smallest**\n• Keep the old path\n4. Write it down\n5. Rest a day"

    assert written(None, text).points == ("Measure first", "Move the smallest", "Keep the old path", "Write it down")


def test_points_come_from_a_series() -> None:
    outline = Outline(topic="t t", hook="h h", body="Fine.\nThree lessons: measure first; move one; keep the old path.")

    assert written(outline).points == ("Measure first", "Move one", "Keep the old path")


def test_points_come_from_the_body_and_never_repeat_the_headline() -> None:
    outline = Outline(topic="Tides", hook="High water at noon.", body="High water at noon.\nThe pier is closed. Why?")

    assert written(outline).points == ("The pier is closed",)


@pytest.mark.parametrize(
    ("outline", "scene"),
    [
        (
            Outline(topic="Tides", image_idea="A pier at low water, ropes hanging."),
            "A pier at low water, ropes hanging.",
        ),
        (
            Outline(topic="Our new database", image_idea="Our new database"),
            "a wall of wooden card-catalogue drawers in a bright archive, one drawer pulled open",
        ),
        (
            Outline(topic="Faster queries", image_idea="A glowing brain above a robot handshake."),
            scene_about("Faster queries"),
        ),
        (Outline(topic="xyzzy", image_idea=""), scene_about("")),
    ],
)
def test_the_scene_is_concrete(outline: Outline, scene: str) -> None:
    assert written(outline).scene == scene
    assert not is_cliche(scene)


def test_a_persons_prompt_wins_even_over_taste() -> None:
    wish = PictureWish(prompt="a rocket over the pier", style=PictureStyle.MINIMAL, take=3)

    task = written(Outline(topic="Tides", hook="High water.", image_idea="A pier."), wish=wish)

    assert (task.scene, task.style, task.take) == ("a rocket over the pier", PictureStyle.MINIMAL, 3)
    assert task.headline == "High water"


@pytest.mark.parametrize("prompt", ['the pier, saying "Mind the tide"', "the pier, saying “Mind the tide”"])
def test_words_in_quotation_marks_become_the_headline(prompt: str) -> None:
    task = written(wish=PictureWish(prompt=prompt))

    assert (task.headline, task.scene) == ("Mind the tide", "the pier, saying")


def test_it_carries_the_brand_and_the_first_style() -> None:
    task = written()

    assert (task.signature, task.palette) == (DEFAULT_BRAND.name, DEFAULT_BRAND.palette)
    assert task.style is PictureStyle.PROFESSIONAL


@given(prompt=st.text(max_size=900), hook=st.text(max_size=300), text=st.text(max_size=300))
def test_whatever_was_written_the_task_is_plain_words(prompt: str, hook: str, text: str) -> None:
    task = written(Outline(hook=hook, topic=hook[:40], body=text), text, wish=PictureWish(prompt=prompt))

    assert len(task.scene) <= MAX_SCENE
    assert task.scene
    assert len(task.headline.split()) <= HEADLINE_WORDS or '"' in prompt or "“" in prompt
    assert len(task.points) <= MAX_POINTS
    for words in (task.scene, task.headline, *task.points):
        assert "\n" not in words
        assert "http" not in words or "http" in prompt + hook + text
        assert not set(words) & set(">`*{}\u202e\u200b")
