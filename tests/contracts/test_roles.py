"""The roles a platform claims as data are the ones `connect` supplies: the fewest and the most an account can have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

import pytest

from bot.registry import PLATFORMS
from services.ports.platform import Connection, PlatformSpec, Role, Roles
from tests.fakes.clock import FakeClock
from tests.fakes.http import FakeHttp


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """Credentials of an account that can do little, and what one that can do everything has beside them."""

    least: Mapping[str, str]
    more: Mapping[str, str]
    base_url: str = ""


PASTED: Final = {
    "mastodon": Pasted(least={"access_token": "token"}, more={}, base_url="https://mastodon.example"),
    "bluesky": Pasted(least={"identifier": "driftseas.example", "app_password": "abcd-efgh"}, more={}),
    "x": Pasted(least={"access_token": "token"}, more={"refresh_token": "renewal", "client_id": "app"}),
    "linkedin": Pasted(
        least={"access_token": "token"},
        more={
            "author": "urn:li:organization:12345",
            "reads": "yes",
            "refresh_token": "renewal",
            "client_id": "app",
            "client_secret": "secret",
        },
    ),
    "threads": Pasted(least={"access_token": "token"}, more={"user_id": "17"}),
    "facebook": Pasted(least={"access_token": "EAAtoken", "page_id": "1100"}, more={}),
    "instagram": Pasted(least={"access_token": "EAAtoken", "user_id": "17"}, more={"access_token": "IGAAtoken"}),
    "tiktok": Pasted(
        least={"access_token": "token"},
        more={"refresh_token": "renewal", "client_key": "app", "client_secret": "secret"},
    ),
}


def supplied(spec: PlatformSpec, credentials: Mapping[str, str], base_url: str) -> set[str]:
    """The roles of an account that has just been pasted; connecting calls nobody."""
    http = FakeHttp()
    roles = spec.connect(
        Connection(credentials=credentials, base_url=base_url or spec.default_base_url, http=http, clock=FakeClock())
    )
    assert http.requests == []
    return {one.name for one in fields(Roles) if getattr(roles, one.name) is not None} - {
        "verifier",
        "publisher",
        "ends_at",
    }


@pytest.mark.parametrize("spec", PLATFORMS, ids=lambda spec: spec.slug)
def test_a_platform_claims_what_it_supplies(spec: PlatformSpec) -> None:
    pasted = PASTED[spec.slug]
    always = {str(role) for role, condition in spec.roles.items() if not condition}
    assert supplied(spec, pasted.least, pasted.base_url) == always
    assert supplied(spec, {**pasted.least, **pasted.more}, pasted.base_url) == {str(role) for role in spec.roles}


def test_every_role_has_a_name() -> None:
    assert {str(role) for role in Role} | {"verifier", "publisher", "ends_at"} == {one.name for one in fields(Roles)}
