"""Publishing on X over a scripted wire: what is sent, what is uploaded, and what a refused duplicate proves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.domain.errors import NeedsOperator, NeedsReauth, OutcomeUnknown, Refused, Unavailable
from services.domain.ids import AccountId
from services.domain.post import Variant
from services.platforms.x import SPEC
from services.ports.platform import OutgoingPart
from tests.services.platforms.x.helpers import (
    API,
    DUPLICATE,
    ME,
    NEW,
    NOW,
    OLD,
    TIMELINE,
    TWEETS,
    UPLOAD,
    Desk,
    account,
    body,
    desk,
    listed,
    number,
    part,
    picture,
    post,
    problem,
    read_media,
    receipt,
)

ID = number(NOW)
END = (NOW + timedelta(hours=2)).isoformat()


def created(text: str = "Hello") -> dict[str, object]:
    return {"data": {"id": ID, "text": text, "edit_history_post_ids": [ID]}}


async def sent(one: Desk, outgoing: OutgoingPart) -> dict[str, Any]:
    one.http.on("POST", TWEETS, status=201, json_body=created())
    await one.roles.publisher.send(outgoing)
    return body(one.http.requests[-1])


async def test_a_post_is_its_text_and_nothing_else() -> None:
    one = desk(extra_headers={"X-Gate": "open", "authorization": "no"})
    one.http.on("POST", TWEETS, status=201, json_body=created())
    found = await one.roles.publisher.send(part("Hello"))
    request = one.http.requests[-1]
    assert body(request) == {"text": "Hello"}
    assert request.url == f"{API}/2/tweets"
    assert request.headers["X-Gate"] == "open"
    assert [v for k, v in request.headers.items() if k.lower() == "authorization"] == [request.headers["Authorization"]]
    assert request.headers["Authorization"].startswith("OAuth oauth_consumer_key=")
    assert (found.remote_id, found.url, found.at) == (ID, f"https://x.com/driftseas/status/{ID}", NOW)


async def test_an_id_of_an_account_without_a_name_still_has_a_page() -> None:
    one = desk(adding=True)
    one.http.on("POST", TWEETS, status=201, json_body=created())
    assert (await one.roles.publisher.send(part("Hello"))).url == f"https://x.com/i/web/status/{ID}"


async def test_options_are_sent_in_xs_words_and_its_defaults_left_out() -> None:
    chosen = {"reply_settings": "mentionedUsers", "made_with_ai": "yes", "paid_partnership": "no"}
    assert await sent(desk(), part("Hello", options=chosen)) == {
        "text": "Hello",
        "reply_settings": "mentionedUsers",
        "made_with_ai": True,
    }
    assert await sent(desk(), part("Hello", options={"reply_settings": "everyone"})) == {"text": "Hello"}
    with pytest.raises(Refused, match="nobody"):
        await desk().roles.publisher.send(part("Hello", options={"reply_settings": "nobody"}))


async def test_a_later_part_answers_the_one_before() -> None:
    before = (receipt("11"), receipt("12", 1))
    third = part("Three", index=2, count=3, receipts=before, options={"reply_settings": "verified"})
    assert await sent(desk(), third) == {"text": "Three", "reply": {"in_reply_to_tweet_id": "12"}}


async def test_a_refused_later_part_says_that_the_thread_is_cut() -> None:
    one = desk()
    told = problem("x", "Forbidden", "Reply to this conversation is not allowed", 403)
    one.http.on("POST", TWEETS, status=403, json_body=told)
    with pytest.raises(Refused, match=r"The thread is cut: .*not allowed"):
        await one.roles.publisher.send(part("Two", index=1, count=2, receipts=(receipt("11"),)))


# -- pictures ------------------------------------------------------------------------------------------------------


def uploads(one: Desk, *ids: str, life: int | None = 86_400) -> None:
    for media_id in ids:
        data = {"id": media_id, "media_key": f"3_{media_id}", **({"expires_after_secs": life} if life else {})}
        one.http.on("POST", UPLOAD, json_body={"data": data})
        one.http.on("POST", "/2/media/metadata", json_body={"data": {"id": media_id}})


async def test_pictures_are_uploaded_described_and_named_in_order() -> None:
    one = desk()
    uploads(one, "501", "502")
    shown = part("Look", media=(picture("One"), picture("Two", mime="image/jpeg")))
    handles = await one.roles.publisher.prepare(shown, read_media)
    until = (NOW + timedelta(days=1)).isoformat()
    assert handles == {"media.0": "501", "media.1": "502", "media.until": until}
    first, described = one.http.requests[:2]
    [file] = first.uploads
    assert (file.name, file.mime, file.data, first.form) == (
        "media",
        "image/png",
        b"\x89PNGxxxxxxxx",
        (("media_category", "tweet_image"),),
    )
    assert body(described) == {"id": "501", "metadata": {"alt_text": {"text": "One"}}}
    assert await sent(one, replace(shown, handles=handles)) == {"text": "Look", "media": {"media_ids": ["501", "502"]}}


async def test_a_picture_without_words_is_not_described() -> None:
    one = desk()
    one.http.on("POST", UPLOAD, json_body={"data": {"id": "501"}})
    handles = await one.roles.publisher.prepare(part("", media=(picture(""),)), read_media)
    assert handles["media.until"] == (NOW + timedelta(hours=1)).isoformat()
    one.http.finish()


async def test_uploads_that_last_are_kept_and_others_made_anew() -> None:
    one = desk()
    kept = {"media.0": "501", "media.until": (NOW + timedelta(minutes=6)).isoformat()}
    shown = part("Look", media=(picture(),), handles=kept)
    assert await one.roles.publisher.prepare(shown, read_media) == kept
    one.clock.set(NOW + timedelta(minutes=2))
    with pytest.raises(Unavailable, match="expire"):
        await one.roles.publisher.send(shown)
    uploads(one, "502")
    assert (await one.roles.publisher.prepare(shown, read_media))["media.0"] == "502"
    with pytest.raises(Unavailable, match="not uploaded"):
        await one.roles.publisher.send(part("Look", media=(picture(),)))


@pytest.mark.parametrize(
    ("pictures", "words"),
    [
        ((picture(),) * 5, "5 pictures, X takes 4"),
        ((picture(mime="image/avif"),), "image/avif"),
        ((picture(size=5_242_881),), "5,242,881 bytes"),
        ((picture("a" * 1001),), "1001 characters"),
    ],
)
async def test_what_x_would_not_take_is_not_uploaded(pictures: tuple[Any, ...], words: str) -> None:
    one = desk()
    with pytest.raises(Refused, match=words):
        await one.roles.publisher.prepare(part("Look", media=pictures), read_media)
    assert one.http.requests == []


# -- polls ---------------------------------------------------------------------------------------------------------

VOTE = "Bow\n\n  Stern  end "


async def test_a_poll_goes_out_with_the_first_part_alone() -> None:
    options = {"poll": VOTE, "poll_minutes": "4320"}
    first = part("Which end?", count=2, options=options)
    assert await sent(desk(), first) == {
        "text": "Which end?",
        "poll": {"options": ["Bow", "Stern end"], "duration_minutes": 4320},
    }
    second = part("And why?", index=1, count=2, receipts=(receipt("11"),), options=options)
    assert "poll" not in await sent(desk(), second)
    usual = await sent(desk(), part("Which?", options={"poll": VOTE}))
    assert usual["poll"]["duration_minutes"] == 1440


@pytest.mark.parametrize(
    ("options", "more", "words"),
    [
        ({"poll": "Bow"}, {}, "1 answer; X takes 2 to 4"),
        ({"poll": "a\nb\nc\nd\ne"}, {}, "5 answers"),
        ({"poll": "Bow\n" + "s" * 26}, {}, "26 characters; X takes 25"),
        ({"poll": "Bow\nbow"}, {}, "the same"),
        ({"poll": VOTE}, {"media": (picture(),)}, "beside a picture or video"),
        ({"poll": VOTE, "poll_minutes": "7"}, {}, "“7” minutes"),
    ],
)
async def test_a_poll_that_x_would_not_take_is_refused_and_blocks(
    options: dict[str, str], more: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        await desk().roles.publisher.send(part("Which?", options=options, **more))
    variant = Variant(account_id=AccountId("1"), platform=SPEC.slug, parts=("Which?",), options=options, **more)
    problems = list(SPEC.check_options(variant, account()))
    assert len(problems) == ("minutes" not in words)
    assert all(words in problem.message and problem.severity == "block" for problem in problems)


# -- duplicates ----------------------------------------------------------------------------------------------------


async def test_a_refused_duplicate_that_the_timeline_shows_is_the_post() -> None:
    one = desk()
    one.http.on("POST", TWEETS, status=403, json_body=DUPLICATE)
    one.http.on("GET", TIMELINE, json_body=listed(post(ID, "Hello")))
    assert (await one.roles.publisher.send(part("Hello"))).remote_id == ID
    assert ("start_time", "2026-03-02T08:58:00Z") in one.http.requests[-1].params


async def test_a_refused_duplicate_of_an_older_post_is_a_refusal_that_shows_it() -> None:
    one = desk()
    elsewhere = [{"type": "replied_to", "id": "78"}]
    older = post(number(NOW - timedelta(hours=1)), "Hello", referenced_tweets=elsewhere)
    one.http.on("POST", TWEETS, status=403, json_body=DUPLICATE)
    one.http.on("GET", TIMELINE, json_body=listed(older)).on("GET", TIMELINE, json_body=listed(older))
    with pytest.raises(Refused, match=f"exactly this text already: https://x.com/driftseas/status/{older['id']}"):
        await one.roles.publisher.send(part("Hello"))
    assert ("start_time", "2026-02-28T09:00:00Z") in one.http.requests[-1].params


async def test_a_duplicate_that_x_does_not_show_yet_is_in_doubt_and_in_time_a_refusal() -> None:
    one = desk()
    for first, kind in ((NOW, OutcomeUnknown), (NOW - timedelta(minutes=15), Refused)):
        one.http.on("POST", TWEETS, status=403, json_body=DUPLICATE)
        one.http.on("GET", TIMELINE, json_body=listed()).on("GET", TIMELINE, json_body=listed())
        with pytest.raises(kind):
            await one.roles.publisher.send(part("Hello", first_claimed_at=first))


async def test_an_answer_is_sent_once_and_a_duplicate_is_looked_up() -> None:
    from services.domain.metrics import Comment

    one = desk()
    comment = Comment(remote_id="77", parent_id=ID, author="mira", text="?", at=NOW, url="https://x.com/mira/status/77")
    one.http.on("POST", TWEETS, status=201, json_body=created())
    assert one.roles.replier is not None
    await one.roles.replier.reply(comment, "Thanks", key="k", at=NOW, root=receipt(ID))
    assert body(one.http.requests[-1]) == {"text": "Thanks", "reply": {"in_reply_to_tweet_id": "77"}}
    one.http.on("POST", TWEETS, status=403, json_body=DUPLICATE)
    elsewhere = post(number(NOW, 1), "Thanks", referenced_tweets=[{"type": "replied_to", "id": "78"}])
    here = post(number(NOW, 2), "@mira Thanks", referenced_tweets=[{"type": "replied_to", "id": "77"}])
    plain = post(number(NOW, 3), "Thanks", referenced_tweets=[{"type": "replied_to", "id": "77"}])
    one.http.on("GET", TIMELINE, json_body=listed(plain, here, elsewhere))
    found = await one.roles.replier.reply(comment, "Thanks", key="k", at=NOW, root=receipt(ID))
    assert found.remote_id == number(NOW, 3)
    one.http.on("POST", TWEETS, status=404, json_body=problem("resource-not-found", "Not Found Error", "x", 404))
    with pytest.raises(Refused, match="comment is gone"):
        await one.roles.replier.reply(comment, "Thanks", key="k", at=NOW, root=receipt(ID))


async def test_deleting_what_is_gone_is_deleting() -> None:
    one = desk()
    assert one.roles.deleter is not None
    one.http.on("DELETE", f"/2/tweets/{ID}", json_body={"data": {"deleted": True}})
    await one.roles.deleter.delete(receipt(ID))
    one.http.on("DELETE", f"/2/tweets/{ID}", status=404, json_body=problem("r", "Not Found Error", "x", 404))
    await one.roles.deleter.delete(receipt(ID))
    one.http.on("DELETE", f"/2/tweets/{ID}", status=403, json_body=problem("x", "Forbidden", "not yours", 403))
    with pytest.raises(Refused, match="not yours"):
        await one.roles.deleter.delete(receipt(ID))


async def test_a_lost_answer_is_in_doubt() -> None:
    one = desk()
    one.http.on("POST", TWEETS, lost=True)
    with pytest.raises(OutcomeUnknown):
        await one.roles.publisher.send(part("Hello"))


# -- verifying -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text"),
    [("None", 280), ("Basic", 280), ("Premium", 25_000), ("PremiumPlus", 25_000), ("?", 280), (7, 280)],
)
async def test_what_an_account_pays_for_decides_how_much_it_may_write(kind: object, text: int) -> None:
    one = desk(adding=True)
    one.http.on("GET", ME, json_body={"data": {"id": "100", "username": "driftseas", "subscription_type": kind}})
    identity = await one.roles.verifier.verify()
    assert (identity.remote_id, identity.handle, identity.name) == ("100", "driftseas", "driftseas")
    assert (identity.limits, identity.base_url) == (replace(SPEC.default_limits, text=text), API)


@pytest.mark.parametrize(
    ("credentials", "passing"), [(OLD, False), (NEW, False), ({"access_token": "a", "expires_at": END}, True)]
)
async def test_a_token_that_nothing_renews_is_told_with_its_end(credentials: dict[str, str], *, passing: bool) -> None:
    one = desk(adding=True, credentials=credentials)
    one.http.on("GET", ME, json_body={"data": {"id": "100", "username": "driftseas"}})
    assert ("within two hours" in (await one.roles.verifier.verify()).advice) is passing
    assert one.roles.ends_at == (datetime.fromisoformat(END) if passing else None)


async def test_keys_that_may_only_read_are_named() -> None:
    one = desk(adding=True)
    me = {"data": {"id": "100", "username": "driftseas"}}
    one.http.on("GET", ME, json_body=me, headers={"X-Access-Level": "read"})
    with pytest.raises(NeedsReauth, match="only read") as caught:
        await one.roles.verifier.verify()
    assert "Read and write" in caught.value.next_step
    one.http.on("GET", ME, json_body=me, headers={"X-Access-Level": "read-write"})
    await one.roles.verifier.verify()
    one.http.on("GET", ME, status=404, body="nothing here")
    with pytest.raises(NeedsOperator, match="No X API"):
        await one.roles.verifier.verify()


def test_no_role_shows_a_secret() -> None:
    told = repr(desk().roles) + repr(account())
    assert not [value for value in OLD.values() if value in told]
