"""The wire of the Graph API: asking with a token in a header, page by page, and heeding what is left of its calls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from services.domain.errors import InvalidInput, RateLimited, Refused, Unavailable
from services.graph.errors import AGAIN, HOUR, Gone, fault_of, problem
from services.graph.usage import PAUSE, SLOW, STOP, regained_at, used
from services.ports.http import Effect, HttpRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from services.ports.clock import Clock
    from services.ports.http import Answer, Http, Upload

Fields = Mapping[str, str]
"""What a call carries, by the network's own names."""
Node = Mapping[str, object]
"""An object of the graph as it came."""
_OURS: Final = frozenset({"authorization", "content-type", "content-length", "host"})
_VERSION: Final = re.compile(r"/v\d+\.\d+$")
_BREATH: Final = 2.0
"""Seconds between calls once three quarters of the allowance are used."""
_PAGES: Final = 20


@dataclass(slots=True, kw_only=True)
class GraphClient:
    """Speaks for one account; knows how to ask and nothing of posts."""

    http: Http
    clock: Clock
    label: str
    root: str
    """Address with version, no slash at its end."""
    token: str = field(repr=False)
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    _used: int = 0
    _until: datetime | None = None
    """Until when the last answer wants quiet."""

    async def get(self, path: str, params: Fields | None = None, *, timeout: float = 30.0) -> Node:
        """Read one object; raises `Gone` when it is not there."""
        return await self._call("GET", path, Effect.READ, params=params or {}, timeout=timeout)

    async def post(
        self,
        path: str,
        fields: Fields,
        *,
        effect: Effect,
        params: Fields | None = None,
        as_json: bool = False,
        uploads: Sequence[Upload] = (),
        timeout: float = 30.0,
    ) -> Node:
        """Write; `effect` says what a lost answer means, `params` go into the address."""
        return await self._call(
            "POST", path, effect, params=params, body=fields, as_json=as_json, uploads=uploads, timeout=timeout
        )

    async def delete(self, path: str) -> None:
        """Take an object away; deleting what is gone succeeds, `Refused` when it is still there.

        The network has one answer for what is gone and for what it does not let this app delete.
        """
        try:
            answer = await self._call("DELETE", path, Effect.REPEATABLE)
        except Gone:
            await self._demand_gone(path)
            return
        if answer.get("success") is False:
            raise Unavailable(f"{self.label} did not say that it was deleted.", next_step=AGAIN)

    async def _demand_gone(self, path: str) -> None:
        try:
            await self.get(path, {"fields": "id"})
        except Gone:
            return
        message = f"{self.label} does not let this app delete it; it is still there."
        raise Refused(message, fix=f"Delete it on {self.label} itself.")

    async def pages(self, path: str, params: Fields, *, pages: int = _PAGES) -> AsyncIterator[Sequence[Node]]:
        """A list page by page, at most `pages` of them; an empty one ends it."""
        after = ""
        for _ in range(pages):
            answer = await self.get(path, {**params, **({"after": after} if after else {})})
            found = nodes(answer.get("data"))
            if not found:
                return
            yield found
            paging = node(answer.get("paging"))
            after = text(node(paging.get("cursors")), "after")
            if not after or not paging.get("next"):
                return

    async def insights(self, path: str, metrics: Sequence[str], params: Fields | None = None) -> dict[str, int]:
        """Counters by name; those the network does not give are left out.

        One name it does not know spoils the whole question, so that they are then asked for one by one.
        """
        more = params or {}
        try:
            return counters(await self.get(path, {"metric": ",".join(metrics), **more}))
        except Gone:
            raise
        except Refused:
            if len(metrics) < 2:
                return {}
        found: dict[str, int] = {}
        for metric in metrics:
            found |= await self.insights(path, (metric,), more)
        return found

    async def _call(
        self,
        method: str,
        path: str,
        effect: Effect,
        *,
        params: Fields | None = None,
        body: Fields | None = None,
        as_json: bool = False,
        uploads: Sequence[Upload] = (),
        timeout: float = 30.0,
    ) -> Node:
        await self._breathe(effect)
        ours = {"Authorization": f"Bearer {self.token}"}
        request = HttpRequest(
            method=method,
            url=f"{self.root}/{path}",
            effect=effect,
            headers={**access_headers(self), **ours},
            params=tuple((params or {}).items()),
            json=dict(body or {}) if as_json and body is not None else None,
            form=tuple(body.items()) if body is not None and not as_json else (),
            uploads=uploads,
            timeout=timeout,
        )
        try:
            answer = await self.http.send(request)
        except RateLimited as error:
            if error.dated:
                raise
            raise RateLimited(error.message, until=self.clock.now() + HOUR, said=error.said, dated=False) from error
        self._heed(answer)
        if not answer.ok or fault_of(answer) is not None:
            raise problem(answer, label=self.label, now=self.clock.now())
        return answer.data()

    async def _breathe(self, effect: Effect) -> None:
        """Before a call: nothing while the network wants quiet, and slowly when it soon will."""
        now = self.clock.now()
        if self._until is not None and self._until > now:
            raise RateLimited(f"{self.label}: the allowance of calls is almost used up.", until=self._until)
        if self._used >= SLOW and effect is not Effect.IRREVERSIBLE:
            await self.clock.sleep(_BREATH)

    def _heed(self, answer: Answer) -> None:
        self._used = used(answer.headers)
        if self._used >= STOP:
            now = self.clock.now()
            self._until = regained_at(answer.headers, now) or now + PAUSE


def access_headers(client: GraphClient) -> Mapping[str, str]:
    """What an account's operator wants sent along, without what is ours to say."""
    extra = {name: value for name, value in client.extra_headers.items() if name.lower() not in _OURS}
    return {**extra, "Accept": "application/json"}


def versioned(base_url: str, version: str) -> str:
    """The address with `version`, unless an operator wrote another one at its end."""
    plain = base_url.rstrip("/")
    return plain if _VERSION.search(plain) else f"{plain}/{version}"


def unversioned(base_url: str) -> str:
    """The address without a version, where tokens are renewed."""
    return _VERSION.sub("", base_url.rstrip("/"))


def access_token(token: str, where: str) -> str:
    """The token without what a paste brings along; `InvalidInput` when it can't be one, with `where` to get it."""
    clean = token.strip().removeprefix("Bearer ").strip()
    if not clean or not clean.isascii() or not clean.isprintable() or " " in clean:
        raise InvalidInput("This is not an access token.", next_step=where, field="access_token")
    return clean


def segment(value: str) -> str:
    """An id as part of a path."""
    return quote(value, safe="")


# -- reading what came ---------------------------------------------------------------------------------------------


def node(value: object) -> Node:
    """An object; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def nodes(value: object) -> tuple[Node, ...]:
    """The objects of a list."""
    return tuple(one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def text(found: Node, name: str) -> str:
    """A field as text; ids may come as numbers."""
    value = found.get(name)
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, (str, int)) else ""


def number(found: Node, name: str) -> int | None:
    """A field as a count; None when it is not given."""
    value = found.get(name)
    if isinstance(value, bool):
        return None
    try:
        return int(value) if isinstance(value, (int, float, str)) else None
    except (ValueError, OverflowError):
        return None


def moment(found: Node, name: str) -> datetime | None:
    """A time such as 2026-11-23T09:00:00+0000, aware and UTC; None for one that can't be read."""
    try:
        at = datetime.fromisoformat(text(found, name))
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def counters(answer: Node) -> dict[str, int]:
    """Insights in any of their three shapes: `total_value`, the last of `values`, or clicks by link."""
    found: dict[str, int] = {}
    for metric in nodes(answer.get("data")):
        total = number(node(metric.get("total_value")), "value")
        if total is None:
            listed = [n for one in nodes(metric.get("values")) if (n := number(one, "value")) is not None]
            total = listed[-1] if listed else None
        if total is None and "link_total_values" in metric:
            total = sum(number(one, "value") or 0 for one in nodes(metric.get("link_total_values")))
        if total is not None and (name := text(metric, "name")):
            found[name] = total
    return found
