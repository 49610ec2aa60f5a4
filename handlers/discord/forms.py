"""A form as Discord's modal windows, page by page, and what was typed into them as the desk reads it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import discord

from handlers.discord.inert import LIMITS, length
from handlers.views.card import MAX_LABEL, MAX_TITLE, Button, Card, Note, Style, Text, Tone, short
from handlers.views.form import FILES_AGAIN, FieldType
from handlers.views.instants import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from handlers.views.form import Form, FormField

TITLE_MOST: Final = 45
HELP_MOST: Final = 100
CHOICES_MOST: Final = 25
FILES_MOST: Final = 10
"""Characters of a title and a description, choices of a list, files of a box (docs.discord.com, 2026-08)."""
ROOM: Final = 3600
"""Characters of a long text in one box, so that there is room to write on."""
_NONE: Final = "~"
"""Stands for a choice whose value is empty, which Discord does not take."""
_BETWEEN: Final = {"n": "\n", "s": " ", "x": ""}
"""What stood where a long text was divided, by the letter in the box's id."""
_PART: Final = re.compile(r"(?P<name>.+)~(?P<index>\d)(?P<between>[nsx])")
_SLOT: Final = re.compile(r"(?P<name>.+)~slot")
_LABEL, _INPUT, _SELECT, _UPLOAD = 18, 4, 3, 19
Modal = discord.ui.Modal
_Box = discord.ui.Label[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that somebody gave, still at Discord's."""

    url: str
    size: int
    """In bytes."""


Answers = dict[str, "str | tuple[Upload, ...]"]
"""By field; what was not asked on a page is not in it."""


def pages(form: Form) -> tuple[tuple[FormField, ...], ...]:
    """The questions in windows of as many boxes as one holds, none about two groups; a text too long is in none."""
    made: list[tuple[FormField, ...]] = []
    page: tuple[FormField, ...] = ()
    room = LIMITS.form_fields
    for field in form.fields:
        boxes = _boxes(field)
        if boxes > LIMITS.form_fields:
            continue
        if boxes > room or (page and page[-1].group != field.group):
            made.append(page)
            page, room = (), LIMITS.form_fields
        page, room = (*page, field), room - boxes
    return (*made, page) if page else tuple(made)


def too_long(form: Form) -> tuple[FormField, ...]:
    """The texts that no window takes; they stay as they are."""
    return tuple(f for f in form.fields if _boxes(f) > LIMITS.form_fields)


def _boxes(field: FormField) -> int:
    return len(_divided(field.value)) + (field.type is not FieldType.CHOICE and bool(_listed(field)))


def modal(form: Form, page: int, custom_id: str) -> Modal:
    """The window with one page of the questions."""
    window = Modal(title=short(form.title, TITLE_MOST), custom_id=custom_id)
    for field in pages(form)[page]:
        for box in _asked(field):
            window.add_item(box)
    return window


def _asked(field: FormField) -> Iterator[_Box]:
    listed = _listed(field)
    if field.type is FieldType.FILE:
        upload: discord.ui.FileUpload[Any] = discord.ui.FileUpload(
            custom_id=field.name,
            required=field.required,
            min_values=int(field.required),
            max_values=min(field.max or 1, FILES_MOST),
        )
        yield _labelled(field, upload)
    elif field.type is FieldType.CHOICE and listed:
        yield _labelled(field, _list(field, field.name, required=field.required))
    else:
        yield from _written(field, required=field.required and not listed)
        if listed:
            yield _labelled(
                replace(field, title="Or one of these", help=""), _list(field, f"{field.name}~slot", required=False)
            )


def _listed(field: FormField) -> bool:
    return 0 < len(field.options) <= CHOICES_MOST


def _list(field: FormField, custom_id: str, *, required: bool) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(
            label=short(plain(o.text), 100) or o.value,
            value=o.value or _NONE,
            default=o.value == field.value and field.type is FieldType.CHOICE,
        )
        for o in field.pickable
    ]
    return discord.ui.Select(custom_id=custom_id, required=required, min_values=int(required), options=options)


def _written(field: FormField, *, required: bool) -> Iterator[_Box]:
    """A box for the text, or several when it is long."""
    parts = _divided(field.value)
    title, help_text, hint = field.title, *_help(field)
    for index, (between, text) in enumerate(parts):
        most = min(field.max or LIMITS.field_text, LIMITS.field_text)
        box: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id=f"{field.name}~{index}{between}" if index else field.name,
            style=discord.TextStyle.long if field.type is FieldType.LINES else discord.TextStyle.short,
            default=text or None,
            placeholder=hint or None,
            required=required and not index,
            max_length=max(most, length(text)),
        )
        if index:
            title, help_text = f"{short(field.title, TITLE_MOST - 12)} ({index + 1}/{len(parts)})", "It goes on here."
        yield _labelled(replace(field, title=title, help=help_text), box)


def _help(field: FormField) -> tuple[str, str]:
    """What stands below the title, and what stands in the empty box when that is too short for all of it."""
    listed = "" if _listed(field) else ", ".join(o.value for o in field.options if o.value)
    words = " ".join(filter(None, (field.help, f"One of: {listed}" if listed else "")))
    if len(words) <= HELP_MOST:
        return words, ""
    head = words[: HELP_MOST + 1].rpartition(". ")[0]
    return (f"{head}.", short(words[len(head) + 2 :], HELP_MOST)) if head else (short(words, HELP_MOST), "")


def _labelled(field: FormField, box: discord.ui.Item[Any]) -> _Box:
    title = short(field.title, TITLE_MOST)
    whole = "" if title == field.title else f"{field.title}. "
    return discord.ui.Label(text=title, description=short(f"{whole}{field.help}", HELP_MOST) or None, component=box)


def _divided(text: str) -> list[tuple[str, str]]:
    """The text over as many boxes as it takes, each with what stood before it."""
    parts: list[tuple[str, str]] = []
    between, rest = "x", text
    while length(rest) > ROOM:
        head = rest[: _fitting(rest)]
        cut, kind = max((head.rfind("\n"), "n"), (head.rfind(" "), "s"))
        if cut <= 0:
            cut, kind = len(head), "x"
        parts.append((between, rest[:cut]))
        between, rest = kind, rest[cut + len(_BETWEEN[kind]) :]
    return [*parts, (between, rest)]


def _fitting(text: str) -> int:
    """How many signs of it one box takes."""
    most = min(len(text), ROOM)
    while length(text[:most]) > ROOM:
        most -= 1
    return most


def answers(components: Iterable[Mapping[str, Any]], files: Mapping[str, Mapping[str, Any]]) -> Answers:
    """What a window was sent with, as Discord tells it; `files` are the uploads by id."""
    found: Answers = {}
    chosen: dict[str, str] = {}
    for label in components:
        box = label.get("component", label)
        name = str(box.get("custom_id", ""))
        reader = _READERS.get(box.get("type"))
        if reader is None or not name:
            continue
        value = reader(box, files)
        if slot := _SLOT.fullmatch(name):
            chosen[slot["name"]] = str(value)
        elif part := _PART.fullmatch(name):
            before = str(found.get(part["name"], ""))
            found[part["name"]] = f"{before}{_BETWEEN[part['between']]}{value}" if value else before
        else:
            found[name] = value
    return found | {name: value for name, value in chosen.items() if value}


def _text(box: Mapping[str, Any], _files: Mapping[str, Any]) -> str:
    return str(box.get("value") or "").replace("\r\n", "\n")


def _choice(box: Mapping[str, Any], _files: Mapping[str, Any]) -> str:
    value = next(iter(box.get("values") or ()), "")
    return "" if value == _NONE else str(value)


def _uploads(box: Mapping[str, Any], files: Mapping[str, Mapping[str, Any]]) -> tuple[Upload, ...]:
    """One that Discord does not tell more about keeps its place: it can't be fetched, which is then said of it."""
    found = (files.get(str(one), {}) for one in box.get("values") or ())
    return tuple(Upload(url=str(file.get("url", "")), size=int(file.get("size", 0))) for file in found)


_READERS: Final[Mapping[Any, Callable[[Mapping[str, Any], Mapping[str, Any]], str | tuple[Upload, ...]]]] = {
    _INPUT: _text,
    _SELECT: _choice,
    _UPLOAD: _uploads,
}


def refilled(form: Form, typed: Mapping[str, str]) -> Form:
    """The form with what somebody typed before in place of what it holds."""
    return replace(
        form,
        fields=tuple(
            replace(f, value=typed[f.name]) if f.name in typed and f.type is not FieldType.FILE else f
            for f in form.fields
        ),
    )


def form_card(form: Form, typed: Mapping[str, str], page_ids: Sequence[str]) -> Card:
    """Where a window can't come at once: what is wrong, what was typed, and a button for each page."""
    wrong = any(f.error for f in form.fields)
    windows = pages(form)
    return Card(
        card_id=f"form-{form.name}",
        state="form",
        title=short(form.title, MAX_TITLE),
        tone=Tone.WARNING if wrong or form.clash else Tone.WAITING,
        blocks=tuple(_told(form, typed, many=len(windows) > 1)),
        buttons=tuple(
            Button(
                id=page_id,
                label=label,
                style=Style.PRIMARY if number == 0 else Style.PLAIN,
                more=number >= LIMITS.form_fields,
            )
            for number, (page_id, label) in enumerate(zip(page_ids, _labels(windows), strict=True))
        ),
    )


def _labels(windows: Sequence[Sequence[FormField]]) -> Iterator[str]:
    """A word for each window: what it is about, or what it asks."""
    if len(windows) == 1:
        yield "Open the form"
        return
    of_group: Counter[str] = Counter(window[0].group for window in windows)
    seen: Counter[str] = Counter()
    for window in windows:
        group = window[0].group
        seen[group] += 1
        if not group:
            yield short(", ".join(f.title for f in window), MAX_LABEL)
        elif of_group[group] == 1:
            yield short(group, MAX_LABEL)
        else:
            yield f"{short(group, MAX_LABEL - 6)} {seen[group]}/{of_group[group]}"


def _told(form: Form, typed: Mapping[str, str], *, many: bool) -> Iterator[Note | Text]:
    if form.note:
        yield Note(text=form.note, tone=Tone.WARNING)
    for field in form.fields:
        if field.error:
            yield Note(text=f"{field.title}: {field.error}", tone=Tone.DANGER)
        if field.note:
            yield Note(text=f"{field.title}: {field.note}")
        if field.theirs is not None:
            by = form.clash.by if form.clash else "them"
            yield Text(text=f"{field.title}, as {by} left it:\n{field.theirs}")
        if typed.get(field.name):
            yield Text(text=f"{field.title}, as you typed it:\n{typed[field.name]}")
    if any(f.error for f in form.fields) and any(f.type is FieldType.FILE for f in form.fields):
        yield Note(text=FILES_AGAIN)
    for field in too_long(form):
        told = f"{len(field.value):,} characters are too many to be changed in Discord. It stays as it is."
        yield Note(text=f"{field.title}: {told} The page takes it.", tone=Tone.WARNING)
    if many:
        yield Note(text="There are more questions than one window holds. What a window does not ask stays as it is.")
