"""Connecting: who we are, what the server is, whether its keys can be trusted, and what the token may do."""

from __future__ import annotations

from typing import Any

import pytest

from services.domain.account import Dedupe, Limits, PollLimits, VideoLimits
from services.domain.errors import InvalidInput, NeedsOperator, NeedsReauth, Unavailable
from services.platforms.mastodon import SPEC
from services.platforms.mastodon.client import access_token, server_root
from services.platforms.mastodon.instance import dedupe_of, limits_of, missing_rights
from services.platforms.mastodon.models import WireInstance
from tests.fakes.http import FakeHttp
from tests.services.platforms.mastodon.helpers import BASE, TOKEN, instance, me, roles

ME = "/api/v1/accounts/verify_credentials"
APP = "/api/v1/apps/verify_credentials"
FULL = {"name": "desk", "scopes": ["read", "write:statuses", "write:media"]}


async def test_reads_identity_limits_and_dedupe() -> None:
    http = FakeHttp().on("GET", ME, json_body=me()).on("GET", "/api/v2/instance", json_body=instance())
    http.on("GET", APP, json_body=FULL)
    identity = await roles(http).verifier.verify()
    http.finish()
    assert (identity.remote_id, identity.handle, identity.name) == ("109", "driftseas@mastodon.example", "Drift Seas")
    assert (identity.dedupe, identity.base_url) == (Dedupe.KEY, BASE)
    assert identity.limits == Limits(
        text=500,
        unit="characters",
        url_length=23,
        images=4,
        image_bytes=16_777_216,
        image_pixels=33_177_600,
        image_types=("image/jpeg", "image/png"),
        alt_text=1500,
        video=VideoLimits(size=103_809_024, types=("video/mp4",), pixels=8_294_400, frame_rate=(0.0, 120.0)),
        poll=PollLimits(answers=4, characters=50),
    )
    assert {r.headers["Authorization"] for r in http.requests} == {f"Bearer {TOKEN}"}
    assert {r.effect.value for r in http.requests} == {"read"}


async def test_the_handle_has_the_networks_host_and_not_the_apis() -> None:
    http = FakeHttp().on("GET", ME, json_body=me()).on("GET", APP, json_body=FULL)
    http.on("GET", "/social/api/v2/instance", json_body=instance(domain="driftseas.example"))
    identity = await roles(http, base_url="https://api.driftseas.example/social/").verifier.verify()
    assert identity.handle == "driftseas@driftseas.example"
    assert identity.base_url == "https://api.driftseas.example/social"


async def test_version_one_serves_where_two_is_missing_and_is_never_trusted_with_keys() -> None:
    http = FakeHttp().on("GET", ME, json_body=me()).on("GET", "/api/v2/instance", status=404, json_body={"error": "x"})
    first = {"uri": "https://old.example", "version": "3.5.3", "max_toot_chars": 1000}
    http.on("GET", "/api/v1/instance", json_body=first).on("GET", APP, status=404).on("GET", "/media/0", status=404)
    identity = await roles(http).verifier.verify()
    assert identity.handle == "driftseas@old.example"
    assert (identity.dedupe, identity.limits.text, identity.limits.url_length) == (Dedupe.LOOKUP, 1000, 23)


@pytest.mark.parametrize("second", [{"status": 500}, {"body": "<html>"}, {"json_body": []}, {"status": 403}])
async def test_a_server_without_any_document_gets_the_defaults(second: dict[str, Any]) -> None:
    http = FakeHttp().on("GET", ME, json_body=me()).on("GET", "/api/v2/instance", **second)
    http.on("GET", "/api/v1/instance", status=404, body="").on("GET", APP, body="<html>")
    http.on("GET", "/media/0", lost=True)
    identity = await roles(http).verifier.verify()
    assert identity.limits == SPEC.default_limits
    assert identity.handle == "driftseas@mastodon.example"
    assert identity.dedupe is Dedupe.LOOKUP


async def test_an_outage_is_not_taken_for_a_missing_document() -> None:
    http = FakeHttp().on("GET", ME, json_body=me()).on("GET", "/api/v2/instance", lost=True)
    http.on("GET", "/api/v1/instance", lost=True)
    with pytest.raises(Unavailable):
        await roles(http).verifier.verify()


async def test_missing_rights_are_named() -> None:
    http = FakeHttp().on("GET", ME, json_body=me()).on("GET", "/api/v2/instance", json_body=instance())
    http.on("GET", APP, json_body={"name": "desk", "scopes": ["read", "write:statuses"]})
    with pytest.raises(NeedsReauth) as caught:
        await roles(http).verifier.verify()
    assert caught.value.message == "The access token lacks: write:media."
    assert "write:media" in caught.value.next_step


async def test_where_rights_are_hidden_the_one_that_reading_proves_is_proved() -> None:
    http = FakeHttp().on("GET", ME, json_body=me()).on("GET", "/api/v2/instance", json_body=instance())
    http.on("GET", APP, json_body={"name": "desk"})
    http.on("GET", "/media/0", status=403, json_body={"error": "This action is outside the authorized scopes"})
    with pytest.raises(NeedsReauth, match="write:media"):
        await roles(http).verifier.verify()
    http.on("GET", ME, json_body=me()).on("GET", "/api/v2/instance", json_body=instance())
    http.on("GET", APP, status=401, json_body={"error": "no"})
    http.on("GET", "/media/0", status=403, json_body={"error": "Not for you"})
    assert (await roles(http).verifier.verify()).dedupe is Dedupe.KEY
    http.finish()


def test_reading_posts_is_a_right_where_only_the_timeline_tells() -> None:
    assert missing_rights(("write",), Dedupe.KEY) == ()
    assert missing_rights(("write",), Dedupe.LOOKUP) == ("read:statuses",)
    assert missing_rights((), Dedupe.KEY) == ("write:statuses", "write:media")


async def test_a_wrong_token_and_a_missing_scope_need_a_person() -> None:
    http = FakeHttp().on("GET", ME, status=401, json_body={"error": "The access token is invalid"})
    with pytest.raises(NeedsReauth, match="it says: The access token is invalid") as caught:
        await roles(http).verifier.verify()
    assert not caught.value.refreshable
    http.on("GET", ME, status=403, json_body={"error": "This action is outside the authorized scopes"})
    with pytest.raises(NeedsReauth, match='"read:accounts"'):
        await roles(http).verifier.verify()


async def test_an_address_that_is_no_mastodon_server_says_so() -> None:
    http = FakeHttp().on("GET", ME, status=404, body="<html>Not found</html>")
    with pytest.raises(NeedsOperator, match="No Mastodon-compatible server") as caught:
        await roles(http).verifier.verify()
    assert caught.value.next_step == "Check base_url."


MASTODON = "https://github.com/mastodon/mastodon"


@pytest.mark.parametrize(
    ("version", "source", "dedupe"),
    [
        ("4.5.2", MASTODON, Dedupe.KEY),
        ("4.6.0-nightly.2026-02-01", f"{MASTODON}/tree/main", Dedupe.KEY),
        ("4.4.0-alpha.1+glitch", "https://github.com/glitch-soc/mastodon", Dedupe.KEY),
        ("4.2.10+hometown-1.1.1", "https://github.com/hometown-fork/hometown.git", Dedupe.KEY),
        ("3.5.3", MASTODON, Dedupe.LOOKUP),
        ("4.5.2", "", Dedupe.LOOKUP),
        ("4.5.2", "https://codeberg.org/somebody/something", Dedupe.LOOKUP),
        ("4.5.2", "https://github.com/somebody/mastodon-in-rust", Dedupe.LOOKUP),
        ("0.20.1+git-abc1234", "https://codeberg.org/superseriousbusiness/gotosocial", Dedupe.LOOKUP),
        ("4.1.1+0.17.3-git-abc", "https://github.com/superseriousbusiness/gotosocial", Dedupe.LOOKUP),
        ("2.7.2 (compatible; Pleroma 2.7.0)", "https://git.pleroma.social/pleroma/pleroma", Dedupe.LOOKUP),
        ("4.2.0 (compatible; Akkoma 3.13.2)", MASTODON, Dedupe.LOOKUP),
        ("4.0.0 (not true; really snac/2.75)", "https://comam.es/what-is-snac", Dedupe.LOOKUP),
        ("takahe/0.11.0", "https://jointakahe.org/", Dedupe.LOOKUP),
        ("", "", Dedupe.LOOKUP),
        ("4.5.2", "http://[bad", Dedupe.LOOKUP),
    ],
)
def test_keys_are_trusted_only_where_the_software_is_surely_mastodon(version: str, source: str, dedupe: Dedupe) -> None:
    assert dedupe_of(WireInstance.model_validate(instance(version=version, source_url=source))) is dedupe


def test_a_title_may_give_another_software_away() -> None:
    assert dedupe_of(WireInstance.model_validate(instance(title="GoToSocial Testrig"))) is Dedupe.LOOKUP
    assert dedupe_of(None) is Dedupe.LOOKUP


def test_limits_of_another_server_and_of_nonsense() -> None:
    theirs = {
        "statuses": {"max_characters": 5000, "max_media_attachments": "6", "characters_reserved_per_url": 25},
        "media_attachments": {
            "image_size_limit": None,
            "image_matrix_limit": -1,
            "supported_mime_types": ["video/mp4"],
        },
    }
    limits = limits_of(WireInstance.model_validate(instance(configuration=theirs)))
    assert (limits.text, limits.images, limits.url_length) == (5000, 6, 25)
    assert (limits.image_bytes, limits.image_pixels) == (16_777_216, 33_177_600)
    assert limits.image_types == SPEC.default_limits.image_types
    assert limits_of(WireInstance.model_validate({"configuration": "none"})) == SPEC.default_limits
    assert limits_of(None) == SPEC.default_limits


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://mastodon.example/", "https://mastodon.example"),
        (" mastodon.example ", "https://mastodon.example"),
        ("http://127.0.0.1:8421/mastodon/", "http://127.0.0.1:8421/mastodon"),
        ("http://[::1]:8421", "http://[::1]:8421"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_addresses_are_kept_in_one_form(given: str, kept: str) -> None:
    assert server_root(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "",
        "http://mastodon.example",
        "http://10.0.0.1",
        "ftp://a.b",
        "https://u:p@a.b",
        "https://a.b/?x",
        "https://[",
        "a b",
        "https://a:99999",
    ],
)
def test_addresses_that_can_not_be_used_are_refused(given: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        server_root(given)
    assert caught.value.field == "base_url"


def test_a_token_is_cleaned_or_refused() -> None:
    assert access_token(f" Bearer {TOKEN}\n") == TOKEN
    for bad in ("", "  ", "two words", "ü"):
        with pytest.raises(InvalidInput) as caught:
            access_token(bad)
        assert caught.value.field == "access_token"


async def test_extra_headers_go_along_and_never_replace_ours() -> None:
    http = FakeHttp().on("GET", ME, json_body=me())
    connected = roles(http, extra_headers={"X-Door": "open", "authorization": "none"})
    assert connected.metrics is not None
    assert (await connected.metrics.account_metrics()).followers == 42
    headers = http.requests[0].headers
    assert (headers["X-Door"], headers["Authorization"]) == ("open", f"Bearer {TOKEN}")
    assert "authorization" not in headers


def test_the_token_is_in_no_repr() -> None:
    assert TOKEN not in repr(roles(FakeHttp()))
