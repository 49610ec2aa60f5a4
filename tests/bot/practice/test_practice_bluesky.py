"""The Bluesky stand-in keeps the promises of a real server."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import pytest

from bot.practice.bluesky import jwt
from bot.practice.ids import blob_cid, record_cid
from tests.bot.practice.driving import OTHER_PNG, PNG, FakeClock, Practice, record, running

POST = "app.bsky.feed.post"
RKEY = "3kabcdefghijk"
OTHER_RKEY = "3kabcdefghijm"
REPO = "com.atproto.repo"


async def create(practice: Practice, session: dict[str, Any], text: str, **more: object) -> dict[str, Any]:
    """Create a post that must succeed."""
    body = {"repo": session["did"], "collection": POST, "record": record(text, **more)}
    answer = await practice.call(f"{REPO}.createRecord", body, session["accessJwt"])
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def put(practice: Practice, session: dict[str, Any], value: dict[str, object], **more: object) -> Any:
    """Put a post under the fixed key."""
    body = {"repo": session["did"], "collection": POST, "rkey": RKEY, "record": value, **more}
    return await practice.call(f"{REPO}.putRecord", body, session["accessJwt"])


async def upload(practice: Practice, session: dict[str, Any], content: bytes, kind: str = "image/jpeg") -> Any:
    """Upload bytes under a claimed type."""
    headers = {"authorization": f"Bearer {session['accessJwt']}", "content-type": kind}
    return await practice.http.post(f"/bluesky/xrpc/{REPO}.uploadBlob", content=content, headers=headers)


def outcome(answer: Any) -> tuple[int, str, str]:
    """Answer the status, error name and message of a refusal."""
    return answer.status_code, answer.json()["error"], answer.json()["message"]


async def test_a_session_names_its_server_and_its_end(practice: Practice) -> None:
    session = await practice.session()
    assert session["handle"] == "driftseas.practice.test"
    assert session["did"].startswith("did:plc:")
    (service,) = session["didDoc"]["service"]
    assert service["id"] == "#atproto_pds"
    assert service["serviceEndpoint"] == f"{practice.settings.base_url}/bluesky"
    payload = session["accessJwt"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert claims["exp"] - claims["iat"] == 2 * 3600
    assert claims["sub"] == session["did"]
    known = await practice.ask("com.atproto.server.getSession", session["accessJwt"])
    assert (known.status_code, known.json()["handle"]) == (200, session["handle"])


async def test_sign_in_takes_handle_mail_or_did_and_the_right_password_only(practice: Practice) -> None:
    did = (await practice.session())["did"]
    for name in ("driftseas.practice.test", "@driftseas.practice.test", "desk@practice.test", did):
        body = {"identifier": name, "password": practice.password}
        assert (await practice.call("com.atproto.server.createSession", body, None)).status_code == 200
    refused = (401, "AuthenticationRequired", "Invalid identifier or password")
    for name, password in ((practice.identifier, "wrong"), ("someone.else", practice.password)):
        body = {"identifier": name, "password": password}
        assert outcome(await practice.call("com.atproto.server.createSession", body, None)) == refused
    missing = await practice.call("com.atproto.server.createSession", {"identifier": "x"}, None)
    assert outcome(missing)[:2] == (400, "InvalidRequest")


async def test_tokens_expire_and_refresh_rotates_both(practice: Practice) -> None:
    first = await practice.session()
    practice.clock.advance(hours=2, seconds=1)
    late = await practice.ask("com.atproto.server.getSession", first["accessJwt"])
    assert outcome(late) == (400, "ExpiredToken", "Token has expired")
    second = (await practice.call("com.atproto.server.refreshSession", None, first["refreshJwt"])).json()
    assert second["accessJwt"] != first["accessJwt"]
    assert second["refreshJwt"] != first["refreshJwt"]
    assert (await practice.ask("com.atproto.server.getSession", second["accessJwt"])).status_code == 200
    practice.clock.advance(seconds=30)
    assert (await practice.call("com.atproto.server.refreshSession", None, first["refreshJwt"])).status_code == 200
    practice.clock.advance(seconds=31)
    dead = await practice.call("com.atproto.server.refreshSession", None, first["refreshJwt"])
    assert outcome(dead)[:2] == (400, "ExpiredToken")


async def test_wrong_tokens_have_their_own_errors(practice: Practice) -> None:
    session = await practice.session()
    method = "com.atproto.server.getSession"
    assert outcome(await practice.ask(method)) == (401, "AuthMissing", "Authentication Required")
    for token in ("junk", session["refreshJwt"], session["accessJwt"][:-4] + "AAAA", "a.b.é"):
        headers = {b"authorization": f"Bearer {token}".encode()}
        answer = await practice.http.get(f"/bluesky/xrpc/{method}", headers=headers)
        assert outcome(answer)[:2] == (400, "InvalidToken")
    wrong = await practice.call("com.atproto.server.refreshSession", None, session["accessJwt"])
    assert outcome(wrong)[:2] == (400, "InvalidToken")


async def test_a_post_is_created_read_listed_and_deleted(practice: Practice) -> None:
    session = await practice.session()
    made = await create(practice, session, "Hello")
    rkey = made["uri"].rsplit("/", 1)[1]
    assert made["cid"].startswith("bafyrei")
    assert made["cid"] == record_cid(record("Hello"))
    assert made["validationStatus"] == "valid"
    where = {"repo": session["did"], "collection": POST}
    got = await practice.ask(f"{REPO}.getRecord", **where, rkey=rkey)
    assert got.json() == {"uri": made["uri"], "cid": made["cid"], "value": record("Hello")}
    practice.clock.advance(seconds=1)
    newer = await create(practice, session, "Again")
    listed = (await practice.ask(f"{REPO}.listRecords", **where)).json()
    assert [one["uri"] for one in listed["records"]] == [newer["uri"], made["uri"]]
    first = (await practice.ask(f"{REPO}.listRecords", **where, limit=1)).json()
    rest = (await practice.ask(f"{REPO}.listRecords", **where, cursor=first["cursor"])).json()
    assert [one["uri"] for one in rest["records"]] == [made["uri"]]
    reverse = (await practice.ask(f"{REPO}.listRecords", **where, reverse="true")).json()
    assert [one["uri"] for one in reverse["records"]] == [made["uri"], newer["uri"]]
    for has_commit in (True, False):
        gone = await practice.call(f"{REPO}.deleteRecord", {**where, "rkey": rkey}, session["accessJwt"])
        assert (gone.status_code, "commit" in gone.json()) == (200, has_commit)
    missing = await practice.ask(f"{REPO}.getRecord", **where, rkey=rkey)
    assert outcome(missing)[:2] == (400, "RecordNotFound")
    page = await practice.http.get(f"/bluesky/profile/{practice.identifier}/post/{rkey}")
    assert page.status_code == 404


async def test_an_occupied_key_is_an_internal_error(practice: Practice) -> None:
    session = await practice.session()
    body = {"repo": session["handle"], "collection": POST, "rkey": RKEY, "record": record("a")}
    assert (await practice.call(f"{REPO}.createRecord", body, session["accessJwt"])).status_code == 200
    again = await practice.call(f"{REPO}.createRecord", body, session["accessJwt"])
    assert outcome(again) == (500, "InternalServerError", "Internal Server Error")
    assert len(await practice.posts("bluesky")) == 1


async def test_put_creates_only_if_absent(practice: Practice) -> None:
    session = await practice.session()
    first = await put(practice, session, record("a"), swapRecord=None)
    assert first.status_code == 200
    assert "commit" in first.json()
    same = await put(practice, session, record("a"), swapRecord=None)
    assert (same.status_code, same.json()["cid"], "commit" in same.json()) == (200, first.json()["cid"], False)
    other = await put(practice, session, record("b"), swapRecord=None)
    assert outcome(other)[:2] == (400, "InvalidSwap")
    assert [post["text"] for post in await practice.posts("bluesky")] == ["a"]
    swapped = await put(practice, session, record("b"), swapRecord=first.json()["cid"])
    assert swapped.status_code == 200
    stale = await put(practice, session, record("c"), swapRecord=first.json()["cid"])
    assert outcome(stale)[:2] == (400, "InvalidSwap")
    assert (await put(practice, session, record("d"))).status_code == 200
    assert [post["text"] for post in await practice.posts("bluesky")] == ["d"]


async def test_four_puts_at_once_make_one_post(practice: Practice) -> None:
    session = await practice.session()
    answers = await asyncio.gather(*(put(practice, session, record("a"), swapRecord=None) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert sum("commit" in answer.json() for answer in answers) == 1
    assert len(await practice.posts("bluesky")) == 1


async def test_a_deleted_key_can_be_created_again(practice: Practice) -> None:
    session = await practice.session()
    where = {"repo": session["did"], "collection": POST, "rkey": RKEY}
    await put(practice, session, record("What do you think?"), swapRecord=None)
    practice.clock.advance(days=1)
    (old,) = await practice.posts("bluesky")
    assert old["counters"]["replies"] > 0
    session = await practice.session()
    gone = await practice.call(f"{REPO}.deleteRecord", where, session["accessJwt"])
    assert gone.status_code == 200
    assert (await put(practice, session, record("What do you think?"), swapRecord=None)).status_code == 200
    (back,) = await practice.posts("bluesky")
    assert back["counters"] == {"likes": 0, "reposts": 0, "quotes": 0, "replies": 0}


async def test_writes_need_the_own_repo_the_post_collection_and_a_living_commit(practice: Practice) -> None:
    session = await practice.session()
    body = {"repo": session["did"], "collection": POST, "record": record("a")}
    method, token = f"{REPO}.createRecord", session["accessJwt"]
    assert outcome(await practice.call(method, body, None))[:2] == (401, "AuthMissing")
    foreign = await practice.call(method, {**body, "repo": "did:plc:someoneelse"}, token)
    assert outcome(foreign)[:2] == (401, "AuthenticationRequired")
    like = await practice.call(method, {**body, "collection": "app.bsky.feed.like"}, token)
    assert outcome(like)[:2] == (400, "InvalidRequest")
    extra = await practice.call(method, {**body, "mood": 1}, token)
    assert outcome(extra) == (400, "InvalidRequest", 'Input has an unknown property "mood"')
    swap = await practice.call(method, {**body, "swapCommit": "bafyreiold"}, token)
    assert outcome(swap)[:2] == (400, "InvalidSwap")
    key = await practice.call(method, {**body, "rkey": "my-post"}, token)
    assert outcome(key)[:2] == (400, "InvalidRecord")
    made = await create(practice, session, "a")
    head = made["commit"]["cid"]
    assert (await practice.call(method, {**body, "swapCommit": head}, token)).status_code == 200


async def test_a_bad_record_is_named(practice: Practice) -> None:
    session = await practice.session()
    answer = await put(practice, session, record("a" * 301))
    expected = "Invalid app.bsky.feed.post record: Record/text must not be longer than 300 graphemes"
    assert outcome(answer) == (400, "InvalidRecord", expected)
    assert await practice.posts("bluesky") == []


async def test_replies_need_a_living_root_and_parent(practice: Practice) -> None:
    session = await practice.session()
    made = await create(practice, session, "root")
    ref = {"uri": made["uri"], "cid": made["cid"]}
    child = await create(practice, session, "child", reply={"root": ref, "parent": ref})
    for wrong in ({**ref, "cid": child["cid"]}, {**ref, "uri": made["uri"][:-1] + "2"}):
        answer = await put(practice, session, record("x", reply={"root": ref, "parent": wrong}))
        assert outcome(answer)[:2] == (400, "InvalidRecord")
        assert "Record/reply/parent" in outcome(answer)[2]
    below = {"uri": child["uri"], "cid": child["cid"]}
    await create(practice, session, "grandchild", reply={"root": ref, "parent": below})
    thread = (await practice.ask("app.bsky.feed.getPostThread", uri=child["uri"], depth=2)).json()["thread"]
    assert thread["post"]["record"]["text"] == "child"
    assert thread["parent"]["post"]["uri"] == made["uri"]
    assert [one["post"]["record"]["text"] for one in thread["replies"]] == ["grandchild"]
    flat = (await practice.ask("app.bsky.feed.getPostThread", uri=made["uri"], depth=0)).json()["thread"]
    assert "replies" not in flat
    assert flat["post"]["replyCount"] == 1
    absent = await practice.ask("app.bsky.feed.getPostThread", uri=made["uri"][:-1] + "2")
    assert outcome(absent)[:2] == (400, "NotFound")
    live = await practice.posts("bluesky")
    assert [(post["reply_to"], post["root"]) for post in live] == [
        (child["uri"], made["uri"]),
        (made["uri"], made["uri"]),
        (None, None),
    ]


def images(blob: dict[str, Any], **more: object) -> dict[str, object]:
    """Embed one picture."""
    return {"$type": "app.bsky.embed.images", "images": [{"image": blob, "alt": "A card", **more}]}


async def test_blobs_are_sniffed_named_by_content_and_shown(practice: Practice) -> None:
    session = await practice.session()
    blob = (await upload(practice, session, PNG)).json()["blob"]
    expected = {"$type": "blob", "ref": {"$link": blob_cid(PNG)}, "mimeType": "image/png", "size": len(PNG)}
    assert blob == expected
    ratio = {"width": 40, "height": 20}
    made = await create(practice, session, "pic", embed=images(blob, aspectRatio=ratio))
    (view,) = (await practice.ask("app.bsky.feed.getPosts", uris=[made["uri"]])).json()["posts"]
    (shown,) = view["embed"]["images"]
    assert (shown["alt"], shown["aspectRatio"]) == ("A card", ratio)
    assert (await practice.http.get(shown["fullsize"])).content == PNG
    (live,) = await practice.posts("bluesky")
    assert (live["media"][0]["alt"], live["media"][0]["mime"]) == ("A card", "image/png")


async def test_blobs_must_be_known_fresh_and_described_as_they_are(practice: Practice) -> None:
    session = await practice.session()
    blob = (await upload(practice, session, PNG)).json()["blob"]
    unknown = {**blob, "ref": {"$link": blob_cid(OTHER_PNG)}}
    assert outcome(await put(practice, session, record("x", embed=images(unknown))))[:2] == (400, "BlobNotFound")
    lied = {**blob, "mimeType": "image/jpeg"}
    assert outcome(await put(practice, session, record("x", embed=images(lied))))[:2] == (400, "InvalidMimeType")
    small = {**blob, "size": 1}
    assert outcome(await put(practice, session, record("x", embed=images(small))))[:2] == (400, "InvalidRecord")
    practice.clock.advance(minutes=61)
    assert outcome(await put(practice, session, record("x", embed=images(blob))))[:2] == (400, "BlobNotFound")
    await upload(practice, session, PNG)
    assert (await put(practice, session, record("x", embed=images(blob)))).status_code == 200
    practice.clock.advance(minutes=58)
    assert (await put(practice, session, record("x", embed=images(blob)))).status_code == 200


async def test_too_large_blobs_are_refused(practice: Practice) -> None:
    session = await practice.session()
    fits = await upload(practice, session, PNG.ljust(2_000_000, b"\0"))
    assert fits.status_code == 200
    large = await upload(practice, session, PNG.ljust(2_000_001, b"\0"))
    assert outcome(large)[:2] == (400, "BlobTooLarge")
    assert outcome(await upload(practice, session, b""))[:2] == (400, "InvalidRequest")
    card = {"uri": "https://a.example", "title": "t", "description": "d", "thumb": fits.json()["blob"]}
    embed = {"$type": "app.bsky.embed.external", "external": card}
    assert outcome(await put(practice, session, record("x", embed=embed)))[:2] == (400, "BlobTooLarge")
    text = (await upload(practice, session, b"plain", "image/png")).json()["blob"]
    assert text["mimeType"] == "application/octet-stream"


async def test_quotes_and_link_cards_are_drawn(practice: Practice) -> None:
    session = await practice.session()
    made = await create(practice, session, "quoted")
    blob = (await upload(practice, session, PNG)).json()["blob"]
    ref = {"uri": made["uri"], "cid": made["cid"]}
    card = {"uri": "https://a.example", "title": "t", "description": "d", "thumb": blob}
    embeds: list[dict[str, object]] = [
        {"$type": "app.bsky.embed.external", "external": card},
        {"$type": "app.bsky.embed.record", "record": ref},
        {
            "$type": "app.bsky.embed.recordWithMedia",
            "record": {"$type": "app.bsky.embed.record", "record": ref},
            "media": images(blob),
        },
    ]
    uris = [(await create(practice, session, "x", embed=embed))["uri"] for embed in embeds]
    posts = (await practice.ask("app.bsky.feed.getPosts", uris=uris)).json()["posts"]
    drawn = [post["embed"] for post in posts]
    assert [one["$type"] for one in drawn] == [f"{embed['$type']}#view" for embed in embeds]
    assert drawn[0]["external"]["thumb"].startswith(practice.settings.base_url)
    assert drawn[1]["record"]["value"]["text"] == "quoted"
    assert drawn[2]["record"]["record"]["uri"] == made["uri"]
    assert drawn[2]["media"]["images"][0]["alt"] == "A card"


async def test_handles_resolve_or_not(practice: Practice) -> None:
    session = await practice.session()
    found = await practice.ask("com.atproto.identity.resolveHandle", handle=session["handle"])
    assert found.json() == {"did": session["did"]}
    other = await practice.ask("com.atproto.identity.resolveHandle", handle="mirasol.practice.test")
    assert other.json()["did"].startswith("did:plc:")
    missing = await practice.ask("com.atproto.identity.resolveHandle", handle="nobody.example.com")
    assert outcome(missing) == (400, "InvalidRequest", "Unable to resolve handle")


async def test_profiles_need_no_sign_in(practice: Practice) -> None:
    profile = (await practice.ask("app.bsky.actor.getProfile", actor="driftseas.practice.test")).json()
    assert (profile["displayName"], profile["followersCount"], profile["postsCount"]) == ("Drift Seas", 1263, 0)
    assert "simulated audience" in profile["description"]
    missing = await practice.ask("app.bsky.actor.getProfile", actor="nobody.example")
    assert outcome(missing) == (400, "InvalidRequest", "Profile not found")
    bad = await practice.ask("app.bsky.actor.getProfile", "junk", actor="driftseas.practice.test")
    assert outcome(bad)[:2] == (400, "InvalidToken")


async def test_posts_are_read_together_at_most_25(practice: Practice) -> None:
    session = await practice.session()
    made = await create(practice, session, "one")
    uris = [made["uri"], made["uri"][:-1] + "2"]
    posts = (await practice.ask("app.bsky.feed.getPosts", uris=uris)).json()["posts"]
    assert [post["uri"] for post in posts] == [made["uri"]]
    assert {key: posts[0][key] for key in posts[0] if key.endswith("Count")} == {
        "replyCount": 0,
        "repostCount": 0,
        "likeCount": 0,
        "quoteCount": 0,
        "bookmarkCount": 0,
    }
    many = await practice.ask("app.bsky.feed.getPosts", uris=[made["uri"]] * 26)
    assert outcome(many)[:2] == (400, "InvalidRequest")
    assert outcome(await practice.ask("app.bsky.feed.getPosts"))[:2] == (400, "InvalidRequest")


async def test_the_author_feed_pages_and_filters(practice: Practice) -> None:
    session = await practice.session()
    texts = ["a", "b", "c"]
    made = []
    for text in texts:
        made.append(await create(practice, session, text))
        practice.clock.advance(seconds=1)
    ref = {"uri": made[0]["uri"], "cid": made[0]["cid"]}
    await create(practice, session, "reply", reply={"root": ref, "parent": ref})
    actor = session["handle"]

    async def feed(**more: Any) -> dict[str, Any]:
        found: dict[str, Any] = (await practice.ask("app.bsky.feed.getAuthorFeed", actor=actor, **more)).json()
        return found

    def said(page: dict[str, Any]) -> list[str]:
        return [item["post"]["record"]["text"] for item in page["feed"]]

    whole = await feed()
    assert said(whole) == ["reply", "c", "b", "a"]
    assert whole["feed"][0]["reply"]["root"]["uri"] == made[0]["uri"]
    assert "cursor" not in whole
    first = await feed(limit=3)
    assert said(first) == ["reply", "c", "b"]
    assert said(await feed(limit=3, cursor=first["cursor"])) == ["a"]
    assert said(await feed(filter="posts_no_replies")) == ["c", "b", "a"]
    refused = await practice.ask("app.bsky.feed.getAuthorFeed", actor=actor, limit=101)
    assert refused.status_code == 400


async def test_replies_of_the_audience_become_records_and_notifications(practice: Practice) -> None:
    session = await practice.session()
    made = [await create(practice, session, f"What is your {number}th favourite flag?") for number in range(5)]
    notes_url = "app.bsky.notification.listNotifications"
    practice.clock.advance(minutes=90)
    notes = (await practice.ask(notes_url, session["accessJwt"], reasons=["reply"])).json()["notifications"]
    assert len(notes) > 5
    assert {note["reason"] for note in notes} == {"reply"}
    note = notes[0]
    (mine,) = [post for post in made if post["uri"] == note["reasonSubject"]]
    assert note["record"]["reply"]["parent"] == {"uri": mine["uri"], "cid": mine["cid"]}
    did, _, rkey = note["uri"].removeprefix("at://").split("/")
    got = await practice.ask(f"{REPO}.getRecord", repo=did, collection=POST, rkey=rkey)
    assert got.json()["cid"] == note["cid"] == record_cid(note["record"])
    thread = (await practice.ask("app.bsky.feed.getPostThread", uri=mine["uri"])).json()["thread"]
    assert note["uri"] in [one["post"]["uri"] for one in thread["replies"]]
    assert thread["post"]["replyCount"] == len(thread["replies"])
    answer = {"root": note["record"]["reply"]["root"], "parent": {"uri": note["uri"], "cid": note["cid"]}}
    await create(practice, session, "Thanks", reply=answer)
    assert (await practice.ask(notes_url, session["accessJwt"], reasons=["mention"])).json()["notifications"] == []
    assert outcome(await practice.ask(notes_url))[:2] == (401, "AuthMissing")


async def test_rate_headers_are_unix_seconds(practice: Practice) -> None:
    answer = await practice.ask("com.atproto.server.describeServer")
    assert answer.headers["ratelimit-limit"] == "3000"
    assert answer.headers["ratelimit-remaining"] == "2999"
    assert answer.headers["ratelimit-reset"] == str(int(practice.clock().timestamp()) + 300)
    assert answer.headers["ratelimit-policy"] == "3000;w=300"


async def test_unknown_methods_and_verbs_are_named(practice: Practice) -> None:
    assert outcome(await practice.ask("app.bsky.feed.getTimeline"))[:2] == (501, "MethodNotImplemented")
    assert outcome(await practice.call("app.bsky.feed.getPosts", {}, None))[0] == 405


async def test_history_is_there_and_labelled(tmp_path: Path, clock: FakeClock) -> None:
    async with running(tmp_path / "p.db", clock, history_weeks=6) as practice:
        history = await practice.posts("bluesky", "history")
        assert 48 <= len(history) <= 72
        session = await practice.session()
        uris = [post["id"] for post in history[:25]]
        posts = (await practice.ask("app.bsky.feed.getPosts", session["accessJwt"], uris=uris)).json()["posts"]
        assert [post["likeCount"] for post in posts] == [post["counters"]["likes"] for post in history[:25]]
        assert sum(post["replyCount"] for post in posts) > 10
        pictured = next(post for post in posts if "embed" in post)
        shown = await practice.http.get(pictured["embed"]["images"][0]["fullsize"])
        assert shown.content.startswith(b"\x89PNG")


@pytest.mark.parametrize("token", ["", ".", "a.b.c", "é.é.é"])
def test_unsigned_tokens_are_not_read(token: str) -> None:
    assert jwt.read(token, b"key") is None
