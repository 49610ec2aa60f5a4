"""Drafting through OpenAI's wire protocol, both ways it is spoken: good, slow, refusing, cut off, nonsense, broken."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest

from bot import bootstrap, practising, registry, serving
from bot.bootstrap import Replacements
from bot.config import load
from bot.datadir import derived
from bot.system_clock import SystemClock
from handlers.web.app import create_app
from handlers.web.settings import WebSettings
from services.content import openai
from tests.e2e.process import NETWORKS, Script, free_port, running
from tests.fakes.openai_wire import Document, OpenAIWire, Turn

Api = Literal["chat", "responses"]
BRIEF = "Our parser now streams: memory for a 2 GB file fell from 9 GB to 60 MB"
pytestmark = pytest.mark.usefixtures("allow_model_requests")


def write(prompt: str, _schema: Document) -> Document:
    """A small model: it writes for every account key it is given, in the words of the brief."""
    keys = sorted(set(re.findall(r"\ba\d+\b", prompt)))
    return {
        "topic": "Streaming parser",
        "hook": "60 MB instead of 9 GB.",
        "body": "The parser streams now.",
        "call_to_action": "Try it on your largest file.",
        "hashtags": ["Parsing"],
        "tone_notes": "Plain numbers.",
        "image_idea": "A wide river through a narrow gate.",
        "claims_to_verify": ["memory fell from 9 GB to 60 MB"],
        "variants": [
            {"account_id": key, "text": f"A 2 GB file now parses in 60 MB of memory, not 9 GB. ({key})"} for key in keys
        ],
    }


@asynccontextmanager
async def serve_wire(wire: OpenAIWire) -> AsyncIterator[str]:
    """The stand-in on a loopback port; gives its base URL."""
    listener = serving.bind("127.0.0.1", 0)
    async with serving.serving(wire.app(), listener, grace=1):
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        finally:
            wire.release.set()


@asynccontextmanager
async def desk_with(wire: OpenAIWire, api: Api, folder: Path, timeout: float = 10) -> AsyncIterator[httpx.AsyncClient]:
    """The desk in this process with the real vendor client, and a client for its HTTP face."""
    own = {"COPYDESK_DATA_DIR": str(folder / "var"), "COPYDESK_PORT": str(free_port())}
    settings = load(own, folder)
    async with serve_wire(wire) as url:
        model = openai.build(
            clock=SystemClock(), api_key=wire.key, model="gpt-stand-in", base_url=url, api=api, timeout=timeout
        )
        async with (
            bootstrap.desk(settings, Replacements(text_model=model)) as desk,
            practising.practice_networks(settings, desk.services.accounts),
        ):
            links = registry.one_time_links(desk.token, desk.clock)
            web = WebSettings(token=desk.token, secret=derived(desk.token, "s"), sign_in=links)
            app = create_app(desk.services, web)
            desk.bus.subscribe(app.state.door.notifications.notice)
            headers = {"Authorization": f"Bearer {desk.token}"}
            transport = httpx.ASGITransport(app)
            base = "http://127.0.0.1"
            async with httpx.AsyncClient(transport=transport, base_url=base, headers=headers, timeout=70) as client:
                yield client
                app.state.door.close()


async def draft(client: httpx.AsyncClient, text: str = f"draft {BRIEF}") -> dict[str, Any]:
    answer = await client.post("/api/command", json={"text": text})
    assert answer.status_code == 200, answer.text
    card: dict[str, Any] = answer.json()["replies"][0]["card"]
    return card


def labels(card: dict[str, Any]) -> set[str]:
    return {b["label"] for b in card["buttons"]}


@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_one_structured_call_writes_every_network(api: Api, tmp_path: Path) -> None:
    wire = OpenAIWire(write)
    async with desk_with(wire, api, tmp_path) as client:
        card = await draft(client)
        listed = (await client.get(f"/api/drafts/{card['draft_id']}")).json()

    assert wire.styles == [api]
    assert BRIEF in wire.prompts[0]
    assert "game-changing" in wire.prompts[0]
    texts = [b["text"] for b in card["blocks"] if b["type"] == "variant"]
    assert len(texts) == len(set(texts)) == len(NETWORKS)
    assert all(t.startswith("A 2 GB file now parses in 60 MB") for t in texts)
    assert "Approve" in labels(card)
    assert listed["brief"] == BRIEF
    assert "gpt-stand-in" in json.dumps(card)


@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize(
    ("turns", "told"),
    [
        ([Turn.REFUSE], "declined to write"),
        ([Turn.TRUNCATED] * 4, "could not be used"),
        ([Turn.NONSENSE] * 4, "could not be used"),
        ([Turn.BAD_KEY], "OPENAI_API_KEY"),
        ([Turn.NO_QUOTA], "quota"),
        ([Turn.RATE_LIMIT], "slow down|limit"),
        ([Turn.DOWN], "OpenAI"),
    ],
)
async def test_a_failure_keeps_the_brief_says_why_and_can_be_tried_again(
    api: Api, turns: list[Turn], told: str, tmp_path: Path
) -> None:
    wire = OpenAIWire(write, script=list(turns))
    async with desk_with(wire, api, tmp_path) as client:
        card = await draft(client)
        cards = (await client.get("/api/cards")).json()["cards"]

        shown = json.dumps(card)
        assert not any("Approve" in label for label in labels(card))
        assert BRIEF in shown
        assert re.search(told, shown, re.IGNORECASE), shown
        assert wire.key not in shown
        assert card["card_id"] in {c["card_id"] for c in cards}

        wire.script.clear()
        [again] = [b for b in card["buttons"] if b["label"] == "Try again"]
        answer = await client.post("/api/action", json={"id": again["id"]})
        assert "Approve" in labels(answer.json()["replies"][0]["card"])


@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_a_model_that_does_not_answer_in_time_is_a_failure_card(api: Api, tmp_path: Path) -> None:
    wire = OpenAIWire(write, script=[Turn.SLOW])
    async with desk_with(wire, api, tmp_path, timeout=0.3) as client:
        card = await draft(client)

    assert "timed out" in json.dumps(card)
    assert BRIEF in json.dumps(card)


@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_a_slow_model_is_waited_for(api: Api, tmp_path: Path) -> None:
    wire = OpenAIWire(write, script=[Turn.SLOW])
    async with desk_with(wire, api, tmp_path) as client:
        asked = asyncio.create_task(draft(client))
        await asyncio.wait_for(wire.arrived.wait(), 10)
        wire.release.set()
        assert "Approve" in labels(await asked)


def test_the_settings_alone_choose_the_model_in_the_real_process(tmp_path: Path) -> None:
    wire = OpenAIWire(write)

    async def scenario() -> None:
        async with serve_wire(wire) as url:
            own = {"OPENAI_API_KEY": wire.key, "OPENAI_BASE_URL": url, "COPYDESK_TEXT_MODEL": "openai:gpt-stand-in"}
            await asyncio.to_thread(use, own)

    def use(own: dict[str, str]) -> None:
        with running(tmp_path, own) as desk, desk.client as client:
            card = Script(client).command(f"draft {BRIEF} for bluesky")
            assert [b["platform"] for b in card["blocks"] if b["type"] == "variant"] == ["bluesky"]
            assert wire.key not in desk.log

    asyncio.run(scenario())
    assert len(wire.prompts) == 1
