"""One way to a scripted network and back, built the same way for every network's sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from services.ports.signin import Going
from tests.fakes.clock import FakeClock
from tests.fakes.http import FakeHttp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.ports.http import HttpRequest
    from services.ports.platform import PlatformSpec
    from services.ports.signin import Authorizer

REDIRECT: Final = "https://desk.example/connect/callback"
NOW: Final = FakeClock().now()


def a_way(
    spec: PlatformSpec, app: Mapping[str, str] | None = None, *, base_url: str = "", detail: str = ""
) -> tuple[Authorizer, FakeHttp]:
    """The network's authorizer over a script."""
    http = FakeHttp()
    assert spec.signin is not None
    assert spec.signin.authorizer is not None
    given = Going(app=app or {}, base_url=base_url, detail=detail, redirect_uri=REDIRECT, http=http, clock=FakeClock())
    return spec.signin.authorizer(given), http


def asked(url: str) -> tuple[str, dict[str, str]]:
    """An address without its query, and the query."""
    parts = urlsplit(url)
    found = parse_qs(parts.query, keep_blank_values=True, strict_parsing=True)
    assert all(len(values) == 1 for values in found.values())
    return f"{parts.scheme}://{parts.netloc}{parts.path}", {name: values[0] for name, values in found.items()}


def sent(request: HttpRequest) -> dict[str, Any]:
    """What a call carried, in its form or its query."""
    return dict(request.form) | dict(request.params)
