"""What signing in has in common at all networks that speak OAuth 2: proofs, addresses, and what went wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from services.domain.errors import NeedsOperator, NeedsReauth, Refused
from services.text import tidy_sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from services.ports.http import Answer, Http, HttpRequest

SECONDS: Final = 20.0
"""For one call of a sign-in: somebody looks at an empty page meanwhile, and some codes live half a minute."""
AGAIN: Final = "Begin again with /desk connect, or on the page under Accounts."
_UNKNOWN_APP: Final = frozenset({"invalid_client", "unauthorized_client"})
_SAID: Final = 160
_SHORT: Final = 5
"""Characters of what is too short to be a secret."""


def verifier() -> str:
    """A secret of PKCE (RFC 7636): 86 characters that nobody can guess."""
    return secrets.token_urlsafe(64)


def challenge(secret: str) -> str:
    """What is shown of it first: its SHA-256 in url-safe base64 without padding, the method "S256"."""
    digest = hashlib.sha256(secret.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def way(url: str, params: Mapping[str, str]) -> str:
    """An address with its query."""
    return f"{url}?{urlencode(params, quote_via=quote, safe='')}"


def code_of(answer: Mapping[str, str], label: str) -> str:
    """The code that came back; raises `Refused` when the person or the network said no."""
    if answer.get("error") or not answer.get("code"):
        raise denied(answer, label)
    return answer["code"].removesuffix("#_")


def denied(answer: Mapping[str, str], label: str) -> Refused:
    """Somebody came back without a code."""
    error = answer.get("error", "") or ("access_denied" if "denied" in answer else "")
    if error in {"access_denied", "user_cancelled_login", "user_cancelled_authorize"}:
        return Refused(f"Access was not granted at {label}, so no account was connected.", fix=AGAIN)
    said = tidy_sentence(answer.get("error_description") or answer.get("error_message") or error, _SAID)
    return Refused(f"{label} did not sign anybody in{_quoted(said)}.", fix=AGAIN)


async def trade(http: Http, request: HttpRequest, label: str, *, secret: Iterable[str] = ()) -> Answer:
    """A call to a token endpoint; raises what a no means, with none of the `secret` values in it."""
    answer = await http.send(request)
    if not answer.ok or _fault(answer)[0]:  # some say no with a 200
        raise refused(answer, label, secret=secret)
    return answer


def refused(answer: Answer, label: str, *, secret: Iterable[str] = ()) -> NeedsOperator | Refused:
    """What a token endpoint's no means: that the app is not known, or that the code is no longer good."""
    error, said = _fault(answer)
    for value in secret:
        said = said.replace(value, "…") if len(value) > _SHORT else said
    if error in _UNKNOWN_APP or answer.status == 401:
        return NeedsOperator(
            f"{label} does not take the app the desk is set up with{_quoted(said)}.",
            next_step="Compare the app's id and secret with what its page at the network shows.",
        )
    return Refused(f"{label} did not complete the sign-in{_quoted(said)}.", fix=AGAIN)


def require_scopes(wanted: Sequence[str], granted: Iterable[str], label: str) -> None:
    """Raise `NeedsReauth` naming the rights that were asked for and not given."""
    given = set(granted)
    missing = [scope for scope in wanted if scope not in given]
    if missing:
        rights = f"the right {missing[0]}" if len(missing) == 1 else f"the rights {', '.join(missing)}"
        raise NeedsReauth(
            f"{label} did not give the desk {rights}, so nothing was connected.",
            next_step=f"Leave everything ticked at {label}; the app there has to offer it too. {AGAIN}",
        )


def scopes_in(told: object) -> tuple[str, ...]:
    """Rights as networks list them: with spaces, with commas, or as a list."""
    if isinstance(told, list):
        return tuple(str(one) for one in told)
    return tuple(str(told).replace(",", " ").split()) if isinstance(told, str) else ()


def ends(now: datetime, seconds: float | None, *, most: timedelta = timedelta(days=400)) -> str:
    """When something that lives so long ends, as it is kept; empty when it was not told."""
    if seconds is None or seconds <= 0:
        return ""
    return (now + min(timedelta(seconds=min(seconds, most.total_seconds())), most)).isoformat()


def moment_of(told: str) -> datetime | None:
    """A kept instant; None for what is none."""
    try:
        return datetime.fromisoformat(told)
    except ValueError:
        return None


def _fault(answer: Answer) -> tuple[str, str]:
    """The error's name and what was said about it, in any of the networks' shapes."""
    try:
        body = json.loads(answer.body)
    except ValueError:
        return "", f"status {answer.status}"
    if not isinstance(body, dict):
        return "", f"status {answer.status}"
    error = body.get("error")
    inner = error if isinstance(error, dict) else {}
    name = error if isinstance(error, str) else ""
    words = (body.get("error_description"), body.get("error_message"), inner.get("message"), body.get("message"), name)
    said = next((w for w in words if isinstance(w, str) and w.strip()), f"status {answer.status}")
    return name, tidy_sentence(said, _SAID)


def _quoted(said: str) -> str:
    return f" (“{said.rstrip('.')}”)" if said else ""
