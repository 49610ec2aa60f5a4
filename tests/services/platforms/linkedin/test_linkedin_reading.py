"""What a LinkedIn token may read decides the roles; proof by the author's own posts; counters, comments, the past."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.domain.account import Identity
from services.domain.delivery import Receipt
from services.domain.errors import NeedsOperator, NeedsReauth, OutcomeUnknown, RateLimited, Unavailable
from services.domain.metrics import PostMetrics
from services.platforms.linkedin import SPEC
from services.ports.platform import OutgoingPart, Role, Roles
from tests.contracts.networks import seated
from tests.services.platforms.linkedin.helpers import (
    COMMENTS,
    HOUR,
    MEMBER,
    NOW,
    PAGE,
    POSTS,
    STATISTICS,
    TOKEN,
    URN,
    Desk,
    comment,
    desk,
    part,
    picture,
    post,
    receipt,
    refusal,
    share,
)

DENIED = refusal(403, "ACCESS_DENIED", "Not enough permissions")
NEVER = ("watcher", "hider")
RENEWING = {"refresh_token": "refresh-1", "client_id": "app", "client_secret": "secret"}


def lacking(roles: Roles) -> set[str]:
    return {one.name for one in fields(Roles) if one.name in set(Role) and getattr(roles, one.name) is None}


def test_a_role_that_the_token_cannot_play_is_not_supplied() -> None:
    reading = {"finder", "metrics", "comments", "history", "replier"}
    assert lacking(desk().roles) == {"refresher", *NEVER}
    assert lacking(desk(reads="no").roles) == {*reading, "refresher", *NEVER}
    assert lacking(desk(author=MEMBER).roles) == {*reading, "refresher", *NEVER}
    assert lacking(desk(author=MEMBER, reads="yes").roles) == {"metrics", "refresher", *NEVER}
    assert lacking(desk(RENEWING).roles) == {*NEVER}


# -- verifying -----------------------------------------------------------------------------------------------------


async def test_a_page_is_known_by_its_names_and_reading_is_tried() -> None:
    for status, answer, reads in ((200, {"elements": []}, "yes"), (403, DENIED, "no")):
        one = desk(adding=True)
        one.http.on(
            "GET", "/rest/organizations/12345", json_body={"localizedName": "Drift Seas", "vanityName": "drift"}
        )
        one.http.on("GET", POSTS, status=status, json_body=answer)
        identity = await one.roles.verifier.verify()
        assert (identity.remote_id, identity.handle, identity.name) == (PAGE, "drift", "Drift Seas")
        since = NOW.isoformat()
        assert dict(identity.credentials) == {"author": PAGE, "reads": reads, "access_token_since": since}
        assert identity.limits.choices_of("visibility") == ("PUBLIC",)


async def verified(**given: Any) -> Identity:
    one = desk(adding=True, **given)
    one.http.on("GET", "/rest/organizations/12345", json_body={"localizedName": "Drift Seas", "vanityName": "drift"})
    one.http.on("GET", POSTS, json_body={"elements": []})
    return await one.roles.verifier.verify()


async def test_a_pasted_token_ends_sixty_days_after_it_came_at_the_latest() -> None:
    pasted = (await verified()).credentials
    assert desk(pasted).roles.ends_at == NOW + timedelta(days=60)
    told = {"expires_at": (NOW + timedelta(days=9)).isoformat()}
    assert "access_token_since" not in (await verified(given=told)).credentials
    assert desk(told).roles.ends_at == NOW + timedelta(days=9)
    renewed = {"refresh_token": "r", "client_id": "c", "client_secret": "s"}
    for given in ({"given": renewed}, {"base_url": "http://127.0.0.1:9/linkedin"}):
        assert "access_token_since" not in (await verified(**given)).credentials


@pytest.mark.parametrize(("version", "age"), [("202505", "10 months"), ("202506", ""), ("202608", "")])
async def test_an_old_version_is_named_before_it_is_retired(version: str, age: str) -> None:
    advice = (await verified(version=version)).advice
    assert (age in advice) if age else not advice


async def test_a_page_that_may_only_be_written_is_known_by_its_number() -> None:
    one = desk(adding=True)
    one.http.on("GET", "/rest/organizations/12345", status=403, json_body=DENIED)
    one.http.on("GET", POSTS, status=403, json_body=DENIED)
    identity = await one.roles.verifier.verify()
    assert (identity.remote_id, identity.handle) == (PAGE, "12345")


async def test_a_member_needs_no_author_and_is_checked_against_one() -> None:
    for given in ("", MEMBER):
        one = desk(adding=True, author=given)
        one.http.on("GET", "/v2/userinfo", json_body={"sub": "abc-123", "name": "Mira Sol"})
        one.http.on("GET", POSTS, status=403, json_body=DENIED)
        identity = await one.roles.verifier.verify()
        assert (identity.remote_id, identity.handle) == (MEMBER, "Mira Sol")
        assert identity.limits.choices_of("visibility") is None
        assert "author=urn%3Ali%3Aperson%3Aabc-123" in one.http.requests[-1].url
    other = desk(adding=True, author="urn:li:person:other")
    other.http.on("GET", "/v2/userinfo", json_body={"sub": "abc-123"})
    with pytest.raises(NeedsReauth, match="another member"):
        await other.roles.verifier.verify()


async def test_a_member_without_sign_in_rights_must_be_named() -> None:
    named = desk(adding=True, author=MEMBER)
    named.http.on("GET", "/v2/userinfo", status=403, json_body=DENIED)
    named.http.on("GET", POSTS, status=403, json_body=DENIED)
    assert (await named.roles.verifier.verify()).remote_id == MEMBER
    unknown = desk(adding=True, author="")
    unknown.http.on("GET", "/v2/userinfo", status=403, json_body=DENIED)
    with pytest.raises(NeedsReauth, match="openid profile") as caught:
        await unknown.roles.verifier.verify()
    assert "For a page give its author, such as urn:li:organization:" in caught.value.next_step
    nowhere = desk(adding=True)
    nowhere.http.on("GET", "/rest/organizations/12345", status=404, body="")
    with pytest.raises(NeedsOperator, match="no such page"):
        await nowhere.roles.verifier.verify()


# -- proof ---------------------------------------------------------------------------------------------------------


async def find(one: Desk, outgoing: OutgoingPart) -> Receipt | None:
    assert one.roles.finder is not None
    return await one.roles.finder.find(outgoing)


async def test_a_post_is_known_again_by_its_words_unescaped() -> None:
    one = desk()
    shown = post(URN, r"Ship it \(beta\) {hashtag|\#|launch}")
    one.http.on("GET", POSTS, json_body={"elements": [post(share(NOW, 2), "Another"), shown]})
    found = await find(one, part("Ship it (beta) #launch"))
    assert found is not None
    assert (found.remote_id, found.at) == (URN, NOW)
    request = one.http.requests[0]
    assert request.url.endswith("q=author&author=urn%3Ali%3Aorganization%3A12345&start=0&count=100&sortBy=CREATED")
    assert request.headers["X-RestLi-Method"] == "FINDER"


@pytest.mark.parametrize(
    "other",
    [
        post(URN, "Hello!"),
        post(URN, "Hello", NOW - timedelta(minutes=3)),
        post(URN, "Hello", reshareContext={"parent": "urn:li:share:1"}),
    ],
)
async def test_what_is_not_among_all_posts_since_then_is_absent(other: dict[str, object]) -> None:
    one = desk()
    one.http.on("GET", POSTS, json_body={"elements": [other]})
    assert await find(one, part("Hello")) is None


async def test_pictures_are_known_by_their_uploads_or_not_at_all() -> None:
    media = {"media": {"id": "urn:li:image:I1"}}
    ours, known = post(URN, "", content=media), {"image.0": "urn:li:image:I1"}
    one = desk()
    one.http.on("GET", POSTS, json_body={"elements": [ours]})
    assert await find(one, part("", media=(picture(),), handles=known)) is not None
    one.http.on("GET", POSTS, json_body={"elements": [ours]})
    assert await find(one, part("", media=(picture(),), handles={"image.0": "urn:li:image:I2"})) is None
    one.http.on("GET", POSTS, json_body={"elements": [ours]})
    with pytest.raises(OutcomeUnknown, match="nobody can tell"):
        await find(one, part("", media=(picture(),)))


async def test_pages_without_end_and_refusals_prove_nothing() -> None:
    one = desk()
    full = {"elements": [post(share(NOW, n), "Other") for n in range(100)]}
    for _ in range(5):
        one.http.on("GET", POSTS, json_body=full)
    with pytest.raises(OutcomeUnknown, match="could not all be read"):
        await find(one, part("Hello"))
    one.http.on("GET", POSTS, status=404, json_body=refusal(404, "NOT_FOUND", "x"))
    with pytest.raises(OutcomeUnknown, match="does not show"):
        await find(one, part("Hello"))
    one.http.on("GET", POSTS, lost=True)
    with pytest.raises(Unavailable):
        await find(one, part("Hello"))


async def test_a_later_part_is_sought_among_our_comments() -> None:
    one = desk()
    first = f"urn:li:comment:({URN},61)"
    theirs, old = comment("60", "Two", actor=MEMBER), comment("59", "Two", actor=PAGE, at=NOW - HOUR)
    one.http.on("GET", COMMENTS, json_body={"elements": [old, theirs, comment("61", "Two", actor=PAGE)]})
    found = await find(one, part("Two", index=1, count=3, receipts=(receipt(),)))
    assert found is not None
    assert (found.remote_id, found.part) == (first, 1)
    one.http.on("GET", COMMENTS, json_body={"elements": []})
    assert await find(one, part("Three", index=2, count=3, receipts=(receipt(), receipt(first, 1)))) is None
    assert "%2C61%29/comments" in one.http.requests[-1].url


# -- numbers and voices --------------------------------------------------------------------------------------------


async def test_counters_of_shares_and_of_older_posts_are_asked_for_apart() -> None:
    one = desk()
    assert one.roles.metrics is not None
    counts = {
        "impressionCount": 900,
        "uniqueImpressionsCount": 600,
        "clickCount": 5,
        "likeCount": 9,
        "commentCount": 2,
        "shareCount": 4,
    }
    renamed = {"uniqueImpressionsCounts": 7, "likeCount": "many"}
    ugc = "urn:li:ugcPost:77"
    one.http.on("GET", STATISTICS, json_body={"elements": [{"share": URN, "totalShareStatistics": counts}]})
    one.http.on("GET", STATISTICS, json_body={"elements": [{"ugcPost": ugc, "totalShareStatistics": renamed}]})
    found = await one.roles.metrics.post_metrics([receipt(ugc), receipt(), receipt(share(NOW, 5))])
    assert found == [
        PostMetrics(remote_id=ugc, at=NOW, reach=7),
        PostMetrics(remote_id=URN, at=NOW, impressions=900, reach=600, clicks=5, likes=9, comments=2, shares=4),
    ]
    encoded = URN.replace(":", "%3A")
    other = share(NOW, 5).replace(":", "%3A")
    assert one.http.requests[0].url.endswith(f"&shares=List({encoded},{other})")
    assert one.http.requests[1].url.endswith("&ugcPosts=List(urn%3Ali%3AugcPost%3A77)")


async def test_followers_are_counted_and_posts_are_not() -> None:
    one = desk()
    assert one.roles.metrics is not None
    one.http.on("GET", "", json_body={"firstDegreeSize": 12})
    found = await one.roles.metrics.account_metrics()
    assert (found.followers, found.posts) == (12, None)
    assert one.http.requests[0].url.endswith("?edgeType=COMPANY_FOLLOWED_BY_MEMBER")


async def test_comments_and_the_answers_to_them_come_oldest_first_without_ours() -> None:
    one = desk()
    early = comment("61", "Why?", at=NOW - HOUR, commentsSummary={"totalFirstLevelComments": 1})
    below = comment("63", "Indeed, why?", actor="urn:li:person:other", at=NOW + HOUR)
    one.http.on("GET", COMMENTS, json_body={"elements": [early, comment("62", "Because", actor=PAGE)]})
    one.http.on("GET", COMMENTS, json_body={"elements": [below]})
    assert one.roles.comments is not None
    found = await one.roles.comments.comments(receipt(), None)
    first = f"urn:li:comment:({URN},61)"
    assert [(c.remote_id, c.parent_id, c.author, c.text) for c in found] == [
        (first, URN, MEMBER, "Why?"),
        (f"urn:li:comment:({URN},63)", first, "urn:li:person:other", "Indeed, why?"),
    ]
    assert dict(found[1].extra) == {"parent": first}
    one.http.on("GET", COMMENTS, status=404, json_body=refusal(404, "NOT_FOUND", "x"))
    assert list(await one.roles.comments.comments(receipt(), NOW)) == []


async def test_the_past_is_ours_unescaped_and_counted() -> None:
    one = desk()
    many = {"multiImage": {"images": [{"id": "urn:li:image:1"}, {"id": "urn:li:image:2"}]}}
    shared = post(share(NOW, 1), "See", reshareContext={"parent": "urn:li:share:1"})
    listed = [shared, post(URN, r"a\_b", content=many), post(share(NOW, 3), "old", NOW - timedelta(days=50))]
    one.http.on("GET", POSTS, json_body={"elements": listed})
    one.http.on("GET", STATISTICS, json_body={"elements": [{"share": URN, "totalShareStatistics": {"likeCount": 3}}]})
    assert one.roles.history is not None
    [past] = await one.roles.history.past_posts(NOW - timedelta(days=42), limit=10)
    assert (past.text, past.pictures, past.at, past.metrics.likes) == ("a_b", 2, NOW, 3)


# -- tokens --------------------------------------------------------------------------------------------------------


async def test_a_partners_token_is_renewed_and_an_empty_refresh_token_changes_nothing() -> None:
    for answer, kept in (
        ({"refresh_token": "refresh-2"}, "refresh-2"),
        ({"refresh_token": ""}, "refresh-1"),
        ({}, "refresh-1"),
    ):
        one = desk(RENEWING)
        assert one.roles.refresher is not None
        one.http.on("POST", "/oauth/v2/accessToken", json_body={"access_token": "new", "expires_in": 60, **answer})
        fresh = await one.roles.refresher.refresh()
        assert (fresh["access_token"], fresh["refresh_token"]) == ("new", kept)
        assert fresh["expires_at"] == (NOW + timedelta(minutes=1)).isoformat()
        assert one.http.requests[0].url == "https://www.linkedin.com/oauth/v2/accessToken"
        assert dict(one.http.requests[0].form)["grant_type"] == "refresh_token"
        again = desk({**RENEWING, "expires_at": fresh["expires_at"]})
        assert again.roles.refresher is not None
        assert again.roles.refresher.expires_at() == NOW + timedelta(minutes=1)


async def test_an_own_server_stands_for_all_of_linkedins() -> None:
    one = desk(RENEWING, base_url="http://127.0.0.1:9/linkedin")
    assert one.roles.refresher is not None
    one.http.on("POST", "/oauth/v2/accessToken", status=400, json_body={"error": "invalid_grant"})
    with pytest.raises(NeedsReauth, match="no longer renews") as caught:
        await one.roles.refresher.refresh()
    assert not caught.value.refreshable
    assert one.http.requests[0].url == "http://127.0.0.1:9/linkedin/oauth/v2/accessToken"


@pytest.mark.parametrize(
    ("status", "answer", "kind"), [(503, "", Unavailable), (200, "<p>", Unavailable), (429, "", RateLimited)]
)
async def test_a_renewal_lost_in_passing_is_tried_again(status: int, answer: str, kind: type[Exception]) -> None:
    one = desk(RENEWING)
    one.http.on("POST", "/oauth/v2/accessToken", status=status, body=answer)
    assert one.roles.refresher is not None
    with pytest.raises(kind):
        await one.roles.refresher.refresh()


async def test_an_ended_token_may_be_renewed_only_where_it_can_be() -> None:
    for more, refreshable in ((RENEWING, True), ({}, False)):
        one = desk(more)
        one.http.on("POST", POSTS, status=401, json_body=refusal(401, "EXPIRED_ACCESS_TOKEN", "expired"))
        with pytest.raises(NeedsReauth) as caught:
            await one.roles.publisher.send(part("Hello"))
        assert caught.value.refreshable is refreshable


# -- a member on the stand-in --------------------------------------------------------------------------------------


async def test_a_member_of_a_self_serve_app_posts_and_only_a_person_can_tell_what_was_lost(tmp_path: Path) -> None:
    async with seated(SPEC, tmp_path) as seat:
        minted = (await seat.control.post("/_practice/tokens", json={"network": "linkedin"})).json()
        account = await seat.connect(minted)
        assert (account.remote_id, account.handle) == (minted["author"], "Drift Seas")
        roles = await seat.roles(account)
        assert {"finder", "metrics", "comments", "history", "replier"} <= lacking(roles)
        shown = (await seat.picture("Alt."),)
        draft = await seat.prepared(roles, seat.part("Is it (there)?", media=shown))
        await seat.fault("drop_after")
        with pytest.raises(OutcomeUnknown):
            await roles.publisher.send(draft)
        [live] = await seat.posts()
        # A person said that it is not there: the refused duplicate names the post, and that is the proof.
        assert (await roles.publisher.send(draft)).remote_id == live["id"]
        assert [post["text"] for post in await seat.posts()] == ["Is it (there)?"]
        assert TOKEN not in repr(roles)
