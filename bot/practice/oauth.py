"""What every sign-in needs behind its pages: codes that work once, proofs of who asked, and whose a token is."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from starlette.responses import JSONResponse, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from starlette.requests import Request

    from bot.practice.book import Book
    from bot.practice.kinds import Network

Challenge: TypeAlias = "Callable[[str], str]"
"""Makes the challenge out of a verifier."""
UNRESERVED = re.compile(r"[A-Za-z0-9._~-]{1,128}")
SHORTEST = 43
"""Of a verifier that is hashed; one that travels as it is proves nothing anyway."""


class BadFieldsError(ValueError):
    """Fields that a sign-in does not know, or that came twice; the message says which."""


class RefusedError(Exception):
    """An answer that gives nothing, in the form of OAuth 2."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        """Answer with the standard's word and the network's sentence."""
        super().__init__(description)
        self.error = error
        self.status = status


async def answer_refusal(_: Request, problem: Exception) -> Response:
    """Turn a RefusedError into its response."""
    if not isinstance(problem, RefusedError):
        raise problem
    return JSONResponse({"error": problem.error, "error_description": str(problem)}, problem.status)


def s256(verifier: str) -> str:
    """The challenge as the standard makes it: SHA-256 in base64url."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def plain(verifier: str) -> str:
    """The challenge that is the verifier itself."""
    return verifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """What a person allowed an app, waiting to be fetched with a code."""

    network: Network
    client_id: str
    redirect: str
    scopes: tuple[str, ...]
    asked: tuple[str, ...]
    """What the app wanted; `scopes` is what it got."""
    ends: datetime
    challenge: str = ""
    method: str = ""
    spent: bool = False

    def good(self, now: datetime) -> bool:
        """Tell whether it can still be fetched."""
        return not self.spent and now < self.ends

    def proven(self, verifier: str, ways: Mapping[str, Challenge]) -> bool:
        """Tell whether the one who fetches is the one who asked; where no challenge was set, none may be answered."""
        if not self.challenge:
            return not verifier
        if self.method not in ways or UNRESERVED.fullmatch(verifier) is None:
            return False
        if ways[self.method] is not plain and len(verifier) < SHORTEST:
            return False
        return hmac.compare_digest(ways[self.method](verifier), self.challenge)


def issue(book: Book, permit: Permit, ending: str = "") -> str:
    """Answer a new code for what was allowed."""
    code = secrets.token_urlsafe(48) + ending
    book.change(
        "INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        code,
        permit.network.value,
        permit.client_id,
        permit.redirect,
        " ".join(permit.scopes),
        " ".join(permit.asked),
        permit.challenge,
        permit.method,
        permit.ends.timestamp(),
    )
    return code


def look(book: Book, network: Network, code: str) -> Permit | None:
    """Answer what a code stands for, be it spent or over, or nothing when it was never given."""
    row = book.row("SELECT * FROM codes WHERE code = ? AND network = ?", code, network.value)
    if row is None:
        return None
    return Permit(
        network=network,
        client_id=row["client_id"],
        redirect=row["redirect"],
        scopes=tuple(str(row["scopes"]).split()),
        asked=tuple(str(row["asked"]).split()),
        ends=datetime.fromtimestamp(row["expires_at"], tz=UTC),
        challenge=row["challenge"],
        method=row["method"],
        spent=bool(row["spent"]),
    )


def spend(book: Book, code: str) -> bool:
    """Use a code up; tell whether this was the first to do so."""
    return book.change("UPDATE codes SET spent = 1 WHERE code = ? AND spent = 0", code) == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """Which app a token was given to, when, and what for."""

    client_id: str
    scopes: tuple[str, ...]
    at: datetime


def note(book: Book, token: str, client_id: str, scopes: Iterable[str], now: datetime) -> None:
    """Keep whose a token is."""
    book.change("INSERT INTO issued VALUES (?, ?, ?, ?)", token, client_id, " ".join(scopes), now.timestamp())


def noted(book: Book, token: str) -> Issued | None:
    """Answer whose a token is; nothing for one that no sign-in gave."""
    row = book.row("SELECT * FROM issued WHERE token = ?", token)
    if row is None:
        return None
    return Issued(
        client_id=row["client_id"],
        scopes=tuple(str(row["scopes"]).split()),
        at=datetime.fromtimestamp(row["at"], tz=UTC),
    )


def single(pairs: Iterable[tuple[str, object]], known: frozenset[str]) -> dict[str, str]:
    """Fields by name as text; one that is unknown, a file or there twice is refused."""
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            message = f"Unknown parameter: {name}"
            raise BadFieldsError(message)
        if name in fields or not isinstance(value, str):
            message = f"Parameter sent more than once, or as a file: {name}"
            raise BadFieldsError(message)
        fields[name] = value
    return fields


async def form(request: Request, known: frozenset[str]) -> dict[str, str]:
    """The fields of a form, each once; others are refused in the form of OAuth 2."""
    try:
        async with request.form() as sent:
            return single(sent.multi_items(), known)
    except BadFieldsError as problem:
        raise RefusedError("invalid_request", str(problem)) from None


def basic(request: Request) -> tuple[str, str] | None:
    """Name and secret of an app from the header, when it shows them there."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, secret) if colon else None
