"""What a person's client keeps in fields: where it starts, what it lets in, and how `state.values` says it."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from tests.fakes.slack.basics import Json, Refused, walk
from tests.fakes.slack.limits import FILES, INPUT_CHARACTERS
from tests.fakes.slack.model import Key

STATEFUL: Final[dict[str, str]] = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "file_input": "files",
}
"""Elements that keep a value, and the field Slack says it in."""
_INITIAL: Final = {
    "value": "initial_value",
    "rich_text_value": "initial_value",
    "selected_options": "initial_options",
    "selected_users": "initial_users",
    "selected_conversations": "initial_conversations",
    "selected_channels": "initial_channels",
}
_MANY: Final = frozenset(
    {"multi_static_select", "multi_external_select", "checkboxes", "multi_users_select", "file_input"}
    | {"multi_conversations_select", "multi_channels_select"}
)
_CHOSEN: Final = frozenset({"selected_option", "selected_options"})


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Each block with each element of it that has an action_id."""
    for block in blocks:
        inside = block["child_blocks"] if block.get("type") == "container" else [block]
        for one in inside:
            for _, key, node in walk(one):
                if "action_id" in node and key != "confirm":
                    yield one, node


def starting_inputs(blocks: list[Json]) -> dict[Key, Json]:
    """State before anybody touched it."""
    state: dict[Key, Json] = {}
    for block, element in elements(blocks):
        field = STATEFUL.get(element["type"])
        if field is not None:
            initial = element.get(_INITIAL.get(field, field.replace("selected", "initial")))
            empty: object = [] if element["type"] in _MANY else None
            kept = copy.deepcopy(initial) if initial is not None else empty
            state[block.get("block_id", ""), element["action_id"]] = {"type": element["type"], field: kept}
    return state


def labels(block: Json, element: Json) -> set[str]:
    """What a person, or a test, may call an element."""
    said = [element.get("text"), block.get("label") if block.get("type") == "input" else None]
    names = {text["text"] for text in said if isinstance(text, dict)}
    names |= {element["action_id"]} | ({block["block_id"]} if block.get("type") == "input" else set())
    return names


def find(blocks: list[Json], what: str) -> tuple[Json, Json]:
    """The one element called so, with its block."""
    found = [(block, element) for block, element in elements(blocks) if what in labels(block, element)]
    if len(found) == 1:
        return found[0]
    there = sorted({name for block, element in elements(blocks) for name in labels(block, element)})
    raise Refused(f"{what!r} is {'twice' if found else 'not'} there. There is: {', '.join(there) or 'nothing'}.")


def filled(element: Json, value: Any) -> Json:
    """The state of an element after a person put `value` in, or why their client refuses it."""
    kind = element["type"]
    field = STATEFUL.get(kind)
    if field is None:
        raise Refused(f"A {kind} keeps no value.")
    if field in _CHOSEN and value is not None:
        value = [_option(element, one) for one in value] if kind in _MANY else _option(element, value)
    elif field == "files" and value:
        _files(element, value)
    elif field == "value" and value:
        _typed(element, str(value))
        value = str(value)
    return {"type": kind, field: value or None if field == "value" else value}


def _option(element: Json, what: Any) -> Json:
    if element["type"].endswith("external_select"):
        if isinstance(what, dict):
            return what
        raise Refused("Options of an external select come from the app: pass one that it suggested.")
    groups = element.get("option_groups", [])
    options = [*element.get("options", []), *(option for group in groups for option in group["options"])]
    for option in options:
        if what in {option.get("value"), option["text"]["text"]}:
            return dict(option)
    there = ", ".join(option["text"]["text"] for option in options)
    raise Refused(f"{what!r} is not among the options: {there}.")


def _typed(element: Json, value: str) -> None:
    most, least = element.get("max_length", INPUT_CHARACTERS), element.get("min_length", 0)
    if len(value) > most:
        raise Refused(f"The field takes {most} characters, not {len(value)}.")
    if len(value) < least:
        raise Refused(f"The field needs {least} characters.")
    check = _FORMS.get(element["type"])
    if check is not None and not check(element, value):
        raise Refused(f"{value!r} is not what a {element['type']} takes.")
    if "\n" in value and not element.get("multiline"):
        raise Refused("The field takes one line.")


def _files(element: Json, files: list[Json]) -> None:
    most, kinds = element.get("max_files", FILES), element.get("filetypes", [])
    if len(files) > most:
        raise Refused(f"The field takes {most} files, not {len(files)}.")
    for file in files:
        if kinds and file["filetype"] not in kinds:
            raise Refused(f"{file['name']} is a {file['filetype']}, and the field takes {', '.join(kinds)}.")


def _number(element: Json, value: str) -> bool:
    whole = r"-?\d+" if not element.get("is_decimal_allowed") else r"-?\d+(\.\d+)?"
    if not re.fullmatch(whole, value):
        return False
    least, most = float(element.get("min_value", "-inf")), float(element.get("max_value", "inf"))
    return least <= float(value) <= most


_FORMS: Final[dict[str, Any]] = {
    "number_input": _number,
    "email_text_input": lambda _, value: re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) is not None,
    "url_text_input": lambda _, value: urlsplit(value).scheme in {"http", "https"},
}


def missing(blocks: list[Json], state: dict[Key, Json]) -> list[str]:
    """Labels of fields that must be filled and are not."""
    lacking = []
    for block, element in elements(blocks):
        if block.get("type") == "input" and not block.get("optional"):
            kept = state[block["block_id"], element["action_id"]]
            if kept[STATEFUL[element["type"]]] in (None, "", []):
                lacking.append(block["label"]["text"])
    return lacking
