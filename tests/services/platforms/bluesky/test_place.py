"""Which addresses are taken, and where a post can be seen."""

from __future__ import annotations

import pytest

from services.domain.errors import InvalidInput
from services.platforms.bluesky.place import Place, run_by_bluesky
from tests.fakes.http import FakeHttp
from tests.services.platforms.bluesky.support import FRESH, desk


@pytest.mark.parametrize(
    "url",
    [
        "http://pds.example",
        "http://10.0.0.1",
        "ftp://pds.example",
        "pds.example",
        "https://",
        "https://u:p@pds.example",
        "https://pds.example?x=1",
        "https://pds.example#x",
        "https://pds.example:port",
        "https://[::1",
        "http://127.0.0.1.x.example",
    ],
)
def test_an_unusable_address_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        desk(FakeHttp(), credentials=FRESH, base_url=url, adding=True)
    assert caught.value.field == "base_url"
    assert caught.value.message.startswith("base_url must")


@pytest.mark.parametrize(
    "url",
    [
        "https://pds.example",
        "https://pds.example:8443/at",
        "http://127.0.0.1:8421/bluesky",
        "http://localhost:1",
        "http://[::1]:2",
    ],
)
def test_usable_addresses(url: str) -> None:
    desk(FakeHttp(), credentials=FRESH, base_url=url, adding=True)


@pytest.mark.parametrize(
    ("url", "theirs"),
    [
        ("https://bsky.social", True),
        ("https://amanita.us-east.host.bsky.network", True),
        ("https://pds.example", False),
        ("https://bsky.social.example", False),
        ("https://evilbsky.network", False),
        ("http://127.0.0.1:8421/bluesky", False),
    ],
)
def test_the_networks_own_servers_are_known_by_name(url: str, *, theirs: bool) -> None:
    assert run_by_bluesky(url) is theirs


def test_posts_are_seen_on_the_public_site_or_on_the_local_server() -> None:
    remote = Place(base_url="https://pds.example/at", fixed=True)
    local = Place(base_url="http://127.0.0.1:8421/bluesky", fixed=True)
    assert remote.post_url("driftseas.com", "3k") == "https://bsky.app/profile/driftseas.com/post/3k"
    assert local.post_url("driftseas.com", "3k") == "http://127.0.0.1:8421/bluesky/profile/driftseas.com/post/3k"
