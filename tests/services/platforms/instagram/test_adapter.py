"""Instagram's own words: captions, pictures as JPEG, two ways in, and what people did."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.account import Account, Dedupe
from services.domain.delivery import Receipt
from services.domain.errors import DeskError, InvalidInput, NeedsReauth, OutcomeUnknown, Refused
from services.domain.ids import AccountId, Digest, PlatformSlug
from services.domain.media import MediaItem, Picture
from services.domain.metrics import Comment
from services.domain.post import Severity
from services.platforms.instagram import SPEC
from services.ports.platform import Connection, OutgoingPart, Roles
from tests.fakes.http import FakeHttp
from tests.services.graph.support import NOW, MovingClock, fault

if TYPE_CHECKING:
    from collections.abc import Sequence

ME = "1784100"
BASE = "https://graph.example"
RULES, LIMITS = SPEC.rules, SPEC.default_limits


class Host:
    """`PictureHost` that tells what was asked of it."""

    async def address(self, item: MediaItem, types: Sequence[str]) -> str:
        """See `PictureHost.address`."""
        return f"https://desk.example/pulled/{item.digest}?{'+'.join(types)}"


def account() -> Account:
    return Account(
        id=AccountId("a1"),
        platform=PlatformSlug("instagram"),
        handle="driftseas",
        name="Drift Seas",
        remote_id=ME,
        base_url=BASE,
        dedupe=Dedupe.STATUS,
        limits=LIMITS,
        limits_at=NOW,
        created_at=NOW,
    )


def roles(
    http: FakeHttp,
    *,
    known: bool = True,
    reached: bool = True,
    base_url: str = BASE,
    token: str = "IGAA",
    user_id: str = ME,
) -> Roles:
    return SPEC.connect(
        Connection(
            credentials={"access_token": token, "user_id": user_id},
            base_url=base_url,
            http=http,
            clock=MovingClock(),
            account=account() if known else None,
            pictures=Host() if reached else None,
        )
    )


def picture(number: int = 1, alt: str = "A tide", width: int = 100, height: int = 100) -> Picture:
    item = MediaItem(digest=Digest(str(number)), mime="image/png", width=width, height=height, size=10)
    return Picture(item=item, alt=alt)


def part(text: str = "Hello", **changes: Any) -> OutgoingPart:
    values: dict[str, Any] = {
        "index": 0,
        "count": 1,
        "text": text,
        "media": (picture(),),
        "options": {},
        "handles": {},
        "key": "k",
        "first_claimed_at": NOW,
        "receipts": (),
        "since": NOW,
    }
    return OutgoingPart(**{**values, **changes})


async def nothing(_: Picture) -> bytes:
    return b""


# -- captions ------------------------------------------------------------------------------------------------------


def problems(text: str) -> list[tuple[str, str, Severity]]:
    return [(p.code, p.fix, p.severity) for p in RULES.measure(text, LIMITS).problems]


@pytest.mark.parametrize(("text", "length"), [("", 0), ("cafe\u0301", 4), ("👨‍👩‍👧‍👦", 7), ("日本語", 3)])
def test_characters_are_counted(text: str, length: int) -> None:
    assert RULES.measure(text, LIMITS).length == length


def test_a_caption_has_its_bounds() -> None:
    assert problems("a" * 2200) == []
    assert problems("a" * 2203) == [("too_long", "Shorten by 3.", Severity.BLOCK)]
    tags = [f"#tag{n}" for n in range(31)]
    assert problems(" ".join(tags[:5])) == []
    assert problems(" ".join(tags[:6])) == [("many_tags", "Remove 1.", Severity.WARN)]
    assert problems(" ".join(tags)) == [("too_many_tags", "Remove 1.", Severity.BLOCK)]
    names = [f"@name{n}" for n in range(21)]
    assert problems(" ".join(names[:20])) == []
    assert problems(" ".join(names)) == [("too_many_names", "Remove 1.", Severity.BLOCK)]
    assert problems("See https://example.com/a") == [("dead_link", "Name the link in the profile.", Severity.WARN)]
    assert problems("Mail mail@example.com") == []


@given(st.text(min_size=1).map(lambda text: text * 99))
def test_every_part_fits_and_nothing_is_lost(text: str) -> None:
    parts = RULES.split(text, LIMITS)
    assert all(RULES.measure(part_, LIMITS).length <= LIMITS.text for part_ in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_tags_and_names_are_clickable_and_links_are_not() -> None:
    marks = SPEC.marks("See https://example.com/@not#here and #builds by @ann.b")
    assert [mark.shown for mark in marks] == ["#builds", "@ann.b"]


# -- what is sent --------------------------------------------------------------------------------------------------


async def sent(outgoing: OutgoingPart, containers: int = 1) -> list[object]:
    http = FakeHttp()
    for number in range(containers):
        http.on("POST", f"/v26.0/{ME}/media", json_body={"id": f"C{number}"})
        http.on("GET", f"/C{number}", json_body={"status_code": "FINISHED"})
    await roles(http).publisher.prepare(outgoing, nothing)
    http.finish()
    return [request.json for request in http.requests if request.method == "POST"]


async def test_a_picture_goes_as_jpeg_with_its_caption_and_words() -> None:
    address = "https://desk.example/pulled/1?image/jpeg"
    assert await sent(part("Größe")) == [{"image_url": address, "caption": "Größe", "alt_text": "A tide"}]
    assert await sent(part("", media=(picture(alt=""),))) == [{"image_url": address}]


async def test_several_pictures_are_a_carousel() -> None:
    first, second, whole = await sent(part(media=(picture(1), picture(2, ""))), containers=3)
    assert first == {
        "image_url": "https://desk.example/pulled/1?image/jpeg",
        "alt_text": "A tide",
        "is_carousel_item": "true",
    }
    assert second == {"image_url": "https://desk.example/pulled/2?image/jpeg", "is_carousel_item": "true"}
    assert whole == {"media_type": "CAROUSEL", "caption": "Hello", "children": "C0,C1"}


@pytest.mark.parametrize(
    ("outgoing", "reached", "fix"),
    [
        (part(media=()), True, "Add a picture or a video."),
        (part(), False, "Set COPYDESK_PUBLIC_URL to an https address that leads here."),
        (part(media=tuple(picture(n) for n in range(11))), True, "Leave some out."),
        (part(media=(picture(width=79),)), True, "Crop it: from 4:5 to 1.91:1."),
        (part(media=(picture(width=192),)), True, "Crop it: from 4:5 to 1.91:1."),
    ],
)
async def test_what_would_be_refused_is_not_sent(outgoing: OutgoingPart, reached: bool, fix: str) -> None:
    http = FakeHttp()
    with pytest.raises(Refused) as caught:
        await roles(http, reached=reached).publisher.prepare(outgoing, nothing)
    assert (caught.value.fix, http.requests) == (fix, [])


async def test_publishing_and_finding_use_the_networks_names() -> None:
    shown = {"id": "M1", "caption": "Hello", "timestamp": "2026-11-23T09:00:10+0000", "permalink": "https://i/p/M1/"}
    http = FakeHttp().on("POST", f"/{ME}/media_publish", json_body={"id": "M1"}).on("GET", "/M1", json_body=shown)
    publisher = roles(http).publisher
    ready = part(handles={"container": "C1"})
    assert (await publisher.send(ready)).url == "https://i/p/M1/"
    assert dict(http.requests[0].form) == {"creation_id": "C1"}
    http.on("GET", "/C1", json_body={"status_code": "PUBLISHED"}).on("GET", f"/{ME}/media", json_body={"data": [shown]})
    finder = roles(http).finder
    assert finder is not None
    found = await finder.find(ready)
    assert found is not None
    assert found.remote_id == "M1"


# -- two ways in ---------------------------------------------------------------------------------------------------


def signing_in(http: FakeHttp) -> FakeHttp:
    http.on("GET", f"/v26.0/{ME}", json_body={"id": ME, "username": "driftseas", "name": "Drift Seas"})
    return http.on("GET", f"/{ME}/content_publishing_limit", json_body={"data": [{"quota_usage": 3}]})


@pytest.mark.parametrize(
    ("token", "base_url", "host", "renews"),
    [
        ("IGAA1", "https://graph.instagram.com", "graph.instagram.com", True),
        ("EAAB1", "https://graph.instagram.com", "graph.facebook.com", False),
        ("EAAB1", "https://graph.facebook.com", "graph.facebook.com", False),
        ("EAAB1", "http://127.0.0.1:1/ig", "127.0.0.1", False),
        ("IGAA1", "http://127.0.0.1:1/ig", "127.0.0.1", True),
        ("odd", "https://graph.facebook.com/v25.0", "graph.facebook.com", False),
    ],
)
async def test_the_token_tells_the_product_and_its_host(token: str, base_url: str, host: str, renews: bool) -> None:
    http = FakeHttp().on("GET", f"/{ME}", json_body={"id": ME, "username": "driftseas"})
    http.on("GET", "/content_publishing_limit", json_body={})
    entered = roles(http, known=False, base_url=base_url, token=token)
    identity = await entered.verifier.verify()
    assert f"//{host}" in http.requests[0].url
    assert f"//{host}" in identity.base_url
    assert (entered.refresher is not None) is renews


async def test_connecting_reads_who_we_are_and_that_we_may_publish() -> None:
    identity = await roles(signing_in(FakeHttp()), known=False).verifier.verify()
    assert (identity.remote_id, identity.handle, identity.name) == (ME, "driftseas", "Drift Seas")
    assert (identity.dedupe, identity.limits) == (Dedupe.STATUS, LIMITS)


async def test_without_a_way_to_the_desk_nothing_can_be_posted() -> None:
    identity = await roles(signing_in(FakeHttp()), known=False, reached=False).verifier.verify()
    problem = SPEC.unreachable(identity.limits)
    assert problem is not None
    assert (problem.severity, problem.fix) == (
        Severity.BLOCK,
        "Set COPYDESK_PUBLIC_URL to an https address that leads here.",
    )


@pytest.mark.parametrize(
    ("answer", "kind"), [(fault(100, 33), InvalidInput), (fault(190), NeedsReauth), (fault(25, 2207050), NeedsReauth)]
)
async def test_what_does_not_fit_is_said(answer: dict[str, Any], kind: type[DeskError]) -> None:
    with pytest.raises(kind):
        await roles(FakeHttp().on("GET", f"/{ME}", status=400, json_body=answer), known=False).verifier.verify()


def test_a_name_is_not_a_number() -> None:
    with pytest.raises(InvalidInput) as caught:
        roles(FakeHttp(), user_id="driftseas")
    assert caught.value.field == "user_id"


# -- what people did -----------------------------------------------------------------------------------------------

ROOT = Receipt(part=0, remote_id="M1", url="https://i/p/M1/", at=NOW)


async def test_counters_without_insights_are_those_everybody_sees() -> None:
    told = {"views": 9, "reach": 5, "likes": 0, "saved": 2, "shares": 1}
    data = [{"name": name, "values": [{"value": value}]} for name, value in told.items()]
    http = FakeHttp().on("GET", "/M1/insights", json_body={"data": data})
    http.on("GET", "/M2/insights", status=403, json_body=fault(10)).on("GET", "/M2", json_body={"like_count": 4})
    http.on("GET", "/M3/insights", status=400, json_body=fault(100, 33))
    http.on("GET", "/M4/insights", status=403, json_body=fault(10)).on(
        "GET", "/M4", status=400, json_body=fault(100, 33)
    )
    metrics = roles(http).metrics
    assert metrics is not None
    receipts = [Receipt(part=0, remote_id=f"M{n}", url="https://i", at=NOW) for n in (1, 2, 3, 4)]
    one, two = await metrics.post_metrics(receipts)
    assert (one.impressions, one.reach, one.likes, one.comments, one.saves, one.shares) == (9, 5, 0, None, 2, 1)
    assert (two.remote_id, two.likes, two.comments, two.impressions) == ("M2", 4, None, None)


def comment(remote_id: str, minute: int = 1, who: str = "9", **more: Any) -> dict[str, Any]:
    told = {"id": remote_id, "text": "Nice", "timestamp": f"2026-11-23T09:{minute:02}:00+0000", "username": "ann"}
    return {**told, "from": {"id": who, "username": "ann"}, **more}


async def test_comments_and_their_answers_without_ours_and_the_hidden() -> None:
    nameless = comment("7", 7, username="driftseas")
    del nameless["from"]
    listed = [
        comment("1", replies={"data": [comment("2", 2), comment("3", 3, who=ME)]}),
        comment("4", 4, hidden=True),
        comment("5", 5, who=ME),
        nameless,
    ]
    http = FakeHttp().on("GET", "/M1/comments", json_body={"data": listed})
    comments = roles(http).comments
    assert comments is not None
    found = list(await comments.comments(ROOT, None))
    assert [(c.remote_id, c.parent_id, c.author, c.url) for c in found] == [
        ("1", "M1", "ann", ROOT.url),
        ("2", "1", "ann", ROOT.url),
    ]


async def test_answers_that_do_not_fit_beside_their_comment_are_read_to_the_last() -> None:
    first = {"data": [comment("2", 2)], "paging": {"cursors": {"after": "x"}, "next": "https://graph.example/next"}}
    http = FakeHttp().on("GET", "/M1/comments", json_body={"data": [comment("1", replies=first), comment("4", 4)]})
    http.on("GET", "/1/replies", json_body={"data": [comment("3", 3), comment("2", 2)]})
    comments = roles(http).comments
    assert comments is not None
    found = list(await comments.comments(ROOT, None))
    assert [(c.remote_id, c.parent_id) for c in found] == [("1", "M1"), ("2", "1"), ("3", "1"), ("4", "M1")]
    http.finish()


async def test_an_answer_goes_below_the_comment_and_is_given_once() -> None:
    deep = Comment(remote_id="2", parent_id="1", author="ann", text="Nice", at=NOW, url=ROOT.url)
    http = FakeHttp().on("GET", "/1/replies", json_body={"data": []}).on("POST", "/1/replies", json_body={"id": "9"})
    replier = roles(http).replier
    assert replier is not None
    given = await replier.reply(deep, "Thanks", key="k", at=NOW, root=ROOT)
    assert (given.remote_id, given.url) == ("9", ROOT.url)
    http.on("GET", "/1/replies", json_body={"data": [comment("9", who=ME, text="Thanks")]})
    assert (await replier.reply(deep, "Thanks", key="k", at=NOW, root=ROOT)).remote_id == "9"
    http.on("GET", "/1/replies", json_body={"data": []}).on("POST", "/1/replies", json_body={})
    with pytest.raises(OutcomeUnknown):
        await replier.reply(deep, "Thanks", key="k", at=NOW, root=ROOT)
    http.on("GET", "/1/replies", json_body={"data": []}).on("POST", "/1/replies", status=400, json_body=fault(100, 33))
    with pytest.raises(Refused, match="gone"):
        await replier.reply(deep, "Thanks", key="k", at=NOW, root=ROOT)


async def test_the_past_counts_its_pictures() -> None:
    def said(remote_id: str, kind: str, **more: Any) -> dict[str, Any]:
        told = {"id": remote_id, "caption": remote_id, "media_type": kind, "permalink": f"https://i/{remote_id}"}
        return {**told, "timestamp": "2026-11-22T09:00:00+0000", **more}

    album = said(
        "M3",
        "CAROUSEL_ALBUM",
        children={"data": [{"id": "1"}, {"id": "2", "media_type": "IMAGE"}, {"id": "3", "media_type": "VIDEO"}]},
    )
    http = FakeHttp().on("GET", f"/{ME}/media", json_body={"data": [album, said("M2", "IMAGE"), said("M1", "VIDEO")]})
    for remote_id in ("M3", "M2"):
        http.on("GET", f"/{remote_id}/insights", json_body={"data": []})
    http.on("GET", "/M1/insights", status=400, json_body=fault(100, 33))
    history = roles(http).history
    assert history is not None
    past = await history.past_posts(NOW - timedelta(days=9), limit=9)
    assert [(p.remote_id, p.pictures, p.metrics.likes) for p in past] == [
        ("M3", 2, None),
        ("M2", 1, None),
        ("M1", 0, None),
    ]


@pytest.mark.parametrize("code", [10, 200, 100])
async def test_a_post_that_this_app_may_not_delete_is_left_to_the_app_on_the_phone(code: int) -> None:
    deleter = roles(FakeHttp().on("DELETE", "/M1", status=403, json_body=fault(code))).deleter
    assert deleter is not None
    with pytest.raises(Refused) as caught:
        await deleter.delete(ROOT)
    assert caught.value.fix == f"Delete it in the Instagram app: {ROOT.url}"


async def test_a_token_that_has_ended_is_no_missing_right() -> None:
    deleter = roles(FakeHttp().on("DELETE", "/M1", status=401, json_body=fault(190, 463))).deleter
    assert deleter is not None
    with pytest.raises(NeedsReauth, match="has expired"):
        await deleter.delete(ROOT)
