"""Publishing on LinkedIn over a scripted wire: the frame of a post, pictures, comments, duplicates, refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.domain.errors import (
    DeskError,
    InvalidInput,
    NeedsOperator,
    NeedsReauth,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from services.domain.media import Picture
from services.domain.post import Severity
from services.platforms.linkedin import SPEC
from services.ports.platform import OutgoingPart
from tests.builders import a_variant, an_account
from tests.media_samples import moving_gif
from tests.services.platforms.linkedin.helpers import (
    API,
    COMMENTS,
    HOUR,
    IMAGES,
    MEMBER,
    NOW,
    PAGE,
    POSTS,
    TOKEN,
    URN,
    Desk,
    body,
    comment,
    desk,
    duplicate_of,
    part,
    picture,
    post,
    read_media,
    receipt,
    refusal,
    share,
)

FRAME = {
    "author": PAGE,
    "commentary": "Hello",
    "visibility": "PUBLIC",
    "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
    "lifecycleState": "PUBLISHED",
    "isReshareDisabledByAuthor": False,
}


async def sent(one: Desk, outgoing: OutgoingPart) -> dict[str, Any]:
    one.http.on("POST", POSTS, status=201, body="", headers={"X-RestLi-Id": URN})
    await one.roles.publisher.send(outgoing)
    return body(one.http.requests[-1])


async def test_a_post_is_framed_as_linkedin_wants_it_and_named_by_a_header() -> None:
    one = desk(extra_headers={"X-Gate": "open", "linkedin-version": "199001"}, version="202610")
    one.http.on("POST", POSTS, status=201, body="", headers={"x-restli-id": URN.replace(":", "%3A")})
    found = await one.roles.publisher.send(part("Hello"))
    request = one.http.requests[-1]
    assert body(request) == FRAME
    assert request.url == f"{API}/rest/posts"
    assert {name.lower(): value for name, value in request.headers.items()} == {
        "accept": "application/json",
        "authorization": f"Bearer {TOKEN}",
        "linkedin-version": "202610",
        "x-restli-protocol-version": "2.0.0",
        "x-gate": "open",
    }
    assert (found.remote_id, found.url, found.at) == (URN, f"https://www.linkedin.com/feed/update/{URN}/", NOW)


async def test_a_text_is_escaped_on_its_way() -> None:
    sent_body = await sent(desk(), part("Ship it (beta) #launch"))
    assert sent_body["commentary"] == r"Ship it \(beta\) {hashtag|\#|launch}"


async def test_a_member_chooses_who_sees_it_and_a_page_is_public() -> None:
    member = desk(author=MEMBER)
    sent_body = await sent(member, part("Hello", options={"visibility": "CONNECTIONS"}))
    assert (sent_body["author"], sent_body["visibility"]) == (MEMBER, "CONNECTIONS")
    with pytest.raises(Refused, match="public"):
        await desk().roles.publisher.send(part("Hello", options={"visibility": "CONNECTIONS"}))
    with pytest.raises(Refused, match="nobody"):
        await member.roles.publisher.send(part("Hello", options={"visibility": "nobody"}))


# -- pictures ------------------------------------------------------------------------------------------------------


def uploads(one: Desk, *numbers: int, states: tuple[str, ...] = ("AVAILABLE",), host: str = "www.linkedin.com") -> None:
    for number in numbers:
        urn = f"urn:li:image:I{number}"
        value = {"uploadUrl": f"https://{host}/dms-uploads/{number}?sig=s3cret", "image": urn}
        one.http.on("POST", IMAGES, json_body={"value": value})
        one.http.on("PUT", f"/dms-uploads/{number}", status=201, body="")
        for state in states:
            one.http.on("GET", f"/rest/images/urn%3Ali%3Aimage%3AI{number}", json_body={"id": urn, "status": state})


async def test_one_picture_is_media_and_several_are_a_multi_image() -> None:
    one = desk()
    uploads(one, 1, 2)
    shown = part("Look", media=(picture("One"), picture("")))
    handles = await one.roles.publisher.prepare(shown, read_media)
    assert handles == {"image.0": "urn:li:image:I1", "image.1": "urn:li:image:I2", "made_at": NOW.isoformat()}
    begun, put = one.http.requests[:2]
    assert body(begun) == {"initializeUploadRequest": {"owner": PAGE}}
    assert (put.content, put.headers["Authorization"]) == (b"\x89PNGxxxxxxxx", f"Bearer {TOKEN}")
    assert "s3cret" not in repr(handles)
    content = (await sent(one, replace(shown, handles=handles)))["content"]
    two = [{"id": "urn:li:image:I1", "altText": "One"}, {"id": "urn:li:image:I2"}]
    assert content == {"multiImage": {"images": two}}
    alone = part("Look", media=(picture("One"),), handles={"image.0": "urn:li:image:I1"})
    assert (await sent(one, alone))["content"] == {"media": {"id": "urn:li:image:I1", "altText": "One"}}


async def test_a_page_waits_until_its_picture_is_ready_and_a_member_waits_blindly() -> None:
    one = desk()
    uploads(one, 1, states=("PROCESSING", "WAITING_UPLOAD", "AVAILABLE"))
    slept = await _slept(one, part("Look", media=(picture(),)))
    assert slept == [1.0, 2.0]
    member = desk(author=MEMBER)
    uploads(member, 1, states=())
    assert await _slept(member, part("Look", media=(picture(),))) == [20.0]


async def _slept(one: Desk, outgoing: OutgoingPart) -> list[float]:
    import asyncio

    work = asyncio.ensure_future(one.roles.publisher.prepare(outgoing, read_media))
    for _ in range(60):
        await one.clock.advance(1)
    await work
    return one.clock.slept


async def test_a_picture_that_linkedin_cannot_read_is_refused() -> None:
    one = desk()
    uploads(one, 1, states=("PROCESSING_FAILED",))
    with pytest.raises(Refused, match="could not read"):
        await one.roles.publisher.prepare(part("Look", media=(picture(),)), read_media)


@pytest.mark.parametrize("host", ["evil.example", "linkedin.com.evil.example", "127.0.0.1"])
async def test_the_token_goes_to_linkedins_hosts_only(host: str) -> None:
    one = desk()
    uploads(one, 1, host=host)
    with pytest.raises(NeedsOperator) as caught:
        await one.roles.publisher.prepare(part("Look", media=(picture(),)), read_media)
    assert [call for call in one.http.calls() if call.startswith("PUT")] == []
    assert "s3cret" not in f"{caught.value!r} {caught.value}"


@pytest.mark.parametrize(
    ("pictures", "words"),
    [
        ((picture(),) * 21, "21 pictures, LinkedIn takes 20"),
        ((picture(mime="image/webp"),), "image/webp"),
        ((picture(size=5_000_001),), "5,000,001 bytes"),
        ((picture(side=6100),), "37,210,000 pixels"),
    ],
)
async def test_what_linkedin_would_not_take_is_not_uploaded(pictures: tuple[Any, ...], words: str) -> None:
    one = desk()
    with pytest.raises(Refused, match=words):
        await one.roles.publisher.prepare(part("Look", media=pictures), read_media)
    assert one.http.requests == []


async def test_a_gif_that_moves_too_long_is_refused() -> None:
    async def read(_: Picture) -> bytes:
        return moving_gif(251)

    one = desk()
    with pytest.raises(Refused, match="251 frames, LinkedIn takes 250"):
        await one.roles.publisher.prepare(part("Look", media=(picture(mime="image/gif"),)), read)
    assert one.http.requests == []


async def test_uploads_are_kept_for_hours_and_an_expired_place_is_tried_again() -> None:
    one = desk()
    kept = {"image.0": "urn:li:image:I1", "made_at": (NOW - HOUR).isoformat()}
    shown = part("Look", media=(picture(),), handles=kept)
    assert await one.roles.publisher.prepare(shown, read_media) == kept
    with pytest.raises(Unavailable, match="not uploaded"):
        await one.roles.publisher.send(part("Look", media=(picture(),)))
    one.http.on("POST", IMAGES, json_body={"value": {"uploadUrl": f"{API}/up/1", "image": "urn:li:image:I1"}})
    one.http.on("PUT", "/up/1", status=403, json_body=refusal(403, "EXPIRED", "expired"))
    with pytest.raises(Unavailable, match="expired"):
        await one.roles.publisher.prepare(part("Look", media=(picture(),)), read_media)


# -- link cards ----------------------------------------------------------------------------------------------------


LINK = "https://example.com/ship"
PAGE_OF_LINK = (
    '<head><title>The ship</title><meta name="description" content="It sails."/>'
    '<meta property="og:image" content="https://example.com/ship.png"/></head>'
)
HTML = {"content-type": "text/html"}


async def test_the_first_link_gets_a_card_of_our_making() -> None:
    one = desk()
    one.http.on("GET", "/ship", body=PAGE_OF_LINK, headers=HTML)
    one.http.on("GET", "/ship.png", body=b"\x89PNG\r\n\x1a\nxx")
    uploads(one, 1)
    outgoing = part(f"Read {LINK}, and https://example.com/other")
    assert one.roles.publisher.needs_preparing(outgoing)
    handles = await one.roles.publisher.prepare(outgoing, read_media)
    prepared = replace(outgoing, handles=handles)
    article = {"source": LINK, "title": "The ship", "description": "It sails.", "thumbnail": "urn:li:image:I1"}
    assert (await sent(one, prepared))["content"] == {"article": article}
    assert await one.roles.publisher.prepare(prepared, read_media) == handles
    assert "content" not in await sent(one, replace(prepared, text="Read https://example.com/other"))
    one.http.finish()


async def test_a_card_without_its_picture_is_a_card_and_a_page_that_cannot_be_read_is_none() -> None:
    one = desk()
    one.http.on("GET", "/ship", body=PAGE_OF_LINK, headers=HTML)
    one.http.on("GET", "/ship.png", body=b"\x89PNG\r\n\x1a\nxx")
    one.http.on("POST", IMAGES, status=403, json_body=refusal(403, "ACCESS_DENIED", "no"))
    handles = await one.roles.publisher.prepare(part(LINK), read_media)
    assert "article.thumbnail" not in handles
    assert handles["article.title"] == "The ship"
    one.http.on("GET", "/ship", status=404, body="")
    assert await one.roles.publisher.prepare(part(LINK), read_media) == {}
    assert "content" not in await sent(one, part(LINK))


async def test_pictures_later_parts_and_practice_need_no_card() -> None:
    one = desk()
    later = part(LINK, index=1, count=2, receipts=(receipt(),))
    assert not one.roles.publisher.needs_preparing(later)
    assert not desk(practice=True).roles.publisher.needs_preparing(part(LINK))
    assert await desk(practice=True).roles.publisher.prepare(part(LINK), read_media) == {}
    uploads(one, 1)
    shown = part(LINK, media=(picture("One"),))
    handles = await one.roles.publisher.prepare(shown, read_media)
    assert set((await sent(one, replace(shown, handles=handles)))["content"]) == {"media"}
    assert one.http.pages == []


# -- later parts ---------------------------------------------------------------------------------------------------


async def test_the_second_part_is_a_comment_and_the_third_stands_below_it() -> None:
    one = desk()
    first = f"urn:li:comment:({URN},61)"
    made = comment("61", "Two (plain)")
    one.http.on("POST", COMMENTS, status=201, json_body=made, headers={"x-restli-id": "61"})
    found = await one.roles.publisher.send(part("Two (plain)", index=1, count=3, receipts=(receipt(),)))
    assert body(one.http.requests[-1]) == {"actor": PAGE, "object": URN, "message": {"text": "Two (plain)"}}
    assert found.remote_id == first
    assert found.url.startswith(f"https://www.linkedin.com/feed/update/{URN}/?commentUrn=urn%3Ali%3Acomment")
    one.http.on("POST", COMMENTS, status=201, json_body={"id": "62"})
    third = part("Three", index=2, count=3, receipts=(receipt(), receipt(first, 1)))
    assert (await one.roles.publisher.send(third)).remote_id == f"urn:li:comment:({URN},62)"
    assert body(one.http.requests[-1])["parentComment"] == first
    assert "%2C61%29/comments" in one.http.requests[-1].url


async def test_a_later_part_must_fit_into_a_comment() -> None:
    with pytest.raises(Refused, match="1300 characters") as caught:
        await desk().roles.publisher.send(part("a" * 1300, index=1, count=2, receipts=(receipt(),)))
    assert "Shorten it by 50" in caught.value.fix
    variant = a_variant(parts=("a" * 1300, "b" * 1250, "c" * 1251))
    [problem] = SPEC.check_options(variant, an_account(limits=SPEC.default_limits))
    assert (problem.severity, problem.fix) == (Severity.BLOCK, "Shorten it by 1, or put more into the first part.")
    assert problem.message.startswith("Part 3 has 1251 characters")


async def test_in_a_comment_a_mention_is_the_name_and_counts_as_such() -> None:
    one = desk()
    named = "With @[Harbour (Co)](urn:li:organization:5) " + "x" * 1230
    one.http.on("POST", COMMENTS, status=201, json_body={"id": "61"})
    await one.roles.publisher.send(part(named, index=1, count=2, receipts=(receipt(),)))
    said = body(one.http.requests[-1])["message"]["text"]
    assert said == "With Harbour (Co) " + "x" * 1230
    assert one.roles.finder is not None
    one.http.on("GET", COMMENTS, json_body={"elements": [comment("61", said, actor=PAGE)]})
    assert await one.roles.finder.find(part(named, index=1, count=2, receipts=(receipt(),))) is not None


async def test_a_thread_whose_post_is_gone_says_so() -> None:
    one = desk()
    one.http.on("POST", COMMENTS, status=404, json_body=refusal(404, "NOT_FOUND", "x"))
    with pytest.raises(Refused, match="post is gone"):
        await one.roles.publisher.send(part("Two", index=1, count=2, receipts=(receipt(),)))


async def test_posts_and_comments_are_deleted_in_their_own_ways() -> None:
    one = desk()
    assert one.roles.deleter is not None
    one.http.on("DELETE", "", status=204, body="")
    await one.roles.deleter.delete(receipt())
    assert one.http.requests[-1].headers["X-RestLi-Method"] == "DELETE"
    assert one.http.requests[-1].url == f"{API}/rest/posts/{URN.replace(':', '%3A')}"
    one.http.on("DELETE", "/comments/61", status=404, json_body=refusal(404, "NOT_FOUND", "x"))
    await one.roles.deleter.delete(receipt(f"urn:li:comment:({URN},61)", 1))
    assert one.http.requests[-1].url.endswith("/comments/61?actor=urn%3Ali%3Aorganization%3A12345")


# -- duplicates ----------------------------------------------------------------------------------------------------


async def test_a_named_duplicate_that_is_ours_and_fresh_is_the_post() -> None:
    one = desk()
    one.http.on("POST", POSTS, status=422, json_body=duplicate_of(URN))
    one.http.on("GET", URN.replace(":", "%3A"), json_body=post(URN, "Hello", NOW + timedelta(seconds=3)))
    found = await one.roles.publisher.send(part("Hello"))
    assert (found.remote_id, found.at) == (URN, NOW + timedelta(seconds=3))


@pytest.mark.parametrize(("text", "at"), [("Hello", NOW - HOUR), ("Something else", NOW)], ids=["older", "another"])
async def test_a_named_duplicate_that_is_another_post_is_a_refusal(text: str, at: datetime) -> None:
    one = desk()
    one.http.on("POST", POSTS, status=409, json_body=duplicate_of(URN))
    one.http.on("GET", URN.replace(":", "%3A"), json_body=post(URN, text, at))
    with pytest.raises(Refused, match=URN):
        await one.roles.publisher.send(part("Hello"))


async def test_without_reading_the_number_itself_tells_how_old_a_duplicate_is() -> None:
    member = desk(author=MEMBER)
    member.http.on("POST", POSTS, status=422, json_body=duplicate_of(URN))
    assert (await member.roles.publisher.send(part("Hello"))).at == NOW
    old = share(NOW - HOUR)
    member.http.on("POST", POSTS, status=422, json_body=duplicate_of(old))
    with pytest.raises(Refused, match="already"):
        await member.roles.publisher.send(part("Hello"))
    member.http.on("POST", POSTS, status=422, json_body=duplicate_of("urn:li:ugcPost:77"))
    assert (await member.roles.publisher.send(part("Hello"))).remote_id == "urn:li:ugcPost:77"
    member.http.on("POST", POSTS, status=422, json_body=refusal(422, "X", "It is a duplicate.", "DUPLICATE_POST"))
    with pytest.raises(Refused, match="duplicate"):
        await member.roles.publisher.send(part("Hello"))


async def test_a_duplicate_without_a_name_is_looked_for() -> None:
    one = desk()
    one.http.on("POST", POSTS, status=422, json_body=refusal(422, "X", "It is a duplicate.", "DUPLICATE_POST"))
    one.http.on("GET", POSTS, json_body={"elements": [post(URN, "Hello")]})
    assert (await one.roles.publisher.send(part("Hello"))).remote_id == URN


# -- refusals ------------------------------------------------------------------------------------------------------


ROWS: list[tuple[int, object, type[DeskError], str]] = [
    (400, refusal(400, "VERSION_MISSING", "A version must be present."), NeedsOperator, "version"),
    (426, refusal(426, "NONEXISTENT_VERSION", "Requested version 202501 is not active"), NeedsOperator, "newer"),
    (426, "", NeedsOperator, "version"),
    (400, refusal(400, "MEDIA_ASSET_WAITING_UPLOAD", "waiting"), Unavailable, "not done"),
    (422, refusal(422, "X", "processing", "MEDIA_ASSET_PROCESSING"), Unavailable, "not done"),
    (400, refusal(400, "BAD_REQUEST", "Could not parse"), Refused, "Could not parse"),
    (422, refusal(422, "UNPROCESSABLE_ENTITY", "too long", "FIELD_LENGTH_TOO_LONG"), Refused, "too long"),
    (401, refusal(401, "EXPIRED_ACCESS_TOKEN", "The token has expired"), NeedsReauth, "60 days"),
    (403, refusal(403, "ACCESS_DENIED", "Not enough permissions"), NeedsReauth, "w_organization_social"),
    (403, "<html>", NeedsOperator, "firewall"),
    (404, refusal(404, "NOT_FOUND", "No virtual resource found"), Refused, "No virtual resource"),
    (405, "", NeedsOperator, "base_url"),
    (302, "", NeedsOperator, "base_url"),
    (408, "", OutcomeUnknown, "could not say"),
    (413, "", Refused, "too large"),
    (451, "[[[", Refused, "451"),
]


@pytest.mark.parametrize(("status", "answer", "kind", "words"), ROWS)
async def test_each_refusal_has_its_consequence(status: int, answer: object, kind: type[DeskError], words: str) -> None:
    one = desk()
    one.http.on("POST", POSTS, status=status, body=answer if isinstance(answer, str) else json.dumps(answer))
    with pytest.raises(kind) as caught:
        await one.roles.publisher.send(part("Hello"))
    error = caught.value
    assert words in f"{error.message} {error.next_step}"
    assert error.message.endswith(".")
    assert error.next_step or isinstance(error, OutcomeUnknown)
    assert TOKEN not in f"{error!r} {error}"


async def test_what_linkedin_sometimes_takes_back_is_tried_once_more_and_keeps_its_uploads() -> None:
    one = desk()
    forbidden = refusal(403, "ACCESS_DENIED", "The resource is forbidden")
    shown = part("Look", media=(picture(),), handles={"image.0": "urn:li:image:I1", "made_at": NOW.isoformat()})
    one.http.on("POST", POSTS, status=403, json_body=forbidden)
    with pytest.raises(Unavailable) as caught:
        await one.roles.publisher.send(shown)
    kept = replace(
        shown, handles=await one.roles.publisher.prepare(replace(shown, handles=caught.value.handles), read_media)
    )
    one.http.on("POST", POSTS, status=403, json_body=forbidden)
    with pytest.raises(NeedsReauth, match="w_organization_social"):
        await one.roles.publisher.send(kept)
    one.http.on("POST", POSTS, status=201, body="", headers={"x-restli-id": URN})
    assert (await one.roles.publisher.send(kept)).remote_id == URN
    one.http.finish()


async def test_too_much_for_a_day_waits_for_the_next_and_a_named_time_is_obeyed() -> None:
    one = desk()
    one.http.on("POST", POSTS, status=429)
    with pytest.raises(RateLimited) as caught:
        await one.roles.publisher.send(part("Hello"))
    midnight = NOW.replace(hour=0) + timedelta(days=1)
    assert midnight <= caught.value.until < midnight + timedelta(minutes=10)
    named = RateLimited("Slow down.", until=NOW + timedelta(seconds=9))
    one.http.on("POST", POSTS, error=named)
    with pytest.raises(RateLimited) as told:
        await one.roles.publisher.send(part("Hello"))
    assert told.value.until == NOW + timedelta(seconds=9)


@pytest.mark.parametrize("urn", ["", "urn:li:person:1", "nonsense"])
async def test_a_success_without_a_name_is_in_doubt(urn: str) -> None:
    one = desk()
    one.http.on("POST", POSTS, status=201, body="", headers={"x-restli-id": urn} if urn else {})
    with pytest.raises(OutcomeUnknown):
        await one.roles.publisher.send(part("Hello"))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"author": "driftseas"}, "author"),
        ({"author": "urn:li:share:1"}, "author"),
        ({"access_token": "two words"}, "access_token"),
        ({"access_token": ""}, "access_token"),
        ({"version": "2026-08"}, "version"),
        ({"version": "202613"}, "version"),
    ],
)
def test_what_cannot_be_is_named_before_anything_is_sent(wrong: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        desk(wrong)
    assert caught.value.field == field
