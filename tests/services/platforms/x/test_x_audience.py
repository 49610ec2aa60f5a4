"""Counters, answers and the past on X, in both of its vocabularies."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.domain.errors import Refused
from services.domain.metrics import PostMetrics
from tests.services.platforms.x.helpers import (
    ME,
    NOW,
    SEARCH,
    TIMELINE,
    TWEETS,
    desk,
    listed,
    number,
    post,
    problem,
    receipt,
)

YOUNG, OLD = number(NOW - timedelta(days=1)), number(NOW - timedelta(days=40))
TWEET_WORDS = {
    "impression_count": 900,
    "like_count": 9,
    "reply_count": 2,
    "quote_count": 1,
    "bookmark_count": 3,
    "retweet_count": 4,
}
POST_WORDS = {**{k: v for k, v in TWEET_WORDS.items() if k != "retweet_count"}, "repost_count": 4}
PRIVATE = {"url_link_clicks": 5, "impression_count": 950}


def counted(**more: object) -> PostMetrics:
    given = {"impressions": 900, "likes": 9, "comments": 2, "quotes": 1, "saves": 3, "shares": 4, "clicks": 5}
    return PostMetrics(remote_id=YOUNG, at=NOW, **{**given, **more})  # type: ignore[arg-type]  # counts


@pytest.mark.parametrize("words", [TWEET_WORDS, POST_WORDS])
async def test_both_vocabularies_give_the_same_counters(words: dict[str, int]) -> None:
    one = desk()
    shown = post(YOUNG, "x", public_metrics=words, non_public_metrics=PRIVATE)
    one.http.on("GET", TWEETS, json_body=listed(shown))
    assert one.roles.metrics is not None
    assert await one.roles.metrics.post_metrics([receipt(YOUNG)] * 2) == [counted()]
    params = dict(one.http.requests[0].params)
    assert params["ids"] == YOUNG
    assert "non_public_metrics" in params["tweet.fields"]


async def test_what_is_not_told_is_none_and_never_zero() -> None:
    one = desk()
    one.http.on("GET", TWEETS, json_body=listed(post(YOUNG, "x", public_metrics={"like_count": "many"})))
    assert one.roles.metrics is not None
    assert await one.roles.metrics.post_metrics([receipt(YOUNG)]) == [PostMetrics(remote_id=YOUNG, at=NOW)]
    one.http.on("GET", TWEETS, json_body=listed(post(YOUNG, "x", non_public_metrics=PRIVATE)))
    assert await one.roles.metrics.post_metrics([receipt(YOUNG)]) == [
        PostMetrics(remote_id=YOUNG, at=NOW, impressions=950, clicks=5)
    ]


async def test_a_video_is_counted_as_often_as_it_was_played() -> None:
    one = desk()
    shown = post(YOUNG, "x", attachments={"media_keys": ["7_9"]})
    media = [{"media_key": "3_1"}, {"media_key": "7_9", "public_metrics": {"view_count": 31}}]
    one.http.on("GET", TWEETS, json_body=listed(shown, includes={"media": media}))
    assert one.roles.metrics is not None
    [found] = await one.roles.metrics.post_metrics([receipt(YOUNG)])
    assert found.video_views == 31
    asked = dict(one.http.requests[0].params)
    assert (asked["expansions"], asked["media.fields"]) == ("attachments.media_keys", "public_metrics")


async def test_an_older_post_is_read_without_what_x_keeps_for_thirty_days() -> None:
    one = desk()
    one.http.on(
        "GET", TWEETS, json_body=listed(post(YOUNG, "x", public_metrics=TWEET_WORDS, non_public_metrics=PRIVATE))
    )
    one.http.on("GET", TWEETS, json_body=listed(post(OLD, "x", public_metrics=TWEET_WORDS)))
    assert one.roles.metrics is not None
    found = await one.roles.metrics.post_metrics([receipt(OLD, at=NOW - timedelta(days=40)), receipt(YOUNG)])
    assert [(m.remote_id, m.clicks, m.likes) for m in found] == [(OLD, None, 9), (YOUNG, 5, 9)]
    asked = [dict(r.params) for r in one.http.requests]
    assert [(a["ids"], "non_public_metrics" in a["tweet.fields"]) for a in asked] == [(YOUNG, True), (OLD, False)]


async def test_private_counters_that_are_kept_back_are_asked_for_without() -> None:
    one = desk()
    kept = {"resource_id": YOUNG, "title": "Field Authorization Error", "type": "x/not-authorized-for-field"}
    one.http.on("GET", TWEETS, json_body={"errors": [kept]})
    one.http.on("GET", TWEETS, json_body=listed(post(YOUNG, "x", public_metrics=TWEET_WORDS)))
    assert one.roles.metrics is not None
    assert await one.roles.metrics.post_metrics([receipt(YOUNG)]) == [counted(clicks=None)]


async def test_a_post_that_is_gone_is_not_asked_for_twice() -> None:
    one = desk()
    gone = {"resource_id": YOUNG, "title": "Not Found Error", "type": "https://api.x.com/2/problems/resource-not-found"}
    one.http.on("GET", TWEETS, json_body={"errors": [gone]})
    assert one.roles.metrics is not None
    assert await one.roles.metrics.post_metrics([receipt(YOUNG)]) == []
    one.http.finish()


async def test_a_server_that_renamed_its_fields_is_asked_in_the_new_words() -> None:
    one = desk()
    told = problem("invalid-request", "Invalid Request", "The query parameter [tweet.fields] is not one of [ids]", 400)
    one.http.on("GET", TWEETS, status=400, json_body=told)
    one.http.on(
        "GET", TWEETS, json_body=listed(post(YOUNG, "x", public_metrics=POST_WORDS, non_public_metrics=PRIVATE))
    )
    assert one.roles.metrics is not None
    assert await one.roles.metrics.post_metrics([receipt(YOUNG)]) == [counted()]
    assert "post.fields" in dict(one.http.requests[1].params)
    one.http.on("GET", TWEETS, status=400, json_body=problem("invalid-request", "Invalid Request", "ids are odd", 400))
    with pytest.raises(Refused, match="ids are odd"):
        await one.roles.metrics.post_metrics([receipt(YOUNG)])


@pytest.mark.parametrize("name", ["tweet_count", "post_count"])
async def test_the_account_is_counted_too(name: str) -> None:
    one = desk()
    one.http.on("GET", ME, json_body={"data": {"id": "100", "public_metrics": {"followers_count": 12, name: 7}}})
    assert one.roles.metrics is not None
    found = await one.roles.metrics.account_metrics()
    assert (found.followers, found.posts) == (12, 7)


async def test_answers_come_oldest_first_without_ours_and_with_links_as_written() -> None:
    one = desk()
    early, late = number(NOW - timedelta(hours=3)), number(NOW - timedelta(hours=1))
    below = [{"type": "replied_to", "id": YOUNG}]
    links = {"urls": [{"url": "https://t.co/a", "expanded_url": "https://example.com"}]}
    users = {"users": [{"id": "7", "username": "mira", "name": "Mira"}]}
    first = post(early, "why &amp; how? https://t.co/a", author_id="7", referenced_tweets=below, entities=links)
    ours = post(number(NOW), "because", author_id="100", referenced_tweets=below)
    second = post(late, "thanks", author_id="8", referenced_tweets=[{"type": "replied_to", "id": early}])
    one.http.on("GET", SEARCH, json_body=listed(second, ours, token="more", includes=users))
    one.http.on("GET", SEARCH, json_body=listed(first, post(YOUNG, "root"), includes=users))
    assert one.roles.comments is not None
    found = await one.roles.comments.comments(receipt(YOUNG, at=NOW - timedelta(days=1)), None)
    assert [(c.remote_id, c.parent_id, c.author, c.text) for c in found] == [
        (early, YOUNG, "mira", "why & how? https://example.com"),
        (late, early, "8", "thanks"),
    ]
    assert found[0].url == f"https://x.com/mira/status/{early}"
    asked = dict(one.http.requests[0].params)
    assert (asked["query"], asked["start_time"]) == (f"conversation_id:{YOUNG}", "2026-03-01T09:00:00Z")
    assert dict(one.http.requests[1].params)["next_token"] == "more"


async def test_only_seven_days_can_be_searched() -> None:
    one = desk()
    one.http.on("GET", SEARCH, json_body=listed())
    assert one.roles.comments is not None
    assert list(await one.roles.comments.comments(receipt(OLD), NOW - timedelta(days=30))) == []
    assert dict(one.http.requests[0].params)["start_time"] == "2026-02-23T09:05:00Z"


async def test_the_past_is_ours_newest_first_and_without_answers() -> None:
    one = desk()
    links = {"urls": [{"url": "https://t.co/m", "expanded_url": f"https://x.com/driftseas/status/{YOUNG}/photo/1"}]}
    shown = post(YOUNG, "Ships https://t.co/m", entities=links, attachments={"media_keys": ["3_1", "3_2"]})
    answer = post(number(NOW, 1), "no", referenced_tweets=[{"type": "replied_to", "id": "5"}])
    quoting = post(number(NOW, 2), "yes", referenced_tweets=[{"type": "quoted", "id": "5"}])
    one.http.on("GET", TIMELINE, json_body=listed(quoting, answer, shown))
    one.http.on(
        "GET", TWEETS, json_body=listed(post(YOUNG, "x", public_metrics=TWEET_WORDS, non_public_metrics=PRIVATE))
    )
    one.http.on("GET", TWEETS, json_body=listed())
    assert one.roles.history is not None
    past = await one.roles.history.past_posts(NOW - timedelta(days=42), limit=10)
    assert [(p.text, p.pictures, p.metrics.likes) for p in past] == [("yes", 0, None), ("Ships", 2, 9)]
    asked = dict(one.http.requests[0].params)
    assert (asked["exclude"], asked["start_time"]) == ("replies,retweets", "2026-01-19T09:00:00Z")
