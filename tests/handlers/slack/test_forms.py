"""Forms as modals: what Slack takes, and every character back as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.slack.answers import answered, answers, late
from handlers.slack.forms import MOST_BLOCKS, kept_in, message, modal, parts_of
from handlers.slack.home import home_view
from handlers.views.actions import Action, Verb
from handlers.views.card import Button, Confirm, Style
from handlers.views.form import Clash, FieldType, Form, FormField, Option
from handlers.views.forms import brief_form, image_form, live_form, regenerate_form, reject_form, schedule_form
from handlers.views.home import Home, Row, Section
from services.domain.errors import InvalidInput, Unavailable
from services.domain.ids import DraftId
from tests.builders import NOW
from tests.fakes.slack.blocks import view_problems
from tests.fakes.slack.inputs import starting_inputs
from tests.handlers.test_actions import a_look, a_snapshot

ACTION: Final = Action(verb=Verb.EDIT, draft_id=DraftId("12"), revision=3)


def a_form(*fields: FormField, **more: Any) -> Form:
    return Form(
        **{"name": "edit", "title": "Edit draft 12", "submit": "Save", "action": ACTION.encode(), **more}, fields=fields
    )


def lines(value: str = "", **more: Any) -> FormField:
    return FormField(
        **{"name": "text.acc-m", "title": "Mastodon", "type": FieldType.LINES, "max": 40_000, **more}, value=value
    )


def submitted(view: dict[str, Any], **typed: Any) -> dict[str, Any]:
    """The modal as Slack hands it over when nobody touched more than `typed`, by label."""
    assert view_problems(view) == []
    inputs = starting_inputs(view["blocks"])
    labels = {
        b["label"]["text"]: (b["block_id"], b["element"]["action_id"]) for b in view["blocks"] if b["type"] == "input"
    }
    for label, state in typed.items():
        inputs[labels[label]] = {"type": inputs[labels[label]]["type"], **state}
    values: dict[str, Any] = {}
    for (block, action), state in inputs.items():
        values.setdefault(block, {})[action] = state
    return {**view, "state": {"values": values}}


def texts(view: dict[str, Any], **typed: Any) -> dict[str, str]:
    return dict(answers(submitted(view, **typed)).texts)


def inputs(view: dict[str, Any]) -> list[dict[str, Any]]:
    return [b for b in view["blocks"] if b["type"] == "input"]


# What Slack takes

OPTIONS: Final = st.lists(st.text(max_size=90), max_size=240, unique=True).map(
    lambda found: tuple(Option(value=v, text=v) for v in found)
)
FIELDS: Final = st.builds(
    FormField,
    name=st.just(""),
    title=st.text(max_size=200),
    type=st.sampled_from(FieldType),
    required=st.booleans(),
    max=st.one_of(st.none(), st.integers(1, 60_000)),
    options=OPTIONS,
    value=st.one_of(st.text(max_size=40), st.sampled_from(["word " * 900, "\n" * 7000, "x" * 9001, "a\n\n" * 2000])),
    help=st.text(max_size=40),
    error=st.text(max_size=40),
    theirs=st.one_of(st.none(), st.text(max_size=40)),
    note=st.text(max_size=40),
)
FORMS: Final = st.builds(
    lambda fields, title, submit, note: a_form(
        *(replace(f, name=f"f{n}") for n, f in enumerate(fields)), title=title, submit=submit, note=note
    ),
    st.lists(FIELDS, min_size=1, max_size=30),
    st.text(max_size=120),
    st.text(max_size=60),
    st.text(max_size=60),
)


@given(FORMS)
def test_slack_takes_every_form(form: Form) -> None:
    assert view_problems(modal(form, channel="T1/C1")) == []


@given(st.text(max_size=400).map(lambda t: t * 40), st.integers(1, 60_000))
def test_a_long_text_comes_back_exactly_as_it_was(value: str, most: int) -> None:
    field = lines(value, max=most)
    assert "".join(gap + text for text, gap in parts_of(field)) == value
    assert all(len(text) <= 3000 for text, _ in parts_of(field))
    view = modal(a_form(field))
    if inputs(view):
        assert texts(view) == {"text.acc-m": value}


def all_forms() -> list[Form]:
    look = a_look()
    return [
        brief_form(brief="Ships today", hint="Known are mastodon."),
        image_form(ACTION.to(Verb.IMAGE), a_snapshot()),
        schedule_form(ACTION.to(Verb.SCHEDULE), look, [NOW]),
        schedule_form(ACTION.to(Verb.SCHEDULE), look),
        reject_form(ACTION.to(Verb.REJECT)),
        live_form(ACTION.to(Verb.IT_IS_LIVE)),
        regenerate_form(ACTION.to(Verb.REGENERATE)),
    ]


@pytest.mark.parametrize("form", all_forms(), ids=lambda form: form.name)
def test_every_form_of_the_desk_comes_back_with_what_it_held(form: Form) -> None:
    view = modal(form, channel="T1/C1", thread="T1/C1/17.3")
    kept = kept_in(view)

    assert (kept.action, kept.channel, kept.thread) == (form.action, "T1/C1", "T1/C1/17.3")
    assert texts(view) == {f.name: f.value for f in form.fields if f.type is not FieldType.FILE}


# One thing each


def test_a_long_text_is_parted_at_a_paragraph_and_every_part_has_room_to_type() -> None:
    first, second = "a" * 2300, "b" * 2000
    view = modal(a_form(lines(f"{first}\n\n{second}")))
    one, two = inputs(view)

    assert [b["label"]["text"] for b in (one, two)] == ["Mastodon (1/2)", "Mastodon (2/2)"]
    assert [b["element"]["initial_value"] for b in (one, two)] == [first, second]
    assert {b["element"]["max_length"] for b in (one, two)} == {3000}
    assert texts(view, **{"Mastodon (2/2)": {"value": "new"}}) == {"text.acc-m": f"{first}\n\nnew"}
    assert texts(view, **{"Mastodon (2/2)": {"value": None}}) == {"text.acc-m": first}


def test_a_text_that_is_too_long_for_its_field_can_be_shortened_there() -> None:
    (shown,) = inputs(modal(a_form(lines("x" * 600, max=500, error="100 too long."))))
    assert shown["element"]["max_length"] == 600


def test_an_error_a_note_and_the_other_text_are_told_at_the_field() -> None:
    field = lines("Mine", error="12 too long.", theirs="<!channel> theirs", note="You and Ben both changed this.")
    view = modal(a_form(field, title="Ben changed draft 12 too", note="It is version 4 now."))

    assert view_problems(view) == []
    said = [t for b in view["blocks"] for t in _words(b)]
    assert said == [
        "It is version 4 now.",
        "Mastodon: ",
        "12 too long.",
        "Mastodon",
        "You and Ben both changed this.",
        "What stands there now:",
        "<!channel> theirs",
    ]


def _words(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["text"]] if isinstance(node.get("text"), str) else []
        return own + [t for v in node.values() for t in _words(v)]
    return [t for item in node for t in _words(item)] if isinstance(node, list) else []


def test_a_title_that_is_too_long_for_the_frame_stands_in_full_below_it() -> None:
    view = modal(a_form(lines(), title="Ben changed draft 12 elsewhere", submit="Save mine over it, and more"))

    assert len(view["title"]["text"]) <= 24
    assert len(view["submit"]["text"]) <= 24
    assert view["blocks"][0]["text"]["text"] == "Ben changed draft 12 elsewhere"


def test_a_time_is_chosen_from_suggestions_or_said_in_words_and_the_words_win() -> None:
    view = modal(schedule_form(ACTION.to(Verb.SCHEDULE), a_look(), [NOW]))
    pick, typed = inputs(view)
    (option,) = pick["element"]["options"]
    chosen = {"When?": {"selected_option": option}}

    assert (pick["optional"], typed["optional"]) == (True, True)
    assert typed["label"]["text"] == "When, in words"
    assert texts(view) == {"when": ""}
    assert texts(view, **chosen) == {"when": "2026-03-02T10:00+01:00"}
    assert texts(view, **chosen, **{"When, in words": {"value": "Fri 17:30"}}) == {"when": "Fri 17:30"}


def test_a_choice_may_be_an_empty_value() -> None:
    field = FormField(
        name="picture",
        title="Picture",
        type=FieldType.CHOICE,
        options=(Option(value="", text="As set"), Option(value="no", text="None")),
    )
    view = modal(a_form(field))

    assert inputs(view)[0]["element"]["initial_option"]["text"]["text"] == "As set"
    assert texts(view) == {"picture": ""}
    assert texts(view, Picture={"selected_option": None}) == {"picture": ""}


def test_more_than_a_hundred_options_are_grouped() -> None:
    options = tuple(Option(value=str(n), text=f"Zone {n}") for n in range(230))
    view = modal(a_form(FormField(name="zone", title="Zone", type=FieldType.CHOICE, options=options, value="229")))

    element = inputs(view)[0]["element"]
    assert [len(g["options"]) for g in element["option_groups"]] == [100, 100, 30]
    assert texts(view) == {"zone": "229"}


def test_a_file_is_named_and_not_a_text() -> None:
    field = FormField(name="upload", title="Picture", type=FieldType.FILE, required=True)
    view = modal(a_form(field, lines()))
    file = {"id": "F0PICTURE01", "size": 9}
    got = answers(submitted(view, Picture={"files": [file]}))

    assert (got.files, got.texts) == ({"upload": [file]}, {"text.acc-m": ""})
    assert answers(submitted(view)).files == {}


def test_what_the_desk_filled_in_anew_replaces_what_was_typed_and_the_same_keeps_it() -> None:
    (before,), (same,), (changed,) = (inputs(modal(a_form(lines(v)))) for v in ("One", "One", "Two"))
    assert before["block_id"] == same["block_id"] != changed["block_id"]


def test_a_form_that_no_modal_holds_says_where_it_can_be_filled_in() -> None:
    view = modal(a_form(*(lines("word " * 8000, name=f"text.{n}") for n in range(9))))

    assert view_problems(view) == []
    assert "submit" not in view
    assert "page in the browser" in view["blocks"][0]["text"]["text"]


def test_what_happened_to_a_field_gives_way_when_a_form_is_very_long() -> None:
    fields = [lines("x", name=f"text.{n}", theirs="y", note="z", error="e") for n in range(40)]
    view = modal(a_form(*fields))

    assert view_problems(view) == []
    assert len(inputs(view)) == 40
    assert len(view["blocks"]) <= MOST_BLOCKS


def test_errors_are_shown_at_the_fields_that_are_on_the_screen() -> None:
    form = a_form(lines("Long", error=""), FormField(name="alt", title="Description"))
    view = modal(form)
    wrong = a_form(lines("Long", error="12 too long."), FormField(name="alt", title="Description"))

    assert answered(wrong, view) == {
        "response_action": "errors",
        "errors": {inputs(view)[0]["block_id"]: "12 too long."},
    }


def test_a_wrong_time_is_told_at_the_words() -> None:
    form = schedule_form(ACTION.to(Verb.SCHEDULE), a_look(), [NOW])
    view = modal(form)
    wrong = replace(form, fields=tuple(replace(f, error="I can't read that.") for f in form.fields))

    assert list(answered(wrong, view)["errors"]) == [inputs(view)[1]["block_id"]]


def test_a_clash_is_drawn_anew_in_the_place_it_was_asked_from() -> None:
    view = modal(a_form(lines("Mine")), channel="T1/C1", thread="T1/C1/17.3")
    clash = a_form(
        lines("Mine", theirs="Theirs"),
        action=replace(ACTION, revision=4).encode(),
        clash=Clash(draft_id="12", revision=4, by="Ben", verb="edited", when="at 14:02"),
    )
    told = answered(clash, view)

    assert told["response_action"] == "update"
    assert view_problems(told["view"]) == []
    kept = kept_in(told["view"])
    assert (kept.action, kept.channel, kept.thread) == (clash.action, "T1/C1", "T1/C1/17.3")


def test_an_error_at_no_field_of_the_modal_draws_it_anew() -> None:
    view = modal(a_form(lines("Long")))
    assert (
        answered(a_form(lines("Long"), lines("", name="other", error="Missing.")), view)["response_action"] == "update"
    )


def test_what_never_reached_the_desk_comes_back_with_everything_that_was_typed() -> None:
    picture = FormField(name="upload", title="Picture", type=FieldType.FILE)
    style = FormField(name="style", title="Style", type=FieldType.CHOICE, options=(Option(value="a", text="A"),))
    view = modal(a_form(lines("Long"), picture, style), channel="T1/C1")
    (option,) = inputs(view)[2]["element"]["options"]
    sent = submitted(view, Mastodon={"value": "Typed"}, Style={"selected_option": option})
    told = answered(Unavailable("Slack did not answer.", next_step="Send it again."), sent)

    assert told["response_action"] == "update"
    assert view_problems(told["view"]) == []
    assert told["view"]["blocks"][0]["text"]["text"] == "Slack did not answer. Nothing changed. Send it again."
    assert texts(told["view"]) == {"text.acc-m": "Typed", "style": "a"}
    assert kept_in(told["view"]) == kept_in(view)
    wrong = answered(InvalidInput("No picture.", field="upload"), sent)
    assert wrong == {
        "response_action": "errors",
        "errors": {inputs(view)[1]["block_id"]: "No picture. Nothing changed."},
    }


def test_a_form_that_was_taken_closes_or_says_so_when_it_was_written_over() -> None:
    view = modal(a_form(lines("Long")))
    assert answered(None, view) == {"response_action": "clear"}
    assert late(None, submitted(view))["blocks"][0]["text"]["text"] == "Done. You can close this."


def test_a_form_that_was_written_over_says_that_its_files_are_gone() -> None:
    form = a_form(lines("Long"), FormField(name="upload", title="Pictures", type=FieldType.FILE, max=10))
    file = {"id": "F0PICTURE1", "filetype": "png"}
    for sent in (Unavailable("Slack did not answer."), replace(form, note="Look again.")):
        shown = late(sent, submitted(modal(form), Pictures={"files": [file]}))
        assert view_problems(shown) == []
        assert shown["blocks"][0]["elements"][0]["text"] == "Files have to be chosen again."
        assert "chosen again" not in str(late(sent, submitted(modal(form))))


def test_a_message_is_a_modal_without_anything_to_send() -> None:
    view = message("Working on something long", "One moment …")
    assert view_problems(view) == []
    assert "submit" not in view


def test_the_home_tab_has_sections_with_the_way_to_each_draft() -> None:
    ask = Confirm(title="Sure?", text="It goes out.")
    open_ = Button(id="cd:1:show:12:0:-", label="Open", confirm=ask)
    rows = tuple(Row(text=f"Draft {n} · <!here>", button=replace(open_, id=f"cd:1:show:{n}:0:-")) for n in range(10))
    home = Home(
        sections=(
            Section(title="Needs your approval", rows=rows, empty="Nothing.", more=3),
            Section(title="Your drafts", rows=(), empty="You have no open draft."),
        ),
        buttons=(Button(id="cd:1:draft:0:0:-", label="Write a draft", style=Style.PRIMARY),),
    )
    view = home_view(home)

    assert view_problems(view) == []
    said = [t for b in view["blocks"] for t in _words(b)]
    assert said[:3] == ["Write a draft", "Needs your approval", "Draft 0 · <!here>"]
    assert said[-3:] == ["… and 3 more: type /desk queue.", "Your drafts", "You have no open draft."]
