"""Videos, documents and polls on the LinkedIn stand-in, over real sockets and without our adapter."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bot.practice.driving import PNG
from tests.bot.practice.test_practice_linkedin import Person, encoded, member, page, refused
from tests.file_samples import padded, tiny_document
from tests.media_samples import tiny_video

__all__ = ["member", "page"]
RANGE = 4_194_304
SIZE = RANGE + 80_000
VIDEO = padded(tiny_video(4.0), SIZE)
OCTETS = {"content-type": "application/octet-stream"}


async def begin(person: Person, size: int = SIZE, **more: object) -> Any:
    wish = {"owner": person.author, "fileSizeBytes": size, "uploadCaptions": False, "uploadThumbnail": False, **more}
    return await person.call("POST", "/rest/videos?action=initializeUpload", {"initializeUploadRequest": wish})


async def send(person: Person, content: bytes) -> tuple[dict[str, Any], list[str]]:
    """Everything but the end: what the upload is called, and the names of its parts."""
    value: dict[str, Any] = (await begin(person, len(content))).json()["value"]
    etags = []
    for one in value["uploadInstructions"]:
        data = content[one["firstByte"] : one["lastByte"] + 1]
        put = await person.practice.http.put(one["uploadUrl"], content=data, headers=OCTETS)
        assert put.status_code == 200
        etags.append(put.headers["etag"].strip('"'))
    return value, etags


async def finish(person: Person, value: dict[str, Any], etags: list[str], **more: object) -> Any:
    wish = {"video": value["video"], "uploadToken": value["uploadToken"], "uploadedPartIds": etags, **more}
    return await person.call("POST", "/rest/videos?action=finalizeUpload", {"finalizeUploadRequest": wish})


async def upload(person: Person, content: bytes) -> str:
    value, etags = await send(person, content)
    assert (await finish(person, value, etags)).status_code == 200
    return str(value["video"])


async def document(person: Person, content: bytes) -> tuple[int, str]:
    body = {"initializeUploadRequest": {"owner": person.author}}
    place = (await person.call("POST", "/rest/documents?action=initializeUpload", body)).json()["value"]
    put = await person.practice.http.put(place["uploadUrl"], content=content)
    return put.status_code, place["document"]


async def test_a_video_is_sent_in_ranges_put_together_and_shown(page: Person) -> None:
    await page.practice.fault(network="linkedin", operation="upload", fault="slow", value=2)
    value, etags = await send(page, VIDEO)
    ranges = [(one["firstByte"], one["lastByte"]) for one in value["uploadInstructions"]]
    assert ranges == [(0, RANGE - 1), (RANGE, SIZE - 1)]
    assert len({one["uploadUrl"] for one in value["uploadInstructions"]}) == 2
    urn = value["video"]
    shown = {"media": {"id": urn, "altText": "A wave", "title": "The sea"}}
    where = f"/rest/videos/{encoded(urn)}"
    assert (await page.call("GET", where)).json()["status"] == "WAITING_UPLOAD"
    assert refused(await page.post("Look", content=shown))[:2] == (400, "MEDIA_ASSET_WAITING_UPLOAD")
    assert (await finish(page, value, etags)).json() == {}
    assert (await finish(page, value, etags)).status_code == 200
    assert refused(await page.post("Look", content=shown))[1] == "MEDIA_ASSET_WAITING_UPLOAD"
    assert [(await page.call("GET", where)).json()["status"] for _ in range(2)] == ["PROCESSING", "AVAILABLE"]
    made = await page.post("Look", content=shown)
    assert made.status_code == 201
    one = (await page.call("GET", f"/rest/posts/{encoded(made.headers['x-restli-id'])}")).json()
    assert one["content"] == shown
    [post] = await page.practice.posts("linkedin")
    [item] = post["media"]
    assert (item["mime"], item["alt"], item["size"], item["width"]) == ("video/mp4", "A wave", SIZE, 64)


async def test_ranges_must_be_whole_named_in_order_and_in_time(page: Person) -> None:
    value, etags = await send(page, VIDEO)
    first, second = (one["uploadUrl"] for one in value["uploadInstructions"])
    http = page.practice.http
    assert (await http.put(second, content=VIDEO[RANGE:-1], headers=OCTETS)).status_code == 400
    assert (await http.put(second, content=VIDEO[RANGE:])).status_code == 400
    assert (await http.put(f"{first}7", content=VIDEO[RANGE:], headers=OCTETS)).status_code == 410
    for wrong in (etags[::-1], etags[:1], [], "parts"):
        assert refused(await finish(page, value, etags, uploadedPartIds=wrong))[0] == 422
    assert refused(await finish(page, value, etags, uploadToken="another"))[0] == 422
    assert refused(await finish(page, value, etags, video="urn:li:video:NONE"))[0] == 404
    page.practice.clock.advance(hours=1, seconds=1)
    assert (await http.put(second, content=VIDEO[RANGE:], headers=OCTETS)).status_code == 410
    fresh, _ = await send(page, VIDEO)
    await page.practice.fault(network="linkedin", operation="file", fault="expire_uploads")
    place = fresh["uploadInstructions"][0]["uploadUrl"]
    assert (await http.put(place, content=VIDEO[:RANGE], headers=OCTETS)).status_code == 410


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (padded(tiny_video(2.0), 80_000), "3 to 1800 seconds"),
        (tiny_video(4.0), "smaller than 75000"),
        (padded(tiny_video(4.0, (160, 32)), 80_000), "ratio"),
        (b"\x00" * 80_000, "not an MP4"),
    ],
    ids=["short", "small", "wide", "none"],
)
async def test_what_is_wrong_with_a_video_shows_while_it_is_processed(
    page: Person, content: bytes, reason: str
) -> None:
    urn = await upload(page, content)
    told = (await page.call("GET", f"/rest/videos/{encoded(urn)}")).json()
    assert told["status"] == "PROCESSING_FAILED"
    assert reason in told["processingFailureReason"]
    assert refused(await page.post("Look", content={"media": {"id": urn}}))[0] == 400
    assert await page.practice.posts("linkedin") == []


@pytest.mark.parametrize("wrong", [{"fileSizeBytes": 0}, {"fileSizeBytes": 500_000_001}, {"fileSizeBytes": "4"},
                                   {"uploadCaptions": True}, {"colour": "red"}])  # fmt: skip
async def test_a_video_is_announced_as_it_should_be(page: Person, wrong: dict[str, Any]) -> None:
    assert refused(await begin(page, **wrong))[0] == 422
    answer = await page.call("POST", "/rest/videos?action=upload", {})
    assert refused(answer)[0] == 400


async def test_a_member_sends_videos_and_may_not_look_at_them(page: Person, member: Person) -> None:
    urn = await upload(member, VIDEO)
    for path in (f"/rest/videos/{encoded(urn)}", f"/rest/documents/{encoded(urn)}"):
        assert refused(await member.call("GET", path))[:2] == (403, "ACCESS_DENIED")
    value, etags = await send(page, VIDEO)
    assert refused(await finish(Person(page.practice, page.author, member.token), value, etags))[0] == 403
    assert (await member.post("Mine", content={"media": {"id": urn}})).status_code == 201


async def test_documents_have_pages_and_a_title(page: Person) -> None:
    status, urn = await document(page, tiny_document(3))
    assert status == 201
    assert (await page.call("GET", f"/rest/documents/{encoded(urn)}")).json()["status"] == "AVAILABLE"
    assert "title" in refused(await page.post("Read", content={"media": {"id": urn}}))[2]
    made = await page.post("Read", content={"media": {"id": urn, "title": "The tides"}})
    assert made.status_code == 201
    one = (await page.call("GET", f"/rest/posts/{encoded(made.headers['x-restli-id'])}")).json()
    assert one["content"]["media"]["title"] == "The tides"
    [seen] = (await page.practice.http.get("/_practice/feed", params={"network": "linkedin"})).json()["posts"]
    assert (seen["note"], seen["pictures"]) == ("Document: The tides, 3 pages", [])
    [post] = await page.practice.posts("linkedin")
    assert [(shown["mime"], shown["title"], shown["pages"]) for shown in post["media"]] == [
        ("application/pdf", "The tides", 3)
    ]
    for content in (b"%PDF-1.7 and then nothing", PNG, tiny_document(301), tiny_document(0)):
        assert (await document(page, content))[0] == 400


async def test_several_pictures_are_pictures_only(page: Person) -> None:
    two = [{"id": await page.image()}, {"id": await upload(page, VIDEO)}]
    assert "not an image" in refused(await page.post("Both", content={"multiImage": {"images": two}}))[2]


def poll(**more: object) -> dict[str, object]:
    options = [{"text": "Yes"}, {"text": "No"}]
    return {"question": "Is it late?", "options": options, "settings": {"duration": "THREE_DAYS"}, **more}


async def test_a_poll_is_what_was_asked(page: Person) -> None:
    made = await page.post("Tell us", content={"poll": poll()})
    assert made.status_code == 201
    one = (await page.call("GET", f"/rest/posts/{encoded(made.headers['x-restli-id'])}")).json()
    assert one["content"] == {"poll": poll()}
    [shown] = (await page.practice.http.get("/_practice/feed", params={"network": "linkedin"})).json()["posts"]
    assert shown["note"] == "Poll: Yes / No"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"question": ""}, "question"),
        ({"question": "a" * 141}, "question"),
        ({"options": [{"text": "Yes"}]}, "options"),
        ({"options": [{"text": str(n)} for n in range(5)]}, "options"),
        ({"options": ["Yes", "No"]}, "object"),
        ({"options": [{"text": "a" * 31}, {"text": "No"}]}, "characters"),
        ({"options": [{"text": " "}, {"text": "No"}]}, "characters"),
        ({"settings": {"duration": "ONE_YEAR"}}, "duration"),
        ({"settings": None}, "duration"),
        ({"colour": "red"}, "unrecognized"),
    ],
)
async def test_a_poll_that_cannot_be_is_refused(page: Person, wrong: dict[str, object], words: str) -> None:
    status, _, told = refused(await page.post("Tell us", content={"poll": poll(**wrong)}))
    assert status == 422
    assert words in told
    both = {"poll": poll(), "media": {"id": "urn:li:image:1"}}
    assert refused(await page.post("Tell us", content=both))[0] == 422
