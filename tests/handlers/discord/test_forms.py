"""Forms become windows that Discord takes, and what is typed into them comes back as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.discord.files import UPLOADS
from handlers.discord.forms import ROOM, Upload, answers, form_card, modal, pages, refilled, too_long
from handlers.discord.inert import LIMITS
from handlers.discord.kept import KEPT_FOR, Kept
from handlers.views.actions import Action, Verb
from handlers.views.card import Card, Note, Text, Tone
from handlers.views.form import Clash, FieldType, Form, FormField, Option
from handlers.views.forms import brief_form, image_form, schedule_form
from handlers.views.sheet import sheets
from services.domain.errors import InvalidInput
from services.domain.ids import DraftId
from tests.builders import NOW
from tests.fakes.clock import FakeClock
from tests.fakes.discord import modal_problems
from tests.handlers.test_actions import a_look, a_snapshot

ACTION = Action(verb=Verb.EDIT, draft_id=DraftId("142"), revision=3, digest="baf10e83").encode()


def a_form(*fields: FormField, **more: Any) -> Form:
    return Form(name="edit", title="Edit draft 142", submit="Save", action=ACTION, fields=fields, **more)


def a_text(name: str, **more: Any) -> FormField:
    return FormField(name=name, title=f"Text {name}", type=FieldType.LINES, **more)


def window(form: Form, page: int = 0) -> dict[str, Any]:
    made: dict[str, Any] = modal(form, page, f"form:{page}:{form.action}").to_dict()
    assert list(modal_problems(made)) == []
    return made


def boxes(form: Form, page: int = 0) -> list[dict[str, Any]]:
    return [label["component"] for label in window(form, page)["components"]]


def sent(form: Form, page: int = 0, typed: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """What Discord tells when the window is sent as it opened, but for what is `typed`."""
    told = []
    for box in boxes(form, page):
        name = box["custom_id"]
        value = box.get("value") or ""
        chosen = [o["value"] for o in box.get("options", []) if o.get("default")]
        given = (typed or {}).get(name, chosen if box["type"] in {3, 19} else value)
        told.append({"type": 18, "component": {"type": box["type"], "custom_id": name, _key(box): given}})
    return told


def _key(box: dict[str, Any]) -> str:
    return "values" if box["type"] in {3, 19} else "value"


texts = st.text(alphabet="ab \n😀é.", max_size=400).flatmap(
    lambda piece: st.integers(1, 40).map(lambda times: piece * times)
)


@given(texts)
def test_a_text_comes_back_exactly_as_it_was_however_many_boxes_it_takes(text: str) -> None:
    form = a_form(a_text("text.a", value=text, max=40_000))
    if too_long(form):
        assert pages(form) == ()
    else:
        assert answers(sent(form), {}) == {"text.a": text}


def test_a_long_text_goes_over_several_boxes_with_room_to_write_on() -> None:
    form = a_form(a_text("t", value="word " * 1600, required=True, max=40_000, help="Say it."))
    made = boxes(form)
    assert [box["custom_id"] for box in made] == ["t", "t~1s", "t~2s"]
    assert [box["required"] for box in made] == [True, False, False]
    assert all(len(box["value"]) <= ROOM < box["max_length"] == 4000 for box in made)
    assert [label["label"] for label in window(form)["components"]] == ["Text t", "Text t (2/3)", "Text t (3/3)"]
    changed = sent(form, typed={"t~1s": "new middle", "t~2s": ""})
    assert str(answers(changed, {})["t"]).endswith("word new middle")


def test_five_questions_are_a_window_and_a_sixth_is_another() -> None:
    form = a_form(*(a_text(f"t{n}") for n in range(6)))
    assert [[f.name for f in page] for page in pages(form)] == [["t0", "t1", "t2", "t3", "t4"], ["t5"]]
    assert answers(sent(form, 1, {"t5": "x"}), {}) == {"t5": "x"}


def test_each_group_has_windows_of_its_own_that_are_called_after_it() -> None:
    mastodon = [a_text(f"m{n}", group="Mastodon") for n in range(6)]
    form = a_form(*mastodon, a_text("x", group="X"), a_text("rest"), a_text("more"))
    found = pages(form)
    assert [[f.name for f in page] for page in found] == [
        ["m0", "m1", "m2", "m3", "m4"],
        ["m5"],
        ["x"],
        ["rest", "more"],
    ]
    card = form_card(form, {}, [f"ask:{n}:x" for n in range(len(found))])
    assert [b.label for b in card.buttons] == ["Mastodon 1/2", "Mastodon 2/2", "X", "Text rest, Text more"]


def test_a_text_in_two_boxes_stays_in_one_window() -> None:
    form = a_form(*(a_text(f"t{n}") for n in range(4)), a_text("long", value="w " * 2500))
    assert [[f.name for f in page] for page in pages(form)] == [["t0", "t1", "t2", "t3"], ["long"]]


def test_a_text_too_long_for_a_window_is_left_out_and_said() -> None:
    form = a_form(a_text("t"), a_text("long", value="w" * 20_000))
    assert [[f.name for f in page] for page in pages(form)] == [["t"]]
    (note,) = [b for b in form_card(form, {}, ["ask:0:x"]).blocks if isinstance(b, Note)]
    assert note.text == (
        "Text long: 20,000 characters are too many to be changed in Discord. It stays as it is. The page takes it."
    )


def test_choices_are_a_list_whose_empty_choice_can_be_taken() -> None:
    form = brief_form(picture="minimal")
    box = boxes(form, 1)[0]
    assert (box["type"], box["custom_id"]) == (3, "picture")
    assert [o["value"] for o in box["options"]][:2] == ["~", "no"]
    assert answers(sent(form, 1), {}) == {"picture": "minimal"}
    assert answers(sent(form, 1, {"picture": ["~"]}), {}) == {"picture": ""}


def test_more_choices_than_a_list_holds_are_typed() -> None:
    options = tuple(Option(value=str(n), text=f"Version {n}") for n in range(26))
    form = a_form(FormField(name="version", title="Version", type=FieldType.CHOICE, options=options, value="25"))
    (label,) = window(form)["components"]
    assert label["component"]["type"] == 4
    assert label["description"].startswith("One of: 0, 1, 2")
    assert answers(sent(form), {}) == {"version": "25"}


def test_a_time_is_typed_or_chosen_from_slots_and_the_slot_counts() -> None:
    form = schedule_form(Action(verb=Verb.SCHEDULE, draft_id=DraftId("1")), a_look(), [NOW])
    words, slots = boxes(form)
    assert (words["custom_id"], words["required"]) == ("when", False)
    slot = slots["options"][0]["value"]
    assert answers(sent(form, typed={"when": "tomorrow 9am"}), {}) == {"when": "tomorrow 9am"}
    assert answers(sent(form, typed={"when~slot": [slot]}), {}) == {"when": slot}
    assert answers(sent(form, typed={"when": "tomorrow", "when~slot": [slot]}), {}) == {"when": slot}
    assert answers(sent(form), {}) == {"when": ""}


def test_a_picture_is_uploaded_and_a_missing_one_is_no_answer() -> None:
    form = image_form(Action(verb=Verb.IMAGE, draft_id=DraftId("1")), a_snapshot())
    assert [box["type"] for box in boxes(form)] == [4, 3, 19, 4, 4]
    files = {"7": {"url": "https://cdn.example/a.png", "size": 12}}
    assert answers(sent(form, typed={"upload": ["7"]}), files)["upload"] == (
        Upload(url="https://cdn.example/a.png", size=12),
    )
    assert answers(sent(form), files)["upload"] == ()
    known_to_nobody = answers(sent(form, typed={"upload": ["8", "7"]}), files)["upload"]
    assert known_to_nobody == (Upload(url="", size=0), Upload(url="https://cdn.example/a.png", size=12))


def test_several_files_keep_their_order() -> None:
    form = image_form(Action(verb=Verb.IMAGE, draft_id=DraftId("1")), a_snapshot())
    [box] = [box for box in boxes(form) if box["type"] == 19]
    assert (box["min_values"], box["max_values"]) == (0, 10)
    (more,) = boxes(a_form(FormField(name="f", title="F", type=FieldType.FILE, max=11)))
    assert more["max_values"] == 10
    files = {n: {"url": f"https://cdn.example/{n}.png", "size": 12} for n in ("7", "8", "9")}
    got = answers(sent(form, typed={"upload": ["9", "7", "8"]}), files)["upload"]
    assert [one.url[-5] for one in got if isinstance(one, Upload)] == ["9", "7", "8"]


def test_long_titles_and_help_are_told_all_the_same() -> None:
    title = "Hold posts that are late by more than this many minutes"
    form = a_form(FormField(name="late", title=title), a_text("b", help=f"{'First half. ' * 8}{'Second half. ' * 4}"))
    late, second = window(form)["components"]
    assert late["label"].endswith("…")
    assert late["description"] == f"{title}."
    assert second["description"].endswith("First half.")
    assert second["component"]["placeholder"].startswith("Second half.")


@pytest.mark.parametrize("name", ["brief", "image", "schedule"])
def test_the_desks_own_forms_open(name: str) -> None:
    forms = {
        "brief": brief_form(hint="Or some of: bluesky, mastodon."),
        "image": image_form(Action(verb=Verb.IMAGE, draft_id=DraftId("1")), a_snapshot()),
        "schedule": schedule_form(
            Action(verb=Verb.SCHEDULE, draft_id=DraftId("1")), a_look(), [NOW + timedelta(hours=n) for n in range(5)]
        ),
    }
    for page in range(len(pages(forms[name]))):
        assert window(forms[name], page)["title"] == forms[name].title


def told(card: Card) -> list[str]:
    return [b.text for b in card.blocks if isinstance(b, (Note, Text))]


def test_an_error_comes_back_with_what_was_typed_and_a_button() -> None:
    form = a_form(a_text("t", error="32 too long.", value="typed"), a_text("u"))
    card = form_card(form, {"t": "typed", "u": ""}, [f"ask:0:{ACTION}"])
    assert told(card) == ["Text t: 32 too long.", "Text t, as you typed it:\ntyped"]
    assert card.tone is Tone.WARNING
    assert [(b.id, b.label) for b in card.buttons] == [(f"ask:0:{ACTION}", "Open the form")]


def test_an_error_says_that_files_are_gone_where_some_can_be_given() -> None:
    form = a_form(a_text("t", error="Too long."), FormField(name="f", title="F", type=FieldType.FILE))
    assert told(form_card(form, {}, ["ask:0:x"])) == ["Text t: Too long.", "Files have to be chosen again."]


def test_a_clash_shows_what_the_other_wrote() -> None:
    clash = Clash(draft_id="142", revision=4, by="Bo", verb="edited", when="at 14:02")
    form = a_form(a_text("t", value="mine", theirs="his"), note="Bo edited this draft.", clash=clash)
    said = told(form_card(form, {"t": "mine"}, ["ask:0:x"]))
    assert said == ["Bo edited this draft.", "Text t, as Bo left it:\nhis", "Text t, as you typed it:\nmine"]


def test_each_window_has_its_button_and_the_rest_is_in_the_list() -> None:
    form = a_form(*(a_text(f"t{n}") for n in range(31)))
    ids = [f"ask:{n}:{ACTION}" for n in range(7)]
    card = form_card(form, {}, ids)
    assert [b.label for b in card.buttons][-1] == "Text t30"
    (page,) = sheets(card, LIMITS)
    assert ([b.id for b in page.buttons], [b.id for b in page.menu]) == (ids[:5], ids[5:])


def test_what_was_typed_stands_in_the_window_again() -> None:
    form = a_form(a_text("t", value="old"), FormField(name="f", title="F", type=FieldType.FILE))
    again = refilled(form, {"t": "typed", "f": "x", "gone": "y"})
    assert [f.value for f in again.fields] == ["typed", ""]


def test_what_is_kept_ends_after_a_while_and_is_each_persons_own() -> None:
    clock = FakeClock()
    kept = Kept(clock)
    kept.keep("u1", ACTION, {"a": "1"})
    kept.keep("u1", ACTION, {"b": "2"})
    assert kept.typed("u1", ACTION) == {"a": "1", "b": "2"}
    assert kept.typed("u2", ACTION) == {}
    kept.forget("u1", ACTION)
    assert kept.typed("u1", ACTION) == {}
    kept.keep("u1", ACTION, {"a": "1"})
    clock.set(clock.now() + KEPT_FOR)
    assert kept.typed("u1", ACTION) == {}


def test_only_the_latest_are_kept() -> None:
    kept = Kept(FakeClock())
    for number in range(1001):
        kept.keep(str(number), ACTION, {"a": "1"})
    assert kept.typed("0", ACTION) == {}
    assert kept.typed("1", ACTION) == {"a": "1"}


def test_a_page_is_named_by_its_action_and_a_long_action_by_a_name() -> None:
    kept = Kept(FakeClock())
    assert kept.page_id("ask", 2, ACTION) == f"ask:2:{ACTION}"
    assert kept.page_of(f"form:2:{ACTION}") == (2, ACTION)
    long = f"cd:1:brief:0:0:-:{'x' * 83}"
    name = kept.page_id("ask", 0, long)
    assert len(name) <= 100
    assert kept.page_of(name) == (0, long)
    assert Kept(FakeClock()).page_of(name) is None
    assert kept.page_of("ask:x") is None


def test_a_field_that_was_typed_wrong_is_still_a_window() -> None:
    form = replace(a_form(a_text("t", max=10)), title="x" * 60)
    assert len(window(refilled(form, {"t": "y" * 50}))["title"]) <= 45


async def test_a_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    fits = Upload(url="https://cdn.example/a.png", size=500_000_000)
    assert await UPLOADS.look(fits) == fits.url
    with pytest.raises(InvalidInput, match="has 501 MB; 500 MB is the most") as caught:
        await UPLOADS.look(replace(fits, size=fits.size + 1_000_000))
    assert caught.value.field == "upload"
