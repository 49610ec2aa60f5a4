"""Who we are on TikTok, tokens that rotate, counters, and the real adapter against the stand-in with a video."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from services.domain.delivery import Receipt
from services.domain.errors import (
    DeskError,
    InvalidInput,
    NeedsOperator,
    NeedsReauth,
    OutcomeUnknown,
    RateLimited,
    Refused,
    StillWorking,
    Unavailable,
)
from services.domain.media import Attachment, MediaItem, VideoFacts
from services.platforms.tiktok import SPEC
from services.platforms.tiktok.publisher import TikTokPublisher
from services.ports.platform import Roles
from tests.contracts.networks import Seat, seated
from tests.file_samples import padded
from tests.media_samples import tiny_video
from tests.services.platforms.tiktok.helpers import (
    ACCESS,
    ALL,
    CREATOR,
    ID,
    NOW,
    QUERY,
    STATUS,
    TOKEN,
    USER,
    bad,
    creator,
    desk,
    ok,
)

FRESH = {"access_token": "act.2", "expires_in": 86_400, "token_type": "Bearer", "scope": "video.publish"}


# -- who we are ----------------------------------------------------------------------------------------------------


async def test_the_creator_and_the_user_tell_who_we_are_and_what_may_be_chosen() -> None:
    one = desk(adding=True, extra_headers={"X-Gate": "open", "Authorization": "no"})
    one.http.on("POST", CREATOR, json_body=creator(comment_disabled=True, stitch_disabled=True))
    one.http.on("GET", USER, json_body=ok(user={"open_id": "-0001", "display_name": "Drift"}))
    identity = await one.roles.verifier.verify()
    assert (identity.remote_id, identity.handle, identity.name) == ("-0001", "driftseas", "Drift Seas")
    assert identity.limits.choices == (
        ("privacy_level", ("PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY")),
        ("allow_comment", ("",)),
        ("allow_stitch", ("",)),
    )
    assert identity.limits.video is not None
    assert (identity.limits.video.seconds, identity.limits.images) == ((0.0, 300.0), 35)
    assert identity.credentials == {"expires_at": (NOW + timedelta(hours=24)).isoformat()}
    assert identity.advice == ""
    assert one.http.requests[0].headers == {
        "X-Gate": "open",
        "Authorization": "Bearer act.1",
        "Accept": "application/json",
    }
    assert one.http.requests[1].params == (("fields", "open_id,display_name"),)


@pytest.mark.parametrize(("told", "seconds"), [(3600, 600.0), (None, 600.0), ("long", 600.0), (60, 60.0)])
async def test_a_video_is_never_longer_than_the_api_takes(told: object, seconds: float) -> None:
    one = desk(credentials=ACCESS, adding=True, reached=False)
    one.http.on("POST", CREATOR, json_body=creator(max_video_post_duration_sec=told, creator_nickname=None))
    one.http.on("GET", USER, json_body=ok(user={}))
    identity = await one.roles.verifier.verify()
    assert identity.limits.video is not None
    assert (identity.limits.video.seconds, identity.limits.images) == ((0.0, seconds), 0)
    assert (identity.name, identity.remote_id, dict(identity.credentials)) == ("driftseas", "driftseas", {})
    assert identity.advice.startswith("Its token ends within a day and can't be renewed.")


@pytest.mark.parametrize(
    ("at", "answer", "kind", "words"),
    [
        (CREATOR, {"status": 401, "json_body": bad("scope_not_authorized")}, NeedsReauth, "video.publish"),
        (USER, {"status": 401, "json_body": bad("scope_not_authorized")}, NeedsReauth, "user.info.basic"),
        (CREATOR, {"status": 401, "json_body": bad("access_token_invalid")}, NeedsReauth, "token"),
        (CREATOR, {"status": 404, "body": "<html>"}, NeedsOperator, "does not answer as TikTok"),
        (CREATOR, {"json_body": ok(creator_username="")}, Unavailable, "expected JSON"),
    ],
)
async def test_a_token_that_may_not_is_refused_and_the_right_named(
    at: str, answer: dict[str, Any], kind: type[DeskError], words: str
) -> None:
    one = desk(adding=True)
    if at == USER:
        one.http.on("POST", CREATOR, json_body=creator())
    one.http.on("GET" if at == USER else "POST", at, **answer)
    with pytest.raises(kind, match=words) as caught:
        await one.roles.verifier.verify()
    assert not getattr(caught.value, "refreshable", False)


@pytest.mark.parametrize("token", ["", "two words", "größe", "a\nb"])
def test_what_can_be_no_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        desk(credentials={"access_token": token})
    assert caught.value.field == "access_token"


# -- tokens --------------------------------------------------------------------------------------------------------


async def test_a_renewal_spends_the_refresh_token_and_keeps_the_new_one() -> None:
    one = desk(extra_headers={"X-Gate": "open", "Authorization": "no"})
    assert one.roles.refresher is not None
    assert one.roles.refresher.expires_at() is None
    one.http.on("POST", TOKEN, json_body={**FRESH, "refresh_token": "rft.2"})
    found = await one.roles.refresher.refresh()
    ends = NOW + timedelta(hours=24)
    assert found == {**ALL, "access_token": "act.2", "refresh_token": "rft.2", "expires_at": ends.isoformat()}
    request = one.http.requests[0]
    assert dict(request.form) == {
        "grant_type": "refresh_token",
        "refresh_token": "rft.1",
        "client_key": "app-1",
        "client_secret": "app-secret",
    }
    assert (request.headers["X-Gate"], "Authorization" in request.headers) == ("open", False)
    again = desk(credentials=found)
    assert again.roles.refresher is not None
    assert again.roles.refresher.expires_at() == ends


@pytest.mark.parametrize("answer", [FRESH, {**FRESH, "refresh_token": ""}, {**FRESH, "refresh_token": None}])
async def test_an_answer_without_a_refresh_token_keeps_the_old_one(answer: dict[str, object]) -> None:
    one = desk()
    one.http.on("POST", TOKEN, json_body=answer)
    assert one.roles.refresher is not None
    assert (await one.roles.refresher.refresh())["refresh_token"] == "rft.1"


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (400, '{"error":"invalid_grant","error_description":"Refresh token is invalid.","log_id":"L"}', NeedsReauth),
        (200, '{"error":"invalid_grant","error_description":"Refresh token is invalid.","log_id":"L"}', NeedsReauth),
        (401, '{"error":"invalid_client","error_description":"Client key is incorrect."}', NeedsReauth),
        (400, '{"error":"server_error"}', Unavailable),
        (400, '{"error":"rate_limit_exceeded"}', Unavailable),
        (400, "<html>", Unavailable),
        (429, "", RateLimited),
        (503, "", Unavailable),
        (200, "<html>", Unavailable),
        (200, '{"access_token": ""}', Unavailable),
        (200, "[]", Unavailable),
    ],
)
async def test_a_renewal_that_fails_says_whether_it_may_pass(status: int, answer: str, kind: type[DeskError]) -> None:
    one = desk()
    one.http.on("POST", TOKEN, status=status, body=answer)
    assert one.roles.refresher is not None
    with pytest.raises(DeskError) as caught:
        await one.roles.refresher.refresh()
    assert type(caught.value) is kind
    assert not getattr(caught.value, "refreshable", False)
    assert "rft.1" not in f"{caught.value!r} {caught.value}"
    assert "app-secret" not in f"{caught.value!r} {caught.value}"


@pytest.mark.parametrize("missing", ["refresh_token", "client_key", "client_secret"])
def test_a_token_alone_lives_its_day(missing: str) -> None:
    one = desk(credentials={name: value for name, value in ALL.items() if name != missing})
    assert one.roles.refresher is None


# -- counters ------------------------------------------------------------------------------------------------------


def receipt(name: str) -> Receipt:
    return Receipt(part=0, remote_id=name, url="https://www.tiktok.com/@driftseas", at=NOW)


async def test_posts_are_counted_twenty_at_a_time() -> None:
    one = desk()
    names = [str(int(ID) + n) for n in range(21)]
    counted = {"like_count": 3, "comment_count": 0, "share_count": True, "view_count": 90}
    one.http.on("POST", QUERY, json_body=ok(videos=[{"id": names[0], **counted}, {"id": "1"}, {}]))
    one.http.on("POST", QUERY, json_body=ok(videos=[]))
    assert one.roles.metrics is not None
    [found] = await one.roles.metrics.post_metrics([receipt(name) for name in (*names, names[0])])
    assert (found.remote_id, found.impressions, found.likes, found.comments, found.shares) == (names[0], 90, 3, 0, None)
    assert [r.json for r in one.http.requests] == [
        {"filters": {"video_ids": names[:20]}},
        {"filters": {"video_ids": names[20:]}},
    ]
    one.http.finish()


async def test_a_post_that_got_its_id_later_is_counted_under_its_old_name() -> None:
    one = desk()
    one.http.on("POST", STATUS, json_body=ok(status="PUBLISH_COMPLETE", publicaly_available_post_id=[int(ID)]))
    one.http.on("POST", STATUS, json_body=ok(status="PUBLISH_COMPLETE"))
    one.http.on("POST", STATUS, json_body=bad("invalid_publish_id"), status=400)
    one.http.on("POST", QUERY, json_body=ok(videos=[{"id": int(ID), "view_count": 7}]))
    assert one.roles.metrics is not None
    [found] = await one.roles.metrics.post_metrics([receipt(f"p_pub_url~v2.{n}") for n in range(3)])
    assert (found.remote_id, found.impressions) == ("p_pub_url~v2.0", 7)
    one.http.finish()


async def test_the_account_counts_need_their_own_right() -> None:
    one = desk()
    one.http.on("GET", USER, json_body=ok(user={"follower_count": 12, "video_count": 3}))
    one.http.on("GET", USER, json_body=bad("scope_not_authorized"), status=401)
    assert one.roles.metrics is not None
    found = await one.roles.metrics.account_metrics()
    assert (found.followers, found.posts) == (12, 3)
    with pytest.raises(NeedsReauth, match=r"user\.info\.stats"):
        await one.roles.metrics.account_metrics()


# -- the stand-in --------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def seat(tmp_path: Path) -> AsyncIterator[Seat]:
    async with seated(SPEC, tmp_path) as made:
        yield made


async def connected(seat: Seat) -> tuple[Roles, TikTokPublisher]:
    """The account's roles, and its publisher with the smallest pieces there may be."""
    roles = await seat.roles(await seat.connect())
    assert isinstance(roles.publisher, TikTokPublisher)
    return roles, replace(roles.publisher, piece=5_000_000)


async def film(seat: Seat, data: bytes = b"") -> Attachment:
    data = data or padded(tiny_video(0.5, (360, 640), 24), 12_000_000)
    facts = VideoFacts(seconds=12.0, frame_rate=30.0, codec="h264")
    digest = await seat.files.put(data)
    item = MediaItem(digest=digest, mime="video/mp4", width=360, height=640, size=len(data), video=facts)
    return Attachment(item=item, alt="A tide")


async def test_a_video_goes_out_in_pieces(seat: Seat) -> None:
    roles, publisher = await connected(seat)
    video = await film(seat)
    part = seat.part("A tide", media=(video,))
    part = replace(part, handles=dict(await publisher.prepare(part, seat.accounts.read_media)))
    assert await seat.posts() == []
    found = await seat.landed(replace(roles, publisher=publisher), part)
    [post] = await seat.posts()
    assert (post["id"], post["url"], post["text"]) == (found.remote_id, found.url, "A tide")
    assert post["video"] == {"sha256": video.item.digest, "size": video.item.size}
    assert (await seat.control.get(found.url)).status_code == 200


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "status", "html", "empty", "malformed"])
async def test_a_lost_last_piece_is_told_by_the_status(seat: Seat, fault: str) -> None:
    roles, publisher = await connected(seat)
    part = seat.part("A tide", media=(await film(seat),))
    part = replace(part, handles=dict(await publisher.prepare(part, seat.accounts.read_media)))
    await seat.fault(fault)
    try:
        await publisher.send(part)
    except OutcomeUnknown:
        assert roles.finder is not None
        if await roles.finder.find(part) is None:
            assert await seat.posts() == []
            await seat.landed(replace(roles, publisher=publisher), part)
    except StillWorking:
        assert fault in {"empty", "malformed"}  # 201 says it all
    assert len(await seat.posts()) == 1


async def test_an_early_piece_whose_answer_was_lost_is_sent_up_once(seat: Seat) -> None:
    roles, publisher = await connected(seat)
    part = seat.part("A tide", media=(await film(seat),))
    await seat.fault("drop_after")
    part = replace(part, handles=dict(await publisher.prepare(part, seat.accounts.read_media)))
    await seat.landed(replace(roles, publisher=publisher), part)
    assert (len(await seat.posts()), len(await seat.calls("upload"))) == (1, 1)


async def test_an_upload_that_ended_is_begun_anew(seat: Seat) -> None:
    roles, publisher = await connected(seat)
    fresh = seat.part("A tide", media=(await film(seat),))
    part = replace(fresh, handles=dict(await publisher.prepare(fresh, seat.accounts.read_media)))
    await seat.fault("expire_uploads")
    with pytest.raises(Unavailable, match="has ended"):
        await publisher.send(part)
    part = replace(fresh, handles=dict(await publisher.prepare(fresh, seat.accounts.read_media)))
    await seat.landed(replace(roles, publisher=publisher), part)
    assert len(await seat.posts()) == 1


async def test_what_is_no_video_fails_while_it_is_watched(seat: Seat) -> None:
    roles, publisher = await connected(seat)
    part = seat.part("A tide", media=(await film(seat, b"GIF89a".ljust(100, b"v")),))
    part = replace(part, handles=dict(await publisher.prepare(part, seat.accounts.read_media)))
    with pytest.raises(Refused, match="file_format_check_failed"):
        await seat.landed(replace(roles, publisher=publisher), part)
    assert await seat.posts() == []


async def test_a_post_for_oneself_has_no_address_of_its_own(seat: Seat) -> None:
    await seat.control.put("/_practice/creator", json={"audited": False})
    roles = await seat.roles(await seat.connect())
    for level in ("PUBLIC_TO_EVERYONE", "SELF_ONLY"):
        with pytest.raises(NeedsOperator, match="not audited"):
            await seat.send(roles, seat.part("From an open account", options={"privacy_level": level}))
    await seat.control.put("/_practice/creator", json={"private": True})
    with pytest.raises(NeedsOperator, match="not audited"):
        await seat.send(roles, seat.part("For followers", options={"privacy_level": "FOLLOWER_OF_CREATOR"}))
    found = await seat.send(roles, seat.part("For me", options={"privacy_level": "SELF_ONLY"}))
    assert (found.remote_id.startswith("p_pub_url"), found.url) == (True, f"{seat.fields['base_url']}/@driftseas")
    assert roles.metrics is not None
    assert list(await roles.metrics.post_metrics([found])) == []
    assert len(await seat.posts()) == 1


async def test_a_domain_that_is_not_verified_is_the_operators(seat: Seat) -> None:
    await seat.control.put("/_practice/creator", json={"verified_domain": False})
    roles = await seat.roles(await seat.connect())
    with pytest.raises(NeedsOperator, match="proved to own") as caught:
        await seat.send(roles, seat.part("Look"))
    assert "URL properties" in caught.value.next_step


async def test_a_post_that_is_not_listed_is_a_persons_to_decide(seat: Seat) -> None:
    await seat.control.put("/_practice/creator", json={"lists_photos": False})
    roles = await seat.roles(await seat.connect())
    part = await seat.prepared(roles, seat.part("Is it there?"))
    await seat.fault("drop_after")
    with pytest.raises(OutcomeUnknown):
        await roles.publisher.send(part)
    assert roles.finder is not None
    with pytest.raises(OutcomeUnknown, match="no proof"):
        await roles.finder.find(part)
    assert len(await seat.posts()) == 1


async def test_more_posts_than_a_minute_and_a_day_have(seat: Seat) -> None:
    roles = await seat.roles(await seat.connect())
    for number in range(15):
        seat.clock.set(seat.clock.now() + timedelta(seconds=15))
        await seat.send(roles, seat.part(f"Number {number}."))
    seat.clock.set(seat.clock.now() + timedelta(minutes=1))
    with pytest.raises(RateLimited, match="as many posts") as caught:
        await seat.send(roles, seat.part("One more."))
    assert caught.value.until.hour == 0
    part = await seat.prepared(roles, seat.part("Fast."))
    waits = []
    for _ in range(6):
        with pytest.raises(RateLimited) as fast:
            await roles.publisher.send(part)
        waits.append(fast.value.until - seat.clock.now() == timedelta(minutes=1))
    assert waits == [False] * 5 + [True]


async def test_the_stand_in_rotates_and_many_at_once_are_one_renewal(seat: Seat) -> None:
    made = await seat.connect()
    before = await seat.credentials(made.id)
    seat.clock.set(seat.clock.now() + timedelta(hours=23, minutes=30))
    await asyncio.gather(*(seat.accounts.open(made.id) for _ in range(10)))
    after = await seat.credentials(made.id)
    assert len(await seat.calls("session")) == 1
    assert after["refresh_token"] != before["refresh_token"]
    assert (await seat.accounts.verify(made.id)).handle == "driftseas"
