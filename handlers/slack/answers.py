"""What a person put into a modal as a form's answers, and where in the modal the answer to that is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from handlers.slack.blocks import context, section
from handlers.slack.forms import OPTION, PICK, kept_in, message, modal
from handlers.views.form import FILES_AGAIN, Form
from services.domain.errors import DeskError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Sent = Form | DeskError | None
"""What came of a form: None when it was taken, the form again, or what kept it from the desk."""
_MOST_ERROR: Final = 1000
_FRAME: Final = ("type", "callback_id", "title", "submit", "close", "private_metadata")
_INITIAL: Final = {"value": "initial_value", "selected_option": "initial_option"}
"""How a field keeps something, and how it begins with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Texts by field, and of files the way to fetch them."""

    texts: Mapping[str, str]
    files: Mapping[str, Sequence[Mapping[str, Any]]]
    """By field: the files as Slack describes them."""


def answers(view: Mapping[str, Any]) -> Answers:
    """Read a submitted modal; a text that was spread over several inputs is one again."""
    joints = kept_in(view).joints or {}
    parts: dict[str, dict[str, str]] = {}
    files: dict[str, Sequence[Mapping[str, Any]]] = {}
    for block_id, elements in view["state"]["values"].items():
        name, part, _ = block_id.rsplit("#", 2)
        (state,) = elements.values()
        if state["type"] == "file_input":
            files |= {name: state["files"]} if state.get("files") else {}
        else:
            parts.setdefault(name, {})[part] = _typed(state)
    return Answers(texts={name: _joined(told, joints.get(name, ())) for name, told in parts.items()}, files=files)


def _typed(state: Mapping[str, Any]) -> str:
    if state["type"] == "static_select":
        return str((state.get("selected_option") or {}).get("value", OPTION)).removeprefix(OPTION)
    return str(state.get("value") or "")


def _joined(parts: Mapping[str, str], gaps: object) -> str:
    """Typed words win over the suggestion beside them."""
    words = [parts[key] for key in sorted((k for k in parts if k != PICK), key=int)]
    text = words[0] if words else ""
    for gap, word in zip(gaps if isinstance(gaps, list) else (), words[1:], strict=False):
        text += f"{gap}{word}" if word else ""
    return text or parts.get(PICK, "")


def answered(sent: Sent, view: Mapping[str, Any]) -> dict[str, Any]:
    """What answers a submission: closing it, errors at the fields that are there, or the form drawn anew."""
    if sent is None:
        return {"response_action": "clear"}
    if isinstance(sent, Form):
        kept = kept_in(view)
        errors = {f.name: f.error for f in sent.fields if f.error}
        same = sent.action == kept.action and sent.clash is None and not sent.note
    else:
        errors, same = {sent.field: _sentence(sent)} if sent.field else {}, True
    inputs = [b["block_id"] for b in view["blocks"] if b["type"] == "input"]
    at = {name: [b for b in inputs if b.rsplit("#", 2)[0] == name] for name in errors}
    if same and errors and all(at.values()):
        told = {at[name][int(_picks(at[name]))]: text[:_MOST_ERROR] for name, text in errors.items()}
        return {"response_action": "errors", "errors": told}
    return {"response_action": "update", "view": redrawn(sent, view)}


def late(sent: Sent, view: Mapping[str, Any]) -> dict[str, Any]:
    """The same in a modal that has been written over meanwhile, and has no files any more."""
    shown = redrawn(sent, view)
    if sent is None or not answers(view).files:
        return shown
    return {**shown, "blocks": [context(FILES_AGAIN), *shown["blocks"]]}


def redrawn(sent: Sent, view: Mapping[str, Any]) -> dict[str, Any]:
    """The form drawn anew, with what is wrong and what was typed."""
    if sent is None:
        return message(view["title"]["text"], "Done. You can close this.")
    if isinstance(sent, Form):
        kept = kept_in(view)
        return modal(sent, channel=kept.channel, thread=kept.thread)
    frame = {key: view[key] for key in _FRAME if view.get(key)}
    return {
        **frame,
        "blocks": [section(_sentence(sent)), *(_filled(b, view["state"]["values"]) for b in view["blocks"])],
    }


def _sentence(error: DeskError) -> str:
    return " ".join(filter(None, (error.message, error.unchanged, error.next_step)))


def _filled(block: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """An input that begins with what was put into it; a file has to be chosen again."""
    if block["type"] != "input":
        return block
    ((_, state),) = values[block["block_id"]].items()
    typed = {_INITIAL[key]: value for key, value in state.items() if key in _INITIAL and value}
    plain = {key: value for key, value in block["element"].items() if key not in _INITIAL.values()}
    return {**block, "element": {**plain, **typed}}


def _picks(blocks: list[str]) -> bool:
    """Whether the first of them is the menu of suggestions, and the words that were wrong stand in the second."""
    return blocks[0].rsplit("#", 2)[1] == PICK
