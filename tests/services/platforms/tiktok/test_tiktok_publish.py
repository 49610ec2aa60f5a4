"""What goes to TikTok, in which order, and what each answer to it means."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.domain.delivery import Receipt
from services.domain.errors import (
    DeskError,
    GivenUp,
    NeedsOperator,
    NeedsReauth,
    OutcomeUnknown,
    RateLimited,
    Refused,
    StillWorking,
    Unavailable,
)
from services.platforms.tiktok import SPEC
from services.platforms.tiktok.place import Place
from services.ports.http import Effect
from services.ports.platform import OutgoingPart
from tests.services.platforms.tiktok.helpers import (
    CREATOR,
    ID,
    LIST,
    NOW,
    PHOTOS,
    STATUS,
    UPLOAD,
    VIDEO,
    Desk,
    bad,
    creator,
    desk,
    nothing,
    ok,
    part,
    picture,
    pieces,
    video,
)

WORKING = ok(status="PROCESSING_DOWNLOAD")
LIVE = ok(status="PUBLISH_COMPLETE", publicaly_available_post_id=[int(ID)])


async def prepared(one: Desk, outgoing: OutgoingPart) -> OutgoingPart:
    return replace(outgoing, handles=dict(await one.publisher.prepare(outgoing, nothing)))


async def sent(one: Desk, outgoing: OutgoingPart) -> dict[str, str]:
    with pytest.raises(StillWorking) as caught:
        await one.publisher.send(outgoing)
    one.http.finish()
    return dict(caught.value.handles)


def told(one: Desk, path: str) -> Any:
    """The body of the one call to an address."""
    [request] = [r for r in one.http.requests if r.url.endswith(path)]
    return request.json


# -- photos --------------------------------------------------------------------------------------------------------


async def photo_info(text: str = "High water.", **options: str) -> dict[str, Any]:
    one = desk()
    one.http.on("POST", CREATOR, json_body=creator()).on("POST", PHOTOS, json_body=ok(publish_id="p1"))
    chosen = {"privacy_level": "PUBLIC_TO_EVERYONE", **options}
    outgoing = await prepared(one, part(text, options=chosen, media=(picture(1), picture(2))))
    assert await sent(one, outgoing) == {"publish_id": "p1"}
    body: dict[str, Any] = told(one, PHOTOS)
    assert body["source_info"] == {
        "source": "PULL_FROM_URL",
        "photo_images": [f"https://desk.example/pulled/{n}?image/jpeg+image/webp" for n in (1, 2)],
        "photo_cover_index": 0,
    }
    assert (body["media_type"], body["post_mode"]) == ("PHOTO", "DIRECT_POST")
    return dict(body["post_info"])


async def test_photos_go_out_with_everything_off_that_nobody_chose() -> None:
    assert await photo_info() == {
        "description": "High water.",
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "disable_comment": True,
        "brand_content_toggle": False,
        "brand_organic_toggle": False,
        "auto_add_music": False,
    }
    chosen = await photo_info(
        privacy_level="SELF_ONLY", allow_comment="yes", brand_organic_toggle="yes", auto_add_music="yes"
    )
    assert (chosen["privacy_level"], chosen["disable_comment"]) == ("SELF_ONLY", False)
    assert (chosen["brand_organic_toggle"], chosen["auto_add_music"]) == (True, True)


@pytest.mark.parametrize(
    ("text", "chosen", "title"),
    [
        ("One line alone", "", None),
        ("A headline\n\nand more", "", "A headline"),
        ("👋" * 45 + "\nmore", "", "👋" * 45),
        ("👋" * 46 + "\nmore", "", None),
        ("A headline\nand more", " My own ", "My own"),
    ],
)
async def test_a_short_first_line_is_the_title(text: str, chosen: str, title: str | None) -> None:
    info = await photo_info(text, **({"title": chosen} if chosen else {}))
    assert (info.get("title"), info["description"]) == (title, text)


@pytest.mark.parametrize(
    ("change", "told_creator", "words"),
    [
        ({"options": {}}, {}, "who can see"),
        ({"options": {"privacy_level": "FOLLOWER_OF_CREATOR"}}, {}, "these people"),
        ({"options": {"privacy_level": "SELF_ONLY", "brand_content_toggle": "yes"}}, {}, "partnership"),
        ({"options": {"allow_comment": "yes"}}, {"comment_disabled": True}, "comments switched off"),
        ({"options": {"allow_duet": "yes"}, "media": (video(),)}, {"duet_disabled": True}, "duets switched off"),
        ({"options": {"allow_stitch": "yes"}, "media": (video(),)}, {"stitch_disabled": True}, "stitches"),
        ({"options": {"is_aigc": "yes"}}, {}, "only videos"),
        ({"media": ()}, {}, "without photos"),
        ({"media": (picture(),) * 36}, {}, "36 pictures"),
        ({"media": (video(seconds=300.6),)}, {}, "301 seconds"),
        ({"media": (video(seconds=601),)}, {"max_video_post_duration_sec": 3600}, "601 seconds"),
        ({"media": (video(seconds=601),)}, {"max_video_post_duration_sec": None}, "601 seconds"),
        ({"text": "👋" * 2001}, {}, "4000"),
        ({"options": {"title": "👋" * 46}}, {}, "90"),
        ({"media": (video(mime="video/x-matroska"),)}, {}, "does not take"),
        ({"media": (replace(video(), item=replace(video().item, video=None, mime="application/pdf")),)}, {}, "pdf"),
        ({"media": (video(),), "text": "x" * 2201}, {}, "2200"),
    ],
)
async def test_what_is_wrong_is_said_before_anything_is_handed_in(
    change: dict[str, Any], told_creator: dict[str, Any], words: str
) -> None:
    one = desk()
    one.http.on("POST", CREATOR, json_body=creator(**told_creator))
    options = change.get("options", {"privacy_level": "PUBLIC_TO_EVERYONE"})
    if options and "privacy_level" not in options:
        options = {"privacy_level": "PUBLIC_TO_EVERYONE", **options}
    with pytest.raises(Refused, match=words) as caught:
        await one.publisher.prepare(part(**{**change, "options": options}), nothing)
    assert caught.value.fix
    one.http.finish()


async def test_photos_need_a_desk_that_can_be_reached() -> None:
    one = desk(reached=False)
    one.http.on("POST", CREATOR, json_body=creator())
    with pytest.raises(Refused, match="fetches photos") as caught:
        await one.publisher.prepare(part(), nothing)
    assert "COPYDESK_PUBLIC_URL" in caught.value.fix


async def test_what_is_prepared_is_kept_and_ends() -> None:
    one = desk()
    one.http.on("POST", CREATOR, json_body=creator())
    assert one.publisher.needs_preparing(part())
    outgoing = await prepared(one, part())
    assert not one.publisher.needs_preparing(outgoing)
    assert await one.publisher.prepare(outgoing, nothing) == outgoing.handles
    one.clock.set(NOW + timedelta(hours=1))
    with pytest.raises(Unavailable, match="about to end"):
        await one.publisher.send(outgoing)
    assert [r.url for r in one.http.requests if r.url.endswith(PHOTOS)] == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"lost": True}, OutcomeUnknown),
        ({"status": 503}, OutcomeUnknown),
        ({"body": "<html>"}, OutcomeUnknown),
        ({"body": ""}, OutcomeUnknown),
        ({"json_body": {"data": {"publish_id": "p"}}}, OutcomeUnknown),
        ({"json_body": ok()}, OutcomeUnknown),
        ({"json_body": bad("internal_error")}, OutcomeUnknown),
        ({"status": 400, "json_body": bad("internal_error")}, OutcomeUnknown),
        ({"json_body": bad("invalid_params")}, Refused),
        ({"status": 400, "json_body": bad("something_new")}, Refused),
        ({"status": 400, "body": "<html>"}, Refused),
        ({"status": 404, "body": ""}, NeedsOperator),
        ({"status": 408, "body": ""}, OutcomeUnknown),
        ({"status": 425, "body": ""}, Unavailable),
    ],
)
async def test_what_an_answer_to_the_one_call_means(answer: dict[str, Any], kind: type[DeskError]) -> None:
    one = desk()
    one.http.on("POST", CREATOR, json_body=creator()).on("POST", PHOTOS, **answer)
    outgoing = await prepared(one, part())
    with pytest.raises(DeskError) as caught:
        await one.publisher.send(outgoing)
    assert type(caught.value) is kind
    assert one.http.requests[-1].effect is Effect.IRREVERSIBLE


@pytest.mark.parametrize(
    ("before", "outcome"),
    [
        (ok(status="PUBLISH_COMPLETE", publicaly_available_post_id=[ID]), "receipt"),
        (WORKING, "old"),
        (ok(status="FAILED", fail_reason="internal"), "new"),
        (None, "new"),
    ],
)
async def test_photos_of_an_earlier_attempt_are_asked_about_first(before: object, outcome: str) -> None:
    one = desk()
    one.http.on("POST", CREATOR, json_body=creator())
    outgoing = await prepared(one, part())
    outgoing = replace(outgoing, handles={**outgoing.handles, "publish_id": "old"})
    one.http.on(
        "POST", STATUS, json_body=before or bad("invalid_publish_id"), status=200 if before is not None else 400
    )
    if outcome == "receipt":
        assert (await one.publisher.send(outgoing)).remote_id == ID
        return
    if outcome == "new":
        one.http.on("POST", PHOTOS, json_body=ok(publish_id="new"))
    assert await sent(one, outgoing) == {"publish_id": outcome}


@pytest.mark.parametrize("answer", [{"lost": True}, {"status": 401, "json_body": bad("access_token_invalid")}])
async def test_an_earlier_attempt_that_nobody_tells_of_is_not_repeated(answer: dict[str, Any]) -> None:
    one = desk()
    one.http.on("POST", CREATOR, json_body=creator())
    outgoing = await prepared(one, part())
    one.http.on("POST", STATUS, **answer)
    with pytest.raises(OutcomeUnknown):
        await one.publisher.send(replace(outgoing, handles={**outgoing.handles, "publish_id": "old"}))
    one.http.finish()


# -- videos --------------------------------------------------------------------------------------------------------


async def uploaded(one: Desk, outgoing: OutgoingPart) -> OutgoingPart:
    one.http.on("POST", CREATOR, json_body=creator())
    one.http.on("POST", VIDEO, json_body=ok(publish_id="v1", upload_url=UPLOAD))
    for _ in range(2):
        one.http.on("PUT", "/video/", status=206)
    return await prepared(one, outgoing)


async def test_a_video_goes_in_pieces_and_the_last_one_publishes_it() -> None:
    one = desk(extra_headers={"X-Gate": "open"})
    options = {"privacy_level": "PUBLIC_TO_EVERYONE", "allow_duet": "yes", "is_aigc": "yes"}
    outgoing = await uploaded(one, part(media=(video(),), options=options))
    one.http.finish()
    assert told(one, VIDEO) == {
        "post_info": {
            "title": "High water.",
            "privacy_level": "PUBLIC_TO_EVERYONE",
            "disable_comment": True,
            "brand_content_toggle": False,
            "brand_organic_toggle": False,
            "disable_duet": False,
            "disable_stitch": True,
            "is_aigc": True,
        },
        "source_info": {"source": "FILE_UPLOAD", "video_size": 35, "chunk_size": 10, "total_chunk_count": 3},
    }
    one.http.on("PUT", "/video/", status=201)
    assert await sent(one, outgoing) == {"publish_id": "v1"}
    puts = [r for r in one.http.requests if r.method == "PUT"]
    assert [dict(r.headers) for r in puts] == [
        {"Content-Type": "video/mp4", "Content-Range": f"bytes {span}/35"} for span in ("0-9", "10-19", "20-34")
    ]
    assert [r.effect for r in puts] == [Effect.REPEATABLE, Effect.REPEATABLE, Effect.IRREVERSIBLE]
    assert b"".join(r.content for r in puts if isinstance(r.content, bytes)) == await pieces(video().item, 0, 35)
    assert "hush" not in repr(outgoing)


async def test_a_piece_whose_answer_was_lost_is_sent_again() -> None:
    one = desk()
    one.http.on("POST", CREATOR, json_body=creator())
    one.http.on("POST", VIDEO, json_body=ok(publish_id="v1", upload_url=UPLOAD))
    one.http.on("PUT", "/video/", status=503).on("PUT", "/video/", lost=True)
    one.http.on("PUT", "/video/", status=206).on("PUT", "/video/", status=206)
    await prepared(one, part(media=(video(),)))
    assert one.clock.slept == [1.0, 4.0]
    one.http.finish()


async def test_a_piece_that_was_there_before_its_answer_was_lost_is_gone_on_from() -> None:
    one = desk()
    one.http.on("POST", CREATOR, json_body=creator())
    one.http.on("POST", VIDEO, json_body=ok(publish_id="v1", upload_url=UPLOAD))
    one.http.on("PUT", "/video/", lost=True).on("PUT", "/video/", status=416)
    one.http.on("POST", STATUS, json_body=ok(status="PROCESSING_UPLOAD", uploaded_bytes=10))
    one.http.on("PUT", "/video/", status=206)
    await prepared(one, part(media=(video(),)))
    spans = [r.headers["Content-Range"] for r in one.http.requests if r.method == "PUT"]
    assert spans == ["bytes 0-9/35", "bytes 0-9/35", "bytes 10-19/35"]
    one.http.finish()


@pytest.mark.parametrize(
    "told",
    [
        {"json_body": ok(status="PROCESSING_UPLOAD", uploaded_bytes=0)},
        {"json_body": ok(status="FAILED", uploaded_bytes=10)},
        {"status": 400, "json_body": bad("invalid_publish_id")},
        {"status": 503},
    ],
)
async def test_a_place_that_wants_another_piece_is_begun_anew(told: dict[str, Any]) -> None:
    one = desk()
    one.http.on("POST", CREATOR, json_body=creator())
    one.http.on("POST", VIDEO, json_body=ok(publish_id="v1", upload_url=UPLOAD))
    one.http.on("PUT", "/video/", status=503).on("PUT", "/video/", status=416).on("POST", STATUS, **told)
    with pytest.raises(Unavailable, match="has ended"):
        await prepared(one, part(media=(video(),)))
    one.http.finish()


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([503, 503, 503], Unavailable),
        ([200, 200, 200], Unavailable),
        ([403], Unavailable),
        ([404], Unavailable),
        ([416], Unavailable),
        ([400], Refused),
        ([413], Refused),
    ],
)
async def test_what_an_answer_to_an_early_piece_means(answers: list[int], kind: type[DeskError]) -> None:
    one = desk()
    one.http.on("POST", CREATOR, json_body=creator())
    one.http.on("POST", VIDEO, json_body=ok(publish_id="v1", upload_url=UPLOAD))
    for status in answers:
        one.http.on("PUT", "/video/", status=status)
    with pytest.raises(kind) as caught:
        await prepared(one, part(media=(video(),)))
    assert "hush" not in f"{caught.value!r} {caught.value}"
    one.http.finish()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"lost": True}, OutcomeUnknown),
        ({"status": 502}, OutcomeUnknown),
        ({"status": 200, "body": "<html>"}, OutcomeUnknown),
        ({"status": 206}, OutcomeUnknown),
        ({"status": 400}, Refused),
        ({"status": 429}, RateLimited),
    ],
)
async def test_what_an_answer_to_the_last_piece_means(answer: dict[str, Any], kind: type[DeskError]) -> None:
    one = desk()
    outgoing = await uploaded(one, part(media=(video(),)))
    one.http.on("PUT", "/video/", **answer)
    with pytest.raises(kind) as caught:
        await one.publisher.send(outgoing)
    assert "hush" not in f"{caught.value!r} {caught.value}"


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (ok(status="PROCESSING_UPLOAD", uploaded_bytes=20), Unavailable),
        (ok(status="FAILED", fail_reason="internal"), Unavailable),
        (ok(status="PROCESSING_UPLOAD", uploaded_bytes=35), StillWorking),
        (ok(status="PROCESSING_UPLOAD"), StillWorking),
        (LIVE, None),
    ],
)
async def test_where_an_upload_has_ended_it_may_have_been_complete(
    status: object, outcome: type[DeskError] | None, *, late: bool
) -> None:
    one = desk()
    outgoing = await uploaded(one, part(media=(video(),)))
    if late:
        one.clock.set(NOW + timedelta(hours=1))
    else:
        one.http.on("PUT", "/video/", status=403)
    one.http.on("POST", STATUS, json_body=status)
    if outcome is None:
        assert (await one.publisher.send(outgoing)).remote_id == ID
    else:
        with pytest.raises(outcome):
            await one.publisher.send(outgoing)
    one.http.finish()


@pytest.mark.parametrize("there", ["short", "none"])
async def test_a_video_that_is_not_all_there_is_not_sent(there: str) -> None:
    async def torn(item: Any, start: int, length: int) -> bytes:
        return (await pieces(item, start, length))[:-1]

    one = desk(pieces=torn if there == "short" else None)
    one.http.on("POST", CREATOR, json_body=creator())
    one.http.on("POST", VIDEO, json_body=ok(publish_id="v1", upload_url=UPLOAD))
    with pytest.raises(Refused if there == "short" else Unavailable):
        await prepared(one, part(media=(video(),)))
    one.http.finish()


@pytest.mark.parametrize(
    ("base", "url", "good"),
    [
        ("https://open.tiktokapis.com", "https://open-upload.tiktokapis.com/video/?a=b", True),
        ("https://open.tiktokapis.com", "http://open-upload.tiktokapis.com/video/", False),
        ("https://open.tiktokapis.com", "https://eviltiktokapis.com/video/", False),
        ("https://open.tiktokapis.com", "https://open.tiktokapis.com.evil.example/", False),
        ("https://open.tiktokapis.com", "https://user@open-upload.tiktokapis.com/", False),
        ("https://open.tiktokapis.com", "http://127.0.0.1/video/", False),
        ("https://open.tiktokapis.com", "https://[", False),
        ("https://open.tiktokapis.com", "", False),
        ("http://127.0.0.1:8421/tiktok", "http://127.0.0.1:8421/tiktok/video/", True),
        ("http://127.0.0.1:8421/tiktok", "https://open-upload.tiktokapis.com/video/", False),
    ],
)
def test_videos_go_to_tiktok_alone(base: str, url: str, *, good: bool) -> None:
    assert Place(base_url=base, handle="a").takes_uploads(url) is good


async def test_a_strange_place_to_upload_to_is_not_used() -> None:
    one = desk()
    one.http.on("POST", CREATOR, json_body=creator())
    one.http.on("POST", VIDEO, json_body=ok(publish_id="v1", upload_url="https://evil.example/?token=hush"))
    with pytest.raises(NeedsOperator, match="strange place") as caught:
        await prepared(one, part(media=(video(),)))
    assert "hush" not in f"{caught.value!r} {caught.value.next_step}"
    one.http.finish()


# -- watching ------------------------------------------------------------------------------------------------------


async def watched(status: object, *, waited: float = 0, code: int = 200, **changes: Any) -> Receipt | None:
    one = desk()
    one.clock.set(NOW + timedelta(seconds=waited))
    one.http.on("POST", STATUS, json_body=status, status=code)
    assert one.roles.watcher is not None
    found = await one.roles.watcher.watch(part(handles={"publish_id": "p1"}, **changes))
    assert told(one, STATUS) == {"publish_id": "p1"}
    return found


async def test_a_post_is_watched_until_it_is_live() -> None:
    for status in (WORKING, ok(status="PROCESSING_UPLOAD"), ok(status="SOMETHING_NEW"), ok()):
        assert await watched(status) is None
    found = await watched(LIVE, waited=9)
    assert found == Receipt(
        part=0,
        remote_id=ID,
        url=f"https://www.tiktok.com/@driftseas/video/{ID}",
        at=NOW + timedelta(seconds=9),
    )


async def test_a_post_without_a_public_id_is_known_by_its_name_on_the_way() -> None:
    nameless = ok(status="PUBLISH_COMPLETE", publicaly_available_post_id=[])
    assert await watched(nameless) is None
    for found in (
        await watched(nameless, waited=60),
        await watched(nameless, options={"privacy_level": "SELF_ONLY"}),
        await watched(ok(status="PUBLISH_COMPLETE", publicaly_available_post_id=None), waited=60),
    ):
        assert found is not None
        assert (found.remote_id, found.url) == ("p1", "https://www.tiktok.com/@driftseas")


@pytest.mark.parametrize(
    ("reason", "words", "fix"),
    [
        ("photo_pull_failed", "could not fetch the photos", "COPYDESK_PUBLIC_URL"),
        ("video_pull_failed", "could not fetch the video", "COPYDESK_PUBLIC_URL"),
        ("picture_size_check_failed", "photo is too large", "1080"),
        ("file_format_check_failed", "does not take the file", "limits"),
        ("duration_check_failed", "does not take the file", "limits"),
        ("internal", "fault of its own", "Send it again"),
        ("publish_cancelled", "cancelled", "Send it again"),
        ("spam_risk_text", "text for spam", "other words"),
        ("spam_risk_user_banned_from_posting", "banned", "TikTok app"),
        ("something_new", "something_new", "TikTok app"),
        ("", "could not publish it", "TikTok app"),
    ],
)
async def test_a_post_that_failed_says_why(reason: str, words: str, fix: str) -> None:
    with pytest.raises(Refused, match=words) as caught:
        await watched(ok(status="FAILED", fail_reason=reason))
    assert fix in caught.value.fix
    assert isinstance(caught.value, GivenUp) is (reason == "internal"), "only a fault of its own is made anew"


@pytest.mark.parametrize(("status", "answer"), [(400, bad("invalid_publish_id")), (400, bad("x")), (422, {})])
async def test_a_refusal_to_say_is_no_end(status: int, answer: object) -> None:
    with pytest.raises(OutcomeUnknown):
        await watched(answer, code=status)


async def test_a_video_of_which_a_part_is_missing_is_not_waited_for() -> None:
    missing = ok(status="PROCESSING_UPLOAD", uploaded_bytes=20)
    assert await watched(missing, waited=200, media=(video(),)) is None
    with pytest.raises(OutcomeUnknown, match="not all"):
        await watched(missing, waited=300, media=(video(),))
    assert await watched(ok(status="PROCESSING_UPLOAD", uploaded_bytes=35), waited=300, media=(video(),)) is None


# -- finding -------------------------------------------------------------------------------------------------------


async def found(one: Desk, outgoing: OutgoingPart) -> Receipt | None:
    assert one.roles.finder is not None
    receipt = await one.roles.finder.find(outgoing)
    one.http.finish()
    return receipt


async def test_what_was_taken_is_found_by_its_name_on_the_way() -> None:
    for status, outcome in (
        (LIVE, ID),
        (ok(status="FAILED", fail_reason="internal"), None),
        (ok(status="PROCESSING_UPLOAD", uploaded_bytes=20), None),
    ):
        one = desk()
        one.http.on("POST", STATUS, json_body=status)
        receipt = await found(one, part(handles={"publish_id": "v1"}, media=(video(),)))
        assert (receipt.remote_id if receipt else None) == outcome
    one = desk()
    one.http.on("POST", STATUS, json_body=WORKING)
    with pytest.raises(Unavailable, match="still working"):
        await found(one, part(handles={"publish_id": "v1"}))


def listed(*videos: dict[str, object], cursor: int = 0) -> dict[str, object]:
    return ok(videos=list(videos), cursor=cursor, has_more=bool(cursor))


def shown(number: int, text: str, at: float = 0, **more: object) -> dict[str, object]:
    made = int(NOW.timestamp() + at)
    return {"id": str(number), "create_time": made, "title": "", "video_description": text, **more}


async def test_a_lost_answer_is_found_among_the_public_posts() -> None:
    one = desk()
    one.http.on("POST", LIST, json_body=listed(shown(3, "Another"), {"no": "id"}, cursor=7))
    one.http.on("POST", LIST, json_body=listed(shown(2, "", title="High\nwater."), shown(1, "High water.", -121)))
    receipt = await found(one, part())
    assert receipt is not None
    assert (receipt.remote_id, receipt.url) == ("2", "https://www.tiktok.com/@driftseas/video/2")
    assert receipt.at == NOW
    assert [r.json for r in one.http.requests] == [{"max_count": 20}, {"max_count": 20, "cursor": 7}]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (listed(), "High water."),
        (listed(shown(1, "High water.", -121)), "High water."),
        (listed(shown(1, "Other words")), "High water."),
        (listed({"id": "1", "video_description": "High water."}), "High water."),
        (None, ""),
    ],
)
async def test_not_being_listed_is_no_proof(answer: dict[str, object] | None, text: str) -> None:
    one = desk()
    if answer is not None:
        one.http.on("POST", LIST, json_body=answer)
    with pytest.raises(OutcomeUnknown, match="no proof"):
        await found(one, part(text))


async def test_a_name_that_tiktok_forgot_leaves_the_list() -> None:
    one = desk()
    one.http.on("POST", STATUS, json_body=bad("invalid_publish_id"), status=400)
    one.http.on("POST", LIST, json_body=listed(shown(9, "High water.")))
    receipt = await found(one, part(handles={"publish_id": "p1"}))
    assert receipt is not None
    assert receipt.remote_id == "9"


# -- the table -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "access_token_invalid", NeedsReauth),
        (200, "access_token_invalid", NeedsReauth),
        (401, "scope_not_authorized", NeedsReauth),
        (403, "scope_permission_missed", NeedsReauth),
        (401, "auth_removed", NeedsReauth),
        (403, "rate_limit_exceeded", RateLimited),
        (403, "spam_risk_too_many_posts", RateLimited),
        (403, "spam_risk_too_many_pending_share", RateLimited),
        (403, "spam_risk_user_banned_from_posting", Refused),
        (403, "spam_risk", Refused),
        (403, "spam_risk_text", Refused),
        (403, "reached_active_user_cap", NeedsOperator),
        (403, "unaudited_client_can_only_post_to_private_accounts", NeedsOperator),
        (403, "url_ownership_unverified", NeedsOperator),
        (403, "app_version_check_failed", NeedsOperator),
        (403, "privacy_level_option_mismatch", Refused),
        (400, "invalid_param", Refused),
        (400, "invalid_file_upload", Refused),
        (400, "duration_check_failed", Refused),
        (400, "photo_pull_failed", Refused),
        (403, "", NeedsOperator),
        (302, "", NeedsOperator),
    ],
)
async def test_each_code_has_its_consequence(status: int, code: str, kind: type[DeskError]) -> None:
    one = desk()
    one.http.on("POST", CREATOR, json_body=creator())
    one.http.on("POST", PHOTOS, status=status, json_body=bad(code) if code else {})
    outgoing = await prepared(one, part())
    with pytest.raises(DeskError) as caught:
        await one.publisher.send(outgoing)
    assert type(caught.value) is kind
    assert caught.value.next_step
    assert not code or (code in caught.value.message and "log id L2" in caught.value.message)
    if isinstance(caught.value, NeedsReauth):
        assert caught.value.refreshable is (code == "access_token_invalid")
        assert ("video.publish" in caught.value.message) is (code != "access_token_invalid")


@pytest.mark.parametrize(
    ("code", "steps"),
    [
        ("unaudited_client_can_only_post_to_private_accounts", ("audit", "private", "Only you")),
        ("reached_active_user_cap", ("tomorrow", "audit")),
        ("url_ownership_unverified", ("COPYDESK_PUBLIC_URL", "URL properties")),
    ],
)
async def test_an_operator_is_told_what_helps(code: str, steps: tuple[str, ...]) -> None:
    one = desk()
    one.http.on("POST", CREATOR, json_body=creator())
    one.http.on("POST", PHOTOS, status=403, json_body=bad(code))
    outgoing = await prepared(one, part())
    with pytest.raises(NeedsOperator) as caught:
        await one.publisher.send(outgoing)
    assert all(step in caught.value.next_step for step in steps), caught.value.next_step


async def test_trouble_of_its_own_before_the_one_call_is_tried_again() -> None:
    one = desk()
    one.http.on("POST", CREATOR, json_body=bad("internal_error"))
    with pytest.raises(Unavailable, match="internal_error"):
        await prepared(one, part())


async def test_waits_are_a_minute_or_until_tomorrow() -> None:
    for code, until in (
        ("rate_limit_exceeded", NOW + timedelta(minutes=1)),
        ("spam_risk_too_many_posts", NOW.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)),
    ):
        one = desk()
        one.http.on("POST", CREATOR, json_body=bad(code), status=403)
        with pytest.raises(RateLimited) as caught:
            await prepared(one, part())
        assert caught.value.until == until
    one = desk()
    one.http.on("POST", CREATOR, status=429)
    with pytest.raises(RateLimited) as bare:
        await prepared(one, part())
    assert (bare.value.until, bare.value.dated) == (NOW + timedelta(minutes=1), False)


def test_the_spec_says_what_it_needs() -> None:
    assert (SPEC.needs_media, SPEC.pulls_pictures, SPEC.pulls_videos, SPEC.alt_texts) == (True, True, False, False)
    assert SPEC.default_limits.document is None
