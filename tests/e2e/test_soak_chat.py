"""A long day in Slack: whatever people do and whatever fails, what is shown and what is out agree in the end."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from difflib import ndiff
from pathlib import Path
from typing import Any, Final

import psutil
import pytest

from bot import bootstrap, config
from handlers.chat.copies import Copies
from handlers.desk import make_desk
from handlers.showing import card_of
from handlers.slack.places import Place, parse_place
from handlers.slack.render import LIMITS, digest_of, message
from handlers.tasks import Tasks
from handlers.views.card import Card
from handlers.views.sheet import sheet
from services.domain.delivery import Delivery, DeliveryState
from services.domain.ids import Digest
from services.ports.storage import ShownCard, Transaction
from services.publishing.reconcile import LOOKING
from tests.e2e.chats import ChatProcess, chat
from tests.e2e.process import RunningDesk, Script, running, until
from tests.e2e.wandering import Wanderers

ACTIONS: Final = 500
SPOILED: Final = 6
"""One in so many things is done on a connection on which something goes wrong."""
GROWTH_LIMIT_MB: Final = 20.0
STOP_LIMIT: Final = 4.0
"""Seconds; work that never ends would use up the five until it is cancelled."""
LONGEST_REST: Final = 250.0
"""Seconds until what failed many times is tried once more."""
MOST: Final = 10_000
_ON_THE_WAY: Final = frozenset(
    {DeliveryState.PREPARING, DeliveryState.SENDING, DeliveryState.PROCESSING, DeliveryState.UNCERTAIN}
)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2])
def test_after_a_long_day_every_copy_shows_what_is_and_nothing_went_out_twice(tmp_path: Path, seed: int) -> None:
    with ExitStack() as stack:
        slack = stack.enter_context(chat("tests.fakes.slack", "--manifest", "manifest.yml"))
        slack.settings.pop("SLACK_SIGNING_SECRET")
        desk = stack.enter_context(running(tmp_path, {"COPYDESK_PRACTICE": "1", **slack.settings}))
        script = Script(stack.enter_context(desk.client))
        slack.connected()
        people = Wanderers(slack=slack, networks=script.networks(), chance=random.Random(seed))
        people.arrive()
        people.warm_up()
        before = memory(desk)
        for number in range(ACTIONS):
            if number % SPOILED == 0:
                people.spoil()
            people.act()
        people.settle()
        until(lambda: not on_the_way(desk), "every post to be out or not", LOOKING.total_seconds())
        come_right(desk, slack)
        people.settle()
        until(lambda: at_rest(script), "work to end", LONGEST_REST)
        grown = memory(desk) - before

        assert min(people.done[name] for name in ("draft", "press", "together", "more", "whisper", "submit")) >= 5
        for network in ("mastodon", "bluesky"):
            live = sorted(post["id"] for post in script.networks().posts(network))
            assert live == sorted(published(desk, network)), "what is out is not what the desk knows of"
            assert len(live) >= 5
        assert grown < GROWTH_LIMIT_MB
        started = time.monotonic()
        assert desk.stop() == 0
        assert time.monotonic() - started < STOP_LIMIT
        assert re.findall("Traceback|was destroyed|never retrieved", desk.log) == []


def memory(desk: RunningDesk) -> float:
    """Resident MB of the main process."""
    assert desk.process is not None
    found: int = psutil.Process(desk.process.pid).memory_info().rss
    return found / 1e6


def at_rest(script: Script) -> bool:
    """Whether no background work is left."""
    return "copydesk_background_tasks 0\n" in script.http.get("/metrics").text


def on_the_way(desk: RunningDesk) -> list[Delivery]:
    """What the networks have in hand, and what is due."""

    async def read() -> list[Delivery]:
        settings = config.load(desk.environment, desk.folder)
        async with bootstrap.storage(settings) as store:
            found = await store.read(lambda tx: tx.deliveries.list(states=_ON_THE_WAY, limit=MOST))
            return list(found)

    return asyncio.run(read())


def published(desk: RunningDesk, network: str) -> list[str]:
    """The ids of everything the desk has a receipt for."""

    async def read() -> list[str]:
        settings = config.load(desk.environment, desk.folder)
        async with bootstrap.storage(settings) as store:
            found = await store.read(lambda tx: tx.deliveries.list(states=frozenset(DeliveryState), limit=MOST))
            return [receipt.remote_id for d in found if d.platform == network for receipt in d.receipts]

    return asyncio.run(read())


def come_right(desk: RunningDesk, slack: ChatProcess) -> None:
    """Wait until every copy shows what is."""
    try:
        until(lambda: not wrong_copies(desk, slack), "every copy to show what is", LONGEST_REST)
    except AssertionError as vain:
        raise AssertionError("\n".join(wrong_copies(desk, slack))) from vain


def wrong_copies(desk: RunningDesk, slack: ChatProcess) -> list[str]:
    """The places in Slack that show anything but what the rows say."""
    rooms: dict[str, list[dict[str, Any]]] = slack.do("state")["channels"]
    up = {(m["channel"], m["ts"]): m for room in rooms.values() for m in room}
    wrong = []
    for place, wanted in asyncio.run(due(desk)):
        there = up.get((place.channel, place.ts))
        shown, meant = words(there["blocks"] if there else []), words(wanted)
        if shown != meant:
            lines = [line for line in ndiff(shown, meant) if line[0] in "-+"]
            wrong.append(f"{place} {meant[:1]}: {lines}")
    return wrong


async def due(desk: RunningDesk) -> list[tuple[Place, list[dict[str, Any]]]]:
    """Every place the desk remembers, with the blocks of the card that belongs there by now."""
    settings = config.load(desk.environment, desk.folder)
    async with bootstrap.desk(settings) as own:
        store = own.services.store
        copies = Copies(make_desk(own.services, Tasks(own.clock)), {}, settings.COPYDESK_TIMEZONE)
        kinds = {"draft", "delivery"}
        shown: Sequence[ShownCard] = await store.read(lambda tx: tx.cards.kept("slack", kinds=kinds, limit=MOST))
        found = []
        for one in shown:
            place = parse_place(one.place)
            channel = str(Place(team=place.team, channel=place.channel))
            card = await card_of(copies.reader("slack"), one.card_id, surface="slack", channel=channel)
            files = await store.read(lambda tx, c=card, t=place.team: uploaded(tx, c, t))  # type: ignore[misc]
            found.append((place, message(sheet(card, LIMITS), files).blocks))
        return found


def uploaded(tx: Transaction, card: Card, team: str) -> Mapping[str, str]:
    """Slack's ids of a card's pictures."""
    images = [Digest(digest_of(image)) for image in sheet(card, LIMITS).images]
    known = {digest: tx.chat.uploaded("slack", team, digest) for digest in images}
    return {digest: file for digest, file in known.items() if file is not None}


def words(node: Any) -> list[str]:
    """Everything a person reads and presses, in order."""
    if isinstance(node, dict):
        own = [str(node[key]) for key in ("text", "value", "alt_text", "id") if isinstance(node.get(key), str)]
        return [*own, *(word for value in node.values() for word in words(value))]
    return [word for item in node for word in words(item)] if isinstance(node, list) else []
