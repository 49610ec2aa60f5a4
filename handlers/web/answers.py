"""Outcomes and errors as JSON, in the shapes that scripts rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from fastapi.responses import JSONResponse

from handlers.request import Open, Show, Silent, Update, Whisper
from handlers.views.wire import Json, card_json, form_json

if TYPE_CHECKING:
    from handlers.request import Outcome, Replies, Reply
    from services.domain.errors import DeskError


def outcome_response(outcome: Outcome) -> JSONResponse:
    """What a command or an action answers."""
    body: Json = {"replies": replies_json(outcome.replies)}
    if outcome.error is not None:
        body = {"error": _error(outcome.error), **body}
    return JSONResponse(body, status_code=outcome.status)


def replies_json(replies: Replies) -> list[Json]:
    """Every reply with its card and form."""
    return [_reply(r) for r in replies]


def _reply(reply: Reply) -> Json:
    match reply:
        case Show():
            return {"kind": "show", "card": card_json(reply.card), "form": None}
        case Whisper():
            return {"kind": "whisper", "card": card_json(reply.card), "form": None}
        case Update():
            return {"kind": "update", "card": card_json(reply.card), "form": None}
        case Open():
            card = card_json(reply.card) if reply.card else None
            return {"kind": "open", "card": card, "form": form_json(reply.form)}
        case Silent():
            return {"kind": "silent", "card": None, "form": None}
        case _:
            assert_never(reply)


def _error(error: DeskError) -> Json:
    return {
        "code": error.code,
        "message": error.message,
        "unchanged": error.unchanged,
        "next": error.next_step,
        "field": error.field,
    }


def error_response(
    status: int, code: str, message: str, *, next_step: str = "", field: str | None = None
) -> JSONResponse:
    """An error of the door itself, in the same shape."""
    error = {"code": code, "message": message, "unchanged": "Nothing changed.", "next": next_step, "field": field}
    return JSONResponse({"error": error, "replies": []}, status_code=status)
