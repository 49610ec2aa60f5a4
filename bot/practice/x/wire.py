"""X's manners on the wire: problems as answers, two ways to sign in, bodies and queries without unknown fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from bot.practice.text import storable
from bot.practice.world import World, world_of
from bot.practice.x import keys, signatures

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.kinds import Json

PROBLEMS = "https://api.x.com/2/problems"
READS = ("tweet.read", "users.read")
WRITES = ("tweet.read", "tweet.write", "users.read")
UPLOADS = ("media.write",)
MODERATES = ("tweet.read", "users.read", "tweet.moderate.write")


class XError(Exception):
    """An error answer in X's form; `kind` is the end of its type."""

    def __init__(self, status: int, kind: str, title: str, detail: str, *messages: str) -> None:
        """Answer with `status`; `messages` become its list of errors."""
        super().__init__(detail)
        self.status = status
        self.body: Json = {"title": title, "detail": detail, "type": f"{PROBLEMS}/{kind}", "status": status}
        if messages:
            self.body["errors"] = [{"message": message} for message in messages]


def invalid(message: str) -> XError:
    """The answer to a request that makes no sense."""
    detail = "One or more parameters to your request was invalid."
    return XError(400, "invalid-request", "Invalid Request", detail, message)


def forbidden(detail: str) -> XError:
    """The answer to what X does not allow."""
    return XError(403, "not-allowed", "Forbidden", detail)


def missing(what: str) -> XError:
    """The answer to an id that names nothing."""
    detail = f"Could not find tweet with id: [{what}]."
    return XError(404, "resource-not-found", "Not Found Error", detail)


def outside() -> XError:
    """The answer to a token without the right; X does not say which."""
    refusal = XError(403, "", "Forbidden", "Forbidden")
    refusal.body["type"] = "about:blank"
    return refusal


def unauthorized() -> XError:
    """The answer to a call that proves nothing."""
    return XError(401, "unauthorized", "Unauthorized", "Unauthorized")


async def answer_problem(_: Request, problem: Exception) -> Response:
    """Turn an XError into its response."""
    if not isinstance(problem, XError):
        raise problem
    return JSONResponse(problem.body, problem.status)


def demand(request: Request) -> World:
    """Insist on a user's signature, or on a token with the rights this call takes."""
    world = world_of(request)
    given = signatures.header(request)
    if given:
        if not _signed(request, world, given):
            raise unauthorized()
        return world
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not keys.good(world.book, token.strip(), keys.ACCESS, world.now()):
        raise unauthorized()
    if not set(_needed(request)) <= keys.scopes(world.book, token.strip()):
        raise outside()
    return world


def _needed(request: Request) -> tuple[str, ...]:
    if "/2/media/" in request.url.path:
        return UPLOADS
    if request.url.path.endswith("/hidden"):
        return MODERATES
    return READS if request.method in {"GET", "HEAD"} else WRITES


def _signed(request: Request, world: World, given: dict[str, str]) -> bool:
    own = keys.load(world.book)
    return (
        set(given) == signatures.ALWAYS | {"oauth_token"}
        and (given["oauth_consumer_key"], given["oauth_token"]) == (own.consumer_key, own.access_token)
        and signatures.signed(request, given, (own.consumer_secret, own.access_token_secret))
    )


async def read_json(request: Request, known: frozenset[str]) -> Json:
    """Read a JSON body; an unknown field is refused."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise invalid("The Content-Type must be application/json.")
    try:
        fields = await request.json()
    except ValueError:
        raise invalid("Requests with bodies must have a JSON content.") from None
    if not isinstance(fields, dict):
        raise invalid("Requests with bodies must have a JSON object.")
    refuse_unknown("$", fields, known)
    return fields


def refuse_unknown(where: str, fields: Json, known: frozenset[str]) -> None:
    """Insist on known fields."""
    for name in sorted(set(fields) - known):
        raise invalid(
            f"{where}.{name}: is not defined in the schema and the schema does not allow additional properties"
        )


def word(fields: Json, name: str) -> str:
    """Answer a field as text, empty when it was not sent."""
    value = fields.get(name, "")
    if not isinstance(value, str) or not storable(value):
        raise invalid(f"$.{name}: must be a string")
    return value


def inner(fields: Json, name: str, known: frozenset[str]) -> Json | None:
    """Answer a field as an object with known fields, or None when it was not sent."""
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise invalid(f"$.{name}: must be an object")
    refuse_unknown(f"$.{name}", value, known)
    return value


def words(value: object, where: str) -> list[str]:
    """Answer a value as a list of ids."""
    if not isinstance(value, list) or not all(isinstance(one, str) and one.isdecimal() for one in value):
        raise invalid(f"{where}: must be a list of ids")
    return [str(one) for one in value]


def query(request: Request, known: frozenset[str]) -> dict[str, str]:
    """Answer the query; an unknown parameter is refused."""
    for name in request.query_params:
        if name not in known:
            raise invalid(f"The query parameter [{name}] is not one of [{','.join(sorted(known))}]")
    return dict(request.query_params)


def number(asked: dict[str, str], name: str, least: int, most: int, default: int) -> int:
    """Answer a parameter as a number within its bounds; X refuses others."""
    text = asked.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise invalid(f"The `{name}` query parameter value [{text}] is not between {least} and {most}")
    return int(text)
