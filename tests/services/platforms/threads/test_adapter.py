"""Threads' own words: what is sent, who we are, what people did, and what was said before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from services.domain.account import Account, Dedupe, Limits
from services.domain.delivery import Receipt
from services.domain.errors import InvalidInput, NeedsReauth, Refused
from services.domain.ids import AccountId, Digest, PlatformSlug
from services.domain.media import MediaItem, Picture
from services.domain.metrics import Comment
from services.domain.post import Variant
from services.platforms.threads import SPEC
from services.ports.platform import Connection, OutgoingPart, Roles
from tests.fakes.http import FakeHttp
from tests.services.graph.support import NOW, MovingClock, fault

if TYPE_CHECKING:
    from collections.abc import Sequence

ME = "7700"
BASE = "https://graph.threads.example"


class Host:
    """`PictureHost` that names what it shows."""

    async def address(self, item: MediaItem, types: Sequence[str]) -> str:
        """See `PictureHost.address`."""
        return f"https://desk.example/pulled/{item.digest}?{len(types)}"


def account(limits: Limits = SPEC.default_limits) -> Account:
    return Account(
        id=AccountId("a1"),
        platform=PlatformSlug("threads"),
        handle="driftseas",
        name="Drift Seas",
        remote_id=ME,
        base_url=BASE,
        dedupe=Dedupe.STATUS,
        limits=limits,
        limits_at=NOW,
        created_at=NOW,
    )


def roles(http: FakeHttp, *, known: bool = True, reached: bool = True, **credentials: str) -> Roles:
    return SPEC.connect(
        Connection(
            credentials={"access_token": "THAA", **credentials},
            base_url=BASE,
            http=http,
            clock=MovingClock(),
            account=account() if known else None,
            pictures=Host() if reached else None,
        )
    )


def picture(number: int = 1, alt: str = "A tide", size: int = 10) -> Picture:
    return Picture(item=MediaItem(digest=Digest(str(number)), mime="image/png", width=9, height=9, size=size), alt=alt)


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


def receipt(remote_id: str = "P1", index: int = 0) -> Receipt:
    return Receipt(part=index, remote_id=remote_id, url=f"https://threads.example/{remote_id}", at=NOW)


async def nothing(_: Picture) -> bytes:
    return b""


async def sent(outgoing: OutgoingPart, containers: int = 1) -> list[dict[str, str]]:
    """The fields of each container that preparing makes."""
    http = FakeHttp()
    for number in range(containers):
        http.on("POST", f"/v1.0/{ME}/threads", json_body={"id": f"C{number}"})
        http.on("GET", f"/C{number}", json_body={"status": "FINISHED"})
    await roles(http).publisher.prepare(outgoing, nothing)
    http.finish()
    return [dict(request.form) for request in http.requests if request.method == "POST"]


# -- what is sent --------------------------------------------------------------------------------------------------


async def test_a_text() -> None:
    assert await sent(part()) == [{"media_type": "TEXT", "text": "Hello"}]


async def test_the_networks_own_default_is_not_sent_and_a_choice_is() -> None:
    assert await sent(part(options={"reply_control": "everyone", "topic_tag": ""})) == await sent(part())
    chosen = {"reply_control": "mentioned_only", "topic_tag": "#Builds & more"}
    with pytest.raises(Refused) as caught:
        await sent(part(options=chosen))
    assert caught.value.fix == "Use up to 50 characters, without a dot or an ampersand."
    assert await sent(part(options={**chosen, "topic_tag": "#Builds"})) == [
        {"media_type": "TEXT", "text": "Hello", "reply_control": "mentioned_only", "topic_tag": "Builds"}
    ]
    with pytest.raises(Refused, match="nobody"):
        await sent(part(options={"reply_control": "nobody"}))


async def test_one_picture_and_none_of_its_words_when_it_has_none() -> None:
    address = "https://desk.example/pulled/1?2"
    assert await sent(part(media=(picture(),))) == [
        {"media_type": "IMAGE", "image_url": address, "alt_text": "A tide", "text": "Hello"}
    ]
    assert await sent(part("", media=(picture(alt=""),))) == [{"media_type": "IMAGE", "image_url": address}]


async def test_several_pictures_are_a_carousel() -> None:
    first, second, whole = await sent(part(media=(picture(1), picture(2, "Two"))), containers=3)
    assert first["image_url"].endswith("/1?2")
    assert (second["alt_text"], second["is_carousel_item"], "text" in second) == ("Two", "true", False)
    assert whole == {"media_type": "CAROUSEL", "text": "Hello", "children": "C0,C1"}


async def test_a_later_part_answers_the_one_before_and_keeps_no_options() -> None:
    later = part(index=2, receipts=(receipt("P1"), receipt("P2", 1)), options={"reply_control": "mentioned_only"})
    assert await sent(later) == [{"media_type": "TEXT", "text": "Hello", "reply_to_id": "P2"}]


LINK = "https://example.com/tides"


async def test_a_link_may_have_its_preview_without_standing_in_the_words() -> None:
    [whole] = await sent(part(options={"link_attachment": f" {LINK} "}))
    assert whole == {"media_type": "TEXT", "text": "Hello", "link_attachment": LINK}
    [later] = await sent(part(index=1, receipts=(receipt(),), options={"link_attachment": LINK}))
    assert "link_attachment" not in later


FIVE = " ".join(f"https://example.com/{n}" for n in range(5))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"options": {"link_attachment": "example.com"}}, "preview_link"),
        ({"options": {"link_attachment": f"{LINK} and more"}}, "preview_link"),
        ({"options": {"link_attachment": LINK}, "media": (picture(),)}, "preview_beside"),
        ({"options": {"link_attachment": LINK, "poll": "Tea\nCoffee"}}, "preview_beside"),
        ({"options": {"link_attachment": LINK}, "text": FIVE}, "preview_links"),
        ({"options": {"link_attachment": "https://example.com/4"}, "text": FIVE}, ""),
        ({"options": {"link_attachment": ""}, "text": FIVE, "media": (picture(),)}, ""),
    ],
)
async def test_a_link_preview_is_judged_in_the_draft_and_before_it_is_sent(changes: dict[str, Any], code: str) -> None:
    known, facts = account(), dict(changes)
    variant = Variant(account_id=known.id, platform=known.platform, parts=(facts.pop("text", "Hello"), "More"), **facts)
    found = list(SPEC.check_options(variant, known))
    assert [one.code for one in found] == ([code] if code else [])
    assert all(one.fix for one in found)
    if code:
        http = FakeHttp()
        with pytest.raises(Refused) as caught:
            await roles(http).publisher.prepare(part(**changes), nothing)
        assert (caught.value.message, http.requests) == (found[0].message, [])


async def test_a_thread_whose_beginning_is_gone_says_so() -> None:
    http = FakeHttp().on("POST", "/threads", status=400, json_body=fault(100, 33))
    with pytest.raises(Refused, match="the thread can't go on") as caught:
        await roles(http).publisher.prepare(part(index=1, receipts=(receipt(),)), nothing)
    assert caught.value.fix == "Publish the rest as a new post."


async def test_what_the_network_would_not_take_is_said_before_it_is_asked() -> None:
    http = FakeHttp()
    many = tuple(picture(n) for n in range(21))
    for outgoing, told in (
        (part(media=many), "21 pictures, Threads takes 20."),
        (part(media=(picture(size=8_000_001),)), "A picture has 8000001 bytes, Threads takes 8000000."),
    ):
        with pytest.raises(Refused) as caught:
            await roles(http).publisher.prepare(outgoing, nothing)
        assert caught.value.message == told
    with pytest.raises(Refused) as hidden:
        await roles(http, reached=False).publisher.prepare(part(media=(picture(),)), nothing)
    assert hidden.value.fix.startswith("Set COPYDESK_PUBLIC_URL")
    assert http.requests == []


# -- who we are ----------------------------------------------------------------------------------------------------


def signing_in(http: FakeHttp) -> FakeHttp:
    http.on("GET", "/v1.0/me", json_body={"id": ME, "username": "driftseas", "name": "Drift Seas"})
    return http.on("GET", f"/{ME}/threads_publishing_limit", json_body={"data": [{"quota_usage": 3}]})


async def test_connecting_reads_who_we_are_and_that_we_may_publish() -> None:
    http = signing_in(FakeHttp())
    identity = await roles(http, known=False).verifier.verify()
    assert (identity.remote_id, identity.handle, identity.name) == (ME, "driftseas", "Drift Seas")
    assert (identity.dedupe, identity.base_url, identity.limits) == (Dedupe.STATUS, BASE, SPEC.default_limits)
    assert identity.credentials == {"access_token_since": NOW.isoformat()}
    assert {request.method for request in http.requests} == {"GET"}


async def test_without_a_way_to_the_desk_there_are_no_pictures() -> None:
    identity = await roles(signing_in(FakeHttp()), known=False, reached=False).verifier.verify()
    assert identity.limits.images == 0
    problem = SPEC.unreachable(identity.limits)
    assert problem is not None
    assert problem.fix == "Set COPYDESK_PUBLIC_URL to an https address that leads here, or post without a picture."


async def test_somebody_elses_token_is_named() -> None:
    with pytest.raises(InvalidInput, match="@driftseas") as caught:
        await roles(signing_in(FakeHttp()), known=False, user_id="1").verifier.verify()
    assert caught.value.field == "user_id"


async def test_a_missing_right_is_named() -> None:
    http = FakeHttp().on("GET", "/me", json_body={"id": ME, "username": "driftseas"})
    words = "(#10) Application does not have permission for this action: threads_content_publish"
    http.on("GET", "/threads_publishing_limit", status=403, json_body=fault(10, message=words))
    with pytest.raises(NeedsReauth, match="threads_content_publish"):
        await roles(http, known=False).verifier.verify()


# -- what people did -----------------------------------------------------------------------------------------------


def insights(**values: int) -> dict[str, Any]:
    return {"data": [{"name": name, "values": [{"value": value}]} for name, value in values.items()]}


async def test_counters_under_our_names_and_what_is_not_told_is_not_zero() -> None:
    http = FakeHttp().on("GET", "/P1/insights", json_body=insights(views=9, likes=0, reposts=2, shares=3, quotes=1))
    http.on("GET", "/P2/insights", json_body=insights(likes=4)).on(
        "GET", "/P3/insights", status=400, json_body=fault(100, 33)
    )
    metrics = roles(http).metrics
    assert metrics is not None
    one, two = await metrics.post_metrics([receipt("P1"), receipt("P2"), receipt("P1"), receipt("P3")])
    assert (one.impressions, one.likes, one.comments, one.shares, one.quotes) == (9, 0, None, 5, 1)
    assert (two.remote_id, two.impressions, two.likes, two.shares) == ("P2", None, 4, None)


async def test_followers_come_as_a_total() -> None:
    told = {"data": [{"name": "followers_count", "total_value": {"value": 12}}]}
    metrics = roles(FakeHttp().on("GET", f"/{ME}/threads_insights", json_body=told)).metrics
    assert metrics is not None
    assert (await metrics.account_metrics()).followers == 12


def answer(remote_id: str, text: str = "Nice", minute: int = 5, **more: Any) -> dict[str, Any]:
    return {
        "id": remote_id,
        "text": text,
        "timestamp": f"2026-11-23T09:{minute:02}:00+0000",
        "username": "ann",
        "permalink": f"https://threads.example/{remote_id}",
        "is_reply_owned_by_me": False,
        "replied_to": {"id": "P1"},
        "hide_status": "NOT_HUSHED",
        **more,
    }


async def test_answers_are_those_of_others_that_were_not_hidden_oldest_first() -> None:
    listed = [
        answer("A3", minute=9, replied_to={"id": "A1"}),
        answer("A2", minute=7, hide_status="HIDDEN"),
        answer("A1"),
        answer("A0", is_reply_owned_by_me=True),
        answer("A9", timestamp="?"),
    ]
    http = FakeHttp().on("GET", "/P1/conversation", json_body={"data": listed})
    http.on("GET", "/P1/conversation", json_body={"data": listed})
    http.on("GET", "/P2/conversation", status=400, json_body=fault(100, 33))
    comments = roles(http).comments
    assert comments is not None
    found = list(await comments.comments(receipt(), None))
    assert [(c.remote_id, c.parent_id, c.author) for c in found] == [("A1", "P1", "ann"), ("A3", "A1", "ann")]
    assert list(await comments.comments(receipt(), found[0].at)) == found[1:]
    assert list(await comments.comments(receipt("P2"), None)) == []


def comment() -> Comment:
    return Comment(remote_id="A1", parent_id="P1", author="ann", text="Nice", at=NOW, url="https://threads.example/A1")


async def test_an_answer_is_given_once() -> None:
    ours = answer("A5", "Thanks", is_reply_owned_by_me=True, replied_to={"id": "A1"})
    http = FakeHttp().on("GET", "/P1/conversation", json_body={"data": [ours]})
    replier = roles(http).replier
    assert replier is not None
    given = await replier.reply(comment(), "Thanks", key="k", at=NOW, root=receipt())
    assert (given.remote_id, given.part) == ("A5", 0)


@pytest.mark.parametrize(
    "other",
    [
        {"replied_to": {"id": "A2"}},
        {"text": "Thank you"},
        {"is_reply_owned_by_me": False},
        {"timestamp": "2026-11-23T08:00:00+0000"},
    ],
)
async def test_another_answer_is_not_taken_for_it(other: dict[str, Any]) -> None:
    ours = {**answer("A5", "Thanks", is_reply_owned_by_me=True, replied_to={"id": "A1"}), **other}
    http = FakeHttp().on("GET", "/P1/conversation", json_body={"data": [ours]})
    http.on("POST", "/threads", json_body={"id": "C1"}).on("GET", "/C1", json_body={"status": "FINISHED"})
    http.on("POST", "/threads_publish", json_body={"id": "A6"}).on(
        "GET", "/A6", json_body={"permalink": "https://t/A6"}
    )
    replier = roles(http).replier
    assert replier is not None
    given = await replier.reply(comment(), "Thanks", key="k", at=NOW, root=receipt())
    assert (given.remote_id, given.url, given.part) == ("A6", "https://t/A6", 0)
    assert dict(http.requests[1].form) == {"media_type": "TEXT", "text": "Thanks", "reply_to_id": "A1"}


async def test_a_comment_that_is_gone_cannot_be_answered() -> None:
    http = FakeHttp().on("GET", "/P1/conversation", json_body={"data": []})
    http.on("POST", "/threads", status=400, json_body=fault(100, 33))
    replier = roles(http).replier
    assert replier is not None
    with pytest.raises(Refused, match="gone"):
        await replier.reply(comment(), "Thanks", key="k", at=NOW, root=receipt())


async def test_the_past_is_without_what_others_said() -> None:
    def said(remote_id: str, kind: str, **more: Any) -> dict[str, Any]:
        told = {"id": remote_id, "text": remote_id, "media_type": kind, "permalink": f"https://t/{remote_id}"}
        return {**told, "timestamp": "2026-11-22T09:00:00+0000", **more}

    listed = [
        said(
            "P4",
            "CAROUSEL_ALBUM",
            children={"data": [{"id": "1"}, {"id": "2", "media_type": "IMAGE"}, {"id": "3", "media_type": "VIDEO"}]},
        ),
        said("P3", "REPOST_FACADE"),
        said("P2", "IMAGE"),
        said("P1", "TEXT_POST"),
        said("P0", "TEXT_POST", timestamp="2026-10-01T09:00:00+0000"),
    ]
    http = FakeHttp().on("GET", f"/{ME}/threads", json_body={"data": listed})
    for remote_id in ("P4", "P2", "P1"):
        http.on("GET", f"/{remote_id}/insights", json_body=insights(views=3))
    history = roles(http).history
    assert history is not None
    since = datetime(2026, 11, 1, tzinfo=UTC)
    past = await history.past_posts(since, limit=200)
    assert [(p.remote_id, p.pictures, p.metrics.impressions) for p in past] == [
        ("P4", 2, 3),
        ("P2", 1, 3),
        ("P1", 0, 3),
    ]
    assert past[0].at == NOW - timedelta(days=1)
    assert dict(http.requests[0].params)["since"] == str(int(since.timestamp()))
