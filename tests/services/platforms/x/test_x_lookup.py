"""Proof of presence and of absence: X changes a text on its way, so what comes back is read backwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.domain.delivery import Receipt
from services.domain.errors import OutcomeUnknown, RateLimited, Unavailable
from services.ports.platform import OutgoingPart
from tests.services.platforms.x.helpers import (
    ME,
    NOW,
    TIMELINE,
    Desk,
    desk,
    listed,
    number,
    part,
    picture,
    post,
    problem,
    receipt,
)

ID = number(NOW)
SHORT = "https://t.co/abcdefghij"


async def find(one: Desk, outgoing: OutgoingPart) -> Receipt | None:
    assert one.roles.finder is not None
    return await one.roles.finder.find(outgoing)


def link(expanded: str, url: str = SHORT, **more: object) -> dict[str, object]:
    return {"urls": [{"url": url, "expanded_url": expanded, **more}]}


PHOTO = link(f"https://x.com/driftseas/status/{ID}/photo/1")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Hello", post(ID, "Hello")),
        ("a & b <c>", post(ID, "a &amp; b &lt;c&gt;")),
        ("&amp; as written", post(ID, "&amp;amp; as written")),
        ("see https://example.com/a?b=1", post(ID, f"see {SHORT}", entities=link("https://example.com/a?b=1"))),
        ("see example.com now", post(ID, f"see {SHORT} now", entities=link("http://example.com"))),
        ("see https://example.com", post(ID, f"see {SHORT}", entities=link("https://example.com/"))),
        ("Look", post(ID, f"Look {SHORT}", entities=PHOTO)),
        ("Look", post(ID, f"Look {SHORT}", entities=link("https://pic.x.com/1", media_key="3_1"))),
        ("cafe\u0301\n\nau  lait", post(ID, "café\n\nau lait")),
        ("x" * 500, post(ID, "x" * 279 + "…", note_tweet={"text": "x" * 500})),
        (
            "long example.com",
            post(ID, "long…", note_post={"text": f"long {SHORT}", "entities": link("http://example.com")}),
        ),
    ],
)
async def test_a_text_is_known_again_whatever_x_made_of_it(written: str, shown: dict[str, object]) -> None:
    one = desk()
    one.http.on("GET", TIMELINE, json_body=listed(post(number(NOW, 9), "Another"), shown))
    found = await find(one, part(written))
    assert found is not None
    assert (found.remote_id, found.part) == (ID, 0)


@pytest.mark.parametrize(
    "others",
    [
        [],
        [post(ID, "Hello!")],
        [post(ID, "Hello", referenced_tweets=[{"type": "replied_to", "id": "5"}])],
        [post(ID, "Hello", referenced_posts=[{"type": "reposted", "id": "5"}])],
        [post(number(NOW - timedelta(minutes=3)), "Hello")],
        [post(ID, "Hello", referenced_tweets="odd", entities=7, attachments=None, note_tweet=[]), post(ID, "x")][1:],
    ],
)
async def test_what_is_not_among_all_posts_since_then_is_absent(others: list[dict[str, object]]) -> None:
    one = desk()
    one.http.on("GET", TIMELINE, json_body=listed(*others))
    assert await find(one, part("Hello")) is None
    params = dict(one.http.requests[-1].params)
    assert params["start_time"] == "2026-03-02T08:58:00Z"
    assert "exclude" not in params


async def test_odd_fields_do_not_hide_a_post() -> None:
    one = desk()
    odd = post(ID, "Hello", referenced_tweets="odd", entities=7, attachments=None, note_tweet=[], public_metrics=[])
    one.http.on("GET", TIMELINE, json_body=listed(odd))
    assert await find(one, part("Hello")) is not None


async def test_the_search_begins_where_the_call_began_and_turns_every_page() -> None:
    one = desk()
    one.http.on("GET", TIMELINE, json_body=listed(post(number(NOW, 2), "Other"), token="more"))
    one.http.on("GET", TIMELINE, json_body=listed(post(ID, "Hello")))
    found = await find(one, part("Hello", since=NOW + timedelta(minutes=1)))
    assert found is not None
    assert ("pagination_token", "more") in one.http.requests[1].params
    assert ("start_time", "2026-03-02T08:59:00Z") in one.http.requests[0].params


async def test_pages_without_end_prove_nothing() -> None:
    one = desk()
    for turn in range(10):
        one.http.on("GET", TIMELINE, json_body=listed(post(number(NOW, turn), "Other"), token=f"t{turn}"))
    with pytest.raises(OutcomeUnknown, match="could not all be read"):
        await find(one, part("Hello"))


async def test_a_part_of_a_thread_is_sought_below_the_part_before() -> None:
    one = desk()
    alone = post(number(NOW, 1), "Same words")
    below = post(number(NOW, 2), "Same words", referenced_tweets=[{"type": "replied_to", "id": "11"}])
    one.http.on("GET", TIMELINE, json_body=listed(below, alone))
    found = await find(one, part("Same words", index=1, count=2, receipts=(receipt("11"),)))
    assert found is not None
    assert (found.remote_id, found.part) == (number(NOW, 2), 1)


async def test_pictures_are_known_by_their_uploads() -> None:
    outgoing = part("", media=(picture(),), handles={"media.0": "501"})
    one = desk()
    other = post(number(NOW, 1), SHORT, attachments={"media_keys": ["3_900"]}, entities=link("x", media_key="3_900"))
    ours = post(ID, SHORT, attachments={"media_keys": ["3_501"]}, entities=PHOTO)
    one.http.on("GET", TIMELINE, json_body=listed(other, ours))
    found = await find(one, outgoing)
    assert found is not None
    assert found.remote_id == ID
    one.http.on("GET", TIMELINE, json_body=listed(other))
    assert await find(one, outgoing) is None


async def test_pictures_alone_whose_uploads_are_forgotten_are_for_a_person() -> None:
    one = desk()
    shown = post(ID, SHORT, attachments={"media_keys": ["3_900"]}, entities=PHOTO)
    one.http.on("GET", TIMELINE, json_body=listed(shown))
    with pytest.raises(OutcomeUnknown, match="nobody can tell"):
        await find(one, part("", media=(picture(),)))


async def test_a_timeline_that_is_refused_proves_nothing_and_trouble_is_passed_on() -> None:
    one = desk()
    one.http.on("GET", TIMELINE, status=403, json_body=problem("x", "Forbidden", "protected", 403))
    with pytest.raises(OutcomeUnknown, match="does not show"):
        await find(one, part("Hello"))
    one.http.on("GET", TIMELINE, lost=True)
    with pytest.raises(Unavailable):
        await find(one, part("Hello"))
    one.http.on("GET", TIMELINE, status=429)
    with pytest.raises(RateLimited):
        await find(one, part("Hello"))


async def test_an_account_that_was_never_verified_asks_who_it_is() -> None:
    one = desk(adding=True)
    one.http.on("GET", ME, json_body={"data": {"id": "100"}})
    one.http.on("GET", TIMELINE, json_body=listed(post(ID, "Hello")))
    assert await find(one, part("Hello")) is not None
