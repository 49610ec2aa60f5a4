"""Cards and forms as the JSON that scripts rely on: a change here is a change of the interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from handlers.views.card import Checks, Fields, ImageBlock, Link, Note, Text, VariantBlock

if TYPE_CHECKING:
    from handlers.views.card import Block, Button, Card, Chosen
    from handlers.views.form import Clash, Form
    from services.domain.post import Problem

Json = dict[str, object]


def card_json(card: Card) -> Json:
    """The whole card; the keys `id` and `label` occur on its buttons only."""
    return {
        "card_id": card.card_id,
        "draft_id": card.draft_id,
        "revision": card.revision,
        "state": card.state,
        "title": card.title,
        "blocks": [_block(b) for b in card.blocks],
        "buttons": [_button(b) for b in card.buttons],
        "audit": list(card.audit),
    }


def form_json(form: Form) -> Json:
    """The form; `action` is the id to send back with the fields."""
    return {
        "name": form.name,
        "title": form.title,
        "action": form.action,
        "fields": [
            {
                "name": f.name,
                "title": f.title,
                "type": f.type.value,
                "required": f.required,
                "max": f.max,
                "options": [{"value": o.value, "text": o.text} for o in f.options],
                "value": f.value,
                "help": f.help,
                "error": f.error,
                "theirs": f.theirs,
                "note": f.note,
            }
            for f in form.fields
        ],
        "note": form.note,
        "clash": _clash(form.clash) if form.clash else None,
    }


def _clash(clash: Clash) -> Json:
    return {"by": clash.by, "verb": clash.verb, "when": clash.when, "revision": clash.revision}


def problem_json(problem: Problem) -> Json:
    """A problem of a text."""
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "fix": problem.fix,
    }


def chosen_json(chosen: Chosen) -> Json:
    """An option of a text; one that somebody has to choose has no value."""
    return {"name": chosen.name, "title": chosen.title, "value": chosen.value, "text": chosen.text}


def _button(button: Button) -> Json:
    confirm = button.confirm and {"title": button.confirm.title, "text": button.confirm.text}
    return {
        "type": "button",
        "id": button.id,
        "label": button.label,
        "style": button.style.value,
        "confirm": confirm,
        "form": button.form,
    }


def _block(block: Block) -> Json:
    match block:
        case Text():
            return {"type": "text", "text": block.text}
        case Note():
            return {"type": "note", "text": block.text, "tone": block.tone.value}
        case Link():
            return {"type": "link", "text": block.text, "url": block.url}
        case ImageBlock():
            size = {"width": block.width, "height": block.height}
            return {"type": "image", "url": block.url, "alt": block.alt, **size}
        case Checks():
            checks = [{"name": c.name, "text": c.text, "tone": c.tone.value} for c in block.items]
            return {"type": "checks", "items": checks}
        case Fields():
            return {"type": "fields", "items": [{"name": f.name, "text": f.text, "link": f.link} for f in block.items]}
        case VariantBlock():
            return {
                "type": "variant",
                "account_id": block.account_id,
                "platform": block.platform,
                "text": block.text,
                "parts": list(block.parts),
                "length": block.length,
                "limit": block.limit,
                "unit": block.unit,
                "valid": block.valid,
                "problems": [problem_json(p) for p in block.problems],
                "options": [chosen_json(o) for o in block.options],
            }
        case _:
            assert_never(block)
