"""What the HTTP face promises of its cards, lists, errors and description, as checks."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import httpx

Json = dict[str, Any]
CARD: Final = {"card_id", "draft_id", "revision", "state", "title", "blocks", "buttons", "audit"}
BUTTON: Final = {"type", "id", "label", "style", "confirm", "form"}
BLOCKS: Final = {
    "text": {"text"},
    "note": {"text", "tone"},
    "image": {"url", "alt", "width", "height"},
    "checks": {"items"},
    "fields": {"items"},
    "variant": {"account_id", "platform", "text", "parts", "length", "limit", "unit", "valid", "problems", "options"},
}
ERROR: Final = {"code", "message", "unchanged", "next", "field"}
DRAFT: Final = {"id", "state", "revision", "digest", "brief", "author", "planned_at", "approval", "variants"}
DELIVERY: Final = {
    "id",
    "draft_id",
    "account_id",
    "platform",
    "state",
    "due_at",
    "next_at",
    "attempts",
    "url",
    "remote_id",
    "published_at",
    "problem",
    "log",
}


def labels(card: Mapping[str, Any]) -> list[str]:
    return [b["label"] for b in card["buttons"]]


def texts(card: Mapping[str, Any]) -> dict[str, Json]:
    """The variant blocks by platform."""
    return {b["platform"]: b for b in card["blocks"] if b["type"] == "variant"}


def refused(answer: httpx.Response, status: int) -> Json:
    """The error of an answer in its one shape."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"error", "replies"}
    assert set(body["error"]) == ERROR
    assert body["error"]["message"]
    assert isinstance(body["replies"], list)
    error: Json = body["error"]
    return error


def well_formed(card: Mapping[str, Any]) -> None:
    """Everything that holds for every card."""
    assert set(card) == CARD
    assert card["state"] == card["state"].lower()
    for block in card["blocks"]:
        assert set(block) == {"type"} | BLOCKS[block["type"]]
    for button in card["buttons"]:
        assert set(button) == BUTTON
        assert button["type"] == "button"
        assert button["style"] in {"primary", "plain", "danger"}
        assert len(button["id"].encode()) <= 100
        assert button["confirm"] is None or set(button["confirm"]) == {"title", "text"}
    assert len({b["id"] for b in card["buttons"]}) == len(card["buttons"])
    assert sum("Approve" in label for label in labels(card)) <= 1
    assert labels(card).count("Publish now") <= 1
    rest = {k: v for k, v in card.items() if k != "buttons"}
    assert not re.search(r'"(id|label)":', json.dumps(rest))


KINDS: Final = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}


def fits(spec: Json, schema: Json, value: object, where: str = "$") -> None:
    """Whether a value is what a schema of the description says, with no key that it does not name."""
    if "$ref" in schema:
        found: Any = spec
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        fits(spec, found, value, where)
        return
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            assert any(_does_fit(spec, s, value) for s in schema[choice]), f"{where}: {value!r} fits none"
            return
    if "const" in schema or "enum" in schema:
        assert value in schema.get("enum", [schema.get("const")]), f"{where}: {value!r}"
    kind = schema.get("type", "")
    assert isinstance(value, KINDS.get(kind, object)), f"{where}: {value!r} is no {kind}"
    inner = schema.get("properties") if isinstance(value, dict) else None
    if isinstance(value, list):
        for i, item in enumerate(value):
            fits(spec, schema["items"], item, f"{where}[{i}]")
    if inner:
        assert isinstance(value, dict)
        assert set(value) == set(inner), where
        for name in inner:
            fits(spec, inner[name], value[name], f"{where}.{name}")


def _does_fit(spec: Json, schema: Json, value: object) -> bool:
    try:
        fits(spec, schema, value)
    except AssertionError:
        return False
    return True


def told(spec: Json, method: str, path: str, answer: httpx.Response) -> None:
    """An answer is described, and is as described."""
    described = spec["paths"][path][method]["responses"][str(answer.status_code)]
    fits(spec, described["content"]["application/json"]["schema"], answer.json())
