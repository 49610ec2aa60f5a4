"""The Graph API's manners on the wire: its errors, its tokens, fields nobody knows refused, lists page by page."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from bot.practice.audience import chance
from bot.practice.meta import keys
from bot.practice.text import storable
from bot.practice.world import world_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.requests import Request

    from bot.practice.kinds import Json, Network
    from bot.practice.meta.keys import Granted
    from bot.practice.pipeline import Headers

MOST_READ = 30_000_000
EVERYWHERE = frozenset({"access_token", "appsecret_proof", "format", "pretty", "suppress_http_code"})
"""What any call may carry."""
LISTING = frozenset({"fields", "limit", "after", "before", "since", "until", "summary"})
USUAL, MOST = 25, 100
YES, NO = frozenset({"true", "1"}), frozenset({"false", "0"})


class GraphError(Exception):
    """An error answer in the Graph API's form."""

    def __init__(
        self, message: str, *, code: int = 100, subcode: int = 0, status: int = 400, data: Json | None = None
    ) -> None:
        """Answer with code, subcode and one sentence, and sometimes with facts."""
        super().__init__(message)
        self.message = message
        self.code = code
        self.subcode = subcode
        self.status = status
        self.data = data


def gone(name: str) -> GraphError:
    """The answer about an object that is not there, or not for this token."""
    return GraphError(
        f"Unsupported request. Object with ID '{name}' does not exist, cannot be loaded due to missing permissions,"
        " or does not support this operation",
        subcode=33,
    )


async def answer_problem(_: Request, problem: Exception) -> Response:
    """Turn a GraphError into its response."""
    if not isinstance(problem, GraphError):
        raise problem
    return JSONResponse(error(problem), problem.status)


async def unknown_path(request: Request, _: Exception) -> Response:
    """Answer an address the network does not know."""
    path = request.url.path.rpartition("/")[2]
    return await answer_problem(request, GraphError(f"Unknown path components: /{path}", code=2500))


def error(problem: GraphError) -> Json:
    """An error's body."""
    told: Json = {"message": problem.message, "type": "OAuthException", "code": problem.code}
    if problem.subcode:
        told["error_subcode"] = problem.subcode
    if problem.data is not None:
        told["error_data"] = problem.data
    trace = int(chance("trace", problem.message, problem.code) * 2**40)
    return {"error": {**told, "is_transient": False, "fbtrace_id": f"A{trace:x}"}}


EXPIRED = GraphError("Error validating access token: Session has expired.", code=190, subcode=463, status=401)
TOO_FAST = GraphError("Application request limit reached", code=4, status=403)


def body_of(problem: GraphError) -> bytes:
    """An error as it goes over the wire, for refusals that no request is read for."""
    return json.dumps(error(problem)).encode()


def usage_headers(
    now: Callable[[], datetime], business: str, *, kind: str = ""
) -> Callable[[int, int, datetime], Headers]:
    """Write how much of the allowance is used in percent, and once it is all gone when access comes back.

    Calls of one `kind` are counted for the Page or account itself, others for the app until that is stopped.
    """

    def headers(limit: int, remaining: int, ends: datetime) -> Headers:
        percent = 100 if remaining <= 0 else 100 * (limit - remaining) // limit
        told = {"call_count": percent, "total_time": percent // 2, "total_cputime": percent // 4}
        if remaining > 0 and not kind:
            return [(b"x-app-usage", json.dumps(told).encode())]
        minutes = 0 if remaining > 0 else math.ceil((ends - now()).total_seconds() / 60)
        entry = {"type": kind or "threads", **told, "estimated_time_to_regain_access": minutes}
        return [(b"x-business-use-case-usage", json.dumps({business: [entry]}).encode())]

    return headers


def token_of(request: Request) -> str:
    """The access token, from the header or from the address."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() in {"bearer", "oauth"}:
        return token.strip()
    return request.query_params.get("access_token", "")


def granted(request: Request, token: str) -> Granted:
    """What the token may do; refuses one that is unknown or has ended."""
    world = world_of(request)
    found = keys.find(world.book, token)
    if found is None:
        raise GraphError("Invalid OAuth access token - Cannot parse access token", code=190, status=401)
    if found.ends is not None and found.ends <= world.now():
        raise EXPIRED
    return found


def demand(request: Request, *scopes: str, token: str = "") -> None:
    """Insist on a token with all these rights."""
    missing = set(scopes) - granted(request, token or token_of(request)).scopes
    if missing:
        raise GraphError(
            f"(#10) Application does not have permission for this action: {', '.join(sorted(missing))}",
            code=10,
            status=403,
        )


async def read_fields(request: Request, known: frozenset[str]) -> dict[str, str | bytes]:
    """Everything a call carries in address and body, files as bytes; an unknown field is refused."""
    fields: dict[str, str | bytes] = {**request.query_params}
    kind = request.headers.get("content-type", "").split(";")[0].strip()
    if kind == "application/json":
        fields |= await _json(request)
    elif kind:
        async with request.form(max_part_size=64 * 1024 * 1024) as form:
            for name, sent in form.multi_items():
                fields[name] = await sent.read(MOST_READ) if isinstance(sent, UploadFile) else sent
    refuse_unknown(fields, known)
    return fields


async def _json(request: Request) -> dict[str, str]:
    try:
        sent = await request.json()
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise GraphError("The request body is not valid JSON")
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in sent.items()}


def refuse_unknown(fields: Mapping[str, object], known: frozenset[str]) -> None:
    """A parameter that no call of this kind has."""
    unknown = sorted(set(fields) - known - EVERYWHERE)
    if unknown:
        raise GraphError(f"(#100) Invalid parameter: {', '.join(unknown)}")


def word(fields: Mapping[str, str | bytes], name: str) -> str:
    """A field as text."""
    value = fields.get(name, "")
    if isinstance(value, bytes) or not storable(value):
        raise GraphError(f"(#100) Param {name} must be a string")
    return value


def truth(fields: Mapping[str, str | bytes], name: str, *, default: bool) -> bool:
    """A field as yes or no."""
    value = word(fields, name).lower()
    if value and value not in YES | NO:
        raise GraphError(f"(#100) Param {name} must be a boolean")
    return value in YES if value else default


def chosen(request: Request, known: Mapping[str, Callable[[], object]]) -> Json:
    """The fields of an object that a call asks for, and its id; an unknown one is refused."""
    asked = _names(request.query_params.get("fields", "id"))
    unknown = [name for name in asked if name not in known]
    if unknown:
        raise GraphError(f"(#100) Tried accessing nonexisting field ({unknown[0]})")
    shown = {name: _cut(known[name](), asked.get(name, ())) for name in dict.fromkeys(("id", *asked))}
    return {name: value for name, value in shown.items() if value is not None}


def _names(asked: str) -> dict[str, tuple[str, ...]]:
    """The names of a list such as "id,children{id,media_type}", each with those in the braces behind it."""
    names: dict[str, tuple[str, ...]] = {}
    depth, at = 0, ""
    for letter in asked + ",":
        if letter == "," and depth == 0:
            name, _, within = at.partition("{")
            names[name.partition(".")[0].strip()] = tuple(_names(within.strip().removesuffix("}"))) if within else ()
            at = ""
            continue
        depth += (letter == "{") - (letter == "}")
        at += letter
    return {name: within for name, within in names.items() if name}


def _cut(value: object, asked: tuple[str, ...]) -> object:
    """A list of objects with the fields that are asked of each; all of them where none is named."""
    if not asked or not isinstance(value, dict) or "data" not in value:
        return value
    kept = {"id", *asked}
    return {**value, "data": [{name: one[name] for name in one if name in kept} for one in value["data"]]}


def listing(request: Request, items: Sequence[Json], *, more: frozenset[str] = frozenset()) -> Response:
    """A page of a list, with the place where the next begins."""
    refuse_unknown(dict(request.query_params), LISTING | more)
    limit, after = request.query_params.get("limit", ""), request.query_params.get("after", "")
    size = min(int(limit), MOST) if limit.isascii() and limit.isdigit() and int(limit) else USUAL
    place = next((at + 1 for at, item in enumerate(items) if str(item["id"]) == after), 0) if after else 0
    page = items[place : place + size]
    answer: Json = {"data": list(page)}
    if page:
        paging: Json = {"cursors": {"before": page[0]["id"], "after": page[-1]["id"]}}
        if place + size < len(items):
            paging["next"] = f"{request.url.replace(query='')}?after={page[-1]['id']}"
        answer["paging"] = paging
    if request.query_params.get("summary") in YES:
        answer["summary"] = {"total_count": len(items)}
    return JSONResponse(answer)


def within(request: Request, at: datetime) -> bool:
    """Whether a time lies in the span a list was asked for."""
    since, until = (_instant(request.query_params.get(name, "")) for name in ("since", "until"))
    return (since is None or at >= since) and (until is None or at <= until)


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromtimestamp(int(text), tz=UTC) if text.isdigit() else datetime.fromisoformat(text)
    except ValueError:
        raise GraphError("(#100) Invalid parameter: since and until must be times") from None


def stamp(at: datetime) -> str:
    """Write a time as the Graph API does: to the second, with +0000."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def insight(name: str, value: int) -> Json:
    """One lifetime counter of a post."""
    return {"name": name, "period": "lifetime", "values": [{"value": value}], "title": name, "id": name}


def metrics(request: Request, known: Mapping[str, int], *, more: frozenset[str] = frozenset()) -> list[str]:
    """The counters a call asks for; one that does not exist spoils the whole call."""
    refuse_unknown(dict(request.query_params), frozenset({"metric", "period", "metric_type"}) | LISTING | more)
    asked = names_in(request.query_params.get("metric", ""))
    if not asked:
        raise GraphError("(#100) The parameter metric is required")
    wrong = [name for name in asked if name not in known]
    if wrong:
        raise GraphError(f"(#100) metric[0] must be one of the following values: {', '.join(known)}")
    return asked


def names_in(told: str) -> list[str]:
    """Names with commas between them, or as the list that Meta's own client makes of them."""
    try:
        names = json.loads(told) if told.startswith("[") else told.split(",")
    except ValueError:
        names = []
    return [name for name in names if isinstance(name, str) and name]


def renewed(request: Request, network: Network, grant: str) -> Response:
    """Answer a renewal: a fresh token for sixty days, when the old one lives and is a day old."""
    refuse_unknown(dict(request.query_params), frozenset({"grant_type"}))
    if request.query_params.get("grant_type") != grant:
        raise GraphError(f"(#100) Param grant_type must be {grant}")
    world, token = world_of(request), token_of(request)
    found = granted(request, token)
    now = world.now()
    if found.short:
        raise GraphError("Only a long-lived access token can be refreshed", code=452)
    if found.ends is None or found.ends - keys.LIFE + keys.RIPE > now:
        raise GraphError("Cannot refresh an access token that is less than 24 hours old")
    fresh = keys.renew(world.book, network, token, now)
    return JSONResponse({"access_token": fresh, "token_type": "bearer", "expires_in": int(keys.LIFE.total_seconds())})
