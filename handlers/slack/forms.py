"""A form as a Slack modal: pure, whole however long its texts are, and with what was typed kept where it was."""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, assert_never

from handlers.slack.blocks import MOST_TEXT, Block, bold, context, header, inert, label, plain_text, rich, section
from handlers.views.form import FieldType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from handlers.slack.blocks import Element
    from handlers.views.form import Form, FormField, Option

View = dict[str, Any]
CALLBACK: Final = "cd.form"
LOADING: Final = "cd.loading"
MOST_BLOCKS: Final = 100
"""Of a modal (docs.slack.dev, views, 2026-08)."""
_TITLE: Final = 24
_ROOM: Final = 500
"""Characters that every part of a long text leaves for typing."""
_MOST_OPTIONS: Final = 100
_MOST_FILES: Final = 10
_KINDS: Final = ("png", "jpg", "jpeg", "gif", "webp", "mp4", "m4v", "mov", "webm", "mkv", "pdf")
_GAP: Final = 20
"""White space between two parts that is kept beside them; more of it stays in the text."""
PICK: Final = "pick"
"""Stands in the id of the menu of suggestions beside a line."""
OPTION: Final = "="
"""Stands before the value of an option, which may be empty and then could not be one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a modal remembers for the answer to it."""

    action: str
    channel: str = ""
    thread: str = ""
    joints: Mapping[str, Sequence[str]] | None = None
    """By field: the white space between the parts of its text."""

    def encode(self) -> str:
        """As `private_metadata`, which takes 3,000 characters."""
        told = {"a": self.action, "c": self.channel, "t": self.thread, "j": dict(self.joints or {})}
        return json.dumps({k: v for k, v in told.items() if v}, separators=(",", ":"))


def kept_in(view: Mapping[str, Any]) -> Kept:
    """What was put into a modal; one of ours always has it."""
    told = json.loads(view.get("private_metadata") or "{}")
    return Kept(action=told.get("a", ""), channel=told.get("c", ""), thread=told.get("t", ""), joints=told.get("j", {}))


def modal(form: Form, *, channel: str = "", thread: str = "") -> View:
    """The form with its values, errors, and what somebody else made of them."""
    joints = {f.name: [gap for _, gap in parts[1:]] for f in form.fields if len(parts := parts_of(f)) > 1}
    kept = Kept(action=form.action, channel=channel, thread=thread, joints=joints)
    head = list(_head(form))
    blocks = [*head, *_fields(form, told=True)]
    if len(blocks) > MOST_BLOCKS:
        blocks = [*head, *_fields(form, told=False)]
    if len(blocks) > MOST_BLOCKS or len(kept.encode()) > MOST_TEXT:
        return message(form.title, "This form is too long for Slack. Open it on the desk's page in the browser.")
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": label(form.title, _TITLE),
        "submit": label(form.submit, _TITLE),
        "close": label("Cancel", _TITLE),
        "private_metadata": kept.encode(),
        "blocks": blocks,
    }


def message(title: str, text: str) -> View:
    """A modal that only says something."""
    return {
        "type": "modal",
        "callback_id": LOADING,
        "title": label(title, _TITLE),
        "close": label("Close", _TITLE),
        "blocks": [section(text)],
    }


def _head(form: Form) -> Iterator[Block]:
    if len(form.title) > _TITLE:
        yield header(form.title)
    if form.note.strip():
        yield section(form.note)


def _fields(form: Form, *, told: bool) -> Iterator[Block]:
    """Each group below its name."""
    for group, fields in form.groups:
        if group:
            yield header(group)
        for _, field in fields:
            yield from _field(replace(field, title=field.short_title), told=told)


def _field(field: FormField, *, told: bool) -> Iterator[Block]:
    """`told`: with what happened to it meanwhile in blocks of its own, which a very long form has no room for."""
    if field.error.strip():
        yield rich([bold(f"{field.title}: "), *inert(field.error)])
    yield from _inputs(field)
    if not told:
        return
    if field.note.strip():
        yield context(field.note)
    if field.theirs is not None and field.theirs.strip():
        yield context("What stands there now:")
        yield rich(inert(field.theirs), "rich_text_quote")


def _inputs(field: FormField) -> Iterator[Block]:
    match field.type:
        case FieldType.LINE | FieldType.LINES | FieldType.CHOICE if field.options:
            yield from _with_options(field)
        case FieldType.LINE | FieldType.LINES | FieldType.CHOICE:
            yield from _texts(field)
        case FieldType.FILE:
            element = {"type": "file_input", "filetypes": list(_KINDS), "max_files": min(field.max or 1, _MOST_FILES)}
            yield _input(field, element, optional=not field.required)
        case FieldType.ADDRESS:
            element = {"type": "url_text_input", **_initial(field.value)}
            yield _input(field, element, optional=not field.required)
        case _:
            assert_never(field.type)


def _with_options(field: FormField) -> Iterator[Block]:
    """A choice; beside a line the options are only suggestions, and either of the two will do."""
    choice = field.type is FieldType.CHOICE
    element = _select(field.pickable, field.value)
    yield _input(field, element, part="0" if choice else PICK, optional=not (choice and field.required), hint=choice)
    if not choice:
        known = any(o.value == field.value for o in field.options)
        name = f"{field.title.rstrip('?')}, in words"
        yield from _texts(replace(field, title=name, value="" if known else field.value, required=False))


def _select(options: Sequence[Option], value: str) -> Element:
    made = [{"text": label(o.text, 75), "value": _value(o)} for o in options]
    starts = range(0, len(made), _MOST_OPTIONS)
    told: Element = {"type": "static_select", "placeholder": label("Choose", 150)}
    if len(starts) == 1:
        told["options"] = made
    else:
        told["option_groups"] = [
            {"label": label(f"{options[start].text} …", 75), "options": made[start : start + _MOST_OPTIONS]}
            for start in starts
        ]
    chosen = next((m for m, o in zip(made, options, strict=True) if o.value == value), None)
    return {**told, "initial_option": chosen} if chosen else told


def _value(option: Option) -> str:
    return f"{OPTION}{option.value}"


def _texts(field: FormField) -> Iterator[Block]:
    parts = parts_of(field)
    for number, (text, _) in enumerate(parts):
        more = f" ({number + 1}/{len(parts)})" if len(parts) > 1 else ""
        name = f"{field.title}{more}"
        optional = number > 0 or not field.required
        yield _input(
            field, _text_element(field, text), part=str(number), name=name, optional=optional, hint=number == 0
        )


def _text_element(field: FormField, text: str) -> Element:
    """A text that is longer than it may be is shown all the same, to be shortened."""
    lines = field.type is FieldType.LINES or "\n" in field.value
    most = min(max(field.max or MOST_TEXT, len(text)), MOST_TEXT)
    return {"type": "plain_text_input", "multiline": lines, "max_length": most, **_initial(text)}


def _initial(value: str) -> Element:
    return {"initial_value": value} if value else {}


def _input(
    field: FormField, element: Element, *, part: str = "0", name: str = "", optional: bool, hint: bool = True
) -> Block:
    """An input whose id is another one when the desk filled in something else: else the client keeps the old words."""
    filled = json.dumps(element.get("initial_value") or element.get("initial_option") or "")
    mark = hashlib.sha256(filled.encode()).hexdigest()[:6]
    made: Block = {
        "type": "input",
        "block_id": f"{field.name}#{part}#{mark}",
        "label": label(name or field.title, 150),
        "element": {**element, "action_id": f"cd.{field.type.value}"},
        "optional": optional,
    }
    return {**made, "hint": plain_text(field.help, 2000)} if hint and field.help.strip() else made


def parts_of(field: FormField) -> list[tuple[str, str]]:
    """The value over as many inputs as it takes, each with the white space that stood before it.

    `"".join(gap + text …)` is the value again.
    """
    if len(field.value) <= MOST_TEXT - (_ROOM if (field.max or 0) > MOST_TEXT else 0):
        return [(field.value, "")]
    room = MOST_TEXT - _ROOM
    parts: list[tuple[str, str]] = []
    gap, rest = "", field.value
    while len(rest) > room:
        cut = _cut(rest, room)
        text = rest[:cut].rstrip()
        text = text if text and cut - len(text) <= _GAP else rest[:cut]
        parts.append((text, gap))
        space = re.match(rf"\s{{0,{_GAP}}}", rest[len(text) :])
        gap = space.group() if space else ""
        rest = rest[len(text) + len(gap) :]
    if not rest:  # white space at the very end belongs to the last part
        text, before = parts.pop()
        return [*parts, (text + gap, before)]
    return [*parts, (rest, gap)]


def _cut(text: str, room: int) -> int:
    """The end of a paragraph, a line or a word in the last third of the room, the first of these there is."""
    for mark in ("\n\n", "\n", " "):
        found = text.rfind(mark, math.ceil(room / 3 * 2), room)
        if found > 0:
            return found + len(mark)
    return room
