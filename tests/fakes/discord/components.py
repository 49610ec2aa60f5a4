"""What Discord takes as components of messages and forms, and how it says what is wrong (docs.discord.com, 2026-08)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

from tests.fakes.discord.basics import Json, Path, Problem, length, out_of_length, required, walk

ROW, BUTTON, SELECT, INPUT, USERS, ROLES, MENTIONABLES, CHANNELS = range(1, 9)
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR = range(9, 15)
CONTAINER, LABEL, UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 17, 18, 19, 21, 22, 23
LINK, PREMIUM = 5, 6

SELECTS: Final = frozenset({SELECT, USERS, ROLES, MENTIONABLES, CHANNELS})
FIELDS: Final = SELECTS | {INPUT, UPLOAD, RADIO, CHECKBOXES, CHECKBOX}
"""What a label can hold."""
_LAYOUT: Final = frozenset({ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR})
PLACES: Final[dict[str, frozenset[int]]] = {
    "message": _LAYOUT | {CONTAINER},
    "legacy": frozenset({ROW}),
    "container": _LAYOUT,
    "row": SELECTS | {BUTTON},
    "section": frozenset({TEXT}),
    "accessory": frozenset({BUTTON, THUMBNAIL}),
    "modal": frozenset({ROW, TEXT, LABEL}),
    "modal row": frozenset({INPUT}),
    "label": FIELDS,
}
"""Which components may stand where."""

MOST: Final = 40
"""Components of one message, nested ones included."""
TEXT_MOST: Final = 4000
"""Characters over all text displays of one message."""
MODAL_MOST: Final = 5

LENGTHS: Final[dict[int, dict[str, tuple[int, int]]]] = {
    BUTTON: {"label": (0, 80), "custom_id": (1, 100), "url": (1, 512)},
    INPUT: {"custom_id": (1, 100), "label": (1, 45), "placeholder": (0, 100), "value": (0, 4000)},
    TEXT: {"content": (1, TEXT_MOST)},
    THUMBNAIL: {"description": (0, 1024)},
    LABEL: {"label": (1, 45), "description": (0, 100)},
    **{kind: {"custom_id": (1, 100), "placeholder": (0, 150)} for kind in SELECTS},
    **{kind: {"custom_id": (1, 100)} for kind in (UPLOAD, RADIO, CHECKBOXES, CHECKBOX)},
}
"""Fewest and most characters, by kind and field."""
NEEDED: Final[dict[int, tuple[str, ...]]] = {
    ROW: ("components",),
    BUTTON: ("style",),
    INPUT: ("custom_id", "style"),
    SELECT: ("custom_id", "options"),
    **dict.fromkeys((USERS, ROLES, MENTIONABLES, CHANNELS, UPLOAD, CHECKBOX), ("custom_id",)),
    SECTION: ("components", "accessory"),
    TEXT: ("content",),
    THUMBNAIL: ("media",),
    GALLERY: ("items",),
    FILE: ("file",),
    CONTAINER: ("components",),
    LABEL: ("label", "component"),
    RADIO: ("custom_id", "options"),
    CHECKBOXES: ("custom_id", "options"),
}
COUNTS: Final[dict[int, tuple[str, int, int]]] = {
    ROW: ("components", 1, 5),
    SECTION: ("components", 1, 3),
    CONTAINER: ("components", 1, MOST),
    GALLERY: ("items", 1, 10),
    SELECT: ("options", 1, 25),
    RADIO: ("options", 2, 10),
    CHECKBOXES: ("options", 1, 10),
}
"""Fewest and most items, by kind."""
VALUES: Final[dict[int, tuple[int, int]]] = {
    **dict.fromkeys(SELECTS, (25, 1)),
    UPLOAD: (10, 1),
    CHECKBOXES: (10, 10),
}
"""The highest `max_values`, and the one that holds when none is given."""


def message_problems(components: Any, *, v2: bool) -> Iterator[Problem]:
    """What is wrong with the components of a message; `v2` when it has the flag."""
    top: Path = ("components",)
    if not isinstance(components, list):
        yield Problem(path=top, code="BASE_TYPE_BAD_TYPE", message="Must be a list.")
        return
    everything = list(walk(components))
    if v2 and not components:
        yield required(top)
    if not v2 and len(components) > 5:
        yield out_of_length(top, len(components), 1, 5)
    if len(everything) > MOST:
        words = f"The total number of components cannot exceed {MOST}"
        yield Problem(path=top, code="COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message=words)
    total = sum(len(str(node.get("content", ""))) for node in everything if node.get("type") == TEXT)
    if total > TEXT_MOST:
        words = f"The total length of displayable text cannot exceed {TEXT_MOST}"
        yield Problem(path=top, code="COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message=words)
    yield from _children(components, top, "message" if v2 else "legacy")
    yield from _unique(components, top)


def modal_problems(modal: Any) -> Iterator[Problem]:
    """What is wrong with a form."""
    for field, most in (("title", 45), ("custom_id", 100)):
        yield from length(modal.get(field), ("data", field), 1, most)
    components = modal.get("components")
    top: Path = ("data", "components")
    if not isinstance(components, list):
        yield required(top)
        return
    if not 1 <= len(components) <= MODAL_MOST:
        yield out_of_length(top, len(components), 1, MODAL_MOST)
    yield from _children(components, top, "modal")
    yield from _unique(components, top)


def _children(nodes: list[Any], path: Path, place: str) -> Iterator[Problem]:
    for number, node in enumerate(nodes):
        yield from _component(node, (*path, number), place)


def _component(node: Any, path: Path, place: str) -> Iterator[Problem]:
    kind = node.get("type") if isinstance(node, dict) else None
    if kind not in PLACES[place]:
        there = ", ".join(map(str, sorted(PLACES[place])))
        words = f'Value of field "type" must be one of ({there}).'
        yield Problem(path=(*path, "type"), code="UNION_TYPE_CHOICES", message=words)
        return
    for field in NEEDED.get(kind, ()):
        if node.get(field) is None:
            yield required((*path, field))
    for field, (least, most) in LENGTHS.get(kind, {}).items():
        if node.get(field) is not None:
            yield from length(node[field], (*path, field), least, most)
    if kind in COUNTS:
        field, least, most = COUNTS[kind]
        items = node.get(field)
        if isinstance(items, list) and not least <= len(items) <= most:
            yield out_of_length((*path, field), len(items), least, most)
    yield from _number(node, path)
    yield from _MORE.get(kind, _nothing)(node, path)
    yield from _inside(node, path, kind, place)


def _inside(node: Json, path: Path, kind: int, place: str) -> Iterator[Problem]:
    names = {ROW: "modal row" if place == "modal" else "row", SECTION: "section", CONTAINER: "container"}
    if kind in names:
        yield from _children(list(node.get("components") or []), (*path, "components"), names[kind])
    if kind == SECTION and node.get("accessory") is not None:
        yield from _component(node["accessory"], (*path, "accessory"), "accessory")
    if kind == LABEL and node.get("component") is not None:
        yield from _component(node["component"], (*path, "component"), "label")


def _number(node: Json, path: Path) -> Iterator[Problem]:
    number = node.get("id", 0)
    if not isinstance(number, int) or not 0 <= number < 1 << 32:
        yield Problem(path=(*path, "id"), code="NUMBER_TYPE_COERCE", message="Must be a positive 32-bit number.")


def _nothing(node: Json, path: Path) -> Iterator[Problem]:
    yield from ()


def _button(node: Json, path: Path) -> Iterator[Problem]:
    style, named = node.get("style"), node.get("custom_id") is not None
    if style not in range(1, 7):
        words = 'Value of field "style" must be one of (1, 2, 3, 4, 5, 6).'
        yield Problem(path=(*path, "style"), code="ENUM_TYPE_COERCE", message=words)
    elif style == LINK and (named or not node.get("url")):
        words = "A link button has a url and no custom id."
        yield Problem(path=path, code="BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message=words)
    elif style not in {LINK, PREMIUM} and (not named or node.get("url")):
        words = "A custom id is required, and a url can't go with it."
        yield Problem(path=path, code="BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", message=words)
    if style != PREMIUM and not node.get("label") and not node.get("emoji"):
        words = "A button needs a label or an emoji."
        yield Problem(path=path, code="BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", message=words)


def _row(node: Json, path: Path) -> Iterator[Problem]:
    kinds = [child.get("type") for child in node.get("components") or [] if isinstance(child, dict)]
    if len(kinds) > 1 and any(kind != BUTTON for kind in kinds):
        words = "The specified component exceeds the maximum width"
        yield Problem(path=path, code="COMPONENT_LAYOUT_WIDTH_EXCEEDED", message=words)


def _choices(node: Json, path: Path) -> Iterator[Problem]:
    yield from _bounds(node, path)
    options = [option for option in node.get("options") or [] if isinstance(option, dict)]
    for number, option in enumerate(options):
        where = (*path, "options", number)
        for field, least in (("label", 1), ("value", 1), ("description", 0)):
            if least or option.get(field) is not None:
                yield from length(option.get(field), (*where, field), least, 100)
    for value, times in Counter(str(option.get("value")) for option in options).items():
        if times > 1:
            words = f"The specified option value is already used: {value}"
            yield Problem(path=(*path, "options"), code="SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message=words)
    chosen = sum(bool(option.get("default")) for option in options)
    most = 1 if node["type"] == RADIO else node.get("max_values") or VALUES[node["type"]][1]
    if chosen > most:
        words = f"{chosen} options are the default, and {most} can be."
        yield Problem(path=(*path, "options"), code="SELECT_COMPONENT_DEFAULTS_EXCEEDED", message=words)


def _bounds(node: Json, path: Path) -> Iterator[Problem]:
    if node["type"] not in VALUES:
        return
    highest, usual = VALUES[node["type"]]
    least = 1 if node.get("min_values") is None else node["min_values"]
    most = usual if node.get("max_values") is None else node["max_values"]
    if not 0 <= least <= highest or not 1 <= most <= highest or least > most:
        words = f"int value should be between 0 and {highest}, and the fewest not above the most."
        yield Problem(path=(*path, "max_values"), code="NUMBER_TYPE_MAX", message=words)


def _typed(node: Json, path: Path) -> Iterator[Problem]:
    if node.get("style") not in {1, 2}:
        words = 'Value of field "style" must be one of (1, 2).'
        yield Problem(path=(*path, "style"), code="ENUM_TYPE_COERCE", message=words)
    least, most = node.get("min_length") or 0, node.get("max_length") or 4000
    if not 0 <= least <= most <= 4000:
        words = "int value should be between 0 and 4000, and the shortest not above the longest."
        yield Problem(path=(*path, "max_length"), code="NUMBER_TYPE_MAX", message=words)
    if len(node.get("value") or "") > most:
        yield out_of_length((*path, "value"), len(node["value"]), 0, most)


def _labelled(node: Json, path: Path) -> Iterator[Problem]:
    inner = node.get("component")
    if isinstance(inner, dict) and inner.get("type") == INPUT and inner.get("label") is not None:
        words = "A text input inside a label has no label of its own."
        yield Problem(path=(*path, "component", "label"), code="COMPONENT_LABEL_NOT_ALLOWED", message=words)


def _gallery(node: Json, path: Path) -> Iterator[Problem]:
    for number, item in enumerate(node.get("items") or []):
        where = (*path, "items", number)
        yield from _media(item, (*where, "media"), "media")
        if item.get("description") is not None:
            yield from length(item["description"], (*where, "description"), 0, 1024)


def _media(node: Json, path: Path, field: str) -> Iterator[Problem]:
    media = node.get(field)
    url = media.get("url") if isinstance(media, dict) else None
    if not url:
        yield required((*path, "url"))
    elif not str(url).startswith(("https://", "http://", "attachment://")):
        words = "Scheme must be one of ('http', 'https', 'attachment')."
        yield Problem(path=(*path, "url"), code="URL_TYPE_INVALID_SCHEME", message=words)


def _thumbnail(node: Json, path: Path) -> Iterator[Problem]:
    yield from _media(node, (*path, "media"), "media")


def _file(node: Json, path: Path) -> Iterator[Problem]:
    yield from _media(node, (*path, "file"), "file")
    if not str((node.get("file") or {}).get("url", "")).startswith("attachment://"):
        words = "A file component shows only files of its own message."
        yield Problem(path=(*path, "file", "url"), code="URL_TYPE_INVALID_SCHEME", message=words)


def _separator(node: Json, path: Path) -> Iterator[Problem]:
    if node.get("spacing", 1) not in {1, 2}:
        words = 'Value of field "spacing" must be one of (1, 2).'
        yield Problem(path=(*path, "spacing"), code="ENUM_TYPE_COERCE", message=words)


def _container(node: Json, path: Path) -> Iterator[Problem]:
    color = node.get("accent_color")
    if color is not None and (not isinstance(color, int) or not 0 <= color <= 0xFFFFFF):
        words = "int value should be between 0 and 16777215."
        yield Problem(path=(*path, "accent_color"), code="NUMBER_TYPE_MAX", message=words)


_MORE: Final[dict[int, Callable[[Json, Path], Iterator[Problem]]]] = {
    ROW: _row,
    BUTTON: _button,
    INPUT: _typed,
    LABEL: _labelled,
    GALLERY: _gallery,
    THUMBNAIL: _thumbnail,
    FILE: _file,
    SEPARATOR: _separator,
    CONTAINER: _container,
    UPLOAD: _bounds,
    SELECT: _choices,
    RADIO: _choices,
    CHECKBOXES: _choices,
    **dict.fromkeys((USERS, ROLES, MENTIONABLES, CHANNELS), _bounds),
}
"""Rules that numbers alone can't say."""


def _unique(components: list[Any], path: Path) -> Iterator[Problem]:
    nodes = list(walk(components))
    for field, code in (("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"), ("id", "COMPONENT_ID_DUPLICATED")):
        for value, times in Counter(node[field] for node in nodes if node.get(field)).items():
            if times > 1:
                words = f"Component {field.replace('_', ' ')} cannot be duplicated: {value}"
                yield Problem(path=path, code=code, message=words)


def numbered(components: list[Json]) -> list[Json]:
    """Give components the numbers their maker left out, as Discord does."""
    taken = {node.get("id") for node in walk(components)}
    free = (number for number in range(1, 1 << 32) if number not in taken)
    for node in walk(components):
        if not node.get("id"):
            node["id"] = next(free)
    return components


def media_of(components: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Each piece of media, with what holds its description."""
    for node in walk(components):
        if node.get("type") == GALLERY:
            for item in node["items"]:
                yield item["media"], item
        elif node.get("type") == THUMBNAIL:
            yield node["media"], node
        elif node.get("type") == FILE:
            yield node["file"], node
