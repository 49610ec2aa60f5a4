"""Good blocks pass; each planted error is caught in Slack's words and at its place."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.slack.basics import ApiError, Json, walk
from tests.fakes.slack.blocks import check_message, message_problems, view_problems
from tests.fakes.slack.schema import FILE, READ


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def button(action: str = "cd.approve", **more: Any) -> Json:
    return {"type": "button", "action_id": action, "text": plain("Approve"), **more}


def options(count: int) -> list[Json]:
    return [{"text": plain(f"Slot {n}"), "value": f"s{n}"} for n in range(count)]


def section(text: str = "Draft 142", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def rich(text: str) -> Json:
    inside = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [inside]}


def menu(kind: str = "static_select", count: int = 2, **more: Any) -> Json:
    return {"type": kind, "action_id": "menu", "options": options(count), **more}


def field(element: Json | None = None, **more: Any) -> Json:
    typed = element or {"type": "plain_text_input", "action_id": "text"}
    return {"type": "input", "block_id": "body", "label": plain("Text"), "element": typed, **more}


def files(most: int) -> Json:
    element = {"type": "file_input", "action_id": "files", "max_files": most}
    return {"type": "input", "block_id": "files", "label": plain("Files"), "element": element}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Edit"), "submit": plain("Save"), "blocks": list(blocks), **more}


def confirm(**more: Any) -> Json:
    texts = {"title": plain("Publish?"), "text": plain("It goes out."), "confirm": plain("Yes"), "deny": plain("No")}
    return {**texts, **more}


def chart(inside: Json) -> Json:
    return {"type": "data_visualization", "title": "Views", "chart": inside}


def feedback(**more: Json) -> Json:
    good, bad = {"text": plain("Good"), "value": "1"}, {"text": plain("Bad"), "value": "0"}
    return {"type": "feedback_buttons", "positive_button": good, "negative_button": bad, **more}


CARD: list[Json] = [
    {"type": "header", "text": plain("Draft 142 · LinkedIn + X")},
    {"type": "context", "elements": [mrkdwn("*in review* · Acme · v3"), mrkdwn("by <@U1>")]},
    rich("A channel-wide word like <!channel> is inert here."),
    {"type": "image", "alt_text": "A harbour", "slack_file": {"id": "F0123ABCD"}},
    {"type": "image", "alt_text": "A harbour", "image_url": "https://example.org/a.png"},
    {"type": "divider"},
    actions(button(), button("cd.reject", style="danger", confirm=confirm()), menu("overflow")),
    section(accessory=menu("checkboxes")),
    {"type": "section", "fields": [mrkdwn("*Views*"), plain("1,204")]},
]
GOOD: list[list[Json]] = [
    CARD,
    [{"type": "markdown", "text": "# Week\n\nAll is **well**."}],
    [{"type": "table", "rows": [[{"type": "raw_text", "text": "Post"}, {"type": "raw_text", "text": "Views"}]]}],
    [{"type": "data_visualization", "title": "Views", "chart": {"type": "bar"}}],
    [section("x" * 3000), section("y" * 3000), actions(*(button(f"a{n}") for n in range(25)))],
    [actions(menu("static_select", 100)), actions(menu("radio_buttons", 10)), actions(menu("overflow", 5))],
    [actions({"type": "users_select", "action_id": "who"}, {"type": "datetimepicker", "action_id": "when"})],
    [field()],
    [section() for _ in range(50)],
]

TOO_LONG = "x" * 3001
LIMITED: list[tuple[Json, str]] = [
    (section(TOO_LONG), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    (section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    (
        {"type": "section", "fields": [plain("x" * 2001)]},
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    ({"type": "section", "fields": [plain("x")] * 11}, "no more than 10 items allowed [json-pointer:/blocks/0/fields]"),
    ({"type": "section"}, "missing required field: text [json-pointer:/blocks/0]"),
    (
        {"type": "header", "text": plain("x" * 151)},
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    (
        {"type": "context", "elements": [plain("x")] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    ({"type": "context", "elements": []}, "must provide at least 1 items [json-pointer:/blocks/0/elements]"),
    (actions(*(button(f"a{n}") for n in range(26))), "no more than 25 items allowed [json-pointer:/blocks/0/elements]"),
    (
        actions(button(text=plain("x" * 76))),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    (actions(button(value="x" * 2001)), "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]"),
    (
        actions(button(url="https://e.org/" + "x" * 3000)),
        "must be less than 3001 characters [json-pointer:/blocks/0/elements/0/url]",
    ),
    (actions(button("a" * 256)), "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]"),
    (
        actions(button(), button()),
        '`action_id` "cd.approve" already exists [json-pointer:/blocks/0/elements/1/action_id]',
    ),
    (actions(menu("overflow", 6)), "no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]"),
    (actions(menu("radio_buttons", 11)), "no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]"),
    (actions(menu("checkboxes", 11)), "no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]"),
    (actions(menu("static_select", 101)), "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]"),
    (
        actions({"type": "static_select", "action_id": "menu"}),
        "must provide exactly one of `options` or `option_groups` [json-pointer:/blocks/0/elements/0]",
    ),
    (
        actions({"type": "overflow", "options": [{"text": plain("x" * 76), "value": "a"}]}),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]",
    ),
    (
        actions({"type": "overflow", "options": [{"text": plain("x"), "value": "a" * 151}]}),
        "must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]",
    ),
    (
        actions(button(confirm=confirm(title=plain("x" * 101)))),
        "must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]",
    ),
    (
        actions(button(confirm=confirm(text=plain("x" * 301)))),
        "must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]",
    ),
    (
        actions(button(confirm=confirm(deny=plain("x" * 31)))),
        "must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/deny/text]",
    ),
    (
        {"type": "image", "alt_text": "x" * 2001, "image_url": "https://example.org/a.png"},
        "must be less than 2001 characters [json-pointer:/blocks/0/alt_text]",
    ),
    (
        {"type": "image", "alt_text": "", "image_url": "https://example.org/a.png"},
        "must be more than 0 characters [json-pointer:/blocks/0/alt_text]",
    ),
    (
        {"type": "image", "alt_text": "a", "image_url": "http://127.0.0.1:8000/a.png"},
        "downloading image failed [json-pointer:/blocks/0/image_url]",
    ),
    (
        {"type": "image", "alt_text": "a", "slack_file": {"id": "f1"}},
        "invalid slack file [json-pointer:/blocks/0/slack_file]",
    ),
    ({"type": "markdown", "text": "x" * 12001}, "must be less than 12001 characters [json-pointer:/blocks/0/text]"),
    ({"type": "table", "rows": [[]] * 101}, "no more than 100 items allowed [json-pointer:/blocks/0/rows]"),
    (
        {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * 21]},
        "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]",
    ),
    (
        {"type": "card", "body": mrkdwn("x" * 201), "title": mrkdwn("a")},
        "must be less than 201 characters [json-pointer:/blocks/0/body/text]",
    ),
    (
        {"type": "container", "title": plain("a"), "child_blocks": [section()] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/child_blocks]",
    ),
    (
        {"type": "data_visualization", "title": "x" * 51},
        "must be less than 51 characters [json-pointer:/blocks/0/title]",
    ),
    (
        chart({"type": "bar", "series": [{"name": "a", "data": [{"label": "b", "value": 1}]}] * 7}),
        "no more than 6 items allowed [json-pointer:/blocks/0/chart/series]",
    ),
    (
        chart({"type": "bar", "series": [{"name": "a", "data": [{"label": "x" * 21, "value": 1}]}]}),
        "must be less than 21 characters [json-pointer:/blocks/0/chart/series/0/data/0/label]",
    ),
    (
        {"type": "context_actions", "elements": [feedback(positive_button={"text": plain("x" * 76), "value": "a"})]},
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/positive_button/text/text]",
    ),
    ({"type": "alert", "text": plain("a")}, "unsupported type: alert [json-pointer:/blocks/0/type]"),
    (rich(""), "must be more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]"),
    (section(block_id="b" * 256), "must be less than 256 characters [json-pointer:/blocks/0/block_id]"),
    (
        field({"type": "plain_text_input", "max_length": 3001}),
        "must be less than 3001 [json-pointer:/blocks/0/element/max_length]",
    ),
]
SHAPES: list[tuple[Any, str]] = [
    ({"type": "sectoin", "text": plain("a")}, "unsupported type: sectoin [json-pointer:/blocks/0/type]"),
    ({"text": plain("a")}, "missing required field: type [json-pointer:/blocks/0]"),
    ("text", "failed to match all allowed schemas [json-pointer:/blocks/0]"),
    ({"type": "header", "text": mrkdwn("a")}, "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"),
    ({"type": "header"}, "missing required field: text [json-pointer:/blocks/0]"),
    ({"type": "section", "text": "a"}, "failed to match all allowed schemas [json-pointer:/blocks/0/text]"),
    (section(colour="red"), "invalid additional property: colour [json-pointer:/blocks/0]"),
    (actions(button(style="loud")), "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]"),
    (actions(button(text=mrkdwn("a"))), "unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/text/type]"),
    (actions(plain("a")), "unsupported type: plain_text [json-pointer:/blocks/0/elements/0/type]"),
    (actions(button(value=3)), "must provide a string [json-pointer:/blocks/0/elements/0/value]"),
    ({"type": "actions", "elements": {}}, "must provide an array [json-pointer:/blocks/0/elements]"),
    (
        {"type": "image", "image_url": "https://example.org/a.png"},
        "missing required field: alt_text [json-pointer:/blocks/0]",
    ),
    ({"type": "image", "alt_text": "a"}, "missing required field: image_url [json-pointer:/blocks/0]"),
    (
        {"type": "image", "alt_text": "a", "image_url": "https://e.org/a.png", "slack_file": {"id": "F0123ABCD"}},
        "invalid additional property: slack_file [json-pointer:/blocks/0]",
    ),
    (
        {"type": "image", "alt_text": "a", "slack_file": {"id": "F0123ABCD", "url": "https://e.org/a.png"}},
        "invalid additional property: id [json-pointer:/blocks/0/slack_file]",
    ),
    (field({"type": "button", "text": plain("a")}), "unsupported type: button [json-pointer:/blocks/0/element/type]"),
    ({"type": "input", "label": plain("a")}, "missing required field: element [json-pointer:/blocks/0]"),
    ({"type": "divider", "block_id": True}, "must provide a string [json-pointer:/blocks/0/block_id]"),
    (field(optional="no"), "must provide a boolean [json-pointer:/blocks/0/optional]"),
]


@pytest.mark.parametrize("blocks", GOOD)
def test_good_blocks_pass(blocks: list[Json]) -> None:
    assert message_problems(blocks) == []


@pytest.mark.parametrize(("block", "wording"), [*LIMITED, *SHAPES])
def test_a_planted_error_is_caught_where_it_is(block: Any, wording: str) -> None:
    assert [str(problem) for problem in message_problems([block])] == [wording]


@pytest.mark.parametrize(("block", "wording"), [*LIMITED, *SHAPES])
def test_it_is_found_among_good_blocks_too(block: Any, wording: str) -> None:
    moved = wording.replace("/blocks/0", f"/blocks/{len(CARD)}")
    assert [str(problem) for problem in message_problems([*CARD, block])] == [moved]


@pytest.mark.parametrize(
    ("blocks", "wording"),
    [
        ([section()] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
        (
            [section(block_id="a"), section(block_id="a")],
            '`block_id` "a" already exists [json-pointer:/blocks/1/block_id]',
        ),
        ([GOOD[2][0], GOOD[2][0]], "only_one_table_allowed [json-pointer:/blocks/1]"),
        ([GOOD[3][0]] * 3, "no more than 2 items allowed [json-pointer:/blocks/2]"),
        (
            [{"type": "markdown", "text": "x" * 7000}] * 2,
            "must be less than 12001 characters [json-pointer:/blocks/1/text]",
        ),
        ("blocks", "must provide an array [json-pointer:/blocks]"),
    ],
)
def test_rules_of_the_whole_message(blocks: Any, wording: str) -> None:
    assert [str(problem) for problem in message_problems(blocks)] == [wording]


def test_the_same_action_in_two_blocks_is_allowed() -> None:
    assert message_problems([actions(button()), actions(button())]) == []


@pytest.mark.parametrize(
    ("view", "wording"),
    [
        (modal(section()), None),
        (modal(field(), alert := {"type": "alert", "text": plain("Too long")}), None),
        (modal(*[section()] * 100), None),
        ({"type": "home", "blocks": CARD}, None),
        (modal(files(10)), None),
        (modal(files(11)), "must be from 1 to 10 [json-pointer:/view/blocks/0/element/max_files]"),
        (modal(files(0)), "must be from 1 to 10 [json-pointer:/view/blocks/0/element/max_files]"),
        (
            {"type": "home", "blocks": [files(1)]},
            "unsupported type: file_input [json-pointer:/view/blocks/0/element/type]",
        ),
        ({"type": "home", "blocks": [alert]}, "unsupported type: alert [json-pointer:/view/blocks/0/type]"),
        (modal(*[section()] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        (modal(section(), title=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
        (modal(section(), submit=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/submit/text]"),
        (modal(section(), close=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/close/text]"),
        (
            modal(section(), private_metadata="x" * 3001),
            "must be less than 3001 characters [json-pointer:/view/private_metadata]",
        ),
        (modal(section(), callback_id="x" * 256), "must be less than 256 characters [json-pointer:/view/callback_id]"),
        (modal(section(), external_id="x" * 256), "must be less than 256 characters [json-pointer:/view/external_id]"),
        (
            {"type": "modal", "title": plain("Edit"), "blocks": [section(), field()]},
            "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/1/input]",
        ),
        (modal(), "must provide at least 1 items [json-pointer:/view/blocks]"),
        ({"type": "modal", "blocks": []}, "missing required field: title [json-pointer:/view]"),
        ({"type": "popup", "blocks": []}, "unsupported type: popup [json-pointer:/view/type]"),
        (modal({"type": "sectoin"}), "unsupported type: sectoin [json-pointer:/view/blocks/0/type]"),
        (modal({"type": "markdown", "text": "a"}), "unsupported type: markdown [json-pointer:/view/blocks/0/type]"),
        ({**modal(), "type": "home"}, "invalid additional property: title [json-pointer:/view]"),
    ],
)
def test_views(view: Json, wording: str | None) -> None:
    assert [str(problem) for problem in view_problems(view)][:1] == ([] if wording is None else [wording])


@pytest.mark.parametrize(("length", "refused"), [(2200, False), (2201, True)])
def test_the_whole_message_has_a_limit_of_its_own(length: int, *, refused: bool) -> None:
    blocks = [section("x" * length) for _ in range(6)]
    assert message_problems(blocks) == []
    if refused:
        with pytest.raises(ApiError, match="msg_blocks_too_long"):
            check_message(blocks)
    else:
        check_message(blocks)


def test_the_answer_lists_every_problem_as_slack_does() -> None:
    with pytest.raises(ApiError) as caught:
        check_message([section(TOO_LONG), {"type": "header", "text": plain("x" * 151)}])
    first = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    second = "must be less than 151 characters [json-pointer:/blocks/1/text/text]"
    assert caught.value.body() == {
        "ok": False,
        "error": "invalid_blocks",
        "errors": [first, second],
        "response_metadata": {"messages": [f"[ERROR] {first}", f"[ERROR] {second}"]},
    }


def test_blocks_that_are_no_list_of_objects() -> None:
    with pytest.raises(ApiError, match="invalid_blocks_format"):
        check_message('[{"type": "divider"}')


def test_the_reader_knows_every_keyword_of_the_schema() -> None:
    found: set[str] = set()
    queue: list[tuple[Any, bool]] = [(json.loads(FILE.read_text(encoding="utf-8")), False)]
    while queue:
        node, names = queue.pop()
        for key, value in node.items() if isinstance(node, dict) else ():
            found |= set() if names else {key}
            queue.append((value, not names and key in {"properties", "definitions"}))
        queue += [(item, False) for item in node] if isinstance(node, list) else []
    assert found - {"$schema", "definitions"} == READ


PLACES = [(pointer, name) for pointer, _, node in walk(CARD) for name in node]


@given(st.sampled_from(PLACES), st.sampled_from([None, 7, True, [], {}]))
def test_a_wrong_kind_of_value_anywhere_is_refused(place: tuple[str, str], value: object) -> None:
    pointer, name = place
    blocks = copy.deepcopy(CARD)
    node: Any = blocks
    for step in pointer.split("/")[1:]:
        node = node[int(step)] if isinstance(node, list) else node[step]
    if isinstance(value, type(node[name])):
        return
    node[name] = value
    assert message_problems(blocks)
