"""The wire: one method per endpoint of the Mastodon API, answers read into models, refusals into errors."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import parse_qs, quote, urlsplit

from pydantic import BaseModel, ValidationError

from services.domain.errors import DeskError, InvalidInput, NeedsOperator, NeedsReauth, Refused
from services.platforms.mastodon.errors import problem
from services.platforms.mastodon.models import (
    WireAccount,
    WireApp,
    WireContext,
    WireInstance,
    WireMedia,
    WireSource,
    WireStatus,
)
from services.ports.http import Answer, Effect, HttpRequest, Stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.ports.http import Http, Upload

M = TypeVar("M", bound=BaseModel)
_OURS: Final = frozenset({"authorization", "idempotency-key", "content-type", "content-length", "host"})
_UPLOAD_SECONDS: Final = 60.0
_STREAM_SECONDS: Final = 600.0
"""For a video, below the dispatcher's own limit."""
MAX_BATCH: Final = 20
"""Posts that one batch read may name on Mastodon."""
STATUSES_PER_PAGE: Final = 40
"""The most that a page of an account's posts holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of an account's posts, newest first; `older`: where the next begins, None when the server does not say."""

    statuses: tuple[WireStatus, ...]
    older: str | None
    date: str
    """The server's own clock as its Date header; empty when it sent none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MastodonClient:
    """Speaks for one account on one server; knows endpoints and nothing of the desk."""

    http: Http
    base_url: str
    """As `server_root` returned it."""
    token: str = field(repr=False)
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    async def verify_credentials(self) -> WireAccount:
        """Who the token belongs to."""
        answer = await self._call("GET", "/api/v1/accounts/verify_credentials", Effect.READ, right="read:accounts")
        return parsed(answer, WireAccount)

    async def app_scopes(self) -> tuple[str, ...] | None:
        """What the token's application may do; None when the server does not tell."""
        try:
            answer = await self._call("GET", "/api/v1/apps/verify_credentials", Effect.READ, right="read")
            return parsed(answer, WireApp).scopes
        except DeskError:
            return None

    async def instance(self, version: int) -> WireInstance | None:
        """The instance document of API version 2 or 1; None when this server has none that can be read."""
        try:
            answer = await self._call("GET", f"/api/v{version}/instance", Effect.READ, right="read")
        except (Refused, NeedsOperator, NeedsReauth):
            return None
        try:
            return parsed(answer, WireInstance)
        except DeskError:
            return None

    async def upload(self, file: Upload, *, description: str) -> tuple[WireMedia, bool]:
        """Put a file up; True when it can be attached at once."""
        form = (("description", description),) if description else ()
        answer = await self._call(
            "POST",
            "/api/v2/media",
            Effect.REPEATABLE,
            right="write:media",
            form=form,
            uploads=(file,),
            timeout=_STREAM_SECONDS if isinstance(file.data, Stream) else _UPLOAD_SECONDS,
        )
        return parsed(answer, WireMedia), answer.status != 202

    async def media_ready(self, media_id: str) -> bool:
        """Whether an upload can be attached; raises `Gone` when the server does not have it."""
        answer = await self._call("GET", f"/api/v1/media/{_id(media_id)}", Effect.READ, right="write:media")
        return answer.status != 206

    async def post(self, body: Mapping[str, object], *, key: str) -> WireStatus:
        """Publish; the one call here that can't be taken back."""
        answer = await self._call(
            "POST",
            "/api/v1/statuses",
            Effect.IRREVERSIBLE,
            right="write:statuses",
            json=dict(body),
            headers={"Idempotency-Key": key},
        )
        return parsed(answer, WireStatus)

    async def edit(self, status_id: str, body: Mapping[str, object]) -> WireStatus:
        """Change a post to exactly this; raises `Gone` when there is none."""
        path = f"/api/v1/statuses/{_id(status_id)}"
        answer = await self._call("PUT", path, Effect.REPEATABLE, right="write:statuses", json=dict(body))
        return parsed(answer, WireStatus)

    async def delete(self, status_id: str) -> None:
        """Take a post down; raises `Gone` when there is none."""
        await self._call("DELETE", f"/api/v1/statuses/{_id(status_id)}", Effect.REPEATABLE, right="write:statuses")

    async def status(self, status_id: str) -> WireStatus:
        """One post; raises `Gone`."""
        answer = await self._call("GET", f"/api/v1/statuses/{_id(status_id)}", Effect.READ, right="read:statuses")
        return parsed(answer, WireStatus)

    async def statuses(self, ids: Sequence[str]) -> tuple[WireStatus, ...]:
        """Several posts at once (at most `MAX_BATCH`), those that are gone left out; needs Mastodon 4.3."""
        params = tuple(("id[]", i) for i in ids)
        answer = await self._call("GET", "/api/v1/statuses", Effect.READ, right="read:statuses", params=params)
        return _parsed_list(answer, WireStatus)

    async def source(self, status_id: str) -> WireSource:
        """A post of ours as it was written."""
        path = f"/api/v1/statuses/{_id(status_id)}/source"
        return parsed(await self._call("GET", path, Effect.READ, right="read:statuses"), WireSource)

    async def context(self, status_id: str) -> WireContext:
        """The answers below a post; raises `Gone`."""
        path = f"/api/v1/statuses/{_id(status_id)}/context"
        return parsed(await self._call("GET", path, Effect.READ, right="read:statuses"), WireContext)

    async def account_statuses(
        self, account_id: str, *, max_id: str | None, limit: int = STATUSES_PER_PAGE, exclude_replies: bool = False
    ) -> Page:
        """An account's own posts before `max_id`, newest first; its answers to itself stay among them."""
        params = [("limit", str(limit)), ("exclude_reblogs", "true")]
        if exclude_replies:
            params.append(("exclude_replies", "true"))
        if max_id is not None:
            params.append(("max_id", max_id))
        path = f"/api/v1/accounts/{_id(account_id)}/statuses"
        answer = await self._call("GET", path, Effect.READ, right="read:statuses", params=params)
        return Page(
            statuses=_parsed_list(answer, WireStatus),
            older=_older(answer.headers.get("link", "")),
            date=answer.headers.get("date", ""),
        )

    async def _call(
        self,
        method: str,
        path: str,
        effect: Effect,
        *,
        right: str,
        params: Sequence[tuple[str, str]] = (),
        json: object = None,
        form: Sequence[tuple[str, str]] = (),
        uploads: Sequence[Upload] = (),
        headers: Mapping[str, str] | None = None,
        timeout: float = 30.0,
    ) -> Answer:
        extra = {name: value for name, value in self.extra_headers.items() if name.lower() not in _OURS}
        ours = {"Accept": "application/json", "Accept-Language": "en", "Authorization": f"Bearer {self.token}"}
        answer = await self.http.send(
            HttpRequest(
                method=method,
                url=self.base_url + path,
                effect=effect,
                headers={**extra, **ours, **(headers or {})},
                params=params,
                json=json,
                form=form,
                uploads=uploads,
                timeout=timeout,
            )
        )
        if not answer.ok:
            raise problem(answer, right)
        return answer


def server_root(url: str) -> str:
    """A server's address as the desk keeps it: https, or http on loopback, no slash at its end; else `InvalidInput`."""
    given = url.strip()
    text = given if "://" in given else f"https://{given}"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise _bad("This is not the address of a server.") from None
    if not host or any(c.isspace() for c in text) or parts.scheme not in {"http", "https"}:
        raise _bad("This is not the address of a server.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise _bad("The address of a server has no user name, question mark or hash.")
    if parts.scheme == "http" and not _loopback(host):
        raise _bad("Plain http is accepted on this machine only; this server must be reached by https.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def access_token(token: str) -> str:
    """The token without what a paste brings along; `InvalidInput` when it can't be one."""
    clean = token.strip().removeprefix("Bearer ").strip()
    if not clean or not clean.isascii() or not clean.isprintable() or " " in clean:
        raise InvalidInput(
            "This is not an access token.",
            next_step="Copy it whole from your server: Preferences, Development, your application.",
            field="access_token",
        )
    return clean


def _bad(message: str) -> InvalidInput:
    return InvalidInput(message, next_step="Write it like https://mastodon.example.", field="base_url")


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _id(value: str) -> str:
    return quote(value, safe="")


def _older(link: str) -> str | None:
    for piece in link.split(","):
        target, _, rest = piece.partition(">")
        if 'rel="next"' in rest or "rel=next" in rest:
            found = parse_qs(urlsplit(target.strip().lstrip("<")).query).get("max_id")
            return found[0] if found else None
    return None


def parsed(answer: Answer, model: type[M]) -> M:
    """The answer as a model; what can't be read leaves the outcome as unknown as the call's effect makes it."""
    try:
        return model.model_validate(answer.data())
    except ValidationError:
        raise answer.unreadable() from None


def _parsed_list(answer: Answer, model: type[M]) -> tuple[M, ...]:
    value = answer.value()
    if not isinstance(value, list):
        raise answer.unreadable()
    try:
        return tuple(model.model_validate(item) for item in value)
    except ValidationError:
        raise answer.unreadable() from None
