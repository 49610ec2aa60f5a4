"""Publishing in two phases: uploads that heal themselves, one call with its key, refusals mapped to what follows."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from services.domain.account import Dedupe
from services.domain.errors import (
    DeskError,
    NeedsOperator,
    NeedsReauth,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from services.platforms.mastodon import SPEC
from services.ports.http import Effect
from tests.fakes.http import FakeHttp
from tests.services.platforms.mastodon.helpers import BASE, MovingClock, account, part, picture, receipt, roles, status

if TYPE_CHECKING:
    from services.domain.media import Picture

POST = "/api/v1/statuses"
UPLOAD = "/api/v2/media"


async def read_media(_: Picture) -> bytes:
    return b"bytes"


async def test_sends_text_once_with_its_key() -> None:
    http = FakeHttp().on("POST", POST, json_body=status("111"))
    live = await roles(http).publisher.send(part("Hello", key="the-key"))
    [request] = http.requests
    assert request.effect is Effect.IRREVERSIBLE
    assert request.headers["Idempotency-Key"] == "the-key"
    assert request.json == {"status": "Hello", "visibility": "public"}
    assert (live.part, live.remote_id, live.url) == (0, "111", f"{BASE}/@driftseas/111")
    assert (live.at.isoformat(), live.extra) == ("2026-03-02T08:59:30.123000+00:00", {"visibility": "public"})


async def test_sends_options_pictures_and_the_thread() -> None:
    http = FakeHttp().on("POST", POST, json_body=status("113"))
    options = {"visibility": "unlisted", "content_warning": " Spoilers ", "language": "de"}
    sent = part(
        index=2,
        count=3,
        media=(picture(), picture()),
        handles={"media.0": "m1", "media.1": "m2"},
        receipts=(receipt("111", 0), receipt("112", 1)),
        options=options,
    )
    live = await roles(http).publisher.send(sent)
    assert http.requests[0].json == {
        "status": "Hello",
        "visibility": "unlisted",
        "spoiler_text": "Spoilers",
        "language": "de",
        "media_ids": ["m1", "m2"],
        "in_reply_to_id": "112",
    }
    assert (live.part, live.remote_id) == (2, "113")


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"url": None}, f"{BASE}/users/driftseas/statuses/01J"),
        ({"url": "javascript:x", "uri": ""}, f"{BASE}/web/statuses/01J"),
    ],
)
async def test_a_receipt_always_has_a_link(changes: dict[str, Any], url: str) -> None:
    http = FakeHttp().on("POST", POST, json_body=status("01J", **changes))
    assert (await roles(http).publisher.send(part())).url == url


@pytest.mark.parametrize("nothing", [None, "unknown"])
async def test_what_a_server_tells_oddly_is_no_reason_to_doubt_that_it_is_live(nothing: object) -> None:
    odd: dict[str, Any] = dict.fromkeys(
        ("sensitive", "media_attachments", "poll", "account", "language", "favourites_count"), nothing
    )
    http = FakeHttp().on("POST", POST, json_body=status("9", **odd))
    assert (await roles(http).publisher.send(part("Hi"))).remote_id == "9"


async def test_scheduling_is_never_handed_to_the_network() -> None:
    http = FakeHttp().on("POST", POST, json_body=status())
    await roles(http).publisher.send(part(options={"scheduled_at": "2030-01-01"}))
    assert http.requests[0].json == {"status": "Hello", "visibility": "public"}


async def test_a_visibility_that_is_not_offered_is_refused_before_any_call() -> None:
    with pytest.raises(Refused, match='"direct" is not a visibility'):
        await roles(FakeHttp()).publisher.send(part(options={"visibility": "direct"}))


async def test_a_content_warning_counts_with_the_text() -> None:
    http = FakeHttp()
    with pytest.raises(Refused) as caught:
        await roles(http, known=account()).publisher.send(part("a" * 498, options={"content_warning": "Loud"}))
    assert caught.value.message == "With its content warning it is 502 of 500 characters."
    assert caught.value.fix == "Shorten by 2."
    assert http.requests == []


async def test_a_part_without_pictures_needs_no_preparing() -> None:
    publisher = roles(FakeHttp()).publisher
    assert not publisher.needs_preparing(part())
    assert publisher.needs_preparing(part(media=(picture(),), handles={"media.0": "m1"}))
    assert await publisher.prepare(part(), read_media) == {}


async def test_uploads_with_alt_text_and_waits_for_processing_by_the_clock() -> None:
    clock = MovingClock()
    http = FakeHttp().on("POST", UPLOAD, json_body={"id": "m1", "url": "u"})
    http.on("POST", UPLOAD, status=202, json_body={"id": 22, "url": None})
    http.on("GET", "/api/v1/media/22", status=206, json_body={"id": "22"})
    http.on("GET", "/api/v1/media/22", json_body={"id": "22"})
    pictures = (picture(alt="A boat"), picture(mime="image/jpeg", alt=""))
    assert await roles(http, clock=clock).publisher.prepare(part(media=pictures), read_media) == {
        "media.0": "m1",
        "media.1": "22",
    }
    http.finish()
    first, second = http.requests[:2]
    assert (first.effect, second.effect) == (Effect.REPEATABLE, Effect.REPEATABLE)
    assert (first.form, second.form) == ((("description", "A boat"),), ())
    [file] = first.uploads
    assert (file.name, file.filename, file.mime, file.data) == ("file", "picture.png", "image/png", b"bytes")
    assert second.uploads[0].filename == "picture.jpeg"
    assert clock.slept == [1.0, 1.0]


async def test_waiting_for_processing_ends() -> None:
    clock = MovingClock()
    http = FakeHttp().on("POST", UPLOAD, status=202, json_body={"id": "m1"})
    for _ in range(8):
        http.on("GET", "/api/v1/media/m1", status=206, json_body={"id": "m1"})
    with pytest.raises(Unavailable, match="still processing"):
        await roles(http, clock=clock).publisher.prepare(part(media=(picture(),)), read_media)
    http.finish()
    assert sum(clock.slept) == 45.0


async def test_kept_uploads_are_used_again_and_lost_ones_made_anew() -> None:
    http = FakeHttp().on("GET", "/api/v1/media/m1", json_body={"id": "m1"})
    http.on("GET", "/api/v1/media/m2", status=404, json_body={"error": "Record not found"})
    http.on("POST", UPLOAD, json_body={"id": "m3"})
    prepared = part(media=(picture(), picture()), handles={"media.0": "m1", "media.1": "m2"})
    assert await roles(http).publisher.prepare(prepared, read_media) == {"media.0": "m1", "media.1": "m3"}
    http.finish()


async def test_a_server_that_can_not_be_asked_about_uploads_is_believed() -> None:
    http = FakeHttp().on("GET", "/api/v1/media/m1", status=405)
    prepared = part(media=(picture(),), handles={"media.0": "m1"})
    assert await roles(http).publisher.prepare(prepared, read_media) == {"media.0": "m1"}


async def test_ids_are_opaque() -> None:
    http = FakeHttp().on("GET", "/api/v1/media/a%2Fb.png", json_body={"id": "a/b.png"})
    prepared = part(media=(picture(),), handles={"media.0": "a/b.png"})
    assert await roles(http).publisher.prepare(prepared, read_media) == {"media.0": "a/b.png"}


@pytest.mark.parametrize(
    ("pictures", "message"),
    [
        ((picture(mime="image/tiff"),), "The server does not take image/tiff."),
        ((picture(size=101),), "A picture has 101 bytes, the server takes 100."),
        ((picture(width=50, height=3),), "A picture has 150 pixels, the server takes 100."),
        ((picture(alt="a" * 12),), "An alt text has 12 characters, the server takes 10."),
        ((picture(),) * 3, "3 pictures, the server takes 2."),
    ],
)
async def test_pictures_the_server_would_not_take_are_refused_before_any_upload(
    pictures: tuple[Picture, ...], message: str
) -> None:
    limits = replace(SPEC.default_limits, images=2, image_bytes=100, image_pixels=100, alt_text=10)
    http = FakeHttp()
    with pytest.raises(Refused) as caught:
        await roles(http, known=account(limits)).publisher.prepare(part(media=pictures), read_media)
    assert caught.value.message == message
    assert http.requests == []


async def test_sending_without_its_upload_does_nothing() -> None:
    http = FakeHttp()
    with pytest.raises(Unavailable, match="not uploaded yet"):
        await roles(http).publisher.send(part(media=(picture(),)))
    assert http.requests == []


NOT_READY = "Cannot attach files that have not finished processing. Try again in a moment!"
ATTACHED = "Media 22 not found or already attached to another post"


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (
            {"status": 401, "json_body": {"error": "The access token is invalid"}},
            NeedsReauth,
            "access token is invalid",
        ),
        (
            {"status": 403, "json_body": {"error": "This action is outside the authorized scopes"}},
            NeedsReauth,
            '"write:statuses"',
        ),
        (
            {"status": 403, "json_body": {"error": "Your login is currently disabled"}},
            NeedsReauth,
            "login is currently disabled",
        ),
        ({"status": 403, "body": "<html>blocked</html>"}, NeedsOperator, "firewall"),
        (
            {"status": 422, "json_body": {"error": "Validation failed: Text can't be blank"}},
            Refused,
            "Text can't be blank",
        ),
        ({"status": 422, "json_body": {"error": NOT_READY}}, Unavailable, "still processing"),
        ({"status": 422, "json_body": {"error": ATTACHED}}, Unavailable, "no longer has"),
        ({"status": 422, "body": ""}, Refused, "status 422"),
        ({"status": 400, "body": "\xff\x00<p>"}, Refused, "status 400"),
        ({"status": 404, "body": "<html>"}, NeedsOperator, "does not offer posting"),
        ({"status": 405}, NeedsOperator, "does not offer"),
        ({"status": 413}, Refused, "too large"),
        ({"status": 301, "headers": {"Location": "https://new.example/api"}}, NeedsOperator, "new.example"),
        ({"status": 408}, OutcomeUnknown, "408"),
        ({"status": 409}, OutcomeUnknown, "409"),
        ({"status": 425}, Unavailable, "425"),
        ({"status": 429}, RateLimited, "slow down"),
        ({"status": 503}, OutcomeUnknown, "did not say"),
        ({"lost": True}, OutcomeUnknown, "did not say"),
        ({"body": '{"id": "11'}, OutcomeUnknown, "not the expected JSON"),
        ({"body": "<html>ok</html>"}, OutcomeUnknown, "not the expected JSON"),
        ({"body": ""}, OutcomeUnknown, "not the expected JSON"),
        ({"json_body": {"created_at": "2026-03-02T08:59:30Z"}}, OutcomeUnknown, "not the expected JSON"),
        ({"json_body": {"id": "1", "scheduled_at": "2030-01-01T00:00:00Z"}}, OutcomeUnknown, "not the expected JSON"),
        ({"json_body": ["x"]}, OutcomeUnknown, "not the expected JSON"),
    ],
)
async def test_each_answer_to_a_post_means_one_thing(
    answer: dict[str, Any], error: type[DeskError], words: str
) -> None:
    http = FakeHttp().on("POST", POST, **answer)
    with pytest.raises(error) as caught:
        await roles(http).publisher.send(part())
    assert type(caught.value) is error
    assert words in caught.value.message


WORDED = {"error": "Validation failed: attachment m1 can't be used"}


@pytest.mark.parametrize(
    ("media", "error", "words"),
    [
        ({"status": 404}, Unavailable, "no longer has"),
        ({"status": 206, "json_body": {"id": "m1"}}, Unavailable, "still processing"),
        ({"json_body": {"id": "m1"}}, Refused, "can't be used"),
        ({"lost": True}, Refused, "can't be used"),
    ],
)
async def test_a_refusal_of_media_is_checked_at_the_upload(
    media: dict[str, Any], error: type[DeskError], words: str
) -> None:
    http = FakeHttp().on("POST", POST, status=422, json_body=WORDED).on("GET", "/api/v1/media/m1", **media)
    with pytest.raises(error, match=words) as caught:
        await roles(http).publisher.send(part(media=(picture(),), handles={"media.0": "m1"}))
    assert type(caught.value) is error
    http.finish()


async def test_a_thread_whose_last_part_is_gone_says_so() -> None:
    gone = {"error": "The post you are trying to reply to does not appear to exist."}
    http = FakeHttp().on("POST", POST, status=404, json_body=gone)
    with pytest.raises(Refused, match="The part before this one is gone"):
        await roles(http).publisher.send(part(index=1, count=2, receipts=(receipt("111"),)))


async def test_the_servers_words_are_made_harmless() -> None:
    words = "Bad\r\n\x1b[31mthing\u202e " + "x" * 1000
    http = FakeHttp().on("POST", POST, status=422, body=json.dumps({"error": words, "error_description": ["no"]}))
    with pytest.raises(Refused) as caught:
        await roles(http).publisher.send(part())
    assert caught.value.message.startswith("The server refused it (status 422) (it says: Bad [31mthing xxx")
    assert len(caught.value.message) < 400
    assert caught.value.message.isprintable()


async def test_what_happens_after_the_answer_matters_not() -> None:
    wild = status("111", unknown={"a": 1}, favourites_count="many", account={"id": 7}, created_at="2026-03-02 08:59:30")
    http = FakeHttp().on("POST", POST, json_body=wild)
    live = await roles(http).publisher.send(part())
    assert live.at.isoformat() == "2026-03-02T08:59:30+00:00"


async def test_deleting_what_is_gone_succeeds() -> None:
    http = FakeHttp().on("DELETE", f"{POST}/111", json_body=status()).on("DELETE", f"{POST}/111", status=404)
    deleter = roles(http).deleter
    assert deleter is not None
    await deleter.delete(receipt("111"))
    await deleter.delete(receipt("111"))
    http.finish()
    assert [r.effect for r in http.requests] == [Effect.REPEATABLE, Effect.REPEATABLE]
    http.on("DELETE", f"{POST}/111", status=401, json_body={"error": "The access token is invalid"})
    with pytest.raises(NeedsReauth):
        await deleter.delete(receipt("111"))


def test_the_spec_says_what_a_form_needs() -> None:
    assert [(f.name, f.secret, f.required) for f in SPEC.fields] == [
        ("base_url", False, True),
        ("access_token", True, True),
    ]
    assert [c.value for c in SPEC.options[0].choices] == ["public", "unlisted", "private"]
    assert SPEC.dedupe is Dedupe.KEY
    assert SPEC.key_life is not None
    assert SPEC.key_life.total_seconds() < 3600
