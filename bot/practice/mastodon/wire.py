"""Mastodon's manners on the wire: errors, bearer tokens with scopes, form or JSON bodies without unknown fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import FormData, UploadFile
from starlette.responses import JSONResponse, Response

from bot.practice.text import storable
from bot.practice.world import world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.kinds import Json

NOT_SIGNED_IN = "The access token is invalid"
OUTSIDE_SCOPES = "This action is outside the authorized scopes"
NOT_FOUND = "Record not found"
# One byte more than any server of the family takes, so that too large a file still shows as such.
MOST_READ = 103_809_025
TRUE_WORDS = frozenset({"true", "1", "on", "t", "yes"})


class MastodonError(Exception):
    """An error answer in Mastodon's form."""

    def __init__(self, status: int, error: str) -> None:
        """Answer with `status` and one sentence."""
        super().__init__(error)
        self.status = status
        self.error = error


def invalid(reason: str) -> MastodonError:
    """The answer to content the server will not take."""
    return MastodonError(422, f"Validation failed: {reason}")


async def answer_problem(_: Request, problem: Exception) -> Response:
    """Turn a MastodonError into its response."""
    if not isinstance(problem, MastodonError):
        raise problem
    return JSONResponse({"error": problem.error}, problem.status)


def demand(request: Request, scope: str) -> None:
    """Insist on a token that carries `scope`, or the whole family the scope belongs to."""
    granted = _granted(request)
    if granted is None:
        raise MastodonError(401, NOT_SIGNED_IN)
    _check(granted, scope)


def allow(request: Request, scope: str) -> bool:
    """Let anyone read what is public, but hold a token that is sent to its scopes; tell whether one was sent."""
    signed_in = "authorization" in request.headers
    if signed_in:
        demand(request, scope)
    return signed_in


def _granted(request: Request) -> frozenset[str] | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    row = world_of(request).book.row("SELECT scopes FROM grants WHERE token = ?", token.strip())
    return None if row is None else frozenset(str(row["scopes"]).split())


def _check(granted: frozenset[str], scope: str) -> None:
    allowed = {scope, scope.partition(":")[0]}
    if scope == "read:accounts":
        allowed.add("profile")
    if not granted & allowed:
        raise MastodonError(403, OUTSIDE_SCOPES)


async def read_fields(request: Request, known: frozenset[str]) -> Json:
    """Read a form or JSON body; forms send lists as `name[]` and files as bytes; an unknown field is refused."""
    kind = request.headers.get("content-type", "").split(";")[0].strip()
    if kind == "application/json":
        fields = await _json(request)
    else:
        async with request.form(max_part_size=64 * 1024) as form:
            fields = await _form(form)
    unknown = sorted(set(fields) - known)
    if unknown:
        raise invalid(f"Unknown fields: {', '.join(unknown)}")
    return fields


async def _json(request: Request) -> Json:
    try:
        fields = await request.json()
    except ValueError:
        raise MastodonError(400, "Error occurred while parsing request parameters") from None
    if not isinstance(fields, dict):
        raise MastodonError(400, "Error occurred while parsing request parameters")
    return fields


async def _form(form: FormData) -> Json:
    fields: Json = {}
    for key, sent in form.multi_items():
        value = await sent.read(MOST_READ) if isinstance(sent, UploadFile) else sent
        name = key.partition("[")[0]
        if key.startswith("poll["):
            _in_poll(fields, key, value)
            continue
        if "[" not in key:
            fields[name] = value
            continue
        many = fields.setdefault(name, [])
        if isinstance(many, list):
            many.append(value)
    return fields


def _in_poll(fields: Json, key: str, value: object) -> None:
    """A poll in a form: poll[options][] once an answer, poll[expires_in] and the like once."""
    poll = fields.setdefault("poll", {})
    name, many = key.removeprefix("poll[").removesuffix("[]").rstrip("]"), key.endswith("[]")
    if isinstance(poll, dict):
        poll[name] = [*poll.get(name, []), value] if many else value


def word(fields: Json, name: str, default: str = "") -> str:
    """Answer a field as text."""
    value = fields.get(name)
    if value is None:
        return default
    if isinstance(value, bool | list | dict | bytes):
        raise invalid(f"{name} must be text")
    if not storable(str(value)):
        raise invalid(f"{name} must be text")
    return str(value)


def words(fields: Json, name: str) -> list[str] | None:
    """Answer a field as a list of texts, or None when it was not sent."""
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(one, str | int) for one in value):
        raise invalid(f"{name} must be a list of ids")
    found = [str(one) for one in value]
    if not all(map(storable, found)):
        raise invalid(f"{name} must be a list of ids")
    return found


def truth(fields: Json, name: str, *, default: bool) -> bool:
    """Answer a field as yes or no."""
    value = fields.get(name)
    if value is None:
        return default
    if isinstance(value, bool):
        return value
    return str(value).lower() in TRUE_WORDS


def how_many(request: Request, default: int, most: int) -> int:
    """Answer the `limit` of a list call."""
    asked = request.query_params.get("limit", "")
    return min(max(int(asked), 1), most) if asked.isascii() and asked.isdigit() else default
