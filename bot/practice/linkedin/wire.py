"""LinkedIn's manners on the wire: its error envelope, versions, permissions, encoded URNs, no unknown fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.linkedin import tokens
from bot.practice.text import storable
from bot.practice.world import World, world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.kinds import Json

VERSIONS = frozenset(
    {"202512", "202601", "202602", "202603", "202604", "202605", "202606", "202607", "202608", "202609", "202610"}
)
"""Those that live; LinkedIn keeps each for about a year."""
PROTOCOL = "2.0.0"
BARE_URN = re.compile(rb"/urn:|=urn:")


class LinkedInError(Exception):
    """An error answer in LinkedIn's form."""

    def __init__(self, status: int, code: str, message: str, *, field: str = "", input_code: str = "") -> None:
        """Answer with `status`; `input_code` and `field` say what about the input was wrong."""
        super().__init__(message)
        self.status = status
        self.body: Json = {"status": status, "serviceErrorCode": 100, "code": code, "message": message}
        if input_code:
            wrong = {"description": message, "code": input_code, "input": {"inputPath": {"fieldPath": field}}}
            self.body["errorDetailType"] = "com.linkedin.common.error.BadRequest"
            self.body["errorDetails"] = {"inputErrors": [wrong]}


def invalid(message: str, *, field: str = "", code: str = "INVALID_VALUE_FOR_FIELD") -> LinkedInError:
    """The answer to input LinkedIn will not take."""
    return LinkedInError(422, "UNPROCESSABLE_ENTITY", message, field=field, input_code=code)


def missing(urn: str) -> LinkedInError:
    """The answer to a URN that names nothing."""
    return LinkedInError(404, "NOT_FOUND", f"Could not find entity {urn}")


async def answer_problem(_: Request, problem: Exception) -> Response:
    """Turn a LinkedInError into its response."""
    if not isinstance(problem, LinkedInError):
        raise problem
    return JSONResponse(problem.body, problem.status)


def demand(request: Request, *anyone_of: str) -> World:
    """Insist on a token with one of these permissions and, on versioned calls, on a version that lives."""
    world = world_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    row = world.book.row("SELECT scopes FROM grants WHERE token = ?", token.strip())
    if scheme.lower() != "bearer" or row is None:
        raise LinkedInError(401, "INVALID_ACCESS_TOKEN", "Invalid access token")
    if tokens.over(world.book, token.strip(), world.now()):
        raise LinkedInError(401, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired")
    if "/rest/" in request.url.path:
        _versioned(request)
    if not set(anyone_of) & set(str(row["scopes"]).split()):
        message = f"Not enough permissions to access: {anyone_of[0]}"
        raise LinkedInError(403, "ACCESS_DENIED", message)
    return world


def _versioned(request: Request) -> None:
    version = request.headers.get("linkedin-version", "")
    if not version:
        raise LinkedInError(400, "VERSION_MISSING", "A version must be present. Please specify a version")
    if version not in VERSIONS:
        raise LinkedInError(426, "NONEXISTENT_VERSION", f"Requested version {version} is not active")
    if request.headers.get("x-restli-protocol-version") != PROTOCOL:
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "X-Restli-Protocol-Version must be 2.0.0")
    address = bytes(request.scope.get("raw_path", b"")) + b"?" + bytes(request.scope.get("query_string", b""))
    if BARE_URN.search(address):
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "Syntax exception in path variables: URNs must be encoded")


def speaks_for(world: World, request: Request, author: str) -> None:
    """Insist that the token may write as this author: the page's manager as the page, a member as the member."""
    member = world.people[world.identity.did].member_urn
    allowed = {world.identity.page_urn: "w_organization_social", member: "w_member_social"}
    if author not in allowed:
        raise LinkedInError(403, "ACCESS_DENIED", f"Not enough permissions to act as {author}")
    demand(request, allowed[author])


async def read_json(request: Request, known: frozenset[str]) -> Json:
    """Read a JSON body; an unknown field is refused."""
    try:
        fields = await request.json()
    except ValueError:
        raise LinkedInError(400, "BAD_REQUEST", "Could not parse the body as JSON") from None
    if not isinstance(fields, dict):
        raise LinkedInError(400, "BAD_REQUEST", "The body must be an object")
    refuse_unknown("", fields, known)
    return fields


async def read_patch(request: Request, known: frozenset[str]) -> Json:
    """Read the patch of a PARTIAL_UPDATE, which is a POST that says so in a header."""
    if request.headers.get("x-restli-method", "").upper() != "PARTIAL_UPDATE":
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", "Use X-RestLi-Method: PARTIAL_UPDATE")
    patch = inner(await read_json(request, frozenset({"patch"})), "patch", known)
    if not patch:
        raise invalid("ERROR :: /patch :: field is required but not found", field="/patch")
    return patch


def refuse_unknown(where: str, fields: Json, known: frozenset[str]) -> None:
    """Insist on known fields."""
    for name in sorted(set(fields) - known):
        raise invalid(f"ERROR :: {where}/{name} :: unrecognized field found but not allowed", field=f"{where}/{name}")


def word(fields: Json, name: str) -> str:
    """Answer a field as text, empty when it was not sent."""
    value = fields.get(name, "")
    if not isinstance(value, str) or not storable(value):
        raise invalid(f"ERROR :: /{name} :: is not a string", field=f"/{name}")
    return value


def inner(fields: Json, name: str, known: frozenset[str]) -> Json | None:
    """Answer a field as an object with known fields, or None when it was not sent."""
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise invalid(f"ERROR :: /{name} :: is not an object", field=f"/{name}")
    refuse_unknown(f"/{name}", value, known)
    return value


def number(request: Request, name: str, default: int, most: int) -> int:
    """Answer a parameter as a number within its bounds; LinkedIn refuses others."""
    text = request.query_params.get(name, str(default))
    if not text.isascii() or not text.isdigit() or int(text) > most:
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", f"Invalid value for {name}")
    return int(text)
