"""A wish is met on the text as it stands, or told to need a model; never half, never silently."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.content.offline import compose_offline
from services.content.wishes import asked_parts, split_wish
from services.domain.ids import AccountId
from services.domain.post import PART_BREAK, USUAL_PARTS
from tests.services.content.support import revision, task

if TYPE_CHECKING:
    from services.ports.models import Writing

KEY = AccountId("acc1")
BRIEF = "The tide comes twice a day. The moon pulls it along. Boats wait in 3 harbours. Captains read the tables."
EDITED = (
    "The tide comes twice a day. 🌊 Ada wrote this by hand.\n\nBoats wait in 3 harbours. Captains read the tables.\n\n"
    "https://driftseas.com/t#Sea\n\n#Tides #Moon"
)


def wished(wish: str, text: str = EDITED, *, limit: int = 500, brief: str = BRIEF) -> Writing:
    return compose_offline(task(brief, limit, wish=wish, previous=revision({KEY: text})))


def test_shorter_leaves_out_whole_sentences_and_keeps_the_link() -> None:
    assert wished("shorter").texts[KEY] == (
        "The tide comes twice a day. 🌊 Ada wrote this by hand.\n\nhttps://driftseas.com/t#Sea\n\n#Tides #Moon"
    )
    assert wished("shorter", "The tide comes twice a day. Boats wait.").texts[KEY] == "The tide comes twice a day."


def test_longer_adds_what_the_brief_still_holds() -> None:
    assert wished("longer").texts[KEY] == EDITED.replace("the tables.", "the tables. The moon pulls it along.")


def test_longer_stops_at_the_limit() -> None:
    writing = wished("longer", limit=len(EDITED) + 5)
    assert writing.texts[KEY] == EDITED
    assert writing.notes == ('The wish "longer" needs a language model; nothing was changed for it.',)


def test_no_emoji() -> None:
    assert wished("no emoji please").texts[KEY] == EDITED.replace("🌊 ", "")


def test_no_hashtags_leaves_links_alone() -> None:
    assert wished("without hashtags").texts[KEY] == EDITED.removesuffix("\n\n#Tides #Moon")
    assert wished("no tags", "We love #Tides a lot.").texts[KEY] == "We love Tides a lot."


def test_no_links_takes_the_line_that_leads_to_it_too() -> None:
    text = "Tides are regular.\n\nRegister at https://driftseas.com/t\n\n#Tides"
    assert wished("no link", text).texts[KEY] == "Tides are regular.\n\n#Tides"


def test_another_hook_changes_places() -> None:
    text = wished("a different hook").texts[KEY]
    assert text == EDITED.replace("The tide comes twice a day", "#1").replace(
        "Boats wait in 3 harbours", "The tide comes twice a day"
    ).replace("#1", "Boats wait in 3 harbours")


def test_as_a_list() -> None:
    assert wished("as bullet points").texts[KEY] == (
        "The tide comes twice a day.\n\n• 🌊 Ada wrote this by hand\n• Boats wait in 3 harbours\n"
        "• Captains read the tables\n\n"
        "https://driftseas.com/t#Sea\n\n#Tides #Moon"
    )


@pytest.mark.parametrize("wish", ["more formal", "make it funnier", "translate to French", "as a list"])
def test_what_can_not_be_done_is_told_and_changes_nothing(wish: str) -> None:
    text = "Only this one sentence."
    writing = wished(wish, text)
    note = f'The wish "{wish}" needs a language model; nothing was changed for it.'
    assert writing.texts[KEY] == text
    assert writing.notes == (note,)
    assert writing.outline.tone_notes == note


def test_of_several_wishes_each_is_met_or_told() -> None:
    writing = wished("no emoji, more formal and without hashtags, please")
    assert writing.texts[KEY] == EDITED.replace("🌊 ", "").removesuffix("\n\n#Tides #Moon")
    assert writing.notes == ('The wish "more formal" needs a language model; nothing was changed for it.',)


def test_a_thread_stays_a_thread() -> None:
    text = PART_BREAK.join(["One 🌊 here.", "Two here. 🎉"])
    assert wished("no emoji", text).texts[KEY] == PART_BREAK.join(["One here.", "Two here."])


def test_digits_and_signs_are_no_emoji() -> None:
    text = "Version 3 © 2026 ™ costs 5 # 7 *."
    assert wished("no emoji", text).texts[KEY] == text


def test_an_account_new_to_the_draft_is_composed_then_changed() -> None:
    writing = compose_offline(task(BRIEF, 500, 3000, wish="no hashtags", previous=revision({KEY: EDITED})))
    assert "#" not in writing.texts[AccountId("acc2")]
    assert writing.texts[AccountId("acc2")].startswith("The tide comes twice a day.")


@pytest.mark.parametrize(
    ("wish", "parts"),
    [
        ("shorter", ("shorter",)),
        ("please shorter and no emoji; thanks", ("shorter", "no emoji")),
        ("kürzer, ohne Emoji bitte", ("kürzer", "ohne Emoji")),
        (" ", ()),
    ],
)
def test_wishes_are_taken_apart(wish: str, parts: tuple[str, ...]) -> None:
    assert split_wish(wish) == parts


@pytest.mark.parametrize(
    ("wish", "parts"),
    [
        ("as a thread of 4", 4),
        ("a thread of four, no emoji", 4),
        ("Thread mit 6 Teilen", 6),
        ("make it a 3-part thread", 3),
        ("in 5 posts", 5),
        ("split it into two parts", 2),
        ("shorter, 7 posts", 7),
        ("as a thread", USUAL_PARTS),
        ("one post", 1),
        ("as a single post, please", 1),
        ("make it one post", 1),
        ("no thread", 1),
        ("als ein Beitrag", 1),
        ("shorter", None),
        ("mention the thread of the story", None),
        ("name the two posts we quote", None),
        ("link one post of ours", None),
        ("", None),
    ],
)
def test_how_many_posts_a_wish_asks_for(wish: str, parts: int | None) -> None:
    assert asked_parts(wish) == parts


def test_another_hook_may_come_from_another_post() -> None:
    text = PART_BREAK.join(["Boats wait in 3 harbours.", "The tide comes twice a day."])
    changed = wished("another hook", text)
    assert changed.texts[KEY] == PART_BREAK.join(["The tide comes twice a day.", "Boats wait in 3 harbours."])
    assert changed.notes == ()
