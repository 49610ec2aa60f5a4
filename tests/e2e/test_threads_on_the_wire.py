"""Threads and adaptations by a model at the wire: good, too few posts, one too long, nonsense, an invented number."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.shapes import texts
from tests.e2e.test_models_on_the_wire import Api, desk_with, draft, labels
from tests.fakes.openai_wire import Document, OpenAIWire, Turn

BRIEF = "Our parser now streams: memory for a 2 GB file fell from 9 GB to 60 MB"
POSTS = [
    "60 MB instead of 9 GB.",
    "That is what a 2 GB file takes now.",
    "The parser streams: it holds a window, not the file.",
    "Try it on your largest file.",
]
pytestmark = pytest.mark.usefixtures("allow_model_requests")


def answering(*turns: Callable[[str], Document]) -> Callable[[str, Document], Document]:
    """One variant for every account key that is asked for, in a new way each turn, the last way again and again."""
    said = list(turns)

    def write(prompt: str, schema: Document) -> Document:
        assert "parts" in json.dumps(schema)
        task = prompt.rpartition("Write for each of these accounts")[2]
        keys = re.findall(r"^(a\d+): ", task, re.MULTILINE)
        turn = said.pop(0) if len(said) > 1 else said[0]
        return {"topic": "Streaming parser", "variants": [{"account_id": key, **turn(key)} for key in keys]}

    return write


def posts(*texts: str) -> Callable[[str], Document]:
    return lambda _: {"text": "", "parts": list(texts)}


def one(text: str) -> Callable[[str], Document]:
    return lambda _: {"text": text, "parts": []}


def notes(card: dict[str, Any]) -> str:
    return " ".join(b["text"] for b in card["blocks"] if b["type"] == "note")


@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_one_call_writes_the_threads_of_all_networks(api: Api, tmp_path: Path) -> None:
    wire = OpenAIWire(answering(posts(*POSTS)))
    async with desk_with(wire, api, tmp_path) as client:
        card = await draft(client, f"thread {BRIEF} parts=4 for mastodon,bluesky")
    assert len(wire.prompts) == 1
    assert wire.prompts[0].count("A thread of 4 posts") == 2
    assert {p: b["parts"] for p, b in texts(card).items()} == {"mastodon": POSTS, "bluesky": POSTS}
    assert "Approve" in labels(card)
    assert "not 4" not in notes(card)


async def test_too_few_posts_go_back_and_the_answer_is_taken(tmp_path: Path) -> None:
    wire = OpenAIWire(answering(posts(*POSTS[:2]), posts(*POSTS)))
    async with desk_with(wire, "chat", tmp_path) as client:
        card = await draft(client, f"thread {BRIEF} parts=4 for mastodon")
    assert len(wire.prompts) == 2
    assert "It has 2 posts; 4 were asked for. Put them in parts." in wire.prompts[1]
    assert texts(card)["mastodon"]["parts"] == POSTS


async def test_a_model_that_has_no_more_to_say_is_believed_and_it_is_told(tmp_path: Path) -> None:
    wire = OpenAIWire(answering(posts(*POSTS[:3])))
    async with desk_with(wire, "chat", tmp_path) as client:
        card = await draft(client, f"thread {BRIEF} parts=4 for mastodon")
    assert len(wire.prompts) == 2
    assert texts(card)["mastodon"]["parts"] == POSTS[:3]
    assert "Mastodon has 3 posts, not 4." in notes(card)
    assert "Approve" in labels(card)


async def test_a_post_that_is_too_long_goes_back_by_its_number(tmp_path: Path) -> None:
    long = f"{'A parser that streams holds a window of its file. ' * 7}".strip()
    wire = OpenAIWire(answering(posts(*POSTS[:3], long), posts(*POSTS)))
    async with desk_with(wire, "chat", tmp_path) as client:
        card = await draft(client, f"thread {BRIEF} parts=4 for bluesky")
    assert f"Part 4: {len(long)} of 300 graphemes. Shorten by {len(long) - 300} graphemes." in wire.prompts[1]
    assert texts(card)["bluesky"]["parts"] == POSTS
    assert texts(card)["bluesky"]["valid"] is True


async def test_a_post_that_stays_too_long_keeps_the_thread_from_being_approved(tmp_path: Path) -> None:
    long = "x" * 301
    wire = OpenAIWire(answering(posts(*POSTS[:3], long)))
    async with desk_with(wire, "chat", tmp_path) as client:
        card = await draft(client, f"thread {BRIEF} parts=4 for bluesky")
    assert texts(card)["bluesky"]["parts"] == [*POSTS[:3], long]
    assert "Approve" not in labels(card)


async def test_nonsense_keeps_the_brief_and_the_next_try_is_a_thread_again(tmp_path: Path) -> None:
    wire = OpenAIWire(answering(posts(*POSTS)), script=[Turn.NONSENSE] * 2)
    async with desk_with(wire, "chat", tmp_path) as client:
        card = await draft(client, f"thread {BRIEF} parts=4 for mastodon")
        assert "could not be used" in json.dumps(card)
        assert BRIEF in json.dumps(card)
        [again] = [b for b in card["buttons"] if b["label"] == "Try again"]
        answer = await client.post("/api/action", json={"id": again["id"]})
    assert texts(answer.json()["replies"][0]["card"])["mastodon"]["parts"] == POSTS


async def test_a_thread_in_one_text_with_its_marks_is_taken_too(tmp_path: Path) -> None:
    wire = OpenAIWire(answering(one("\n---\n".join(POSTS))))
    async with desk_with(wire, "chat", tmp_path) as client:
        card = await draft(client, f"thread {BRIEF} parts=4 for mastodon")
    assert texts(card)["mastodon"]["parts"] == POSTS


@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_an_adaptation_shows_the_model_the_finished_post(api: Api, tmp_path: Path) -> None:
    first = "A 2 GB file now parses in 60 MB of memory, not 9 GB."
    wire = OpenAIWire(answering(one(first), one("60 MB for a 2 GB file. It was 9 GB.")))
    async with desk_with(wire, api, tmp_path) as client:
        await draft(client, f"draft {BRIEF} for mastodon tone=“calm and dry”")
        card = await draft(client, "adapt 1 for bluesky\n\nplainer")
    assert "calm and dry" in wire.prompts[0]
    assert "This is an adaptation." not in wire.prompts[0]
    assert len(wire.prompts) == 2
    for told in ("This is an adaptation.", first, "plainer", "calm and dry", BRIEF):
        assert told in wire.prompts[1]
    assert texts(card)["bluesky"]["text"] == "60 MB for a 2 GB file. It was 9 GB."
    assert "Approve" in labels(card)


async def test_an_invented_number_goes_back_and_one_that_stays_is_to_be_verified(tmp_path: Path) -> None:
    first = "A 2 GB file now parses in 60 MB of memory, not 9 GB."
    wire = OpenAIWire(answering(one(first), one("It is 150 times smaller."), one("It is 151 times smaller.")))
    async with desk_with(wire, "chat", tmp_path) as client:
        await draft(client, f"draft {BRIEF} for mastodon")
        card = await draft(client, "adapt 1 for bluesky")
    assert "“150” stands neither in the post nor in the brief." in wire.prompts[2]
    assert "Not in the text it was adapted from: 151." in notes(card)
    assert "Verify before approving: “It is 151 times smaller.”" in json.dumps(card, ensure_ascii=False)


async def test_nonsense_instead_of_an_adaptation_leaves_the_first_draft_alone(tmp_path: Path) -> None:
    wire = OpenAIWire(answering(one("A 2 GB file now parses in 60 MB.")), script=[Turn.GOOD, *[Turn.NONSENSE] * 2])
    async with desk_with(wire, "chat", tmp_path) as client:
        old = await draft(client, f"draft {BRIEF} for mastodon")
        failed = await draft(client, "adapt 1 for bluesky")
        assert (await draft(client, "show 1")) == old
    assert "could not be used" in json.dumps(failed)
    assert "Approve" not in labels(failed)
