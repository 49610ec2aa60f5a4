"""The way to Discord: kept open, found again after trouble, and told to the operator once when only they can help."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import discord
import pytest
import structlog
from discord.gateway import DiscordWebSocket
from discord.http import Route

from handlers.chat.copies import Copies
from handlers.chat.desk import ChatDesk
from handlers.discord.client import QUIET
from handlers.discord.invite import INTENTS, REASONS, SCOPES, intents, invite_link, permissions
from handlers.discord.surface import DiscordSurface
from handlers.surface import Link
from handlers.views.card import Card
from handlers.views.sheet import sheet
from services.domain.errors import Unavailable
from tests.handlers.discord.driving import DESK, Newsroom, labels, make_newsroom, text

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from tests.fakes.discord import FakeDiscord, Person
    from tests.handlers.world import World


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """Every line of the desk's own log."""
    with structlog.testing.capture_logs() as entries:
        yield entries


def errors(entries: list[MutableMapping[str, Any]]) -> list[str]:
    return [str(e["event"]) for e in entries if e["log_level"] == "error"]


async def test_cards_from_before_a_restart_still_work(room: Newsroom, ada: Person) -> None:
    card = await room.draft(ada)
    await room.restart()
    await ada.click(card, "Approve")
    await room.until(lambda: "**Approved**" in text(card))
    await ada.select(card, "More…", "Duplicate")
    await room.until(lambda: len(room.in_channel()) == 2)


async def test_what_changed_while_the_bot_was_away_is_redrawn_afterwards(room: Newsroom, ada: Person) -> None:
    card = await room.draft(ada)
    await room.surface.stop()
    assert room.surface.link is Link.OFF
    room.copies.close()
    room.world.bus.listeners.clear()
    approve = next(n["custom_id"] for n in card.components[0]["components"][-2]["components"])
    await room.world.press(approve)
    await room.restart()
    await room.copies.catch_up()
    await room.until(lambda: "**Approved**" in text(card))


async def test_a_session_is_resumed_and_what_happened_meanwhile_is_heard(
    room: Newsroom, ada: Person, fake: FakeDiscord
) -> None:
    card = await room.draft(ada)
    fake.close(4000)
    await room.until(lambda: not fake.hub.live)
    pressing = asyncio.ensure_future(ada.click(card, "Approve"))
    await fake.connected()
    await pressing
    await room.until(lambda: "**Approved**" in text(card))
    await room.linked()


async def test_a_lost_session_is_begun_anew_after_the_wait_discord_wants(
    room: Newsroom, ada: Person, fake: FakeDiscord
) -> None:
    card = await room.draft(ada)
    fake.invalidate()
    await room.linked(Link.IN_TROUBLE)
    await room.until(lambda: room.world.clock.sleepers)
    await room.world.clock.advance(5)
    await fake.connected()
    await room.linked()
    await ada.click(card, "Approve")
    await room.until(lambda: "**Approved**" in text(card))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (4004, "Discord does not know the bot's token. Copy the token again"),
        (4014, "Discord does not allow an intent the desk asks for. In the developer portal"),
    ],
)
async def test_what_only_the_operator_can_cure_is_told_once(
    room: Newsroom, fake: FakeDiscord, logged: list[MutableMapping[str, Any]], code: int, words: str
) -> None:
    fake.close(code)
    await room.linked(Link.IN_TROUBLE)
    await room.until(lambda: room.world.clock.sleepers)
    assert [e[: len(words)] for e in errors(logged)] == [words]
    await room.world.clock.advance(300)
    await fake.connected()
    await room.linked()
    fake.close(code)
    await room.until(lambda: len(errors(logged)) == 2)


async def test_a_wrong_token_is_told_once_and_keeps_nothing_else_from_running(
    fake: FakeDiscord, desk: World, logged: list[MutableMapping[str, Any]]
) -> None:
    room = await make_newsroom(fake, desk)
    room.token = "a-token-that-was-reset"
    async with room:
        for _ in range(3):
            await room.until(lambda: desk.clock.sleepers)
            await desk.clock.advance(300)
        await room.linked(Link.IN_TROUBLE)
        (said,) = errors(logged)
        assert said.startswith("Discord does not know the bot's token.")
        assert "DISCORD_TOKEN" in said
        assert room.token not in str(logged)
        assert (await desk.draft("Ships today"))["title"] == "Draft 1 · Ships today"
        with pytest.raises(Unavailable, match="not reached"):
            await room.surface.send(
                room.place(DESK), sheet(Card(card_id="c", state="s", title="T"), room.surface.limits)
            )


async def test_a_bot_that_anybody_may_invite_serves_the_servers_of_its_first_start_alone(
    fake: FakeDiscord, desk: World, logged: list[MutableMapping[str, Any]]
) -> None:
    fake.world.public = True
    async with await make_newsroom(fake, desk) as room:
        await room.linked()
        await room.until(lambda: len(room.surface._homes._ids) == 1)
    fake.guild("Strangers")
    boss = fake.join("eve", guild="Strangers", owner=True)
    fake.channel("lair", guild="Strangers")
    async with await make_newsroom(fake, desk) as room:
        await room.linked()
        await room.until(lambda: [e for e in logged if e.get("server") == "Strangers"])
        await boss.slash("desk queue", "lair")
        await room.until(lambda: "This desk does not work for this server." in text(boss.ephemerals[-1]))
        await boss.dm("queue")
        await room.until(lambda: "This desk does not know you." in text(boss.inbox[-1]))
    people = await desk.store.read(lambda tx: [p.name for p in tx.people.list()])
    assert "eve" not in people
    fake.world.public = False
    async with await make_newsroom(fake, desk) as room:
        await room.linked()
        await room.until(lambda: len(room.surface._homes._ids) == 2)


async def test_a_token_of_two_lines_is_told_and_ends_no_trying(
    fake: FakeDiscord, desk: World, logged: list[MutableMapping[str, Any]]
) -> None:
    room = await make_newsroom(fake, desk)
    room.token = "one\ntwo"
    async with room:
        await room.linked(Link.IN_TROUBLE)
        await room.until(lambda: desk.clock.sleepers)
        room.surface._token = fake.world.app.token
        await desk.clock.advance(60)
        await room.linked()
    assert errors(logged)


async def test_what_was_begun_is_answered_before_the_desk_stops(room: Newsroom, ada: Person) -> None:
    async with room.world.store._writing:
        await ada.slash("desk draft", DESK, brief="Ships", picture="Without a picture")
        stopping = asyncio.ensure_future(room.surface.stop())
        await room.until(lambda: room.surface.link is Link.OFF)
    await stopping
    (card,) = room.in_channel()
    assert "Draft 1" in text(card)


async def test_a_discord_that_is_down_is_tried_again(
    fake: FakeDiscord, desk: World, logged: list[MutableMapping[str, Any]]
) -> None:
    fake.inject("GET /users/@me", status=503, times=2)
    async with await make_newsroom(fake, desk) as room:
        for seconds in (1, 2):
            await room.until(lambda: desk.clock.sleepers)
            await desk.clock.advance(seconds)
        await room.linked()
    assert errors(logged) == ["Discord can't be reached. The desk tries again by itself."]


async def test_commands_are_told_once_and_again_when_they_changed(room: Newsroom, fake: FakeDiscord) -> None:
    assert fake.world.syncs == ["global"]
    await room.restart()
    assert fake.world.syncs == ["global"]
    application = fake.world.application_id
    await room.world.store.write(
        lambda tx: tx.chat.put_upload("discord", application, "commands", "older", at=room.world.clock.now())
    )
    await room.restart()
    assert fake.world.syncs == ["global", "global"]


async def test_commands_that_were_not_taken_are_told_at_the_next_start(fake: FakeDiscord, desk: World) -> None:
    fake.inject("PUT /applications/*/commands", status=503)
    async with await make_newsroom(fake, desk) as room:
        await room.linked()
        assert fake.world.syncs == []
        await room.restart()
        assert fake.world.syncs == ["global"]


async def test_a_bot_without_a_server_tells_where_it_is_invited(
    fake: FakeDiscord, desk: World, logged: list[MutableMapping[str, Any]]
) -> None:
    fake.kick_bot()
    del fake.world.guilds[fake.world.guild.id]
    async with Newsroom(world=desk, fake=fake) as room:
        await room.linked()
        await room.until(lambda: any("link" in e for e in logged))
    link = next(e["link"] for e in logged if "link" in e)
    assert link == invite_link(fake.world.application_id)


def test_the_invitation_asks_for_just_what_is_used() -> None:
    # Bits of docs.discord.com, 2026-08: view channel, send messages, attach files, public threads, send in threads.
    assert permissions().value == sum(1 << bit for bit in (10, 11, 15, 35, 38)) == 309237681152
    assert len(REASONS) == 5
    assert {name for name, on in intents() if on} >= set(INTENTS)
    assert not intents().message_content
    link = invite_link(42)
    assert link.startswith("https://discord.com/oauth2/authorize?client_id=42&")
    assert f"permissions={permissions().value}" in link
    assert "+".join(SCOPES) in link


async def test_the_bot_works_with_no_more_than_it_asks_for(fake: FakeDiscord, desk: World) -> None:
    own = next(r for r in fake.world.guild.roles.values() if r.name == fake.world.app.name)
    everybody = fake.world.guild.roles[fake.world.guild.id]
    own.permissions, everybody.permissions = permissions().value, 0
    async with await make_newsroom(fake, desk) as room:
        await room.linked()
        ada = fake.join("Ada", fake.role("all", "administrator").name)
        card = await room.draft(ada, networks="mastodon")
        await ada.click(card, "Edit")
        await ada.submit(values={"Mastodon · @driftseas@social.test": "Quite another text"})
        await room.until(lambda: "Quite another text" in text(card))
        await room.news.catch_up()
        await room.until(lambda: card.thread)
        assert len(fake.thread(card)) == 1
        assert "Approve" in labels(card)


async def test_addresses_are_discords_own_unless_set(desk: World) -> None:
    before = (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)
    surface = DiscordSurface(room_chat(desk), desk.services, token="t")
    assert before == (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)
    assert (surface.name, surface.label, surface.link) == ("discord", "Discord", Link.OFF)
    await surface.stop()


def room_chat(desk: World) -> ChatDesk:
    return ChatDesk(desk.door.dispatcher, Copies(desk.door.desk, {}, "UTC"))


def test_a_lost_connection_is_no_traceback_in_the_log() -> None:
    def record(message: str) -> logging.LogRecord:
        return logging.LogRecord("discord.client", logging.ERROR, "client.py", 1, message, (1.0,), None)

    assert not QUIET.filter(record("Attempting a reconnect in %.2fs"))
    assert not QUIET.filter(record("PyNaCl is not installed, voice will NOT be supported"))
    assert QUIET.filter(record("Something else"))


def test_the_library_is_the_one_that_was_read() -> None:
    assert discord.version_info[:2] == (2, 7), "read again what errors.py, turn.py and client.py rely on"
