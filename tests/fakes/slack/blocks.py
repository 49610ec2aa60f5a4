"""Judges blocks and views as Slack does: their shape, then the numbers, ids and rules that no type can say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from tests.fakes.slack import limits
from tests.fakes.slack.basics import ApiError, Json, Problem, invalid, walk
from tests.fakes.slack.schema import misfits

FILE_ID: Final = re.compile(r"F[0-9A-Z]{8,}")
_OPTIONS: Final = frozenset({"options", "initial_option", "initial_options"})
_HERE_ONLY: Final = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})


def message_problems(blocks: object) -> list[Problem]:
    """What Slack would refuse in the blocks of a message."""
    if not isinstance(blocks, list):
        return [Problem(pointer="/blocks", message="must provide an array")]
    shape = [
        found for number, block in enumerate(blocks) for found in misfits("KnownBlock", block, f"/blocks/{number}")
    ]
    if shape:
        return shape
    found = list(_numbers(blocks, "/blocks"))
    if len(blocks) > limits.MESSAGE_BLOCKS:
        found.append(Problem(pointer="/blocks", message=f"no more than {limits.MESSAGE_BLOCKS} items allowed"))
    found += _surface(blocks, "/blocks", "message")
    found += _once_per_message(blocks)
    return _first(found)


def view_problems(view: object) -> list[Problem]:
    """What Slack would refuse in a modal or a Home tab."""
    shape = misfits("View", view, "/view")
    if shape or not isinstance(view, dict):
        return shape
    found = list(_numbers(view, "/view"))
    found += _surface(view["blocks"], "/view/blocks", view["type"])
    found += _submit(view)
    return _first(found)


def _first(problems: list[Problem]) -> list[Problem]:
    """One per place: a field's own limit comes before that of any text."""
    places: dict[str, Problem] = {}
    for problem in problems:
        places.setdefault(problem.pointer, problem)
    return list(places.values())


def characters(blocks: object) -> int:
    """The characters a reader sees in a message's blocks, which Slack adds up."""
    return sum(len(node["text"]) for _, _, node in walk(blocks) if isinstance(node.get("text"), str))


def check_message(blocks: object) -> None:
    """Raise what `chat.*` answers."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise ApiError("invalid_blocks_format")
    refuse_blocks(message_problems(blocks))
    if characters(blocks) > limits.MESSAGE_CHARACTERS:
        raise ApiError("msg_blocks_too_long")


def refuse_blocks(problems: list[Problem]) -> None:
    """Raise `invalid_blocks` with every problem, if there is one."""
    if problems:
        texts = [str(problem) for problem in problems]
        meta = {"messages": [f"[ERROR] {text}" for text in texts]}
        raise ApiError("invalid_blocks", errors=texts, response_metadata=meta)


def check_view(view: object) -> None:
    """Raise what `views.*` answers."""
    if problems := view_problems(view):
        raise invalid(*map(str, problems))


def _surface(blocks: list[Json], pointer: str, surface: str) -> Iterator[Problem]:
    for where, _, node in walk(blocks, pointer):
        if node.get("type") in limits.NOT_HERE.get(surface, ()):
            yield Problem(pointer=f"{where}/type", message=f"unsupported type: {node['type']}")


def _submit(view: Json) -> Iterator[Problem]:
    if view["type"] != "modal" or "submit" in view:
        return
    for where, _, node in walk(view["blocks"], "/view/blocks"):
        if node.get("type") == "input":
            yield Problem(pointer=f"{where}/input", message="must define `submit` to use an `input` block in modals")


def _once_per_message(blocks: list[Json]) -> Iterator[Problem]:
    seen: Counter[str] = Counter()
    written = 0
    for pointer, _, node in walk(blocks, "/blocks"):
        kind = str(node.get("type", ""))
        seen[kind] += 1
        if kind == "table" and seen[kind] == 2:
            yield Problem(pointer=pointer, message="only_one_table_allowed")
        if kind == "data_visualization" and seen[kind] == limits.CHARTS + 1:
            yield Problem(pointer=pointer, message=f"no more than {limits.CHARTS} items allowed")
        if kind == "markdown":
            before, written = written, written + len(node["text"])
            if before <= limits.MARKDOWN_CHARACTERS < written and len(node["text"]) <= limits.MARKDOWN_CHARACTERS:
                message = f"must be less than {limits.MARKDOWN_CHARACTERS + 1} characters"
                yield Problem(pointer=f"{pointer}/text", message=message)


def _kind(key: str, node: Json) -> str:
    """What limits an object goes by: its type, or its place for objects that have none."""
    if key in _OPTIONS and "value" in node:
        return "option"
    if key == "confirm" and "title" in node:
        return "confirm"
    return limits.PLACES.get(key) or str(node.get("type", ""))


def _numbers(root: object, pointer: str) -> Iterator[Problem]:
    """Every rule that looks at one object, and the ids that must differ."""
    blocks: set[str] = set()
    for where, key, node in walk(root, pointer):
        kind = _kind(key, node)
        yield from _lengths(kind, node, where)
        yield from _items(kind, node, where)
        yield from _repeated(node, where)
        yield from _rules(kind, node, where)
        name = node.get("block_id")
        if isinstance(name, str):
            if name in blocks:
                yield Problem(pointer=f"{where}/block_id", message=f'`block_id` "{name}" already exists')
            blocks.add(name)


def _lengths(kind: str, node: Json, pointer: str) -> Iterator[Problem]:
    told = limits.CHARACTERS.get(kind, {})
    for field, most in {"action_id": limits.IDENTIFIER, "block_id": limits.IDENTIFIER, **told}.items():
        value = node.get(field)
        inside = value.get("text") if isinstance(value, dict) else value
        if isinstance(inside, str) and len(inside) > most:
            at = f"{pointer}/{field}/text" if isinstance(value, dict) else f"{pointer}/{field}"
            yield Problem(pointer=at, message=f"must be less than {most + 1} characters")
    if kind in {"plain_text", "mrkdwn"} and len(node["text"]) > limits.TEXT_OBJECT:
        yield Problem(pointer=f"{pointer}/text", message=f"must be less than {limits.TEXT_OBJECT + 1} characters")
    for field in ("text", "alt_text", "action_id", "block_id"):
        if node.get(field) == "":
            yield Problem(pointer=f"{pointer}/{field}", message="must be more than 0 characters")


def _items(kind: str, node: Json, pointer: str) -> Iterator[Problem]:
    for field, (fewest, most) in limits.ITEMS.get(kind, {}).items():
        value = node.get(field)
        if isinstance(value, list) and len(value) > most:
            yield Problem(pointer=f"{pointer}/{field}", message=f"no more than {most} items allowed")
        if isinstance(value, list) and len(value) < fewest:
            yield Problem(pointer=f"{pointer}/{field}", message=f"must provide at least {fewest} items")


def _repeated(node: Json, pointer: str) -> Iterator[Problem]:
    """Two elements of one block with the same action_id."""
    seen: set[str] = set()
    for number, element in enumerate(node["elements"] if isinstance(node.get("elements"), list) else []):
        name = element.get("action_id") if isinstance(element, dict) else None
        if name in seen:
            at = f"{pointer}/elements/{number}/action_id"
            yield Problem(pointer=at, message=f'`action_id` "{name}" already exists')
        if name is not None:
            seen.add(name)


def _rules(kind: str, node: Json, pointer: str) -> Iterator[Problem]:
    rule = _RULES.get(kind)
    if rule is not None:
        yield from rule(node, pointer)


def _section(node: Json, pointer: str) -> Iterator[Problem]:
    if "text" not in node and "fields" not in node:
        yield Problem(pointer=pointer, message="missing required field: text")


def _image(node: Json, pointer: str) -> Iterator[Problem]:
    file = node.get("slack_file")
    if isinstance(file, dict) and "id" in file and not FILE_ID.fullmatch(file["id"]):
        yield Problem(pointer=f"{pointer}/slack_file", message="invalid slack file")
    url = node.get("image_url")
    if isinstance(url, str):
        split = urlsplit(url)
        if split.scheme not in {"http", "https"} or (split.hostname or "localhost") in _HERE_ONLY:
            yield Problem(pointer=f"{pointer}/image_url", message="downloading image failed")


def _choice(node: Json, pointer: str) -> Iterator[Problem]:
    if ("options" in node) == ("option_groups" in node):
        yield Problem(pointer=pointer, message="must provide exactly one of `options` or `option_groups`")
    values = [option["value"] for option in node.get("options", [])]
    for number, value in enumerate(values):
        if value in values[:number]:
            yield Problem(pointer=f"{pointer}/options/{number}/value", message=f'`value` "{value}" already exists')


def _typing(node: Json, pointer: str) -> Iterator[Problem]:
    most = node.get("max_length", limits.INPUT_CHARACTERS)
    if not 1 <= most <= limits.INPUT_CHARACTERS:
        yield Problem(pointer=f"{pointer}/max_length", message=f"must be less than {limits.INPUT_CHARACTERS + 1}")
    if len(node.get("initial_value", "")) > most:
        yield Problem(pointer=f"{pointer}/initial_value", message=f"must be less than {most + 1} characters")


def _files(node: Json, pointer: str) -> Iterator[Problem]:
    most = node.get("max_files", limits.FILES)
    if not 1 <= most <= limits.FILES:
        yield Problem(pointer=f"{pointer}/max_files", message=f"must be from 1 to {limits.FILES}")


def _table(node: Json, pointer: str) -> Iterator[Problem]:
    for number, row in enumerate(node["rows"]):
        if len(row) > limits.TABLE_COLUMNS:
            at = f"{pointer}/rows/{number}"
            yield Problem(pointer=at, message=f"no more than {limits.TABLE_COLUMNS} items allowed")


_RULES: Final[dict[str, Any]] = {
    "section": _section,
    "image": _image,
    "static_select": _choice,
    "multi_static_select": _choice,
    "plain_text_input": _typing,
    "file_input": _files,
    "table": _table,
}
