"""Both ways to sign in: the signature of OAuth 1.0a against a known one, and which fields belong together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from services.domain.errors import InvalidInput
from services.platforms.x import SPEC
from services.platforms.x.signin import authorizer
from services.platforms.x.signing import OAuth1, OAuth2, signer_of
from services.ports.signin import Going
from services.transport import Transport
from tests.bot.practice.signing_in import BACK, told
from tests.contracts.networks import seated
from tests.fakes.clock import FakeClock
from tests.services.platforms.x.helpers import NEW, NOW, OLD


def test_a_signature_is_the_one_of_an_independent_implementation() -> None:
    from oauthlib.oauth1 import Client

    signer = OAuth1(**OLD, clock=FakeClock(), nonce=lambda: "n0nce")
    url, params = "http://127.0.0.1:8421/x/2/tweets", (("ids", "1,2"), ("tweet.fields", "a b*~'é"), ("a", "&="))
    theirs = Client(
        OLD["consumer_key"],
        client_secret=OLD["consumer_secret"],
        resource_owner_key=OLD["access_token"],
        resource_owner_secret=OLD["access_token_secret"],
        nonce="n0nce",
        timestamp=str(int(NOW.timestamp())),
    )
    _, headers, _ = theirs.sign(f"{url}?ids=1%2C2&tweet.fields=a%20b%2A~%27%C3%A9&a=%26%3D", http_method="GET")
    ours = signer.authorize("GET", url, params)
    assert sorted(ours.removeprefix("OAuth ").split(", ")) == sorted(
        headers["Authorization"].removeprefix("OAuth ").split(", ")
    )


def test_every_call_has_a_nonce_of_its_own() -> None:
    signer = signer_of(OLD, FakeClock())
    headers = {signer.authorize("GET", "https://api.x.com/2/users/me", ()) for _ in range(20)}
    assert len(headers) == 20


def test_the_kind_follows_from_the_fields() -> None:
    assert isinstance(signer_of(OLD, FakeClock()), OAuth1)
    assert not signer_of(OLD, FakeClock()).refreshable
    assert signer_of(NEW, FakeClock()) == OAuth2(access_token="access-1", refreshable=True)
    assert signer_of({"access_token": " Bearer access-1 "}, FakeClock()) == OAuth2(access_token="access-1")
    assert signer_of(NEW, FakeClock()).authorize("GET", "https://api.x.com/", ()) == "Bearer access-1"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({**OLD, **NEW}, "client_id"),
        ({**OLD, "consumer_secret": ""}, "consumer_secret"),
        ({"access_token": "a", "access_token_secret": "b"}, "consumer_key"),
        ({"access_token": "a", "refresh_token": "b"}, "client_id"),
        ({"access_token": ""}, "access_token"),
        ({"access_token": "two words"}, "access_token"),
        ({**OLD, "consumer_key": "schlüssel"}, "consumer_key"),
    ],
)
def test_what_does_not_belong_together_is_named(given: Mapping[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        signer_of(given, FakeClock())
    assert caught.value.field == field


def test_no_secret_is_in_a_repr() -> None:
    told = repr(signer_of(OLD, FakeClock())) + repr(signer_of(NEW, FakeClock()))
    assert not [value for value in (*OLD.values(), *NEW.values()) if value in told]


async def test_whoever_signs_in_with_a_consumer_key_posts_with_signatures_that_the_stand_in_checks(
    tmp_path: Path,
) -> None:
    async with seated(SPEC, tmp_path) as seat, httpx.AsyncClient(trust_env=False) as client:
        going = Going(
            app={name: seat.fields[name] for name in ("consumer_key", "consumer_secret")},
            base_url=seat.fields["base_url"],
            detail="",
            redirect_uri=BACK,
            http=Transport(client, seat.clock),
            clock=seat.clock,
        )
        way = authorizer(going)
        begun = await way.begin("state")
        answer = told(await client.post(begun.url, data={"decision": "allow"}))
        assert answer["oauth_token"] == begun.state
        (found,) = await way.finish(begun.kept, answer)
        account = await seat.accounts.add(SPEC.slug, found.fields, learned=found.learned, practice=True)
        assert (account.handle, account.ends_at) == ("driftseas", None)
        roles = await seat.roles(account)
        assert roles.refresher is None
        await seat.send(roles, seat.part("Signed à la 1.0a.", media=(await seat.picture("Alt."),)))
        assert [post["text"] for post in await seat.posts()] == ["Signed à la 1.0a."]
