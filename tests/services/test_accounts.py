"""Connected accounts: one row per identity, tokens renewed once, and nothing good overwritten by something worse."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.bus import InProcessBus
from services.accounts import LIMITS_LIFE, Accounts
from services.domain.account import Account, Dedupe, Health
from services.domain.errors import (
    InvalidInput,
    NeedsOperator,
    NeedsReauth,
    NotFound,
    RateLimited,
    Refused,
    Unavailable,
)
from services.domain.events import AccountChanged
from services.domain.ids import AccountId, PlatformSlug
from services.ports.storage import Transaction
from tests.builders import NOW, an_account
from tests.choices import CALM, STRICT
from tests.desk import ADA, MASTODON, Desk, make_desk
from tests.fakes.clock import settle
from tests.fakes.http import FakeHttp
from tests.fakes.social import LIMITS

URL = "https://social.test"
FIELDS = {"access_token": "token-1", "base_url": URL}


@pytest.fixture
async def desk() -> Desk:
    return await make_desk(accounts=False)


async def held(desk: Desk, account_id: AccountId) -> dict[str, str]:
    """The credentials as stored."""
    return desk.vault.open(account_id, await desk.store.read(lambda tx: tx.accounts.sealed(account_id)))


# -- adding --------------------------------------------------------------------------------------------------------


async def test_an_account_is_proved_by_reading_and_sealed(desk: Desk) -> None:
    account = await desk.accounts.add("Mastodon", FIELDS)

    assert desk.mastodon.verified == [{"access_token": "token-1"}]
    assert (account.platform, account.remote_id, account.handle) == ("mastodon", "1001", "driftseas@social.test")
    assert (account.name, account.base_url, account.dedupe) == ("Drift Seas", URL, Dedupe.KEY)
    assert (account.limits_at, account.practice) == (desk.clock.now(), False)
    assert await held(desk, account.id) == {"access_token": "token-1"}
    assert desk.events == [AccountChanged(account_id=account.id)]
    assert "token-1" not in repr(account)


async def test_what_the_network_refuses_is_not_stored(desk: Desk) -> None:
    with pytest.raises(NeedsReauth, match="The token is not known here"):
        await desk.accounts.add("mastodon", {**FIELDS, "access_token": "stolen"})

    assert await desk.accounts.list() == []
    assert desk.events == []


async def test_the_same_identity_again_is_updated_under_its_id(desk: Desk) -> None:
    first = await desk.accounts.add("mastodon", {**FIELDS, "name": "Desk"})
    desk.mastodon.people["token-2"] = ("1001", "driftseas@social.test")
    await desk.accounts.report(first.id, NeedsReauth("It has ended."))
    await desk.clock.advance(60)

    again = await desk.accounts.add("mastodon", {**FIELDS, "access_token": "token-2"})

    assert await desk.accounts.list() == [again]
    assert (again.id, again.created_at, again.health) == (first.id, first.created_at, Health.OK)
    assert await held(desk, first.id) == {"access_token": "token-2"}


async def test_two_people_on_one_server_are_two_accounts(desk: Desk) -> None:
    desk.mastodon.people["token-2"] = ("1002", "other@social.test")

    await desk.accounts.add("mastodon", FIELDS)
    await desk.clock.advance(1)
    await desk.accounts.add("mastodon", {**FIELDS, "access_token": "token-2"})

    assert [a.remote_id for a in await desk.accounts.list()] == ["1001", "1002"]


async def test_a_practice_account_whose_port_moved_is_updated_and_not_doubled(desk: Desk) -> None:
    first = await desk.accounts.add("mastodon", {**FIELDS, "base_url": "http://127.0.0.1:8421/mastodon"}, practice=True)

    moved = await desk.accounts.add("mastodon", {**FIELDS, "base_url": "http://127.0.0.1:9999/mastodon"}, practice=True)

    assert await desk.accounts.list() == [moved]
    assert (moved.id, moved.base_url, moved.practice) == (first.id, "http://127.0.0.1:9999/mastodon", True)


async def test_a_practice_account_has_chosen_what_a_real_one_must_be_asked() -> None:
    desk = await make_desk(accounts=False, options=(*CALM, *STRICT))
    local = {**FIELDS, "base_url": "http://127.0.0.1:8421/mastodon"}

    ours = await desk.accounts.add("mastodon", local, practice=True)
    await desk.clock.advance(1)
    real = await desk.accounts.add("mastodon", FIELDS)

    assert (ours.options, real.options) == ({"replies": "all"}, {})
    await desk.accounts.choose(ADA, ours.id, {"replies": ""})
    moved = await desk.accounts.add("mastodon", {**local, "base_url": "http://127.0.0.1:9999/mastodon"}, practice=True)
    assert (moved.id, moved.options) == (ours.id, {}), "what people decided since stays"


async def test_a_real_account_is_never_taken_for_a_practice_one_with_its_number(desk: Desk) -> None:
    await desk.accounts.add("mastodon", {**FIELDS, "base_url": "http://127.0.0.1:8421/mastodon"}, practice=True)
    await desk.clock.advance(1)

    await desk.accounts.add("mastodon", FIELDS)

    assert [(a.base_url, a.practice) for a in await desk.accounts.list()] == [
        ("http://127.0.0.1:8421/mastodon", True),
        (URL, False),
    ]


async def test_without_verifying_nothing_is_asked_and_the_limits_are_read_soon(desk: Desk) -> None:
    account = await desk.accounts.add("bluesky", {"identifier": "drift.test", "access_token": "t"}, verify=False)

    assert desk.bluesky.verified == []
    assert (account.handle, account.remote_id, account.base_url) == ("drift.test", "drift.test", "https://default.test")
    assert (account.dedupe, account.limits, account.limits_at) == (Dedupe.LOOKUP, LIMITS, NOW - LIMITS_LIFE)


async def test_an_unverified_account_becomes_the_verified_one(desk: Desk) -> None:
    desk.bluesky.people = {"token-1": ("did:1", "drift.test")}
    guessed = await desk.accounts.add("bluesky", {"identifier": "drift.test", "access_token": "old"}, verify=False)

    proved = await desk.accounts.add("bluesky", {"identifier": "drift.test", "access_token": "token-1"})

    assert await desk.accounts.list() == [proved]
    assert (proved.id, proved.remote_id) == (guessed.id, "did:1")


async def test_new_credentials_without_verifying_keep_what_the_network_told(desk: Desk) -> None:
    desk.bluesky.people = {"token-1": ("did:1", "drift.test")}
    desk.bluesky.limits = replace(LIMITS, text=300)
    proved = await desk.accounts.add(
        "bluesky", {"identifier": "drift.test", "access_token": "token-1", "name": "Desk", "base_url": URL}
    )

    again = await desk.accounts.add("bluesky", {"identifier": "drift.test", "access_token": "new"}, verify=False)

    assert await desk.accounts.list() == [again]
    assert (again.id, again.remote_id, again.name, again.limits.text) == (proved.id, "did:1", "Desk", 300)
    assert (again.base_url, again.dedupe) == (URL, Dedupe.KEY)
    assert await held(desk, proved.id) == {"identifier": "drift.test", "access_token": "new"}


async def test_unverified_accounts_that_nothing_tells_apart_are_one_only_with_the_same_token(desk: Desk) -> None:
    first = await desk.accounts.add("mastodon", FIELDS, verify=False)
    same = await desk.accounts.add("mastodon", FIELDS, verify=False)
    other = await desk.accounts.add("mastodon", {**FIELDS, "access_token": "token-2"}, verify=False)
    proved = await desk.accounts.add("mastodon", FIELDS)

    assert same.id == first.id == proved.id != other.id
    assert {a.id for a in await desk.accounts.list()} == {first.id, other.id}
    assert await held(desk, first.id) == {"access_token": "token-1"}
    assert await held(desk, other.id) == {"access_token": "token-2"}


# -- fields --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "field", "sentence", "hint"),
    [
        ({"acces_token": "x"}, "acces_token", "Mastodon has no field “acces_token”.", "Did you mean access_token?"),
        ({"zzz": "x"}, "zzz", "Mastodon has no field “zzz”.", "Mastodon takes access_token, base_url,"),
        ({}, "access_token", "Mastodon needs the field “access_token”.", "Make one in the settings."),
        ({"access_token": "  "}, "access_token", "Mastodon needs the field “access_token”.", "Make one"),
        ({"access_token": 7}, "access_token", "The field “access_token” must be a text.", "Put it in quotes."),
        ({"access_token": ["x"]}, "access_token", "The field “access_token” must be a text.", ""),
        ({"access_token": "a\nb"}, "access_token", "The field “access_token” has a line break", "as one line"),
        ({"access_token": "x", "name": False}, "name", "The field “name” must be a text.", ""),
        ({"access_token": "x", "extra_headers": "A: b"}, "extra_headers", "extra_headers must be an object", ""),
        ({"access_token": "x", "extra_headers": {"A": 1}}, "extra_headers", "The field “extra_headers” must be", ""),
        (
            {"access_token": "x", "extra_headers": {"A": "b\r\nC: d"}},
            "extra_headers",
            "The field “extra_headers” has",
            "",
        ),
    ],
)
async def test_a_wrong_field_is_named_with_what_to_do(
    desk: Desk, fields: dict[str, object], field: str, sentence: str, hint: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await desk.accounts.add("mastodon", fields)

    assert caught.value.field == field
    assert caught.value.message.startswith(sentence)
    assert hint in caught.value.next_step
    assert desk.mastodon.verified == []


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://Social.test/", "https://Social.test"),
        ("social.test", "https://social.test"),
        ("https://social.test/mastodon//", "https://social.test/mastodon"),
        ("http://127.0.0.1:8421/x", "http://127.0.0.1:8421/x"),
        ("http://127.8.0.1", "http://127.8.0.1"),
        ("http://[::1]:80", "http://[::1]:80"),
        ("http://localhost", "http://localhost"),
    ],
)
async def test_the_address_of_a_server_is_read_kindly(desk: Desk, url: str, kept: str) -> None:
    account = await desk.accounts.add("mastodon", {**FIELDS, "base_url": url}, verify=False)

    assert account.base_url == kept


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://social.test", "“ftp://social.test” is not the address of a server."),
        ("https://", "“https://” is not the address of a server."),
        ("https://a@social.test", "“https://a@social.test” is not the address of a server."),
        ("https://social.test?x=1", "“https://social.test?x=1” is not the address of a server."),
        ("https://so cial.test", "“https://so cial.test” is not the address of a server."),
        ("https://[::1", "“https://[::1” is not the address of a server."),
        ("https://social.test:99999", "“https://social.test:99999” is not the address of a server."),
        ("https://social.test:0", "“https://social.test:0” is not the address of a server."),
        ("http://social.test", "Tokens are not sent over plain http to another machine."),
        ("http://10.0.0.1", "Tokens are not sent over plain http to another machine."),
    ],
)
async def test_what_is_no_server_or_not_safe_is_refused(desk: Desk, url: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await desk.accounts.add("mastodon", {**FIELDS, "base_url": url})

    assert (caught.value.field, caught.value.message) == ("base_url", sentence)


async def test_an_unknown_network_gets_the_nearest_name(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as caught:
        await desk.accounts.add("mastadon", FIELDS)

    assert caught.value.next_step == "Did you mean mastodon?"


async def test_extra_headers_are_kept_with_the_secrets_and_apart_from_them_in_use(desk: Desk) -> None:
    account = await desk.accounts.add("mastodon", {**FIELDS, "extra_headers": {"X-Key": "k"}})

    await desk.accounts.verify(account.id)

    assert (await held(desk, account.id))["extra_headers"] == '{"X-Key": "k"}'
    assert desk.mastodon.verified[-1] == {"access_token": "token-1"}


# -- tokens --------------------------------------------------------------------------------------------------------


async def aging(desk: Desk, ends: timedelta) -> Account:
    """An account whose token ends that far from now."""
    expires = (desk.clock.now() + ends).isoformat()
    fields = {**FIELDS, "refresh_token": "refresh-0", "expires": expires}
    account = await desk.accounts.add("mastodon", fields)
    desk.mastodon.people["renewed-1"] = desk.mastodon.people["token-1"]
    desk.mastodon.verified.clear()
    return account


async def test_a_token_with_time_left_is_not_renewed(desk: Desk) -> None:
    account = await aging(desk, timedelta(minutes=5))

    await desk.accounts.open(account.id)

    assert desk.mastodon.refreshed == []


async def test_a_token_about_to_end_is_renewed_once_for_twenty_who_open(desk: Desk) -> None:
    account = await aging(desk, timedelta(minutes=4))
    desk.mastodon.gate = asyncio.Event()
    opens = [asyncio.create_task(desk.accounts.open(account.id)) for _ in range(20)]
    await settle()
    assert (await held(desk, account.id))["access_token"] == "token-1"
    desk.mastodon.gate.set()

    for roles in await asyncio.gather(*opens):
        await roles.verifier.verify()

    assert len(desk.mastodon.refreshed) == 1
    assert {c["access_token"] for c in desk.mastodon.verified} == {"renewed-1"}
    assert (await held(desk, account.id))["refresh_token"] == "refresh-1"


async def test_tokens_that_never_live_long_are_renewed_once_per_wave(desk: Desk) -> None:
    account = await aging(desk, timedelta(minutes=4))
    soon = (desk.clock.now() + timedelta(minutes=3)).isoformat()
    desk.mastodon.refreshing.append({"expires": soon})

    await asyncio.gather(*(desk.accounts.open(account.id) for _ in range(20)))

    assert len(desk.mastodon.refreshed) == 1


async def test_the_renewed_token_is_stored_before_anybody_uses_it(desk: Desk) -> None:
    account = await aging(desk, timedelta(minutes=1))

    roles = await desk.accounts.open(account.id)
    stored = await held(desk, account.id)
    await roles.verifier.verify()

    assert stored["access_token"] == desk.mastodon.verified[0]["access_token"] == "renewed-1"


async def test_an_empty_refresh_token_never_overwrites(desk: Desk) -> None:
    account = await aging(desk, timedelta(minutes=1))
    desk.mastodon.refreshing.append({"refresh_token": ""})

    await desk.accounts.open(account.id)

    stored = await held(desk, account.id)
    assert (stored["refresh_token"], stored["access_token"]) == ("refresh-0", "renewed-1")


@pytest.mark.parametrize("error", [Unavailable("Away."), RateLimited("Slower.", until=NOW + timedelta(hours=1))])
async def test_a_passing_failure_changes_nothing_while_the_old_token_is_good(desk: Desk, error: Exception) -> None:
    account = await aging(desk, timedelta(minutes=4))
    before = await held(desk, account.id)
    desk.mastodon.refreshing.append(error)

    roles = await desk.accounts.open(account.id)
    await roles.verifier.verify()

    assert desk.mastodon.verified[0]["access_token"] == "token-1"
    assert await held(desk, account.id) == before
    assert await desk.accounts.list() == [account]


async def test_a_passing_failure_is_told_once_the_old_token_has_ended_and_the_next_try_works(desk: Desk) -> None:
    account = await aging(desk, timedelta(minutes=4))
    await desk.clock.advance(241)
    desk.mastodon.refreshing.append(Unavailable("Away."))

    with pytest.raises(Unavailable, match="Away"):
        await desk.accounts.open(account.id)
    await desk.accounts.open(account.id)

    assert (await held(desk, account.id))["access_token"] == "renewed-2"


async def test_a_caller_who_gives_up_does_not_lose_the_new_token(desk: Desk) -> None:
    account = await aging(desk, timedelta(minutes=1))
    desk.mastodon.gate = asyncio.Event()
    impatient = asyncio.create_task(desk.accounts.open(account.id))
    await settle()
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient

    desk.mastodon.gate.set()
    await settle()

    assert (await held(desk, account.id))["access_token"] == "renewed-1"


async def test_what_a_person_pasted_during_a_renewal_wins(desk: Desk) -> None:
    account = await aging(desk, timedelta(minutes=1))
    desk.mastodon.gate = asyncio.Event()
    opening = asyncio.create_task(desk.accounts.open(account.id))
    await settle()
    desk.mastodon.people["token-9"] = desk.mastodon.people["token-1"]
    await desk.accounts.add("mastodon", {**FIELDS, "access_token": "token-9"})

    desk.mastodon.gate.set()
    await opening

    assert (await held(desk, account.id)) == {"access_token": "token-9"}


async def test_a_forced_renewal_is_shared_too_and_impossible_without_a_way(desk: Desk) -> None:
    account = await aging(desk, timedelta(hours=1))
    await asyncio.gather(*(desk.accounts.refresh(account.id) for _ in range(5)))
    assert len(desk.mastodon.refreshed) == 1

    desk.mastodon.people["token-2"] = ("1002", "plain@social.test")
    plain = await desk.accounts.add("mastodon", {**FIELDS, "access_token": "token-2"})
    with pytest.raises(NeedsReauth, match=r"The access of @plain@social\.test has ended"):
        await desk.accounts.refresh(plain.id)


async def test_an_account_that_is_gone_or_of_an_unknown_network_is_not_found(desk: Desk) -> None:
    strange = an_account(id=AccountId("old"), platform=PlatformSlug("orkut"))
    await desk.store.write(lambda tx: tx.accounts.add(strange, desk.vault.seal(strange.id, {})))

    with pytest.raises(NotFound, match="not connected any more"):
        await desk.accounts.open(MASTODON)
    with pytest.raises(NotFound, match="no network called “orkut”"):
        await desk.accounts.open(strange.id)
    with pytest.raises(NotFound):
        desk.accounts.spec(PlatformSlug("orkut"))


# -- health and limits ---------------------------------------------------------------------------------------------


async def test_health_follows_what_needs_a_person_and_heals(desk: Desk) -> None:
    account = await desk.accounts.add("mastodon", FIELDS)
    desk.events.clear()
    seen = []
    for error in (
        NeedsReauth("Taken back."),
        NeedsReauth("Taken back."),
        Unavailable("Away."),
        RateLimited("Slower.", until=NOW),
        Refused("No."),
        NeedsOperator("Pay."),
        None,
        None,
    ):
        await desk.accounts.report(account.id, error)
        now = (await desk.accounts.list())[0]
        seen.append((now.health, now.health_note))

    lost = (Health.NEEDS_REAUTH, "Taken back.")
    assert seen == [*[lost] * 5, (Health.NEEDS_OPERATOR, "Pay."), (Health.OK, ""), (Health.OK, "")]
    assert len(desk.events) == 3
    await desk.accounts.report(AccountId("gone"), NeedsReauth("x"))


async def test_limits_are_read_again_after_a_day_and_a_silent_server_keeps_its_old(desk: Desk) -> None:
    mastodon = await desk.accounts.add("mastodon", FIELDS)
    desk.bluesky.people = {"token-1": ("did:1", "drift.test")}
    bluesky = await desk.accounts.add("bluesky", {"identifier": "drift.test", "access_token": "token-1"})
    desk.mastodon.limits = replace(LIMITS, text=5000)
    desk.bluesky.verifying.append(Unavailable("Away."))
    assert await desk.accounts.reread_limits() == 0
    await desk.clock.advance(LIMITS_LIFE.total_seconds())
    desk.events.clear()

    changed = await desk.accounts.reread_limits()

    after = {a.id: a for a in await desk.accounts.list()}
    assert changed == 1
    assert (after[mastodon.id].limits.text, after[mastodon.id].limits_at) == (5000, desk.clock.now())
    assert after[bluesky.id] == bluesky
    assert desk.events == [AccountChanged(account_id=mastodon.id)]


async def test_what_an_operator_had_better_see_to_is_logged_when_connecting_and_each_day(desk: Desk) -> None:
    desk.mastodon.advice = "It asks for an old version."
    with capture_logs() as logged:
        await desk.accounts.add("mastodon", FIELDS)
        await desk.clock.advance(LIMITS_LIFE.total_seconds())
        await desk.accounts.reread_limits()
    assert [one["why"] for one in logged] == [desk.mastodon.advice] * 2
    assert [a.health for a in await desk.accounts.list()] == [Health.OK]


async def test_reading_limits_renews_a_token_before_it_gives_up_on_the_account(desk: Desk) -> None:
    account = await aging(desk, timedelta(days=9))
    await desk.clock.advance(LIMITS_LIFE.total_seconds())
    desk.mastodon.verifying.append(NeedsReauth("Too old.", refreshable=True))

    await desk.accounts.reread_limits()

    assert len(desk.mastodon.refreshed) == 1
    assert [a.health for a in await desk.accounts.list()] == [Health.OK]
    assert (await held(desk, account.id))["access_token"] == "renewed-1"


async def test_a_token_taken_back_is_noticed_and_a_surprise_stops_nobody_else(desk: Desk) -> None:
    desk.mastodon.people["token-2"] = ("1002", "other@social.test")
    first = await desk.accounts.add("mastodon", FIELDS)
    await desk.clock.advance(1)
    await desk.accounts.add("mastodon", {**FIELDS, "access_token": "token-2"})
    await desk.clock.advance(LIMITS_LIFE.total_seconds())
    desk.mastodon.verifying.append(ZeroDivisionError())
    del desk.mastodon.people["token-2"]

    await desk.accounts.reread_limits()

    assert [a.health for a in await desk.accounts.list()] == [Health.OK, Health.NEEDS_REAUTH]
    assert (await desk.accounts.list())[0] == first


async def test_an_unverified_account_that_proves_to_be_a_known_one_is_held_back(desk: Desk) -> None:
    known = await desk.accounts.add("mastodon", FIELDS)
    twin = await desk.accounts.add("mastodon", {**FIELDS, "name": "Twin"}, verify=False)

    await desk.accounts.reread_limits()

    after = {a.id: a for a in await desk.accounts.list()}
    assert after[known.id] == known
    assert after[twin.id].health is Health.NEEDS_OPERATOR
    assert after[twin.id].health_note == "This is @driftseas@social.test, which is connected already."


async def test_an_unverified_account_learns_who_it_is(desk: Desk) -> None:
    guessed = await desk.accounts.add("mastodon", FIELDS, verify=False)
    desk.mastodon.learned = {"reads": "yes"}

    assert await desk.accounts.reread_limits() == 0

    assert await held(desk, guessed.id) == {"access_token": "token-1", "reads": "yes"}
    (learned,) = await desk.accounts.list()
    assert (learned.id, learned.remote_id, learned.handle) == (guessed.id, "1001", "driftseas@social.test")
    assert (learned.dedupe, learned.limits_at) == (Dedupe.KEY, desk.clock.now())


def restarted(desk: Desk, public_url: str) -> Accounts:
    """The same desk's accounts, started again with another public address."""
    pulled = replace(desk.services.pulled, public_url=public_url)
    platforms = {s.slug: s for s in (desk.mastodon.spec(), desk.bluesky.spec())}
    return Accounts(
        desk.store, desk.vault, platforms, FakeHttp(), desk.files, InProcessBus(), desk.clock, pictures=pulled
    )


async def test_a_network_that_fetches_pictures_has_none_to_fetch_until_the_desk_can_be_reached(desk: Desk) -> None:
    desk.mastodon.pulls = True
    before = restarted(desk, "")
    account = await before.add("mastodon", FIELDS)
    other = await before.add("bluesky", {"identifier": "drift.test", "access_token": "token-1"})
    assert (account.limits.images, other.limits.images) == (0, 1)
    assert await before.reread_limits() == 0

    after = restarted(desk, "https://desk.example")
    assert await after.reread_limits() == 1
    assert {a.platform: a.limits.images for a in await after.list()} == {"mastodon": 1, "bluesky": 1}
    assert await after.reread_limits() == 0
    assert len(desk.bluesky.verified) == 1

    assert await restarted(desk, "").reread_limits() == 1
    assert {a.platform: a.limits.images for a in await after.list()} == {"mastodon": 0, "bluesky": 1}


async def test_a_token_is_renewed_as_long_ahead_as_its_network_needs(desk: Desk) -> None:
    desk.mastodon.renew_ahead = timedelta(days=20)
    accounts = restarted(desk, "")
    ends = (desk.clock.now() + timedelta(days=19)).isoformat()
    account = await accounts.add("mastodon", {**FIELDS, "expires": ends})
    desk.mastodon.refreshing.append(Unavailable("Away."))
    await accounts.open(account.id)
    assert (await held(desk, account.id))["access_token"] == "token-1"
    await accounts.open(account.id)
    assert (await held(desk, account.id))["access_token"] == "renewed-2"


async def test_credentials_of_one_account_open_for_no_other(desk: Desk) -> None:
    first = await desk.accounts.add("mastodon", FIELDS)
    desk.mastodon.people["token-2"] = ("1002", "other@social.test")
    second = await desk.accounts.add("mastodon", {**FIELDS, "access_token": "token-2"})

    def swap(tx: Transaction) -> None:
        tx.accounts.reseal(second.id, tx.accounts.sealed(first.id))

    await desk.store.write(swap)

    with pytest.raises(NeedsOperator, match="belong to another account"):
        await desk.accounts.open(second.id)


# -- changing the key ----------------------------------------------------------------------------------------------


async def test_what_an_older_key_sealed_is_sealed_anew_at_the_first_use(desk: Desk) -> None:
    account = await desk.accounts.add("mastodon", FIELDS)
    old = await desk.store.read(lambda tx: tx.accounts.sealed(account.id))
    desk.vault.stale.add(old)

    await desk.accounts.open(account.id)

    fresh = await desk.store.read(lambda tx: tx.accounts.sealed(account.id))
    assert fresh != old
    assert await held(desk, account.id) == {"access_token": "token-1"}
    await desk.accounts.open(account.id)
    assert await desk.store.read(lambda tx: tx.accounts.sealed(account.id)) == fresh
