"""The X stand-in refuses what X refuses, over real sockets and without our adapter."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
import pytest_asyncio

from bot.practice import practice_accounts
from bot.practice.kinds import Network
from bot.practice.x.counting import weight
from tests.bot.practice.driving import PNG, Practice
from tests.media_samples import moving_gif


@dataclass
class Person:
    """Somebody with the practice account's keys and a few lines of OAuth."""

    practice: Practice
    keys: dict[str, str] = field(repr=False)
    made: int = 0

    def header(self, method: str, path: str, params: dict[str, str], **wrong: str) -> str:
        self.made += 1
        keys = {**self.keys, **wrong}
        own = {
            "oauth_consumer_key": keys["consumer_key"],
            "oauth_nonce": wrong.get("nonce", f"nonce-{self.made}"),
            "oauth_signature_method": "HMAC-SHA1",
            "oauth_timestamp": "1800000000",
            "oauth_token": keys["access_token"],
            "oauth_version": "1.0",
        }
        pairs = sorted((quote(k, safe="~"), quote(v, safe="~")) for k, v in {**own, **params}.items())
        url = f"{self.practice.settings.base_url}/x{path}"
        base = "&".join(quote(p, safe="~") for p in (method, url, "&".join(f"{k}={v}" for k, v in pairs)))
        secret = f"{quote(keys['consumer_secret'], safe='~')}&{quote(keys['access_token_secret'], safe='~')}"
        signature = base64.b64encode(hmac.new(secret.encode(), base.encode(), hashlib.sha1).digest()).decode()
        return "OAuth " + ", ".join(
            f'{k}="{quote(v, safe="~")}"' for k, v in {**own, "oauth_signature": signature}.items()
        )

    async def get(self, path: str, **params: str) -> httpx.Response:
        named = {name.replace("__", "."): value for name, value in params.items()}
        headers = {"authorization": self.header("GET", path, named)}
        return await self.practice.http.get(f"/x{path}", params=named, headers=headers)

    async def post(self, path: str, body: object) -> httpx.Response:
        headers = {"authorization": self.header("POST", path, {})}
        return await self.practice.http.post(f"/x{path}", json=body, headers=headers)

    async def tweet(self, text: str = "", **more: object) -> httpx.Response:
        return await self.post("/2/tweets", {**({"text": text} if text else {}), **more})

    async def delete(self, post_id: str) -> httpx.Response:
        path = f"/2/tweets/{post_id}"
        return await self.practice.http.delete(f"/x{path}", headers={"authorization": self.header("DELETE", path, {})})

    async def upload(self, content: bytes = PNG, category: str = "tweet_image") -> httpx.Response:
        headers = {"authorization": self.header("POST", "/2/media/upload", {})}
        files = {"media": ("a.bin", content, "application/octet-stream")}
        data = {"media_category": category}
        return await self.practice.http.post("/x/2/media/upload", files=files, data=data, headers=headers)


@pytest_asyncio.fixture
async def me(practice: Practice) -> Person:
    [own] = [fields for fields in practice_accounts(practice.settings) if fields["platform"] == "x"]
    return Person(practice, own)


def refused(answer: httpx.Response) -> tuple[int, str]:
    """The status and the most precise sentence."""
    body = answer.json()
    assert set(body) <= {"title", "detail", "type", "status", "errors"}
    assert body["status"] == answer.status_code
    errors = body.get("errors")
    return answer.status_code, errors[0]["message"] if errors else body["detail"]


async def test_a_post_is_answered_in_xs_shape_with_links_of_its_own(me: Person) -> None:
    answer = await me.tweet("A & B: https://example.com/x?y=1 and example.com")
    assert answer.status_code == 201
    data = answer.json()["data"]
    assert set(data) == {"id", "text", "edit_history_tweet_ids"}
    assert data["text"].startswith("A &amp; B: https://t.co/")
    assert data["text"].count("https://t.co/") == 2
    [shown] = await me.practice.posts("x")
    assert (shown["id"], shown["text"]) == (data["id"], "A & B: https://example.com/x?y=1 and example.com")
    page = await me.practice.http.get(shown["url"])
    assert "example.com/x?y=1" in page.text
    assert "@driftseas" in page.text
    assert (await me.practice.http.get(f"/x/anyone/status/{data['id']}")).status_code == 200
    assert (await me.practice.http.get("/x/driftseas/status/1")).status_code == 404


BAD: list[tuple[dict[str, Any], int, str]] = [
    ({}, 400, "$.text: is missing"),
    ({"text": "   "}, 400, "$.text: is missing"),
    ({"text": 7}, 400, "$.text: must be a string"),
    ({"text": "a" * 281}, 400, "too long"),
    ({"text": "日" * 141}, 400, "too long"),
    ({"text": "a", "colour": "red"}, 400, "$.colour: is not defined"),
    ({"text": "a", "poll": {}}, 400, "from 2 to 4 items"),
    ({"text": "a", "poll": {"options": ["A", ""], "duration_minutes": 60}}, 400, "from 1 to 25 characters"),
    ({"text": "a", "poll": {"options": ["A", "b" * 26], "duration_minutes": 60}}, 400, "from 1 to 25 characters"),
    ({"text": "a", "poll": {"options": ["A", "B"], "duration_minutes": 4}}, 400, "from 5 to 10080"),
    ({"text": "a", "poll": {"options": ["A", "B"], "duration_minutes": "60"}}, 400, "from 5 to 10080"),
    ({"text": "a", "poll": {"options": ["A", "B"], "reply_settings": "x"}}, 400, "$.poll.reply_settings"),
    ({"poll": {"options": ["A", "B"], "duration_minutes": 60}}, 400, "$.text: is missing"),
    ({"text": "a", "quote_tweet_id": "1"}, 403, "quote_tweet_id"),
    ({"text": "a", "reply_settings": "everyone"}, 400, "$.reply_settings"),
    ({"text": "a", "made_with_ai": "yes"}, 400, "$.made_with_ai"),
    ({"text": "$AAA $BBB"}, 403, "cashtag"),
    ({"text": "a", "media": {"media_ids": []}}, 400, "from 1 to 4"),
    ({"text": "a", "media": {"media_ids": ["1", "1"]}}, 400, "different"),
    ({"text": "a", "media": {"media_ids": [1]}}, 400, "list of ids"),
    ({"text": "a", "media": {"ids": []}}, 400, "$.media.ids"),
    ({"text": "a", "media": ["1"]}, 400, "must be an object"),
    ({"text": "a", "media": {"media_ids": ["1"]}}, 400, "Your media IDs are invalid."),
    ({"text": "a", "reply": {"in_reply_to_tweet_id": "1"}}, 403, "deleted or not visible"),
    ({"text": "a", "reply": {"to": "1"}}, 400, "$.reply.to"),
]


@pytest.mark.parametrize(("body", "status", "words"), BAD)
async def test_what_x_refuses_is_refused(me: Person, body: dict[str, Any], status: int, words: str) -> None:
    found, sentence = refused(await me.post("/2/tweets", body))
    assert found == status
    assert words in sentence
    assert await me.practice.posts("x") == []


async def test_the_same_words_are_refused_for_a_day_in_the_same_place(me: Person) -> None:
    first = (await me.tweet("Again")).json()["data"]["id"]
    duplicate = (403, "You are not allowed to create a Tweet with duplicate content.")
    assert refused(await me.tweet("Again")) == duplicate
    assert (await me.tweet("Again", reply={"in_reply_to_tweet_id": first})).status_code == 201
    me.practice.clock.advance(hours=25)
    second = (await me.tweet("Again")).json()["data"]["id"]
    assert (await me.delete(second)).json() == {"data": {"deleted": True}}
    assert (await me.tweet("Again")).status_code == 201
    assert refused(await me.delete(second))[0] == 404


async def test_signatures_are_checked_to_the_letter(me: Person) -> None:
    path = "/2/users/me"
    right = me.header("GET", path, {"user.fields": "name"})
    for header in (
        "",
        "Bearer nothing",
        me.header("GET", path, {"user.fields": "id"}),
        me.header("POST", path, {"user.fields": "name"}),
        me.header("GET", "/2/tweets", {"user.fields": "name"}),
        me.header("GET", path, {"user.fields": "name"}, consumer_secret="wrong"),
        me.header("GET", path, {"user.fields": "name"}, access_token_secret="wrong"),
        me.header("GET", path, {"user.fields": "name"}, access_token="wrong"),
        right.replace('oauth_version="1.0"', 'oauth_verifier="1.0"'),
        right.replace("HMAC-SHA1", "PLAINTEXT"),
    ):
        answer = await me.practice.http.get(f"/x{path}?user.fields=name", headers={"authorization": header})
        assert refused(answer) == (401, "Unauthorized"), header
    headers = {"authorization": right}
    good = await me.practice.http.get(f"/x{path}?user.fields=name", headers=headers)
    assert good.json() == {"data": {"id": good.json()["data"]["id"], "name": "Drift Seas", "username": "driftseas"}}
    assert good.headers["x-access-level"] == "read-write"
    replayed = await me.practice.http.get(f"/x{path}?user.fields=name", headers=headers)
    assert replayed.status_code == 401


async def test_tokens_of_the_second_kind_end_and_are_renewed_once(practice: Practice) -> None:
    minted = (await practice.http.post("/_practice/tokens", json={"network": "x"})).json()
    app = (minted["client_id"], minted["client_secret"])

    async def ask(token: str) -> int:
        return (await practice.http.get("/x/2/users/me", headers={"authorization": f"Bearer {token}"})).status_code

    async def renew(refresh: str, auth: tuple[str, str] = app, **more: str) -> httpx.Response:
        form = {"grant_type": "refresh_token", "refresh_token": refresh, **more}
        return await practice.http.post("/x/2/oauth2/token", data=form, auth=auth)

    assert await ask(minted["access_token"]) == 200
    practice.clock.advance(hours=2, seconds=1)
    assert await ask(minted["access_token"]) == 401
    assert (await renew(minted["refresh_token"], ("app", "wrong"))).json()["error"] == "unauthorized_client"
    assert (await renew(minted["refresh_token"], scope="x")).status_code == 400
    fresh = (await renew(minted["refresh_token"])).json()
    assert (fresh["token_type"], fresh["expires_in"]) == ("bearer", 7200)
    assert await ask(fresh["access_token"]) == 200
    assert await ask(fresh["refresh_token"]) == 401
    spent = await renew(minted["refresh_token"])
    assert (spent.status_code, spent.json()["error"]) == (400, "invalid_request")


async def test_pictures_are_judged_by_their_bytes_and_last_a_day(me: Person) -> None:
    assert refused(await me.upload(b"no picture"))[1] == "media type unrecognized."
    assert refused(await me.upload(PNG + b"\0" * 5_300_000))[1].startswith("Image file size")
    assert refused(await me.upload(PNG, "tweet_video"))[0] == 403
    assert refused(await me.upload(moving_gif()))[1] == "A moving GIF must be uploaded as tweet_gif."
    data = (await me.upload()).json()["data"]
    assert (data["media_key"], data["expires_after_secs"]) == (f"3_{data['id']}", 86_400)
    described = {"id": data["id"], "metadata": {"alt_text": {"text": "A card"}}}
    assert (await me.post("/2/media/metadata", described)).status_code == 200
    for wrong in ({**described, "id": "9"}, {"id": data["id"], "metadata": {"alt_text": {"text": "a" * 1001}}}):
        assert refused(await me.post("/2/media/metadata", wrong))[0] == 400
    assert (await me.tweet("Look", media={"media_ids": [data["id"]]})).status_code == 201
    [shown] = await me.practice.posts("x")
    assert [(one["alt"], one["mime"]) for one in shown["media"]] == [("A card", "image/png")]
    late = (await me.upload()).json()["data"]["id"]
    me.practice.clock.advance(hours=24)
    assert refused(await me.tweet("Late", media={"media_ids": [late]}))[1] == "Your media IDs are invalid."
    assert (await me.tweet("Shown again", media={"media_ids": [data["id"]]})).status_code == 201
    soon = (await me.upload()).json()["data"]["id"]
    await me.practice.fault(network="x", operation="publish", fault="expire_uploads")
    assert refused(await me.tweet("Lapsed", media={"media_ids": [soon]}))[1] == "Your media IDs are invalid."


async def test_counts_are_told_in_the_words_asked_for(me: Person) -> None:
    ids = [(await me.tweet(f"What is {n}?")).json()["data"]["id"] for n in range(2)]
    await me.delete(ids[1])
    me.practice.clock.advance(hours=2)
    old = (await me.get("/2/tweets", ids=",".join(ids), tweet__fields="public_metrics,non_public_metrics")).json()
    [post], [gone] = old["data"], old["errors"]
    assert post["public_metrics"]["impression_count"] >= 40 * post["public_metrics"]["like_count"] > 0
    assert "retweet_count" in post["public_metrics"]
    assert set(post["non_public_metrics"]) >= {"url_link_clicks", "impression_count"}
    assert (gone["resource_id"], gone["title"]) == (ids[1], "Not Found Error")
    new = (await me.get("/2/tweets", ids=ids[0], post__fields="public_metrics,referenced_posts")).json()["data"][0]
    assert "repost_count" in new["public_metrics"]
    assert new["edit_history_post_ids"] == [ids[0]]
    me.practice.clock.advance(days=31)
    late = (await me.get("/2/tweets", ids=ids[0], tweet__fields="non_public_metrics")).json()
    assert [one["title"] for one in late["errors"]] == ["Field Authorization Error"]
    assert "data" not in late


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/2/tweets", {"ids": "abc"}),
        ("/2/tweets", {"ids": ",".join(map(str, range(101)))}),
        ("/2/tweets", {"ids": "1", "colour": "red"}),
        ("/2/tweets", {"ids": "1", "tweet__fields": "colour"}),
        ("/2/tweets", {"ids": "1", "post__fields": "referenced_tweets"}),
        ("/2/tweets", {"ids": "1", "tweet__fields": "text", "post__fields": "text"}),
        ("/2/users/me", {"user__fields": "colour"}),
        ("/2/tweets/search/recent", {"query": "ships"}),
        ("/2/tweets/search/recent", {"query": "conversation_id:1", "max_results": "9"}),
        ("/2/tweets/search/recent", {"query": "conversation_id:1", "start_time": "2026-11-01T00:00:00Z"}),
        ("/2/tweets/search/recent", {"query": "conversation_id:1", "start_time": "yesterday"}),
    ],
)
async def test_questions_that_x_would_not_answer_are_refused(me: Person, path: str, params: dict[str, str]) -> None:
    assert refused(await me.get(path, **params))[0] == 400


async def test_a_timeline_has_pages_and_leaves_answers_out_when_asked(me: Person) -> None:
    own = (await me.get("/2/users/me")).json()["data"]["id"]
    path = f"/2/users/{own}/tweets"
    assert (await me.get(path)).json() == {"meta": {"result_count": 0}}
    ids = []
    for turn in range(7):
        me.practice.clock.advance(seconds=1)
        ids.append((await me.tweet(f"Number {turn}")).json()["data"]["id"])
    me.practice.clock.advance(seconds=1)
    await me.tweet("Part", reply={"in_reply_to_tweet_id": ids[0]})
    first = (await me.get(path, max_results="5", exclude="replies,retweets")).json()
    rest = (await me.get(path, max_results="5", exclude="replies", pagination_token=first["meta"]["next_token"])).json()
    assert [p["id"] for p in first["data"] + rest["data"]] == ids[::-1]
    assert "next_token" not in rest["meta"]
    since = (me.practice.clock() - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    late = (await me.get(path, start_time=since, tweet__fields="referenced_tweets,in_reply_to_user_id")).json()["data"]
    assert [p.get("referenced_tweets") for p in late] == [[{"type": "replied_to", "id": ids[0]}], None]
    assert late[0]["in_reply_to_user_id"] == own
    assert (await me.get("/2/users/1/tweets")).status_code == 404
    assert (await me.get(path, exclude="likes")).status_code == 400


async def test_answers_can_be_found_and_answered_only_where_we_are_mentioned(me: Person) -> None:
    root = (await me.tweet("What would you change, and why? 3 of 7 said speed.")).json()["data"]["id"]
    me.practice.clock.advance(days=3)
    asked = {
        "query": f"conversation_id:{root}",
        "expansions": "author_id",
        "tweet__fields": "author_id,conversation_id",
    }
    found = (await me.get("/2/tweets/search/recent", **asked)).json()
    answers = [post for post in found["data"] if post["id"] != root]
    assert answers
    assert all(post["text"].startswith("@driftseas ") and post["conversation_id"] == root for post in answers)
    assert {user["id"] for user in found["includes"]["users"]} == {post["author_id"] for post in found["data"]}
    answer = await me.tweet("Thank you.", reply={"in_reply_to_tweet_id": answers[0]["id"]})
    assert answer.status_code == 201
    me.practice.clock.advance(days=5)
    later = (await me.get("/2/tweets/search/recent", query=f"conversation_id:{root}")).json()
    assert root not in {post["id"] for post in later["data"]}


async def test_the_rates_are_told_in_xs_headers(me: Person) -> None:
    answer = await me.get("/2/users/me")
    assert answer.headers["x-rate-limit-limit"] == "900"
    assert int(answer.headers["x-rate-limit-reset"]) == int((me.practice.clock() + timedelta(minutes=15)).timestamp())
    await me.practice.fault(network="x", operation="verify", fault="rate_limited", value=30)
    late = await me.get("/2/users/me")
    assert (late.status_code, late.headers["x-rate-limit-remaining"]) == (429, "0")
    assert refused(await me.get("/2/nowhere"))[0] == 404


async def test_a_body_must_be_json(me: Person) -> None:
    for content, kind in ((b"{", "application/json"), (b"[]", "application/json"), (b"text=a", "text/plain")):
        headers = {"authorization": me.header("POST", "/2/tweets", {}), "content-type": kind}
        assert refused(await me.practice.http.post("/x/2/tweets", content=content, headers=headers))[0] == 400


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("a b", 3),
        ("日本", 4),
        ("👨‍👩‍👧‍👦", 2),
        ("🇫🇷", 2),
        ("1️⃣", 2),
        ("see https://example.com/a and example.com", 4 + 23 + 5 + 23),
        ("e\u0301…", 3),
    ],
)
def test_it_counts_by_means_of_its_own(text: str, length: int) -> None:
    assert weight(text) == length


async def test_history_is_seeded_like_elsewhere(tmp_path: Any, clock: Any) -> None:
    from tests.bot.practice.driving import running

    async with running(tmp_path / "p.db", clock, history_weeks=1) as practice:
        past = await practice.posts("x", "history")
        assert len(past) >= 8
        assert any(post["media"] for post in past)
        assert {urlsplit(post["url"]).path.split("/")[1] for post in past} == {"x"}
        assert (await practice.http.get(past[0]["url"])).status_code == 200
        told = (await practice.http.get("/_practice/feed")).json()["posts"]
        assert {post["network"] for post in told} == set(Network)
        asked = (await practice.http.get("/_practice/feed", params={"network": "x", "limit": "3"})).json()["posts"]
        assert [post["handle"] for post in asked] == ["@driftseas"] * 3
