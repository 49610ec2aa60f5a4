"""The HTTP face for scripts: commands, actions and reading."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError

from handlers.request import Request as DeskRequest
from handlers.views.wire import card_json
from handlers.web import models
from handlers.web.answers import outcome_response
from handlers.web.channel import channel
from handlers.web.door import Door, door_of
from handlers.web.reading import account_json, delivery_json, draft_json
from services.domain.delivery import DeliveryState
from services.domain.errors import InvalidInput
from services.domain.ids import DeliveryId, DraftId
from services.domain.post import DraftState
from services.selection import nearest

if TYPE_CHECKING:
    from enum import StrEnum

    from handlers.request import FieldValue

router = APIRouter(prefix="/api")
MAX_PAGE: Final = 200
B = TypeVar("B", bound=BaseModel)
S = TypeVar("S", bound="StrEnum")
_Responses = dict[int | str, dict[str, Any]]


def _answers(model: type[BaseModel], *errors: int) -> _Responses:
    told = {401: "No key", 400: "Not JSON", 404: "Not here", 409: "Stale card or lost race", 422: "Input", 403: "Role"}
    told |= {413: "Too large", 429: "Rate limited", 503: "Try again"}
    found: _Responses = {code: {"model": models.ErrorAnswer, "description": told[code]} for code in (401, *errors)}
    return {200: {"model": model}, **found}


def _body(model: type[BaseModel]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": model.model_json_schema()}}}}


_ACTING: Final = {
    **_answers(models.RepliesModel, 400, 403, 404, 409, 413, 422, 429, 503),
    202: {"model": models.RepliesModel, "description": "Still being written: the card is in state drafting"},
}


class NotJson(InvalidInput):
    """The body can't be read at all."""

    code = "not_json"


async def _read(request: Request, model: type[B]) -> B:
    """The body as its model; raises `NotJson` or `InvalidInput` with the field at fault."""
    try:
        data = json.loads(await request.body())
        json.dumps(data, ensure_ascii=False).encode()  # half a surrogate pair is no text, and nothing could store it
    except (ValueError, RecursionError):
        raise NotJson("The body is not JSON.", next_step="Send a JSON object.") from None
    if not isinstance(data, dict):
        raise NotJson("The body is not a JSON object.", next_step="Send a JSON object.")
    try:
        return model.model_validate({k: v for k, v in data.items() if v is not None})
    except ValidationError as error:
        first = error.errors()[0]
        where = str(first["loc"][0]) if first["loc"] else ""
        raise InvalidInput(f"“{where}”: {first['msg']}.", next_step="See /openapi.json.", field=where) from None


@router.post("/command", response_model=None, responses=_ACTING, openapi_extra=_body(models.CommandBody))
async def command(request: Request) -> JSONResponse:
    """Type a command; waits up to a minute for a draft."""
    body = await _read(request, models.CommandBody)
    door = door_of(request)
    actor = await door.speaker(request, body.as_)
    return outcome_response(await door.dispatcher.handle(DeskRequest(actor=actor, text=body.text)))


@router.post("/action", response_model=None, responses=_ACTING, openapi_extra=_body(models.ActionBody))
async def action(request: Request) -> JSONResponse:
    """Press a button; `confirm` is for people and not asked here."""
    body = await _read(request, models.ActionBody)
    door = door_of(request)
    actor = await door.speaker(request, body.as_)
    fields = None if body.fields is None else {k: _field(v) for k, v in body.fields.items()}
    asked = DeskRequest(actor=actor, action=body.id or "-", fields=fields)
    return outcome_response(await door.dispatcher.handle(asked))


def _field(value: models.FieldBody) -> FieldValue:
    if isinstance(value, list):
        return "\n".join(value)
    return "" if value is None else str(value)


@router.get("/drafts", response_model=None, responses=_answers(models.DraftsModel, 422))
async def drafts(request: Request, state: str = "", before: str = "", limit: str = "50") -> JSONResponse:
    """Newest first; `state` is one of the lower-case words, or several with commas."""
    door = door_of(request)
    size = _limit(limit)
    states = _states(request, state, DraftState)
    cursor = DraftId(_number(before)) if before else None
    found = await door.services.board.drafts(states=states, before=cursor, limit=size)
    next_ = found[-1].draft.id if len(found) == size else None
    return JSONResponse({"drafts": [draft_json(s, door.desk) for s in found], "next": next_})


@router.get("/drafts/{draft_id}", response_model=None, responses=_answers(models.DraftModel, 404, 422))
async def draft(request: Request, draft_id: str) -> JSONResponse:
    """One draft."""
    door = door_of(request)
    snapshot = await door.services.board.draft(DraftId(draft_id))
    return JSONResponse(draft_json(snapshot, door.desk))


@router.get("/deliveries", response_model=None, responses=_answers(models.DeliveriesModel, 422))
async def deliveries(request: Request, state: str = "", before: str = "", limit: str = "50") -> JSONResponse:
    """Newest first, with every step; `state` is one of the upper-case words, or several with commas."""
    door = door_of(request)
    size = _limit(limit)
    states = _states(request, state, DeliveryState)
    cursor = DeliveryId(before) if before else None
    found = await door.services.board.deliveries(states=states, before=cursor, limit=size)
    next_ = found[-1].delivery.id if len(found) == size else None
    return JSONResponse({"deliveries": [delivery_json(r) for r in found], "next": next_})


@router.get("/cards", response_model=None, responses=_answers(models.CardsModel, 422))
async def cards(
    request: Request, before: str = "", limit: str = "50", as_: Annotated[str, Query(alias="as")] = ""
) -> JSONResponse:
    """The channel, newest first; `?as=` shows it with that person's buttons."""
    door: Door = door_of(request)
    actor = await door.speaker(request, as_)
    shown, next_ = await channel(door, actor, before=before or None, limit=_limit(limit))
    return JSONResponse({"cards": [card_json(c) for c in shown], "next": next_})


@router.get("/accounts", response_model=None, responses=_answers(models.AccountsModel))
async def accounts(request: Request) -> JSONResponse:
    """What is connected."""
    found = await door_of(request).services.accounts.list()
    return JSONResponse({"accounts": [account_json(a) for a in found]})


def _limit(text: str) -> int:
    """How many at once; more than there may be gets as many as there may be, and `next` leads on."""
    if not text.isascii() or not text.isdigit() or int(text[:9]) < 1:
        raise InvalidInput(f"limit must be a number from 1 to {MAX_PAGE}.", field="limit")
    return min(int(text[:9]), MAX_PAGE)


def _number(text: str) -> str:
    if not text.isascii() or not text.isdigit():
        raise InvalidInput("before must be a draft's number.", field="before")
    return text


def _states(request: Request, first: str, states: type[S]) -> set[S] | None:
    """Every state asked for, however it was written down; None when none was."""
    words = [w.strip() for text in request.query_params.getlist("state") or [first] for w in text.split(",")]
    return {_state(w, states) for w in words if w} or None


def _state(word: str, states: type[S]) -> S:
    """The state of this name; raises `InvalidInput` with the one that was probably meant."""
    known = [s.value for s in states]
    if found := next((s for s in states if s.value.casefold() == word.casefold()), None):
        return found
    near = nearest(word, known)
    hint = f"Did you mean {near}?" if near else f"It can be {', '.join(known)}."
    raise InvalidInput(f"There is no state “{word[:40]}”.", next_step=hint, field="state")
