"""Counters, answers, and our answers to them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from services.domain.errors import OutcomeUnknown, Refused, Unavailable
from services.domain.metrics import AccountMetrics, Comment, PostMetrics
from services.ports.http import Effect
from tests.fakes.http import FakeHttp
from tests.services.platforms.mastodon.helpers import BASE, NOW, account, me, receipt, roles, status

if TYPE_CHECKING:
    from services.ports.platform import CommentReader, MetricsReader, Replier

BATCH = "/api/v1/statuses"


def metrics(http: FakeHttp) -> MetricsReader:
    found = roles(http, known=account()).metrics
    assert found is not None
    return found


def reader(http: FakeHttp) -> CommentReader:
    found = roles(http, known=account()).comments
    assert found is not None
    return found


def replier(http: FakeHttp) -> Replier:
    found = roles(http, known=account()).replier
    assert found is not None
    return found


async def test_reads_counters_in_batches_of_twenty_and_leaves_out_what_is_gone() -> None:
    ids = [str(n) for n in range(22)]
    http = FakeHttp().on("GET", BATCH, json_body=[status(i) for i in ids[:19]] + [status("alien")])
    http.on("GET", BATCH, json_body=[status("20"), status("21")])
    http.on("GET", f"{BATCH}/19", status=404, json_body={"error": "Record not found"})
    found = await metrics(http).post_metrics([receipt(i) for i in [*ids, "0"]])
    http.finish()
    assert [m.remote_id for m in found] == [i for i in ids if i != "19"]
    assert found[0] == PostMetrics(remote_id="0", at=NOW, likes=3, comments=1, shares=2, quotes=4)
    assert http.requests[0].params == tuple(("id[]", i) for i in ids[:20])


@pytest.mark.parametrize(
    "answer", [{"status": 404}, {"status": 405}, {"status": 422}, {"body": "<html>"}, {"json_body": {}}]
)
async def test_reads_one_by_one_where_there_is_no_batch(answer: dict[str, Any]) -> None:
    first = status("1")
    del first["quotes_count"]
    http = FakeHttp().on("GET", BATCH, **answer).on("GET", f"{BATCH}/1", json_body=first)
    http.on("GET", f"{BATCH}/2", status=404)
    [found] = await metrics(http).post_metrics([receipt("1"), receipt("2")])
    http.finish()
    assert found == PostMetrics(remote_id="1", at=NOW, likes=3, comments=1, shares=2, quotes=None)


async def test_an_outage_is_a_failure_and_never_a_missing_post() -> None:
    http = FakeHttp().on("GET", BATCH, lost=True).on("GET", f"{BATCH}/1", lost=True)
    with pytest.raises(Unavailable):
        await metrics(http).post_metrics([receipt("1"), receipt("2")])
    assert list(await metrics(FakeHttp()).post_metrics([])) == []


async def test_reads_the_accounts_standing() -> None:
    http = FakeHttp().on("GET", "/verify_credentials", json_body=me(followers_count=None))
    assert await metrics(http).account_metrics() == AccountMetrics(at=NOW, followers=None, posts=7)


def answer(
    remote_id: str, content: str = "<p>Nice</p>", *, author: str = "ann@other.example", **changes: Any
) -> dict[str, Any]:
    who = {"id": f"id-{author}", "username": author.partition("@")[0], "acct": author}
    return status(remote_id, content, **{"account": who, "in_reply_to_id": "111", **changes})


async def test_reads_public_answers_oldest_first_without_ours() -> None:
    descendants = [
        answer("203", "<p>Why?<br>How?</p>", author="bo", created_at="2026-03-02T10:00:00Z", in_reply_to_id="201"),
        answer("201", created_at="2026-03-02T09:30:00Z", url="https://other.example/@ann/1"),
        answer("200", created_at="2026-03-02T09:00:00Z"),
        answer("204", visibility="direct", created_at="2026-03-02T11:00:00Z"),
        answer("205", visibility="private", created_at="2026-03-02T11:00:00Z"),
        status("202", "<p>Thanks</p>", in_reply_to_id="201", created_at="2026-03-02T09:45:00Z"),
    ]
    http = FakeHttp().on("GET", "/statuses/111/context", json_body={"ancestors": [], "descendants": descendants})
    found = await reader(http).comments(receipt("111"), NOW)
    assert [c.remote_id for c in found] == ["201", "203"]
    assert found[0] == Comment(
        remote_id="201",
        parent_id="111",
        author="ann@other.example",
        text="Nice",
        at=NOW + timedelta(minutes=30),
        url="https://other.example/@ann/1",
    )
    assert (found[1].author, found[1].text, found[1].parent_id) == ("bo", "Why?\nHow?", "201")


async def test_a_post_that_is_gone_has_no_answers() -> None:
    http = FakeHttp().on("GET", "/statuses/111/context", status=404)
    assert list(await reader(http).comments(receipt("111"), None)) == []


COMMENT = Comment(remote_id="201", parent_id="111", author="ann@other.example", text="Why?", at=NOW, url="")


async def test_answers_name_whom_they_answer_and_are_as_visible_as_the_post() -> None:
    http = FakeHttp().on("POST", BATCH, json_body=status("300", visibility="unlisted"))
    root = receipt("111", visibility="unlisted")
    live = await replier(http).reply(COMMENT, "Because.", key="k1", at=NOW, root=root)
    [request] = http.requests
    assert request.effect is Effect.IRREVERSIBLE
    assert request.headers["Idempotency-Key"] == "k1"
    assert request.json == {
        "status": "@ann@other.example Because.",
        "in_reply_to_id": "201",
        "visibility": "unlisted",
    }
    assert (live.remote_id, live.url) == ("300", f"{BASE}/@driftseas/300")


async def test_a_mention_that_is_there_is_not_doubled() -> None:
    http = FakeHttp().on("POST", BATCH, json_body=status("300"))
    root = receipt("111", visibility="public")
    await replier(http).reply(COMMENT, "@Ann@other.example, because.", key="k1", at=NOW, root=root)
    body = http.requests[0].json
    assert isinstance(body, dict)
    assert body["status"] == "@Ann@other.example, because."


async def test_an_unknown_visibility_is_read_from_the_post() -> None:
    http = FakeHttp().on("GET", f"{BATCH}/111", json_body=status(visibility="private"))
    http.on("POST", BATCH, json_body=status("300"))
    await replier(http).reply(COMMENT, "Because.", key="k1", at=NOW, root=receipt("111"))
    body = http.requests[1].json
    assert isinstance(body, dict)
    assert body["visibility"] == "private"


async def test_answers_fail_as_posts_do() -> None:
    root = receipt("111", visibility="public")
    http = FakeHttp().on("POST", BATCH, lost=True)
    with pytest.raises(OutcomeUnknown):
        await replier(http).reply(COMMENT, "Because.", key="k1", at=NOW, root=root)
    http.on("POST", BATCH, status=404)
    with pytest.raises(Refused, match="The comment is gone"):
        await replier(http).reply(COMMENT, "Because.", key="k1", at=NOW, root=root)
    http.on("GET", f"{BATCH}/111", status=404)
    with pytest.raises(Refused, match="The post is gone"):
        await replier(http).reply(COMMENT, "Because.", key="k1", at=NOW, root=receipt("111"))
