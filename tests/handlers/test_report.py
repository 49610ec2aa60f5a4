"""Reports and digests in the channel: what can be typed, what is answered, and the morning's card on page and face."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from handlers.endpoints.channel import read_hour
from handlers.endpoints.report import read_report
from handlers.notifications import Changed
from handlers.views.digest import mood_line
from services.domain.errors import InvalidInput, Unavailable
from services.domain.metrics import Moods
from tests.builders import NOW
from tests.handlers.world import BLUESKY, MASTODON
from tests.services.analytics.cases import a_post

if TYPE_CHECKING:
    from handlers.web.door import Door
    from tests.handlers.world import World

LABELS = {"mastodon": "Mastodon", "bluesky": "Bluesky"}


async def measured(world: World) -> None:
    """A month of posts on both networks."""
    for n in range(16):
        account, platform = ((MASTODON, "mastodon"), (BLUESKY, "bluesky"))[n % 2]
        post = a_post(n, NOW - timedelta(days=2 + n), platform=platform, account=account, likes=40 if n % 2 else 10)
        await world.store.write(lambda tx, p=post: tx.metrics.add(p))  # type: ignore[misc]  # the default binds


def blocks(card: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [b for b in card["blocks"] if b["type"] == kind]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", (28, "")),
        ("7d", (7, "")),
        ("6w", (42, "")),
        ("14 days", (14, "")),
        ("1 week mastodon", (7, "mastodon")),
        ("Bluesky 28D", (28, "bluesky")),
        ("for bluesky", (28, "bluesky")),
        ("366d", (366, "")),
    ],
)
def test_periods_and_networks_are_read_in_any_order(text: str, read: tuple[int, str]) -> None:
    assert read_report(text, LABELS) == read


@pytest.mark.parametrize(
    ("text", "message", "step"),
    [
        ("0d", "A report covers 1 to 366 days; “0d” is 0.", "Write it like"),
        ("53w", "A report covers 1 to 366 days; “53w” is 371.", "Write it like"),
        ("7x", "I can't read “7x” as a period.", "Write it like"),
        ("-3d", "I can't read “-3d” as a period.", "Write it like"),
        ("mastodn", "I don't know a network called “mastodn”.", "Did you mean Mastodon?"),
        ("zzz", "I don't know a network called “zzz”.", "There are Mastodon, Bluesky."),
        ("all the numbers", "I can't read “all the numbers” as a period and a network.", "Write it like"),
    ],
)
def test_what_is_neither_is_asked_back(text: str, message: str, step: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_report(text, LABELS)
    assert caught.value.message.startswith(message)
    assert caught.value.next_step.startswith(step)


async def test_a_report_is_a_card_for_the_channel(world: World) -> None:
    await measured(world)
    await world.draft("Ships today")
    answer = await world.say("report 28d")
    (reply,) = answer["replies"]
    card = reply["card"]
    assert reply["kind"] == "show"
    assert card["title"] == "Report · 28 days to Mon 2 Mar 2026"
    assert card["draft_id"] is None
    (picture,) = blocks(card, "image")
    assert picture["alt"].startswith("Four charts, 28 days to Mon 2 Mar 2026.")
    image = await world.client.get(picture["url"])
    assert (image.status_code, image.headers["content-type"]) == (200, "image/png")
    said = blocks(card, "text")[0]["text"].split("\n")
    assert len(said) == 3
    assert said[1].startswith("Bluesky earns 3.3 times what Mastodon does, per post (16 posts, 28 days")
    advice, facts = (b["items"] for b in blocks(card, "fields"))
    assert advice[0]["text"].startswith("Bluesky earns 3.3 times")
    assert {f["name"]: f["text"] for f in facts} == {
        "Goes out next": "Nothing is scheduled.",
        "Waits for a decision": "Draft 1 · Ships today · waits for approval",
    }
    assert [b["label"] for b in card["buttons"]] == ["Show what waits"]
    waits = await world.done(card["buttons"][0]["id"])
    assert waits["title"] == "Waits for approval"


async def test_a_report_about_one_network(world: World) -> None:
    await measured(world)
    card = (await world.say("report 6w Bluesky"))["replies"][0]["card"]
    assert card["title"] == "Report · 42 days to Mon 2 Mar 2026 · Bluesky"
    assert "8 posts of 42 days earned" in blocks(card, "text")[0]["text"]


async def test_with_nothing_measured_a_sentence_and_no_picture(world: World) -> None:
    card = (await world.say("report"))["replies"][0]["card"]
    assert blocks(card, "image") == []
    assert blocks(card, "text")[0]["text"] == "Nothing was published in these 28 days."


async def test_a_gap_is_told_with_its_reason(world: World) -> None:
    post = replace(a_post(1, NOW - timedelta(days=2), account=MASTODON), latest=None, gap="the network answered 503.")
    await world.store.write(lambda tx: tx.metrics.add(post))
    card = (await world.say("report"))["replies"][0]["card"]
    (gap,) = blocks(card, "note")
    assert gap["text"].startswith("Numbers missing: Mastodon · @")
    assert gap["text"].endswith("1 of 1 post without numbers. The network answered 503.")


async def test_nonsense_and_a_failing_worker_are_told_in_words(world: World) -> None:
    answer = await world.client.post("/api/command", json={"text": "report 900d"})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "A report covers 1 to 366 days; “900d” is 900."
    world.workers.fail = Unavailable("It took longer than 30 seconds.", unchanged="Nothing is half done.")
    answer = await world.client.post("/api/command", json={"text": "report"})
    assert answer.status_code == 503
    assert answer.json()["error"]["message"] == "It took longer than 30 seconds."


async def test_the_digest_appears_in_the_channel_and_stays_what_it_was(world: World) -> None:
    await measured(world)
    digests = world.services.digests
    await digests.subscribe_default("web", "desk")
    watching = world.door.watchers.watch()
    told = await first_told(world.door, watching, world)
    assert told.draft_id == ""
    (card,) = (await world.client.get("/api/cards")).json()["cards"]
    assert card["card_id"] == told.card_id
    assert card["title"] == "Digest · Tue 3 Mar 2026"
    assert card["state"] == "digest"
    (picture,) = blocks(card, "image")
    assert picture["alt"].startswith("Four charts, 28 days to Tue 3 Mar 2026.")
    assert card["audit"] == ["Sent Tue 3 Mar 2026 08:00 (Europe/Berlin)"]
    late = a_post(99, NOW - timedelta(days=3), account=MASTODON, likes=5000)
    await world.store.write(lambda tx: tx.metrics.add(late))
    assert (await world.client.get("/api/cards")).json()["cards"] == [card]


async def first_told(door: Door, watching: Any, world: World) -> Changed:
    """The first change that watchers hear of once the morning has come."""
    coming = asyncio.ensure_future(anext(watching))
    world.clock.set(NOW + timedelta(hours=22))
    assert await world.services.digests.run_due() == 1
    await door.notifications.catch_up()
    changed = await coming
    assert isinstance(changed, Changed)
    return changed


async def test_the_page_draws_the_digest_and_its_live_copy(world: World) -> None:
    await measured(world)
    await world.services.digests.subscribe_default("web", "desk")
    world.clock.set(NOW + timedelta(hours=22))
    assert await world.services.digests.run_due() == 1
    await world.stranger.get(f"/signin?token={world.links.new()}")
    page = (await world.stranger.get("/")).text
    assert "Digest · Tue 3 Mar 2026" in page
    assert 'alt="Four charts, 28 days to Tue 3 Mar 2026.' in page
    (card,) = (await world.client.get("/api/cards")).json()["cards"]
    alone = await world.stranger.get(f"/cards/{card['card_id']}")
    assert "Digest · Tue 3 Mar 2026" in alone.text
    assert (await world.stranger.get("/cards/digest-2020-01-01-00000000")).status_code == 404


async def test_a_channel_is_asked_told_and_turned_off(world: World) -> None:
    def title(answer: dict[str, Any]) -> str:
        return str(answer["replies"][0]["card"]["title"])

    assert title(await world.say("channel")) == "This channel gets no digest"
    on = await world.say("channel report here at 17:30")
    assert title(on) == "This channel gets a digest each day at 17:30 (Europe/Berlin)"
    assert on["replies"][0]["kind"] == "whisper"
    note = blocks(on["replies"][0]["card"], "note")[0]["text"]
    assert note.startswith("The next digest comes Mon 2 Mar 2026 17:30 (Europe/Berlin).")
    assert (
        title(await world.say("channel report here")) == "This channel gets a digest each day at 08:00 (Europe/Berlin)"
    )
    note = blocks((await world.say("channel"))["replies"][0]["card"], "note")[0]["text"]
    assert note.startswith("The next digest comes Tue 3 Mar 2026 08:00 (Europe/Berlin).")
    assert title(await world.say("channel report off")) == "This channel gets no digest"
    assert title(await world.say("channel")) == "This channel gets no digest"


async def test_a_channel_is_changed_by_an_admin_only(world: World) -> None:
    await world.client.post("/api/command", json={"text": "queue", "as": "bo"})
    answer = await world.client.post("/api/command", json={"text": "channel report off", "as": "bo"})
    assert answer.status_code == 403
    answer = await world.client.post("/api/command", json={"text": "channel digest here"})
    assert answer.status_code == 422
    assert answer.json()["error"]["next"] == (
        "Write it like: channel report here at 09:00, channel report off, channel review here, or channel review off"
    )


@pytest.mark.parametrize(
    ("text", "hour"),
    [("09:00", time(9)), ("9am", time(9)), ("12 a.m.", time(0)), ("5:30 pm", time(17, 30)), ("0:05", time(0, 5))],
)
def test_hours_are_read(text: str, hour: time) -> None:
    assert read_hour(text) == hour


@pytest.mark.parametrize("text", ["9", "25:00", "9:75", "13pm", "0am", "soon", "", "٩am:"])
def test_what_is_no_hour_is_asked_back(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no time of day"):
        read_hour(text)


def test_moods_are_told_with_what_was_not_read() -> None:
    assert mood_line(Moods(warm=3, neutral=2, critical=1)) == "6 replies: 3 warm, 2 neutral, 1 critical"
    assert (
        mood_line(Moods(unread=1))
        == "1 reply: 0 warm, 0 neutral, 0 critical, 1 in a language or form that was not read"
    )
