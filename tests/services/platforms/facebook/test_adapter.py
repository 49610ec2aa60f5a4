"""A Page's own words: what is sent, how a lost answer is found, who we are, and what people did."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.account import Account, Dedupe
from services.domain.delivery import Receipt
from services.domain.errors import DeskError, InvalidInput, NeedsReauth, OutcomeUnknown, Refused, Unavailable
from services.domain.ids import AccountId, Digest, PlatformSlug
from services.domain.media import MediaItem, Picture
from services.domain.metrics import Comment
from services.platforms.facebook import SPEC
from services.ports.http import Effect
from services.ports.platform import Connection, OutgoingPart, Roles
from tests.fakes.http import FakeHttp
from tests.services.graph.support import NOW, MovingClock, fault

PAGE = "1100"
BASE = "https://graph.example"


def account() -> Account:
    return Account(
        id=AccountId("a1"),
        platform=PlatformSlug("facebook"),
        handle="driftseas",
        name="Drift Seas",
        remote_id=PAGE,
        base_url=BASE,
        dedupe=Dedupe.LOOKUP,
        limits=SPEC.default_limits,
        limits_at=NOW,
        created_at=NOW,
    )


def roles(http: FakeHttp, *, known: bool = True, page_id: str = PAGE) -> Roles:
    return SPEC.connect(
        Connection(
            credentials={"access_token": "EAAP", "page_id": page_id},
            base_url=BASE,
            http=http,
            clock=MovingClock(),
            account=account() if known else None,
        )
    )


def picture(number: int = 1, alt: str = "A tide", mime: str = "image/png", size: int = 10) -> Picture:
    return Picture(item=MediaItem(digest=Digest(str(number)), mime=mime, width=9, height=9, size=size), alt=alt)


def part(text: str = "Hello", **changes: Any) -> OutgoingPart:
    values: dict[str, Any] = {
        "index": 0,
        "count": 1,
        "text": text,
        "media": (),
        "options": {},
        "handles": {},
        "key": "k",
        "first_claimed_at": NOW,
        "receipts": (),
        "since": NOW,
    }
    return OutgoingPart(**{**values, **changes})


def post(remote_id: str = "1100_1", message: str = "Hello", seconds: int = 10, **more: Any) -> dict[str, Any]:
    return {
        "id": remote_id,
        "message": message,
        "created_time": (NOW + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "permalink_url": f"https://www.facebook.com/{remote_id}",
        **more,
    }


def photos(*ids: str) -> dict[str, Any]:
    targets = [{"target": {"id": one}} for one in ids]
    return {"attachments": {"data": [{"subattachments": {"data": targets}}] if len(ids) > 1 else targets}}


async def read(shown: Picture) -> bytes:
    return b"bytes of " + shown.item.digest.encode()


# -- counting ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "length"), [("", 0), ("cafe\u0301", 4), ("👨‍👩‍👧‍👦", 7), ("日本語", 3)])
def test_characters_are_counted(text: str, length: int) -> None:
    assert SPEC.rules.measure(text, SPEC.default_limits).length == length


def test_over_length_blocks() -> None:
    measure = SPEC.rules.measure("a" * 63_207, SPEC.default_limits)
    assert [(p.code, p.message, p.fix) for p in measure.problems] == [
        ("too_long", "63207 of 63206 characters.", "Shorten by 1.")
    ]


@given(st.text(min_size=1).map(lambda text: text * 3))
def test_splitting_loses_nothing(text: str) -> None:
    limits = SPEC.default_limits
    assert "".join("".join(SPEC.rules.split(text, limits)).split()) == "".join(text.split())


def test_names_are_not_clickable_links_and_tags_are() -> None:
    marks = SPEC.marks("See https://example.com/a, #builds and @ann@b.example")
    assert [mark.shown for mark in marks] == ["https://example.com/a", "#builds"]


# -- what is sent --------------------------------------------------------------------------------------------------


async def test_a_text_with_its_first_link_as_the_card_is_one_call() -> None:
    http = FakeHttp().on("POST", f"/v26.0/{PAGE}/feed", json_body={"id": "1100_1"})
    http.on("GET", "/1100_1", json_body=post())
    publisher = roles(http).publisher
    outgoing = part("See https://example.com/a and https://example.com/b")
    assert not publisher.needs_preparing(outgoing)
    receipt = await publisher.send(outgoing)
    assert (receipt.remote_id, receipt.url, receipt.at) == (
        "1100_1",
        "https://www.facebook.com/1100_1",
        NOW + timedelta(seconds=10),
    )
    commit = http.requests[0]
    assert commit.effect is Effect.IRREVERSIBLE
    assert dict(commit.form) == {"message": outgoing.text, "link": "https://example.com/a"}


async def test_photos_go_up_unpublished_and_are_attached_in_order() -> None:
    http = FakeHttp().on("POST", "/photos", json_body={"id": "71"}).on("POST", "/photos", json_body={"id": "72"})
    publisher = roles(http).publisher
    outgoing = part("See https://example.com/a", media=(picture(1), picture(2, alt="", mime="image/jpeg")))
    handles = await publisher.prepare(outgoing, read)
    assert handles == {"photo.0": "71", "photo.1": "72"}
    first, second = http.requests
    assert (dict(first.form), first.uploads[0].filename, first.uploads[0].data) == (
        {"published": "false", "alt_text_custom": "A tide"},
        "picture.png",
        b"bytes of 1",
    )
    assert (dict(second.form), second.effect) == ({"published": "false"}, Effect.REPEATABLE)
    http.on("POST", "/feed", json_body={"id": "1100_1"}).on("GET", "/1100_1", json_body={})
    await publisher.send(part(outgoing.text, media=outgoing.pictures, handles=handles))
    sent = dict(http.requests[2].form)
    assert json.loads(sent["attached_media"]) == [{"media_fbid": "71"}, {"media_fbid": "72"}]
    assert "link" not in sent


async def test_photos_of_a_post_that_comes_to_nothing_are_taken_away() -> None:
    http = (
        FakeHttp()
        .on("POST", "/photos", json_body={"id": "71"})
        .on("POST", "/photos", status=400, json_body=fault(1, 1366046))
    )
    http.on("DELETE", "/71", json_body={"success": True})
    with pytest.raises(Refused, match="too large"):
        await roles(http).publisher.prepare(part(media=(picture(1), picture(2))), read)
    http.finish()


@pytest.mark.parametrize(
    ("pictures", "told"),
    [
        (tuple(picture(n) for n in range(11)), "11 pictures, Facebook takes 10."),
        ((picture(mime="image/webp"),), "Facebook does not take image/webp."),
        ((picture(size=4_000_001),), "A picture has 4000001 bytes, Facebook takes 4000000."),
    ],
)
async def test_what_would_be_refused_is_not_sent(pictures: tuple[Picture, ...], told: str) -> None:
    http = FakeHttp()
    with pytest.raises(Refused) as caught:
        await roles(http).publisher.prepare(part(media=pictures), read)
    assert (caught.value.message, http.requests) == (told, [])


async def test_without_its_photos_nothing_is_sent() -> None:
    with pytest.raises(Unavailable):
        await roles(FakeHttp()).publisher.send(part(media=(picture(),)))


async def test_an_answer_without_an_id_is_in_doubt() -> None:
    with pytest.raises(OutcomeUnknown):
        await roles(FakeHttp().on("POST", "/feed", json_body={})).publisher.send(part())


# -- a lost answer -------------------------------------------------------------------------------------------------


def listing(*posts: dict[str, Any], more: bool = False) -> dict[str, Any]:
    return {"data": list(posts), "paging": {"cursors": {"after": "c"}, **({"next": "x"} if more else {})}}


async def found(outgoing: OutgoingPart, *posts: dict[str, Any]) -> Receipt | None:
    finder = roles(FakeHttp().on("GET", "/published_posts", json_body=listing(*posts))).finder
    assert finder is not None
    return await finder.find(outgoing)


async def test_a_post_is_found_by_its_words_since_the_call() -> None:
    assert await found(part(), post("1100_2", "Other"), post("1100_3", seconds=-600)) is None
    receipt = await found(part(), post("1100_2", "Other"), post("1100_1", "Hello "), post("1100_0", seconds=-600))
    assert receipt is not None
    assert receipt.remote_id == "1100_1"


async def test_a_post_without_words_is_found_by_its_photos() -> None:
    outgoing = part("", media=(picture(1), picture(2)), handles={"photo.0": "71", "photo.1": "72"})
    receipt = await found(outgoing, post("1100_1", "", **photos("71", "72")))
    assert receipt is not None
    with pytest.raises(OutcomeUnknown):
        await found(outgoing, post("1100_1", "", **photos("81", "82")))
    assert await found(outgoing, post("1100_1", "", **photos("81"))) is None


async def test_more_posts_than_can_be_read_are_no_proof() -> None:
    http = FakeHttp()
    for _ in range(10):
        http.on("GET", "/published_posts", json_body=listing(post("1100_2", "Other"), more=True))
    finder = roles(http).finder
    assert finder is not None
    with pytest.raises(OutcomeUnknown):
        await finder.find(part())


async def test_a_refused_repetition_is_the_post_that_is_there() -> None:
    http = FakeHttp().on("POST", "/feed", status=400, json_body=fault(506))
    http.on("GET", "/published_posts", json_body=listing(post()))
    assert (await roles(http).publisher.send(part())).remote_id == "1100_1"
    http.on("POST", "/feed", status=400, json_body=fault(506))
    http.on("GET", "/published_posts", json_body=listing(post(seconds=-7200)))
    with pytest.raises(Refused, match="just this post already") as caught:
        await roles(http).publisher.send(part())
    assert caught.value.fix == "Change the text."


# -- who we are ----------------------------------------------------------------------------------------------------


def permissions(*declined: str) -> dict[str, Any]:
    names = ("pages_show_list", "pages_manage_posts", "pages_read_engagement")
    return {"data": [{"permission": n, "status": "declined" if n in declined else "granted"} for n in names]}


async def test_a_persons_token_that_may_not_post_is_not_connected() -> None:
    http = FakeHttp().on("GET", f"/v26.0/{PAGE}", json_body={"id": PAGE, "access_token": "EAAPage"})
    http.on("GET", "/published_posts", json_body={"data": []})
    http.on("GET", "/me/permissions", json_body=permissions("pages_manage_posts"))
    with pytest.raises(NeedsReauth, match="the right pages_manage_posts"):
        await roles(http, known=False).verifier.verify()


async def test_a_pages_own_token_has_no_list_of_rights() -> None:
    http = FakeHttp().on("GET", f"/v26.0/{PAGE}", json_body={"id": PAGE, "access_token": "EAAPage2"})
    http.on("GET", "/published_posts", json_body={"data": []})
    http.on("GET", "/me/permissions", status=400, json_body=fault(100))
    identity = await roles(http, known=False).verifier.verify()
    assert identity.credentials == {"access_token": "EAAPage2"}


async def test_a_persons_token_is_traded_for_the_pages_own() -> None:
    told = {"id": PAGE, "name": "Drift Seas", "username": "driftseas", "access_token": "EAAPage"}
    http = FakeHttp().on("GET", f"/v26.0/{PAGE}", json_body=told).on("GET", "/published_posts", json_body={"data": []})
    http.on("GET", "/me/permissions", json_body=permissions())
    identity = await roles(http, known=False).verifier.verify()
    assert (identity.remote_id, identity.handle, identity.name) == (PAGE, "driftseas", "Drift Seas")
    assert (identity.credentials, identity.dedupe) == ({"access_token": "EAAPage"}, Dedupe.LOOKUP)
    http.on("GET", f"/v26.0/{PAGE}", json_body={"id": PAGE, "name": ""}).on("GET", "/published_posts", json_body={})
    plain = await roles(http, known=False).verifier.verify()
    assert (plain.handle, plain.name, plain.credentials) == (PAGE, PAGE, {})


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(fault(100, 33), InvalidInput), (fault(190), NeedsReauth), (fault(10), NeedsReauth)],
)
async def test_what_does_not_fit_is_said(answer: dict[str, Any], kind: type[DeskError]) -> None:
    http = FakeHttp().on("GET", f"/v26.0/{PAGE}", status=400, json_body=answer)
    with pytest.raises(kind):
        await roles(http, known=False).verifier.verify()


def test_a_pages_name_is_not_its_number() -> None:
    with pytest.raises(InvalidInput) as caught:
        roles(FakeHttp(), page_id="driftseas")
    assert caught.value.field == "page_id"


# -- what people did -----------------------------------------------------------------------------------------------


def counted(likes: int, comments: int, shares: int | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": "1100_1",
        "reactions": {"data": [], "summary": {"total_count": likes}},
        "comments": {"data": [], "summary": {"total_count": comments}},
    }
    return told if shares is None else {**told, "shares": {"count": shares}}


async def test_counters_without_the_right_to_insights_are_those_everybody_sees() -> None:
    http = FakeHttp().on("GET", "/1100_1", json_body=counted(5, 2, 3))
    views = {"data": [{"name": "post_media_view", "values": [{"value": 90}]}]}
    http.on("GET", "/1100_1/insights", json_body=views)
    http.on("GET", "/1100_2", json_body=counted(0, 0)).on("GET", "/1100_2/insights", status=403, json_body=fault(10))
    http.on("GET", "/1100_3", status=400, json_body=fault(100, 33))
    metrics = roles(http).metrics
    assert metrics is not None
    receipts = [Receipt(part=0, remote_id=f"1100_{n}", url="https://f", at=NOW) for n in (1, 2, 3)]
    first, second = await metrics.post_metrics(receipts)
    assert (first.likes, first.comments, first.shares, first.impressions, first.clicks) == (5, 2, 3, 90, None)
    assert (second.likes, second.shares, second.impressions, second.reach) == (0, 0, None, None)


async def test_a_post_whose_counters_are_refused_hides_no_other() -> None:
    no_field = fault(100, message="(#100) Tried accessing nonexisting field (shares)")
    views = {"data": [{"name": "post_media_view", "values": [{"value": 4}]}]}
    http = FakeHttp().on("GET", "/1100_1", status=400, json_body=no_field)
    http.on("GET", "/1100_1/insights", json_body=views)
    http.on("GET", "/1100_2", json_body=counted(5, 2)).on("GET", "/1100_2/insights", json_body={"data": []})
    metrics = roles(http).metrics
    assert metrics is not None
    receipts = [Receipt(part=0, remote_id=f"1100_{n}", url="https://f", at=NOW) for n in (1, 2)]
    story, post_ = await metrics.post_metrics(receipts)
    assert (story.impressions, story.likes, story.comments, story.shares) == (4, None, None, None)
    assert (post_.likes, post_.shares) == (5, 0)


def comment(remote_id: str, minute: int = 1, who: str = "9", **more: Any) -> dict[str, Any]:
    return {
        "id": remote_id,
        "message": "Nice",
        "created_time": f"2026-11-23T09:{minute:02}:00+0000",
        "from": {"id": who, "name": "Ann"},
        "permalink_url": f"https://www.facebook.com/{remote_id}",
        **more,
    }


ROOT = Receipt(part=0, remote_id="1100_1", url="https://f", at=NOW)


async def test_comments_are_those_of_others_that_are_shown() -> None:
    listed = [
        comment("1_1"),
        comment("1_2", 2, who=PAGE),
        comment("1_3", 3, is_hidden=True),
        comment("1_4", 4, parent={"id": "1_1"}),
    ]
    anonymous = comment("1_5", 5)
    del anonymous["from"]
    http = FakeHttp().on("GET", "/1100_1/comments", json_body={"data": [*listed, anonymous]})
    comments = roles(http).comments
    assert comments is not None
    found_ = list(await comments.comments(ROOT, None))
    assert [(c.remote_id, c.parent_id, c.author) for c in found_] == [
        ("1_1", "1100_1", "Ann"),
        ("1_4", "1_1", "Ann"),
        ("1_5", "1100_1", ""),
    ]


async def test_an_answer_to_an_answer_goes_below_the_comment_and_is_given_once() -> None:
    below = Comment(remote_id="1_4", parent_id="1_1", author="Ann", text="Nice", at=NOW, url="https://f")
    http = FakeHttp().on("GET", "/1_1/comments", json_body={"data": []})
    http.on("POST", "/1_1/comments", json_body={"id": "1_9"}).on("GET", "/1_9", json_body=comment("1_9"))
    replier = roles(http).replier
    assert replier is not None
    given = await replier.reply(below, "Thanks", key="k", at=NOW, root=ROOT)
    assert given.remote_id == "1_9"
    assert dict(http.requests[1].form) == {"message": "Thanks"}
    http.on("GET", "/1_1/comments", json_body={"data": [comment("1_9", who=PAGE, message="Thanks")]})
    assert (await replier.reply(below, "Thanks", key="k", at=NOW, root=ROOT)).remote_id == "1_9"
    http.on("GET", "/1_1/comments", json_body={"data": []})
    http.on("POST", "/1_1/comments", status=400, json_body=fault(100, 33))
    with pytest.raises(Refused, match="gone"):
        await replier.reply(below, "Thanks", key="k", at=NOW, root=ROOT)


async def test_the_past_is_read_with_its_photos_and_counters() -> None:
    http = FakeHttp().on("GET", "/published_posts", json_body=listing({**post(**photos("1", "2")), **counted(4, 1)}))
    http.on("GET", "/1100_1/insights", json_body={"data": []})
    history = roles(http).history
    assert history is not None
    [past] = await history.past_posts(NOW - timedelta(days=1), limit=5)
    assert (past.remote_id, past.pictures, past.metrics.likes, past.metrics.impressions) == ("1100_1", 2, 4, None)
