"""Reads Slack's own types (as JSON Schema) and says what does not fit them in Slack's words.

A general validator answers "matches none of 20 alternatives"; Slack picks the alternative by `type` first, and so does
this reader. It knows the part of draft-07 that the generated file uses and nothing more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.fakes.slack.basics import Json, Problem

FILE: Final = Path(__file__).with_name("blockkit.schema.json")
READ: Final = frozenset(
    {"$ref", "additionalProperties", "anyOf", "const", "deprecated", "description", "enum", "items", "properties"}
    | {"required", "type"}
)
"""The keywords this reader understands; a test holds the file to them."""

_KINDS: Final[dict[str, tuple[tuple[type, ...], str]]] = {
    "object": ((dict,), "an object"),
    "array": ((list,), "an array"),
    "string": ((str,), "a string"),
    "number": ((int, float), "a number"),
    "boolean": ((bool,), "a boolean"),
}
_STRICTER: Final = {"AnyBlock": "KnownBlock"}
"""The types let any unknown block through in a view; Slack does not."""
_NEWER: Final[Json] = {
    "DataVisualizationBlock": {
        "properties": {"type": {"const": "data_visualization"}, "title": {"type": "string"}},
        "required": ["type", "title"],
        "type": "object",
    }
}
"""Blocks that Slack takes and the types lack."""
_NEWER_FIELDS: Final[dict[str, Json]] = {
    "CardBlock": {"subtext": {"$ref": "#/definitions/MrkdwnElement"}, "slack_icon": {"type": "object"}},
}
"""Fields likewise."""


@cache
def definitions() -> Json:
    """All types by name."""
    loaded: Json = json.loads(FILE.read_text(encoding="utf-8"))["definitions"]
    known = [*loaded["KnownBlock"]["anyOf"], *({"$ref": f"#/definitions/{name}"} for name in _NEWER)]
    for name, fields in _NEWER_FIELDS.items():
        loaded[name]["properties"] |= fields
    return {**loaded, **_NEWER, "KnownBlock": {"anyOf": known}}


def misfits(name: str, value: object, pointer: str) -> list[Problem]:
    """What keeps `value` from being a `name`; empty when nothing does."""
    return list(_check({"$ref": f"#/definitions/{name}"}, value, pointer))


def _resolve(schema: Json) -> Json:
    while "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        schema = definitions()[_STRICTER.get(name, name)]
    return schema


def _alternatives(schema: Json) -> Iterator[Json]:
    schema = _resolve(schema)
    if "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from _alternatives(one)
    else:
        yield schema


def _check(schema: Json, value: Any, pointer: str) -> Iterator[Problem]:
    schema = _resolve(schema)
    if "anyOf" in schema:
        yield from _best(list(_alternatives(schema)), value, pointer)
        return
    kinds, called = _KINDS.get(schema.get("type", ""), ((object,), ""))
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds and object not in kinds):
        yield Problem(pointer=pointer, message=f"must provide {called}")
        return
    if isinstance(value, dict):
        yield from _object(schema, value, pointer)
    elif isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from _check(schema["items"], item, f"{pointer}/{number}")
    elif value not in schema.get("enum", [schema.get("const", value)]):
        yield Problem(pointer=pointer, message=_wrong_value(value, pointer))


def _wrong_value(value: object, pointer: str) -> str:
    return f"unsupported type: {value}" if pointer.endswith("/type") else "must be a valid enum value"


def _object(schema: Json, value: Json, pointer: str) -> Iterator[Problem]:
    properties = schema.get("properties", {})
    for field in schema.get("required", []):
        if field not in value:
            yield Problem(pointer=pointer, message=f"missing required field: {field}")
    for field, inside in value.items():
        if field in properties:
            yield from _check(properties[field], inside, f"{pointer}/{field}")
        elif schema.get("additionalProperties", True) is False:
            yield Problem(pointer=pointer, message=f"invalid additional property: {field}")


def _types(schema: Json) -> list[str]:
    told = schema.get("properties", {}).get("type", {})
    return list(told.get("enum", [told["const"]] if "const" in told else []))


def _best(alternatives: list[Json], value: Any, pointer: str) -> list[Problem]:
    """The complaints of the alternative that was meant: the one with the value's `type`, or the closest."""
    typed = [one for one in alternatives if _types(one)]
    if isinstance(value, dict) and len(typed) == len(alternatives):
        if "type" not in value:
            return [Problem(pointer=pointer, message="missing required field: type")]
        alternatives = [one for one in typed if value["type"] in _types(one)]
        if not alternatives:
            return [Problem(pointer=f"{pointer}/type", message=f"unsupported type: {value['type']}")]
    tried = [list(_check(one, value, pointer)) for one in alternatives]
    best = min(tried, key=len)
    if best and not isinstance(value, dict):
        return [Problem(pointer=pointer, message="failed to match all allowed schemas")]
    return best
