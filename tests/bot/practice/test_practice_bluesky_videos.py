"""The video service beside the Bluesky stand-in, over real sockets and without our adapter."""

from __future__ import annotations

from typing import Any

import pytest

from bot.practice.bluesky import jwt
from bot.practice.ids import blob_cid
from tests.bot.practice.driving import Practice, record
from tests.media_samples import tiny_video

AUTH, LIMITS = "com.atproto.server.getServiceAuth", "app.bsky.video.getUploadLimits"
UPLOAD, STATUS = "app.bsky.video.uploadVideo", "app.bsky.video.getJobStatus"
BLOB = "com.atproto.repo.uploadBlob"
AUD = "did:web:127.0.0.1"
VIDEO = tiny_video()


async def vouched(practice: Practice, lxm: str = BLOB, aud: str = AUD, **more: object) -> str:
    session = await practice.session()
    answer = await practice.ask(AUTH, session["accessJwt"], aud=aud, lxm=lxm, **more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["token"])


async def send(practice: Practice, content: bytes = VIDEO, *, token: str = "", **more: str) -> Any:
    did = (await practice.session())["did"]
    headers = {"authorization": f"Bearer {token or await vouched(practice)}", "content-type": "video/mp4"}
    params = {"did": did, "name": "wave.mp4", **more}
    return await practice.http.post(f"/bluesky/xrpc/{UPLOAD}", params=params, content=content, headers=headers)


async def publish(practice: Practice, embed: dict[str, object]) -> Any:
    session = await practice.session()
    body = {"repo": session["did"], "collection": "app.bsky.feed.post", "record": record("Look", embed=embed)}
    return await practice.call("com.atproto.repo.createRecord", body, session["accessJwt"])


def embed(blob: object, **more: object) -> dict[str, object]:
    return {"$type": "app.bsky.embed.video", "video": blob, **more}


async def test_a_video_becomes_a_blob_in_its_time_and_is_shown(practice: Practice) -> None:
    await practice.fault(network="bluesky", operation="upload", fault="slow", value=2)
    job = (await send(practice)).json()["jobStatus"]
    assert (job["state"], "blob" in job) == ("JOB_STATE_ENCODING", False)
    blob = {"$type": "blob", "ref": {"$link": blob_cid(VIDEO)}, "mimeType": "video/mp4", "size": len(VIDEO)}
    assert (await publish(practice, embed(blob))).json()["error"] == "BlobNotFound"
    told = [(await practice.ask(STATUS, jobId=job["jobId"])).json()["jobStatus"] for _ in range(3)]
    assert [one["state"] for one in told] == ["JOB_STATE_ENCODING", "JOB_STATE_ENCODING", "JOB_STATE_COMPLETED"]
    assert told[-1]["blob"] == blob
    ratio = {"width": 64, "height": 64}
    made = await publish(practice, embed(blob, alt="A wave", aspectRatio=ratio))
    assert made.status_code == 200, made.text
    [post] = await practice.posts("bluesky")
    [shown] = post["media"]
    assert (shown["mime"], shown["alt"], shown["width"]) == ("video/mp4", "A wave", 64)
    [view] = (await practice.ask("app.bsky.feed.getPosts", uris=[made.json()["uri"]])).json()["posts"]
    assert view["embed"]["$type"] == "app.bsky.embed.video#view"
    assert (view["embed"]["cid"], view["embed"]["alt"], view["embed"]["aspectRatio"]) == (
        blob_cid(VIDEO),
        "A wave",
        ratio,
    )
    page = await practice.http.get(post["url"])
    assert "Description: A wave" in page.text
    [seen] = (await practice.http.get("/_practice/feed", params={"network": "bluesky"})).json()["posts"]
    assert [one["mime"] for one in seen["pictures"]] == ["video/mp4"]


async def test_a_video_that_is_there_is_named_again(practice: Practice) -> None:
    first = (await send(practice)).json()["jobStatus"]
    again = await send(practice)
    assert again.status_code == 409
    told = again.json()
    assert (told["error"], told["jobId"], told["blob"]) == ("already_exists", first["jobId"], first["blob"])
    practice.clock.advance(hours=2)
    anew = await send(practice)
    assert anew.status_code == 200
    assert anew.json()["jobStatus"]["jobId"] != first["jobId"]


@pytest.mark.parametrize("content", [b"no video at all", tiny_video(181.0, (16, 16))], ids=["none", "long"])
async def test_what_is_wrong_with_a_video_shows_in_its_job(practice: Practice, content: bytes) -> None:
    job = (await send(practice, content)).json()["jobStatus"]
    told = (await practice.ask(STATUS, jobId=job["jobId"])).json()["jobStatus"]
    assert told["state"] == "JOB_STATE_FAILED"
    assert told["message"]
    assert (await practice.ask(STATUS, jobId="unknown")).json()["error"] == "InvalidRequest"


async def test_tokens_are_for_one_service_one_method_and_a_while(practice: Practice) -> None:
    for token, name in (
        (await vouched(practice, aud="did:web:video.bsky.app"), "BadJwtAudience"),
        (await vouched(practice, LIMITS), "BadJwtLexiconMethod"),
        ((await practice.session())["accessJwt"], "BadJwt"),
        ("nonsense", "BadJwt"),
        (jwt.write_service({"iss": "did:plc:x", "aud": AUD, "lxm": BLOB, "exp": 9_999_999_999}, b"k"), "BadJwt"),
    ):
        refused = await send(practice, token=token)
        assert (refused.status_code, refused.json()["error"]) == (401, name)
    short = await vouched(practice)
    practice.clock.advance(seconds=61)
    assert (await send(practice, token=short)).json()["error"] == "JwtExpired"
    ends = int(practice.clock().timestamp()) + 1_800
    assert (await send(practice, token=await vouched(practice, exp=ends))).status_code == 200
    access = (await practice.session())["accessJwt"]
    for wrong in ({"exp": ends + 1}, {"exp": 5}, {"exp": "soon"}, {"aud": "nobody"}):
        answer = await practice.ask(AUTH, access, **{"aud": AUD, "lxm": BLOB, **wrong})
        assert answer.status_code == 400
    bare = await practice.ask(AUTH, access, aud=AUD, exp=ends)
    assert bare.json()["error"] == "BadExpiration"
    assert (await practice.ask(AUTH, aud=AUD)).json()["error"] == "AuthMissing"
    vouching = await vouched(practice)
    assert (await practice.ask("com.atproto.server.getSession", vouching)).json()["error"] == "InvalidToken"


async def test_uploads_name_whose_they_are(practice: Practice) -> None:
    assert (await send(practice, did="did:plc:other")).status_code == 401
    assert (await send(practice, name="")).json()["error"] == "InvalidRequest"
    assert (await send(practice, b"")).json()["error"] == "BlobTooLarge"
    headers = {"authorization": f"Bearer {await vouched(practice)}", "content-type": "text/plain"}
    params = {"did": (await practice.session())["did"], "name": "a.mp4"}
    plain = await practice.http.post(f"/bluesky/xrpc/{UPLOAD}", params=params, content=VIDEO, headers=headers)
    assert "expected video/mp4" in plain.json()["message"]


async def test_a_day_has_so_many_videos(practice: Practice) -> None:
    async def limits() -> dict[str, Any]:
        token = await vouched(practice, LIMITS)
        found: dict[str, Any] = (await practice.ask(LIMITS, token)).json()
        return found

    assert await limits() == {"canUpload": True, "remainingDailyVideos": 25, "remainingDailyBytes": 10_000_000_000}
    for number in range(25):
        assert (await send(practice, VIDEO + bytes(8 * number))).status_code == 200
    told = await limits()
    assert (told["canUpload"], told["remainingDailyVideos"]) == (False, 0)
    assert (await send(practice, VIDEO + b"\x00")).json()["error"] == told["error"]
    practice.clock.advance(days=1, seconds=1)
    assert (await limits())["canUpload"]


async def test_small_videos_may_be_plain_blobs(practice: Practice) -> None:
    session = await practice.session()
    headers = {"authorization": f"Bearer {session['accessJwt']}", "content-type": "video/mp4"}
    blob = (await practice.http.post(f"/bluesky/xrpc/{BLOB}", content=VIDEO, headers=headers)).json()["blob"]
    assert blob["mimeType"] == "video/mp4"
    assert (await publish(practice, embed(blob))).status_code == 200
