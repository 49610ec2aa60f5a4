"""What a person put into a modal as a form's answers, and where in the modal the answer to that is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from handlers.slack.forms import PICK, kept_in, modal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.views.form import Form

_CHOSEN: Final = "="
_MOST_ERROR: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Texts by field, and of a file the way to fetch it."""

    texts: Mapping[str, str]
    files: Mapping[str, Mapping[str, Any]]
    """By field: the file as Slack describes it."""


def answers(view: Mapping[str, Any]) -> Answers:
    """Read a submitted modal; a text that was spread over several inputs is one again."""
    joints = kept_in(view).joints or {}
    parts: dict[str, dict[str, str]] = {}
    files: dict[str, Mapping[str, Any]] = {}
    for block_id, elements in view["state"]["values"].items():
        name, part, _ = block_id.rsplit("#", 2)
        (state,) = elements.values()
        if state["type"] == "file_input":
            files |= {name: state["files"][0]} if state.get("files") else {}
        else:
            parts.setdefault(name, {})[part] = _typed(state)
    return Answers(texts={name: _joined(told, joints.get(name, ())) for name, told in parts.items()}, files=files)


def _typed(state: Mapping[str, Any]) -> str:
    if state["type"] == "static_select":
        return str((state.get("selected_option") or {}).get("value", _CHOSEN)).removeprefix(_CHOSEN)
    return str(state.get("value") or "")


def _joined(parts: Mapping[str, str], gaps: object) -> str:
    """Typed words win over the suggestion beside them."""
    words = [parts[key] for key in sorted((k for k in parts if k != PICK), key=int)]
    text = words[0] if words else ""
    for gap, word in zip(gaps if isinstance(gaps, list) else (), words[1:], strict=False):
        text += f"{gap}{word}" if word else ""
    return text or parts.get(PICK, "")


def again(form: Form, view: Mapping[str, Any]) -> dict[str, Any]:
    """What answers a submission that was not taken: errors at the fields that are there, or the form drawn anew."""
    kept = kept_in(view)
    errors = {f.name: f.error for f in form.fields if f.error}
    inputs = [b["block_id"] for b in view["blocks"] if b["type"] == "input"]
    at = {name: [b for b in inputs if b.rsplit("#", 2)[0] == name] for name in errors}
    same = form.action == kept.action and form.clash is None and not form.note
    if same and errors and all(at.values()):
        return {
            "response_action": "errors",
            "errors": {at[name][int(_picks(at[name]))]: text[:_MOST_ERROR] for name, text in errors.items()},
        }
    return {"response_action": "update", "view": redrawn(form, view)}


def redrawn(form: Form, view: Mapping[str, Any]) -> dict[str, Any]:
    """The form in the place the modal was asked from."""
    kept = kept_in(view)
    return modal(form, channel=kept.channel, thread=kept.thread)


def _picks(blocks: list[str]) -> bool:
    """Whether the first of them is the menu of suggestions, and the words that were wrong stand in the second."""
    return blocks[0].rsplit("#", 2)[1] == PICK
